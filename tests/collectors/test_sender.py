"""The Python sender over real HTTP. Its clock runs a thousand times as fast, so that a minute is 60 ms."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prorata.collectors.behaviour import End
from prorata.collectors.sender import Finished, Kind, Notice, SignalSender
from prorata.collectors.source import Held, SourceAccount, SourceGone, SourceNotReady
from prorata.collectors.token_lock import TokenInUse, TokenLock
from tests.collectors.trading_api import DROPPED, GOOD, Answer, TradingApi, good


class FastClock:
    def now(self) -> int:
        return int(time.monotonic() * 1_000_000)


class HandSource:
    """An account that a test changes by hand."""

    interval_ms = 5

    def __init__(self) -> None:
        self.positions: dict[str, Held] = {}
        self.equity = Decimal("10000.00")
        self.outside = Decimal(0)
        self.problem: Exception | None = None

    def hold(self, ticket: str, symbol: str, lot: str) -> None:
        self.positions = {**self.positions, ticket: Held(ticket, symbol, Decimal(lot))}

    def drop(self, ticket: str) -> None:
        self.positions = {other: held for other, held in self.positions.items() if other != ticket}

    async def read(self) -> SourceAccount:
        if self.problem is not None:
            raise self.problem
        return SourceAccount("USD", self.equity, self.equity, self.outside, tuple(self.positions.values()))

    async def close(self) -> None:
        """Nothing is open."""


class Running:
    """A sender in a thread of its own."""

    def __init__(self, address: str, source: HandSource, folder: Path, *, timeout: float = 5) -> None:
        self.notices: list[Notice] = []
        self.sender = SignalSender(
            address, "strategy-token", "app-token", source, tell=self.notices.append, clock=FastClock(),
            lock_folder=folder, timeout=timeout,
        )  # fmt: skip
        self.finished: Finished | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._begun.set()
        self.finished = await self.sender.run(self._stop)

    def end(self) -> Finished:
        """Wait until it has ended by itself."""
        self._thread.join(10)
        assert self.finished is not None
        return self.finished

    def stop(self) -> Finished:
        assert self._begun.wait(10)
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        return self.end()


@pytest.fixture
def api() -> Iterator[TradingApi]:
    with TradingApi() as api:
        yield api


@pytest.fixture
def source() -> HandSource:
    return HandSource()


Start = Callable[..., Running]


@pytest.fixture
def start(source: HandSource, tmp_path: Path) -> Iterator[Start]:
    """Start a sender; it is stopped at the end."""
    begun: list[Running] = []

    def started(address: str, **more: Any) -> Running:
        begun.append(Running(address, source, tmp_path, **more))
        return begun[-1]

    yield started
    for running in begun:
        running.stop()


def answering(answers: dict[int, list[Answer]]) -> Callable[[dict[str, Any]], Answer]:
    """Return what answers each type of message with its next answer, and well after the last."""

    def answer(body: dict[str, Any]) -> Answer:
        left = answers.get(body["Type"])
        return left.pop(0) if left else good(body)

    return answer


def info(**strategy: int) -> Answer:
    return 200, json.dumps({**GOOD, "Strategy": {"Status": 1, "NeedSync": 0, **strategy}})


def test_messages_have_exact_decimals_and_their_tokens(api: TradingApi, source: HandSource, start: Start) -> None:
    source.hold("123", "EURUSD", "0.30")
    running = start(api.address)
    api.wait(lambda: len(api.told) >= 2)
    source.hold("124", "XAUUSD", "-0.00000001")
    api.wait(lambda: 1 in api.types())
    assert running.stop() is Finished.STOPPED
    signal = '{"Symbol":"EURUSD","Lot":0.3,"Equity":10000.00,"Ticket":"123","Comment":""}'
    texts = [told.text for told in api.told]
    assert texts[:2] == ['{"Type":0,"GetInfo":true}', '{"Type":3,"Signals":[' + signal + "]}"]
    assert '{"Type":1,"Symbol":"XAUUSD","Lot":-0.00000001,"Equity":10000.00,"Ticket":"124","Comment":""}' in texts
    assert {(told.path, told.token, told.app_token) for told in api.told} == {
        ("/api/trading/v1/signals.send", "strategy-token", "app-token")
    }


def test_heartbeats_go_on_once_a_minute(api: TradingApi, start: Start) -> None:
    running = start(api.address)
    began = time.monotonic()
    api.wait(lambda: api.types().count(0) >= 6)
    assert time.monotonic() - began >= 5 * 0.060
    running.stop()
    assert running.sender.counts.heartbeats >= 6
    assert api.types().count(3) == 1


@pytest.mark.parametrize("bad", [DROPPED, (503, ""), (500, '{"error":{"code":"x","message":"y"}}'), (201, "<html>")])
def test_what_was_lost_is_told_until_the_server_holds_it(
    api: TradingApi, source: HandSource, start: Start, bad: Answer
) -> None:
    api.answer = answering({0: [bad], 1: [bad, bad], 3: [bad]})
    source.hold("1", "EURUSD", "0.30")
    running = start(api.address)
    api.wait(lambda: api.holds == {"EURUSD": Decimal("0.3")})
    source.hold("1", "EURUSD", "0.10")
    source.hold("2", "GBPUSD", "1")
    api.wait(lambda: api.holds == {"EURUSD": Decimal("0.1"), "GBPUSD": 1})
    running.stop()
    assert running.sender.counts.failed == 4
    assert len([notice for notice in running.notices if notice.kind is Kind.FAILED]) == 4


def test_a_server_that_comes_late_gets_everything(source: HandSource, start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    source.hold("1", "EURUSD", "0.30")
    running = start(f"http://127.0.0.1:{port}")
    while not running.notices:
        time.sleep(0.005)
    with TradingApi(port) as api:
        api.wait(lambda: api.holds == {"EURUSD": Decimal("0.3")})
        running.stop()


def test_a_server_that_is_slow_is_asked_again(api: TradingApi, source: HandSource, start: Start) -> None:
    def slow(body: dict[str, Any]) -> Answer:
        if body["Type"] == 1 and api.types().count(1) == 1:
            time.sleep(1.5)
        return good(body)

    api.answer = slow
    running = start(api.address, timeout=0.5)
    api.wait(lambda: 3 in api.types())
    source.hold("1", "EURUSD", "0.30")
    api.wait(lambda: api.types().count(1) >= 2)
    running.stop()
    assert "EURUSD 0.30: no answer (ReadTimeout)" in [notice.text for notice in running.notices]


@pytest.mark.parametrize(("need", "kind"), [(1, 2), (2, 3)])
def test_the_server_asks_for_a_sync_soft_or_hard(
    api: TradingApi, source: HandSource, start: Start, need: int, kind: int
) -> None:
    api.answer = answering({0: [info(), info(NeedSync=need)]})
    source.hold("1", "EURUSD", "0.30")
    running = start(api.address)
    api.wait(lambda: api.types().count(0) >= 3)
    running.stop()
    assert api.types()[:5] == [0, 3, 0, kind, 0]


@pytest.mark.parametrize(("kind", "expected"), [(0, [0]), (3, [0, 3]), (1, [0, 3, 1])])
def test_a_401_ends_it_whatever_it_was_saying(
    api: TradingApi, source: HandSource, start: Start, kind: int, expected: list[int]
) -> None:
    api.answer = answering({kind: [(401, '{"error":{"code":"bad_credentials","message":"no"}}')]})
    running = start(api.address)
    if kind == 1:
        api.wait(lambda: 3 in api.types())
        source.hold("1", "EURUSD", "0.30")
    assert running.end() is Finished.UNAUTHORIZED
    assert api.types() == expected


def test_a_closed_strategy_and_an_unwanted_version_end_it(api: TradingApi, start: Start) -> None:
    api.answer = answering({0: [info(), info(Status=4)]})
    assert start(api.address).end() is Finished.CLOSED
    api.answer = answering({0: [(200, '{"App":{"UpdateImportance":5}}')]})
    running = start(api.address)
    assert running.end() is Finished.OUTDATED
    assert running.sender.behaviour.end is End.OUTDATED
    assert api.types()[-1] == 0


def test_money_from_outside_is_followed_by_a_balance_sync(api: TradingApi, source: HandSource, start: Start) -> None:
    running = start(api.address)
    api.wait(lambda: 3 in api.types())
    source.outside, source.equity = Decimal(300), Decimal(10300)
    api.wait(lambda: api.types().count(3) == 2)
    running.stop()
    assert [told.body["Ticket"] for told in api.told if "Ticket" in told.body] == ["Balance"]


def test_an_account_that_cannot_be_read_is_not_told_as_an_empty_one(api: TradingApi, source: HandSource, start: Start) -> None:
    source.hold("1", "EURUSD", "0.30")
    running = start(api.address)
    api.wait(lambda: bool(api.holds))
    source.problem = SourceNotReady("half a file")
    source.drop("1")
    api.wait(lambda: api.types().count(0) >= 3)
    assert api.holds == {"EURUSD": Decimal("0.3")}
    source.problem = None
    api.wait(lambda: api.holds == {"EURUSD": 0})
    running.stop()
    told = [(notice.kind, notice.text) for notice in running.notices if notice.kind in (Kind.WAITING, Kind.READING)]
    assert told == [
        (Kind.WAITING, "nothing is sent but heartbeats: half a file"),
        (Kind.READING, "the account can be read again"),
    ]


def test_a_source_that_is_gone_ends_it_with_a_reason(api: TradingApi, source: HandSource, start: Start) -> None:
    source.problem = SourceGone("no such login")
    running = start(api.address)
    assert (running.end(), running.sender.reason, api.told) == (Finished.SOURCE_GONE, "no such login", [])


def test_a_second_sender_on_one_token_is_turned_away(api: TradingApi, start: Start, source: HandSource, tmp_path: Path) -> None:
    running = start(api.address)
    api.wait(lambda: bool(api.told))
    second = SignalSender(api.address, "strategy-token", "other-app", source, lock_folder=tmp_path)
    with pytest.raises(TokenInUse):
        asyncio.run(second.run(asyncio.Event()))
    other = TokenLock("another-token", tmp_path)
    other.take()
    other.release()
    running.stop()
    assert start(api.address).stop() is Finished.STOPPED
    assert not any("strategy-token" in file.name + file.read_text() for file in tmp_path.iterdir())


def test_after_any_faults_the_server_holds_what_the_source_holds(api: TradingApi, source: HandSource, start: Start) -> None:
    """Faults of every kind, also such as the server applies and then does not answer, while positions come and go."""
    import random

    rng = random.Random(20)
    print("seed 20")

    def faulty(body: dict[str, Any]) -> Answer:
        fault = rng.choice(["", "", "dropped", "done but dropped", "garbage", "503", "429"])
        if fault == "done but dropped":
            api._apply(body)
        table = {"dropped": DROPPED, "done but dropped": DROPPED, "garbage": (201, "!"), "503": (503, ""), "429": (429, "")}
        return table.get(fault) or good(body)

    api.answer = faulty
    running = start(api.address)
    api.wait(lambda: bool(api.told))
    for _ in range(60):
        ticket = str(rng.randint(1, 6))
        if rng.random() < 0.3:
            source.drop(ticket)
        else:
            source.hold(ticket, f"SYM{int(ticket) % 3}", str(rng.randint(-3, 3)))
        time.sleep(rng.random() * 0.02)
    api.answer = good
    expected: dict[str, Decimal] = {}
    for held in source.positions.values():
        expected[held.symbol] = expected.get(held.symbol, Decimal(0)) + held.lot

    def same() -> bool:
        return all(api.holds.get(name, 0) == expected.get(name, 0) for name in {*api.holds, *expected})

    api.wait(lambda: same() and api.types()[-3:] == [0, 0, 0], 20)
    running.stop()
    assert same()
