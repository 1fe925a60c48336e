"""The server's own settings: its name, the hours it is open, when backups are written, who manages it."""

from importlib.metadata import version
from typing import Any

import msgspec
from msgspec import UNSET

from prorata.access.permissions import Permission
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.callers import StaffMember
from prorata.rest.webapi.errors import Failure, invalid, not_found, unsupported
from prorata.rest.webapi.mt4.server_tables import check_texts
from prorata.rest.webapi.mt4.stored import StoredList, check_place
from prorata.rest.webapi.paging import Listed, Page
from prorata.rest.webapi.registry import MT4, How
from prorata.rest.webapi.schemas.kinds import NO_TIME, Int32
from prorata.rest.webapi.schemas.mt4_names import WatchdogState
from prorata.rest.webapi.schemas.mt4_server import (
    MT4Backup,
    MT4Common,
    MT4CommonUpdate,
    MT4ManagerRights,
    MT4ServerTime,
)
from prorata.rest.webapi.values import time_of

NAME_LENGTH_MAX = 128
KEEP_DAYS_MAX = 36_500
HOURS_OF_WEEK = 168
_ALWAYS = (1,) * HOURS_OF_WEEK

_ELSEWHERE = {
    "time_zone": "the server's clock, its days and its sessions are in UTC",
    "daylight_correction": "the server's clock is UTC, which knows no summer time",
    "time_zone_real": "the server's clock, its days and its sessions are in UTC",
    "time_sync": "the clock is that of the host",
    "min_client": "no terminals connect here",
    "min_api": "every program that keeps to the published description may connect",
    "keep_ticks": "for how long ticks are kept is a setting of the installation (retention.ticks)",
    "anti_flood": "how often a program may call is a setting of the installation (limits.calls_per_second)",
    "flood_control": "how often a program may call is a setting of the installation (limits.calls_per_second)",
}
"""Settings that a server of ours does not have in this place, and why."""


class CommonSettings(msgspec.Struct, kw_only=True):
    """`name` and `owner` "": those of the trade platform and its organization. `keep_emails`: days; 0 is for ever."""

    name: str = ""
    owner: str = ""
    keep_emails: int = 0


_COMMON = StoredList("common", CommonSettings)
_TIME = StoredList("time", MT4ServerTime)
_BACKUP = StoredList("backup", MT4Backup)


# The server.


def common_settings_of(call: Call) -> CommonSettings:
    return next(iter(_COMMON.of(call)), CommonSettings())


def common_of(call: Call) -> MT4Common:
    """Return what the server says of itself."""
    settings = common_settings_of(call)
    major, minor, build = (int(part) for part in version("prorata").split(".")[:3])
    return MT4Common(
        name=settings.name or call.trade_platform.name,
        owner=settings.owner or call.trade_platform.organization.name,
        build=build,
        version=major * 100 + minor,
    )


@MT4.get("CfgRequestCommon", needs=Permission.SETTINGS_READ)
async def cfg_request_common(call: Call) -> MT4Common:
    """What the server says of itself."""
    return common_of(call)


@MT4.post("CfgUpdateCommon", needs=Permission.SETTINGS_WRITE)
async def cfg_update_common(call: Call, given: MT4CommonUpdate) -> MT4Common:
    """Change the server's name, its owner's name, and for how many days mail is kept."""
    for field in msgspec.structs.fields(MT4CommonUpdate):
        if field.name in _ELSEWHERE and getattr(given, field.name) not in (UNSET, None, "", 0):
            raise invalid(field.encode_name, _ELSEWHERE[field.name])
    changes: dict[str, Any] = {}
    for name in ("name", "owner"):
        text = getattr(given, name)
        if text is not UNSET:
            changes[name] = _checked_name(name, text or "")
    if given.keep_emails is not UNSET:
        if not 0 <= given.keep_emails <= KEEP_DAYS_MAX:
            raise invalid("keepEmails", f"must be from 0 to {KEEP_DAYS_MAX} days")
        changes["keep_emails"] = given.keep_emails
    await _COMMON.change(
        call, lambda rows: [msgspec.structs.replace(next(iter(rows), CommonSettings()), **changes)] if changes else rows
    )
    return common_of(call)


def _checked_name(field: str, name: str) -> str:
    if len(name) > NAME_LENGTH_MAX or not name.isprintable():
        raise invalid(field, f"must have at most {NAME_LENGTH_MAX} printable characters")
    return name


@MT4.get("CfgRequestTime", needs=Permission.SETTINGS_READ, how=How.STORED)
async def cfg_request_time(call: Call) -> MT4ServerTime:
    """The hours of the week in which the server is said to be open."""
    return next(iter(_TIME.of(call)), MT4ServerTime(access_hours=_ALWAYS))


@MT4.post("CfgUpdateTime", needs=Permission.SETTINGS_WRITE, how=How.STORED)
async def cfg_update_time(call: Call, given: MT4ServerTime) -> MT4ServerTime:
    """Change the hours in which the server is said to be open: nobody is turned away; symbols have hours of their own."""
    if len(given.access_hours or ()) != HOURS_OF_WEEK:
        raise invalid("accessHours", f"must have {HOURS_OF_WEEK} hours, from Sunday 00:00 on")
    if any(hour not in (0, 1) for hour in given.access_hours or ()):
        raise invalid("accessHours", "has something else than 0 and 1")
    await _TIME.change(call, lambda rows: [given])
    return given


# Backups' settings.


@MT4.get("CfgRequestBackup", needs=Permission.SETTINGS_READ, how=How.STORED)
async def cfg_request_backup(call: Call) -> MT4Backup:
    """The schedule of backups that is kept, with the time of the newest one that there is."""
    return await _with_newest(call, next(iter(_BACKUP.of(call)), MT4Backup()))


@MT4.post("CfgUpdateBackup", needs=Permission.SETTINGS_WRITE, how=How.STORED)
async def cfg_update_backup(call: Call, given: MT4Backup) -> MT4Backup:
    """Change the schedule that is kept: backups are snapshots of the journal, after as many commands as is set."""
    check_texts(call, [given])
    kept = msgspec.structs.replace(
        given, full_backup_last_time=NO_TIME, archive_last_time=NO_TIME, export_last_time=NO_TIME,
        watch_state=WatchdogState.Disconnected, watch_timestamp=0,
    )  # fmt: skip
    await _BACKUP.change(call, lambda rows: [kept])
    return await _with_newest(call, kept)


async def _with_newest(call: Call, settings: MT4Backup) -> MT4Backup:
    upkeep = call.trade_platform.upkeep
    backups = [] if upkeep is None else await call.sql(upkeep.backups)
    newest = time_of(backups[-1].at) if backups else NO_TIME
    return msgspec.structs.replace(settings, full_backup_last_time=newest)


# Managers. They are the organization's members.

_MEMBERS_ELSEWHERE = "Managers are members of the organization: change them in its workspace"


def _rights_of(member: StaffMember) -> MT4ManagerRights:
    may = member.grant.may
    return MT4ManagerRights(
        login=member.number,
        name=member.name,
        groups="*",
        mail_box=member.name,
        manager=may(Permission.ACCOUNTS_WRITE),
        money=may(Permission.MONEY_MOVE),
        online=may(Permission.ACCOUNTS_READ),
        risk_man=may(Permission.REPORTS_READ),
        broker=may(Permission.TRADES_DEAL),
        admin=may(Permission.SETTINGS_WRITE),
        logs=may(Permission.JOURNAL_READ),
        reports=may(Permission.REPORTS_READ),
        trades=may(Permission.TRADES_CORRECT),
        market_watch=may(Permission.MARKET_WRITE),
        email=may(Permission.MESSAGES_SEND),
        user_details=may(Permission.ACCOUNTS_READ),
        see_trades=may(Permission.TRADES_READ),
        news=may(Permission.MESSAGES_SEND),
        market=may(Permission.MARKET_READ),
        notifications=may(Permission.MESSAGES_SEND),
        server_reports=may(Permission.REPORTS_READ),
    )


async def _staff(call: Call) -> list[StaffMember]:
    return sorted(await call.sql(call.house.staff, call.trade_platform), key=lambda member: member.number)


@MT4.get("CfgRequestManager", needs=Permission.SETTINGS_READ)
async def cfg_request_manager(call: Call, page: Page) -> Listed[MT4ManagerRights]:
    """The people who may work on the platform, and what each may do."""
    staff = {member.number: member for member in await _staff(call)}
    return await page.of(list(staff), lambda number: _rights_of(staff[number]))


@MT4.post("CfgUpdateManager", needs=Permission.MEMBERS_MANAGE, how=How.REFUSED)
async def cfg_update_manager(call: Call, given: MT4ManagerRights) -> MT4ManagerRights:
    """Managers are members of the organization, and are changed in its workspace."""
    if all(member.number != given.login for member in await _staff(call)):
        raise not_found("manager")
    raise unsupported(_MEMBERS_ELSEWHERE)


@MT4.post("CfgDeleteManager/{pos}", needs=Permission.MEMBERS_MANAGE, how=How.REFUSED)
async def cfg_delete_manager(call: Call, pos: Int32) -> bool:
    """Managers are members of the organization, and leave it in its workspace."""
    raise await _no_change(call, pos)


@MT4.post("CfgShiftManager/{pos}", needs=Permission.MEMBERS_MANAGE, how=How.REFUSED)
async def cfg_shift_manager(call: Call, pos: Int32, shift: Int32 = 0) -> bool:
    """Managers stand in the order of their numbers."""
    raise await _no_change(call, pos)


async def _no_change(call: Call, pos: int) -> Failure:
    check_place(await _staff(call), pos, "manager")
    return unsupported(_MEMBERS_ELSEWHERE)
