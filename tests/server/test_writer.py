"""The single writer's promises, kept on SQLite, on PostgreSQL and on a disk that fails when it is told to."""

import asyncio

import msgspec
import pytest

from prorata.messages.batch import decode_batch
from prorata.messages.commands import BalanceKind, BookBalance, PlaceOrder, Quote, Side
from prorata.messages.events import BalanceBooked, Dealt, OrderPlaced, Reason, Refused, Repeated
from prorata.messages.refusals import Refusal
from prorata.server import replay
from prorata.server.machine import Diverged, Machine
from prorata.server.ports import JournalFailed, JournalFenced, JournalFull, Record
from prorata.server.writer import Applied, Writer, WriterStopped
from prorata.sim.faulty_journal import Fate, FaultyDisk, FaultyJournal
from prorata.storage.chain import FIRST_HASH, hash_after
from tests.server.stage import NOON, SetClock, ask, buy, on_a_platform, set_up
from tests.storage.journal_grounds import Ground


def test_an_answered_command_is_in_the_journal(ground: Ground) -> None:
    async def play(writer: Writer) -> int:
        (answer,) = await ask(writer, buy())
        assert isinstance(answer.events[0], Dealt)
        return answer.number

    number = on_a_platform(ground.journal(), play)
    record = next(record for record in ground.journal().records() if record.number == number)
    commands = [submission.command for submission in decode_batch(record.body).submissions]
    assert buy() in commands


def test_what_arrives_together_is_one_record(ground: Ground) -> None:
    async def play(writer: Writer) -> tuple[int, set[int]]:
        before = writer.number
        answers = await ask(writer, *[buy(1) for _ in range(100)])
        return writer.number - before, {answer.number for answer in answers}

    records, numbers = on_a_platform(ground.journal(), play)
    assert records == len(numbers) == 1


def test_an_answer_that_cannot_be_given_keeps_none_from_the_others() -> None:
    async def play(writer: Writer) -> list[str]:
        told: list[str] = []

        def stumble(_answer: object) -> None:
            told.append("stumbled")
            raise RuntimeError("the caller's own bug")

        writer.ask(buy(), stumble)
        writer.ask(buy(), lambda answer: told.append(type(answer).__name__))
        await writer.submit(buy())
        return told

    assert on_a_platform(FaultyJournal(FaultyDisk(1)), play) == ["stumbled", "Answer"]


def test_a_listener_that_fails_keeps_no_answer_back_and_stops_the_platform() -> None:
    async def play(writer: Writer) -> bool:
        def stumble(_applied: Applied) -> None:
            raise RuntimeError("a bug of a listener")

        writer.listen(stumble)
        answer = await asyncio.wait_for(writer.submit(buy()), 5)
        assert isinstance(answer.events[0], Dealt)
        return writer.is_open

    assert not on_a_platform(FaultyJournal(FaultyDisk(1)), play)


def test_a_restart_finds_the_same_state(ground: Ground) -> None:
    async def trade(writer: Writer) -> str:
        await ask(writer, buy(), buy(20))
        return writer.engine.state_hash()

    async def look(writer: Writer) -> str:
        return writer.engine.state_hash()

    assert on_a_platform(ground.journal(), trade) == on_a_platform(ground.journal(), look)


def test_a_replay_from_the_first_record_gives_the_snapshots_state(ground: Ground) -> None:
    async def play(writer: Writer) -> None:
        for lots in range(1, 30):
            await ask(writer, buy(lots))

    on_a_platform(ground.journal(), play)
    whole = replay.replay(ground.journal(), from_snapshot=False)
    shortened = replay.replay(ground.journal())
    assert whole.state_hash() == shortened.state_hash()


def test_a_key_gives_the_first_answer_again_and_nothing_happens_twice(ground: Ground) -> None:
    async def play(writer: Writer) -> None:
        first = await writer.submit(buy(), caller="ann", key="order-1")
        again = await writer.submit(buy(), caller="ann", key="order-1")
        assert not first.repeated
        assert again.repeated
        assert again.events == first.events
        assert len(writer.engine.desk.state.accounts[1001].positions) == 1

    on_a_platform(ground.journal(), play)


def test_a_key_holds_across_a_restart(ground: Ground) -> None:
    async def order(writer: Writer) -> tuple[object, ...]:
        return (await writer.submit(buy(), caller="ann", key="order-1")).events

    assert on_a_platform(ground.journal(), order) == on_a_platform(ground.journal(), order)


def test_a_key_with_another_command_is_refused() -> None:
    async def play(writer: Writer) -> None:
        await writer.submit(buy(), caller="ann", key="order-1")
        answer = await writer.submit(buy(20), caller="ann", key="order-1")
        assert answer.events == (Refused(Refusal.KEY_REUSED),)

    on_a_platform(FaultyJournal(FaultyDisk(1)), play)


def test_a_key_belongs_to_its_caller() -> None:
    async def play(writer: Writer) -> None:
        first = await writer.submit(buy(), caller="ann", key="order-1")
        other = await writer.submit(buy(20), caller="bob", key="order-1")
        assert isinstance(first.events[0], Dealt)
        assert isinstance(other.events[0], Dealt)

    on_a_platform(FaultyJournal(FaultyDisk(1)), play)


def test_a_refused_command_uses_no_key_and_changes_nothing() -> None:
    async def play(writer: Writer) -> None:
        before = writer.engine.state_hash()
        huge = await writer.submit(buy(9_000), caller="ann", key="order-1")
        assert huge.events == (Refused(Refusal.NOT_ENOUGH_FREE_MARGIN),)
        assert writer.engine.state_hash() == before
        answer = await writer.submit(buy(), caller="ann", key="order-1")
        assert isinstance(answer.events[0], Dealt)

    on_a_platform(FaultyJournal(FaultyDisk(1)), play)


def test_the_same_external_id_is_booked_once_and_published_once() -> None:
    async def play(writer: Writer) -> None:
        deposit = BookBalance(1001, BalanceKind.DEPOSIT, 500_00, "wire-7")
        seen: list[Applied] = []
        writer.listen(seen.append)
        first, again = await ask(writer, deposit, deposit)
        assert isinstance(first.events[0], BalanceBooked)
        assert again.events == (Repeated(first.events[0]),)
        assert again.first == 0
        assert [event for applied in seen for event in applied.events] == [first.events[0]]

    on_a_platform(FaultyJournal(FaultyDisk(1)), play)


def test_a_full_disk_refuses_commands_and_loses_nothing(ground: Ground) -> None:
    journal = ground.journal()

    async def play(writer: Writer) -> None:
        wordy = msgspec.structs.replace(buy(1), comment="x" * 300)
        await ask(writer, *[wordy] * 300)  # Their events are written with the next commit, which then needs much room.
        before = writer.engine.state_hash()
        ground.fill(journal)
        with pytest.raises(JournalFull):
            await writer.submit(buy(), key="order-1")
        assert writer.engine.state_hash() == before
        ground.make_room(journal)
        assert isinstance((await writer.submit(buy(), key="order-1")).events[0], Dealt)

    on_a_platform(journal, play)


@pytest.mark.parametrize("fate", list(Fate))
def test_a_commit_of_unknown_fate_stops_the_writer_and_the_key_tells_the_truth_after(fate: Fate) -> None:
    disk = FaultyDisk(1)

    async def fail() -> None:
        writer = Writer("live-1", FaultyJournal(disk), clock=SetClock())
        await writer.start()
        await set_up(writer)
        disk.fail_next_commit(fate)
        with pytest.raises(WriterStopped) as stopped:
            await writer.submit(buy(), caller="ann", key="order-1")
        assert stopped.value.unknown
        with pytest.raises(WriterStopped):
            await writer.submit(buy())
        assert isinstance(writer.failure, JournalFailed)
        await writer.stop()

    async def ask_again(writer: Writer) -> tuple[bool, int]:
        answer = await writer.submit(buy(), caller="ann", key="order-1")
        return answer.repeated, len(writer.engine.desk.state.accounts[1001].positions)

    asyncio.run(fail())
    repeated, positions = on_a_platform(FaultyJournal(disk), ask_again)
    assert repeated == (fate is Fate.KEPT)
    assert positions == 1


def test_a_second_writer_fences_the_first(ground: Ground) -> None:
    async def play() -> None:
        first = Writer("live-1", ground.journal(), clock=SetClock())
        await first.start()
        await set_up(first)
        second = Writer("live-1", ground.journal(), clock=SetClock())
        await second.start()
        with pytest.raises(WriterStopped):
            await first.submit(buy())
        assert isinstance(first.failure, JournalFenced)
        assert isinstance((await second.submit(buy())).events[0], Dealt)
        await first.stop()
        await second.stop()

    asyncio.run(play())


def test_only_the_newest_quote_of_a_symbol_enters_and_before_the_commands() -> None:
    async def play(writer: Writer) -> None:
        writer.quote([Quote("EURUSD", 120_000, 120_010)])
        writer.quote([Quote("EURUSD", 130_000, 130_010)])
        (answer,) = await ask(writer, buy())
        (deal,) = answer.events
        assert isinstance(deal, Dealt)
        assert deal.price == 130_010

    on_a_platform(FaultyJournal(FaultyDisk(1)), play)


def test_a_timer_falls_due_while_nobody_asks() -> None:
    clock = SetClock()

    async def play(writer: Writer) -> None:
        (placed,) = await ask(writer, buy(login=1002))
        assert isinstance(placed.events[0], OrderPlaced)
        deals: list[Dealt] = []
        writer.listen(lambda applied: deals.extend(e for e in applied.events if isinstance(e, Dealt)))
        clock.at = NOON + 500
        for _ in range(100):
            await asyncio.sleep(0.02)
            if deals:
                break
        assert [deal.reason for deal in deals] == [Reason.CLIENT]

    on_a_platform(FaultyJournal(FaultyDisk(1)), play, clock=clock)


def test_events_are_numbered_without_gaps_and_read_back_from_any_batch(ground: Ground) -> None:
    async def play(writer: Writer) -> list[Applied]:
        seen: list[Applied] = []
        writer.listen(seen.append)
        for lots in range(1, 12):
            await ask(writer, buy(lots), buy(lots))
        for position, applied in enumerate(seen):
            read = await asyncio.to_thread(writer.published, applied.number - 1)
            assert [(p.number, p.first, p.events) for p in read] == [(a.number, a.first, a.events) for a in seen[position:]]
        return seen

    seen = on_a_platform(ground.journal(), play)
    numbers = [applied.first + place for applied in seen for place in range(len(applied.events))]
    assert numbers == list(range(numbers[0], numbers[0] + 22))


def test_events_that_a_crash_kept_from_the_outbox_are_there_after_the_restart(ground: Ground) -> None:
    async def crash() -> tuple[int, tuple[object, ...]]:
        writer = Writer("live-1", ground.journal(), clock=SetClock())
        await writer.start()
        await set_up(writer)
        answer = await writer.submit(buy())  # Its events would enter the outbox with the next batch, which never comes.
        return answer.number, answer.events

    async def read(writer: Writer) -> list[tuple[object, ...]]:
        published = await asyncio.to_thread(writer.published, number - 1, 1)
        return [batch.events for batch in published]

    number, events = asyncio.run(crash())
    assert on_a_platform(ground.journal(), read) == [events]


def test_a_journal_whose_results_differ_is_noticed() -> None:
    disk = FaultyDisk(1)

    async def play(writer: Writer) -> None:
        await ask(writer, buy())
        await ask(writer, buy())

    on_a_platform(FaultyJournal(disk), play)
    bodies = [record.body for record in disk.records]
    place = next(i for i, body in enumerate(bodies) if buy() in [s.command for s in decode_batch(body).submissions])
    bodies[place] = bodies[place].replace(b"EURUSD\x00", b"EURUSD\x01")  # a buy becomes a sell
    with pytest.raises(Diverged):
        _replay(bodies)


def _replay(bodies: list[bytes]) -> None:
    machine = Machine()
    for body in bodies:
        machine.apply(decode_batch(body))


def test_the_chain_of_hashes_is_over_the_bytes_in_the_journal(ground: Ground) -> None:
    async def play(writer: Writer) -> None:
        await ask(writer, buy())

    on_a_platform(ground.journal(), play)
    last = FIRST_HASH
    for record in ground.journal().records():
        last = hash_after(last, record.body)
        assert record == Record(record.number, record.body, last)


def test_a_bug_in_the_engine_stops_the_platform_instead_of_answering() -> None:
    async def play() -> None:
        writer = Writer("live-1", FaultyJournal(FaultyDisk(1)), clock=SetClock())
        await writer.start()
        await set_up(writer)
        with pytest.raises(WriterStopped) as stopped:
            await writer.submit(PlaceOrder(1001, "EURUSD", Side.BUY, "not a number"))  # type: ignore[arg-type]
        assert stopped.value.unknown
        assert writer.failure is not None
        await writer.stop()

    asyncio.run(play())
