"""Members and roles: who may change whom, and nobody gives what he lacks."""

import uuid

import pytest

from prorata.access.permissions import ADMINISTRATOR, EVERYTHING, NO_ROLE, READS, ROLES, Grant, Permission
from prorata.control.organizations import roles
from prorata.control.organizations.members import MemberChange
from prorata.control.organizations.rights import Rights
from prorata.control.organizations.roles import Role
from prorata.messages.refusals import Refusal
from tests.control.organizations.office import Office, refusal_of

MANAGING = Permission.MEMBERS_MANAGE
ONE, TWO = "one", "two"


def role_of(name: str, *permissions: str) -> Role:
    return Role(name=name, permissions=frozenset(permissions), built_in=False)


def change(office: Office, whom: str, by: str = "ann", **changes: object) -> Refusal | None:
    """Try to change a member; return the refusal."""
    wish = MemberChange(**changes)  # type: ignore[arg-type]
    return refusal_of(office.control.members.change, office.id, office.uuid(whom), wish, by=office.people[by])


# What a grant is.


def test_a_single_method_is_a_part_of_its_permission() -> None:
    grant = Grant(1, frozenset({Permission.CLIENTS_READ, "managers.get"}))
    assert [grant.holds(right) for right in ("clients.get", "managers.get", Permission.CLIENTS_READ)] == [True] * 3
    assert [grant.holds(right) for right in ("clients.set", Permission.MEMBERS_MANAGE, "no such")] == [False] * 3
    assert grant.may_give(Grant(1, frozenset({"clients.search", "managers.get"})))
    assert not grant.may_give(Grant(1, frozenset({Permission.MEMBERS_MANAGE})))


def test_a_narrowed_grant_gives_nothing_that_reaches_further() -> None:
    grant = Grant(1, READS, frozenset({ONE, TWO}))
    assert grant.may_give(Grant(1, READS, frozenset({ONE})))
    assert not grant.may_give(Grant(1, READS, frozenset({ONE, "three"})))
    assert not grant.may_give(Grant(1, READS))
    assert not grant.may_give(Grant(2, READS, frozenset({ONE})))
    assert (grant.may(Permission.TRADES_READ, ONE), grant.may(Permission.TRADES_READ, "three")) == (True, False)


# Changing members.


def test_a_member_is_changed_and_has_it_at_once(office: Office) -> None:
    platform = office.add_platform()
    office.join("bob", "Dealer")
    assert change(office, "bob", role="Support", permissions=frozenset({"money.move"}), platforms=frozenset({platform})) is None
    grant = office.grant("bob")
    assert grant == Grant(office.id, ROLES["Support"] | {Permission.MONEY_MOVE}, frozenset({platform}))
    assert change(office, "bob", permissions=frozenset()) is None
    assert office.member("bob").rights == Rights(role="Support", platforms=frozenset({platform}))
    assert change(office, "bob", role=NO_ROLE, platforms=None) is None
    assert office.grant("bob") == Grant(office.id, frozenset())


def test_rights_that_there_are_not_are_refused(office: Office) -> None:
    platform, foreign = office.add_platform(), Office(office.control, office.clock).add_platform()
    archived = office.add_platform("Old")
    office.archive(archived)
    office.join("bob", "Dealer")
    for wrong in (
        {"role": "Clerk"},
        {"role": "administrator"},
        {"permissions": frozenset({"everything"})},
        {"permissions": frozenset({"*"})},
        {"platforms": frozenset({platform, foreign})},
        {"platforms": frozenset({archived})},
        {"platforms": frozenset({str(uuid.uuid4())})},
        {"role": ADMINISTRATOR, "platforms": frozenset({platform})},
    ):
        assert change(office, "bob", **wrong) == Refusal.BAD_RIGHTS, wrong
    assert office.member("bob").rights == Rights(role="Dealer")


def test_only_whoever_manages_members_changes_them(office: Office) -> None:
    office.join("bob", "Dealer")
    office.join("cat", "Read-only")
    office.join("boss", NO_ROLE, MANAGING, *READS)
    assert change(office, "cat", by="bob", role=NO_ROLE) == Refusal.NOT_PERMITTED
    assert (
        refusal_of(office.control.members.remove, office.id, office.uuid("cat"), by=office.people["bob"])
        == Refusal.NOT_PERMITTED
    )
    assert change(office, "cat", by="boss", role=NO_ROLE) is None


def test_nobody_gives_what_he_lacks(office: Office) -> None:
    platform, other = office.add_platform(), office.add_platform("Other")
    office.join("boss", "Read-only", MANAGING, platforms={platform})
    office.join("cat", NO_ROLE, platforms={platform})
    assert change(office, "cat", by="boss", role="Dealer") == Refusal.NOT_PERMITTED
    assert change(office, "cat", by="boss", permissions=frozenset({"clients.set"})) == Refusal.NOT_PERMITTED
    assert change(office, "cat", by="boss", platforms=frozenset({platform, other})) == Refusal.NOT_PERMITTED
    assert change(office, "cat", by="boss", platforms=None) == Refusal.NOT_PERMITTED
    assert change(office, "cat", by="boss", role="Read-only", permissions=frozenset({"clients.get", MANAGING})) is None


def test_nobody_raises_himself(office: Office) -> None:
    office.join("boss", "Dealer", MANAGING)
    assert change(office, "boss", by="boss", role=ADMINISTRATOR) == Refusal.NOT_PERMITTED
    assert change(office, "boss", by="boss", permissions=frozenset({MANAGING, "money.move"})) == Refusal.NOT_PERMITTED
    assert change(office, "boss", by="boss", role="Read-only") is None


def test_nobody_disables_himself(office: Office) -> None:
    office.join("bob", ADMINISTRATOR)
    assert change(office, "bob", by="bob", disabled=True) == Refusal.NOT_PERMITTED


def test_nobody_touches_a_member_who_has_more(office: Office) -> None:
    platform = office.add_platform()
    office.join("boss", "Dealer", MANAGING)
    office.join("near", "Dealer", MANAGING, platforms={platform})
    office.join("fin", "Finance")
    office.join("far", "Dealer")
    remove = office.control.members.remove
    for whom, by in (("ann", "boss"), ("fin", "boss"), ("far", "near")):
        assert change(office, whom, by=by, role=NO_ROLE, permissions=frozenset()) == Refusal.NOT_PERMITTED, whom
        assert change(office, whom, by=by, disabled=True) == Refusal.NOT_PERMITTED, whom
        assert refusal_of(remove, office.id, office.uuid(whom), by=office.people[by]) == Refusal.NOT_PERMITTED, whom
    assert office.may("fin") == ROLES["Finance"]


def test_a_disabled_member_does_nothing_until_he_is_enabled(office: Office) -> None:
    office.join("bob", ADMINISTRATOR)
    office.join("cat", "Dealer")
    assert change(office, "bob", disabled=True) is None
    first = office.member("bob").disabled_at
    office.clock.moment += 1
    assert change(office, "bob", disabled=True) is None
    assert office.member("bob").disabled_at == first
    assert office.grant("bob") is None
    assert change(office, "cat", by="bob", role=NO_ROLE) == Refusal.NOT_FOUND
    assert change(office, "bob", disabled=False) is None
    assert office.may("bob") == EVERYTHING


def test_a_removed_member_has_nothing_and_may_be_invited_again(office: Office) -> None:
    bob = office.join("bob", "Dealer")
    assert office.control.members.remove(office.id, bob, by=office.people["ann"]).rights == Rights(role="Dealer")
    assert office.grant("bob") is None
    assert refusal_of(office.control.members.get, office.id, bob) == Refusal.NOT_FOUND
    office.join("bob", "Finance")
    assert office.may("bob") == ROLES["Finance"]


def test_the_last_administrator_is_neither_degraded_nor_removed(office: Office) -> None:
    office.join("bob", ADMINISTRATOR)
    assert change(office, "bob", by="bob", role="Dealer") is None
    assert change(office, "ann", by="ann", role="Dealer") == Refusal.LAST_ADMINISTRATOR
    assert (
        refusal_of(office.control.members.remove, office.id, office.uuid("ann"), by=office.people["ann"])
        == Refusal.LAST_ADMINISTRATOR
    )
    assert office.may("ann") == EVERYTHING


def test_a_person_who_is_locked_everywhere_may_do_nothing(office: Office) -> None:
    office.join("bob", ADMINISTRATOR)
    office.lock("bob")
    assert office.grant("bob") is None
    assert change(office, "ann", by="bob", role="Dealer") == Refusal.NOT_FOUND
    assert office.member("bob").is_locked


def test_members_of_another_organization_are_as_if_they_were_not_there(office: Office) -> None:
    other = Office(office.control, office.clock)
    bob = other.join("bob", "Dealer")
    members, ann = office.control.members, office.people["ann"]
    for attempt in (
        refusal_of(members.change, office.id, bob, MemberChange(role=NO_ROLE), by=ann),
        refusal_of(members.change, other.id, bob, MemberChange(role=NO_ROLE), by=ann),
        refusal_of(members.remove, other.id, bob, by=ann),
        refusal_of(members.remove, office.id, str(uuid.uuid4()), by=ann),
        refusal_of(members.get, office.id, bob),
    ):
        assert attempt == Refusal.NOT_FOUND
    assert other.may("bob") == ROLES["Dealer"]


# Roles of one's own.


def test_a_role_of_ones_own_is_given_like_any_other(office: Office) -> None:
    control, ann = office.control, office.people["ann"]
    control.roles.add(office.id, role_of("Clerk", "clients.read", "accounts.search"), by=ann)
    office.join("bob", "Clerk", "trades.read")
    assert office.may("bob") == {"clients.read", "accounts.search", "trades.read"}
    assert [role.name for role in control.roles.all(office.id) if not role.built_in] == ["Clerk"]
    assert [role.name for role in control.roles.all(office.id) if role.built_in] == list(ROLES)


def test_a_changed_role_changes_whoever_has_it(office: Office) -> None:
    control, ann = office.control, office.people["ann"]
    control.roles.add(office.id, role_of("Clerk", "clients.read"), by=ann)
    office.join("bob", "Clerk")
    _, token = office.invite("cat", Rights(role="Clerk"))
    before, after = control.roles.change(office.id, "Clerk", new_name="Teller", permissions=frozenset({"money.move"}), by=ann)
    assert (before, after) == (role_of("Clerk", "clients.read"), role_of("Teller", "money.move"))
    assert office.may("bob") == {"money.move"}
    assert office.member("bob").rights.role == "Teller"
    control.invitations.accept(token, office.person("cat"))
    assert office.may("cat") == {"money.move"}
    assert control.roles.change(office.id, "Teller", new_name="TELLER", permissions=None, by=ann)[1].name == "TELLER"


def test_names_of_roles_are_taken_in_any_letter_case(office: Office) -> None:
    roles_of, ann = office.control.roles, office.people["ann"]
    roles_of.add(office.id, role_of("Clerk"), by=ann)
    for taken in ("Clerk", "CLERK", "Dealer", "dealer", "administrator"):
        assert refusal_of(roles_of.add, office.id, role_of(taken), by=ann) == Refusal.ROLE_EXISTS, taken
    roles_of.add(office.id, role_of("Teller"), by=ann)
    renamed = refusal_of(roles_of.change, office.id, "Teller", new_name="clerk", permissions=None, by=ann)
    assert renamed == Refusal.ROLE_EXISTS
    assert (
        refusal_of(Office(office.control, office.clock).control.roles.add, office.id, role_of("x"), by=0) == Refusal.NOT_FOUND
    )


def test_a_role_is_made_and_changed_by_whoever_has_all_of_it_everywhere(office: Office) -> None:
    control = office.control
    office.join("boss", "Dealer", MANAGING)
    office.join("near", "Dealer", MANAGING, platforms={office.add_platform()})
    office.join("bob", "Dealer")
    boss, near, bob = (office.people[name] for name in ("boss", "near", "bob"))
    control.roles.add(office.id, role_of("Teller", "money.move"), by=office.people["ann"])
    for by in (boss, near, bob):
        assert refusal_of(control.roles.add, office.id, role_of("Rich", "money.move"), by=by) == Refusal.NOT_PERMITTED
        more = refusal_of(control.roles.change, office.id, "Teller", new_name=None, permissions=frozenset(), by=by)
        assert more == Refusal.NOT_PERMITTED
        assert refusal_of(control.roles.remove, office.id, "Teller", by=by) == Refusal.NOT_PERMITTED
    assert refusal_of(control.roles.add, office.id, role_of("Near", "trades.deal"), by=near) == Refusal.NOT_PERMITTED
    assert refusal_of(control.roles.add, office.id, role_of("Near", "trades.deal"), by=boss) is None
    widened = refusal_of(control.roles.change, office.id, "Near", new_name=None, permissions=frozenset({"money.move"}), by=boss)
    assert widened == Refusal.NOT_PERMITTED


def test_a_role_that_is_used_or_promised_is_not_deleted(office: Office) -> None:
    control, ann = office.control, office.people["ann"]
    control.roles.add(office.id, role_of("Clerk", "clients.read"), by=ann)
    bob = office.join("bob", "Clerk")
    assert refusal_of(control.roles.remove, office.id, "Clerk", by=ann) == Refusal.ROLE_IN_USE
    control.members.remove(office.id, bob, by=ann)
    invitation, _ = office.invite("cat", Rights(role="Clerk"))
    assert refusal_of(control.roles.remove, office.id, "Clerk", by=ann) == Refusal.ROLE_IN_USE
    control.invitations.revoke(office.id, invitation.uuid, by=ann)
    assert control.roles.remove(office.id, "Clerk", by=ann) == role_of("Clerk", "clients.read")
    for unknown in ("Clerk", "Dealer"):
        assert refusal_of(control.roles.remove, office.id, unknown, by=ann) == Refusal.NOT_FOUND


def test_rights_of_a_role_are_known_ones_and_roles_are_not_without_number(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "ROLES_MAX", 1)
    add, ann = office.control.roles.add, office.people["ann"]
    assert refusal_of(add, office.id, role_of("Odd", "odd.read"), by=ann) == Refusal.BAD_RIGHTS
    assert refusal_of(add, office.id, role_of("First"), by=ann) is None
    assert refusal_of(add, office.id, role_of("Second"), by=ann) == Refusal.QUOTA_REACHED
