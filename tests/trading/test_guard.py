"""One worked promise, and what an account is worth while nobody looks at it (docs/trade/guard.md)."""

import pytest

from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    OpenAccount,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Quote,
    Quotes,
    Side,
)
from prorata.messages.groups import GroupSpec
from prorata.trading import guard
from prorata.trading.engine import Engine
from prorata.trading.state import Account
from prorata.units.numbers import VOLUME_PER_LOT
from tests.replay.keep import play

from .words import new_symbol

NOW = 1_772_438_400_000


def holding_one_lot() -> tuple[Engine, Account]:
    """10,000.00 USD and 1.00 EURUSD bought at 1.10010, at 1:100."""
    engine = Engine()
    for command in (
        PutSymbol(new_symbol("EURUSD")),
        PutGroup(GroupSpec(name="desk", currency="USD")),
        OpenAccount("desk", 1001),
        BookBalance(1001, BalanceKind.DEPOSIT, 10_000_00),
        Quotes((Quote("EURUSD", 110_000, 110_010),)),
        PlaceOrder(1001, "EURUSD", Side.BUY, VOLUME_PER_LOT),
    ):
        engine.advance(NOW)
        engine.apply(command, NOW)
    return engine, engine.desk.state.accounts[1001]


def test_the_worked_promise_of_the_page() -> None:
    _, account = holding_one_lot()
    assert account.holdings["EURUSD"].low == 105_556
    assert account.equity_floor == 5_546_00


def test_within_the_band_a_quote_changes_no_account_and_outside_the_promise_is_made_anew() -> None:
    engine, account = holding_one_lot()
    engine.apply(Quotes((Quote("EURUSD", 105_556, 105_566),)), NOW)
    assert account.equity_floor == 5_546_00
    engine.apply(Quotes((Quote("EURUSD", 105_555, 105_565),)), NOW)
    # Equity 5,545.00; spare 4,444.90 of 211,110.00: 21,054 ppm, 2,222 points.
    assert account.holdings["EURUSD"].low == 105_555 - 2_222
    assert account.equity_floor == 10_000_00 - (110_010 - 103_333) * 100


def test_edges_that_no_longer_hold_are_dropped_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BANDS_SLACK", 16)
    engine, account = holding_one_lot()
    market = engine.desk.markets["EURUSD"]
    for step in range(200):
        bid = 109_000 + 500 * (step % 2) + step
        engine.apply(Quotes((Quote("EURUSD", bid, bid + 10),)), NOW)
        engine.apply(BookBalance(1001, BalanceKind.CORRECTION, -1 if step % 2 else 1), NOW)
        guard.break_promise(engine.desk, account)
    waiting = [login for logins in market.guarded_below.values() for login in logins]
    assert 1 <= len(waiting) <= 16 + 4 + 1
    assert sorted(-edge for edge in market.guard_low) == sorted(market.guarded_below)
    assert 1001 in market.guarded_below[account.holdings["EURUSD"].low]


def test_dropping_edges_that_no_longer_hold_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = play(seed=3)
    monkeypatch.setattr(guard, "BANDS_SLACK", -1_000_000)
    assert play(seed=3) == usual
