"""The market: newest quotes, candles and ticks."""

import asyncio
from typing import Annotated, TypeVar

from litestar import Controller, get
from litestar.params import PathParameter, QueryParameter

from prorata.access.permissions import Permission
from prorata.messages.refusals import Refusal
from prorata.projections.candles import Candle, Period, Tick
from prorata.rest.own.paging import Cursor, Limit, Since, Until, cursor_of, place_of, read_bound
from prorata.rest.own.session import Call, Session, needs
from prorata.rest.own.views import Page, View
from prorata.trading.terms import GroupTerms
from prorata.views.answers import Rejected
from prorata.views.commands import digits_for
from prorata.views.names import PeriodName
from prorata.views.numbers import show_moment, show_price

Found = TypeVar("Found")

SymbolPath = Annotated[str, PathParameter(min_length=1, max_length=64, description="name of the symbol")]
GroupQuery = Annotated[
    str | None,
    QueryParameter(max_length=64, description="as this group sees them; a key bound to accounts sees its own group's"),
]
LastQuery = Annotated[bool, QueryParameter(description="the newest ones of the span, instead of its oldest")]


class QuoteView(View, frozen=True):
    """Best prices now. `open`: whether the symbol trades at this moment."""

    symbol: str
    bid: str
    ask: str
    at: str
    open: bool


class CandleView(View, frozen=True):
    """A candle of bids, before any group's markup. `opens`: its first moment, UTC."""

    opens: str
    open: str
    high: str
    low: str
    close: str
    ticks: int
    spread_max_points: int


class TickView(View, frozen=True):
    at: str
    bid: str
    ask: str


def _group_of_view(session: Session, wanted: str | None) -> GroupTerms | None:
    """Return in whose markup quotes are shown; None: raw ones. Raises `Rejected`."""
    desk = session.desk
    if session.caller.sees_all:
        if wanted is not None and wanted not in desk.groups:
            raise Rejected(Refusal.UNKNOWN_GROUP)
        return None if wanted is None else desk.groups[wanted]
    own = [desk.state.accounts[login].group for login in session.logins()]
    if not own or (wanted is not None and wanted not in own):
        raise Rejected(Refusal.UNKNOWN_GROUP)
    return desk.groups[wanted or own[0]]


def _quote_view(session: Session, symbol: str, group: GroupTerms | None) -> QuoteView | None:
    market = session.desk.markets[symbol]
    quote, digits = market.quote, market.spec.digits
    if not quote.bid:
        return None
    bid, ask = (quote.bid, quote.ask) if group is None else (group.terms[symbol].bid, group.terms[symbol].ask)
    return QuoteView(
        symbol,
        show_price(bid, digits),
        show_price(ask, digits),
        show_moment(quote.at),
        market.is_open(session.platform.now()),
    )


def _candle_view(candle: Candle, digits: int) -> CandleView:
    return CandleView(
        show_moment(candle.opens),
        show_price(candle.open, digits),
        show_price(candle.high, digits),
        show_price(candle.low, digits),
        show_price(candle.close, digits),
        candle.ticks,
        candle.spread_max,
    )


class Market(Controller):
    tags = ("Market",)

    @get("/quotes", summary="List the newest quotes", guards=[needs(Permission.MARKET_READ)])
    async def quotes(self, session: Call, group: GroupQuery = None) -> list[QuoteView]:
        """A symbol that has had no quote yet is left out."""
        seen_by = _group_of_view(session, group)
        views = (_quote_view(session, symbol, seen_by) for symbol in sorted(session.desk.markets))
        return [view for view in views if view is not None]

    @get("/quotes/{symbol:str}", summary="Show the newest quote of a symbol", guards=[needs(Permission.MARKET_READ)])
    async def quote(self, session: Call, symbol: SymbolPath, group: GroupQuery = None) -> QuoteView:
        digits_for(session.desk, symbol)
        view = _quote_view(session, symbol, _group_of_view(session, group))
        if view is None:
            raise Rejected(Refusal.NO_QUOTE)
        return view

    @get("/quotes/{symbol:str}/candles", summary="List candles", guards=[needs(Permission.MARKET_READ)])
    async def candles(
        self,
        session: Call,
        symbol: SymbolPath,
        period: Annotated[PeriodName, QueryParameter(description="length of a candle")] = "M1",
        since: Since = None,
        until: Until = None,
        last: LastQuery = False,
        cursor: Cursor = None,
        limit: Limit = 500,
    ) -> Page[CandleView]:
        """Oldest first. With `last` the newest ones of the span, and no cursor."""
        digits = digits_for(session.desk, symbol)
        (after,) = place_of(cursor, 1)
        found = await asyncio.to_thread(
            session.platform.quotes.candles, symbol, Period[period], since=read_bound(since, "since"),
            until=read_bound(until, "until"), after=after if cursor else None, limit=limit + 1, last=last,
        )  # fmt: skip
        more, shown = _cut(found, limit, last)
        next_cursor = cursor_of(shown[-1].opens) if more else None
        return Page(tuple(_candle_view(candle, digits) for candle in shown), next_cursor)

    @get("/quotes/{symbol:str}/ticks", summary="List ticks", guards=[needs(Permission.MARKET_READ)])
    async def ticks(
        self,
        session: Call,
        symbol: SymbolPath,
        since: Since = None,
        until: Until = None,
        last: LastQuery = False,
        cursor: Cursor = None,
        limit: Limit = 500,
    ) -> Page[TickView]:
        """Oldest first. With `last` the newest ones of the span, and no cursor."""
        digits = digits_for(session.desk, symbol)
        at, number = place_of(cursor, 2)
        found: list[Tick] = await asyncio.to_thread(
            session.platform.quotes.ticks, symbol, since=read_bound(since, "since"), until=read_bound(until, "until"),
            after=(at, number) if cursor else None, limit=limit + 1, last=last,
        )  # fmt: skip
        more, shown = _cut(found, limit, last)
        next_cursor = cursor_of(shown[-1].at, shown[-1].number) if more else None
        views = (TickView(show_moment(tick.at), show_price(tick.bid, digits), show_price(tick.ask, digits)) for tick in shown)
        return Page(tuple(views), next_cursor)


def _cut(found: list[Found], limit: int, last: bool) -> tuple[bool, list[Found]]:
    """Return whether more follows, and what of it is shown; one more than `limit` was asked for to know."""
    return (False, found[-limit:]) if last else (len(found) > limit, found[:limit])
