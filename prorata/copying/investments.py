"""What clients do with their investments: invest, add, withdraw, pause, resume, close, change profile and route."""

from typing import NamedTuple

import numpy as np

from prorata.copying import allocation, fees, hedge, lifecycle
from prorata.copying.desk import Cause, CopyDesk, Refusal, Refused, refuse
from prorata.copying.state import PLACES, UNIT_FIRST, Offer, Strategy, Wallet
from prorata.copying.values import equity_of
from prorata.messages.copy_commands import (
    CloseInvestment,
    FundInvestment,
    Invest,
    PauseInvestment,
    ResumeInvestment,
    SetProfile,
    SetRoute,
    WithdrawInvestment,
)
from prorata.messages.copy_events import InvestmentOpened, ProfileSet
from prorata.messages.copy_terms import (
    EQUITY_MAX,
    FACTOR_MAX,
    FACTOR_ONE,
    CommandKind,
    FeeFlows,
    FeeRestart,
    InvestmentState,
    InvestmentType,
    OfferStatus,
    OfferType,
    StrategyStatus,
)
from prorata.units.numbers import PPM, Minor
from prorata.units.rounding import div_floor

TARGET_MAX_PPM = 1_000_000 * PPM
_ACTIVE = (InvestmentState.FLAT, InvestmentState.OPEN)
_WAITING = (
    InvestmentState.STOPPED_OUT,
    InvestmentState.PROTECTED,
    InvestmentState.TARGET_TAKEN,
    InvestmentState.PAUSED,
    InvestmentState.DISABLED,
)


class Profile(NamedTuple):
    """What an investor chooses. `factor` in hundredths."""

    factor: int
    protection_ppm: int
    target_ppm: int


class Routing(NamedTuple):
    """Where an investment deals, and which part of it there; 0 and None are the company's."""

    stream: int = 0
    a_book_percent: int | None = None


COMPANYS = Routing()


def check_limits(protection_ppm: int, target_ppm: int) -> Refusal | None:
    if not 0 <= protection_ppm < PPM:
        return Refusal.PROTECTION_OUT_OF_RANGE
    return None if 0 <= target_ppm <= TARGET_MAX_PPM else Refusal.TARGET_OUT_OF_RANGE


def check_profile(profile: Profile) -> Refusal | None:
    if not 1 <= abs(profile.factor) <= FACTOR_MAX:
        return Refusal.FACTOR_OUT_OF_RANGE
    return check_limits(profile.protection_ppm, profile.target_ppm)


def invest(desk: CopyDesk, command: Invest) -> Refused | None:
    """Put money into a strategy; its positions are copied with the synchronisation that this asks for."""
    wallet = desk.state.wallets.get(command.wallet)
    if wallet is None:
        return refuse(Refusal.UNKNOWN_WALLET)
    offer = desk.state.offers.get(command.offer)
    if offer is None or offer.type == OfferType.TRADER:
        return refuse(Refusal.UNKNOWN_OFFER)
    strategy = desk.state.strategies[offer.strategy]
    profile = Profile(command.factor, command.protection_ppm, command.target_ppm)
    refusal = (
        _check_open(desk, strategy, offer, wallet)
        or check_profile(profile)
        or _check_money(wallet, command.money, desk.spec_of(strategy).investor_min)
    )
    if refusal is not None:
        return refuse(refusal)
    kind = InvestmentType.EXTERNAL if wallet.external else InvestmentType.INTERNAL
    open_investment(desk, strategy, offer, wallet, command.money, profile, kind)
    strategy.need_sync = max(strategy.need_sync, 1)
    lifecycle.tell_strategy(desk, strategy)
    return None


def _check_open(desk: CopyDesk, strategy: Strategy, offer: Offer, wallet: Wallet) -> Refusal | None:
    if strategy.status == StrategyStatus.CLOSED:
        return Refusal.STRATEGY_CLOSED
    if strategy.status != StrategyStatus.ACTIVE:
        return Refusal.STRATEGY_NOT_ACTIVE
    if offer.status != OfferStatus.ACTIVE:
        return Refusal.OFFER_ENDED
    if wallet.currency != strategy.currency:
        return Refusal.CURRENCIES_DIFFER
    if (wallet.client, strategy.number) in desk.investors:
        return Refusal.ALREADY_INVESTED
    return Refusal.OUT_OF_RANGE if strategy.rows >= PLACES - 1 else None


def _check_money(wallet: Wallet, money: Minor, least: Minor) -> Refusal | None:
    if money <= 0:
        return Refusal.AMOUNT_NOT_POSITIVE
    if money < least:
        return Refusal.BELOW_LEAST_BALANCE
    if money > EQUITY_MAX:
        return Refusal.AMOUNT_TOO_LARGE
    return Refusal.NOT_ENOUGH_MONEY if money > wallet.balance else None


def open_investment(
    desk: CopyDesk, strategy: Strategy, offer: Offer, wallet: Wallet, money: Minor, profile: Profile, kind: InvestmentType,
    routing: Routing = COMPANYS,
) -> int:  # fmt: skip
    """Enter a new row and move the money into it. Returns its number. The caller has checked everything."""
    number = desk.state.next_investment
    desk.state.next_investment += 1
    row = strategy.rows
    strategy.rows += 1
    columns = strategy.investments
    columns.reserve(strategy.rows)
    for head in strategy.legs.values():
        head.rows.reserve(strategy.rows)
    desk.enter_investment(number, strategy, wallet)
    own = kind == InvestmentType.OWN
    spec = desk.spec_of(strategy)
    stream = routing.stream or (spec.stream_trader if own else spec.stream)
    share = spec.a_book_percent if routing.a_book_percent is None else routing.a_book_percent
    values = {
        "number": number, "place": row, "client": wallet.client, "wallet": wallet.number, "company": wallet.company,
        "offer": offer.number, "type": kind, "test": wallet.test, "state": InvestmentState.FLAT, "opened_at": desk.now,
        "factor": profile.factor, "protection_ppm": profile.protection_ppm, "target_ppm": profile.target_ppm,
        "a_book_percent": share, "stream": stream, "fee_ppm": offer.fee_ppm,
        "commission": offer.commission_per_million, "partner_wallet": offer.partner_wallet,
        "partner_ppm": offer.partner_ppm, "broker_ppm": offer.broker_ppm, "basis": offer.basis,
        "settle_first": offer.flows == FeeFlows.SETTLE_FIRST, "waits": 1, "unit_price": UNIT_FIRST, "unit_equity": money,
    }  # fmt: skip
    for name, value in values.items():
        getattr(columns, name)[row] = int(value)
    if offer.restart == FeeRestart.KEEP:
        columns.drawdown[row] = strategy.kept.pop(wallet.client, 0)
    desk.tell(
        InvestmentOpened(
            number, strategy.number, offer.number, wallet.client, wallet.number, wallet.company, kind, *profile,
            share, stream, strategy.interval,
        )
    )  # fmt: skip
    command = lifecycle.take_command(desk, CommandKind.INVEST, strategy, number)
    lifecycle.move(desk, strategy, row, money, command)
    lifecycle.end_command(desk, strategy, command)
    return number


def _find(desk: CopyDesk, number: int) -> tuple[Strategy, int] | Refused:
    """Return a living investment's strategy and row."""
    found = desk.find_investment(number)
    if found is None:
        return refuse(Refusal.UNKNOWN_INVESTMENT)
    strategy, row = found
    state = strategy.investments.state[row]
    if state == InvestmentState.CLOSED:
        return refuse(Refusal.INVESTMENT_CLOSED)
    return refuse(Refusal.INVESTMENT_CLOSING) if state == InvestmentState.CLOSING else found


def fund_investment(desk: CopyDesk, command: FundInvestment) -> Refused | None:
    """Add money; open positions grow in proportion: by (equity + amount) / equity."""
    found = _find(desk, command.investment)
    if isinstance(found, Refused):
        return found
    strategy, row = found
    wallet = desk.state.wallets[int(strategy.investments.wallet[row])]
    refusal = _check_money(wallet, command.amount, 1)
    equity = equity_of(desk, strategy, row)
    if refusal is None and equity + command.amount > EQUITY_MAX:
        refusal = Refusal.AMOUNT_TOO_LARGE
    if refusal is not None:
        return refuse(refusal)
    number = lifecycle.take_command(desk, CommandKind.FUND, strategy, command.investment)
    lifecycle.fix_unit_price(strategy, row, equity, command.amount)
    lifecycle.move(desk, strategy, row, command.amount, number)
    if strategy.investments.state[row] == InvestmentState.OPEN and equity > 0:
        allocation.scale(desk, strategy, row, equity + command.amount, equity, Cause(command=number))
    lifecycle.end_command(desk, strategy, number)
    return None


def withdraw_investment(desk: CopyDesk, command: WithdrawInvestment) -> Refused | None:
    """Take money out while nothing is copied: at most what leaves the least balance."""
    found = _find(desk, command.investment)
    if isinstance(found, Refused):
        return found
    strategy, row = found
    columns = strategy.investments
    if not may_withdraw(strategy, row):
        return refuse(Refusal.INVESTMENT_NOT_PAUSED)
    if command.amount <= 0:
        return refuse(Refusal.AMOUNT_NOT_POSITIVE)
    if command.amount > withdrawable(desk, strategy, row):
        return refuse(Refusal.ABOVE_WITHDRAWABLE)
    number = lifecycle.take_command(desk, CommandKind.WITHDRAW, strategy, command.investment)
    if columns.settle_first[row]:
        fees.settle(desk, strategy, np.array([row], dtype=np.int64), strategy.interval)
    lifecycle.fix_unit_price(strategy, row, int(columns.balance[row]), -command.amount)
    lifecycle.move(desk, strategy, row, -command.amount, number)
    lifecycle.end_command(desk, strategy, number)
    return None


def may_withdraw(strategy: Strategy, row: int) -> bool:
    """Say whether an investment copies nothing now: it waits for its owner, or its strategy stands still."""
    if strategy.investments.state[row] in _WAITING:
        return True
    return strategy.status != StrategyStatus.ACTIVE and strategy.investments.state[row] == InvestmentState.FLAT


def withdrawable(desk: CopyDesk, strategy: Strategy, row: int) -> Minor:
    """Return AvailableToWithdraw: equity less the least balance, and less the fee that is settled first, if it is.

    2,900.82 with a least balance of 200.00 gives 2,700.82.
    """
    columns, spec = strategy.investments, desk.spec_of(strategy)
    least = spec.trader_min if columns.type[row] == InvestmentType.OWN else spec.investor_min
    equity = equity_of(desk, strategy, row)
    if columns.settle_first[row]:
        result = equity - int(columns.profit_base[row]) - int(columns.drawdown[row])
        equity -= div_floor(max(result, 0) * int(columns.fee_ppm[row]), PPM)
    return max(0, equity - least)


def pause_investment(desk: CopyDesk, command: PauseInvestment) -> Refused | None:
    """Stop copying and close all positions. The trader's own investment pauses with its strategy only."""
    found = _find(desk, command.investment)
    if isinstance(found, Refused):
        return found
    strategy, row = found
    if row == 0:
        return refuse(Refusal.OWN_INVESTMENT)
    if strategy.investments.state[row] not in _ACTIVE:
        return refuse(Refusal.INVESTMENT_NOT_ACTIVE)
    number = lifecycle.take_command(desk, CommandKind.PAUSE, strategy, command.investment)
    one = np.array([row], dtype=np.int64)
    lifecycle.leave(desk, strategy, one, InvestmentState.PAUSING, Cause(command=number))
    return None


def resume_investment(desk: CopyDesk, command: ResumeInvestment) -> Refused | None:
    """Copy again: all positions of the strategy are opened at current prices, with the synchronisation that this asks for."""
    found = _find(desk, command.investment)
    if isinstance(found, Refused):
        return found
    strategy, row = found
    columns = strategy.investments
    if row == 0:
        return refuse(Refusal.OWN_INVESTMENT)
    if columns.state[row] in _ACTIVE:
        return refuse(Refusal.INVESTMENT_NOT_PAUSED)
    if _is_at_limit(desk, strategy, row):
        return refuse(Refusal.LIMIT_REACHED, "set protection or target anew first")
    number = lifecycle.take_command(desk, CommandKind.RESUME, strategy, command.investment)
    lifecycle.end_command(desk, strategy, int(columns.command[row]))
    columns.command[row] = 0
    lifecycle.copy_again(desk, strategy, row, number)
    desk.settled[strategy.number] = None
    desk.watches.pop(strategy.number, None)
    _ask_for_sync(desk, strategy, row)
    lifecycle.end_command(desk, strategy, number)
    return None


def _is_at_limit(desk: CopyDesk, strategy: Strategy, row: int) -> bool:
    columns = strategy.investments
    equity, base = equity_of(desk, strategy, row), int(columns.base[row])
    protection, target = int(columns.protection_ppm[row]), int(columns.target_ppm[row])
    lost = protection > 0 and equity * PPM <= base * protection
    return lost or (target > 0 and equity * PPM >= base * (PPM + target))


def _ask_for_sync(desk: CopyDesk, strategy: Strategy, row: int) -> None:
    strategy.investments.waits[row] = 1
    if strategy.status != StrategyStatus.CLOSED and not strategy.need_sync:
        strategy.need_sync = 1
        lifecycle.tell_strategy(desk, strategy)


def close_investment(desk: CopyDesk, command: CloseInvestment) -> Refused | None:
    """Close everything, settle the fee, and pay the rest to the wallet. The trader's own ends with its strategy only."""
    found = _find(desk, command.investment)
    if isinstance(found, Refused):
        return found
    strategy, row = found
    if row == 0:
        return refuse(Refusal.OWN_INVESTMENT)
    number = lifecycle.take_command(desk, CommandKind.CLOSE, strategy, command.investment)
    one = np.array([row], dtype=np.int64)
    lifecycle.leave(desk, strategy, one, InvestmentState.CLOSING, Cause(command=number))
    return None


def set_profile(desk: CopyDesk, command: SetProfile) -> Refused | None:
    """Change factor, protection or target. Both limits are shares of the present equity from now on."""
    found = _find(desk, command.investment)
    if isinstance(found, Refused):
        return found
    strategy, row = found
    columns = strategy.investments
    profile = Profile(
        int(columns.factor[row]) if command.factor is None else command.factor,
        int(columns.protection_ppm[row]) if command.protection_ppm is None else command.protection_ppm,
        int(columns.target_ppm[row]) if command.target_ppm is None else command.target_ppm,
    )
    refusal = check_profile(profile)
    if refusal is None and row == 0 and profile.factor != FACTOR_ONE:
        refusal = Refusal.FACTOR_OUT_OF_RANGE
    if refusal is not None:
        return refuse(refusal)
    number = lifecycle.take_command(desk, CommandKind.PROFILE, strategy, command.investment)
    resized = profile.factor != columns.factor[row]
    columns.factor[row], columns.protection_ppm[row], columns.target_ppm[row] = profile
    columns.base[row] = max(0, equity_of(desk, strategy, row))
    desk.watches.pop(strategy.number, None)
    _tell_profile(desk, strategy, row)
    if resized and columns.state[row] in _ACTIVE:
        _ask_for_sync(desk, strategy, row)
    lifecycle.end_command(desk, strategy, number)
    return None


def _tell_profile(desk: CopyDesk, strategy: Strategy, row: int) -> None:
    columns = strategy.investments
    names = ("number", "factor", "protection_ppm", "target_ppm", "base", "a_book_percent", "stream")
    number, *rest = (int(getattr(columns, name)[row]) for name in names)
    desk.tell(ProfileSet(number, strategy.number, *rest))


def set_route(desk: CopyDesk, command: SetRoute) -> Refused | None:
    """Change A-book share or stream. What the old stream holds for the investment moves to the new one."""
    found = _find(desk, command.investment)
    if isinstance(found, Refused):
        return found
    strategy, row = found
    columns = strategy.investments
    share = int(columns.a_book_percent[row]) if command.a_book_percent is None else command.a_book_percent
    stream = int(columns.stream[row]) if command.stream is None else command.stream
    if not 0 <= share <= 100:
        return refuse(Refusal.SHARE_OUT_OF_RANGE)
    if stream not in desk.state.streams:
        return refuse(Refusal.UNKNOWN_STREAM)
    moves = stream != columns.stream[row]
    if any(head.rows.pending[row] for head in strategy.legs.values()):
        return refuse(Refusal.POSITION_IN_FLIGHT)
    number = lifecycle.take_command(desk, CommandKind.ROUTE, strategy, command.investment)
    for head in strategy.legs.values() if moves else ():
        held = int(head.rows.a_volume[row])
        if held:
            hedge.shift(desk, int(columns.stream[row]), head.symbol, -held)
            hedge.shift(desk, stream, head.symbol, held)
    columns.a_book_percent[row], columns.stream[row] = share, stream
    _tell_profile(desk, strategy, row)
    lifecycle.end_command(desk, strategy, number)
    return None
