"""Symbols, their groups and account groups as rows of lists: order, names of groups, and taking symbols away."""

from prorata.access.permissions import Permission
from prorata.messages.commands import RemoveSymbol
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import failure_of
from prorata.rest.webapi.mt4.stored import check_place
from prorata.rest.webapi.mt4.symbol_lists import looks_of, move_group, move_symbol, put_symbol_group
from prorata.rest.webapi.registry import MT4
from prorata.rest.webapi.schemas.kinds import Int32
from prorata.rest.webapi.schemas.mt4_symbols import MT4SymbolGroup


@MT4.post("CfgUpdateSymbolGroup/{pos}", needs=Permission.SETTINGS_WRITE)
async def cfg_update_symbol_group(call: Call, pos: Int32, given: MT4SymbolGroup, add: bool = False) -> MT4SymbolGroup:
    """Name and describe a group of symbols; its symbols get the name as their category."""
    return await put_symbol_group(call, pos, given, add=add)


@MT4.post("CfgDeleteSymbol/{pos}", needs=Permission.SETTINGS_WRITE)
async def cfg_delete_symbol(call: Call, pos: Int32) -> bool:
    """Take a symbol away that nobody holds or orders, and that no history names; others can be hidden."""
    looks = looks_of(call)
    check_place(looks, pos, "symbol")
    symbol = looks[pos].symbol
    if await call.sql(call.history.names_symbol, symbol):
        raise failure_of(Refused(Refusal.SYMBOL_IN_USE, "its history names it; hide it instead (SymbolHide)"))
    if call.platform.engine.copy.state.specs and symbol != next(reversed(call.state.symbols)):
        raise failure_of(Refused(Refusal.SYMBOL_IN_USE, "RAMM numbers symbols by their places; hide it instead (SymbolHide)"))
    await call.submit(RemoveSymbol(symbol))
    return True


@MT4.post("CfgShiftSymbol/{pos}", needs=Permission.SETTINGS_WRITE)
async def cfg_shift_symbol(call: Call, pos: Int32, shift: Int32 = 0) -> bool:
    """Move a symbol within the list, down where it is positive."""
    await move_symbol(call, pos, shift)
    return True


@MT4.post("CfgShiftGroup/{pos}", needs=Permission.SETTINGS_WRITE)
async def cfg_shift_group(call: Call, pos: Int32, shift: Int32 = 0) -> bool:
    """Move an account group within the list, down where it is positive."""
    await move_group(call, pos, shift)
    return True
