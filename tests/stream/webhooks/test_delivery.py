"""What happens is told to each subscriber, at least once and in order, whatever fails."""

import asyncio
from collections import defaultdict
from typing import Any

import msgspec
import pytest
from sqlalchemy.exc import OperationalError

from prorata.control.webhooks.notices import uuid_of
from prorata.control.webhooks.office import Changes
from prorata.control.webhooks.rows import DeliveryState
from prorata.stream.webhooks.backoff import delay_after
from prorata.units.numbers import DAY_MS
from tests.stream.webhooks.receiver import Request, receiving
from tests.stream.webhooks.stage import LOCAL, PLATFORM, Stage, until

WAITING, FAILED, DELIVERED, DEAD = DeliveryState


def test_an_envelope_has_the_form_of_the_ramm_notifications(stage: Stage) -> None:
    async def tell() -> Request:
        async with receiving() as receiver, stage.delivering():
            stage.subscribe(receiver.url)
            stage.source.happen("wallet/7", type="event_wallet_in")
            return (await receiver.came(1))[0]

    request = asyncio.run(tell())
    assert request.path == "/hook"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == uuid_of(PLATFORM, 1, 0)
    assert request.json() == {
        "type": "event_wallet_in",
        "sent_at": "2026-03-02T12:00:00.000Z",
        "uuid": uuid_of(PLATFORM, 1, 0),
        "publisher": "ramm",
        "version": "1",
        "data": {"n": 1, "key": "wallet/7"},
    }


def test_a_subscriber_gets_the_types_it_wants_from_its_beginning_on(stage: Stage) -> None:
    async def tell() -> list[int]:
        async with receiving() as receiver, stage.delivering():
            stage.source.happen("wallet/1", type="event_wallet_in")
            stage.subscribe(receiver.url, types=["event_wallet_in", "event_wallet_out"])
            stage.source.happen("wallet/1", type="event_deal_create")
            stage.source.happen("wallet/1", type="event_wallet_out")
            await receiver.came(1)
            stage.source.happen("wallet/1", type="event_wallet_in")
            await receiver.came(2)
            return receiver.sequences()

    assert asyncio.run(tell()) == [3, 4]


def test_what_happened_while_nobody_was_running_is_taken_from_the_outbox(stage: Stage) -> None:
    async def tell() -> list[int]:
        async with receiving() as receiver:
            stage.subscribe(receiver.url)
            stage.source.happen(*["strategy/1"] * 10, told=False)
            async with stage.delivering():
                await receiver.came(10)
                stage.source.happen("strategy/1")
                await receiver.came(11)
            return receiver.sequences()

    assert asyncio.run(tell()) == list(range(1, 12))


def test_each_order_key_is_in_order_though_every_second_request_fails(stage: Stage) -> None:
    keys = ["strategy/1", "strategy/2", "wallet/1"]
    counts: dict[int, int] = defaultdict(int)

    async def moody(request: Request) -> int:
        counts[request.sequence] += 1
        return 200 if counts[request.sequence] > request.sequence % 3 else 500

    async def tell() -> list[Request]:
        async with receiving(moody) as receiver, stage.delivering():
            subscription = stage.subscribe(receiver.url)
            stage.source.happen(*(keys[place % 3] for place in range(12)))
            async with asyncio.timeout(20):
                while any(row.state != DELIVERED for row in stage.log(subscription)) or len(stage.log(subscription)) < 12:
                    stage.pass_time(60_000)
                    await asyncio.sleep(0.02)
            return receiver.requests

    requests = asyncio.run(tell())
    for key in keys:
        of_key = [request.sequence for request in requests if request.json()["data"]["key"] == key]
        assert of_key == sorted(of_key)
    assert len(requests) == 12 + sum(sequence % 3 for sequence in range(1, 13))


def test_a_failing_key_does_not_hold_up_the_others(stage: Stage) -> None:
    async def never_for_one(request: Request) -> int:
        return 500 if request.json()["data"]["key"] == "strategy/1" else 200

    async def tell() -> list[int]:
        async with receiving(never_for_one) as receiver, stage.delivering():
            subscription = stage.subscribe(receiver.url)
            stage.source.happen("strategy/1", "strategy/1", "strategy/2", "strategy/2")
            await stage.settled(subscription, FAILED, WAITING, DELIVERED, DELIVERED)
            return receiver.sequences()

    assert sorted(asyncio.run(tell())) == [1, 3, 4]


def test_a_slow_receiver_does_not_hold_up_another_and_gets_few_requests_at_once(stage: Stage) -> None:
    async def tell() -> tuple[int, int]:
        asked = asyncio.Event()

        async def slow(_request: Request) -> int:
            await asked.wait()
            return 200

        async with (
            receiving(slow) as slow_one,
            receiving() as quick_one,
            stage.delivering(msgspec.structs.replace(LOCAL, concurrency=3)),
        ):
            slow_id = stage.subscribe(slow_one.url)
            stage.subscribe(quick_one.url)
            stage.source.happen(*(f"wallet/{number}" for number in range(30)))
            await quick_one.came(30)
            waiting = len(slow_one.requests)
            asked.set()
            await stage.settled(slow_id, *[DELIVERED] * 30)
            return waiting, slow_one.at_once_max

    assert asyncio.run(tell()) == (3, 3)


def test_a_crash_between_store_and_send_repeats_with_the_same_id_and_loses_nothing(stage: Stage) -> None:
    async def tell() -> list[Request]:
        silent = True

        async def answer(_request: Request) -> int:
            if silent:
                await asyncio.sleep(60)
            return 200

        async with receiving(answer) as receiver:
            subscription = stage.subscribe(receiver.url)
            async with stage.delivering() as running:
                stage.source.happen("strategy/1", "strategy/1", "strategy/2")
                await receiver.came(2)
                running.cancel()
            silent = False
            stage.source.happen("strategy/2", told=False)
            async with stage.delivering():
                await stage.settled(subscription, *[DELIVERED] * 4)
            return receiver.requests

    requests = asyncio.run(tell())
    assert sorted(request.sequence for request in requests) == [1, 1, 2, 3, 3, 4]
    for sequence in (1, 3):
        twice = [request for request in requests if request.sequence == sequence]
        assert twice[0].headers["webhook-id"] == twice[1].headers["webhook-id"] == uuid_of(PLATFORM, sequence, 0)
        assert twice[0].body == twice[1].body


def test_a_crash_before_the_store_takes_the_notices_again(stage: Stage) -> None:
    """The task ends while the notices are only in memory: the tables' thread never sees them."""

    async def tell() -> list[int]:
        async with receiving() as receiver:
            subscription = stage.subscribe(receiver.url)
            async with stage.delivering() as running:
                stage.source.happen("strategy/1")
                await stage.settled(subscription, DELIVERED)
                running.cancel()
                stage.source.happen("strategy/1", "strategy/1")
            assert len(stage.log(subscription)) == 1
            async with stage.delivering():
                await stage.settled(subscription, *[DELIVERED] * 3)
            return receiver.sequences()

    assert asyncio.run(tell()) == [1, 2, 3]


def test_failures_are_tried_again_later_and_later_and_given_up_after_three_days(stage: Stage) -> None:
    async def tell() -> None:
        async def down(_request: Request) -> int:
            return 503

        async with receiving(down) as receiver, stage.delivering():
            subscription = stage.subscribe(receiver.url)
            began = stage.clock.moment
            stage.source.happen("strategy/1", "strategy/1")
            tries = 1
            while True:
                await receiver.came(tries)
                await until(lambda noted=tries: stage.log(subscription)[0].tries == noted)  # type: ignore[misc]
                first, second = stage.log(subscription)
                if first.state == DEAD:
                    break
                assert (first.state, second.state) == (FAILED, WAITING)
                assert first.next_at - stage.clock.moment == delay_after(first.uuid, tries)
                stage.pass_time(first.next_at - stage.clock.moment - 1)
                await asyncio.sleep(0.02)
                assert len(receiver.requests) == tries
                stage.pass_time(1)
                tries += 1
            assert stage.clock.moment - began <= 3 * DAY_MS
            assert stage.clock.moment + 8 * 3_600_000 - began > 3 * DAY_MS
            assert first.last_status == 503
            assert len(stage.office.attempts(first.number)) == tries
            await receiver.came(tries + 1)
            assert receiver.requests[-1].sequence == 2
            assert stage.deliverer.counters.dead == 1

    asyncio.run(tell())


def test_gone_disables_the_subscription_and_enabling_it_tells_what_happened_meanwhile(stage: Stage) -> None:
    async def tell() -> list[int]:
        status = 410

        async def answer(_request: Request) -> int:
            return status

        async with receiving(answer) as receiver, stage.delivering():
            subscription = stage.subscribe(receiver.url)
            stage.source.happen("strategy/1")
            await until(lambda: not stage.office.subscription(subscription).enabled)
            assert stage.office.subscription(subscription).disabled_reason == "gone"
            stage.source.happen("strategy/1", "strategy/2")
            await asyncio.sleep(0.1)
            assert receiver.sequences() == [1]
            status = 200
            enabled = stage.office.change(subscription, Changes(enabled=True))
            assert enabled.disabled_reason == ""
            await stage.settled(subscription, *[DELIVERED] * 3)
            return sorted(receiver.sequences())

    assert asyncio.run(tell()) == [1, 1, 2, 3]


def test_a_redirect_is_not_followed(stage: Stage) -> None:
    async def tell() -> None:
        async def moved(_request: Request) -> int:
            return 302

        async with receiving() as other, receiving(moved) as receiver, stage.delivering():
            receiver.before = f"location: {other.url}\r\n".encode()
            subscription = stage.subscribe(receiver.url)
            stage.source.happen("strategy/1")
            log = await stage.settled(subscription, FAILED)
            assert (log[0].last_status, log[0].last_error) == (302, "HTTP 302")
            assert other.requests == []

    asyncio.run(tell())


def test_no_answer_in_time_is_a_failure_with_a_reason(stage: Stage) -> None:
    async def tell() -> None:
        async def silent(_request: Request) -> int:
            await asyncio.sleep(60)
            return 200

        terms = msgspec.structs.replace(LOCAL, timeout_seconds=0.2)
        async with receiving(silent) as receiver, stage.delivering(terms):
            subscription = stage.subscribe(receiver.url)
            stage.source.happen("strategy/1")
            log = await stage.settled(subscription, FAILED)
            assert (log[0].last_status, log[0].last_error) == (0, "no answer within 0.2 s")

    asyncio.run(tell())


def test_a_receiver_that_is_not_there_is_a_failure_with_a_reason(stage: Stage) -> None:
    async def tell() -> None:
        async with receiving() as receiver:
            url = receiver.url
        async with stage.delivering():
            subscription = stage.subscribe(url)
            stage.source.happen("strategy/1")
            log = await stage.settled(subscription, FAILED)
            assert "ConnectError" in log[0].last_error

    asyncio.run(tell())


def test_a_disabled_subscription_is_told_nothing_until_it_is_enabled(stage: Stage) -> None:
    async def tell() -> list[int]:
        async with receiving() as receiver, stage.delivering():
            subscription = stage.subscribe(receiver.url)
            stage.source.happen("strategy/1")
            await receiver.came(1)
            stage.office.change(subscription, Changes(enabled=False))
            stage.source.happen(*["strategy/1"] * 5)
            await asyncio.sleep(0.1)
            assert len(receiver.requests) == 1
            stage.office.change(subscription, Changes(enabled=True))
            await receiver.came(6)
            return receiver.sequences()

    assert asyncio.run(tell()) == [1, 2, 3, 4, 5, 6]


def test_what_is_pending_goes_to_the_new_address(stage: Stage) -> None:
    async def down(_request: Request) -> int:
        return 500

    async def tell() -> list[int]:
        async with receiving(down) as old, receiving() as new, stage.delivering():
            subscription = stage.subscribe(old.url)
            stage.source.happen("strategy/1", "strategy/1")
            await stage.settled(subscription, FAILED, WAITING)
            stage.office.change(subscription, Changes(url=new.url))
            stage.pass_time(60_000)
            async with asyncio.timeout(20):
                while len(new.requests) < 2:
                    stage.pass_time(60_000)
                    await asyncio.sleep(0.02)
            assert set(old.sequences()) == {1}
            return new.sequences()

    assert asyncio.run(tell()) == [1, 2]


def test_a_journal_that_was_put_back_does_not_stop_what_happens_next(stage: Stage) -> None:
    async def tell() -> list[int]:
        async with receiving() as receiver:
            subscription = stage.subscribe(receiver.url, position=500)
            stage.source.happen("strategy/1", told=False)
            async with stage.delivering():
                await until(lambda: stage.office.subscription(subscription).position == 1)
                stage.source.happen("strategy/1")
                await receiver.came(1)
            return receiver.sequences()

    assert asyncio.run(tell()) == [2]


def test_the_backlog_counts_what_is_pending_and_since_when(stage: Stage) -> None:
    async def tell() -> None:
        async def down(_request: Request) -> int:
            return 500

        async with receiving(down) as receiver:
            subscription = stage.subscribe(receiver.url)
            async with stage.delivering():
                stage.source.happen("strategy/1", "strategy/1")
                await stage.settled(subscription, FAILED, WAITING)
            async with stage.delivering():
                await until(lambda: stage.deliverer.backlog.oldest_at > 0)
                backlog = stage.deliverer.backlog
                assert (backlog.waiting, backlog.failed, backlog.oldest_at) == (1, 1, stage.clock.moment)

    asyncio.run(tell())


def test_more_notices_than_memory_takes_are_read_again_from_the_outbox(stage: Stage) -> None:
    async def tell() -> int:
        async with receiving() as receiver, stage.delivering():
            subscription = stage.subscribe(receiver.url, types=["event_wallet_in"])
            stage.source.happen("wallet/1", type="event_wallet_in")
            await receiver.came(1)
            stage.source.page = 2_000
            for _ in range(30):
                stage.source.happen(*["strategy/1"] * 400)
            stage.source.happen("wallet/1", type="event_wallet_in")
            await receiver.came(2, seconds=30)
            assert len(stage.log(subscription)) == 2
            return receiver.sequences()[-1]

    assert asyncio.run(tell()) == 1 + 30 * 400 + 1


def test_a_replay_is_in_order_of_events_and_ends_with_what_was_in_the_log_alone(stage: Stage) -> None:
    async def tell() -> list[int]:
        async with receiving() as receiver, stage.delivering():
            stage.source.happen("strategy/1", "strategy/1", "strategy/1")
            subscription = stage.subscribe(receiver.url)
            stage.source.happen("strategy/1", "wallet/9")
            await stage.settled(subscription, DELIVERED, DELIVERED)
            assert await asyncio.to_thread(stage.office.replay, subscription, sequence=1) == 2
            await stage.settled(subscription, *[DELIVERED] * 5)
            return [request.sequence for request in receiver.requests[2:] if request.json()["data"]["key"] == "strategy/1"] + [
                request.sequence for request in receiver.requests[2:] if request.json()["data"]["key"] == "wallet/9"
            ]

    assert asyncio.run(tell()) == [1, 2, 3, 4, 5]


def test_while_the_database_is_away_nothing_is_lost(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    writing, failures = stage.store.writing, [0]

    def sometimes(**how: bool) -> Any:
        failures[0] += 1
        if failures[0] <= 2:
            raise OperationalError("", None, Exception("the database is locked"))
        return writing(**how)

    async def tell() -> list[int]:
        async with receiving() as receiver:
            subscription = stage.subscribe(receiver.url)
            async with stage.delivering():
                stage.source.happen("strategy/1")
                await stage.settled(subscription, DELIVERED)
                failures[0] = 0
                monkeypatch.setattr(stage.store, "writing", sometimes)
                stage.source.happen("strategy/1")
                await stage.settled(subscription, DELIVERED, DELIVERED)
            return receiver.sequences()

    assert asyncio.run(tell()) == [1, 2]
    assert failures[0] > 2
