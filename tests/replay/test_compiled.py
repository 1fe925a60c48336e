"""The compiled engine gives the same results as the sources it was compiled from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.replay.keep import FOLDER, read
from tools import fast

SCRIPT = """
import sys
from pathlib import Path
import prorata.trading.deals
from prorata.messages.batch import decode_batch
from prorata.server.machine import Machine
from tests.replay.keep import read
assert not prorata.trading.deals.__file__.endswith(".py"), prorata.trading.deals.__file__
machine = Machine()
for body in read(Path(sys.argv[1])).bodies:
    machine.apply(decode_batch(body))
print(machine.sequence, machine.results_hash.hex(), machine.state_hash())
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the engine as it is compiled in the least time: the C compiler's optimization is not what is tested."""
    target = tmp_path_factory.mktemp("compiled") / "fast"
    try:
        fast.build(target, level="0")
    except fast.NoCompiler as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(problem))
    return target


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.journal.gz")), ids=lambda path: path.name)
def test_the_compiled_engine_replays_an_old_journal_to_the_same_results_and_state(path: Path, compiled: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(compiled), str(fast.ROOT)])}
    command = [sys.executable, "-c", SCRIPT, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=compiled)
    sequence, results, state = done.stdout.split()
    kept = read(path)
    assert (int(sequence), results) == (kept.sequence, kept.results_hash.hex())
    assert state == replayed_state(kept.bodies)


def replayed_state(bodies: list[bytes]) -> str:
    from prorata.messages.batch import decode_batch
    from prorata.server.machine import Machine

    machine = Machine()
    for body in bodies:
        machine.apply(decode_batch(body))
    return machine.state_hash()
