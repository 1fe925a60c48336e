"""Open positions of investments: what is held, what is asked for, the margin of both, and the result so far."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from prorata.control.clients import Client
from prorata.copying.columns import Int64
from prorata.copying.desk import CopyDesk
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.positions import digits_of
from prorata.rest.ramm.errors import invalid_input
from prorata.rest.ramm.manager.reach import Whose, company_strategies, copy_of, position_of, whose
from prorata.rest.ramm.reference import symbol_ids
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Search, echo_of
from prorata.rest.ramm.values import Code, Id, Text
from prorata.views.copying.numbers import iso_or_none, lots_of, money_of, price_of_points
from prorata.views.copying.positions import LegBook, PositionFigures, PositionList, position_figures

_FIGURES: dict[str, str] = {
    "ID": "number", "AccountID": "investment", "VolumeRequestLong": "request_long", "VolumeRequestShort": "request_short",
    "VolumeOpen": "volume", "VolumeRejected": "rejected", "PriceOpen": "price_open", "Swap": "swap",
    "MarginRequestLong": "request_long_margin", "MarginRequestShort": "request_short_margin", "MarginOpen": "open_margin",
    "MarginLongTotal": "long_margin", "MarginShortTotal": "short_margin", "MarginTotal": "total_margin", "Profit": "profit",
    "TotalProfit": "total_profit", "ProfitCalcQuote": "close_price", "ClientID": "client", "WalletID": "wallet",
    "IDStrategy": "strategy", "StrategyID": "strategy", "Test": "test", "AccountingSystem": "accounting",
    "SwapDT": "swap_at",
}  # fmt: skip
"""order-by fields -> figures of positions; `IDStrategy` is documented, `StrategyID` is what the rows have"""
ORDERS = (*_FIGURES, "SymbolSpecID", "Symbol", "StrategyName", "TraderID", "TraderLogin", "Ticket")


class PositionsFilter(Input, frozen=True, kw_only=True):
    """`Test`: 0 real clients, 1 test clients, 2 all."""

    AccountID: Id | None = None
    ClientID: Id | None = None
    WalletID: Id | None = None
    StrategyID: Id | None = None
    Symbol: Text | None = None
    Test: Code | None = None
    AccountingSystem: Code | None = None
    Ticket: Text | None = None


class PositionsSearch(Search, frozen=True, kw_only=True):
    Filter: PositionsFilter = PositionsFilter()


class PositionAsked(Input, frozen=True, kw_only=True):
    """The documents have both names."""

    ID: Id | None = None
    PositionID: Id | None = None


class PositionFields(msgspec.Struct, frozen=True, kw_only=True):
    """`VolumeOpen` of a sold position is below 0. `Ticket` is empty in netting mode, prices are null where there is none."""

    AccountingSystem: int
    Ticket: str
    AccountID: int
    SymbolSpecID: int
    Symbol: str
    VolumeRequestLong: Decimal
    VolumeRequestShort: Decimal
    VolumeOpen: Decimal
    VolumeRejected: Decimal
    PriceOpen: Decimal | None
    Swap: Decimal
    SwapDT: str | None
    MarginRequestLong: Decimal
    MarginRequestShort: Decimal
    MarginOpen: Decimal
    MarginLongTotal: Decimal
    MarginShortTotal: Decimal
    MarginTotal: Decimal
    Profit: Decimal
    TotalProfit: Decimal
    ProfitCalcQuote: Decimal | None
    ClientID: int
    WalletID: int
    PrecisionPrice: int
    PrecisionVolume: int


class PositionRow(PositionFields, frozen=True, kw_only=True):
    ID: int
    StrategyID: int
    StrategyName: str
    TraderID: int
    TraderLogin: str
    Test: int


class PositionCard(PositionFields, frozen=True, kw_only=True):
    PositionID: int


class PositionsFound(Found, frozen=True, kw_only=True):
    Positions: list[PositionRow]


@MANAGER.method("positions.search", reads=True)
async def positions_search(call: Call, given: PositionsSearch) -> PositionsFound:
    """Find open positions."""
    part = given.part(ORDERS)
    copy, company = copy_of(call), call.company.id
    traders = await _traders(call, company_strategies(copy, company)) if part.field == "TraderLogin" else {}
    # From here on everything is of one moment.
    found = _found(copy, company, given.Filter)
    places = _ordered(copy, found, part.field, traders, descending=part.descending)
    page = found.figures(places[part.offset : part.offset + part.limit])
    total, symbols = len(found), symbol_ids(copy.desk)
    fields = [(_fields(figures, book, symbols), figures, book) for figures, book in page]
    traders = await _traders(call, [book.strategy for _, _, book in fields])
    rows = [
        PositionRow(
            **shown,
            ID=figures.number,
            StrategyID=book.strategy.number,
            StrategyName=book.strategy.name,
            TraderID=book.strategy.client,
            TraderLogin=_login_of(traders, book.strategy.client),
            Test=figures.test,
        )
        for shown, figures, book in fields
    ]
    return PositionsFound(**echo_of(given, part, total), Positions=rows)


@MANAGER.method("positions.get", reads=True)
async def positions_get(call: Call, given: PositionAsked) -> PositionCard:
    """One open position."""
    number = given.ID if given.ID is not None else given.PositionID
    if number is None:
        raise invalid_input("ID", "missing")
    strategy, head, row = position_of(call, number, "ID" if given.ID is not None else "PositionID")
    copy = copy_of(call)
    figures = position_figures(copy, strategy, head, row)
    return PositionCard(**_fields(figures, LegBook(copy, strategy, head), symbol_ids(copy.desk)), PositionID=figures.number)


def _found(copy: CopyDesk, company: int, wanted: PositionsFilter) -> PositionList:
    """Return the company's positions that are meant. Raises `Failure`."""
    test = whose(wanted.Test)
    strategies = [
        strategy
        for strategy in company_strategies(copy, company)
        if wanted.StrategyID in (None, strategy.number) and wanted.AccountingSystem in (None, strategy.accounting)
    ]
    found = PositionList(copy, strategies)
    found.books = [
        book for book in found.books if wanted.Symbol in (None, book.head.symbol) and wanted.Ticket in (None, book.head.ticket)
    ]
    masks = [
        found[name] == value
        for name, value in (("investment", wanted.AccountID), ("client", wanted.ClientID), ("wallet", wanted.WalletID))
        if value is not None
    ]
    if test is not Whose.ALL:
        masks.append(found["test"] == (test is Whose.TEST))
    return found.where(np.logical_and.reduce(masks)) if masks else found


def _ordered(
    copy: CopyDesk, found: PositionList, field: str, traders: Mapping[int, Client], *, descending: bool
) -> Int64:  # fmt: skip
    """Return the places of positions in the order of a documented field."""
    if field in _FIGURES:
        return found.order(_FIGURES[field], descending=descending, none=0 if field == "SwapDT" else None)
    symbols = symbol_ids(copy.desk)
    if field == "SymbolSpecID":
        return found.order(found.of_legs(lambda book: symbols[book.head.symbol]), descending=descending)
    if field == "TraderID":
        return found.order(found.of_legs(lambda book: book.strategy.client), descending=descending)

    def text_of(book: LegBook) -> str:
        match field:
            case "Symbol":
                return book.head.symbol
            case "Ticket":
                return book.head.ticket
            case "StrategyName":
                return book.strategy.name.casefold()
            case _:
                return _login_of(traders, book.strategy.client).casefold()

    ranks = {text: rank for rank, text in enumerate(sorted({text_of(book) for book in found.books}))}
    return found.order(found.of_legs(lambda book: ranks[text_of(book)]), descending=descending)


async def _traders(call: Call, strategies: Any) -> dict[int, Client]:
    """Return the clients whose strategies they are."""
    clients = sorted({strategy.client for strategy in strategies})
    return await call.sql(call.control.clients.many, call.company.id, clients)


def _login_of(clients: Mapping[int, Client], client: int) -> str:
    return clients[client].login if client in clients else ""


def _fields(figures: PositionFigures, book: LegBook, symbols: Mapping[str, int]) -> dict[str, Any]:
    currency = book.strategy.currency
    digits, precision = digits_of(book)
    return {
        "AccountingSystem": book.strategy.accounting,
        "Ticket": book.head.ticket,
        "AccountID": figures.investment,
        "SymbolSpecID": symbols[book.head.symbol],
        "Symbol": book.head.symbol,
        "VolumeRequestLong": lots_of(figures.request_long, precision),
        "VolumeRequestShort": lots_of(figures.request_short, precision),
        "VolumeOpen": lots_of(figures.volume, precision),
        "VolumeRejected": lots_of(figures.rejected, precision),
        "PriceOpen": price_of_points(figures.price_open, digits) if figures.volume else None,
        "Swap": money_of(figures.swap, currency),
        "SwapDT": iso_or_none(figures.swap_at),
        "MarginRequestLong": money_of(figures.request_long_margin, currency),
        "MarginRequestShort": money_of(figures.request_short_margin, currency),
        "MarginOpen": money_of(figures.open_margin, currency),
        "MarginLongTotal": money_of(figures.long_margin, currency),
        "MarginShortTotal": money_of(figures.short_margin, currency),
        "MarginTotal": money_of(figures.total_margin, currency),
        "Profit": money_of(figures.profit, currency),
        "TotalProfit": money_of(figures.total_profit, currency),
        "ProfitCalcQuote": price_of_points(figures.close_price, digits) if figures.close_price else None,
        "ClientID": figures.client,
        "WalletID": figures.wallet,
        "PrecisionPrice": digits,
        "PrecisionVolume": precision,
    }
