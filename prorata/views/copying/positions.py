"""Open positions of investments, as columns: what is held and asked for, margin and results at this moment.

The list works like `figures.InvestmentList`. A position's number is its leg's number x 2^24 + the investment's place.
"""

from collections.abc import Callable, Iterable

import msgspec
import numpy as np

from prorata.copying.columns import Int64, Mask, full, mul_div_ceil, mul_div_half_even, zeros
from prorata.copying.desk import CopyDesk
from prorata.copying.state import PLACES, LegHead, Strategy
from prorata.copying.values import floating, price_of, value_of
from prorata.units.numbers import DAY_MS, Minor, Moment, Points, Volume
from prorata.units.rounding import div_half_even
from prorata.views.copying.figures import order_of


class PositionFigures(msgspec.Struct, frozen=True, gc=False):
    """One position. Volumes in steps of 10^-8 lot, money in minor units, prices in points (0: there is none)."""

    number: int
    investment: int
    strategy: int
    client: int
    wallet: int
    test: int
    volume: Volume
    """held; sold below 0"""
    request_long: Volume
    """asked for and not filled yet"""
    request_short: Volume
    rejected: Volume
    """asked for in vain by the last signal, without sign"""
    cost: int
    """volume x price of what is held, signed"""
    opened_at: Moment
    swap: Minor
    swap_at: Moment
    """when swap was last charged"""
    profit: Minor
    """floating, without swap"""
    total_profit: Minor
    close_price: Points
    """the quote that `profit` is reckoned with"""
    request_long_margin: Minor
    request_short_margin: Minor
    open_margin: Minor
    long_margin: Minor
    """of what is held and asked for on that side"""
    short_margin: Minor
    total_margin: Minor
    """what the position binds: the larger of what it is and what it becomes"""

    @property
    def price_open(self) -> Points:
        """Return the average price of what is held, to the nearest point."""
        return div_half_even(abs(self.cost), abs(self.volume)) if self.volume else 0

    @property
    def leg(self) -> int:
        return self.number // PLACES


class LegBook:
    """Figures of the rows of one leg that hold or ask for something (or of those named)."""

    __slots__ = ("_known", "copy", "head", "rows", "strategy")

    def __init__(self, copy: CopyDesk, strategy: Strategy, head: LegHead, rows: Int64 | None = None) -> None:
        self.copy = copy
        self.strategy = strategy
        self.head = head
        if rows is None:
            used = slice(0, strategy.rows)
            rows = np.flatnonzero((head.rows.volume[used] != 0) | (head.rows.pending[used] != 0))
        self.rows: Int64 = rows
        self._known: dict[str, Int64] = {}

    def __getitem__(self, name: str) -> Int64:
        column = self._known.get(name)
        if column is None:
            column = self._known[name] = _FIGURES[name](self)
        return column

    def of_leg(self, name: str) -> Int64:
        column: Int64 = getattr(self.head.rows, name)[self.rows]
        return column

    def of_investment(self, name: str) -> Int64:
        column: Int64 = getattr(self.strategy.investments, name)[self.rows]
        return column

    def figures(self) -> list[PositionFigures]:
        columns = [self[name].tolist() for name in PositionFigures.__struct_fields__]
        return [PositionFigures(*values) for values in zip(*columns, strict=True)]


class PositionList:
    """Open positions of many strategies: figures as columns, by strategy, leg and row."""

    __slots__ = ("_known", "books")

    def __init__(self, copy: CopyDesk, strategies: Iterable[Strategy]) -> None:
        made = (LegBook(copy, strategy, head) for strategy in strategies for head in strategy.legs.values())
        self.books = [book for book in made if book.rows.size]
        self._known: dict[str, Int64] = {}

    @classmethod
    def of_investment(cls, copy: CopyDesk, strategy: Strategy, row: int) -> "PositionList":
        """Return the positions of one investment."""
        chosen, one = cls(copy, ()), np.array([row], dtype=np.int64)
        for head in strategy.legs.values():
            if head.rows.volume[row] or head.rows.pending[row]:
                chosen.books.append(LegBook(copy, strategy, head, one))
        return chosen

    def __len__(self) -> int:
        return sum(book.rows.size for book in self.books)

    def __getitem__(self, name: str) -> Int64:
        column = self._known.get(name)
        if column is None:
            parts = [book[name] for book in self.books]
            column = self._known[name] = np.concatenate(parts) if parts else zeros(0)
        return column

    def of_legs(self, value: Callable[[LegBook], int]) -> Int64:
        """Return a column of what is the same for all rows of a leg, such as the rank of its symbol."""
        parts = [full(book.rows.size, value(book)) for book in self.books]
        return np.concatenate(parts) if parts else zeros(0)

    def where(self, mask: Mask) -> "PositionList":
        """Return those of the list for which `mask` is true."""
        chosen, place = PositionList.__new__(PositionList), 0
        chosen.books, chosen._known = [], {}
        for book in self.books:
            mine = mask[place : place + book.rows.size]
            place += book.rows.size
            if mine.any():
                chosen.books.append(LegBook(book.copy, book.strategy, book.head, book.rows[mine]))
        return chosen

    def order(self, by: "str | Int64", *, descending: bool = False, none: int | None = None) -> Int64:
        """Return the places of all rows in the order of a figure, or of a column of ranks; ties by number."""
        column = self[by] if isinstance(by, str) else by
        return order_of(column, self["number"], descending=descending, none=none)

    def figures(self, places: Int64) -> list[tuple[PositionFigures, LegBook]]:
        """Return the figures of the rows at `places`, in that order, each with its leg and strategy."""
        starts = np.cumsum([0, *(book.rows.size for book in self.books)])
        which = np.searchsorted(starts, places, side="right") - 1
        made: dict[int, tuple[PositionFigures, LegBook]] = {}
        for index in np.unique(which).tolist():
            book, mine = self.books[index], places[which == index]
            part = LegBook(book.copy, book.strategy, book.head, book.rows[mine - starts[index]])
            made.update((place, (one, book)) for place, one in zip(mine.tolist(), part.figures(), strict=True))
        return [made[place] for place in places.tolist()]


def position_figures(copy: CopyDesk, strategy: Strategy, head: LegHead, row: int) -> PositionFigures:
    """Return the figures of one position."""
    return LegBook(copy, strategy, head, np.array([row], dtype=np.int64)).figures()[0]


# How each is reckoned.


def _profit(book: LegBook) -> Int64:
    volume = book["volume"]
    price = price_of(book.copy, book.head.symbol, book.strategy.currency)
    if price is None:
        return zeros(volume.size)
    return np.where(volume != 0, floating(price, volume, book["cost"]), 0)


def _close_price(book: LegBook) -> Int64:
    quote = book.copy.desk.markets[book.head.symbol].quote
    volume = book["volume"]
    side = np.where(volume != 0, volume, book.of_leg("pending"))
    return np.where(side > 0, quote.bid, quote.ask)


def _margin(book: LegBook, volume: Int64) -> Int64:
    price = price_of(book.copy, book.head.symbol, book.strategy.currency)
    if price is None:
        return zeros(volume.size)
    return mul_div_ceil(value_of(price, volume), 1, book.copy.spec_of(book.strategy).leverage_max)


def _swap_at(book: LegBook) -> Int64:
    trading = book.copy.desk.state
    if trading.day is None:
        return zeros(book.rows.size)
    at = trading.day * DAY_MS + trading.rollover_ms
    opened = book.of_leg("opened_at")
    return np.where((opened > 0) & (opened < at), at, 0)


def _becomes(book: LegBook) -> Int64:
    volume = book["volume"]
    larger: Int64 = np.maximum(np.abs(volume), np.abs(volume + book.of_leg("pending")))
    return larger


_FIGURES: dict[str, Callable[[LegBook], Int64]] = {
    "number": lambda book: book.head.number * PLACES + book.rows,
    "investment": lambda book: book.of_investment("number"),
    "strategy": lambda book: full(book.rows.size, book.strategy.number),
    "accounting": lambda book: full(book.rows.size, book.strategy.accounting),
    "client": lambda book: book.of_investment("client"),
    "wallet": lambda book: book.of_investment("wallet"),
    "test": lambda book: book.of_investment("test"),
    "volume": lambda book: book.of_leg("volume"),
    "request_long": lambda book: np.maximum(book.of_leg("pending"), 0),
    "request_short": lambda book: np.maximum(-book.of_leg("pending"), 0),
    "rejected": lambda book: np.abs(book.of_leg("rejected")),
    "cost": lambda book: book.of_leg("cost"),
    "price_open": lambda book: mul_div_half_even(np.abs(book["cost"]), 1, np.maximum(np.abs(book["volume"]), 1)),
    "opened_at": lambda book: book.of_leg("opened_at"),
    "swap": lambda book: book.of_leg("swap"),
    "swap_at": _swap_at,
    "profit": _profit,
    "total_profit": lambda book: book["profit"] + book["swap"],
    "close_price": _close_price,
    "request_long_margin": lambda book: _margin(book, book["request_long"]),
    "request_short_margin": lambda book: _margin(book, book["request_short"]),
    "open_margin": lambda book: _margin(book, book["volume"]),
    "long_margin": lambda book: _margin(book, np.maximum(book["volume"], 0) + book["request_long"]),
    "short_margin": lambda book: _margin(book, np.maximum(-book["volume"], 0) + book["request_short"]),
    "total_margin": lambda book: _margin(book, _becomes(book)),
}
