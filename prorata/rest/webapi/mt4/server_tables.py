"""The lists of the server's configuration that are kept beside the engine: firewall, access servers, feeders, gateway
accounts, live update, synchronisation. Each can be read, changed, moved and shortened.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from prorata.access.permissions import Permission
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.mt4.firewall import ADDRESS_MAX, check_rules
from prorata.rest.webapi.mt4.stored import Table
from prorata.rest.webapi.paging import Listed, Page
from prorata.rest.webapi.registry import MT4, How
from prorata.rest.webapi.schemas.kinds import Int32
from prorata.rest.webapi.schemas.mt4_feeds import MT4Feeder, MT4GatewayAccount, MT4Sync
from prorata.rest.webapi.schemas.mt4_server import MT4Access, MT4DataServer, MT4LiveUpdate

TEXT_LENGTH_MAX = 256
NOTIFIED_MAX = 8
VENUE_ID = 0
"""of the gateway account that stands for our own venue; the streams of copy trading have their own numbers, from 1"""


def check_texts(call: Call, rows: Sequence[msgspec.Struct]) -> None:
    """Raise `Failure` for a text that is too long to be a setting."""
    for row in rows:
        for field in msgspec.structs.fields(row):
            value = getattr(row, field.name)
            if isinstance(value, str) and len(value) > TEXT_LENGTH_MAX:
                raise invalid(field.encode_name, f"has more than {TEXT_LENGTH_MAX} characters")


def _check_access(call: Call, rows: Sequence[MT4Access]) -> None:
    check_texts(call, rows)
    check_rules(call, rows)


def _check_data_servers(call: Call, rows: Sequence[MT4DataServer]) -> None:
    check_texts(call, rows)
    for row in rows:
        for field, value in (("loading", row.loading), ("ipInternal", row.ip_internal)):
            if not 0 <= value <= ADDRESS_MAX:
                raise invalid(field, f"must be from 0 to {ADDRESS_MAX}")


def _check_gateway_accounts(call: Call, rows: Sequence[MT4GatewayAccount]) -> None:
    check_texts(call, rows)
    if any(len(row.notify_logins or ()) > NOTIFIED_MAX for row in rows):
        raise invalid("notifyLogins", f"has more than {NOTIFIED_MAX} places")


def _check_named(field: str) -> Any:
    """Return a check that each row has a name, by which it is known."""

    def check(call: Call, rows: Sequence[Any]) -> None:
        check_texts(call, rows)
        if any(not getattr(row, field) for row in rows):
            raise invalid(field, "must be given: the row is known by it")

    return check


def our_feeders(call: Call) -> list[MT4Feeder]:
    """Return the feed that quotes this platform, if there is one."""
    upkeep = call.trade_platform.upkeep
    feed = None if upkeep is None else upkeep.feed()
    if feed is None:
        return []
    return [MT4Feeder(name=feed.name, file=feed.source, server="", login="", keywords="", enable=1)]


def our_venue(call: Call) -> str:
    """Return the name of the venue that executes the A-book; "" if there is none."""
    upkeep = call.trade_platform.upkeep
    return (upkeep.venue() or "") if upkeep is not None else ""


def _our_gateway_accounts(call: Call) -> list[MT4GatewayAccount]:
    """Return the venue, and the streams by which copy trading reaches it."""
    venue = our_venue(call)
    streams = sorted(call.platform.engine.copy.state.streams.values(), key=lambda stream: stream.id)
    accounts = [(VENUE_ID, venue)] if venue else []
    return [
        MT4GatewayAccount(enable=True, name=name, id=number, address="", notify_logins=())
        for number, name in (*accounts, *((stream.id, stream.name) for stream in streams))
    ]


ACCESS = Table("access", MT4Access, name="Access", what="firewall rule", check=_check_access)
DATA_SERVERS = Table("data servers", MT4DataServer, name="DataServer", what="access server", check=_check_data_servers)
FEEDERS = Table(
    "feeders", MT4Feeder, name="Feeder", what="feeder", key_of=lambda row: row.name, ours=our_feeders,
    check=_check_named("name"),
)  # fmt: skip
GATEWAY_ACCOUNTS = Table(
    "gateway accounts", MT4GatewayAccount, name="GatewayAccount", what="gateway account", key_of=lambda row: row.id,
    ours=_our_gateway_accounts, check=_check_gateway_accounts,
)  # fmt: skip
LIVE_UPDATES = Table(
    "live updates", MT4LiveUpdate, name="LiveUpdate", what="live update", key_of=lambda row: row.company,
    check=_check_named("company"),
)  # fmt: skip
SYNCS = Table(
    "syncs", MT4Sync, name="Sync", what="synchronisation rule", key_of=lambda row: (row.server, row.login),
    check=_check_named("server"),
)  # fmt: skip


@MT4.get("CfgRequestAccess", needs=Permission.SETTINGS_READ)
async def cfg_request_access(call: Call, page: Page) -> Listed[MT4Access]:
    """The firewall: which addresses may use the platform, the first rule that covers one deciding."""
    return await ACCESS.page(call, page)


@MT4.post("CfgUpdateAccess/{pos}", needs=Permission.SERVER_MANAGE)
async def cfg_update_access(call: Call, pos: Int32, given: MT4Access, add: bool = False) -> MT4Access:
    """Change a rule of the firewall; it holds from the next call on."""
    return await ACCESS.put_at(call, pos, given, add=add)


@MT4.get("CfgRequestDataServer", needs=Permission.SETTINGS_READ, how=How.STORED)
async def cfg_request_data_server(call: Call, page: Page) -> Listed[MT4DataServer]:
    """The access servers."""
    return await DATA_SERVERS.page(call, page)


@MT4.post("CfgUpdateDataServer/{pos}", needs=Permission.SETTINGS_WRITE, how=How.STORED)
async def cfg_update_data_server(call: Call, pos: Int32, given: MT4DataServer, add: bool = False) -> MT4DataServer:
    """Change an access server."""
    return await DATA_SERVERS.put_at(call, pos, given, add=add)


@MT4.get("CfgRequestFeeder", needs=Permission.SETTINGS_READ)
async def cfg_request_feeder(call: Call, page: Page) -> Listed[MT4Feeder]:
    """The feeders: the platform's own feed first, then those that are only kept."""
    return await FEEDERS.page(call, page)


@MT4.post("CfgUpdateFeeder", needs=Permission.SETTINGS_WRITE, how=How.STORED)
async def cfg_update_feeder(call: Call, given: MT4Feeder, add: bool = False) -> MT4Feeder:
    """Change a feeder that is only kept; the platform's own feed is set where the server is set up."""
    return await FEEDERS.put(call, given, add=add)


@MT4.get("CfgRequestGatewayAccount", needs=Permission.SETTINGS_READ)
async def cfg_request_gateway_account(call: Call, page: Page) -> Listed[MT4GatewayAccount]:
    """The gateway accounts: the venue of the A-book first, then those that are only kept."""
    return await GATEWAY_ACCOUNTS.page(call, page)


@MT4.post("CfgUpdateGatewayAccount", needs=Permission.SETTINGS_WRITE, how=How.STORED)
async def cfg_update_gateway_account(call: Call, given: MT4GatewayAccount, add: bool = False) -> MT4GatewayAccount:
    """Change a gateway account that is only kept; the venue is set where the server is set up."""
    return await GATEWAY_ACCOUNTS.put(call, given, add=add)


@MT4.get("CfgRequestLiveUpdate", needs=Permission.SETTINGS_READ, how=How.STORED)
async def cfg_request_live_update(call: Call, page: Page) -> Listed[MT4LiveUpdate]:
    """The settings of live update."""
    return await LIVE_UPDATES.page(call, page)


@MT4.post("CfgUpdateLiveUpdate", needs=Permission.SETTINGS_WRITE, how=How.STORED)
async def cfg_update_live_update(call: Call, given: MT4LiveUpdate, add: bool = False) -> MT4LiveUpdate:
    """Change settings of live update; nothing is ever distributed."""
    return await LIVE_UPDATES.put(call, msgspec.structs.replace(given, connections=0), add=add)


@MT4.get("CfgRequestSync", needs=Permission.SETTINGS_READ, how=How.STORED)
async def cfg_request_sync(call: Call, page: Page) -> Listed[MT4Sync]:
    """The rules by which charts would be taken over from other servers."""
    return await SYNCS.page(call, page)


@MT4.post("CfgUpdateSync", needs=Permission.SETTINGS_WRITE, how=How.STORED)
async def cfg_update_sync(call: Call, given: MT4Sync, add: bool = False) -> MT4Sync:
    """Change a rule of synchronisation; charts are made of our own quotes alone."""
    return await SYNCS.put(call, given, add=add)


def _register(table: Table[Any], needs: Permission, how: How) -> None:
    """Register how rows are moved and removed: the same for every list."""

    @MT4.post(f"CfgDelete{table.name}/{{pos}}", needs=needs, how=how)
    async def remove(call: Call, pos: Int32) -> bool:
        """Remove a row of the list."""
        return await table.remove(call, pos)

    @MT4.post(f"CfgShift{table.name}/{{pos}}", needs=needs, how=how)
    async def move(call: Call, pos: Int32, shift: Int32 = 0) -> bool:
        """Move a row of the list by so many places, down where it is positive."""
        return await table.move(call, pos, shift)


_register(ACCESS, Permission.SERVER_MANAGE, How.WORKS)
for _table in (DATA_SERVERS, FEEDERS, GATEWAY_ACCOUNTS, LIVE_UPDATES, SYNCS):
    _register(_table, Permission.SETTINGS_WRITE, How.STORED)
