"""Invitations by e-mail. Whoever shows the token of one, and has its address, becomes a member.

An invitation is good for a week, once, and as long as whoever sent it may still give what it promises. Sending it again
makes a new token; the one before it is dead. A token was mailed, and so proves the address.
"""

import secrets
import uuid
from enum import StrEnum
from hashlib import sha256

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant, Permission
from prorata.control.database import Database
from prorata.control.mail.outbox import Outbox
from prorata.control.mail.texts import MailKind
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.grants import Grants
from prorata.control.organizations.inside import Inside, insert_member, open_inside
from prorata.control.organizations.rights import Rights, columns_of, rights_from
from prorata.control.organizations.tables import invitations, organizations
from prorata.control.passwords import hashed
from prorata.control.people.addresses import email_key_of
from prorata.control.people.links import link_of
from prorata.control.people.password_rules import check_password
from prorata.control.people.people import NewPerson, Person, insert_person
from prorata.control.people.tables import people
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS, MINUTE_MS, Moment

LIFE_MS = 7 * DAY_MS
RESEND_MS = MINUTE_MS
"""how soon an invitation may be sent again"""
PENDING_MAX = 500
LINK = "invitation"
"""what the links in mails begin with"""


class InvitationState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """`inviter_uuid`: the person who sent it last, and answers for what it gives. `inviter_name`: or his address."""

    id: int
    uuid: str
    organization_id: int
    organization_uuid: str
    organization_name: str
    email: str
    email_key: str
    rights: Rights
    inviter_id: int
    inviter_uuid: str
    inviter_name: str
    created_at: Moment
    sent_at: Moment
    expires_at: Moment
    used_at: Moment
    revoked_at: Moment

    def state(self, now: Moment) -> InvitationState:
        if self.used_at:
            return InvitationState.ACCEPTED
        if self.revoked_at:
            return InvitationState.REVOKED
        return InvitationState.PENDING if now < self.expires_at else InvitationState.EXPIRED


class Invitations:
    def __init__(self, database: Database, grants: Grants, outbox: Outbox) -> None:
        self._database = database
        self._grants = grants
        self._outbox = outbox

    def all(self, organization_id: int) -> list[Invitation]:
        """Return the invitations of an organization, newest first."""
        with self._database.reading() as connection:
            found = _read(connection, invitations.c.organization_id == organization_id)
        return found[::-1]

    def add(self, organization_id: int, email: str, rights: Rights, url: str, *, by: int) -> Invitation:
        """Invite somebody by mail. `url`: where the outside reaches us.

        Raises:
            BadAddress: see there.
            NotFound: see there.
            Declined: whoever invites may not or lacks what he would give; the address is a member's or is invited already.
        """
        key = email_key_of(email)
        now = self._database.now()
        token, digest = _new_token()
        with self._database.writing() as connection:
            inside = open_inside(connection, organization_id)
            _check_may_invite(inside, by, rights)
            _check_is_new(connection, inside, key, now)
            row = {
                "uuid": str(uuid.uuid4()), "digest": digest, "organization_id": organization_id, "email": email.strip(),
                "email_key": key, **columns_of(rights), "inviter_id": by, "created_at": now, "sent_at": now,
                "expires_at": now + LIFE_MS, "used_at": 0, "revoked_at": 0,
            }  # fmt: skip
            connection.execute(insert(invitations).values(row))
            return self._mailed(connection, digest, token, url)

    def send_again(self, organization_id: int, invitation_uuid: str, url: str, *, by: int) -> Invitation:
        """Give a pending or expired invitation a new token and a new week. Whoever does so answers for it from now on.

        Raises:
            NotFound: no such invitation.
            Declined: as `add`; it was accepted or revoked; it was sent just now.
        """
        now = self._database.now()
        token, digest = _new_token()
        with self._database.writing() as connection:
            inside = open_inside(connection, organization_id)
            invitation = _of(connection, organization_id, invitation_uuid)
            _check_may_invite(inside, by, invitation.rights)
            if invitation.state(now) in (InvitationState.ACCEPTED, InvitationState.REVOKED):
                raise Declined(Refusal.INVITATION_ENDED)
            if now - invitation.sent_at < RESEND_MS:
                wait = -(-(invitation.sent_at + RESEND_MS - now) // 1000)
                raise Declined(Refusal.TOO_MANY_REQUESTS, "it was sent a moment ago", retry_after=wait)
            values = {"digest": digest, "inviter_id": by, "sent_at": now, "expires_at": now + LIFE_MS}
            connection.execute(update(invitations).where(invitations.c.id == invitation.id).values(values))
            return self._mailed(connection, digest, token, url)

    def revoke(self, organization_id: int, invitation_uuid: str, *, by: int) -> Invitation:
        """Take a pending invitation back.

        Raises:
            NotFound: no such invitation.
            Declined: whoever does it may not; it was accepted or revoked.
        """
        now = self._database.now()
        with self._database.writing() as connection:
            inside = open_inside(connection, organization_id)
            invitation = _of(connection, organization_id, invitation_uuid)
            inside.check_may_give(inside.check_may(by, Permission.MEMBERS_MANAGE), invitation.rights)
            if invitation.state(now) in (InvitationState.ACCEPTED, InvitationState.REVOKED):
                raise Declined(Refusal.INVITATION_ENDED)
            connection.execute(update(invitations).where(invitations.c.id == invitation.id).values(revoked_at=now))
        return invitation

    def look(self, token: str) -> Invitation:
        """Return what a token invites to. Raises `NotFound`, `Declined`: it has ended."""
        with self._database.reading() as connection:
            invitation = _one(connection, (invitations.c.digest == _digest(token)) & (organizations.c.closed_at == 0))
        if invitation.state(self._database.now()) != InvitationState.PENDING:
            raise Declined(Refusal.INVITATION_ENDED)
        return invitation

    def accept(self, token: str, person_id: int) -> Invitation:
        """Make a person a member of the organization that has invited his address.

        Raises:
            NotFound: no such token, or the organization is closed.
            Declined: it has ended; it is for another address; he is a member already.
        """
        with self._grants.changing() as connection:
            return _accept(connection, token, person_id, self._database.now())

    def register(self, token: str, new: NewPerson) -> tuple[Invitation, Person]:
        """Make a person of the invited address, and him a member. The e-mail of `new` does not matter.

        Raises:
            NotFound, Declined: as `accept`; the address has an account already.
            UnfitPassword: see there.
        """
        email = self.look(token).email
        check_password(new.password, email)
        kept = hashed(new.password)
        now = self._database.now()
        try:
            with self._grants.changing() as connection:
                person = insert_person(connection, msgspec.structs.replace(new, email=email), kept, now)
                return _accept(connection, token, person.id, now), person
        except IntegrityError:
            raise Declined(Refusal.HAS_ACCOUNT) from None

    def _mailed(self, connection: Connection, digest: bytes, token: str, url: str) -> Invitation:
        """Return the invitation of this digest, whose token is in the post."""
        invitation = _one(connection, invitations.c.digest == digest)
        language = connection.execute(select(people.c.language).where(people.c.email_key == invitation.email_key)).scalar()
        self._outbox.post(
            connection, invitation.email, MailKind.INVITATION, language or "en", url=url, days=LIFE_MS // DAY_MS,
            inviter=invitation.inviter_name, organization=invitation.organization_name,
            link=link_of(url, LINK, token),
        )  # fmt: skip
        return invitation


def _accept(connection: Connection, token: str, person_id: int, now: Moment) -> Invitation:
    mine = invitations.c.digest == _digest(token)
    inside = open_inside(connection, _one(connection, mine).organization_id)
    # Once more, behind the lock: somebody may have used or revoked it just now.
    invitation = _one(connection, mine)
    if invitation.state(now) != InvitationState.PENDING or not _is_still_given(inside, invitation):
        raise Declined(Refusal.INVITATION_ENDED)
    address = connection.execute(select(people.c.email_key).where(people.c.id == person_id)).scalar()
    if address != invitation.email_key:
        raise Declined(Refusal.NOT_PERMITTED, "the invitation is for another e-mail address")
    if person_id in inside.members:
        raise Declined(Refusal.ALREADY_MEMBER)
    connection.execute(update(invitations).where(invitations.c.id == invitation.id).values(used_at=now))
    connection.execute(update(people).where(people.c.id == person_id, people.c.verified_at == 0).values(verified_at=now))
    insert_member(connection, inside.organization.id, person_id, invitation.rights, now)
    return invitation


def _is_still_given(inside: Inside, invitation: Invitation) -> bool:
    """Say whether whoever invited may still do so."""
    try:
        _check_may_invite(inside, invitation.inviter_id, invitation.rights)
    except (NotFound, Declined):
        return False
    return True


def _check_may_invite(inside: Inside, by: int, rights: Rights) -> Grant:
    giver = inside.check_may(by, Permission.MEMBERS_MANAGE)
    inside.check_rights(rights)
    inside.check_may_give(giver, rights)
    return giver


def _check_is_new(connection: Connection, inside: Inside, key: str, now: Moment) -> None:
    holder = connection.execute(select(people.c.id).where(people.c.email_key == key)).scalar()
    if holder in inside.members:
        raise Declined(Refusal.ALREADY_MEMBER)
    pending = (
        (invitations.c.organization_id == inside.organization.id)
        & (invitations.c.used_at == 0)
        & (invitations.c.revoked_at == 0)
        & (invitations.c.expires_at > now)
    )
    if connection.execute(select(invitations.c.id).where(pending, invitations.c.email_key == key)).first() is not None:
        raise Declined(Refusal.ALREADY_INVITED)
    if connection.execute(select(func.count()).select_from(invitations).where(pending)).scalar_one() >= PENDING_MAX:
        raise Declined(Refusal.QUOTA_REACHED, f"at most {PENDING_MAX} invitations wait for an answer")


def _of(connection: Connection, organization_id: int, invitation_uuid: str) -> Invitation:
    return _one(connection, (invitations.c.organization_id == organization_id) & (invitations.c.uuid == invitation_uuid))


def _one(connection: Connection, which: ColumnElement[bool]) -> Invitation:
    found = _read(connection, which)
    if not found:
        raise NotFound
    return found[0]


def _read(connection: Connection, which: ColumnElement[bool]) -> list[Invitation]:
    joined = invitations.join(organizations, organizations.c.id == invitations.c.organization_id).join(
        people, people.c.id == invitations.c.inviter_id
    )
    query = select(
        invitations, organizations.c.uuid.label("organization_uuid"), organizations.c.name.label("organization_name"),
        people.c.uuid.label("inviter_uuid"), people.c.first_name, people.c.last_name,
        people.c.email.label("inviter_email"),
    ).select_from(joined).where(which).order_by(invitations.c.id)  # fmt: skip
    return [_invitation_from(row) for row in connection.execute(query).mappings()]


_PLAIN = tuple(name for name in Invitation.__struct_fields__ if name not in ("rights", "inviter_name"))


def _invitation_from(row: RowMapping) -> Invitation:
    name = f"{row['first_name']} {row['last_name']}".strip() or row["inviter_email"] or ""
    return Invitation(**{field: row[field] for field in _PLAIN}, rights=rights_from(row), inviter_name=name)


def _new_token() -> tuple[str, bytes]:
    token = secrets.token_urlsafe(32)
    return token, _digest(token)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
