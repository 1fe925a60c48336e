"""Accounts: people, each with one e-mail and one password, who trade under the organization's offers.

An account is a client of the control side, of the same number, with what a CRM knows beyond that. A lead has not yet
paid in anything; the first deposit that is booked makes a client of it.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    RowMapping,
    Select,
    delete,
    insert,
    select,
    true,
    union,
    update,
)
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.client_words import clients_with
from prorata.control.clients import NewClient, insert_client
from prorata.control.database import Database
from prorata.control.manager_rows import login_key_of
from prorata.control.managers import LoginTaken
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.tables import members
from prorata.control.paging import Slice, contains
from prorata.control.passwords import hashed, is_acceptable
from prorata.control.people.addresses import BadAddress, mailbox_of
from prorata.control.people.tables import people
from prorata.control.tables import clients
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.events import emit
from prorata.crm.kyc.history import OVERRIDE, note_step
from prorata.crm.listing import Listing
from prorata.crm.partners import tree
from prorata.crm.personal import all_personal
from prorata.crm.settings import USER, find_setting
from prorata.crm.tables import (
    PROFILE,
    TEXT_LENGTH_MAX,
    accounts,
    branches,
    houses,
    lead_statuses,
    pools,
    roles,
    trading_accounts,
)
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment


class Verification(StrEnum):
    NEW = "NEW"
    REJECTED = "REJECTED"
    VERIFIED = "VERIFIED"
    BLOCKED = "BLOCKED"
    PENDING_VERIFICATION = "PENDING_VERIFICATION"
    UNVERIFIED = "UNVERIFIED"


class ClientType(StrEnum):
    RETAIL = "RETAIL"
    PROFESSIONAL = "PROFESSIONAL"
    EXPERIENCED = "EXPERIENCED"


class AccountKind(StrEnum):
    ALL = "ALL"
    CLIENT = "CLIENT"
    LEAD = "LEAD"


class Manager(msgspec.Struct, frozen=True):
    """A member of the organization who looks after an account."""

    uuid: str
    email: str
    name: str


class CrmAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Moments are 0 for never; `active_at` 0: a lead. `date_of_birth`: "1990-12-31", "" for none."""

    id: int
    uuid: str
    organization_id: int
    email: str
    first_name: str
    last_name: str
    phone: str
    country: str
    branch_id: int
    branch_uuid: str
    role_uuid: str
    lead_status_uuid: str | None
    lead_status: str | None
    pool_uuid: str | None
    manager: Manager | None
    verification: Verification
    client_type: ClientType
    date_of_birth: str
    profile: Mapping[str, str]
    """texts as in `tables.PROFILE`"""
    type_contact: bool
    contact_at: Moment
    contacted: bool
    active_at: Moment
    created_at: Moment
    updated_at: Moment


class AccountWish(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of an account that are wanted, named as in `CrmAccount`; UNSET: as they are, or as they begin."""

    email: str | msgspec.UnsetType = msgspec.UNSET
    first_name: str | msgspec.UnsetType = msgspec.UNSET
    last_name: str | msgspec.UnsetType = msgspec.UNSET
    phone: str | msgspec.UnsetType = msgspec.UNSET
    country: str | msgspec.UnsetType = msgspec.UNSET
    branch_uuid: str | msgspec.UnsetType = msgspec.UNSET
    role_uuid: str | msgspec.UnsetType = msgspec.UNSET
    lead_status_uuid: str | msgspec.UnsetType = msgspec.UNSET
    manager_uuid: str | msgspec.UnsetType = msgspec.UNSET
    verification: Verification | msgspec.UnsetType = msgspec.UNSET
    client_type: ClientType | msgspec.UnsetType = msgspec.UNSET
    date_of_birth: str | msgspec.UnsetType = msgspec.UNSET
    type_contact: bool | msgspec.UnsetType = msgspec.UNSET
    contact_at: Moment | msgspec.UnsetType = msgspec.UNSET
    contacted: bool | msgspec.UnsetType = msgspec.UNSET
    profile: Mapping[str, str] = {}


class AccountFilter(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is looked for in e-mail, names, phone, country, manager and lead status; made from `since` to before `until`,
    changed last from `changed_since` to before `changed_until`."""

    text: str = ""
    kind: AccountKind = AccountKind.ALL
    since: Moment | None = None
    until: Moment | None = None
    changed_since: Moment | None = None
    changed_until: Moment | None = None
    more: Sequence[ColumnElement[bool]] = ()
    """conditions on `accounts`, such as `labels.conditions` has"""


Heard: TypeAlias = Callable[[Connection, int, str, Moment], None]
"""(connection, number of the account, by whom, when)"""

_manager_name = people.c.first_name + " " + people.c.last_name
_JOINED = (
    accounts.join(clients, clients.c.id == accounts.c.id)
    .join(branches, branches.c.id == accounts.c.branch_id)
    .join(roles, roles.c.id == accounts.c.role_id)
    .outerjoin(lead_statuses, lead_statuses.c.id == accounts.c.lead_status_id)
    .outerjoin(pools, pools.c.id == accounts.c.pool_id)
    .outerjoin(people, people.c.id == accounts.c.manager_id)
)
_READ: Select[Any] = select(
    accounts, clients.c.email, clients.c.first_name, clients.c.last_name, clients.c.mobile, clients.c.country,
    branches.c.uuid.label("branch_uuid"), roles.c.uuid.label("role_uuid"),
    lead_statuses.c.uuid.label("lead_status_uuid"), lead_statuses.c.name.label("lead_status"),
    pools.c.uuid.label("pool_uuid"),
    people.c.uuid.label("manager_uuid"), people.c.email.label("manager_email"), _manager_name.label("manager_name"),
).select_from(_JOINED)  # fmt: skip

ORDERS: Mapping[str, ColumnElement[Any]] = {
    "created": accounts.c.created_at,
    "updated": accounts.c.updated_at,
    "email": clients.c.login_key,
    "phone": clients.c.mobile,
    "firstname": clients.c.first_name,
    "surname": clients.c.last_name,
    "country": clients.c.country,
    "state": accounts.c.state,
    "city": accounts.c.city,
    "postCode": accounts.c.post_code,
    "address": accounts.c.address,
}
_LISTING = Listing(table=accounts, joined=_JOINED, read=_READ, orders=ORDERS, client=accounts.c.id)
_OF_CLIENT = {
    "phone": "mobile",
    "first_name": "first_name",
    "last_name": "last_name",
    "country": "country",
}
_PLAIN = ("date_of_birth", "type_contact", "contact_at", "contacted")


class Accounts:
    """Blocks on the database. `by`: who does it, as the timeline shows it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[Heard] = []

    def hear(self, listener: Heard) -> None:
        """Have a listener called for each account that is made, changed or deleted, within the transaction."""
        self._listeners.append(listener)

    def _tell(self, connection: Connection, account_id: int, by: str, now: Moment) -> None:
        for listener in self._listeners:
            listener(connection, account_id, by, now)

    def find(self, organization_id: int, account_uuid: str) -> CrmAccount:
        """Raises `NotFound`: absent, deleted and another organization's answer alike."""
        return self._one(organization_id, accounts.c.uuid == account_uuid)

    def by_email(self, organization_id: int, email: str) -> CrmAccount:
        """Letter case does not matter. Raises `NotFound`."""
        with self._database.reading() as connection:
            mine = (clients.c.company_id == organization_id) & (clients.c.login_key == login_key_of(email))
            number = connection.execute(select(clients.c.id).where(mine)).scalar()
        return self._one(organization_id, accounts.c.id == number)

    def _one(self, organization_id: int, which: ColumnElement[bool]) -> CrmAccount:
        with self._database.reading() as connection:
            row = connection.execute(_READ.where(_mine(organization_id), which)).mappings().first()
        if row is None:
            raise NotFound
        return _account_from(row, self._database.now())

    def many(self, account_ids: list[int]) -> dict[int, CrmAccount]:
        """Return accounts by number, as rows of their own tables name them."""
        with self._database.reading() as connection:
            rows = connection.execute(_READ.where(accounts.c.id.in_(account_ids))).mappings().all()
        now = self._database.now()
        return {row["id"]: _account_from(row, now) for row in rows}

    def search(self, organization_id: int, wanted: AccountFilter, part: Slice) -> tuple[list[CrmAccount], int]:
        """Return a part of the accounts, and how many there are. `part.field`: as in `ORDERS`."""
        own = [accounts.c.deleted_at == 0]
        if wanted.kind != AccountKind.ALL:
            own.append(accounts.c.active_at > 0 if wanted.kind == AccountKind.CLIENT else accounts.c.active_at == 0)
        if wanted.since is not None:
            own.append(accounts.c.created_at >= wanted.since)
        if wanted.until is not None:
            own.append(accounts.c.created_at < wanted.until)
        if wanted.changed_since is not None:
            own.append(accounts.c.updated_at >= wanted.changed_since)
        if wanted.changed_until is not None:
            own.append(accounts.c.updated_at < wanted.changed_until)
        own += wanted.more
        with self._database.reading() as connection:
            found = _found(connection, organization_id, wanted.text) if wanted.text else None
            is_whole = wanted == AccountFilter(kind=wanted.kind)
            known = _counted(connection, organization_id)[wanted.kind] if is_whole else None
            rows, total = _LISTING.part(connection, organization_id, own, (), part, known=known, found=found)
        now = self._database.now()
        return [_account_from(row, now) for row in rows], total

    def managers(self, organization_id: int) -> list[Manager]:
        """Return the members who may look after accounts, by e-mail."""
        query = select(people.c.uuid, people.c.email, _manager_name.label("name"))
        query = query.select_from(people.join(members, members.c.person_id == people.c.id))
        working = (members.c.organization_id == organization_id) & (members.c.disabled_at == 0)
        with self._database.reading() as connection:
            rows = connection.execute(query.where(working).order_by(people.c.email, people.c.id))
            return [Manager(row.uuid, row.email or "", row.name.strip()) for row in rows]

    # Changes.

    def add(
        self, organization_id: int, wish: AccountWish, password: str, *, by: str, branch_id: int = 0, active: bool = False
    ) -> CrmAccount:
        """Make an account, in the branch that the wish names, or of this number, or the first. `active`: a client already.

        Raises:
            Declined: the e-mail is none or taken, the password is too short, something that is named is not there.
        """
        email = _mailbox(wish.email)
        kept, now = _kept_password(password), self._database.now()
        row: dict[str, Any] = {
            "uuid": str(uuid.uuid4()), "organization_id": organization_id, "verification": Verification.NEW.value,
            "verified_until": 0, "override_by": "", "client_type": ClientType.RETAIL.value, "date_of_birth": "",
            **dict.fromkeys(PROFILE, ""), "type_contact": False,
            "contact_at": 0, "contacted": False, "active_at": now if active else 0, "created_at": now, "updated_at": now,
            "deleted_at": 0, "erased_at": 0, "lead_status_id": None, "pool_id": None, "manager_id": None,
        }  # fmt: skip
        of_client, of_account = _values(wish)
        try:
            with self._database.writing() as connection:
                row |= {**_beginning(connection, organization_id), **({"branch_id": branch_id} if branch_id else {})}
                row |= {**of_account, **_references(connection, organization_id, wish)}
                new = NewClient(login=email, password="", email=email, **of_client)
                row["id"] = insert_client(connection, organization_id, new, kept, now)
                connection.execute(insert(accounts).values(row))
                parent = tree.settle_parent(connection, organization_id, row["id"], wish.profile, by=by, now=now)
                if parent:
                    connection.execute(update(accounts).where(accounts.c.id == row["id"]).values(parent))
                _count(connection, organization_id, 1, 0 if active else 1)
                tell(connection, row["id"], TimelineEvent.ACCOUNT_CREATED, "", by, now)
                _override(connection, row["id"], wish, Verification.NEW, by=by, now=now)
                self._tell(connection, row["id"], by, now)
                emit(connection, row["id"], "account_created", {"by": by}, now)
        except LoginTaken:
            raise Declined(Refusal.EMAIL_TAKEN) from None
        return self.find(organization_id, row["uuid"])

    def change(self, account: CrmAccount, wish: AccountWish, *, by: str, reason: str = "") -> CrmAccount:
        """A verification that is wished is an override, see `kyc.gate`; `reason`: why. Raises as `add` does."""
        with self._database.writing() as connection:
            self.change_within(connection, account, wish, by=by, reason=reason)
        return self.find(account.organization_id, account.uuid)

    def change_within(
        self, connection: Connection, account: CrmAccount, wish: AccountWish, *, by: str, reason: str = ""
    ) -> None:
        """As `change`, within somebody's transaction."""
        hold_person(connection, account.id)
        of_client, of_account = _values(wish)
        if not isinstance(wish.email, msgspec.UnsetType):
            email = _mailbox(wish.email)
            of_client |= {"login": email, "login_key": login_key_of(email), "email": email}
        now = self._database.now()
        of_account |= {**_references(connection, account.organization_id, wish), "updated_at": now}
        if "role_id" in of_account:
            tree.check_role(connection, account.organization_id, account.id, of_account["role_id"])
        of_account |= tree.settle_parent(connection, account.organization_id, account.id, wish.profile, by=by, now=now)
        if of_client:
            try:
                connection.execute(update(clients).where(clients.c.id == account.id).values(of_client))
            except IntegrityError:
                raise Declined(Refusal.EMAIL_TAKEN) from None
        connection.execute(update(accounts).where(accounts.c.id == account.id).values(of_account))
        _override(connection, account.id, wish, account.verification, by=by, now=now, reason=reason)
        self._tell(connection, account.id, by, now)
        fields = sorted(_names_in(wish))
        tell(connection, account.id, TimelineEvent.ACCOUNT_CHANGED, ", ".join(fields), by, now)
        emit(connection, account.id, "account_changed", {"fields": fields, "by": by}, now)
        if wish.verification not in (msgspec.UNSET, account.verification):
            told = {"verificationStatus": {"before": account.verification, "after": wish.verification}, "by": by}
            emit(connection, account.id, "verification_changed", told, now)

    def set_password(self, account: CrmAccount, password: str) -> None:
        """Raises `Declined`."""
        kept = _kept_password(password)
        with self._database.writing() as connection:
            hold_person(connection, account.id)
            connection.execute(update(clients).where(clients.c.id == account.id).values(password=kept))
            tell(connection, account.id, TimelineEvent.PASSWORD_CHANGED, "", "", self._database.now())

    def withdraw(self, account: CrmAccount) -> None:
        """Take back an account for which no trading account could be opened: as if it had never been made."""
        with self._database.writing() as connection:
            _uncount(connection, account.id)
            # Who has been told of its creation is told of its end.
            emit(connection, account.id, "account_deleted", {}, self._database.now())
            for one in all_personal():
                connection.execute(delete(one.table).where(one.of(account.id)))
            connection.execute(delete(accounts).where(accounts.c.id == account.id))
            connection.execute(delete(clients).where(clients.c.id == account.id))

    def delete(self, account: CrmAccount) -> None:
        """Take an account and its trading accounts out of the CRM; its e-mail is free again. Platforms keep theirs.

        Raises `Declined`: others are below it.
        """
        with self._database.writing() as connection:
            self.delete_within(connection, account.id)

    def delete_within(self, connection: Connection, account_id: int) -> None:
        """As `delete`, within somebody's transaction."""
        now, row = self._database.now(), _uncount(connection, account_id)
        freed = f"deleted {row['uuid']}"
        gone = {"login": freed, "login_key": freed, "enabled": False}
        tree.check_no_structure(connection, account_id)
        tree.take_out(connection, account_id, now)
        connection.execute(update(clients).where(clients.c.id == account_id).values(gone))
        connection.execute(update(accounts).where(accounts.c.id == account_id).values(deleted_at=now, updated_at=now))
        owned = (trading_accounts.c.account_id == account_id) & (trading_accounts.c.deleted_at == 0)
        connection.execute(update(trading_accounts).where(owned).values(deleted_at=now, updated_at=now))
        emit(connection, account_id, "account_deleted", {}, now)
        self._tell(connection, account_id, "", now)


def hold_person(connection: Connection, account_id: int) -> RowMapping:
    """Hold the row of a person who is here until the transaction ends, and return it. Raises `NotFound`: he was deleted.

    Whatever begins for him or changes him asks this before anything else of his is written (decision 0042).
    """
    here = (accounts.c.id == account_id) & (accounts.c.deleted_at == 0)
    row = connection.execute(select(accounts).where(here).with_for_update(key_share=True)).mappings().first()
    if row is None:
        raise NotFound
    return row


def become_client(connection: Connection, account_id: int, now: Moment) -> None:
    """Make a client of a lead; a client stays one."""
    lead = (accounts.c.id == account_id) & (accounts.c.active_at == 0)
    if connection.execute(update(accounts).where(lead).values(active_at=now, updated_at=now)).rowcount:
        mine = select(accounts.c.organization_id).where(accounts.c.id == account_id, accounts.c.deleted_at == 0)
        organization_id = connection.execute(mine).scalar()
        if organization_id is not None:
            _count(connection, organization_id, 0, -1)
        tell(connection, account_id, TimelineEvent.BECAME_CLIENT, "", "", now)
        emit(connection, account_id, "lead_became_client", {}, now)


def _override(
    connection: Connection, account_id: int, wish: AccountWish, before: Verification, *, by: str, now: Moment, reason: str = ""
) -> None:
    """Keep who has set the verification by hand, if it was wished."""
    if isinstance(wish.verification, msgspec.UnsetType):
        return
    values = {"verified_until": 0, "override_by": by[:TEXT_LENGTH_MAX]}
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(values))
    note_step(connection, account_id, OVERRIDE, before=before, after=wish.verification, reason=reason, by=by, now=now)


def _count(connection: Connection, organization_id: int, more: int, leads: int) -> None:
    values = {"accounts": houses.c.accounts + more, "leads": houses.c.leads + leads}
    connection.execute(update(houses).where(houses.c.organization_id == organization_id).values(values))


def _uncount(connection: Connection, account_id: int) -> RowMapping:
    """Count an account out that goes, and return its row. Raises `NotFound`: it has gone already."""
    row = hold_person(connection, account_id)
    _count(connection, row["organization_id"], -1, 0 if row["active_at"] else -1)
    return row


def _counted(connection: Connection, organization_id: int) -> dict[AccountKind, int]:
    row = connection.execute(select(houses).where(houses.c.organization_id == organization_id)).first()
    total, leads = (0, 0) if row is None else (row.accounts, row.leads)
    return {AccountKind.ALL: total, AccountKind.LEAD: leads, AccountKind.CLIENT: total - leads}


def manager_number(connection: Connection, organization_id: int, person_uuid: str) -> int:
    """Return the number of a member who may look after accounts. Raises `Declined`."""
    working = (members.c.organization_id == organization_id) & (members.c.disabled_at == 0)
    query = select(people.c.id).select_from(people.join(members, members.c.person_id == people.c.id))
    found: int | None = connection.execute(query.where(working, people.c.uuid == person_uuid)).scalar()
    if found is None:
        raise Declined(Refusal.UNKNOWN_REFERENCE, "accountManagerUuid: nobody of this uuid works here")
    return found


def _found(connection: Connection, organization_id: int, text: str) -> Select[Any] | CompoundSelect[Any]:
    """Return the question for the numbers of accounts that have a text: in their record, manager's name or lead status."""
    found: list[Select[Any]] = [clients_with(connection, organization_id, text)]
    statuses = select(lead_statuses.c.id).where(
        lead_statuses.c.organization_id == organization_id, contains(lead_statuses.c.name, text)
    )
    managers = managers_with(organization_id, text)
    # Asked beforehand: that it is nobody's, which is usual, leaves the one walk that matters.
    for column, named in ((accounts.c.lead_status_id, statuses), (accounts.c.manager_id, managers)):
        if numbers := connection.execute(named).scalars().all():
            found.append(select(accounts.c.id).where(accounts.c.organization_id == organization_id, column.in_(numbers)))
    return union(*found) if len(found) > 1 else found[0]


def managers_with(organization_id: int, text: str) -> Select[Any]:
    """Return the question for the numbers of an organization's members in whose names a text is."""
    query = select(people.c.id).select_from(people.join(members, members.c.person_id == people.c.id))
    return query.where(members.c.organization_id == organization_id, contains(_manager_name, text))


def _mine(organization_id: int) -> ColumnElement[bool]:
    return (accounts.c.organization_id == organization_id) & (accounts.c.deleted_at == 0)


def _mailbox(email: str | msgspec.UnsetType) -> str:
    try:
        return mailbox_of("" if isinstance(email, msgspec.UnsetType) else email)
    except BadAddress as problem:
        raise Declined(Refusal.MALFORMED, f"email: {problem}") from None


def _kept_password(password: str) -> str:
    if not is_acceptable(password):
        raise Declined(Refusal.PASSWORD_UNFIT, "password: must have from 8 to 128 characters")
    return hashed(password)


def _beginning(connection: Connection, organization_id: int) -> dict[str, int]:
    """Return branch and role of an account that names none. Raises `Declined`: the organization has not set up its CRM."""
    found = {}
    for name, table, which in (("branch_id", branches, true()), ("role_id", roles, roles.c.name == USER)):
        query = select(table.c.id).where(table.c.organization_id == organization_id, which).order_by(table.c.id).limit(1)
        first = connection.execute(query).scalar()
        if first is None:
            raise Declined(Refusal.UNKNOWN_REFERENCE, "the organization has no branch yet")
        found[name] = first
    return found


def _references(connection: Connection, organization_id: int, wish: AccountWish) -> dict[str, int]:
    """Return the numbers of what a wish names by uuid. Raises `Declined`."""
    named = {
        "branch_id": (branches, wish.branch_uuid, "branchUuid"),
        "role_id": (roles, wish.role_uuid, "roleUuid"),
        "lead_status_id": (lead_statuses, wish.lead_status_uuid, "leadStatusUuid"),
    }
    found: dict[str, int] = {}
    for column, (table, wanted, field) in named.items():
        if isinstance(wanted, msgspec.UnsetType):
            continue
        try:
            found[column] = find_setting(connection, table, organization_id, table.c.uuid == wanted)["id"]
        except NotFound:
            raise Declined(Refusal.UNKNOWN_REFERENCE, f"{field}: there is none of this uuid") from None
    if not isinstance(wish.manager_uuid, msgspec.UnsetType):
        found["manager_id"] = manager_number(connection, organization_id, wish.manager_uuid)
    return found


def _values(wish: AccountWish) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is wanted of the client's row and of the account's. Raises `Declined`: a text is too long."""
    of_client = {column: getattr(wish, name) for name, column in _OF_CLIENT.items() if _is_told(wish, name)}
    of_account = {name: getattr(wish, name) for name in _PLAIN if _is_told(wish, name)} | dict(wish.profile)
    if not isinstance(wish.verification, msgspec.UnsetType):
        of_account["verification"] = wish.verification.value
    if not isinstance(wish.client_type, msgspec.UnsetType):
        of_account["client_type"] = wish.client_type.value
    for name, value in (*of_client.items(), *of_account.items()):
        if isinstance(value, str) and len(value) > TEXT_LENGTH_MAX:
            raise Declined(Refusal.MALFORMED, f"{name}: has more than {TEXT_LENGTH_MAX} characters")
    return of_client, of_account


def _is_told(wish: AccountWish, name: str) -> bool:
    return getattr(wish, name) is not msgspec.UNSET


def _names_in(wish: AccountWish) -> list[str]:
    """Return the names of the fields that are wanted: what the timeline tells of a change."""
    return [name for name in AccountWish.__struct_fields__ if name != "profile" and _is_told(wish, name)] + list(wish.profile)


def _account_from(row: RowMapping, now: Moment) -> CrmAccount:
    manager = (
        None if row["manager_uuid"] is None else Manager(row["manager_uuid"], row["manager_email"] or "", row["manager_name"])
    )
    same = {name: row[name] for name in CrmAccount.__struct_fields__ if name in row}
    verification = Verification(row["verification"])
    if verification == Verification.VERIFIED and 0 < row["verified_until"] <= now:
        verification = Verification.UNVERIFIED
    same |= {"verification": verification, "client_type": ClientType(row["client_type"])}
    return CrmAccount(**same, phone=row["mobile"], manager=manager, profile={name: row[name] for name in PROFILE})
