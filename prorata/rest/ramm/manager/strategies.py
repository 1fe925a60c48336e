"""Strategies by the hand of the company: opened for a trader, renamed, closed."""

from typing import Annotated

import msgspec
from msgspec import Meta

from prorata.copying.state import Strategy, Wallet
from prorata.copying.strategies import COMMISSION_MAX, check_name
from prorata.messages.copy_commands import CloseStrategy, OpenStrategy, RenameStrategy, SetPublicOffer
from prorata.messages.copy_events import StrategyOpened
from prorata.messages.copy_terms import Accounting, ManageType, StrategyStatus
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.asking import command_of, done, fee_in, money_in, protection_in, said, target_in
from prorata.rest.ramm.client.my_strategies import AccountingCode, add_offer, offer_in
from prorata.rest.ramm.errors import Absent, invalid_input
from prorata.rest.ramm.manager.clients import client_of
from prorata.rest.ramm.manager.reach import copy_of, strategy_of, wallet_of
from prorata.rest.ramm.reference import account_spec_id
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.values import Id, Real, Text, units_of
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import PPM, Minor

ZERO = Real(0)
_PER_MILLION_DIGITS = 6
_PERCENT_PPM: int = PPM // 100

ServerText = Annotated[str, Meta(max_length=50)]
AccountText = Annotated[str, Meta(max_length=20)]
TagsText = Annotated[str, Meta(max_length=1_024)]


class StrategyToAdd(Input, frozen=True, kw_only=True):
    """`CommissionRate`: whole USD for a million USD of turnover; below 1 it is a share of the turnover (0.00001 is 10)."""

    WalletID: Id
    ClientID: Id | None = None
    AccountSpecAssetID: Id | None = None
    Name: Text
    FeeRate: Real = ZERO
    Protection: Real = ZERO
    Target: Real | None = None
    Money: Real
    CommissionRate: Real = ZERO
    ExternalServer: ServerText = ""
    ExternalAccount: AccountText | Annotated[int, Meta(ge=0)] = ""
    ExecutionTags: TagsText = ""
    AccountingSystem: AccountingCode = Accounting.NETTING.value


class NewStrategyId(msgspec.Struct, frozen=True):
    ID: int


class AddedStrategy(msgspec.Struct, frozen=True):
    Strategy: NewStrategyId


class StrategyToName(Input, frozen=True, kw_only=True):
    ID: Id
    Name: Text


class StrategyOfId(Input, frozen=True, kw_only=True):
    ID: Id


class StrategyName(Input, frozen=True, kw_only=True):
    Name: Text


class NameAvailable(msgspec.Struct, frozen=True):
    StrategyNameAvailable: bool


class CommandTakenView(msgspec.Struct, frozen=True):
    CommandID: int


class Terms(msgspec.Struct, frozen=True):
    fee_ppm: int
    commission: Minor


@MANAGER.method("strategies.add")
async def strategies_add(call: Call, given: StrategyToAdd) -> AddedStrategy:
    """Open a strategy for a trader whose signals come through this API, with his own investment and a public offer."""
    wallet = wallet_of(call, given.WalletID, "WalletID")
    _check_wallet(given, wallet)
    terms = Terms(fee_in(given.FeeRate), _commission_in(given.CommissionRate, wallet.currency))
    command = await _command(call, given, wallet)
    answer = await call.ask(command)
    first = answer.events[0]
    if isinstance(first, Refused):
        unfinished = _unfinished(call, command) if first.code == Refusal.NAME_TAKEN else None
        if unfinished is None:
            raise said(first.code, "Money")
        number = unfinished.number
    else:
        number = next(event.strategy for event in answer.events if isinstance(event, StrategyOpened))
    await _show_offer(call, copy_of(call).state.strategies[number], terms)
    return AddedStrategy(NewStrategyId(number))


def _check_wallet(given: StrategyToAdd, wallet: Wallet) -> None:
    """Raises `Absent` where what is said of the wallet does not fit it."""
    if given.ClientID not in (None, wallet.client):
        raise Absent("ClientID")
    if given.AccountSpecAssetID not in (None, account_spec_id(wallet.company, wallet.currency)):
        raise Absent("AccountSpecAssetID")


async def _command(call: Call, given: StrategyToAdd, wallet: Wallet) -> OpenStrategy:
    """Return the strategy as it is wanted; its own investment is routed as the client's strategies are by default."""
    client = await client_of(call, wallet.client, "WalletID")
    routed = client.default_stream is not None
    return OpenStrategy(
        wallet=wallet.number,
        name=given.Name,
        money=money_in(call, given.Money, "Money"),
        accounting=Accounting(given.AccountingSystem),
        manage=ManageType.MANAGER,
        protection_ppm=protection_in(given.Protection),
        target_ppm=target_in(given.Target),
        external_server=given.ExternalServer,
        external_account=str(given.ExternalAccount),
        tags=_tags_in(given.ExecutionTags),
        stream=client.default_stream or 0,
        a_book_percent=client.default_hedge_ppm // _PERCENT_PPM if routed else None,
    )


def _unfinished(call: Call, command: OpenStrategy) -> Strategy | None:
    """Return the strategy of this name if it is this one, opened by a call that ended before its offer was there."""
    for strategy in copy_of(call).state.strategies.values():
        if strategy.name.casefold() == command.name.casefold():
            same = (strategy.wallet, strategy.external_server, strategy.external_account) == (
                command.wallet, command.external_server, command.external_account,
            )  # fmt: skip
            is_new = not strategy.public_offer and len(strategy.offers) <= 2 and strategy.status != StrategyStatus.CLOSED
            return strategy if same and is_new else None
    return None


async def _show_offer(call: Call, strategy: Strategy, terms: Terms) -> None:
    """Make the terms an offer that everybody sees."""
    offers = [copy_of(call).state.offers[number] for number in strategy.offers[1:]]
    there = [offer.number for offer in offers if Terms(offer.fee_ppm, offer.commission_per_million) == terms]
    number = there[0] if there else offer_in(await add_offer(call, strategy.number, terms.fee_ppm, terms.commission)).offer
    await done(call, SetPublicOffer(strategy=strategy.number, offer=number))


def _commission_in(rate: Real, currency: str) -> Minor:
    """Return minor units for a million: 10 and 0.00001 of USD are both 10.00."""
    if rate < 0:
        raise invalid_input("CommissionRate", "expected 0 or more")
    digits = CURRENCY_DIGITS[currency]
    if 0 < rate < 1:
        commission = units_of(rate, digits + _PER_MILLION_DIGITS, "CommissionRate")
    else:
        commission = units_of(rate, 0, "CommissionRate") * int(10**digits)
    if commission > COMMISSION_MAX:
        raise invalid_input("CommissionRate", "too large")
    return commission


def _tags_in(text: str) -> str:
    """Return execution tags as the engine reads them: a JSON object with small names. Raises `Failure`."""
    if not text.strip():
        return ""
    try:
        tags = msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError:
        raise invalid_input("ExecutionTags", 'expected a JSON object such as {"postfix": ".m"}') from None
    return msgspec.json.encode({name.lower(): value for name, value in tags.items()}).decode()


@MANAGER.method("strategies.set")
async def strategies_set(call: Call, given: StrategyToName) -> None:
    """Give a strategy another name."""
    await done(call, RenameStrategy(strategy_of(call, given.ID).number, given.Name))


@MANAGER.method("strategies.close")
async def strategies_close(call: Call, given: StrategyOfId) -> CommandTakenView:
    """Close a strategy for good: all investments are closed, fees are settled, the trader's own comes last."""
    return CommandTakenView(command_of(await done(call, CloseStrategy(strategy_of(call, given.ID).number))))


@MANAGER.method("strategies.checkName", reads=True)
async def strategies_check_name(call: Call, given: StrategyName) -> NameAvailable:
    """Say whether a strategy may be given a name."""
    return NameAvailable(check_name(copy_of(call), given.Name) is None)
