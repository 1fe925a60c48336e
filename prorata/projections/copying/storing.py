"""Writes a `CopyRecording` into the tables."""

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection, Table, bindparam, select, update

from prorata.messages.copy_events import Copied, FeesCharged, InvestmentDays, StatesChanged
from prorata.projections.copying.block_tables import LARGE
from prorata.projections.copying.bulk import write_columns
from prorata.projections.copying.details import Dealing, details_of, fee_transfers, investments_in
from prorata.projections.copying.recording import CopyRecording
from prorata.projections.copying.sums import (
    Span,
    add_deals,
    add_own_deals,
    add_transfers,
    change_states,
    end_company_day,
    mark_test_investments,
    sum_fills,
)
from prorata.projections.copying.tables import strategies, wallet_transfers
from prorata.projections.schema import metadata
from prorata.projections.values import Values

ROWS_AT_ONCE = 100
"""Rows of a statement."""


def store_copies(connection: Connection, recording: CopyRecording) -> None:
    """Write all rows within the caller's transaction."""
    if not recording.first:
        return
    for name, folded in recording.folded.items():
        table = metadata.tables[name]
        _insert(connection, table, folded.added.values())
        _change(connection, table, folded.changed, recording.platform)
    for name, rows in recording.inserts.items():
        _insert(connection, metadata.tables[name], rows)
    _store_manifold(connection, recording)
    _add_up(connection, recording)


def _insert(connection: Connection, table: Table, rows: Iterable[Values]) -> None:
    for part in _parts(rows):
        connection.execute(table.insert(), part)


def _change(connection: Connection, table: Table, changed: dict[int, Values], platform: str) -> None:
    """Change rows by their number, the first key after the platform."""
    alike: dict[tuple[str, ...], list[Values]] = {}
    for number, values in changed.items():
        row = {f"new_{name}": value for name, value in values.items()}
        alike.setdefault(tuple(values), []).append({"of_number": number, **row})
    key = list(table.primary_key)[1]
    for names, rows in alike.items():
        statement = (
            update(table)
            .where(table.c.platform == platform, key == bindparam("of_number"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        for part in _parts(rows):
            connection.execute(statement, part)


def _parts(rows: Iterable[Values]) -> Iterator[list[Values]]:
    remaining = iter(rows)
    while part := list(islice(remaining, ROWS_AT_ONCE)):
        yield part


def _store_manifold(connection: Connection, recording: CopyRecording) -> None:
    wallets = _trader_wallets(connection, recording)
    for sequence, at, event in recording.manifold:
        large = int(investments_in(event) >= LARGE)
        for table, details in details_of(event).items():
            same = {"platform": recording.platform, "sequence": sequence, "large": large}
            write_columns(connection, table, same, details)
        if isinstance(event, FeesCharged):
            same = {
                "platform": recording.platform, "sequence": sequence, "at": at, "strategy": event.strategy,
                "external_id": "", "comment": "", "internal_comment": "",
            }  # fmt: skip
            for details in fee_transfers(event, wallets[event.strategy]):
                write_columns(connection, wallet_transfers, same, details)


def _trader_wallets(connection: Connection, recording: CopyRecording) -> dict[int, int]:
    """Return the wallets of strategies that charge fees; the events do not name them."""
    charging = {event.strategy for _, _, event in recording.manifold if isinstance(event, FeesCharged)}
    if not charging:
        return {}
    row = strategies.c
    query = select(row.strategy, row.wallet).where(row.platform == recording.platform, row.strategy.in_(sorted(charging)))
    return {int(strategy): int(wallet) for strategy, wallet in connection.execute(query)}


def _add_up(connection: Connection, recording: CopyRecording) -> None:
    span = Span(recording.platform, recording.first, recording.last)
    kinds = {type(event) for _, _, event in recording.manifold}
    if recording.folded["investments"].added:
        mark_test_investments(connection, span)
    if Copied in kinds:
        add_own_deals(connection, span)
    deals = [(sequence, investments_in(event)) for sequence, _, event in recording.manifold if isinstance(event, Dealing)]
    if deals:
        add_deals(connection, recording.platform, deals)
    if recording.inserts["wallet_transfers"] or FeesCharged in kinds:
        add_transfers(connection, span)
    if StatesChanged in kinds:
        change_states(connection, span)
    if recording.inserts["fills"]:
        sum_fills(connection, span)
    days = {event.day: (sequence, at) for sequence, at, event in recording.manifold if isinstance(event, InvestmentDays)}
    for day, (sequence, at) in days.items():
        end_company_day(connection, recording.platform, day, sequence, at)
