"""Signals through the Manager API: a collector on another server tells what the traders of the company hold there."""

from typing import Annotated

import msgspec
from msgspec import Meta

from prorata.copying.state import Strategy
from prorata.messages.copy_terms import ManageType
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import Absent, Failure, invalid_input, invalid_status
from prorata.rest.ramm.manager.reach import company_strategies, copy_of, strategy_of
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.trading import (
    SIGNALS_MAX,
    MessageType,
    SentSignal,
    SignalMessage,
    SourcePosition,
    SymbolText,
    TicketText,
    take_signal,
    take_sync,
)
from prorata.rest.ramm.values import Code, Id, LongText, Real, Text, Time


class StrategiesOfServer(Input, frozen=True, kw_only=True):
    """`Statuses`: any of them; without it all but closed ones."""

    NeedSyncOnly: bool | Annotated[int, Meta(ge=0, le=1)] = False
    ExternalServer: Text | None = None
    Statuses: list[Code] | None = None


class CollectedStrategy(msgspec.Struct, frozen=True):
    ID: int
    Status: int
    NeedSync: bool
    ExternalAccount: str
    ExternalServer: str


class SignalToAdd(Input, frozen=True, kw_only=True):
    """`Lot`: the signed net volume of the symbol after the change. `SentAt` is ours: the source's clock."""

    StrategyID: Id
    Symbol: SymbolText
    Lot: Real
    Equity: Real
    Ticket: TicketText | int = ""
    Comment: LongText = ""
    SentAt: Time | None = None


class SyncToAdd(Input, frozen=True, kw_only=True):
    """All that the source holds; without positions the list is empty. `SentAt` is ours: the source's clock."""

    StrategyID: Id
    SoftSync: bool = False
    Signals: Annotated[list[SourcePosition], Meta(max_length=SIGNALS_MAX)]
    Ticket: TicketText | int = ""
    Comment: LongText = ""
    SentAt: Time | None = None


@MANAGER.method("trading.searchStrategies", reads=True)
async def trading_search_strategies(call: Call, given: StrategiesOfServer) -> list[CollectedStrategy]:
    """The strategies of a server whose signals come through the Manager API, and whether they want a synchronisation."""
    copy, server = copy_of(call), given.ExternalServer
    found = (
        strategy
        for strategy in company_strategies(copy, call.company.id)
        if strategy.manage == ManageType.MANAGER
        and (server is None or strategy.external_server.casefold() == server.casefold())
        and (strategy.status in given.Statuses if given.Statuses is not None else not strategy.closed_at)
        and (strategy.need_sync or not given.NeedSyncOnly)
    )
    return [
        CollectedStrategy(one.number, one.status, bool(one.need_sync), one.external_account, one.external_server)
        for one in found
    ]


@MANAGER.method("trading.addSignal")
async def trading_add_signal(call: Call, given: SignalToAdd) -> SentSignal:
    """What a strategy's source holds of one symbol after a change."""
    strategy = _fed_by_hand(strategy_of(call, given.StrategyID, "StrategyID"))
    message = SignalMessage(
        Type=MessageType.SIGNAL, Symbol=given.Symbol, Lot=given.Lot, Equity=given.Equity, Ticket=given.Ticket,
        Comment=given.Comment, SentAt=given.SentAt,
    )  # fmt: skip
    try:
        return await take_signal(call, strategy, message)
    except Absent as absent:
        raise _unknown(absent) from None


@MANAGER.method("trading.addSync")
async def trading_add_sync(call: Call, given: SyncToAdd) -> None:
    """All that a strategy's source holds: soft for those who wait for it, hard (if not said) for all."""
    strategy = _fed_by_hand(strategy_of(call, given.StrategyID, "StrategyID"))
    message = SignalMessage(
        Type=MessageType.SOFT_SYNC if given.SoftSync else MessageType.HARD_SYNC, Signals=given.Signals, Ticket=given.Ticket,
        Comment=given.Comment, SentAt=given.SentAt,
    )  # fmt: skip
    await take_sync(call, strategy, message)


def _fed_by_hand(strategy: Strategy) -> Strategy:
    """Return the strategy. One that copies an account of this platform has its signals from there. Raises `Failure`."""
    if strategy.manage == ManageType.ACCOUNT:
        raise invalid_status("The strategy copies a trading account of this platform: signals come from there alone")
    return strategy


def _unknown(absent: Absent) -> Failure:
    return invalid_input(absent.field, "expected an instrument of this platform, or one with the strategy's postfix")
