"""Margin: what a position binds (docs/trade/margin.md).

The value on which margin is taken (the notional) is fixed when a position opens, at the rates of that
moment. So margin changes with deals and never with quotes, and a check costs the same however many
positions an account holds.
"""

from prorata.messages.commands import BUY, Side
from prorata.messages.groups import HedgedMargin, LeverageTier
from prorata.messages.symbols import MarginMode
from prorata.trading.state import Holding
from prorata.trading.terms import Terms
from prorata.units.numbers import PPM, Minor, Points, Volume
from prorata.units.rounding import div_ceil


def notional_of(terms: Terms, volume: Volume, price: Points) -> Minor:
    """Return the value of `volume` at `price` on which margin is taken, in the account's currency, rounded up.

    1.00 lot of EURUSD (contract size 100_000) is 100_000.00 EUR, in a USD account with the ask at 1.10000
    110_000.00 USD. Source: docs/trade/margin.md.
    """
    dividend = volume * terms.margin_numerator
    if terms.margin_uses_price:
        dividend *= price
    notional = -(-dividend // terms.margin_denominator)
    return notional if terms.margin_route is None else terms.margin_route.cost(notional)


def margin_of(terms: Terms, holding: Holding, leverage: int) -> Minor:
    """Return the margin of all that an account holds in one symbol.

    With both sides open, on: the difference of the sides, the larger side, or both, as the group says.
    """
    if not holding.short_volume:
        return levered(terms, holding.long_notional, leverage)
    if not holding.long_volume:
        return levered(terms, holding.short_notional, leverage)
    return margin_of_sides(
        terms,
        leverage,
        long_volume=holding.long_volume,
        long_notional=holding.long_notional,
        short_volume=holding.short_volume,
        short_notional=holding.short_notional,
    )


def margin_with(terms: Terms, holding: Holding, leverage: int, side: Side, volume: Volume, notional: Minor) -> Minor:
    """Return the margin of the symbol once `volume` more is held on `side`."""
    bought = side is BUY
    if not (holding.short_volume if bought else holding.long_volume):
        return levered(terms, (holding.long_notional if bought else holding.short_notional) + notional, leverage)
    return margin_of_sides(
        terms,
        leverage,
        long_volume=holding.long_volume + volume if bought else holding.long_volume,
        long_notional=holding.long_notional + notional if bought else holding.long_notional,
        short_volume=holding.short_volume if bought else holding.short_volume + volume,
        short_notional=holding.short_notional if bought else holding.short_notional + notional,
    )


def margin_of_sides(
    terms: Terms, leverage: int, *, long_volume: Volume, long_notional: Minor, short_volume: Volume, short_notional: Minor
) -> Minor:
    """Return the margin of two sides of one symbol under the group's hedged-margin mode."""
    if not short_volume:
        return levered(terms, long_notional, leverage)
    if not long_volume:
        return levered(terms, short_notional, leverage)
    mode = terms.group.spec.hedged_margin
    if mode == HedgedMargin.BOTH_SIDES:
        return levered(terms, long_notional + short_notional, leverage)
    larger_volume, larger_notional = (
        (long_volume, long_notional) if long_volume >= short_volume else (short_volume, short_notional)
    )
    if mode == HedgedMargin.LARGER_LEG:
        return levered(terms, larger_notional, leverage)
    net = abs(long_volume - short_volume)
    return levered(terms, div_ceil(larger_notional * net, larger_volume), leverage)


def levered(terms: Terms, notional: Minor, leverage: int) -> Minor:
    """Return the margin that is taken on a notional."""
    cap = terms.leverage_cap
    if terms.by_leverage:
        return -(-notional // (leverage if leverage < cap else cap))
    if terms.margin_mode == MarginMode.CFD:
        return -(-notional * terms.margin_rate_ppm // PPM)
    if terms.margin_mode == MarginMode.FIXED:
        return notional
    return _tiered(terms.group.spec.tiers, notional, min(leverage, cap))


def _tiered(tiers: tuple[LeverageTier, ...], notional: Minor, leverage: int) -> Minor:
    """Return the margin of `notional` spread over the tiers from the first up, each rounded up."""
    margin, below = 0, 0
    for tier in tiers:
        upper = min(notional, tier.notional) if tier.notional else notional
        if upper > below:
            margin += div_ceil(upper - below, min(tier.leverage, leverage))
            below = upper
    return margin
