"""What must hold in copy trading after every step, checked row by row without the engine's columns."""

from collections import defaultdict
from fractions import Fraction

from prorata.copying.desk import CopyDesk
from prorata.copying.state import FillRequest, LegHead, Part, Strategy
from prorata.copying.values import equities, margins
from prorata.messages.copy_terms import InvestmentState, StrategyStatus
from prorata.sim.claims import must
from prorata.units.numbers import PPM, Volume


def check_copying(copy: CopyDesk) -> None:
    """Check routes, positions, states and money of all strategies."""
    _check_routes(copy)
    _check_pending(copy)
    for strategy in copy.state.strategies.values():
        for head in strategy.legs.values():
            _check_leg(strategy, head)
        _check_states(strategy)
        _check_money(strategy)
    _check_charges(copy)
    # Who is watched has been looked at, and whatever has changed since then is within his edges.
    for number in copy.watches:
        _check_limits(copy, copy.state.strategies[number])


def held_at_venue(copy: CopyDesk) -> dict[str, Volume]:
    """Return what the streams hold of each symbol."""
    held: dict[str, Volume] = defaultdict(int)
    for key, route in copy.state.routes.items():
        held[key.split("/", 1)[1]] += route.held
    return held


def _check_routes(copy: CopyDesk) -> None:
    """Investors' A-book volume = hedge position + what is under way + a residual smaller than a lot step."""
    exposure: dict[str, Volume] = defaultdict(int)
    for strategy in copy.state.strategies.values():
        for head in strategy.legs.values():
            for row in range(strategy.rows):
                a_volume = int(head.rows.a_volume[row])
                if a_volume:
                    exposure[f"{int(strategy.investments.stream[row])}/{head.symbol}"] += a_volume
    travelling: dict[str, Volume] = defaultdict(int)
    for request in copy.state.requests.values():
        key = f"{request.stream}/{request.symbol}"
        exposure[key] += sum(int(part.a_volumes.sum()) for part in request.parts)
        travelling[key] += _missing(request)
    adrift = {f"{retry.stream}/{retry.symbol}" for retry in copy.state.retries}
    for key, route in copy.state.routes.items():
        must(route.exposure == exposure.pop(key, 0), "a route's exposure is the A-book volume of its investors", key, route)
        must(route.ordered == route.held + travelling[key], "what was ordered is held or under way", key, route)
        step = copy.state.streams[int(key.split("/")[0])].lot_step
        small = abs(route.exposure - route.ordered) < max(step, 10 * 1_000_000)
        must(small or key in adrift, "hedge + residual = investors, the residual smaller than a lot step", key, route)
    must(not any(exposure.values()), "every A-book volume has a route", dict(exposure))


def _missing(request: FillRequest) -> Volume:
    missing = abs(request.volume) - request.filled
    return missing if request.volume > 0 else -missing


def _check_pending(copy: CopyDesk) -> None:
    """Each row that waits for a venue is in just one request or retry, with the same volume."""
    waiting: dict[tuple[int, str, int], Volume] = {}
    parts: list[Part] = [part for request in copy.state.requests.values() for part in request.parts]
    parts += [part for retry in copy.state.retries for part in retry.parts]
    for part in parts:
        for row, volume in zip(part.rows.tolist(), part.volumes.tolist(), strict=True):
            if volume:
                place = (part.strategy, part.leg, row)
                must(place not in waiting, "one change of a position is under way at a time", place)
                waiting[place] = volume
    for strategy in copy.state.strategies.values():
        for key, head in strategy.legs.items():
            for row in range(strategy.rows):
                expected = waiting.pop((strategy.number, key, row), 0)
                must(int(head.rows.pending[row]) == expected, "what is pending is under way", strategy.number, key, row)
    must(not waiting, "what is under way is pending", waiting)


def _check_leg(strategy: Strategy, head: LegHead) -> None:
    leg = head.rows
    for row in range(strategy.rows):
        volume, a_volume = int(leg.volume[row]), int(leg.a_volume[row])
        place = (strategy.number, head.key, row)
        must(abs(a_volume) <= abs(volume), "no more is hedged than is held", *place, volume, a_volume)
        must(a_volume * volume >= 0, "what is hedged is on the side of what is held", *place, volume, a_volume)
        if not volume:
            must(not leg.cost[row] and not leg.swap[row], "nothing is left of a closed position", *place)
        if not leg.pending[row] and not head.stuck:
            must(
                int(leg.wanted[row]) == volume, "who waits for nothing has what he wants", *place, volume, int(leg.wanted[row])
            )


def _check_states(strategy: Strategy) -> None:
    for row in range(strategy.rows):
        state = InvestmentState(int(strategy.investments.state[row]))
        held = any(head.rows.volume[row] or head.rows.pending[row] for head in strategy.legs.values())
        place = (strategy.number, row, state.name)
        must(held == (state in _HOLDING), "an investment's state says whether it has positions", *place)
    ended = strategy.status == StrategyStatus.CLOSED and strategy.closed_at
    if ended:
        states = strategy.investments.state[: strategy.rows]
        must(bool((states == InvestmentState.CLOSED).all()), "a closed strategy has closed investments", strategy.number)


_HOLDING = {InvestmentState.OPEN} | {state for state in InvestmentState if state >= 4 and state % 2 == 0}


def _check_money(strategy: Strategy) -> None:
    """An investment's balance is what was put in and earned, less what was taken out and paid."""
    columns = strategy.investments
    for row in range(strategy.rows):
        balance = int(columns.balance[row])
        due = int(columns.deposited[row]) - int(columns.withdrawn[row]) + int(columns.realised[row])
        paid = ("fees", "trader_commission", "partner_commission", "broker_commission", "liquidity_commission")
        due -= sum(int(getattr(columns, name)[row]) for name in paid)
        place = (strategy.number, row)
        if columns.state[row] == InvestmentState.CLOSED:
            must(balance == 0 and due <= 0, "closing leaves no cent behind", *place, balance, due)
        else:
            must(balance == due, "a balance is what went in, was earned and was paid", *place, balance, due)
        must(int(columns.drawdown[row]) >= 0, "a drawdown is no gain", *place)


def _check_charges(copy: CopyDesk) -> None:
    """What investors paid is what traders, partners and the house received or are owed."""
    strategies, offers = copy.state.strategies.values(), copy.state.offers.values()
    house: dict[str, int] = copy.desk.state.house.get("USD", {})
    fees = sum(int(one.investments.fees.sum()) for one in strategies)
    received = sum(offer.fee_paid + offer.partner_fee_paid for offer in offers) + house.get("house/fee", 0)
    must(fees == received, "fees paid are fees received", fees, received)
    charged = sum(int(one.investments.trader_commission.sum()) for one in strategies)
    owed = sum(offer.commission_paid + offer.commission_due for offer in offers)
    must(charged == owed, "turnover commission charged is paid or due to traders", charged, owed)
    charged = sum(int(one.investments.partner_commission.sum()) for one in strategies)
    owed = sum(offer.partner_commission_paid + offer.partner_commission_due for offer in offers)
    must(charged == owed, "turnover commission charged is paid or due to partners", charged, owed)


def check_limits(copy: CopyDesk, symbols: set[str]) -> None:
    """After quotes of `symbols`: nobody who holds one of them copies on at or beyond a limit."""
    for strategy in copy.state.strategies.values():
        if any(head.symbol in symbols and head.rows.volume[: strategy.rows].any() for head in strategy.legs.values()):
            _check_limits(copy, strategy)


def _check_limits(copy: CopyDesk, strategy: Strategy) -> None:
    spec = copy.spec_of(strategy)
    columns, equity, margin = strategy.investments, equities(copy, strategy), margins(copy, strategy)
    for row in range(strategy.rows):
        if columns.state[row] not in (InvestmentState.FLAT, InvestmentState.OPEN):
            continue
        worth, base = Fraction(int(equity[row])), int(columns.base[row])
        protection, target = int(columns.protection_ppm[row]), int(columns.target_ppm[row])
        place = (strategy.number, row, int(worth), base)
        if margin[row]:
            line = Fraction(int(margin[row]) * spec.stop_out_ppm, PPM)
            must(worth > line, "nobody copies on below the stop-out line", *place, float(line))
        if protection:
            must(worth > Fraction(base * protection, PPM), "nobody copies on below his protection", *place, protection)
        if target:
            must(worth < Fraction(base * (PPM + target), PPM), "nobody copies on above his target", *place, target)
