"""Every event of copy trading as the API tells it."""

import time
from typing import Any, get_args

import numpy as np
import pytest

from prorata.copying.columns import pack
from prorata.messages import copy_commands as ask
from prorata.messages import copy_events as told
from prorata.messages.copy_terms import (
    CommandKind,
    CommandStatus,
    InvestmentState,
    StreamSpec,
    TransferType,
    VolumeReason,
)
from prorata.messages.events import Posting, PostingKind
from prorata.server.writer import Answer
from prorata.views.copying.outcomes import copy_outcome_of
from prorata.views.events import HOUSE, event_json, login_of
from prorata.views.outcomes import outcome_of
from tests.views.copy_scene import COMPANY, LOT, NOON, Stage, shown

AT = "2026-03-02T12:00:00.007Z"
SECRET = (Posting("house/secret", "investments/1", 5, "USD", PostingKind.PROFIT),)


def column(*numbers: int) -> bytes:
    return pack(np.array(numbers, dtype=np.int64))


@pytest.fixture(scope="module")
def stage() -> Stage:
    """Strategy 1 of client 1 (wallet 1, offer 2), in which client 11 (wallet 2) has investment 2."""
    stage = Stage()
    _, offer = stage.strategy("Alpha")
    stage.invest(11, offer, 1_000_00)
    stage.signal(1, LOT)
    stage.do(ask.SetPublicOffer(1, offer))
    return stage


COPIED = told.Copied(
    strategy=1, symbol="EURUSD", ticket="", leg=1, signal=3, command=0, stop_out=0, request=0, fill=0, price=110_010,
    first_deal=40, interval=2, investments=column(1, 2), places=column(0, 1), volumes=column(LOT, LOT // 10),
    a_volumes=column(0, 0), held=column(LOT, LOT // 10), costs=column(1, 1), turnovers=column(110_010_00, 11_001_00),
    profits=column(0, 0), swaps=column(0, 0), broker_commissions=column(300, 30), liquidity_commissions=b"",
    trader_commissions=column(0, 11), partner_commissions=b"", balances=column(1, 1), postings=SECRET,
)  # fmt: skip
CASES: list[tuple[Any, dict[str, Any]]] = [
    (told.StreamPut(StreamSpec(id=1, name="main")), {"event": "stream-put", "topic": "stream", "stream": 1, "name": "main"}),
    (
        told.WalletOpened(2, 11, COMPANY, "USD", False, True),
        {"event": "wallet-opened", "topic": "wallet", "wallet": 2, "client": 11, "external": True, "test": False},
    ),
    (
        told.WalletMoved(7, 2, TransferType.BONUS_FUND, -50, 950, 1, 0, "b-1", "gift", "", SECRET),
        {"event": "wallet-moved", "topic": "wallet", "type": "bonus_fund", "amount": "-0.50", "balance": "9.50",
         "currency": "USD", "strategy": 1, "investment": None, "external_id": "b-1"},
    ),
    (
        told.WithdrawalReserved(4, 2, 500, 450, "w", "", SECRET),
        {"event": "withdrawal-reserved", "topic": "wallet", "reservation": 4, "amount": "5.00", "balance": "4.50"},
    ),
    (
        told.ReservationEnded(4, 2, True, 450, ()),
        {"event": "reservation-ended", "topic": "wallet", "paid": True, "balance": "4.50", "currency": "USD"},
    ),
    (
        told.InvestmentMoved(9, 8, 2, 1, 2, -100_00, 900_00, 100_00, 6, SECRET),
        {"event": "investment-moved", "topic": "investment", "amount": "-100.00", "wallet_balance": "100.00", "command": 6},
    ),
    (
        told.ProfileSet(2, 1, -150, 800_000, 0, 900_00, 50, 1),
        {"event": "profile-set", "topic": "investment", "factor": "-1.50", "protection_percent": "80.00",
         "target_percent": "0.00", "base": "900.00", "a_book_percent": 50},
    ),
    (
        told.StatesChanged(1, InvestmentState.PROTECTING, 0, column(1, 2), column(100, 200), "EURUSD", 109_000, 109_010),
        {"event": "states-changed", "topic": "investment", "state": "protecting", "cause": None, "investments": 2,
         "equity": "3.00", "symbol": "EURUSD", "bid": "1.09000"},
    ),
    (
        told.CommandTaken(5, CommandKind.CLOSE_STRATEGY, 1, 0, CommandStatus.NEW),
        {"event": "command-taken", "topic": "strategy", "kind": "close_strategy", "investment": None, "status": "new"},
    ),
    (
        told.CommandEnded(5, 1, 2, CommandStatus.REJECTED),
        {"event": "command-ended", "topic": "investment", "investment": 2, "status": "rejected"},
    ),
    (
        told.VolumesTrimmed(
            1, 3, "EURUSD", "", column(1, 2),
            column(VolumeReason.LEVERAGE, VolumeReason.LEVERAGE | VolumeReason.RAISED_TO_MINIMUM), column(-5 * LOT, -LOT), b"",
        ),
        {"event": "volumes-trimmed", "topic": "signal", "investments": 2, "reasons": {"leverage": 2, "raised_to_minimum": 1},
         "asked": "-6.00", "given": "0.00"},
    ),
    (
        COPIED,
        {"event": "copied", "topic": "investment", "strategy": 1, "symbol": "EURUSD", "ticket": None, "signal": 3,
         "command": None, "price": "1.10010", "first_deal": 40, "last_deal": 41, "investments": 2, "volume": "1.10",
         "a_volume": "0.00", "turnover": "121011.00", "profit": "0.00", "broker_commission": "3.30",
         "liquidity_commission": "0.00", "trader_commission": "0.11", "currency": "USD"},
    ),
    (
        told.FillRequested(17, 1, "EURUSD", -LOT, -LOT - 5_000, -5_000, (1,)),
        {"event": "fill-requested", "topic": "fill", "volume": "-1.00", "residual": "-0.00005", "strategies": [1]},
    ),
    (
        told.FillBooked(3, 17, 1, "EURUSD", 110_000, LOT, "x-1", -LOT),
        {"event": "fill-booked", "topic": "fill", "price": "1.10000", "filled": "1.00", "hedge": "-1.00"},
    ),
    (
        told.FillRequestEnded(17, 1, "EURUSD", 0, LOT, "off quotes", NOON),
        {"event": "fill-request-ended", "topic": "fill", "rejected": "1.00", "again_at": "2026-03-02T12:00:00.000Z"},
    ),
    (
        told.VolumesRejected(1, "EURUSD", "t1", 3, 17, 50, column(2), column(-LOT)),
        {"event": "volumes-rejected", "topic": "investment", "first_deal": 50, "last_deal": 50, "volume": "-1.00",
         "ticket": "t1"},
    ),
    (
        told.FeesCharged(
            1, 2, 3, 60, 9, column(1, 2), column(100, 50), column(80, 40), column(10, 5), column(2, 2), column(10, 5), b"",
            column(1, 1), 120, SECRET,
        ),
        {"event": "fees-charged", "topic": "investment", "investments": 2, "fee": "1.50", "trader_share": "1.20",
         "partner_share": "0.15", "broker_share": "0.15", "trader_balance": "1.20", "last_deal": 61},
    ),
    (
        told.IntervalEnded(1, 2, 3, column(1, 2), column(5, 5), b""),
        {"event": "interval-ended", "topic": "strategy", "interval": 2, "next_interval": 3, "investments": 2},
    ),
    (
        told.SwapsCharged(1, "EURUSD", "", 3, column(1, 2), column(-7, -1)),
        {"event": "swaps-charged", "topic": "investment", "nights": 3, "amount": "-0.08"},
    ),
    (
        told.StrategyDay(1, 20_514, 103_5 * 10**7, 100_00, 90_00, 2, 200_00),
        {"event": "strategy-day", "topic": "strategy", "day": "2026-03-02", "unit_price": "103.50", "equity": "200.00"},
    ),
    (
        told.InvestmentDays(1, 20_514, column(1, 2), column(100, 200), column(90, 190), column(1, 1)),
        {"event": "investment-days", "topic": "investment", "investments": 2, "equity": "3.00", "balance": "2.80"},
    ),
    (
        told.DeficitCovered(1, column(2), column(40), SECRET),
        {"event": "deficit-covered", "topic": "investment", "investments": 1, "amount": "0.40"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("event", "expected"), CASES, ids=[type(event).__name__ for event, _ in CASES])
def test_an_event_of_copy_trading_is_told_in_sums_decimals_and_words(
    stage: Stage, event: Any, expected: dict[str, Any]
) -> None:
    text = event_json(stage.engine, event, 41, AT)
    told_as = shown(text)
    assert told_as | expected == told_as
    assert (told_as["seq"], told_as["at"]) == (41, AT)
    assert b"secret" not in text
    assert login_of(event) == HOUSE


def test_every_event_of_copy_trading_is_told(stage: Stage) -> None:
    happened = {type(event): event for event in stage.told}
    seen = {type(event) for event, _ in CASES}
    for kind in set(get_args(told.CopyEvent)) - seen - {told.WalletKnown, told.TransferRepeated}:
        assert shown(event_json(stage.engine, happened[kind], 1, AT))["event"] == kind.__struct_config__.tag


def test_a_hundred_thousand_deals_are_told_in_a_moment(stage: Stage) -> None:
    """What a signal to everybody costs the event loop when it is told: sums of columns, no rows."""
    rows = np.arange(1, 100_001, dtype=np.int64)
    wide = {name: pack(rows) for name in ("investments", "places", "volumes", "profits", "balances", "turnovers")}
    event = told.Copied(**{name: wide.get(name, getattr(COPIED, name)) for name in COPIED.__struct_fields__})
    began = time.perf_counter()
    text = event_json(stage.engine, event, 1, AT)
    assert time.perf_counter() - began < 0.25
    assert shown(text)["profit"] == "50000500.00"
    assert len(text) < 1_000


def test_an_order_is_not_answered_with_who_copied_it(stage: Stage) -> None:
    assert outcome_of(stage.engine, Answer((COPIED,), 3, NOON, 17, False)).events == ()


def test_a_copy_command_is_answered_with_the_numbers_of_what_is_new(stage: Stage) -> None:
    events = tuple(stage.do(ask.OpenStrategy(stage.client(21, 500_00), "Beta", 500_00)))
    outcome = copy_outcome_of(stage.engine, Answer(events, 3, NOON, 17, False))
    assert (outcome.strategy, outcome.investment, outcome.repeated) == (2, 3, False)
    assert [event.seq for event in outcome.events] == list(range(17, 17 + len(events)))


def test_what_was_done_before_is_answered_as_repeated(stage: Stage) -> None:
    again = stage.engine.apply(ask.OpenWallet(11, COMPANY), stage.now)
    outcome = copy_outcome_of(stage.engine, Answer(tuple(again), 3, NOON, 0, False))
    assert (outcome.repeated, outcome.wallet, outcome.events[0].seq) == (True, 2, None)
