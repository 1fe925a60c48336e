"""The order of symbols, of their groups and of account groups, as administrators see them. The engine knows no order.

A list that was never ordered has the engine's order, and what is new comes last.
"""

from collections.abc import Iterable, Sequence

import msgspec

from prorata.messages.commands import PutSymbols
from prorata.messages.symbols import SymbolSpec
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.mt4.stored import Order, StoredList, check_place, moved
from prorata.rest.webapi.mt4.symbol_records import SymbolLook
from prorata.rest.webapi.schemas.mt4_symbols import MT4SymbolGroup

NAME_LENGTH_MAX = 64
DESCRIPTION_LENGTH_MAX = 256


_LOOKS = StoredList("symbols", SymbolLook)
_SYMBOL_GROUPS = StoredList("symbol groups", MT4SymbolGroup)
_GROUPS = Order("groups", "group")


# Symbols.


def looks_of(call: Call) -> list[SymbolLook]:
    """Return what is kept about every symbol, in order."""
    return _complete(_LOOKS.of(call), call.state.symbols)


def specs_of(call: Call) -> list[SymbolSpec]:
    """Return every symbol, in order."""
    return [call.state.symbols[look.symbol] for look in looks_of(call)]


def look_of(call: Call, symbol: str) -> SymbolLook:
    return next((look for look in _LOOKS.of(call) if look.symbol == symbol), SymbolLook(symbol=symbol))


async def put_look(call: Call, look: SymbolLook) -> None:
    """Keep what is to be kept about a symbol, in its place."""
    if look == look_of(call, look.symbol):
        return
    names = list(call.state.symbols)

    def put(looks: list[SymbolLook]) -> list[SymbolLook]:
        return [look if before.symbol == look.symbol else before for before in _complete(looks, names)]

    await _LOOKS.change(call, put)


async def move_symbol(call: Call, pos: int, shift: int) -> None:
    """Raises `Failure`."""
    names = list(call.state.symbols)
    await _LOOKS.change(call, lambda looks: moved(_complete(looks, names), pos, shift, "symbol"))


def _complete(looks: Sequence[SymbolLook], symbols: Iterable[str]) -> list[SymbolLook]:
    """Return a look for each symbol that there is: those that are kept first, in their order."""
    left = dict.fromkeys(symbols)
    kept = [look for look in looks if left.pop(look.symbol, look) is None]
    return [*kept, *(SymbolLook(symbol=symbol) for symbol in left)]


# Groups of symbols. They are the symbols' categories, with a description.


def symbol_groups_of(call: Call) -> list[MT4SymbolGroup]:
    """Return the groups; a symbol's `type` is the place of its own."""
    return _with_categories(_SYMBOL_GROUPS.of(call), specs_of(call))


def _with_categories(groups: Sequence[MT4SymbolGroup], specs: Iterable[SymbolSpec]) -> list[MT4SymbolGroup]:
    known = {group.name for group in groups}
    categories = dict.fromkeys(spec.category for spec in specs if spec.category not in known)
    return [*groups, *(MT4SymbolGroup(name=category, description="") for category in categories)]


async def put_symbol_group(call: Call, pos: int, given: MT4SymbolGroup, *, add: bool) -> MT4SymbolGroup:
    """Name and describe a group: its symbols get the new category. Raises `Failure`."""
    group = MT4SymbolGroup(name=given.name or "", description=given.description or "")
    specs = specs_of(call)
    groups = symbol_groups_of(call)
    is_new = add and pos == len(groups)
    if not is_new:
        check_place(groups, pos, "symbol group")
    _check_group(groups, pos, group)
    if not is_new:
        await _rename(call, groups[pos].name or "", group.name or "")

    def put(stored: list[MT4SymbolGroup]) -> list[MT4SymbolGroup]:
        complete = _with_categories(stored, specs)
        return [*complete[:pos], group, *complete[pos + 1 :]]

    await _SYMBOL_GROUPS.change(call, put)
    return group


def _check_group(groups: Sequence[MT4SymbolGroup], pos: int, group: MT4SymbolGroup) -> None:
    name, description = group.name or "", group.description or ""
    if not 1 <= len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        raise invalid("name", f"must have 1 to {NAME_LENGTH_MAX} printable characters")
    if len(description) > DESCRIPTION_LENGTH_MAX:
        raise invalid("description", f"has more than {DESCRIPTION_LENGTH_MAX} characters")
    if any(other.name == name for place, other in enumerate(groups) if place != pos):
        raise invalid("name", "another symbol group has it")


async def _rename(call: Call, before: str, after: str) -> None:
    if before == after:
        return
    specs = [spec for spec in call.state.symbols.values() if spec.category == before]
    if specs:
        await call.submit(PutSymbols(tuple(msgspec.structs.replace(spec, category=after) for spec in specs)))


# Account groups.


def in_group_order(call: Call, names: Iterable[str]) -> list[str]:
    """Return account groups in the order that administrators gave them."""
    return _GROUPS.of(call, names)


async def move_group(call: Call, pos: int, shift: int) -> None:
    """Raises `Failure`."""
    await _GROUPS.move(call, call.state.groups, pos, shift)
