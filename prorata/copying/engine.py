"""One trade platform: the trade server with copy trading on top. The same promises as `prorata.trading.engine`.

Trading accounts come first: what a command does to them is done when copy trading looks at it. A batch ends with
`finish`, where all that was wanted of a stream and symbol becomes one order.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, get_args

import msgspec

from prorata.copying import (
    configure,
    days,
    fees,
    hedge,
    investments,
    lifecycle,
    limits,
    signals,
    strategies,
    wallets,
)
from prorata.copying.desk import CopyDesk
from prorata.copying.state import CopyState, encode_column
from prorata.messages.commands import Command, HedgeEnded, HedgeFilled, PutSymbol, PutSymbols, Quotes, RemoveSymbol
from prorata.messages.copy_commands import (
    AddOffer,
    BookWallet,
    CloseInvestment,
    CloseStrategy,
    CopyCommand,
    DisableStrategy,
    EndOffer,
    EndReservation,
    FundInvestment,
    Invest,
    OpenStrategy,
    OpenWallet,
    PauseInvestment,
    PauseStrategy,
    PutCopySpec,
    PutStream,
    RenameStrategy,
    ReserveWithdrawal,
    ResumeInvestment,
    ResumeStrategy,
    SendSignal,
    SendSync,
    SetProfile,
    SetPublicOffer,
    SetRoute,
    WithdrawInvestment,
)
from prorata.messages.events import Event, Refused
from prorata.messages.symbols import SymbolSpec
from prorata.trading import levels
from prorata.trading.desk import Desk
from prorata.trading.engine import HANDLERS as TRADING_HANDLERS
from prorata.trading.engine import Engine as TradingEngine
from prorata.trading.state import State
from prorata.units.numbers import Moment

Handler = Callable[[CopyDesk, Any], Refused | None]

HANDLERS: dict[type, Handler] = {
    PutCopySpec: configure.put_copy_spec,
    PutStream: configure.put_stream,
    OpenWallet: wallets.open_wallet,
    BookWallet: wallets.book_wallet,
    ReserveWithdrawal: wallets.reserve_withdrawal,
    EndReservation: wallets.end_reservation,
    OpenStrategy: strategies.open_strategy,
    RenameStrategy: strategies.rename_strategy,
    PauseStrategy: strategies.pause_strategy,
    ResumeStrategy: strategies.resume_strategy,
    DisableStrategy: strategies.disable_strategy,
    CloseStrategy: strategies.close_strategy,
    AddOffer: strategies.add_offer,
    SetPublicOffer: strategies.set_public_offer,
    EndOffer: strategies.end_offer,
    Invest: investments.invest,
    FundInvestment: investments.fund_investment,
    WithdrawInvestment: investments.withdraw_investment,
    PauseInvestment: investments.pause_investment,
    ResumeInvestment: investments.resume_investment,
    CloseInvestment: investments.close_investment,
    SetProfile: investments.set_profile,
    SetRoute: investments.set_route,
    SendSignal: signals.send_signal,
    SendSync: signals.send_sync,
}
assert HANDLERS.keys() == set(get_args(CopyCommand)), "a command without a handler"
_FOR_BOTH = {HedgeFilled, HedgeEnded, PutSymbol, PutSymbols, RemoveSymbol}
"""what copy trading may have a say in"""
_FOR_TRADING = {kind: handler for kind, handler in TRADING_HANDLERS.items() if kind not in _FOR_BOTH}
_state_encoder = msgspec.msgpack.Encoder(enc_hook=encode_column)


class Engine:
    """One trade platform. `desk.state` and `copy.state` are everything it remembers."""

    __slots__ = ("copy", "desk", "trading")

    def __init__(self, state: State | None = None, copying: CopyState | None = None) -> None:
        self.trading = TradingEngine(state)
        self.desk: Desk = self.trading.desk
        self.copy = CopyDesk(self.desk, CopyState() if copying is None else copying)

    def apply(self, command: Command, now: Moment) -> list[Event]:
        """Apply one command and return what happened, in order. A refused one gives just one `Refused`."""
        desk, copy, rates = self.desk, self.copy, self.desk.rates
        handler = _FOR_TRADING.get(type(command))
        if handler is not None:  # As `TradingEngine.apply`, written out: each order comes this way.
            desk.now = now
            events: list[Event] = []
            desk.events = events
            refused = handler(desk, command)
            if refused is not None:
                events.append(refused)
            if desk.uneasy:
                levels.settle(desk)
        elif type(command) in HANDLERS:
            return self._copy(HANDLERS[type(command)], command, now)
        elif self._is_for_copying(command, now):
            return desk.events
        else:
            events = self.trading.apply(command, now)
        if desk.rates != rates:
            copy.follow_markets()
        if copy.sources:
            signals.watch_accounts(copy, tuple(events))
        if copy.holders and type(command) is Quotes:
            limits.take_quotes(copy, command.quotes)
        if copy.settled:
            lifecycle.settle(copy)
        return events

    def _copy(self, handler: Handler, command: object, now: Moment) -> list[Event]:
        desk = self.desk
        desk.now = now
        events: list[Event] = []
        desk.events = events
        refused = handler(self.copy, command)
        if refused is not None:
            events.append(refused)
        lifecycle.settle(self.copy)
        return events

    def _is_for_copying(self, command: Command, now: Moment) -> bool:
        """Take a command that both sides know, if it concerns copy trading alone. The answer is in `desk.events`."""
        requests = self.copy.state.requests
        if isinstance(command, HedgeFilled) and command.order in requests:
            self._copy(hedge.hedge_filled, command, now)
            return True
        if isinstance(command, HedgeEnded) and command.order in requests:
            self._copy(hedge.hedge_ended, command, now)
            return True
        refused = self._check_symbols(command)
        if refused is not None:
            self.desk.events = [refused]
        return refused is not None

    def _check_symbols(self, command: Command) -> Refused | None:
        """Refuse what copy trading cannot have done to its symbols."""
        if isinstance(command, RemoveSymbol):
            return configure.check_removal(self.copy, command)
        specs: tuple[SymbolSpec, ...] = ()
        if isinstance(command, PutSymbol):
            specs = (command.spec,)
        elif isinstance(command, PutSymbols):
            specs = command.specs
        return next((refused for spec in specs if (refused := configure.check_symbol(self.copy, spec)) is not None), None)

    def advance(self, now: Moment) -> list[Event]:
        """Let time pass. Call before the commands of a batch."""
        events = self.trading.advance(now)
        copy = self.copy
        if copy.state.strategies:
            if copy.sources:
                signals.watch_accounts(copy, tuple(events))
            if copy.state.day != self.desk.state.day:
                days.close_days(copy)
            fees.end_intervals(copy)
            if copy.state.retries:
                hedge.take_retries(copy)
            lifecycle.settle(copy)
        return events

    def finish(self) -> list[Event]:
        """End a batch: synchronise who asked for it, then send what investments want. Call after its commands."""
        copy = self.copy
        if not (copy.demands or copy.unsynced):
            return []
        events: list[Event] = []
        self.desk.events = events
        signals.answer_own(copy)
        while copy.demands or copy.settled:
            hedge.send_demands(copy)
            lifecycle.settle(copy)
        return events

    def snapshot(self) -> bytes:
        """Return the whole state, encoded."""
        return _state_encoder.encode((self.desk.state, self.copy.state))

    def state_hash(self) -> str:
        """Return the SHA-256 of the encoded state, in hex: equal states, and no others, have equal hashes."""
        return sha256(self.snapshot()).hexdigest()

    def is_due(self, now: Moment) -> bool:
        """Say whether `advance` would find something to do."""
        if self.trading.is_due(now):
            return True
        copy = self.copy
        return bool(copy.state.strategies) and (fees.next_settlement(copy) <= now or hedge.is_due(copy, now))
