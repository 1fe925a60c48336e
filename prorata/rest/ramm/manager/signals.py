"""Signals that strategies have received, with what came of them."""

from decimal import Decimal
from typing import Any

import msgspec

from prorata.messages.copy_terms import SignalStatus
from prorata.projections.copying.filters import SignalFilter
from prorata.projections.copying.rows import SignalRow
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import Absent, invalid_input
from prorata.rest.ramm.manager.reach import copy_of
from prorata.rest.ramm.past import lists_of
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Search, echo_of
from prorata.rest.ramm.values import Code, Id, Text, Time
from prorata.views.copying.numbers import iso_of, lots_of, money_of

ORDERS: dict[str, str] = {
    "ID": "signal", "StrategyID": "strategy", "DT": "at", "Symbol": "symbol", "TraderLot": "lot", "TraderEquity": "equity",
    "SymbolsSync": "symbols", "Status": "status", "Ticket": "ticket", "Comment": "comment", "DTProcessed": "processed_at",
}  # fmt: skip
"""order-by fields -> fields of the rows"""


class SignalsFilter(Input, frozen=True, kw_only=True):
    """`DTFrom` is included, `DTTo` is not."""

    StrategyID: Id | None = None
    DTFrom: Time | None = None
    DTTo: Time | None = None
    Symbol: Text | None = None
    Status: Code | None = None


class SignalsSearch(Search, frozen=True, kw_only=True):
    Filter: SignalsFilter = SignalsFilter()


class SignalOfId(Input, frozen=True, kw_only=True):
    ID: Id


class SignalView(msgspec.Struct, frozen=True, kw_only=True):
    """A synchronisation has no symbol of its own: `SymbolsSync` names all that the source held, with commas between.

    `TraderLot`: the signed net volume of the symbol at the source. `DTProcessed`: when the last deal of it was booked.
    """

    ID: int
    StrategyID: int
    DT: str
    Symbol: str | None
    TraderLot: Decimal
    TraderEquity: Decimal
    SymbolsSync: str
    Status: int
    Ticket: str
    Comment: str
    DTProcessed: str


class SignalsFound(Found, frozen=True, kw_only=True):
    Signals: list[SignalView]


@MANAGER.method("signals.search", reads=True)
async def signals_search(call: Call, given: SignalsSearch) -> SignalsFound:
    """Find signals."""
    part, wanted = given.part(ORDERS), given.Filter
    if wanted.Status is not None and wanted.Status not in set(SignalStatus):
        raise invalid_input("Filter.Status", "expected 0 to 3")
    asked = lists_of(call).signals(
        SignalFilter(
            company=call.company.id, strategy=wanted.StrategyID, since=wanted.DTFrom, until=wanted.DTTo, symbol=wanted.Symbol,
            status=None if wanted.Status is None else SignalStatus(wanted.Status),
        )
    )  # fmt: skip
    page = await call.sql(
        asked.page, order=ORDERS[part.field], descending=part.descending, offset=part.offset, limit=part.limit
    )
    return SignalsFound(**echo_of(given, part, page.total), Signals=[_view(call, row) for row in page.rows])


@MANAGER.method("signals.get", reads=True)
async def signals_get(call: Call, given: SignalOfId) -> SignalView:
    """One signal."""
    row = await call.sql(lists_of(call).signals(SignalFilter(company=call.company.id, signal=given.ID)).one)
    if row is None:
        raise Absent("ID")
    return _view(call, row)


def _view(call: Call, row: SignalRow) -> SignalView:
    currency = copy_of(call).state.strategies[row.strategy].currency
    fields: dict[str, Any] = {
        "ID": row.signal,
        "StrategyID": row.strategy,
        "DT": iso_of(row.at),
        "Symbol": row.symbol or None,
        "TraderLot": lots_of(row.lot),
        "TraderEquity": money_of(row.equity, currency),
        "SymbolsSync": row.symbols,
        "Status": int(row.status),
        "Ticket": row.ticket,
        "Comment": row.comment,
        "DTProcessed": iso_of(row.processed_at),
    }
    return SignalView(**fields)
