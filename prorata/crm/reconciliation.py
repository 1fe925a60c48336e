"""Reconciliation: what the bank has told is matched with deposits and withdrawals, and people confirm it.

An entry that comes in is a deposit that waits, one that leaves a withdrawal that is to be paid out: of the same amount and
currency. The payment's reference in the entry makes it sure; the payer's name, or the amount alone, make it a proposal.
Confirmed by a person, a deposit has his agreement, and a withdrawal is paid out. An entry is one payment's, and a payment has
one entry.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, case, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.tables import clients
from prorata.crm.bank_files import Line, Statement
from prorata.crm.bank_tables import OPEN_ENTRY, bank_entries, bank_statements
from prorata.crm.gateways import MANUAL
from prorata.crm.payment_tables import gateways, payments
from prorata.crm.payments import Kind, Payment, Payments, PaymentStatus
from prorata.crm.tables import TEXT_LENGTH_MAX, accounts, trading_accounts
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Minor, Moment

LISTED_MAX = 500
PROPOSED_MAX = 5
CANDIDATES_MAX = 10_000
S = PaymentStatus


class EntryStatus(StrEnum):
    OPEN = OPEN_ENTRY
    MATCHED = "MATCHED"
    SET_ASIDE = "SET_ASIDE"
    """it is none of the clients' payments"""


class Grade(StrEnum):
    """How sure it is that an entry is a payment; amount and currency are the same in any case."""

    REFERENCE = "REFERENCE"
    NAME = "NAME"
    AMOUNT = "AMOUNT"


_GRADES = list(Grade)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that was taken in. `entries`: those that came first with it, `open` of them nobody's payment yet."""

    uuid: str
    account: str
    name: str
    currency: str
    opening: Minor
    closing: Minor
    entries: int
    open: int
    created_by: str
    created_at: Moment


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a file has brought: `entries` of the statement, of which `new` were not known."""

    uuid: str
    account: str
    name: str
    currency: str
    opening: Minor
    closing: Minor
    entries: int
    new: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """As in the tables. `payment_uuid`: what it was matched with, None for nothing."""

    id: int
    uuid: str
    organization_id: int
    account: str
    statement: str
    booked_on: str
    amount: Minor
    currency: str
    reference: str
    counterparty: str
    text: str
    is_reversal: bool
    status: EntryStatus
    payment_uuid: str | None
    note: str
    settled_by: str
    settled_at: Moment


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    grade: Grade
    payment_uuid: str
    kind: Kind
    status: PaymentStatus
    amount: Minor
    email: str
    platform_uuid: str
    reference: str


class Candidate(msgspec.Struct, frozen=True, gc=False):
    proposal: Proposal
    code: str
    names: frozenset[str]
    waits: bool


_READ = select(
    bank_entries, bank_statements.c.account, bank_statements.c.name.label("statement"), payments.c.uuid.label("payment_uuid")
).select_from(
    bank_entries.join(bank_statements, bank_statements.c.id == bank_entries.c.statement_id).outerjoin(
        payments, payments.c.id == bank_entries.c.payment_id
    )
)  # fmt: skip
_TO_PAY_OUT = or_(
    payments.c.status == S.PROCESSING_PAYMENT.value, (payments.c.status == S.BOOKED.value) & (gateways.c.provider == MANUAL)
)
"""What is still to be handed to a provider is not paid out by anybody else."""
_WAITING = or_(
    (payments.c.kind == Kind.DEPOSIT.value)
    & (payments.c.status == S.AWAITING_CONFIRMATION.value)
    & (gateways.c.provider == MANUAL),
    (payments.c.kind == Kind.WITHDRAWAL.value) & _TO_PAY_OUT,
)


class Reconciliation:
    """Blocks on the database. `by`: a person's uuid."""

    def __init__(self, database: Database, payments_: Payments) -> None:
        self._database = database
        self._payments = payments_

    def take(self, organization_id: int, statements: Sequence[Statement], *, by: str) -> list[Taken]:
        """Keep what a file says; entries that are known already change nothing."""
        with self._database.writing() as connection:
            return [self._take(connection, organization_id, one, by) for one in statements]

    def _take(self, connection: Connection, organization_id: int, statement: Statement, by: str) -> Taken:
        mine = (bank_statements.c.organization_id == organization_id) & (bank_statements.c.account == statement.account)
        mine &= bank_statements.c.name == statement.name
        row = connection.execute(select(bank_statements).where(mine)).mappings().first()
        if row is None:
            values = {
                "uuid": str(uuid.uuid4()), "organization_id": organization_id, "account": statement.account,
                "name": statement.name, "currency": statement.currency, "opening": statement.opening,
                "closing": statement.closing, "created_by": by[:TEXT_LENGTH_MAX], "created_at": self._database.now(),
            }  # fmt: skip
            connection.execute(insert(bank_statements).values(values))
            row = connection.execute(select(bank_statements).where(mine)).mappings().one()
        known = self._known(connection, organization_id, [line.key for line in statement.lines])
        fresh = [self._row(row["id"], organization_id, line) for line in statement.lines if line.key not in known]
        if fresh:
            connection.execute(insert(bank_entries), fresh)
        told = {name: row[name] for name in ("uuid", "account", "name", "currency", "opening", "closing")}
        return Taken(**told, entries=len(statement.lines), new=len(fresh))

    def _known(self, connection: Connection, organization_id: int, keys: list[str]) -> set[str]:
        known: set[str] = set()
        for first in range(0, len(keys), 500):
            among = bank_entries.c.key.in_(keys[first : first + 500])
            query = select(bank_entries.c.key).where(bank_entries.c.organization_id == organization_id, among)
            known.update(connection.execute(query).scalars())
        return known

    def _row(self, statement_id: int, organization_id: int, line: Line) -> dict[str, Any]:
        return {
            **msgspec.structs.asdict(line), "uuid": str(uuid.uuid4()), "organization_id": organization_id,
            "statement_id": statement_id, "status": EntryStatus.OPEN.value, "payment_id": None, "note": "", "settled_by": "",
            "settled_at": 0, "created_at": self._database.now(),
        }  # fmt: skip

    # What is there, and what it may be.

    def statements(self, organization_id: int) -> list[Kept]:
        """Return the newest statements; at most `LISTED_MAX`."""
        is_open = bank_entries.c.status == EntryStatus.OPEN.value
        counts = func.count(bank_entries.c.id), func.count(case((is_open, bank_entries.c.id)))
        query = (
            select(bank_statements, counts[0].label("entries"), counts[1].label("open"))
            .select_from(bank_statements.outerjoin(bank_entries, bank_entries.c.statement_id == bank_statements.c.id))
            .where(bank_statements.c.organization_id == organization_id)
            .group_by(bank_statements.c.id)
            .order_by(bank_statements.c.id.desc())
            .limit(LISTED_MAX)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [Kept(**{name: row[name] for name in Kept.__struct_fields__}) for row in rows]

    def entries(self, organization_id: int, status: EntryStatus = EntryStatus.OPEN) -> list[Entry]:
        """Return entries of a status: open ones oldest first, others newest first; at most `LISTED_MAX`."""
        query = _READ.where(bank_entries.c.organization_id == organization_id, bank_entries.c.status == status.value)
        order = bank_entries.c.id.asc() if status == EntryStatus.OPEN else bank_entries.c.id.desc()
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(order).limit(LISTED_MAX)).mappings().all()
        return [_entry_from(row) for row in rows]

    def find(self, organization_id: int, entry_uuid: str) -> Entry:
        """Raises `NotFound`."""
        mine = (bank_entries.c.organization_id == organization_id) & (bank_entries.c.uuid == entry_uuid)
        with self._database.reading() as connection:
            row = connection.execute(_READ.where(mine)).mappings().first()
        if row is None:
            raise NotFound
        return _entry_from(row)

    def proposals(
        self, organization_id: int, entries: Iterable[Entry], platforms: frozenset[str] | None = None
    ) -> dict[str, list[Proposal]]:
        """Return what open entries may be, the surest first, by their uuids. `platforms`: payments of these alone."""
        wanted = [one for one in entries if one.status == EntryStatus.OPEN and not one.is_reversal]
        if not wanted:
            return {}
        by_amount = self._candidates(organization_id, {(one.amount, one.currency) for one in wanted}, platforms)
        found: dict[str, list[Proposal]] = {}
        for entry in wanted:
            graded = [
                msgspec.structs.replace(one.proposal, grade=grade)
                for one in by_amount[entry.amount, entry.currency]
                if (grade := _grade(entry, one)) is not None
            ]
            found[entry.uuid] = sorted(graded, key=lambda one: _GRADES.index(one.grade))[:PROPOSED_MAX]
        return found

    def _candidates(
        self, organization_id: int, amounts: set[tuple[Minor, str]], platforms: frozenset[str] | None
    ) -> dict[tuple[Minor, str], list[Candidate]]:
        """Return payments without an entry, by the amount that an entry of theirs has."""
        done = (payments.c.status == S.DONE.value) & (payments.c.reference != "")
        query = (
            select(
                payments, clients.c.email, clients.c.first_name, clients.c.last_name, trading_accounts.c.platform_uuid,
                _WAITING.label("waits"),
            )
            .select_from(
                payments.join(accounts, accounts.c.id == payments.c.account_id)
                .join(clients, clients.c.id == accounts.c.id)
                .join(trading_accounts, trading_accounts.c.id == payments.c.trading_account_id)
                .join(gateways, gateways.c.id == payments.c.gateway_id)
                .outerjoin(bank_entries, bank_entries.c.payment_id == payments.c.id)
            )
            .where(_moves(organization_id, amounts), bank_entries.c.id.is_(None), or_(_WAITING, done))
        )  # fmt: skip
        if platforms is not None:
            query = query.where(trading_accounts.c.platform_uuid.in_(sorted(platforms)))
        found: dict[tuple[Minor, str], list[Candidate]] = defaultdict(list)
        with self._database.reading() as connection:
            for row in connection.execute(query.order_by(payments.c.id.desc()).limit(CANDIDATES_MAX)).mappings():
                at = _moved(row), row["currency"]
                if at in amounts:
                    found[at].append(_candidate(row))
        return found

    # Confirmed by people.

    def match(self, entry: Entry, payment: Payment, *, by: str) -> Payment:
        """A person confirms that an entry is a payment, which goes on. Raises `Declined`."""
        check_match(entry, payment)
        settled = {"status": EntryStatus.MATCHED.value, "payment_id": payment.id, "note": ""}
        try:
            with self._database.writing() as connection:
                self._settle(connection, entry, by, settled)
                if payment.status == S.DONE:
                    pass  # it was booked, or paid out, before the bank has told
                elif payment.kind == Kind.DEPOSIT:
                    self._payments.decide_within(connection, payment, agree=True, reason="", decided_by=by)
                else:
                    self._payments.pay_out_within(connection, payment, entry.reference or payment.reference)
        except IntegrityError:
            raise Declined(Refusal.MATCH_UNFIT, "the payment has an entry, or this person has agreed to it already") from None
        return self._payments.get(payment.id)

    def set_aside(self, entry: Entry, note: str, *, by: str) -> None:
        """A person says that an entry is none of the clients' payments: the bank's charges. Raises `Declined`."""
        with self._database.writing() as connection:
            self._settle(connection, entry, by, {"status": EntryStatus.SET_ASIDE.value, "note": note[:TEXT_LENGTH_MAX]})

    def _settle(self, connection: Connection, entry: Entry, by: str, values: dict[str, Any]) -> None:
        mine = (bank_entries.c.id == entry.id) & (bank_entries.c.status == EntryStatus.OPEN.value)
        values |= {"settled_by": by[:TEXT_LENGTH_MAX], "settled_at": self._database.now()}
        if not connection.execute(update(bank_entries).where(mine).values(values)).rowcount:
            raise Declined(Refusal.ENTRY_SETTLED)


def check_match(entry: Entry, payment: Payment) -> None:
    """Raise `Declined` unless an entry can be a payment."""
    if entry.is_reversal:
        raise Declined(Refusal.MATCH_UNFIT, "the entry takes another one back: charge the deposit back")
    if payment.kind not in (Kind.DEPOSIT, Kind.WITHDRAWAL):
        raise Declined(Refusal.MATCH_UNFIT, "credit does not go through a bank")
    if payment.status == S.BOOKED and payment.provider != MANUAL:
        raise Declined(Refusal.MATCH_UNFIT, "the provider is about to pay it out")
    expected = payment.amount if payment.kind == Kind.DEPOSIT else -payment.net_amount
    if (entry.amount, entry.currency) != (expected, payment.currency):
        raise Declined(Refusal.MATCH_UNFIT, "amount or currency is another")


def _grade(entry: Entry, candidate: Candidate) -> Grade | None:
    """Return how sure it is; None: a payment that is done already is found by its reference alone."""
    if candidate.code and candidate.code in _plain(f"{entry.text} {entry.reference}"):
        return Grade.REFERENCE
    if not candidate.waits:
        return None
    return Grade.NAME if candidate.names and candidate.names <= _words(entry.counterparty) else Grade.AMOUNT


def _plain(text: str) -> str:
    """Return letters and digits alone: banks break references up."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _words(name: str) -> frozenset[str]:
    """Return the words of a name, in whichever order banks write them."""
    return frozenset(re.findall(r"\w+", name.casefold()))


def _moves(organization_id: int, amounts: set[tuple[Minor, str]]) -> ColumnElement[bool]:
    """Say whether a payment moves one of some amounts, whatever its currency: each half is looked up in an index."""
    mine = payments.c.organization_id == organization_id
    incoming, outgoing = [amount for amount, _ in amounts if amount > 0], [-amount for amount, _ in amounts if amount < 0]
    return or_(
        and_(mine, payments.c.kind == Kind.DEPOSIT.value, payments.c.amount.in_(incoming)),
        and_(mine, payments.c.kind == Kind.WITHDRAWAL.value, payments.c.net_amount.in_(outgoing)),
    )


def _moved(row: RowMapping) -> Minor:
    amount: Minor = row["amount"] if row["kind"] == Kind.DEPOSIT.value else -row["net_amount"]
    return amount


def _candidate(row: RowMapping) -> Candidate:
    proposal = Proposal(
        grade=Grade.AMOUNT, payment_uuid=row["uuid"], kind=Kind(row["kind"]), status=S(row["status"]), amount=_moved(row),
        email=row["email"], platform_uuid=row["platform_uuid"], reference=row["reference"],
    )  # fmt: skip
    names = _words(f"{row['first_name']} {row['last_name']}")
    return Candidate(proposal, _plain(row["reference"]), names, bool(row["waits"]))


def _entry_from(row: RowMapping) -> Entry:
    values = {name: row[name] for name in Entry.__struct_fields__ if name != "status"}
    return Entry(**values, status=EntryStatus(row["status"]))
