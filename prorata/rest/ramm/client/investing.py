"""What investors do: invest, add and take out money, pause, resume, close, and set their limits."""

import msgspec

from prorata.copying.state import Offer
from prorata.crm.kyc.levels import Right
from prorata.messages.copy_commands import (
    CloseInvestment,
    FundInvestment,
    Invest,
    PauseInvestment,
    ResumeInvestment,
    SetProfile,
    WithdrawInvestment,
)
from prorata.messages.copy_events import InvestmentOpened
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.asking import command_of, done, factor_in, money_in, protection_in, target_in
from prorata.rest.ramm.client.my_strategies import ZERO, CommandTakenView
from prorata.rest.ramm.client.reach import linked_offer, my_investment, my_wallet, public_offer, seen_strategy
from prorata.rest.ramm.errors import Absent, invalid_input
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.values import Id, Real, Text

ONE = Real(1)


class Investing(Input, frozen=True, kw_only=True):
    """A public strategy is named by `StrategyID` and `OfferID`, a private one by its `Link` alone."""

    StrategyID: Id | None = None
    OfferID: Id | None = None
    Link: Text | None = None
    Factor: Real = ONE
    Protection: Real = ZERO
    Target: Real | None = None
    Money: Real


class InvestingV1(Input, frozen=True, kw_only=True):
    StrategyID: Id
    Factor: Real = ONE
    Protection: Real = ZERO
    Target: Real | None = None
    Money: Real


class AddedAccount(msgspec.Struct, frozen=True):
    AccountID: int
    CommandBalanceID: int


class AccountOfId(Input, frozen=True, kw_only=True):
    AccountID: Id


class AccountAmount(Input, frozen=True, kw_only=True):
    AccountID: Id
    Amount: Real


class AccountFactor(Input, frozen=True, kw_only=True):
    AccountID: Id
    Factor: Real


class AccountProtection(Input, frozen=True, kw_only=True):
    AccountID: Id
    Protection: Real


class AccountTarget(Input, frozen=True, kw_only=True):
    AccountID: Id
    Target: Real | None = None


@CLIENT.method("accounts.add", versions=(2,))
async def accounts_add(call: Call, given: Investing) -> AddedAccount:
    """Invest in a public strategy by its offer, or in a private one by its link."""
    offer = _linked(call, given) if given.Link is not None else _shown(call, given)
    return await _invest(call, offer, given.Money, given.Factor, given.Protection, given.Target)


@CLIENT.method("accounts.add", versions=(1,))
async def accounts_add_v1(call: Call, given: InvestingV1) -> AddedAccount:
    """Invest in a public strategy on its terms."""
    offer = public_offer(call, seen_strategy(call, given.StrategyID), "StrategyID")
    return await _invest(call, offer, given.Money, given.Factor, given.Protection, given.Target)


def _linked(call: Call, given: Investing) -> Offer:
    if given.StrategyID is not None or given.OfferID is not None:
        raise invalid_input("Link", "expected without StrategyID and OfferID")
    assert given.Link is not None
    return linked_offer(call, given.Link)


def _shown(call: Call, given: Investing) -> Offer:
    """Return the public offer, if it is still the one that the investor has seen. Raises `Failure` or `Absent`."""
    if given.StrategyID is None:
        raise invalid_input("StrategyID", "missing")
    if given.OfferID is None:
        raise invalid_input("OfferID", "missing")
    offer = public_offer(call, seen_strategy(call, given.StrategyID))
    if offer.number != given.OfferID:
        raise Absent("OfferID")
    return offer


async def _invest(
    call: Call, offer: Offer, money: Real, factor: Real, protection: Real, target: Real | None
) -> AddedAccount:  # fmt: skip
    await call.check_may(Right.INVEST)
    command = Invest(
        wallet=my_wallet(call).number,
        offer=offer.number,
        money=money_in(call, money, "Money"),
        factor=factor_in(factor),
        protection_ppm=protection_in(protection),
        target_ppm=target_in(target),
    )
    answer = await done(call, command, money="Money")
    investment = next(event.investment for event in answer.events if isinstance(event, InvestmentOpened))
    return AddedAccount(investment, command_of(answer))


# Money.


@CLIENT.method("accounts.fund")
async def accounts_fund(call: Call, given: AccountAmount) -> AddedAccount:
    """Add money to an investment; its open positions grow in proportion."""
    await call.check_may(Right.INVEST)
    return await _move(call, given, FundInvestment)


@CLIENT.method("accounts.withdraw")
async def accounts_withdraw(call: Call, given: AccountAmount) -> AddedAccount:
    """Take money out of an investment while it is paused."""
    return await _move(call, given, WithdrawInvestment)


async def _move(call: Call, given: AccountAmount, kind: type[FundInvestment] | type[WithdrawInvestment]) -> AddedAccount:
    my_investment(call, given.AccountID)
    answer = await done(call, kind(given.AccountID, money_in(call, given.Amount, "Amount")))
    return AddedAccount(given.AccountID, command_of(answer))


# Its life.


@CLIENT.method("accounts.pause", versions=(1, 2))
async def accounts_pause(call: Call, given: AccountOfId) -> CommandTakenView:
    """Pause an investment: copying stops, its positions are closed. Not for the trader's own."""
    my_investment(call, given.AccountID)
    return CommandTakenView(command_of(await done(call, PauseInvestment(given.AccountID))))


@CLIENT.method("accounts.resume", versions=(1, 2))
async def accounts_resume(call: Call, given: AccountOfId) -> CommandTakenView:
    """Resume an investment: it is brought in line at current prices. Not for the trader's own."""
    await call.check_may(Right.INVEST)
    my_investment(call, given.AccountID)
    return CommandTakenView(command_of(await done(call, ResumeInvestment(given.AccountID))))


@CLIENT.method("accounts.close")
async def accounts_close(call: Call, given: AccountOfId) -> CommandTakenView:
    """Close an investment for good; what remains after the fee returns to the wallet."""
    my_investment(call, given.AccountID)
    return CommandTakenView(command_of(await done(call, CloseInvestment(given.AccountID))))


# Its profile.


@CLIENT.method("accounts.setFactor", versions=(1, 2))
async def accounts_set_factor(call: Call, given: AccountFactor) -> CommandTakenView:
    """Change the factor of an investment; the next synchronisation brings its positions in line."""
    my_investment(call, given.AccountID)
    command = SetProfile(investment=given.AccountID, factor=factor_in(given.Factor))
    return CommandTakenView(command_of(await done(call, command)))


@CLIENT.method("accounts.setProtection", versions=(1, 2))
async def accounts_set_protection(call: Call, given: AccountProtection) -> CommandTakenView:
    """Change the protection of an investment, a share of its present equity."""
    my_investment(call, given.AccountID)
    command = SetProfile(investment=given.AccountID, protection_ppm=protection_in(given.Protection))
    return CommandTakenView(command_of(await done(call, command)))


@CLIENT.method("accounts.setTarget", versions=(1, 2))
async def accounts_set_target(call: Call, given: AccountTarget) -> CommandTakenView:
    """Change the target of an investment, counted from its present equity; without one there is none."""
    my_investment(call, given.AccountID)
    command = SetProfile(investment=given.AccountID, target_ppm=target_in(given.Target))
    return CommandTakenView(command_of(await done(call, command)))
