"""The command `prorata sim`: one seed or many, what they reached, and how to repeat what failed."""

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from prorata.sim.claims import Violation, must
from prorata.sim.report import Failure, Outcome, print_outcome
from prorata.sim.second_process import SecondProcess
from prorata.sim.simulation import Simulation

STEPS = 500
CHUNK = 10
"""seeds that one process runs before it reports"""


def run_seed(seed: int, steps: int, second: SecondProcess) -> Outcome:
    """Run one seed to its end, or to what must not be."""
    began = time.process_time()
    simulation = Simulation(seed)
    failures: list[Failure] = []
    try:
        simulation.run(steps)
        there, here = second.replay(simulation.disk), simulation.life.machine.state_hash()
        must(there == here, "another process replays to the same state hash", here, there)
    except Violation as violation:
        failures.append(_failure(simulation, steps, violation.claim, violation.detail))
    except Exception as error:
        # The engine must not raise, whatever it is asked: the command that did it is in the journal for good.
        where = "".join(traceback.format_exception(error, limit=-5))
        failures.append(_failure(simulation, steps, f"nothing raises ({type(error).__name__})", where))
    simulation.seen["hedge rest of a netting position"] += simulation.oracle.netted_rests
    covered = simulation.seen + Counter({f"venue {what}": count for what, count in simulation.hedger.seen.items()})
    spent = time.process_time() - began
    return Outcome(1, simulation.step, simulation.now - simulation.began, spent, dict(covered), failures)


def _failure(simulation: Simulation, steps: int, claim: str, detail: str) -> Failure:
    seed, step = simulation.seed, simulation.step
    at = steps if simulation.ended else step
    return Failure(seed, step, claim, detail, tuple(simulation.last), f"prorata sim --seed {seed} --steps {at}")


def run_seeds(seeds: Sequence[int], steps: int) -> Outcome:
    """Run some seeds one after the other beside one second process."""
    total = Outcome()
    with SecondProcess() as second:
        for seed in seeds:
            total.add(run_seed(seed, steps, second))
    return total


def run_many(seeds: Sequence[int], steps: int, jobs: int) -> Iterator[Outcome]:
    """Run seeds in `jobs` processes; yield an outcome for each few of them as they are done."""
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    if jobs <= 1:
        for chunk in chunks:
            yield run_seeds(chunk, steps)
        return
    with ProcessPoolExecutor(jobs) as pool:
        for done in as_completed([pool.submit(run_seeds, chunk, steps) for chunk in chunks]):
            yield done.result()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as the command line says (None: this process's own) and return the exit status."""
    parser = argparse.ArgumentParser(prog="prorata sim", description="Simulate seeded crowds on the real engine.")
    parser.add_argument("--seed", type=int, help="run this one seed")
    parser.add_argument("--seeds", help="run many: 1000 is 0 to 999, 200-299 is a range")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"steps of each seed ({STEPS})")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    return simulate(given.seed, given.seeds, given.steps, given.jobs, given.json)


def simulate(seed: int | None = None, seeds: str | None = None, steps: int = STEPS, jobs: int = 1, json: bool = False) -> int:
    """Run and print; return the exit status, 0 if everything held.

    `seed`: one seed, with its last commands if it fails. `seeds`: "1000" is 0 to 999, "200-299" those. Neither: a
    seed by chance, which is printed.
    """
    try:
        chosen = seeds_of(seed, seeds)
    except ValueError:
        Console(stderr=True).print(f"--seeds takes a number or a range such as 200-299, not {seeds!r}")
        return 2
    began = time.monotonic()
    total = Outcome()
    shown = _bar() if len(chosen) > 1 and not json and sys.stderr.isatty() else nullcontext()
    with shown as bar:
        task = bar.add_task("seeds", total=len(chosen), failed=0) if bar is not None else None
        for outcome in run_many(chosen, steps, jobs):
            total.add(outcome)
            if bar is not None and task is not None:
                bar.update(task, advance=outcome.seeds, failed=len(total.failures))
    print_outcome(total, chosen, time.monotonic() - began, json=json)
    return 1 if total.failures else 0


def seeds_of(seed: int | None, seeds: str | None) -> Sequence[int]:
    """Return the seeds that were asked for. Raises ValueError."""
    if seeds is None:
        return [random.SystemRandom().randrange(10**9) if seed is None else seed]
    first, dash, last = seeds.partition("-")
    return range(int(first), int(last) + 1) if dash else range(int(first))


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[failed]} failed"),
        TimeRemainingColumn(), console=Console(stderr=True),
    )  # fmt: skip
