"""`sim` and `bench`: what is for those who build Prorata."""

import subprocess
import sys
from pathlib import Path

from prorata.app.commands.common import NotThere

BENCH = Path(__file__).resolve().parents[3] / "bench" / "run.py"


def sim(arguments: list[str]) -> int:
    """Run the simulation and return its exit code."""
    from prorata.sim import run

    return run.main(arguments)


def bench(arguments: list[str]) -> int:
    """Run the checkout's benchmarks in a process of their own and return its exit code."""
    if not BENCH.is_file():
        raise NotThere("the benchmarks are part of the checkout, not of the installed package")
    return subprocess.run([sys.executable, str(BENCH), *arguments], check=False).returncode
