"""What volume each investment gets (docs/trade/copying.md).

    first entry     V = L x (E_i / E) x F      L, E: the source's net lot and equity; E_i, F: the investment's
    later changes   V = V_old x L_new / L_old
    nothing left    L = 0 closes

rounded towards zero to the volume step. Then the rules: the symbol's mode, the minimum lot, the largest volume, and the
margin of what is enlarged. Every volume that a rule has changed is told with its reason.
"""

import numpy as np

from prorata.copying import hedge
from prorata.copying.columns import Int64, Mask, mul_div_floor, mul_div_trunc_within, pack, span_of, zeros
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


def by_equity(strategy: Strategy, equity: Int64, rows: Int64, lot: Volume, source_equity: Minor) -> Int64:
    """Return what each row's first entry would be: 1 lot of a source worth 1,000 is 0.6 for 300 with factor 2."""
    weights = np.maximum(equity[rows], 0) * strategy.investments.factor[rows]
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
    present = standing(head, rows)
    if lot == 0:
        rows = rows[present != 0]
        hedge.aim(desk, strategy, head, rows, zeros(rows.size), cause)
        return
    enlarges = abs(lot) > abs(before) or (lot < 0) != (before < 0)
    if not enlarges:
        rows, present = rows[present != 0], present[present != 0]
    if rows.size == 0:
        return
    equity = equities(desk, strategy)
    raw = by_equity(strategy, equity, rows, lot, source_equity)
    if before:
        raw = np.where(present != 0, _by_ratio(present, lot, before), raw)
    take(desk, strategy, head, rows, raw, equity, cause)


def realign(
    desk: CopyDesk, strategy: Strategy, head: LegHead, rows: Int64, lot: Volume, source_equity: Minor, cause: Cause
) -> None:
    """Give rows what the formula of the first entry gives now, whatever they hold."""
    head.lot = lot
    if lot == 0:
        hedge.aim(desk, strategy, head, rows, zeros(rows.size), cause)
        return
    equity = equities(desk, strategy)
    take(desk, strategy, head, rows, by_equity(strategy, equity, rows, lot, source_equity), equity, cause)


def scale(desk: CopyDesk, strategy: Strategy, row: int, numerator: int, denominator: int, cause: Cause) -> None:
    """Let all positions of one row grow by a ratio."""
    one = np.array([row], dtype=np.int64)
    for head in list(strategy.legs.values()):
        present = standing(head, one)
        if present[0]:
            take(desk, strategy, head, one, _by_ratio(present, numerator, denominator), equities(desk, strategy), cause)


def standing(head: LegHead, rows: Int64) -> Int64:
    """Return what each row holds, or will when what is under way, or waits for the market to open, is done."""
    return head.rows.wanted[rows] if rows.size == 0 else head.rows.wanted[span_of(rows)].copy()


def take(desk: CopyDesk, strategy: Strategy, head: LegHead, rows: Int64, raw: Int64, equity: Int64, cause: Cause) -> None:
    """Apply the rules to what the formula gives, tell what they changed, and start."""
    spec = desk.spec_of(strategy)
    present = standing(head, rows)
    head.rows.rejected[rows] = 0
    targets, reasons = _to_steps(spec, raw, present)
    price = price_of(desk, head.symbol, strategy.currency)
    if price is None or not price.market.is_open(desk.now):
        wall = VolumeReason.NO_QUOTE if price is None else VolumeReason.MARKET_CLOSED
        wished, targets = targets, _only_reduce(present, targets, reasons, np.ones(rows.size, dtype=np.bool_), wall)
        head.rows.rejected[rows] = wished - targets
        head.missed = head.missed or bool((reasons & int(wall)).any())
    else:
        targets = _only_reduce(present, targets, reasons, _not_allowed(price, targets), VolumeReason.CLOSE_ONLY)
        targets = _within_limit(spec, price, targets, reasons)
        targets = _within_margin(desk, strategy, head, spec, price, rows, present, targets, reasons, equity)
    trimmed = reasons != 0
    if trimmed.any():
        desk.tell(
            VolumesTrimmed(
                strategy.number, cause.signal, head.symbol, head.ticket, pack(strategy.investments.number[rows[trimmed]]),
                pack(reasons[trimmed]), pack(raw[trimmed]), pack(targets[trimmed]),
            )
        )  # fmt: skip
    hedge.aim(desk, strategy, head, rows, targets, cause)


def _to_steps(spec: CopySpec, raw: Int64, present: Int64) -> tuple[Int64, Int64]:
    """Round towards zero to the volume step, and lift or drop what is below the minimum lot."""
    size, sign = np.abs(raw), np.sign(raw)
    steps = size - size % spec.volume_step
    small = (steps < spec.volume_min) & (size > 0)
    reasons = zeros(raw.size)
    if small.any():
        if spec.below_minimum == BelowMinimum.RAISE:
            steps[small] = spec.volume_min
            reasons[small] = VolumeReason.RAISED_TO_MINIMUM
        else:
            steps[small] = 0
            reasons[small] = np.where(present[small] == 0, int(VolumeReason.BELOW_MINIMUM), int(VolumeReason.ROUNDED_AWAY))
    return sign * steps, reasons


def _only_reduce(present: Int64, targets: Int64, reasons: Int64, where: Mask, why: VolumeReason) -> Int64:
    kept = hedge.reduced(present, targets)
    cut = where & (kept != targets)
    reasons[cut] |= int(why)
    return np.where(cut, kept, targets)


def _not_allowed(price: Price, targets: Int64) -> Mask:
    """Return where the symbol's trade mode takes no new positions of the wanted side."""
    mode = price.market.spec.trade_mode
    if mode == TradeMode.FULL:
        return np.zeros(targets.size, dtype=np.bool_)
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
    over = np.abs(targets) > most
    reasons[over] |= int(VolumeReason.VOLUME_LIMIT)
    return np.where(over, np.sign(targets) * most, targets)


def _within_margin(
    desk: CopyDesk, strategy: Strategy, head: LegHead, spec: CopySpec, price: Price, rows: Int64, present: Int64,
    targets: Int64, reasons: Int64, equity: Int64,
) -> Int64:  # fmt: skip
    """Cut what is enlarged to the largest volume that equity x leverage carries beside all other legs."""
    room = np.maximum(equity[rows], 0) * spec.leverage_max - bound_values(desk, strategy, rows, without=head)
    grows = (np.abs(targets) > np.abs(present)) | ((targets ^ present) < 0)
    over = grows & (value_of(price, targets) > room)
    if not over.any():
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
