"""Deals of an investment, and movements on the wallet."""

from decimal import Decimal

import msgspec

from prorata.copying.state import Strategy
from prorata.messages.copy_terms import Accounting, TransferType
from prorata.projections.copying.filters import DealFilter, TransferFilter
from prorata.projections.copying.register_rows import WalletTransferRow
from prorata.projections.copying.rows import CopyDealRow, CopyDealSums
from prorata.projections.orders import Order, by_price, by_size
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.positions import AccountSearch
from prorata.rest.ramm.client.reach import copy_of, find_my_wallet, my_investment
from prorata.rest.ramm.client.wallets import WalletRow, wallet_rows
from prorata.rest.ramm.errors import invalid_input
from prorata.rest.ramm.past import lists_of
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.searching import Found, Search, echo_of
from prorata.rest.ramm.values import Code, Id, Time
from prorata.views.copying.numbers import iso_of, lots_of, money_of, precision_of, price_of_points

DEAL_ORDERS = {
    "ID": "deal", "SignalID": "signal", "CommandID": "command", "SOID": "stop_out", "TradingIntervalID": "interval",
    "DT": "at", "Type": "type", "Symbol": "symbol", "Volume": "volume", "Price": "price", "Commission": "commission",
    "Entry": "entry", "Profit": "profit", "Swap": "swap", "TotalProfit": "total", "DealToID": "deal", "Netting": "accounting",
}  # fmt: skip
"""order-by fields -> fields of the rows"""
TRANSFER_ORDERS = {
    "ID": "transfer", "StrategyID": "strategy", "AccountID": "investment", "DealID": "deal", "DT": "at",
    "AccrualDate": "at", "Amount": "amount", "Type": "type", "Comment": "comment", "StrategyName": "strategy_name",
}  # fmt: skip


class DealsTotal(msgspec.Struct, frozen=True):
    Profit: Decimal
    TotalProfit: Decimal
    Swap: Decimal
    Commission: Decimal


class DealRow(msgspec.Struct, frozen=True, kw_only=True):
    """`SOID`: the stop-out. `VolumeClosed`: of a deal that closes or reverses. `Profit`: of money that moved, the amount.

    `Volume` is without sign, `Type` says which way. `Commission` is what it cost: `TotalProfit` = `Profit` + `Swap` -
    `Commission`.

    `DealToID` is null: a deal is booked against a position, never against another deal. `Netting`: 1 netting, 0 hedging.
    """

    ID: int
    SignalID: int | None
    CommandID: int | None
    SOID: int | None
    TradingIntervalID: int | None
    DT: str
    Type: int
    Symbol: str | None
    Volume: Decimal | None
    VolumeClosed: Decimal | None
    Price: Decimal | None
    Commission: Decimal
    Entry: int | None
    Profit: Decimal
    Swap: Decimal
    TotalProfit: Decimal
    DealToID: int | None
    PrecisionPrice: int | None
    PrecisionVolume: int | None
    Netting: int


class DealsFound(Found, frozen=True, kw_only=True):
    Wallets: list[WalletRow]
    DealsTotal: DealsTotal
    Deals: list[DealRow]


class TransfersFilter(Input, frozen=True, kw_only=True):
    """`DTFrom` is included, `DTTo` is not."""

    StrategyID: Id | None = None
    AccountID: Id | None = None
    DealID: Id | None = None
    DTFrom: Time | None = None
    DTTo: Time | None = None
    Type: Code | None = None


class TransfersSearch(Search, frozen=True, kw_only=True):
    Filter: TransfersFilter = TransfersFilter()


class TransferRow(msgspec.Struct, frozen=True, kw_only=True):
    """`Amount` as the wallet feels it. `AccrualDate` is `DT`: money is there when it is booked."""

    ID: int
    StrategyID: int | None
    AccountID: int | None
    DealID: int | None
    DT: str
    AccrualDate: str
    Amount: Decimal
    Type: int
    Comment: str


class NamedTransferRow(TransferRow, frozen=True, kw_only=True):
    """From the second version on."""

    StrategyName: str | None


class TransfersFound(Found, frozen=True, kw_only=True):
    Wallets: list[WalletRow]
    WalletTransfers: list[TransferRow]


@CLIENT.method("deals.search", reads=True)
async def deals_search(call: Call, given: AccountSearch) -> DealsFound:
    """Deals of an investment: in the market, and movements of money."""
    strategy, row = my_investment(call, given.account(), "Filter.AccountID")
    part = given.part(DEAL_ORDERS)
    wanted = DealFilter(investment=int(strategy.investments.number[row]))
    lists = lists_of(call)
    page = await call.sql(
        lists.deals(wanted).page, order=_order(call, part.field), descending=part.descending, offset=part.offset,
        limit=part.limit,
    )  # fmt: skip
    sums = await call.sql(lists.deal_sums, wanted)
    return DealsFound(
        **echo_of(given, part, page.total),
        Wallets=wallet_rows(call),
        DealsTotal=_total(sums, strategy.currency),
        Deals=[_deal(call, strategy, deal) for deal in page.rows],
    )


def _order(call: Call, field: str) -> str | Order:
    """Return what the tables put deals in order by: volumes without their sign, prices across symbols."""
    match field:
        case "Volume":
            return by_size("volume")
        case "Price":
            return by_price("price", "symbol", digits_of_symbols(call))
        case _:
            return DEAL_ORDERS[field]


def digits_of_symbols(call: Call) -> dict[str, int]:
    return {name: spec.digits for name, spec in copy_of(call).desk.state.symbols.items()}


def _total(sums: CopyDealSums, currency: str) -> DealsTotal:
    amounts = (sums.profit, sums.total, sums.swap, sums.commission)
    return DealsTotal(*(money_of(amount, currency) for amount in amounts))


def _deal(call: Call, strategy: Strategy, deal: CopyDealRow) -> DealRow:
    copy, currency = copy_of(call), deal.currency
    symbol = copy.desk.markets[deal.symbol].spec if deal.symbol else None
    precision = precision_of(copy.spec_of(strategy))
    dealt = symbol is not None
    return DealRow(
        ID=deal.deal,
        SignalID=deal.signal or None,
        CommandID=deal.command or None,
        SOID=deal.stop_out or None,
        TradingIntervalID=deal.interval or None,
        DT=iso_of(deal.at),
        Type=int(deal.type),
        Symbol=deal.symbol or None,
        Volume=lots_of(abs(deal.volume), precision) if dealt else None,
        VolumeClosed=lots_of(deal.closed, precision) if deal.closed else None,
        Price=None if symbol is None or not deal.price else price_of_points(deal.price, symbol.digits),
        Commission=money_of(deal.commission, currency),
        Entry=int(deal.entry) if dealt else None,
        Profit=money_of(deal.profit, currency),
        Swap=money_of(deal.swap, currency),
        TotalProfit=money_of(deal.total, currency),
        DealToID=None,
        PrecisionPrice=None if symbol is None else symbol.digits,
        PrecisionVolume=precision if dealt else None,
        Netting=int(deal.accounting == Accounting.NETTING),
    )


@CLIENT.method("walletTransfers.search", reads=True)
async def wallet_transfers_search(call: Call, given: TransfersSearch) -> TransfersFound:
    """Movements on the client's wallet."""
    part, wallet = given.part(TRANSFER_ORDERS), find_my_wallet(call)
    rows: tuple[WalletTransferRow, ...] = ()
    total = 0
    if wallet is not None:
        asked = lists_of(call).transfers(_wanted(given.Filter, wallet.number))
        page = await call.sql(
            asked.page, order=TRANSFER_ORDERS[part.field], descending=part.descending, offset=part.offset, limit=part.limit
        )
        rows, total = page.rows, page.total
    shown = [_transfer(row) if call.version == 1 else _named_transfer(row) for row in rows]
    return TransfersFound(**echo_of(given, part, total), Wallets=wallet_rows(call), WalletTransfers=shown)


def _wanted(given: TransfersFilter, wallet: int) -> TransferFilter:
    if given.Type is not None and given.Type not in set(TransferType):
        raise invalid_input("Filter.Type", "expected 0 to 8")
    return TransferFilter(
        wallet=wallet,
        strategy=given.StrategyID,
        investment=given.AccountID,
        deal=given.DealID,
        since=given.DTFrom,
        until=given.DTTo,
        type=None if given.Type is None else TransferType(given.Type),
    )


def _named_transfer(row: WalletTransferRow) -> NamedTransferRow:
    return NamedTransferRow(**msgspec.structs.asdict(_transfer(row)), StrategyName=row.strategy_name or None)


def _transfer(row: WalletTransferRow) -> TransferRow:
    return TransferRow(
        ID=row.transfer,
        StrategyID=row.strategy or None,
        AccountID=row.investment or None,
        DealID=row.deal or None,
        DT=iso_of(row.at),
        AccrualDate=iso_of(row.at),
        Amount=money_of(row.amount, row.currency),
        Type=int(row.type),
        Comment=row.comment,
    )
