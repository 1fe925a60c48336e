"""From the numbers in a path or body to wallets, strategies, offers and investments. All raise `Rejected`.

Copy trading is for keys that see the whole platform; others are shown the public strategies alone (`public_strategies`).
"""

from typing import Annotated

from litestar.params import PathParameter

from prorata.access.callers import NotFound
from prorata.access.copying import WHOLE_PLATFORM, investment_for, offer_by_link, offer_for, strategy_for, wallet_for
from prorata.access.permissions import Permission
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Offer, Strategy, Wallet
from prorata.messages.refusals import Refusal
from prorata.rest.own.session import Session, needs
from prorata.units.numbers import LOGIN_MAX
from prorata.views.answers import Rejected

COPY_READING = needs(Permission.COPYING_READ, house=True)
COPY_DEALING = needs(Permission.COPYING_DEAL, house=True)
COPY_MANAGING = needs(Permission.COPYING_MANAGE, house=True)
MOVING_MONEY = needs(Permission.MONEY_MOVE, house=True)

WalletPath = Annotated[int, PathParameter(ge=1, le=LOGIN_MAX, description="number of the wallet")]
ReservationPath = Annotated[int, PathParameter(ge=1, le=LOGIN_MAX, description="number of the reservation")]
StrategyPath = Annotated[int, PathParameter(ge=1, le=LOGIN_MAX, description="number of the strategy")]
OfferPath = Annotated[int, PathParameter(ge=1, le=LOGIN_MAX, description="number of the offer")]
InvestmentPath = Annotated[int, PathParameter(ge=1, le=LOGIN_MAX, description="number of the investment")]
SignalPath = Annotated[int, PathParameter(ge=1, le=LOGIN_MAX, description="number of the signal")]
CommandPath = Annotated[int, PathParameter(ge=1, le=LOGIN_MAX, description="number of the command")]
RequestPath = Annotated[int, PathParameter(ge=1, le=LOGIN_MAX, description="number of the fill request")]


def copy_of(session: Session) -> CopyDesk:
    return session.engine.copy


def wallet_of(session: Session, number: int) -> Wallet:
    try:
        return wallet_for(WHOLE_PLATFORM, copy_of(session), number)
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_WALLET) from None


def strategy_of(session: Session, number: int) -> Strategy:
    try:
        return strategy_for(WHOLE_PLATFORM, copy_of(session), number)
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_STRATEGY) from None


def offer_of(session: Session, number: int) -> Offer:
    try:
        return offer_for(WHOLE_PLATFORM, copy_of(session), number)
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_OFFER) from None


def linked_offer_of(session: Session, link: str) -> Offer:
    """Return the offer that a private link leads to."""
    try:
        return offer_by_link(WHOLE_PLATFORM, copy_of(session), link)
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_OFFER) from None


def investment_of(session: Session, number: int) -> tuple[Strategy, int]:
    """Return an investment's strategy and row."""
    try:
        return investment_for(WHOLE_PLATFORM, copy_of(session), number)
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_INVESTMENT) from None
