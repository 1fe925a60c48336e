"""Open positions of an investment: one for each symbol, or for each ticket of the trader in hedging mode."""

from decimal import Decimal

import msgspec
import numpy as np

from prorata.copying.columns import Int64
from prorata.copying.state import Strategy
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.reach import copy_of, my_investment
from prorata.rest.ramm.client.wallets import WalletRow, wallet_rows
from prorata.rest.ramm.errors import invalid_input
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.searching import Found, Search, echo_of
from prorata.rest.ramm.values import Id
from prorata.units.numbers import Minor
from prorata.views.copying.numbers import lots_of, money_of, precision_of, price_of_points
from prorata.views.copying.positions import LegBook, PositionFigures, PositionList

ORDERS = {
    "ID": "number", "Symbol": "", "Volume": "volume", "Price": "price_open", "Margin": "total_margin",
    "ProfitCalcQuote": "close_price", "Profit": "profit", "Swap": "swap", "TotalProfit": "total_profit",
}  # fmt: skip
"""order-by fields -> figures of positions; symbols are put in order by name"""


class AccountFilter(Input, frozen=True, kw_only=True):
    AccountID: Id | None = None


class AccountSearch(Search, frozen=True, kw_only=True):
    Filter: AccountFilter = AccountFilter()

    def account(self) -> int:
        """Return which investment is asked for. Raises `Failure` if it is not said."""
        if self.Filter.AccountID is None:
            raise invalid_input("Filter.AccountID", "missing")
        return self.Filter.AccountID


class PositionsTotal(msgspec.Struct, frozen=True):
    Profit: Decimal
    TotalProfit: Decimal
    Swap: Decimal


class PositionRow(msgspec.Struct, frozen=True, kw_only=True):
    """`Volume` of a sold position is below 0. `ProfitCalcQuote` is null while there is no quote."""

    ID: int
    Symbol: str
    Volume: Decimal
    Price: Decimal
    Margin: Decimal
    Swap: Decimal
    Profit: Decimal
    TotalProfit: Decimal
    ProfitCalcQuote: Decimal | None
    PrecisionPrice: int
    PrecisionVolume: int


class PositionsFound(Found, frozen=True, kw_only=True):
    Wallets: list[WalletRow]
    PositionsTotal: PositionsTotal
    Positions: list[PositionRow]


@CLIENT.method("positions.search", reads=True)
async def positions_search(call: Call, given: AccountSearch) -> PositionsFound:
    """Open net positions of an investment."""
    strategy, row = my_investment(call, given.account(), "Filter.AccountID")
    positions = held_by(call, strategy, row)
    part = given.part(ORDERS)
    page = ordered(positions, part.field, descending=part.descending)[part.offset : part.offset + part.limit]
    return PositionsFound(
        **echo_of(given, part, len(positions)),
        Wallets=wallet_rows(call),
        PositionsTotal=totals_of(strategy, positions),
        Positions=[_position(one, book) for one, book in positions.figures(page)],
    )


def held_by(call: Call, strategy: Strategy, row: int) -> PositionList:
    """Return the positions that an investment holds; what is only asked for is none yet."""
    positions = PositionList.of_investment(copy_of(call), strategy, row)
    return positions.where(positions["volume"] != 0)


def totals_of(strategy: Strategy, positions: PositionList) -> PositionsTotal:
    def total(name: str) -> Minor:
        return int(positions[name].sum())

    amounts = (total("profit"), total("total_profit"), total("swap"))
    return PositionsTotal(*(money_of(amount, strategy.currency) for amount in amounts))


def ordered(positions: PositionList, field: str, *, descending: bool) -> Int64:
    """Return the places of positions in the order of a documented field."""
    if field in ("Symbol", "Ticket"):
        keys = [_text_of(book, field) for book in positions.books]
        ranks = {key: rank for rank, key in enumerate(sorted(set(keys)))}
        return positions.order(positions.of_legs(lambda book: ranks[_text_of(book, field)]), descending=descending)
    if field in ("Price", "ProfitCalcQuote"):
        # Prices of symbols with other digits: what they are worth, ranked.
        digits = positions.of_legs(lambda book: digits_of(book)[0])
        ranks_of_prices: Int64 = np.unique(positions[ORDERS[field]] / 10.0**digits, return_inverse=True)[1]
        return positions.order(ranks_of_prices, descending=descending)
    return positions.order(ORDERS[field], descending=descending)


def _text_of(book: LegBook, field: str) -> str:
    return book.head.symbol if field == "Symbol" else book.head.ticket


def _position(figures: PositionFigures, book: LegBook) -> PositionRow:
    currency = book.strategy.currency
    digits, precision = digits_of(book)
    return PositionRow(
        ID=figures.number,
        Symbol=book.head.symbol,
        Volume=lots_of(figures.volume, precision),
        Price=price_of_points(figures.price_open, digits),
        Margin=money_of(figures.open_margin, currency),
        Swap=money_of(figures.swap, currency),
        Profit=money_of(figures.profit, currency),
        TotalProfit=money_of(figures.total_profit, currency),
        ProfitCalcQuote=price_of_points(figures.close_price, digits) if figures.close_price else None,
        PrecisionPrice=digits,
        PrecisionVolume=precision,
    )


def digits_of(book: LegBook) -> tuple[int, int]:
    """Return the decimal places of price and volume."""
    market = book.copy.desk.markets[book.head.symbol]
    return market.spec.digits, precision_of(book.copy.spec_of(book.strategy))
