"""Signals and synchronisations: from the Trading API, the Manager API, or a trading account of this platform.

A signal says what the source holds of one symbol after a change, a synchronisation all that it holds. A soft one brings
in line only those investments that wait for it (new, resumed, with another factor), a hard one all.
"""

from collections.abc import Sequence

from prorata.copying import allocation, lifecycle
from prorata.copying.desk import Cause, CopyDesk, Refusal, Refused, refuse
from prorata.copying.state import Strategy, leg_key
from prorata.copying.values import price_of
from prorata.messages.commands import BUY
from prorata.messages.copy_commands import Held, SendSignal, SendSync
from prorata.messages.copy_events import SignalTaken
from prorata.messages.copy_terms import EQUITY_MAX, Accounting, SignalStatus, StrategyStatus
from prorata.messages.events import BalanceBooked, Dealt, Event
from prorata.trading.equity import equity_of
from prorata.trading.state import Account
from prorata.units.numbers import PPM, VOLUME_MAX, Minor, Moment, Points, Volume

SOFT, HARD = 1, 2


def send_signal(desk: CopyDesk, command: SendSignal) -> Refused | None:
    """Take one signal: every investment that copies gets its part of the change."""
    strategy = desk.state.strategies.get(command.strategy)
    refusal = _check_source(strategy, command.equity, command.sent_at)
    if refusal is not None:
        return refuse(refusal)
    assert strategy is not None
    symbol = _known_symbol(desk, strategy, command.symbol)
    if symbol is None:
        return refuse(Refusal.UNKNOWN_SYMBOL)
    if abs(command.lot) > VOLUME_MAX:
        return refuse(Refusal.VOLUME_TOO_LARGE)
    if strategy.accounting == Accounting.HEDGING and not command.ticket:
        return refuse(Refusal.TICKET_MISSING)
    _note(strategy, command.equity, command.sent_at, desk.now)
    ticket = command.ticket if strategy.accounting == Accounting.HEDGING else ""
    _take(desk, strategy, symbol, command.lot, command.equity, ticket, command.ticket, command.comment)
    return None


def _check_source(strategy: Strategy | None, equity: Minor, sent_at: Moment) -> Refusal | None:
    if strategy is None:
        return Refusal.UNKNOWN_STRATEGY
    if strategy.status == StrategyStatus.CLOSED:
        return Refusal.STRATEGY_CLOSED
    if strategy.status != StrategyStatus.ACTIVE:
        return Refusal.STRATEGY_NOT_ACTIVE
    if not 0 < equity <= EQUITY_MAX:
        return Refusal.SOURCE_EQUITY_NOT_POSITIVE if equity <= 0 else Refusal.AMOUNT_TOO_LARGE
    return Refusal.STALE_SIGNAL if sent_at and sent_at < strategy.signalled_at else None


def _known_symbol(desk: CopyDesk, strategy: Strategy, name: str) -> str | None:
    """Return our name of the source's symbol: its own, or without the postfix that the strategy's tags name."""
    if name in desk.desk.markets:
        return name
    postfix = desk.postfixes.get(strategy.number, "")
    bare = name.removesuffix(postfix) if postfix else name
    return bare if bare in desk.desk.markets else None


def _note(strategy: Strategy, equity: Minor, sent_at: Moment, now: Moment) -> None:
    strategy.source_equity = equity
    strategy.signalled_at = max(strategy.signalled_at, sent_at)
    strategy.last_signal_at = now


def _take(
    desk: CopyDesk, strategy: Strategy, symbol: str, lot: Volume, equity: Minor, ticket: str, named: str, comment: str
) -> None:
    signal = _tell(desk, strategy, symbol, lot, equity, (), ticket=named, comment=comment, soft=False)
    if lot == 0 and leg_key(symbol, ticket) not in strategy.legs:
        return
    head = allocation.find_leg(desk, strategy, symbol, ticket)
    rows = lifecycle.active_rows(strategy)
    allocation.follow(desk, strategy, head, rows, lot, equity, Cause(signal=signal))
    desk.settled[strategy.number] = None


def _tell(
    desk: CopyDesk, strategy: Strategy, symbol: str, lot: Volume, equity: Minor, symbols: tuple[str, ...], *, ticket: str,
    comment: str, soft: bool, status: SignalStatus = SignalStatus.OK,
) -> int:  # fmt: skip
    signal = desk.state.next_signal
    desk.state.next_signal += 1
    strategy.signals += 1
    price = _middle(desk, strategy, symbol) if symbol else 0
    desk.tell(SignalTaken(signal, strategy.number, symbol, lot, equity, symbols, status, ticket, comment, soft, price))
    return signal


def _middle(desk: CopyDesk, strategy: Strategy, symbol: str) -> Points:
    price = price_of(desk, symbol, strategy.currency)
    return price.middle if price is not None else 0


def send_sync(desk: CopyDesk, command: SendSync) -> Refused | None:
    """Bring positions in line with what the source holds. Symbols that are not known here are passed over."""
    strategy = desk.state.strategies.get(command.strategy)
    # Who holds nothing need not say what he is worth: nothing is reckoned from it.
    nothing = strategy is not None and not command.equity and not any(line.lot for line in command.held)
    equity = max(strategy.source_equity, 1) if strategy is not None and nothing else command.equity
    refusal = _check_source(strategy, equity, command.sent_at)
    if refusal is not None:
        return refuse(refusal)
    assert strategy is not None
    if any(abs(line.lot) > VOLUME_MAX for line in command.held):
        return refuse(Refusal.VOLUME_TOO_LARGE)
    if strategy.accounting == Accounting.HEDGING and not all(line.ticket for line in command.held):
        return refuse(Refusal.TICKET_MISSING)
    lines: list[Held] = []
    for line in command.held:
        symbol = _known_symbol(desk, strategy, line.symbol)
        if symbol is not None:
            ticket = line.ticket if strategy.accounting == Accounting.HEDGING else ""
            lines.append(Held(symbol, line.lot, line.equity, ticket))
    _note(strategy, command.equity or strategy.source_equity, command.sent_at, desk.now)
    align(desk, strategy, lines, command.equity, soft=command.soft, ticket=command.ticket, comment=command.comment)
    return None


def align(
    desk: CopyDesk, strategy: Strategy, lines: Sequence[Held], equity: Minor, *, soft: bool, ticket: str = "", comment: str = ""
) -> None:
    """Bring all rows (soft: those that wait) in line with `lines`; what is not named there is closed."""
    symbols = tuple(sorted({line.symbol for line in lines if line.lot}))
    signal = _tell(desk, strategy, "", 0, equity, symbols, ticket=ticket, comment=comment, soft=soft)
    lots: dict[tuple[str, str], Volume] = {}
    for line in lines:
        lots[line.symbol, line.ticket] = lots.get((line.symbol, line.ticket), 0) + line.lot
    for head in strategy.legs.values():
        lots.setdefault((head.symbol, head.ticket), 0)
    rows = lifecycle.active_rows(strategy)
    if soft:
        rows = rows[strategy.investments.waits[rows] == 1]
    missed = False
    # What is closed makes room for what is opened.
    for (symbol, line_ticket), lot in sorted(lots.items(), key=lambda item: (item[1] != 0, item[0])):
        if lot == 0 and leg_key(symbol, line_ticket) not in strategy.legs:
            continue
        head = allocation.find_leg(desk, strategy, symbol, line_ticket)
        missed |= head.lot != lot
        allocation.realign(desk, strategy, head, rows, lot, equity, Cause(signal=signal))
    strategy.investments.waits[rows] = 0
    # A soft one that brings news means that a signal was lost: the others must be brought in line, too.
    strategy.need_sync = HARD if soft and missed and rows.size < lifecycle.active_rows(strategy).size else 0
    desk.settled[strategy.number] = None
    lifecycle.tell_strategy(desk, strategy)


# A trading account of this platform as the source.


def watch_accounts(desk: CopyDesk, events: Sequence[Event]) -> None:
    """Copy what trading accounts have just done to the strategies that copy them."""
    for event in events:
        if type(event) is Dealt and event.login in desk.sources:
            _copy_deal(desk, event)
        elif type(event) is BalanceBooked and event.login in desk.sources:
            _copy_booking(desk, event)


def _copy_deal(desk: CopyDesk, deal: Dealt) -> None:
    account = desk.desk.state.accounts[deal.login]
    equity = equity_of(desk.desk, account)
    for number in desk.sources[deal.login]:
        strategy = desk.state.strategies[number]
        hedging = strategy.accounting == Accounting.HEDGING
        ticket = str(deal.position) if hedging else ""
        lot = _lot_of(account, deal.symbol, deal.position if hedging else 0)
        if _check_source(strategy, equity, 0) is not None:
            _tell(
                desk, strategy, deal.symbol, lot, equity, (), ticket=ticket, comment="", soft=False,
                status=SignalStatus.REJECTED,
            )  # fmt: skip
            continue
        _note(strategy, equity, 0, desk.now)
        _take(desk, strategy, deal.symbol, lot, equity, ticket, str(deal.position), "")


def _lot_of(account: Account, symbol: str, ticket: int) -> Volume:
    """Return the signed net lot of a symbol, or of one position."""
    return sum(
        position.volume if position.side is BUY else -position.volume
        for position in account.positions.values()
        if position.symbol == symbol and ticket in (0, position.ticket)
    )


def _copy_booking(desk: CopyDesk, booked: BalanceBooked) -> None:
    """Realign when money in or out has changed the account's proportions by more than the company's share."""
    account = desk.desk.state.accounts[booked.login]
    equity = equity_of(desk.desk, account)
    before = equity - booked.amount
    for number in desk.sources[booked.login]:
        strategy = desk.state.strategies[number]
        if abs(booked.amount) * PPM < before * desk.spec_of(strategy).sync_balance_ppm:
            continue
        if _check_source(strategy, equity, 0) is None:
            _note(strategy, equity, 0, desk.now)
            align(desk, strategy, _held_by(strategy, account), equity, soft=False, ticket="Balance")


def _held_by(strategy: Strategy, account: Account) -> list[Held]:
    """Return what an account holds, as its strategy counts it."""
    hedging = strategy.accounting == Accounting.HEDGING
    return [
        Held(
            position.symbol,
            position.volume if position.side is BUY else -position.volume,
            0,
            str(position.ticket) if hedging else "",
        )
        for position in account.positions.values()
    ]


def answer_own(desk: CopyDesk) -> None:
    """Give strategies that copy an account of this platform the synchronisation that they ask for.

    While the account is worth nothing there is none to give; it is asked for until there is.
    """
    for number in sorted(desk.unsynced):
        strategy = desk.state.strategies[number]
        account = desk.desk.state.accounts[strategy.source_login]
        equity = equity_of(desk.desk, account)
        if _check_source(strategy, equity, 0) is None:
            _note(strategy, equity, 0, desk.now)
            align(desk, strategy, _held_by(strategy, account), equity, soft=strategy.need_sync == SOFT)
