"""Deals of many investments at once: positions, results, commissions and postings, in a handful of column operations.

A deal closes what is held on the other side first; what is left opens. Its four commissions are the broker's (by the
company's specification), the venue's (on the A-book part), and the turnover commission of the offer, shared by trader
and partner. All are rounded up to the smallest unit and leave the investment.
"""

import msgspec
import numpy as np

from prorata.copying.columns import (
    Int64,
    kinds_of,
    mul_div_ceil,
    mul_div_floor,
    mul_div_half_even,
    mul_div_trunc,
    pack,
    span_of,
    zeros,
)
from prorata.copying.desk import Cause, CopyDesk
from prorata.copying.state import LegHead, Strategy
from prorata.copying.values import Price, price_of, realised, value_of
from prorata.messages.copy_events import Copied
from prorata.messages.groups import Commission, CommissionType
from prorata.messages.postings import Posting, PostingKind
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import PPM, VOLUME_PER_LOT, Points, Ticket


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


def deal(desk: CopyDesk, strategy: Strategy, order: Order) -> None:
    """Book the deals of `order`. Nothing may fail: whoever asks has checked that the symbol has a price."""
    price = price_of(desk, order.head.symbol, strategy.currency)
    assert price is not None
    profits, swaps = _move(desk, order, price)
    costs = _costs(desk, strategy, order, price)
    columns, rows = strategy.investments, span_of(order.rows)
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
        column[rows] += cost
    if order.rows[0] == 0:
        strategy.deals += 1
    postings = _post(desk, strategy, order, profits, swaps, costs)
    _tell(desk, strategy, order, profits, swaps, costs, postings)
    desk.watches.pop(strategy.number, None)


def _move(desk: CopyDesk, order: Order, price: Price) -> tuple[Int64, Int64]:
    """Change the positions; return what is realised: results and swaps."""
    leg, rows, volumes = order.head.rows, span_of(order.rows), order.volumes
    before = leg.volume[rows]
    after = before + volumes
    if ((before ^ volumes) >= 0).all():  # A sale from nothing takes the other road, where it closes nothing.
        profits, swaps = zeros(volumes.size), zeros(volumes.size)
        cost = leg.cost[rows] + volumes * order.price
    else:
        profits, swaps, cost = _close(order, price, before)
    if not before.all() or ((before ^ after) < 0).any():
        opened_at = np.where((before == 0) | ((before ^ after) < 0), desk.now, leg.opened_at[rows])
        leg.opened_at[rows] = np.where(after == 0, 0, opened_at)
    elif not after.all():
        leg.opened_at[rows] = np.where(after == 0, 0, leg.opened_at[rows])
    leg.cost[rows] = cost
    leg.volume[rows] = after
    leg.a_volume[rows] += order.a_volumes
    return profits, swaps


def _close(order: Order, price: Price, before: Int64) -> tuple[Int64, Int64, Int64]:
    """Return results and swaps of what the order closes, and the costs of what is held after it. Takes the swaps away."""
    leg, rows, volumes = order.head.rows, span_of(order.rows), order.volumes
    size, asked = np.abs(before), np.abs(volumes)
    closing = np.where((before ^ volumes) < 0, np.minimum(size, asked), 0)
    opened = np.sign(volumes) * (asked - closing) * order.price
    cost, swap = leg.cost[rows], leg.swap[rows]
    whole, held = closing == size, np.maximum(size, 1)
    cost_closed = np.where(whole, np.where(closing > 0, cost, 0), mul_div_half_even(cost, closing, held))
    swap_closed = zeros(size.size)
    if swap.any():
        swap_closed = np.where(whole, np.where(closing > 0, swap, 0), mul_div_trunc(swap, closing, held))
        leg.swap[rows] -= swap_closed
    profits = realised(price, np.sign(before) * closing * order.price - cost_closed)
    return profits, swap_closed, cost - cost_closed + opened


def _costs(desk: CopyDesk, strategy: Strategy, order: Order, price: Price) -> Costs:
    columns, rows = strategy.investments, span_of(order.rows)
    turnover = value_of(price, order.volumes)
    unit = PPM * 10 ** CURRENCY_DIGITS[strategy.currency]
    rates, shares = columns.commission[rows], columns.partner_ppm[rows]
    charge = mul_div_ceil(turnover, rates, unit) if rates.any() else zeros(order.rows.size)
    partner = mul_div_floor(charge, shares, PPM) if shares.any() else zeros(order.rows.size)
    broker = _commission(desk.spec_of(strategy).commission, np.abs(order.volumes), turnover, unit)
    liquidity = zeros(order.rows.size)
    if order.fill:
        stream = desk.state.streams[desk.state.requests[order.request].stream]
        if stream.liquidity_per_million:
            liquidity = mul_div_ceil(value_of(price, order.a_volumes), stream.liquidity_per_million, unit)
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


def _post(
    desk: CopyDesk, strategy: Strategy, order: Order, profits: Int64, swaps: Int64, costs: Costs
) -> tuple[Posting, ...]:  # fmt: skip
    """Post the totals between the strategy's investments and the house, and note what is due to trader and partners."""
    mine, currency = f"investments/{strategy.number}", strategy.currency
    _accrue(desk, strategy, order.rows, costs)
    postings = (
        desk.post("house/profit", mine, int(profits.sum()), currency, PostingKind.PROFIT)
        + desk.post("house/swap", mine, int(swaps.sum()), currency, PostingKind.SWAP)
        + desk.post(mine, "house/commission", int(costs.broker.sum()), currency, PostingKind.COMMISSION)
        + desk.post(mine, "venue", int(costs.liquidity.sum()), currency, PostingKind.COMMISSION)
        + desk.post(mine, f"due/{strategy.number}", int(costs.trader.sum()), currency, PostingKind.COMMISSION)
    )
    if costs.partner.any():
        wallets = strategy.investments.partner_wallet[order.rows]
        for wallet in kinds_of(wallets):
            amount = int(costs.partner[wallets == wallet].sum())
            postings += desk.post(mine, f"due-partner/{wallet}", amount, currency, PostingKind.COMMISSION)
    return postings


def _accrue(desk: CopyDesk, strategy: Strategy, rows: Int64, costs: Costs) -> None:
    """Add the turnover commission to what each offer owes its trader and partner until the day ends."""
    if not (costs.trader.any() or costs.partner.any()):
        return
    offers = strategy.investments.offer[rows]
    for number in strategy.offers:
        offer = desk.state.offers[number]
        if not offer.commission_per_million:
            continue
        mine = offers == number
        offer.commission_due += int(costs.trader[mine].sum())
        offer.partner_commission_due += int(costs.partner[mine].sum())


def _tell(
    desk: CopyDesk, strategy: Strategy, order: Order, profits: Int64, swaps: Int64, costs: Costs, postings: tuple[Posting, ...]
) -> None:
    columns, rows, head = strategy.investments, span_of(order.rows), order.head
    first = desk.state.next_copy_deal
    desk.state.next_copy_deal += order.rows.size
    desk.tell(
        Copied(
            strategy=strategy.number,
            symbol=head.symbol,
            ticket=head.ticket,
            leg=head.number,
            signal=order.cause.signal,
            command=order.cause.command,
            stop_out=order.cause.stop_out,
            request=order.request,
            fill=order.fill,
            price=order.price,
            first_deal=first,
            interval=strategy.interval,
            investments=pack(columns.number[rows]),
            places=pack(columns.place[rows]),
            volumes=pack(order.volumes),
            a_volumes=pack(order.a_volumes),
            held=pack(head.rows.volume[rows]),
            costs=pack(head.rows.cost[rows]),
            turnovers=pack(costs.turnover),
            profits=pack(profits),
            swaps=pack(swaps),
            broker_commissions=pack(costs.broker),
            liquidity_commissions=pack(costs.liquidity),
            trader_commissions=pack(costs.trader),
            partner_commissions=pack(costs.partner),
            balances=pack(columns.balance[rows]),
            postings=postings,
        )
    )
