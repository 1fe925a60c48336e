"""A broker's house for tests: a real writer over a real journal, served by a real HTTP server on a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import msgspec
import uvicorn

from prorata.access.callers import Scope
from prorata.access.keys import KeyStore
from prorata.control.webhooks.office import WebhookOffice
from prorata.control.webhooks.signing import MasterKey
from prorata.control.webhooks.store import WebhookStore
from prorata.control.webhooks.targets import Allowed
from prorata.feeds.defaults import default_symbols
from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    OpenAccount,
    PutGroup,
    PutSymbol,
    Quote,
    Quotes,
    VenuePosition,
    VenuePositions,
)
from prorata.messages.groups import GroupSpec, GroupSymbol
from prorata.projections.candles import CandleBuilder
from prorata.projections.history import History
from prorata.projections.quotes import QuoteStore
from prorata.rest.own.app import create_app
from prorata.rest.own.order_protocol import order_protocol
from prorata.rest.own.session import Platform
from prorata.server.writer import Writer
from prorata.storage.database import open_database
from prorata.storage.journals import open_journal
from prorata.units.numbers import Moment
from tests.databases import sqlite_history

T = TypeVar("T")

MONDAY_NOON: Moment = 1_772_452_800_000
"""2026-03-02T12:00:00Z, a Monday without holidays"""
SYMBOLS = ("EURUSD", "GBPUSD", "USDJPY", "XAUUSD", "BTCUSD")
QUOTES = (
    Quote("EURUSD", 110_000, 110_010),
    Quote("GBPUSD", 130_000, 130_020),
    Quote("USDJPY", 150_000, 150_010),
    Quote("BTCUSD", 6_000_000, 6_001_000),
)


class HandClock:
    """Stands still unless it is set."""

    def __init__(self, now: Moment) -> None:
        self.moment = now

    def now(self) -> Moment:
        return self.moment


class House:
    """Platforms "live" and "other", each with groups standard, netting and euro; keys for every purpose."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock(MONDAY_NOON)
        self.keys = KeyStore(f"sqlite:///{folder}/keys.db")
        self.platforms: dict[str, Platform] = {}
        self.folder = folder
        self.tokens: dict[str, str] = {}
        self.master_key = MasterKey(bytes(32))
        self.webhooks: dict[str, WebhookStore] = {}
        self.candles = CandleBuilder()
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(20), "the test server did not start"
        self.tokens = {
            "read": self.keys.create("live", [Scope.READ]),
            "dealer": self.keys.create("live", [Scope.READ, Scope.DEALER]),
            "admin": self.keys.create("live", [Scope.ADMIN]),
            "other": self.keys.create("other", [Scope.ADMIN]),
        }

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self.keys.close()

    def client(self, token: str) -> httpx2.Client:
        """Return a client that signs in with one of the house's keys by name, or with any token."""
        headers = {"authorization": f"Bearer {self.tokens.get(token, token)}"}
        return httpx2.Client(verify=False, base_url=self.url, headers=headers, timeout=10)

    def trader(self, *logins: int) -> httpx2.Client:
        return self.client(self.keys.create("live", [Scope.READ, Scope.TRADE], logins=logins))

    def open_account(self, group: str = "standard", deposit: int = 1_000_000, platform: str = "live") -> int:
        """Open an account with 10,000.00 (or as said, in minor units) and return its login."""
        answer = self.run(self.platforms[platform].writer.submit(OpenAccount(group)))
        login: int = answer.events[0].login  # type: ignore[union-attr]
        if deposit:
            self.run(self.platforms[platform].writer.submit(BookBalance(login, BalanceKind.DEPOSIT, deposit)))
        return login

    def quote(self, *quotes: Quote) -> None:
        self.run(self.platforms["live"].writer.submit(Quotes(quotes)))
        self.candles.add(self.clock.moment, quotes)

    def write_history(self) -> None:
        """Bring the tables up to the journal, as the projector does in the running server."""
        for platform in self.platforms.values():
            mark = platform.history.journal_position()
            while happened := platform.writer.published(mark.number):
                mark = platform.history.write(happened)

    def write_quotes(self) -> None:
        quotes = self.platforms["live"].quotes
        quotes.save(self.candles.take(), quotes.position() + 1)

    def find_break(self) -> None:
        positions = VenuePositions("sim", (VenuePosition("EURUSD", 100_000_000),))
        self.run(self.platforms["live"].writer.submit(positions))

    def state_hash(self) -> str:
        async def hashed() -> str:
            return self.platforms["live"].writer.engine.state_hash()

        return self.run(hashed())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._live())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()

    async def _live(self) -> None:
        for name in ("live", "other"):
            await self._open_platform(name)
        app = create_app(self.platforms, self.keys)
        self.app = app
        config = uvicorn.Config(app, port=0, log_level="warning", http=order_protocol(lambda: app), access_log=False)
        self._server = uvicorn.Server(config)
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._started.set()
        await serving
        for platform in self.platforms.values():
            await platform.writer.stop()
            platform.history.close()
        for store in self.webhooks.values():
            store.close()

    async def _open_platform(self, name: str) -> None:
        writer = Writer(name, open_journal(f"sqlite:///{self.folder}/{name}.db", name), clock=self.clock)
        await writer.start()
        quotes = QuoteStore(open_database(f"sqlite:///{self.folder}/{name}-quotes.db"), name)
        quotes.create_tables()
        history = History(sqlite_history(self.folder / f"{name}-history.db"), name)
        store = WebhookStore(
            f"sqlite:///{self.folder}/webhooks.db", name, self.master_key, company=name, publisher="ramm", now=self.clock.now
        )
        self.webhooks[name] = store
        self.platforms[name] = Platform(writer, history, quotes, self.clock.now, WebhookOffice(store, Allowed()))
        for spec in default_symbols(2026):
            if spec.name in SYMBOLS:
                await writer.submit(PutSymbol(spec))
            if spec.name == "EURUSD":
                never = msgspec.structs.replace(spec, name="EURCLOSED", sessions=((),) * 7)
                await writer.submit(PutSymbol(never))
        for group in GROUPS:
            await writer.submit(PutGroup(group))
        await writer.submit(Quotes(QUOTES))
        if name == "live":
            self.candles.add(self.clock.moment, QUOTES)


GROUPS = (
    GroupSpec(
        name="standard",
        currency="USD",
        leverage=100,
        symbols=(GroupSymbol(symbol="EURUSD", markup_bid=2, markup_ask=3), GroupSymbol(symbol="BTCUSD", enabled=False)),
    ),
    GroupSpec(name="netting", currency="USD", leverage=100, hedging=False),
    GroupSpec(name="euro", currency="EUR", leverage=30),
)
