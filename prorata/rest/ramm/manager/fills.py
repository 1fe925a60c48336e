"""Execution of what investments want: the netted orders for streams, and what was filled of them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from prorata.copying.desk import CopyDesk
from prorata.projections.copying.executions import CompanyFillRow, CompanyRequestRow, CopyExecutions, PriceBounds
from prorata.projections.copying.filters import FillFilter, RequestFilter
from prorata.projections.orders import Order, by_price, by_size
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import Absent, invalid_input
from prorata.rest.ramm.manager.reach import Whose, copy_of, whose
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Search, echo_of
from prorata.rest.ramm.values import Code, Id, Real, Text, Time
from prorata.units.numbers import DAY_MS, Ticket
from prorata.views.copying.numbers import iso_of, iso_or_none, lots_of, money_of, price_of_points

RANGE_MAX_MS = 31 * DAY_MS
"""The longest time from which fills are looked for without naming an order, a symbol or a ticket."""


class FillsFilter(Input, frozen=True, kw_only=True):
    """`DTProcessedFrom` is included, `DTProcessedTo` is not; prices are both included. `Ticket`: the venue's.

    `Test`: 0 real clients, 1 test clients alone, 2 all.
    """

    DTProcessedFrom: Time | None = None
    DTProcessedTo: Time | None = None
    FillRequestID: Id | None = None
    Symbol: Text | None = None
    Ticket: Text | Annotated[int, Meta(ge=0)] | None = None
    PriceFrom: Real | None = None
    PriceTo: Real | None = None
    ID: Id | None = None
    Test: Code | None = None


class FillsSearch(Search, frozen=True, kw_only=True):
    Filter: FillsFilter = FillsFilter()


class FillOfId(Input, frozen=True, kw_only=True):
    ID: Id


class FillCard(msgspec.Struct, frozen=True, kw_only=True):
    """`Ticket`: the venue's number of the execution. `VolumeRejected`: what of the order was not filled, beside its last
    fill. `CommissionFill`: below 0, what the venue took. The venue's own clock is not kept: the three times are ours.
    """

    ID: int
    FillRequestID: int
    Symbol: str
    Price: Decimal
    VolumeFilled: Decimal
    VolumeRejected: Decimal
    CommissionFill: Decimal
    Ticket: str
    DT: str
    DTExecuted: str
    DTProcessed: str


class FillView(FillCard, frozen=True, kw_only=True):
    Test: int


class FillsFound(Found, frozen=True, kw_only=True):
    Fills: list[FillView]


class RequestsFilter(Input, frozen=True, kw_only=True):
    """`Test`: 0 real clients, 1 test clients alone, 2 all."""

    StreamID: Id | None = None
    Symbol: Text | None = None
    Test: Code | None = None


class RequestsSearch(Search, frozen=True, kw_only=True):
    Filter: RequestsFilter = RequestsFilter()


class RequestCard(msgspec.Struct, frozen=True, kw_only=True):
    """`Volume`: bought above 0, sold below; 0 if nothing had to be traded. `DTProcessed`: when no more fills could come."""

    ID: int
    StreamID: int
    Symbol: str
    Volume: Decimal
    DT: str
    DTProcessed: str | None
    DTLastFill: str | None


class RequestView(RequestCard, frozen=True, kw_only=True):
    Test: int


class RequestsFound(Found, frozen=True, kw_only=True):
    FillRequests: list[RequestView]


FILL_ORDERS: dict[str, str] = {
    "ID": "fill", "FillRequestID": "request", "Symbol": "symbol", "Price": "", "VolumeFilled": "filled",
    "VolumeRejected": "rejected", "CommissionFill": "commission", "Ticket": "execution", "DT": "at", "DTExecuted": "at",
    "DTProcessed": "at", "Test": "test",
}  # fmt: skip
REQUEST_ORDERS: dict[str, str | Order] = {
    "ID": "ticket", "StreamID": "stream", "Symbol": "symbol", "Volume": by_size("volume"), "DT": "at",
    "DTProcessed": "ended_at", "DTLastFill": "last_fill_at", "Test": "test",
}  # fmt: skip
"""order-by fields -> fields of the rows; prices and volumes by what they are"""


@MANAGER.method("fills.search", reads=True)
async def fills_search(call: Call, given: FillsSearch) -> FillsFound:
    """Find what was filled of the company's orders."""
    part, wanted = given.part(FILL_ORDERS), given.Filter
    _check_range(call, wanted)
    digits = _digits(copy_of(call))
    asked = _executions(call).fills_of(
        call.company.id,
        FillFilter(
            fill=wanted.ID, request=wanted.FillRequestID, symbol=wanted.Symbol,
            execution=None if wanted.Ticket is None else str(wanted.Ticket), since=wanted.DTProcessedFrom,
            until=wanted.DTProcessedTo,
        ),
        test=_test(wanted.Test),
        prices=_prices(wanted, digits),
    )  # fmt: skip
    order = by_price("price", "symbol", digits) if part.field == "Price" else FILL_ORDERS[part.field]
    page = await call.sql(asked.page, order=order, descending=part.descending, offset=part.offset, limit=part.limit)
    rows = [FillView(**_fill(call, row, digits), Test=row.test) for row in page.rows]
    return FillsFound(**echo_of(given, part, page.total), Fills=rows)


@MANAGER.method("fills.get", reads=True)
async def fills_get(call: Call, given: FillOfId) -> FillCard:
    """One fill."""
    row = await call.sql(_executions(call).fills_of(call.company.id, FillFilter(fill=given.ID)).one)
    if row is None:
        raise Absent("ID")
    return FillCard(**_fill(call, row, _digits(copy_of(call))))


@MANAGER.method("fillRequests.search", reads=True)
async def fill_requests_search(call: Call, given: RequestsSearch) -> RequestsFound:
    """Find the company's netted orders for streams."""
    part, wanted = given.part(REQUEST_ORDERS), given.Filter
    asked = _executions(call).fill_requests_of(
        call.company.id, RequestFilter(stream=wanted.StreamID, symbol=wanted.Symbol), under_way=_under_way(call),
        test=_test(wanted.Test),
    )  # fmt: skip
    order = REQUEST_ORDERS[part.field]
    page = await call.sql(asked.page, order=order, descending=part.descending, offset=part.offset, limit=part.limit)
    rows = [RequestView(**_request(row), Test=row.test) for row in page.rows]
    return RequestsFound(**echo_of(given, part, page.total), FillRequests=rows)


@MANAGER.method("fillRequests.get", also=("hb.get",), reads=True)
async def fill_requests_get(call: Call, given: FillOfId) -> RequestCard:
    """One netted order for a stream."""
    asked = _executions(call).fill_requests_of(
        call.company.id, RequestFilter(ticket=given.ID), under_way=_under_way(call)
    )  # fmt: skip
    row = await call.sql(asked.one)
    if row is None:
        raise Absent("ID")
    return RequestCard(**_request(row))


def _executions(call: Call) -> CopyExecutions:
    return CopyExecutions(call.platform.history)


def _under_way(call: Call) -> list[Ticket]:
    """Return the orders that travel for strategies of the company."""
    state = copy_of(call).state
    return [
        ticket
        for ticket, request in state.requests.items()
        if any(state.strategies[part.strategy].company == call.company.id for part in request.parts)
    ]


def _check_range(call: Call, wanted: FillsFilter) -> None:
    """Raises `Failure` for a time of more than a month that nothing else narrows."""
    if wanted.FillRequestID is not None or wanted.Symbol is not None or wanted.Ticket is not None:
        return
    if wanted.DTProcessedFrom is not None:
        until = call.platform.now() if wanted.DTProcessedTo is None else wanted.DTProcessedTo
        if until - wanted.DTProcessedFrom > RANGE_MAX_MS:
            raise invalid_input(
                "Filter.DTProcessedFrom", "expected no more than a month, or one of FillRequestID, Symbol and Ticket"
            )


def _test(given: Code | None) -> int | None:
    test = whose(given)
    return None if test is Whose.ALL else int(test)


def _digits(copy: CopyDesk) -> dict[str, int]:
    return {name: spec.digits for name, spec in copy.desk.state.symbols.items()}


def _prices(wanted: FillsFilter, digits: Mapping[str, int]) -> PriceBounds | None:
    if wanted.PriceFrom is None and wanted.PriceTo is None:
        return None
    return PriceBounds(wanted.PriceFrom, wanted.PriceTo, digits)


def _fill(call: Call, row: CompanyFillRow, digits: Mapping[str, int]) -> dict[str, Any]:
    at = iso_of(row.at)
    return {
        "ID": row.fill,
        "FillRequestID": row.request,
        "Symbol": row.symbol,
        "Price": price_of_points(row.price, digits[row.symbol]),
        "VolumeFilled": lots_of(row.filled),
        "VolumeRejected": lots_of(row.rejected),
        "CommissionFill": money_of(-row.commission, call.company.currency),
        "Ticket": row.execution,
        "DT": at,
        "DTExecuted": at,
        "DTProcessed": at,
    }


def _request(row: CompanyRequestRow) -> dict[str, Any]:
    return {
        "ID": row.ticket,
        "StreamID": row.stream,
        "Symbol": row.symbol,
        "Volume": lots_of(row.volume),
        "DT": iso_of(row.at),
        "DTProcessed": iso_or_none(row.ended_at),
        "DTLastFill": iso_or_none(row.last_fill_at),
    }
