"""Organizations: made, renamed, left, handed over, closed; who works where is in memory, here and in other processes."""

import threading
import time
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import update

from prorata.access.callers import NotFound
from prorata.access.permissions import ADMINISTRATOR, EVERYTHING, READS, ROLES, Permission
from prorata.control.clients import NewClient
from prorata.control.companies import NewCompany, insert_company
from prorata.control.organizations import organizations
from prorata.control.organizations.grants import USED_EVERY_MS
from prorata.control.organizations.members import MemberChange
from prorata.control.organizations.rights import Rights
from prorata.control.platforms import tables
from prorata.control.platforms.records import ApiAccess
from prorata.control.platforms.registry import PlatformInUse
from prorata.control.store import Control
from prorata.control.tables import companies
from prorata.messages.refusals import Refusal
from tests.control.organizations.office import Office, refusal_of

READ_ONLY = "Read-only"


def test_whoever_makes_an_organization_is_its_administrator(office: Office) -> None:
    grant = office.grant("ann")
    assert grant is not None
    assert grant.is_all
    assert (grant.organization_id, grant.permissions, grant.platforms) == (office.id, EVERYTHING, None)
    assert [member.rights for member in office.control.members.all(office.id)] == [Rights(role=ADMINISTRATOR)]


def test_a_person_has_several_organizations_and_the_one_used_last_comes_first(office: Office) -> None:
    control, clock = office.control, office.clock
    second = control.organizations.add(office.people["ann"], "Second")
    clock.moment += 1
    control.organizations.grant_of(office.people["ann"], second.uuid)
    clock.moment += USED_EVERY_MS
    control.refresh()
    assert [one.organization.name for one in control.organizations.of_person(office.people["ann"])] == ["Second", "Desk"]
    control.organizations.grant_of(office.people["ann"], office.organization.uuid)
    control.refresh()
    mine = control.organizations.of_person(office.people["ann"])
    assert [(one.organization.name, one.used_at) for one in mine] == [
        ("Desk", clock.moment),
        ("Second", clock.moment - USED_EVERY_MS),
    ]


def test_an_organization_that_is_absent_closed_or_somebody_elses_answers_alike(office: Office) -> None:
    control = office.control
    others = Office(control, office.clock, of=control.organizations.add(office.person("eve"), "Others"))
    closed = control.organizations.add(office.people["ann"], "Closed")
    control.organizations.close(closed.id, by=office.people["ann"])
    for unreachable in (others.organization.uuid, closed.uuid, str(uuid.uuid4()), ""):
        with pytest.raises(NotFound) as answer:
            control.organizations.grant_of(office.people["ann"], unreachable)
        assert answer.value.args == ()


def test_what_another_process_changes_is_known_here_after_a_refresh(office: Office, elsewhere: Control) -> None:
    here = office.control
    bob = office.join("bob", "Dealer")
    elsewhere.refresh()
    seen = elsewhere.organizations.grant_of(office.people["bob"], office.organization.uuid)
    assert seen.permissions == ROLES["Dealer"]
    here.members.change(office.id, bob, MemberChange(role=READ_ONLY), by=office.people["ann"])
    elsewhere.refresh()
    assert elsewhere.organizations.grant_of(office.people["bob"], office.organization.uuid).permissions == READS
    here.members.remove(office.id, bob, by=office.people["ann"])
    elsewhere.refresh()
    with pytest.raises(NotFound):
        elsewhere.organizations.grant_of(office.people["bob"], office.organization.uuid)


def test_a_look_up_of_a_grant_takes_microseconds(office: Office) -> None:
    grant_of, person, where = office.control.organizations.grant_of, office.people["ann"], office.organization.uuid
    began = time.perf_counter()
    for _ in range(2_000):
        grant_of(person, where)
    assert (time.perf_counter() - began) / 2_000 < 100e-6


def test_a_person_has_so_many_organizations_and_no_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organizations, "OF_A_PERSON_MAX", 2)
    add, ann = office.control.organizations.add, office.people["ann"]
    assert [refusal_of(add, ann, "Another") for _ in range(2)] == [None, Refusal.QUOTA_REACHED]


def test_an_organization_is_renamed_by_whoever_may(office: Office) -> None:
    control = office.control
    office.join("bob", READ_ONLY)
    before, after = control.organizations.rename(office.id, "New Desk", by=office.people["ann"])
    assert (before.name, after.name) == ("Desk", "New Desk")
    known = control.organizations.get(office.id)
    assert known is not None
    assert known.name == "New Desk"
    rename = control.organizations.rename
    assert refusal_of(rename, office.id, "Bob's", by=office.people["bob"]) == Refusal.NOT_PERMITTED
    assert refusal_of(rename, office.id, "Eve's", by=office.person("eve")) == Refusal.NOT_FOUND


# Leaving and handing over.


def test_a_member_leaves_and_has_nothing_there_any_more(office: Office) -> None:
    office.join("bob", "Dealer")
    office.control.organizations.leave(office.id, by=office.people["bob"])
    assert office.grant("bob") is None
    assert refusal_of(office.control.organizations.leave, office.id, by=office.people["bob"]) == Refusal.NOT_FOUND


def test_the_last_administrator_does_not_leave(office: Office) -> None:
    office.join("bob", "Dealer", Permission.MEMBERS_MANAGE)
    leave = office.control.organizations.leave
    assert refusal_of(leave, office.id, by=office.people["ann"]) == Refusal.LAST_ADMINISTRATOR
    office.join("cat", ADMINISTRATOR)
    assert refusal_of(leave, office.id, by=office.people["ann"]) is None
    assert office.grant("ann") is None


def test_an_administrator_who_is_disabled_or_locked_does_not_count(office: Office) -> None:
    control = office.control
    bob, cat = office.join("bob", ADMINISTRATOR), office.join("cat", ADMINISTRATOR)
    control.members.change(office.id, bob, MemberChange(disabled=True), by=office.people["ann"])
    office.lock("cat")
    assert refusal_of(control.organizations.leave, office.id, by=office.people["ann"]) == Refusal.LAST_ADMINISTRATOR
    # They are no loss, either.
    assert refusal_of(control.members.remove, office.id, bob, by=office.people["ann"]) is None
    assert refusal_of(control.members.remove, office.id, cat, by=office.people["ann"]) is None


@pytest.mark.parametrize("role", [READ_ONLY, None])
def test_an_organization_is_handed_over_in_one_step(office: Office, role: str | None) -> None:
    bob = office.join("bob", "Dealer")
    office.control.organizations.hand_over(office.id, bob, role, by=office.people["ann"])
    assert office.may("bob") == EVERYTHING
    assert office.may("ann") == (READS if role else frozenset())


def test_an_organization_is_handed_over_by_an_administrator_to_an_active_member_alone(office: Office) -> None:
    control = office.control
    bob = office.join("bob", "Dealer")
    # Everything but the role: still no Administrator on all platforms.
    cat = office.join("cat", "Read-only", *EVERYTHING, platforms={office.add_platform()})
    hand_over, ann = control.organizations.hand_over, office.people["ann"]
    assert refusal_of(hand_over, office.id, bob, None, by=office.people["cat"]) == Refusal.NOT_PERMITTED
    assert refusal_of(hand_over, office.id, cat, None, by=office.people["bob"]) == Refusal.NOT_PERMITTED
    assert refusal_of(hand_over, office.id, office.uuid("ann"), None, by=ann) == Refusal.NOT_FOUND
    assert refusal_of(hand_over, office.id, str(uuid.uuid4()), None, by=ann) == Refusal.NOT_FOUND
    assert refusal_of(hand_over, office.id, bob, "Clerk", by=ann) == Refusal.BAD_RIGHTS
    control.members.change(office.id, bob, MemberChange(disabled=True), by=ann)
    assert refusal_of(hand_over, office.id, bob, None, by=ann) == Refusal.NOT_FOUND
    assert office.may("ann") == EVERYTHING


# Closing.


def test_a_closed_organization_is_nobodys_any_more(office: Office) -> None:
    control = office.control
    office.join("bob", "Dealer")
    _, token = office.invite("cat", Rights(role="Dealer"))
    control.organizations.close(office.id, by=office.people["ann"])
    assert (office.grant("ann"), office.grant("bob"), control.organizations.get(office.id)) == (None, None, None)
    assert control.organizations.of_person(office.people["ann"]) == []
    assert refusal_of(control.invitations.look, token) == Refusal.NOT_FOUND
    assert refusal_of(control.invitations.accept, token, office.person("cat")) == Refusal.NOT_FOUND
    assert refusal_of(control.organizations.close, office.id, by=office.people["ann"]) == Refusal.NOT_FOUND


def test_an_organization_is_not_closed_while_a_hosted_platform_is_live(office: Office) -> None:
    control = office.control
    live, foreign = office.add_platform(), office.add_platform("Theirs", hosted=False)
    theirs = control.platforms.set_api(control.platforms.by_uuid[foreign], ApiAccess(address="mt.test:443", login="7"), "kept")
    column = tables.platforms.c.manager_password
    assert control.seals.read(column, theirs.id) == "kept"
    close, ann = control.organizations.close, office.people["ann"]
    assert refusal_of(close, office.id, by=ann) == Refusal.PLATFORM_LIVE
    office.archive(live)
    assert refusal_of(close, office.id, by=ann) is None
    assert control.seals.read(column, theirs.id) is None, "the password of a server that is nobody's any more is kept"


def test_an_organization_whose_company_has_clients_is_not_closed_here(office: Office) -> None:
    control, ann = office.control, office.people["ann"]
    first, second = office.add_platform(), office.add_platform("Second")
    engine = control.platforms.by_uuid[first].engine
    with control.database.writing() as connection:
        insert_company(connection, office.id, NewCompany(name="Desk", platform=engine))
    office.archive(first)
    with control.database.writing() as connection:
        mine = companies.c.id == office.id
        connection.execute(update(companies).where(mine).values(platform=control.platforms.by_uuid[second].engine))
    client = control.clients.add(office.id, NewClient(login="joe@mail.test", password="secret 123"))  # noqa: S106
    with pytest.raises(PlatformInUse):
        office.archive(second)
    assert refusal_of(control.organizations.close, office.id, by=ann) == Refusal.PLATFORM_LIVE
    control.clients.withdraw(client.id)
    office.archive(second)
    assert refusal_of(control.organizations.close, office.id, by=ann) is None


def test_only_an_administrator_closes_an_organization(office: Office) -> None:
    office.join("bob", "Dealer", Permission.ORGANIZATION_MANAGE)
    close = office.control.organizations.close
    assert refusal_of(close, office.id, by=office.people["bob"]) == Refusal.NOT_PERMITTED
    assert refusal_of(close, office.id, by=office.person("eve")) == Refusal.NOT_FOUND


# At the same moment.


@pytest.mark.parametrize("way", ["leave", "remove", "disable", "degrade", "hand over"])
def test_of_two_administrators_who_go_at_the_same_moment_one_stays(office: Office, elsewhere: Control, way: str) -> None:
    controls = [office.control, elsewhere]
    office.join("bob", ADMINISTRATOR)
    office.join("cat", "Dealer")
    gone = {"ann": _way_out(office, way, "ann"), "bob": _way_out(office, way, "bob")}
    start, outcomes = threading.Barrier(2), []

    def go(control: Control, name: str) -> None:
        start.wait(10)
        outcomes.append(refusal_of(gone[name], control))

    threads = [threading.Thread(target=go, args=pair) for pair in zip(controls, ("ann", "bob"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    controls[0].refresh()
    left = [member for member in controls[0].members.all(office.id) if member.rights.is_administrators and member.is_active]
    assert len(left) == 1 if way != "hand over" else left
    assert outcomes.count(None) == 1 if way != "hand over" else None in outcomes


def _way_out(office: Office, way: str, name: str) -> Callable[[Control], object]:
    """Return how a person goes, or makes the other one go."""
    me = office.people[name]
    other = office.uuid("bob" if name == "ann" else "ann")
    changes = {"disable": MemberChange(disabled=True), "degrade": MemberChange(role="Dealer")}
    if way == "leave":
        return lambda control: control.organizations.leave(office.id, by=me)
    if way == "remove":
        return lambda control: control.members.remove(office.id, other, by=me)
    if way == "hand over":
        cat = office.uuid("cat")
        return lambda control: control.organizations.hand_over(office.id, cat, None, by=me)
    return lambda control: control.members.change(office.id, other, changes[way], by=me)
