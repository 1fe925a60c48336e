"""From a number given from outside to a wallet, a strategy, an offer, an investment, a position: the only way there.

A manager reaches what belongs to his company, a client what is his own and what his company shows to everybody.
What is absent and what is somebody else's answer alike, so that nobody can learn by asking what exists.

Companies share a trade platform, and strategies are offered to the clients of their own company only.
"""

import msgspec

from prorata.access.callers import NotFound
from prorata.copying.desk import CopyDesk
from prorata.copying.state import PLACE_BITS, PLACES, LegHead, Offer, Strategy, Wallet
from prorata.messages.copy_terms import OfferStatus, OfferType, StrategyStatus


class Reach(msgspec.Struct, frozen=True, gc=False):
    """Whose things may be touched: all of a company's, or, within it, one client's.

    `company` None: those of every company of the platform, for callers that see all of it.
    """

    company: int | None
    client: int | None = None

    def is_outside(self, company: int) -> bool:
        """Say whether the things of `company` are out of reach."""
        return self.company is not None and company != self.company


WHOLE_PLATFORM = Reach(None)


def wallet_for(reach: Reach, copy: CopyDesk, number: int) -> Wallet:
    """Return a wallet. Raises `NotFound`."""
    wallet = copy.state.wallets.get(number)
    if wallet is None or reach.is_outside(wallet.company):
        raise NotFound
    if reach.client is not None and wallet.client != reach.client:
        raise NotFound
    return wallet


def strategy_for(reach: Reach, copy: CopyDesk, number: int) -> Strategy:
    """Return a strategy to be looked at: for a client his own, one that he has invested in, or a public one that is open.

    Raises:
        NotFound: absent, another company's, or private.
    """
    strategy = _strategy_within(reach, copy, number)
    if reach.client is None or strategy.client == reach.client or is_public(strategy):
        return strategy
    if not has_invested(copy, reach.client, strategy):
        raise NotFound
    return strategy


def own_strategy_for(reach: Reach, copy: CopyDesk, number: int) -> Strategy:
    """Return a strategy to be commanded: a client commands his own only. Raises `NotFound`."""
    strategy = _strategy_within(reach, copy, number)
    if reach.client is not None and strategy.client != reach.client:
        raise NotFound
    return strategy


def _strategy_within(reach: Reach, copy: CopyDesk, number: int) -> Strategy:
    strategy = copy.state.strategies.get(number)
    if strategy is None or reach.is_outside(strategy.company):
        raise NotFound
    return strategy


def is_public(strategy: Strategy) -> bool:
    """Say whether everybody of the company sees the strategy."""
    return strategy.public_offer != 0 and strategy.status != StrategyStatus.CLOSED


def has_invested(copy: CopyDesk, client: int, strategy: Strategy) -> bool:
    """Say whether a client has, or had, an investment in a strategy."""
    if (client, strategy.number) in copy.investors:
        return True
    return bool((strategy.investments.client[: strategy.rows] == client).any())


def offer_for(reach: Reach, copy: CopyDesk, number: int) -> Offer:
    """Return an offer: for a client that of his own strategy, the public one, or one that he gets a partner's share of.

    A private offer is found by its link alone (`offer_by_link`). Raises `NotFound`.
    """
    offer = copy.state.offers.get(number)
    if offer is None or reach.is_outside(copy.state.strategies[offer.strategy].company):
        raise NotFound
    if reach.client is None or copy.state.strategies[offer.strategy].client == reach.client:
        return offer
    if offer.type == OfferType.PUBLIC or is_partner(copy, reach.client, offer):
        return offer
    raise NotFound


def offer_by_link(reach: Reach, copy: CopyDesk, link: str) -> Offer:
    """Return the offer that a private link leads to, as long as it takes investments. Raises `NotFound`."""
    number = copy.links.get(link)
    if number is None:
        raise NotFound
    offer = copy.state.offers[number]
    if reach.is_outside(copy.state.strategies[offer.strategy].company):
        raise NotFound
    if offer.status != OfferStatus.ACTIVE:
        raise NotFound
    return offer


def is_partner(copy: CopyDesk, client: int, offer: Offer) -> bool:
    """Say whether a client gets the partner's share of an offer."""
    wallet = copy.state.wallets.get(offer.partner_wallet)
    return wallet is not None and wallet.client == client


def investment_for(reach: Reach, copy: CopyDesk, number: int) -> tuple[Strategy, int]:
    """Return an investment's strategy and row: for a client one of his own. Raises `NotFound`."""
    found = copy.find_investment(number)
    if found is None:
        raise NotFound
    strategy, row = found
    if reach.is_outside(strategy.company):
        raise NotFound
    if reach.client is not None and strategy.investments.client[row] != reach.client:
        raise NotFound
    return found


def position_for(reach: Reach, copy: CopyDesk, number: int) -> tuple[Strategy, LegHead, int]:
    """Return an open position (also one that is only asked for): its strategy, leg and row. Raises `NotFound`."""
    leg_number, row = number >> PLACE_BITS, number % PLACES
    for strategy in copy.state.strategies.values():
        if reach.is_outside(strategy.company) or row >= strategy.rows:
            continue
        for head in strategy.legs.values():
            if head.number == leg_number:
                return _position_within(reach, strategy, head, row)
    raise NotFound


def _position_within(reach: Reach, strategy: Strategy, head: LegHead, row: int) -> tuple[Strategy, LegHead, int]:
    if reach.client is not None and strategy.investments.client[row] != reach.client:
        raise NotFound
    if not head.rows.volume[row] and not head.rows.pending[row]:
        raise NotFound
    return strategy, head, row
