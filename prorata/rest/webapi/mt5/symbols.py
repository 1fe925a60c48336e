"""Symbols of the MT5 surface."""

import msgspec

from prorata.access.permissions import Permission
from prorata.messages.commands import PutSymbol
from prorata.messages.symbols import SymbolSpec
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import not_found
from prorata.rest.webapi.merging import Patch, check_granted, merged
from prorata.rest.webapi.mt4.symbol_lists import look_of, put_look
from prorata.rest.webapi.mt5.symbol_records import REASONS, WRITABLE, look_with, spec_with, symbol_of
from prorata.rest.webapi.registry import MT5
from prorata.rest.webapi.schemas.mt5_symbols import MT5Symbol


@MT5.get("SymbolGet/{symbol}", needs=Permission.MARKET_READ)
async def symbol_get(call: Call, symbol: str) -> MT5Symbol:
    """One symbol; case matters."""
    return symbol_of(_spec(call, symbol), look_of(call, symbol))


@MT5.patch("SymbolRecord/{symbol}", needs=Permission.SETTINGS_WRITE)
async def symbol_record(call: Call, symbol: str, given: Patch) -> MT5Symbol:
    """Change fields of a symbol."""
    spec, look = _spec(call, symbol), look_of(call, symbol)
    shown = symbol_of(spec, look)
    wanted = merged(shown, given, WRITABLE)
    after, look_after = spec_with(spec, shown, wanted), look_with(look, shown, wanted)
    got = symbol_of(after, look_after)
    check_granted(shown, wanted, _as_told(wanted, shown, got), REASONS)
    if after != spec:
        await call.submit(PutSymbol(after))
    await put_look(call, look_after)
    now = symbol_of(_spec(call, symbol), look_of(call, symbol))
    call.tell(shown, now)
    return now


def _as_told(wanted: MT5Symbol, shown: MT5Symbol, got: MT5Symbol) -> MT5Symbol:
    """Return the record as it would be, with what was told in a shorter form as it was told: sessions by hours and minutes."""
    if wanted.session_trade == shown.session_trade:
        return got
    return msgspec.structs.replace(got, session_trade=wanted.session_trade)


def _spec(call: Call, symbol: str) -> SymbolSpec:
    spec = call.state.symbols.get(symbol)
    if spec is None:
        raise not_found("symbol")
    return spec
