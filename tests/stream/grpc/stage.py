"""gRPC ports over the stage of the Broker-API, and a client beside it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from prorata.access.permissions import EVERYTHING
from prorata.messages.commands import Command, PlaceOrder, Quote, Side, Tick
from prorata.messages.events import Dealt, Event, OrderPlaced
from prorata.stream.grpc import v1, v1_enveloped, v2
from prorata.stream.grpc.door import Door
from prorata.stream.grpc.server import GrpcServer, Streams
from prorata.stream.grpc.terms import GrpcTerms
from prorata.units.numbers import VOLUME_PER_LOT
from tests.rest.broker.stage import Stage
from tests.stream.grpc.wire import V1, V2

V1_PATH, V2_PATH = "/com.matchtrade.broker_api.grpc.", "/com.matchtrade.mtr.broker_api.grpc."
TERMS = GrpcTerms(
    heartbeat_seconds=0.2, figures_seconds=0.02, check_seconds=0.1, streams_per_key=20, waiting_bytes=1_000_000,
    close_seconds=0.5, calls_per_minute=100_000,
)  # fmt: skip
SECONDS = 10


HEARTBEATS = (b"\x10\x01", b"\x18\x01", b"\x20\x01")
"""messages that have nothing but a heartbeat, in field 2, 3 or 4"""


class Ear:
    """What one stream tells, heartbeats apart: read by a thread, so that it is read while the test does something else."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.heard: list[Any] = []
        self.beats = 0
        self.error: grpc.RpcError | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            for message in self.call:
                is_beat = (message if isinstance(message, bytes) else message.SerializeToString()) in HEARTBEATS
                with self._changed:
                    if is_beat:
                        self.beats += 1
                    else:
                        self.heard.append(message)
                    self._changed.notify_all()
        except grpc.RpcError as error:
            with self._changed:
                self.error = error
                self._changed.notify_all()

    def until(self, done: Callable[[list[Any]], Any]) -> list[Any]:
        """Wait until what was heard is enough, and return it."""
        with self._changed:
            assert self._changed.wait_for(lambda: done(self.heard) or self.error, SECONDS), self.heard
            assert done(self.heard), self.error
            return list(self.heard)

    def count(self, count: int) -> list[Any]:
        return self.until(lambda heard: len(heard) >= count)

    def beat(self, count: int = 1) -> None:
        """Wait until so many heartbeats have come."""
        self.until(lambda _: self.beats >= count)

    def ended(self) -> tuple[grpc.StatusCode, str]:
        """Wait for the end, and return how it came."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.error is not None, SECONDS), "the stream did not end"
        error: Any = self.error
        return error.code(), error.details()

    def stop(self) -> None:
        self.call.cancel()
        self._thread.join(SECONDS)


class GrpcStage:
    """Two ports: version 1 as it is published and version 2; the newer form of version 1 and version 2."""

    def __init__(self, stage: Stage, terms: GrpcTerms = TERMS) -> None:
        self.stage = stage
        self.door = Door(stage.shared, terms)
        methods = ((*v1.METHODS, *v2.METHODS), (*v1_enveloped.METHODS, *v2.METHODS))
        self.servers: list[GrpcServer] = []
        for several in methods:
            stage.house.run(self._start(several))
        self.key = stage.key(EVERYTHING)
        self.channels = [grpc.insecure_channel(f"127.0.0.1:{server.port}") for server in self.servers]
        self._ears: list[Ear] = []

    async def _start(self, methods: tuple[Any, ...]) -> None:
        server = GrpcServer(Streams(self.door, methods), "127.0.0.1:0")
        await server.start()
        self.servers.append(server)

    def close(self) -> None:
        self.hush()
        for channel in self.channels:
            channel.close()
        self.stage.house.run(self._stop())

    async def _stop(self) -> None:
        self.door.close()
        for server in self.servers:
            await server.stop()

    # Streams.

    def begin(
        self, path: str, request: Any, answer: type[Any], *, key: str | None = None, enveloped: bool = False, **metadata: str
    ) -> Ear:
        """Begin a stream and return when it is on, or was refused."""
        given = {name.replace("_", "-"): value for name, value in metadata.items()}
        if key != "":
            given["authorization"] = f"Bearer {self.key}" if key is None else key
        method = self.channels[enveloped].unary_stream(
            path, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
        )
        call = method(request, metadata=tuple(given.items()), timeout=60)
        ear = Ear(call)
        self._ears.append(ear)
        call.initial_metadata()
        return ear

    def v1(self, path: str, request: str, answer: str, fields: dict[str, Any] | None = None, **more: Any) -> Ear:
        """Begin a stream of version 1 about the platform "live"; `fields` by number, as `f2`."""
        return self.begin(V1_PATH + path, V1[request](**{"f1": self.stage.live, **(fields or {})}), V1[answer], **more)

    def v2(self, path: str, request: str, answer: str, fields: dict[str, Any] | None = None, **more: Any) -> Ear:
        more.setdefault("prorata_platform", self.stage.live)
        return self.begin(V2_PATH + path, V2[request](**(fields or {})), V2[answer], **more)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Stop what streams are begun meanwhile."""
        try:
            yield
        finally:
            self.hush()

    def hush(self) -> None:
        """Stop all streams that were begun here."""
        while self._ears:
            self._ears.pop().stop()

    # What happens.

    def do(self, command: Command) -> tuple[Event, ...]:
        answer = self.stage.house.run(self.stage.house.platforms["live"].writer.submit(command))
        return tuple(answer.events)

    def quote(self, *quotes: Quote) -> None:
        """Let the market move, as a feed does."""

        async def move() -> None:
            writer = self.stage.house.platforms["live"].writer
            writer.quote(quotes)
            await writer.submit(Tick())

        self.stage.house.run(move())

    def trader(self, group: str = "standard", amount: int = 1_000_000) -> int:
        """Return a new account of the trade platform, with 10,000.00 or as said."""
        return self.stage.house.open_account(group, amount)

    def buy(self, login: int, lots: float = 1.0, **more: Any) -> int:
        """Buy EURUSD, and return the ticket."""
        (deal,) = self.do(PlaceOrder(login, more.pop("symbol", "EURUSD"), Side.BUY, int(lots * VOLUME_PER_LOT), **more))
        assert isinstance(deal, Dealt | OrderPlaced), deal
        return deal.position if isinstance(deal, Dealt) else deal.ticket


def name_of(ticket: int) -> str:
    return f"W{ticket:013d}"
