"""An introducing broker from his role to his money: programs register people, people of the broker set up and pay, he looks."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prorata.projections.marks import Mark
from tests.rest.broker.stage import PASSWORD, Program, Stage
from tests.rest.house import House
from tests.rest.platform.terminal import Terminal

NONE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A broker of its own, as time goes on here."""
    house = House(Path(tmp_path_factory.mktemp("house")))
    house.start()
    stage = Stage(Path(tmp_path_factory.mktemp("broker")), house)
    yield stage
    stage.close()
    house.stop()


class Introduced:
    """An IB with a code, and a client who has registered with it. `boss`, `second`: who may pay."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.office = stage, stage.office
        self.boss, self.second = stage.person("Administrator"), stage.person("Finance")
        writer = stage.house.platforms["live"].writer
        self.follower = stage.crm.following.follower(stage.live, "live")
        self.follower.begin(Mark(writer.number, writer.sequence, writer.at))
        roles = {role["name"]: role["uuid"] for role in stage.program.get("/v1/roles").body["roles"]}
        self.partner = stage.account(stage.standard, accountConfiguration={"roleUuid": roles["IB"]})
        (self.paid_on,) = stage.trading_accounts(self.partner)
        made = self.boss.post(f"{self.office}/partners/codes", {"paid_on": self.paid_on["uuid"]})
        assert made.status == 201, made.text
        self.code: str = made.body["code"]
        self.client = stage.account(stage.standard, leadDetails={"referral": self.code.lower(), "source": "web"})
        (self.account,) = stage.trading_accounts(self.client)
        stage.deposit(self.account["login"], 10_000_000)

    def plan(self, *rules: dict[str, Any], currency: str = "USD") -> str:
        name = f"Plan of {self.client['email']}"
        made = self.boss.post(f"{self.office}/commission-plans", {"name": name, "currency": currency, "rules": rules})
        assert made.status == 201, made.text
        uuid: str = made.body["uuid"]
        at = {"systemUuid": self.stage.live, "login": self.account["login"]}
        assert self.stage.program.patch("/v1/trading-account", {"commissionUuid": uuid}, **at).status == 204
        return uuid

    def trades(self, symbol: str) -> None:
        self.stage.house.clock.moment = self.stage.now + 1_000
        at = {"systemUuid": self.stage.live, "login": self.account["login"]}
        asked = at | {"instrument": symbol, "orderSide": "BUY", "volume": 1}
        opened = self.stage.program.post("/v1/trading-accounts/positions/open", asked).body
        closing = at | {"closePositions": [{"positionId": opened["orderId"], "instrument": symbol}]}
        assert self.stage.program.post("/v1/trading-accounts/positions/close", closing).status == 200

    def counts(self) -> None:
        self.follows()
        self.stage.now += 70_000
        self.stage.crm.partners.accruals.count_waiting()

    def follows(self) -> None:
        self.follower.write(self.stage.house.platforms["live"].writer.published(self.follower.journal_position().number))


@pytest.fixture
def introduced(stage: Stage) -> Introduced:
    return Introduced(stage)


def test_from_a_referral_to_a_payout(stage: Stage, introduced: Introduced) -> None:
    boss, office = introduced.boss, introduced.office
    shown = stage.program.get(f"/v1/accounts/by-uuid/{introduced.client['uuid']}").body
    assert shown["accountConfiguration"]["ibParentTradingAccountUuid"] == introduced.paid_on["uuid"]
    assert shown["leadDetails"]["referral"] == introduced.code
    introduced.plan(
        {"kind": "PER_LOT", "values": ["10.00", "2.00"]}, {"kind": "MARKUP_SHARE", "values": ["20"], "symbols": ["EUR*"]}
    )  # fmt: skip
    introduced.trades("EURUSD")
    introduced.counts()
    partner = introduced.partner["uuid"]
    (below,) = boss.get(f"{office}/partners/{partner}/tree", depth=1).body
    assert (below["account"]["email"], below["earned"]) == (introduced.client["email"], {"USD": "11.00"})
    (line,) = boss.get(f"{office}/partners/{partner}/statement").body
    assert (line["day"], line["deals"], line["earned"], line["reversed"]) == ("2026-03-02", 1, "11.00", "0.00")

    (level,) = boss.get(f"{office}/partners/{partner}/totals").body
    assert (level["level"], level["clients"], level["lots"], level["earned"]) == (1, 1, "1.00", "11.00")

    terms = {"period": "BY_HAND", "approvals": 1, "minimums": {"USD": "11.01"}, "link": "https://broker.test/register"}
    assert boss.put(f"{office}/partner-payouts/terms", terms).body == terms
    mine = {"account": partner}
    assert boss.post(f"{office}/partner-payouts", mine).body["refusal"] == "NOTHING_TO_PAY", "less than the minimum"
    boss.put(f"{office}/partner-payouts/terms", terms | {"minimums": {}})
    made = boss.post(f"{office}/partner-payouts", mine)
    assert (made.status, [one["amount"] for one in made.body]) == (201, ["11.00"]), made.text
    path = f"{office}/partner-payouts/{made.body[0]['uuid']}/decision"
    assert boss.post(path, {"agree": True}).status == 403, "somebody else must agree"
    paid = introduced.second.post(path, {"agree": True})
    assert (paid.status, paid.body["status"]) == (200, "DONE"), paid.text
    assert introduced.second.post(path, {"agree": True}).body["refusal"] == "PAYOUT_ENDED"
    assert stage.engine(introduced.paid_on["login"]).balance == 1_100
    introduced.follows()
    control = boss.get(f"{office}/partners").body
    (standing,) = [one for one in control["standings"] if one["login"] == int(introduced.paid_on["login"])]
    assert (standing["holds"], standing["earned"], standing["paid"], standing["booked"]) == (True, "11.00", "11.00", "11.00")

    stage.house.write_history()
    at = {"systemUuid": stage.live, "login": introduced.paid_on["login"], "types": ["AGENT_COMMISSION"]}
    (entry,) = stage.program.get("/v1/trading-accounts/trading-data/ledgers", **at).body["operations"]
    assert (entry["type"], entry["profit"], entry["comment"]) == ("AGENT_COMMISSION", Decimal("11.00"), "IB commission")


def test_a_rate_comes_from_the_platforms_candles(stage: Stage, introduced: Introduced) -> None:
    """10.00 EUR for a lot of GBPUSD are 11.00 USD at the first bid of EURUSD."""
    introduced.plan({"kind": "PER_LOT", "values": ["10.00"]}, currency="EUR")
    stage.house.write_quotes()
    introduced.trades("GBPUSD")
    introduced.counts()
    (below,) = introduced.boss.get(f"{introduced.office}/partners/{introduced.partner['uuid']}/tree").body
    assert below["earned"] == {"USD": "11.00"}


def test_the_ib_sees_his_own_and_of_people_initials_and_a_number(stage: Stage, introduced: Introduced) -> None:
    introduced.plan({"kind": "PER_LOT", "values": ["10.00"]})
    introduced.trades("EURUSD")
    introduced.counts()
    terminal = Terminal(stage, introduced.partner["email"])
    terminal.signs_in()
    ask = terminal.http.get
    mine = ask("/client/partner").json()
    assert (mine["role"], [one["code"] for one in mine["codes"]]) == ("IB", [introduced.code])
    (account,) = mine["accounts"]
    assert (account["login"], account["unpaid"]) == (introduced.paid_on["login"], "10.00")
    tree = ask("/client/partner/tree", params={"depth": 2}).json()["clients"]
    assert [(one["client"]["initials"], one["level"], one["code"]) for one in tree] == [("A. L.", 1, introduced.code)]
    assert tree[0]["earned"] == [{"currency": "USD", "amount": "10.00"}]
    (line,) = ask("/client/partner/accruals").json()["accruals"]
    assert (line["client"], line["earned"]) == (tree[0]["client"], "10.00")
    assert ask("/client/partner/payouts").json() == {"payouts": []}
    new = {"partnerId": str(stage.first.id), "offerId": stage.standard.uuid, "email": stage.email(), "password": PASSWORD}
    registered = terminal.sends("/manager/user", **new, firstName="Bo", lastName="Ek", referral=introduced.code)
    assert registered.status == 200, registered.text
    initials = [one["client"]["initials"] for one in ask("/client/partner/tree").json()["clients"]]
    assert initials == ["A. L.", "B. E."]
    assert introduced.client["email"] not in ask("/client/partner/tree").text
    assert ask("/client/partner/tree", params={"depth": 11}).status_code == 400
    wanted = {"tradingAccountUuid": introduced.paid_on["uuid"], "code": f"Spring{introduced.paid_on['login']}"}
    assert terminal.sends("/client/partner/codes", **wanted).body["code"] == wanted["code"].upper()
    assert terminal.sends("/client/partner/codes", **wanted).status == 409
    assert terminal.sends("/client/partner/codes", tradingAccountUuid=introduced.account["uuid"]).status == 422
    other = Terminal(stage, introduced.client["email"])
    other.signs_in()
    assert other.http.get("/client/partner/tree").json() == {"clients": []}
    assert other.sends("/client/partner/codes", tradingAccountUuid=introduced.account["uuid"]).status == 422, "no IB"


def test_what_is_not_there_is_refused_and_an_ib_with_a_structure_stays(stage: Stage, introduced: Introduced) -> None:
    program: Program = stage.program
    body = {"email": stage.email(), "password": "correct horse", "personalDetails": {"firstname": "A", "lastname": "B"}}
    for more in (
        {"leadDetails": {"referral": "NEVER123"}}, {"accountConfiguration": {"ibParentTradingAccountUuid": NONE}},
        {"accountConfiguration": {"ibParentTradingAccountUuid": introduced.account["uuid"]}},
    ):  # fmt: skip
        assert program.post("/v1/accounts", body | more).status == 422
    assert program.get(f"/v1/accounts/by-email/{body['email']}").status == 404, "nothing was made"
    path = f"/v1/accounts/{introduced.client['uuid']}/trading-accounts"
    assert program.post(path, {"offerUuid": stage.standard.uuid, "commissionUuid": NONE}).status == 422
    told = program.post("/v1/accounts/bulk-delete", {"accountUuids": [introduced.partner["uuid"]]}).body["errorDetailMessages"]
    assert "PARTNER_HAS_STRUCTURE" in told[0]
    at = {"systemUuid": stage.live, "logins": [introduced.paid_on["login"]]}
    assert "PARTNER_HAS_STRUCTURE" in program.post("/v1/trading-accounts/bulk-delete", at).body["errorDetails"][0]
    boss, parent = introduced.boss, f"{introduced.office}/partners/{introduced.client['uuid']}/parent"
    assert boss.put(parent, {"paid_on": NONE}).status == 422
    assert boss.put(parent, {"paid_on": None}).body == {"paid_on": None}
    assert program.post("/v1/accounts/bulk-delete", {"accountUuids": [introduced.partner["uuid"]]}).body == {
        "errorDetailMessages": []
    }


def test_a_plan_is_changed_from_a_moment_on(stage: Stage, introduced: Introduced) -> None:
    plan, plans = introduced.plan({"kind": "PER_LOT", "values": ["10.00"]}), f"{introduced.office}/commission-plans"
    later = {"rules": [{"kind": "COMMISSION_SHARE", "values": ["33.3", "66.7"]}], "since": "2030-01-01T00:00:00Z"}
    changed = introduced.boss.put(f"{plans}/{plan}", later)
    assert [one["rules"][0]["values"] for one in changed.body["versions"]] == [["10.00"], ["33.30", "66.70"]]
    for body, code in (
        ({**later, "since": "2020-01-01T00:00:00Z"}, "BAD_COMMISSION_PLAN"),
        ({**later, "rules": [{"kind": "MARKUP_SHARE", "values": ["60", "41"]}]}, "BAD_COMMISSION_PLAN"),
        ({**later, "rules": [{"kind": "PER_LOT", "values": ["0.001"]}]}, "OUT_OF_RANGE"),
    ):
        assert introduced.boss.put(f"{plans}/{plan}", body).body["refusal"] == code
    assert introduced.second.put(f"{plans}/{plan}", later).status == 403
    assert introduced.boss.put(f"{plans}/{NONE}", later).status == 404
    stranger = f"/api/v1/organizations/{stage.second.uuid}/commission-plans/{plan}"
    assert introduced.second.put(stranger, later).status == 404
    withdrawn = introduced.boss.delete(f"{introduced.office}/partners/codes/{introduced.code}")
    assert withdrawn.body["withdrawn"] is True
