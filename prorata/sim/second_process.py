"""A process with another hash seed, which replays exported journals: `python -m prorata.sim.second_process`.

It reads the path of an exported journal from each line of its input and answers with a line: the state hash.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

import msgspec

from prorata.server import replay
from prorata.server.ports import Record
from prorata.sim.faulty_journal import FaultyDisk, FaultyJournal


class SecondProcess:
    """The other process, as this one sees it. A context manager: the process ends with it."""

    def __init__(self) -> None:
        hash_seed = "4711" if os.environ.get("PYTHONHASHSEED") != "4711" else "1"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "prorata.sim.second_process"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "SecondProcess":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.communicate()

    def replay(self, disk: FaultyDisk) -> str:
        """Export the disk's journal to a file and return the state hash that the other process finds in it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory(prefix="prorata-sim-") as folder:
            path = Path(folder) / "journal.msgpack"
            path.write_bytes(msgspec.msgpack.encode(disk.records))
            self._process.stdin.write(f"{path}\n")
            self._process.stdin.flush()
            return self._process.stdout.readline().strip()


def _answer(path: Path) -> str:
    """Return the state hash of an exported journal, or what went wrong, in one line."""
    disk = FaultyDisk(0)
    disk.records = msgspec.msgpack.decode(path.read_bytes(), type=list[Record])
    try:
        return replay.replay(FaultyJournal(disk), from_snapshot=False).state_hash()
    except Exception as error:  # Whatever it is, the process that asked must hear of it.
        return repr(error)


def main() -> None:
    for line in sys.stdin:
        print(_answer(Path(line.strip())), flush=True)


if __name__ == "__main__":
    main()
