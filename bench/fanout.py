"""One quote, or one position, to 500 streams over gRPC: beside a bare grpc.aio server that sends the same bytes.

The server is the product as it is run, in a process of its own; the bare one is in the same process and event loop. The
client is this process on the other core. Both read the machine's one monotonic clock, so a delay is from the moment
at which a quote is fed, or an order handed in, to the moment at which the client has the message.

    python -m bench.fanout        serves, and does what its standard input says
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
import grpc.aio
import msgspec
import uvloop

from bench import world
from prorata.access.permissions import EVERYTHING
from prorata.app import logs
from prorata.app.server import Service
from prorata.app.settings import GrpcSettings, NoFeedSettings, NoVenueSettings, PlatformSettings, ServerSettings
from prorata.control.api_clients.store import NewApiClient
from prorata.control.passwords import hashed
from prorata.control.people.people import NewPerson, insert_person
from prorata.messages.commands import PlaceOrder, Quote, Side, Tick
from prorata.stream.grpc.proto import broker_v2_pb2 as pb
from prorata.stream.grpc.terms import GrpcTerms

STREAMS = 500
CHANNELS = 10
"""connections of the client, each with a part of the streams"""
PACKAGE = "com.matchtrade.mtr.broker_api.grpc"
PATHS = {
    "quotations": f"/{PACKAGE}.QuotationsServiceExternal/getQuotationsWithMarkupStream",
    "positions": f"/{PACKAGE}.PositionsServiceExternal/getOpenPositionsStream",
}
BARE = "/bare.Bare/"
_ASKED = {
    "quotations": pb.PBQuotationsWithMarkupStreamRequestExternal(symbols=["EURUSD"]).SerializeToString(),
    "positions": b"",
}
FIRST_BID = 110_000
AT_ONCE = 40
PACED, PACE_SECONDS = 24, 0.125
START_SECONDS = 60.0


class Fanned(msgspec.Struct):
    """`a_second`: messages delivered, one after the other as fast as can be. `p99_ms`: their delay at 4,000 a second."""

    a_second: float
    p99_ms: float


# The client.


@contextmanager
def served() -> Iterator["Server"]:
    command = [sys.executable, "-m", "bench.fanout"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Server(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(START_SECONDS)


class Server:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        told = json.loads(self._line())
        self.ports: dict[str, int] = {"product": told["product"], "bare": told["bare"]}
        self.key: str = told["key"]

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def does(self, who: str, what: str, count: int, seconds: float) -> list[float]:
        """Have it tell something `count` times; return when each was begun."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{who} {what} {count} {seconds}\n")
        self._process.stdin.flush()
        begun: list[float] = json.loads(self._line())
        return begun


def measured(server: Server, who: str, what: str) -> Fanned:
    return uvloop.run(_measured(server, who, what))


async def _measured(server: Server, who: str, what: str) -> Fanned:
    channels = [grpc.aio.insecure_channel(f"127.0.0.1:{server.ports[who]}", [("id", place)]) for place in range(CHANNELS)]
    arrived: list[list[float]] = [[] for _ in range(STREAMS)]
    path = PATHS[what] if who == "product" else BARE + what
    counts = _quotes_in if what == "quotations" else _positions_in
    request = _ASKED[what]
    calls = [
        channel.unary_stream(path, request_serializer=bytes, response_deserializer=bytes)(
            request, metadata=(("authorization", server.key),)
        )
        for channel in (channels[place % CHANNELS] for place in range(STREAMS))
    ]
    readers = [asyncio.create_task(_read(call, counts, times)) for call, times in zip(calls, arrived, strict=True)]
    for call in calls:
        await call.initial_metadata()
    begun = await asyncio.to_thread(server.does, who, what, AT_ONCE, 0.0)
    await _until(arrived, AT_ONCE, readers)
    took = max(times[AT_ONCE - 1] for times in arrived) - begun[0]
    for times in arrived:
        times.clear()
    begun = await asyncio.to_thread(server.does, who, what, PACED, PACE_SECONDS)
    await _until(arrived, PACED, readers)
    delays = sorted(at - began for times in arrived for at, began in zip(times, begun, strict=True))
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    for channel in channels:
        await channel.close(None)
    return Fanned(STREAMS * AT_ONCE / took, delays[len(delays) * 99 // 100] * 1e3)


async def _read(call: Any, counts: Callable[[bytes], int], times: list[float]) -> None:
    async for message in call:
        now = time.monotonic()
        times.extend([now] * counts(message))


def _quotes_in(message: bytes) -> int:
    """Return 1 for a quote that was told while it was measured: what is there at the beginning has another bid."""
    return int(pb.PBQuotationSimpleExternal.FromString(message).quotation.bidPrice * 100_000 > FIRST_BID + 0.5)


def _positions_in(message: bytes) -> int:
    positions = pb.PBOpenPositionsStreamResponseExternal.FromString(message).positions.positions
    return sum(position.requestUpdateType == pb.REQUEST_UPDATE_TYPE_NEW for position in positions)


async def _until(arrived: list[list[float]], count: int, readers: "list[asyncio.Task[None]]") -> None:
    while any(len(times) < count for times in arrived):
        assert not any(reader.done() for reader in readers), "a stream has ended"
        await asyncio.sleep(0.01)


# The server.


class _Bare:
    """Sends each message to all its streams, and does nothing else."""

    def __init__(self) -> None:
        self.queues: set[asyncio.Queue[bytes]] = set()

    async def serve(self, _request: bytes, context: Any) -> None:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self.queues.add(queue)
        try:
            await context.send_initial_metadata(())
            while True:
                await context.write(await queue.get())
        finally:
            self.queues.discard(queue)

    def tell(self, message: bytes) -> None:
        for queue in self.queues:
            queue.put_nowait(message)


async def _serve(folder: Path) -> None:
    platform = PlatformSettings(feed=NoFeedSettings(), venue=NoVenueSettings(), begin_with="nothing")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    terms = GrpcTerms(streams_per_key=STREAMS, calls_per_minute=10 * STREAMS)
    settings = ServerSettings(data=folder, port=0, grpc=GrpcSettings(port=port, terms=terms), platforms={"main": platform})
    service = Service(settings)
    await service.start()
    writer = service.platforms["main"].writer
    for command in world.setup(1):
        await writer.submit(command)
    bare = _Bare()
    server = grpc.aio.server()
    handlers = {what: grpc.unary_stream_rpc_method_handler(bare.serve) for what in PATHS}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bare.Bare", handlers),))
    bare_port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(json.dumps({"product": port, "bare": bare_port, "key": _key(service)}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        who, what, count, seconds = line.split()
        begun: list[float] = []
        for place in range(int(count)):
            begun.append(time.monotonic())
            await _tell(service, bare, who, what, place)
            await asyncio.sleep(max(0.0, begun[0] + (place + 1) * float(seconds) - time.monotonic()))
        print(json.dumps(begun), flush=True)
    await server.stop(0)
    await service.stop()


async def _tell(service: Service, bare: _Bare, who: str, what: str, place: int) -> None:
    writer = service.platforms["main"].writer
    bid = FIRST_BID + 1 + place
    if who == "bare":
        bare.tell(_quote(bid) if what == "quotations" else _position(place))
    elif what == "quotations":
        writer.quote((Quote("EURUSD", bid, bid + 12),))
        await writer.submit(Tick())
    else:
        await writer.submit(PlaceOrder(world.FIRST_LOGIN, "EURUSD", Side.BUY, world.MICRO_LOT))


def _quote(bid: int) -> bytes:
    statistics = pb.PBDailyStatisticsExternal(change=0.12, high=1.1, low=1.0)
    quotation = pb.PBQuotation(
        symbol="EURUSD", bidPrice=bid / 100_000, askPrice=(bid + 12) / 100_000, timestampInMillis=world.NOW,
        dailyStatistics=statistics,
    )  # fmt: skip
    return pb.PBQuotationSimpleExternal(quotation=quotation).SerializeToString()


def _position(place: int) -> bytes:
    name, at = f"W{place:013d}", "2026-03-02T12:00:00.000Z"
    part = pb.PBPartialExternal(
        id=name, volume=0.01, openTime=at, openPrice=1.10012, profit=-0.12, netProfit=-0.16, commission=-0.04
    )
    position = pb.PBPositionWithGroup(
        login=str(world.FIRST_LOGIN), group="bench", id=name, symbol="EURUSD", volume=0.01, side=pb.ORDER_SIDE_BUY,
        openTime=at,
        openPrice=1.10012, profit=-0.12, netProfit=-0.16, currentPrice=1.1, commission=-0.04, partials=[part], alias="EURUSD",
        requestUpdateType=pb.REQUEST_UPDATE_TYPE_NEW,
    )  # fmt: skip
    return pb.PBOpenPositionsStreamResponseExternal(positions=pb.PositionsPerClient(positions=[position])).SerializeToString()


def _key(service: Service) -> str:
    """Return the secret of a program that may everything on the platform."""
    control = service.control
    with control.database.writing() as connection:
        owner = insert_person(connection, NewPerson(email="owner@bench.test"), hashed("not for use"), world.NOW)
    organization = control.organizations.add(owner.id, "Bench")
    control.platforms.adopt(organization.id, "Main", "main", host="here")
    return control.api_clients.add(organization.id, NewApiClient(name="bench", permissions=EVERYTHING), by=owner.id)[1]


def main() -> None:
    logs.set_up("error")
    with TemporaryDirectory() as folder:
        uvloop.run(_serve(Path(folder)))


if __name__ == "__main__":
    main()
