"""A company is an organization, and its managers are members: one rule for all surfaces (decision 0018)."""

import pytest
from sqlalchemy import update

from prorata.access.callers import NotFound
from prorata.access.permissions import ADMINISTRATOR, EVERYTHING, MANAGER_METHODS, ROLES
from prorata.control.companies import Company
from prorata.control.manager_rows import Manager
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.inside import insert_member
from prorata.control.organizations.members import MemberChange
from prorata.control.organizations.rights import Rights
from prorata.control.people.people import NewPerson, Person
from prorata.control.people.proving import CredentialsWrong
from prorata.control.people.tables import people
from prorata.control.platforms import tables
from prorata.control.platforms.records import PlatformKind
from prorata.messages.refusals import Refusal
from tests.rest.ramm.broker import PASSWORD, Answered, Broker

URL = "https://broker.test"
NEW = "another password 2"


class Firm:
    """A company with an Administrator of its own, as the workspace and the Manager API see it."""

    def __init__(self, broker: Broker, name: str) -> None:
        self.broker = broker
        self.control = broker.control
        self.company: Company = broker.add_company(name)
        self.boss_login, self.boss = broker.hire(self.company)
        self.control.refresh()
        organization = self.control.organizations.get(self.company.id)
        assert organization is not None
        self.uuid = organization.uuid

    def person(self, email: str) -> Person:
        """Make a person with an account of the workspace, whose password is `PASSWORD`."""
        person = self.control.people.add(NewPerson(email=email, password=PASSWORD, first_name="Eva"))
        self.control.people.set(person.id, verified_at=self.broker.clock.now())
        return person

    def join(self, email: str, rights: Rights) -> Person:
        """Invite a person with an account, who accepts."""
        person = self.person(email)
        self.control.invitations.add(self.company.id, email, rights, URL, by=self.boss.id)
        mail = next(mail for mail in self.control.outbox.newest() if mail.recipient == email)
        self.control.invitations.accept(mail.body.partition("#invitation.")[2].split()[0], person.id)
        return person

    def sign_in(self, login: str, password: str = PASSWORD) -> Answered:
        return self.broker.caller("manager/v1")("session.login", Login=login, Password=password, CompanyID=self.company.id)

    def uuid_of(self, manager: Manager | Person) -> str:
        person = self.control.people.by_id(manager.id)
        assert person is not None
        return person.uuid


@pytest.fixture
def firm(broker: Broker, request: pytest.FixtureRequest) -> Firm:
    return Firm(broker, f"Firm {request.node.name}"[:60])


def test_a_company_is_an_organization_of_its_name(firm: Firm) -> None:
    organization = firm.control.organizations.get(firm.company.id)
    assert organization is not None
    assert organization.name == firm.company.name
    boss = firm.broker.manager(firm.boss_login, firm.company)
    assert boss("company.set", Name="Renamed").status == 200
    firm.control.refresh()
    renamed = firm.control.organizations.get(firm.company.id)
    assert renamed is not None
    assert renamed.name == "Renamed"
    firm.control.organizations.rename(firm.company.id, "Again", by=firm.boss.id)
    firm.control.refresh()
    assert boss("company.get").body["Name"] == "Again"


def test_the_first_manager_is_the_administrator(firm: Firm) -> None:
    assert firm.control.organizations.grant_of(firm.boss.id, firm.uuid).permissions == EVERYTHING
    (member,) = firm.control.members.all(firm.company.id)
    assert (member.rights, member.email) == (Rights(role=ADMINISTRATOR), "")


def test_an_invited_member_signs_in_with_his_address_and_may_what_his_role_permits(firm: Firm) -> None:
    firm.join("eva.dealer@mail.test", Rights(role="Dealer", permissions=frozenset({"clients.set"})))
    session = firm.sign_in("EVA.dealer@mail.test")
    assert session.body["Login"] == "eva.dealer@mail.test"
    eva = firm.broker.caller("manager/v1", session.body["Token"])
    allowed = {method for method, permission in MANAGER_METHODS.items() if permission in ROLES["Dealer"]} | {"clients.set"}
    assert {name for name in eva("session.getMethods").body["Methods"] if name in MANAGER_METHODS} == allowed
    assert (eva("clients.search").status, eva("managers.search").code) == (200, "access_denied")
    assert (
        firm.broker.manager(firm.boss_login, firm.company)("managers.search", Filter={"Login": "eva.d"}).body["Managers"][0][
            "FirstName"
        ]
        == "Eva"
    )


def test_a_member_who_is_narrowed_away_from_the_companys_platform_has_no_rights_there(firm: Firm) -> None:
    platforms, where = firm.control.platforms, firm.company.id
    elsewhere = platforms.add_foreign(where, "Elsewhere", PlatformKind.MT5)
    ours = platforms.adopt(where, "Ours", firm.company.platform, host="here")
    try:
        eva = firm.join("eva.narrowed@mail.test", Rights(role="Dealer", platforms=frozenset({elsewhere.uuid})))
        session = firm.broker.caller("manager/v1", firm.sign_in("eva.narrowed@mail.test").body["Token"])
        assert session("clients.search").code == "access_denied"
        assert not set(session("session.getMethods").body["Methods"]) & set(MANAGER_METHODS)
        both = MemberChange(platforms=frozenset({elsewhere.uuid, ours.uuid}))
        firm.control.members.change(where, eva.uuid, both, by=firm.boss.id)
        assert session("clients.search").status == 200
    finally:
        with firm.control.database.writing() as connection:
            connection.execute(update(tables.platforms).where(tables.platforms.c.id == ours.id).values(archived_at=1))
        platforms.load()


def test_what_the_workspace_changes_holds_in_a_session_at_once(firm: Firm) -> None:
    eva = firm.join("eva.changed@mail.test", Rights(role="Dealer"))
    session = firm.broker.caller("manager/v1", firm.sign_in("eva.changed@mail.test").body["Token"])
    change, where = firm.control.members.change, firm.company.id
    change(where, eva.uuid, MemberChange(role="Read-only"), by=firm.boss.id)
    assert (session("clients.search").status, session("accounts.close", ID=1).code) == (200, "access_denied")
    change(where, eva.uuid, MemberChange(disabled=True), by=firm.boss.id)
    assert session("session.get").status == 401
    assert firm.sign_in("eva.changed@mail.test").code == "login_blocked"
    change(where, eva.uuid, MemberChange(disabled=False), by=firm.boss.id)
    assert firm.sign_in("eva.changed@mail.test").status == 200
    firm.control.members.remove(where, eva.uuid, by=firm.boss.id)
    assert firm.sign_in("eva.changed@mail.test").code == "bad_credentials"


def test_what_the_manager_api_changes_holds_in_the_workspace(firm: Firm) -> None:
    login, clerk = firm.broker.hire(firm.company, "clients.get")
    boss = firm.broker.manager(firm.boss_login, firm.company)
    grant_of = firm.control.organizations.grant_of
    assert grant_of(clerk.id, firm.uuid).permissions == {"clients.get"}
    assert boss("managers.setMethods", ManagerID=clerk.id, Methods=["clients.search"]).status == 200
    assert grant_of(clerk.id, firm.uuid).permissions == {"clients.search"}
    assert boss("managers.set", ID=clerk.id, Status=2).status == 200
    with pytest.raises(NotFound):
        grant_of(clerk.id, firm.uuid)
    assert boss("managers.get", ID=clerk.id).body["Status"] == 2
    assert boss("managers.set", ID=clerk.id, Status=1).status == 200
    assert firm.sign_in(login).status == 200


def test_rights_of_a_role_are_changed_in_the_workspace_alone(firm: Firm) -> None:
    eva = firm.join("eva.role@mail.test", Rights(role="Dealer"))
    boss = firm.broker.manager(firm.boss_login, firm.company)
    refused = boss("managers.setMethods", ManagerID=eva.id, Methods=["clients.get"])
    assert (refused.status, refused.code, "Dealer" in refused.message) == (422, "invalid_status", True)
    assert firm.control.organizations.grant_of(eva.id, firm.uuid).permissions == ROLES["Dealer"]


def test_the_last_administrator_stays_one(firm: Firm) -> None:
    login, _ = firm.broker.hire(firm.company, "managers.set", "managers.setMethods")
    boss = firm.broker.manager(firm.boss_login, firm.company)
    assert boss("managers.setMethods", ManagerID=firm.boss.id, Methods=["clients.get"]).code == "invalid_status"
    # Nor does somebody with less touch him.
    clerk = firm.broker.manager(login, firm.company)
    assert clerk("managers.set", ID=firm.boss.id, Status=2).code == "access_denied"
    assert clerk("managers.set", ID=firm.boss.id, Comment="x").code == "access_denied"
    second_login, second = firm.broker.hire(firm.company)
    assert boss("managers.setMethods", ManagerID=firm.boss.id, Methods=["managers.set"]).status == 200
    assert firm.broker.manager(second_login, firm.company)("managers.set", ID=firm.boss.id, Status=2).status == 200
    assert firm.control.members.get(firm.company.id, firm.uuid_of(second)).rights == Rights(role=ADMINISTRATOR)


def test_name_and_password_of_a_person_with_an_account_are_his_own(firm: Firm) -> None:
    eva = firm.join("eva.own@mail.test", Rights(role=ADMINISTRATOR))
    session = firm.broker.caller("manager/v1", firm.sign_in("eva.own@mail.test").body["Token"])
    boss = firm.broker.manager(firm.boss_login, firm.company)
    assert boss("managers.set", ID=eva.id, FirstName="Evil").code == "invalid_status"
    assert boss("managers.set", ID=eva.id, Comment="vip", Tag=7).status == 200
    assert session("password.set", OldPassword=PASSWORD, Password=NEW).code == "invalid_status"
    assert firm.sign_in("eva.own@mail.test").status == 200
    assert session("profile.set", FirstName="Eve").status == 200
    person = firm.control.people.by_id(eva.id)
    assert person is not None
    assert person.first_name == "Eve"


def test_a_person_of_two_companies_belongs_to_neither(firm: Firm) -> None:
    other = Firm(firm.broker, "Second firm of somebody")
    login, clerk = firm.broker.hire(firm.company, "clients.get")
    with firm.control.grants.changing() as connection:
        insert_member(connection, other.company.id, clerk.id, Rights(role="Read-only"), firm.broker.clock.now())
    boss = firm.broker.manager(firm.boss_login, firm.company)
    assert boss("managers.set", ID=clerk.id, FirstName="Evil").code == "invalid_status"
    session = firm.broker.manager(login, firm.company)
    assert session("password.set", OldPassword=PASSWORD, Password=NEW).code == "invalid_status"


def test_a_manager_without_an_address_cannot_sign_in_to_the_workspace(firm: Firm) -> None:
    login, _ = firm.broker.hire(firm.company, login="clerk.without@mail.test")
    with pytest.raises(CredentialsWrong):
        firm.control.proving.password(login, PASSWORD)


def test_a_login_may_be_the_address_of_somebody_else_who_proves_himself_by_his_own_password(firm: Firm) -> None:
    eva = firm.person("eva.twin@mail.test")
    _, clerk = firm.broker.hire(firm.company, login="eva.twin@mail.test")
    assert firm.sign_in("eva.twin@mail.test").body["ManagerID"] == clerk.id != eva.id
    # But no two of one company sign in by the same name.
    firm.join("eva.member@mail.test", Rights(role="Dealer"))
    boss = firm.broker.manager(firm.boss_login, firm.company)
    taken = boss("managers.add", Manager={"Login": "EVA.member@mail.test", "Password": PASSWORD}, Methods=[])
    assert taken.code == "invalid_input"


def test_whoever_has_a_second_step_does_not_sign_in_by_a_password_alone(firm: Firm) -> None:
    eva = firm.join("eva.careful@mail.test", Rights(role="Dealer"))
    with firm.control.database.writing() as connection:
        connection.execute(update(people).where(people.c.id == eva.id).values(totp=b"sealed"))
    assert firm.sign_in("eva.careful@mail.test").code == "login_blocked"
    assert firm.sign_in("eva.careful@mail.test", "wrong password").code == "bad_credentials"


def test_whoever_is_disabled_everywhere_is_blocked(firm: Firm) -> None:
    eva = firm.join("eva.locked@mail.test", Rights(role="Dealer"))
    session = firm.broker.caller("manager/v1", firm.sign_in("eva.locked@mail.test").body["Token"])
    firm.control.people.disable(eva.id)
    assert session("session.get").status == 401
    assert firm.sign_in("eva.locked@mail.test").code == "login_blocked"


def test_a_company_below_has_the_administrators_above_unless_its_maker_is_one(firm: Firm) -> None:
    login, maker = firm.broker.hire(firm.company, "companies.add")
    child = firm.broker.manager(login, firm.company)("companies.add", Name="Child", URL="", Demo=False).body["CompanyID"]
    held = {member.person_id: member.rights.is_administrators for member in firm.control.members.all(child)}
    assert held == {maker.id: False, firm.boss.id: True}
    boss = firm.broker.manager(firm.boss_login, firm.company)
    second = boss("companies.add", Name="Second child", URL="", Demo=False).body["CompanyID"]
    assert [member.person_id for member in firm.control.members.all(second)] == [firm.boss.id]
    # Whoever works in his company and those below it is still the company's.
    assert boss("managers.set", ID=maker.id, LastName="Roe").status == 200


def test_a_company_with_clients_is_not_closed_in_the_workspace(firm: Firm) -> None:
    close = firm.control.organizations.close
    firm.broker.enrol(firm.company)
    with pytest.raises(Declined) as refused:
        close(firm.company.id, by=firm.boss.id)
    assert refused.value.code == Refusal.PLATFORM_LIVE
    empty = Firm(firm.broker, "Empty firm")
    session = empty.broker.manager(empty.boss_login, empty.company)
    close(empty.company.id, by=empty.boss.id)
    assert session("session.get").status == 401
