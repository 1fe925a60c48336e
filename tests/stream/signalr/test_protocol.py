"""The protocol of the hubs over both transports, with a hub that counts; and with an independent client of the protocol."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn
from signalrcore.hub_connection_builder import HubConnectionBuilder
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from prorata.stream.signalr import connection, protocol
from prorata.stream.signalr.app import Admitted, Denied, HubsApp
from prorata.stream.signalr.connection import Connection, Hub, Leave, Refused, Sink

Json = dict[str, Any]
HANDSHAKE: Json = {"protocol": "json", "version": 1}


class CountingHub:
    """Streams whatever `tell` is told; calls back under the name that was asked for."""

    def __init__(self) -> None:
        self.sinks: list[Sink] = []

    def greeting(self) -> bytes:
        return protocol.called("Welcome", b'{"connected":true}')

    def call(self, client: Connection, target: str, arguments: list[Any]) -> None:
        if target == "Join":
            client.keep("counter", self._join, "Counted")
        elif target == "Leave":
            client.drop("counter")
        else:
            raise Refused(f"there is no {target}")

    def stream(self, target: str, arguments: list[Any], sink: Sink) -> Leave:
        if target != "Count":
            raise Refused(f"there is no {target}")
        return self._join(sink)

    def _join(self, sink: Sink) -> Leave:
        self.sinks.append(sink)
        return lambda: self.sinks.remove(sink)

    def tell(self, item: Json) -> None:
        for sink in list(self.sinks):
            sink(json.dumps(item).encode())


class Guest:
    def __init__(self, who: str, hub: Hub) -> None:
        self.who = who
        self.good = True
        self._hub = hub

    def is_good(self) -> bool:
        return self.good

    def hub(self) -> Hub:
        return self._hub


class World:
    def __init__(self) -> None:
        self.hub = CountingHub()
        self.guests: dict[str, Guest] = {"good": Guest("good", self.hub), "other": Guest("other", self.hub)}
        self.url = ""
        self.app = HubsApp(self.admit)

    def admit(self, kind: str, platform: str, token: str, address: str) -> Admitted:
        if kind != "mt4" or platform != "p":
            raise Denied(404, "there is no such hub")
        if token not in self.guests:
            raise Denied(401, "the token is not good")
        return self.guests[token]


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    made = World()
    config = uvicorn.Config(made.app, port=0, lifespan="off", log_level="error", ws="websockets-sansio")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
        await asyncio.sleep(0.005)
    made.url = f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/hubs/mt4/v2"
    watching = asyncio.create_task(made.app.keep_watch())
    try:
        yield made
    finally:
        watching.cancel()
        made.app.close()
        server.should_exit = True
        await serving


class Client:
    """Speaks the protocol by hand."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self._heard: list[Json] = []

    async def say(self, *messages: Json) -> None:
        await self.socket.send("".join(json.dumps(message) + "\x1e" for message in messages))

    async def hear(self) -> Json:
        """Return the next message that is no ping."""
        while True:
            while not self._heard:
                frame = await asyncio.wait_for(self.socket.recv(), 10)
                self._heard = [json.loads(part) for part in frame.split("\x1e") if part]
            message = self._heard.pop(0)
            if message.get("type") != 6:
                return message


@asynccontextmanager
async def client_of(made: World, *, greeted: bool = True, more: str = "") -> AsyncIterator[Client]:
    async with connect(f"ws://{made.url}?tradePlatform=p&access_token=good{more}") as socket:
        client = Client(socket)
        if greeted:
            await client.say(HANDSHAKE)
            assert await client.hear() == {}
            assert (await client.hear())["target"] == "Welcome"
        yield client


def run(story: Callable[[World], Any]) -> None:
    async def told() -> None:
        async with world() as made:
            await story(made)

    asyncio.run(told())


def test_a_stream_gives_its_items_in_order_until_it_is_cancelled() -> None:
    async def story(made: World) -> None:
        async with client_of(made) as client:
            await client.say({"type": 4, "invocationId": "s1", "target": "Count", "arguments": []})
            await client.say({"type": 1, "invocationId": "c1", "target": "Join", "arguments": []})
            assert await client.hear() == {"type": 3, "invocationId": "c1"}
            for number in (1, 2):
                made.hub.tell({"n": number})
            assert [await client.hear() for _ in range(4)] == [
                {"type": 2, "invocationId": "s1", "item": {"n": 1}},
                {"type": 1, "target": "Counted", "arguments": [{"n": 1}]},
                {"type": 2, "invocationId": "s1", "item": {"n": 2}},
                {"type": 1, "target": "Counted", "arguments": [{"n": 2}]},
            ]
            await client.say({"type": 5, "invocationId": "s1"}, {"type": 1, "target": "Leave"})
            assert await client.hear() == {"type": 3, "invocationId": "s1"}
            await client.say({"type": 1, "invocationId": "c2", "target": "Leave"})
            assert await client.hear() == {"type": 3, "invocationId": "c2"}
            assert made.hub.sinks == []

    run(story)


def test_messages_may_come_in_pieces_and_several_at_once() -> None:
    async def story(made: World) -> None:
        async with client_of(made, greeted=False) as client:
            text = json.dumps(HANDSHAKE) + "\x1e" + json.dumps({"type": 1, "invocationId": "1", "target": "Join"}) + "\x1e"
            for cut in range(0, len(text), 7):
                await client.socket.send(text[cut : cut + 7])
            assert [await client.hear() for _ in range(3)][::2] == [{}, {"type": 3, "invocationId": "1"}]

    run(story)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("{}\x1e", "handshake"),
        ('{"protocol":"messagepack","version":1}\x1e', "only version 1 of the protocol json"),
        ("no json\x1e", "handshake"),
        ("x" * 40_000, "at most 32768 bytes"),
    ],
)
def test_a_bad_handshake_is_refused_with_its_reason(said: str, reason: str) -> None:
    async def story(made: World) -> None:
        async with client_of(made, greeted=False) as client:
            await client.socket.send(said)
            assert reason in (await client.hear())["error"]
            await asyncio.wait_for(client.socket.wait_closed(), 5)

    run(story)


@pytest.mark.parametrize("said", ['{"type":99}', "[]", "{", '{"type":1}', '{"type":4,"target":"Count"}', "\xff"])
def test_what_is_no_message_ends_the_connection_with_a_reason(said: str) -> None:
    async def story(made: World) -> None:
        async with client_of(made) as client:
            await client.socket.send(said + "\x1e")
            closing = await client.hear()
            assert closing["type"] == 7
            assert "not a message" in closing["error"]
            await asyncio.wait_for(client.socket.wait_closed(), 5)
        assert made.app.connections == 0

    run(story)


def test_what_a_hub_does_not_have_is_an_error_of_that_call_alone() -> None:
    async def story(made: World) -> None:
        async with client_of(made) as client:
            await client.say(
                {"type": 1, "invocationId": "1", "target": "Nothing", "arguments": []},
                {"type": 4, "invocationId": "2", "target": "Nothing", "arguments": []},
                {"type": 4, "invocationId": "3", "target": "Count"},
                {"type": 4, "invocationId": "3", "target": "Count"},
                {"type": 1, "target": "Nothing"},
                {"type": 6},
            )
            assert [await client.hear() for _ in range(3)] == [
                {"type": 3, "invocationId": "1", "error": "there is no Nothing"},
                {"type": 3, "invocationId": "2", "error": "there is no Nothing"},
                {"type": 3, "invocationId": "3", "error": "the invocation id is in use"},
            ]

    run(story)


def test_a_reader_that_is_too_slow_is_sent_away_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WAITING_BYTES_MAX", 1_000)

    async def story(made: World) -> None:
        async with client_of(made) as client:
            await client.say(
                {"type": 4, "invocationId": "1", "target": "Count"}, {"type": 1, "invocationId": "2", "target": "Join"}
            )
            await client.hear()
            made.hub.tell({"long": "x" * 2_000})
            assert await client.hear() == {
                "type": 7, "error": "the connection is read too slowly", "allowReconnect": True,
            }  # fmt: skip
        assert made.hub.sinks == []

    run(story)


@pytest.mark.parametrize(
    ("query", "status"), [("tradePlatform=p&access_token=bad", 401), ("tradePlatform=q&access_token=good", 404)]
)
def test_who_is_not_let_in_gets_the_http_status(query: str, status: int) -> None:
    async def story(made: World) -> None:
        async with httpx2.AsyncClient(verify=False) as http:
            assert (await http.post(f"http://{made.url}/negotiate?{query}")).status_code == status
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{made.url}?{query}")
        assert refused.value.response.status_code == status

    run(story)


def test_a_negotiated_connection_is_used_once_and_by_its_caller_alone() -> None:
    async def story(made: World) -> None:
        async with httpx2.AsyncClient(verify=False, headers={"Authorization": "Bearer good"}) as http:
            answer = (await http.post(f"http://{made.url}/negotiate?tradePlatform=p&negotiateVersion=1")).json()
        assert answer["negotiateVersion"] == 1
        assert [one["transport"] for one in answer["availableTransports"]] == ["WebSockets", "LongPolling"]
        token = answer["connectionToken"]
        assert token != answer["connectionId"]
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{made.url}?tradePlatform=p&access_token=other&id={token}")
        assert refused.value.response.status_code == 404
        async with client_of(made, more=f"&id={token}"):
            assert made.app.connections == 1
        with pytest.raises(InvalidStatus) as gone:
            await connect(f"ws://{made.url}?tradePlatform=p&access_token=bad&id={token}")
        assert gone.value.response.status_code == 401

    run(story)


def test_a_caller_that_may_no_more_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prorata.stream.signalr.app.CHECK_SECONDS", 0.02)

    async def story(made: World) -> None:
        async with client_of(made) as client:
            made.guests["good"].good = False
            closing = await client.hear()
            assert closing["error"] == "the caller may no longer use the hub"

    run(story)


def test_long_polling_carries_the_same_messages() -> None:
    async def story(made: World) -> None:
        async with httpx2.AsyncClient(verify=False, headers={"Authorization": "Bearer good"}) as http:
            asked = await http.post(f"http://{made.url}/negotiate?tradePlatform=p")
            here = f"http://{made.url}?tradePlatform=p&id={asked.json()['connectionId']}"
            first = await http.get(here)
            assert (first.status_code, first.content) == (200, b"")
            await http.post(here, content=json.dumps(HANDSHAKE) + "\x1e")
            await http.post(here, content=json.dumps({"type": 4, "invocationId": "1", "target": "Count"}) + "\x1e")
            heard = ""
            while "Welcome" not in heard:
                heard += (await http.get(here)).text
            made.hub.tell({"n": 1})
            while '"n"' not in heard:
                heard += (await http.get(here)).text
            assert heard.startswith("{}\x1e")
            assert heard.endswith('{"type":2,"invocationId":"1","item":{"n": 1}}\x1e')
            # A second poll takes the place of the first.
            waiting = asyncio.create_task(http.get(here))
            await asyncio.sleep(0.05)
            replacing = asyncio.create_task(http.get(here))
            assert (await waiting).status_code == 204
            made.hub.tell({"n": 2})
            assert '"n": 2' in (await replacing).text
            assert (await http.delete(here)).status_code == 202
            assert (await http.get(here)).status_code == 404
        assert made.hub.sinks == []

    run(story)


def test_an_independent_client_connects_streams_and_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    # It notices with the next message that it was told to stop.
    monkeypatch.setattr(connection, "PING_SECONDS", 0.1)

    async def story(made: World) -> None:
        heard: list[Any] = []
        arrived = threading.Event()
        opened = threading.Event()

        def note(item: Any) -> None:
            heard.append(item)
            if len(heard) == 3:
                arrived.set()

        client = HubConnectionBuilder().with_url(
            f"http://{made.url}?tradePlatform=p", options={"access_token_factory": lambda: "good"}
        ).build()  # fmt: skip
        client.on("Welcome", note)
        client.on("Counted", note)
        client.on_open(opened.set)
        await asyncio.to_thread(client.start)
        await asyncio.to_thread(opened.wait, 10)
        await asyncio.to_thread(client.send, "Join", [])
        client.stream("Count", []).subscribe({"next": note, "complete": lambda *_: None, "error": note})
        while len(made.hub.sinks) < 2:  # noqa: ASYNC110 - the client's own thread says it no other way
            await asyncio.sleep(0.01)
        made.hub.tell({"n": 1})
        assert await asyncio.to_thread(arrived.wait, 10)
        assert heard[0] == [{"connected": True}]
        assert sorted(map(str, heard[1:])) == ["[{'n': 1}]", "{'n': 1}"]
        await asyncio.to_thread(client.stop)

    run(story)
