"""What clients may not do, said over HTTP: each is refused in the documented words, and the platform is as it was before."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.rest.ramm.broker import Answered
from tests.rest.ramm.copy_stage import Person, Stage

Body = dict[str, Any]


class Scene:
    """A trader with a public and a private offer, an investor, somebody else, and a client of another company."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.trader = stage.client()
        opened = stage.strategy(self.trader)
        self.strategy, self.own = opened["StrategyID"], opened["AccountID"]
        self.offer = stage.public(self.trader, self.strategy)
        added = self.trader.done("myStrategies.addOffer", StrategyID=self.strategy, FeeRate=0.1)
        self.private, self.link = added["OfferID"], added["Link"]
        self.investor = stage.client()
        self.account = stage.invest(self.investor, self.strategy, self.offer)
        self.sender = stage.sender(self.trader, self.strategy)

    def refused(self, person: Person, method: str, **body: Any) -> Answered:
        """Ask for what must be refused; the platform must be as before."""
        before = self.stage.state_hash()
        answer = person.call(method, **body)
        assert self.stage.state_hash() == before, "a refusal has changed something"
        assert answer.status >= 400, answer.text
        assert set(answer.body) == {"Error"}
        return answer


@pytest.fixture
def scene(stage: Stage) -> Scene:
    return Scene(stage)


def said(answer: Answered) -> tuple[int, str]:
    return answer.status, answer.code


# Investing.


INVESTING: list[tuple[str, Callable[[Scene], Body], int, str]] = [
    ("an unknown link", lambda one: {"Link": "aaaaaaaaaa"}, 404, "Link"),
    ("a link in other letters", lambda one: {"Link": one.link.upper()}, 404, "Link"),
    ("no link at all", lambda one: {"Link": ""}, 404, "Link"),
    ("a link and an offer", lambda one: {"Link": one.link, "OfferID": one.private}, 400, "Link"),
    ("neither", lambda one: {}, 400, "StrategyID"),
    ("a strategy without an offer", lambda one: {"StrategyID": one.strategy}, 400, "OfferID"),
    ("a private offer by its number", lambda one: {"StrategyID": one.strategy, "OfferID": one.private}, 404, "OfferID"),
    ("the trader's own terms", lambda one: {"StrategyID": one.strategy, "OfferID": one.offer - 1}, 404, "OfferID"),
    ("an unknown strategy", lambda one: {"StrategyID": 10**9, "OfferID": one.offer}, 404, "StrategyID"),
    ("less than the minimum", lambda one: {"Link": one.link, "Money": 249.99}, 400, "Money"),
    ("nothing", lambda one: {"Link": one.link, "Money": 0}, 400, "Money"),
    ("less than nothing", lambda one: {"Link": one.link, "Money": -1000}, 400, "Money"),
    ("a fraction of a cent", lambda one: {"Link": one.link, "Money": 1000.001}, 400, "Money"),
    ("more than the wallet has", lambda one: {"Link": one.link, "Money": 10_000.01}, 402, "Money"),
    ("more than anybody has", lambda one: {"Link": one.link, "Money": 10**16}, 400, "Money"),
    ("money as text", lambda one: {"Link": one.link, "Money": "1000"}, 400, "Money"),
    ("no factor at all", lambda one: {"Link": one.link, "Factor": 0}, 400, "Factor"),
    ("a factor too large", lambda one: {"Link": one.link, "Factor": 1000.01}, 400, "Factor"),
    ("a factor too fine", lambda one: {"Link": one.link, "Factor": 0.001}, 400, "Factor"),
    ("everything protected", lambda one: {"Link": one.link, "Protection": 1}, 400, "Protection"),
    ("a protection below 0", lambda one: {"Link": one.link, "Protection": -0.1}, 400, "Protection"),
    ("a protection too fine", lambda one: {"Link": one.link, "Protection": 0.1234}, 400, "Protection"),
    ("a target below 0", lambda one: {"Link": one.link, "Target": -0.5}, 400, "Target"),
]


@pytest.mark.parametrize(("what", "body", "status", "field"), INVESTING, ids=[row[0] for row in INVESTING])
def test_an_investment_is_refused_by_the_field_that_is_wrong(
    scene: Scene, what: str, body: Callable[[Scene], Body], status: int, field: str
) -> None:
    somebody = scene.stage.client()
    answer = scene.refused(somebody, "accounts.add", **{"Money": 1_000, **body(scene)})
    assert said(answer) == (status, "invalid_input")
    assert f"'{field}'" in answer.message


def test_a_client_has_one_open_investment_in_a_strategy(scene: Scene) -> None:
    body = {"StrategyID": scene.strategy, "OfferID": scene.offer, "Money": 500}
    assert said(scene.refused(scene.investor, "accounts.add", **body)) == (422, "invalid_status")
    assert said(scene.refused(scene.trader, "accounts.add", **body)) == (422, "invalid_status")


def test_an_offer_that_is_no_longer_public_is_not_taken(scene: Scene) -> None:
    scene.trader.done("myStrategies.setPublicOffer", StrategyID=scene.strategy, OfferID=scene.private)
    body = {"StrategyID": scene.strategy, "OfferID": scene.offer, "Money": 500}
    assert said(scene.refused(scene.stage.client(), "accounts.add", **body)) == (404, "invalid_input")


def test_nobody_invests_in_a_paused_strategy(scene: Scene) -> None:
    scene.trader.done("myStrategies.pause", StrategyID=scene.strategy)
    assert said(scene.refused(scene.stage.client(), "accounts.add", Link=scene.link, Money=500)) == (422, "invalid_status")


def test_a_client_without_a_wallet_cannot_invest(scene: Scene) -> None:
    stage = scene.stage
    client = stage.broker.enrol(stage.company)
    answer = stage.broker.client(client)("accounts.add", Link=scene.link, Money=500)
    assert said(answer) == (422, "invalid_status")


# Money, life and limits of an investment.


def test_money_leaves_only_while_nothing_is_copied(scene: Scene) -> None:
    answer = scene.refused(scene.investor, "accounts.withdraw", AccountID=scene.account, Amount=1)
    assert said(answer) == (422, "invalid_status")


def test_no_more_leaves_than_is_available(scene: Scene) -> None:
    scene.investor.done("accounts.pause", AccountID=scene.account)
    available = scene.investor.done("accounts.get", AccountID=scene.account)["Strategy"]["Account"]["AvailableToWithdraw"]
    assert available == 750  # 1,000.00 less the least balance of 250.00
    answer = scene.refused(scene.investor, "accounts.withdraw", AccountID=scene.account, Amount=750.01)
    assert said(answer) == (402, "invalid_input")
    scene.investor.done("accounts.withdraw", AccountID=scene.account, Amount=750)


@pytest.mark.parametrize("amount", [0, -5, 0.001, 9_000.01, "10", None, True])
def test_an_amount_that_is_none_is_not_added(scene: Scene, amount: Any) -> None:
    answer = scene.refused(scene.investor, "accounts.fund", AccountID=scene.account, Amount=amount)
    assert answer.code == "invalid_input"
    assert "Amount" in answer.message


def test_a_factor_other_than_1_is_not_for_the_traders_own_account(scene: Scene) -> None:
    answer = scene.refused(scene.trader, "accounts.setFactor", AccountID=scene.own, Factor=2)
    assert said(answer) == (400, "invalid_input")
    assert "Factor" in answer.message
    scene.trader.done("accounts.setFactor", AccountID=scene.own, Factor=1)


@pytest.mark.parametrize("method", ["accounts.pause", "accounts.resume", "accounts.close"])
def test_the_traders_own_account_lives_and_ends_with_its_strategy(scene: Scene, method: str) -> None:
    assert said(scene.refused(scene.trader, method, AccountID=scene.own)) == (422, "invalid_status")


def test_what_runs_is_not_resumed_and_what_is_paused_not_paused(scene: Scene) -> None:
    assert said(scene.refused(scene.investor, "accounts.resume", AccountID=scene.account)) == (422, "invalid_status")
    assert said(scene.refused(scene.trader, "myStrategies.resume", StrategyID=scene.strategy)) == (422, "invalid_status")
    scene.investor.done("accounts.pause", AccountID=scene.account)
    assert said(scene.refused(scene.investor, "accounts.pause", AccountID=scene.account)) == (422, "invalid_status")


def test_what_is_closed_stays_closed(scene: Scene) -> None:
    scene.investor.done("accounts.close", AccountID=scene.account)
    for method, more in (
        ("accounts.close", {}), ("accounts.pause", {}), ("accounts.resume", {}), ("accounts.fund", {"Amount": 10}),
        ("accounts.withdraw", {"Amount": 10}), ("accounts.setFactor", {"Factor": 2}), ("accounts.setTarget", {"Target": 1}),
    ):  # fmt: skip
        answer = scene.refused(scene.investor, method, AccountID=scene.account, **more)
        assert said(answer) == (422, "invalid_status"), method


# What belongs to somebody else is as if it were not there.


COMMANDS: list[tuple[str, Body]] = [
    ("accounts.fund", {"Amount": 10}), ("accounts.withdraw", {"Amount": 10}), ("accounts.pause", {}),
    ("accounts.resume", {}), ("accounts.close", {}), ("accounts.setFactor", {"Factor": 2}),
    ("accounts.setProtection", {"Protection": 0.5}), ("accounts.setTarget", {"Target": 1}), ("accounts.get", {}),
    ("accountCommands.get", {"AccountCommandID": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "more"), COMMANDS, ids=[method for method, _ in COMMANDS])
def test_an_account_of_somebody_else_answers_like_none(scene: Scene, method: str, more: Body) -> None:
    other = Stage(scene.stage.broker).client()
    absent = scene.refused(other, method, AccountID=10**9, **more)
    for person in (other, scene.trader):
        assert scene.refused(person, method, AccountID=scene.account, **more).text == absent.text
    assert said(absent) == (404, "invalid_input")


OWNERS: list[tuple[str, Body]] = [
    ("myStrategies.pause", {}), ("myStrategies.resume", {}), ("myStrategies.close", {}), ("myStrategies.getToken", {}),
    ("myStrategies.setToken", {}), ("myStrategies.addOffer", {"FeeRate": 0.1}), ("myStrategies.setPublicOffer", {}),
    ("myStrategies.getActiveAccounts", {}), ("myStrategies.getClosedAccounts", {}),
    ("strategyCommands.get", {"StrategyCommandID": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "more"), OWNERS, ids=[method for method, _ in OWNERS])
def test_a_strategy_of_somebody_else_is_not_commanded(scene: Scene, method: str, more: Body) -> None:
    absent = scene.refused(scene.investor, method, StrategyID=10**9, **more)
    assert said(absent) == (404, "invalid_input")
    assert scene.refused(scene.investor, method, StrategyID=scene.strategy, **more).text == absent.text


@pytest.mark.parametrize(
    "method", ["positions.search", "hedgingPositions.searchOpen", "hedgingPositions.searchClosed", "deals.search"]
)
def test_what_happened_on_an_account_of_somebody_else_is_not_shown(scene: Scene, method: str) -> None:
    absent = scene.refused(scene.trader, method, Filter={"AccountID": 10**9})
    assert scene.refused(scene.trader, method, Filter={"AccountID": scene.account}).text == absent.text
    assert said(absent) == (404, "invalid_input")
    assert scene.refused(scene.trader, method).message.startswith("Invalid input in the field 'Filter.AccountID'")


def test_a_wallet_of_somebody_else_answers_like_none(scene: Scene) -> None:
    absent = scene.refused(scene.trader, "wallets.get", ID=10**9)
    assert scene.refused(scene.trader, "wallets.get", ID=scene.investor.wallet).text == absent.text


def test_a_private_strategy_is_seen_by_its_link_alone(scene: Scene) -> None:
    stage = scene.stage
    scene.trader.done("myStrategies.setPublicOffer", StrategyID=scene.strategy)
    somebody, foreign = stage.client(), Stage(stage.broker).client()
    for method, key in (("strategies.get", "ID"), ("charts.get", "StrategyID"), ("strategyportfolio.get", "StrategyID")):
        absent = scene.refused(somebody, method, **{key: 10**9})
        assert scene.refused(somebody, method, **{key: scene.strategy}).text == absent.text
    assert somebody.done("strategies.get", Link=scene.link)["LinkOffer"]["ID"] == scene.private
    assert said(scene.refused(foreign, "strategies.get", Link=scene.link)) == (404, "invalid_input")
    assert scene.investor.done("strategies.get", ID=scene.strategy)["Name"]


# Strategies.


STRATEGIES: list[tuple[str, Body, int, str]] = [
    ("no name", {"Name": ""}, 400, "Name"),
    ("a name in other letters", {"Name": "Стратегия"}, 400, "Name"),
    ("a name too long", {"Name": "a" * 51}, 400, "Name"),
    ("a name with a tail", {"Name": "abc "}, 400, "Name"),
    ("less than the minimum", {"Money": 199.99}, 400, "Money"),
    ("more than the wallet", {"Money": 10_000.01}, 402, "Money"),
    ("no money", {"Money": None}, 400, "Money"),
    ("an unknown accounting", {"AccountingSystem": 2}, 400, "AccountingSystem"),
    ("a protection of everything", {"Protection": 1.5}, 400, "Protection"),
]


@pytest.mark.parametrize(("what", "more", "status", "field"), STRATEGIES, ids=[row[0] for row in STRATEGIES])
def test_a_strategy_is_refused_by_the_field_that_is_wrong(stage: Stage, what: str, more: Body, status: int, field: str) -> None:
    trader = stage.client()
    before = stage.state_hash()
    answer = trader.call("myStrategies.add", **{"Name": stage.name(), "Money": 1_000, **more})
    assert said(answer) == (status, "invalid_input")
    assert field in answer.message
    assert stage.state_hash() == before


def test_a_name_is_taken_for_ever_whatever_its_letters(scene: Scene) -> None:
    name = scene.trader.done("strategies.get", ID=scene.strategy)["Name"]
    assert not scene.trader.done("myStrategies.checkName", Name=name.upper())["StrategyNameAvailable"]
    assert said(scene.refused(scene.investor, "myStrategies.add", Name=name.upper(), Money=1_000)) == (400, "invalid_input")
    assert scene.trader.done("myStrategies.checkName", Name=f"{name} 2")["StrategyNameAvailable"]


@pytest.mark.parametrize(
    ("more", "field"),
    [({"FeeRate": 1.01}, "FeeRate"), ({"FeeRate": -0.1}, "FeeRate"), ({"FeeRate": 0.001}, "FeeRate"),
     ({"FeeRate": "0.1"}, "FeeRate"),
     ({"CommissionRate": -1}, "CommissionRate"), ({"CommissionRate": 1e12}, "CommissionRate")],
)  # fmt: skip
def test_terms_out_of_bounds_are_no_offer(scene: Scene, more: Body, field: str) -> None:
    answer = scene.refused(scene.trader, "myStrategies.addOffer", StrategyID=scene.strategy, **more)
    assert said(answer) == (400, "invalid_input")
    assert field in answer.message


def test_only_an_offer_of_the_strategy_for_others_is_shown(scene: Scene) -> None:
    other = scene.stage.strategy(scene.investor)["StrategyID"]
    theirs = scene.stage.public(scene.investor, other)
    for offer in (theirs, scene.offer - 1, 10**9):
        answer = scene.refused(scene.trader, "myStrategies.setPublicOffer", StrategyID=scene.strategy, OfferID=offer)
        assert said(answer) == (400, "invalid_input")


def test_a_link_has_ten_letters_and_digits_and_is_never_the_same(scene: Scene) -> None:
    links = {scene.trader.done("myStrategies.addOffer", StrategyID=scene.strategy)["Link"] for _ in range(20)}
    assert len(links) == 20
    assert all(len(link) == 10 and link.isascii() and link.isalnum() for link in links)


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b"null", b'{"AccountID": {}}', b'{"AccountID": "1"}', b'{"AccountID": 1e30}', b"\xff"]
)
def test_malformed_bodies_are_refused(scene: Scene, body: bytes) -> None:
    before = scene.stage.state_hash()
    answer = scene.investor.call.send("accounts.close", body)
    assert said(answer) == (400, "invalid_input")
    assert scene.stage.state_hash() == before


def test_a_command_is_polled_to_its_end(scene: Scene) -> None:
    command = scene.investor.done("accounts.pause", AccountID=scene.account)["CommandID"]
    scene.stage.settle()
    body = {"AccountCommandID": command, "AccountID": scene.account}
    assert scene.investor.done("accountCommands.get", **body) == {"AccountCommandStatus": 1}
    for other in (0, command + 10**6, scene.trader.done("myStrategies.pause", StrategyID=scene.strategy)["CommandID"]):
        scene.stage.settle()
        answer = scene.refused(scene.investor, "accountCommands.get", **{**body, "AccountCommandID": other})
        assert said(answer) == (404, "invalid_input")
