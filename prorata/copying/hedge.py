"""From what investments want to what is dealt: at our own quote, or through one netted order for each stream and symbol.

One change of a row is under way at a time: what is wanted meanwhile is started when the venue has answered. All that
is wanted of a stream and symbol in one batch, by whatever strategies, goes out as one order of the net A-book volume,
rounded towards zero to the hedge account's lot step; the rest is carried in the route (decision 0015):

    exposure (A-book volume of all investments) = ordered (held and under way) + residual, |residual| < lot step

Every fill is shared by largest remainder over what is not filled yet, at the fill's price for everybody.
"""

import numpy as np

from prorata.copying.columns import (
    Int64,
    Mask,
    Rows,
    blocks_of,
    factor_of,
    joined_blocks,
    kinds_of,
    most_of,
    mul_div_trunc,
    pack,
    share_out,
    span_of,
    zeros,
)
from prorata.copying.dealing import Order, deal
from prorata.copying.desk import Cause, CopyDesk, Refusal, Refused, refuse
from prorata.copying.state import FillRequest, Leg, LegHead, Part, Retry, Route, Strategy
from prorata.copying.values import price_of
from prorata.messages.commands import BUY, SELL, HedgeEnded, HedgeFilled
from prorata.messages.copy_events import FillBooked, FillRequested, FillRequestEnded, VolumesRejected, VolumesTrimmed
from prorata.messages.copy_terms import VolumeReason
from prorata.messages.events import HedgeRequested
from prorata.trading.hedging import book_hedge, has_room
from prorata.units.numbers import PRICE_MAX, Moment, Points, Ticket, Volume
from prorata.units.rounding import div_floor


def aim(desk: CopyDesk, strategy: Strategy, head: LegHead, rows: Int64, targets: Int64, cause: Cause) -> None:
    """Let rows of a leg become what `targets` says, as soon as the market and the venue allow."""
    if rows.size:
        head.rows.wanted[span_of(rows)] = targets
    start(desk, strategy, head, rows, cause, desk.now)


def start(desk: CopyDesk, strategy: Strategy, head: LegHead, rows: Int64, cause: Cause, since: Moment) -> None:
    """Begin the changes that are wanted and not under way. While the market is closed, positions may only wait to be closed."""
    if rows.size == 0:
        return
    if not is_tradable(desk, strategy, head.symbol):
        _wait_to_close(head, rows)
        return
    rows, volumes, a_volumes = _changes(strategy, head, rows)
    if rows.size == 0:
        return
    ours = a_volumes == 0
    if ours.any():
        part = Part(strategy.number, head.key, *_all_taken(ours, rows, volumes, a_volumes), False, since)
        _deal_at_quotes(desk, strategy, head, part, cause)
    if not ours.all():
        _ask(desk, strategy, head, *_all_taken(~ours, rows, volumes, a_volumes), cause, since)


def _wait_to_close(head: LegHead, rows: Int64) -> None:
    leg = head.rows
    rows = rows[_is_to_begin(leg, rows)]
    leg.wanted[rows] = reduced(leg.volume[rows], leg.wanted[rows])
    head.stuck = bool((leg.wanted[rows] != leg.volume[rows]).any()) or head.stuck


def _is_to_begin(leg: Leg, rows: Rows) -> Mask:
    """Return where a change is wanted and none is under way."""
    mask: Mask = (leg.wanted[rows] != leg.volume[rows]) & (leg.pending[rows] == 0)
    return mask


def _changes(strategy: Strategy, head: LegHead, rows: Int64) -> tuple[Int64, Int64, Int64]:
    """Return the rows whose change can begin, the changes, and their A-book parts."""
    leg = head.rows
    begun: list[tuple[Int64, Int64, Int64]] = []
    for block in blocks_of(rows.size):
        some = rows[block]
        some = _taken(some, _is_to_begin(leg, span_of(some)))
        if some.size:
            held = leg.volume[span_of(some)]
            volumes = leg.wanted[span_of(some)] - held
            begun.append((some, volumes, _a_part(strategy, held, leg.a_volume[span_of(some)], some, volumes)))
    some, volumes, a_volumes = joined_blocks(begun) if begun else (zeros(0), zeros(0), zeros(0))
    return some, volumes, a_volumes


def _taken(column: Int64, mask: Mask) -> Int64:
    """Return the rows of a column that a mask takes; of all of them no copy is made."""
    return column if mask.all() else column[np.flatnonzero(mask)]


def _all_taken(mask: Mask, rows: Int64, volumes: Int64, a_volumes: Int64) -> tuple[Int64, Int64, Int64]:
    if mask.all():
        return rows, volumes, a_volumes
    taken = np.flatnonzero(mask)
    return rows[taken], volumes[taken], a_volumes[taken]


def is_tradable(desk: CopyDesk, strategy: Strategy, symbol: str) -> bool:
    """Say whether the market is open and everything that its money is reckoned from is known."""
    market = desk.desk.markets[symbol]
    return market.is_open(desk.now) and price_of(desk, symbol, strategy.currency) is not None


def reduced(held: Int64, wanted: Int64) -> Int64:
    """Return what of `wanted` only reduces what is held."""
    within: Int64 = np.minimum(np.maximum(wanted, np.minimum(held, 0)), np.maximum(held, 0))
    return within


def _a_part(strategy: Strategy, held: Int64, a_held: Int64, rows: Int64, volumes: Int64) -> Int64:
    """Return the A-book part of changes: what closes gives back its part of what the stream holds, what opens its share."""
    share = factor_of(strategy.investments.a_book_percent[span_of(rows)])
    closes = (held ^ volumes) < 0
    if not closes.any():
        return mul_div_trunc(volumes, share, 100)
    size, asked = np.abs(held), np.abs(volumes)
    closing = np.minimum(size, asked)
    closing *= closes
    if (a_held == held).all():
        part = np.sign(volumes) * closing
    else:
        given_back = np.where(closing == size, a_held, mul_div_trunc(a_held, closing, np.maximum(size, 1)))
        part = np.where(closing > 0, -given_back, 0)
    asked -= closing
    if asked.any():
        part += mul_div_trunc(np.sign(volumes) * asked, share, 100)
    return part


def _deal_at_quotes(desk: CopyDesk, strategy: Strategy, head: LegHead, part: Part, cause: Cause, request: Ticket = 0) -> None:
    """Deal a part at our own quote: what is bought at the ask, what is sold at the bid."""
    price = price_of(desk, head.symbol, strategy.currency)
    assert price is not None
    bought = part.volumes > 0
    for mask, at in ((bought, price.ask), (~bought, price.bid)):
        if mask.any():
            taken = _all_taken(mask, part.rows, part.volumes, part.a_volumes)
            deal(desk, strategy, Order(head, *taken, at, cause, request))
    desk.settled[strategy.number] = None


def _ask(
    desk: CopyDesk,
    strategy: Strategy,
    head: LegHead,
    rows: Int64,
    volumes: Int64,
    a_volumes: Int64,
    cause: Cause,
    since: Moment,
) -> None:
    """Add to what is wanted of the streams in this batch."""
    where, opens = span_of(rows), _opens(head.rows, rows, volumes)
    head.rows.pending[where] = volumes
    desk.watches.pop(strategy.number, None)  # What is asked for binds margin already.
    streams = strategy.investments.stream[where]
    for stream in kinds_of(streams):
        of_stream = streams == stream
        for opening, mask in ((False, of_stream & ~opens), (True, of_stream & opens)):
            if not mask.any():
                continue
            part = Part(
                strategy.number, head.key, *_all_taken(mask, rows, volumes, a_volumes), opening, since,
                cause.signal, cause.command, cause.stop_out,
            )  # fmt: skip
            desk.demands.setdefault((stream, head.symbol), []).append(part)


def _opens(leg: Leg, rows: Int64, volumes: Int64) -> Mask:
    """Return which changes open or enlarge a position."""
    opens = np.empty(rows.size, dtype=np.bool_)
    for block in blocks_of(rows.size):
        held = leg.volume[span_of(rows[block])]
        after = held + volumes[block]
        opens[block] = reduced(held, after) != after
    return opens


def send_demands(desk: CopyDesk) -> None:
    """Net what was wanted in this batch and send it. What comes to nothing for the hedge account is dealt at our quote."""
    while desk.demands:
        demands, desk.demands = desk.demands, {}
        for (stream, symbol), parts in demands.items():
            _send(desk, stream, symbol, parts)


def _send(desk: CopyDesk, stream: int, symbol: str, parts: list[Part]) -> None:
    route = desk.state.routes.setdefault(f"{stream}/{symbol}", Route())
    demand = sum(int(part.a_volumes.sum()) for part in parts)
    route.exposure += demand
    open_volume = route.exposure - route.ordered
    step = desk.state.streams[stream].lot_step
    volume = open_volume - open_volume % step if open_volume >= 0 else open_volume + -open_volume % step
    if not volume and not parts:
        return
    route.ordered += volume
    ticket = desk.desk.issue_ticket()
    strategies = tuple(sorted({part.strategy for part in parts}))
    desk.tell(FillRequested(ticket, stream, symbol, volume, demand, route.exposure - route.ordered, strategies))
    request = FillRequest(ticket, stream, symbol, volume, demand, parts, desk.now)
    if volume:
        desk.state.requests[ticket] = request
        desk.desk.elsewhere[ticket] = symbol
        desk.tell(HedgeRequested(ticket, 0, symbol, BUY if volume > 0 else SELL, abs(volume)))
        return
    for part in parts:
        strategy, head = _place_of(desk, part)
        head.rows.pending[part.rows] = 0
        _deal_at_quotes(desk, strategy, head, part, _cause_of(part), ticket)
        start(desk, strategy, head, part.rows, _cause_of(part), desk.now)


def _place_of(desk: CopyDesk, part: Part) -> tuple[Strategy, LegHead]:
    strategy = desk.state.strategies[part.strategy]
    return strategy, strategy.legs[part.leg]


def _cause_of(part: Part) -> Cause:
    return Cause(part.signal, part.command, part.stop_out)


# What the venue answers.


def hedge_filled(desk: CopyDesk, command: HedgeFilled) -> Refused | None:
    """Book a fill and share it out. A repeated execution changes nothing."""
    request = desk.state.requests[command.order]
    if command.execution in request.executions:
        return refuse(Refusal.HEDGE_ORDER_DONE, "this execution is booked")
    if command.volume <= 0 or not 0 < command.price <= PRICE_MAX:
        return refuse(Refusal.OUT_OF_RANGE)
    if request.filled + command.volume > abs(request.volume):
        return refuse(Refusal.OVERFILLED)
    if not _has_room(desk, request, command.price):
        return refuse(Refusal.OUT_OF_RANGE)
    remaining = abs(request.volume) - request.filled
    request.executions.append(command.execution)
    request.filled += command.volume
    route = desk.state.routes[f"{request.stream}/{request.symbol}"]
    side = BUY if request.volume > 0 else SELL
    route.held += command.volume if side is BUY else -command.volume
    desk.tell(book_hedge(desk.desk, request.ticket, request.symbol, side, command.volume, command.price))
    fill = desk.state.next_fill
    desk.state.next_fill += 1
    desk.tell(
        FillBooked(
            fill, request.ticket, request.stream, request.symbol, command.price, command.volume, command.execution, route.held
        )
    )
    _share(desk, request, command.price, fill, command.volume, remaining)
    if command.last or request.filled == abs(request.volume):
        _end(desk, request, "" if request.filled == abs(request.volume) else "the venue filled in part")
    return None


def _has_room(desk: CopyDesk, request: FillRequest, price: Points) -> bool:
    """Say whether what is held at that price stays a number that can be kept, for the hedge book and for every investment."""
    if not has_room(desk.desk, request.symbol, request.volume, price):
        return False
    cost_max = desk.desk.markets[request.symbol].cost_max
    for part in request.parts:
        if not part.volumes.any():
            continue  # It is filled, and its leg may be gone.
        _, head = _place_of(desk, part)
        for block in blocks_of(part.rows.size):
            most = most_of(np.abs(head.rows.volume[span_of(part.rows[block])]) + np.abs(part.volumes[block]))
            if most * price > cost_max:
                return False
    return True


def _share(desk: CopyDesk, request: FillRequest, price: Points, fill: int, filled: Volume, remaining: Volume) -> None:
    """Give every investment its share of a fill: `filled` of the `remaining` volume of the request."""
    if not request.parts:
        return  # It only moves what is held from one stream to another.
    weights = np.abs(np.concatenate([part.volumes for part in request.parts]))
    wanted = int(weights.sum())
    if filled == remaining:
        shares = weights
    else:
        step = desk.state.streams[request.stream].lot_step
        total = div_floor(wanted * filled, remaining)
        unit = _unit_of(desk, request, step)
        shares = share_out(total - total % unit, weights, unit)
    place = 0
    for part in request.parts:
        mine = shares[place : place + part.rows.size]
        place += part.rows.size
        _fill_part(desk, request, part, mine, price, fill)


def _unit_of(desk: CopyDesk, request: FillRequest, step: Volume) -> Volume:
    """Return the unit in which a fill is shared: the finest volume step of those who take part, if all are whole in it."""
    steps = [desk.spec_of(desk.state.strategies[part.strategy]).volume_step for part in request.parts]
    finest = min(steps)
    whole = all(not (np.abs(part.volumes) % finest).any() for part in request.parts)
    return finest if whole and step % finest == 0 else 1


def _fill_part(desk: CopyDesk, request: FillRequest, part: Part, shares: Int64, price: Points, fill: int) -> None:
    filled = shares > 0
    if not filled.any():
        return
    strategy, head = _place_of(desk, part)
    rows, asked, a_asked = _all_taken(filled, part.rows, part.volumes, part.a_volumes)
    shares = _taken(shares, filled)
    leg, where = head.rows, span_of(rows)
    whole = shares == np.abs(asked)
    if whole.all():
        volumes, a_volumes = asked, a_asked
    else:
        volumes = np.sign(asked) * shares
        # Not in proportion: what closes comes before what opens, so that what is hedged stays on the side of what is held.
        a_volumes = np.where(whole, a_asked, _a_part(strategy, leg.volume[where], leg.a_volume[where], rows, volumes))
    leg.pending[where] -= volumes
    _take_away(part, filled, asked - volumes, a_asked - a_volumes)
    deal(desk, strategy, Order(head, rows, volumes, a_volumes, price, _cause_of(part), request.ticket, fill))
    start(desk, strategy, head, _taken(rows, whole), _cause_of(part), desk.now)
    desk.settled[strategy.number] = None


def _take_away(part: Part, filled: Mask, volumes: Int64, a_volumes: Int64) -> None:
    """Leave in a part what its filled rows still want."""
    if filled.all():
        part.volumes, part.a_volumes = volumes, a_volumes
    else:
        part.volumes[filled] = volumes
        part.a_volumes[filled] = a_volumes


def hedge_ended(desk: CopyDesk, command: HedgeEnded) -> None:
    """The venue will not fill (any more)."""
    _end(desk, desk.state.requests[command.order], command.reason)


def _end(desk: CopyDesk, request: FillRequest, reason: str) -> None:
    """Close a request: what was not filled is asked for again later, or given up if it is too old to open on."""
    del desk.state.requests[request.ticket]
    desk.desk.elsewhere.pop(request.ticket, None)
    missing = abs(request.volume) - request.filled
    route = desk.state.routes[f"{request.stream}/{request.symbol}"]
    route.ordered -= missing if request.volume > 0 else -missing
    route.exposure -= sum(int(part.a_volumes.sum()) for part in request.parts)
    stream = desk.state.streams[request.stream]
    given_up: list[Part] = []
    again: list[Part] = []
    for part in request.parts:
        if part.volumes.any():
            too_old = part.opens and desk.now - part.since >= stream.life_ms
            (given_up if too_old else again).append(_unfilled(part))
    adrift = abs(route.exposure - route.ordered) >= stream.lot_step
    again_at = desk.now + stream.retry_ms if again or adrift else 0
    desk.tell(FillRequestEnded(request.ticket, request.stream, request.symbol, request.filled, missing, reason, again_at))
    if again_at:
        desk.state.retries.append(Retry(again_at, request.stream, request.symbol, again))
    for part in given_up:
        _give_up(desk, part, request.ticket)
    for part in request.parts:
        desk.settled[part.strategy] = None


def _unfilled(part: Part) -> Part:
    """Return the part with only those rows that still want something."""
    left = part.volumes != 0
    return Part(
        part.strategy, part.leg, part.rows[left], part.volumes[left], part.a_volumes[left], part.opens, part.since,
        part.signal, part.command, part.stop_out,
    )  # fmt: skip


def _give_up(desk: CopyDesk, part: Part, request: Ticket) -> None:
    """Tell investors that they did not get what was asked for; whoever wants something else by now gets that."""
    strategy, head = _place_of(desk, part)
    leg, rows = head.rows, part.rows
    leg.pending[rows] = 0
    leg.rejected[rows] = part.volumes
    still = leg.wanted[rows] == leg.volume[rows] + part.volumes
    leg.wanted[rows] = np.where(still, leg.volume[rows], leg.wanted[rows])
    numbers = pack(strategy.investments.number[rows])
    first = desk.state.next_copy_deal
    desk.state.next_copy_deal += rows.size
    desk.tell(
        VolumesRejected(strategy.number, head.symbol, head.ticket, part.signal, request, first, numbers, pack(part.volumes))
    )
    reasons = np.full(rows.size, int(VolumeReason.REJECTED), dtype=np.int64)
    desk.tell(
        VolumesTrimmed(
            strategy.number, part.signal, head.symbol, head.ticket, numbers, pack(reasons),
            pack(leg.volume[rows] + part.volumes), pack(leg.wanted[rows]),
        )
    )  # fmt: skip
    start(desk, strategy, head, rows, _cause_of(part), desk.now)
    desk.settled[strategy.number] = None


# What time and the market bring.


def is_due(desk: CopyDesk, now: Moment) -> bool:
    return any(retry.at <= now for retry in desk.state.retries)


def take_retries(desk: CopyDesk) -> None:
    """Ask again for what the venue rejected, as it is wanted by now."""
    due = [retry for retry in desk.state.retries if retry.at <= desk.now]
    desk.state.retries = [retry for retry in desk.state.retries if retry.at > desk.now]
    for retry in due:
        desk.demands.setdefault((retry.stream, retry.symbol), [])
        for part in retry.parts:
            strategy, head = _place_of(desk, part)
            head.rows.pending[part.rows] = 0
            start(desk, strategy, head, part.rows, _cause_of(part), part.since)
            desk.settled[strategy.number] = None


def unstick(desk: CopyDesk, strategy: Strategy, symbol: str) -> bool:
    """Close what could not be closed while the market was closed. Say whether somebody missed an opening meanwhile."""
    missed = False
    for head in list(strategy.legs.values()):
        if head.symbol != symbol or not (head.stuck or head.missed) or not is_tradable(desk, strategy, symbol):
            continue
        leg = head.rows
        if head.stuck:
            rows = np.flatnonzero(leg.wanted[: strategy.rows] != leg.volume[: strategy.rows])
            start(desk, strategy, head, rows, Cause(), desk.now)
        if head.missed and head.lot:
            strategy.investments.waits[: strategy.rows][leg.rejected[: strategy.rows] != 0] = 1
            missed = True
        head.stuck = head.missed = False
    return missed


def shift(desk: CopyDesk, stream: int, symbol: str, volume: Volume) -> None:
    """Change a route's exposure without any deal of an investment: it moves from one stream to another."""
    route = desk.state.routes.setdefault(f"{stream}/{symbol}", Route())
    route.exposure += volume
    desk.demands.setdefault((stream, symbol), [])
