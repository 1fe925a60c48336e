"""What one durable commit costs, beside the disk alone."""

import os
import statistics
import tempfile
import time
from pathlib import Path

from bench import world
from prorata.messages.batch import RULES_VERSION, Batch, Submission, encode
from prorata.server.machine import NO_HASH
from prorata.server.ports import Record
from prorata.storage.chain import hash_after
from prorata.storage.journals import open_journal

COMMITS = 600
BATCH = 128


def _body(number: int) -> bytes:
    submissions = tuple(Submission(order, "bench", f"key-{number}-{i}") for i, order in enumerate(world.orders(BATCH, 1_000)))
    return encode(Batch(number, world.NOW, 1, RULES_VERSION, NO_HASH, submissions))


def commit_ms() -> float:
    """Return the median milliseconds of an append of 128 orders to the SQLite journal."""
    with tempfile.TemporaryDirectory() as folder:
        journal = open_journal(f"sqlite:///{folder}/journal.db", "bench")
        _, last, _ = journal.open()
        took = []
        for number in range(1, COMMITS + 1):
            body = _body(number)
            last = hash_after(last, body)
            began = time.perf_counter()
            journal.append(Record(number, body, last), [])
            took.append(time.perf_counter() - began)
        journal.close()
    return statistics.median(took) * 1e3


def bare_ms() -> float:
    """Return the median milliseconds of overwriting as many bytes in place with one fdatasync."""
    body = _body(1)
    with tempfile.TemporaryDirectory() as folder:
        file = os.open(Path(folder) / "bare", os.O_CREAT | os.O_RDWR)
        os.pwrite(file, bytes(len(body)), 0)
        os.fsync(file)
        took = []
        for _ in range(COMMITS):
            began = time.perf_counter()
            os.pwrite(file, body, 0)
            os.fdatasync(file)
            took.append(time.perf_counter() - began)
        os.close(file)
    return statistics.median(took) * 1e3
