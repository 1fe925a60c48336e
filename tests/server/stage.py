"""A small broker behind a real writer on each kind of journal."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    Command,
    OpenAccount,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Quote,
    Side,
    Tick,
)
from prorata.messages.groups import GroupSpec
from prorata.messages.symbols import SymbolSpec
from prorata.server.ports import Journal
from prorata.server.writer import Answer, Writer
from prorata.units.numbers import VOLUME_PER_LOT, Moment

Result = TypeVar("Result")
NOON = 1_772_452_800_000
"""Monday, 2 March 2026, 12:00 UTC."""

EURUSD = SymbolSpec(
    name="EURUSD", base="EUR", quote="USD", profit_currency="USD", margin_currency="EUR", digits=5, contract_size=100_000,
    volume_min=VOLUME_PER_LOT // 100, volume_step=VOLUME_PER_LOT // 100, volume_max=100 * VOLUME_PER_LOT,
)  # fmt: skip
SETUP: tuple[Command, ...] = (
    PutSymbol(EURUSD),
    PutGroup(GroupSpec(name="standard", currency="USD", execution_delay_ms=0)),
    PutGroup(GroupSpec(name="delayed", currency="USD", execution_delay_ms=500)),
    OpenAccount("standard", 1001),
    OpenAccount("delayed", 1002),
    BookBalance(1001, BalanceKind.DEPOSIT, 10_000_00, "first"),
    BookBalance(1002, BalanceKind.DEPOSIT, 10_000_00, "first"),
)


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.at: Moment = NOON

    def now(self) -> Moment:
        return self.at


def buy(lots_in_hundredths: int = 10, login: int = 1001) -> PlaceOrder:
    return PlaceOrder(login, "EURUSD", Side.BUY, lots_in_hundredths * VOLUME_PER_LOT // 100)


async def set_up(writer: Writer) -> None:
    for command in SETUP:
        await writer.submit(command)
    writer.quote([Quote("EURUSD", 110_000, 110_010)])
    await writer.submit(Tick())


async def ask(writer: Writer, *commands: Command) -> list[Answer]:
    """Have the commands applied as they come, together."""
    return list(await asyncio.gather(*(writer.submit_nowait(command) for command in commands)))


def on_a_platform(journal: Journal, play: Callable[[Writer], Awaitable[Result]], *, clock: SetClock | None = None) -> Result:
    """Run `play` on a platform that is set up, and stop it gracefully."""

    async def run() -> Result:
        writer = Writer("live-1", journal, clock=clock or SetClock())
        await writer.start()
        if writer.number == 0:
            await set_up(writer)
        result = await play(writer)
        await writer.stop()
        return result

    return asyncio.run(run())
