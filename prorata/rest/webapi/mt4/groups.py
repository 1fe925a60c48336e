"""Groups of accounts of the MT4 surface."""

from prorata.access.permissions import Permission
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.groups import look_of, put_group, spec_of
from prorata.rest.webapi.merging import Patch, merged, names_of
from prorata.rest.webapi.mt4.group_records import (
    NO_SEC_GROUP,
    REASONS,
    SEC_GROUPS,
    group_of,
    look_with,
    sec_group_of,
    sec_margin_of,
    spec_with,
    special_symbols,
)
from prorata.rest.webapi.mt4.symbol_lists import in_group_order, specs_of, symbol_groups_of
from prorata.rest.webapi.paging import Listed, Page
from prorata.rest.webapi.registry import MT4
from prorata.rest.webapi.schemas.kinds import Record
from prorata.rest.webapi.schemas.mt4_groups import MT4Group, MT4GroupMargin, MT4GroupSec, MT4GroupUpdate

_WRITABLE = names_of(MT4GroupUpdate)


@MT4.get("GroupsGet", needs=Permission.SETTINGS_READ)
async def groups_get(call: Call) -> list[MT4Group]:
    """All groups, in the order that administrators gave them."""
    return [_shown(call, name) for name in in_group_order(call, call.state.groups)]


@MT4.get("GroupsRequest", needs=Permission.SETTINGS_READ)
async def groups_request(call: Call, page: Page) -> Listed[MT4Group]:
    """All groups, by name."""
    return await page.of(sorted(call.state.groups), lambda name: _shown(call, name))


@MT4.get("GroupRecordGet/{group}", needs=Permission.SETTINGS_READ)
async def group_record_get(call: Call, group: str) -> MT4Group:
    """One group; case matters."""
    return _shown(call, group)


@MT4.get("EnsureGroupNameExist/{group}", needs=Permission.SETTINGS_READ)
async def ensure_group_name_exist(call: Call, group: str) -> bool:
    """Whether there is a group of this name; case matters."""
    return group in call.state.groups


@MT4.get("GroupSecGroupsGet/{group}", needs=Permission.SETTINGS_READ)
async def group_sec_groups_get(call: Call, group: str) -> list[MT4GroupSec]:
    """A group's terms for each group of symbols, in 32 places; those not traded have `trade` 0."""
    spec = spec_of(call, group)
    symbols = specs_of(call)
    rows = [sec_group_of(spec, [symbol for symbol in symbols if symbol.category == one.name]) for one in symbol_groups_of(call)]
    return rows + [NO_SEC_GROUP] * (SEC_GROUPS - len(rows))


@MT4.get("GroupSecMarginsGet/{group}", needs=Permission.SETTINGS_READ)
async def group_sec_margins_get(call: Call, group: str) -> list[MT4GroupMargin]:
    """What a group has different about the swap or the margin of single symbols."""
    symbols = call.state.symbols
    return [sec_margin_of(own, symbols[own.symbol]) for own in special_symbols(spec_of(call, group)) if own.symbol in symbols]


@MT4.post("GroupRecordUpdate/{group}", needs=Permission.SETTINGS_WRITE)
async def group_record_update(call: Call, group: str, given: MT4GroupUpdate) -> MT4Group:
    """Change a group. What is not given stays as it is."""
    return await _changed(call, group, given)


@MT4.patch("GroupRecord/{group}", needs=Permission.SETTINGS_WRITE)
async def group_record(call: Call, group: str, given: Patch) -> MT4Group:
    """Change fields of a group."""
    return await _changed(call, group, given)


async def _changed(call: Call, group: str, given: Patch | Record) -> MT4Group:
    spec, look = spec_of(call, group), look_of(call, group)
    shown = group_of(spec, look)
    wanted = merged(shown, given, _WRITABLE)
    after = spec_with(spec, shown, wanted), look_with(look, wanted)
    return await put_group(call, (spec, look), after, group_of, wanted, REASONS)


def _shown(call: Call, group: str) -> MT4Group:
    return group_of(spec_of(call, group), look_of(call, group))
