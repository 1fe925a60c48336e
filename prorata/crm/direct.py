"""For programs that work with groups, and know neither offers nor gateways.

Every trading account of the CRM is under an offer all the same: of those that name the group, one that people are offered, else
the oldest; if there is none, one is made that nobody else sees. Each booking is a row of its own, so that it is booked once.
All that belongs to a new account is written down in one transaction, and follows when the trade platform has opened it:

    account, bookings, access written -> opened -> each booking sent; access set -> what its offer gives to a demo account
"""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import Accounts, AccountWish, CrmAccount, become_client, hold_person
from prorata.crm.crossing import Afterwards, Crossing, Crossings, subject_of
from prorata.crm.direct_tables import direct_accounts, direct_bookings, direct_openings
from prorata.crm.kyc.levels import Right
from prorata.crm.once import Once, forget, known, note
from prorata.crm.paid_in import check_payment
from prorata.crm.prop.borders import check_ordinary
from prorata.crm.settings import CrmSettings, NewOffer, Offer
from prorata.crm.tables import crossings, offers, trading_accounts
from prorata.crm.trading import TABLE as ACCOUNTS
from prorata.crm.trading import Status, TradingAccount, TradingAccounts, not_opened
from prorata.messages.commands import Access, BalanceKind, BookBalance, ChangeAccount
from prorata.messages.events import Refused
from prorata.messages.groups import GroupSpec
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Login, Minor, Moment

TABLE = "direct_bookings"
OPEN, ACCESS = "direct-open", "direct-access"
_RIGHTS = {BalanceKind.DEPOSIT: Right.DEPOSIT, BalanceKind.WITHDRAWAL: Right.WITHDRAW}
"""What a person's level must allow for a booking; credit is the house's own."""
EXTERNAL = "direct "
"""how the external ids of bookings begin; their uuid follows"""
AT_ONCE = 5_000
_NAMES = uuid.UUID("6f1f3a0e-3a5c-4a86-9c0a-0d8b6c1f2e57")
"""The root of uuids that are made of a program's own key."""


class Said(msgspec.Struct, frozen=True):
    """What such a program has said of a trading account; `changes`: how often it has changed it."""

    changes: int = 0
    pro_view: bool = False
    remarks: str = ""


class Owned(msgspec.Struct, frozen=True):
    """A trading account's row: its number, its uuid, whose it is, and when it was made."""

    id: int
    uuid: str
    account_id: int
    created_at: Moment


class NewBooking(msgspec.Struct, frozen=True, kw_only=True):
    """`amount`: in minor units, above 0. `key`: the same under the same key is booked once; "" is no key."""

    kind: BalanceKind
    amount: Minor
    additional_type: str
    comment: str
    key: str = ""


class NewDirectAccount(msgspec.Struct, frozen=True, kw_only=True):
    """`wish`: what is wanted of its owner; `bookings`: what it begins with."""

    wish: AccountWish
    leverage: int
    access: Access = Access.FULL
    pro_view: bool = False
    remarks: str = ""
    bookings: Sequence[NewBooking] = ()


class DirectChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is not told stays. `offer`: another one, under which `leverage` is told."""

    wish: AccountWish | None = None
    offer: Offer | None = None
    leverage: int | None = None
    access: Access | None = None
    pro_view: bool | None = None
    remarks: str | None = None


class Opening(msgspec.Struct, frozen=True):
    """A trading account's row, and the subjects of its steps: its own, then those that begin when it is open."""

    id: int
    subjects: Sequence[str]


class Direct:
    """Blocks on the database. `by`: who does it."""

    def __init__(
        self, database: Database, crossings: Crossings, settings: CrmSettings, accounts: Accounts, trading: TradingAccounts
    ) -> None:  # fmt: skip
        self._database = database
        self._crossings = crossings
        self._settings = settings
        self._accounts = accounts
        self._trading = trading
        crossings.effects["direct-booking"] = self._booked
        crossings.effects[OPEN] = self._opened
        crossings.effects[ACCESS] = self._access_set

    # Offers.

    def offer_for(self, account: CrmAccount, platform_uuid: str, group: GroupSpec, *, demo: bool) -> Offer:
        """Return the offer under which a person's accounts of a group are; it is made if there is none.

        A hidden one is returned as one that is not: it is hidden from people, and not from the house.
        """
        fit = [
            offer
            for offer in self._settings.offers(account.organization_id)
            if (offer.branch_id, offer.platform_uuid, offer.group_name, offer.demo)
            == (account.branch_id, platform_uuid, group.name, demo)
        ]
        if fit:
            return msgspec.structs.replace(min(fit, key=lambda offer: (offer.hidden, offer.id)), hidden=False)
        new = NewOffer(
            branch_id=account.branch_id, platform_uuid=platform_uuid, group_name=group.name, name=group.name,
            currency=group.currency, leverage=0, demo=demo, hidden=True,
            description="Made for a program that works with groups",
        )  # fmt: skip
        return msgspec.structs.replace(self._settings.add_offer(account.organization_id, new), hidden=False)

    # Trading accounts.

    def of_logins(self, organization_id: int, platform_uuid: str, logins: Collection[Login]) -> dict[Login, Owned]:
        """Return the trading accounts that the CRM knows, by their logins."""
        own = (trading_accounts.c.organization_id == organization_id) & (trading_accounts.c.deleted_at == 0)
        there = trading_accounts.c.platform_uuid == platform_uuid
        query = select(trading_accounts).where(own, there, trading_accounts.c.login.in_(sorted(logins)))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {row.login: Owned(row.id, row.uuid, row.account_id, row.created_at) for row in rows}

    def said(self, numbers: Collection[int]) -> dict[int, Said]:
        """Return what was said of trading accounts; nothing of those that are not in the answer."""
        query = select(direct_accounts).where(direct_accounts.c.id.in_(sorted(numbers)))
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return {row["id"]: Said(row["changes"], row["pro_view"], row["remarks"]) for row in rows}

    def change(self, found: TradingAccount, owner: CrmAccount, before: Said, new: DirectChange, *, by: str) -> None:
        """Decide on a change of a trading account; its step is of the account's subject.

        Raises `Declined`: it has been changed meanwhile, or another change is under way.
        """
        told: Afterwards | None = None
        with self._database.writing() as connection:
            hold_person(connection, owner.id)
            _say(connection, found.id, before, new)
            if new.wish is not None:
                self._accounts.change_within(connection, owner, new.wish, by=by)
                told = self._trading.write_cards_within(connection, owner.id)
            if new.offer is not None:
                assert new.leverage is not None
                self._trading.move_within(connection, found, new.offer, new.leverage, access=new.access, by=by)
            elif new.leverage is not None or new.access is not None:
                self._trading.change_within(connection, found, leverage=new.leverage, access=new.access)
        if told is not None:
            told()

    def open(
        self, account: CrmAccount, offer: Offer, new: NewDirectAccount, *, by: str, client_id: str, once: Once | None = None
    ) -> Opening:  # fmt: skip
        """Decide to open a trading account with all that belongs to it; of a repeated call, return what it has opened.

        `client_id`: whose bookings they are. Raises `Declined`.
        """
        with self._database.writing() as connection:
            before = known(connection, account.organization_id, once)
            if before is not None:
                return Opening(before, self._unanswered(connection, before))
            self._accounts.change_within(connection, account, new.wish, by=by)
            number = self._trading.open_within(connection, account, offer, OPEN, leverage=new.leverage, by=by)
            connection.execute(insert(direct_openings).values(id=number, access=new.access.value))
            if new.pro_view or new.remarks:
                values = {"changes": 1, "pro_view": new.pro_view, "remarks": new.remarks}
                connection.execute(insert(direct_accounts).values(id=number, **values))
            bookings = [
                self._write_booking(connection, number, str(uuid.uuid4()), booking, client_id) for booking in new.bookings
            ]  # fmt: skip
            note(connection, account.organization_id, once, ACCOUNTS, number, self._database.now())
        return Opening(number, [subject_of(ACCOUNTS, number), *(subject_of(TABLE, booking) for booking in bookings)])

    def _unanswered(self, connection: Connection, number: int) -> list[str]:
        """Return what of an account and its bookings the trade platform has not answered; all, until it is open."""
        found = connection.execute(_bookings_of(number)).scalars().all()
        subjects = [subject_of(ACCOUNTS, number), *(subject_of(TABLE, booking) for booking in found[-AT_ONCE:])]
        if connection.execute(select(direct_openings.c.id).where(direct_openings.c.id == number)).first() is not None:
            return subjects
        waits = (crossings.c.answered_at == 0) & crossings.c.subject.in_(subjects)
        waiting = set(connection.execute(select(crossings.c.subject).where(waits)).scalars())
        return [subject for subject in subjects if subject in waiting]

    def _opened(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> Afterwards | None:
        """All that belongs to the account follows. Of one that is being opened, no other bookings are there (see `book`)."""
        number = crossing.subject_id
        if not_opened(refused):
            forget(connection, crossing.organization_id, ACCOUNTS, number)
            connection.execute(delete(direct_bookings).where(direct_bookings.c.trading_account_id == number))
            for table in (direct_accounts, direct_openings):
                connection.execute(delete(table).where(table.c.id == number))
            self._trading.forget(connection, number)
        elif self._trading.is_opened(connection, crossing, number, refused):
            for booking in connection.execute(_bookings_of(number)).scalars().all():
                self._send_booking(connection, booking)
            self._set_access(connection, crossing)
            return self._trading.write_card(connection, number)
        return None

    def _set_access(self, connection: Connection, crossing: Crossing) -> None:
        """Give an account that was opened just now the access that it is to have. What its offer gives it comes after."""
        mine = direct_openings.c.id == crossing.subject_id
        access = Access(connection.execute(select(direct_openings.c.access).where(mine)).scalar_one())
        connection.execute(delete(direct_openings).where(mine))
        if access == Access.FULL:
            self._trading.begin_with_money(connection, crossing)
            return
        login = select(trading_accounts.c.login).where(trading_accounts.c.id == crossing.subject_id)
        command = ChangeAccount(connection.execute(login).scalar_one(), access=access)
        self._crossings.add(
            connection, crossing.organization_id, crossing.platform_uuid, crossing.subject, ACCESS, command
        )  # fmt: skip

    def _access_set(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        if refused is None:
            self._trading.begin_with_money(connection, crossing)

    # Money.

    def book(self, found: TradingAccount, new: NewBooking, *, by: str) -> str:
        """Decide on a booking; return the subject of its step.

        Raises `Declined`: the key was used for another one, or the account is not open yet, or one of prop trading.
        """
        name = str(uuid.uuid5(_NAMES, f"{by}\n{found.uuid}\n{new.key}")) if new.key else str(uuid.uuid4())
        with self._database.writing() as connection:
            same = connection.execute(select(direct_bookings).where(direct_bookings.c.uuid == name)).mappings().first()
            if same is not None:
                if any(same[field] != value for field, value in _booking_row(found.id, name, new, by).items()):
                    raise Declined(Refusal.KEY_REUSED)
                return subject_of(TABLE, same["id"])
            hold_person(connection, found.account_id)
            # Until the trade platform has opened the account, its number may be somebody else's there.
            opened = select(trading_accounts.c.status).where(trading_accounts.c.id == found.id)
            if connection.execute(opened).scalar_one() == Status.PENDING:
                raise Declined(Refusal.CHANGE_UNDER_WAY, "the trade platform has not opened the account yet")
            check_ordinary(connection, found.id)
            number = self._write_booking(connection, found.id, name, new, by)
            self._send_booking(connection, number)
        return subject_of(TABLE, number)

    def _write_booking(self, connection: Connection, trading_account_id: int, name: str, new: NewBooking, by: str) -> int:
        """Write a booking down; return its row's number. Raises `Declined`."""
        now = self._database.now()
        if new.kind in _RIGHTS:
            check_payment(connection, trading_account_id, _RIGHTS[new.kind], new.amount, now)
        row = _booking_row(trading_account_id, name, new, by) | {"created_at": now}
        try:
            made = connection.execute(insert(direct_bookings).values(row)).inserted_primary_key
        except IntegrityError:
            raise Declined(Refusal.CHANGE_UNDER_WAY, "the same is being booked at this moment") from None
        assert made is not None
        number: int = made[0]
        return number

    def _send_booking(self, connection: Connection, number: int) -> None:
        """Have a booking sent to the trade platform."""
        joined = direct_bookings.join(trading_accounts, trading_accounts.c.id == direct_bookings.c.trading_account_id)
        at = (trading_accounts.c.login, trading_accounts.c.organization_id, trading_accounts.c.platform_uuid)
        query = select(direct_bookings, *at).select_from(joined).where(direct_bookings.c.id == number)
        row = connection.execute(query).one()
        command = BookBalance(row.login, BalanceKind(row.kind), row.amount, f"{EXTERNAL}{row.uuid}", row.comment)
        self._crossings.add(
            connection, row.organization_id, row.platform_uuid, subject_of(TABLE, number), "direct-booking", command
        )  # fmt: skip

    def types_of(self, external_ids: Collection[str]) -> dict[str, str]:
        """Return the additional types of bookings by the external ids under which they were booked."""
        names = sorted(external_id.removeprefix(EXTERNAL) for external_id in external_ids)
        query = select(direct_bookings.c.uuid, direct_bookings.c.additional_type)
        found: dict[str, str] = {}
        with self._database.reading() as connection:
            for begin in range(0, len(names), AT_ONCE):
                rows = connection.execute(query.where(direct_bookings.c.uuid.in_(names[begin : begin + AT_ONCE]))).all()
                found |= {f"{EXTERNAL}{name}": additional_type for name, additional_type in rows}
        return found

    def _booked(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        """A lead whose first money has come in is a client; demo money makes nobody one."""
        assert isinstance(crossing.command, BookBalance)
        if refused is not None:  # What was refused uses no key.
            connection.execute(delete(direct_bookings).where(direct_bookings.c.id == crossing.subject_id))
            return
        if crossing.command.kind != BalanceKind.DEPOSIT:
            return
        joined = direct_bookings.join(trading_accounts, trading_accounts.c.id == direct_bookings.c.trading_account_id)
        joined = joined.join(offers, offers.c.id == trading_accounts.c.offer_id)
        query = select(trading_accounts.c.account_id).select_from(joined)
        owner = connection.execute(query.where(direct_bookings.c.id == crossing.subject_id, ~offers.c.demo)).scalar()
        if owner is not None:
            become_client(connection, owner, self._database.now())


def _say(connection: Connection, number: int, before: Said, new: DirectChange) -> None:
    """Note a change of a trading account, and what is said of it. Raises `Declined`: it has been changed meanwhile."""
    values: dict[str, Any] = {
        "changes": before.changes + 1, "pro_view": before.pro_view if new.pro_view is None else new.pro_view,
        "remarks": before.remarks if new.remarks is None else new.remarks,
    }  # fmt: skip
    mine = direct_accounts.c.id == number
    changes = connection.execute(select(direct_accounts.c.changes).where(mine).with_for_update()).scalar()
    if (changes or 0) != before.changes:
        raise Declined(Refusal.CHANGE_UNDER_WAY, "version: the trading account has been changed meanwhile")
    if changes is None:
        connection.execute(insert(direct_accounts).values(id=number, **values))
    else:
        connection.execute(update(direct_accounts).where(mine).values(values))


def _bookings_of(number: int) -> Select[Any]:
    """Return the question for the bookings of a trading account, oldest first."""
    mine = select(direct_bookings.c.id).where(direct_bookings.c.trading_account_id == number)
    return mine.order_by(direct_bookings.c.id)


def _booking_row(trading_account_id: int, name: str, new: NewBooking, by: str) -> dict[str, Any]:
    return {
        "uuid": name, "trading_account_id": trading_account_id, "kind": int(new.kind), "amount": new.amount,
        "additional_type": new.additional_type, "comment": new.comment, "created_by": by,
    }  # fmt: skip
