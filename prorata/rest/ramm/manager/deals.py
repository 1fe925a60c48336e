"""Deals of investments: in the market, movements of money, fees, and what was asked for in vain."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from prorata.control.clients import Names
from prorata.control.paging import Slice
from prorata.copying.desk import CopyDesk
from prorata.messages.copy_terms import Accounting, InvestmentType
from prorata.projections.asked import Found as Page
from prorata.projections.copying.codes import CopyDealType
from prorata.projections.copying.filters import DealFilter, SignalFilter
from prorata.projections.copying.lists import CopyLists
from prorata.projections.copying.rows import CopyDealRow
from prorata.projections.orders import Order, by_price, by_rank, by_size
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import Absent, invalid_input
from prorata.rest.ramm.manager.reach import Whose, copy_of, whose
from prorata.rest.ramm.past import lists_of
from prorata.rest.ramm.reference import symbol_ids
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Search, echo_of
from prorata.rest.ramm.values import Code, Id, Text, Time
from prorata.views.copying.numbers import iso_of, lots_of, money_of, precision_of, price_of_points

_COLUMNS: dict[str, str] = {
    "ID": "deal", "StrategyID": "strategy", "AccountID": "investment", "AccountType": "investment_type", "SignalID": "signal",
    "CommandID": "command", "SOID": "stop_out", "StreamID": "stream", "FillRequestID": "request", "ClientID": "client",
    "WalletID": "wallet", "DT": "at", "Type": "type", "Symbol": "symbol", "Commission": "commission", "Entry": "entry",
    "Profit": "profit", "Swap": "swap", "TotalProfit": "total", "DealToID": "deal", "Netting": "accounting", "Test": "test",
    "TurnoverUSD": "turnover",
}  # fmt: skip
"""order-by fields -> fields of the rows"""
_PEOPLE = ("ClientLogin", "ClientEmail")
ORDERS = (*_COLUMNS, "SymbolSpecID", "Volume", "VolumeA", "Price", *_PEOPLE)
_TRADED = (CopyDealType.BUY, CopyDealType.SELL, CopyDealType.REJECTED_BUY, CopyDealType.REJECTED_SELL)


class DealsFilter(Input, frozen=True, kw_only=True):
    """`DTFrom` is included, `DTTo` is not. `Test`: 0 real clients, 1 test clients, 2 all."""

    AccountID: Id | None = None
    SignalID: Id | None = None
    SOID: Id | None = None
    CommandID: Id | None = None
    StrategyID: Id | None = None
    Symbol: Text | None = None
    Type: Code | None = None
    AccountType: Code | None = None
    ID: Id | None = None
    DTFrom: Time | None = None
    DTTo: Time | None = None
    ClientID: Id | None = None
    WalletID: Id | None = None
    Test: Code | None = None
    AccountingSystem: Code | None = None


class DealsSearch(Search, frozen=True, kw_only=True):
    Filter: DealsFilter = DealsFilter()


class DealOfId(Input, frozen=True, kw_only=True):
    ID: Id


class DealFields(msgspec.Struct, frozen=True, kw_only=True):
    """What list and card have in common. What does not concern a deal is null: money has no symbol and no price.

    `Volume` is without sign: `Type` says which way. `Commission`: what it cost; `TotalProfit` = `Profit` + `Swap` -
    `Commission` is what the deal did to the balance. `DealToID` is null: a deal is booked against a position, never
    against another deal. `TurnoverUSD` is in the account's currency. `Netting`: 1 netting, 0 hedging.
    """

    StrategyID: int
    AccountingSystem: int
    AccountID: int
    SignalID: int | None
    CommandID: int | None
    SOID: int | None
    SymbolSpecID: int | None
    StreamID: int | None
    FillRequestID: int | None
    DT: str
    Type: int
    Symbol: str | None
    Volume: Decimal
    VolumeA: Decimal
    Price: Decimal | None
    Commission: Decimal
    Entry: int | None
    Profit: Decimal
    Swap: Decimal
    TotalProfit: Decimal
    DealToID: int | None
    Netting: int
    PrecisionPrice: int | None
    PrecisionVolume: int
    TurnoverUSD: Decimal


class DealRow(DealFields, frozen=True, kw_only=True):
    """`StrategyTags`: the execution instructions of the strategy."""

    ID: int
    AccountType: int
    ClientID: int
    WalletID: int
    ClientLogin: str
    ClientEmail: str
    Test: int
    StrategyTags: str


class DealCard(DealFields, frozen=True, kw_only=True):
    """`Comment` is that of the signal, `Tag` the company's number for the client."""

    DealID: int
    CommissionLiquidity: Decimal
    CommissionBroker: Decimal
    CommissionTrader: Decimal
    CommissionPartner: Decimal
    Comment: str
    Tag: int


class DealsFound(Found, frozen=True, kw_only=True):
    Deals: list[DealRow]


@MANAGER.method("deals.search", reads=True)
async def deals_search(call: Call, given: DealsSearch) -> DealsFound:
    """Find deals of the company's investments."""
    part = given.part(ORDERS)
    wanted, lists = _wanted(call, given.Filter), lists_of(call)
    if part.field in _PEOPLE:
        counts = await call.sql(lists.deals(wanted).counts, "client")
        names = await call.sql(call.control.clients.logins, call.company.id, list(counts))
        page = await call.sql(_by_people, lists, wanted, part, counts, names)
    else:
        page = await call.sql(
            lists.deals(wanted).page, order=_order(copy_of(call), part.field), descending=part.descending,
            offset=part.offset, limit=part.limit,
        )  # fmt: skip
        clients = sorted({row.client for row in page.rows})
        names = await call.sql(call.control.clients.logins, call.company.id, clients)
    copy = copy_of(call)
    symbols = symbol_ids(copy.desk)
    rows = [_row(copy, symbols, deal, names.get(deal.client, _NOBODY)) for deal in page.rows]
    return DealsFound(**echo_of(given, part, page.total), Deals=rows)


@MANAGER.method("deals.get", reads=True)
async def deals_get(call: Call, given: DealOfId) -> DealCard:
    """One deal, with its commission by who gets it."""
    lists = lists_of(call)
    deal = await call.sql(lists.deals(DealFilter(company=call.company.id, deal=given.ID)).one) if given.ID else None
    if deal is None:
        raise Absent("ID")
    signal = await call.sql(lists.signals(SignalFilter(signal=deal.signal)).one) if deal.signal else None
    client = await call.sql(call.control.clients.get, call.company.id, deal.client)
    copy, currency = copy_of(call), deal.currency
    return DealCard(
        **_fields(copy, symbol_ids(copy.desk), deal),
        DealID=deal.deal,
        CommissionLiquidity=money_of(deal.liquidity_commission, currency),
        CommissionBroker=money_of(deal.broker_commission, currency),
        CommissionTrader=money_of(deal.trader_commission, currency),
        CommissionPartner=money_of(deal.partner_commission, currency),
        Comment="" if signal is None else signal.comment,
        Tag=0 if client is None else client.tag,
    )


def _wanted(call: Call, given: DealsFilter) -> DealFilter:
    """Return the filter of the tables. Raises `Failure`."""
    _check_code("Filter.AccountType", given.AccountType, InvestmentType)
    _check_code("Filter.AccountingSystem", given.AccountingSystem, Accounting)
    test = whose(given.Test)
    return DealFilter(
        company=call.company.id,
        investment=given.AccountID,
        signal=given.SignalID,
        stop_out=given.SOID,
        command=given.CommandID,
        strategy=given.StrategyID,
        symbol=given.Symbol,
        type=_type_of(given.Type),
        investment_type=None if given.AccountType is None else InvestmentType(given.AccountType),
        deal=given.ID,
        since=given.DTFrom,
        until=given.DTTo,
        client=given.ClientID,
        wallet=given.WalletID,
        test=None if test is Whose.ALL else int(test),
        accounting=None if given.AccountingSystem is None else Accounting(given.AccountingSystem),
    )


def _check_code(field: str, code: int | None, codes: Any) -> None:
    if code is not None and code not in set(codes):
        raise invalid_input(field, f"expected one of {', '.join(str(int(one)) for one in codes)}")


def _type_of(code: int | None) -> CopyDealType | tuple[CopyDealType, ...] | None:
    """Return a documented type; of those that do not occur here there are no deals."""
    if code is None:
        return None
    return CopyDealType(code) if code in set(CopyDealType) else ()


def _order(copy: CopyDesk, field: str) -> str | Order:
    match field:
        case "Volume":
            return by_size("volume")
        case "VolumeA":
            return by_size("a_volume")
        case "SymbolSpecID":
            return by_rank("symbol", symbol_ids(copy.desk))
        case "Price":
            return by_price("price", "symbol", {name: spec.digits for name, spec in copy.desk.state.symbols.items()})
        case _:
            return _COLUMNS[field]


_NOBODY = Names("", "")


def _by_people(
    lists: CopyLists, wanted: DealFilter, part: Slice, counts: Mapping[int, int], names: Mapping[int, Names]
) -> Page[CopyDealRow]:
    """Return a page of deals by what their clients are called, which the tables do not know: client by client."""

    def called(client: int) -> tuple[str, int]:
        one = names.get(client, _NOBODY)
        return (one.login if part.field == "ClientLogin" else one.email).casefold(), client

    rows: list[CopyDealRow] = []
    skipped = part.offset
    for client in sorted(counts, key=called, reverse=part.descending):
        if skipped >= counts[client]:
            skipped -= counts[client]
            continue
        asked = lists.deals(msgspec.structs.replace(wanted, client=client))
        rows += asked.page(descending=part.descending, offset=skipped, limit=part.limit - len(rows)).rows
        skipped = 0
        if len(rows) == part.limit:
            break
    return Page(tuple(rows), sum(counts.values()))


def _row(copy: CopyDesk, symbols: Mapping[str, int], deal: CopyDealRow, names: Names) -> DealRow:
    return DealRow(
        **_fields(copy, symbols, deal),
        ID=deal.deal,
        AccountType=int(deal.investment_type),
        ClientID=deal.client,
        WalletID=deal.wallet,
        ClientLogin=names.login,
        ClientEmail=names.email,
        Test=deal.test,
        StrategyTags=deal.tags,
    )


def _fields(copy: CopyDesk, symbols: Mapping[str, int], deal: CopyDealRow) -> dict[str, Any]:
    currency = deal.currency
    precision = precision_of(copy.state.specs[f"{deal.company}/{currency}"])
    digits = copy.desk.state.symbols[deal.symbol].digits if deal.symbol else None
    return {
        "StrategyID": deal.strategy,
        "AccountingSystem": int(deal.accounting),
        "AccountID": deal.investment,
        "SignalID": deal.signal or None,
        "CommandID": deal.command or None,
        "SOID": deal.stop_out or None,
        "SymbolSpecID": symbols.get(deal.symbol),
        "StreamID": deal.stream or None,
        "FillRequestID": deal.request or None,
        "DT": iso_of(deal.at),
        "Type": int(deal.type),
        "Symbol": deal.symbol or None,
        "Volume": lots_of(abs(deal.volume), precision),
        "VolumeA": lots_of(abs(deal.a_volume), precision),
        "Price": price_of_points(deal.price, digits) if digits is not None and deal.price else None,
        "Commission": money_of(deal.commission, currency),
        "Entry": int(deal.entry) if deal.type in _TRADED else None,
        "Profit": money_of(deal.profit, currency),
        "Swap": money_of(deal.swap, currency),
        "TotalProfit": money_of(deal.total, currency),
        "DealToID": None,
        "Netting": int(deal.accounting == Accounting.NETTING),
        "PrecisionPrice": digits,
        "PrecisionVolume": precision,
        "TurnoverUSD": money_of(deal.turnover, currency),
    }
