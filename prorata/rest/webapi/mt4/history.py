"""An account's trades that are over."""

from datetime import datetime

from prorata.access.permissions import Permission
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.mt4.past import past_trades, up_to_date
from prorata.rest.webapi.registry import HISTORY_SECONDS, MT4
from prorata.rest.webapi.schemas.kinds import Int32
from prorata.rest.webapi.schemas.mt4_trades import MT4Trade
from prorata.rest.webapi.values import is_no_time, moment_of
from prorata.units.numbers import SECOND_MS, Moment


@MT4.get("TradesUserHistory/{login}", needs=Permission.TRADES_READ, seconds=HISTORY_SECONDS)
async def trades_user_history(
    call: Call, login: Int32, from_time: datetime | None = None, to_time: datetime | None = None
) -> list[MT4Trade]:
    """What an account closed, booked and deleted, by the time it was over; both ends of the span belong to it."""
    call.account(login)
    since, until = span_of(from_time, to_time, "fromTime", "toTime")
    await up_to_date(call)
    return await past_trades(call, login, since=since, until=until)


def span_of(from_: datetime | None, to: datetime | None, from_name: str, to_name: str) -> tuple[Moment | None, Moment | None]:
    """Return a span in whole seconds as [since, until). Raises `Failure` for one that ends before it begins."""
    since = None if from_ is None or is_no_time(from_) else _second_of(moment_of(from_, from_name))
    until = None if to is None else _second_of(moment_of(to, to_name)) + SECOND_MS
    if since is not None and until is not None and until <= since:
        raise invalid(to_name, f"is before {from_name}")
    return since, until


def _second_of(moment: Moment) -> Moment:
    return moment - moment % SECOND_MS
