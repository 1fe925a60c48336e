"""The server's journal as administrators read it: what was dealt and booked, and what was asked of it through the WebAPI.

The lines are made of the history and of the audit, which have more than is shown here.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import auto

import msgspec

from prorata.access.permissions import Permission
from prorata.control.audit import Action
from prorata.messages.commands import BUY
from prorata.messages.events import Entry
from prorata.projections.rows import BalanceOperationRow, DealRow
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.performing import METHOD
from prorata.rest.webapi.registry import HISTORY_SECONDS, MT4
from prorata.rest.webapi.schemas.kinds import Names
from prorata.rest.webapi.schemas.mt4_names import EnLogType
from prorata.rest.webapi.schemas.mt4_server import MT4ServerLog
from prorata.rest.webapi.values import decimal_of, lots_of, moment_of, time_of
from prorata.units.numbers import DAY_MS, Moment

LINES_MAX = 20_000


class Code(Names):
    """What a line is about."""

    Ok = auto()
    Trade = auto()
    Login = auto()
    Err = auto()


class Line(msgspec.Struct, frozen=True):
    at: Moment
    code: Code
    message: str
    address: str = ""


_PASSWORDS = "UserPasswordCheck"
_MESSAGES = ("MailSend", "NewsSend", "NotificationsSend")

SHOWN: Mapping[EnLogType, Callable[[Line], bool]] = {
    EnLogType.Standard: lambda line: line.code in (Code.Ok, Code.Err),
    EnLogType.Logins: lambda line: line.code == Code.Login,
    EnLogType.Trades: lambda line: line.code == Code.Trade,
    EnLogType.Errors: lambda line: line.code == Code.Err,
    EnLogType.Full: lambda line: True,
    EnLogType.Updater: lambda line: False,
    EnLogType.SendMail: lambda line: any(name in line.message for name in _MESSAGES),
    EnLogType.Failover: lambda line: False,
}


@MT4.get("JournalRequest", needs=Permission.JOURNAL_READ, seconds=HISTORY_SECONDS)
async def journal_request(
    call: Call,
    from_: datetime | None = None,
    to: datetime | None = None,
    mode: EnLogType = EnLogType.Full,
    filter: str = "",
) -> list[MT4ServerLog]:
    """What was dealt, booked and asked for, of the last day unless `from` and `to` say otherwise; both belong to it."""
    end = max(call.now(), call.platform.writer.at) if to is None else moment_of(to, "to")
    begin = end - DAY_MS if from_ is None else moment_of(from_, "from")
    dealt, done = await asyncio.gather(_dealt(call, begin, end), _done(call, begin, end))
    lines = [line for line in sorted([*dealt, *done], key=lambda line: line.at) if SHOWN[mode](line)]
    if len(dealt) > LINES_MAX or len(done) > LINES_MAX:
        raise invalid("from", f"the journal has more than {LINES_MAX} lines since then; ask for a shorter time")
    wanted = filter.lower()
    return [_shown(line) for line in lines if wanted in line.message.lower()]


async def _dealt(call: Call, begin: Moment, end: Moment) -> list[Line]:
    rows = await call.sql(call.history.deals_and_operations, 0, LINES_MAX + 1, since=begin, until=end + 1)
    return [_deal_line(call, row) if isinstance(row, DealRow) else _operation_line(call, row) for row in rows]


async def _done(call: Call, begin: Moment, end: Moment) -> list[Line]:
    """Return what was asked for: the audit goes by the time of people, which is the market's unless that is simulated."""
    shift = call.control.database.now() - call.now()
    audit, about = call.control.audit, call.trade_platform.uuid
    actions = await call.sql(audit.between, begin + shift, end + shift, method=METHOD, about=about, limit=LINES_MAX + 1)
    return [_action_line(action, action.at - shift) for action in actions]


def _deal_line(call: Call, row: DealRow) -> Line:
    spec = call.state.symbols[row.symbol]
    side = "buy" if row.side is BUY else "sell"
    what = f"opens #{row.position}" if row.entry == Entry.IN else f"closes #{row.position}"
    price = decimal_of(row.price, spec.digits)
    return Line(
        row.at, Code.Trade, f"'{row.login}': deal #{row.deal} {side} {lots_of(row.volume)} {row.symbol} at {price}, {what}"
    )


def _operation_line(call: Call, row: BalanceOperationRow) -> Line:
    group = call.desk.groups[call.state.accounts[row.login].group]
    amount = decimal_of(row.amount, group.currency_digits)
    message = f"'{row.login}': {row.kind.name.lower().replace('_', ' ')} #{row.operation} {amount} {group.currency}"
    return Line(row.at, Code.Trade, f"{message} '{row.comment}'" if row.comment else message)


def _action_line(action: Action, at: Moment) -> Line:
    operation = action.method.rpartition(" ")[2]
    code = Code.Login if operation == _PASSWORDS else Code.Ok if action.outcome == "ok" else Code.Err
    return Line(at, code, f"{action.actor}: {operation} {action.outcome}", action.address)


def _shown(line: Line) -> MT4ServerLog:
    time = f"{time_of(line.at):%Y.%m.%d %H:%M:%S}.{line.at % 1_000:03d}"
    return MT4ServerLog(code=line.code, time=time, ip=line.address, message=line.message)
