"""The server itself, and who is connected to it."""

from datetime import datetime

from prorata.access.permissions import Permission
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.mt4.server_config import common_of
from prorata.rest.webapi.paging import Listed, Page
from prorata.rest.webapi.registry import MT4, MT5
from prorata.rest.webapi.schemas.mt4_server import MT4Common
from prorata.rest.webapi.schemas.mt4_users import MT4Online
from prorata.rest.webapi.values import time_of


@MT4.get("ServerTime", needs=Permission.MARKET_READ)
@MT5.get("ServerTime", needs=Permission.MARKET_READ)
async def server_time(call: Call) -> datetime:
    """The server's time, UTC."""
    return time_of(call.now())


@MT4.get("ManagerCommon", needs=Permission.SETTINGS_READ)
async def manager_common(call: Call) -> MT4Common:
    """What the server says of itself."""
    return common_of(call)


@MT4.get("OnlineGet", needs=Permission.ACCOUNTS_READ)
@MT4.get("OnlineRequest", needs=Permission.ACCOUNTS_READ)
async def online(call: Call, page: Page) -> Listed[MT4Online]:
    """Accounts whose owners are connected to the stream, by login."""
    accounts = call.state.accounts
    return await page.of(
        sorted(login for login in set(call.house.online(call.engine)) if login in accounts),
        lambda login: MT4Online(login=login, group=accounts[login].group),
    )
