"""What volume each investment gets (docs/trade/copying.md).

    first entry     V = L x (E_i / E) x F      L, E: the source's net lot and equity; E_i, F: the investment's
    later changes   V = V_old x L_new / L_old
    nothing left    L = 0 closes

rounded towards zero to the volume step. Then the rules: the symbol's mode, the minimum lot, the largest volume, and the
margin of what is enlarged. Every volume that a rule has changed is told with its reason.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TypeAlias

import numpy as np

from prorata.copying import hedge
from prorata.copying.columns import (
    Int64,
    Mask,
    blocks_of,
    most_of,
    mul_div_floor,
    mul_div_trunc_within,
    pack,
    span_of,
    zeros,
)
from prorata.copying.desk import Cause, CopyDesk
from prorata.copying.state import LegHead, Strategy, empty_leg, leg_key
from prorata.copying.values import Price, bound_values, equities, price_of, value_of
from prorata.messages.copy_events import VolumesTrimmed
from prorata.messages.copy_terms import FACTOR_ONE, BelowMinimum, CopySpec, VolumeReason
from prorata.messages.symbols import TradeMode
from prorata.units.numbers import VOLUME_MAX, Minor, Volume

RAW_MAX: Volume = 2 * VOLUME_MAX
"""What the formula gives is cut here: the rules cut it further and say so, and what a source sends never leaves int64."""


def find_leg(desk: CopyDesk, strategy: Strategy, symbol: str, ticket: str) -> LegHead:
    """Return the leg of a symbol (and ticket), made if there is none."""
    key = leg_key(symbol, ticket)
    head = strategy.legs.get(key)
    if head is None:
        head = LegHead(desk.state.next_leg, symbol, ticket, 0, empty_leg(strategy.investments.number.size))
        desk.state.next_leg += 1
        strategy.legs[key] = head
        desk.hold(strategy, symbol)
    return head


class Some:
    """Some rows of a strategy in one leg, with what they are worth once somebody asks."""

    def __init__(self, desk: CopyDesk, strategy: Strategy, head: LegHead, rows: Int64) -> None:
        self.desk = desk
        self.strategy = strategy
        self.head = head
        self.rows = span_of(rows)
        self.present = standing(head, rows)

    @cached_property
    def equity(self) -> Int64:
        return equities(self.desk, self.strategy, self.rows)


Formula: TypeAlias = Callable[[Some], Int64]
"""What volume rows are to have, before any rule."""


def by_equity(some: Some, lot: Volume, source_equity: Minor) -> Int64:
    """Return what each row's first entry would be: 1 lot of a source worth 1,000 is 0.6 for 300 with factor 2."""
    weights = np.maximum(some.equity, 0) * some.strategy.investments.factor[some.rows]
    return _by_ratio(weights, lot, source_equity * FACTOR_ONE)


def _by_ratio(amounts: Int64, numerator: int, denominator: int) -> Int64:
    """Return amounts x numerator / denominator, rounded towards zero, but 10^-8 lot at least of what is not nothing.

    So the least lot's rule, which knows nothing of what is zero, decides about the smallest volumes too, and tells it.
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    shares = mul_div_trunc_within(amounts, numerator, denominator, RAW_MAX)
    if not shares.all():
        lost = (shares == 0) & (amounts != 0)
        shares[lost] = np.sign(amounts[lost]) * (1 if numerator > 0 else -1)
    return shares


def follow(
    desk: CopyDesk, strategy: Strategy, head: LegHead, rows: Int64, lot: Volume, source_equity: Minor, cause: Cause
) -> None:
    """Bring rows after a change of the source's lot from `head.lot` to `lot`: holders by its ratio, the others by equity.

    Who holds nothing joins when the source enlarges or turns its position, not when it reduces it.
    """
    before, head.lot = head.lot, lot
    enlarges = abs(lot) > abs(before) or (lot < 0) != (before < 0)
    if lot == 0 or not enlarges:
        rows = rows[np.flatnonzero(standing(head, rows))]
    if lot == 0:
        hedge.aim(desk, strategy, head, rows, zeros(rows.size), cause)
        return

    def formula(some: Some) -> Int64:
        if not before:
            return by_equity(some, lot, source_equity)
        scaled = _by_ratio(some.present, lot, before)
        if some.present.all():
            return scaled
        return np.where(some.present != 0, scaled, by_equity(some, lot, source_equity))

    take(desk, strategy, head, rows, formula, cause)


def realign(
    desk: CopyDesk, strategy: Strategy, head: LegHead, rows: Int64, lot: Volume, source_equity: Minor, cause: Cause
) -> None:
    """Give rows what the formula of the first entry gives now, whatever they hold."""
    head.lot = lot
    if lot == 0:
        hedge.aim(desk, strategy, head, rows, zeros(rows.size), cause)
        return
    take(desk, strategy, head, rows, lambda some: by_equity(some, lot, source_equity), cause)


def scale(desk: CopyDesk, strategy: Strategy, row: int, numerator: int, denominator: int, cause: Cause) -> None:
    """Let all positions of one row grow by a ratio."""
    one = np.array([row], dtype=np.int64)
    for head in list(strategy.legs.values()):
        if standing(head, one)[0]:
            take(desk, strategy, head, one, lambda some: _by_ratio(some.present, numerator, denominator), cause)


def standing(head: LegHead, rows: Int64) -> Int64:
    """Return what each row holds, or will when what is under way, or waits for the market to open, is done."""
    return head.rows.wanted[rows] if rows.size == 0 else head.rows.wanted[span_of(rows)].copy()


def take(desk: CopyDesk, strategy: Strategy, head: LegHead, rows: Int64, formula: Formula, cause: Cause) -> None:
    """Apply the rules to what the formula gives, tell what they changed, and start."""
    spec, price = desk.spec_of(strategy), price_of(desk, head.symbol, strategy.currency)
    targets = np.empty(rows.size, dtype=np.int64)
    trimmed: list[tuple[Int64, ...]] = []
    for block in blocks_of(rows.size):
        some = Some(desk, strategy, head, rows[block])
        raw = formula(some)
        aimed, reasons = _by_the_rules(spec, price, some, raw)
        targets[block] = aimed
        if reasons.any():
            at = np.flatnonzero(reasons)
            trimmed.append((strategy.investments.number[rows[block][at]], reasons[at], raw[at], aimed[at]))
    if trimmed:
        columns = [pack(np.concatenate(parts)) for parts in zip(*trimmed, strict=True)]
        desk.tell(VolumesTrimmed(strategy.number, cause.signal, head.symbol, head.ticket, *columns))
    hedge.aim(desk, strategy, head, rows, targets, cause)


def _by_the_rules(spec: CopySpec, price: Price | None, some: Some, raw: Int64) -> tuple[Int64, Int64]:
    """Return the volumes that rows are to have, and why where it is not what the formula gives."""
    head, present = some.head, some.present
    targets, reasons = _to_steps(spec, raw, present)
    if price is None or not price.market.is_open(some.desk.now):
        wall = VolumeReason.NO_QUOTE if price is None else VolumeReason.MARKET_CLOSED
        wished, targets = targets, _only_reduce(present, targets, reasons, np.ones(raw.size, dtype=np.bool_), wall)
        head.rows.rejected[some.rows] = wished - targets
        head.missed = head.missed or bool((reasons & int(wall)).any())
        return targets, reasons
    head.rows.rejected[some.rows] = 0
    if price.market.spec.trade_mode != TradeMode.FULL:
        targets = _only_reduce(present, targets, reasons, _not_allowed(price, targets), VolumeReason.CLOSE_ONLY)
    targets = _within_limit(spec, price, targets, reasons)
    return _within_margin(spec, price, some, targets, reasons), reasons


def _to_steps(spec: CopySpec, raw: Int64, present: Int64) -> tuple[Int64, Int64]:
    """Round towards zero to the volume step, and lift or drop what is below the minimum lot."""
    size = np.abs(raw)
    steps = size // spec.volume_step
    steps *= spec.volume_step
    small = (steps < spec.volume_min) & (size > 0)
    reasons = zeros(raw.size)
    if small.any():
        if spec.below_minimum == BelowMinimum.RAISE:
            steps[small] = spec.volume_min
            reasons[small] = VolumeReason.RAISED_TO_MINIMUM
        else:
            steps[small] = 0
            reasons[small] = np.where(present[small] == 0, int(VolumeReason.BELOW_MINIMUM), int(VolumeReason.ROUNDED_AWAY))
    steps *= np.sign(raw)
    return steps, reasons


def _only_reduce(present: Int64, targets: Int64, reasons: Int64, where: Mask, why: VolumeReason) -> Int64:
    kept = hedge.reduced(present, targets)
    cut = where & (kept != targets)
    reasons[cut] |= int(why)
    return np.where(cut, kept, targets)


def _not_allowed(price: Price, targets: Int64) -> Mask:
    """Return where the symbol's trade mode, which is not a full one, takes no new positions of the wanted side."""
    mode = price.market.spec.trade_mode
    if mode == TradeMode.LONG_ONLY:
        return targets < 0
    if mode == TradeMode.SHORT_ONLY:
        return targets > 0
    return np.ones(targets.size, dtype=np.bool_)


def _within_limit(spec: CopySpec, price: Price, targets: Int64, reasons: Int64) -> Int64:
    """Cut to what one account may hold of the symbol, and to what can be reckoned at four times the price."""
    symbol = price.market.spec
    most = min(symbol.volume_limit or VOLUME_MAX, price.market.cost_max // (4 * price.ask))
    most -= most % spec.volume_step
    if most_of(targets) <= most:
        return targets
    over = np.abs(targets) > most
    reasons[over] |= int(VolumeReason.VOLUME_LIMIT)
    return np.where(over, np.sign(targets) * most, targets)


def _within_margin(spec: CopySpec, price: Price, some: Some, targets: Int64, reasons: Int64) -> Int64:
    """Cut what is enlarged to the largest volume that equity x leverage carries beside all other legs."""
    present = some.present
    grows = np.abs(targets) > np.abs(present)
    grows |= (targets ^ present) < 0
    if not grows.any():
        return targets
    room = np.maximum(some.equity, 0) * spec.leverage_max
    room -= bound_values(some.desk, some.strategy, some.rows, without=some.head)
    over = np.flatnonzero(grows & (value_of(price, targets) > room))
    if over.size == 0:
        return targets
    numerator, denominator = price.value
    most = mul_div_floor(np.maximum(room[over], 0), denominator, numerator)
    most -= most % spec.volume_step
    most = np.where(most < spec.volume_min, 0, most)
    same_side = np.sign(targets[over]) == np.sign(present[over])
    kept = np.where(same_side, np.abs(present[over]), 0)
    cut = targets.copy()
    cut[over] = np.sign(targets[over]) * np.maximum(most, kept)
    reasons[over] |= int(VolumeReason.LEVERAGE)
    return cut
