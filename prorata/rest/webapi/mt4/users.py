"""Trading accounts of the MT4 surface: reading, opening, changing, and operations on many of them."""

from prorata.access.permissions import Permission
from prorata.control.account_cards.cards import AccountCard
from prorata.messages.commands import Access, ChangeAccount, OpenAccount
from prorata.messages.events import AccountOpened
from prorata.rest.webapi.accounts import (
    Wanted,
    change_account,
    changed_fields,
    check_card,
    logins_of,
    standing_of,
    standings_of,
)
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.masks import matching
from prorata.rest.webapi.merging import Patch, merged
from prorata.rest.webapi.mt4.user_records import FLAGS_NEW, PUBLISHED, WRITABLE, access_of, card_of, user_of, wanted_of
from prorata.rest.webapi.paging import Listed, Page
from prorata.rest.webapi.registry import HISTORY_SECONDS, MAINTENANCE_SECONDS, MT4
from prorata.rest.webapi.schemas.kinds import Int32, Login32, Record
from prorata.rest.webapi.schemas.mt4_users import MT4User, MT4UserCreate, MT4UserUpdate
from prorata.units.numbers import Login

DEMO = "demo"
"""Groups whose names begin so have demo accounts."""


@MT4.get("UserRecordGet/{login}", needs=Permission.ACCOUNTS_READ)
@MT4.get("UserRecordRequest/{login}", needs=Permission.ACCOUNTS_READ)
async def user_record_get(call: Call, login: Login32) -> MT4User:
    """One account."""
    return user_of(await standing_of(call, login))


@MT4.get("UserRecordsRequest", needs=Permission.ACCOUNTS_READ)
async def user_records_request(call: Call, logins: list[Int32] | None = None) -> list[MT4User]:
    """Accounts by their logins; those that there are not are left out."""
    return [user_of(standing) for standing in await standings_of(call, dict.fromkeys(logins or ()))]


@MT4.get("UsersRequest", needs=Permission.ACCOUNTS_READ)
async def users_request(call: Call, page: Page) -> Listed[MT4User]:
    """All accounts, by login."""
    part, next_cursor = page.part(await logins_of(call))
    return Listed([user_of(standing) for standing in await standings_of(call, part)], next_cursor)


@MT4.get("UsersSnapshot", needs=Permission.ACCOUNTS_READ, seconds=HISTORY_SECONDS)
async def users_snapshot(call: Call, limit: Int32 = 100_000) -> list[MT4User]:
    """All accounts, by login, as many as `limit` says."""
    if limit < 1:
        raise invalid("limit", "must be above 0")
    return [user_of(standing) for standing in await standings_of(call, (await logins_of(call))[:limit])]


@MT4.get("AdmUsersRequestSafe/{group}", needs=Permission.ACCOUNTS_READ, seconds=HISTORY_SECONDS)
async def adm_users_request_safe(call: Call, group: str) -> list[MT4User]:
    """Accounts of a group, or of those that a mask means: `demo*,!demo-vip`."""
    groups = set(matching(call.state.groups, group))
    accounts = call.state.accounts
    logins = [login for login in await logins_of(call) if accounts[login].group in groups]
    return [user_of(standing) for standing in await standings_of(call, logins)]


@MT4.post("UserRecordNew", needs=Permission.ACCOUNTS_WRITE)
async def user_record_new(call: Call, given: MT4UserCreate) -> MT4User:
    """Open an account. Login 0 takes the next free number; `UserPasswordSet` gives it a password."""
    if not given.group:
        raise invalid("group", "is missing")
    if given.login < 0 or given.leverage < 0:
        raise invalid("login" if given.login < 0 else "leverage", "is below 0")
    flags = given.enable_flags if isinstance(given.enable_flags, int) else FLAGS_NEW
    given.enable_flags = flags
    access = access_of(Access.FULL, flags)
    fields = changed_fields(AccountCard(), card_of(given, AccountCard()))
    check_card(Wanted(card=fields, names=PUBLISHED))
    login_min, login_max = call.trade_platform.logins or (0, 0)
    answer = await call.submit(
        OpenAccount(
            given.group, given.login, given.leverage, given.group.lower().startswith(DEMO),
            0 if given.login else login_min, 0 if given.login else login_max,
        ),
        part="open",
    )  # fmt: skip
    opened = answer.events[0]
    assert isinstance(opened, AccountOpened)
    if access != Access.FULL:
        await call.submit(ChangeAccount(opened.login, access=access), part="access")
    await call.sql(call.control.account_cards.change, call.engine, opened.login, fields)
    return user_of(await standing_of(call, opened.login))


@MT4.post("UserRecordUpdate/{login}", needs=Permission.ACCOUNTS_WRITE)
async def user_record_update(call: Call, login: Login32, given: MT4UserUpdate) -> MT4User:
    """Change an account. What is not given stays as it is."""
    return await _changed(call, login, given)


@MT4.patch("UserRecord/{login}", needs=Permission.ACCOUNTS_WRITE)
async def user_record(call: Call, login: Login32, given: Patch) -> MT4User:
    """Change fields of an account."""
    return await _changed(call, login, given)


async def _changed(call: Call, login: Login, given: Patch | Record) -> MT4User:
    standing = await standing_of(call, login)
    before = user_of(standing)
    after = merged(before, given, WRITABLE)
    await change_account(call, standing, wanted_of(standing, before, after))
    now = user_of(await standing_of(call, login))
    call.tell(before, now)
    return now


@MT4.post("UsersSyncStart", needs=Permission.ACCOUNTS_READ, seconds=MAINTENANCE_SECONDS, reads=True)
async def users_sync_start(call: Call, timestamp: Int32 = 0) -> bool:
    """Begin a synchronization of accounts; there is nothing to prepare for `UsersSyncRead`."""
    if timestamp < 0:
        raise invalid("timestamp", "is below 0")
    return True


@MT4.get("UsersSyncRead", needs=Permission.ACCOUNTS_READ, seconds=HISTORY_SECONDS)
async def users_sync_read(call: Call, limit: Int32 = 100_000) -> list[MT4User]:
    """All accounts: those that have not changed since `UsersSyncStart` come along."""
    return await users_snapshot(call, limit)
