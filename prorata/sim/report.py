"""What many seeds came to: their sum, what they reached, and how it is printed."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

import msgspec
from rich.console import Console
from rich.table import Table

from prorata.messages.commands import Command
from prorata.messages.events import Event
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DAY_MS, SECOND_MS

FAILURES_SHOWN = 10

OF_THE_EDGE = frozenset(code for code in Refusal if code < 2000 and code != Refusal.KEY_REUSED)
OF_THE_SERVER = frozenset(code for code in Refusal if code >= 9000 and code != Refusal.STORAGE_FULL)
"""Given by surfaces and the asyncio writer, which a simulation of the machine has not."""


class Failure(msgspec.Struct, frozen=True):
    """What went wrong in a seed. `repeat`: the line to type to see it again."""

    seed: int
    step: int
    claim: str
    detail: str
    last: tuple[str, ...]
    repeat: str


class Outcome(msgspec.Struct):
    """What one seed, or many together, came to. `covered` lists what was seen and how often."""

    seeds: int = 0
    steps: int = 0
    simulated_ms: int = 0
    seconds: float = 0.0
    """of processor time, summed over the processes"""
    covered: dict[str, int] = {}
    failures: list[Failure] = []

    def add(self, other: "Outcome") -> None:
        self.seeds += other.seeds
        self.steps += other.steps
        self.simulated_ms += other.simulated_ms
        self.seconds += other.seconds
        self.covered = dict(Counter(self.covered) + Counter(other.covered))
        self.failures += other.failures


def missing(covered: dict[str, int]) -> list[str]:
    """Return the commands, events and refusals that a simulation can reach and these seeds did not."""
    expected = [f"command {kind.__name__}" for kind in get_args(Command)]
    expected += [f"event {kind.__name__}" for kind in get_args(Event)]
    expected += [f"refusal {code.name}" for code in Refusal if code not in OF_THE_EDGE | OF_THE_SERVER]
    return [name for name in expected if not covered.get(name)]


def print_outcome(total: Outcome, chosen: Sequence[int], elapsed: float, *, json: bool) -> None:
    if json:
        print(msgspec.json.encode(_as_json(total, chosen, elapsed)).decode())
        return
    out = Console(highlight=False, soft_wrap=True)
    if len(chosen) > 1:
        out.print(_coverage(total))
        out.print(f"never seen: {', '.join(missing(total.covered)) or 'nothing'}")
    for failure in total.failures[:FAILURES_SHOWN]:
        out.print(f"\nseed {failure.seed} failed at step {failure.step}: {failure.claim}", style="bold red", markup=False)
        out.print(failure.detail, markup=False)
        out.print("the last commands:", *failure.last, sep="\n  ", markup=False)
        out.print(f"repeat: {failure.repeat}", style="bold", markup=False)
    if len(total.failures) > FAILURES_SHOWN:
        out.print(f"... and {len(total.failures) - FAILURES_SHOWN} more")
    named = f"seed {chosen[0]}" if len(chosen) == 1 else f"{total.seeds} seeds"
    out.print(
        f"{named}: {total.seeds - len(total.failures)} held, {len(total.failures)} failed; {total.steps} steps, "
        f"{total.simulated_ms / DAY_MS:.1f} simulated days in {elapsed:.1f} s, {_ratio(total, elapsed):,} times real time"
    )


def _coverage(total: Outcome) -> Table:
    table = Table("seen", "times", title="What the seeds reached", show_edge=False)
    for name in sorted(total.covered):
        table.add_row(name, f"{total.covered[name]:,}")
    return table


def _ratio(total: Outcome, elapsed: float) -> int:
    return round(total.simulated_ms / SECOND_MS / max(elapsed, 0.001))


def _as_json(total: Outcome, chosen: Sequence[int], elapsed: float) -> dict[str, Any]:
    return {
        "first_seed": chosen[0] if chosen else None,
        "seeds": total.seeds,
        "held": total.seeds - len(total.failures),
        "steps": total.steps,
        "seconds": round(elapsed, 3),
        "processor_seconds": round(total.seconds, 3),
        "simulated_seconds": total.simulated_ms // SECOND_MS,
        "times_real_time": _ratio(total, elapsed),
        "covered": total.covered,
        "missing": missing(total.covered),
        "failures": total.failures,
    }
