"""Keeps the journals of a day, for every later version to replay: `python -m tests.replay.keep trading|copying NAME`.

Run once for each release, and never again for the same one: the journals are the past.
"""

import gzip
import sys
from pathlib import Path
from random import Random

import msgspec

from prorata.messages.batch import Submission, encode
from prorata.messages.commands import Command, HedgeEnded, HedgeFilled, PutGroup, PutSymbol, Quote, Quotes
from prorata.server.machine import Machine, batch_of
from prorata.sim.copy_crowd import CopyCrowd
from prorata.sim.world import FIRST_MONDAY, World
from tests.trading.crowd import KINDS, MONDAY, command_of, moment_after, opening

FOLDER = Path(__file__).parent
STEPS = 3_000
PER_BATCH = 4


class Kept(msgspec.Struct):
    """The records' bodies, and what their replay must give."""

    bodies: list[bytes]
    sequence: int
    results_hash: bytes


def play(seed: int) -> Kept:
    machine, rng, now = Machine(), Random(seed), MONDAY
    bodies: list[bytes] = []

    def write(submissions: list[Submission]) -> None:
        batch = batch_of(machine, now, 1, submissions)
        bodies.append(encode(batch))
        machine.apply(batch)

    write([Submission(command) for command in opening(30)])
    for number in range(STEPS // PER_BATCH):
        steps = [(rng.choice(KINDS), rng.randrange(1000), rng.randrange(1000), rng.randrange(1000)) for _ in range(PER_BATCH)]
        now = moment_after(now, steps[0])
        commands = [command_of(machine.engine.desk, step) for step in steps]
        write([Submission(command, "crowd", f"{number}-{place}") for place, command in enumerate(commands)])
    return Kept(bodies, machine.sequence, machine.results_hash)


def play_copying(seed: int) -> Kept:
    """Copy trading with a venue that fills, fills in part and rejects."""
    machine, rng, now = Machine(), Random(seed), FIRST_MONDAY
    world, crowd = World(rng), CopyCrowd(rng)
    bodies: list[bytes] = []

    def write(*commands: Command, quotes: tuple[Quote, ...] = ()) -> None:
        inputs = [Submission(command, "crowd") for command in commands]
        batch = batch_of(machine, now, 1, inputs, Quotes(quotes) if quotes else None)
        bodies.append(encode(batch))
        machine.apply(batch)

    write(*(PutSymbol(spec) for spec in world.symbols()), *(PutGroup(spec) for spec in world.groups()))
    write(quotes=world.first_quotes())
    write(*crowd.set_up())
    for number in range(STEPS // PER_BATCH):
        now += rng.choice((1, 500, 60_000, 60_000, 3_600_000))
        asked = [crowd.next(machine.engine) for _ in range(PER_BATCH - 2)]
        answers = [_answer(rng, machine, ticket, f"{number}-{ticket}") for ticket in machine.engine.copy.state.requests]
        write(*(command for command in (*asked, *answers) if command is not None), quotes=world.move())
    return Kept(bodies, machine.sequence, machine.results_hash)


def _answer(rng: Random, machine: Machine, ticket: int, execution: str) -> Command:
    request = machine.engine.copy.state.requests[ticket]
    left = abs(request.volume) - request.filled
    if rng.random() < 0.15:
        return HedgeEnded(ticket, "rejected")
    quote = machine.engine.desk.state.quotes[request.symbol]
    volume = left if rng.random() < 0.7 else max(1, left // 2)
    return HedgeFilled(ticket, execution, volume, quote.ask if request.volume > 0 else quote.bid, False)


def read(path: Path) -> Kept:
    return msgspec.msgpack.decode(gzip.decompress(path.read_bytes()), type=Kept)


if __name__ == "__main__":
    what, name = sys.argv[1:]
    kept = msgspec.msgpack.encode(play(seed=1) if what == "trading" else play_copying(seed=1))
    (FOLDER / f"{name}.journal.gz").write_bytes(gzip.compress(kept, mtime=0))
