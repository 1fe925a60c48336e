"""Account events: complete, in order, resumable, and only the caller's own."""

import asyncio
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from prorata.access.callers import Scope
from prorata.messages.commands import PutSymbol
from prorata.stream.limits import Limits
from tests.stream.stage import QUICK, Json, Stage, buy, stage

SMALL_RING: Limits = msgspec.structs.replace(QUICK, ring_events=20)


def assert_no_gap(events: Iterable[Json], since: int) -> None:
    """Each event names the one told before it, so a client can see for itself that none is missing."""
    for event in events:
        assert event["after"] == since
        assert event["seq"] > since
        since = event["seq"]


def test_without_since_only_what_happens_from_now_on_is_told(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            login = await live.account()
            async with live.client(live.key()) as client:
                marker = (await client.ask({"op": "subscribe-events", "id": 3}))["result"]
                assert marker == {"sub": 3, "since": live.writer.sequence, "seq": live.writer.sequence}
                await live.book(login)
                event = await client.hear()
                assert (event["sub"], event["after"], event["seq"]) == (3, marker["seq"], marker["seq"] + 1)
                assert (event["event"], event["topic"], event["login"]) == ("balance-booked", "balance", login)
                assert (event["amount"], event["balance"], event["currency"]) == ("1.00", "1000001.00", "USD")
                assert event["at"] == "2026-03-02T12:00:00.000Z"

    asyncio.run(story())


@pytest.mark.parametrize("limits", [QUICK, SMALL_RING], ids=["from memory", "from the outbox"])
def test_a_reader_resumes_from_any_sequence_without_gap(tmp_path: Path, limits: Limits) -> None:
    async def story() -> None:
        async with stage(tmp_path, limits) as live:
            login = await live.account()
            for _ in range(12):
                await live.book(login, times=10)
            last = live.writer.sequence
            async with live.client(live.key(Scope.READ)) as client:
                for since in range(last):
                    await client.say({"op": "subscribe-events", "id": 1, "since": since})
                    events = await client.events(until=last)
                    assert_no_gap(events, since)
                    assert [event["seq"] for event in events] == list(range(since + 1, last + 1))
                    await client.ask({"op": "unsubscribe", "id": 2, "sub": 1})

    asyncio.run(story())


def test_events_that_happen_during_the_resume_are_told_once_and_in_order(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path, SMALL_RING) as live:
            login = await live.account()
            await live.book(login, times=300)
            begun = live.writer.sequence
            async with live.client(live.key()) as client:
                await client.say({"op": "subscribe-events", "id": 1, "since": 0})
                for _ in range(40):
                    await live.book(login, times=5)
                events = await client.events(until=begun + 200)
                assert [event["seq"] for event in events] == list(range(1, begun + 201))
                assert_no_gap(events, 0)

    asyncio.run(story())


def test_a_reader_resumes_across_a_restart_of_the_server(tmp_path: Path) -> None:
    async def story() -> None:
        live = Stage(tmp_path)
        await live.start()
        await live.furnish()
        login = await live.account()
        await live.book(login, times=20)
        key = live.key()
        async with live.client(key) as client:
            await client.say({"op": "subscribe-events", "id": 1, "since": 0})
            read = (await client.events(until=10))[-1]["seq"]
            whole = live.writer.sequence
            stopping = asyncio.create_task(live.stop())
            assert (await client.hear_to_end())[0] == 1012
            await stopping
        await live.start()
        async with live.client(key) as client:
            await client.say({"op": "subscribe-events", "id": 1, "since": read})
            await live.book(login, times=3)
            events = await client.events(until=whole + 3)
            assert_no_gap(events, read)
            assert [event["seq"] for event in events] == list(range(read + 1, whole + 4))
        await live.stop()
        live.keys.close()

    asyncio.run(story())


def test_a_reader_resumes_on_what_a_crash_left(tmp_path: Path) -> None:
    """The last batches of a killed server are in its journal but not yet in its outbox: the replay makes them again."""

    async def story() -> None:
        after = tmp_path / "after"
        after.mkdir()
        async with stage(tmp_path) as live:
            login = await live.account()
            await live.book(login, times=20)
            last = live.writer.sequence
            with closing(sqlite3.connect(tmp_path / "live.db")) as there, closing(sqlite3.connect(after / "live.db")) as copy:
                there.backup(copy)
        risen = Stage(after)
        await risen.start()
        async with risen.client(risen.key()) as client:
            for since in (0, last - 1):
                await client.say({"op": "subscribe-events", "id": since, "since": since})
                events = await client.events(until=last)
                assert [event["seq"] for event in events] == list(range(since + 1, last + 1))
        await risen.stop()
        risen.keys.close()

    asyncio.run(story())


def test_another_accounts_events_never_arrive(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path, SMALL_RING) as live:
            mine, theirs = await live.account(), await live.account()
            for _ in range(10):
                await live.book(theirs, times=5)
                await live.book(mine)
            spec = live.writer.engine.desk.state.symbols["EURUSD"]
            async with live.client(live.key(Scope.READ, logins=[mine])) as client:
                await client.say({"op": "subscribe-events", "id": 1, "since": 0})
                await client.say({"op": "subscribe-events", "id": 2})
                for _ in range(10):
                    await live.submit(PutSymbol(msgspec.structs.replace(spec, description="changed")))
                    await live.book(theirs, times=5)
                    await live.book(mine)
                last = live.writer.sequence
                heard: list[Json] = []
                while {event["sub"] for event in heard if event["seq"] == last} != {1, 2}:
                    heard.append(await client.hear_with("event"))
                assert {event["login"] for event in heard} == {mine}
                for number, since, count in ((1, 0, 22), (2, heard[0]["seq"], 10)):
                    told = [event for event in heard if event["sub"] == number]
                    assert len(told) == count
                    assert_no_gap(told, since if number == 1 else told[0]["after"])
                for logins in ([theirs], [mine, theirs], [999_999]):
                    refused = await client.ask({"op": "subscribe-events", "id": 9, "logins": logins})
                    assert refused["error"]["refusal"] == "UNKNOWN_ACCOUNT"

    asyncio.run(story())


def test_some_accounts_of_all_can_be_chosen(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            first, second, third = [await live.account() for _ in range(3)]
            async with live.client(live.key()) as client:
                await client.ask({"op": "subscribe-events", "id": 1, "logins": [first, third]})
                for login in (first, second, third):
                    await live.book(login)
                events = await client.events(until=live.writer.sequence)
                assert [event["login"] for event in events] == [first, third]
                assert events[1]["after"] == events[0]["seq"]

    asyncio.run(story())


def test_a_since_that_is_pruned_or_not_reached_is_refused_with_what_there_is(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path, SMALL_RING) as live:
            login = await live.account()
            for _ in range(10):
                await live.book(login, times=10)
            # What the outbox forgets by its retention.
            live.writer._journal.prune_published(live.writer.number - 4)
            (oldest, *_) = live.writer.published(0)
            async with live.client(live.key()) as client:
                await client.say({"op": "subscribe-events", "id": 1, "since": 3})
                lost = await client.hear_with("error")
                assert (lost["sub"], lost["error"]["refusal"]) == (1, "OUT_OF_RANGE")
                assert str(oldest.first) in lost["error"]["detail"]
                # The number is free again, and the oldest event that is kept can be had.
                await client.say({"op": "subscribe-events", "id": 1, "since": oldest.first - 1})
                assert_no_gap(await client.events(until=live.writer.sequence), oldest.first - 1)
                ahead = await client.ask({"op": "subscribe-events", "id": 2, "since": live.writer.sequence + 1})
                assert ahead["error"]["refusal"] == "OUT_OF_RANGE"

    asyncio.run(story())


def test_a_batch_of_thousands_of_events_is_read_at_the_readers_pace(tmp_path: Path) -> None:
    limits: Limits = msgspec.structs.replace(QUICK, mailbox_count=1_000)

    async def story() -> None:
        async with stage(tmp_path, limits) as live:
            login = await live.account()
            async with live.client(live.key()) as client:
                since = (await client.ask({"op": "subscribe-events", "id": 1}))["result"]["seq"]
                await live.book(login, times=3_000)
                assert_no_gap(await client.events(until=since + 3_000), since)

    asyncio.run(story())


def test_a_reader_that_is_too_slow_is_dropped_with_the_sequence_to_resume_from(tmp_path: Path) -> None:
    limits: Limits = msgspec.structs.replace(QUICK, mailbox_bytes=200_000, mailbox_count=500)

    async def story() -> None:
        async with stage(tmp_path, limits) as live:
            login = await live.account()
            async with live.client(live.key(), max_queue=1) as client:
                await client.say({"op": "subscribe-events", "id": 1, "logins": [login]})
                await client.hear_with("id")
                for _ in range(100):
                    await live.book(login, times=400, comment="x" * 100)
                    if not live.app.connections:
                        break
                code, reason = await client.hear_to_end()
                assert code == 4008
                resume = int(reason.rpartition(" ")[2])
                events = [message for frame in client.frames for message in frame if "event" in message]
                # Everything up to there had come, and with it nothing is lost.
                assert resume <= events[-1]["seq"]
            async with live.client(live.key()) as client:
                await client.say({"op": "subscribe-events", "id": 1, "since": resume})
                assert_no_gap(await client.events(until=live.writer.sequence), resume)

    asyncio.run(story())


def test_heartbeats_tell_the_journal_position_and_how_far_a_subscription_is_complete(tmp_path: Path) -> None:
    limits: Limits = msgspec.structs.replace(QUICK, heartbeat_seconds=0.05)

    async def story() -> None:
        async with stage(tmp_path, limits) as live:
            mine, theirs = await live.account(), await live.account()
            async with live.client(live.key()) as client:
                await client.ask({"op": "subscribe-events", "id": 1, "logins": [mine]})
                await live.book(mine)
                last = live.writer.sequence
                await live.book(theirs, times=2)
                live.clock.moment += 1_500
                while (beat := (await client.hear_with("heartbeat"))["heartbeat"])["quote_age_ms"] != 1_500:
                    pass
                assert beat["number"] == live.writer.number
                assert beat["seq"] == live.writer.sequence
                assert beat["subscriptions"] == [{"sub": 1, "after": last, "seq": last + 2}]

    asyncio.run(story())


def test_what_an_order_causes_is_told_as_it_was_answered(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(tmp_path) as live:
            login = await live.account()
            async with live.client(live.key()) as client:
                await client.ask({"op": "subscribe-events", "id": 1})
                await client.say(buy(2, login))
                event, answer = sorted([await client.hear(), await client.hear()], key=lambda message: "id" in message)
                told = {name: value for name, value in event.items() if name not in ("sub", "after")}
                assert answer["result"]["events"] == [told]

    asyncio.run(story())


def test_subscriptions_are_limited_and_their_numbers_unique(tmp_path: Path) -> None:
    limits: Limits = msgspec.structs.replace(QUICK, subscriptions_max=2, logins_max=1)

    async def story() -> None:
        async with stage(tmp_path, limits) as live:
            first, second = await live.account(), await live.account()
            async with live.client(live.key()) as client:

                async def refusal(number: int, **fields: object) -> str:
                    answer = await client.ask({"op": "subscribe-events", "id": number, **fields})
                    return str(answer.get("error", {}).get("refusal"))

                assert await refusal(1, logins=[first, second]) == "OUT_OF_RANGE"
                assert await refusal(1) == "None"
                assert await refusal(1) == "MALFORMED"
                assert await refusal(2) == "None"
                assert await refusal(3) == "TOO_MANY_REQUESTS"
                gone = await client.ask({"op": "unsubscribe", "id": 4, "sub": 9})
                assert gone["error"]["refusal"] == "NOT_FOUND"

    asyncio.run(story())
