"""What traders do with their strategies: open, offer, show, pause, resume, close; their tokens."""

import secrets
import string
from typing import Annotated

import msgspec
from msgspec import Meta

from prorata.copying.state import Strategy
from prorata.copying.strategies import check_name
from prorata.crm.kyc.levels import Right
from prorata.messages.copy_commands import (
    AddOffer,
    CloseStrategy,
    OpenStrategy,
    PauseStrategy,
    ResumeStrategy,
    SetPublicOffer,
)
from prorata.messages.copy_events import InvestmentOpened, OfferAdded, StrategyOpened
from prorata.messages.copy_terms import Accounting, OfferType
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.asking import command_of, commission_in, done, fee_in, money_in, protection_in, target_in
from prorata.rest.ramm.client.reach import copy_of, my_strategy, my_wallet
from prorata.rest.ramm.errors import failure_of, invalid_input
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.values import Id, Real, Text
from prorata.server.writer import Answer
from prorata.units.numbers import Minor

LINK_LENGTH = 10
LINK_LETTERS = string.ascii_lowercase + string.digits

AccountingCode = Annotated[int, Meta(ge=0, le=1)]
ZERO = Real(0)


class OwnAccount(Input, frozen=True, kw_only=True):
    """The trader's own investment."""

    Money: Real
    Protection: Real = ZERO
    Target: Real | None = None


class StrategyToAdd(Input, frozen=True, kw_only=True):
    """The trader's own investment is said here or, as in older documents, in `Account`."""

    Name: Text
    Money: Real | None = None
    Protection: Real = ZERO
    Target: Real | None = None
    AccountingSystem: AccountingCode = Accounting.NETTING.value
    Account: OwnAccount | None = None


class StrategyToAddV1(Input, frozen=True, kw_only=True):
    """The terms are the strategy's own: everybody sees them. `Shared` says nothing here: brokers do not share strategies."""

    Name: Text
    FeeRate: Real = ZERO
    CommissionRate: Real = ZERO
    Shared: bool = False
    Money: Real
    Protection: Real = ZERO
    Target: Real | None = None


class AddedStrategy(msgspec.Struct, frozen=True):
    StrategyID: int
    AccountID: int
    AccountCommandID: int


class OfferToAdd(Input, frozen=True, kw_only=True):
    StrategyID: Id
    FeeRate: Real = ZERO
    CommissionRate: Real = ZERO


class AddedOffer(msgspec.Struct, frozen=True):
    OfferID: int
    Link: str


class OfferToShow(Input, frozen=True, kw_only=True):
    """Without `OfferID` all offers become private."""

    StrategyID: Id
    OfferID: Id | None = None


class StrategyOfId(Input, frozen=True, kw_only=True):
    StrategyID: Id


class StrategyName(Input, frozen=True, kw_only=True):
    Name: Text


class NameAvailable(msgspec.Struct, frozen=True):
    StrategyNameAvailable: bool


class CommandTakenView(msgspec.Struct, frozen=True):
    CommandID: int


class StrategyTokenView(msgspec.Struct, frozen=True):
    Token: str


@CLIENT.method("myStrategies.add", versions=(2,))
async def my_strategies_add(call: Call, given: StrategyToAdd) -> AddedStrategy:
    """Open a strategy together with the trader's own investment; then an offer must be added."""
    own = given.Account
    if own is None:
        if given.Money is None:
            raise invalid_input("Money", "missing")
        own = OwnAccount(Money=given.Money, Protection=given.Protection, Target=given.Target)
    return await _open(call, given.Name, own, Accounting(given.AccountingSystem))


@CLIENT.method("myStrategies.add", versions=(1,))
async def my_strategies_add_v1(call: Call, given: StrategyToAddV1) -> AddedStrategy:
    """Open a strategy with its terms, public from the beginning, and the trader's own investment."""
    fee, commission = fee_in(given.FeeRate), commission_in(call, given.CommissionRate)
    own = OwnAccount(Money=given.Money, Protection=given.Protection, Target=given.Target)
    opened = await _open(call, given.Name, own, Accounting.NETTING)
    offer = offer_in(await add_offer(call, opened.StrategyID, fee, commission))
    await done(call, SetPublicOffer(strategy=opened.StrategyID, offer=offer.offer))
    return opened


async def _open(call: Call, name: str, own: OwnAccount, accounting: Accounting) -> AddedStrategy:
    await call.check_may(Right.PUBLISH)
    command = OpenStrategy(
        wallet=my_wallet(call).number,
        name=name,
        money=money_in(call, own.Money, "Money"),
        accounting=accounting,
        protection_ppm=protection_in(own.Protection),
        target_ppm=target_in(own.Target),
    )
    answer = await done(call, command, money="Money")
    strategy = next(event.strategy for event in answer.events if isinstance(event, StrategyOpened))
    investment = next(event.investment for event in answer.events if isinstance(event, InvestmentOpened))
    return AddedStrategy(strategy, investment, command_of(answer))


# Offers.


@CLIENT.method("myStrategies.addOffer", versions=(2, 3))
async def my_strategies_add_offer(call: Call, given: OfferToAdd) -> AddedOffer:
    """Add terms on which others may invest; they are private until they are shown, and never change."""
    await call.check_may(Right.PUBLISH)
    strategy = my_strategy(call, given.StrategyID)
    fee, commission = fee_in(given.FeeRate), commission_in(call, given.CommissionRate)
    added = offer_in(await add_offer(call, strategy.number, fee, commission))
    return AddedOffer(added.offer, added.link)


async def add_offer(call: Call, strategy: int, fee_ppm: int, commission: Minor) -> Answer:
    """Add an offer under a new private link; one that is taken by chance is made anew."""
    while True:
        link = "".join(secrets.choice(LINK_LETTERS) for _ in range(LINK_LENGTH))
        command = AddOffer(strategy=strategy, fee_ppm=fee_ppm, commission_per_million=commission, link=link)
        answer = await call.ask(command)
        first = answer.events[0]
        if not isinstance(first, Refused):
            return answer
        if first.code == Refusal.SHARE_OUT_OF_RANGE:
            raise invalid_input("CommissionRate", "too large")
        if first.code != Refusal.LINK_TAKEN:
            raise failure_of(first.code)


def offer_in(answer: Answer) -> OfferAdded:
    return next(event for event in answer.events if isinstance(event, OfferAdded))


@CLIENT.method("myStrategies.setPublicOffer", versions=(2, 3))
async def my_strategies_set_public_offer(call: Call, given: OfferToShow) -> None:
    """Choose the offer that everybody sees, or none."""
    if given.OfferID:
        await call.check_may(Right.PUBLISH)
    strategy = my_strategy(call, given.StrategyID)
    offer = given.OfferID or 0
    if offer and not _is_for_others(call, strategy, offer):
        raise invalid_input("OfferID", "expected an offer of the strategy that is for others")
    await done(call, SetPublicOffer(strategy=strategy.number, offer=offer))


def _is_for_others(call: Call, strategy: Strategy, offer: int) -> bool:
    return offer in strategy.offers and copy_of(call).state.offers[offer].type != OfferType.TRADER


# Its life.


@CLIENT.method("myStrategies.pause", versions=(1, 2))
async def my_strategies_pause(call: Call, given: StrategyOfId) -> CommandTakenView:
    """Pause a strategy: copying stops, all positions of all investors are closed."""
    command = PauseStrategy(strategy=my_strategy(call, given.StrategyID).number)
    return CommandTakenView(command_of(await done(call, command)))


@CLIENT.method("myStrategies.resume", versions=(1, 2))
async def my_strategies_resume(call: Call, given: StrategyOfId) -> CommandTakenView:
    """Resume a strategy; its source is asked for a synchronisation."""
    await call.check_may(Right.PUBLISH)
    command = ResumeStrategy(strategy=my_strategy(call, given.StrategyID).number)
    return CommandTakenView(command_of(await done(call, command)))


@CLIENT.method("myStrategies.close")
async def my_strategies_close(call: Call, given: StrategyOfId) -> CommandTakenView:
    """Close a strategy for good: all investments are closed, the trader's own last."""
    command = CloseStrategy(strategy=my_strategy(call, given.StrategyID).number)
    return CommandTakenView(command_of(await done(call, command)))


@CLIENT.method("myStrategies.checkName", reads=True)
async def my_strategies_check_name(call: Call, given: StrategyName) -> NameAvailable:
    """Say whether a strategy may be given a name."""
    return NameAvailable(check_name(copy_of(call), given.Name) is None)


# Its token.


@CLIENT.method("myStrategies.getToken")
async def my_strategies_get_token(call: Call, given: StrategyOfId) -> StrategyTokenView:
    """The strategy's token for the Trading API; the first is made when it is asked for."""
    strategy = my_strategy(call, given.StrategyID)
    tokens = call.control.strategy_tokens
    token = await call.sql(tokens.current, strategy.company, strategy.number)
    return StrategyTokenView(token or await _renew(call, strategy))


@CLIENT.method("myStrategies.setToken")
async def my_strategies_set_token(call: Call, given: StrategyOfId) -> StrategyTokenView:
    """A new token for the strategy; the old one dies at once."""
    return StrategyTokenView(await _renew(call, my_strategy(call, given.StrategyID)))


async def _renew(call: Call, strategy: Strategy) -> str:
    token = await call.sql(call.control.strategy_tokens.renew, strategy.company, strategy.number)
    call.house.senders.forget((strategy.company, strategy.number))
    return token
