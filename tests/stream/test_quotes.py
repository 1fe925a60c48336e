"""Quotes: the newest of each symbol, as the group sees them."""

import asyncio
from pathlib import Path

import msgspec

from prorata.access.callers import Scope
from prorata.messages.commands import Quote, Tick
from prorata.stream.limits import Limits
from tests.stream.stage import QUICK, Client, Json, Stage, stage


async def quotes_until(client: Client, symbol: str, bid: str) -> list[Json]:
    """Return the quotes that come, up to the one with this bid."""
    heard: list[Json] = []
    while not heard or (heard[-1]["symbol"], heard[-1]["bid"]) != (symbol, bid):
        heard.extend((await client.hear_with("quotes"))["quotes"])
    return heard


def test_a_subscriber_gets_all_quotes_at_once_and_then_those_that_move(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live, live.client(live.key(Scope.READ)) as client:
            await client.say({"op": "subscribe-quotes", "id": 1})
            first = (await client.hear_with("quotes"))["quotes"]
            at = "2026-03-02T12:00:00.000Z"
            assert first == [
                {"symbol": "EURUSD", "bid": "1.10000", "ask": "1.10010", "at": at},
                {"symbol": "GBPUSD", "bid": "1.30000", "ask": "1.30020", "at": at},
            ]
            live.clock.moment += 1
            live.writer.quote([Quote("GBPUSD", 130_001, 130_021)])
            moved = (await client.hear_with("quotes"))["quotes"]
            assert moved == [{"symbol": "GBPUSD", "bid": "1.30001", "ask": "1.30021", "at": at.replace("000Z", "001Z")}]

    asyncio.run(story())


def test_quotes_are_conflated_for_a_reader_who_cannot_keep_up(tmp_path: Path) -> None:
    limits: Limits = msgspec.structs.replace(QUICK, quote_interval_ms=20)

    async def story() -> None:
        async with stage(tmp_path, limits) as live, live.client(live.key()) as client:
            await client.ask({"op": "subscribe-quotes", "id": 1})
            await client.hear_with("quotes")
            for step in range(1, 301):
                # Each tick is a batch of its own, and they come faster than frames.
                live.writer.quote([Quote("EURUSD", 110_000 + step, 110_010 + step)])
                await live.submit(Tick())
            heard = await quotes_until(client, "EURUSD", "1.10300")
            assert len(heard) < 250
            bids = [quote["bid"] for quote in heard]
            assert bids == sorted(bids)
            await asyncio.sleep(0.05)
            assert live.app.connections == 1

    asyncio.run(story())


def test_symbols_can_be_chosen_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live, live.client(live.key()) as client:
            unknown = await client.ask({"op": "subscribe-quotes", "id": 1, "symbols": ["EURUSD", "NOPE"]})
            assert unknown["error"]["refusal"] == "UNKNOWN_SYMBOL"
            await client.say({"op": "subscribe-quotes", "id": 1, "symbols": ["GBPUSD"]})
            live.writer.quote([Quote("EURUSD", 110_500, 110_510), Quote("GBPUSD", 130_500, 130_520)])
            heard = await quotes_until(client, "GBPUSD", "1.30500")
            assert {quote["symbol"] for quote in heard} == {"GBPUSD"}

    asyncio.run(story())


def test_the_view_of_a_group_contains_its_markup(tmp_path: Path) -> None:
    async def view(live: Stage, client: Client, **fields: object) -> tuple[str, str]:
        await client.say({"op": "subscribe-quotes", "id": 1, "symbols": ["EURUSD"], **fields})
        (quote,) = (await client.hear_with("quotes"))["quotes"]
        await client.ask({"op": "unsubscribe", "id": 2, "sub": 1})
        return quote["bid"], quote["ask"]

    async def story() -> None:
        async with stage(tmp_path) as live:
            login = await live.account()
            raw, marked = ("1.10000", "1.10010"), ("1.09998", "1.10013")
            async with live.client(live.key()) as client:
                assert await view(live, client) == raw
                assert await view(live, client, group="standard") == marked
                assert await view(live, client, login=login) == marked
                unknown = await client.ask({"op": "subscribe-quotes", "id": 1, "group": "gold"})
                assert unknown["error"]["refusal"] == "UNKNOWN_GROUP"
            async with live.client(live.key(Scope.READ, logins=[login])) as client:
                # A trader never sees the market before markup.
                assert await view(live, client) == marked
                assert await view(live, client, group="standard") == marked
                other = await client.ask({"op": "subscribe-quotes", "id": 1, "group": "gold"})
                assert other["error"]["refusal"] == "UNKNOWN_GROUP"

    asyncio.run(story())
