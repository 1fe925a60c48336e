"""Passwords of trading accounts. They come in and never go out."""

from prorata.access.permissions import Permission
from prorata.control.lockout import Blocked
from prorata.control.passwords import LENGTH_MAX, LENGTH_MIN, is_acceptable
from prorata.messages.commands import Access
from prorata.rest.webapi.accounts import standing_of
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import Failure, ResultCode, invalid
from prorata.rest.webapi.registry import MT4
from prorata.rest.webapi.schemas.kinds import Login32
from prorata.rest.webapi.values import time_of


@MT4.post("UserPasswordCheck/{login}", needs=Permission.ACCOUNTS_PASSWORDS, reads=True, secret=True)
async def user_password_check(call: Call, login: Login32, given: str) -> bool:
    """Whether it is the account's password. After five wrong ones in a row none is looked at for a while."""
    standing = await standing_of(call, login)
    try:
        fits = await call.sql(call.control.account_cards.password_fits, call.engine, login, given[: LENGTH_MAX + 1])
    except Blocked as blocked:
        message = f"Too many wrong passwords; try again after {time_of(blocked.until):%Y-%m-%d %H:%M:%S} UTC"
        raise Failure(None, message, manager=ResultCode.TooFrequent, data=b"false") from None
    if not fits:
        raise Failure(None, "It is not the account's password", manager=ResultCode.BadAccountInfo, data=b"false")
    if standing.account.access == Access.LOGIN_DISABLED:
        raise Failure(None, "The account is disabled", manager=ResultCode.AccountDisabled, data=b"false")
    return True


@MT4.post("UserPasswordSet/{login}", needs=Permission.ACCOUNTS_PASSWORDS, secret=True)
async def user_password_set(
    call: Call, login: Login32, given: str, change_investor: bool = False, clean_pubkey: bool = False
) -> bool:
    """Set the account's password, or the investor's, which only looks. There are no public keys to be cleaned."""
    await standing_of(call, login)
    if not is_acceptable(given):
        raise invalid("body", f"a password has {LENGTH_MIN} to {LENGTH_MAX} characters")
    await call.sql(call.control.account_cards.set_password, call.engine, login, given, investor=change_investor)
    return True
