"""PDFs that other processes make are the same, and are made whatever becomes of those processes."""

import asyncio
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from subprocess import PIPE, Popen

import pytest
from structlog.testing import capture_logs

from prorata.crm.letters.statements import pdf, printing
from prorata.crm.letters.statements.pdf import pdf_of
from prorata.crm.letters.statements.printing import Printers
from prorata.crm.letters.statements.sheet import Sheet, Table
from prorata.units.numbers import Moment
from tests.crm.desk import Desk

AT: Moment = 1_772_488_800_000


def sheet(name: str = "Łódź Брокер") -> Sheet:
    table = Table(title="Trades", columns=("Symbol", "Net"), numeric=frozenset({1}), rows=(("EURUSD", "1.00"),))
    return Sheet(
        language="pl", title=name, subtitle="x", facts=(("a", "b"),), summary_title="s", summary=(("c", "1.00"),),
        sums=frozenset({0}), tables=(table,), page="Strona",
    )  # fmt: skip


@pytest.fixture
def printers() -> Iterator[Printers]:
    printers = Printers(2)
    yield printers
    printers.close()


def processes(printers: Printers) -> list[int]:
    return [one.pid for one in printers._free.queue if one is not None]


def test_many_at_once_are_each_what_it_would_be_here(printers: Printers) -> None:
    sheets = [sheet(f"Broker {number}") for number in range(6)]
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(printers.print, sheets, [AT] * 6))
    assert made == [pdf_of(one, AT) for one in sheets]
    assert 1 <= len(processes(printers)) <= 2


def test_processes_are_begun_when_needed_and_give_way_to_others(printers: Printers) -> None:
    assert processes(printers) == []
    for _ in range(3):
        printers.print(sheet(), AT)
    (process,) = processes(printers)
    assert os.getpriority(os.PRIO_PROCESS, process) > os.getpriority(os.PRIO_PROCESS, 0)


def test_one_that_has_had_nothing_to_do_ends_and_another_is_begun(printers: Printers) -> None:
    printers.print(sheet(), AT)
    (first,) = printers._free.queue[-1:]
    assert first is not None
    assert first.stdin is not None
    first.stdin.close()
    first.wait(20)
    with capture_logs() as logged:
        assert printers.print(sheet(), AT) == pdf_of(sheet(), AT)
    assert logged == []
    assert processes(printers) not in ([], [first.pid])


def test_a_process_ends_by_itself_when_it_is_asked_for_nothing() -> None:
    program = f"from {printing.__name__} import main; import {printing.__name__} as it; it.IDLE_SECONDS = 0.01; main()"
    with Popen([sys.executable, "-c", program], stdin=PIPE, stdout=PIPE) as process:
        assert process.wait(20) == 0


def test_what_a_process_that_is_killed_had_to_make_is_made_all_the_same(printers: Printers) -> None:
    expected = pdf_of(sheet(), AT)
    printers.print(sheet(), AT)
    (first,) = processes(printers)
    os.kill(first, 9)
    assert printers.print(sheet(), AT) == expected
    assert processes(printers) == []
    assert printers.print(sheet(), AT) == expected
    assert processes(printers) != [first]


def test_what_no_process_can_make_is_made_here_and_fails_here(printers: Printers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "_PROGRAM", "prorata.no_such_program")
    assert printers.print(sheet(), AT) == pdf_of(sheet(), AT)

    def broken(*_: object) -> bytes:
        raise KeyError("a word")

    with monkeypatch.context() as patched:
        patched.setattr(pdf, "pdf_of", broken)
        with pytest.raises(KeyError):
            printers.print(sheet(), AT)
    monkeypatch.undo()
    assert printers.print(sheet(), AT).startswith(b"%PDF-")
    assert len(processes(printers)) == 1


def test_after_closing_they_are_made_here(printers: Printers) -> None:
    printers.print(sheet(), AT)
    (process,) = processes(printers)
    printers.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert printers.print(sheet(), AT) == pdf_of(sheet(), AT)
    assert processes(printers) == []


def test_the_desk_ends_the_processes_with_itself(desk: Desk) -> None:
    desk.start(printers=1)
    office = desk.crm.letter_desk
    printers = office._printers
    assert printers is not None

    async def work() -> list[int]:
        async with office.running():
            assert office.statements._printer(sheet(), AT) == pdf_of(sheet(), AT)
            return processes(printers)

    (process,) = asyncio.run(work())
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
