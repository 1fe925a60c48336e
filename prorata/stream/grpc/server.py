"""One port of gRPC: from a call's path and bytes to its stream, in the event loop of the process.

Messages are bytes already when they come here: what many hear of is rendered once.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

import grpc
import grpc.aio
import structlog

from prorata.stream.grpc.door import Door, Guest, ending_of
from prorata.stream.grpc.forms import Method
from prorata.stream.grpc.subscriber import Ending
from prorata.views.answers import Rejected

REQUEST_BYTES_MAX = 1_048_576
PING_MS = 30_000
"""a connection without traffic is asked whether it is still there"""
PING_PATIENCE_MS = 20_000
CLIENT_PING_MS = 5_000
"""clients may ask as often"""
STOP_SECONDS = 2.0
STATUS_SECONDS = 60.0
"""how long the status of a stream that was ended waits for its reader to read on"""

OPTIONS: list[tuple[str, Any]] = [
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", REQUEST_BYTES_MAX),
    ("grpc.keepalive_time_ms", PING_MS),
    ("grpc.keepalive_timeout_ms", PING_PATIENCE_MS),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", CLIENT_PING_MS),
    ("grpc.keepalive_permit_without_calls", 1),
]

Context: TypeAlias = grpc.aio.ServicerContext[bytes, bytes]

_log = structlog.get_logger("grpc")


class Streams:
    """Serves methods behind a door. Several ports may share the door."""

    def __init__(self, door: Door, methods: Iterable[Method]) -> None:
        self._door = door
        self._methods = {method.path: method for method in methods}

    def handler(self) -> "grpc.GenericRpcHandler[bytes, bytes]":
        return _Handler({path: self._server_of(method) for path, method in self._methods.items()})

    def _server_of(self, method: Method) -> Callable[[bytes, Context], Any]:
        async def serve(request: bytes, context: Context) -> None:
            await self._serve(method, request, context)

        return serve

    async def _serve(self, method: Method, request: bytes, context: Context) -> None:
        guest: Guest | None = None
        try:
            guest = self._door.let_in(method, request, _texts(context), context.peer())
            await self._door.begin(guest)
            ending = await self._tell(guest, context)
            _log.info("a stream ends", method=method.path, code=ending[0].name, detail=ending[1])
        except Rejected as rejected:
            ending = ending_of(rejected)
        except Exception:
            if context.cancelled():
                return
            _log.exception("a stream failed", method=method.path)
            ending = (grpc.StatusCode.INTERNAL, "something went wrong here")
        finally:
            if guest is not None:
                self._door.let_out(guest)
        await self._end(context, ending)

    async def _tell(self, guest: Guest, context: Context) -> Ending:
        """Send what waits until the stream ends. A reader that takes nothing is not waited for longer than it may take."""
        subscriber, write = guest.subscriber, context.write
        leave, task = subscriber.on_end, asyncio.current_task()
        loop = asyncio.get_running_loop()
        timers: list[asyncio.TimerHandle] = []

        def on_end() -> None:
            if leave is not None:
                leave()
            if task is not None:
                timers.append(loop.call_later(self._door.terms.close_seconds, task.cancel))

        subscriber.on_end = on_end
        try:
            # The headers say that the stream is on: whatever happens after they were sent is told.
            await context.send_initial_metadata(())
            while messages := await subscriber.messages():
                for message in messages:
                    await write(message)
                self._door.count(guest, len(messages))
        except asyncio.CancelledError:
            if subscriber.ending is None or task is None:
                raise
            task.uncancel()
        finally:
            for timer in timers:
                timer.cancel()
        assert subscriber.ending is not None, "without messages it has ended"
        return subscriber.ending

    async def _end(self, context: Context, ending: Ending) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(STATUS_SECONDS):
                await context.abort(*ending)


class _Handler(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # generic in the stubs alone
    def __init__(self, servers: Mapping[str, Callable[[bytes, Context], Any]]) -> None:
        # Without serializers bytes stay as they are.
        self._handlers = {path: grpc.unary_stream_rpc_method_handler(serve) for path, serve in servers.items()}

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return self._handlers.get(handler_call_details.method)


def _texts(context: Context) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else value.decode("latin-1")
        for name, value in context.invocation_metadata() or ()
    }


class BadAddress(Exception):
    """The port cannot be opened."""


class GrpcServer:
    """A port between `start` and `stop`. `certificate`: the key and the chain, both PEM; None: without TLS."""

    def __init__(self, streams: Streams, address: str, certificate: tuple[bytes, bytes] | None = None) -> None:
        self._address = address
        self._certificate = certificate
        self._server = grpc.aio.server(options=OPTIONS)
        self._server.add_generic_rpc_handlers((streams.handler(),))
        self.port = 0

    async def start(self) -> None:
        """Raises `BadAddress`."""
        try:
            if self._certificate is None:
                self.port = self._server.add_insecure_port(self._address)
            else:
                credentials = grpc.ssl_server_credentials([self._certificate])
                self.port = self._server.add_secure_port(self._address, credentials)
        except RuntimeError as problem:
            raise BadAddress(str(problem)) from None
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop(STOP_SECONDS)
