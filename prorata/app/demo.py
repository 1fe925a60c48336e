"""`prorata demo`: a broker, brought to life in one process and shown in the terminal.

A directory of its own holds everything; started again on it, the demo goes on with the same journal.
"""

import asyncio
import json
import shutil
import socket
import sys
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from rich.console import Console

from prorata.access.callers import Scope
from prorata.app.copy_demo.characters import CHARACTERS
from prorata.app.copy_demo.company import SignIns
from prorata.app.copy_demo.figures import summary_of
from prorata.app.copy_demo.introduction import copy_introduction
from prorata.app.copy_demo.stage import open_stage
from prorata.app.crm_demo import Desk, crm_introduction, open_crm
from prorata.app.crowd import Crowd
from prorata.app.demo_view import Figures, Gauge, show
from prorata.app.groups import ECN, RETAIL, SWAP_FREE
from prorata.app.hosted import host_of
from prorata.app.people_demo import Owner, own_platform, people_introduction
from prorata.app.server import Service
from prorata.app.settings import (
    LOOPBACK,
    BadSettings,
    FeedSettings,
    FileFeedSettings,
    GrpcSettings,
    PlatformSettings,
    ServerSettings,
    SimulatedFeedSettings,
    SimulatedVenueSettings,
)
from prorata.control.mail.terms import MailTerms
from prorata.feeds.defaults import default_symbols
from prorata.messages.commands import BalanceKind, BookBalance, OpenAccount
from prorata.messages.events import Refused
from prorata.server.writer import Writer
from prorata.trading.markets import hours_around, weekday_of
from prorata.units.numbers import DAY_MS, MINUTE_MS, Login, Moment
from prorata.venues.router import RouterSettings
from prorata.venues.simulated_book import Faults

PLATFORM = "demo"
CALLER = "demo"
FIRST_LOGIN = 1001
FILE_SPEED = 60.0
MONDAY = 1
LOG_NAME = "demo.log"
FIRST_QUOTE_TRIES = 60
SETTINGS_NAME = "demo.toml"
"""Says that the directory is a demo's and may be wiped; and the other commands find it by `--settings`."""

MARKET_SPEED = 1440.0
"""Of the simulated market: a day passes in a minute, a week with its fees in seven."""
ORDER_AGE_MS = 30_000


class DemoWish(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for. `speed` None: `MARKET_SPEED`, of files `FILE_SPEED`."""

    data: Path
    fresh: bool
    quotes: tuple[Path, ...]
    symbol: str
    speed: float | None
    rate: float
    accounts: int
    investors: int
    seed: int
    host: str
    port: int
    grpc_port: int
    duration: float

    @property
    def pace(self) -> float:
        """Market seconds in a real one."""
        return self.speed or (FILE_SPEED if self.quotes else MARKET_SPEED)


def venue(speed: float) -> SimulatedVenueSettings:
    """Return a venue with some of the habits of real ones. It takes its time in real milliseconds, however fast the market."""
    real = max(1.0, speed)
    faults = Faults(
        latency_min_ms=int(20 * real), latency_max_ms=int(150 * real), split=100_000, reject=10_000, repeat=20_000,
        repeat_after_max_ms=int(5_000 * real), slippage_max=2,
    )  # fmt: skip
    return SimulatedVenueSettings(faults=faults, router=RouterSettings(age_max_ms=int(ORDER_AGE_MS * real)))


def prepare(wish: DemoWish) -> ServerSettings:
    """Make the directory, and return the demo's settings. Raises `BadSettings`."""
    marker = wish.data / SETTINGS_NAME
    if wish.data.exists() and any(wish.data.iterdir()) and not marker.is_file():
        raise BadSettings(f"{wish.data} holds something that is not a demo; take another directory with --data")
    if wish.fresh and marker.is_file():
        shutil.rmtree(wish.data)
    wish.data.mkdir(parents=True, exist_ok=True)
    marker.write_text(f"data = {json.dumps(str(wish.data.absolute()))}\n\n[platforms.{PLATFORM}]\n", encoding="utf-8")
    feed: FeedSettings = SimulatedFeedSettings(seed=wish.seed, speed=wish.pace)
    if wish.quotes:
        feed = FileFeedSettings(paths=wish.quotes, symbol=wish.symbol, speed=wish.pace)
    platform = PlatformSettings(feed=feed, venue=venue(wish.pace))
    # Mails hold passwords: only who is on this machine may see them.
    mail = MailTerms(shown=wish.host in LOOPBACK)
    grpc = GrpcSettings(port=wish.grpc_port or free_port(wish.host))
    return ServerSettings(
        data=wish.data, host=wish.host, port=wish.port, grpc=grpc, mail=mail, platforms={PLATFORM: platform}
    )  # fmt: skip


def free_port(host: str) -> int:
    """Return a port that nobody has at the moment."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return int(probe.getsockname()[1])


def lively_moment(now: Moment) -> Moment:
    """Return `now`, or the same time of day on the last day on which currencies are traded then and an hour later.

    A demo that is shown on a Sunday shall not be a closed shop.
    """
    spec = next(spec for spec in default_symbols(1970 + now // (365 * DAY_MS)) if spec.name == "EURUSD")
    for days in range(8):
        at = now - days * DAY_MS
        if hours_around(spec, at)[0] and hours_around(spec, at + 60 * MINUTE_MS)[0]:
            return at
    return now


def beginning_of_a_week(now: Moment) -> Moment:
    """Return the last Monday noon before `now` on which currencies were traded.

    A market in which a day passes in a minute shall have its week before it.
    """
    day = now // DAY_MS
    monday = day - (weekday_of(day) - MONDAY) % 7
    return lively_moment(monday * DAY_MS + DAY_MS // 2)


class Demo:
    """One run of the demo."""

    def __init__(self, wish: DemoWish, settings: ServerSettings) -> None:
        self._wish = wish
        self._console = Console()
        begins = lively_moment if wish.pace <= 1 else beginning_of_a_week
        self._service = Service(settings, market_at=None if wish.quotes else begins)
        self._platform = self._service.platforms[PLATFORM]

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop`, the end of the duration, or the end of the quotes; then stop gracefully and sum up."""
        platform, wish = self._platform, self._wish
        figures: Figures | None = None
        try:
            await self._service.start()
            logins = await seed_accounts(platform.writer, wish.accounts, wish.seed)
            stage, sign_ins = await open_stage(
                platform, self._service.control, investors=wish.investors, seed=wish.seed, speed=wish.pace
            )
            service = self._service
            owner = await asyncio.to_thread(
                own_platform, service.control, sign_ins.company, PLATFORM, host=host_of(service.settings), url=service.address
            )
            symbol = await self._quoted_symbol()
            desk = await open_crm(service.surfaces.crm, owner)
            self._introduce(logins, symbol, sign_ins, owner, desk)
            crowd = Crowd(platform.writer, logins, seed=wish.seed, rate=wish.rate, now=platform.clock.now)
            gauge = Gauge(platform, crowd, stage.gauge, speed=wish.pace)
            await self._until_over(stop, crowd.run(), *stage.acts(), show(gauge, self._console))
            figures = gauge.read()
        finally:
            await self._service.stop()
        self._sum_up(figures)

    async def _until_over(self, stop: asyncio.Event, *work: Coroutine[Any, Any, None]) -> None:
        tasks = [asyncio.create_task(part) for part in (*work, self._service.watch())]
        ends = [asyncio.create_task(stop.wait()), asyncio.create_task(self._platform.fed.wait())]
        seconds = self._wish.duration or None
        done, _ = await asyncio.wait({*tasks, *ends}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in (*tasks, *ends):
            task.cancel()
        await asyncio.gather(*tasks, *ends, return_exceptions=True)
        for task in done:
            task.result()

    async def _quoted_symbol(self) -> str:
        """Return the symbol of the examples: EURUSD, or the first that the files quote."""
        if not self._wish.quotes:
            return "EURUSD"
        quotes = self._platform.writer.engine.desk.state.quotes
        for _ in range(FIRST_QUOTE_TRIES):
            quoted = [name for name, quote in quotes.items() if quote.bid]
            if quoted:
                return quoted[0]
            await asyncio.sleep(0.05)
        return "EURUSD"

    def _introduce(self, logins: list[Login], symbol: str, sign_ins: SignIns, owner: Owner, desk: Desk) -> None:
        keys = self._service.keys
        for old in keys.list(PLATFORM):
            if old.label.startswith(CALLER) and not old.revoked_at:
                keys.revoke(old.id)
        trader = logins[0]
        admin = keys.create(PLATFORM, [Scope.ADMIN], label="demo admin")
        dealer = keys.create(PLATFORM, [Scope.READ, Scope.DEALER], label="demo dealer")
        own = keys.create(PLATFORM, [Scope.READ, Scope.TRADE], logins=[trader], label=f"demo trader {trader}")
        address, file = self._service.address, self._wish.data / SETTINGS_NAME
        self._say(introduction(address, admin, dealer, own, trader, symbol, len(logins), self._wish.data))
        self._say(copy_introduction(address, dealer, sign_ins, self._wish.investors, len(CHARACTERS), self._wish.pace))
        grpc = self._service.surfaces.grpc.addresses["port"]
        self._say(people_introduction(address, grpc, file, owner, shown=self._wish.host in LOOPBACK))
        self._say(crm_introduction(address, owner, desk))
        self._say(f"ready {address}")

    def _sum_up(self, figures: Figures | None) -> None:
        if figures is None:
            return
        writer = self._platform.writer
        self._say(
            f"stopped at batch {writer.number}, event {writer.sequence}; "
            f"{figures.deals} deals, {figures.margin_calls} margin calls, {figures.stop_outs} stop-outs; "
            f"{summary_of(figures.copying)}; "
            f"sum of the ledger {figures.ledger}"
        )

    def _say(self, text: str) -> None:
        # Not by the console: it would wrap keys and addresses.
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


async def seed_accounts(writer: Writer, count: int, seed: int) -> list[Login]:
    """Open the accounts that are missing, with a first deposit each, and return all logins.

    Of ten accounts four are retail, three ECN and three swap-free.
    """
    chance = Random(seed)
    groups = (RETAIL, ECN, SWAP_FREE, RETAIL, ECN, SWAP_FREE, RETAIL, ECN, SWAP_FREE, RETAIL)
    logins = [FIRST_LOGIN + place for place in range(count)]
    amounts = [chance.randrange(50_000, 5_000_000, 5_000) for _ in logins]
    opened = writer.engine.desk.state.accounts
    missing = [place for place, login in enumerate(logins) if login not in opened]
    openings = [OpenAccount(groups[place % len(groups)], logins[place], demo=True) for place in missing]
    deposits = [
        BookBalance(login, BalanceKind.DEPOSIT, amount, "first-deposit", "wire transfer")
        for login, amount in zip(logins, amounts, strict=True)
        if login not in opened or f"{login}/first-deposit" not in writer.engine.desk.state.booked
    ]
    for commands in (openings, deposits):
        answers = await asyncio.gather(*(writer.submit(command, caller=CALLER) for command in commands))
        for answer in answers:
            assert not isinstance(answer.events[0], Refused), answer.events[0]
    return logins


def introduction(address: str, admin: str, dealer: str, own: str, trader: Login, symbol: str, accounts: int, data: Path) -> str:
    """Return what the demo tells at its start. The examples are meant to be pasted into a shell as they stand."""
    stream = address.replace("http", "ws", 1) + "/api/v1/stream"
    order = f'{{"login":{trader},"symbol":"{symbol}","side":"buy","volume":"0.01"}}'
    return f"""\
Prorata demo: {accounts} accounts in 3 groups; data and log are in {data}

  REST      {address}/api/v1        described in {address}/api/v1/openapi.json
  stream    {stream}
  metrics   {address}/metrics

  admin     {admin}
  dealer    {dealer}
  trader    {own}        (only account {trader})

Try:
  curl -s {address}/api/v1/accounts/{trader} -H 'Authorization: Bearer {own}'
  curl -s {address}/api/v1/orders -H 'Authorization: Bearer {own}' -H 'Content-Type: application/json' \
-H 'Idempotency-Key: first-order' -d '{order}'
  curl -s {address}/api/v1/accounts/{trader}/positions -H 'Authorization: Bearer {own}'
  curl -s '{address}/api/v1/accounts?limit=3' -H 'Authorization: Bearer {dealer}'
  prorata status --url {address}
  prorata ledger verify --settings {data / SETTINGS_NAME}
"""
