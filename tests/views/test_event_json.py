"""Every event as the API tells it."""

import json
from typing import Any, get_args

import pytest

from prorata.copying.engine import Engine
from prorata.feeds.defaults import default_symbols
from prorata.messages import events as told
from prorata.messages.commands import Access, BalanceKind, DailyBase, OrderType, Side
from prorata.messages.copy_events import CopyEvent
from prorata.messages.events import Event
from prorata.messages.groups import GroupSpec
from prorata.messages.refusals import Refusal
from prorata.trading.state import Account, State
from prorata.views.events import HOUSE, event_json, login_of
from prorata.views.texts import day_text, moment_text, volume_text

EURUSD, USDJPY = (
    next(spec for spec in default_symbols(2026) if spec.name == name) for name in ("EURUSD", "USDJPY")
)  # fmt: skip
GROUP = GroupSpec(name="yen", currency="JPY")
SECRET = (told.Posting("house/secret", "account/7", 5, "JPY", told.PostingKind.PROFIT),)
AT = "2026-03-02T12:00:00.007Z"


@pytest.fixture(scope="module")
def engine() -> Engine:
    """One account, 7, in yen, which have no smaller unit."""
    state = State(symbols={"EURUSD": EURUSD, "USDJPY": USDJPY}, groups={"yen": GROUP})
    state.accounts[7] = Account(7, "yen", 100, demo=False, opened_at=1)
    return Engine(state)


LOT = 100_000_000
DEAL = told.Dealt(
    11, 12, 12, 7, "EURUSD", Side.SELL, told.Entry.OUT, LOT // 10, 110_012, -345, -70, 0, told.Reason.STOP_LOSS, 0,
    110_000, 109_000, 0, 99_655, 0, "by \u2713", SECRET,
)  # fmt: skip
CASES: list[tuple[Event, dict[str, Any]]] = [
    (
        told.OrderPlaced(
            12, 7, "USDJPY", Side.BUY, OrderType.STOP_LIMIT, LOT, 150_100, 150_050, 0, 0, 30, 1_772_452_800_000, "",
            told.Reason.CLIENT, 0,
        ),
        {"event": "order-placed", "topic": "order", "ticket": 12, "type": "stop_limit", "side": "buy", "volume": "1.00",
         "price": "150.100", "limit_price": "150.050", "stop_loss": None, "trailing_points": 30, "position": None,
         "expires_at": "2026-03-02T12:00:00.000Z"},
    ),
    (
        told.OrderModified(12, 7, "EURUSD", OrderType.LIMIT, 109_000, 0, 108_000, 0, 0, 0),
        {"event": "order-modified", "topic": "order", "price": "1.09000", "stop_loss": "1.08000", "trailing_points": None},
    ),
    (
        told.OrderRemoved(12, 7, "EURUSD", told.Removal.REFUSED, Refusal.NOT_ENOUGH_MONEY),
        {"event": "order-removed", "topic": "order", "removal": "refused", "refusal": 5002},
    ),
    (
        DEAL,
        {"event": "deal", "topic": "deal", "deal": 11, "order": 12, "position": 12, "side": "sell", "entry": "out",
         "volume": "0.10", "price": "1.10012", "profit": "-345", "commission": "-70", "swap": "0", "currency": "JPY",
         "reason": "stop_loss", "position_volume": "0.00", "open_price": "1.10000", "stop_loss": "1.09000",
         "take_profit": None, "balance": "99655", "margin": "0", "comment": "by \u2713"},
    ),
    (
        told.PositionModified(12, 7, "EURUSD", 109_000, 0, 50),
        {"event": "position-modified", "topic": "position", "ticket": 12, "stop_loss": "1.09000", "trailing_points": 50},
    ),
    (
        told.CommentChanged(12, 7, "EURUSD", "by phone"),
        {"event": "comment-changed", "topic": "position", "ticket": 12, "comment": "by phone"},
    ),
    (
        told.SwapCharged(12, 7, "EURUSD", -3, 3, -9),
        {"event": "swap-charged", "topic": "position", "amount": "-3", "nights": 3, "position_swap": "-9"},
    ),
    (
        told.AccountOpened(7, "yen", "JPY", 100, True),
        {"event": "account-opened", "topic": "account", "group": "yen", "demo": True},
    ),
    (
        told.AccountChanged(7, "yen", 50, Access.CLOSE_ONLY, 200),
        {"event": "account-changed", "topic": "account", "access": "close_only", "margin": "200", "leverage": 50},
    ),
    (
        told.BalanceBooked(3, 7, BalanceKind.CREDIT_IN, 500, 0, 500, "x", "", SECRET),
        {"event": "balance-booked", "topic": "balance", "operation": 3, "kind": "credit_in", "amount": "500"},
    ),
    (
        told.NegativeBalanceCovered(7, 40, 0, SECRET),
        {"event": "negative-balance", "topic": "balance", "amount": "40", "balance": "0"},
    ),
    (
        told.MarginCalled(7, 90, 100, 100, "", 0, 0),
        {"event": "margin-call", "topic": "margin", "equity": "90", "line": "100", "symbol": None, "bid": None},
    ),
    (
        told.StoppedOut(7, 40, 100, 50, "EURUSD", 109_999, 110_001, "largest loss first", (12, 9)),
        {"event": "stop-out", "topic": "margin", "symbol": "EURUSD", "bid": "1.09999", "closing": [12, 9]},
    ),
    (
        told.GuardsSet(7, 900, 50, DailyBase.HIGHER, 0, 1_000),
        {"event": "guards-set", "topic": "margin", "floor": "900", "daily_loss": "50", "daily_base": "higher", "target": None,
         "base": "1000", "currency": "JPY"},
    ),
    (
        told.GuardsSet(7, 0, 0, DailyBase.BALANCE, 1_100, 0),
        {"event": "guards-set", "floor": None, "daily_loss": None, "target": "1100", "base": None},
    ),
    (
        told.GuardReached(7, told.Guard.DAILY, 950, 950, 1_000, "EURUSD", 109_999, 110_001, 2),
        {"event": "guard-reached", "topic": "margin", "guard": "daily", "equity": "950", "line": "950", "base": "1000",
         "symbol": "EURUSD", "bid": "1.09999", "open_positions": 2},
    ),
    (
        told.GuardReached(7, told.Guard.TARGET, 1_100, 1_100, 0, "", 0, 0, 0),
        {"event": "guard-reached", "guard": "target", "base": None, "symbol": None, "bid": None, "ask": None},
    ),
    (
        told.DayClosed(7, 20_514, 100, 0, -5, 0, 95, 10),
        {"event": "day-closed", "topic": "day", "day": "2026-03-02", "floating": "-5", "equity": "95"},
    ),
    (told.SymbolPut(EURUSD), {"event": "symbol-put", "topic": "symbol", "symbol": "EURUSD"}),
    (told.SymbolRemoved("EURUSD"), {"event": "symbol-removed", "topic": "symbol", "symbol": "EURUSD"}),
    (told.GroupPut(GROUP), {"event": "group-put", "topic": "group", "group": "yen"}),
    (
        told.HedgeRequested(12, 7, "EURUSD", Side.BUY, LOT),
        {"event": "hedge-requested", "topic": "hedge", "for_login": 7, "volume": "1.00"},
    ),
    (
        told.HedgeBooked(12, "EURUSD", Side.BUY, LOT, 110_000, -LOT, SECRET),
        {"event": "hedge-booked", "topic": "hedge", "price": "1.10000", "position": "-1.00"},
    ),
    (told.HedgeClosed(12, LOT, "done"), {"event": "hedge-closed", "topic": "hedge", "filled": "1.00"}),
    (
        told.BreakFound("EURUSD", LOT, 0, "sim"),
        {"event": "break-found", "topic": "break", "ours": "1.00", "theirs": "0.00"},
    ),
    (
        told.BreakSettled("EURUSD", LOT, 0, 110_000, "", SECRET),
        {"event": "break-settled", "topic": "break", "price": "1.10000"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("event", "expected"), CASES, ids=[type(event).__name__ for event, _ in CASES])
def test_an_event_is_told_in_decimals_and_words_without_the_houses_postings(
    engine: Engine, event: Event, expected: dict[str, Any]
) -> None:
    text = event_json(engine, event, 41, AT)
    shown = json.loads(text)
    assert shown | expected == shown
    assert (shown["seq"], shown["at"]) == (41, AT)
    assert b"secret" not in text
    assert shown.get("login", HOUSE) == login_of(event)


def test_every_event_of_the_trade_server_that_is_published_is_told() -> None:
    told_here = {type(event) for event, _ in CASES}
    assert told_here | {told.Refused, told.Repeated} | set(get_args(CopyEvent)) == set(get_args(Event))


def test_moments_days_and_volumes_have_one_form() -> None:
    assert moment_text(1_772_452_800_007) == AT
    assert moment_text(0) == "1970-01-01T00:00:00.000Z"
    assert day_text(0) == "1970-01-01"
    assert [volume_text(volume) for volume in (1, LOT // 100, -LOT)] == ["0.00000001", "0.01", "-1.00"]
