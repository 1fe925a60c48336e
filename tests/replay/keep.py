"""Keeps the journal of a day, for every later version to replay: `python -m tests.replay.keep NAME`.

Run once for each release, and never again for the same one: the journals are the past.
"""

import gzip
import sys
from pathlib import Path
from random import Random

import msgspec

from prorata.messages.batch import Submission, encode
from prorata.server.machine import Machine, batch_of
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


def read(path: Path) -> Kept:
    return msgspec.msgpack.decode(gzip.decompress(path.read_bytes()), type=Kept)


if __name__ == "__main__":
    kept = msgspec.msgpack.encode(play(seed=1))
    (FOLDER / f"{sys.argv[1]}.journal.gz").write_bytes(gzip.compress(kept, mtime=0))
