"""Groups of accounts of the MT5 surface."""

from prorata.access.permissions import Permission
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.groups import look_of, put_group, spec_of
from prorata.rest.webapi.merging import Patch, merged
from prorata.rest.webapi.mt5.group_records import REASONS, WRITABLE, group_of, look_with, spec_with
from prorata.rest.webapi.registry import MT5
from prorata.rest.webapi.schemas.mt5_groups import MT5ConGroup


@MT5.get("GroupGet/{group}", needs=Permission.SETTINGS_READ)
async def group_get(call: Call, group: str) -> MT5ConGroup:
    """One group; case matters."""
    return group_of(spec_of(call, group), look_of(call, group))


@MT5.patch("GroupRecord/{group}", needs=Permission.SETTINGS_WRITE)
async def group_record(call: Call, group: str, given: Patch) -> MT5ConGroup:
    """Change fields of a group."""
    spec, look = spec_of(call, group), look_of(call, group)
    shown = group_of(spec, look)
    wanted = merged(shown, given, WRITABLE)
    after = spec_with(spec, shown, wanted), look_with(look, wanted)
    return await put_group(call, (spec, look), after, group_of, wanted, REASONS)
