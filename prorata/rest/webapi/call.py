"""One call: who calls, on which trade platform, under which idempotency key. Every handler is given one."""

import asyncio
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from prorata.control.audit import shown
from prorata.control.store import Control
from prorata.messages.commands import Command
from prorata.messages.events import Refused
from prorata.projections.history import History
from prorata.rest.own.session import Platform
from prorata.rest.webapi.callers import Caller, House, TradePlatform
from prorata.rest.webapi.errors import busy, failure_of, no_connection, not_found, outcome_unknown
from prorata.rest.webapi.merging import tree_of
from prorata.rest.webapi.schemas.kinds import Record
from prorata.server.ports import JournalFull
from prorata.server.writer import Answer, Overloaded, WriterStopped
from prorata.trading.desk import Desk
from prorata.trading.state import Account, State
from prorata.units.numbers import Login, Moment

if TYPE_CHECKING:
    from prorata.rest.webapi.registry import Operation

P = ParamSpec("P")
R = TypeVar("R")


class Call:
    """`address`: where the caller is. `key`: its Idempotency-Key, "" for none."""

    __slots__ = ("address", "after", "before", "caller", "house", "key", "operation", "trade_platform")

    def __init__(
        self, house: House, operation: "Operation", caller: Caller, trade_platform: TradePlatform, key: str, address: str
    ) -> None:
        self.house = house
        self.operation = operation
        self.caller = caller
        self.trade_platform = trade_platform
        self.key = key
        self.address = address
        self.before = ""
        self.after = ""

    def tell(self, before: Record, after: Record) -> None:
        """Tell the audit what a record was and is now: the fields that are different."""
        was, now = tree_of(before), tree_of(after)
        changed = [name for name in was if was[name] != now[name]]
        self.before, self.after = (shown((name, record[name]) for name in changed) for record in (was, now))

    @property
    def control(self) -> Control:
        return self.house.control

    @property
    def platform(self) -> Platform:
        """The engine behind the trade platform: writer, history, quotes. Raises `Failure`."""
        if self.trade_platform.reached is None:
            raise no_connection()
        return self.trade_platform.reached

    @property
    def engine(self) -> str:
        """The engine's name, which what is kept beside it goes by."""
        return self.platform.writer.platform

    @property
    def desk(self) -> Desk:
        return self.platform.desk

    @property
    def state(self) -> State:
        return self.platform.desk.state

    @property
    def history(self) -> History:
        return self.platform.history

    def now(self) -> Moment:
        """The trade platform's time."""
        return self.platform.now()

    def account(self, login: Login) -> Account:
        """Return an account of the platform. Raises `Failure`."""
        account = self.state.accounts.get(login)
        if account is None:
            raise not_found("account")
        return account

    async def sql(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run what blocks on a database in a thread."""
        return await asyncio.to_thread(work, *args, **kwargs)

    async def submit(self, command: Command, *, part: str = "") -> Answer:
        """Have a command done; the answer is durable. Raises `Failure` when it is refused.

        Under the call's key the same command is done once, today and after a restart. A call that gives several commands
        names the `part` of each.
        """
        answer = await self.ask(command, part=part)
        first = answer.events[0] if answer.events else None
        if isinstance(first, Refused):
            raise failure_of(first)
        return answer

    async def ask(self, command: Command, *, part: str = "") -> Answer:
        """Hand a command to the platform's writer; its answer may be a refusal. Raises `Failure`."""
        key = sha256(f"{self.key}\n{part}".encode()).hexdigest()[:32] if self.key else ""
        try:
            return await self.platform.writer.submit(command, caller=f"webapi {self.caller.client_id}", key=key)
        except WriterStopped as failure:
            raise (outcome_unknown() if failure.unknown else no_connection("The trade platform is stopping")) from None
        except (Overloaded, JournalFull):
            raise busy() from None
