"""Symbols as a group trades them, groups and their names, candles."""

from decimal import Decimal

from prorata.access.permissions import Permission
from prorata.messages.groups import CommissionType
from prorata.messages.refusals import Refusal
from prorata.projections.candles import Candle, Period
from prorata.rest.broker.call import Call
from prorata.rest.broker.instruments import Instrument, instruments_of
from prorata.rest.broker.kinds import Given, Record, money_of
from prorata.rest.broker.registry import operation
from prorata.rest.own.session import Platform
from prorata.trading.terms import GroupTerms, Terms
from prorata.units.numbers import Moment
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment

CANDLES_MAX = 10_000
OWNER = "PRORATA"
COMMISSION_TYPES = {
    CommissionType.NONE: "USD_PER_LOT",
    CommissionType.PER_MILLION: "USD_PER_MILLION",
    CommissionType.PER_LOT: "USD_PER_LOT",
    CommissionType.PER_DEAL: "USD_PER_CONTRACT",
    CommissionType.PERCENT: "PERCENTAGE",
}


class Instruments(Record, frozen=True):
    effective_instruments: list[Instrument]


class CandleView(Record, frozen=True):
    """`time`: when it opens, milliseconds since 1970."""

    time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


class Candles(Record, frozen=True):
    symbol: str
    interval: str
    candles: list[CandleView]


class GroupSymbolView(Record, frozen=True):
    """What a group's accounts trade a symbol on; names as in an instrument's record."""

    symbol: str
    bid_markup: int
    ask_markup: int
    leverage: Decimal
    raw_leverage: Decimal
    fixed_leverage: bool
    swap_buy: Decimal
    swap_sell: Decimal
    swap_type: str
    freeze_level: int
    stops_level: int
    volume_min: Decimal
    volume_max: Decimal
    min_commission: Decimal
    commission_type: str
    commission_per_million: Decimal


class GroupView(Record, frozen=True):
    id: str
    currency: str
    currency_precision: int
    group_owner: str
    symbols: dict[str, GroupSymbolView]


class NamesGiven(Given, frozen=True):
    names: list[str] | None = None


@operation("GET", "/v1/symbols", needs=Permission.MARKET_READ)
async def symbols(call: Call, system_uuid: str, group: str, symbols: str = "") -> Instruments:
    """The symbols that a group trades; `symbols`: only these, with commas between."""
    platform = call.running(call.system(system_uuid).uuid)
    names = frozenset(name.strip() for name in symbols.split(",")) if symbols else None
    found = instruments_of(platform.desk, _group(platform, group), platform.now(), names)
    return Instruments(effective_instruments=found)


@operation("POST", "/v1/groups", needs=Permission.SETTINGS_READ, asks=True)
async def groups(call: Call, system_uuid: str, given: NamesGiven) -> list[GroupView]:
    """Groups of a trade platform with the terms of their symbols; without `names[]`, all."""
    platform = call.running(call.system(system_uuid).uuid)
    found, now = platform.desk.groups, platform.now()
    names = sorted(found) if given.names is None else [name for name in dict.fromkeys(given.names) if name in found]
    return [group_view(platform, found[name], now) for name in names]


@operation("GET", "/v1/group-names", needs=Permission.SETTINGS_READ)
async def group_names(call: Call, system_uuid: str) -> list[str]:
    """The names of a trade platform's groups."""
    return sorted(call.running(call.system(system_uuid).uuid).desk.groups)


@operation("GET", "/v1/candles", needs=Permission.MARKET_READ)
async def candles(call: Call, system_uuid: str, symbol: str, interval: str, from_: str, to: str) -> Candles:
    """Candles of a symbol's bid, oldest first, at most ten thousand."""
    platform = call.running(call.system(system_uuid).uuid)
    period = read_interval(interval)
    digits = candle_digits(platform, symbol)
    since, until = read_moment(from_, "from"), read_moment(to, "to")
    found = await call.sql(platform.quotes.candles, symbol, period, since=since, until=until, limit=CANDLES_MAX)
    return Candles(symbol=symbol, interval=period.name, candles=[candle_view(one, digits) for one in found])


def candle_digits(platform: Platform, symbol: str) -> int:
    """Return the decimal places of a symbol's prices. Raises `Rejected`."""
    spec = platform.desk.state.symbols.get(symbol)
    if spec is None:
        raise Rejected(Refusal.UNKNOWN_SYMBOL, "symbol: there is none of this name")
    return spec.digits


def candle_view(candle: Candle, digits: int) -> CandleView:
    return CandleView(
        time=candle.opens, open=money_of(candle.open, digits), high=money_of(candle.high, digits),
        low=money_of(candle.low, digits), close=money_of(candle.close, digits),
    )  # fmt: skip


def read_interval(interval: str) -> Period:
    """Raises `Rejected`."""
    if interval not in Period.__members__:
        raise Rejected(Refusal.MALFORMED, f"interval: expected one of {', '.join(Period.__members__)}")
    return Period[interval]


def _group(platform: Platform, name: str) -> GroupTerms:
    """Raises `Rejected`."""
    found = platform.desk.groups.get(name)
    if found is None:
        raise Rejected(Refusal.UNKNOWN_GROUP, "group: there is none of this name")
    return found


def group_view(platform: Platform, group: GroupTerms, now: Moment) -> GroupView:
    found = instruments_of(platform.desk, group, now)
    return GroupView(
        id=group.name, currency=group.currency, currency_precision=group.currency_digits, group_owner=OWNER,
        symbols={one.symbol: _symbol_view(one, group.terms[one.symbol]) for one in found},
    )  # fmt: skip


def _symbol_view(one: Instrument, terms: Terms) -> GroupSymbolView:
    per_million = terms.commission.rate if terms.commission.type == CommissionType.PER_MILLION else 0
    return GroupSymbolView(
        symbol=one.symbol, bid_markup=one.bid_markup, ask_markup=one.ask_markup, leverage=one.leverage,
        raw_leverage=one.leverage, fixed_leverage=one.is_fixed_leverage, swap_buy=one.swap_buy, swap_sell=one.swap_sell,
        swap_type=one.swap_type, freeze_level=one.freeze_level, stops_level=one.stops_level, volume_min=one.volume_min,
        volume_max=one.volume_max, min_commission=one.commission_min,
        commission_type=COMMISSION_TYPES[terms.commission.type],
        commission_per_million=money_of(per_million, terms.group.currency_digits),
    )  # fmt: skip
