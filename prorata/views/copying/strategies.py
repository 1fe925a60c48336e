"""What strategies and their offers have come to, at this moment: reads of the engine's memory in whole numbers."""

import msgspec
import numpy as np

from prorata.copying.columns import Int64, mul_div_floor
from prorata.copying.desk import CopyDesk
from prorata.copying.lifecycle import unit_price_of
from prorata.copying.state import Strategy
from prorata.copying.values import bound_values, equity_of
from prorata.messages.copy_terms import InvestmentState
from prorata.units.numbers import PPM, Minor
from prorata.units.rounding import div_half_even
from prorata.views.copying.figures import Book

_OWN = np.zeros(1, dtype=np.int64)


class StrategyFigures(msgspec.Struct, frozen=True, gc=False):
    """A strategy by the trader's own investment: cheap, however many investors there are."""

    number: int
    accounts: int
    """investments that are not closed, the trader's own among them"""
    own_equity: Minor
    own_balance: Minor
    unit_price: int
    """10^-8 of a unit that began at 100; what it has gained is the strategy's yield"""
    leverage_ppm: int
    """value of what the trader's own investment holds / its equity: what is used, not what is allowed"""


class OfferFigures(msgspec.Struct, frozen=True, gc=False):
    """What an offer has brought. "Due": accrued and not paid out yet."""

    number: int
    active_accounts: int
    total_accounts: int
    fee_due: Minor
    """to the trader, if the interval ended now"""
    fee_paid: Minor
    commission_due: Minor
    commission_paid: Minor
    partner_fee_due: Minor
    partner_fee_paid: Minor
    partner_commission_due: Minor
    partner_commission_paid: Minor


class StrategyTotals(msgspec.Struct, frozen=True, gc=False):
    """Sums over all investments of a strategy, closed ones among what is paid."""

    equity: Minor
    balance: Minor
    fee_due: Minor
    """to the trader"""
    fee_paid: Minor
    commission_due: Minor
    commission_paid: Minor


def strategy_figures(copy: CopyDesk, strategy: Strategy) -> StrategyFigures:
    """Return the figures of a strategy's head."""
    columns = strategy.investments
    equity = equity_of(copy, strategy, 0)
    bound = int(bound_values(copy, strategy, _OWN)[0])
    return StrategyFigures(
        strategy.number,
        int((columns.state[: strategy.rows] != InvestmentState.CLOSED).sum()),
        equity,
        int(columns.balance[0]),
        unit_price_of(strategy, 0, equity),
        div_half_even(bound * PPM, equity) if equity > 0 else 0,
    )


def offer_figures(copy: CopyDesk, strategy: Strategy) -> dict[int, OfferFigures]:
    """Return the figures of all offers of a strategy, by number, the trader's own among them."""
    book = Book(copy, strategy)
    offers, open_ = book["offer"], book["state"] != InvestmentState.CLOSED
    partner = mul_div_floor(book["fee_due"], book["partner_ppm"], PPM)
    trader = book["fee_due"] - partner - mul_div_floor(book["fee_due"], book["broker_ppm"], PPM)
    figures: dict[int, OfferFigures] = {}
    for number in strategy.offers:
        offer, mine = copy.state.offers[number], offers == number
        figures[number] = OfferFigures(
            number, int((mine & open_).sum()), int(mine.sum()), _sum(trader, mine), offer.fee_paid, offer.commission_due,
            offer.commission_paid, _sum(partner, mine), offer.partner_fee_paid, offer.partner_commission_due,
            offer.partner_commission_paid,
        )  # fmt: skip
    return figures


def _sum(column: Int64, mine: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> int:
    return int(column[mine].sum())


def strategy_totals(copy: CopyDesk, strategy: Strategy) -> StrategyTotals:
    """Return the sums over a strategy's investments."""
    book = Book(copy, strategy)
    offers = offer_figures(copy, strategy).values()
    return StrategyTotals(
        int(book["equity"].sum()),
        int(book["balance"].sum()),
        sum(offer.fee_due for offer in offers),
        sum(offer.fee_paid for offer in offers),
        sum(offer.commission_due for offer in offers),
        sum(offer.commission_paid for offer in offers),
    )
