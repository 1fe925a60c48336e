"""Prop trading over HTTP: a challenge from its making to its end, money, and competitions."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from prorata.access.permissions import READS
from prorata.crm.following import Follower
from prorata.messages.commands import CloseAll, PlaceOrder, Quote, Quotes, Side
from prorata.messages.events import Refused
from prorata.projections.marks import Mark
from prorata.units.numbers import VOLUME_PER_LOT
from tests.rest.broker.stage import Stage
from tests.rest.broker.test_refusals import NOBODY, check

CHALLENGES, ACCOUNTS, COMPETITIONS = "/v1/prop/challenges", "/v1/prop/accounts", "/v1/prop/competitions"


class Firm:
    """A prop firm on the stage, which hears what happens on its platform when it is told to."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.offer = stage.offer("Prop", "standard", hidden=True)
        self.writer = stage.house.platforms["live"].writer
        self.follower: Follower = stage.crm.following.follower(stage.live, "live")
        self.follower.begin(Mark(self.writer.number, self.writer.sequence, self.writer.at))

    def hear(self) -> None:
        self.follower.write(self.writer.published(self.follower.journal_position().number, 1_000))

    def phase(self, **more: Any) -> dict[str, Any]:
        return {
            "phaseName": "Evaluation", "offerUuid": self.offer.uuid, "initialBalance": 10_000, "profitTargetPercentage": 8,
            "maxDailyLossPercentage": 4.5, "maxDailyLossCalculationType": "EQUITY", "maxLossPercentage": 10, **more,
        }  # fmt: skip

    def funded(self) -> dict[str, Any]:
        return self.phase(
            phaseName="Funded", funded=True, profitTargetPercentage=0, profitSplitPercentages={"trader": 80}
        )  # fmt: skip

    def body(self, *phases: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {
            "name": "Ten thousand", "branchUuid": self.stage.branch.uuid, "systemUuid": self.stage.live, "currency": "USD",
            "fee": 99.99, "phases": list(phases) or [self.phase(), self.funded()], **more,
        }  # fmt: skip

    def challenge(self, *phases: dict[str, Any], **more: Any) -> dict[str, Any]:
        answer = self.stage.program.post(CHALLENGES, self.body(*phases, **more))
        assert answer.status == 200, answer.text
        made: dict[str, Any] = answer.body
        return made

    def take_up(self, challenge: dict[str, Any], **query: Any) -> dict[str, Any]:
        person = self.stage.account()
        body = {"challengeId": challenge["challengeId"], "accountUuid": person["uuid"], "name": "Ann's try"}
        answer = self.stage.program.post(ACCOUNTS, body, **{"instantlyActive": "true", **query})
        assert answer.status == 200, answer.text
        made: dict[str, Any] = answer.body
        return made

    def quote(self, price: float) -> None:
        points = round(price * 100_000)
        self.put(Quote("EURUSD", points, points))
        self.hear()

    def put(self, quote: Quote) -> None:
        self.stage.house.run(self.writer.submit(Quotes((quote,))))

    def trade(self, login: str, lots: float, price: float) -> None:
        """Buy at 1.10000, and close at another price; a lot costs 5.00 both ways."""
        self.quote(1.10000)
        volume = round(lots * VOLUME_PER_LOT)
        for command, after in (
            (PlaceOrder(int(login), "EURUSD", Side.BUY, volume), price), (CloseAll(int(login)), 1.10000)
        ):  # fmt: skip
            answer = self.stage.house.run(self.writer.submit(command))
            assert not isinstance(answer.events[0], Refused), answer.events
            self.quote(after)


@pytest.fixture(scope="module")
def firm(stage: Stage) -> Iterator[Firm]:
    firm = Firm(stage)
    last = stage.house.platforms["live"].desk.markets["EURUSD"].quote
    before = Quote("EURUSD", last.bid, last.ask)
    yield firm
    firm.put(before)


def test_a_challenge_is_made_shown_and_changed(stage: Stage, firm: Firm) -> None:
    made = firm.challenge()
    assert made in stage.program.get(CHALLENGES).body, "a bare array"
    assert stage.program.get(f"{CHALLENGES}/{made['challengeId']}").body == made
    first, second = made["phases"]
    assert (first["phaseStep"], first["maxDailyLossPercentage"], first["maxDailyLossCalculationType"]) == (
        1, Decimal("4.5"), "EQUITY",
    )  # fmt: skip
    assert (first["profitSplitPercentages"], second["profitSplitPercentages"]) == (None, {"trader": 80, "broker": 20})
    assert firm.offer.uuid not in {one["uuid"] for one in stage.program.get("/v1/offers").body["offers"]}
    changed = stage.program.patch(f"{CHALLENGES}/{made['challengeId']}", {"fee": 50, "challengeStatisticsEnabled": True})
    assert (changed.body["fee"], changed.body["rulesVersion"], changed.body["phases"]) == (50, 1, made["phases"])
    figures = stage.program.get(f"{CHALLENGES}/{made['challengeId']}/statistics").body
    assert [phase["started"] for phase in figures["phases"]] == [0, 0]


def test_a_price_has_add_ons_and_discounts(stage: Stage, firm: Firm) -> None:
    made, program = firm.challenge(), stage.program
    add_on = program.post("/v1/prop/add-ons", {"name": "90/10", "type": "PROFIT_SPLIT", "value": 10, "pricePercentage": 20})
    assert add_on.status == 200, add_on.text
    code = {"code": "Spring", "discountPercentage": 15, "maxUses": 1, "validUntil": "2126-01-01T00:00:00Z"}
    assert program.post("/v1/prop/discount-codes", code).body["validUntil"] == "2126-01-01T00:00:00.000Z"
    taken = {"addOnIds": add_on.body["addOnId"], "discountCode": "spring"}
    assert program.get(f"{CHALLENGES}/{made['challengeId']}/price", **taken).body == {"amount": 102, "currency": "USD"}
    account = firm.take_up(made, instantlyActive="false", **taken)
    assert (account["status"], account["login"], account["due"]) == ("WAITING_FOR_PAYMENT", None, 102)
    here = f"{ACCOUNTS}/{account['id']}"
    assert program.get(f"{here}/amount-for-deposit").body["amount"] == 102
    opened = program.patch(here, {"status": "ACTIVE"}).body
    assert (opened["status"], stage.engine(opened["login"]).balance) == ("ACTIVE_PARTICIPATING_IN_CHALLENGE", 1_000_000)
    assert program.get(f"{here}/amount-for-deposit").body["amount"] == 0
    check(program.get(f"{CHALLENGES}/{made['challengeId']}/price", **taken), 422, f"{CHALLENGES}/{made['challengeId']}/price")
    listed = {one["addOnId"]: one for one in program.get("/v1/prop/add-ons").body}
    assert listed[add_on.body["addOnId"]] == program.get(f"/v1/prop/add-ons/{add_on.body['addOnId']}").body
    changed = {"name": "Days", "type": "MINIMUM_DAYS", "value": 2, "challengeIds": [made["challengeId"]]}
    assert program.put(f"/v1/prop/add-ons/{add_on.body['addOnId']}", changed).body["value"] == 2
    assert program.delete(f"/v1/prop/add-ons/{add_on.body['addOnId']}").status == 204


def test_an_account_breaks_a_rule_and_is_shown_as_it_was(stage: Stage, firm: Firm) -> None:
    account = firm.take_up(firm.challenge())
    assert (account["status"], account["brokerId"]) == ("ACTIVE_PARTICIPATING_IN_CHALLENGE", stage.first.id)
    assert account["endOfDayBalanceSnapshot"] == 10_000
    targets = {
        "maxDailyLossEquityLevel": 9_550, "maxLossEquityLevel": 9_000, "profitTargetEquityLevel": 10_800,
        "minimumTradingPeriod": 0, "consistencyPercentage": None,
    }  # fmt: skip
    assert account["challengeTargets"] == targets
    here = f"{ACCOUNTS}/{account['id']}"
    assert stage.program.get(f"{here}/targets").body == targets
    check(stage.program.get(f"{here}/failure-snapshot"), 404, f"{here}/failure-snapshot")
    (row,) = stage.program.get(ACCOUNTS, login=account["login"], challengeName="ten thou", phaseName="eval").body["content"]
    assert (row["accountId"], row["email"], row["phaseStep"]) == (account["id"], account["email"], 1)
    firm.quote(1.10000)
    order = PlaceOrder(int(account["login"]), "EURUSD", Side.BUY, VOLUME_PER_LOT)
    stage.house.run(firm.writer.submit(order))
    firm.quote(1.09545)  # 455.00 down on one lot, 450.00 may be lost in a day
    after = stage.program.get(here).body
    assert (after["status"], after["evaluationStatus"]) == ("LOCKED_FAILED_CHALLENGE", "MAX_DAILY_LOSS_REACHED")
    found = stage.program.get(f"{here}/failure-snapshot").body
    assert (found["status"], found["equityLevel"], found["symbol"], found["openPositions"]) == (
        "MAX_DAILY_LOSS_REACHED", 9_550, "EURUSD", 1,
    )  # fmt: skip
    shown = stage.program.get("/v1/trading-account", systemUuid=stage.live, login=account["login"]).body
    assert shown["access"] == "TRADING_DISABLED"


def test_who_earns_the_target_is_funded_and_shares_his_profit(stage: Stage, firm: Firm) -> None:
    program, account = stage.program, firm.take_up(firm.challenge())
    firm.trade(account["login"], 1, 1.10900)
    waiting = program.get("/v1/prop/evaluation-requests", status="PENDING", sort="requestCreated,desc").body["content"]
    (asked,) = [one for one in waiting if one["account"]["accountId"] == account["id"]]
    assert (asked["evaluationStatus"], asked["balance"]) == ("PROFIT_TARGET_REACHED_NO_OPEN_TRADES", 10_895)
    here = f"/v1/prop/evaluation-requests/{asked['requestId']}"
    assert program.post(f"{here}/confirm", {"reason": "clean"}).body["status"] == "CONFIRMED"
    check(program.post(f"{here}/reject", {}), 409, f"{here}/reject")
    (following,) = program.get(ACCOUNTS, email=account["email"], phaseName="Funded").body["content"]
    stage.house.run(stage.crm.carrier.carry(stage.crm.prop.accounts.find(stage.first.id, following["accountId"]).subject))
    here = f"{ACCOUNTS}/{following['accountId']}"
    funded = program.get(here).body
    assert funded["status"] == "ACTIVE_FUNDED"
    firm.trade(funded["login"], 1, 1.11234)
    assert program.get(f"{here}/max-amount-to-withdraw").body == {
        "maxAmountToWithdraw": 1_229, "profitSplit": 80, "traderShare": Decimal("983.2"), "currency": "USD",
    }  # fmt: skip
    paid = program.post(f"{here}/withdrawals/manual", {"amount": 1_229, "comment": "March"})
    assert paid.status == 200, paid.text
    assert (paid.body["status"], paid.body["traderShare"], paid.body["brokerShare"]) == (
        "DONE", Decimal("983.2"), Decimal("245.8"),
    )  # fmt: skip
    assert stage.engine(funded["login"]).balance == 1_000_000
    assert program.get(f"{here}/withdrawals").body == [paid.body]
    firm.hear()
    check(program.post(f"{here}/withdrawals/manual", {"amount": 0.01}), 422, f"{here}/withdrawals/manual", "profit")


def test_a_competition_is_made_entered_and_ranked(stage: Stage, firm: Firm) -> None:
    program = stage.program
    body = {
        "name": "March", "offerUuid": firm.offer.uuid, "starts": "2026-01-01T00:00:00Z", "ends": "2126-01-01T00:00:00Z",
        "initialBalance": 5_000, "maxDailyLossPercentage": 5, "prizes": [{"placeFrom": 1, "placeTo": 1, "prize": "a cup"}],
    }  # fmt: skip
    made = program.post(COMPETITIONS, body)
    assert made.status == 200, made.text
    here = f"{COMPETITIONS}/{made.body['competitionId']}"
    stage.house.run(stage.crm.prop.referee.look())
    people = [program.post(f"{here}/accounts", {"accountUuid": stage.account()["uuid"], "name": n}).body for n in ("a", "b")]
    assert {person["status"] for person in people} == {"ACTIVE_PARTICIPATING_IN_COMPETITION"}
    firm.trade(people[1]["login"], 0.1, 1.10500)
    ranking = program.get(f"{here}/accounts").body["content"]
    assert program.get(f"{here}/accounts", page=1, size=1).body["content"] == ranking[1:]
    assert [(one["place"], one["name"], one["equity"], one["returnPercentage"]) for one in ranking] == [
        (1, "b", Decimal("5049.5"), Decimal("0.99")), (2, "a", 5_000, 0),
    ]  # fmt: skip
    assert program.get(here).body["entries"] == 2
    assert program.get(f"{here}/targets").body["maxDailyLossEquityLevel"] == 4_750
    again = program.post(f"{here}/accounts", {"accountUuid": people[0]["accountUuid"]})
    check(again, 409, f"{here}/accounts")
    check(program.put(here, {**body, "maxLossPercentage": 10}), 409, here, "somebody has entered")
    assert program.put(here, {**body, "prizes": []}).body["prizes"] == []
    assert stage.stranger.get(COMPETITIONS).body == []
    check(stage.stranger.get(f"{here}/accounts"), 404, f"{here}/accounts")


def test_what_does_not_fit_is_refused_and_changes_nothing(stage: Stage, firm: Firm) -> None:
    program, made = stage.program, firm.challenge()
    before = program.get(CHALLENGES).body, program.get(ACCOUNTS).body["totalElements"]
    person = stage.account()["uuid"]
    given = {"challengeId": made["challengeId"], "accountUuid": person}
    for path, body, status, said in (
        (CHALLENGES, firm.body(firm.phase(offerUuid=stage.standard.uuid)), 422, "hidden"),
        (CHALLENGES, firm.body(firm.phase(maxLossPercentage=100)), 422, "phase 1"),
        (CHALLENGES, firm.body(firm.phase(maxLossPercentage=0.00001)), 400, "maxLossPercentage"),
        (CHALLENGES, firm.body(fee=0.001), 400, "fee"),
        (CHALLENGES, firm.body(fee="1"), 400, "fee"),
        (CHALLENGES, firm.body(systemUuid=stage.other), 404, "systemUuid"),
        (CHALLENGES, firm.body(branchUuid=stage.foreign_branch.uuid), 422, "branchUuid"),
        (ACCOUNTS, {**given, "challengeId": NOBODY}, 422, "challengeId"),
        (ACCOUNTS, {**given, "accountUuid": NOBODY}, 404, "account"),
        (f"{ACCOUNTS}?phaseStep=9", given, 422, "phaseStep"),
        (f"{ACCOUNTS}?addOnIds={NOBODY}", given, 422, "addOnIds"),
        (f"{ACCOUNTS}?discountCode=none", given, 422, "code"),
        (f"{ACCOUNTS}?instantlyActive=perhaps", given, 400, "instantlyActive"),
    ):
        here, _, query = path.partition("?")
        check(program.post(here, body, **dict(parse_qsl(query))), status, here, said)
    check(stage.program_with(READS).post(ACCOUNTS, given), 403, ACCOUNTS, "accounts.write")
    for path in (f"{CHALLENGES}/{made['challengeId']}", f"{CHALLENGES}/{NOBODY}", f"{ACCOUNTS}/{NOBODY}"):
        check(stage.stranger.get(path), 404, path)
    assert (program.get(CHALLENGES).body, program.get(ACCOUNTS).body["totalElements"]) == before
