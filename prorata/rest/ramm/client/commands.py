"""What became of the changes that clients have asked for."""

import asyncio

import msgspec

from prorata.messages.copy_terms import CommandStatus
from prorata.projections.copying.filters import CommandFilter
from prorata.projections.copying.register_rows import CopyCommandRow
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.reach import copy_of, my_investment, my_strategy
from prorata.rest.ramm.errors import Absent
from prorata.rest.ramm.past import lists_of
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.values import Id

LATE_SECONDS = 2.0
LOOK_SECONDS = 0.05


class StrategyCommandOfId(Input, frozen=True, kw_only=True):
    StrategyCommandID: Id
    StrategyID: Id


class AccountCommandOfId(Input, frozen=True, kw_only=True):
    AccountCommandID: Id
    AccountID: Id


class StrategyCommandState(msgspec.Struct, frozen=True):
    StrategyCommandStatus: int


class AccountCommandState(msgspec.Struct, frozen=True):
    AccountCommandStatus: int


@CLIENT.method("strategyCommands.get", reads=True)
async def strategy_commands_get(call: Call, given: StrategyCommandOfId) -> StrategyCommandState:
    """Whether a change of a strategy is under way, done or refused."""
    strategy = my_strategy(call, given.StrategyID)
    if strategy.command and given.StrategyCommandID == strategy.command:
        return StrategyCommandState(CommandStatus.NEW.value)
    row = await _ended(call, given.StrategyCommandID)
    if row is None or row.strategy != strategy.number or row.investment:
        raise Absent("StrategyCommandID")
    return StrategyCommandState(int(row.status))


@CLIENT.method("accountCommands.get", reads=True)
async def account_commands_get(call: Call, given: AccountCommandOfId) -> AccountCommandState:
    """Whether a change of an investment is under way, done or refused."""
    my_investment(call, given.AccountID)
    if copy_of(call).state.commands.get(given.AccountCommandID) == given.AccountID:
        return AccountCommandState(CommandStatus.NEW.value)
    row = await _ended(call, given.AccountCommandID)
    if row is None or row.investment != given.AccountID:
        raise Absent("AccountCommandID")
    return AccountCommandState(int(row.status))


async def _ended(call: Call, command: int) -> CopyCommandRow | None:
    """Return a command that has ended. The tables are a moment behind: what must be there soon is waited for."""
    asked = lists_of(call).commands(CommandFilter(command=command))
    known = 0 < command < copy_of(call).state.next_command
    for _ in range(int(LATE_SECONDS / LOOK_SECONDS)):
        row = await call.sql(asked.one)
        if row is not None or not known:
            return row
        await asyncio.sleep(LOOK_SECONDS)
    return None
