"""Protection, target and stop-out of investments, at the quote that reaches them (docs/trade/copying.md).

    stop-out     equity <= margin x stop-out level        everything is closed
    protection   equity <= base x protection
    target       equity >= base x (1 + target)

A strategy's *watch* holds, for every investment and symbol, the prices within which none of these can happen, and the
nearest of them. A quote inside is four comparisons, however many investments there are; one outside has just those
looked at whose own edge it has passed. The edges share an investment's distance to its limits among all prices that it
depends on, those that convert its money too, so they are sound. They decide when to look, never what is found: an engine
that has just been loaded has no watches, and finds the same. So they may be reckoned in floating point, a little short of
what would be exact; what decides is whole numbers.
"""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from prorata.copying import hedge, lifecycle
from prorata.copying.columns import (
    Factor,
    Int64,
    Rows,
    blocks_of,
    full,
    joined_blocks,
    mul_div_ceil,
    mul_div_floor,
    span_of,
)
from prorata.copying.desk import Cause, CopyDesk, Edges, Watch
from prorata.copying.state import Strategy
from prorata.copying.values import Price, bound_of, equities, floating, margins, price_of
from prorata.messages.commands import Quote
from prorata.messages.copy_terms import InvestmentState, StrategyStatus
from prorata.units.numbers import PPM, PRICE_MAX, Points

NEVER_LOW, NEVER_HIGH = -1, 2 * PRICE_MAX
RATE_PPM = 10_000
"""How far a converting quote moves at most before a row is looked at anew."""
ROUNDING = 4
"""smallest units by which rounding may move the worth of one position"""
NO_LIMIT = 1 << 60

SHORT = 1 - 2.0**-40
"""What edges are shortened by: more than the rounding of all that they are reckoned by."""

Floats: TypeAlias = npt.NDArray[np.float64]
Moves: TypeAlias = tuple[Factor, ...]
"""how far the bid may fall and rise, and the ask"""
_NO_MOVES: Moves = (NEVER_HIGH, NEVER_HIGH, NEVER_HIGH, NEVER_HIGH)


def take_quotes(desk: CopyDesk, quotes: Sequence[Quote]) -> None:
    """Look at the strategies whose limits the newest quotes may have reached, each once, lowest number first."""
    concerned: dict[int, list[Quote]] = {}
    for quote in quotes:
        last = desk.desk.state.quotes.get(quote.symbol)
        if last is not None and (last.bid, last.ask) == (quote.bid, quote.ask):
            for number in desk.holders.get(quote.symbol, ()):
                concerned.setdefault(number, []).append(quote)
    for number in sorted(concerned):
        strategy = desk.state.strategies[number]
        if any(head.stuck or head.missed for head in strategy.legs.values()):
            _open_market(desk, strategy, concerned[number])
        _look(desk, strategy, concerned[number])


def _open_market(desk: CopyDesk, strategy: Strategy, quotes: Sequence[Quote]) -> None:
    missed = [hedge.unstick(desk, strategy, quote.symbol) for quote in quotes]
    if any(missed) and strategy.status == StrategyStatus.ACTIVE and not strategy.need_sync:
        strategy.need_sync = 1
        lifecycle.tell_strategy(desk, strategy)


def _look(desk: CopyDesk, strategy: Strategy, quotes: Sequence[Quote]) -> None:
    watch = desk.watches.get(strategy.number)
    if watch is None:
        _watch(desk, strategy, quotes)
        return
    passed = [_passed(watch[quote.symbol], quote.bid, quote.ask) for quote in quotes if _is_passed(watch, quote)]
    if not passed:
        return
    # Edges of who has left since they were set wake him, too: the state says who copies.
    rows = passed[0] if len(passed) == 1 else np.unique(np.concatenate(passed))
    standings = _standings(desk, strategy, rows[lifecycle.are_active(strategy, rows)])
    if _fire(desk, strategy, standings, quotes):
        _watch(desk, strategy, quotes)
    else:
        _set_edges(desk, strategy, watch, standings)


def _is_passed(watch: Watch, quote: Quote) -> bool:
    edges = watch.get(quote.symbol)
    return edges is not None and not _is_inside(edges, quote.bid, quote.ask)


def _is_inside(edges: Edges, bid: Points, ask: Points) -> bool:
    bid_low, bid_high, ask_low, ask_high = edges.nearest
    return bid_low <= bid <= bid_high and ask_low <= ask <= ask_high


def _passed(edges: Edges, bid: Points, ask: Points) -> Int64:
    return np.flatnonzero((edges.bid_low > bid) | (edges.bid_high < bid) | (edges.ask_low > ask) | (edges.ask_high < ask))


def _watch(desk: CopyDesk, strategy: Strategy, quotes: Sequence[Quote]) -> None:
    """Look at everybody, then guard those who go on."""
    standings = _standings(desk, strategy, lifecycle.active_rows(strategy))
    while _fire(desk, strategy, standings, quotes):
        standings = _standings(desk, strategy, lifecycle.active_rows(strategy))
    watch: Watch = {}
    for head in strategy.legs.values():
        if head.rows.volume.any() or head.rows.pending.any():
            rates = _rates_of(desk, strategy, head.symbol)
            for symbol in (head.symbol, *rates):
                if symbol not in watch:
                    watch[symbol] = _open_edges(strategy.rows)
                watch[symbol].holds |= symbol == head.symbol
                watch[symbol].converts |= symbol in rates
    _set_edges(desk, strategy, watch, standings)
    desk.watches[strategy.number] = watch


def _rates_of(desk: CopyDesk, strategy: Strategy, symbol: str) -> tuple[str, ...]:
    """Return the symbols that convert the results and the margin of a symbol."""
    spec = desk.desk.state.symbols[symbol]
    routes = (desk.route(spec.profit_currency, strategy.currency), desk.route(spec.margin_currency, strategy.currency))
    return tuple(name for route in routes if route is not None for name in route.names)


def _open_edges(rows: int) -> Edges:
    return Edges(full(rows, NEVER_LOW), full(rows, NEVER_HIGH), full(rows, NEVER_LOW), full(rows, NEVER_HIGH))


# What has been reached.


class Standings(msgspec.Struct, frozen=True, gc=False):
    """What rows are worth, and at which equity each is stopped out, protected, and at its target.

    What has no limit has one that is out of reach.
    """

    rows: Int64
    equity: Int64
    stop: Int64
    low: Int64
    high: Int64

    def block(self, block: slice) -> "Standings":
        return Standings(self.rows[block], self.equity[block], self.stop[block], self.low[block], self.high[block])


def _standings(desk: CopyDesk, strategy: Strategy, rows: Int64) -> Standings:
    if rows.size == 0:
        return Standings(rows, rows, rows, rows, rows)
    blocks = [_standings_of(desk, strategy, span_of(rows[block])) for block in blocks_of(rows.size)]
    equity, stop, low, high = joined_blocks(blocks)
    return Standings(rows, equity, stop, low, high)


def _standings_of(desk: CopyDesk, strategy: Strategy, rows: Rows) -> tuple[Int64, Int64, Int64, Int64]:
    columns = strategy.investments
    base, protection, target = columns.base[rows], columns.protection_ppm[rows], columns.target_ppm[rows]
    margin = margins(desk, strategy, rows)
    stop = mul_div_floor(margin, desk.spec_of(strategy).stop_out_ppm, PPM) - (margin == 0) * NO_LIMIT
    low = mul_div_floor(base, protection, PPM) - (protection == 0) * NO_LIMIT
    high = mul_div_ceil(base, PPM + target, PPM) + (target == 0) * NO_LIMIT
    return equities(desk, strategy, rows), stop, low, high


def _fire(desk: CopyDesk, strategy: Strategy, standings: Standings, quotes: Sequence[Quote]) -> bool:
    """Take those rows out of the market that have reached a limit. Say whether there were any."""
    columns, rows, equity = strategy.investments, standings.rows, standings.equity
    stopped = equity <= standings.stop
    protected = ~stopped & (equity <= standings.low)
    reached = ~stopped & ~protected & (equity >= standings.high)
    if stopped.any():
        number = desk.state.next_stop_out
        desk.state.next_stop_out += 1
        columns.called_at[rows[stopped]] = desk.now
        _leave(desk, strategy, rows[stopped], InvestmentState.STOPPING_OUT, Cause(stop_out=number), quotes)
    if protected.any():
        columns.protected_at[rows[protected]] = desk.now
        _leave(desk, strategy, rows[protected], InvestmentState.PROTECTING, Cause(), quotes)
    if reached.any():
        columns.target_at[rows[reached]] = desk.now
        _leave(desk, strategy, rows[reached], InvestmentState.TAKING_TARGET, Cause(), quotes)
    return bool(stopped.any() or protected.any() or reached.any())


def _leave(
    desk: CopyDesk, strategy: Strategy, rows: Int64, state: InvestmentState, cause: Cause, quotes: Sequence[Quote]
) -> None:  # fmt: skip
    held = {head.symbol for head in strategy.legs.values() if head.rows.volume[rows].any()}
    quote = next((quote for quote in quotes if quote.symbol in held), quotes[0])
    lifecycle.leave(desk, strategy, rows, state, cause, quote)


# The guard.


def _set_edges(desk: CopyDesk, strategy: Strategy, watch: Watch, standings: Standings) -> None:
    """Set the edges of rows from their present distance to their limits."""
    if watch:
        for block in blocks_of(standings.rows.size):
            _set_block(desk, strategy, watch, standings.block(block))
    for edges in watch.values():
        edges.nearest = (
            int(edges.bid_low.max()), int(edges.bid_high.min()), int(edges.ask_low.max()), int(edges.ask_high.min()),
        )  # fmt: skip


def _set_block(desk: CopyDesk, strategy: Strategy, watch: Watch, standings: Standings) -> None:
    """Half of the distance is shared among the bids and asks of what is held, a quarter among the quotes that convert.

    What is left is more than one can add to the effect of the other.
    """
    rows, unsure = span_of(standings.rows), ROUNDING * (len(strategy.legs) + 1)
    fall = np.maximum(standings.equity - np.maximum(standings.stop, standings.low) - unsure, 0)
    rise = np.maximum(standings.high - standings.equity - unsure, 0)
    converting = sum(edges.converts for edges in watch.values())
    moved = np.zeros(0)
    if converting:
        moved = np.minimum(fall, rise) / (4 * converting * _at_rates(desk, strategy, rows, standings.stop))
    by_price = 4 * sum(edges.holds for edges in watch.values())
    fall_each, rise_each = fall / by_price, rise / by_price
    for symbol, edges in watch.items():
        quote = desk.desk.state.quotes[symbol]
        moves = _moves(desk, strategy, symbol, rows, fall_each, rise_each) if edges.holds else _NO_MOVES
        if edges.converts:
            rate = np.floor(np.minimum(moved * (SHORT * quote.bid), quote.bid * RATE_PPM // PPM))
            moves = tuple(np.minimum(points, rate.astype(np.int64)) for points in moves)
        bid_falls, bid_rises, ask_falls, ask_rises = moves
        edges.bid_low[rows], edges.bid_high[rows] = quote.bid - bid_falls, quote.bid + bid_rises
        edges.ask_low[rows], edges.ask_high[rows] = quote.ask - ask_falls, quote.ask + ask_rises


def _at_rates(desk: CopyDesk, strategy: Strategy, rows: Rows, stop: Int64) -> Int64:
    """Return what of each row moves with rates: its floating results, gains and losses alike, and the stop-out line."""
    total = np.maximum(stop, 1)
    for head in strategy.legs.values():
        volume = head.rows.volume[rows]
        if volume.any():
            price = price_of(desk, head.symbol, strategy.currency)
            assert price is not None
            total += np.abs(floating(price, volume, head.rows.cost[rows]))
    return total


def _moves(desk: CopyDesk, strategy: Strategy, symbol: str, rows: Rows, fall: Floats, rise: Floats) -> Moves:
    """Return how far a symbol's bid may fall and rise, and its ask, before each row loses `fall` or gains `rise` by it.

    With the ask grows the margin of all that is held or asked for.
    """
    price, spec = price_of(desk, symbol, strategy.currency), desk.spec_of(strategy)
    assert price is not None
    longs, shorts, bound = _exposed(strategy, symbol, rows)
    grows = mul_div_ceil(bound, spec.stop_out_ppm, PPM * spec.leverage_max)
    return (
        _points(price, fall, longs), _points(price, rise, longs), _points(price, rise, shorts),
        _points(price, fall, shorts + grows),
    )  # fmt: skip


def _exposed(strategy: Strategy, symbol: str, rows: Rows) -> tuple[Int64, Int64, Int64]:
    """Return what each row holds of a symbol, long and short, and what binds margin."""
    heads = [head for head in strategy.legs.values() if head.symbol == symbol]
    volumes = [head.rows.volume[rows] for head in heads]
    longs = sum((np.maximum(volume, 0) for volume in volumes[1:]), np.maximum(volumes[0], 0))
    shorts = sum((np.maximum(-volume, 0) for volume in volumes[1:]), np.maximum(-volumes[0], 0))
    bound = sum((bound_of(head, rows) for head in heads[1:]), bound_of(heads[0], rows))
    return longs, shorts, bound


def _points(price: Price, money: Floats, volume: Int64) -> Factor:
    """Return how many points a price may move before `volume` changes its worth by `money`; without volume: any."""
    if not volume.any():
        return NEVER_HIGH
    worst = max(price.gain, price.loss, key=lambda fraction: fraction[0] * price.loss[1] * 2 // fraction[1])
    numerator, denominator = price.point
    a_point = volume * (worst[0] * numerator / (worst[1] * denominator))
    held = volume > 0
    a_point += ~held  # Whatever is divided there, it is not taken.
    points = np.floor(np.minimum(money / a_point * SHORT, PRICE_MAX)).astype(np.int64)
    return points if held.all() else np.where(held, points, NEVER_HIGH)
