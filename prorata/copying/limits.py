"""Protection, target and stop-out of investments, at the quote that reaches them (docs/trade/copying.md).

    stop-out     equity <= margin x stop-out level        everything is closed
    protection   equity <= base x protection
    target       equity >= base x (1 + target)

A strategy's *watch* holds, for every investment and symbol, the prices within which none of these can happen, and the
nearest of them. A quote inside is four comparisons, however many investments there are; one outside has just those
looked at whose own edge it has passed. The edges share an investment's distance to its limits among all prices that it
depends on, those that convert its money too, so they are sound. They decide when to look, never what is found: an engine
that has just been loaded has no watches, and finds the same.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from prorata.copying import hedge, lifecycle
from prorata.copying.columns import Factor, Int64, full, mul_div_ceil, mul_div_floor, zeros
from prorata.copying.desk import Cause, CopyDesk, Edges, Watch
from prorata.copying.state import Strategy
from prorata.copying.values import Price, bound_of, equities, floating, margins, price_of
from prorata.messages.commands import Quote
from prorata.messages.copy_terms import EQUITY_MAX, InvestmentState, StrategyStatus
from prorata.units.numbers import PPM, PRICE_MAX, VOLUME_PER_LOT, Points

NEVER_LOW, NEVER_HIGH = -1, 2 * PRICE_MAX
RATE_PPM = 10_000
"""How far a converting quote moves at most before a row is looked at anew."""
ROUNDING = 4
"""smallest units by which rounding may move the worth of one position"""
NO_LIMIT = 1 << 60

Moves: TypeAlias = tuple[Factor, Factor, Factor, Factor]
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
    rows = np.intersect1d(np.concatenate(passed), lifecycle.active_rows(strategy))
    if _fire(desk, strategy, rows, quotes):
        _watch(desk, strategy, quotes)
    else:
        _set_edges(desk, strategy, watch, rows)


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
    rows = lifecycle.active_rows(strategy)
    while _fire(desk, strategy, rows, quotes):
        rows = lifecycle.active_rows(strategy)
    watch: Watch = {}
    for head in strategy.legs.values():
        if head.rows.volume.any() or head.rows.pending.any():
            rates = _rates_of(desk, strategy, head.symbol)
            for symbol in (head.symbol, *rates):
                if symbol not in watch:
                    watch[symbol] = _open_edges(strategy.rows)
                watch[symbol].holds |= symbol == head.symbol
                watch[symbol].converts |= symbol in rates
    _set_edges(desk, strategy, watch, rows)
    desk.watches[strategy.number] = watch


def _rates_of(desk: CopyDesk, strategy: Strategy, symbol: str) -> tuple[str, ...]:
    """Return the symbols that convert the results and the margin of a symbol."""
    spec = desk.desk.state.symbols[symbol]
    routes = (desk.route(spec.profit_currency, strategy.currency), desk.route(spec.margin_currency, strategy.currency))
    return tuple(name for route in routes if route is not None for name in route.names)


def _open_edges(rows: int) -> Edges:
    return Edges(full(rows, NEVER_LOW), full(rows, NEVER_HIGH), full(rows, NEVER_LOW), full(rows, NEVER_HIGH))


# What has been reached.


def _fire(desk: CopyDesk, strategy: Strategy, rows: Int64, quotes: Sequence[Quote]) -> bool:
    """Take those rows out of the market that have reached a limit. Say whether there were any."""
    columns = strategy.investments
    equity = equities(desk, strategy, rows)
    stop, protection, target = _lines(desk, strategy, rows)
    stopped = equity <= stop
    protected = ~stopped & (equity <= protection)
    reached = ~stopped & ~protected & (equity >= target)
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


def _lines(desk: CopyDesk, strategy: Strategy, rows: Int64) -> tuple[Int64, Int64, Int64]:
    """Return at which equity each row is stopped out, protected, and at its target. Without a limit: out of reach."""
    columns = strategy.investments
    base, protection, target = columns.base[rows], columns.protection_ppm[rows], columns.target_ppm[rows]
    margin = margins(desk, strategy, rows)
    stop = np.where(margin > 0, mul_div_floor(margin, desk.spec_of(strategy).stop_out_ppm, PPM), -NO_LIMIT)
    low = np.where(protection > 0, mul_div_floor(base, protection, PPM), -NO_LIMIT)
    high = np.where(target > 0, mul_div_ceil(base, PPM + target, PPM), NO_LIMIT)
    return stop, low, high


# The guard.


def _set_edges(desk: CopyDesk, strategy: Strategy, watch: Watch, rows: Int64) -> None:
    """Set the edges of rows from their present distance to their limits.

    Half of it is shared among the bids and asks of what is held, a quarter among the quotes that convert. What is left is
    more than one can add to the effect of the other.
    """
    if rows.size and watch:
        stop, low, high = _lines(desk, strategy, rows)
        equity, unsure = equities(desk, strategy, rows), ROUNDING * (len(strategy.legs) + 1)
        fall = np.maximum(equity - np.maximum(stop, low) - unsure, 0)
        rise = np.maximum(high - equity - unsure, 0)
        by_price = 4 * sum(edges.holds for edges in watch.values())
        by_rate = np.minimum(fall, rise) // max(4 * sum(edges.converts for edges in watch.values()), 1)
        at_rates = _at_rates(desk, strategy, rows, stop)
        for symbol, edges in watch.items():
            quote = desk.desk.state.quotes[symbol]
            rate = _rate_points(quote.bid, by_rate, at_rates) if edges.converts else NEVER_HIGH
            moves = _moves(desk, strategy, symbol, rows, fall // by_price, rise // by_price) if edges.holds else _NO_MOVES
            bid_falls, bid_rises, ask_falls, ask_rises = (np.minimum(points, rate) for points in moves)
            edges.bid_low[rows], edges.bid_high[rows] = quote.bid - bid_falls, quote.bid + bid_rises
            edges.ask_low[rows], edges.ask_high[rows] = quote.ask - ask_falls, quote.ask + ask_rises
    for edges in watch.values():
        edges.nearest = (
            int(edges.bid_low.max()), int(edges.bid_high.min()), int(edges.ask_low.max()), int(edges.ask_high.min()),
        )  # fmt: skip


def _at_rates(desk: CopyDesk, strategy: Strategy, rows: Int64, stop: Int64) -> Int64:
    """Return what of each row moves with rates: its floating results, gains and losses alike, and the stop-out line."""
    total = np.maximum(stop, 1)
    for head in strategy.legs.values():
        volume = head.rows.volume[rows]
        if volume.any():
            price = price_of(desk, head.symbol, strategy.currency)
            assert price is not None
            total += np.abs(floating(price, volume, head.rows.cost[rows]))
    return total


def _rate_points(price: Points, money: Int64, at_rates: Int64) -> Int64:
    """Return how many points a converting quote may move before `at_rates` changes by `money`."""
    return np.minimum(mul_div_floor(np.minimum(money, at_rates), price, at_rates), price * RATE_PPM // PPM)


def _moves(desk: CopyDesk, strategy: Strategy, symbol: str, rows: Int64, fall: Int64, rise: Int64) -> Moves:
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


def _exposed(strategy: Strategy, symbol: str, rows: Int64) -> tuple[Int64, Int64, Int64]:
    """Return what each row holds of a symbol, long and short, and what binds margin."""
    longs, shorts, bound = zeros(rows.size), zeros(rows.size), zeros(rows.size)
    for head in strategy.legs.values():
        if head.symbol == symbol:
            volume = head.rows.volume[rows]
            longs += np.maximum(volume, 0)
            shorts -= np.minimum(volume, 0)
            bound += bound_of(head, rows)
    return longs, shorts, bound


def _points(price: Price, money: Int64, volume: Int64) -> Int64:
    """Return how many points a price may move before `volume` changes its worth by `money`; without volume: any."""
    worst = max(price.gain, price.loss, key=lambda fraction: fraction[0] * price.loss[1] * 2 // fraction[1])
    foreign = mul_div_floor(np.minimum(money, EQUITY_MAX), worst[1], worst[0])
    numerator, denominator = price.point
    held = np.where(volume > 0, volume, VOLUME_PER_LOT) * numerator
    # A little of a small contract may move for ever; how far would not fit. Whatever is far is so beyond any rounding.
    far = foreign.astype(np.float64) * denominator / held > 2 * PRICE_MAX
    moves = np.minimum(mul_div_floor(np.where(far, 0, foreign), denominator, held), PRICE_MAX)
    return np.where(volume > 0, np.where(far, PRICE_MAX, moves), NEVER_HIGH)
