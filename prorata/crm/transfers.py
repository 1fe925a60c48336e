"""Transfers: money moves between two trading accounts of one person, or between one of them and his wallet.

    LEAVING -> ARRIVING -> DONE
            -> FAILED              the source has not as much
               ARRIVING -> RETURNING -> RETURNED      the target does not take it

The money leaves first, and arrives after that: each is a posting of its own under an external id, so whatever is cut off where,
it arrives once, or is back where it was. Money of another currency is converted at the rate that was there when it was asked
for.
"""

import uuid
from collections.abc import Callable, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, insert, or_, select, update
from sqlalchemy.orm import aliased

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice, contains
from prorata.control.tables import clients, companies
from prorata.crm.accounts import CrmAccount, Verification, hold_person
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.crossing import Crossing, Crossings, Engines, Rate, subject_of
from prorata.crm.events import emit
from prorata.crm.kyc.gate import check_may
from prorata.crm.kyc.levels import Right
from prorata.crm.listing import Listing
from prorata.crm.once import Once, known, note
from prorata.crm.problems import Problems
from prorata.crm.prop.borders import check_ordinary
from prorata.crm.returned import TRANSFER_BACK
from prorata.crm.settings import Offer
from prorata.crm.tables import TEXT_LENGTH_MAX, accounts, trading_accounts
from prorata.crm.trading import Status as TradingStatus
from prorata.crm.trading import TradingAccount
from prorata.crm.transfer_tables import transfer_terms, transfers
from prorata.messages.commands import BalanceKind, BookBalance, Command
from prorata.messages.copy_commands import BookWallet, OpenWallet
from prorata.messages.copy_events import WalletKnown, WalletOpened
from prorata.messages.copy_terms import TransferType
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import PPM, Login, Minor, Moment
from prorata.units.rounding import div_floor

TABLE = "transfers"
MARKUP_MAX_PPM = 100_000
"""10 %"""
RATE_DIGITS = 12
"""decimal places that rates and remainders are shown with, rounded down"""


class TransferStatus(StrEnum):
    LEAVING = "LEAVING"
    ARRIVING = "ARRIVING"
    DONE = "DONE"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    FAILED = "FAILED"


T = TransferStatus


class Place(msgspec.Struct, frozen=True):
    """Where money comes from or goes to: a trading account under an offer, or the person's wallet (`account` None)."""

    platform_uuid: str
    currency: str
    account: TradingAccount | None = None
    demo: bool = False

    @classmethod
    def of(cls, account: TradingAccount, offer: Offer) -> "Place":
        return cls(account.platform_uuid, offer.currency, account, offer.demo)


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    """`arriving`: what is credited; `fee`: the house's markup; `remainder`: rounded off. All in the target's currency."""

    arriving: Minor
    fee: Minor
    rate: str
    remainder: str


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """As in `transfer_tables`. `source_login`, `target_login`: None for the wallet."""

    id: int
    uuid: str
    organization_id: int
    account_id: int
    account_uuid: str
    email: str
    source_id: int | None
    target_id: int | None
    source_platform: str
    target_platform: str
    source_login: Login | None
    target_login: Login | None
    wallet: int
    status: TransferStatus
    amount: Minor
    currency: str
    arriving: Minor
    fee: Minor
    arriving_currency: str
    rate: str
    markup_ppm: int
    remainder: str
    comment: str
    remark: str
    created_by: str
    created_at: Moment
    ended_at: Moment

    @property
    def subject(self) -> str:
        return subject_of(TABLE, self.id)

    @property
    def platforms(self) -> frozenset[str]:
        return frozenset({self.source_platform, self.target_platform})


class TransferFilter(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is looked for in e-mail and comment; `account_id`: of one person."""

    status: TransferStatus | None = None
    text: str = ""
    account_id: int | None = None
    platforms: frozenset[str] | None = None


_source, _target = aliased(trading_accounts, name="source"), aliased(trading_accounts, name="target")
_JOINED = (
    transfers.join(accounts, accounts.c.id == transfers.c.account_id)
    .join(clients, clients.c.id == accounts.c.id)
    .outerjoin(_source, _source.c.id == transfers.c.source_id)
    .outerjoin(_target, _target.c.id == transfers.c.target_id)
)
_READ: Select[Any] = select(
    transfers, accounts.c.uuid.label("account_uuid"), clients.c.email, _source.c.login.label("source_login"),
    _target.c.login.label("target_login"),
).select_from(_JOINED)  # fmt: skip
ORDERS: Mapping[str, ColumnElement[Any]] = {"created": transfers.c.created_at, "amount": transfers.c.amount}
_LISTING = Listing(table=transfers, joined=_JOINED, read=_READ, orders=ORDERS, client=transfers.c.account_id)


class Transfers:
    """Blocks on the database. `platform_of`: a trade platform's uuid by its engine's name, None if there is none."""

    def __init__(
        self, database: Database, crossings: Crossings, problems: Problems, platform_of: Callable[[str], str | None]
    ) -> None:
        self._database = database
        self._crossings = crossings
        self._problems = problems
        self._platform_of = platform_of
        crossings.effects["transfer-wallet"] = self._wallet_opened
        crossings.effects["transfer-out"] = self._left
        crossings.effects["transfer-in"] = self._arrived
        crossings.effects[TRANSFER_BACK] = self._returned
        problems.settled[TRANSFER_BACK] = self._settled_by_hand

    # What is there.

    def markup(self, organization_id: int) -> int:
        """Return what the house keeps of converted money, in ppm."""
        query = select(transfer_terms.c.markup_ppm).where(transfer_terms.c.organization_id == organization_id)
        with self._database.reading() as connection:
            return connection.execute(query).scalar() or 0

    def set_markup(self, organization_id: int, markup_ppm: int) -> None:
        """For transfers from now on. Raises `Declined`."""
        if not 0 <= markup_ppm <= MARKUP_MAX_PPM:
            raise Declined(Refusal.OUT_OF_RANGE, "markup: must be from 0 to 10 %")
        values = {"markup_ppm": markup_ppm, "updated_at": self._database.now()}
        mine = transfer_terms.c.organization_id == organization_id
        with self._database.writing() as connection:
            if not connection.execute(update(transfer_terms).where(mine).values(values)).rowcount:
                connection.execute(insert(transfer_terms).values(organization_id=organization_id, **values))

    def wallet_of(self, organization_id: int) -> Place:
        """Return where wallets of an organization's people are, and in which currency. Raises `Declined`: nowhere."""
        query = select(companies.c.platform, companies.c.currency).where(companies.c.id == organization_id)
        with self._database.reading() as connection:
            row = connection.execute(query).one()
        platform_uuid = self._platform_of(row.platform)
        if platform_uuid is None:
            raise Declined(Refusal.TRANSFER_UNFIT, "the organization has no trade platform where wallets are")
        return Place(platform_uuid, row.currency)

    def find(self, organization_id: int, transfer_uuid: str) -> Transfer:
        """Raises `NotFound`."""
        return self._one((transfers.c.organization_id == organization_id) & (transfers.c.uuid == transfer_uuid))

    def get(self, number: int) -> Transfer:
        """Return the transfer of a row. Raises `NotFound`."""
        return self._one(transfers.c.id == number)

    def _one(self, which: ColumnElement[bool]) -> Transfer:
        with self._database.reading() as connection:
            row = connection.execute(_READ.where(which)).mappings().first()
        if row is None:
            raise NotFound
        return _from(row)

    def search(self, organization_id: int, wanted: TransferFilter, part: Slice) -> tuple[list[Transfer], int]:
        """Return a part of the transfers, and how many there are. `part.field`: as in `ORDERS`."""
        own = []
        if wanted.status is not None:
            own.append(transfers.c.status == wanted.status.value)
        if wanted.account_id is not None:
            own.append(transfers.c.account_id == wanted.account_id)
        if wanted.platforms is not None:
            reached = sorted(wanted.platforms)
            own += [transfers.c.source_platform.in_(reached), transfers.c.target_platform.in_(reached)]
        searched = (clients.c.email, transfers.c.comment)
        others = [or_(*(contains(column, wanted.text) for column in searched))] if wanted.text else []
        with self._database.reading() as connection:
            rows, total = _LISTING.part(connection, organization_id, own, others, part)
        return [_from(row) for row in rows], total

    # Asked for.

    def ask(
        self, owner: CrmAccount, source: Place, target: Place, amount: Minor, rate: Rate | None, *, comment: str = "", by: str,
        once: Once | None = None,
    ) -> Transfer:  # fmt: skip
        """Ask for a transfer: the money leaves the source, and then arrives.

        `rate`: between the currencies, as the trade platform has it now; None if there is none. `once`: asked for so again, it
        is the same transfer. Raises `Declined`.
        """
        check_places(owner, source, target)
        markup_ppm = 0 if source.currency == target.currency else self.markup(owner.organization_id)
        converted = convert(amount, source.currency, target.currency, rate, markup_ppm)
        now = self._database.now()
        row = {
            "uuid": str(uuid.uuid4()), "organization_id": owner.organization_id, "account_id": owner.id,
            "source_id": source.account and source.account.id, "target_id": target.account and target.account.id,
            "source_platform": source.platform_uuid, "target_platform": target.platform_uuid, "wallet": 0,
            "status": T.LEAVING.value, "amount": amount, "currency": source.currency, "arriving_currency": target.currency,
            "markup_ppm": markup_ppm, **msgspec.structs.asdict(converted), "comment": comment, "remark": "",
            "created_by": by[:TEXT_LENGTH_MAX], "created_at": now, "updated_at": now, "ended_at": 0,
        }  # fmt: skip
        with self._database.writing() as connection:
            number = known(connection, owner.organization_id, once)
            if number is not None:
                return self._read(connection, number)
            hold_person(connection, owner.id)
            if not source.demo:
                check_may(connection, owner.id, Right.TRANSFER, now)
            for place in (source, target):
                if place.account is not None:
                    check_ordinary(connection, place.account.id)
            made = connection.execute(insert(transfers).values(row)).inserted_primary_key
            assert made is not None
            note(connection, owner.organization_id, once, TABLE, made[0], now)
            transfer = self._read(connection, made[0])
            self._emit(connection, transfer)
            if source.account is None or target.account is None:
                place = source if source.account is None else target
                command = OpenWallet(owner.id, owner.organization_id, place.currency)
                self._add(connection, transfer, place.platform_uuid, "transfer-wallet", command)
            else:
                self._leave(connection, transfer)
        return self.get(made[0])

    def _read(self, connection: Connection, number: int) -> Transfer:
        return _from(connection.execute(_READ.where(transfers.c.id == number)).mappings().one())

    def _add(self, connection: Connection, transfer: Transfer, platform_uuid: str, step: str, command: Command) -> None:
        self._crossings.add(connection, transfer.organization_id, platform_uuid, transfer.subject, step, command)

    def _leave(self, connection: Connection, transfer: Transfer) -> None:
        command = _taking(transfer, f"Transfer to {_name(transfer.target_login)}")
        self._add(connection, transfer, transfer.source_platform, "transfer-out", command)

    def _set(self, connection: Connection, transfer: Transfer, status: TransferStatus, **values: Any) -> None:
        now = self._database.now()
        ended = now if status in (T.DONE, T.RETURNED, T.FAILED) else 0
        mine = transfers.c.id == transfer.id
        connection.execute(
            update(transfers).where(mine).values(status=status.value, updated_at=now, ended_at=ended, **values)
        )  # fmt: skip
        self._emit(connection, msgspec.structs.replace(transfer, status=status))
        if ended:
            event = TimelineEvent.SUCCESSFUL_TRANSFER if status == T.DONE else TimelineEvent.FAILED_TRANSFER
            details = f"{transfer.uuid} {transfer.amount} {transfer.currency}"
            tell(connection, transfer.account_id, event, details, transfer.created_by, now)

    def _emit(self, connection: Connection, transfer: Transfer) -> None:
        """Tell subscribers what has become of a transfer."""
        before, after = CURRENCY_DIGITS[transfer.currency], CURRENCY_DIGITS[transfer.arriving_currency]
        told = {
            "uuid": transfer.uuid, "status": transfer.status, "amount": format_decimal(transfer.amount, before),
            "currency": transfer.currency, "arrivingAmount": format_decimal(transfer.arriving, after),
            "arrivingCurrency": transfer.arriving_currency, "fee": format_decimal(transfer.fee, after),
        }  # fmt: skip
        emit(connection, transfer.account_id, "transfer_changed", {"transfer": told}, self._database.now())

    # What follows from the platforms' answers.

    def _wallet_opened(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        transfer = self._read(connection, crossing.subject_id)
        if refused is not None:
            self._set(connection, transfer, T.FAILED, remark=_reason(refused))
            return
        first = crossing.answer[0]
        opened = first.first if isinstance(first, WalletKnown) else first
        assert isinstance(opened, WalletOpened)
        mine = transfers.c.id == transfer.id
        connection.execute(update(transfers).where(mine).values(wallet=opened.wallet))
        self._leave(connection, msgspec.structs.replace(transfer, wallet=opened.wallet))

    def _left(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        transfer = self._read(connection, crossing.subject_id)
        if refused is not None:
            self._set(connection, transfer, T.FAILED, remark=_reason(refused))
            return
        self._set(connection, transfer, T.ARRIVING)
        self._add(connection, transfer, transfer.target_platform, "transfer-in", _giving(transfer))

    def _arrived(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        transfer = self._read(connection, crossing.subject_id)
        if refused is None:
            self._set(connection, transfer, T.DONE)
            return
        self._set(connection, transfer, T.RETURNING, remark=_reason(refused))
        self._add(connection, transfer, transfer.source_platform, TRANSFER_BACK, _giving_back(transfer))

    def _returned(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        transfer = self._read(connection, crossing.subject_id)
        if refused is not None:
            self._problems.of_step(connection, crossing, transfer.uuid, f"the money could not go back: {_reason(refused)}")
            return
        self._problems.over(connection, crossing.subject)
        self._set(connection, transfer, T.RETURNED)

    def _settled_by_hand(self, connection: Connection, number: int, note: str) -> None:
        self._set(connection, self._read(connection, number), T.RETURNED, remark=note[:TEXT_LENGTH_MAX])


def rate_for(engines: Engines, source: Place, target: Place) -> Rate | None:
    """Return the rate between two places by the source's trade platform, else the target's; None if there is none."""
    if source.currency == target.currency:
        return None
    rates = (engines.rate(one.platform_uuid, source.currency, target.currency) for one in (source, target))
    return next((rate for rate in rates if rate is not None), None)


def check_places(owner: CrmAccount, source: Place, target: Place) -> None:
    """Raise `Declined` unless a person may move money from one place to the other; both are his."""
    for place in (source, target):
        if place.account is not None and place.account.account_id != owner.id:
            raise Declined(Refusal.TRANSFER_UNFIT, "both accounts must be of one person")
        if place.account is not None and place.account.status != TradingStatus.ACTIVE:
            raise Declined(Refusal.CHANGE_UNDER_WAY, "the trade platform has not opened the account yet")
    if source.account is None and target.account is None:
        raise Declined(Refusal.TRANSFER_UNFIT, "a person has one wallet")
    if source.account is not None and target.account is not None and source.account.id == target.account.id:
        raise Declined(Refusal.TRANSFER_UNFIT, "source and target are the same")
    if source.demo != target.demo:
        raise Declined(Refusal.TRANSFER_UNFIT, "money of demo accounts stays among them")
    if owner.verification == Verification.BLOCKED:
        raise Declined(Refusal.TRANSFER_UNFIT, "the account is blocked")


def convert(amount: Minor, source: str, target: str, rate: Rate | None, markup_ppm: int) -> Conversion:
    """Return what arrives of an amount, rounded down; what is rounded off stays with the house.

    100.00 USD at 1.10010 USD for a EUR, with a markup of 0.5 %: worth 90.900827 EUR, of which the markup leaves 90.446323. So
    90.44 arrive, 0.46 are the house's fee, and 0.000827 are rounded off.

    Raises `Declined`: there is no rate, or nothing would arrive.
    """
    if amount <= 0:
        raise Declined(Refusal.AMOUNT_NOT_POSITIVE)
    if source == target:
        return Conversion(arriving=amount, fee=0, rate="1", remainder="0")
    if rate is None:
        raise Declined(Refusal.NO_TRANSFER_RATE, f"from {source} to {target}")
    worth = Fraction(amount * rate.dividend, rate.divisor)
    whole = div_floor(worth.numerator, worth.denominator)
    kept = worth * Fraction(PPM - markup_ppm, PPM)
    arriving = div_floor(kept.numerator, kept.denominator)
    if arriving == 0:
        raise Declined(Refusal.TRANSFER_UNFIT, "amount: nothing would arrive of it")
    before, after = 10 ** CURRENCY_DIGITS[source], 10 ** CURRENCY_DIGITS[target]
    return Conversion(
        arriving=arriving, fee=whole - arriving, rate=_shown(Fraction(rate.dividend * before, rate.divisor * after)),
        remainder=_shown((worth - whole) / after),
    )  # fmt: skip


def _shown(value: Fraction) -> str:
    return format_decimal(div_floor(value.numerator * 10**RATE_DIGITS, value.denominator), RATE_DIGITS)


def _taking(transfer: Transfer, comment: str) -> Command:
    external_id = f"crm {transfer.uuid} transfer-out"
    if transfer.source_login is None:
        return BookWallet(transfer.wallet, TransferType.WITHDRAW, transfer.amount, external_id, comment)
    return BookBalance(transfer.source_login, BalanceKind.WITHDRAWAL, transfer.amount, external_id, comment)


def _giving(transfer: Transfer) -> Command:
    external_id, comment = f"crm {transfer.uuid} transfer-in", f"Transfer from {_name(transfer.source_login)}"
    if transfer.target_login is None:
        return BookWallet(
            transfer.wallet, TransferType.FUND, transfer.arriving, external_id, comment, fee=transfer.fee
        )  # fmt: skip
    return BookBalance(
        transfer.target_login, BalanceKind.DEPOSIT, transfer.arriving, external_id, comment, transfer.fee
    )  # fmt: skip


def _giving_back(transfer: Transfer) -> Command:
    external_id, comment = f"crm {transfer.uuid} {TRANSFER_BACK}", f"Transfer to {_name(transfer.target_login)} returned"
    if transfer.source_login is None:
        return BookWallet(transfer.wallet, TransferType.FUND, transfer.amount, external_id, comment)
    return BookBalance(transfer.source_login, BalanceKind.DEPOSIT, transfer.amount, external_id, comment)


def _name(login: Login | None) -> str:
    return "the wallet" if login is None else str(login)


def _reason(refused: Refused) -> str:
    return (refused.detail or refused.code.name)[:TEXT_LENGTH_MAX]


def _from(row: RowMapping) -> Transfer:
    values = {name: row[name] for name in Transfer.__struct_fields__ if name != "status"}
    return Transfer(**values, status=TransferStatus(row["status"]))
