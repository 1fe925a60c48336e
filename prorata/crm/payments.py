"""Payments: deposits, withdrawals and credit, each a row whose status says how far it is, and at most one posting a step.

    deposit      NEW -> AWAITING_CONFIRMATION -> PROCESSING -> DONE
                 or REJECTED, CANCELLED_BY_USER before it is booked; FAILED if the trade platform refuses it
    withdrawal   NEW -> AWAITING_CONFIRMATION -> BOOKED -> PROCESSING_PAYMENT -> DONE
                 or FAILED if the account has not as much; and by PROCESSING, with the money back on the account,
                 REJECTED, CANCELLED_BY_USER, or FAILED_PAYMENT if it could not be paid out

The money of a withdrawal leaves the account when it is asked for, so that it can be neither traded away nor asked for twice
while people decide. A status is left by one who finds it as he expects it (`_step`): of two who decide at once, one does.
"""

import secrets
import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, String, cast, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice, contains
from prorata.control.tables import clients
from prorata.crm.accounts import CrmAccount, Verification, become_client, hold_person
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.bank_tables import OPEN_ENTRY, bank_entries
from prorata.crm.crossing import Crossing, Crossings, subject_of
from prorata.crm.events import emit
from prorata.crm.gateways import MANUAL, SANDBOX, Gateway
from prorata.crm.kyc.levels import Right
from prorata.crm.limits import check_limits
from prorata.crm.listing import Listing
from prorata.crm.once import Once, known, note
from prorata.crm.paid_in import check_payment
from prorata.crm.payment_tables import decisions, gateways, inquiries, payments
from prorata.crm.problems import Problems
from prorata.crm.prop.borders import check_ordinary
from prorata.crm.returned import PAYMENT_RETURN, comment_of_return
from prorata.crm.tables import TEXT_LENGTH_MAX, accounts, offers, trading_accounts
from prorata.crm.trading import Status as TradingStatus
from prorata.crm.trading import TradingAccount
from prorata.messages.commands import BalanceKind, BookBalance
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import DAY_MS, SECOND_MS, Login, Minor, Moment

TABLE = "payments"
UNEXPECTED = "unexpected-money"
"""the step of a problem: what a provider tells of a payment cannot follow; it may have money that could not be booked"""
AT_ONCE = 500
ASKED_AGAIN_AFTER_MS = 10 * SECOND_MS
"""A deposit that is younger is still being handed to its provider by whoever wrote it."""


class Kind(StrEnum):
    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    CREDIT_IN = "CREDIT_IN"
    CREDIT_OUT = "CREDIT_OUT"


class PaymentStatus(StrEnum):
    NEW = "NEW"
    """nothing has happened yet"""
    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    """people must agree, or the provider must have the money"""
    PROCESSING = "PROCESSING"
    """its command is on the way to the trade platform"""
    BOOKED = "BOOKED"
    """agreed: is to be paid out"""
    PROCESSING_PAYMENT = "PROCESSING_PAYMENT"
    """the provider pays it out"""
    DONE = "DONE"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    FAILED_PAYMENT = "FAILED_PAYMENT"
    CANCELLED_BY_USER = "CANCELLED_BY_USER"


S = PaymentStatus

_UNPAID = frozenset({S.REJECTED, S.FAILED, S.FAILED_PAYMENT, S.CANCELLED_BY_USER})
ENDED = _UNPAID | {S.DONE}


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """`amount`: what the person pays in, or what leaves his account; `net_amount`: without fees. Minor units."""

    id: int
    uuid: str
    organization_id: int
    account_id: int
    account_uuid: str
    email: str
    trading_account_id: int
    trading_account_uuid: str
    platform_uuid: str
    login: Login
    offer_uuid: str
    gateway_id: int | None
    gateway_uuid: str | None
    gateway_name: str | None
    provider: str | None
    kind: Kind
    status: PaymentStatus
    amount: Minor
    net_amount: Minor
    currency: str
    approvals: int
    needed: int
    comment: str
    remark: str
    reference: str
    wallet_address: str
    provider_id: str
    created_by: str
    created_at: Moment
    updated_at: Moment
    booked_at: Moment

    @property
    def subject(self) -> str:
        return subject_of(TABLE, self.id)


class PaymentFilter(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is looked for in e-mail, names, number, comment and reference; from `since` to before `until`."""

    kind: Kind | None = None
    status: PaymentStatus | None = None
    account_id: int | None = None
    text: str = ""
    platforms: frozenset[str] | None = None
    since: Moment | None = None
    until: Moment | None = None


_JOINED = (
    payments.join(accounts, accounts.c.id == payments.c.account_id)
    .join(clients, clients.c.id == accounts.c.id)
    .join(trading_accounts, trading_accounts.c.id == payments.c.trading_account_id)
    .join(offers, offers.c.id == trading_accounts.c.offer_id)
    .outerjoin(gateways, gateways.c.id == payments.c.gateway_id)
)
_READ: Select[Any] = select(
    payments, accounts.c.uuid.label("account_uuid"), clients.c.email, trading_accounts.c.uuid.label("trading_account_uuid"),
    trading_accounts.c.platform_uuid, trading_accounts.c.login, offers.c.uuid.label("offer_uuid"),
    gateways.c.uuid.label("gateway_uuid"), gateways.c.name.label("gateway_name"), gateways.c.provider,
).select_from(_JOINED)  # fmt: skip
ORDERS: Mapping[str, ColumnElement[Any]] = {
    "created": payments.c.created_at,
    "updated": payments.c.updated_at,
    "amount": payments.c.amount,
    "status": payments.c.status,
    "email": clients.c.login_key,
    "login": trading_accounts.c.login,
}
_SEARCHED = (
    clients.c.email, clients.c.first_name, clients.c.last_name, cast(trading_accounts.c.login, String), payments.c.comment,
    payments.c.reference,
)  # fmt: skip
_LISTING = Listing(table=payments, joined=_JOINED, read=_READ, orders=ORDERS, client=payments.c.account_id)
_REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_BOOKED_AS = {
    Kind.DEPOSIT: BalanceKind.DEPOSIT,
    Kind.WITHDRAWAL: BalanceKind.WITHDRAWAL,
    Kind.CREDIT_IN: BalanceKind.CREDIT_IN,
    Kind.CREDIT_OUT: BalanceKind.CREDIT_OUT,
}


class Payments:
    """Blocks on the database. `by`: who does it. What is decided is carried to the trade platform afterwards."""

    def __init__(self, database: Database, crossings: Crossings, problems: Problems) -> None:
        self._database = database
        self._crossings = crossings
        self._problems = problems
        problems.settled[PAYMENT_RETURN] = self._settled_by_hand
        problems.settled[UNEXPECTED] = _nothing_follows
        crossings.effects["deposit"] = self._deposited
        crossings.effects["withdraw"] = self._withdrawn
        crossings.effects[PAYMENT_RETURN] = self._returned
        crossings.effects["credit"] = self._credited

    def find(self, organization_id: int, payment_uuid: str) -> Payment:
        """Raises `NotFound`."""
        return self._one((payments.c.organization_id == organization_id) & (payments.c.uuid == payment_uuid))

    def get(self, number: int) -> Payment:
        """Return the payment of a row. Raises `NotFound`."""
        return self._one(payments.c.id == number)

    def of_gateway(self, gateway: Gateway, payment_uuid: str) -> Payment:
        """Return a payment that a provider's call names. Raises `NotFound`."""
        return self._one((payments.c.gateway_id == gateway.id) & (payments.c.uuid == payment_uuid))

    def _one(self, which: ColumnElement[bool]) -> Payment:
        with self._database.reading() as connection:
            row = connection.execute(_READ.where(which)).mappings().first()
        if row is None:
            raise NotFound
        return _from(row)

    def to_pay_out(self, after: int = 0) -> list[Payment]:
        """Return withdrawals that a provider is to pay out, oldest first, from behind a row on."""
        return self.at_providers(payments.c.status == S.BOOKED.value, after)

    def to_ask_for(self, after: int = 0) -> list[Payment]:
        """Return deposits that their provider was not asked for yet, as `to_pay_out`: whoever was to do it is gone."""
        waiting = (payments.c.status == S.AWAITING_CONFIRMATION.value) & (payments.c.kind == Kind.DEPOSIT.value)
        old = payments.c.created_at <= self._database.now() - ASKED_AGAIN_AFTER_MS
        return self.at_providers(waiting & (payments.c.provider_id == "") & old, after)

    def at_providers(self, waiting: ColumnElement[bool], after: int) -> list[Payment]:
        """Return payments of providers' gateways under a condition, oldest first, from behind a row on."""
        wanted = waiting & (gateways.c.provider != MANUAL) & (payments.c.id > after)
        with self._database.reading() as connection:
            rows = connection.execute(_READ.where(wanted).order_by(payments.c.id).limit(AT_ONCE)).mappings().all()
        return [_from(row) for row in rows]

    def search(self, organization_id: int, wanted: PaymentFilter, part: Slice) -> tuple[list[Payment], int]:
        """Return a part of the payments, and how many there are. `part.field`: as in `ORDERS`."""
        own = []
        if wanted.kind is not None:
            own.append(payments.c.kind == wanted.kind.value)
        if wanted.account_id is not None:
            own.append(payments.c.account_id == wanted.account_id)
        if wanted.status is not None:
            own.append(payments.c.status == wanted.status.value)
        if wanted.since is not None:
            own.append(payments.c.created_at >= wanted.since)
        if wanted.until is not None:
            own.append(payments.c.created_at < wanted.until)
        others = [or_(*(contains(column, wanted.text) for column in _SEARCHED))] if wanted.text else []
        if wanted.platforms is not None:
            others.append(trading_accounts.c.platform_uuid.in_(sorted(wanted.platforms)))
        with self._database.reading() as connection:
            rows, total = _LISTING.part(connection, organization_id, own, others, part)
        return [_from(row) for row in rows], total

    def is_known(self, organization_id: int, once: Once | None) -> bool:
        """Say whether the same call has made a payment before. Raises `Declined`: it asked for something else."""
        with self._database.reading() as connection:
            return known(connection, organization_id, once) is not None

    # Asked for.

    def deposit(
        self, owner: CrmAccount, found: TradingAccount, gateway: Gateway, amount: Minor, *, comment: str = "", by: str,
        himself: bool = False, once: Once | None = None,
    ) -> Payment:  # fmt: skip
        """Ask for a deposit. One of a provider's gateway waits until the provider has the money.

        `himself`: the account's owner asks; what people of the broker move then waits for them in any case. `once`: asked for
        so again, it is the same payment. Raises `Declined`: the gateway does not take it.
        """
        check_gateway(gateway, owner, amount, Kind.DEPOSIT)
        fee, needed = gateway.deposit_fee(amount), _needed(gateway, Kind.DEPOSIT, himself=himself)
        with self._database.writing() as connection:
            number = known(connection, found.organization_id, once)
            if number is not None:
                return self._read(connection, number)
            check_payment(connection, found.id, Right.DEPOSIT, amount, self._database.now())
            number = self._insert(
                connection, Kind.DEPOSIT, found, amount, amount - fee, gateway, needed=needed, comment=comment, by=by, once=once
            )
            if gateway.provider != MANUAL or needed:
                self._step(connection, number, (S.NEW,), S.AWAITING_CONFIRMATION)
            else:
                self._book_deposit(connection, number, S.NEW)
        return self.get(number)

    def withdraw(
        self, owner: CrmAccount, found: TradingAccount, gateway: Gateway, amount: Minor, *, comment: str = "", by: str,
        himself: bool = False, once: Once | None = None,
    ) -> Payment:  # fmt: skip
        """Ask for a withdrawal: the money leaves the account, and waits for those who must agree. `himself`: as of a deposit.

        Raises `Declined`.
        """
        check_gateway(gateway, owner, amount, Kind.WITHDRAWAL)
        fee, needed = gateway.withdrawal_fee(amount), _needed(gateway, Kind.WITHDRAWAL, himself=himself)
        with self._database.writing() as connection:
            number = known(connection, found.organization_id, once)
            if number is not None:
                return self._read(connection, number)
            check_payment(connection, found.id, Right.WITHDRAW, amount, self._database.now())
            number = self._insert(
                connection, Kind.WITHDRAWAL, found, amount, amount - fee, gateway, needed=needed, comment=comment, by=by,
                once=once,
            )  # fmt: skip
            self._book(connection, number, "withdraw", amount)
        return self.get(number)

    def give_credit(
        self, found: TradingAccount, currency: str, amount: Minor, *, out: bool, comment: str, by: str, once: Once | None = None
    ) -> Payment:
        """Give credit to a trading account, or take it back (`out`)."""
        kind = Kind.CREDIT_OUT if out else Kind.CREDIT_IN
        with self._database.writing() as connection:
            number = known(connection, found.organization_id, once)
            if number is not None:
                return self._read(connection, number)
            number = self._insert(
                connection, kind, found, amount, amount, None, comment=comment, by=by, currency=currency, once=once
            )  # fmt: skip
            self._book(connection, number, "credit", amount)
        return self.get(number)

    def _insert(
        self, connection: Connection, kind: Kind, found: TradingAccount, amount: Minor, net_amount: Minor,
        gateway: Gateway | None, *, needed: int = 0, comment: str, by: str, currency: str = "",
        once: Once | None,
    ) -> int:  # fmt: skip
        hold_person(connection, found.account_id)
        if found.status != TradingStatus.ACTIVE:
            raise Declined(Refusal.CHANGE_UNDER_WAY, "the trade platform has not opened the account yet")
        check_ordinary(connection, found.id)
        if gateway is not None and gateway.provider == SANDBOX and not _is_demo(connection, found.id):
            raise Declined(Refusal.PAYMENT_UNFIT, "the gateway moves no money: it is for demo accounts")
        now = self._database.now()
        if gateway is not None:
            check_limits(connection, gateway, found.account_id, kind.value, amount, now)
        row = {
            "uuid": str(uuid.uuid4()), "organization_id": found.organization_id, "account_id": found.account_id,
            "trading_account_id": found.id, "gateway_id": None if gateway is None else gateway.id, "kind": kind.value,
            "status": S.NEW.value, "ending": "", "amount": amount, "net_amount": net_amount,
            "currency": currency if gateway is None else gateway.currency, "approvals": 0,
            "needed": needed, "comment": comment, "remark": "", "wallet_address": "",
            "reference": _new_reference() if needed and gateway is not None and gateway.provider == MANUAL else "",
            "provider_id": "", "created_by": by, "created_at": now, "updated_at": now, "booked_at": 0,
        }  # fmt: skip
        made = connection.execute(insert(payments).values(row)).inserted_primary_key
        assert made is not None
        number: int = made[0]
        note(connection, found.organization_id, once, TABLE, number, now)
        self._emit(connection, number)
        return number

    def _read(self, connection: Connection, number: int) -> Payment:
        return _from(connection.execute(_READ.where(payments.c.id == number)).mappings().one())

    # Decided on.

    def decide(self, payment: Payment, *, agree: bool, reason: str = "", decided_by: str) -> Payment:
        """Agree to a payment or reject it. `decided_by`: a person's uuid; who asked for it does not agree to it.

        Raises `Declined`: it does not wait for that any more, or this person has decided already.
        """
        try:
            with self._database.writing() as connection:
                self.decide_within(connection, payment, agree=agree, reason=reason, decided_by=decided_by)
        except IntegrityError:
            raise Declined(Refusal.PAYMENT_ENDED, "this person has decided on it already") from None
        return self.get(payment.id)

    def decide_within(self, connection: Connection, payment: Payment, *, agree: bool, reason: str, decided_by: str) -> None:
        """As `decide`, within a transaction. Raises `IntegrityError`: this person has decided already."""
        if agree and not payment.needed:
            raise Declined(Refusal.PAYMENT_UNFIT, "the provider confirms it, and nobody else")
        if agree and payment.created_by == decided_by:
            raise Declined(Refusal.NOT_PERMITTED, "somebody else than who asked for it must agree")
        row = {
            "payment_id": payment.id, "decided_by": decided_by, "agreed": agree, "reason": reason[:TEXT_LENGTH_MAX],
            "created_at": self._database.now(),
        }  # fmt: skip
        # First the status: whoever comes second waits here, and then finds it changed.
        agreed = self._step(
            connection, payment.id, (S.AWAITING_CONFIRMATION,), S.AWAITING_CONFIRMATION, approvals=int(agree)
        )  # fmt: skip
        connection.execute(insert(decisions).values(row))
        if not agree:
            self._end(connection, payment, S.REJECTED, reason)
        elif agreed < payment.needed:
            pass
        elif payment.kind == Kind.DEPOSIT:
            self._book_deposit(connection, payment.id, S.AWAITING_CONFIRMATION)
        else:
            self._step(connection, payment.id, (S.AWAITING_CONFIRMATION,), S.BOOKED)

    def cancel(self, payment: Payment) -> Payment:
        """Take back what a person has asked for, while people decide. Raises `Declined`: it is too late."""
        with self._database.writing() as connection:
            self._step(connection, payment.id, (S.AWAITING_CONFIRMATION,), S.AWAITING_CONFIRMATION)
            self._end(connection, payment, S.CANCELLED_BY_USER, "")
        return self.get(payment.id)

    def came_in(self, payment: Payment, provider_id: str) -> Payment:
        """The provider has the money of a deposit, which is booked now; told again, nothing happens. Raises `Declined`."""
        if payment.kind == Kind.DEPOSIT and came_out(payment, paid=True):
            return payment
        with self._database.writing() as connection:
            self._book_deposit(connection, payment.id, S.AWAITING_CONFIRMATION, provider_id=provider_id)
        return self.get(payment.id)

    def is_too_old_to_ask_for(self, payment: Payment) -> bool:
        return payment.created_at < self._database.now() - DAY_MS

    def asked_for(self, payment: Payment, provider_id: str) -> None:
        """The provider has taken the order to let a deposit in; told again, nothing happens."""
        mine = (payments.c.id == payment.id) & (payments.c.provider_id == "")
        with self._database.writing() as connection:
            connection.execute(update(payments).where(mine).values(provider_id=provider_id))

    def told_too_late(self, payment: Payment, *, paid: bool) -> None:
        """What a provider tells cannot follow any more: people must look, unless they have settled just that already."""
        kind, told = payment.kind.lower(), "was paid" if paid else "was not paid"
        reason = f"the provider tells that a {kind} {told} that is {payment.status}"
        with self._database.writing() as connection:
            if not self._problems.was_settled(connection, _unexpected(payment), reason):
                self._note_unexpected(connection, payment, reason)

    def _note_unexpected(self, connection: Connection, payment: Payment, reason: str) -> None:
        self._problems.of_people(
            connection, payment.organization_id, payment.platform_uuid, _unexpected(payment), payment.uuid, UNEXPECTED, reason
        )  # fmt: skip

    def handed_over(self, payment: Payment, provider_id: str) -> None:
        """The provider has taken the order to pay out; told again, nothing happens."""
        with self._database.writing() as connection:
            mine = (payments.c.id == payment.id) & (payments.c.status == S.BOOKED.value)
            values = {"status": S.PROCESSING_PAYMENT.value, "provider_id": provider_id, "updated_at": self._database.now()}
            if connection.execute(update(payments).where(mine).values(values)).rowcount:
                # What it was asked in vain, it was asked before it had the order.
                connection.execute(delete(inquiries).where(inquiries.c.payment_id == payment.id))
                self._problems.over(connection, payment.subject)
                self._emit(connection, payment.id)

    def paid_out(self, payment: Payment, reference: str = "") -> Payment:
        """The money has left: by the provider, or by whoever made the transfer. Told again, nothing happens.

        Raises `Declined`: it was not to be paid out.
        """
        if payment.kind == Kind.WITHDRAWAL and came_out(payment, paid=True):
            return payment
        with self._database.writing() as connection:
            self.pay_out_within(connection, payment, reference)
        return self.get(payment.id)

    def pay_out_within(self, connection: Connection, payment: Payment, reference: str) -> None:
        """As `paid_out`, within a transaction, and once."""
        self._step(connection, payment.id, (S.BOOKED, S.PROCESSING_PAYMENT), S.DONE, reference=reference)
        self._tell(connection, payment, TimelineEvent.SUCCESSFUL_WITHDRAWAL)

    def failed(self, payment: Payment, reason: str) -> Payment:
        """The provider does not have the money, or could not pay it out. Told again, nothing happens. Raises `Declined`."""
        if came_out(payment, paid=False):
            return payment
        with self._database.writing() as connection:
            self._fail_within(connection, payment, reason)
        return self.get(payment.id)

    def _fail_within(self, connection: Connection, payment: Payment, reason: str) -> None:
        before = (S.AWAITING_CONFIRMATION,) if payment.kind == Kind.DEPOSIT else (S.BOOKED, S.PROCESSING_PAYMENT)
        self._step(connection, payment.id, before, before[0])
        self._end(connection, payment, S.FAILED if payment.kind == Kind.DEPOSIT else S.FAILED_PAYMENT, reason)

    def found_out(self, connection: Connection, number: int, note: str, paid: bool) -> None:
        """People have found out what a provider did not tell: as `came_in`, `paid_out` or `failed`. Raises `Declined`."""
        payment = self._read(connection, number)
        if not paid:
            self._fail_within(connection, payment, note)
        elif payment.kind == Kind.DEPOSIT:
            self._book_deposit(connection, number, S.AWAITING_CONFIRMATION)
        else:
            self.pay_out_within(connection, payment, note[:TEXT_LENGTH_MAX])

    def _book_deposit(self, connection: Connection, number: int, before: PaymentStatus, **more: Any) -> None:
        self._step(connection, number, (before,), S.PROCESSING, **more)
        net_amount = connection.execute(select(payments.c.net_amount).where(payments.c.id == number)).scalar_one()
        self._book(connection, number, "deposit", net_amount)

    def _end(self, connection: Connection, payment: Payment, ending: PaymentStatus, reason: str) -> None:
        """End a payment without success. The money of a withdrawal is out of the account, and goes back first."""
        remark = reason[:TEXT_LENGTH_MAX]
        if payment.kind == Kind.WITHDRAWAL:
            self._set(connection, payment.id, status=S.PROCESSING.value, ending=ending.value, remark=remark)
            self._book(connection, payment.id, PAYMENT_RETURN, payment.amount)
        else:
            self._set(connection, payment.id, status=ending.value, remark=remark)
            self._let_go_of_entry(connection, payment)
            self._tell(connection, payment, TimelineEvent.FAILED_DEPOSIT)

    def _let_go_of_entry(self, connection: Connection, payment: Payment) -> None:
        """What the bank has told of a deposit that has ended is somebody's money still: people must look again."""
        free = {"status": OPEN_ENTRY, "payment_id": None, "note": f"the deposit {payment.uuid} has ended"}
        connection.execute(update(bank_entries).where(bank_entries.c.payment_id == payment.id).values(free))

    def _step(
        self, connection: Connection, number: int, before: tuple[PaymentStatus, ...], after: PaymentStatus, *,
        approvals: int = 0, **more: Any,
    ) -> int:  # fmt: skip
        """Go on from one status to another; return how many have agreed. Raises `Declined`: the status is another by now."""
        mine = (payments.c.id == number) & payments.c.status.in_([status.value for status in before])
        values = {"status": after.value, "approvals": payments.c.approvals + approvals, "updated_at": self._database.now()}
        if not connection.execute(update(payments).where(mine).values(values | more)).rowcount:
            raise Declined(Refusal.PAYMENT_ENDED)
        self._problems.over(connection, subject_of(TABLE, number))  # nobody knew how it came out, and now it goes on
        if after not in before:
            self._emit(connection, number)
        agreed: int = connection.execute(select(payments.c.approvals).where(payments.c.id == number)).scalar_one()
        return agreed

    def _set(self, connection: Connection, number: int, **values: Any) -> None:
        values["updated_at"] = self._database.now()
        connection.execute(update(payments).where(payments.c.id == number).values(values))
        if "status" in values:
            self._emit(connection, number)

    def _emit(self, connection: Connection, number: int) -> None:
        """Tell subscribers what has become of a payment."""
        row = connection.execute(_READ.where(payments.c.id == number)).mappings().one()
        digits = CURRENCY_DIGITS[row["currency"]]
        told = {
            "payment": {
                "uuid": row["uuid"], "kind": row["kind"], "status": row["status"],
                "amount": format_decimal(row["amount"], digits), "netAmount": format_decimal(row["net_amount"], digits),
                "currency": row["currency"],
            },
            "tradingAccount": {"login": str(row["login"]), "systemUuid": row["platform_uuid"]},
        }  # fmt: skip
        emit(connection, row["account_id"], "payment_changed", told, self._database.now())

    def _book(self, connection: Connection, number: int, step: str, amount: Minor) -> None:
        """Ask the trade platform for the posting of a step: its external id is made of the row, so it is booked once."""
        row = connection.execute(_READ.where(payments.c.id == number)).mappings().one()
        kind, fee, comment = _BOOKED_AS[Kind(row["kind"])], row["amount"] - row["net_amount"], row["comment"]
        if step == PAYMENT_RETURN:
            kind, fee, comment = BalanceKind.DEPOSIT, -fee, comment_of_return(comment)
        command = BookBalance(row["login"], kind, amount, f"crm {row['uuid']} {step}", comment, fee)
        subject = subject_of(TABLE, number)
        self._crossings.add(connection, row["organization_id"], row["platform_uuid"], subject, step, command)

    def _tell(self, connection: Connection, payment: Payment, event: TimelineEvent) -> None:
        details = f"{payment.kind} {payment.uuid} {payment.amount} {payment.currency}"
        tell(connection, payment.account_id, event, details, payment.created_by, self._database.now())

    # What follows from the platform's answers.

    def _deposited(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        payment = self._settled(connection, crossing, refused)
        if refused is not None:
            self._tell(connection, payment, TimelineEvent.FAILED_DEPOSIT)
            self._let_go_of_entry(connection, payment)
            if payment.provider_id:
                self._note_unexpected(
                    connection, payment, f"the provider has the money, and the platform refused it: {refused.code.name}"
                )
            return
        now = self._database.now()
        self._set(connection, payment.id, status=S.DONE.value, booked_at=now)
        self._tell(connection, payment, TimelineEvent.SUCCESSFUL_DEPOSIT)
        if not _is_demo(connection, payment.trading_account_id):
            become_client(connection, payment.account_id, now)

    def _withdrawn(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        payment = self._settled(connection, crossing, refused)
        if refused is not None:
            self._tell(connection, payment, TimelineEvent.FAILED_WITHDRAWAL)
            return
        row = connection.execute(select(gateways).where(gateways.c.id == payment.gateway_id)).mappings().one()
        values: dict[str, Any] = {"booked_at": self._database.now()}
        if payment.needed:
            self._set(connection, payment.id, status=S.AWAITING_CONFIRMATION.value, **values)
            self._tell(connection, payment, TimelineEvent.WITHDRAWAL_TO_CONFIRM)
        elif row["provider"] != MANUAL:
            self._set(connection, payment.id, status=S.BOOKED.value, **values)
        else:
            # Nobody needs to agree: whoever booked it by hand has paid it by hand.
            self._set(connection, payment.id, status=S.DONE.value, **values)
            self._tell(connection, payment, TimelineEvent.SUCCESSFUL_WITHDRAWAL)

    def _returned(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        payment = self._settled(connection, crossing, None)
        if refused is not None:
            # It stays as it is: the money is neither here nor there until it is tried again, or people settle it.
            self._problems.of_step(
                connection, crossing, payment.uuid, f"the money could not go back: {refused.detail or refused.code.name}"
            )
            return
        self._problems.over(connection, crossing.subject)
        self._return_ended(connection, payment)

    def _return_ended(self, connection: Connection, payment: Payment, **more: Any) -> None:
        ending = connection.execute(select(payments.c.ending).where(payments.c.id == payment.id)).scalar_one()
        self._set(connection, payment.id, status=ending, **more)
        self._tell(connection, payment, TimelineEvent.FAILED_WITHDRAWAL)

    def _settled_by_hand(self, connection: Connection, number: int, note: str) -> None:
        """The money of a withdrawal that could not go back has gone where the note says."""
        payment = self._read(connection, number)
        self._return_ended(connection, payment, remark=note[:TEXT_LENGTH_MAX])

    def _credited(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        payment = self._settled(connection, crossing, refused)
        if refused is None:
            self._set(connection, payment.id, status=S.DONE.value, booked_at=self._database.now())

    def _settled(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> Payment:
        """Return the payment of a step; one that was refused has failed."""
        if refused is not None:
            self._set(connection, crossing.subject_id, status=S.FAILED.value, remark=refused.detail or refused.code.name)
        return self._read(connection, crossing.subject_id)


def came_out(payment: Payment, *, paid: bool) -> bool:
    """Say whether a payment has come out so, or is about to: its money has moved outside, or has not and will not."""
    if payment.kind == Kind.DEPOSIT:
        return payment.status in (S.PROCESSING, S.DONE) if paid else payment.status in _UNPAID
    return payment.status == S.DONE if paid else payment.status == S.PROCESSING or payment.status in _UNPAID


def _unexpected(payment: Payment) -> str:
    """Return the subject of what a provider tells too late: the payment itself may have a step that is to be tried again."""
    return subject_of(f"{TABLE} {UNEXPECTED}", payment.id)


def _nothing_follows(_connection: Connection, _number: int, _note: str) -> None:
    """What people have done about it is in their note."""


def _is_demo(connection: Connection, trading_account_id: int) -> bool:
    query = select(offers.c.demo).select_from(trading_accounts.join(offers, offers.c.id == trading_accounts.c.offer_id))
    demo: bool = connection.execute(query.where(trading_accounts.c.id == trading_account_id)).scalar_one()
    return demo


def _needed(gateway: Gateway, kind: Kind, *, himself: bool) -> int:
    """Return how many people must agree to a payment."""
    said = gateway.deposit_approvals if kind == Kind.DEPOSIT else gateway.withdrawal_approvals
    return max(said, 1) if himself and gateway.provider == MANUAL else said


def _new_reference() -> str:
    """Return a code by which a transfer at the bank is known: without letters and digits that look alike."""
    return "P" + "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(9))


def check_gateway(gateway: Gateway, owner: CrmAccount, amount: Minor, kind: Kind) -> None:
    """Raise `Declined` unless a gateway takes this payment of this person."""
    incoming = kind == Kind.DEPOSIT
    if not (gateway.deposits if incoming else gateway.withdrawals):
        raise Declined(Refusal.PAYMENT_UNFIT, f"the gateway has no {kind.lower()}s")
    if owner.branch_id not in gateway.branch_ids:
        raise Declined(Refusal.UNKNOWN_REFERENCE, "paymentGatewayUuid: the account's branch has no gateway of this uuid")
    if owner.verification == Verification.BLOCKED:
        raise Declined(Refusal.PAYMENT_UNFIT, "the account is blocked")
    if gateway.verification_required and owner.verification != Verification.VERIFIED:
        raise Declined(Refusal.PAYMENT_UNFIT, "the gateway is for verified accounts")
    least, most = (
        (gateway.deposit_min, gateway.deposit_max) if incoming else (gateway.withdrawal_min, gateway.withdrawal_max)
    )  # fmt: skip
    if amount < least or (most and amount > most):
        raise Declined(Refusal.PAYMENT_UNFIT, "amount: is outside the limits of the gateway")
    if (gateway.deposit_fee(amount) if incoming else gateway.withdrawal_fee(amount)) >= amount:
        raise Declined(Refusal.PAYMENT_UNFIT, "amount: the fee leaves nothing of it")


def _from(row: RowMapping) -> Payment:
    values = {name: row[name] for name in Payment.__struct_fields__ if name not in ("kind", "status")}
    return Payment(**values, kind=Kind(row["kind"]), status=PaymentStatus(row["status"]))
