"""The words of a story for what a broker configures: symbols and groups, from short defaults with changes.

A word is `name` or `name=value`. `symbol EURUSD` alone is a five-digit pair of 100,000 with all hours open;
`group desk USD` alone is a hedging group at 1:100. Said again, a line changes only what it names.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from prorata.messages.groups import (
    Commission,
    CommissionType,
    FreeMarginMode,
    GroupSpec,
    GroupSymbol,
    HedgedMargin,
    Level,
    LevelType,
    LeverageTier,
    StopOutOrder,
)
from prorata.messages.symbols import Holiday, MarginMode, Session, SwapType, SymbolSpec, TradeMode
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import parse_decimal
from prorata.units.numbers import VOLUME_DIGITS, Moment, Points, Volume

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
EPOCH = date(1970, 1, 1)


class BadStory(Exception):
    """The line cannot be read."""


def split_words(words: Iterable[str]) -> dict[str, str]:
    """Return `name=value` words as a dictionary; a bare name has the value ""."""
    found: dict[str, str] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name in found:
            raise BadStory(f"{name} is said twice")
        found[name] = value
    return found


def moment_of(day: str, time: str) -> Moment:
    """`2026-03-02 08:00:00`, UTC."""
    return round(datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC).timestamp() * 1000)


def volume_of(text: str) -> Volume:
    return parse_decimal(text, VOLUME_DIGITS)


def named(kind: type[Any], text: str) -> Any:
    """Return the member of an enum that the words `close-only` or `per-lot` name."""
    try:
        return kind[text.upper().replace("-", "_")]
    except KeyError:
        raise BadStory(f"{text} is no {kind.__name__}") from None


# Symbols.


def new_symbol(name: str) -> SymbolSpec:
    base, quote = name[:3], name[3:6]
    return SymbolSpec(
        name=name, base=base, quote=quote, profit_currency=quote, margin_currency=base,
        digits=3 if quote == "JPY" else 5, contract_size=100_000, volume_min=volume_of("0.01"),
        volume_step=volume_of("0.01"), volume_max=volume_of("100"),
    )  # fmt: skip


def changed_symbol(spec: SymbolSpec, words: dict[str, str]) -> SymbolSpec:
    for name, value in words.items():
        changes = _SYMBOL_WORDS.get(name)
        if changes is None:
            raise BadStory(f"a symbol has no {name}")
        spec = msgspec.structs.replace(spec, **changes(spec, value))
    return spec


def _lots(spec: SymbolSpec, text: str) -> dict[str, Any]:
    """`0.10-50/0.05`: from, to, step."""
    bounds, _, step = text.partition("/")
    low, _, high = bounds.partition("-")
    return {"volume_min": volume_of(low), "volume_max": volume_of(high), "volume_step": volume_of(step or low)}


def _margin(spec: SymbolSpec, text: str) -> dict[str, Any]:
    """`forex`, `leverage`, `cfd:5%`, `fixed:500.00`."""
    mode, _, value = text.partition(":")
    changes: dict[str, Any] = {"margin_mode": named(MarginMode, mode)}
    if mode == "cfd":
        changes["margin_rate_ppm"] = percent_of(value, 4)
    if mode == "fixed":
        changes["margin_fixed"] = parse_decimal(value, CURRENCY_DIGITS[spec.margin_currency])
    return changes


def _swap(_: SymbolSpec, text: str) -> dict[str, Any]:
    """`points:-6.5:1.2` a night, `percent:-3.6:1` a year, `money:-500:0` in cents of the account a lot and night."""
    kind, long, short = text.split(":")
    digits = {"points": 3, "percent": 4, "money": 0}[kind]
    return {
        "swap_type": named(SwapType, kind),
        "swap_long": parse_decimal(long, digits),
        "swap_short": parse_decimal(short, digits),
    }


def _sessions(text: str) -> tuple[Session, ...]:
    """`08:00-16:30,17:00-24:00`; "" is closed."""
    return tuple(Session(*(_second_of(edge) for edge in hours.split("-"))) for hours in text.split(",") if hours)


def _second_of(text: str) -> int:
    parts = [int(part) for part in text.split(":")]
    return sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))


def _hours(spec: SymbolSpec, text: str) -> dict[str, Any]:
    """`mon,tue@08:00-16:30`: these days so, all others closed."""
    days, _, hours = text.partition("@")
    return {"sessions": tuple(_sessions(hours) if day in days.split(",") else () for day in DAYS)}


def _holiday(spec: SymbolSpec, text: str) -> dict[str, Any]:
    day, _, hours = text.partition("@")
    holiday = Holiday((date.fromisoformat(day) - EPOCH).days, _sessions(hours))
    return {"holidays": (*spec.holidays, holiday)}


def _money(name: str, currency: str) -> Callable[[SymbolSpec, str], dict[str, Any]]:
    return lambda spec, text: {name: parse_decimal(text, CURRENCY_DIGITS[getattr(spec, currency)])}


def _whole(name: str) -> Callable[[Any, str], dict[str, Any]]:
    return lambda _, text: {name: int(text)}


def _text(name: str) -> Callable[[Any, str], dict[str, Any]]:
    return lambda _, text: {name: text}


_SYMBOL_WORDS: dict[str, Callable[[SymbolSpec, str], dict[str, Any]]] = {
    "base": _text("base"),
    "quote": _text("quote"),
    "profit": _text("profit_currency"),
    "currency": _text("margin_currency"),
    "digits": _whole("digits"),
    "contract": _whole("contract_size"),
    "lots": _lots,
    "limit": lambda _, text: {"volume_limit": volume_of(text)},
    "tick": _whole("tick_size"),
    "tick-value": _money("tick_value", "profit_currency"),
    "margin": _margin,
    "swap": _swap,
    "triple": lambda _, text: {"swap_triple_day": 7 if text == "daily" else DAYS.index(text)},
    "hours": _hours,
    "holiday": _holiday,
    "stop-level": _whole("stop_level"),
    "freeze-level": _whole("freeze_level"),
    "leverage-max": _whole("leverage_max"),
    "mode": lambda _, text: {"trade_mode": named(TradeMode, text)},
}


# Groups.


def changed_group(spec: GroupSpec, words: dict[str, str]) -> GroupSpec:
    for name, value in words.items():
        changes = _GROUP_WORDS.get(name)
        if changes is None:
            raise BadStory(f"a group has no {name}")
        spec = msgspec.structs.replace(spec, **changes(spec, value))
    return spec


def percent_of(text: str, digits: int) -> int:
    if not text.endswith("%"):
        raise BadStory(f"{text} is no percentage")
    return parse_decimal(text[:-1], digits)


def commission_of(text: str, digits: int) -> Commission:
    """`per-lot:3.50`, `per-million:30.00`, `per-deal:1.00`, `percent:0.1%`, `none`; `:min:2.00` may follow."""
    kind, *values = text.split(":")
    minimum = parse_decimal(values[2], digits) if values[1:2] == ["min"] else 0
    rate = 0
    if values:
        rate = percent_of(values[0], 4) if kind == "percent" else parse_decimal(values[0], digits)
    return Commission(named(CommissionType, kind), rate, minimum)


def _level(name: str) -> Callable[[GroupSpec, str], dict[str, Any]]:
    """`50%`, `500.00` (money), `off`."""

    def level(spec: GroupSpec, text: str) -> dict[str, Any]:
        if text == "off":
            return {name: Level()}
        if text.endswith("%"):
            return {name: Level(LevelType.PERCENT, percent_of(text, 2))}
        return {name: Level(LevelType.MONEY, parse_decimal(text, CURRENCY_DIGITS[spec.currency]))}

    return level


def _tiers(spec: GroupSpec, text: str) -> dict[str, Any]:
    """`100000.00:100,500000.00:50,rest:20`."""
    digits = CURRENCY_DIGITS[spec.currency]
    tiers = (tier.split(":") for tier in text.split(",") if tier)
    return {
        "tiers": tuple(
            LeverageTier(0 if notional == "rest" else parse_decimal(notional, digits), int(leverage))
            for notional, leverage in tiers
        )
    }


_GROUP_WORDS: dict[str, Callable[[GroupSpec, str], dict[str, Any]]] = {
    "currency": _text("currency"),
    "leverage": _whole("leverage"),
    "tiers": _tiers,
    "call": _level("margin_call"),
    "stop": _level("stop_out"),
    "stop-order": lambda _, text: {"stop_out_order": named(StopOutOrder, text)},
    "book": lambda _, text: {"hedging": {"hedging": True, "netting": False}[text]},
    "hedged": lambda _, text: {"hedged_margin": named(HedgedMargin, text)},
    "free": lambda _, text: {"free_margin": named(FreeMarginMode, text)},
    "protection": lambda _, text: {"negative_balance_protection": text == "yes"},
    "commission": lambda spec, text: {"commission": commission_of(text, CURRENCY_DIGITS[spec.currency])},
    "swap-free": lambda _, text: {"swap_free": text != "no"},
    "a-book": lambda _, text: {"a_book_percent": int(text.removesuffix("%"))},
    "delay": lambda _, text: {"execution_delay_ms": int(text.removesuffix("ms"))},
    "orders-max": _whole("orders_max"),
}


def changed_terms(group: GroupSpec, symbol: str, words: dict[str, str]) -> GroupSpec:
    """Return the group with its override of one symbol changed."""
    own = next((own for own in group.symbols if own.symbol == symbol), GroupSymbol(symbol=symbol))
    for name, value in words.items():
        own = msgspec.structs.replace(own, **_changes_of_terms(group, name, value))
    others = tuple(other for other in group.symbols if other.symbol != symbol)
    return msgspec.structs.replace(group, symbols=(*others, own))


def _changes_of_terms(group: GroupSpec, name: str, value: str) -> dict[str, Any]:
    match name:
        case "enabled":
            return {"enabled": value == "yes"}
        case "markup":
            bid, _, ask = value.partition("/")
            return {"markup_bid": int(bid), "markup_ask": int(ask)}
        case "commission":
            return {"commission": commission_of(value, CURRENCY_DIGITS[group.currency])}
        case "swap":
            long, _, short = value.partition(":")
            return {"swap_long": int(long), "swap_short": int(short)}
        case "margin-rate":
            return {"margin_rate_ppm": percent_of(value, 4)}
        case "mode":
            return {"trade_mode": named(TradeMode, value)}
        case "volume-min" | "volume-max":
            return {name.replace("-", "_"): volume_of(value)}
        case "leverage-max" | "stop-level" | "freeze-level":
            return {name.replace("-", "_"): int(value)}
        case _:
            raise BadStory(f"a group changes no {name} of a symbol")


def points_of(spec: SymbolSpec, text: str) -> Points:
    return parse_decimal(text, spec.digits)
