"""The simulation holds, is the same each time, and catches what it is there to catch."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from prorata.copying import engine, limits
from prorata.copying.desk import CopyDesk
from prorata.messages.batch import Submission
from prorata.messages.commands import Command, PlaceOrder
from prorata.messages.events import Event, Posting, Refused
from prorata.server.machine import Answered, Machine
from prorata.server.ports import JournalDamaged, Record
from prorata.sim import run
from prorata.sim.claims import Violation
from prorata.sim.faulty_journal import FaultyDisk
from prorata.sim.report import Outcome, missing
from prorata.sim.second_process import SecondProcess
from prorata.sim.simulation import Simulation
from prorata.trading import deals, guard, hedging, levels, loss_limits, margin, orders, triggers
from prorata.trading.desk import Desk
from prorata.units.numbers import Minor

SEEDS = range(20)
STEPS = 400


@pytest.fixture(scope="module")
def second() -> Iterator[SecondProcess]:
    with SecondProcess() as process:
        yield process


@pytest.fixture(scope="module")
def total(second: SecondProcess) -> Outcome:
    """Twenty seeds with every check, the second process included."""
    outcome = Outcome()
    for seed in SEEDS:
        outcome.add(run.run_seed(seed, STEPS, second))
    return outcome


def test_the_twenty_seeds_hold_every_claim_of_the_oracle(total: Outcome) -> None:
    assert [(failure.claim, failure.detail, failure.repeat) for failure in total.failures] == []
    assert total.steps == len(SEEDS) * STEPS


@pytest.mark.parametrize(
    "reached",
    [
        "event StoppedOut", "event MarginCalled", "event NegativeBalanceCovered", "event GuardReached", "deal OUT by GUARD",
        "deal through a gap", "event SwapCharged",
        "event DayClosed", "venue partial fill", "venue repeated fill", "venue rejected or cancelled", "event BreakFound",
        "event BreakSettled", "venue orders taken over after a restart", "fault disk full", "fault commit failed, record kept",
        "fault commit failed, record lost", "fault commit failed, record torn", "fault power cut after writing",
        "batches known only from the journal", "answers repeated by key", "refusal KEY_REUSED", "refusal EXTERNAL_ID_REUSED",
        "refusal STORAGE_FULL", "time jump over a rollover", "books compared",
    ],
)  # fmt: skip
def test_the_twenty_seeds_reach(total: Outcome, reached: str) -> None:
    assert total.covered.get(reached, 0) > 0


def test_the_twenty_seeds_give_every_command(total: Outcome) -> None:
    assert [name for name in missing(total.covered) if name.startswith("command")] == []


def test_a_position_that_a_late_fill_opens_again_knows_what_still_travels_to_close_it(second: SecondProcess) -> None:
    outcome = run.run_seed(6028, 60, second)
    assert [(failure.claim, failure.detail) for failure in outcome.failures] == []


def test_a_seed_gives_the_same_run_each_time() -> None:
    first, again = Simulation(77), Simulation(77)
    first.run(150)
    again.run(150)
    assert again.life.machine.state_hash() == first.life.machine.state_hash()
    assert again.seen == first.seen


def caught(seeds: range = SEEDS) -> str:
    """Return the claim that fails first in some seeds; "" if none does."""
    for seed in seeds:
        try:
            Simulation(seed).run(STEPS)
        except Violation as violation:
            return violation.claim
    return ""


def test_a_commission_that_loses_a_cent_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    charge = deals._commission

    def lossy(ledger: dict[str, Minor], *given: Any) -> Posting:
        posting = charge(ledger, *given)
        ledger["house/commission"] -= 1
        return posting

    monkeypatch.setattr(deals, "_commission", lossy)
    assert caught() == "money sums to zero and balances equal their postings"


def test_a_guard_that_promises_too_much_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    floor = guard._floor
    monkeypatch.setattr(guard, "_floor", lambda *given: floor(*given) + 50_000)
    assert caught() == "the guard promises no more equity than there is"


def test_a_margin_call_that_is_forgotten_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "_call", lambda *given: None)
    assert caught() == "nobody is below the call line without a margin call"


def test_a_stop_out_that_is_forgotten_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "_stop_out", lambda desk, group, account, equity, cause: equity)
    assert caught() == "nobody with something to close is below the stop-out line"


def test_a_floor_that_is_forgotten_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_limits, "keep", lambda desk, account, guards, equity, cause: equity)
    assert caught() in {"nobody trades on at the floor, or with the day's loss", "a target that is reached is told"}


def test_a_stop_loss_that_is_passed_over_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "_reach_position", lambda *given: None)
    assert caught() == "no reached stop waits in an open market"


def test_an_answer_given_before_the_journal_has_it_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def hasty(disk: FaultyDisk, record: Record, outbox: Sequence[tuple[int, bytes]]) -> None:
        if len(disk.records) < 60:
            commit(disk, record, outbox)

    commit = FaultyDisk.commit
    monkeypatch.setattr(FaultyDisk, "commit", hasty)
    # The oracle misses what was answered, unless the journal itself finds a snapshot of what it never kept.
    with pytest.raises((AssertionError, JournalDamaged), match=r"answered batch is there|are kept"):
        assert caught() == ""


def test_a_margin_rounded_the_other_way_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    take = margin.margin_of
    monkeypatch.setattr("prorata.trading.deals.margin_of", lambda *given: max(0, take(*given) - 1))
    assert caught() == "margin recomputed equals margin kept"


def test_a_fill_that_is_booked_twice_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    move = hedging._move

    def twice(desk: Desk, symbol: str, signed: int, price: int) -> object:
        move(desk, symbol, signed, price)
        return move(desk, symbol, signed, price)

    monkeypatch.setattr(hedging, "_move", twice)
    assert caught() in {
        "clients' hedged positions equal the hedge book",
        "money sums to zero and balances equal their postings",
    }


def test_a_refusal_that_changes_something_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def issuing(desk: Desk, command: PlaceOrder) -> Refused | None:
        desk.issue_ticket()
        return place(desk, command)

    place = orders.place_order
    monkeypatch.setitem(engine._FOR_TRADING, PlaceOrder, issuing)
    assert caught() == "a refused command changes nothing"


def test_an_index_that_is_not_followed_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CopyDesk, "let_go", lambda *given: None)
    assert caught() == "quotes reach the strategies that they concern"


def test_a_stop_that_nobody_waits_for_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prorata.trading.positions.wait_for_position", lambda *given: None)
    assert caught() == "every price is waited for"


def test_an_edge_beyond_a_limit_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    points = limits._points
    monkeypatch.setattr(limits, "_points", lambda *given: 8 * points(*given))
    assert caught(range(8, 28)).startswith("nobody copies on")


def test_the_second_process_replays_to_the_same_hash_and_refuses_a_damaged_journal(second: SecondProcess) -> None:
    simulation = Simulation(3)
    simulation.run(60)
    assert second.replay(simulation.disk) == simulation.life.machine.state_hash()
    torn = simulation.disk.records[-1]
    simulation.disk.records[-1] = msgspec.structs.replace(torn, body=torn.body[:-1])
    assert second.replay(simulation.disk) != simulation.life.machine.state_hash()


def test_a_key_that_is_forgotten_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(machine: Machine, submission: Submission, published: list[Event]) -> Answered:
        machine.keys.clear()
        return once(machine, submission, published)

    once = Machine._submit_once
    monkeypatch.setattr(Machine, "_submit_once", forgetful)
    assert caught() in {"no keyed command is applied twice", "a replay gives the same state hash"}


def test_a_failure_names_the_line_that_repeats_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def raising(desk: Desk, command: Command) -> None:
        raise ArithmeticError("planted")

    monkeypatch.setitem(engine._FOR_TRADING, PlaceOrder, raising)
    assert run.main(["--seed", "5"]) == 1
    told = capsys.readouterr().out
    assert "nothing raises (ArithmeticError)" in told
    step = int(told.split("repeat: prorata sim --seed 5 --steps ")[1].split()[0])
    assert run.main(["--seed", "5", "--steps", str(step)]) == 1
    assert run.main(["--seed", "5", "--steps", str(step - 1)]) == 0


def test_many_seeds_run_in_processes_and_come_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--seeds", "40-42", "--steps", "40", "-j", "2", "--json"]) == 0
    told = msgspec.json.decode(capsys.readouterr().out)
    assert (told["seeds"], told["held"], told["steps"], told["failures"]) == (3, 3, 120, [])
    assert told["covered"]["command PlaceOrder"] > 0
    assert run.main(["--seeds", "many"]) == 2
