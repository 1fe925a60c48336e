"""Whatever the venue does, the engine hears of every fill once, and no order is sent on a guess."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest
from fake_engine import FakeEngine
from router_stage import ALWAYS, LOT, engine_now, router_for, running, simulated, tell, until
from scripted_venue import ScriptedVenue, WallClock

from prorata.messages.commands import Command, HedgeEnded, HedgeFilled, Side, VenuePosition, VenuePositions
from prorata.messages.events import Event, Refused
from prorata.messages.refusals import Refusal
from prorata.server.ports import JournalFenced
from prorata.venues.blotter import NEVER_ARRIVED, NOT_SENT
from prorata.venues.router import RouterSettings


def held_at(positions: VenuePositions) -> dict[str, int]:
    return {position.symbol: position.volume for position in positions.positions}


def held_by(engine: FakeEngine) -> dict[str, int]:
    return {symbol: volume for symbol, volume in engine.held.items() if volume}


def test_orders_are_sent_in_order_once_and_their_fills_submitted_under_their_own_keys() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        async with running(engine, venue) as router:
            orders = [engine.request(LOT) for _ in range(50)]
            await until(lambda: len(venue.sent) == 50)
            for order in orders:
                venue.say(HedgeFilled(order.order, "A", LOT, 110_010, True))
            await until(lambda: not engine.busy())
            assert venue.sent == orders
            assert sorted(key for _, key in engine.calls if key) == sorted(f"venue/{n}/A" for n in range(1, 51))
            assert router.status().sent == 50
            assert router.status().in_flight == 0

    tell(story)


@pytest.mark.parametrize(
    "faults",
    [
        {},
        {"latency_max_ms": 20},
        {"reject": 500_000},
        {"split": ALWAYS, "latency_max_ms": 5},
        {"cut_short": ALWAYS, "split": 500_000},
        {"repeat": ALWAYS, "repeat_after_max_ms": 20},
        {"silence": 300_000, "silence_ms": 150},
        {"lost_before": 300_000, "away_min_ms": 1, "away_max_ms": 15},
        {"lost_after": 300_000, "away_min_ms": 1, "away_max_ms": 15},
        {"lost_answer": 200_000, "away_min_ms": 1, "away_max_ms": 15, "latency_max_ms": 5},
        {
            "latency_max_ms": 10, "reject": 100_000, "split": 300_000, "cut_short": 200_000, "repeat": 300_000,
            "repeat_after_max_ms": 30, "lost_before": 50_000, "lost_after": 50_000, "lost_answer": 50_000,
            "away_min_ms": 1, "away_max_ms": 10, "slippage_max": 3,
        },
    ],
    ids=lambda faults: "+".join(faults) or "none",
)  # fmt: skip
def test_under_every_fault_the_fills_submitted_sum_to_the_venues_own_book(faults: dict[str, int]) -> None:
    async def story() -> None:
        engine, venue = engine_now(), simulated(**faults)
        rng = Random(7)
        async with running(engine, venue):
            for _ in range(40):
                engine.request(rng.randint(1, 5 * LOT), Side(rng.randrange(2)), rng.choice(["EURUSD", "XAUUSD"]))
                await asyncio.sleep(0)
            await until(lambda: not engine.busy())
            await until(lambda: bool(engine.reports))
        assert held_at(engine.reports[-1]) == held_by(engine)
        executions = [fill.execution for fill in engine.fills()]
        assert len(executions) == len(set(executions))

    tell(story)


def test_restarts_in_the_middle_lose_no_fill_and_execute_nothing_twice() -> None:
    async def story() -> None:
        engine = engine_now()
        venue = simulated(latency_max_ms=30, split=400_000, lost_after=50_000, away_min_ms=1, away_max_ms=5)
        wanted = 0
        for _ in range(10):
            async with running(engine, venue):
                for _ in range(5):
                    wanted += engine.request(LOT).volume
                await asyncio.sleep(0.01)
            wanted += engine.request(LOT).volume
        async with running(engine, venue):
            await until(lambda: not engine.busy())
        assert held_by(engine) == {"EURUSD": wanted} == held_at(await venue.positions())

    tell(story)


def test_after_a_restart_every_order_in_flight_is_asked_for_and_only_the_missing_one_is_sent() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        done, waiting, missing = (engine.request(LOT) for _ in range(3))
        venue.known = {done.order: [HedgeFilled(done.order, "A", LOT, 110_010, True)], waiting.order: []}
        async with running(engine, venue):
            await until(lambda: len(venue.sent) == 1)
            await until(lambda: done.order in engine.ends)
            assert venue.sent == [missing]
            assert set(venue.asked) >= {1, 2, 3}
            venue.say(HedgeFilled(waiting.order, "B", LOT, 110_010, True), HedgeEnded(missing.order, "no liquidity"))
            await until(lambda: not engine.busy())
        assert engine.held == {"EURUSD": 2 * LOT}
        assert engine.ends[missing.order] == "no liquidity"

    tell(story)


def test_an_order_that_never_arrived_and_is_too_old_is_ended_not_sent() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        engine.now -= 10_001
        engine.request(LOT)
        async with running(engine, venue):
            await until(lambda: not engine.busy())
        assert engine.ends == {1: NEVER_ARRIVED}
        assert venue.sent == []

    tell(story)


def test_while_the_venue_is_away_fresh_orders_are_ended_by_age_and_sent_ones_wait() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        settings = RouterSettings(age_max_ms=60, ask_after_ms=20, retry_min_ms=2, retry_max_ms=8)
        async with running(engine, venue, settings) as router:
            engine.request(LOT)
            await until(lambda: len(venue.sent) == 1)
            venue.down = True
            venue.break_off()
            await until(lambda: not router.status().reachable)
            engine.now = WallClock().now()
            engine.request(LOT)
            await until(lambda: 2 in engine.ends)
            assert engine.ends == {2: NOT_SENT}
            venue.known[1] = [HedgeFilled(1, "A", LOT, 110_010, True)]
            venue.down = False
            await until(lambda: not engine.busy())
            assert router.status().reachable
        assert len(venue.sent) == 1
        assert engine.held == {"EURUSD": LOT}

    tell(story)


def test_answers_lost_with_the_connection_are_asked_for_when_it_is_back() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        patient = RouterSettings(ask_after_ms=60_000, retry_min_ms=2, retry_max_ms=8)
        async with running(engine, venue, patient):
            engine.request(LOT)
            await until(lambda: len(venue.sent) == 1)
            venue.known[1] = [HedgeFilled(1, "A", LOT, 110_010, True)]
            venue.break_off()
            await until(lambda: not engine.busy())
        assert len(venue.sent) == 1
        assert len(engine.fills()) == 1

    tell(story)


def test_a_silent_order_is_asked_for_without_any_break() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        async with running(engine, venue):
            engine.request(LOT)
            await until(lambda: len(venue.asked) >= 2)
            assert len(venue.sent) == 1
            venue.known[1] = [HedgeFilled(1, "A", LOT, 110_010, True)]
            await until(lambda: not engine.busy())

    tell(story)


def test_repeats_reach_the_engine_only_under_a_key_it_has_answered() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        async with running(engine, venue) as router:
            engine.request(LOT)
            half = HedgeFilled(1, "A", LOT // 2, 110_010, False)
            rest = HedgeFilled(1, "B", LOT // 2, 110_010, True)
            venue.say(half, half, rest, half, rest)
            await until(lambda: len(engine.calls) >= 4)
            assert router.status().refused == {}
        assert engine.fills() == [half, rest]

    tell(story)


def test_garbage_is_refused_counted_and_survived() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        async with running(engine, venue) as router:
            engine.request(LOT)
            engine.request(LOT)
            venue.say(
                HedgeFilled(1, "A", 2 * LOT, 110_010, False),
                HedgeFilled(1, "B", -5, 110_010, False),
                HedgeFilled(1, "", LOT, 110_010, False),
                HedgeFilled(1, "C", LOT, 2**70, False),
                HedgeFilled(999, "D", LOT, 110_010, True),
                HedgeFilled(1, "E", LOT, 110_010, True),
                HedgeFilled(1, "F", LOT, 110_010, True),
                HedgeFilled(1, "E", LOT, 110_011, True),
                HedgeEnded(2, "x" * 1000),
            )
            await until(lambda: not engine.busy())
            await until(lambda: sum(router.status().refused.values()) == 8)
            assert router.status().refused == {
                "OVERFILLED": 1, "unfit": 4, "UNKNOWN_HEDGE_ORDER": 1, "HEDGE_ORDER_DONE": 1, "KEY_REUSED": 1,
            }  # fmt: skip
            assert engine.request(LOT).order == 3
            await until(lambda: len(venue.sent) == 3)
        assert engine.held == {"EURUSD": LOT}
        assert engine.ends[2] == "unfit last answer: reason too long"

    tell(story)


def test_an_overfill_as_last_word_ends_the_order_and_leaves_a_difference_for_the_report() -> None:
    async def story() -> None:
        engine, venue = engine_now(), simulated(overfill=ALWAYS)
        async with running(engine, venue):
            engine.request(LOT)
            await until(lambda: bool(engine.reports))
        assert engine.ends == {1: "last fill refused: OVERFILLED"}
        assert engine.held == {}
        assert engine.reports[-1].positions == (VenuePosition("EURUSD", LOT),)

    tell(story)


def test_fills_never_heard_of_and_positions_moved_by_hand_show_in_the_report() -> None:
    async def story() -> None:
        engine, venue = engine_now(), simulated(unheard=ALWAYS)
        async with running(engine, venue):
            engine.request(LOT)
            await until(lambda: bool(engine.reports))
            assert engine.reports[-1].positions == (VenuePosition("EURUSD", LOT),)
            venue.move("XAUUSD", -LOT)
            await until(lambda: len(engine.reports[-1].positions) == 2)
        assert engine.ends == {1: "cancelled"}

    tell(story)


def test_positions_are_reported_only_while_no_order_is_in_flight() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        async with running(engine, venue):
            engine.request(LOT)
            await until(lambda: len(venue.sent) == 1)
            await asyncio.sleep(0.06)
            assert engine.reports == []
            venue.say(HedgeEnded(1, "rejected"))
            await until(lambda: bool(engine.reports))

    tell(story)


def test_a_report_crossed_by_an_order_is_dropped_and_taken_anew() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        asked = asyncio.Event()
        go_on = asyncio.Event()

        async def slow_positions() -> VenuePositions:
            held = venue.held
            asked.set()
            await go_on.wait()
            return held

        venue.positions = slow_positions  # type: ignore[method-assign]
        async with running(engine, venue):
            await asked.wait()
            engine.request(LOT)
            await until(lambda: len(venue.sent) == 1)
            venue.held = VenuePositions("scripted", (VenuePosition("EURUSD", LOT),))
            venue.say(HedgeFilled(1, "A", LOT, 110_010, True))
            await until(lambda: not engine.busy())
            go_on.set()
            await until(lambda: bool(engine.reports))
        assert engine.reports[0].positions == (VenuePosition("EURUSD", LOT),)

    tell(story)


def test_a_full_journal_delays_fills_and_loses_none() -> None:
    async def story() -> None:
        engine, venue = engine_now(), simulated(split=ALWAYS)
        engine.full_for = 30
        async with running(engine, venue):
            for _ in range(5):
                engine.request(LOT)
            await until(lambda: not engine.busy())
        assert held_by(engine) == {"EURUSD": 5 * LOT}

    tell(story)


def test_a_server_that_has_no_room_is_asked_again_under_the_same_key() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        refusals = [Refusal.STORAGE_FULL, Refusal.OVERLOADED, Refusal.NOT_READY, Refusal.OUTCOME_UNKNOWN]
        keys: list[str] = []
        submit = engine.submit

        async def reluctant(command: Command, key: str) -> object:
            keys.append(key)
            return [Refused(refusals.pop(0))] if refusals else await submit(command, key)

        engine.submit = reluctant  # type: ignore[method-assign, assignment]
        async with running(engine, venue, RouterSettings(retry_min_ms=1)) as router:
            engine.request(LOT)
            venue.say(HedgeFilled(1, "A", LOT, 110_010, True))
            await until(lambda: not engine.busy())
            assert router.status().refused == {}
        assert keys == ["venue/1/A"] * 5

    tell(story)


def test_a_subscription_that_ends_is_taken_up_where_it_was() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()
        subscribe = engine.subscribe
        after: list[int] = []

        async def one_at_a_time(sequence: int) -> AsyncIterator[object]:
            after.append(sequence)
            async for published in subscribe(sequence):
                yield published
                return

        engine.subscribe = one_at_a_time  # type: ignore[method-assign, assignment]
        async with running(engine, venue):
            orders = [engine.request(LOT) for _ in range(4)]
            await until(lambda: len(venue.sent) == 4)
        assert venue.sent == orders
        assert after[:4] == [0, 1, 2, 3]

    tell(story)


def test_a_writer_that_was_fenced_stops_the_router_with_its_reason() -> None:
    async def story() -> None:
        engine, venue = engine_now(), ScriptedVenue()

        async def fenced(command: Command, key: str) -> list[Event]:
            raise JournalFenced

        engine.submit = fenced  # type: ignore[method-assign]
        before = asyncio.all_tasks()
        engine.request(LOT)
        venue.known[1] = [HedgeEnded(1, "rejected")]
        with pytest.raises(ExceptionGroup) as stopped:
            await router_for(engine, venue).run()
        assert stopped.group_contains(JournalFenced)
        assert asyncio.all_tasks() == before

    tell(story)
