"""Margin call and stop-out without valuing every account at every quote (docs/trade/guard.md, decision 0005).

Each account has a promise: while every symbol it depends on stays within a band, its equity is at least
`equity_floor`. The floor is kept at or above the line where the next thing would happen, and the edges
of the bands wait in the market's heaps. A quote inside all bands therefore concerns nobody; a quote
outside wakes just the accounts whose band it leaves, and they are valued exactly.

A deal changes the floor by its own worst case, which is one multiplication, so an order costs the same
with one position or a hundred. Only when the floor falls below the line is the account marked as uneasy
and valued anew (`levels.settle`). The promise decides when to look, never what is found.
"""

from prorata.messages.commands import BUY, Side
from prorata.trading.desk import Desk
from prorata.trading.markets import BAND_PART, Market
from prorata.trading.rates import Route
from prorata.trading.state import Account, Guards, Holding
from prorata.trading.terms import NO_LINE, GroupTerms, Terms
from prorata.units.numbers import PPM, Minor, Points, Volume
from prorata.units.rounding import div_ceil, div_floor

BAND_MAX_PPM = PPM // BAND_PART
BANDS_SLACK = 1_024

Bounds = dict[str, tuple[Points, Points]]


def line_of(group: GroupTerms, account: Account) -> Minor:
    """Return the equity below which the next margin call, stop-out or loss guard is due."""
    guards = account.guards
    return _level_line(group, account) if guards is None else max(_level_line(group, account), loss_line(guards) + 1)


def loss_line(guards: Guards) -> Minor:
    """Return the equity at or below which the account is closed for its loss: the higher of floor and day's line."""
    daily = guards.base - guards.daily_loss if guards.daily_loss else NO_LINE
    return max(daily, guards.floor) if guards.floor else daily


def _level_line(group: GroupTerms, account: Account) -> Minor:
    margin = account.margin
    if account.called:
        return group.stop_line(margin)
    if group.line_percent:
        return -(-margin * group.line_percent // 10_000)
    return max(group.stop_line(margin), group.call_line(margin))


def after_deal(
    desk: Desk, account: Account, terms: Terms, holding: Holding, side: Side, volume: Volume, cost: int, money: Minor
) -> None:
    """Keep the promise after `volume` was entered for `cost`, or was left (then both are below 0), and `money` was booked."""
    if side is BUY:
        promised = holding.low
        if not promised:
            if volume < 0:
                break_promise(desk, account)
                return
            holding.low = promised = terms.market.guard_far_below(account.login)  # narrowed when the account is next valued
        moved = volume * (promised - terms.markup_bid) - cost
    else:
        promised = holding.high
        if not promised:
            if volume < 0:
                break_promise(desk, account)
                return
            holding.high = promised = terms.market.guard_far_above(account.login)
        moved = cost - volume * (promised + terms.markup_ask)
    worth = moved * terms.profit_numerator // terms.profit_denominator
    if terms.profit_route is not None:
        worth = _worst_worth(account, terms.profit_route, worth)
    account.equity_floor = floor = account.equity_floor + worth + money
    percent = terms.group.line_percent
    # The line is the quotient rounded up; a whole number is below that where it is below the quotient.
    below = floor * 10_000 < account.margin * percent if percent else floor < line_of(terms.group, account)
    if below or account.called or account.guards is not None:
        desk.uneasy.append(account)


def break_promise(desk: Desk, account: Account) -> None:
    """Guarantee nothing any more: the account is valued anew before the command ends."""
    account.equity_floor = NO_LINE
    desk.uneasy.append(account)


def _worst_worth(account: Account, route: Route, amount: Minor) -> Minor:
    """Return the least that `amount` can be worth within the promise, which is made to cover the route's rates.

    It is `Route.worst`, reckoned while the bands are found.
    """
    holdings = account.holdings
    dividend, divisor = amount * route.numerator, route.denominator
    gains = amount > 0
    for market, inverted in route.legs:
        holding = holdings.get(market.name)
        if holding is None:
            holding = holdings[market.name] = Holding()
        low, high = holding.low, holding.high
        if not low:
            holding.low = low = market.guard_far_below(account.login)
        if not high:
            holding.high = high = market.guard_far_above(account.login)
        if inverted:
            divisor *= high if gains else low
        else:
            dividend *= low if gains else high
    return dividend // divisor


def after_money(desk: Desk, account: Account, change: Minor) -> None:
    """Keep the promise after the balance or credit changed by `change`."""
    account.equity_floor += change
    if account.called or account.guards is not None or account.equity_floor < line_of(desk.groups[account.group], account):
        desk.uneasy.append(account)


def promise(desk: Desk, account: Account, equity: Minor) -> None:
    """Choose bands that keep the equity above the line, as wide as half of the spare equity allows.

    A target is a second line: then every side is bounded both ways, and the bands keep the equity below it as well.
    """
    group, guards = desk.groups[account.group], account.guards
    _drop_broken(desk, account)
    held = {name: holding for name, holding in account.holdings.items() if holding.long_volume or holding.short_volume}
    if not held:
        account.equity_floor = equity
        return
    if equity < group.stop_line(account.margin) or (guards is not None and guards.closing):
        _watch_closely(desk, account, group, held)
        return
    line, target = line_of(group, account), guards.target if guards is not None else 0
    spare = equity - line if line > NO_LINE else equity
    width = _width(desk, group, held, min(spare, target - equity) if target else spare)
    while True:
        bounds = _bands(group, held, width, both_ways=bool(target))
        floor = _floor(group, account, held, bounds)
        below = not target or _ceiling(group, account, held, bounds) < target
        if (floor >= line and below) or width == 0:
            break
        width //= 2
    if not below:
        # The target is nearer than the spread: a bid that rises while the ask stays is in no band.
        _watch_closely(desk, account, group, held)
        return
    _set_bands(desk, account, group, held, bounds)
    account.equity_floor = floor


def _drop_broken(desk: Desk, account: Account) -> None:
    """Forget bands that the market is outside of, so that no later deal leans on them."""
    for name, holding in account.holdings.items():
        quote = desk.markets[name].quote
        if holding.low > quote.bid:
            holding.low = 0
        if holding.high and holding.high < quote.ask:
            holding.high = 0


def _watch_closely(desk: Desk, account: Account, group: GroupTerms, held: dict[str, Holding]) -> None:
    """Promise nothing: every quote wakes the account.

    So one that must be closed and could not be is closed with the first quote after its market has opened, even if that is
    no worse than the last.
    """
    bands = _bands(group, held, 0, both_ways=account.guards is not None)
    bounds = {name: (2 * low, min(high, 1)) for name, (low, high) in bands.items()}
    _set_bands(desk, account, group, held, bounds)
    account.equity_floor = NO_LINE


def _width(desk: Desk, group: GroupTerms, held: dict[str, Holding], spare: Minor) -> int:
    """Return how far, in ppm, each price may move so that at most half of `spare` is lost, to a first approximation."""
    if spare <= 0:
        return 0
    reach = 0
    for name, holding in held.items():
        terms = group.terms[name]
        at_market = holding.long_volume * terms.bid + holding.short_volume * terms.ask
        at_stake = div_ceil(at_market * terms.profit_numerator, terms.profit_denominator)
        if terms.profit_route is not None:
            at_stake = 2 * terms.profit_route.cost(at_stake)
        reach += at_stake
    return min(BAND_MAX_PPM, div_floor(spare * PPM, 2 * reach)) if reach > 0 else BAND_MAX_PPM


def _bands(group: GroupTerms, held: dict[str, Holding], width: int, *, both_ways: bool) -> Bounds:
    """Return (low, high) for every symbol that the equity depends on; 0 where a side does not matter."""
    bounds: Bounds = {}
    for name, holding in held.items():
        quote = group.terms[name].quote
        low = quote.bid - quote.bid * width // PPM if holding.long_volume or both_ways else 0
        high = quote.ask + quote.ask * width // PPM if holding.short_volume or both_ways else 0
        bounds[name] = (low, high)
    for name in held:
        route = group.terms[name].profit_route
        for market, _ in route.legs if route is not None else ():
            quote = market.quote
            bounds[market.name] = (quote.bid - quote.bid * width // PPM, quote.ask + quote.ask * width // PPM)
    return bounds


def _floor(group: GroupTerms, account: Account, held: dict[str, Holding], bounds: Bounds) -> Minor:
    """Return the least equity while all prices stay within `bounds`."""
    floor = account.balance + account.credit + account.swap
    foreign: dict[str, tuple[Route, Minor]] = {}
    for name, holding in held.items():
        terms = group.terms[name]
        low, high = bounds[name]
        moved = (
            holding.long_volume * (low - terms.markup_bid) - holding.long_cost
            + holding.short_cost - holding.short_volume * (high + terms.markup_ask)
        )  # fmt: skip
        worth = moved * terms.profit_numerator // terms.profit_denominator
        if terms.profit_route is None:
            floor += worth
        else:
            currency = terms.spec.profit_currency
            before = foreign.get(currency)
            foreign[currency] = (terms.profit_route, worth if before is None else before[1] + worth)
    for route, worth in foreign.values():
        floor += route.worst(worth, bounds)
    return floor


def _ceiling(group: GroupTerms, account: Account, held: dict[str, Holding], bounds: Bounds) -> Minor:
    """Return the most that equity can be while all prices stay within `bounds`: no bid is above the highest ask."""
    return _floor(group, account, held, {name: (high, low) for name, (low, high) in bounds.items()})


def _set_bands(desk: Desk, account: Account, group: GroupTerms, held: dict[str, Holding], bounds: Bounds) -> None:
    for name, (low, high) in bounds.items():
        holding = account.holdings.get(name)
        if holding is None:
            holding = account.holdings[name] = Holding()
        market = desk.markets[name]
        if low and low != holding.low:
            market.guard_below(low, account.login)
        if high and high != holding.high:
            market.guard_above(high, account.login)
        holding.low, holding.high = low, high
        market.bands_set += 1
        if market.bands_set > BANDS_SLACK + 4 * len(desk.state.accounts):
            _drop_stale(desk, market)


def _drop_stale(desk: Desk, market: Market) -> None:
    """Let accounts wait only where they do: edges that no longer hold pile up otherwise."""
    market.forget_guards()
    for account in desk.state.accounts.values():
        holding = account.holdings.get(market.name)
        if holding is not None:
            market.enter_guards(holding, account.login)
    market.order_guards()


def take_unguarded(desk: Desk, market: Market) -> list[Account]:
    """Return the accounts whose band the newest quote has left; they must be valued now."""
    bid, ask = market.quote.bid, market.quote.ask
    woken: list[Account] = []
    for login in market.take_unguarded():
        account = desk.state.accounts[login]
        holding = account.holdings.get(market.name)
        if holding is None:
            continue
        if holding.low > bid or (holding.high and holding.high < ask):
            holding.low = holding.low if holding.low <= bid else 0
            holding.high = holding.high if holding.high >= ask else 0
            account.equity_floor = NO_LINE
            woken.append(account)
    return woken
