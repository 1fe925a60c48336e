"""Invitations: sent, sent again, revoked, accepted; good once, for a week, for one address."""

import threading
import uuid
from collections.abc import Callable
from functools import partial

import pytest
import sqlalchemy

from prorata.access.permissions import ADMINISTRATOR, NO_ROLE, ROLES, Permission
from prorata.control.organizations import invitations, tables
from prorata.control.organizations.invitations import LIFE_MS, RESEND_MS, Invitation, InvitationState
from prorata.control.organizations.members import MemberChange
from prorata.control.organizations.rights import Rights
from prorata.control.people.addresses import BadAddress
from prorata.control.people.password_rules import UnfitPassword
from prorata.control.people.people import NewPerson
from prorata.control.store import Control
from prorata.messages.refusals import Refusal
from tests.control.organizations.office import URL, Office, refusal_of

DEALER = Rights(role="Dealer")
GOOD = "correct horse battery"


def invite(office: Office, name: str, rights: Rights = DEALER, by: str = "ann") -> tuple[Invitation, str]:
    return office.invite(name, rights, by=by)


def accept(office: Office, token: str, name: str) -> Refusal | None:
    return refusal_of(office.control.invitations.accept, token, office.person(name))


def test_an_invited_person_becomes_a_member_with_what_was_promised(office: Office) -> None:
    platform = office.add_platform()
    rights = Rights(role="Dealer", permissions=frozenset({"money.move"}), platforms=frozenset({platform}))
    invitation, token = invite(office, "bob", rights)
    assert office.control.invitations.look(token) == invitation
    assert (invitation.organization_name, invitation.inviter_name) == ("Desk", "ann")
    assert accept(office, token, "bob") is None
    assert office.member("bob").rights == rights
    (listed,) = office.control.invitations.all(office.id)
    assert listed.state(office.clock.now()) == InvitationState.ACCEPTED


def test_letter_case_and_blanks_do_not_tell_addresses_apart(office: Office) -> None:
    loud = f"  {office.email('bob').upper()} "
    office.control.invitations.add(office.id, loud, DEALER, URL, by=office.people["ann"])
    assert refusal_of(invite, office, "bob") == Refusal.ALREADY_INVITED
    assert accept(office, office.mailed("bob"), "bob") is None
    with pytest.raises(BadAddress):
        office.control.invitations.add(office.id, "no address", DEALER, URL, by=office.people["ann"])


def test_an_invitation_is_good_once(office: Office) -> None:
    _, token = invite(office, "bob")
    assert accept(office, token, "bob") is None
    assert accept(office, token, "bob") == Refusal.INVITATION_ENDED
    assert refusal_of(office.control.invitations.look, token) == Refusal.INVITATION_ENDED
    office.control.organizations.leave(office.id, by=office.people["bob"])
    assert accept(office, token, "bob") == Refusal.INVITATION_ENDED


def test_an_invitation_is_good_for_a_week(office: Office) -> None:
    _, token = invite(office, "bob")
    office.clock.moment += LIFE_MS
    assert accept(office, token, "bob") == Refusal.INVITATION_ENDED
    assert refusal_of(office.control.invitations.look, token) == Refusal.INVITATION_ENDED
    assert office.control.invitations.all(office.id)[0].state(office.clock.now()) == InvitationState.EXPIRED
    _, newer = invite(office, "bob")
    assert accept(office, newer, "bob") is None


def test_a_revoked_invitation_is_refused(office: Office) -> None:
    invitation, token = invite(office, "bob")
    revoke, ann = office.control.invitations.revoke, office.people["ann"]
    assert refusal_of(revoke, office.id, invitation.uuid, by=ann) is None
    assert accept(office, token, "bob") == Refusal.INVITATION_ENDED
    assert refusal_of(revoke, office.id, invitation.uuid, by=ann) == Refusal.INVITATION_ENDED
    assert (
        refusal_of(office.control.invitations.send_again, office.id, invitation.uuid, URL, by=ann) == Refusal.INVITATION_ENDED
    )


def test_sent_again_it_has_a_new_token_and_a_new_week(office: Office) -> None:
    invitation, first = invite(office, "bob")
    send_again, ann = office.control.invitations.send_again, office.people["ann"]
    assert refusal_of(send_again, office.id, invitation.uuid, URL, by=ann) == Refusal.TOO_MANY_REQUESTS
    office.clock.moment += max(RESEND_MS, LIFE_MS - 1)
    again = send_again(office.id, invitation.uuid, URL, by=ann)
    second = office.mailed("bob")
    office.clock.moment += LIFE_MS - 1
    assert again.uuid == invitation.uuid
    assert accept(office, first, "bob") == Refusal.NOT_FOUND
    assert accept(office, second, "bob") is None


def test_a_token_of_nobody_is_not_there(office: Office) -> None:
    assert accept(office, "no token", "bob") == Refusal.NOT_FOUND
    assert refusal_of(office.control.invitations.look, "") == Refusal.NOT_FOUND


def test_an_invitation_is_for_one_address(office: Office) -> None:
    _, token = invite(office, "bob")
    assert accept(office, token, "eve") == Refusal.NOT_PERMITTED
    assert accept(office, token, "bob") is None


def test_an_invitation_proves_the_address_that_it_was_mailed_to(office: Office) -> None:
    new = office.person("new", verified=False)
    _, token = invite(office, "new")
    assert accept(office, token, "new") is None
    person = office.control.people.by_id(new)
    assert person is not None
    assert person.verified_at == office.clock.moment


def test_whoever_has_no_account_makes_one_with_the_invitation(office: Office) -> None:
    _, token = invite(office, "zoe")
    register = office.control.invitations.register
    with pytest.raises(UnfitPassword):
        register(token, NewPerson(email="", password="short"))  # noqa: S106
    invitation, zoe = register(token, NewPerson(email="other@mail.test", password=GOOD, first_name="Zoe"))
    assert (zoe.email, zoe.first_name, invitation.organization_id) == (office.email("zoe"), "Zoe", office.id)
    assert office.control.organizations.grant_of(zoe.id, office.organization.uuid).permissions == ROLES["Dealer"]
    assert office.control.proving.password(office.email("zoe"), GOOD).person.verified_at == office.clock.moment
    assert refusal_of(register, token, NewPerson(email="", password=GOOD)) == Refusal.INVITATION_ENDED


def test_whoever_has_an_account_makes_no_second_one(office: Office) -> None:
    office.person("bob")
    _, token = invite(office, "bob")
    assert refusal_of(office.control.invitations.register, token, NewPerson(email="", password=GOOD)) == Refusal.HAS_ACCOUNT
    assert accept(office, token, "bob") is None


def test_nobody_invites_whom_the_organization_has(office: Office) -> None:
    office.join("bob", "Dealer")
    assert refusal_of(invite, office, "bob") == Refusal.ALREADY_MEMBER
    assert refusal_of(invite, office, "ann") == Refusal.ALREADY_MEMBER


def test_nobody_invites_to_what_he_lacks(office: Office) -> None:
    platform = office.add_platform()
    office.join("boss", "Read-only", Permission.MEMBERS_MANAGE, platforms={platform})
    office.join("bob", "Dealer")
    narrowed = frozenset({platform})
    assert refusal_of(invite, office, "cat", Rights(role="Read-only"), "bob") == Refusal.NOT_PERMITTED
    assert refusal_of(invite, office, "cat", Rights(role=ADMINISTRATOR), "boss") == Refusal.NOT_PERMITTED
    assert refusal_of(invite, office, "cat", Rights(role="Read-only"), "boss") == Refusal.NOT_PERMITTED
    assert refusal_of(invite, office, "cat", Rights(role="Clerk"), "ann") == Refusal.BAD_RIGHTS
    assert refusal_of(invite, office, "cat", Rights(role="Read-only", platforms=narrowed), "boss") is None


def test_what_somebody_promised_who_may_no_longer_is_not_given(office: Office) -> None:
    boss = office.join("boss", "Dealer", Permission.MEMBERS_MANAGE)
    invitation, token = invite(office, "bob", by="boss")
    office.control.members.change(office.id, boss, MemberChange(role="Read-only"), by=office.people["ann"])
    assert accept(office, token, "bob") == Refusal.INVITATION_ENDED
    office.control.members.remove(office.id, boss, by=office.people["ann"])
    assert accept(office, token, "bob") == Refusal.INVITATION_ENDED
    # Whoever sends it again answers for it.
    office.clock.moment += RESEND_MS
    office.control.invitations.send_again(office.id, invitation.uuid, URL, by=office.people["ann"])
    assert accept(office, office.mailed("bob"), "bob") is None
    assert office.may("bob") == ROLES["Dealer"]


def test_invitations_are_touched_by_whoever_could_give_them(office: Office) -> None:
    office.join("boss", NO_ROLE, Permission.MEMBERS_MANAGE)
    office.join("bob", "Dealer")
    invitation, _ = invite(office, "cat")
    office.clock.moment += RESEND_MS
    for by in ("boss", "bob"):
        for way in _ways(office):
            assert refusal_of(way, office.id, invitation.uuid, by=office.people[by]) == Refusal.NOT_PERMITTED


def test_invitations_of_another_organization_are_as_if_they_were_not_there(office: Office) -> None:
    other = Office(office.control, office.clock)
    invitation, _ = invite(other, "bob")
    office.clock.moment += RESEND_MS
    for way in _ways(office):
        for number in (invitation.uuid, str(uuid.uuid4())):
            assert refusal_of(way, office.id, number, by=office.people["ann"]) == Refusal.NOT_FOUND
            assert refusal_of(way, other.id, number, by=office.people["ann"]) == Refusal.NOT_FOUND
    assert office.control.invitations.all(office.id) == []


def _ways(office: Office) -> tuple[Callable[..., object], ...]:
    """Return what can be done with an invitation."""
    return partial(office.control.invitations.send_again, url=URL), office.control.invitations.revoke


def test_only_so_many_invitations_wait(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "PENDING_MAX", 1)
    _, token = invite(office, "bob")
    assert refusal_of(invite, office, "cat") == Refusal.QUOTA_REACHED
    assert accept(office, token, "bob") is None
    assert refusal_of(invite, office, "cat") is None


def test_the_database_has_no_token(office: Office) -> None:
    _, token = invite(office, "bob")
    with office.control.database.reading() as connection:
        rows = connection.execute(sqlalchemy.select(tables.invitations)).all()
    assert token not in repr(rows)


def test_accepted_twice_at_the_same_moment_it_makes_one_member(office: Office, elsewhere: Control) -> None:
    _, token = invite(office, "bob")
    bob, start, outcomes = office.person("bob"), threading.Barrier(2), []

    def go(control: Control) -> None:
        start.wait(10)
        outcomes.append(refusal_of(control.invitations.accept, token, bob))

    threads = [threading.Thread(target=go, args=(control,)) for control in (office.control, elsewhere)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [Refusal.INVITATION_ENDED, None]
