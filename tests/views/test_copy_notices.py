"""What subscribers of webhooks are told of copy trading."""

from typing import Any, get_args

import msgspec
import pytest

from prorata.control.webhooks.notices import EventType, Notice
from prorata.messages import copy_commands as ask
from prorata.messages.batch import Published
from prorata.messages.copy_terms import TransferType
from prorata.messages.events import Event
from prorata.views.copying import notices as copy_notices
from prorata.views.copying.notices import is_large, notices_of
from tests.views.copy_scene import LOT, NOON, Stage

WHEN = "2026-03-02T12:00:00.000"


def told_of(stage: Stage, events: list[Event], first: int = 100) -> list[Notice]:
    notices = list(notices_of(stage.engine.copy, Published(5, NOON, first, tuple(events))))
    assert notices == list(notices_of(stage.engine.copy, Published(5, NOON, first, tuple(events))))
    assert [(one.sequence, one.part) for one in notices] == sorted({(one.sequence, one.part) for one in notices})
    assert all(first <= one.sequence < first + len(events) for one in notices)
    msgspec.json.encode([one.data for one in notices])
    return notices


def types(notices: list[Notice]) -> list[str]:
    return [one.type for one in notices]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_wallet_is_told_with_what_it_had_before(stage: Stage) -> None:
    opened = told_of(stage, stage.do(ask.OpenWallet(11, 1)))
    assert types(opened) == ["event_wallet_create"]
    assert opened[0].data == {
        "event": {"dt": WHEN}, "client": {"id": 11}, "wallet": {"id": 1, "dt": WHEN, "balance": 0.0}
    }  # fmt: skip
    stage.do(ask.BookWallet(1, TransferType.FUND, 100_00))
    (taken,) = told_of(stage, stage.do(ask.BookWallet(1, TransferType.WITHDRAW, 30_00)))
    assert (taken.type, taken.order_key) == ("event_wallet_out", "wallet/1")
    assert taken.data["wallet"] == {"id": 1, "balance": 100.0}
    assert (taken.data["amount"], taken.data["transfer"]) == (30.0, {"type": 1, "id": 2})
    assert told_of(stage, stage.do(ask.ReserveWithdrawal(1, 50_00))) == []
    (paid,) = told_of(stage, stage.do(ask.EndReservation(1, paid=True)))
    assert (paid.type, paid.data["amount"]) == ("event_wallet_out", 50.0)


def test_a_strategy_and_its_own_investment_are_told(stage: Stage) -> None:
    wallet = stage.client(1, 500_00)
    notices = told_of(
        stage, stage.do(ask.OpenStrategy(wallet, "Alpha", 400_00, external_account="77", tags='{"postfix": ".m"}'))
    )
    assert types(notices) == ["event_strategy_create", "event_investment_create", "event_deal_create", "event_wallet_out"]
    strategy, created, deal, moved = (one.data for one in notices)
    assert strategy["strategy"] == {"id": 1, "name": "Alpha", "executiontags": '{"postfix": ".m"}', "externalaccount": "77"}
    assert created["account"] == {
        "id": 1, "balance": 400.0, "equity": 400.0, "dt": WHEN, "margin": 0, "state": 2, "status": 1
    }  # fmt: skip
    assert deal["deal"] | {"type": 2, "profit": 400.0} == deal["deal"]
    assert (moved["transfer"]["type"], moved["wallet"]) == (4, {"id": 1, "balance": 500.0})
    assert [one.order_key for one in notices] == ["strategy/1", "investment/1", "investment/1", "wallet/1"]


def test_every_investments_deal_is_told_with_its_position(stage: Stage) -> None:
    strategy, offer = stage.strategy("Alpha")
    stage.invest(11, offer, 1_000_00)
    stage.sync(strategy)
    bought = told_of(stage, stage.do(ask.SendSignal(strategy, "EURUSD", LOT, 10_000_00)))
    assert types(bought) == ["event_deal_create"] * 2
    own, copied = (one.data for one in bought)
    assert (own["client"]["id"], copied["client"]["id"], copied["account"]["id"]) == (1, 11, 2)
    assert copied["deal"] | {"symbol": "EURUSD", "type": 0, "volume": 0.1, "price": 1.1001, "entry": "in"} == copied["deal"]
    assert copied["position"] | {"volume": 0.1, "priceopen": 1.1001} == copied["position"]
    assert own["position"]["id"] + 1 == copied["position"]["id"]
    turned = told_of(stage, stage.do(ask.SendSignal(strategy, "EURUSD", -LOT, 10_000_00)))
    assert [one.data["deal"]["entry"] for one in turned] == ["inout", "inout"]
    assert turned[1].data["position"]["volume"] == -0.1
    closed = told_of(stage, stage.do(ask.SendSignal(strategy, "EURUSD", 0, 10_000_00)))
    assert [(one.data["deal"]["entry"], one.data["position"]["priceopen"]) for one in closed] == [("out", 0.0)] * 2


def test_an_investment_is_told_to_be_paused_started_and_closed(stage: Stage) -> None:
    strategy, offer = stage.strategy("Alpha")
    investment = stage.invest(11, offer, 1_000_00)
    stage.sync(strategy)
    stage.signal(strategy, LOT)
    paused = told_of(stage, stage.do(ask.PauseInvestment(investment)))
    assert types(paused) == ["event_deal_create", "event_investment_pause"]
    worth = paused[1].data["account"]["balance"]
    assert (
        paused[1].data["account"] | {"id": investment, "state": 11, "status": 4, "equity": worth} == paused[1].data["account"]
    )
    assert types(told_of(stage, stage.do(ask.ResumeInvestment(investment)))) == ["event_investment_start"]
    closed = told_of(stage, stage.do(ask.CloseInvestment(investment)))
    assert types(closed) == ["event_deal_create", "event_wallet_in", "event_investment_close"]
    assert closed[1].data["amount"] == closed[2].data["account"]["balance"] == worth


def test_fees_are_deals_of_investments_and_enter_wallets(stage: Stage) -> None:
    strategy = stage.strategy("Alpha")[0]
    partner = stage.client(31, 1)
    stage.do(ask.AddOffer(strategy, 200_000, 0, "shared", partner, 100_000))
    investment = stage.invest(11, stage.engine.copy.state.next_offer - 1, 1_000_00)
    stage.sync(strategy)
    stage.signal(strategy, LOT)
    stage.quote(111_010, 111_020)
    notices = told_of(stage, stage.do(ask.CloseInvestment(investment)))
    fees = [one for one in notices if one.data.get("deal", {}).get("type") == 7]
    # 0.10 lot x 1,000 points is 100.00; a fifth of it is the fee, of which a tenth is the partner's.
    assert [one.data["deal"]["profit"] for one in fees] == [-20.0]
    received = [one for one in notices if one.sequence == fees[0].sequence and one.type == "event_wallet_in"]
    assert [(one.data["wallet"]["id"], one.data["transfer"]["type"], one.data["amount"]) for one in received] == [
        (1, 6, 18.0), (partner, 8, 2.0)
    ]  # fmt: skip
    assert "balance" in received[0].data["wallet"]
    assert "balance" not in received[1].data["wallet"]


def test_a_strategy_is_told_closed_once_and_last(stage: Stage) -> None:
    strategy, offer = stage.strategy("Alpha")
    stage.invest(11, offer, 1_000_00)
    stage.sync(strategy)
    stage.signal(strategy, LOT)
    notices = told_of(stage, stage.do(ask.CloseStrategy(strategy)))
    assert types(notices).count("event_investment_close") == 2
    assert types(notices).count("event_strategy_close") == 1
    assert notices[-1].type == "event_strategy_close"


def test_all_ten_events_are_told(stage: Stage) -> None:
    strategy, offer = stage.strategy("Alpha")
    investment = stage.invest(11, offer, 1_000_00)
    for command in (ask.PauseInvestment(investment), ask.ResumeInvestment(investment), ask.CloseStrategy(strategy)):
        stage.do(command)
    kinds = {one.type for one in told_of(stage, stage.told)}
    assert kinds == set(get_args(EventType))


def test_a_batch_about_very_many_is_large(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    strategy, offer = stage.strategy("Alpha")
    stage.invest(11, offer, 1_000_00)
    stage.sync(strategy)
    events: Any = tuple(stage.do(ask.SendSignal(strategy, "EURUSD", LOT, 10_000_00)))
    assert not is_large(Published(5, NOON, 100, events))
    monkeypatch.setattr(copy_notices, "LARGE", 2)
    assert is_large(Published(5, NOON, 100, events))
