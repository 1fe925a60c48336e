"""`ledger verify`: the proof of the books, once from the journal and once from the tables."""

from pathlib import Path

import msgspec
from typer import Exit

from prorata.app.commands.common import chosen, journal_at, progress, say, settings_of
from prorata.app.exit_codes import NOT_SOUND
from prorata.app.settings import ServerSettings
from prorata.messages.batch import Batch
from prorata.messages.events import Event
from prorata.projections import ledger as proofs
from prorata.projections.history import History
from prorata.server import replay as replaying
from prorata.server.machine import Machine
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal

SHOW_EVERY = 500
DIFFERENCES_SHOWN = 50


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """`made` False: the tables do not reach the journal's end yet, so that nothing was compared."""

    made: bool
    sums: dict[str, str]
    accounts: int
    differences: list[str]


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    platform: str
    position: int
    balanced: bool
    journal: Proof
    tables: Proof


def verify(file: Path | None, data: Path | None, platform: str, as_json: bool) -> None:
    settings, name = chosen(settings_of(file, data), platform)
    ledger = proofs.Ledger()
    machine = _replay(settings, name, ledger, hidden=as_json)
    engine = machine.engine
    by_journal = _proof(ledger.verify(engine.desk.state, engine.copy.state))
    by_tables = _prove_tables(settings, name, machine)
    balanced = not by_journal.differences and not by_tables.differences
    result = Proven(platform=name, position=machine.number, balanced=balanced, journal=by_journal, tables=by_tables)
    say(result, as_json=as_json, words=_words(result))
    if not balanced:
        raise Exit(NOT_SOUND)


def _replay(settings: ServerSettings, name: str, ledger: proofs.Ledger, *, hidden: bool) -> Machine:
    with journal_at(settings, name) as journal, progress(hidden=hidden) as shown:
        task = shown.add_task(f"adding up {name}", total=journal.last_number())

        def watch(batch: Batch, published: list[Event], _encoded: bytes) -> None:
            ledger.post(published)
            if batch.number % SHOW_EVERY == 0:
                shown.update(task, completed=batch.number)

        return replaying.replay(journal, from_snapshot=False, watch=watch)


def _prove_tables(settings: ServerSettings, name: str, machine: Machine) -> Proof:
    history = History(settings.history_url(), name)
    engine = machine.engine
    try:
        return _proof(proofs.verify(history, engine.desk.state, engine.copy.state, upto=machine.sequence))
    except proofs.HistoryBehind:
        return Proof(made=False, sums={}, accounts=0, differences=[])
    finally:
        history.close()


def _proof(report: proofs.LedgerReport) -> Proof:
    sums = {currency: format_decimal(total, CURRENCY_DIGITS.get(currency, 0)) for currency, total in report.sums.items()}
    return Proof(made=True, sums=sums, accounts=report.accounts, differences=[str(found) for found in report.differences])


def _words(result: Proven) -> str:
    lines = [f"{result.platform}: batch {result.position}"]
    for source, proof in (("journal", result.journal), ("tables", result.tables)):
        if not proof.made:
            lines.append(f"{source:8} behind the journal, not compared: they catch up when the platform runs")
            continue
        sums = ", ".join(f"{total} {currency}" for currency, total in proof.sums.items()) or "empty"
        lines.append(f"{source:8} {proof.accounts} ledger accounts, sum {sums}")
        lines += [f"{source:8} {difference}" for difference in proof.differences[:DIFFERENCES_SHOWN]]
        if len(proof.differences) > DIFFERENCES_SHOWN:
            lines.append(f"{source:8} and {len(proof.differences) - DIFFERENCES_SHOWN} differences more")
    lines.append("balanced" if result.balanced else "NOT BALANCED")
    return "\n".join(lines)
