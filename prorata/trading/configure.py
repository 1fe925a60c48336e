"""Putting symbols and groups, and removing symbols: what is sound takes effect at once, for everybody."""

from prorata.messages.commands import PutGroup, PutSymbol, PutSymbols, RemoveSymbol
from prorata.messages.events import GroupPut, Refused, SymbolPut, SymbolRemoved
from prorata.messages.groups import CommissionType, GroupSpec, GroupSymbol, LevelType
from prorata.messages.refusals import Refusal
from prorata.messages.symbols import MarginMode, Session, SymbolSpec
from prorata.trading import guard
from prorata.trading.accounts import LEVERAGE_MAX
from prorata.trading.deals import take_margin
from prorata.trading.desk import Desk, refuse
from prorata.trading.state import LastQuote
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX, PPM, PRICE_MAX, VOLUME_MAX

_FIXED_WHILE_USED = (
    "base",
    "quote",
    "profit_currency",
    "margin_currency",
    "digits",
    "margin_mode",
    "contract_size",
    "tick_size",
    "tick_value",
)
_DAY_SECONDS = 86_400


def put_symbol(desk: Desk, command: PutSymbol) -> Refused | None:
    """Add a symbol or change it. While it is held or ordered, what its money is reckoned from must stay."""
    return _put(desk, (command.spec,))


def put_symbols(desk: Desk, command: PutSymbols) -> Refused | None:
    """Add or change several symbols. Terms are taken anew once for all of them."""
    if not command.specs:
        return refuse(Refusal.NOTHING_TO_CHANGE)
    if len({spec.name for spec in command.specs}) < len(command.specs):
        return refuse(Refusal.BAD_SYMBOL, "a symbol is named twice")
    return _put(desk, command.specs)


def _put(desk: Desk, specs: tuple[SymbolSpec, ...]) -> Refused | None:
    revalued = []
    for spec in specs:
        problem = _problem_of_symbol(spec)
        if problem:
            return refuse(Refusal.BAD_SYMBOL, problem)
        before = desk.state.symbols.get(spec.name)
        if before is not None and not is_reckoned_alike(before, spec):
            if _is_used(desk, spec.name):
                return refuse(Refusal.SYMBOL_IN_USE)
            revalued.append(spec.name)
    for name in revalued:
        _forget_prices(desk, name)
    for spec in specs:
        desk.state.symbols[spec.name] = spec
    rebuild(desk)
    desk.events.extend(SymbolPut(spec) for spec in specs)
    return None


def remove_symbol(desk: Desk, command: RemoveSymbol) -> Refused | None:
    """Forget a symbol. What it is hedged with, or once was, names it in the venue's book, which keeps it."""
    state, name = desk.state, command.symbol
    if name not in state.symbols:
        return refuse(Refusal.UNKNOWN_SYMBOL)
    if _is_held(desk, name) or _is_needed_by_others(desk, name) or name in state.hedges or name in state.breaks:
        return refuse(Refusal.SYMBOL_IN_USE)
    for account in state.accounts.values():
        account.holdings.pop(name, None)
    del state.symbols[name], state.quotes[name]
    rebuild(desk)
    desk.events.append(SymbolRemoved(name))
    return None


def put_group(desk: Desk, command: PutGroup) -> Refused | None:
    """Add a group or change its terms. Its currency and netting stay while it has accounts that could tell."""
    spec = command.spec
    problem = _problem_of_group(spec)
    if problem:
        return refuse(Refusal.BAD_GROUP, problem)
    before = desk.state.groups.get(spec.name)
    if before is not None and (before.currency, before.hedging) != (spec.currency, spec.hedging):
        if any(account.group == spec.name for account in desk.state.accounts.values()):
            return refuse(Refusal.GROUP_IN_USE)
    desk.state.groups[spec.name] = spec
    rebuild(desk)
    desk.events.append(GroupPut(spec))
    return None


def is_reckoned_alike(before: SymbolSpec, after: SymbolSpec) -> bool:
    """Say whether the money of what is held comes out the same under both specifications."""
    return all(getattr(before, name) == getattr(after, name) for name in _FIXED_WHILE_USED)


def _forget_prices(desk: Desk, symbol: str) -> None:
    """Drop the symbol's quote and what was promised about it: its old prices mean nothing in its new terms."""
    desk.state.quotes[symbol] = LastQuote()
    for account in desk.state.accounts.values():
        account.holdings.pop(symbol, None)


def _is_used(desk: Desk, symbol: str) -> bool:
    """Say whether the symbol is held, ordered or hedged, or converts the results of what is held."""
    if any(route is not None and symbol in route.names for route in desk.routes.values()):
        if any(account.positions for account in desk.state.accounts.values()):
            return True
    hedge = desk.state.hedges.get(symbol)
    return (hedge is not None and hedge.volume != 0) or _is_held(desk, symbol)


def _is_held(desk: Desk, symbol: str) -> bool:
    return any(
        any(position.symbol == symbol for position in account.positions.values())
        or any(order.symbol == symbol for order in account.orders.values())
        for account in desk.state.accounts.values()
    )


def _is_needed_by_others(desk: Desk, symbol: str) -> bool:
    """Say whether amounts of other symbols are converted through it, while anything is held."""
    others = [spec for name, spec in desk.state.symbols.items() if name != symbol]
    sources = {spec.profit_currency for spec in others} | {spec.margin_currency for spec in others}
    converts = any(
        route is not None and symbol in route.names and source in sources for (source, _), route in desk.routes.items()
    )
    return converts and any(account.positions for account in desk.state.accounts.values())


def rebuild(desk: Desk) -> None:
    """Take the new terms everywhere: leverage caps, margin, triggers, promises."""
    desk.build()
    for account in desk.state.accounts.values():
        group = desk.groups[account.group]
        account.leverage = min(account.leverage, group.spec.leverage)
        for name, holding in account.holdings.items():
            take_margin(account, group.terms[name], holding)
        if account.positions:
            guard.break_promise(desk, account)


def _problem_of_symbol(spec: SymbolSpec) -> str:
    """Return what is wrong with a specification, "" if nothing is."""
    currencies = (spec.base, spec.quote, spec.profit_currency, spec.margin_currency)
    checks: tuple[tuple[bool, str], ...] = (
        (1 <= len(spec.name) <= 32 and spec.name.isascii() and spec.name.isprintable() and "/" not in spec.name, "name"),
        (spec.profit_currency in CURRENCY_DIGITS and spec.margin_currency in CURRENCY_DIGITS, "unknown currency"),
        (all(1 <= len(name) <= 12 for name in currencies), "currency"),
        (0 <= spec.digits <= 10, "digits: 0 to 10"),
        (1 <= spec.contract_size <= 10**9, "contract_size: 1 to 10^9"),
        (spec.volume_step >= 1 and spec.volume_min % spec.volume_step == 0, "volume_min: a multiple of volume_step"),
        (spec.volume_step <= spec.volume_min <= spec.volume_max <= VOLUME_MAX, "volume_min, volume_max"),
        (0 <= spec.volume_limit <= VOLUME_MAX, "volume_limit"),
        (1 <= spec.tick_size <= PRICE_MAX and 0 <= spec.tick_value <= MONEY_MAX, "tick_size, tick_value"),
        (len(spec.sessions) == 7 and all(_is_day(day) for day in spec.sessions), "sessions: seven days in order"),
        (all(_is_day(holiday.sessions) for holiday in spec.holidays), "holidays"),
        (0 <= spec.swap_triple_day <= 7, "swap_triple_day: 0 to 7"),
        (abs(spec.swap_long) <= 10**9 and abs(spec.swap_short) <= 10**9, "swap"),
        (0 <= spec.stop_level <= PRICE_MAX and 0 <= spec.freeze_level <= PRICE_MAX, "stop_level, freeze_level"),
        (0 < spec.margin_rate_ppm <= 10 * PPM, "margin_rate_ppm: above 0"),
        (spec.margin_mode != MarginMode.FIXED or 0 < spec.margin_fixed <= MONEY_MAX, "margin_fixed: above 0"),
        (0 <= spec.leverage_max <= LEVERAGE_MAX, "leverage_max"),
    )
    return next((problem for sound, problem in checks if not sound), "")


def _is_day(sessions: tuple[Session, ...]) -> bool:
    after = 0
    for session in sessions:
        if not after <= session.opens < session.closes <= _DAY_SECONDS:
            return False
        after = session.closes
    return True


def _problem_of_group(spec: GroupSpec) -> str:
    """Return what is wrong with a group, "" if nothing is."""
    levels = (spec.margin_call, spec.stop_out)
    commissions = [spec.commission, *(own.commission for own in spec.symbols if own.commission is not None)]
    checks: tuple[tuple[bool, str], ...] = (
        (1 <= len(spec.name) <= 64 and spec.name.isascii() and spec.name.isprintable(), "name"),
        (spec.currency in CURRENCY_DIGITS, "unknown currency"),
        (1 <= spec.leverage <= LEVERAGE_MAX, f"leverage: 1 to {LEVERAGE_MAX}"),
        (_are_tiers(spec), "tiers: rising notionals, the last one 0"),
        (all(0 <= level.value <= MONEY_MAX for level in levels), "levels: 0 or more"),
        (all(level.type != LevelType.PERCENT or level.value <= 100_000 for level in levels), "levels: at most 1000 %"),
        (all(0 <= c.rate <= MONEY_MAX and 0 <= c.minimum <= MONEY_MAX for c in commissions), "commission: 0 or more"),
        (all(c.type != CommissionType.PERCENT or c.rate <= PPM for c in commissions), "commission: at most 100 %"),
        (0 <= spec.a_book_percent <= 100, "a_book_percent: 0 to 100"),
        (0 <= spec.execution_delay_ms <= 60_000, "execution_delay_ms: 0 to 60000"),
        (0 <= spec.orders_max <= 1_000_000, "orders_max"),
        (len({own.symbol for own in spec.symbols}) == len(spec.symbols), "a symbol is named twice"),
        (all(_is_override(own) for own in spec.symbols), "symbols"),
    )
    return next((problem for sound, problem in checks if not sound), "")


def _are_tiers(spec: GroupSpec) -> bool:
    if not spec.tiers:
        return True
    *inner, last = spec.tiers
    rising = [tier.notional for tier in inner]
    return (
        last.notional == 0
        and all(1 <= tier.leverage <= LEVERAGE_MAX for tier in spec.tiers)
        and all(low < high for low, high in zip([0, *rising], rising, strict=False))
    )


def _is_override(own: GroupSymbol) -> bool:
    return (
        0 <= own.markup_bid <= PRICE_MAX
        and 0 <= own.markup_ask <= PRICE_MAX
        and (own.leverage_max is None or 0 <= own.leverage_max <= LEVERAGE_MAX)
        and (own.margin_rate_ppm is None or 0 < own.margin_rate_ppm <= 10 * PPM)
        and (own.stop_level is None or 0 <= own.stop_level <= PRICE_MAX)
        and (own.freeze_level is None or 0 <= own.freeze_level <= PRICE_MAX)
        and (own.volume_min is None or 0 < own.volume_min <= VOLUME_MAX)
        and (own.volume_max is None or 0 < own.volume_max <= VOLUME_MAX)
    )
