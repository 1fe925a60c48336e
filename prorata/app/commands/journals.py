"""`journal verify`, `journal replay`, `journal export`, `snapshot`."""

import sys
import time
from contextlib import ExitStack
from pathlib import Path

import msgspec
from typer import Exit

from prorata.app.commands.common import NotThere, chosen, journal_at, progress, say, settings_of
from prorata.app.exit_codes import NOT_SOUND
from prorata.messages.batch import Batch
from prorata.messages.events import Event
from prorata.server import replay as replaying
from prorata.server.machine import Machine
from prorata.storage import export as exporting
from prorata.storage import verify as verifying
from prorata.storage.chain import StoredJournal
from prorata.units.numbers import Moment

SHOW_EVERY = 500
OUTBOX_WAIT_SECONDS = 5.0


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    platform: str
    finding: str
    records: int
    hash: str
    bad_record: int | None
    problem: str


def verify(file: Path | None, data: Path | None, platform: str, as_json: bool) -> None:
    settings, name = chosen(settings_of(file, data), platform)
    with journal_at(settings, name) as journal, progress(hidden=as_json) as shown:
        task = shown.add_task(f"verifying {name}")
        verdict = verifying.verify(journal, lambda done, total: shown.update(task, completed=done, total=total))
    result = Verified(
        platform=name, finding=verdict.finding.value, records=verdict.good, hash=verdict.hash.hex(),
        bad_record=verdict.number or None, problem=verdict.problem,
    )  # fmt: skip
    words = f"{name}: {verdict.finding.value}, {verdict.good} good records, chain {verdict.hash.hex()}"
    if verdict.number:
        words += f"\nrecord {verdict.number}: {verdict.problem}"
    say(result, as_json=as_json, words=words)
    if verdict.finding != verifying.Finding.SOUND:
        raise Exit(NOT_SOUND)


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    platform: str
    position: int
    events: int
    at: Moment
    state_hash: str
    batches: int
    commands: int
    seconds: float


class Counted:
    """What a replay has gone through. `told_at`: the last batch that left an event."""

    def __init__(self) -> None:
        self.batches = 0
        self.commands = 0
        self.told_at = 0

    def note(self, batch: Batch, published: list[Event]) -> None:
        self.batches += 1
        self.commands += len(batch.submissions)
        if published:
            self.told_at = batch.number


def replay_all(journal: StoredJournal, name: str, *, from_snapshot: bool, hidden: bool, counted: Counted) -> Machine:
    """Replay with a progress bar."""
    with progress(hidden=hidden) as shown:
        task = shown.add_task(f"replaying {name}", total=journal.last_number())

        def watch(batch: Batch, published: list[Event], _encoded: bytes) -> None:
            counted.note(batch, published)
            if counted.batches % SHOW_EVERY == 0:
                shown.update(task, completed=batch.number)

        return replaying.replay(journal, from_snapshot=from_snapshot, watch=watch)


def replay(file: Path | None, data: Path | None, platform: str, from_snapshot: bool, as_json: bool) -> None:
    settings, name = chosen(settings_of(file, data), platform)
    counted = Counted()
    began = time.perf_counter()
    with journal_at(settings, name) as journal:
        machine = replay_all(journal, name, from_snapshot=from_snapshot, hidden=as_json, counted=counted)
    seconds = time.perf_counter() - began
    result = Replayed(
        platform=name, position=machine.number, events=machine.sequence, at=machine.at, state_hash=machine.state_hash(),
        batches=counted.batches, commands=counted.commands, seconds=round(seconds, 3),
    )  # fmt: skip
    words = (
        f"{name}: batch {result.position}, event {result.events}\n"
        f"replayed {result.batches} batches with {result.commands} commands in {seconds:.2f} s\n"
        f"state hash {result.state_hash}"
    )
    say(result, as_json=as_json, words=words)


def export(file: Path | None, data: Path | None, platform: str, after: int, output: Path | None) -> None:
    settings, name = chosen(settings_of(file, data), platform)
    encode = msgspec.json.Encoder().encode
    with ExitStack() as open_things:
        journal = open_things.enter_context(journal_at(settings, name))
        target = sys.stdout.buffer if output is None else open_things.enter_context(output.open("wb"))
        shown = open_things.enter_context(progress(hidden=output is None))
        task = shown.add_task(f"exporting {name}", total=max(0, journal.last_number() - after))
        for batch in exporting.export(journal, after):
            target.write(encode(batch) + b"\n")
            shown.advance(task)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    platform: str
    position: int
    bytes: int
    state_hash: str


def snapshot(file: Path | None, data: Path | None, platform: str, as_json: bool) -> None:
    settings, name = chosen(settings_of(file, data), platform)
    counted = Counted()
    with journal_at(settings, name) as journal:
        machine = replay_all(journal, name, from_snapshot=True, hidden=as_json, counted=counted)
        _wait_for_outbox(journal, counted.told_at)
        size = replaying.save_snapshot(journal, machine)
    result = Kept(platform=name, position=machine.number, bytes=size, state_hash=machine.state_hash())
    words = f"{name}: snapshot after batch {machine.number}, {size} bytes\nstate hash {result.state_hash}"
    say(result, as_json=as_json, words=words)


def _wait_for_outbox(journal: StoredJournal, number: int) -> None:
    """Wait until the events of batch `number` are in the outbox: from a snapshot after it they could not be made again."""
    until = time.monotonic() + OUTBOX_WAIT_SECONDS
    while journal.last_published() < number:
        if time.monotonic() > until:
            raise NotThere("the newest events are not in the outbox yet; they will be when the platform runs")
        time.sleep(0.1)
