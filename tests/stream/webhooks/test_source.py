"""From a real writer's events to a subscriber: nothing is left out by a stop, a full memory or a mistake."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from prorata.control.webhooks.notices import Notice
from prorata.control.webhooks.rows import DeliveryState
from prorata.messages.commands import BalanceKind, BookBalance, OpenAccount, PutGroup
from prorata.messages.events import BalanceBooked
from prorata.messages.groups import GroupSpec
from prorata.projections.recording import Happened
from prorata.server.writer import Writer
from prorata.storage.journals import open_journal
from prorata.stream.webhooks.deliverer import Deliverer
from prorata.stream.webhooks.source import NoticesOf, WriterNotices, never_large
from tests.stream.webhooks.receiver import receiving
from tests.stream.webhooks.stage import LOCAL, PLATFORM, HandClock, Stage, until


def deposits(batch: Happened) -> Sequence[Notice]:
    """Tell of every deposit, as money that enters a wallet."""
    return [
        Notice(
            sequence=batch.first + place,
            at=batch.at,
            order_key=f"wallet/{event.login}",
            type="event_wallet_in",
            data={"n": event.amount},
        )
        for place, event in enumerate(batch.events)
        if isinstance(event, BalanceBooked)
    ]


@asynccontextmanager
async def writing(folder: Path, *, outbox_kept: int = 1_000) -> AsyncIterator[Writer]:
    journal = open_journal(f"sqlite:///{folder}/journal.db", PLATFORM)
    writer = Writer(PLATFORM, journal, clock=HandClock(), outbox_kept=outbox_kept)
    await writer.start()
    if not writer.engine.desk.state.groups:
        await writer.submit(PutGroup(GroupSpec(name="standard", currency="USD")))
        await writer.submit(OpenAccount("standard", 1001))
    try:
        yield writer
    finally:
        await writer.stop()


@asynccontextmanager
async def delivering(
    stage: Stage, writer: Writer, notices_of: NoticesOf = deposits, is_large: Callable[[Happened], bool] = never_large
) -> AsyncIterator[Deliverer]:
    deliverer = Deliverer(stage.store, WriterNotices(writer, notices_of, is_large), LOCAL)
    running = asyncio.create_task(deliverer.run())
    try:
        yield deliverer
    finally:
        deliverer.stop()
        await running


async def deposit(writer: Writer, amount: int) -> None:
    await writer.submit(BookBalance(1001, BalanceKind.DEPOSIT, amount))


def test_events_of_a_writer_are_told_once_across_stops(stage: Stage, tmp_path: Path) -> None:
    async def tell() -> list[int]:
        async with receiving() as receiver:
            async with writing(tmp_path) as writer:
                stage.subscribe(receiver.url, position=writer.sequence)
                async with delivering(stage, writer):
                    await deposit(writer, 1)
                    await receiver.came(1)
                for amount in range(2, 40):
                    await deposit(writer, amount)
            async with writing(tmp_path) as writer, delivering(stage, writer):
                await deposit(writer, 40)
                await receiver.came(40)
            return receiver.sequences()

    assert asyncio.run(tell()) == list(range(1, 41))


def test_the_notices_of_a_large_batch_are_made_away_from_the_event_loop(stage: Stage, tmp_path: Path) -> None:
    made: set[tuple[int, bool]] = set()

    def noting(batch: Happened) -> Sequence[Notice]:
        for event in batch.events:
            if isinstance(event, BalanceBooked):
                made.add((event.amount, threading.current_thread() is threading.main_thread()))
        return deposits(batch)

    def is_third(batch: Happened) -> bool:
        return any(isinstance(event, BalanceBooked) and event.amount == 3 for event in batch.events)

    async def tell() -> list[int]:
        async with receiving() as receiver, writing(tmp_path) as writer:
            stage.subscribe(receiver.url, position=writer.sequence)
            async with delivering(stage, writer, noting, is_third):
                for amount in range(1, 6):
                    await deposit(writer, amount)
                    await receiver.came(amount)
            return receiver.sequences()

    assert asyncio.run(tell()) == [1, 2, 3, 4, 5]
    assert (3, False) in made
    assert (3, True) not in made
    assert (5, True) in made


def test_a_late_subscriber_can_ask_for_what_came_before(stage: Stage, tmp_path: Path) -> None:
    async def tell() -> list[int]:
        async with receiving() as receiver, writing(tmp_path) as writer, delivering(stage, writer):
            for amount in range(1, 6):
                await deposit(writer, amount)
            subscription = stage.subscribe(receiver.url, position=writer.sequence)
            await deposit(writer, 6)
            await stage.settled(subscription, DeliveryState.DELIVERED)
            assert stage.office.replay(subscription, sequence=1) == 1
            await receiver.came(7)
            return receiver.sequences()

    assert asyncio.run(tell()) == [6, 1, 2, 3, 4, 5, 6]


def test_what_the_outbox_has_forgotten_is_passed_over(stage: Stage, tmp_path: Path) -> None:
    async def tell() -> list[int]:
        async with receiving() as receiver:
            async with writing(tmp_path, outbox_kept=1) as writer:
                stage.subscribe(receiver.url, position=writer.sequence)
                for amount in range(1, 20):
                    await deposit(writer, amount)
            async with writing(tmp_path) as writer, delivering(stage, writer):
                await deposit(writer, 20)
                await until(lambda: 20 in receiver.sequences())
            return receiver.sequences()

    told = asyncio.run(tell())
    assert told == list(range(told[0], 21))
    assert told[0] > 10


def test_a_mistake_in_the_making_of_notices_ends_the_delivery_and_not_the_platform(stage: Stage, tmp_path: Path) -> None:
    def mistaken(batch: Happened) -> Sequence[Notice]:
        if any(isinstance(event, BalanceBooked) and event.amount == 2 for event in batch.events):
            raise KeyError("no such wallet")
        return deposits(batch)

    async def tell() -> list[int]:
        async with receiving() as receiver, writing(tmp_path) as writer:
            stage.subscribe(receiver.url, position=writer.sequence)
            async with delivering(stage, writer, mistaken) as deliverer:
                for amount in (1, 2, 3):
                    await deposit(writer, amount)
                await until(lambda: deliverer.failure is not None)
            assert writer.failure is None
            await deposit(writer, 4)
            async with delivering(stage, writer):
                await receiver.came(4)
            return receiver.sequences()

    assert asyncio.run(tell()) == [1, 2, 3, 4]


def test_only_part_of_a_batch_is_new_to_somebody_who_came_in_its_middle(stage: Stage, tmp_path: Path) -> None:
    async def tell() -> list[int]:
        async with receiving() as receiver:
            async with writing(tmp_path) as writer:
                begin = writer.sequence
                await asyncio.gather(*(deposit(writer, amount) for amount in range(1, 9)))
            stage.subscribe(receiver.url, position=begin + 5)
            async with writing(tmp_path) as writer, delivering(stage, writer):
                await receiver.came(3)
            return receiver.sequences()

    assert asyncio.run(tell()) == [6, 7, 8]


def test_events_of_which_nothing_is_told_cost_no_database(stage: Stage, tmp_path: Path) -> None:
    def only_the_first(batch: Happened) -> Sequence[Notice]:
        return [notice for notice in deposits(batch) if notice.data["n"] == 1]

    async def tell() -> int:
        async with receiving() as receiver, writing(tmp_path) as writer:
            subscription = stage.subscribe(receiver.url, position=writer.sequence)
            async with delivering(stage, writer, only_the_first):
                await deposit(writer, 1)
                await stage.settled(subscription, DeliveryState.DELIVERED)
                for amount in range(2, 21):
                    await deposit(writer, amount)
            return writer.sequence - stage.office.subscription(subscription).position

    assert asyncio.run(tell()) == 19
