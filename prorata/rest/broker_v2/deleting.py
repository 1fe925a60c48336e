"""Deleting trading accounts: they leave the CRM. The trade platform forgets nothing; there nobody may sign in to them now."""

from collections.abc import Iterable
from enum import StrEnum

from prorata.control.organizations.declined import Declined
from prorata.crm.trading import TradingAccount
from prorata.messages.commands import Access
from prorata.messages.refusals import Refusal
from prorata.rest.broker_v2.call import CallV2
from prorata.views.answers import Rejected


class BulkStatus(StrEnum):
    SUCCESS = "SUCCESS"
    PARTIAL_SUCCESS = "PARTIAL_SUCCESS"
    FAILURE = "FAILURE"


def status_of(done: Iterable[bool]) -> BulkStatus:
    """Return how several things came out together."""
    each = set(done)
    return BulkStatus.PARTIAL_SUCCESS if len(each) > 1 else BulkStatus.SUCCESS if True in each else BulkStatus.FAILURE


def check_leaves(call: CallV2, found: TradingAccount) -> None:
    """Raise unless a trading account may be deleted: `Declined` if it holds something, `Rejected` if its platform is away."""
    if not call.grant.reaches(found.platform_uuid):
        raise Rejected(Refusal.NOT_FOUND, "the key does not reach its trade platform")
    kept = call.running(found.platform_uuid).desk.state.accounts.get(found.login)
    if kept is not None and (kept.positions or kept.orders):
        raise Declined(Refusal.ACCOUNT_IN_USE, "it has open positions or pending orders")


async def disable(call: CallV2, found: TradingAccount) -> None:
    """Let nobody sign in to a trading account any more. Raises `Declined`, `Rejected`."""
    kept = call.running(found.platform_uuid).desk.state.accounts.get(found.login)
    if kept is not None and kept.access != Access.LOGIN_DISABLED:
        await call.sql(call.crm.trading.change, found, access=Access.LOGIN_DISABLED)
        await call.carry_now(found.subject)
