"""The copy statement over HTTP: why an investment's result is not the strategy's, deal by deal and to the cent."""

import asyncio
from collections.abc import Iterable

import msgspec
from litestar import Controller, get

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.copying.values import price_of
from prorata.messages.refusals import Refusal
from prorata.projections.copying.filters import DealFilter, StateFilter, TrimmedFilter
from prorata.projections.copying.lists import CopyLists
from prorata.projections.copying.register_rows import StateRow
from prorata.projections.copying.rows import CopyDealRow, TrimmedRow
from prorata.projections.history import History
from prorata.reports.copy_deals import REASON_TEXTS, CopyStatement, CopyTerms, Line, Parts
from prorata.reports.copy_records import MOVED
from prorata.reports.copy_statement import copy_statement, within
from prorata.reports.copy_statement_records import Numbering, absences, charges_of, copy_deals, source_deals
from prorata.rest.own.copying.reach import COPY_READING, InvestmentPath, copy_of, investment_of
from prorata.rest.own.paging import Cursor, Limit, Since, Until, cursor_of, place_of, read_bound
from prorata.rest.own.session import Call
from prorata.rest.own.views import View, digits_of
from prorata.units.decimals import format_decimal
from prorata.units.numbers import LOGIN_MAX, PPM, VOLUME_PER_LOT, Moment
from prorata.units.rounding import div_half_even
from prorata.views.answers import Rejected
from prorata.views.copying.figures import InvestmentFigures, investment_figures
from prorata.views.names import CopyReasonName, name_of
from prorata.views.numbers import show_moment, show_volume

_FACTOR_PPM = 10_000
"""a hundredth of a factor in ppm"""


class PartsView(View, frozen=True):
    """From the strategy's result to the investment's: the eight sum to the difference, to the cent."""

    sizing: str
    time: str
    rounding: str
    price: str
    swap: str
    turnover_commission: str
    performance_fee: str
    other_fees: str


class StatementLineView(View, frozen=True):
    """A deal of the strategy with what the investment made of it, a deal of the investment alone, or a charge.

    Volumes are signed. `investor` is `strategy` plus the parts.
    """

    at: str
    signal: int | None
    symbol: str | None
    reason: CopyReasonName
    reason_text: str
    source_volume: str
    asked: str
    done: str
    strategy: str
    investor: str
    parts: PartsView


class StatementView(View, frozen=True):
    """The sums are over the whole time that was asked for, `lines` a part of it. Results that still float are not in them."""

    investment: int
    strategy: int
    currency: str
    strategy_result: str
    investor_result: str
    difference: str
    parts: PartsView
    lines: tuple[StatementLineView, ...]
    next_cursor: str | None


class _Record(msgspec.Struct, frozen=True):
    own: tuple[CopyDealRow, ...]
    deals: tuple[CopyDealRow, ...]
    trimmed: tuple[TrimmedRow, ...]
    states: tuple[StateRow, ...]


def _read(history: History, own: int, investment: int) -> _Record:
    """Read the tables. Blocks."""
    lists = CopyLists(history)
    return _Record(
        lists.deals(DealFilter(investment=own)).all(),
        lists.deals(DealFilter(investment=investment)).all(),
        lists.trimmed(TrimmedFilter(investment=investment)).all(),
        lists.states(StateFilter(investment=investment)).all(),
    )


def _lot_points(copy: CopyDesk, strategy: Strategy, symbols: Iterable[str]) -> dict[str, int]:
    """Return what a point of a lot is worth at the newest rates, in millionths of the smallest unit; 0 without a quote."""
    found: dict[str, int] = {}
    for symbol in symbols:
        price = price_of(copy, symbol, strategy.currency)
        if price is not None:
            numerator = VOLUME_PER_LOT * PPM * price.point[0] * price.gain[0]
            found[symbol] = div_half_even(numerator, price.point[1] * price.gain[1])
    return found


def _terms(figures: InvestmentFigures, record: _Record) -> CopyTerms:
    first = next((deal.total for deal in record.deals if deal.type in MOVED), 0)
    left = figures.closed_at or None
    return CopyTerms(joined_at=figures.opened_at, left_at=left, equity=first, factor_ppm=figures.factor * _FACTOR_PPM)


class Statements(Controller):
    tags = ("Statistics",)
    guards = (COPY_READING,)

    @get("/investments/{investment:int}/statement", summary="Show why an investment's result is not its strategy's")
    async def statement(
        self,
        session: Call,
        investment: InvestmentPath,
        since: Since = None,
        until: Until = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> StatementView:
        """The strategy's deals are those of its trader's own investment. Oldest lines first."""
        strategy, row = investment_of(session, investment)
        if row == 0:
            raise Rejected(Refusal.OWN_INVESTMENT, "the trader's own investment is what others are compared with")
        own = int(strategy.investments.number[0])
        record = await asyncio.to_thread(_read, session.platform.history, own, investment)
        copy = copy_of(session)
        figures = investment_figures(copy, strategy, row)
        symbols = {deal.symbol for deal in (*record.own, *record.deals) if deal.symbol}
        lot_points = _lot_points(copy, strategy, symbols)
        span = (read_bound(since, "since") or 0, read_bound(until, "until") or LOGIN_MAX)
        (begin,) = place_of(cursor, 1)

        def reckon() -> StatementView:
            numbering = Numbering()
            source = source_deals(record.own, lot_points, numbering)
            copies = copy_deals(record.deals, record.trimmed, record.states, lot_points, numbering)
            copies += absences(source, copies, record.states)
            found = copy_statement(source, copies, charges_of(record.deals), _terms(figures, record))
            return _view(figures, strategy.currency, _during(found, *span), numbering, begin, limit)

        return await asyncio.to_thread(reckon)


def _during(found: CopyStatement, since: Moment, until: Moment) -> CopyStatement:
    return found if (since, until) == (0, LOGIN_MAX) else within(found, since, until)


def _view(
    figures: InvestmentFigures, currency: str, found: CopyStatement, numbering: Numbering, begin: int, limit: int
) -> StatementView:
    digits = digits_of(currency)
    lines = found.lines[begin : begin + limit]
    following = cursor_of(begin + limit) if begin + limit < len(found.lines) else None
    return StatementView(
        figures.number,
        figures.strategy,
        currency,
        format_decimal(found.strategy, digits),
        format_decimal(found.investor, digits),
        format_decimal(found.investor - found.strategy, digits),
        _parts(found.parts, digits),
        tuple(_line(line, numbering, digits) for line in lines),
        following,
    )


def _parts(parts: Parts, digits: int) -> PartsView:
    return PartsView(*(format_decimal(getattr(parts, name), digits) for name in PartsView.__struct_fields__))


def _line(line: Line, numbering: Numbering, digits: int) -> StatementLineView:
    return StatementLineView(
        show_moment(line.at),
        numbering.signals[line.signal] or None,
        line.symbol or None,
        name_of(line.reason),
        REASON_TEXTS[line.reason],
        show_volume(line.source_volume),
        show_volume(line.asked),
        show_volume(line.done),
        format_decimal(line.strategy, digits),
        format_decimal(line.investor, digits),
        _parts(line.parts, digits),
    )
