"""One process: the platforms behind REST, the stream and operations, on one port.

The port answers as soon as the process lives: until the platforms are ready, calls get NOT_READY and /readyz says
why. Orders are let in first; what else is served (`surfaces`) is imported and opened after them. A platform that fails
(a disk that does not sync, another writer that took over) ends the process: whoever watches over it starts it again,
and the journal is read anew.
"""

import asyncio
import gc
import socket
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack, nullcontext
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn

from prorata.access.keys import KeyStore
from prorata.app.failures import PlatformFailed
from prorata.app.hosting import PlatformHost
from prorata.app.lifespan import lifespan_of
from prorata.app.memory import keep_freed_memory, resident_bytes, use_huge_pages
from prorata.app.opening import open_control
from prorata.app.operations import PATHS, Operations, problem_of
from prorata.app.platform import TradePlatform
from prorata.app.settings import BadSettings, ServerSettings
from prorata.app.stream_tokens import StreamTokens
from prorata.control.store import Control
from prorata.messages.refusals import Refusal
from prorata.rest.asgi import refuse_socket, send_problem
from prorata.rest.own.app import create_app
from prorata.rest.own.front import SERVED, Front
from prorata.rest.own.order_protocol import order_protocol
from prorata.rest.own.session import Platform
from prorata.rest.own.tokens import AccessTokens
from prorata.rest.ramm import rendering as ramm
from prorata.rest.ramm.registry import ROOTS as RAMM_ROOTS
from prorata.rest.workspace import sections
from prorata.stream.app import StreamApp
from prorata.units.numbers import Moment
from prorata.views.answers import Rejected

if TYPE_CHECKING:
    from prorata.app.surfaces import Surfaces

STREAM_PATH = "/api/v1/stream"
SWITCH_SECONDS = 0.0001
"""How long the event loop may keep the interpreter from the journal's thread, which wants it back after each sync."""
COLLECT_SECONDS = 1.0
COLLECT_BUSY_SECONDS = 30.0
"""Garbage is collected in an idle second; without one, this often."""
HUGE_BYTES_MIN, HUGE_GROWTH = 384 * 2**20, 1.25
"""Memory is put into huge pages from that much on, and again when it has grown so much: less fits without them."""
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
        self.operations = Operations(
            self.platforms,
            own,
            self.reached,
            version("prorata"),
            self._connections,
            self._failed,
            lambda: self._surfaces is not None,
        )
        self.keys: KeyStore
        self.control: Control
        self.address = ""
        """where it is reached, once it has started: http://host:port"""
        self._servers: list[_Uvicorn] = []
        self._serving: list[asyncio.Task[None]] = []
        self._own = own
        self._started: list[TradePlatform] = []
        self._expected: set[str] = set()
        self._host: PlatformHost | None = None
        self._has_parted = False
        self._rest: Front | None = None
        """the own API, once calls are let in"""
        self._surfaces: Surfaces | None = None
        self._stream: StreamApp | None = None
        self._tokens: StreamTokens
        self._open = AsyncExitStack()
        self._collecting: asyncio.Task[None] | None = None

    @property
    def surfaces(self) -> "Surfaces":
        """What is served beside the own API, once all has started."""
        assert self._surfaces is not None
        return self._surfaces

    def _connections(self) -> int:
        return sum(len(server.server_state.connections) for server in self._servers)

    async def start(self) -> None:
        """Open the port, bring the platforms up, let orders in, then all other calls.

        Raises:
            BadSettings: an address is in use, or what `TradePlatform.start` and `opened_surfaces` say.
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
        rest = await making
        await self._let_in(rest)
        await self._open_surfaces(rest)
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
        protocol = order_protocol(lambda: self._rest if app is self else None)
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
        return create_app(self.reached, self.keys, allowance=self.settings.limits.calls, expected=self._expected, tokens=tokens)

    async def _let_in(self, rest: Front) -> None:
        await self._open.enter_async_context(lifespan_of(rest))
        for platform in self._own.values():
            self._reach(platform)
        self._rest = rest

    async def _open_surfaces(self, rest: Front) -> None:
        await asyncio.to_thread(import_module, "prorata.app.surfaces")  # Calls go on in this half second.
        from prorata.app.surfaces import Ground, opened_surfaces

        assert self._stream is not None
        self._host = PlatformHost(self.settings, self.control, self, self._own, self._expected)
        ground = Ground(
            self.settings, self.control, self.keys, self.platforms, self.reached, rest, self._stream, self._tokens,
            self.operations, self._host, self.address,
        )  # fmt: skip
        self._surfaces = await self._open.enter_async_context(opened_surfaces(ground))
        self._host.start()

    # What serves a platform to the outside, as `keeper.Surfaces`.

    def meet(self, platform: TradePlatform) -> None:
        assert self._stream is not None
        self.platforms[platform.name] = platform
        self._stream.hear(platform.name, platform.writer, platform.clock)

    async def open(self, platform: TradePlatform) -> None:
        await self.surfaces.follow(platform, _reached(platform))
        self._reach(platform)

    def _reach(self, platform: TradePlatform) -> None:
        assert self._stream is not None
        self.reached[platform.name] = _reached(platform)
        self._stream.open(platform.name)

    def part(self, platform: TradePlatform) -> None:
        assert self._stream is not None
        self.reached.pop(platform.name, None)
        self._stream.leave(platform.name)
        self.surfaces.leave(platform.name)
        self.platforms.pop(platform.name, None)
        self._has_parted = True

    def _failed(self) -> dict[str, str]:
        return {} if self._host is None else self._host.failed()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._part_for(scope)(scope, receive, send)

    def _part_for(self, scope: Any) -> Any:
        """Return what serves a call; to what comes too early, what says NOT_READY."""
        path = scope["path"]
        part: Any
        if scope["type"] == "websocket":
            part = self._stream if path == STREAM_PATH else self._surfaces
            return part if self._rest is not None and part is not None else refuse_socket
        if self._is_of_operations(path):
            return self.operations
        part = self._rest if path.startswith(SERVED) and not sections.serves(path) else self._surfaces
        if part is not None:
            return part
        return _refuse_copying if path.startswith(RAMM_ROOTS) else _refuse

    def _is_of_operations(self, path: str) -> bool:
        return path in PATHS and not (self.settings.metrics_port and path == "/metrics")

    # The interpreter.

    async def _collect(self) -> None:
        """Collect garbage while nobody asks anything: a collection stops everything, and would be seen in the p99.

        It is the time, too, to put memory into huge pages.
        """
        loop = asyncio.get_running_loop()
        before, collected, enough = 0, loop.time(), HUGE_BYTES_MIN
        while True:
            await asyncio.sleep(COLLECT_SECONDS)
            commands = sum(platform.writer.counters.commands for platform in self.platforms.values())
            if commands == before or loop.time() - collected >= COLLECT_BUSY_SECONDS:
                # A platform that has gone leaves behind what no younger generation finds.
                gc.collect(2 if self._has_parted else 1)
                self._has_parted = False
                collected = loop.time()
                if resident_bytes() >= enough:
                    await asyncio.to_thread(use_huge_pages)
                    enough = round(resident_bytes() * HUGE_GROWTH)
            before = commands


def tune_interpreter() -> None:
    """Collect garbage only when told to, switch threads quickly, and keep freed memory.

    Before the load: it makes millions of objects.
    """
    gc.disable()
    keep_freed_memory()
    sys.setswitchinterval(SWITCH_SECONDS)


def _reached(platform: TradePlatform) -> Platform:
    office = platform.webhooks.office if platform.webhooks is not None else None
    return Platform(platform.writer, platform.history, platform.quotes, platform.clock.now, office)


async def _refuse(scope: Any, _receive: Any, send: Any) -> None:
    await send_problem(send, Rejected(Refusal.NOT_READY, retry_after=1), scope["path"], "")


async def _refuse_copying(scope: Any, _receive: Any, send: Any) -> None:
    await ramm.refuse_for_now(scope, send)
