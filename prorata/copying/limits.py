"""Protection, target and stop-out of investments, at the quote that reaches them (docs/trade/copying.md).

    stop-out     equity <= margin x stop-out level        everything is closed
    protection   equity <= base x protection
    target       equity >= base x (1 + target)

A strategy's *watch* holds, for every investment and symbol, the prices within which none of these can happen, and the
nearest of them. A quote inside is four comparisons, however many investments there are; one outside has just those
looked at whose own edge it has passed. The edges share an investment's distance to its limits among its positions, so
they are sound; they decide when to look, never what is found.
"""

from collections.abc import Sequence

import numpy as np

from prorata.copying import hedge, lifecycle
from prorata.copying.columns import Int64, full, mul_div_ceil, mul_div_floor, zeros
from prorata.copying.desk import Cause, CopyDesk, Edges, Watch
from prorata.copying.state import Strategy
from prorata.copying.values import Price, equities, floating, margins, price_of
from prorata.messages.commands import Quote
from prorata.messages.copy_terms import EQUITY_MAX, InvestmentState, StrategyStatus
from prorata.units.numbers import PPM, PRICE_MAX, VOLUME_PER_LOT, Points

NEVER_LOW, NEVER_HIGH = -1, 2 * PRICE_MAX
BAND_PPM = 10_000
"""How far a converting quote may move before everything is looked at anew."""
ROUNDING = 4
"""smallest units by which rounding may move the worth of one position"""
NO_LIMIT = 1 << 60


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
    if watch is None or any(_is_off(watch, quote) for quote in quotes):
        _watch(desk, strategy, quotes)
        return
    passed = [_passed(watch.edges[quote.symbol], quote.bid, quote.ask) for quote in quotes if _is_passed(watch, quote)]
    if not passed:
        return
    # Edges of who has left since they were set wake him, too: the state says who copies.
    rows = np.intersect1d(np.concatenate(passed), lifecycle.active_rows(strategy))
    if _fire(desk, strategy, rows, quotes):
        _watch(desk, strategy, quotes)
    else:
        _set_edges(desk, strategy, watch, rows)


def _is_off(watch: Watch, quote: Quote) -> bool:
    """Say whether a converting quote has left its band."""
    band = watch.bands.get(quote.symbol)
    return band is not None and not band[0] <= quote.bid <= quote.ask <= band[1]


def _is_passed(watch: Watch, quote: Quote) -> bool:
    edges = watch.edges.get(quote.symbol)
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
    desk.watches.pop(strategy.number, None)
    watch = Watch({}, {})
    for head in strategy.legs.values():
        if head.symbol not in watch.edges and head.rows.volume[: strategy.rows].any():
            count = strategy.rows
            watch.edges[head.symbol] = Edges(
                full(count, NEVER_LOW), full(count, NEVER_HIGH), full(count, NEVER_LOW), full(count, NEVER_HIGH)
            )
            _watch_rates(desk, strategy, watch, head.symbol)
    _set_edges(desk, strategy, watch, rows)
    desk.watches[strategy.number] = watch


def _watch_rates(desk: CopyDesk, strategy: Strategy, watch: Watch, symbol: str) -> None:
    """Set bands for the quotes that convert the symbol's results and margin."""
    spec = desk.desk.state.symbols[symbol]
    for currency in (spec.profit_currency, spec.margin_currency):
        route = desk.route(currency, strategy.currency)
        for market, _ in route.legs if route is not None else ():
            bid, ask = market.quote.bid, market.quote.ask
            watch.bands[market.name] = (bid - bid * BAND_PPM // PPM, ask + ask * BAND_PPM // PPM)


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
    """Set the edges of rows from their present distance to their limits."""
    if rows.size and watch.edges:
        fall, rise = _distances(desk, strategy, rows)
        sides = 2 * len(watch.edges)
        for symbol, edges in watch.edges.items():
            price = price_of(desk, symbol, strategy.currency)
            assert price is not None
            longs, shorts = _held(strategy, symbol, rows)
            edges.bid_low[rows] = price.bid - _points(price, fall // sides, longs)
            edges.bid_high[rows] = price.bid + _points(price, rise // sides, longs)
            edges.ask_high[rows] = price.ask + _points(price, fall // sides, shorts)
            edges.ask_low[rows] = price.ask - _points(price, rise // sides, shorts)
    for edges in watch.edges.values():
        edges.nearest = (
            int(edges.bid_low.max()), int(edges.bid_high.min()), int(edges.ask_low.max()), int(edges.ask_high.min()),
        )  # fmt: skip


def _distances(desk: CopyDesk, strategy: Strategy, rows: Int64) -> tuple[Int64, Int64]:
    """Return how much equity each row may lose and gain before a limit is near, with room for rounding and rates.

    While its price moves against a position the margin may grow by level / leverage of the loss; rates move within their
    bands what is floating, and the margin.
    """
    spec = desk.spec_of(strategy)
    equity = equities(desk, strategy, rows)
    stop, low, high = _lines(desk, strategy, rows)
    unsure = full(rows.size, ROUNDING * (len(strategy.legs) + 1))
    for head in strategy.legs.values():
        volume = head.rows.volume[rows]
        if volume.any():
            price = price_of(desk, head.symbol, strategy.currency)
            assert price is not None
            worth = floating(price, volume, head.rows.cost[rows])
            unsure += mul_div_ceil(np.abs(worth), 2 * BAND_PPM, PPM)
    unsure += mul_div_ceil(np.maximum(stop, 0), 2 * BAND_PPM, PPM)
    whole = PPM * spec.leverage_max
    fall = mul_div_floor(np.maximum(equity - np.maximum(stop, low) - unsure, 0), whole, 2 * (whole + spec.stop_out_ppm))
    rise = np.maximum(high - equity - unsure, 0) // 2
    return fall, rise


def _held(strategy: Strategy, symbol: str, rows: Int64) -> tuple[Int64, Int64]:
    longs, shorts = zeros(rows.size), zeros(rows.size)
    for head in strategy.legs.values():
        if head.symbol == symbol:
            volume = head.rows.volume[rows]
            longs += np.maximum(volume, 0)
            shorts -= np.minimum(volume, 0)
    return longs, shorts


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
