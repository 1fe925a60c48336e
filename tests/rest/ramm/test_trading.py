"""The Trading API: heartbeats, signals, synchronisations, one sender at a time."""

from typing import Any

import pytest

from prorata.units.numbers import MINUTE_MS
from tests.rest.ramm.broker import Caller
from tests.rest.ramm.copy_stage import Person, Stage


class Told:
    """A strategy with an investor and a sender."""

    def __init__(self, stage: Stage, **more: Any) -> None:
        self.stage = stage
        self.trader = stage.client()
        opened = stage.strategy(self.trader, **more)
        self.number: int = opened["StrategyID"]
        self.own: int = opened["AccountID"]
        self.offer = stage.public(self.trader, self.number)
        self.investor = stage.client()
        self.account = stage.invest(self.investor, self.number, self.offer)
        self.sender = stage.sender(self.trader, self.number)

    def held(self, person: Person | None = None, account: int | None = None) -> dict[str, float]:
        person, account = person or self.investor, account or self.account
        rows = person.done("positions.search", Filter={"AccountID": account})["Positions"]
        return {row["Symbol"]: row["Volume"] for row in rows}


@pytest.fixture
def told(stage: Stage) -> Told:
    return Told(stage)


def elsewhere(stage: Stage, sender: Caller) -> Caller:
    """Return another program with the same token."""
    app_token = stage.broker.control.app_tokens.add("Another", "1.0")
    return stage.broker.caller("trading/v1", sender.token, AppToken=app_token)


def test_a_heartbeat_says_which_version_sends_and_which_is_newest(told: Told) -> None:
    answer = told.sender("signals.send", Type=0)
    assert answer.body == {"App": {"CurrentVersion": "1.2", "NewestVersion": "1.3", "UpdateImportance": 2}}


def test_a_heartbeat_tells_of_the_strategy_and_of_the_traders_own_money(told: Told) -> None:
    body = told.sender("signals.send", Type=0, GetInfo=True).body
    assert body["Strategy"] == {"Yield": 0, "Accounts": 2, "Status": 1, "NeedSync": 2}
    assert body["Account"] == {
        "Equity": 5000, "Margin": 0, "Factor": 1, "ProfitBase": 5000, "MCReached": None, "Protection": 0,
        "ProtectionEquity": 0, "ProtectionReached": None, "Target": None, "TargetEquity": None, "TargetReached": None,
        "Asset": "USD",
    }  # fmt: skip


def test_a_signal_gives_every_investment_its_part_by_equity(told: Told) -> None:
    told.stage.signal(told.sender, "EURUSD", 0.3)
    assert told.held() == {"EURUSD": 0.03}
    assert told.held(told.trader, told.own) == {"EURUSD": 0.15}


def test_a_later_signal_follows_the_ratio_of_lots_and_zero_closes(told: Told) -> None:
    told.stage.signal(told.sender, "EURUSD", 0.3)
    told.stage.signal(told.sender, "EURUSD", 0.2, equity=999_999)
    assert told.held() == {"EURUSD": 0.02}
    told.stage.signal(told.sender, "EURUSD", 0)
    assert told.held() == {}


def test_a_hard_sync_closes_what_it_does_not_name(told: Told) -> None:
    told.stage.signal(told.sender, "EURUSD", 0.3)
    told.stage.sync(told.sender, ("GBPUSD", -0.5))
    assert told.held() == {"GBPUSD": -0.0499}  # The spread of the first deal is paid.
    assert told.sender("signals.send", Type=0, GetInfo=True).body["Strategy"]["NeedSync"] == 0


def test_a_sync_of_nothing_needs_no_equity_and_closes_everything(told: Told) -> None:
    told.stage.signal(told.sender, "EURUSD", 0.3)
    answer = told.sender("signals.send", Type=3, Signals=[])
    assert (answer.status, answer.body) == (200, {})
    assert told.held() == {}


def test_a_soft_sync_brings_in_line_only_those_that_wait(told: Told) -> None:
    told.stage.sync(told.sender, ("EURUSD", 0.3))
    late = told.stage.client()
    account = told.stage.invest(late, told.number, told.offer, 2_000)
    assert told.sender("signals.send", Type=0, GetInfo=True).body["Strategy"]["NeedSync"] == 1
    told.stage.sync(told.sender, ("EURUSD", 0.3), soft=True, equity=20_000)
    assert told.held(late, account) == {"EURUSD": 0.03}
    assert told.held() == {"EURUSD": 0.03}


def test_in_hedging_mode_each_ticket_is_a_position(stage: Stage) -> None:
    told = Told(stage, AccountingSystem=0)
    for ticket, lot in (("11", 0.3), ("12", -0.1)):
        stage.signal(told.sender, "EURUSD", lot, Ticket=ticket)
    rows = told.investor.done("positions.search", Filter={"AccountID": told.account})["Positions"]
    assert sorted(row["Volume"] for row in rows) == [-0.0099, 0.03]
    refused = told.sender("signals.send", Type=1, Symbol="EURUSD", Lot=1, Equity=100)
    assert (refused.status, refused.code) == (400, "invalid_input")
    assert "Ticket" in refused.message


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "Type"),
        ({"Type": 4}, 400, "Type"),
        ({"Type": "1"}, 400, "Type"),
        ({"Type": 1, "Lot": 1, "Equity": 1}, 400, "Symbol"),
        ({"Type": 1, "Symbol": "EURUSD", "Equity": 1}, 400, "Lot"),
        ({"Type": 1, "Symbol": "EURUSD", "Lot": 1}, 400, "Equity"),
        ({"Type": 1, "Symbol": "EURUSD", "Lot": "0.1", "Equity": 1}, 400, "Lot"),
        ({"Type": 1, "Symbol": "EURUSD", "Lot": 0.1, "Equity": "1000"}, 400, "Equity"),
        ({"Type": 1, "Symbol": "EURUSD", "Lot": 0.1, "Equity": 0}, 400, "Equity"),
        ({"Type": 1, "Symbol": "EURUSD", "Lot": 0.1, "Equity": -10}, 400, "Equity"),
        ({"Type": 1, "Symbol": "EURUSD", "Lot": 0.1, "Equity": 1e17}, 400, "Equity"),
        ({"Type": 1, "Symbol": "EURUSD", "Lot": 1e7, "Equity": 10}, 400, "Lot"),
        ({"Type": 1, "Symbol": "EURUSD", "Lot": 0.123456789, "Equity": 10}, 400, "Lot"),
        ({"Type": 1, "Symbol": "EURUSD", "Lot": 0.1, "Equity": 10, "SentAt": "2999-01-01"}, 400, "SentAt"),
        ({"Type": 1, "Symbol": "DOGE", "Lot": 0.1, "Equity": 10}, 404, "Symbol"),
        ({"Type": 1, "Symbol": "EURUSD.x", "Lot": 0.1, "Equity": 10}, 404, "Symbol"),
        ({"Type": 2}, 400, "Signals"),
        ({"Type": 3, "Signals": [{"Symbol": "EURUSD", "Lot": 1}]}, 400, "Signals[0]"),
        ({"Type": 3, "Signals": [{"Symbol": "EURUSD", "Lot": 1, "Equity": 0}]}, 400, "Signals[0].Equity"),
        ({"Type": 3, "Signals": [{"Symbol": "EURUSD", "Lot": "1", "Equity": 10}]}, 400, "Signals[0].Lot"),
        ({"Type": 3, "Signals": {}}, 400, "Signals"),
    ],
)
def test_what_is_no_signal_is_refused_and_changes_nothing(told: Told, body: dict[str, Any], status: int, field: str) -> None:
    before = told.stage.state_hash()
    answer = told.sender("signals.send", **body)
    assert (answer.status, answer.code) == (status, "invalid_input")
    assert field in answer.message
    assert told.stage.state_hash() == before


def test_malformed_bodies_change_nothing(told: Told) -> None:
    before = told.stage.state_hash()
    for body in (b"[]", b"{", b'"x"', b"\xff\xfe", b"null", b'{"Type": 1e400}', b'{"Type": 1, "Lot": NaN}'):
        answer = told.sender.send("signals.send", body)
        assert (answer.status, answer.code) == (400, "invalid_input"), body
    assert told.stage.state_hash() == before


def test_without_either_token_it_is_401(told: Told) -> None:
    broker = told.stage.broker
    for caller in (
        broker.caller("trading/v1", told.sender.token),
        broker.caller("trading/v1", "", AppToken=told.stage.app_token),
        broker.caller("trading/v1", told.sender.token, AppToken="nobody"),
        broker.caller("trading/v1", told.investor.call.token, AppToken=told.stage.app_token),
    ):
        answer = caller("signals.send", Type=0)
        assert (answer.status, answer.code) == (401, "bad_credentials")


def test_a_new_token_ends_the_old_one_at_once(told: Told) -> None:
    told.trader.done("myStrategies.setToken", StrategyID=told.number)
    assert told.sender("signals.send", Type=0).status == 401
    assert told.stage.sender(told.trader, told.number)("signals.send", Type=0).status == 200


def test_a_second_sender_is_refused_until_the_first_is_silent(told: Told) -> None:
    told.sender("signals.send", Type=0)
    second = elsewhere(told.stage, told.sender)
    before = told.stage.state_hash()
    for body in ({"Type": 0}, {"Type": 1, "Symbol": "EURUSD", "Lot": 1, "Equity": 10}, {"Type": 3, "Signals": []}):
        answer = second("signals.send", **body)
        assert (answer.status, answer.code) == (403, "forbidden")
    assert told.stage.state_hash() == before
    told.stage.broker.clock.moment += 2 * MINUTE_MS
    assert second("signals.send", Type=3, Signals=[]).status == 200
    assert told.sender("signals.send", Type=0).status == 403


def test_whoever_has_the_new_token_is_the_sender(told: Told) -> None:
    told.sender("signals.send", Type=0)
    token = told.trader.done("myStrategies.setToken", StrategyID=told.number)["Token"]
    app_token = told.stage.broker.control.app_tokens.add("Another", "1.0")
    assert told.stage.broker.caller("trading/v1", token, AppToken=app_token)("signals.send", Type=0).status == 200


def test_a_sync_that_was_overtaken_is_refused(told: Told) -> None:
    told.stage.signal(told.sender, "EURUSD", 0.3, SentAt="2026-03-02T11:59:59.500")
    before = told.stage.state_hash()
    late = told.sender("signals.send", Type=3, Signals=[], SentAt="2026-03-02T11:59:58+00:00")
    assert (late.status, late.code) == (422, "invalid_status")
    assert told.stage.state_hash() == before
    assert told.held() == {"EURUSD": 0.03}


def test_a_paused_strategy_takes_no_signals_but_heartbeats(told: Told) -> None:
    told.trader.done("myStrategies.pause", StrategyID=told.number)
    refused = told.sender("signals.send", Type=1, Symbol="EURUSD", Lot=1, Equity=100)
    assert (refused.status, refused.code) == (422, "invalid_status")
    assert told.sender("signals.send", Type=0, GetInfo=True).body["Strategy"]["Status"] == 2


def test_a_closed_strategy_tells_its_sender_so(told: Told) -> None:
    told.trader.done("myStrategies.close", StrategyID=told.number)
    assert told.sender("signals.send", Type=0, GetInfo=True).body["Strategy"]["Status"] == 4
    assert told.sender("signals.send", Type=3, Signals=[]).status == 422


def test_the_equity_of_a_source_is_rounded_to_the_cent(told: Told) -> None:
    told.stage.signal(told.sender, "EURUSD", 0.3, equity=9_999.999_999)
    assert told.held() == {"EURUSD": 0.03}
