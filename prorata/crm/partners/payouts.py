"""Payouts: what an IB has earned and was not paid, gathered for each trading account that he is paid on, agreed to and booked.

    AWAITING_APPROVAL -> BOOKING -> DONE
    or REJECTED by people, or FAILED if the trade platform refuses it: what was in it is unpaid again

A payout is a booking out of the commissions that the house has taken, under an external id that is made of its uuid. A period
ends at midnight UTC: each day, each Sunday, or with the month.
"""

import uuid
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.tables import clients
from prorata.crm.crossing import Crossing, Crossings, subject_of
from prorata.crm.following import Heard
from prorata.crm.partners.tables import accruals, bookings, decisions, houses, payouts
from prorata.crm.partners.tree import take_turns
from prorata.crm.tables import TEXT_LENGTH_MAX, accounts, trading_accounts
from prorata.messages.commands import BalanceKind, BookBalance
from prorata.messages.events import BalanceBooked, Refused
from prorata.messages.refusals import Refusal
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import DAY_MS, MONEY_MAX, Login, Minor, Moment
from prorata.units.rounding import div_floor

TABLE = "partner_payouts"
STEP = "agent-commission"
COMMENT = "IB commission"
APPROVALS_MAX = 5
_PREFIX = "crm "
_EPOCH = date(1970, 1, 1).toordinal()


class PayoutPeriod(StrEnum):
    BY_HAND = "BY_HAND"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


class PayoutStatus(StrEnum):
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    BOOKING = "BOOKING"
    """its command is on the way to the trade platform"""
    DONE = "DONE"
    REJECTED = "REJECTED"
    FAILED = "FAILED"


S = PayoutStatus


class PayoutTerms(msgspec.Struct, frozen=True, kw_only=True):
    """`approvals`: how many people must agree to a payout. `minimums`: minor units by currency; less is carried over.

    `link`: the page on which people register, for referral links; "" for none.
    """

    period: PayoutPeriod = PayoutPeriod.BY_HAND
    approvals: int = 1
    minimums: Mapping[str, Minor] = {}
    link: str = ""


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    """`until`: accruals from before it are in it; those of a payout that was refused are unpaid again."""

    id: int
    uuid: str
    organization_id: int
    account_id: int
    account_uuid: str
    email: str
    paid_on_uuid: str
    platform_uuid: str
    login: Login
    amount: Minor
    currency: str
    status: PayoutStatus
    until: Moment
    approvals: int
    needed: int
    reason: str
    created_by: str
    created_at: Moment
    updated_at: Moment
    booked_at: Moment

    @property
    def subject(self) -> str:
        return subject_of(TABLE, self.id)


_JOINED = (
    payouts.join(accounts, accounts.c.id == payouts.c.account_id)
    .join(clients, clients.c.id == accounts.c.id)
    .join(trading_accounts, trading_accounts.c.id == payouts.c.paid_on_id)
)
_READ: Select[Any] = select(
    payouts, accounts.c.uuid.label("account_uuid"), clients.c.email, trading_accounts.c.uuid.label("paid_on_uuid"),
    trading_accounts.c.platform_uuid, trading_accounts.c.login,
).select_from(_JOINED)  # fmt: skip


class Payouts:
    """Blocks on the database. `by`: who does it. What is decided is carried to the trade platform afterwards."""

    def __init__(self, database: Database, crossings: Crossings) -> None:
        self._database = database
        self._crossings = crossings
        crossings.effects[STEP] = self._booked

    # Terms.

    def terms(self, organization_id: int) -> PayoutTerms:
        with self._database.reading() as connection:
            return _terms_of(connection, organization_id)

    def set_terms(self, organization_id: int, terms: PayoutTerms) -> PayoutTerms:
        """Let other terms hold; the period that runs is the first that ends under them. Raises `Declined`."""
        _check_terms(terms)
        now = self._database.now()
        values = {
            "period": terms.period.value, "approvals": terms.approvals, "link": terms.link, "updated_at": now,
            "minimums": msgspec.json.encode(dict(terms.minimums)).decode(), "gathered_until": period_end(terms.period, now),
        }  # fmt: skip
        mine = houses.c.organization_id == organization_id
        with self._database.writing() as connection:
            if not connection.execute(update(houses).where(mine).values(values)).rowcount:
                connection.execute(insert(houses).values(organization_id=organization_id, **values))
        return terms

    # Looking.

    def find(self, organization_id: int, payout_uuid: str) -> Payout:
        """Raises `NotFound`."""
        return self._one((payouts.c.organization_id == organization_id) & (payouts.c.uuid == payout_uuid))

    def get(self, number: int) -> Payout:
        """Return the payout of a row. Raises `NotFound`."""
        return self._one(payouts.c.id == number)

    def _one(self, which: ColumnElement[bool]) -> Payout:
        with self._database.reading() as connection:
            row = connection.execute(_READ.where(which)).mappings().first()
        if row is None:
            raise NotFound
        return _from(row)

    def newest(
        self, organization_id: int, *, status: PayoutStatus | None = None, account_id: int | None = None, limit: int = 500
    ) -> list[Payout]:
        """Return payouts, newest first."""
        query = _READ.where(payouts.c.organization_id == organization_id)
        if status is not None:
            query = query.where(payouts.c.status == status.value)
        if account_id is not None:
            query = query.where(payouts.c.account_id == account_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(payouts.c.id.desc()).limit(limit)).mappings().all()
        return [_from(row) for row in rows]

    # Gathering.

    def gather_due(self) -> list[Payout]:
        """Make the payouts of all periods that have ended and of which none were made yet."""
        now = self._database.now()
        with self._database.reading() as connection:
            query = select(houses).where(houses.c.period != PayoutPeriod.BY_HAND.value)
            kept = connection.execute(query).mappings().all()
        made: list[Payout] = []
        for house in kept:
            end = period_end(PayoutPeriod(house["period"]), now)
            if end > house["gathered_until"]:
                made += self._gather_period(house["organization_id"], house["gathered_until"], end)
        return made

    def _gather_period(self, organization_id: int, before: Moment, end: Moment) -> list[Payout]:
        mine = (houses.c.organization_id == organization_id) & (houses.c.gathered_until == before)
        with self._database.writing() as connection:
            # Of two processes that come to it at once, one changes the row.
            if not connection.execute(update(houses).where(mine).values(gathered_until=end)).rowcount:
                return []
            numbers = self._gather(connection, organization_id, end, true(), by="")
        return [self.get(number) for number in numbers]

    def gather(
        self, organization_id: int, *, account_id: int | None = None, platforms: frozenset[str] | None = None, by: str
    ) -> list[Payout]:
        """Make payouts of all that is unpaid now, of one IB or all, on some trade platforms or all.

        Raises `Declined`: there is nothing to pay.
        """
        which = true() if account_id is None else accruals.c.account_id == account_id
        if platforms is not None:
            which &= trading_accounts.c.platform_uuid.in_(sorted(platforms))
        with self._database.writing() as connection:
            numbers = self._gather(connection, organization_id, self._database.now() + 1, which, by=by)
        if not numbers:
            raise Declined(Refusal.NOTHING_TO_PAY)
        return [self.get(number) for number in numbers]

    def _gather(
        self, connection: Connection, organization_id: int, until: Moment, which: ColumnElement[bool], *, by: str
    ) -> list[int]:
        take_turns(connection, organization_id)
        terms = _terms_of(connection, organization_id)
        mine = (
            (accruals.c.organization_id == organization_id) & accruals.c.payout_id.is_(None) & (accruals.c.at < until)
            & (trading_accounts.c.deleted_at == 0)
        )  # fmt: skip
        joined = accruals.join(trading_accounts, trading_accounts.c.id == accruals.c.paid_on_id)
        keys = (accruals.c.account_id, accruals.c.paid_on_id, accruals.c.currency)
        query = select(*keys, func.sum(accruals.c.amount).label("amount")).select_from(joined)
        query = query.where(mine, which).group_by(*keys).order_by(accruals.c.paid_on_id)
        numbers = []
        for row in connection.execute(query).mappings().all():
            if row["amount"] >= max(1, terms.minimums.get(row["currency"], 0)):
                numbers.append(self._make(connection, organization_id, dict(row), until, terms, by))
        return numbers

    def _make(
        self, connection: Connection, organization_id: int, gathered: Mapping[str, Any], until: Moment, terms: PayoutTerms,
        by: str,
    ) -> int:  # fmt: skip
        now = self._database.now()
        row = {
            "uuid": str(uuid.uuid4()), "organization_id": organization_id, **gathered, "amount": int(gathered["amount"]),
            "status": S.AWAITING_APPROVAL.value, "until": until, "approvals": 0, "needed": terms.approvals, "reason": "",
            "created_by": by, "created_at": now, "updated_at": now, "booked_at": 0,
        }  # fmt: skip
        made = connection.execute(insert(payouts).values(row)).inserted_primary_key
        assert made is not None
        number: int = made[0]
        unpaid = (
            (accruals.c.paid_on_id == row["paid_on_id"]) & (accruals.c.account_id == row["account_id"])
            & (accruals.c.currency == row["currency"]) & accruals.c.payout_id.is_(None) & (accruals.c.at < until)
        )  # fmt: skip
        connection.execute(update(accruals).where(unpaid).values(payout_id=number))
        taken = select(func.sum(accruals.c.amount)).where(accruals.c.payout_id == number)
        # Accruals may have been written since they were summed, where writers do not wait for one another.
        amount = int(connection.execute(taken).scalar_one())
        connection.execute(update(payouts).where(payouts.c.id == number).values(amount=amount))
        if not terms.approvals:
            self._book(connection, number)
        return number

    # Deciding.

    def decide(self, payout: Payout, *, agree: bool, reason: str = "", decided_by: str) -> Payout:
        """Agree to a payout or reject it. `decided_by`: a person's uuid; who asked for it does not agree to it.

        Raises `Declined`: it does not wait for that any more, or this person has decided already.
        """
        if agree and payout.created_by == decided_by:
            raise Declined(Refusal.NOT_PERMITTED, "somebody else than who asked for it must agree")
        row = {
            "payout_id": payout.id, "decided_by": decided_by, "agreed": agree, "reason": reason[:TEXT_LENGTH_MAX],
            "created_at": self._database.now(),
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                agreed = self._step(connection, payout.id, S.AWAITING_APPROVAL, S.AWAITING_APPROVAL, approvals=int(agree))
                connection.execute(insert(decisions).values(row))
                if not agree:
                    self._return(connection, payout.id, S.AWAITING_APPROVAL, S.REJECTED, reason)
                elif agreed >= payout.needed:
                    self._book(connection, payout.id)
        except IntegrityError:
            raise Declined(Refusal.PAYOUT_ENDED, "this person has decided on it already") from None
        return self.get(payout.id)

    def _step(
        self, connection: Connection, number: int, before: PayoutStatus, after: PayoutStatus, *, approvals: int = 0, **more: Any
    ) -> int:
        """Go on from one status to another; return how many have agreed. Raises `Declined`: the status is another by now."""
        mine = (payouts.c.id == number) & (payouts.c.status == before.value)
        values = {"status": after.value, "approvals": payouts.c.approvals + approvals, "updated_at": self._database.now()}
        if not connection.execute(update(payouts).where(mine).values(values | more)).rowcount:
            raise Declined(Refusal.PAYOUT_ENDED)
        agreed: int = connection.execute(select(payouts.c.approvals).where(payouts.c.id == number)).scalar_one()
        return agreed

    def _return(
        self, connection: Connection, number: int, before: PayoutStatus, ending: PayoutStatus, reason: str
    ) -> None:  # fmt: skip
        """End a payout that is not paid: what was in it is unpaid again."""
        self._step(connection, number, before, ending, reason=reason[:TEXT_LENGTH_MAX])
        connection.execute(update(accruals).where(accruals.c.payout_id == number).values(payout_id=None))

    def _book(self, connection: Connection, number: int) -> None:
        self._step(connection, number, S.AWAITING_APPROVAL, S.BOOKING)
        row = connection.execute(_READ.where(payouts.c.id == number)).mappings().one()
        command = BookBalance(row["login"], BalanceKind.AGENT_COMMISSION, row["amount"], external_id_of(row["uuid"]), COMMENT)
        self._crossings.add(
            connection, row["organization_id"], row["platform_uuid"], subject_of(TABLE, number), STEP, command
        )  # fmt: skip

    def _booked(self, connection: Connection, crossing: Crossing, refused: Refused | None) -> None:
        if refused is None:
            self._step(connection, crossing.subject_id, S.BOOKING, S.DONE, booked_at=self._database.now())
        else:
            reason = refused.detail or refused.code.name
            self._return(connection, crossing.subject_id, S.BOOKING, S.FAILED, reason)

    def hear_booking(self, connection: Connection, heard: Heard) -> None:
        """Write down that a trade platform has booked a payout: what the platform says, beside what is known here."""
        event = heard.event
        assert isinstance(event, BalanceBooked)
        if not is_payout(event.external_id):
            return
        number = connection.execute(select(payouts.c.id).where(payouts.c.uuid == payout_of(event.external_id))).scalar()
        if number is not None:
            row = {
                "payout_id": number, "platform_uuid": heard.platform_uuid, "sequence": heard.sequence,
                "amount": event.amount, "at": heard.at,
            }  # fmt: skip
            connection.execute(insert(bookings).values(row))


def external_id_of(payout_uuid: str) -> str:
    return f"{_PREFIX}{payout_uuid} {STEP}"


def payout_of(external_id: str) -> str:
    """Return the uuid of the payout that is booked under an external id."""
    return external_id.removeprefix(_PREFIX).removesuffix(f" {STEP}")


def is_payout(external_id: str) -> bool:
    """Say whether what is booked under an external id is a payout to an IB."""
    return external_id.startswith(_PREFIX) and external_id.endswith(f" {STEP}")


def period_end(period: PayoutPeriod, now: Moment) -> Moment:
    """Return the end of the last period that is over; of payouts by hand it is now."""
    day = div_floor(now, DAY_MS)
    match period:
        case PayoutPeriod.BY_HAND:
            return now
        case PayoutPeriod.DAILY:
            return day * DAY_MS
        case PayoutPeriod.WEEKLY:
            # 1970-01-05 was a Monday.
            return (day - (day - 4) % 7) * DAY_MS
        case PayoutPeriod.MONTHLY:
            return (date.fromordinal(_EPOCH + day).replace(day=1).toordinal() - _EPOCH) * DAY_MS


def _check_terms(terms: PayoutTerms) -> None:
    if not 0 <= terms.approvals <= APPROVALS_MAX:
        raise Declined(Refusal.OUT_OF_RANGE, f"approvals: from 0 to {APPROVALS_MAX}")
    for currency, least in terms.minimums.items():
        if currency not in CURRENCY_DIGITS:
            raise Declined(Refusal.OUT_OF_RANGE, f"minimums: {currency} is no currency that is known here"[:300])
        if not 0 <= least <= MONEY_MAX:
            raise Declined(Refusal.OUT_OF_RANGE, f"minimums: {currency}: below 0, or too large")
    if terms.link and not terms.link.startswith("https://"):
        raise Declined(Refusal.OUT_OF_RANGE, "link: must begin with https://")


def _terms_of(connection: Connection, organization_id: int) -> PayoutTerms:
    row = connection.execute(select(houses).where(houses.c.organization_id == organization_id)).mappings().first()
    if row is None:
        return PayoutTerms()
    minimums = msgspec.json.decode(row["minimums"], type=dict[str, int])
    return PayoutTerms(
        period=PayoutPeriod(row["period"]), approvals=row["approvals"], minimums=minimums, link=row["link"]
    )  # fmt: skip


def _from(row: RowMapping) -> Payout:
    values = {name: row[name] for name in Payout.__struct_fields__ if name != "status"}
    return Payout(**values, status=PayoutStatus(row["status"]))
