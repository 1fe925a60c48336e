"""The server itself: its time."""

from datetime import datetime

from prorata.access.permissions import Permission
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.registry import MT4, MT5
from prorata.rest.webapi.values import time_of


@MT4.get("ServerTime", needs=Permission.MARKET_READ)
@MT5.get("ServerTime", needs=Permission.MARKET_READ)
async def server_time(call: Call) -> datetime:
    """The server's time, UTC."""
    return time_of(call.now())
