"""What investments are worth and owe, at this moment: reads of the engine's memory in whole numbers.

A `Book` gives the figures of one strategy's rows, an `InvestmentList` those of many strategies side by side, as
columns: a list of a hundred thousand is filtered and put in order by columns, and only the page that is asked for
becomes `InvestmentFigures`. Figures are named as here; every field of `InvestmentFigures` is also a column:

    found = InvestmentList(copy, strategies)
    found = found.where(found["state"] < InvestmentState.CLOSED)
    page = found.figures(found.order("equity", descending=True)[:100])

Call them on the event loop, where the writer applies its batches: then all figures are of one moment.
`copy_strategies`, `copy_positions` and `copy_wallets` give those of strategies and offers, positions, wallets and clients.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np

from prorata.copying import fees
from prorata.copying.columns import Int64, Mask, full, mul_div_ceil, mul_div_floor, mul_div_half_even, zeros
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.copying.values import equities, floating, margins, price_of
from prorata.messages.copy_terms import InvestmentState, InvestmentType
from prorata.units.numbers import PPM, Minor, Moment

NO_MARGIN_LEVEL = -1

STATUS_OF_STATE = {
    InvestmentState.NEW: 0, InvestmentState.FLAT: 1, InvestmentState.OPEN: 1, InvestmentState.STOPPING_OUT: 2,
    InvestmentState.STOPPED_OUT: 2, InvestmentState.PROTECTING: 3, InvestmentState.PROTECTED: 3,
    InvestmentState.TAKING_TARGET: 3, InvestmentState.TARGET_TAKEN: 3, InvestmentState.PAUSING: 4,
    InvestmentState.PAUSED: 4, InvestmentState.DISABLING: 5, InvestmentState.DISABLED: 5, InvestmentState.CLOSING: 6,
    InvestmentState.CLOSED: 6,
}  # fmt: skip
"""Account Status of the RAMM documents: 0 new, 1 active, 2 margin call, 3 limit, 4 paused, 5 disabled, 6 closed."""
assert STATUS_OF_STATE.keys() == set(InvestmentState), "a state without a status"
_STATUSES = np.array([STATUS_OF_STATE.get(code, 1) for code in range(max(InvestmentState) + 1)], dtype=np.int64)  # type: ignore[call-overload]


class InvestmentFigures(msgspec.Struct, frozen=True, gc=False):
    """One investment. Money in minor units of the strategy's currency, rates in ppm, moments in ms (0: not yet)."""

    number: int
    strategy: int
    client: int
    wallet: int
    company: int
    offer: int
    type: int
    test: int
    state: int
    status: int
    opened_at: Moment
    closed_at: Moment
    interval: int
    """the fee period that it is in"""
    command: int
    """the command that ends once all its positions are closed; 0: none"""
    stream: int
    a_book_percent: int
    factor: int
    """hundredths"""
    protection_ppm: int
    target_ppm: int
    protection_equity: Minor
    target_equity: Minor
    """0: no target"""
    called_at: Moment
    protected_at: Moment
    target_at: Moment
    balance: Minor
    equity: Minor
    margin: Minor
    free_margin: Minor
    margin_level: int
    """equity / margin in ppm; -1 without margin"""
    profit_base: Minor
    interval_gross: Minor
    """result of the current interval: equity less profit base"""
    interval_net: Minor
    """the same less the fee that would be due now"""
    drawdown: Minor
    """loss of earlier intervals that is made up before a fee is due"""
    fee_due: Minor
    fees: Minor
    """performance fees paid, over its life"""
    fee_ppm: int
    commission_per_million: Minor
    floating: Minor
    """result of open positions without their swap"""
    swap: Minor
    """carried on open positions"""
    realised: Minor
    """results of deals with their swaps, before commissions and fees, over its life"""
    trader_commission: Minor
    partner_commission: Minor
    broker_commission: Minor
    liquidity_commission: Minor
    total_commission: Minor
    """all four, paid over its life"""
    deposited: Minor
    withdrawn: Minor
    total_profit: Minor
    """net of past intervals and gross of the current one: equity + withdrawn - deposited"""
    total_profit_net: Minor
    """the same less the fee that would be due now"""
    least_balance: Minor
    available: Minor
    """AvailableToWithdraw"""
    positions: int
    unit_price: int
    """10^-8 of a unit that began at 100"""


class Book:
    """Figures of one strategy's rows (None: of all), each worked out once, when it is asked for."""

    __slots__ = ("_known", "copy", "rows", "strategy")

    def __init__(self, copy: CopyDesk, strategy: Strategy, rows: Int64 | None = None) -> None:
        self.copy = copy
        self.strategy = strategy
        self.rows = np.arange(strategy.rows) if rows is None else rows
        self._known: dict[str, Int64] = {}

    def __getitem__(self, name: str) -> Int64:
        column = self._known.get(name)
        if column is None:
            made = _FIGURES.get(name)
            column = made(self) if made is not None else self._kept(name)
            self._known[name] = column
        return column

    def _kept(self, name: str) -> Int64:
        column: Int64 = getattr(self.strategy.investments, name)[self.rows]
        return column

    def figures(self) -> list[InvestmentFigures]:
        """Return all figures of every row."""
        columns = [self[name].tolist() for name in InvestmentFigures.__struct_fields__]
        return [InvestmentFigures(*values) for values in zip(*columns, strict=True)]


def investment_figures(copy: CopyDesk, strategy: Strategy, row: int) -> InvestmentFigures:
    """Return the figures of one investment."""
    return Book(copy, strategy, np.array([row], dtype=np.int64)).figures()[0]


class InvestmentList:
    """Investments of many strategies: figures as columns, by strategy and in the order of joining."""

    __slots__ = ("_known", "books")

    def __init__(self, copy: CopyDesk, strategies: Iterable[Strategy]) -> None:
        self.books = [Book(copy, strategy) for strategy in strategies if strategy.rows]
        self._known: dict[str, Int64] = {}

    @classmethod
    def of_numbers(cls, copy: CopyDesk, numbers: Iterable[int]) -> "InvestmentList":
        """Return the investments with these numbers, which exist."""
        rows: dict[int, list[int]] = {}
        for number in sorted(numbers):
            found = copy.find_investment(number)
            assert found is not None
            rows.setdefault(found[0].number, []).append(found[1])
        chosen = cls(copy, ())
        strategies = copy.state.strategies
        chosen.books = [Book(copy, strategies[number], np.array(which, dtype=np.int64)) for number, which in rows.items()]
        return chosen

    def __len__(self) -> int:
        return sum(book.rows.size for book in self.books)

    def __getitem__(self, name: str) -> Int64:
        column = self._known.get(name)
        if column is None:
            parts = [book[name] for book in self.books]
            column = self._known[name] = np.concatenate(parts) if parts else zeros(0)
        return column

    def of_strategies(self, value: Callable[[Strategy], int]) -> Int64:
        """Return a column of what is the same for all investments of a strategy, such as the rank of its currency."""
        parts = [full(book.rows.size, value(book.strategy)) for book in self.books]
        return np.concatenate(parts) if parts else zeros(0)

    def where(self, mask: Mask) -> "InvestmentList":
        """Return those of the list for which `mask` is true."""
        chosen, place = InvestmentList.__new__(InvestmentList), 0
        chosen.books, chosen._known = [], {}
        for book in self.books:
            mine = mask[place : place + book.rows.size]
            place += book.rows.size
            if mine.any():
                chosen.books.append(Book(book.copy, book.strategy, book.rows[mine]))
        return chosen

    def order(self, by: "str | Int64", *, descending: bool = False, none: int | None = None) -> Int64:
        """Return the places of all rows in the order of a figure, or of a column of ranks; ties by number.

        `none`: the value that says there is none; such rows come last, in either direction.
        """
        column = self[by] if isinstance(by, str) else by
        return order_of(column, self["number"], descending=descending, none=none)

    def figures(self, places: Int64) -> list[InvestmentFigures]:
        """Return the figures of the rows at `places`, in that order."""
        starts = np.cumsum([0, *(book.rows.size for book in self.books)])
        which = np.searchsorted(starts, places, side="right") - 1
        made: dict[int, InvestmentFigures] = {}
        for index in np.unique(which).tolist():
            book, mine = self.books[index], places[which == index]
            part = Book(book.copy, book.strategy, book.rows[mine - starts[index]])
            made.update(zip(mine.tolist(), part.figures(), strict=True))
        return [made[place] for place in places.tolist()]

    def total(self, name: str) -> int:
        return int(self[name].sum())

    def sums_by(self, key: str, names: Sequence[str]) -> dict[int, tuple[int, ...]]:
        """Return the sums of figures over all rows with the same `key`, such as "wallet" or "client"."""
        return sums_by(self[key], [self[name] for name in names])

    def counts_by(self, key: str) -> dict[int, int]:
        """Return how many rows each value of `key` has."""
        values, counts = np.unique(self[key], return_counts=True)
        return dict(zip(values.tolist(), counts.tolist(), strict=True))


def order_of(column: Int64, ties: Int64, *, descending: bool, none: int | None = None) -> Int64:
    """Return the places of `column` in order, ties by `ties`; where it is `none` last."""
    places = np.lexsort((ties, column))
    if descending:
        places = places[::-1]
    if none is None:
        return places
    known = column[places] != none
    return np.concatenate((places[known], places[~known]))


def sums_by(keys: Int64, columns: Sequence[Int64]) -> dict[int, tuple[int, ...]]:
    """Return, for each key that there is, the sum of every column over its rows."""
    if keys.size == 0:
        return {}
    present, places = np.unique(keys, return_inverse=True)
    sums = []
    for column in columns:
        sum_of = zeros(present.size)
        np.add.at(sum_of, places, column)
        sums.append(sum_of.tolist())
    return dict(zip(present.tolist(), zip(*sums, strict=True), strict=True))


# How each is reckoned.


def _constant(book: Book, value: int) -> Int64:
    return full(book.rows.size, value)


def _floating_and_swap(book: Book) -> tuple[Int64, Int64]:
    worth, swap = zeros(book.rows.size), zeros(book.rows.size)
    for head in book.strategy.legs.values():
        volume = head.rows.volume[book.rows]
        if not volume.any():
            continue
        price = price_of(book.copy, head.symbol, book.strategy.currency)
        assert price is not None, f"{head.symbol} is held and has no price"
        worth += floating(price, volume, head.rows.cost[book.rows])
        swap += head.rows.swap[book.rows]
    return worth, swap


def _positions(book: Book) -> Int64:
    count = zeros(book.rows.size)
    for head in book.strategy.legs.values():
        count += (head.rows.volume[book.rows] != 0) | (head.rows.pending[book.rows] != 0)
    return count


def _target_equity(book: Book) -> Int64:
    target = book["target_ppm"]
    return np.where(target > 0, mul_div_ceil(book["base"], PPM + target, PPM), 0)


def _margin_level(book: Book) -> Int64:
    margin = book["margin"]
    level = mul_div_floor(np.maximum(book["equity"], 0), PPM, np.maximum(margin, 1))
    return np.where(margin > 0, level, NO_MARGIN_LEVEL)


def _least_balance(book: Book) -> Int64:
    spec = book.copy.spec_of(book.strategy)
    return np.where(book["type"] == InvestmentType.OWN, spec.trader_min, spec.investor_min)


def _available(book: Book) -> Int64:
    """As `copying.investments.withdrawable` has it."""
    fee_first = np.where(book["settle_first"] == 1, book["fee_due"], 0)
    left: Int64 = np.maximum(book["equity"] - fee_first - book["least_balance"], 0)
    return left


def _unit_price(book: Book) -> Int64:
    columns = book.strategy.investments
    price, base = columns.unit_price[book.rows], columns.unit_equity[book.rows]
    grown = mul_div_half_even(price, np.maximum(book["equity"], 0), np.maximum(base, 1))
    units: Int64 = np.where(base > 0, grown, price)
    return units


def _total_commission(book: Book) -> Int64:
    parts = ("trader_commission", "partner_commission", "broker_commission", "liquidity_commission")
    total = zeros(book.rows.size)
    for name in parts:
        total += book[name]
    return total


_FIGURES: dict[str, Callable[[Book], Int64]] = {
    "strategy": lambda book: _constant(book, book.strategy.number),
    "interval": lambda book: _constant(book, book.strategy.interval),
    "accounting": lambda book: _constant(book, book.strategy.accounting),
    "status": lambda book: _STATUSES[book["state"]],
    "protection_equity": lambda book: mul_div_floor(book["base"], book["protection_ppm"], PPM),
    "target_equity": _target_equity,
    "equity": lambda book: equities(book.copy, book.strategy, book.rows),
    "margin": lambda book: margins(book.copy, book.strategy, book.rows),
    "free_margin": lambda book: book["equity"] - book["margin"],
    "margin_level": _margin_level,
    "interval_gross": lambda book: book["equity"] - book["profit_base"],
    "interval_net": lambda book: book["interval_gross"] - book["fee_due"],
    "fee_due": lambda book: fees.fees_due(book.strategy, book["equity"], book.rows),
    "commission_per_million": lambda book: book["commission"],
    "floating": lambda book: _floating_and_swap(book)[0],
    "swap": lambda book: _floating_and_swap(book)[1],
    "total_commission": _total_commission,
    "total_profit": lambda book: book["equity"] + book["withdrawn"] - book["deposited"],
    "total_profit_net": lambda book: book["total_profit"] - book["fee_due"],
    "least_balance": _least_balance,
    "available": _available,
    "positions": _positions,
    "unit_price": _unit_price,
}
