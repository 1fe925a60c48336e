"""Symbols as a group trades them, groups, candles; and whether a key works."""

from prorata.access.permissions import Permission
from prorata.messages.refusals import Refusal
from prorata.rest.broker import market as first
from prorata.rest.broker.instruments import Instrument
from prorata.rest.broker.service import ServiceInfo
from prorata.rest.broker.service import service_info as info_of
from prorata.rest.broker_v2.call import CallV2
from prorata.rest.broker_v2.registry import operation
from prorata.views.answers import Rejected

SIZE_MAX = 1_000


@operation("GET", "/service-info", needs=None)
async def service_info(call: CallV2) -> ServiceInfo:
    """Whether the key works, and what answers."""
    return await info_of(call)


@operation("GET", "/v1/symbols", needs=Permission.MARKET_READ)
async def symbols(call: CallV2, group: str, symbols: str = "") -> list[Instrument]:
    """The symbols that a group trades; `symbols`: only these, with commas between."""
    return (await first.symbols(call, call.system_uuid, group, symbols)).effective_instruments


@operation("POST", "/v1/groups", needs=Permission.SETTINGS_READ, asks=True)
async def groups(call: CallV2, given: first.NamesGiven) -> list[first.GroupView]:
    """Groups with the terms of their symbols; without `names[]`, all."""
    return await first.groups(call, call.system_uuid, given)


@operation("GET", "/v1/group-names", needs=Permission.SETTINGS_READ)
async def group_names(call: CallV2) -> list[str]:
    """The names of the groups."""
    return await first.group_names(call, call.system_uuid)


@operation("GET", "/v1/candles", needs=Permission.MARKET_READ)
async def candles(call: CallV2, symbol: str, interval: str, from_: str, to: str, size: int = SIZE_MAX) -> first.Candles:
    """Candles of a symbol's bid, oldest first: the newest `size` of the span, at most a thousand."""
    if not 0 <= size <= SIZE_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"size: must be from 0 to {SIZE_MAX}")
    found = await first.candles(call, call.system_uuid, symbol, interval, from_, to)
    return first.Candles(symbol=found.symbol, interval=found.interval, candles=found.candles[-size:] if size else [])
