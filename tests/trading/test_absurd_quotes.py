"""A feed that goes mad does not move the market, and never makes a number that cannot be kept."""

import msgspec
import pytest

from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    Command,
    OpenAccount,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Quote,
    Quotes,
    Side,
)
from prorata.messages.events import Dealt, Refused
from prorata.messages.groups import GroupSpec, Level
from prorata.messages.refusals import Refusal
from prorata.messages.symbols import SymbolSpec
from prorata.trading.engine import Engine
from prorata.units.numbers import VOLUME_MAX, VOLUME_PER_LOT

NOON = 1_772_452_800_000
LOT = VOLUME_PER_LOT

EURUSD = SymbolSpec(
    name="EURUSD", base="EUR", quote="USD", profit_currency="USD", margin_currency="EUR", digits=5, contract_size=100_000,
    volume_min=LOT // 100, volume_step=LOT // 100, volume_max=VOLUME_MAX,
)  # fmt: skip
GROUP = GroupSpec(name="g", currency="USD", leverage=500, margin_call=Level(), stop_out=Level())


def broker(deposit: int = 10**17) -> Engine:
    engine = Engine()
    engine.advance(NOON)
    setup: list[Command] = [
        PutSymbol(EURUSD), PutGroup(GROUP), OpenAccount("g", 1001), BookBalance(1001, BalanceKind.DEPOSIT, deposit),
        Quotes((Quote("EURUSD", 110_000, 110_010),)),
    ]  # fmt: skip
    for command in setup:
        assert not any(isinstance(event, Refused) for event in engine.apply(command, NOON))
    return engine


def quote(engine: Engine, bid: int, ask: int) -> tuple[int, int]:
    """Send a quote and return the prices that then stand."""
    engine.apply(Quotes((Quote("EURUSD", bid, ask),)), NOON)
    last = engine.desk.state.quotes["EURUSD"]
    return last.bid, last.ask


@pytest.mark.parametrize(
    ("bid", "ask"),
    [
        (1, 2),
        (10_999, 11_010),
        (1_100_200, 1_100_210),
        (10**12, 10**12),
        (110_000, 1_200_000),
        (0, 5),
        (7, 6),
        (10**12 + 1,) * 2,
    ],
)
def test_a_leap_to_more_than_ten_times_or_less_than_a_tenth_is_passed_over(bid: int, ask: int) -> None:
    assert quote(broker(), bid, ask) == (110_000, 110_010)


def test_a_great_move_in_steps_is_followed() -> None:
    engine = broker()
    for bid in (1_000_000, 9_000_000, 80_000_000, 9_000_000, 1_000_000, 110_000, 12_000):
        assert quote(engine, bid, bid + 10) == (bid, bid + 10)


def test_a_price_at_which_a_position_could_not_be_reckoned_is_passed_over() -> None:
    engine = broker()
    (deal,) = engine.apply(PlaceOrder(1001, "EURUSD", Side.BUY, 200_000 * LOT), NOON)
    assert isinstance(deal, Dealt)
    bid = 110_000
    while quote(engine, bid * 2, bid * 2)[0] == bid * 2:
        bid *= 2
        msgspec.msgpack.encode(engine.apply(PlaceOrder(1001, "EURUSD", Side.BUY, LOT), NOON))
        engine.snapshot()
    assert 110_000 < bid < 10**9
    assert quote(engine, 110_000, 110_010) == (110_000, 110_010)


def test_more_than_can_be_reckoned_at_twice_the_price_is_not_opened() -> None:
    engine = broker()
    refused = engine.apply(PlaceOrder(1001, "EURUSD", Side.BUY, 300_000 * LOT), NOON)
    assert refused == [Refused(Refusal.VOLUME_LIMIT)]


def test_the_cap_is_part_of_the_state_so_that_a_restart_takes_the_same_quotes() -> None:
    engine = broker()
    engine.apply(PlaceOrder(1001, "EURUSD", Side.BUY, 200_000 * LOT), NOON)
    quote(engine, 150_000, 150_010)
    again = Engine.load(engine.snapshot())
    for bid in (210_000, 300_000, 400_000, 100_000):
        assert quote(engine, bid, bid + 10) == quote(again, bid, bid + 10)
    assert engine.state_hash() == again.state_hash()
