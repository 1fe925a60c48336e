"""What a signed-in client reaches: his wallet, his strategies and investments, and what his company shows to everybody.

What is not there and what is somebody else's answer alike (`Absent`). Numbers become things in `prorata.access.copying`
alone.
"""

from prorata.access import copying as access
from prorata.access.callers import NotFound
from prorata.access.copying import Reach
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Offer, Strategy, Wallet
from prorata.messages.copy_terms import InvestmentState
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import Absent, invalid_status


def reach_of(call: Call) -> Reach:
    return Reach(call.company.id, call.client.person_id)


def copy_of(call: Call) -> CopyDesk:
    """Return copy trading on the company's trade platform: wallets, strategies and investments as they are now."""
    return call.platform.writer.engine.copy


def find_my_wallet(call: Call) -> Wallet | None:
    copy = copy_of(call)
    number = copy.wallet_of.get((call.client.person_id, call.company.currency))
    return None if number is None else copy.state.wallets[number]


def my_wallet(call: Call) -> Wallet:
    """Return the client's wallet. Raises `Failure` if none was opened for him."""
    wallet = find_my_wallet(call)
    if wallet is None:
        raise invalid_status("You have no wallet yet: your broker opens it")
    return wallet


def wallet_of_mine(call: Call, number: int, field: str) -> Wallet:
    try:
        return access.wallet_for(reach_of(call), copy_of(call), number)
    except NotFound:
        raise Absent(field) from None


def my_strategy(call: Call, number: int, field: str = "StrategyID") -> Strategy:
    """Return a strategy that the client commands: one of his own."""
    try:
        return access.own_strategy_for(reach_of(call), copy_of(call), number)
    except NotFound:
        raise Absent(field) from None


def seen_strategy(call: Call, number: int, field: str = "StrategyID") -> Strategy:
    """Return a strategy that the client may look at: his own, one that he has invested in, or a public one."""
    try:
        return access.strategy_for(reach_of(call), copy_of(call), number)
    except NotFound:
        raise Absent(field) from None


def my_investment(call: Call, number: int, field: str = "AccountID") -> tuple[Strategy, int]:
    """Return the strategy and row of one of the client's investments."""
    try:
        return access.investment_for(reach_of(call), copy_of(call), number)
    except NotFound:
        raise Absent(field) from None


def linked_offer(call: Call, link: str, field: str = "Link") -> Offer:
    """Return the offer that a private link leads to."""
    try:
        return access.offer_by_link(reach_of(call), copy_of(call), link)
    except NotFound:
        raise Absent(field) from None


def public_offer(call: Call, strategy: Strategy, field: str = "OfferID") -> Offer:
    """Return the offer that everybody sees."""
    if not access.is_public(strategy):
        raise Absent(field)
    return copy_of(call).state.offers[strategy.public_offer]


def my_investments(call: Call, *, closed: bool | None = None) -> list[tuple[Strategy, int]]:
    """Return strategy and row of the client's investments, the oldest first: the closed ones, the others, or (None) all."""
    copy, wallet = copy_of(call), find_my_wallet(call)
    found: list[tuple[Strategy, int]] = []
    for number in () if wallet is None else copy.investments_of.get(wallet.number, ()):
        one = copy.find_investment(number)
        assert one is not None, f"investment {number} of a wallet is not there"
        if closed in (None, one[0].investments.state[one[1]] == InvestmentState.CLOSED):
            found.append(one)
    return found
