"""One process: the platforms behind REST, the stream and operations, on one port.

The port answers as soon as the process lives: until the platforms are ready, calls get NOT_READY and /readyz says
why. A platform that fails (a disk that does not sync, another writer that took over) ends the process: whoever
watches over it starts it again, and the journal is read anew.
"""

import asyncio
import gc
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from importlib.metadata import version
from typing import Any

import structlog
import uvicorn

from prorata.access.keys import KeyStore
from prorata.app import grpc_line
from prorata.app.crm_house import CrmHouse, opened_crm
from prorata.app.crm_line import CrmLine
from prorata.app.failures import PlatformFailed
from prorata.app.hosting import PlatformHost
from prorata.app.lifespan import lifespan_of
from prorata.app.memory import keep_freed_memory
from prorata.app.opening import open_control
from prorata.app.operations import PATHS, Operations, problem_of
from prorata.app.platform import TradePlatform
from prorata.app.provider import provider_of
from prorata.app.settings import BadSettings, ServerSettings
from prorata.app.stream_tokens import StreamTokens
from prorata.app.surfaces import Surfaces, refuse_for_now, refuse_socket
from prorata.app.webapi_house import webapi_house
from prorata.control.mail.delivery import delivering
from prorata.control.platforms.probing import Prober
from prorata.control.store import Control
from prorata.crm.store import Crm
from prorata.crm.webhooks import PLATFORM as CRM_NAME
from prorata.rest.broker import app as broker
from prorata.rest.broker_v2 import app as broker_v2
from prorata.rest.oidc import app as oidc
from prorata.rest.own.allowance import Allowance, Allowances
from prorata.rest.own.app import create_app
from prorata.rest.own.front import Front
from prorata.rest.own.order_protocol import order_protocol
from prorata.rest.own.session import Platform
from prorata.rest.own.tokens import AccessTokens
from prorata.rest.platform import app as terminal
from prorata.rest.ramm import app as ramm
from prorata.rest.ramm.call import House
from prorata.rest.ramm.company_terms import put_terms
from prorata.rest.ramm.engine_copying import EngineCopying
from prorata.rest.webapi import app as webapi
from prorata.rest.workspace.app import create_workspace
from prorata.rest.workspace.call import PlatformWorks, Workspace
from prorata.stream.app import StreamApp
from prorata.stream.signalr import app as hubs
from prorata.stream.signalr.door import Door
from prorata.units.numbers import Moment

SWITCH_SECONDS = 0.0001
"""How long the event loop may keep the interpreter from the journal's thread, which wants it back after each sync."""
COLLECT_SECONDS = 1.0
COLLECT_BUSY_SECONDS = 30.0
"""Garbage is collected in an idle second; without one, this often."""
WATCH_SECONDS = 0.2

log = structlog.get_logger()


class _Uvicorn(uvicorn.Server):
    """Signals are ours: a stop drains the platforms, too."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.has_started = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.has_started.set()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


class Service:
    """The process between `start` and `stop`."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        market_at: Callable[[Moment], Moment] | None = None,
    ) -> None:
        self.settings = settings
        own = {name: TradePlatform(name, settings, market_at=market_at) for name in settings.platforms}
        self.platforms: dict[str, TradePlatform] = dict(own)
        """those of the settings, and those of organizations that are up, or about to be"""
        self.reached: dict[str, Platform] = {}
        """those that take calls, by name; they come and go, and whoever serves them looks here each time"""
        self.operations = Operations(self.platforms, own, version("prorata"), self._connections, self._failed)
        self.keys: KeyStore
        self.control: Control
        self.crm: Crm
        self._crm_line: CrmLine
        self.address = ""
        """where it is reached, once it has started: http://host:port"""
        self.grpc: grpc_line.GrpcLine | None = None
        self._servers: list[_Uvicorn] = []
        self._serving: list[asyncio.Task[None]] = []
        self._own = own
        self._started: list[TradePlatform] = []
        self._expected: set[str] = set()
        self._host: PlatformHost | None = None
        self._has_parted = False
        self._surfaces: Surfaces | None = None
        self._door: Door | None = None
        self._stream: StreamApp | None = None
        self._tokens: StreamTokens
        self._open = AsyncExitStack()
        self._collecting: asyncio.Task[None] | None = None

    def _connections(self) -> int:
        return sum(len(server.server_state.connections) for server in self._servers)

    async def start(self) -> None:
        """Open the port, bring the platforms up, then let calls in.

        Raises:
            BadSettings: an address is in use, or what `TradePlatform.start` says.
        """
        tune_interpreter()
        settings = self.settings
        settings.data.mkdir(parents=True, exist_ok=True)
        self.address = await self._listen(self, settings.host, settings.port)
        if settings.metrics_port:
            await self._listen(self.operations, settings.host, settings.metrics_port)
        self.keys = await asyncio.to_thread(KeyStore, settings.keys_url())
        self.control = await asyncio.to_thread(open_control, settings)
        self._tokens = StreamTokens(self.keys)
        self._stream = StreamApp({}, self._tokens, limits=settings.limits.stream, expected=self._expected)
        making = asyncio.create_task(asyncio.to_thread(self._make_rest))  # While snapshots are read from the disk.
        for platform in self._own.values():
            self._started.append(platform)
            self.meet(platform)
            await platform.start()
        await self._let_in(await making)
        gc.freeze()
        self._collecting = asyncio.create_task(self._collect())

    async def stop(self) -> None:
        """Let calls under way end, close the port, then take the platforms down."""
        if self._surfaces is not None:
            self._surfaces.hubs.close()
        for server in self._servers:
            server.should_exit = True
        await asyncio.gather(*self._serving, return_exceptions=True)
        if self._stream is not None:
            self._stream.close()
        await self._open.aclose()
        if self._host is not None:
            await self._host.stop()
        if self._collecting is not None:
            self._collecting.cancel()
        for platform in reversed(self._started):
            await platform.stop()
        if hasattr(self, "keys"):
            await asyncio.to_thread(self.keys.close)
        if hasattr(self, "control"):
            await asyncio.to_thread(self.control.close)

    async def watch(self) -> None:
        """Return never; raises `PlatformFailed` when a platform of the settings has stopped that should run."""
        while True:
            for platform in self._own.values():
                problem = problem_of(platform)
                if problem:
                    raise PlatformFailed(f"platform {platform.name}: {problem}")
            await asyncio.sleep(WATCH_SECONDS)

    # The port.

    async def _listen(self, app: Any, host: str, port: int) -> str:
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listening = socket.create_server((host, port), family=family, backlog=4096)
        except OSError as problem:
            raise BadSettings(f"port {port} on {host} cannot be opened: {problem.strerror}") from None
        limits = self.settings.limits
        protocol = order_protocol(lambda: self._surfaces.rest if app is self and self._surfaces is not None else None)
        config = uvicorn.Config(
            app, http=protocol, ws="websockets-sansio", ws_per_message_deflate=False, lifespan="off", log_config=None,
            access_log=False, server_header=False, date_header=False, timeout_graceful_shutdown=limits.stop_seconds,
            ws_max_size=limits.stream.message_bytes_max, limit_concurrency=limits.connections,
        )  # fmt: skip
        server = _Uvicorn(config)
        self._servers.append(server)
        self._serving.append(asyncio.create_task(server.serve(sockets=[listening])))
        await server.has_started.wait()
        bound = listening.getsockname()
        shown = f"[{bound[0]}]" if family == socket.AF_INET6 else bound[0]
        return f"http://{shown}:{bound[1]}"

    def _make_rest(self) -> Front:
        tokens = AccessTokens(self.control.oidc.tokens, self.control.platforms)
        return create_app(self.reached, self.keys, allowance=self._allowance, expected=self._expected, tokens=tokens)

    @property
    def _allowance(self) -> Allowance:
        a_second = self.settings.limits.calls_per_second
        return Allowance(per_second=a_second, burst=max(1, a_second))

    async def _let_in(self, rest: Front) -> None:
        control, enter, allowance = self.control, self._open.enter_async_context, self._allowance
        house = await enter(opened_crm(self.settings, control, self.keys, self.platforms, self.reached, self.address))
        self.crm, self._crm_line = house.crm, house.line
        self.operations.webhooks[CRM_NAME] = house.hooks
        for platform in self._own.values():
            await self.open(platform)
        self._host = PlatformHost(self.settings, control, self, self._own, self._expected)
        shared = self._make_workspace(house)
        await enter(lifespan_of(rest))
        await enter(delivering(control.outbox, self.settings.mail, house.crm.letters))
        copying = House(
            control=control, platforms=self.reached, copying=EngineCopying(self.reached),
            access_url=self.settings.ramm.access_url, gate=house.crm.gate,
        )  # fmt: skip
        await enter(ramm.serving(copying))
        web = self._make_webapi(allowance)
        self._open.push_async_callback(web.close)
        terminals = terminal.PlatformApi(house.office)
        self._tokens.terminals = terminals.door
        self.grpc = await enter(grpc_line.serving(self.settings.grpc, self.settings.host, house.office))
        self.operations.streams = self.grpc.door.count_streams
        self._door = Door(web.house)
        assert self._stream is not None
        self._surfaces = Surfaces(
            rest=rest, stream=self._stream, provider=oidc.create_provider(provider_of(shared, self.settings)), web=web,
            live=await enter(hubs.serving(self._door)), office=broker.BrokerApi(house.office),
            office_v2=broker_v2.BrokerApiV2(house.office), terminals=terminals, copying=ramm.RammApp(copying, allowance),
            broker_v2_host=self.settings.broker_v2_host,
        )  # fmt: skip
        self._host.start()
        self._surfaces.workspace = await asyncio.to_thread(create_workspace, shared, allowance=allowance)

    # What serves a platform to the outside, as `keeper.Surfaces`.

    def meet(self, platform: TradePlatform) -> None:
        assert self._stream is not None
        self.platforms[platform.name] = platform
        self._stream.hear(platform.name, platform.writer, platform.clock)

    async def open(self, platform: TradePlatform) -> None:
        assert self._stream is not None
        office = platform.webhooks.office if platform.webhooks is not None else None
        reached = Platform(platform.writer, platform.history, platform.quotes, platform.clock.now, office)
        await self._put_terms(platform.name, reached)
        await self._crm_line.follow(platform)
        self.reached[platform.name] = reached
        self._stream.open(platform.name)

    def part(self, platform: TradePlatform) -> None:
        assert self._stream is not None
        self.reached.pop(platform.name, None)
        self._stream.leave(platform.name)
        if self._door is not None:
            self._door.leave(platform.name)
        if self.grpc is not None:
            self.grpc.leave(platform.name)
        self.platforms.pop(platform.name, None)
        self._has_parted = True

    def _failed(self) -> dict[str, str]:
        return {} if self._host is None else self._host.failed()

    async def _put_terms(self, name: str, reached: Platform) -> None:
        """Let companies that were made while the platform did not run copy on it."""
        for company in self.control.companies.all():
            if company.platform == name:
                await put_terms(reached, company)

    def _make_webapi(self, allowance: Allowance) -> webapi.WebApi:
        assert self._stream is not None
        house = webapi_house(self.control, self.keys, self.platforms, self.reached, self._stream.online)
        return webapi.WebApi(house, allowance)

    def _make_workspace(self, house: CrmHouse) -> Workspace:
        a_minute = self.settings.limits.tries_per_minute
        mail = self.settings.mail
        return Workspace(
            control=self.control, url=self.settings.public_url or self.address,
            tries=Allowances(Allowance(per_second=a_minute / 60, burst=max(1, a_minute))),
            shows_outbox=mail.shown and not mail.host, works=self._make_works(), tariffs=self.settings.usage,
            crm=house.crm, crm_webhooks=house.hooks.hooks,
        )  # fmt: skip

    def _make_works(self) -> PlatformWorks:
        assert self._host is not None
        prober = Prober(self.settings.connections.terms)
        self._open.callback(prober.close)
        return PlatformWorks(host=self._host, prober=prober, keys=self.keys, terms=self.settings.hosting.terms)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket" and self._is_of_operations(scope["path"]):
            await self.operations(scope, receive, send)
        elif self._surfaces is not None:
            await self._surfaces(scope, receive, send)
        elif scope["type"] == "websocket":
            await refuse_socket(receive, send)
        elif scope["path"].startswith(ramm.ROOTS):
            await ramm.refuse_for_now(scope, receive, send)
        else:
            await refuse_for_now(scope, send)

    def _is_of_operations(self, path: str) -> bool:
        return path in PATHS and not (self.settings.metrics_port and path == "/metrics")

    # The interpreter.

    async def _collect(self) -> None:
        """Collect garbage while nobody asks anything: a collection stops everything, and would be seen in the p99."""
        loop = asyncio.get_running_loop()
        before, collected = 0, loop.time()
        while True:
            await asyncio.sleep(COLLECT_SECONDS)
            commands = sum(platform.writer.counters.commands for platform in self.platforms.values())
            if commands == before or loop.time() - collected >= COLLECT_BUSY_SECONDS:
                # A platform that has gone leaves behind what no younger generation finds.
                gc.collect(2 if self._has_parted else 1)
                self._has_parted = False
                collected = loop.time()
            before = commands


def tune_interpreter() -> None:
    """Collect garbage only when told to, switch threads quickly, and keep freed memory.

    Before the load: it makes millions of objects.
    """
    gc.disable()
    keep_freed_memory()
    sys.setswitchinterval(SWITCH_SECONDS)
