"""Whether balances are what was posted to them."""

import asyncio
from collections.abc import Sequence

from prorata.access.permissions import Permission
from prorata.projections.ledger import HistoryBehind, posted_on
from prorata.rest.webapi.accounts import standing_of, standings_of
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import Failure, ResultCode, not_found
from prorata.rest.webapi.registry import MT4, TRADE_SECONDS
from prorata.rest.webapi.schemas.kinds import Int32, Login32
from prorata.rest.webapi.schemas.mt4_users import MT4BalanceDiff
from prorata.rest.webapi.values import decimal_of
from prorata.units.numbers import Login, Minor

LOOK_AGAIN_SECONDS = 0.05


@MT4.get("AdmBalanceCheck/{login}", needs=Permission.ACCOUNTS_READ)
async def adm_balance_check_one(call: Call, login: Login32) -> MT4BalanceDiff:
    """By how much an account's balance differs from the sum of its postings: 0."""
    standing = await standing_of(call, login)
    differences = await _differences(call, (login,))
    return MT4BalanceDiff(login=login, diff=decimal_of(differences[login], standing.digits))


@MT4.get("AdmBalanceCheck", needs=Permission.ACCOUNTS_READ)
async def adm_balance_check(call: Call, logins: list[Int32] | None = None) -> list[MT4BalanceDiff]:
    """Accounts whose balance differs from the sum of its postings: none."""
    standings = {standing.account.login: standing for standing in await standings_of(call, logins or ())}
    differences = await _differences(call, list(standings))
    return [
        MT4BalanceDiff(login=login, diff=decimal_of(difference, standings[login].digits))
        for login, difference in differences.items()
        if difference
    ]


@MT4.post("AdmBalanceFix", needs=Permission.MONEY_MOVE, seconds=TRADE_SECONDS)
async def adm_balance_fix(call: Call, logins: list[Int32] | None = None) -> bool:
    """Nothing to do where balances are right. A difference is refused: it is in the tables, which are built anew."""
    wanted = list(dict.fromkeys(logins or ()))
    standings = {standing.account.login for standing in await standings_of(call, wanted)}
    if missing := [login for login in wanted if login not in standings]:
        raise not_found(f"account: {missing[0]}")
    wrong = [login for login, difference in (await _differences(call, wanted)).items() if difference]
    if wrong:
        # A correction would be one more posting, on both sides of the comparison.
        message = f"The history tables differ from the journal for {wrong}; once dropped, they are made anew from the journal"
        raise Failure(None, message, manager=ResultCode.Malfunction)
    return True


async def _differences(call: Call, logins: Sequence[Login]) -> dict[Login, Minor]:
    """Return the sum of an account's postings less its balance, for each login. Waits until the tables have the last event."""
    balances = {login: call.state.accounts[login].balance for login in logins}
    upto = call.platform.writer.sequence
    names = {f"account/{login}": login for login in logins}
    while names:
        try:
            posted = await call.sql(posted_on, call.history, list(names), upto)
        except HistoryBehind:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            continue
        return {names[name]: amount - balances[names[name]] for name, amount in posted.items()}
    return {}
