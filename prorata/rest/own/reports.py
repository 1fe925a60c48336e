"""What has happened: deals, ledger entries, ends of day, margin events. Of one account, or for dealers of all."""

from typing import Annotated, Any

from litestar import Controller, get
from litestar.params import QueryParameter

from prorata.access.permissions import Permission
from prorata.projections.rows import DayRow, LedgerEntryRow, MarginEventKind, MarginEventRow
from prorata.rest.own.paging import (
    Cursor,
    Limit,
    LoginPath,
    NewestFirst,
    Since,
    SymbolQuery,
    Until,
    past_page,
    read_bound,
)
from prorata.rest.own.session import Call, needs
from prorata.rest.own.settings_views import read_day
from prorata.rest.own.views import DealView, Page, View, deal_view, digits_of, money_digits, price_digits
from prorata.trading.desk import Desk
from prorata.units.decimals import format_decimal
from prorata.units.numbers import LOGIN_MAX
from prorata.views.bodies import NO_CONTROLS
from prorata.views.names import EntrySourceName, MarginEventName, PostingKindName, name_of
from prorata.views.numbers import show_day, show_moment, show_price_or_none

LoginQuery = Annotated[int | None, QueryParameter(ge=1, le=LOGIN_MAX, description="only of this account")]
SinceDay = Annotated[str | None, QueryParameter(max_length=10, description="from this day on, such as 2030-01-31")]
UntilDay = Annotated[str | None, QueryParameter(max_length=10, description="up to, not including, this day")]


class LedgerEntryView(View, frozen=True):
    """`amount` leaves the ledger account `debit` and enters `credit`. `reference` numbers what `source` says."""

    sequence: int
    at: str
    debit: str
    credit: str
    amount: str
    currency: str
    kind: PostingKindName
    source: EntrySourceName
    reference: int


class DayView(View, frozen=True):
    """An account at the end of a trading day."""

    day: str
    login: int
    currency: str
    at: str
    balance: str
    credit: str
    floating: str
    swap: str
    equity: str
    margin: str


class MarginEventView(View, frozen=True):
    """A margin call, stop-out or covered negative balance. `symbol`, `bid`, `ask`: the quote that did it, if one did.

    `line`: the equity at which it happens. `closing`: tickets in closing order. `amount`: what the house made good.
    """

    sequence: int
    at: str
    login: int
    kind: MarginEventName
    equity: str
    margin: str
    line: str
    amount: str | None
    symbol: str | None
    bid: str | None
    ask: str | None
    rule: str | None
    closing: tuple[int, ...]


def _ledger_entry(_desk: Desk, row: LedgerEntryRow) -> LedgerEntryView:
    return LedgerEntryView(
        row.sequence,
        show_moment(row.at),
        row.debit,
        row.credit,
        format_decimal(row.amount, digits_of(row.currency)),
        row.currency,
        name_of(row.kind),
        name_of(row.source),
        row.reference,
    )


def _day(desk: Desk, row: DayRow) -> DayView:
    digits = money_digits(desk, row.login)
    return DayView(
        show_day(row.day),
        row.login,
        desk.groups[desk.state.accounts[row.login].group].currency,
        show_moment(row.at),
        format_decimal(row.balance, digits),
        format_decimal(row.credit, digits),
        format_decimal(row.floating, digits),
        format_decimal(row.swap, digits),
        format_decimal(row.equity, digits),
        format_decimal(row.margin, digits),
    )


def _margin_event(desk: Desk, row: MarginEventRow) -> MarginEventView:
    money = money_digits(desk, row.login)
    digits = price_digits(desk, row.symbol) if row.symbol else 0
    covered = row.kind == MarginEventKind.NEGATIVE_BALANCE
    return MarginEventView(
        row.sequence,
        show_moment(row.at),
        row.login,
        name_of(row.kind),
        format_decimal(row.equity, money),
        format_decimal(row.margin, money),
        format_decimal(row.line, money),
        format_decimal(row.amount, money) if covered else None,
        row.symbol or None,
        show_price_or_none(row.bid, digits),
        show_price_or_none(row.ask, digits),
        row.rule or None,
        tuple(int(ticket) for ticket in row.closing.split()),
    )


def _span(since: str | None, until: str | None) -> dict[str, Any]:
    return {"since": read_bound(since, "since"), "until": read_bound(until, "until")}


def _days(since: str | None, until: str | None) -> dict[str, Any]:
    return {
        "since_day": None if since is None else read_day(since, "since_day"),
        "until_day": None if until is None else read_day(until, "until_day"),
    }


class AccountReports(Controller):
    path = "/accounts/{login:int}"
    tags = ("Reports",)
    guards = (needs(Permission.TRADES_READ),)

    @get("/deals", summary="List an account's deals")
    async def deals(
        self,
        session: Call,
        login: LoginPath,
        symbol: SymbolQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[DealView]:
        session.account(login)
        return await past_page(
            session, session.platform.history.deals, deal_view, login=login, symbol=symbol, **_span(since, until),
            newest_first=newest_first, cursor=cursor, limit=limit,
        )  # fmt: skip

    @get("/ledger-entries", summary="List the postings of an account's balance and credit")
    async def ledger_entries(
        self,
        session: Call,
        login: LoginPath,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[LedgerEntryView]:
        session.account(login)
        return await past_page(
            session, session.platform.history.ledger_entries, _ledger_entry, login=login, **_span(since, until),
            newest_first=newest_first, cursor=cursor, limit=limit,
        )  # fmt: skip

    @get("/days", summary="List an account's ends of day")
    async def days(
        self,
        session: Call,
        login: LoginPath,
        since_day: SinceDay = None,
        until_day: UntilDay = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[DayView]:
        session.account(login)
        return await past_page(
            session, session.platform.history.days, _day, login=login, **_days(since_day, until_day),
            newest_first=newest_first, cursor=cursor, limit=limit,
        )  # fmt: skip

    @get("/margin-events", summary="List an account's margin calls, stop-outs and covered negative balances")
    async def margin_events(
        self,
        session: Call,
        login: LoginPath,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[MarginEventView]:
        session.account(login)
        return await past_page(
            session, session.platform.history.margin_events, _margin_event, login=login, **_span(since, until),
            newest_first=newest_first, cursor=cursor, limit=limit,
        )  # fmt: skip


class PlatformReports(Controller):
    tags = ("Reports",)
    guards = (needs(Permission.REPORTS_READ, house=True),)

    @get("/deals", summary="List the deals of all accounts")
    async def deals(
        self,
        session: Call,
        login: LoginQuery = None,
        symbol: SymbolQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[DealView]:
        return await past_page(
            session, session.platform.history.deals, deal_view, login=login, symbol=symbol, **_span(since, until),
            newest_first=newest_first, cursor=cursor, limit=limit,
        )  # fmt: skip

    @get("/ledger-entries", summary="List the postings of the whole ledger")
    async def ledger_entries(
        self,
        session: Call,
        account: Annotated[
            str | None, QueryParameter(max_length=64, pattern=NO_CONTROLS, description='ledger account, as "house/swap"')
        ] = None,
        currency: Annotated[
            str | None, QueryParameter(max_length=12, pattern=NO_CONTROLS, description="only in this currency")
        ] = None,
        login: LoginQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[LedgerEntryView]:
        return await past_page(
            session, session.platform.history.ledger_entries, _ledger_entry, login=login, account=account,
            currency=currency, **_span(since, until), newest_first=newest_first, cursor=cursor, limit=limit,
        )  # fmt: skip

    @get("/days", summary="List the ends of day of all accounts")
    async def days(
        self,
        session: Call,
        login: LoginQuery = None,
        since_day: SinceDay = None,
        until_day: UntilDay = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[DayView]:
        return await past_page(
            session, session.platform.history.days, _day, login=login, **_days(since_day, until_day),
            newest_first=newest_first, cursor=cursor, limit=limit,
        )  # fmt: skip

    @get("/margin-events", summary="List margin calls, stop-outs and covered negative balances of all accounts")
    async def margin_events(
        self,
        session: Call,
        login: LoginQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[MarginEventView]:
        return await past_page(
            session, session.platform.history.margin_events, _margin_event, login=login, **_span(since, until),
            newest_first=newest_first, cursor=cursor, limit=limit,
        )  # fmt: skip
