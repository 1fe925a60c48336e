"""From the tables of copy trading to what the reports are made from: curves, equity points, trades. Pure.

An investment (and a strategy, by its trader's own investment) has a row for each of its deals, money in and out among
them, and one for the end of each day, with the price of its unit.
"""

from collections.abc import Iterable, Sequence

import msgspec

from prorata.copying.state import UNIT_FIRST
from prorata.projections.copying.codes import CopyDealType
from prorata.projections.copying.rows import CopyDealRow
from prorata.reports.series import FIRST_PRICE, EquityPoint, PricePoint
from prorata.reports.trades import Trade
from prorata.units.numbers import Minor, Moment, Volume
from prorata.units.rounding import div_half_even

TRADED = (CopyDealType.BUY, CopyDealType.SELL)
MOVED = (CopyDealType.BALANCE, CopyDealType.CORRECTION)
"""money in and out, what the house made good among it"""

DayPrice = tuple[Moment, int]
"""the end of a day, and the price of a unit in 10^-8"""


class Worth(msgspec.Struct, frozen=True, gc=False):
    """What an investment was worth after the event `sequence`."""

    sequence: int
    at: Moment
    equity: Minor
    balance: Minor
    unit_price: int
    """10^-8"""


def curve_of(opened_at: Moment, days: Iterable[DayPrice], last: DayPrice) -> list[PricePoint]:
    """Return the curve of a unit: its beginning, the days that have ended, and how it stands."""
    points = [_point((opened_at, UNIT_FIRST)), *map(_point, days)]
    if last[0] > points[-1].at:
        points.append(_point(last))
    return points


def _point(day: DayPrice) -> PricePoint:
    price = FIRST_PRICE * day[1] / UNIT_FIRST
    return PricePoint(day[0], price, price)


# Equity points.


class _Flow(msgspec.Struct, frozen=True, gc=False):
    """Money that came in or left. `before`: the balance before it, which is the equity if `flat`."""

    sequence: int
    at: Moment
    amount: Minor
    before: Minor
    flat: bool


def equity_points(deals: Sequence[CopyDealRow], worths: Sequence[Worth]) -> list[EquityPoint]:
    """Return the points of an investment: one for each flow, and one for each of `worths`.

    What it was worth before a flow is its balance if it held nothing, as with every withdrawal. Money that came in while
    positions were open is told by the unit prices around it: with units 10 and price 100 at the end of one day, 15 and 110
    at the end of the next, 510 that came in between were 5 units at 102, so the 10 units were worth 1,020.

    Args:
        deals: all of the investment, in order.
        worths: ends of days, and the present, in order.
    """
    flows = _flows_of(deals)
    points: list[EquityPoint] = []
    units, price, place = 0.0, FIRST_PRICE, 0
    for worth in worths:
        between: list[_Flow] = []
        while place < len(flows) and flows[place].sequence <= worth.sequence:
            between.append(flows[place])
            place += 1
        after = FIRST_PRICE * worth.unit_price / UNIT_FIRST
        units = _add_flows(points, between, units, price, worth.equity / after if after > 0 else 0.0)
        points.append(EquityPoint(worth.at, worth.equity, worth.balance))
        price = after
    _add_flows(points, flows[place:], units, price, None)
    return points


def _flows_of(deals: Sequence[CopyDealRow]) -> list[_Flow]:
    held: dict[int, Volume] = {}
    balance: Minor = 0
    flows: list[_Flow] = []
    for deal in deals:
        if deal.type in MOVED:
            flows.append(_Flow(deal.sequence, deal.at, deal.total, balance, not any(held.values())))
        elif deal.type in TRADED:
            held[deal.position] = deal.held
        balance += deal.total
    return flows


def _add_flows(
    points: list[EquityPoint], flows: Sequence[_Flow], units: float, price: float, units_after: float | None
) -> float:  # fmt: skip
    """Add the flows between two known prices. Returns the units after them."""
    alone = len(flows) == 1
    for flow in flows:
        equity = flow.before
        if not flow.flat:
            new = 0.0 if units_after is None else units_after - units
            at_flow = flow.amount / new if alone and new else price
            equity = round(units * at_flow) if at_flow > 0 else flow.before
        points.append(EquityPoint(flow.at, equity, flow.before, flow.amount))
        price = equity / units if units and equity > 0 else price
        units = max(0.0, (equity + flow.amount) / price) if price > 0 else 0.0
    return units


# Trades.


class _Open(msgspec.Struct, gc=False):
    """What is open of a position. `volume` and `cost` are signed."""

    volume: Volume = 0
    cost: int = 0
    commission: Minor = 0
    opened_at: Moment = 0


def trades_of(deals: Iterable[CopyDealRow]) -> list[Trade]:
    """Return the closed trades of an investment, in the order of closing: each with its share of what opening cost."""
    positions: dict[int, _Open] = {}
    trades: list[Trade] = []
    for deal in deals:
        if deal.type not in TRADED:
            continue
        held = positions.setdefault(deal.position, _Open())
        closing, commission = deal.closed, 0
        if closing:
            commission = div_half_even(deal.commission * closing, abs(deal.volume))
            trades.append(_closed(held, deal, closing, commission))
        opening = abs(deal.volume) - closing
        if opening:
            if not held.volume:
                held.opened_at = deal.at
            signed = opening if deal.volume > 0 else -opening
            held.volume += signed
            held.cost += signed * deal.price
            held.commission += deal.commission - commission
    return trades


def _closed(held: _Open, deal: CopyDealRow, closing: Volume, commission: Minor) -> Trade:
    size = abs(held.volume)
    sign = 1 if held.volume > 0 else -1
    open_price = div_half_even(abs(held.cost), size)
    paid = div_half_even(held.commission * closing, size)
    cost = div_half_even(abs(held.cost) * closing, size) * sign
    held.volume -= sign * closing
    held.cost -= cost
    held.commission -= paid
    return Trade(
        symbol=deal.symbol,
        opened_at=held.opened_at,
        closed_at=deal.at,
        volume=sign * closing,
        profit=deal.profit + deal.swap - commission - paid,
        points=sign * (deal.price - open_price),
    )
