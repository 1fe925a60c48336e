"""What is done to the server as a whole: its feed, its charts, its program."""

from prorata.access.permissions import Permission
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import Failure, ResultCode, unsupported
from prorata.rest.webapi.mt4.server_tables import our_feeders
from prorata.rest.webapi.paging import Listed, Page
from prorata.rest.webapi.registry import HISTORY_SECONDS, MAINTENANCE_SECONDS, MT4, How
from prorata.rest.webapi.schemas.mt4_feeds import MT4Feeder
from prorata.rest.webapi.upkeep import Upkeep, UpkeepFailed


@MT4.get("SrvFeeders", needs=Permission.SETTINGS_READ)
async def srv_feeders(call: Call, page: Page) -> Listed[MT4Feeder]:
    """The feeders that run: the platform's own feed."""
    feeders = {feeder.name or "": feeder for feeder in our_feeders(call)}
    return await page.of(sorted(feeders), feeders.__getitem__)


@MT4.get("SrvFeederLog/{name}", needs=Permission.JOURNAL_READ, seconds=HISTORY_SECONDS)
async def srv_feeder_log(call: Call, name: str) -> str:
    """What happened to a feeder; empty for one that is not known."""
    upkeep = call.trade_platform.upkeep
    feed = None if upkeep is None else upkeep.feed()
    if upkeep is None or feed is None or feed.name != name:
        return ""
    return "\n".join(upkeep.feed_log())


@MT4.get("LicenseCheck/{licenseName}", needs=Permission.SETTINGS_READ)
async def license_check(call: Call, license_name: str) -> bool:
    """Whether a licence is known: this server has none, and needs none."""
    return False


@MT4.post("SrvFeedsRestart", needs=Permission.SERVER_MANAGE, seconds=MAINTENANCE_SECONDS, confirm=True)
async def srv_feeds_restart(call: Call) -> bool:
    """Begin the feed anew where it is in time."""
    upkeep = _upkeep(call)
    try:
        await upkeep.restart_feed()
    except UpkeepFailed as failure:
        raise _failed(failure) from None
    return True


@MT4.post("SrvChartsSync", needs=Permission.SERVER_MANAGE, seconds=MAINTENANCE_SECONDS, confirm=True)
async def srv_charts_sync(call: Call) -> bool:
    """Make ticks and candles anew from the journal."""
    upkeep = _upkeep(call)
    try:
        await upkeep.rebuild_candles()
    except UpkeepFailed as failure:
        raise _failed(failure) from None
    return True


@MT4.post("SrvRestart", needs=Permission.SERVER_MANAGE, seconds=MAINTENANCE_SECONDS, confirm=True, how=How.REFUSED)
async def srv_restart(call: Call) -> bool:
    """One process serves many platforms: it is restarted by whoever runs it, and loses nothing by that."""
    raise unsupported("A hosted platform is restarted with the process that runs it, by whoever runs that")


@MT4.post("SrvLiveUpdateStart", needs=Permission.SERVER_MANAGE, seconds=MAINTENANCE_SECONDS, confirm=True, how=How.REFUSED)
async def srv_live_update_start(call: Call) -> bool:
    """There are no terminals here that are updated by the server."""
    raise unsupported("This trade server distributes no programs")


def _upkeep(call: Call) -> Upkeep:
    upkeep = call.trade_platform.upkeep
    if upkeep is None:
        raise unsupported("The platform does not run in the process that answers")
    return upkeep


def _failed(failure: UpkeepFailed) -> Failure:
    return Failure(None, str(failure), manager=ResultCode.TechProblem)
