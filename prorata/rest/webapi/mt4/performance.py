"""How busy the server was: a sample every five minutes, kept for a month.

Of Linux; elsewhere what cannot be read is 0. Samples are taken as batches come, and a platform that trades has some
every second.
"""

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import msgspec

from prorata.units.numbers import DAY_MS, MINUTE_MS, Moment

EVERY_MS = 5 * MINUTE_MS
KEPT = 31 * DAY_MS // EVERY_MS

_PROC = Path("/proc")
_KIB = 1_024


class Sample(msgspec.Struct, frozen=True, gc=False):
    """`cpu`: percent of all processors. `free_memory`: KiB. `network`: KiB a second since the sample before."""

    at: Moment
    users: int
    cpu: int
    free_memory: int
    network: int
    sockets: int


class PerformanceSeries:
    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=KEPT)
        self._due: Moment = 0
        self._bytes_before: tuple[Moment, int] | None = None

    def is_due(self, now: Moment) -> bool:
        """Say whether it is time for a sample."""
        return now >= self._due

    def note(self, now: Moment, *, users: int) -> None:
        """Take a sample."""
        self._due = now - now % EVERY_MS + EVERY_MS
        self._samples.append(Sample(now, users, _load_percent(), _free_memory(), self._network(now), _sockets()))

    def since(self, moment: Moment) -> Iterator[Sample]:
        return (sample for sample in self._samples if sample.at >= moment)

    def _network(self, now: Moment) -> int:
        moved, before = _bytes_moved(), self._bytes_before
        self._bytes_before = (now, moved)
        if before is None or now <= before[0]:
            return 0
        return max(0, moved - before[1]) * 1_000 // ((now - before[0]) * _KIB)


def _load_percent() -> int:
    return min(100, round(100 * os.getloadavg()[0] / (os.cpu_count() or 1)))


def _free_memory() -> int:
    for line in _lines("meminfo"):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1])
    return 0


def _bytes_moved() -> int:
    """Return what came in and went out on all interfaces but the loop."""
    total = 0
    for line in _lines("net/dev")[2:]:
        name, _, figures = line.partition(":")
        if name.strip() != "lo":
            columns = figures.split()
            total += int(columns[0]) + int(columns[8])
    return total


def _sockets() -> int:
    return sum(int(line.split()[2]) for line in _lines("net/sockstat") if line.startswith("sockets:"))


def _lines(name: str) -> list[str]:
    try:
        return (_PROC / name).read_text(encoding="ascii").splitlines()
    except OSError:
        return []
