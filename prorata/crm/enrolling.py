"""What a new account opens with: the trading account that it was asked for, or those that its branch gives to everybody."""

import asyncio

import structlog

from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import CrmAccount
from prorata.crm.crossing import Unanswered
from prorata.crm.settings import Offer
from prorata.crm.store import Crm

_log = structlog.get_logger("crm")


async def open_or_withdraw(crm: Crm, account: CrmAccount, offer: Offer, *, by: str) -> None:
    """Open the trading account that was asked for. If it is refused, there is no account either.

    Raises `Declined`: it was refused.
    """
    try:
        await _open(crm, account, offer, by=by)
    except Declined:
        await asyncio.to_thread(crm.accounts.withdraw, account)
        raise


async def open_automatic(crm: Crm, account: CrmAccount, *, by: str) -> None:
    """Open what the branch gives to everybody. That one of them cannot be opened is no reason to have no account."""
    for offer in await asyncio.to_thread(crm.settings.offers, account.organization_id):
        if not offer.automatic or offer.branch_id != account.branch_id:
            continue
        try:
            await _open(crm, account, offer, by=by)
        except Declined as declined:
            _log.info("an automatic trading account was not opened", offer=offer.uuid, reason=declined.detail)


async def _open(crm: Crm, account: CrmAccount, offer: Offer, *, by: str) -> None:
    """Decide on a trading account, and see to it; a platform that does not answer will be asked again."""
    trading_account = await asyncio.to_thread(crm.trading.open, account, offer, by=by)
    try:
        await crm.carrier.carry(trading_account.subject)
    except Unanswered:
        return
