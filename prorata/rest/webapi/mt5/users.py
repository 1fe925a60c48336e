"""Trading accounts of the MT5 surface."""

from prorata.access.permissions import Permission
from prorata.rest.webapi.accounts import change_account, standing_of
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.merging import Patch, merged
from prorata.rest.webapi.mt5.user_records import WRITABLE, user_of, wanted_of
from prorata.rest.webapi.registry import MT5
from prorata.rest.webapi.schemas.kinds import Login64
from prorata.rest.webapi.schemas.mt5_users import MT5User


@MT5.get("UserGet/{login}", needs=Permission.ACCOUNTS_READ)
async def user_get(call: Call, login: Login64) -> MT5User:
    """One account."""
    return user_of(await standing_of(call, login))


@MT5.patch("UserRecord/{login}", needs=Permission.ACCOUNTS_WRITE)
async def user_record(call: Call, login: Login64, given: Patch) -> MT5User:
    """Change fields of an account."""
    standing = await standing_of(call, login)
    before = user_of(standing)
    await change_account(call, standing, wanted_of(standing, before, merged(before, given, WRITABLE)))
    now = user_of(await standing_of(call, login))
    call.tell(before, now)
    return now
