"""The Trading API: what a source account holds, told to its strategy.

One method, four types of message: 0 is a heartbeat, 1 a signal, 2 a soft and 3 a hard synchronisation. A lot is the
signed net total after the change, so that a message that comes twice does no harm.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from enum import IntEnum
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from prorata.copying.state import Strategy
from prorata.messages.commands import Command
from prorata.messages.copy_commands import Held, SendSignal, SendSync
from prorata.messages.copy_events import SignalTaken
from prorata.messages.events import Refused
from prorata.messages.refusals import Refusal
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.cards import target_equity_of, target_of
from prorata.rest.ramm.errors import FORBIDDEN, Absent, Failure, bad_token, failure_of, invalid_input
from prorata.rest.ramm.registry import TRADING
from prorata.rest.ramm.values import Code, LongText, Real, Time, units_of
from prorata.server.writer import Answer
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MINUTE_MS, VOLUME_DIGITS, Moment, Volume
from prorata.views.copying.figures import investment_figures
from prorata.views.copying.numbers import factor_of, iso_or_none, money_of, share_of_ppm, yield_of_unit
from prorata.views.copying.strategies import strategy_figures

AHEAD_MS = 5 * MINUTE_MS
"""How much a sender's clock may be ahead of ours."""
SIGNALS_MAX = 10_000

SymbolText = Annotated[str, Meta(min_length=1, max_length=64)]
TicketText = Annotated[str, Meta(max_length=64)]


class MessageType(IntEnum):
    HEARTBEAT = 0
    SIGNAL = 1
    SOFT_SYNC = 2
    HARD_SYNC = 3


class SourcePosition(Input, frozen=True, kw_only=True):
    """What the source holds of a symbol. `Lot`: bought above 0, sold below. `Equity`: of the source, the same in each line."""

    Symbol: SymbolText
    Lot: Real
    Equity: Real
    Ticket: TicketText | int = ""
    Comment: LongText = ""


class SignalMessage(Input, frozen=True, kw_only=True):
    """All types in one. `SentAt` is ours: the sender's clock, by which a message that was overtaken is known."""

    Type: Code
    GetInfo: bool = False
    Symbol: SymbolText | None = None
    Lot: Real | None = None
    Equity: Real | None = None
    Ticket: TicketText | int = ""
    Comment: LongText = ""
    Signals: Annotated[list[SourcePosition], Meta(max_length=SIGNALS_MAX)] | None = None
    SentAt: Time | None = None


class AppView(msgspec.Struct, frozen=True):
    """The application that sends. `UpdateImportance`: 0 none to 5 critical; then it must not go on."""

    CurrentVersion: str
    NewestVersion: str
    UpdateImportance: int


class StrategyView(msgspec.Struct, frozen=True):
    """`NeedSync`: 0 none, 1 soft, 2 hard."""

    Yield: Decimal
    Accounts: int
    Status: int
    NeedSync: int


class OwnAccountView(msgspec.Struct, frozen=True, kw_only=True):
    """The trader's own investment."""

    Equity: Decimal
    Margin: Decimal
    Factor: Decimal
    ProfitBase: Decimal
    MCReached: str | None
    Protection: Decimal
    ProtectionEquity: Decimal
    ProtectionReached: str | None
    Target: Decimal | None
    TargetEquity: Decimal | None
    TargetReached: str | None
    Asset: str


class Greeting(msgspec.Struct, frozen=True, omit_defaults=True):
    App: AppView
    Strategy: StrategyView | None = None
    Account: OwnAccountView | None = None


class SentSignal(msgspec.Struct, frozen=True):
    SignalID: int


@TRADING.method("signals.send")
async def signals_send(call: Call, given: SignalMessage) -> Any:
    """A heartbeat, a signal, or a synchronisation of all positions."""
    strategy = _strategy_of(call)
    _check_sender(call)
    match given.Type:
        case MessageType.HEARTBEAT:
            return _greeting(call, strategy, with_info=given.GetInfo)
        case MessageType.SIGNAL:
            return await take_signal(call, strategy, given)
        case MessageType.SOFT_SYNC | MessageType.HARD_SYNC:
            return await take_sync(call, strategy, given)
    raise invalid_input("Type", "expected 0, 1, 2 or 3")


def _strategy_of(call: Call) -> Strategy:
    """Return the strategy whose token it is. Raises `Failure`."""
    number = call.sender.strategy.strategy_id
    strategy = call.platform.writer.engine.copy.state.strategies.get(number)
    if strategy is None or strategy.company != call.company.id:
        raise bad_token()
    return strategy


def _check_sender(call: Call) -> None:
    sender = call.sender
    key = (sender.strategy.company_id, sender.strategy.strategy_id)
    if not call.house.senders.hear(key, address=call.address, app=sender.app.id, now=call.now()):
        raise Failure(HTTPStatus.FORBIDDEN, FORBIDDEN, "Another sender uses this token; it was heard within two minutes")


# Heartbeats.


def _greeting(call: Call, strategy: Strategy, *, with_info: bool) -> Greeting:
    app = call.sender.app
    view = AppView(app.version, app.newest, app.importance)
    if not with_info:
        return Greeting(view)
    copy, currency = call.platform.writer.engine.copy, strategy.currency
    figures, own = strategy_figures(copy, strategy), investment_figures(copy, strategy, 0)
    return Greeting(
        view,
        StrategyView(yield_of_unit(figures.unit_price), figures.accounts, int(strategy.status), strategy.need_sync),
        OwnAccountView(
            Equity=money_of(own.equity, currency),
            Margin=money_of(own.margin, currency),
            Factor=factor_of(own.factor),
            ProfitBase=money_of(own.profit_base, currency),
            MCReached=iso_or_none(own.called_at),
            Protection=share_of_ppm(own.protection_ppm, 3),
            ProtectionEquity=money_of(own.protection_equity, currency),
            ProtectionReached=iso_or_none(own.protected_at),
            Target=target_of(own),
            TargetEquity=target_equity_of(own, currency),
            TargetReached=iso_or_none(own.target_at),
            Asset=currency,
        ),
    )


# Signals.


async def take_signal(call: Call, strategy: Strategy, given: SignalMessage) -> SentSignal:
    """Let a strategy follow one change of its source. Raises `Failure`, or `Absent` for a symbol that is not known."""
    if given.Symbol is None:
        raise invalid_input("Symbol", "missing")
    if given.Lot is None:
        raise invalid_input("Lot", "missing")
    if given.Equity is None:
        raise invalid_input("Equity", "missing")
    answer = await _submit(
        call,
        SendSignal(
            strategy=strategy.number,
            symbol=given.Symbol,
            lot=_lot(given.Lot, "Lot"),
            equity=_equity(given.Equity, strategy, "Equity"),
            ticket=str(given.Ticket),
            comment=given.Comment,
            sent_at=_sent_at(call, given),
        ),
    )
    return SentSignal(next(event.signal for event in answer.events if isinstance(event, SignalTaken)))


async def take_sync(call: Call, strategy: Strategy, given: SignalMessage) -> None:
    """Bring the strategy in line. Without positions the list is empty, and no equity is needed."""
    if given.Signals is None:
        raise invalid_input("Signals", "missing")
    held: list[Held] = []
    for place, line in enumerate(given.Signals):
        field = f"Signals[{place}]"
        equity = _equity(line.Equity, strategy, f"{field}.Equity")
        held.append(Held(line.Symbol, _lot(line.Lot, f"{field}.Lot"), equity, str(line.Ticket)))
    own = 0 if given.Equity is None else _equity(given.Equity, strategy, "Equity")
    await _submit(
        call,
        SendSync(
            strategy=strategy.number,
            soft=given.Type == MessageType.SOFT_SYNC,
            equity=own or (held[0].equity if held else 0),
            held=tuple(held),
            ticket=str(given.Ticket),
            comment=given.Comment,
            sent_at=_sent_at(call, given),
        ),
    )


async def _submit(call: Call, command: Command) -> Answer:
    answer = await call.ask(command)
    first = answer.events[0] if answer.events else None
    if isinstance(first, Refused):
        if first.code == Refusal.UNKNOWN_SYMBOL:
            raise Absent("Symbol")
        if first.code in _FIELDS:
            raise invalid_input(*_FIELDS[first.code])
        raise failure_of(first.code)
    return answer


_FIELDS = {
    Refusal.VOLUME_TOO_LARGE: ("Lot", "too large"),
    Refusal.SOURCE_EQUITY_NOT_POSITIVE: ("Equity", "expected more than 0"),
    Refusal.AMOUNT_TOO_LARGE: ("Equity", "too large"),
    Refusal.TICKET_MISSING: ("Ticket", "missing: in a hedging strategy each position has one"),
}


def _lot(lot: Real, field: str) -> Volume:
    return units_of(lot, VOLUME_DIGITS, field)


def _equity(equity: Real, strategy: Strategy, field: str) -> int:
    """Return the source's equity in minor units. It was converted and is no amount that moves: it is rounded half to even.

    Raises `Failure` unless it is above 0.
    """
    digits = CURRENCY_DIGITS[strategy.currency]
    minor = int(equity.scaleb(digits).quantize(Decimal(1), ROUND_HALF_EVEN))
    if minor <= 0:
        raise invalid_input(field, "expected more than 0")
    return minor


def _sent_at(call: Call, given: SignalMessage) -> Moment:
    if given.SentAt is None:
        return 0
    if given.SentAt > call.now() + AHEAD_MS:
        raise invalid_input("SentAt", "expected a time that is not to come")
    return int(given.SentAt)
