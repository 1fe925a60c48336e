"""Strategies and their offers: opened, renamed, paused, resumed, disabled, closed; terms added, shown and ended."""

import msgspec
import numpy as np

from prorata.copying import lifecycle
from prorata.copying.desk import Cause, CopyDesk, Refusal, Refused, Tags, refuse
from prorata.copying.investments import Profile, Routing, check_limits, open_investment
from prorata.copying.state import Offer, Strategy, Wallet, empty_investments
from prorata.messages.copy_commands import (
    AddOffer,
    CloseStrategy,
    DisableStrategy,
    EndOffer,
    OpenStrategy,
    PauseStrategy,
    RenameStrategy,
    ResumeStrategy,
    SetPublicOffer,
)
from prorata.messages.copy_events import OfferAdded, OfferChanged, StrategyOpened
from prorata.messages.copy_terms import (
    FACTOR_ONE,
    CommandKind,
    InvestmentState,
    InvestmentType,
    ManageType,
    OfferStatus,
    OfferType,
    StrategyStatus,
)
from prorata.units.numbers import MONEY_MAX, PPM, Minor

NAME_MAX = 50
_NAME_EXTRAS = frozenset(" .,!?_")
LINK_MAX = 32
COMMISSION_MAX: Minor = MONEY_MAX // PPM
"""for each million of turnover"""


def open_strategy(desk: CopyDesk, command: OpenStrategy) -> Refused | None:
    """Open a strategy with the trader's own investment. It asks its source for a first, hard synchronisation."""
    wallet = desk.state.wallets.get(command.wallet)
    if wallet is None:
        return refuse(Refusal.UNKNOWN_WALLET)
    refusal = _check_open(desk, command, wallet)
    if refusal is not None:
        return refusal
    strategy = Strategy(
        number=desk.state.next_strategy,
        client=wallet.client,
        wallet=wallet.number,
        company=wallet.company,
        name=command.name,
        currency=wallet.currency,
        accounting=command.accounting,
        manage=command.manage,
        created_at=desk.now,
        source_login=command.source_login,
        external_server=command.external_server,
        external_account=command.external_account,
        tags=command.tags,
        rows=0,
        investments=empty_investments(),
        need_sync=2,
        interval=_issue_interval(desk),
        interval_began_at=desk.now,
    )
    desk.state.next_strategy += 1
    desk.state.strategies[strategy.number] = strategy
    desk.take_strategy(strategy)
    desk.next_settlement = None
    desk.tell(
        StrategyOpened(
            strategy.number, strategy.client, strategy.wallet, strategy.company, strategy.name, strategy.currency,
            strategy.accounting, strategy.manage, strategy.source_login, strategy.external_server,
            strategy.external_account, strategy.tags,
        )
    )  # fmt: skip
    offer = _add(desk, strategy, Offer(desk.state.next_offer, strategy.number, OfferType.TRADER, desk.now))
    profile = Profile(FACTOR_ONE, command.protection_ppm, command.target_ppm)
    routing = Routing(command.stream, command.a_book_percent)
    open_investment(desk, strategy, offer, wallet, command.money, profile, InvestmentType.OWN, routing)
    lifecycle.tell_strategy(desk, strategy)
    return None


def _issue_interval(desk: CopyDesk) -> int:
    interval = desk.state.next_interval
    desk.state.next_interval += 1
    return interval


def _check_open(desk: CopyDesk, command: OpenStrategy, wallet: Wallet) -> Refused | None:
    spec = desk.state.specs.get(f"{wallet.company}/{wallet.currency}")
    if spec is None:
        return refuse(Refusal.NO_COPY_SPEC)
    refusal = check_name(desk, command.name) or check_limits(command.protection_ppm, command.target_ppm)
    if refusal is not None:
        return refuse(refusal)
    if not _are_tags(command.tags):
        return refuse(Refusal.MALFORMED, "tags: a JSON object")
    if command.manage == ManageType.ACCOUNT:
        account = desk.desk.state.accounts.get(command.source_login)
        if account is None:
            return refuse(Refusal.SOURCE_MISSING)
        if desk.desk.groups[account.group].currency != wallet.currency:
            return refuse(Refusal.CURRENCIES_DIFFER)
    if command.stream and command.stream not in desk.state.streams:
        return refuse(Refusal.UNKNOWN_STREAM)
    if command.a_book_percent is not None and not 0 <= command.a_book_percent <= 100:
        return refuse(Refusal.SHARE_OUT_OF_RANGE, "a_book_percent")
    if command.money < spec.trader_min:
        return refuse(Refusal.BELOW_LEAST_BALANCE)
    return refuse(Refusal.NOT_ENOUGH_MONEY) if command.money > wallet.balance else None


def _are_tags(tags: str) -> bool:
    if not tags:
        return True
    try:
        msgspec.json.decode(tags, type=Tags)
    except msgspec.DecodeError:
        return False
    return True


def check_name(desk: CopyDesk, name: str) -> Refusal | None:
    """Latin letters, digits, space and . , ! ? _; unique on the platform without regard to case, closed strategies included."""
    if not 1 <= len(name) <= NAME_MAX or name != name.strip():
        return Refusal.NAME_INVALID
    if not all((sign.isascii() and sign.isalnum()) or sign in _NAME_EXTRAS for sign in name):
        return Refusal.NAME_INVALID
    return Refusal.NAME_TAKEN if name.casefold() in desk.names else None


def rename_strategy(desk: CopyDesk, command: RenameStrategy) -> Refused | None:
    strategy = desk.state.strategies.get(command.strategy)
    if strategy is None:
        return refuse(Refusal.UNKNOWN_STRATEGY)
    if strategy.status == StrategyStatus.CLOSED:
        return refuse(Refusal.STRATEGY_CLOSED)
    if command.name.casefold() != strategy.name.casefold():
        refusal = check_name(desk, command.name)
        if refusal is not None:
            return refuse(refusal)
    desk.names.discard(strategy.name.casefold())
    strategy.name = command.name
    desk.names.add(command.name.casefold())
    lifecycle.tell_strategy(desk, strategy)
    return None


def pause_strategy(desk: CopyDesk, command: PauseStrategy) -> Refused | None:
    """Stop copying: all positions of all investors are closed."""
    strategy = desk.state.strategies.get(command.strategy)
    refusal = _check_status(strategy, StrategyStatus.ACTIVE, Refusal.STRATEGY_NOT_ACTIVE)
    if refusal is not None:
        return refusal
    assert strategy is not None
    number = lifecycle.take_command(desk, CommandKind.PAUSE_STRATEGY, strategy)
    _stop(desk, strategy, StrategyStatus.PAUSED, number)
    return None


def _stop(desk: CopyDesk, strategy: Strategy, status: StrategyStatus, command: int) -> None:
    strategy.status = status
    strategy.command = command
    lifecycle.tell_strategy(desk, strategy)
    lifecycle.close_positions(desk, strategy, lifecycle.active_rows(strategy), Cause(command=command))


def _check_status(strategy: Strategy | None, status: StrategyStatus, otherwise: Refusal) -> Refused | None:
    if strategy is None:
        return refuse(Refusal.UNKNOWN_STRATEGY)
    if strategy.status == StrategyStatus.CLOSED:
        return refuse(Refusal.STRATEGY_CLOSED)
    return refuse(otherwise) if strategy.status != status else None


def resume_strategy(desk: CopyDesk, command: ResumeStrategy) -> Refused | None:
    """Copy again from the next synchronisation on. The trader's own investment goes on with it, whatever had stopped it."""
    strategy = desk.state.strategies.get(command.strategy)
    refusal = _check_status(strategy, StrategyStatus.PAUSED, Refusal.STRATEGY_NOT_PAUSED)
    if refusal is not None:
        return refusal
    assert strategy is not None
    number = lifecycle.take_command(desk, CommandKind.RESUME_STRATEGY, strategy)
    _go_on(desk, strategy, number)
    lifecycle.end_command(desk, strategy, number)
    return None


def _go_on(desk: CopyDesk, strategy: Strategy, command: int = 0) -> None:
    if strategy.command:
        lifecycle.end_command(desk, strategy, strategy.command)
        strategy.command = 0
    strategy.status = StrategyStatus.ACTIVE
    columns = strategy.investments
    if columns.state[0] not in (InvestmentState.FLAT, InvestmentState.OPEN):
        lifecycle.copy_again(desk, strategy, 0, command)
    columns.waits[lifecycle.active_rows(strategy)] = 1
    strategy.need_sync = max(strategy.need_sync, 1)
    desk.settled[strategy.number] = None
    desk.watches.pop(strategy.number, None)
    lifecycle.tell_strategy(desk, strategy)


def disable_strategy(desk: CopyDesk, command: DisableStrategy) -> Refused | None:
    """The company stops a strategy, or lets it go on."""
    strategy = desk.state.strategies.get(command.strategy)
    if strategy is None:
        return refuse(Refusal.UNKNOWN_STRATEGY)
    if strategy.status == StrategyStatus.CLOSED:
        return refuse(Refusal.STRATEGY_CLOSED)
    if command.disabled == (strategy.status == StrategyStatus.DISABLED):
        return refuse(Refusal.NOTHING_TO_CHANGE)
    if command.disabled:
        number = lifecycle.take_command(desk, CommandKind.PAUSE_STRATEGY, strategy)
        _stop(desk, strategy, StrategyStatus.DISABLED, number)
    else:
        _go_on(desk, strategy)
    return None


def close_strategy(desk: CopyDesk, command: CloseStrategy) -> Refused | None:
    """End a strategy for good: investors first, the trader's own investment last."""
    strategy = desk.state.strategies.get(command.strategy)
    if strategy is None:
        return refuse(Refusal.UNKNOWN_STRATEGY)
    if strategy.status == StrategyStatus.CLOSED:
        return refuse(Refusal.STRATEGY_CLOSED)
    number = lifecycle.take_command(desk, CommandKind.CLOSE_STRATEGY, strategy)
    if strategy.command:
        lifecycle.end_command(desk, strategy, strategy.command)
    strategy.status, strategy.command, strategy.public_offer = StrategyStatus.CLOSED, number, 0
    desk.forget_source(strategy)
    lifecycle.tell_strategy(desk, strategy)
    states = strategy.investments.state[1 : strategy.rows]
    others = np.flatnonzero((states != InvestmentState.CLOSED) & (states != InvestmentState.CLOSING)) + 1
    # The trader stops trading at once, too, but is paid out when everybody else is.
    lifecycle.close_positions(desk, strategy, np.zeros(1, dtype=np.int64), Cause(command=number))
    if others.size:
        lifecycle.leave(desk, strategy, others, InvestmentState.CLOSING, Cause())
    return None


# Offers.


def add_offer(desk: CopyDesk, command: AddOffer) -> Refused | None:
    """Add terms on which others may invest."""
    strategy = desk.state.strategies.get(command.strategy)
    if strategy is None:
        return refuse(Refusal.UNKNOWN_STRATEGY)
    if strategy.status == StrategyStatus.CLOSED:
        return refuse(Refusal.STRATEGY_CLOSED)
    refusal = _check_terms(desk, command, strategy)
    if refusal is not None:
        return refusal
    _add(
        desk,
        strategy,
        Offer(
            number=desk.state.next_offer,
            strategy=strategy.number,
            type=OfferType.PRIVATE,
            created_at=desk.now,
            fee_ppm=command.fee_ppm,
            commission_per_million=command.commission_per_million,
            partner_wallet=command.partner_wallet,
            partner_ppm=command.partner_ppm,
            broker_ppm=command.broker_ppm,
            basis=command.basis,
            flows=command.flows,
            restart=command.restart,
            link=command.link,
            description=command.description,
        ),
    )
    return None


def _check_terms(desk: CopyDesk, command: AddOffer, strategy: Strategy) -> Refused | None:
    shares = (command.fee_ppm, command.partner_ppm, command.broker_ppm)
    if not all(0 <= share <= PPM for share in shares) or command.partner_ppm + command.broker_ppm > PPM:
        return refuse(Refusal.SHARE_OUT_OF_RANGE)
    if not 0 <= command.commission_per_million <= COMMISSION_MAX:
        return refuse(Refusal.SHARE_OUT_OF_RANGE, "commission_per_million")
    if not 1 <= len(command.link) <= LINK_MAX or not command.link.isascii() or not command.link.isalnum():
        return refuse(Refusal.MALFORMED, "link: letters and digits")
    if command.link in desk.links:
        return refuse(Refusal.LINK_TAKEN)
    if command.partner_ppm or command.partner_wallet:
        partner = desk.state.wallets.get(command.partner_wallet)
        if partner is None:
            return refuse(Refusal.UNKNOWN_WALLET)
        if partner.currency != strategy.currency:
            return refuse(Refusal.CURRENCIES_DIFFER)
    return None


def _add(desk: CopyDesk, strategy: Strategy, offer: Offer) -> Offer:
    desk.state.next_offer += 1
    desk.state.offers[offer.number] = offer
    strategy.offers.append(offer.number)
    if offer.link:
        desk.links[offer.link] = offer.number
    desk.tell(
        OfferAdded(
            offer.number, strategy.number, offer.type, offer.fee_ppm, offer.commission_per_million, offer.partner_wallet,
            offer.partner_ppm, offer.broker_ppm, offer.basis, offer.flows, offer.restart, offer.link, offer.description,
        )
    )  # fmt: skip
    return offer


def set_public_offer(desk: CopyDesk, command: SetPublicOffer) -> Refused | None:
    """Choose which offer everybody sees; 0 makes all of them private."""
    strategy = desk.state.strategies.get(command.strategy)
    if strategy is None:
        return refuse(Refusal.UNKNOWN_STRATEGY)
    if strategy.status == StrategyStatus.CLOSED:
        return refuse(Refusal.STRATEGY_CLOSED)
    if command.offer:
        offer = desk.state.offers.get(command.offer)
        if offer is None or offer.strategy != strategy.number or offer.type == OfferType.TRADER:
            return refuse(Refusal.UNKNOWN_OFFER)
        if offer.status != OfferStatus.ACTIVE:
            return refuse(Refusal.OFFER_ENDED)
    _show(desk, strategy, command.offer)
    return None


def _show(desk: CopyDesk, strategy: Strategy, public: int) -> None:
    strategy.public_offer = public
    for number in strategy.offers:
        offer = desk.state.offers[number]
        kind = OfferType.PUBLIC if number == public else OfferType.PRIVATE
        if offer.type not in (OfferType.TRADER, kind):
            offer.type = kind
            desk.tell(OfferChanged(number, strategy.number, kind, offer.status))
    lifecycle.tell_strategy(desk, strategy)


def end_offer(desk: CopyDesk, command: EndOffer) -> Refused | None:
    """Take no more investments on an offer, or close those that it has, too."""
    offer = desk.state.offers.get(command.offer)
    if offer is None or offer.type == OfferType.TRADER:
        return refuse(Refusal.UNKNOWN_OFFER)
    if command.status <= offer.status:
        return refuse(Refusal.NOTHING_TO_CHANGE)
    strategy = desk.state.strategies[offer.strategy]
    offer.status = OfferStatus(command.status)
    desk.tell(OfferChanged(offer.number, strategy.number, offer.type, offer.status))
    if strategy.public_offer == offer.number:
        _show(desk, strategy, 0)
    if offer.status == OfferStatus.CLOSED:
        columns, rows = strategy.investments, slice(0, strategy.rows)
        mine = np.flatnonzero((columns.offer[rows] == offer.number) & (columns.state[rows] < InvestmentState.CLOSING))
        if mine.size:
            lifecycle.leave(desk, strategy, mine, InvestmentState.CLOSING, Cause())
    return None
