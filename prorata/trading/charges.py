"""What trading earns and costs: profit, commission, swap (docs/trade/)."""

from typing import TypeAlias

from prorata.messages.commands import BUY, Side
from prorata.messages.groups import CommissionType
from prorata.messages.symbols import SwapType
from prorata.trading.margin import notional_of
from prorata.trading.state import Position
from prorata.trading.terms import Terms
from prorata.units.numbers import PPM, VOLUME_PER_LOT, Minor, Points, Volume
from prorata.units.rounding import div_ceil, div_half_even

PER_LOT, PER_DEAL = CommissionType.PER_LOT, CommissionType.PER_DEAL
PER_MILLION, PERCENT = CommissionType.PER_MILLION, CommissionType.PERCENT

Priced: TypeAlias = tuple[Minor, Minor]
"""(notional, commission) of a deal"""


def price_deal(terms: Terms, volume: Volume, price: Points) -> Priced:
    """Return what a deal is worth and what it is charged."""
    notional = notional_of(terms, volume, price)
    return notional, commission_of(terms, volume, price, notional)


def profit_of(terms: Terms, side: Side, volume: Volume, cost: int, price: Points) -> Minor:
    """Return the realised result of closing `volume`, opened for `cost` (volume x price), at `price`.

    In the account's currency, rounded half to even, first in the profit currency and then in conversion.
    1.00 lot of EURUSD bought at 1.10000 and closed at 1.10050 gives 50.00 USD.
    """
    moved = volume * price - cost if side is BUY else cost - volume * price
    profit = div_half_even(moved * terms.profit_numerator, terms.profit_denominator)
    return profit if terms.profit_route is None else terms.profit_route.convert(profit)


def commission_of(terms: Terms, volume: Volume, price: Points, notional: Minor | None = None) -> Minor:
    """Return the commission of one deal, rounded up to the smallest unit. 0 or more.

    The turnover is the deal's value in the account's currency as margin sees it, except where margin is a fixed
    amount. 1.00 lot of EURUSD at 1.10000 with 30.00 USD per million costs 3.30 USD. `notional`: the deal's, if it was
    worked out. Source: docs/trade/commission.md.
    """
    commission = terms.commission
    kind = commission.type
    if kind is PER_LOT:
        charge = -(-volume * commission.rate // VOLUME_PER_LOT)
    elif kind is PER_DEAL:
        charge = commission.rate
    elif kind is PER_MILLION:
        turnover = _turnover(terms, volume, price, notional)
        charge = div_ceil(turnover * commission.rate, PPM * 10**terms.group.currency_digits)
    elif kind is PERCENT:
        charge = div_ceil(_turnover(terms, volume, price, notional) * commission.rate, PPM)
    else:
        charge = 0
    minimum = commission.minimum
    return charge if charge > minimum else minimum


def _turnover(terms: Terms, volume: Volume, price: Points, notional: Minor | None) -> Minor:
    if terms.turnover_is_notional:
        return notional_of(terms, volume, price) if notional is None else notional
    value = div_ceil(volume * price * terms.profit_numerator, terms.profit_denominator)
    return value if terms.profit_route is None else terms.profit_route.cost(value)


def swap_of(terms: Terms, position: Position, nights: int) -> Minor:
    """Return the interest of `nights` nights, in the account's currency; below 0 the client pays.

    POINTS are thousandths of a point: 1.00 lot of EURUSD at -6_500 pays 6.50 points, 6.50 USD, a night.
    PERCENT is a year's interest on the position's notional, a night being 1/360 of it.
    Rounded half to even. Source: docs/trade/swap.md.
    """
    rate = terms.swap_long if position.side is BUY else terms.swap_short
    match terms.spec.swap_type:
        case SwapType.POINTS:
            moved = position.volume * rate * nights
            swap = div_half_even(moved * terms.profit_numerator, terms.profit_denominator * 1_000)
            return swap if terms.profit_route is None else terms.profit_route.convert(swap)
        case SwapType.PERCENT:
            return div_half_even(position.notional * rate * nights, 360 * PPM)
        case SwapType.MONEY:
            return div_half_even(position.volume * rate * nights, VOLUME_PER_LOT)
        case SwapType.NONE:
            return 0
