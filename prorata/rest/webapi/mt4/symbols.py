"""Symbols: their prices, their terms, their hours; showing and hiding them; ticks from outside the feed."""

from decimal import Decimal

import msgspec

from prorata.access.permissions import Permission
from prorata.messages.commands import PutSymbol, Quote, Tick
from prorata.messages.symbols import Session, SymbolSpec, TradeMode
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import Failure, ResultCode, invalid, not_found
from prorata.rest.webapi.merging import Patch, check_granted, merged, names_of
from prorata.rest.webapi.mt4.prices_seen import SeenPrice, seen_prices
from prorata.rest.webapi.mt4.symbol_lists import look_of, looks_of, put_look, specs_of, symbol_groups_of
from prorata.rest.webapi.mt4.symbol_records import REASONS, config_of, look_with, spec_with
from prorata.rest.webapi.paging import Listed, Page
from prorata.rest.webapi.registry import MAINTENANCE_SECONDS, MT4
from prorata.rest.webapi.schemas.kinds import Double
from prorata.rest.webapi.schemas.mt4_symbols import (
    MT4SymbolChangeRequest,
    MT4SymbolConfig,
    MT4SymbolConfigUpdate,
    MT4SymbolDaySessions,
    MT4SymbolGroup,
    MT4SymbolInfo,
    MT4SymbolSession,
)
from prorata.rest.webapi.values import decimal_of, price_of, time_or_none
from prorata.units.numbers import PPM

TICK_MOVE_MAX_PPM = 100_000
"""How far a tick that is sent may be from the newest quote: 10 %. A slip of the finger would stop out everybody."""

_DAY_SECONDS = 86_400
_DERIVED = frozenset({"symbol", "count", "countOriginal", "filterCounter", "point", "multiply", "bidTickValue", "askTickValue"})
_WRITABLE = names_of(MT4SymbolConfig) - _DERIVED
_ALL_DAY = MT4SymbolSession(open_hour=0, open_minute=0, close_hour=24, close_minute=0)


# Prices.


@MT4.get("SymbolInfoGet", needs=Permission.MARKET_READ)
async def symbol_info_get(call: Call, symbol: str = "") -> MT4SymbolInfo:
    """A symbol and its newest price."""
    spec = _spec(call, symbol)
    (seen,) = await seen_prices(call, [spec.name])
    return _info_of(call, spec, seen, _group_places(call))


@MT4.get("SymbolInfoUpdated", needs=Permission.MARKET_READ)
async def symbol_info_updated(call: Call, page: Page) -> Listed[MT4SymbolInfo]:
    """All symbols that have a price, but for hidden ones."""
    hidden = {look.symbol for look in looks_of(call) if look.shown_mode is not None}
    symbols = sorted(name for name, quote in call.state.quotes.items() if quote.bid and name not in hidden)
    names = await page.of(symbols, lambda name: name)
    places = _group_places(call)
    infos = [
        _info_of(call, call.state.symbols[name], seen, places)
        for name, seen in zip(names.items, await seen_prices(call, names.items), strict=True)
    ]
    return Listed(infos, names.next_cursor)


def _info_of(call: Call, spec: SymbolSpec, seen: SeenPrice, places: dict[str, int]) -> MT4SymbolInfo:
    quote = call.state.quotes[spec.name]
    return MT4SymbolInfo(
        symbol=spec.name,
        digits=spec.digits,
        type=places[spec.category],
        point=decimal_of(1, spec.digits),
        spread=quote.ask - quote.bid,
        direction=seen.direction,
        bid=decimal_of(quote.bid, spec.digits),
        ask=decimal_of(quote.ask, spec.digits),
        high=decimal_of(seen.high, spec.digits),
        low=decimal_of(seen.low, spec.digits),
        last_time=time_or_none(quote.at),
    )


def _group_places(call: Call) -> dict[str, int]:
    return {group.name or "": place for place, group in enumerate(symbol_groups_of(call))}


@MT4.post("SymbolSendTick", needs=Permission.MARKET_WRITE)
async def symbol_send_tick(call: Call, symbol: str = "", bid: Double = Decimal(0), ask: Double = Decimal(0)) -> bool:
    """Quote a symbol beside the feed, at most 10 % away from its newest quote."""
    spec = _spec(call, symbol)
    if look_of(call, spec.name).shown_mode is not None:
        raise invalid("symbol", "is hidden; show it first (SymbolAdd)")
    quote = Quote(spec.name, price_of(bid, spec.digits, "bid"), price_of(ask, spec.digits, "ask"))
    _check_tick(call, quote)
    last = call.state.quotes[spec.name]
    before = (last.bid, last.ask, last.at)
    # Like any other quote it comes first in its batch: the empty command that follows is answered when it is in effect.
    call.platform.writer.quote((quote,))
    await call.submit(Tick(), part="after the tick")
    now = call.state.quotes[spec.name]
    if before == (now.bid, now.ask, now.at) != (quote.bid, quote.ask, now.at):
        raise Failure(None, "The price is more than positions can be reckoned at", manager=ResultCode.TradeBadPrices)
    return True


def _check_tick(call: Call, quote: Quote) -> None:
    if quote.bid == 0:
        raise invalid("bid", "must be above 0")
    if quote.ask < quote.bid:
        raise invalid("ask", "is below the bid")
    last = call.state.quotes[quote.symbol]
    for field, price, newest in (("bid", quote.bid, last.bid), ("ask", quote.ask, last.ask)):
        if newest and abs(price - newest) * PPM > newest * TICK_MOVE_MAX_PPM:
            message = f"{field}: more than 10 % away from the newest quote"
            raise Failure(None, message, manager=ResultCode.TradeBadPrices)


# Terms.


@MT4.get("SymbolsGroupsGet", needs=Permission.MARKET_READ)
async def symbols_groups_get(call: Call) -> list[MT4SymbolGroup]:
    """The groups of symbols."""
    return symbol_groups_of(call)


@MT4.get("CfgRequestSymbol", needs=Permission.SETTINGS_READ)
async def cfg_request_symbols(call: Call) -> list[MT4SymbolConfig]:
    """All symbols and their terms."""
    places = _group_places(call)
    return [config_of(spec, look, places[spec.category]) for spec, look in zip(specs_of(call), looks_of(call), strict=True)]


@MT4.get("CfgRequestSymbol/{symbol}", needs=Permission.SETTINGS_READ)
async def cfg_request_symbol(call: Call, symbol: str) -> MT4SymbolConfig:
    """A symbol and its terms."""
    return _config(call, _spec(call, symbol))


@MT4.get("SymbolSessionsGet/{symbol}", needs=Permission.SETTINGS_READ)
async def symbol_sessions_get(call: Call, symbol: str) -> list[MT4SymbolDaySessions]:
    """The hours of a symbol on each weekday."""
    week = _spec(call, symbol).sessions
    return [
        MT4SymbolDaySessions(
            day_of_week=day,
            quote_overnight=1,
            trade_overnight=int(_lasts_overnight(week, day)),
            quote=(_ALL_DAY,),
            trade=tuple(_session_of(session) for session in week[day]),
        )
        for day in range(7)
    ]


def _lasts_overnight(week: tuple[tuple[Session, ...], ...], day: int) -> bool:
    today, tomorrow = week[day], week[(day + 1) % 7]
    return bool(today and tomorrow) and today[-1].closes == _DAY_SECONDS and tomorrow[0].opens == 0


def _session_of(session: Session) -> MT4SymbolSession:
    return MT4SymbolSession(
        open_hour=session.opens // 3_600,
        open_minute=session.opens // 60 % 60,
        close_hour=session.closes // 3_600,
        close_minute=session.closes // 60 % 60,
    )


@MT4.post("CfgUpdateSymbol/{symbol}", needs=Permission.SETTINGS_WRITE)
async def cfg_update_symbol(call: Call, symbol: str, given: MT4SymbolConfigUpdate) -> MT4SymbolConfig:
    """Change the terms of a symbol; what is not given stays."""
    return await _change(call, _spec(call, symbol), given)


@MT4.patch("SymbolConfig/{symbol}", needs=Permission.SETTINGS_WRITE)
async def symbol_config_patch(call: Call, symbol: str, given: Patch) -> MT4SymbolConfig:
    """Change parts of the terms of a symbol."""
    return await _change(call, _spec(call, symbol), given)


@MT4.post("SymbolChange", needs=Permission.MARKET_WRITE)
async def symbol_change(call: Call, given: MT4SymbolChangeRequest) -> bool:
    """Change what dealers change of a symbol: stops level and colour."""
    wanted = MT4SymbolConfigUpdate(
        background_color=given.color,
        spread=given.spread,
        spread_balance=given.spread_balance,
        stops_level=given.stops_level,
        filter_smoothing=given.smoothing,
        symbol_exec_mode=given.exe_mode,
    )
    await _change(call, _spec(call, given.symbol or ""), wanted)
    return True


async def _change(call: Call, spec: SymbolSpec, given: MT4SymbolConfigUpdate | Patch) -> MT4SymbolConfig:
    look, groups = look_of(call, spec.name), [group.name or "" for group in symbol_groups_of(call)]
    shown = _config(call, spec)
    wanted = merged(shown, given, _WRITABLE)
    after, look_after = spec_with(spec, shown, wanted, groups), look_with(look, shown, wanted)
    check_granted(shown, wanted, config_of(after, look_after, groups.index(after.category)), REASONS)
    await _put(call, spec, after)
    await put_look(call, look_after)
    now = _config(call, _spec(call, spec.name))
    call.tell(shown, now)
    return now


@MT4.post("SymbolAdd/{symbol}", needs=Permission.SETTINGS_WRITE)
async def symbol_add(call: Call, symbol: str) -> bool:
    """Show a hidden symbol again, and let it be traded as before."""
    spec = _spec(call, symbol)
    look = look_of(call, spec.name)
    if look.shown_mode is not None:
        await _put(call, spec, msgspec.structs.replace(spec, trade_mode=look.shown_mode))
        await put_look(call, msgspec.structs.replace(look, shown_mode=None))
    return True


@MT4.post("SymbolHide/{symbol}", needs=Permission.SETTINGS_WRITE)
async def symbol_hide(call: Call, symbol: str) -> bool:
    """Hide a symbol: nobody trades it, and it is not among the prices; what is held goes on being valued."""
    spec = _spec(call, symbol)
    look = look_of(call, spec.name)
    if look.shown_mode is None:
        await put_look(call, msgspec.structs.replace(look, shown_mode=spec.trade_mode))
    await _put(call, spec, msgspec.structs.replace(spec, trade_mode=TradeMode.DISABLED))
    return True


@MT4.post("SymbolsRefresh", needs=Permission.MARKET_READ, seconds=MAINTENANCE_SECONDS, reads=True)
async def symbols_refresh(call: Call) -> bool:
    """Read the symbols anew: here they are never out of date."""
    return True


def _spec(call: Call, symbol: str) -> SymbolSpec:
    spec = call.state.symbols.get(symbol)
    if spec is None:
        raise not_found("symbol")
    return spec


def _config(call: Call, spec: SymbolSpec) -> MT4SymbolConfig:
    return config_of(spec, look_of(call, spec.name), _group_places(call)[spec.category])


async def _put(call: Call, before: SymbolSpec, after: SymbolSpec) -> None:
    if after != before:
        await call.submit(PutSymbol(after))
