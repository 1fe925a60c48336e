"""The hubs on a real trade platform, heard by the vendor's own client library."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import uvicorn
from cplugin_webapi_sdk.realtime import MT4RealtimeClient, MT5RealtimeClient

from prorata.access.permissions import Grant, Permission
from prorata.messages.commands import (
    Access,
    BalanceKind,
    BookBalance,
    CancelOrder,
    ChangeAccount,
    ClosePosition,
    Command,
    ModifyOrder,
    ModifyPosition,
    OpenAccount,
    OrderType,
    PlaceOrder,
    PutSymbol,
    Quote,
    RemoveSymbol,
    Side,
    Tick,
)
from prorata.messages.dealer_commands import DealerComment
from prorata.messages.events import Event
from prorata.stream.signalr import connection
from prorata.stream.signalr.app import HubsApp
from prorata.stream.signalr.door import Door
from tests.rest.webapi.office import LIVE, METATRADER, OTHER, Office, office_of_its_own

Json = dict[str, Any]
BUY, SELL, BUY_LIMIT, BALANCE = 0, 1, 2, 6
LOT = 10**8


class Ear:
    """What a client hears, in order."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self._changed = threading.Condition()

    def __call__(self, item: Any) -> None:
        with self._changed:
            self.heard.append(item)
            self._changed.notify_all()

    def wait(self, count: int) -> list[Any]:
        """Return the first `count` items."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.heard) >= count, 10), self.heard
            return self.heard[:count]

    def observer(self) -> Json:
        return {"next": self, "complete": lambda *_: None, "error": self}


class Hubs:
    def __init__(self, office: Office) -> None:
        self.office = office
        self.door = Door(office.app.house)
        self.app = HubsApp(self.door.admit)
        config = uvicorn.Config(self.app, port=0, log_level="warning", lifespan="off", ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        self.url = office.house.run(self._serve())

    async def _serve(self) -> str:
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    async def _end(self) -> None:
        self.app.close()
        self.door.close()
        self._server.should_exit = True
        await self._serving

    def stop(self) -> None:
        self.office.house.run(self._end())

    @contextmanager
    def client(self, kind: type = MT4RealtimeClient, who: str = "all", platform: str = LIVE) -> Iterator[Any]:
        client = kind(base_url=self.url, token_factory=lambda: who, trade_platform=platform)
        greeted = Ear()
        client.problems = Ear()
        client.on_connection_status(greeted)
        with client:
            assert greeted.wait(1) == [[{"connected": True}]]
            yield client

    def stream(self, client: Any, name: str, *arguments: str) -> Ear:
        """Begin a stream and return once the server has it: a call after it, which a hub may not have, is answered by then."""
        ear, done = Ear(), threading.Event()

        def note(problem: Any) -> None:
            client.problems(problem)
            done.set()

        client._conn.on_error(note)
        client._conn.stream(name, list(arguments)).subscribe(ear.observer())
        client._conn.send("UnsubscribeFromTicks", ["EURUSD"], lambda *_: done.set())
        assert done.wait(10)
        return ear

    def quote(self, *quotes: Quote) -> None:
        """Let the market move, as a feed does."""

        async def move() -> None:
            writer = self.office.house.platforms["live"].writer
            writer.quote(quotes)
            await writer.submit(Tick())

        self.office.house.run(move())

    def do(self, command: Command) -> tuple[Event, ...]:
        answer = self.office.house.run(self.office.house.platforms["live"].writer.submit(command))
        return tuple(answer.events)


@pytest.fixture(scope="module")
def hubs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hubs]:
    # The vendor's client notices with the next message that it was told to stop.
    with pytest.MonkeyPatch.context() as patch, office_of_its_own(Path(tmp_path_factory.mktemp("hubs"))) as office:
        patch.setattr(connection, "PING_SECONDS", 0.1)
        made = Hubs(office)
        yield made
        made.stop()


def chosen(item: Json, *names: str) -> tuple[Any, ...]:
    return tuple(item[name] for name in names)


def test_ticks_come_by_callback_and_as_streams_of_one_symbol_or_all(hubs: Hubs) -> None:
    with hubs.client() as client:
        called = Ear()
        client.on_tick(called)
        client.subscribe_to_ticks("GBPUSD")
        one, every = hubs.stream(client, "StreamTicks", "GBPUSD"), hubs.stream(client, "StreamTicks")
        hubs.quote(Quote("EURUSD", 110_000, 110_010), Quote("GBPUSD", 130_001, 130_021))
        tick = {"symbol": "GBPUSD", "bid": 1.30001, "ask": 1.30021, "lastTime": "2026-03-02T12:00:00Z"}
        assert called.wait(1) == [[tick]]
        assert one.wait(1) == [tick]
        assert [item["symbol"] for item in every.wait(2)] == ["EURUSD", "GBPUSD"]
        hubs.quote(Quote("GBPUSD", 130_000, 130_020))
        assert one.wait(2)[1]["bid"] == 1.3
        called.wait(2)
        client.unsubscribe_from_ticks("GBPUSD")
        hubs.stream(client, "StreamTrades")
        hubs.quote(Quote("GBPUSD", 130_000, 130_020))
        one.wait(3)
        assert len(called.heard) == 2


def test_a_trade_is_told_from_its_opening_to_its_end(hubs: Hubs) -> None:
    login = hubs.office.house.open_account()
    with hubs.client() as client:
        trades = hubs.stream(client, "StreamTrades")
        placed = hubs.do(PlaceOrder(login, "EURUSD", Side.BUY, LOT))
        ticket = placed[0].position  # type: ignore[union-attr]
        hubs.do(ModifyPosition(login, ticket, stop_loss=109_000))
        hubs.do(ClosePosition(login, ticket, volume=LOT // 4))
        hubs.do(ClosePosition(login, ticket))
        added, modified, partly, deleted = trades.wait(4)
    assert chosen(added, "kind", "order", "login", "symbol", "cmd", "volumeLots") == ("Added", ticket, login, "EURUSD", BUY, 1)
    assert added["openPrice"] > 1.1
    assert added["openTime"] == "2026-03-02T12:00:00Z"
    assert chosen(modified, "kind", "order", "sl", "tp") == ("Updated", ticket, 1.09, 0)
    assert chosen(partly, "kind", "volumeLots") == ("Updated", 0.75)
    assert chosen(deleted, "kind", "order", "cmd", "volumeLots", "closeTime") == (
        "Deleted", ticket, BUY, 0.75, "2026-03-02T12:00:00Z",
    )  # fmt: skip
    assert deleted["closePrice"] < deleted["openPrice"]
    assert deleted["profit"] < 0


def test_what_was_open_before_is_known_when_it_closes(hubs: Hubs) -> None:
    login = hubs.office.house.open_account()
    ticket = hubs.do(PlaceOrder(login, "EURUSD", Side.SELL, LOT))[0].position  # type: ignore[union-attr]
    opened_at = hubs.office.house.clock.moment
    hubs.office.house.clock.moment += 60_000
    try:
        with hubs.client() as client:
            trades = hubs.stream(client, "StreamTrades")
            hubs.do(ClosePosition(login, ticket))
            (deleted,) = trades.wait(1)
    finally:
        hubs.office.house.clock.moment = opened_at
    assert chosen(deleted, "kind", "cmd", "openTime", "closeTime") == (
        "Deleted", SELL, "2026-03-02T12:00:00Z", "2026-03-02T12:01:00Z",
    )  # fmt: skip


def test_a_pending_order_is_added_changed_and_removed_or_becomes_the_position_of_its_number(hubs: Hubs) -> None:
    login = hubs.office.house.open_account()
    with hubs.client() as client:
        trades = hubs.stream(client, "StreamTrades")
        first, second = (
            int(hubs.do(PlaceOrder(login, "EURUSD", Side.BUY, LOT, OrderType.LIMIT, price=109_000))[0].ticket)  # type: ignore[union-attr]
            for _ in range(2)
        )
        hubs.do(ModifyOrder(login, first, price=108_000))
        hubs.do(DealerComment(login, first, "by phone"))
        hubs.do(CancelOrder(login, first))
        hubs.quote(Quote("EURUSD", 108_980, 108_990))
        trades.wait(6)
        hubs.do(DealerComment(login, second, "watched"))
        told = trades.wait(7)
        hubs.quote(Quote("EURUSD", 110_000, 110_010))
    assert [chosen(item, "kind", "order", "cmd", "openPrice", "comment") for item in told[:5]] == [
        ("Added", first, BUY_LIMIT, 1.09, ""),
        ("Added", second, BUY_LIMIT, 1.09, ""),
        ("Updated", first, BUY_LIMIT, 1.08, ""),
        ("Updated", first, BUY_LIMIT, 1.08, "by phone"),
        ("Deleted", first, BUY_LIMIT, 1.08, "by phone"),
    ]
    assert [chosen(item, "kind", "order", "cmd", "comment") for item in told[5:]] == [
        ("Updated", second, BUY, ""), ("Updated", second, BUY, "watched"),
    ]  # fmt: skip


def test_a_pending_order_that_a_netted_position_takes_in_is_gone(hubs: Hubs) -> None:
    login = hubs.office.house.open_account("netting")
    held = hubs.do(PlaceOrder(login, "EURUSD", Side.BUY, LOT))[0].position  # type: ignore[union-attr]
    placed = hubs.do(PlaceOrder(login, "EURUSD", Side.BUY, LOT, OrderType.LIMIT, price=109_000))
    order = int(placed[0].ticket)  # type: ignore[union-attr]
    with hubs.client() as client:
        trades = hubs.stream(client, "StreamTrades")
        hubs.quote(Quote("EURUSD", 108_990, 109_000))
        told = trades.wait(2)
    hubs.quote(Quote("EURUSD", 110_000, 110_010))
    assert [chosen(item, "kind", "order", "volumeLots") for item in told] == [("Deleted", order, 1), ("Updated", held, 2)]


def test_money_and_accounts_are_told_with_what_their_cards_say(hubs: Hubs) -> None:
    login = hubs.office.house.open_account(deposit=0)
    hubs.office.control.account_cards.change("live", login, {"name": "Ada Byron", "country": "GB"})
    with hubs.client() as client:
        trades, users = hubs.stream(client, "StreamTrades"), hubs.stream(client, "StreamUserUpdates")
        hubs.do(BookBalance(login, BalanceKind.DEPOSIT, 12_345, comment="hello"))
        (money,) = trades.wait(1)
        assert chosen(money, "kind", "login", "cmd", "profit", "comment") == ("Added", login, BALANCE, 123.45, "hello")
        users.wait(1)
        hubs.do(ChangeAccount(login, access=Access.TRADING_DISABLED))
        users.wait(2)
        hubs.do(OpenAccount("standard"))
        users.wait(3)
        hubs.office.control.account_cards.change("live", login, {"name": "Ada Lovelace"})
        users.wait(4)
        hubs.office.control.account_cards.delete("live", login)
        booked, changed, opened, renamed, deleted = users.wait(5)
    assert chosen(renamed, "kind", "name") == ("Updated", "Ada Lovelace")
    assert chosen(deleted, "kind", "login", "name") == ("Deleted", login, "")
    shown = ("kind", "login", "group", "name", "country", "balance", "enabled", "readOnly")
    assert chosen(booked, *shown) == ("Updated", login, "standard", "Ada Byron", "GB", 123.45, True, False)
    assert chosen(changed, *shown)[-2:] == (True, True)
    assert opened["kind"] == "Added"
    assert not {"password", "otp", "mqid"} & set(booked)


def test_a_symbol_that_is_changed_added_or_removed_is_told(hubs: Hubs) -> None:
    spec = hubs.office.house.platforms["live"].desk.state.symbols["USDJPY"]
    with hubs.client() as client:
        symbols = hubs.stream(client, "StreamSymbolUpdates")
        hubs.do(PutSymbol(spec))
        hubs.do(PutSymbol(msgspec.structs.replace(spec, name="USDJPY.x")))
        hubs.do(RemoveSymbol("USDJPY.x"))
        told, added, removed = symbols.wait(3)
    assert [chosen(item, "kind", "symbol") for item in (added, removed)] == [("Added", "USDJPY.x"), ("Deleted", "USDJPY.x")]
    assert chosen(told, "kind", "symbol", "digits", "tradeMode", "contractSize") == ("Updated", "USDJPY", 3, 2, 100_000)


def test_an_account_is_told_when_it_comes_below_its_margin_call_and_when_it_is_above_it_again(hubs: Hubs) -> None:
    login = hubs.office.house.open_account(deposit=120_000)
    hubs.do(PlaceOrder(login, "EURUSD", Side.BUY, LOT))
    with hubs.client() as client, hubs.client(MT5RealtimeClient) as modern:
        levels = hubs.stream(client, "StreamMarginCallUpdates")
        entered = hubs.stream(modern, "StreamMarginCallUpdates")
        hubs.quote(Quote("EURUSD", 109_800, 109_810))
        called = levels.wait(1)[0]
        assert chosen(called, "login", "levelType", "volumeLots") == (login, 1, 1)
        assert called["equity"] < called["margin"]
        hubs.do(BookBalance(login, BalanceKind.DEPOSIT, 500_000))
        hubs.quote(Quote("EURUSD", 110_000, 110_010))
        above = levels.wait(2)[1]
        assert chosen(above, "login", "levelType") == (login, 0)
        assert entered.wait(2) == [
            {"login": login, "type": "MarginCall", "direction": "Enter"},
            {"login": login, "type": "MarginCall", "direction": "Leave"},
        ]


@pytest.mark.parametrize(
    ("who", "platform", "status"), [("nobody", LIVE, 401), ("all", OTHER, 404), ("all", "x", 404), ("all", METATRADER, 503)]
)
def test_who_has_no_business_there_is_not_let_in(hubs: Hubs, who: str, platform: str, status: int) -> None:
    asked = httpx2.post(
        f"{hubs.url}/hubs/mt4/v2/negotiate?tradePlatform={platform}", headers={"authorization": f"Bearer {who}"}
    )
    assert asked.status_code == status


def test_a_stream_needs_the_permission_of_what_it_tells(hubs: Hubs) -> None:
    hubs.office.grants["prices"] = Grant(1, frozenset({Permission.MARKET_READ}))
    with hubs.client(who="prices") as client:
        hubs.stream(client, "StreamTrades")
        ticks = hubs.stream(client, "StreamTicks")
        assert client.problems.wait(1)[0].error == "Forbidden: trades.read is needed"
        hubs.quote(Quote("EURUSD", 110_000, 110_010))
        ticks.wait(1)


def test_every_item_is_counted_as_an_event_of_its_client(hubs: Hubs, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    monkeypatch.setattr(hubs.door, "count", counted.append)
    with hubs.client() as client:
        ticks = hubs.stream(client, "StreamTicks")
        hubs.quote(Quote("EURUSD", 110_000, 110_010), Quote("GBPUSD", 130_000, 130_020))
        ticks.wait(2)
    assert counted == ["client all"] * 2
