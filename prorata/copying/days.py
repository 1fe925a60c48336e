"""The end of a trading day for strategies: swaps for the night, commissions paid out, what everybody was worth."""

import numpy as np

from prorata.copying import fees, lifecycle
from prorata.copying.columns import Int64, mul_div_half_even, pack
from prorata.copying.desk import CopyDesk
from prorata.copying.state import LegHead, Strategy
from prorata.copying.values import Price, equities, price_of, realised, value_of
from prorata.messages.copy_events import InvestmentDays, StrategyDay, SwapsCharged
from prorata.messages.copy_terms import InvestmentState
from prorata.messages.symbols import SwapType
from prorata.trading.rollover import nights_of
from prorata.units.numbers import PPM, VOLUME_PER_LOT

_YEAR_NIGHTS = 360


def close_days(desk: CopyDesk) -> None:
    """Close every trading day that the trade server has closed since the last look."""
    ended = desk.desk.state.day
    if desk.state.day is None:
        desk.state.day = ended
    while ended is not None and desk.state.day is not None and desk.state.day < ended:
        desk.state.day += 1
        for strategy in desk.state.strategies.values():
            if not strategy.closed_at:
                _close_day(desk, strategy, desk.state.day)


def _close_day(desk: CopyDesk, strategy: Strategy, day: int) -> None:
    for head in strategy.legs.values():
        _charge_swap(desk, strategy, head, day)
    fees.pay_commissions(desk, strategy)
    columns = strategy.investments
    equity = equities(desk, strategy)
    rows = np.flatnonzero(columns.state[: strategy.rows] < InvestmentState.CLOSED)
    own = int(equity[0])
    desk.tell(
        StrategyDay(
            strategy.number, day, lifecycle.unit_price_of(strategy, 0, own), own, int(columns.balance[0]),
            rows.size, int(equity[rows].sum()),
        )
    )  # fmt: skip
    units = _unit_prices(strategy, rows, equity[rows])
    desk.tell(
        InvestmentDays(
            strategy.number, day, pack(columns.number[rows]), pack(equity[rows]), pack(columns.balance[rows]), pack(units)
        )
    )


def _unit_prices(strategy: Strategy, rows: Int64, equity: Int64) -> Int64:
    columns = strategy.investments
    price, base = columns.unit_price[rows], columns.unit_equity[rows]
    grown = mul_div_half_even(price, np.maximum(equity, 0), np.maximum(base, 1))
    return np.where(base > 0, grown, price)


def _charge_swap(desk: CopyDesk, strategy: Strategy, head: LegHead, day: int) -> None:
    """Add the night's interest to what positions carry; below 0 the investor pays."""
    spec = desk.desk.state.symbols[head.symbol]
    nights = nights_of(spec.swap_triple_day, day)
    volume = head.rows.volume[: strategy.rows]
    held = np.flatnonzero(volume)
    price = price_of(desk, head.symbol, strategy.currency)
    if not nights or held.size == 0 or price is None or spec.swap_type == SwapType.NONE:
        return
    amounts = _swaps(price, volume[held], nights)
    charged = amounts != 0
    if not charged.any():
        return
    held, amounts = held[charged], amounts[charged]
    head.rows.swap[held] += amounts
    desk.watches.pop(strategy.number, None)
    numbers = pack(strategy.investments.number[held])
    desk.tell(SwapsCharged(strategy.number, head.symbol, head.ticket, nights, numbers, pack(amounts)))


def _swaps(price: Price, volume: Int64, nights: int) -> Int64:
    """Return the interest of `nights` nights, as `trading.charges.swap_of` reckons it for one position."""
    spec = price.market.spec
    rates = np.where(volume > 0, spec.swap_long, spec.swap_short) * nights
    size = np.abs(volume)
    match spec.swap_type:
        case SwapType.POINTS:
            thousandths = mul_div_half_even(size, rates, 1_000)
            return realised(price, thousandths)
        case SwapType.PERCENT:
            return mul_div_half_even(value_of(price, size), rates, _YEAR_NIGHTS * PPM)
        case SwapType.MONEY:
            return mul_div_half_even(size, rates, VOLUME_PER_LOT)
        case SwapType.NONE:
            return np.zeros(volume.size, dtype=np.int64)
