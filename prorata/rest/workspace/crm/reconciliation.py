"""Bank statements: files are taken in, and people say which payments their entries are."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, get, post
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant, Permission
from prorata.crm.bank_files import Columns, DateOrder, Statement, read_camt, read_csv
from prorata.crm.payments import Kind, PaymentStatus
from prorata.crm.reconciliation import Entry, EntryStatus, Grade, Kept, Proposal, Taken
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.payments import MOVES_MONEY, carried, reached
from prorata.rest.workspace.crm.shapes import Amount, Currency, PaymentView
from prorata.rest.workspace.crm.transfer_shapes import Settlement
from prorata.rest.workspace.organizations.shapes import Uuid
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.views.answers import Rejected
from prorata.views.bodies import NO_CONTROLS, Body
from prorata.views.numbers import read_money, show_moment, show_moment_or_none

EntryPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the entry")]
Column = Annotated[str, Meta(max_length=100, examples=["Amount"])]
FileText = Annotated[str, Meta(min_length=1, max_length=2_000_000, examples=["<Document>...</Document>"])]


class CsvTerms(Body, frozen=True, kw_only=True):
    """What a CSV file does not say itself: the account and its balances; and which column is what, by its name in the first
    line.

    `amount_column` is signed; else `credit_column` and `debit_column`. `dates`: how the file writes 31 January 2030.
    """

    account: Annotated[str, Meta(min_length=1, max_length=100, pattern=NO_CONTROLS, examples=["DE02120300000000202051"])]
    currency: Currency
    opening: Amount
    closing: Amount
    date_column: Column
    amount_column: Column = ""
    credit_column: Column = ""
    debit_column: Column = ""
    reference_column: Column = ""
    counterparty_column: Column = ""
    text_columns: Annotated[tuple[Column, ...], Meta(max_length=20)] = ()
    delimiter: Literal[",", ";", "\t", "|"] = ","
    decimal_comma: bool = False
    dates: DateOrder = DateOrder.YEAR_FIRST


class BankFile(Body, frozen=True, kw_only=True):
    """`content`: the file as it is: CAMT.053, or CSV together with its terms."""

    content: FileText
    csv: CsvTerms | None = None


class Match(Body, frozen=True, kw_only=True):
    payment: Uuid


class StatementView(msgspec.Struct, frozen=True, kw_only=True):
    """`new`: how many of its entries were not known before."""

    uuid: str
    account: str
    name: str
    currency: str
    opening: str
    closing: str
    entries: int
    new: int


class KeptStatementView(msgspec.Struct, frozen=True, kw_only=True):
    """`entries`: those that came first with it; `open`: how many of them are nobody's payment yet."""

    uuid: str
    account: str
    name: str
    currency: str
    opening: str
    closing: str
    entries: int
    open: int
    created_by: str
    created_at: str


class ProposalView(msgspec.Struct, frozen=True, kw_only=True):
    """`by`: what it is known by, apart from amount and currency."""

    by: Grade
    payment: str
    kind: Kind
    status: PaymentStatus
    email: str
    reference: str


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """`amount`: below 0 if it left. `payment`: what it was matched with."""

    uuid: str
    account: str
    statement: str
    booked_on: str
    amount: str
    currency: str
    reference: str
    counterparty: str
    text: str
    is_reversal: bool
    status: EntryStatus
    payment: str | None
    note: str
    settled_by: str
    settled_at: str | None
    proposals: list[ProposalView]


class MatchedView(msgspec.Struct, frozen=True, kw_only=True):
    entry: EntryView
    payment: PaymentView


def _statement_view(taken: Taken) -> StatementView:
    digits = CURRENCY_DIGITS[taken.currency]
    return StatementView(
        uuid=taken.uuid, account=taken.account, name=taken.name, currency=taken.currency,
        opening=format_decimal(taken.opening, digits), closing=format_decimal(taken.closing, digits), entries=taken.entries,
        new=taken.new,
    )  # fmt: skip


def _kept_view(kept: Kept) -> KeptStatementView:
    digits = CURRENCY_DIGITS[kept.currency]
    return KeptStatementView(
        uuid=kept.uuid, account=kept.account, name=kept.name, currency=kept.currency,
        opening=format_decimal(kept.opening, digits), closing=format_decimal(kept.closing, digits), entries=kept.entries,
        open=kept.open, created_by=kept.created_by, created_at=show_moment(kept.created_at),
    )  # fmt: skip


def _entry_view(entry: Entry, proposals: list[Proposal]) -> EntryView:
    shown = [
        ProposalView(
            by=one.grade, payment=one.payment_uuid, kind=one.kind, status=one.status, email=one.email, reference=one.reference
        )
        for one in proposals
    ]
    return EntryView(
        uuid=entry.uuid, account=entry.account, statement=entry.statement, booked_on=entry.booked_on,
        amount=format_decimal(entry.amount, CURRENCY_DIGITS[entry.currency]), currency=entry.currency,
        reference=entry.reference, counterparty=entry.counterparty, text=entry.text, is_reversal=entry.is_reversal,
        status=entry.status, payment=entry.payment_uuid, note=entry.note, settled_by=entry.settled_by,
        settled_at=show_moment_or_none(entry.settled_at), proposals=shown,
    )  # fmt: skip


def _statements_in(data: BankFile) -> list[Statement]:
    """Raises `Declined`, `Rejected`."""
    terms = data.csv
    if terms is None:
        return read_camt(data.content)
    columns = Columns(
        date=terms.date_column, amount=terms.amount_column, credit=terms.credit_column, debit=terms.debit_column,
        reference=terms.reference_column, counterparty=terms.counterparty_column, texts=terms.text_columns,
        delimiter=terms.delimiter, decimal_comma=terms.decimal_comma, dates=terms.dates,
    )  # fmt: skip
    digits = CURRENCY_DIGITS.get(terms.currency, 2)
    opening, closing = (read_money(getattr(terms, name), digits, name) for name in ("opening", "closing"))
    return read_csv(
        data.content, columns, account=terms.account, currency=terms.currency, opening=opening, closing=closing
    )  # fmt: skip


class BankStatements(Controller):
    path = "/organizations/{organization:str}/bank-statements"
    tags = ("CRM",)

    @get("/", summary="List bank statements", guards=[needs(Permission.CLIENTS_READ)])
    async def all(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid
    ) -> list[KeptStatementView]:
        """The newest 500."""
        return [_kept_view(one) for one in await call.sql(call.crm.reconciliation.statements, grant.organization_id)]

    @post("/", summary="Take in a bank statement", guards=[MOVES_MONEY])
    async def take(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[BankFile]
    ) -> list[StatementView]:
        """Sent twice, nothing changes. A file is refused whole if one of its statements' sums do not agree."""
        statements = await call.sql(_statements_in, data)
        taken = await call.sql(call.crm.reconciliation.take, grant.organization_id, statements, by=caller.person_uuid)
        views = [_statement_view(one) for one in taken]
        call.tell(after={"statements": views})
        return views


class BankEntries(Controller):
    path = "/organizations/{organization:str}/bank-entries"
    tags = ("CRM",)

    @get("/", summary="List entries of bank statements", guards=[needs(Permission.CLIENTS_READ)])
    async def all(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        status: Annotated[EntryStatus, QueryParameter(description="with this status")] = EntryStatus.OPEN,
    ) -> list[EntryView]:
        """Open ones oldest first, with what they may be; others newest first. At most 500."""
        call.tell_read()
        found = await call.sql(call.crm.reconciliation.entries, grant.organization_id, status)
        proposals = await call.sql(call.crm.reconciliation.proposals, grant.organization_id, found, grant.platforms)
        return [_entry_view(one, proposals.get(one.uuid, [])) for one in found]

    @post("/{entry:str}/match", summary="Say which payment an entry is", status_code=200, guards=[MOVES_MONEY])
    async def match(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, entry: EntryPath,
        data: JSONBody[Match],
    ) -> MatchedView:  # fmt: skip
        """A deposit has the caller's agreement by it, a withdrawal is paid out."""
        found = await call.sql(call.crm.reconciliation.find, grant.organization_id, entry)
        try:
            payment = await reached(call, grant, data.payment)
        except NotFound:
            raise Rejected(Refusal.UNKNOWN_REFERENCE, "payment: there is none of this uuid") from None
        await call.sql(call.crm.reconciliation.match, found, payment, by=caller.person_uuid)
        shown = await carried(call, payment)
        return MatchedView(entry=await _shown(call, grant, entry), payment=shown)

    @post("/{entry:str}/set-aside", summary="Say that an entry is no payment", status_code=200, guards=[MOVES_MONEY])
    async def set_aside(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, entry: EntryPath,
        data: JSONBody[Settlement],
    ) -> EntryView:  # fmt: skip
        """The bank's charges, the broker's own money."""
        found = await call.sql(call.crm.reconciliation.find, grant.organization_id, entry)
        await call.sql(call.crm.reconciliation.set_aside, found, data.note, by=caller.person_uuid)
        view = await _shown(call, grant, entry)
        call.tell(before=_entry_view(found, []), after=view)
        return view


async def _shown(call: Call, grant: Grant, uuid: str) -> EntryView:
    return _entry_view(await call.sql(call.crm.reconciliation.find, grant.organization_id, uuid), [])
