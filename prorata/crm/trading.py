"""Trading accounts: each is a person's, under one offer. Group, leverage, access and money are the trade platform's.

The CRM chooses the number of a trading account before it asks for it, out of its own range, so that asking twice does not
open two: a platform that says the number is taken, when it was asked for it before, has opened it.
"""

import uuid
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    RowMapping,
    Select,
    String,
    cast,
    delete,
    insert,
    select,
    union,
    update,
)

from prorata.access.callers import NotFound
from prorata.control.account_cards.cards import AccountCards, put_fields
from prorata.control.account_cards.tables import TEXT_LENGTH_MAX as CARD_TEXT_MAX
from prorata.control.client_words import clients_with
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice, contains
from prorata.control.tables import clients
from prorata.crm.accounts import CrmAccount, Verification, hold_person, managers_with
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.crossing import Afterwards, Crossing, Crossings, subject_of
from prorata.crm.events import emit
from prorata.crm.kyc.gate import check_may
from prorata.crm.kyc.levels import Right
from prorata.crm.listing import Listing
from prorata.crm.once import Once, forget, known, note
from prorata.crm.partners.plans import check_plan
from prorata.crm.partners.tree import check_not_paid_on
from prorata.crm.prop.borders import check_access
from prorata.crm.settings import Offer
from prorata.crm.tables import accounts, logins, offers, trading_accounts
from prorata.messages.commands import Access, BalanceKind, BookBalance, ChangeAccount, Command, OpenAccount
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.storage.database import insert_into
from prorata.units.numbers import Login, Moment

LOGIN_FIRST: Login = 20_000_001
"""Numbers from here on are the CRM's to give, on each platform."""
TABLE = "trading_accounts"


class Status(StrEnum):
    PENDING = "PENDING"
    """the trade platform has not answered yet"""
    ACTIVE = "ACTIVE"


class TradingAccount(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    uuid: str
    account_id: int
    account_uuid: str
    email: str
    organization_id: int
    offer_id: int
    offer_uuid: str
    platform_uuid: str
    login: Login
    commission_uuid: str
    status: Status
    created_at: Moment
    updated_at: Moment

    @property
    def subject(self) -> str:
        return subject_of(TABLE, self.id)


class TradingFilter(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is looked for in number, e-mail and names; `platforms` None: all; from `since` to before `until`."""

    text: str = ""
    platforms: frozenset[str] | None = None
    since: Moment | None = None
    until: Moment | None = None


_JOINED = (
    trading_accounts.join(accounts, accounts.c.id == trading_accounts.c.account_id)
    .join(clients, clients.c.id == accounts.c.id)
    .join(offers, offers.c.id == trading_accounts.c.offer_id)
)
_READ: Select[Any] = select(
    trading_accounts, accounts.c.uuid.label("account_uuid"), clients.c.email, offers.c.uuid.label("offer_uuid")
).select_from(_JOINED)
_OWNERS = select(accounts, clients.c.email, clients.c.first_name, clients.c.last_name, clients.c.mobile, clients.c.country)
_OWNERS = _OWNERS.select_from(accounts.join(clients, clients.c.id == accounts.c.id))
ORDERS: Mapping[str, ColumnElement[Any]] = {
    "created": trading_accounts.c.created_at,
    "updated": trading_accounts.c.updated_at,
    "login": trading_accounts.c.login,
    "email": clients.c.login_key,
}
_LISTING = Listing(
    table=trading_accounts, joined=_JOINED, read=_READ, orders=ORDERS, client=trading_accounts.c.account_id
)  # fmt: skip


class TradingAccounts:
    """Blocks on the database. `engine_of`: a platform's name for account cards. `by`: who does it, as the timeline shows it."""

    def __init__(self, database: Database, crossings: Crossings, cards: AccountCards, engine_of: Callable[[str], str]) -> None:
        self._database = database
        self._crossings = crossings
        self._cards = cards
        self._engine_of = engine_of
        crossings.effects["open"] = self._opened
        crossings.effects["first-deposit"] = _nothing_follows
        crossings.effects["offer"] = self._moved
        crossings.effects["change"] = _nothing_follows

    def find(self, organization_id: int, platform_uuid: str, login: Login) -> TradingAccount:
        """Raises `NotFound`."""
        at = (trading_accounts.c.platform_uuid == platform_uuid) & (trading_accounts.c.login == login)
        return self._one(at & (trading_accounts.c.organization_id == organization_id))

    def get(self, number: int) -> TradingAccount:
        """Return the trading account of a row. Raises `NotFound`."""
        return self._one(trading_accounts.c.id == number)

    def _one(self, which: ColumnElement[bool]) -> TradingAccount:
        with self._database.reading() as connection:
            row = connection.execute(_READ.where(trading_accounts.c.deleted_at == 0, which)).mappings().first()
        if row is None:
            raise NotFound
        return _from(row)

    def of_account(self, account_id: int) -> list[TradingAccount]:
        """Return a person's trading accounts, oldest first."""
        mine = (trading_accounts.c.account_id == account_id) & (trading_accounts.c.deleted_at == 0)
        with self._database.reading() as connection:
            rows = connection.execute(_READ.where(mine).order_by(trading_accounts.c.id)).mappings().all()
        return [_from(row) for row in rows]

    def of_logins(self, organization_id: int, platform_uuid: str, logins: Collection[Login]) -> list[TradingAccount]:
        """Return those of an organization's trading accounts on a platform that have these numbers, by number."""
        mine = (trading_accounts.c.organization_id == organization_id) & (trading_accounts.c.deleted_at == 0)
        here = (trading_accounts.c.platform_uuid == platform_uuid) & trading_accounts.c.login.in_(logins)
        with self._database.reading() as connection:
            rows = connection.execute(_READ.where(mine, here).order_by(trading_accounts.c.login)).mappings().all()
        return [_from(row) for row in rows]

    def search(self, organization_id: int, wanted: TradingFilter, part: Slice) -> tuple[list[TradingAccount], int]:
        """Return a part of the trading accounts, and how many there are. `part.field`: as in `ORDERS`."""
        own = [trading_accounts.c.deleted_at == 0]
        if wanted.platforms is not None:
            own.append(trading_accounts.c.platform_uuid.in_(sorted(wanted.platforms)))
        if wanted.since is not None:
            own.append(trading_accounts.c.created_at >= wanted.since)
        if wanted.until is not None:
            own.append(trading_accounts.c.created_at < wanted.until)
        with self._database.reading() as connection:
            found = _found(connection, organization_id, wanted.text) if wanted.text else None
            rows, total = _LISTING.part(connection, organization_id, own, (), part, found=found)
        return [_from(row) for row in rows], total

    # Changes. What they decide on is carried to the trade platform afterwards, see `crossing.Carrier`.

    def open(
        self, account: CrmAccount, offer: Offer, *, commission_uuid: str = "", by: str, once: Once | None = None
    ) -> TradingAccount:  # fmt: skip
        """Decide to open a trading account under an offer. `once`: asked for again, it is the same one. Raises `Declined`."""
        with self._database.writing() as connection:
            number = known(connection, account.organization_id, once)
            if number is None:
                number = self.open_within(connection, account, offer, "open", commission_uuid=commission_uuid, by=by)
                note(connection, account.organization_id, once, TABLE, number, self._database.now())
        return self.get(number)

    def open_within(
        self, connection: Connection, account: CrmAccount, offer: Offer, step: str, *, leverage: int = 0,
        commission_uuid: str = "", by: str,
    ) -> int:  # fmt: skip
        """As `open`, within somebody's transaction; return the row's number. `leverage`: 0 is the offer's.

        What follows is the step's: `is_opened` says whether it is done, then come `begin_with_money` and `write_card`.
        """
        hold_person(connection, account.id)
        check_open(offer, account.branch_id, account.verification)
        _check_may(connection, offer, account.id, self._database.now())
        number, command = self.insert(connection, account.id, offer, commission_uuid=commission_uuid, by=by)
        command = msgspec.structs.replace(command, leverage=leverage or command.leverage)
        subject = subject_of(TABLE, number)
        self._crossings.add(connection, account.organization_id, offer.platform_uuid, subject, step, command)
        return number

    def insert(
        self, connection: Connection, account_id: int, offer: Offer, *, commission_uuid: str = "", by: str
    ) -> tuple[int, OpenAccount]:
        """Write a trading account down; return its row's number, and the command of the step that opens it."""
        now = self._database.now()
        row: dict[str, Any] = {
            "uuid": str(uuid.uuid4()), "account_id": account_id, "organization_id": offer.organization_id,
            "offer_id": offer.id, "platform_uuid": offer.platform_uuid, "commission_uuid": commission_uuid,
            "login": _next_login(connection, offer.platform_uuid), "status": Status.PENDING.value, "created_at": now,
            "updated_at": now, "deleted_at": 0,
        }  # fmt: skip
        check_plan(connection, offer.organization_id, commission_uuid)
        made = connection.execute(insert(trading_accounts).values(row)).inserted_primary_key
        assert made is not None
        tell(connection, account_id, TimelineEvent.TRADING_ACCOUNT_OPENED, f"{row['login']} {offer.name}", by, now)
        return made[0], OpenAccount(offer.group_name, row["login"], offer.leverage, offer.demo)

    def move(
        self, trading_account: TradingAccount, offer: Offer, leverage: int, *, access: Access | None = None, by: str
    ) -> None:
        """Decide to put a trading account under another offer, which is fit for it, and may get another access with it.

        `leverage`: what it is to have there. Raises `Declined`: another change is under way.
        """
        with self._database.writing() as connection:
            self.move_within(connection, trading_account, offer, leverage, access=access, by=by)

    def move_within(
        self, connection: Connection, trading_account: TradingAccount, offer: Offer, leverage: int, *,
        access: Access | None = None, by: str,
    ) -> None:  # fmt: skip
        """As `move`, within somebody's transaction."""
        _check_may(connection, offer, trading_account.account_id, self._database.now())
        if access == Access.FULL:
            check_access(connection, trading_account.id)
        command = ChangeAccount(trading_account.login, offer.group_name, leverage, access)
        self._ask(connection, trading_account, "offer", command)
        wanted = {"next_offer_id": offer.id}
        connection.execute(update(trading_accounts).where(trading_accounts.c.id == trading_account.id).values(wanted))
        tell(
            connection, trading_account.account_id, TimelineEvent.OFFER_CHANGED,
            f"{trading_account.login} {offer.uuid}", by, self._database.now(),
        )  # fmt: skip

    def change(self, trading_account: TradingAccount, *, leverage: int | None = None, access: Access | None = None) -> None:
        """Decide on another leverage or access. Raises `Declined`."""
        with self._database.writing() as connection:
            self.change_within(connection, trading_account, leverage=leverage, access=access)

    def change_within(
        self, connection: Connection, trading_account: TradingAccount, *, leverage: int | None, access: Access | None
    ) -> None:
        """As `change`, within somebody's transaction."""
        if access == Access.FULL:
            check_access(connection, trading_account.id)
        self._ask(connection, trading_account, "change", ChangeAccount(trading_account.login, None, leverage, access))

    def set_commission(self, trading_account: TradingAccount, commission_uuid: str) -> None:
        """Have another commission plan, or with "" none of its own. Raises `Declined`."""
        values = {"commission_uuid": commission_uuid, "updated_at": self._database.now()}
        with self._database.writing() as connection:
            check_plan(connection, trading_account.organization_id, commission_uuid)
            connection.execute(update(trading_accounts).where(trading_accounts.c.id == trading_account.id).values(values))

    def write_cards(self, account_id: int) -> None:
        """Tell the platforms' account cards what the person's account says now."""
        with self._database.writing() as connection:
            tell_all = self.write_cards_within(connection, account_id)
        tell_all()

    def write_cards_within(self, connection: Connection, account_id: int) -> Afterwards:
        """As `write_cards`, within somebody's transaction; return what tells of it."""
        mine = (trading_accounts.c.account_id == account_id) & (trading_accounts.c.status == Status.ACTIVE.value)
        owner = connection.execute(_OWNERS.where(accounts.c.id == account_id)).mappings().one()
        found = connection.execute(select(trading_accounts).where(mine, trading_accounts.c.deleted_at == 0)).all()
        cards = [(self._engine_of(row.platform_uuid), row.login) for row in found]
        for engine, login in cards:
            put_fields(connection, engine, login, _card_of(owner))

        def tell_all() -> None:
            for engine, login in cards:
                self._cards.tell(engine, login)

        return tell_all

    def delete(self, platform_uuid: str, numbers: Collection[int]) -> None:
        """Take trading accounts out of the CRM; the trade platform keeps its own. Raises `Declined`: an IB is paid on one."""
        now = self._database.now()
        mine = trading_accounts.c.id.in_(numbers) & (trading_accounts.c.platform_uuid == platform_uuid)
        with self._database.writing() as connection:
            check_not_paid_on(connection, numbers)
            connection.execute(update(trading_accounts).where(mine).values(deleted_at=now, updated_at=now))

    def _ask(self, connection: Connection, trading_account: TradingAccount, step: str, command: Command) -> None:
        self._crossings.add(
            connection, trading_account.organization_id, trading_account.platform_uuid, trading_account.subject, step, command
        )

    # What follows from the platform's answers.

    def _opened(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> Afterwards | None:
        number = crossing.subject_id
        if not_opened(refused):
            forget(connection, crossing.organization_id, TABLE, number)
            self.forget(connection, number)
        elif self.is_opened(connection, crossing, number, refused):
            self.begin_with_money(connection, crossing)
            return self.write_card(connection, number)
        return None

    def forget(self, connection: Connection, number: int) -> None:
        """Take back a trading account that the platform refuses to open."""
        connection.execute(delete(trading_accounts).where(trading_accounts.c.id == number))

    def is_opened(self, connection: Connection, crossing: Crossing, number: int, refused: Refused | None) -> bool:
        """Take the answer to the step that opens a trading account, which is not a refusal; say whether that is done.

        It is not if the number was somebody else's before we ever asked for it: then the next one is asked for.
        """
        mine = trading_accounts.c.id == number
        if refused is None or crossing.tries > 1:
            now = self._database.now()
            active = {"status": Status.ACTIVE.value, "updated_at": now}
            connection.execute(update(trading_accounts).where(mine).values(active))
            owner_id = connection.execute(select(trading_accounts.c.account_id).where(mine)).scalar_one()
            emit(connection, owner_id, "trading_account_opened", _told(connection, number), now)
            return True
        assert isinstance(crossing.command, OpenAccount)
        login = _next_login(connection, crossing.platform_uuid)
        connection.execute(update(trading_accounts).where(mine).values(login=login))
        command = msgspec.structs.replace(crossing.command, login=login)
        self._crossings.add(
            connection, crossing.organization_id, crossing.platform_uuid, crossing.subject, crossing.step, command
        )  # fmt: skip
        return False

    def write_card(self, connection: Connection, number: int) -> Afterwards:
        """Write whose a new trading account is onto its card; return what tells of it."""
        row = connection.execute(select(trading_accounts).where(trading_accounts.c.id == number)).one()
        owner = connection.execute(_OWNERS.where(accounts.c.id == row.account_id)).mappings().one()
        engine = self._engine_of(row.platform_uuid)
        put_fields(connection, engine, row.login, _card_of(owner))
        return partial(self._cards.tell, engine, row.login)

    def begin_with_money(self, connection: Connection, crossing: Crossing) -> None:
        """Give a demo account what its offer says it begins with; the crossing is its last one."""
        joined = trading_accounts.join(offers, offers.c.id == trading_accounts.c.offer_id)
        query = select(trading_accounts.c.uuid, trading_accounts.c.login, offers.c.demo, offers.c.initial_deposit)
        row = connection.execute(query.select_from(joined).where(trading_accounts.c.id == crossing.subject_id)).one()
        if not row.demo or not row.initial_deposit:
            return
        external_id = f"crm {row.uuid} first-deposit"
        command = BookBalance(row.login, BalanceKind.DEPOSIT, row.initial_deposit, external_id, "Initial deposit")
        self._crossings.add(
            connection, crossing.organization_id, crossing.platform_uuid, crossing.subject, "first-deposit", command
        )  # fmt: skip

    def _moved(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        mine = trading_accounts.c.id == crossing.subject_id
        values: dict[str, Any] = {"next_offer_id": None, "updated_at": self._database.now()}
        if refused is None:
            values["offer_id"] = trading_accounts.c.next_offer_id
        connection.execute(update(trading_accounts).where(mine).values(values))
        if refused is None:
            owner_id = connection.execute(select(trading_accounts.c.account_id).where(mine)).scalar_one()
            told = _told(connection, crossing.subject_id)
            emit(connection, owner_id, "trading_account_moved", told, values["updated_at"])


def _found(connection: Connection, organization_id: int, text: str) -> CompoundSelect[Any]:
    """Return the question for the numbers of trading accounts that have a text: their own number, or their owner's record."""
    number, owner_id = trading_accounts.c.id, trading_accounts.c.account_id
    found = [select(number).where(owner_id.in_(clients_with(connection, organization_id, text)))]
    if text.isdigit():
        mine = trading_accounts.c.organization_id == organization_id
        found.append(select(number).where(mine, contains(cast(trading_accounts.c.login, String), text)))
    if managers := connection.execute(managers_with(organization_id, text)).scalars().all():
        looked_after = select(accounts.c.id).where(
            accounts.c.organization_id == organization_id, accounts.c.manager_id.in_(managers)
        )
        found.append(select(number).where(owner_id.in_(looked_after)))
    return union(*found)


def _check_may(connection: Connection, offer: Offer, account_id: int, now: Moment) -> None:
    """Raise `Declined` unless the person's level allows to trade under an offer that is for verified people."""
    if offer.verification_required and not offer.demo:
        check_may(connection, account_id, Right.TRADE, now)


def not_opened(refused: Refused | None) -> bool:
    """Say whether the platform refuses to open an account. "The number is taken" is no refusal: see above."""
    return refused is not None and refused.code != Refusal.ACCOUNT_EXISTS


def check_open(offer: Offer, branch_id: int, verification: Verification) -> None:
    """Raise `Declined` unless an account of this branch and standing may trade under the offer, which is its organization's."""
    if offer.branch_id != branch_id:
        raise Declined(Refusal.OFFER_UNFIT, "the offer is of another branch")
    if offer.hidden:
        raise Declined(Refusal.OFFER_UNFIT, "the offer is hidden: nobody opens an account under it")
    if verification == Verification.BLOCKED:
        raise Declined(Refusal.OFFER_UNFIT, "the account is blocked")
    if offer.verification_required and verification != Verification.VERIFIED:
        raise Declined(Refusal.OFFER_UNFIT, "the offer is for verified accounts")


def check_move(before: Offer, after: Offer, account: CrmAccount) -> None:
    """Raise `Declined` unless an account under one offer may be put under another."""
    check_open(after, account.branch_id, account.verification)
    if after.platform_uuid != before.platform_uuid:
        raise Declined(Refusal.OFFER_UNFIT, "the offer is of another trade platform")
    if after.currency != before.currency:
        raise Declined(Refusal.OFFER_UNFIT, "the offer has another currency")
    if after.demo != before.demo:
        raise Declined(Refusal.OFFER_UNFIT, "demo accounts stay demo, and real ones real")


def check_leverage(offer: Offer, leverage: int) -> None:
    """Raise `Declined` for a leverage above the offer's; whether the group has it, the trade platform says."""
    if leverage < 1 or (offer.leverage and leverage > offer.leverage):
        raise Declined(Refusal.LEVERAGE_OUT_OF_RANGE, f"leverage: must be from 1 to {offer.leverage or 'that of the group'}")


def _told(connection: Connection, number: int) -> dict[str, Any]:
    """Return what subscribers are told of a trading account."""
    row = connection.execute(_READ.where(trading_accounts.c.id == number)).mappings().one()
    return {
        "tradingAccount": {
            "uuid": row["uuid"], "login": str(row["login"]), "systemUuid": row["platform_uuid"],
            "offerUuid": row["offer_uuid"],
        }
    }  # fmt: skip


def _card_of(owner: RowMapping) -> dict[str, str]:
    """Return what an account card says of its owner."""
    same = ("first_name", "last_name", "email", "country", "city", "state", "address", "lead_source")
    name = f"{owner['first_name']} {owner['last_name']}".strip()
    values = {**{field: owner[field] for field in same}, "name": name, "phone": owner["mobile"], "zip_code": owner["post_code"]}
    return {field: value[:CARD_TEXT_MAX] for field, value in values.items()} | {"external_id": owner["uuid"]}


def _next_login(connection: Connection, platform_uuid: str) -> Login:
    """Take the next number of a platform."""
    mine = logins.c.platform_uuid == platform_uuid
    begin = insert_into(connection.dialect, logins)
    connection.execute(begin.values(platform_uuid=platform_uuid, next=LOGIN_FIRST).on_conflict_do_nothing())
    connection.execute(update(logins).where(mine).values(next=logins.c.next + 1))
    following: int = connection.execute(select(logins.c.next).where(mine)).scalar_one()
    return following - 1


def _nothing_follows(_connection: Connection, _crossing: Crossing, _refused: Refused | None) -> None:
    """The platform's state is all there is to it."""


def _from(row: RowMapping) -> TradingAccount:
    values = {name: row[name] for name in TradingAccount.__struct_fields__ if name != "status"}
    return TradingAccount(**values, status=Status(row["status"]))
