"""Managers, companies and clients: who may be made, changed and seen by whom."""

from typing import Any

import pytest

from prorata.access.callers import NotFound
from prorata.control.manager_rights import EVERYTHING
from tests.rest.ramm.broker import PASSWORD, Answered, Broker, Caller


def forbidden(answer: Answered) -> bool:
    return (answer.status, answer.code) == (403, "forbidden")


def added(caller: Caller, login: str, *methods: str) -> Answered:
    return caller("managers.add", Manager={"Login": login, "Password": PASSWORD}, Methods=methods)


# Rights.


def test_a_manager_is_made_with_rights_and_can_use_them_alone(broker: Broker) -> None:
    made = added(broker.boss, "clerk@b.test", "CLIENTS.search", "session.get").body
    clerk = broker.manager("clerk@b.test", broker.company)
    assert broker.boss("managers.get", ID=made["ID"]).body["Login"] == "clerk@b.test"
    assert clerk("clients.search").status == 200
    assert clerk("clients.get", ID=1).code == "access_denied"
    assert clerk("session.getMethods").body["Methods"] == sorted(
        {name["Method"] for name in broker.boss("managers.getMethods", ManagerID=made["ID"]).body}, key=str.lower
    )


def test_without_a_password_one_is_made_up_and_shown_once(broker: Broker) -> None:
    made = broker.boss("managers.add", Manager={"Login": "lazy@b.test"}, Methods=[]).body
    signed_in = broker.caller("manager/v1")("session.login", Login="lazy@b.test", Password=made["Password"])
    assert signed_in.status == 200
    assert made["Password"] not in broker.boss("managers.search", Filter={"Login": "lazy"}).text


def test_nobody_grants_a_right_that_he_lacks(broker: Broker) -> None:
    clerk = broker.may("managers.add", "managers.setMethods", "clients.get")
    refused = added(clerk, "friend@b.test", "clients.get", "clients.set")
    assert (refused.status, refused.code) == (403, "access_denied")
    assert "clients.set" in refused.message
    assert added(clerk, "friend@b.test", EVERYTHING).code == "access_denied"
    friend = added(clerk, "friend@b.test", "clients.get").body["ID"]
    assert clerk("managers.setMethods", ManagerID=friend, Methods=["deals.bribe"]).code == "invalid_input"
    assert clerk("managers.setMethods", ManagerID=friend, Methods=["managers.set"]).code == "access_denied"
    assert clerk("managers.setMethods", ManagerID=friend, Methods=[]).status == 200
    assert broker.manager("friend@b.test", broker.company)("clients.get", ID=1).code == "access_denied"


def test_new_rights_hold_at_once_and_the_heartbeat_tells_of_them(broker: Broker) -> None:
    login, manager = broker.hire(broker.company, "sessions.search")
    clerk = broker.manager(login, broker.company)
    before = clerk("session.heartbeat").body["DTRightsLastUpdate"]
    broker.clock.moment += 1
    assert broker.boss("managers.setMethods", ManagerID=manager.id, Methods=["company.get"]).status == 200
    assert (clerk("company.get").status, clerk("sessions.search").code) == (200, "access_denied")
    assert clerk("session.heartbeat").body["DTRightsLastUpdate"] > before


def test_a_login_is_taken_within_a_company_only(broker: Broker) -> None:
    other = broker.may("managers.add", company=broker.add_company("Own logins"))
    assert added(broker.boss, "taken@b.test").status == 200
    again = added(broker.boss, "TAKEN@b.test")
    assert (again.code, "Manager.Login" in again.message) == ("invalid_input", True)
    assert added(other, "taken@b.test").status == 200


def test_nobody_disables_himself(broker: Broker) -> None:
    assert broker.boss("managers.set", ID=broker.boss_session.id, Status=2).code == "invalid_status"
    assert broker.boss("managers.set", ID=broker.boss_session.id, Status=9).code == "invalid_input"


def test_deleted_managers_are_listed_only_when_asked_for(broker: Broker) -> None:
    _, manager = broker.hire(broker.company)
    assert broker.boss("managers.set", ID=manager.id, Status=4).status == 200
    assert broker.boss("managers.search", Filter={"ID": manager.id}).body["Managers"] == []
    assert len(broker.boss("managers.search", Filter={"ID": manager.id, "Status": 4}).body["Managers"]) == 1


def test_managers_of_another_company_are_as_if_they_were_not_there(broker: Broker) -> None:
    company = broker.add_company("Hidden")
    _, manager = broker.hire(company)
    for method, field in (("get", "ID"), ("set", "ID"), ("getMethods", "ManagerID"), ("setMethods", "ManagerID")):
        methods: dict[str, Any] = {"Methods": []} if method == "setMethods" else {}
        there = broker.boss(f"managers.{method}", **{field: manager.id}, **methods)
        nowhere = broker.boss(f"managers.{method}", **{field: 10**9}, **methods)
        assert forbidden(there), method
        assert there.body == nowhere.body
    assert broker.boss("managers.search", Filter={"ID": manager.id}).body["Pagination"]["TotalRecords"] == 0
    assert forbidden(broker.boss("managers.getMethods", ManagerID=manager.id, CompanyID=company.id))


# One's own.


def test_a_profile_and_settings_are_ones_own(broker: Broker) -> None:
    one, two = broker.may(), broker.may()
    assert one("profile.set", FirstName="Eva", Mobile="+1 555").status == 200
    profile = one("profile.get").body
    assert (profile["FirstName"], profile["LastName"], profile["Mobile"]) == ("Eva", "Lee", "+1 555")
    assert two("profile.get").body["FirstName"] == "Ann"
    one("settings.set", SettingsKey="grid", Settings='{"wide": true}')
    assert one("settings.get", SettingsKey="grid").body == '{"wide": true}'
    assert one.get("settings.get", SettingsKey="grid").body == '{"wide": true}'
    assert two("settings.get", SettingsKey="grid").body == ""
    one("settings.set", SettingsKey="grid")
    assert one("settings.get", SettingsKey="grid").body == ""


# Companies.


def test_a_company_below_is_entered_by_whoever_made_it_with_the_rights_he_had(broker: Broker) -> None:
    login, _ = broker.hire(broker.company, "companies.add", "company.get")
    maker = broker.manager(login, broker.company)
    child = maker("companies.add", Name="Child", URL="child.test", Demo=True).body["CompanyID"]
    offered = broker.caller("manager/v1")("session.login", Login=login, Password=PASSWORD).body["Companies"]
    assert [(one["ID"], one["Demo"]) for one in offered] == [(broker.company.id, False), (child, True)]
    company = broker.control.companies.get(child)
    assert company is not None
    inside = broker.manager(login, company)
    own = inside("company.get").body
    assert (own["Name"], own["Parent"]["ID"], inside("session.get").body["Demo"]) == ("Child", broker.company.id, True)
    assert inside("clients.search").code == "access_denied"
    assert company.platform == broker.company.platform


def test_companies_are_seen_from_above_only(broker: Broker) -> None:
    top = broker.add_company("Top")
    child = broker.add_company("Middle", parent_id=top.id)
    above, below = (broker.may("companies.get", "companies.search", company=company) for company in (top, child))
    names = [row["Name"] for row in above("companies.search").body["Companies"]]
    assert names == ["Top", "Middle"]
    assert above("companies.get", ID=child.id).body["ParentCompanyName"] == "Top"
    assert forbidden(below("companies.get", ID=top.id))
    assert below("companies.get", ID=top.id).body == below("companies.get", ID=10**9).body
    assert [row["ID"] for row in below("companies.search").body["Companies"]] == [child.id]


def test_a_company_is_renamed_by_its_own_managers(broker: Broker) -> None:
    company = broker.add_company("Old name")
    manager = broker.may("company.set", "company.get", company=company)
    assert manager("company.set", Name="New name").status == 200
    assert manager("company.get").body["Name"] == "New name"
    assert manager("company.set", Name="").code == "invalid_input"


# Clients.


def test_a_client_is_enrolled_with_a_wallet_and_can_sign_in(broker: Broker) -> None:
    made = broker.boss("clients.addWithWallet", Login="eva@mail.test", FirstName="Eva", Tag=-7, Test=True).body
    assert made["Wallet"]["AssetName"] == "USD"
    answer = broker.caller("client/v2")("session.login", Login="EVA@mail.test", Password=made["Client"]["Password"])
    assert answer.body["Session"]["WalletID"] == made["Wallet"]["ID"]
    card = broker.boss("clients.get", ID=made["Client"]["ID"]).body
    assert (card["Email"], card["Tag"], card["Test"], card["Enabled"]) == ("eva@mail.test", -7, True, True)


def test_a_refused_wallet_leaves_no_client(broker: Broker) -> None:
    broker.paper.refuses = True
    try:
        refused = broker.boss("clients.addWithWallet", Login="poor@mail.test", Password=PASSWORD)
    finally:
        broker.paper.refuses = False
    assert (refused.status, refused.code) == (422, "invalid_status")
    assert broker.boss("clients.search", Filter={"Login": "poor@mail.test"}).body["Clients"] == []
    assert broker.boss("clients.addWithWallet", Login="poor@mail.test", Password=PASSWORD).status == 200


def test_a_client_whose_wallet_got_no_answer_is_gone_on_with(broker: Broker) -> None:
    unfinished = broker.enrol(login="half@mail.test")
    made = broker.boss("clients.addWithWallet", Login="half@mail.test", Password="a third one 3")  # noqa: S106
    assert made.body["Client"]["ID"] == unfinished.id
    again = broker.boss("clients.addWithWallet", Login="half@mail.test", Password=PASSWORD)
    assert (again.status, again.code, "Login" in again.message) == (400, "invalid_input", True)


def test_clients_of_another_company_are_as_if_they_were_not_there(broker: Broker) -> None:
    client = broker.enrol(broker.add_company("Elsewhere"))
    asked: dict[str, dict[str, Any]] = {
        "clients.get": {"ID": client.id}, "clients.set": {"ID": client.id}, "clients.getOTP": {"ClientID": client.id},
        "clients.setPassword": {"ClientID": client.id, "Password": PASSWORD},
    }  # fmt: skip
    for method, body in asked.items():
        there = broker.boss(method, **body)
        nowhere = broker.boss(method, **{name: 10**9 if isinstance(value, int) else value for name, value in body.items()})
        assert forbidden(there), method
        assert there.body == nowhere.body
    assert broker.boss("clients.search", Filter={"ID": client.id}).body["Pagination"]["TotalRecords"] == 0
    assert broker.boss("clients.addWithWallet", Login=client.login, Password=PASSWORD).status == 200


def test_only_what_is_sent_is_changed(broker: Broker) -> None:
    client = broker.enrol(first_name="Joe", last_name="Doe", comment="vip")
    changed = broker.boss("clients.set", ID=client.id, LastName="Roe", Comment="", StrategyDefaultHedge=0.25)
    assert changed.body == {}
    card = broker.boss("clients.get", ID=client.id)
    assert [card.body[name] for name in ("FirstName", "LastName", "Comment")] == ["Joe", "Roe", ""]
    assert '"StrategyDefaultHedge":0.25,' in card.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("StrategyDefaultHedge", 0.125), ("StrategyDefaultHedge", 1.01), ("StrategyDefaultHedge", -1),
        ("StrategyDefaultHedge", "0.5"), ("StrategyDefaultHedge", True), ("Language", "engl"), ("Tag", 1.5),
        ("Tag", 2**60), ("Enabled", 1), ("Login", " "),
    ],
)  # fmt: skip
def test_a_value_that_is_not_as_documented_is_invalid_input(broker: Broker, field: str, value: object) -> None:
    answer = broker.boss("clients.set", ID=broker.enrol().id, **{field: value})
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert f"'{field}'" in answer.message


def test_a_stream_that_is_not_there_is_not_taken(broker: Broker) -> None:
    client = broker.enrol()
    assert forbidden(broker.boss("clients.set", ID=client.id, StrategyDefaultStreamID=3))
    broker.boss("clients.set", ID=client.id, StrategyDefaultStreamID=2)
    card = broker.boss("clients.get", ID=client.id).body
    assert (card["StrategyDefaultStreamID"], card["StrategyDefaultStreamName"]) == (2, "Hedge")


def test_the_company_says_what_strategies_and_investments_need(broker: Broker) -> None:
    company = broker.add_company("Strict", account_min_balance=25_000, security_min_balance=20_050)
    answer = broker.client(broker.enrol(company))("platform.getSpecification")
    assert answer.text == (
        '{"Account":{"AvailableCurrency":"USD","MinBalance":250.00},"Strategy":{"MinAmountToCreate":200.50}}'
    )


def test_a_client_who_is_deleted_meanwhile_is_not_there(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    client = broker.enrol()
    himself = broker.client(client)

    def gone(_connection: Any, _client_id: int) -> None:
        raise NotFound

    monkeypatch.setattr(broker.control.clients, "before_change", [gone])
    assert forbidden(broker.boss("clients.set", ID=client.id, FirstName="Late"))
    assert forbidden(broker.boss("clients.setPassword", ClientID=client.id, Password=PASSWORD))
    assert "token" in himself("password.set", OldPassword=PASSWORD, Password=PASSWORD).message
