"""What investments are worth and bind, as columns, at the newest quotes.

equity = balance + swap carried + floating result, each step rounded down, as for trading accounts. Margin is taken on
the present value of what is held and asked for (docs/trade/copying.md): value / leverage, rounded up.
"""

import msgspec
import numpy as np

from prorata.copying.columns import Int64, Mask, Rows, mul_div_ceil, mul_div_floor, mul_div_half_even, zeros
from prorata.copying.desk import CopyDesk
from prorata.copying.state import LegHead, Strategy
from prorata.messages.symbols import MarginMode
from prorata.trading.markets import Market, point_value
from prorata.trading.rates import Route
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import VOLUME_PER_LOT, Minor, Points
from prorata.units.rounding import div_half_even

Fraction = tuple[int, int]
_ONE: Fraction = (1, 1)


class Price(msgspec.Struct, frozen=True, gc=False):
    """A symbol's newest quote with all that turns volumes and points into money of one currency."""

    market: Market
    bid: Points
    ask: Points
    point: Fraction
    """volume x points -> minor units of the profit currency"""
    gain: Fraction
    """minor units of the profit currency -> the strategy's, where they are gained"""
    loss: Fraction
    value: Fraction
    """volume -> its value in minor units of the strategy's currency"""

    @property
    def middle(self) -> Points:
        return div_half_even(self.bid + self.ask, 2)


def price_of(desk: CopyDesk, symbol: str, currency: str) -> Price | None:
    """Return a symbol's price in a currency; None while a quote is missing."""
    market = desk.desk.markets[symbol]
    quote, spec = market.quote, market.spec
    if not quote.bid:
        return None
    profit = desk.route(spec.profit_currency, currency)
    joined = profit is not None or spec.profit_currency == currency
    if not joined or (profit is not None and not profit.has_quotes()):
        return None
    value = _value_of(desk, market, currency, profit)
    if value is None:
        return None
    gain = profit.fraction(1) if profit is not None else _ONE
    loss = profit.fraction(-1) if profit is not None else (-1, 1)
    return Price(market, quote.bid, quote.ask, point_value(spec), gain, (-loss[0], loss[1]), value)


def _value_of(desk: CopyDesk, market: Market, currency: str, profit: Route | None) -> Fraction | None:
    """Return the fraction that values a volume: of the base in FX, else by the price."""
    spec = market.spec
    if spec.margin_mode == MarginMode.FOREX:
        numerator, denominator = spec.contract_size * 10 ** CURRENCY_DIGITS[spec.margin_currency], VOLUME_PER_LOT
        route = desk.route(spec.margin_currency, currency)
        if route is None and spec.margin_currency != currency:
            return None
        if route is not None and not route.has_quotes():
            return None
    else:
        numerator, denominator = point_value(spec)
        numerator *= market.quote.ask
        route = profit
    if route is None:
        return numerator, denominator
    converted, divisor = route.fraction(-1)  # What it costs to buy: the dearer side.
    return numerator * -converted, denominator * divisor


def value_of(price: Price, volumes: Int64) -> Int64:
    """Return what volumes of either sign are worth, 0 or more, rounded up: turnover, and what margin is taken on.

    0.5 lot of USDCHF is 50,000.00 USD.
    """
    return mul_div_ceil(np.abs(volumes), *price.value)


def realised(price: Price, moved: Int64) -> Int64:
    """Return the money of `moved` (volume x points): half to even in the profit currency, then in conversion."""
    worth = mul_div_half_even(moved, *price.point)
    if price.gain == _ONE:
        return worth
    return np.where(worth > 0, mul_div_half_even(worth, *price.gain), mul_div_half_even(worth, *price.loss))


def floating(price: Price, volume: Int64, cost: Int64) -> Int64:
    """Return what closing would give, rounded down."""
    closes_at = np.where(volume > 0, price.bid, price.ask)
    worth = mul_div_floor(volume * closes_at - cost, *price.point)
    if price.gain == _ONE:
        return worth
    return np.where(worth > 0, mul_div_floor(worth, *price.gain), mul_div_floor(worth, *price.loss))


def equities(desk: CopyDesk, strategy: Strategy, rows: Rows | None = None) -> Int64:
    """Return the equity of every row, or of those named."""
    where = slice(0, strategy.rows) if rows is None else rows
    total: Int64 = strategy.investments.balance[where].copy()
    for head in strategy.legs.values():
        volume = head.rows.volume[where]
        if not volume.any():
            continue
        price = price_of(desk, head.symbol, strategy.currency)
        assert price is not None, f"{head.symbol} is held and has no price"
        total += floating(price, volume, head.rows.cost[where])
        total += head.rows.swap[where]
    return total


def equity_of(desk: CopyDesk, strategy: Strategy, row: int) -> Minor:
    """Return the equity of one row."""
    total = int(strategy.investments.balance[row])
    one = slice(row, row + 1)
    for head in strategy.legs.values():
        leg = head.rows
        if leg.volume[row]:
            price = price_of(desk, head.symbol, strategy.currency)
            assert price is not None, f"{head.symbol} is held and has no price"
            total += int(floating(price, leg.volume[one], leg.cost[one])[0]) + int(leg.swap[row])
    return total


def bound_values(
    desk: CopyDesk, strategy: Strategy, rows: Rows | None = None, without: LegHead | None = None
) -> Int64:  # fmt: skip
    """Return the value of all that each row holds or is to hold, less one leg if it is named."""
    where = slice(0, strategy.rows) if rows is None else rows
    total = zeros(strategy.investments.number[where].size)
    for head in strategy.legs.values():
        if head is without:
            continue
        bound = bound_of(head, where)
        if not bound.any():
            continue
        price = price_of(desk, head.symbol, strategy.currency)
        if price is not None:
            total += value_of(price, bound)
    return total


def bound_of(head: LegHead, where: Rows) -> Int64:
    """Return the volume of a leg that binds margin: the larger of what is held and what it becomes, under way or not."""
    volume = head.rows.volume[where]
    bound: Int64 = np.maximum(np.abs(volume), np.abs(volume + head.rows.pending[where]))
    return bound


def margins(desk: CopyDesk, strategy: Strategy, rows: Rows | None = None) -> Int64:
    """Return the margin of every row, or of those named, at the newest quotes.

    0.0388 lot of EURUSD at 1.0820 and a leverage of 50 binds 83.97 USD.
    """
    return mul_div_ceil(bound_values(desk, strategy, rows), 1, desk.spec_of(strategy).leverage_max)


def holding(strategy: Strategy) -> Mask:
    """Return which rows have a position, or one under way."""
    rows = strategy.rows
    held = np.zeros(rows, dtype=np.bool_)
    for head in strategy.legs.values():
        leg = head.rows
        held |= (leg.volume[:rows] != 0) | (leg.pending[:rows] != 0)
    return held
