"""Positions of an investment in a hedging strategy, open and closed, each with the trader's ticket."""

from decimal import Decimal

import msgspec

from prorata.copying.state import Strategy
from prorata.messages.copy_terms import Accounting
from prorata.projections.copying.codes import CopyDealType, CopyEntry
from prorata.projections.copying.filters import DealFilter
from prorata.projections.copying.rows import ClosedPositionRow, CopyDealRow
from prorata.projections.orders import Order, by_price
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.deals import digits_of_symbols
from prorata.rest.ramm.client.positions import (
    ORDERS,
    AccountSearch,
    PositionsTotal,
    digits_of,
    held_by,
    ordered,
    totals_of,
)
from prorata.rest.ramm.client.reach import copy_of, my_investment
from prorata.rest.ramm.client.wallets import WalletRow, wallet_rows
from prorata.rest.ramm.errors import invalid_status
from prorata.rest.ramm.past import lists_of
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.searching import Found, echo_of
from prorata.units.numbers import Minor
from prorata.views.copying.numbers import iso_of, iso_or_none, lots_of, money_of, precision_of, price_of_points
from prorata.views.copying.positions import LegBook, PositionFigures

BUY, SELL = 0, 1
TRADED = (CopyDealType.BUY, CopyDealType.SELL)
OPEN_ORDERS = {**ORDERS, "Ticket": ""}
CLOSED_ORDERS = {
    "IDDealIn": "deal_in", "IDDealOut": "deal_out", "Symbol": "symbol", "Volume": "volume", "Price": "open_price",
    "Profit": "profit", "Swap": "swap", "TotalProfit": "total", "Ticket": "ticket", "Margin": "deal_out",
    "ProfitCalcQuote": "close_price",
}  # fmt: skip
"""order-by fields -> fields of the rows. What is closed binds no margin; its quote is the price that it closed at"""


class OpenPosition(msgspec.Struct, frozen=True, kw_only=True):
    """`VolumeOpen` of a sold position is below 0. Commissions are what the deals that opened it cost."""

    PositionID: int
    Ticket: str
    DTOpen: str
    Type: int
    VolumeOpen: Decimal
    Symbol: str
    PriceOpen: Decimal
    ProfitCalcQuote: Decimal | None
    Profit: Decimal
    TotalProfit: Decimal
    Swap: Decimal
    SwapDT: str | None
    DealInID: int | None
    CommissionBroker: Decimal
    CommissionLiquidity: Decimal
    CommissionTrader: Decimal
    Margin: Decimal
    PrecisionPrice: int
    PrecisionVolume: int


class OpenFound(Found, frozen=True, kw_only=True):
    Wallets: list[WalletRow]
    PositionsTotal: PositionsTotal
    Positions: list[OpenPosition]


class ClosedPosition(msgspec.Struct, frozen=True, kw_only=True):
    """What one deal closed: a position that is closed in parts has several rows with the same `TicketIn`."""

    TicketIn: str
    TicketOut: str
    PositionID: int
    DealInID: int
    DealOutID: int
    DTOpen: str
    Type: int
    Volume: Decimal
    Symbol: str
    PriceOpen: Decimal
    DTClose: str
    PriceClose: Decimal
    Profit: Decimal
    TotalProfit: Decimal
    Swap: Decimal
    CommissionBroker: Decimal
    CommissionLiquidity: Decimal
    CommissionTrader: Decimal
    PrecisionPrice: int
    PrecisionVolume: int


class ClosedFound(Found, frozen=True, kw_only=True):
    Wallets: list[WalletRow]
    PositionsTotal: PositionsTotal
    Positions: list[ClosedPosition]


class Opening(msgspec.Struct):
    """The deals that made a position what it is."""

    deal: int | None = None
    broker: Minor = 0
    liquidity: Minor = 0
    trader: Minor = 0


def _hedging(call: Call, given: AccountSearch) -> tuple[Strategy, int]:
    strategy, row = my_investment(call, given.account(), "Filter.AccountID")
    if strategy.accounting != Accounting.HEDGING:
        raise invalid_status("The strategy counts its positions by symbol: use positions.search")
    return strategy, row


@CLIENT.method("hedgingPositions.searchOpen", versions=(2, 3), reads=True)
async def hedging_positions_search_open(call: Call, given: AccountSearch) -> OpenFound:
    """Open positions of an investment in a hedging strategy."""
    strategy, row = _hedging(call, given)
    positions, part = held_by(call, strategy, row), given.part(OPEN_ORDERS)
    places = ordered(positions, part.field, descending=part.descending)[part.offset : part.offset + part.limit]
    page, totals, total = positions.figures(places), totals_of(strategy, positions), len(positions)
    openings = await _openings(call, [figures for figures, _ in page])
    return OpenFound(
        **echo_of(given, part, total),
        Wallets=wallet_rows(call),
        PositionsTotal=totals,
        Positions=[_open(figures, book, openings.get(figures.number, Opening())) for figures, book in page],
    )


async def _openings(call: Call, page: list[PositionFigures]) -> dict[int, Opening]:
    """Return what opened each position of a page, by number."""
    if not page:
        return {}
    since = {figures.number: figures.opened_at for figures in page}
    wanted = DealFilter(investment=page[0].investment, type=TRADED, since=min(since.values()))
    deals: tuple[CopyDealRow, ...] = await call.sql(lists_of(call).deals(wanted).all)
    openings: dict[int, Opening] = {}
    for deal in deals:
        if deal.at < since.get(deal.position, deal.at + 1) or deal.entry == CopyEntry.OUT:
            continue
        opening = openings.setdefault(deal.position, Opening(deal=deal.deal))
        opening.broker += deal.broker_commission
        opening.liquidity += deal.liquidity_commission
        opening.trader += deal.trader_commission + deal.partner_commission
    return openings


def _open(figures: PositionFigures, book: LegBook, opening: Opening) -> OpenPosition:
    currency = book.strategy.currency
    digits, precision = digits_of(book)
    return OpenPosition(
        PositionID=figures.number,
        Ticket=book.head.ticket,
        DTOpen=iso_of(figures.opened_at),
        Type=BUY if figures.volume > 0 else SELL,
        VolumeOpen=lots_of(figures.volume, precision),
        Symbol=book.head.symbol,
        PriceOpen=price_of_points(figures.price_open, digits),
        ProfitCalcQuote=price_of_points(figures.close_price, digits) if figures.close_price else None,
        Profit=money_of(figures.profit, currency),
        TotalProfit=money_of(figures.total_profit, currency),
        Swap=money_of(figures.swap, currency),
        SwapDT=iso_or_none(figures.swap_at),
        DealInID=opening.deal,
        CommissionBroker=money_of(opening.broker, currency),
        CommissionLiquidity=money_of(opening.liquidity, currency),
        CommissionTrader=money_of(opening.trader, currency),
        Margin=money_of(figures.open_margin, currency),
        PrecisionPrice=digits,
        PrecisionVolume=precision,
    )


@CLIENT.method("hedgingPositions.searchClosed", versions=(2, 3), reads=True)
async def hedging_positions_search_closed(call: Call, given: AccountSearch) -> ClosedFound:
    """What has been closed of the positions of an investment in a hedging strategy."""
    strategy, row = _hedging(call, given)
    part = given.part(CLOSED_ORDERS, default="IDDealOut")
    number, lists = int(strategy.investments.number[row]), lists_of(call)
    asked = lists.closed_positions(number)
    page = await call.sql(
        asked.page, order=_order(call, part.field), descending=part.descending, offset=part.offset, limit=part.limit
    )
    # What opens has no result, so the results of all deals are those of what was closed.
    sums = await call.sql(lists.deal_sums, DealFilter(investment=number, type=TRADED))
    amounts = (sums.profit, sums.profit + sums.swap, sums.swap)
    return ClosedFound(
        **echo_of(given, part, page.total),
        Wallets=wallet_rows(call),
        PositionsTotal=PositionsTotal(*(money_of(amount, strategy.currency) for amount in amounts)),
        Positions=[_closed(call, strategy, one) for one in page.rows],
    )


def _order(call: Call, field: str) -> str | Order:
    if field in ("Price", "ProfitCalcQuote"):
        return by_price(CLOSED_ORDERS[field], "symbol", digits_of_symbols(call))
    return CLOSED_ORDERS[field]


def _closed(call: Call, strategy: Strategy, one: ClosedPositionRow) -> ClosedPosition:
    copy, currency = copy_of(call), strategy.currency
    digits, precision = copy.desk.markets[one.symbol].spec.digits, precision_of(copy.spec_of(strategy))
    return ClosedPosition(
        TicketIn=one.ticket,
        TicketOut=one.ticket,
        PositionID=one.position,
        DealInID=one.deal_in,
        DealOutID=one.deal_out,
        DTOpen=iso_of(one.opened_at),
        Type=int(one.type),
        Volume=lots_of(one.volume, precision),
        Symbol=one.symbol,
        PriceOpen=price_of_points(one.open_price, digits),
        DTClose=iso_of(one.closed_at),
        PriceClose=price_of_points(one.close_price, digits),
        Profit=money_of(one.profit, currency),
        TotalProfit=money_of(one.profit + one.swap, currency),
        Swap=money_of(one.swap, currency),
        CommissionBroker=money_of(one.broker_commission, currency),
        CommissionLiquidity=money_of(one.liquidity_commission, currency),
        CommissionTrader=money_of(one.trader_commission + one.partner_commission, currency),
        PrecisionPrice=digits,
        PrecisionVolume=precision,
    )
