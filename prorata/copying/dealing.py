"""Deals of many investments at once: positions, results, commissions and postings, in a handful of column operations.

A deal closes what is held on the other side first; what is left opens. Its four commissions are the broker's (by the
company's specification), the venue's (on the A-book part), and the turnover commission of the offer, shared by trader
and partner. All are rounded up to the smallest unit and leave the investment.
"""

from collections.abc import Callable

import msgspec
import numpy as np

from prorata.copying.columns import (
    Int64,
    Packing,
    Rows,
    blocks_of,
    factor_of,
    mul_div_ceil,
    mul_div_floor,
    mul_div_half_even,
    mul_div_trunc,
    span_of,
    sums_by,
    zeros,
)
from prorata.copying.desk import Cause, CopyDesk
from prorata.copying.state import LegHead, Strategy
from prorata.copying.values import Price, price_of, realised, value_of
from prorata.messages.copy_events import Copied
from prorata.messages.groups import Commission, CommissionType
from prorata.messages.postings import Posting, PostingKind
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import PPM, VOLUME_PER_LOT, Minor, Moment, Points, Ticket


class Order(msgspec.Struct, frozen=True, gc=False):
    """What is dealt: rows of a leg in rising order, and how much of each. `request`, `fill`: 0 at our own quote."""

    head: LegHead
    rows: Int64
    volumes: Int64
    a_volumes: Int64
    price: Points
    cause: Cause
    request: Ticket = 0
    fill: int = 0


class Terms(msgspec.Struct, frozen=True, gc=False):
    """What the deals of an order have in common. `liquidity`: minor units for each million that goes to the venue."""

    price: Price
    unit: int
    commission: Commission
    liquidity: Minor


class Block(msgspec.Struct, frozen=True, gc=False):
    """Some of an order's rows, and what they want."""

    head: LegHead
    rows: Rows
    volumes: Int64
    a_volumes: Int64
    price: Points


class Costs(msgspec.Struct, frozen=True, gc=False):
    """What a deal costs, as columns of 0 or more."""

    turnover: Int64
    broker: Int64
    liquidity: Int64
    trader: Int64
    partner: Int64

    @property
    def total(self) -> Int64:
        return self.broker + self.liquidity + self.trader + self.partner


class Sums(msgspec.Struct, gc=False):
    """What all deals of an order come to. `partners`: by wallet."""

    profits: Minor = 0
    swaps: Minor = 0
    broker: Minor = 0
    liquidity: Minor = 0
    trader: Minor = 0
    partners: dict[int, Minor] = {}


COLUMNS = (
    "investments", "places", "volumes", "a_volumes", "held", "costs", "turnovers", "profits", "swaps", "broker_commissions",
    "liquidity_commissions", "trader_commissions", "partner_commissions", "balances",
)  # fmt: skip
"""columns of `Copied`"""


def deal(desk: CopyDesk, strategy: Strategy, order: Order) -> None:
    """Book the deals of `order`. Nothing may fail: whoever asks has checked that the symbol has a price."""
    terms = _terms(desk, strategy, order)
    sums, told = Sums(), [Packing() for _ in COLUMNS]
    for block in blocks_of(order.rows.size):
        rows = span_of(order.rows[block])
        taken = Block(order.head, rows, order.volumes[block], order.a_volumes[block], order.price)
        profits, swaps = _move(taken, terms.price, desk.now)
        costs = _costs(strategy, taken, terms)
        _book(strategy, rows, profits, swaps, costs)
        _add(desk, strategy, rows, sums, profits, swaps, costs)
        _pack(strategy, taken, told, profits, swaps, costs)
    if order.rows[0] == 0:
        strategy.deals += 1
    _tell(desk, strategy, order, told, _post(desk, strategy, sums))
    desk.watches.pop(strategy.number, None)


def _terms(desk: CopyDesk, strategy: Strategy, order: Order) -> Terms:
    price = price_of(desk, order.head.symbol, strategy.currency)
    assert price is not None
    liquidity = 0
    if order.fill:
        liquidity = desk.state.streams[desk.state.requests[order.request].stream].liquidity_per_million
    unit = PPM * 10 ** CURRENCY_DIGITS[strategy.currency]
    return Terms(price, unit, desk.spec_of(strategy).commission, liquidity)


def _move(block: Block, price: Price, now: Moment) -> tuple[Int64, Int64]:
    """Change the positions; return what is realised: results and swaps."""
    leg, rows, volumes = block.head.rows, block.rows, block.volumes
    before = leg.volume[rows]
    after = before + volumes
    if ((before ^ volumes) >= 0).all():  # A sale from nothing takes the other road, where it closes nothing.
        profits, swaps = zeros(volumes.size), zeros(volumes.size)
        cost = leg.cost[rows] + volumes * block.price
    else:
        profits, swaps, cost = _close(block, price, before)
    begun, ended = (before == 0) | ((before ^ after) < 0), after == 0
    if begun.any() or ended.any():
        leg.opened_at[rows] = np.where(ended, 0, np.where(begun, now, leg.opened_at[rows]))
    leg.cost[rows] = cost
    leg.volume[rows] = after
    leg.a_volume[rows] += block.a_volumes
    return profits, swaps


def _close(block: Block, price: Price, before: Int64) -> tuple[Int64, Int64, Int64]:
    """Return results and swaps of what a block closes, and the costs of what is held after it. Takes the swaps away."""
    leg, rows, volumes = block.head.rows, block.rows, block.volumes
    size, asked = np.abs(before), np.abs(volumes)
    closing = np.minimum(size, asked)
    closing *= (before ^ volumes) < 0
    cost, swap = leg.cost[rows], leg.swap[rows]
    cost_closed = _part_of(cost, closing, size, mul_div_half_even)
    swap_closed = zeros(size.size)
    if swap.any():
        swap_closed = _part_of(swap, closing, size, mul_div_trunc)
        leg.swap[rows] -= swap_closed
    profits = realised(price, np.sign(before) * closing * block.price - cost_closed)
    left = cost - cost_closed
    asked -= closing
    if asked.any():
        left += np.sign(volumes) * asked * block.price
    return profits, swap_closed, left


def _part_of(column: Int64, closing: Int64, size: Int64, rounded: Callable[[Int64, Int64, Int64], Int64]) -> Int64:
    """Return the part of a column that goes with what is closed: `closing` of `size`; all of it with the last."""
    whole = closing == size
    if whole.all():
        return column * (closing > 0)
    return np.where(whole, column * (closing > 0), rounded(column, closing, np.maximum(size, 1)))


def _costs(strategy: Strategy, block: Block, terms: Terms) -> Costs:
    columns, rows, unit = strategy.investments, block.rows, terms.unit
    turnover = value_of(terms.price, block.volumes)
    charge = mul_div_ceil(turnover, factor_of(columns.commission[rows]), unit)
    partner = mul_div_floor(charge, factor_of(columns.partner_ppm[rows]), PPM)
    broker = _commission(terms.commission, np.abs(block.volumes), turnover, unit)
    liquidity = zeros(turnover.size)
    if terms.liquidity:
        liquidity = mul_div_ceil(value_of(terms.price, block.a_volumes), terms.liquidity, unit)
    return Costs(turnover, broker, liquidity, charge - partner, partner)


def _commission(commission: Commission, volumes: Int64, turnover: Int64, unit: int) -> Int64:
    """Return the broker's commission: 0.0091 lot at 2.50 a lot is 0.03, rounded up."""
    match commission.type:
        case CommissionType.PER_MILLION:
            charge = mul_div_ceil(turnover, commission.rate, unit)
        case CommissionType.PER_LOT:
            charge = mul_div_ceil(volumes, commission.rate, VOLUME_PER_LOT)
        case CommissionType.PER_DEAL:
            charge = np.full(volumes.size, commission.rate, dtype=np.int64)
        case CommissionType.PERCENT:
            charge = mul_div_ceil(turnover, commission.rate, PPM)
        case CommissionType.NONE:
            charge = zeros(volumes.size)
    return np.maximum(charge, commission.minimum)


def _book(strategy: Strategy, rows: Rows, profits: Int64, swaps: Int64, costs: Costs) -> None:
    """Enter what deals have brought and cost into what the investments have."""
    columns = strategy.investments
    results = profits + swaps
    columns.realised[rows] += results
    results -= costs.total
    columns.balance[rows] += results
    for column, cost in (
        (columns.broker_commission, costs.broker),
        (columns.liquidity_commission, costs.liquidity),
        (columns.trader_commission, costs.trader),
        (columns.partner_commission, costs.partner),
    ):
        if cost.any():
            column[rows] += cost


def _add(
    desk: CopyDesk, strategy: Strategy, rows: Rows, sums: Sums, profits: Int64, swaps: Int64, costs: Costs
) -> None:  # fmt: skip
    sums.profits += int(profits.sum())
    sums.swaps += int(swaps.sum())
    sums.broker += int(costs.broker.sum())
    sums.liquidity += int(costs.liquidity.sum())
    sums.trader += int(costs.trader.sum())
    if costs.partner.any():
        for wallet, amount in sums_by(strategy.investments.partner_wallet[rows], costs.partner).items():
            sums.partners[wallet] = sums.partners.get(wallet, 0) + amount
    _accrue(desk, strategy, rows, costs)


def _accrue(desk: CopyDesk, strategy: Strategy, rows: Rows, costs: Costs) -> None:
    """Add the turnover commission to what each offer owes its trader and partner until the day ends."""
    if not (costs.trader.any() or costs.partner.any()):
        return
    offers = strategy.investments.offer[rows]
    for number in strategy.offers:
        offer, mine = desk.state.offers[number], offers == number
        if not (offer.commission_per_million and mine.any()):
            continue
        offer.commission_due += int((costs.trader * mine).sum())
        offer.partner_commission_due += int((costs.partner * mine).sum())


def _post(desk: CopyDesk, strategy: Strategy, sums: Sums) -> tuple[Posting, ...]:
    """Post the totals between the strategy's investments and the house, and note what is due to trader and partners."""
    mine, currency = f"investments/{strategy.number}", strategy.currency
    postings = (
        desk.post("house/profit", mine, sums.profits, currency, PostingKind.PROFIT)
        + desk.post("house/swap", mine, sums.swaps, currency, PostingKind.SWAP)
        + desk.post(mine, "house/commission", sums.broker, currency, PostingKind.COMMISSION)
        + desk.post(mine, "venue", sums.liquidity, currency, PostingKind.COMMISSION)
        + desk.post(mine, f"due/{strategy.number}", sums.trader, currency, PostingKind.COMMISSION)
    )
    for wallet, amount in sorted(sums.partners.items()):
        postings += desk.post(mine, f"due-partner/{wallet}", amount, currency, PostingKind.COMMISSION)
    return postings


def _pack(strategy: Strategy, block: Block, told: list[Packing], profits: Int64, swaps: Int64, costs: Costs) -> None:
    """Note what is told of the deals: `COLUMNS`."""
    columns, rows, leg = strategy.investments, block.rows, block.head.rows
    values = (
        columns.number[rows], columns.place[rows], block.volumes, block.a_volumes, leg.volume[rows], leg.cost[rows],
        costs.turnover, profits, swaps, costs.broker, costs.liquidity, costs.trader, costs.partner, columns.balance[rows],
    )  # fmt: skip
    for packing, column in zip(told, values, strict=True):
        packing.add(column)


def _tell(desk: CopyDesk, strategy: Strategy, order: Order, told: list[Packing], postings: tuple[Posting, ...]) -> None:
    head, cause = order.head, order.cause
    first = desk.state.next_copy_deal
    desk.state.next_copy_deal += order.rows.size
    packed = {name: packing.packed() for name, packing in zip(COLUMNS, told, strict=True)}
    desk.tell(
        Copied(
            strategy=strategy.number,
            symbol=head.symbol,
            ticket=head.ticket,
            leg=head.number,
            signal=cause.signal,
            command=cause.command,
            stop_out=cause.stop_out,
            request=order.request,
            fill=order.fill,
            price=order.price,
            first_deal=first,
            interval=strategy.interval,
            postings=postings,
            **packed,
        )
    )
