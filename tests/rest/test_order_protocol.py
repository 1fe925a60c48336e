"""The short way for new orders answers like the long one, whatever comes over the wire, and in order."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn

from prorata.rest.own.allowance import Allowance
from prorata.rest.own.app import create_app
from prorata.rest.own.order_protocol import order_protocol
from prorata.rest.own.session import Platform
from prorata.server.ports import JournalFull
from prorata.server.writer import Answer, Overloaded, Reply, WriterStopped
from tests.rest.house import House

SHORT = "/api/v1/orders"
LONG = "/api/v1/%6frders"
"""the same address, written so that the short way does not know it"""

Heard = tuple[int, dict[str, str], bytes]


class Line:
    """A raw connection: bytes out, answers in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def answer(self) -> Heard:
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return int(head[0].split()[1]), headers, body

    async def ask(self, *parts: bytes) -> Heard:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(0.01)
        return await self.answer()

    async def is_closed(self) -> bool:
        return await asyncio.wait_for(self.reader.read(1), 10) == b""


@asynccontextmanager
async def line(url: str, *, receive_bytes: int = 0) -> AsyncIterator[Line]:
    """Connect; with `receive_bytes` the kernel keeps no more than about that for a reader who does not read."""
    address = httpx2.URL(url)
    plug = socket.socket()
    if receive_bytes:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    plug.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plug, (address.host, address.port))
    reader, writer = await asyncio.open_connection(sock=plug)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def served(
    house: House, platforms: dict[str, Platform], *, keep_alive: int = 5, **options: Any
) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    """Serve the API of other platforms, or with other limits, on the house's loop."""
    app = create_app(platforms, house.keys, **options)
    config = uvicorn.Config(
        app, port=0, lifespan="off", log_level="error", http=order_protocol(lambda: app), access_log=False,
        timeout_keep_alive=keep_alive,
    )  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", server
    finally:
        server.should_exit = True
        await serving


def order(login: int, **changes: object) -> bytes:
    return json.dumps({"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.10", **changes}).encode()


def request(house: House, body: bytes, path: str = SHORT, key: str = "admin", **headers: str) -> bytes:
    """Return an HTTP request. Underscores in the names of headers are dashes."""
    own = {"authorization": f"Bearer {house.tokens.get(key, key)}", "content_type": "application/json", **headers}
    if "transfer_encoding" not in headers:
        own.setdefault("content_length", str(len(body)))
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in own.items())
    return f"POST {path} HTTP/1.1\r\nhost: h\r\n{lines}\r\n".encode() + body


def on_the_wire(house: House, story: Callable[[Line], Awaitable[None]]) -> None:
    async def told() -> None:
        async with line(house.url) as connection:
            await story(connection)

    house.run(told())


def positions(house: House, login: int) -> int:
    return len(house.platforms["live"].writer.engine.desk.state.accounts[login].positions)


BODIES: list[dict[str, object]] = [
    {},
    {"type": "limit", "price": "1.05", "expires_at": "2030-01-01T00:00:00Z"},
    {"volume": "0.015"},
    {"volume": 1},
    {"login": 1},
    {"login": 2**70},
    {"symbol": "NOSUCH"},
    {"surprise": True},
    {"comment": "é" * 20},
]
HEADERS: list[dict[str, str]] = [
    {"key": "read"},
    {"key": "prk_nobody_x"},
    {"authorization": "Basic eA=="},
    {"content_type": "text/plain"},
    {"content_type": 'Application/JSON; charset="UTF-8"'},
    {"content_encoding": "gzip"},
    {"idempotency_key": "with blank"},
    {"x_request_id": "with blank"},
    {"connection": "close"},
    {"content_length": "70000"},
]


async def both_ways(house: House, connection: Line, body: bytes, headers: dict[str, str]) -> None:
    first = await connection.ask(request(house, body, SHORT, **headers))
    if headers.get("connection") == "close" or headers.get("content_length"):
        return
    short = await connection.ask(request(house, body, SHORT, **headers))
    long = await connection.ask(request(house, body, LONG, **headers))
    assert first[0] == short[0] == long[0]
    for reply in (short, long):
        reply[1].pop("content-length")
        reply[1].pop("date")  # The second may change between the two.
        if "x_request_id" not in headers or " " in headers["x_request_id"]:
            reply[1].pop("x-request-id")
    assert short[1] == long[1]
    shown = [json.loads(reply[2]) for reply in (short, long)]
    for part in shown:
        for told in ("number", "request_id", "instance"):
            part.pop(told, None)
        if "idempotency_key" not in headers:
            part.pop("ticket", None)
            part.pop("events", None)
    assert list(shown[0]) == list(shown[1])
    assert shown[0] == shown[1]


@pytest.mark.parametrize("changes", BODIES, ids=str)
def test_both_ways_in_answer_an_order_alike(house: House, changes: dict[str, object]) -> None:
    login = house.open_account()
    headers = {"idempotency_key": f"same-{login}", "x_request_id": "r1"}
    on_the_wire(house, lambda connection: both_ways(house, connection, order(**{"login": login, **changes}), headers))  # type: ignore[arg-type]


@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_both_ways_in_check_the_headers_alike(house: House, headers: dict[str, str]) -> None:
    login = house.open_account()
    on_the_wire(house, lambda connection: both_ways(house, connection, order(login), headers))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null", b"[" * 9_000], ids=lambda body: repr(body[:5]))
def test_both_ways_in_refuse_what_is_no_order_alike(house: House, body: bytes) -> None:
    on_the_wire(house, lambda connection: both_ways(house, connection, body, {"x_request_id": "r1"}))


def test_answers_keep_the_order_of_pipelined_requests(house: House) -> None:
    login = house.open_account()
    calls = [
        request(house, order(login), x_request_id="0"),
        request(house, order(login, volume="x"), x_request_id="1"),
        request(house, order(login), LONG, x_request_id="2"),
        request(house, order(login), x_request_id="3", transfer_encoding="chunked")[: -len(order(login))]
        + b"%x\r\n%b\r\n0\r\n\r\n" % (len(order(login)), order(login)),
        request(house, order(login), key="read", x_request_id="4"),
        request(house, order(login), x_request_id="5"),
    ]

    async def story(connection: Line) -> None:
        connection.writer.write(b"".join(calls))
        answers = [await connection.answer() for _ in calls]
        assert [answer[1]["x-request-id"] for answer in answers] == ["0", "1", "2", "3", "4", "5"]
        assert [answer[0] for answer in answers] == [201, 400, 201, 201, 403, 201]
        tickets = [json.loads(answer[2]).get("ticket") for answer in answers]
        assert [ticket for ticket in tickets if ticket] == sorted(ticket for ticket in tickets if ticket)

    on_the_wire(house, story)
    assert positions(house, login) == 4


def test_a_body_may_come_in_pieces_and_in_chunks(house: House) -> None:
    login = house.open_account()
    whole = request(house, order(login))
    head = request(house, b"", transfer_encoding="chunked")
    body = order(login)

    async def story(connection: Line) -> None:
        assert (await connection.ask(whole[:30], whole[30:-20], whole[-20:-1], whole[-1:]))[0] == 201
        chunks = [b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:10], body[10:])]
        assert (await connection.ask(head, *chunks, b"0\r\n\r\n"))[0] == 201

    on_the_wire(house, story)
    assert positions(house, login) == 2


def test_a_caller_that_expects_a_continue_gets_it(house: House) -> None:
    login = house.open_account()
    whole = request(house, order(login), expect="100-continue")

    async def story(connection: Line) -> None:
        assert (await connection.ask(whole[: -len(order(login))]))[0] == 100
        assert (await connection.ask(order(login)))[0] == 201

    on_the_wire(house, story)


def test_a_body_that_is_too_large_is_refused_before_it_is_here(house: House) -> None:
    said = request(house, b"{", content_length="70000")
    chunked = request(house, b"", transfer_encoding="chunked")

    async def story(connection: Line) -> None:
        answer = await connection.ask(said)
        assert (answer[0], json.loads(answer[2])["refusal"]) == (413, "BODY_TOO_LARGE")
        async with line(house.url) as another:
            answer = await another.ask(
                chunked, b"%x\r\n%b\r\n" % (40_000, b" " * 40_000), b"%x\r\n%b\r\n" % (40_000, b" " * 40_000)
            )
            assert (answer[0], json.loads(answer[2])["refusal"]) == (413, "BODY_TOO_LARGE")
            assert (await another.ask(b"0\r\n\r\n", request(house, b"{}")))[0] == 400

    on_the_wire(house, story)


def test_an_order_is_not_placed_when_the_caller_goes_in_the_middle_of_it(house: House) -> None:
    login = house.open_account()

    async def story(connection: Line) -> None:
        connection.writer.write(request(house, order(login))[:-1])
        await connection.writer.drain()
        connection.writer.close()
        await asyncio.sleep(0.05)
        async with line(house.url) as another:
            assert (await another.ask(request(house, order(login))))[0] == 201

    on_the_wire(house, story)
    assert positions(house, login) == 1


def test_a_connection_that_is_to_close_is_closed_after_the_answer(house: House) -> None:
    async def story(connection: Line) -> None:
        answer = await connection.ask(request(house, order(house_login), connection="close"))
        assert (answer[0], answer[1]["connection"]) == (201, "close")
        assert await connection.is_closed()

    house_login = house.open_account()
    on_the_wire(house, story)


def test_a_caller_that_does_not_read_is_answered_no_further_and_misses_nothing(house: House) -> None:
    calls = [request(house, b"{}", x_request_id=f"{number:060}") for number in range(15_000)]

    async def story() -> None:
        async with served(house, house.platforms) as (url, server), line(url, receive_bytes=4_096) as connection:
            sending = asyncio.create_task(_send_all(connection, b"".join(calls)))
            answered = -1
            while answered < server.server_state.total_requests:
                answered = server.server_state.total_requests
                await asyncio.sleep(0.2)
            assert 0 < answered < len(calls), "the server wrote on without being read"
            for number in range(len(calls)):
                assert int((await connection.answer())[1]["x-request-id"]) == number
            await sending

    house.run(story())


async def _send_all(connection: Line, data: bytes) -> None:
    connection.writer.write(data)
    await connection.writer.drain()


class HeldWriter:
    """A writer that answers when it is told to, or fails."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.pending: list[Reply] = []
        self.overloaded = False

    def ask(self, _command: object, reply: Reply, **_: object) -> None:
        if self.overloaded:
            raise Overloaded
        self.pending.append(reply)


def held(house: House) -> tuple[HeldWriter, dict[str, Platform]]:
    live = house.platforms["live"]
    writer: Any = HeldWriter(live.writer.engine)
    return writer, {"live": Platform(writer, live.history, live.quotes, live.now)}


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - it is another task's doing
            await asyncio.sleep(0.005)


FAILURES = [
    (JournalFull(), 507, "STORAGE_FULL"),
    (WriterStopped(unknown=False), 503, "STOPPING"),
    (WriterStopped(unknown=True), 500, "OUTCOME_UNKNOWN"),
    (RuntimeError("a bug"), 500, "OUTCOME_UNKNOWN"),
]


@pytest.mark.parametrize(("failure", "status", "refusal"), FAILURES, ids=lambda part: str(part))
def test_a_failing_server_says_what_became_of_the_order(house: House, failure: Exception, status: int, refusal: str) -> None:
    login = house.open_account()
    writer, platforms = held(house)

    async def story() -> None:
        async with served(house, platforms) as (url, _), line(url) as connection:
            connection.writer.write(request(house, order(login)))
            await until(lambda: writer.pending)
            writer.pending[0](failure)
            answer = await connection.answer()
            assert (answer[0], json.loads(answer[2])["refusal"]) == (status, refusal)

    house.run(story())


def test_an_order_too_many_is_refused_and_may_come_again(house: House) -> None:
    login = house.open_account()
    writer, platforms = held(house)
    writer.overloaded = True

    async def story() -> None:
        async with served(house, platforms) as (url, _), line(url) as connection:
            answer = await connection.ask(request(house, order(login)))
            assert (answer[0], answer[1]["retry-after"]) == (503, "1")

    house.run(story())


def test_a_stop_lets_the_order_under_way_be_answered(house: House) -> None:
    login = house.open_account()
    writer, platforms = held(house)

    async def story() -> None:
        async with served(house, platforms) as (url, server), line(url) as connection, line(url) as idle:
            assert (await idle.ask(request(house, b"{}")))[0] == 400
            connection.writer.write(request(house, order(login)))
            await until(lambda: writer.pending)
            server.should_exit = True
            assert await idle.is_closed()
            writer.pending[0](Answer((), 7, house.clock.moment, 0, False))
            answer = await connection.answer()
            assert (answer[0], answer[1]["connection"], json.loads(answer[2])["number"]) == (201, "close", 7)
            assert await connection.is_closed()

    house.run(story())


@pytest.mark.parametrize("path", [SHORT, LONG])
def test_a_connection_that_idles_is_closed_and_one_that_waits_for_its_answer_is_not(house: House, path: str) -> None:
    login = house.open_account()
    writer, platforms = held(house)

    async def story() -> None:
        async with served(house, platforms, keep_alive=1) as (url, _), line(url) as busy, line(url) as idle:
            began = asyncio.get_running_loop().time()
            assert (await busy.ask(request(house, b"{}", path)))[0] == 400
            assert (await idle.ask(request(house, b"{}", path)))[0] == 400
            await asyncio.sleep(0.6)
            assert (await idle.ask(request(house, b"{}", path)))[0] == 400
            busy.writer.write(request(house, order(login)))
            assert await idle.is_closed()
            assert 1.5 < asyncio.get_running_loop().time() - began < 4
            writer.pending[0](Answer((), 7, house.clock.moment, 0, False))
            assert (await busy.answer())[0] == 201

    house.run(story())


def test_an_answer_to_a_caller_that_has_gone_is_dropped(house: House) -> None:
    login = house.open_account()
    writer, platforms = held(house)

    async def story() -> None:
        async with served(house, platforms) as (url, server):
            async with line(url) as connection:
                connection.writer.write(request(house, order(login)))
                await until(lambda: writer.pending)
            await until(lambda: not server.server_state.connections)
            writer.pending[0](Answer((), 7, house.clock.moment, 0, False))
            async with line(url) as another:
                assert (await another.ask(request(house, b"{}")))[0] == 400

    house.run(story())


def test_orders_spend_the_allowance_of_their_key(house: House) -> None:
    async def story() -> None:
        allowance = Allowance(per_second=0.5, burst=2)
        async with served(house, house.platforms, allowance=allowance) as (url, _), line(url) as connection:
            answers = [await connection.ask(request(house, b"{}")) for _ in range(3)]
            assert [answer[0] for answer in answers] == [400, 400, 429]
            assert int(answers[2][1]["retry-after"]) in (2, 3)

    house.run(story())
