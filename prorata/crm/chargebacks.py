"""Chargebacks: the payer's bank takes back a deposit that was booked, whole or in part.

    AWAITING_CONFIRMATION -> PROCESSING -> DONE
                          -> REJECTED

The account loses what is charged back whatever it has, as a correction; the fee of the deposit stays with the house. What the
account did not have is written down as a claim on the person. The payment stays DONE.
"""

import uuid
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Index, RowMapping, Select, UniqueConstraint, func, insert, select, update
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.columns import code, flag, number, of, text, whole
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.tables import clients
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.crossing import Crossing, Crossings, subject_of
from prorata.crm.events import emit
from prorata.crm.gateways import Gateway
from prorata.crm.payment_tables import payments
from prorata.crm.payments import Kind, Payment, PaymentStatus
from prorata.crm.problems import Problems
from prorata.crm.tables import (
    CURRENCY_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    accounts,
    crm_table,
    outside_id,
    trading_accounts,
    within,
)
from prorata.messages.commands import BalanceKind, BookBalance
from prorata.messages.events import BalanceBooked, Refused, Repeated
from prorata.messages.refusals import Refusal
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Login, Minor, Moment

TABLE = "chargebacks"
LISTED_MAX = 500
_TOLD = sql("external_id <> ''")

chargebacks = crm_table(
    "chargebacks",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("payments", "payment_id"),
    text("external_id", TEXT_LENGTH_MAX),
    text("status", 32),
    whole("amount"),
    text("currency", CURRENCY_LENGTH_MAX),
    whole("claim"),
    whole("claim_settled_at"),
    text("claim_note", TEXT_LENGTH_MAX),
    code("approvals"),
    code("needed"),
    text("reason", TEXT_LENGTH_MAX),
    text("remark", TEXT_LENGTH_MAX),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    whole("updated_at"),
    whole("booked_at"),
    Index("ix_crm_chargebacks_payment", "payment_id"),
    Index("ix_crm_chargebacks_organization", "organization_id", "id"),
    Index("ux_crm_chargebacks_told", "payment_id", "external_id", unique=True, sqlite_where=_TOLD, postgresql_where=_TOLD),
)
"""`external_id`: what the provider calls it, "" if people have asked for it. `claim`: what the account did not have."""

chargeback_decisions = crm_table(
    "chargeback_decisions",
    number(),
    within("chargebacks", "chargeback_id"),
    text("decided_by", 64),
    flag("agreed"),
    text("reason", TEXT_LENGTH_MAX),
    whole("created_at"),
    UniqueConstraint("chargeback_id", "decided_by"),
)


class ChargebackStatus(StrEnum):
    AWAITING_CONFIRMATION = "AWAITING_CONFIRMATION"
    PROCESSING = "PROCESSING"
    DONE = "DONE"
    REJECTED = "REJECTED"


C = ChargebackStatus


class Chargeback(msgspec.Struct, frozen=True, kw_only=True):
    """As in the table. `claim`: minor units that the account did not have; 0 `claim_settled_at`: still owed."""

    id: int
    uuid: str
    organization_id: int
    payment_id: int
    payment_uuid: str
    account_id: int
    account_uuid: str
    email: str
    platform_uuid: str
    login: Login
    external_id: str
    status: ChargebackStatus
    amount: Minor
    currency: str
    claim: Minor
    claim_settled_at: Moment
    claim_note: str
    approvals: int
    needed: int
    reason: str
    remark: str
    created_by: str
    created_at: Moment
    booked_at: Moment

    @property
    def subject(self) -> str:
        return subject_of(TABLE, self.id)


_READ: Select[Any] = select(
    chargebacks, payments.c.uuid.label("payment_uuid"), payments.c.account_id, accounts.c.uuid.label("account_uuid"),
    clients.c.email, trading_accounts.c.platform_uuid, trading_accounts.c.login,
).select_from(
    chargebacks.join(payments, payments.c.id == chargebacks.c.payment_id)
    .join(accounts, accounts.c.id == payments.c.account_id)
    .join(clients, clients.c.id == accounts.c.id)
    .join(trading_accounts, trading_accounts.c.id == payments.c.trading_account_id)
)  # fmt: skip


class Chargebacks:
    """Blocks on the database. `by`: who does it: a person's uuid, or "provider"."""

    def __init__(self, database: Database, crossings: Crossings, problems: Problems) -> None:
        self._database = database
        self._crossings = crossings
        self._problems = problems
        crossings.effects["chargeback"] = self._booked
        problems.settled["chargeback"] = self._settled_by_hand

    def find(self, organization_id: int, chargeback_uuid: str) -> Chargeback:
        """Raises `NotFound`."""
        return self._one((chargebacks.c.organization_id == organization_id) & (chargebacks.c.uuid == chargeback_uuid))

    def get(self, number: int) -> Chargeback:
        """Return the chargeback of a row. Raises `NotFound`."""
        return self._one(chargebacks.c.id == number)

    def _one(self, which: ColumnElement[bool]) -> Chargeback:
        with self._database.reading() as connection:
            row = connection.execute(_READ.where(which)).mappings().first()
        if row is None:
            raise NotFound
        return _from(row)

    def all(self, organization_id: int, *, owed: bool = False) -> list[Chargeback]:
        """Return the newest chargebacks; `owed`: those alone whose claim is not settled."""
        query = _READ.where(chargebacks.c.organization_id == organization_id)
        if owed:
            query = query.where(chargebacks.c.claim > 0, chargebacks.c.claim_settled_at == 0)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(chargebacks.c.id.desc()).limit(LISTED_MAX)).mappings().all()
        return [_from(row) for row in rows]

    # Asked for and decided on.

    def ask(
        self, payment: Payment, gateway: Gateway, amount: Minor, *, reason: str = "", external_id: str = "", by: str
    ) -> Chargeback:
        """Charge back a deposit: at once, or when as many people agree as to the gateway's withdrawals.

        Of a provider, the same `external_id` again is the same chargeback. Raises `Declined`.
        """
        known = self._told_before(payment, external_id) if external_id else None
        if known is not None:
            return self._same(known, amount)
        needed, now = gateway.withdrawal_approvals, self._database.now()
        row = {
            "uuid": str(uuid.uuid4()), "organization_id": payment.organization_id, "payment_id": payment.id,
            "external_id": external_id, "status": C.AWAITING_CONFIRMATION.value, "amount": amount, "currency": payment.currency,
            "claim": 0, "claim_settled_at": 0, "claim_note": "", "approvals": 0, "needed": needed,
            "reason": reason[:TEXT_LENGTH_MAX], "remark": "", "created_by": by[:TEXT_LENGTH_MAX], "created_at": now,
            "updated_at": now, "booked_at": 0,
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                _check(connection, payment, amount)
                made = connection.execute(insert(chargebacks).values(row)).inserted_primary_key
                assert made is not None
                self._emit(connection, made[0])
                if not needed:
                    self._book(connection, self._read(connection, made[0]))
        except IntegrityError:
            known = self._told_before(payment, external_id)
            if known is None:
                raise
            return self._same(known, amount)  # it was told twice at once
        return self.get(made[0])

    def _told_before(self, payment: Payment, external_id: str) -> Chargeback | None:
        try:
            return self._one((chargebacks.c.payment_id == payment.id) & (chargebacks.c.external_id == external_id))
        except NotFound:
            return None

    def _same(self, known: Chargeback, amount: Minor) -> Chargeback:
        if known.amount != amount:
            raise Declined(Refusal.CHARGEBACK_UNFIT, "the same chargeback was told with another amount")
        return known

    def decide(self, chargeback: Chargeback, *, agree: bool, reason: str = "", decided_by: str) -> Chargeback:
        """Agree to a chargeback or reject it. Who asked for it does not agree, and nobody decides twice. Raises `Declined`."""
        if agree and chargeback.created_by == decided_by:
            raise Declined(Refusal.NOT_PERMITTED, "somebody else than who asked for it must agree")
        row = {
            "chargeback_id": chargeback.id, "decided_by": decided_by, "agreed": agree, "reason": reason[:TEXT_LENGTH_MAX],
            "created_at": self._database.now(),
        }  # fmt: skip
        waiting = (chargebacks.c.id == chargeback.id) & (chargebacks.c.status == C.AWAITING_CONFIRMATION.value)
        try:
            with self._database.writing() as connection:
                counted = {"approvals": chargebacks.c.approvals + int(agree), "updated_at": self._database.now()}
                if not connection.execute(update(chargebacks).where(waiting).values(counted)).rowcount:
                    raise Declined(Refusal.PAYMENT_ENDED)
                connection.execute(insert(chargeback_decisions).values(row))
                found = self._read(connection, chargeback.id)
                if not agree:
                    self._set(connection, found, status=C.REJECTED.value, remark=reason[:TEXT_LENGTH_MAX])
                elif found.approvals >= found.needed:
                    self._book(connection, found)
        except IntegrityError:
            raise Declined(Refusal.PAYMENT_ENDED, "this person has decided on it already") from None
        return self.get(chargeback.id)

    def settle_claim(self, chargeback: Chargeback, note: str) -> Chargeback:
        """What was owed has been paid, or is given up, as the note says. Raises `Declined`: nothing is owed."""
        owed = (chargebacks.c.id == chargeback.id) & (chargebacks.c.claim > 0) & (chargebacks.c.claim_settled_at == 0)
        values = {"claim_settled_at": self._database.now(), "claim_note": note[:TEXT_LENGTH_MAX]}
        with self._database.writing() as connection:
            if not connection.execute(update(chargebacks).where(owed).values(values)).rowcount:
                raise Declined(Refusal.PROBLEM_SETTLED, "nothing is owed")
        return self.get(chargeback.id)

    def _read(self, connection: Connection, number: int) -> Chargeback:
        return _from(connection.execute(_READ.where(chargebacks.c.id == number)).mappings().one())

    def _set(self, connection: Connection, chargeback: Chargeback, **values: Any) -> None:
        values["updated_at"] = self._database.now()
        connection.execute(update(chargebacks).where(chargebacks.c.id == chargeback.id).values(values))
        self._emit(connection, chargeback.id)

    def _emit(self, connection: Connection, number: int) -> None:
        """Tell subscribers what has become of a chargeback."""
        found = self._read(connection, number)
        digits = CURRENCY_DIGITS[found.currency]
        told = {
            "uuid": found.uuid, "status": found.status, "amount": format_decimal(found.amount, digits),
            "currency": found.currency, "claim": format_decimal(found.claim, digits),
        }  # fmt: skip
        data = {"chargeback": told, "payment": {"uuid": found.payment_uuid}}
        emit(connection, found.account_id, "chargeback_changed", data, self._database.now())

    def _book(self, connection: Connection, chargeback: Chargeback) -> None:
        self._set(connection, chargeback, status=C.PROCESSING.value)
        command = BookBalance(
            chargeback.login, BalanceKind.CORRECTION, -chargeback.amount, f"crm {chargeback.uuid} chargeback",
            f"Chargeback of {chargeback.payment_uuid}",
        )  # fmt: skip
        self._crossings.add(
            connection, chargeback.organization_id, chargeback.platform_uuid, chargeback.subject, "chargeback", command
        )

    # What follows from the platform's answer.

    def _booked(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        chargeback = self._read(connection, crossing.subject_id)
        if refused is not None:
            reason = f"it could not be taken from the account: {refused.detail or refused.code.name}"
            self._problems.of_step(connection, crossing, chargeback.uuid, reason)
            return
        self._problems.over(connection, crossing.subject)
        first = crossing.answer[0]
        booked = first.first if isinstance(first, Repeated) else first
        assert isinstance(booked, BalanceBooked)
        # What is below zero now and was taken by this one; the account may have been below zero before.
        self._end(connection, chargeback, min(chargeback.amount, max(0, -booked.balance)))

    def _settled_by_hand(self, connection: Connection, number: int, note: str) -> None:
        """Nothing was taken from the account: all of it is owed."""
        chargeback = self._read(connection, number)
        self._end(connection, chargeback, chargeback.amount, remark=note[:TEXT_LENGTH_MAX])

    def _end(self, connection: Connection, chargeback: Chargeback, claim: Minor, **more: Any) -> None:
        now = self._database.now()
        self._set(connection, chargeback, status=C.DONE.value, claim=claim, booked_at=now, **more)
        details = f"{chargeback.payment_uuid} {chargeback.amount} {chargeback.currency}"
        tell(connection, chargeback.account_id, TimelineEvent.CHARGEBACK, details, chargeback.created_by, now)


def _check(connection: Connection, payment: Payment, amount: Minor) -> None:
    """Lock the payment and raise `Declined` unless so much of it can be charged back."""
    booked = (payments.c.id == payment.id) & (payments.c.kind == Kind.DEPOSIT.value)
    booked &= payments.c.status == PaymentStatus.DONE.value
    if not connection.execute(update(payments).where(booked).values(updated_at=payments.c.updated_at)).rowcount:
        raise Declined(Refusal.CHARGEBACK_UNFIT, "only a deposit that was booked is charged back")
    if amount <= 0:
        raise Declined(Refusal.AMOUNT_NOT_POSITIVE)
    counted = (chargebacks.c.payment_id == payment.id) & (chargebacks.c.status != C.REJECTED.value)
    before = connection.execute(select(func.coalesce(func.sum(chargebacks.c.amount), 0)).where(counted)).scalar_one()
    if before + amount > payment.amount:
        raise Declined(Refusal.CHARGEBACK_UNFIT, "amount: more than is left of the deposit")


def _from(row: RowMapping) -> Chargeback:
    values = {name: row[name] for name in Chargeback.__struct_fields__ if name != "status"}
    return Chargeback(**values, status=ChargebackStatus(row["status"]))
