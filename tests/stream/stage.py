"""A trade platform with its stream for tests: a real writer over a real journal, behind a real uvicorn server."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from prorata.access.callers import Scope
from prorata.access.keys import KeyStore
from prorata.feeds.defaults import default_symbols
from prorata.messages.commands import BalanceKind, BookBalance, Command, OpenAccount, PutGroup, PutSymbol, Quote, Quotes
from prorata.messages.groups import GroupSpec, GroupSymbol
from prorata.server.writer import Answer, Writer
from prorata.storage.journals import open_journal
from prorata.stream.app import StreamApp
from prorata.stream.limits import Limits
from prorata.units.numbers import Login, Moment

MONDAY_NOON: Moment = 1_772_452_800_000
"""2026-03-02T12:00:00Z"""
QUOTES = (Quote("EURUSD", 110_000, 110_010), Quote("GBPUSD", 130_000, 130_020))
QUICK = Limits(heartbeat_seconds=60, key_check_seconds=0.05, auth_seconds=0.3, close_seconds=2)
GROUP = GroupSpec(
    name="standard", currency="USD", symbols=(GroupSymbol(symbol="EURUSD", markup_bid=2, markup_ask=3),), orders_max=0
)

Json = dict[str, Any]


class HandClock:
    """Stands still unless it is set."""

    def __init__(self) -> None:
        self.moment = MONDAY_NOON

    def now(self) -> Moment:
        return self.moment


class Client:
    """A connection as a client keeps it: frames taken apart into messages."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.frames: list[list[Json]] = []
        self._messages: list[Json] = []

    async def say(self, *wishes: Json) -> None:
        await self.connection.send(json.dumps(wishes[0] if len(wishes) == 1 else wishes))

    async def hear(self) -> Json:
        while not self._messages:
            heard = json.loads(await asyncio.wait_for(self.connection.recv(), 10))
            self.frames.append(heard if isinstance(heard, list) else [heard])
            self._messages.extend(self.frames[-1])
        return self._messages.pop(0)

    async def hear_with(self, field: str) -> Json:
        """Pass over messages without `field`."""
        while True:
            message = await self.hear()
            if field in message:
                return message

    async def ask(self, wish: Json) -> Json:
        """Return the answer to a wish, passing over all else."""
        await self.say(wish)
        while True:
            message = await self.hear_with("id")
            if message["id"] == wish["id"]:
                return message

    async def events(self, until: int) -> list[Json]:
        """Return events up to the one with sequence number `until`."""
        events = [await self.hear_with("event")]
        while events[-1]["seq"] < until:
            events.append(await self.hear_with("event"))
        return events

    async def hear_to_end(self) -> tuple[int, str]:
        """Return the code and reason with which the server closes the connection."""
        with suppress(ConnectionClosed):
            while True:
                await self.hear()
        code, reason = self.connection.close_code, self.connection.close_reason
        assert code is not None
        return code, reason or ""


class Stage:
    """The platform "live" with one group and the quotes above, and its stream."""

    def __init__(self, folder: Path, limits: Limits = QUICK) -> None:
        self.clock = HandClock()
        self.keys = KeyStore(f"sqlite:///{folder}/keys.db", now=self.clock.now)
        self._journal = f"sqlite:///{folder}/live.db"
        self._limits = limits

    async def start(self) -> None:
        self.writer = Writer("live", open_journal(self._journal, "live"), clock=self.clock)
        self.app = StreamApp({"live": self.writer}, self.keys, limits=self._limits, clock=self.clock)
        await self.writer.start()
        config = uvicorn.Config(
            self.app, port=0, lifespan="off", log_level="error", ws="websockets-sansio", ws_per_message_deflate=False
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}/api/v1/stream"

    async def stop(self) -> None:
        self._server.should_exit = True
        await self._serving
        self.app.close()
        await self.writer.stop()

    async def furnish(self) -> None:
        for spec in default_symbols(2026):
            if spec.name in ("EURUSD", "GBPUSD"):
                await self.writer.submit(PutSymbol(spec))
        await self.writer.submit(PutGroup(GROUP))
        await self.writer.submit(Quotes(QUOTES))

    def key(self, *scopes: Scope, logins: Iterable[Login] | None = None) -> str:
        return self.keys.create("live", scopes or [Scope.ADMIN], logins=logins)

    @asynccontextmanager
    async def client(self, token: str | None, **options: Any) -> AsyncIterator[Client]:
        """Connect with a key in the header, and hear the greeting; without one, say nothing yet."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        async with connect(self.url, additional_headers=headers, compression=None, **options) as connection:
            client = Client(connection)
            if token is not None:
                assert "hello" in await client.hear()
            yield client

    async def account(self, deposit: int = 100_000_000) -> Login:
        answer = await self.writer.submit(OpenAccount("standard"))
        login: Login = answer.events[0].login  # type: ignore[union-attr]
        await self.writer.submit(BookBalance(login, BalanceKind.DEPOSIT, deposit))
        return login

    async def book(self, login: Login, times: int = 1, comment: str = "") -> None:
        """Make `times` events on an account."""
        pending = [
            self.writer.submit_nowait(BookBalance(login, BalanceKind.DEPOSIT, 100, comment=comment)) for _ in range(times)
        ]
        await asyncio.gather(*pending)

    async def submit(self, command: Command) -> Answer:
        return await self.writer.submit(command)


@asynccontextmanager
async def stage(folder: Path, limits: Limits = QUICK) -> AsyncIterator[Stage]:
    built = Stage(folder, limits)
    await built.start()
    try:
        await built.furnish()
        yield built
    finally:
        await built.stop()
        built.keys.close()


def buy(number: int, login: Login, **fields: Any) -> Json:
    return {
        "op": "place-order", "id": number, "login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.01", **fields
    }  # fmt: skip
