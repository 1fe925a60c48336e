"""Counts what API clients use. Counting touches memory alone; every few seconds what has gathered is added to the table.

A graceful stop loses nothing, a kill what was counted since the last writing. Should the database go away in the
middle of a commit, what it may have taken is not added twice: who pays is not to pay for our trouble.
"""

import threading
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.api_clients.tables import api_clients
from prorata.control.database import Database
from prorata.control.usage.tables import usage
from prorata.storage.database import insert_into
from prorata.units.numbers import SECOND_MS, Moment
from prorata.units.rounding import div_floor

_Counts = dict[tuple[str, int], list[int]]


class ClientUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What one API client has used in a month."""

    client_id: str
    name: str
    calls: int
    events: int


def month_of(moment: Moment) -> int:
    """Return the month of a moment, UTC: 202611 is November 2026."""
    day = datetime.fromtimestamp(div_floor(moment, SECOND_MS), UTC)
    return day.year * 100 + day.month


class Usage:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._counted: _Counts = {}
        self._counting = threading.Lock()
        self._writing = threading.Lock()

    def count(self, client_id: str, calls: int = 0, events: int = 0) -> None:
        """Count calls and real-time events of an API client; touches memory alone."""
        self._add((client_id, month_of(self._database.now())), calls, events)

    def write(self) -> None:
        """Add what has been counted to the table. While the database is away it is kept; raises `SQLAlchemyError`."""
        with self._writing:
            with self._counting:
                counted, self._counted = self._counted, {}
            if not counted:
                return
            is_sent = False
            try:
                with self._database.writing() as connection:
                    _store(connection, counted)
                    is_sent = True
            except SQLAlchemyError:
                if not is_sent:
                    self._put_back(counted)
                raise

    def of_month(self, organization_id: int, month: int) -> list[ClientUsage]:
        """Return what an organization's API clients have used in a month, in the order in which they were made."""
        self.write()
        joined = usage.join(api_clients, api_clients.c.client_id == usage.c.client_id)
        query = (
            select(usage.c.client_id, api_clients.c.name, usage.c.calls, usage.c.events)
            .select_from(joined)
            .where(api_clients.c.organization_id == organization_id, usage.c.month == month)
            .order_by(api_clients.c.id)
        )
        with self._database.reading() as connection:
            return [ClientUsage(**row) for row in connection.execute(query).mappings()]

    def _put_back(self, counted: _Counts) -> None:
        for key, (calls, events) in counted.items():
            self._add(key, calls, events)

    def _add(self, key: tuple[str, int], calls: int, events: int) -> None:
        with self._counting:
            counts = self._counted.setdefault(key, [0, 0])
            counts[0] += calls
            counts[1] += events


def _store(connection: Connection, counted: _Counts) -> None:
    insert = insert_into(connection.dialect, usage)
    added = insert.on_conflict_do_update(
        index_elements=[usage.c.client_id, usage.c.month],
        set_={"calls": usage.c.calls + insert.excluded.calls, "events": usage.c.events + insert.excluded.events},
    )
    rows = [
        {"client_id": client, "month": month, "calls": calls, "events": events}
        for (client, month), (calls, events) in sorted(counted.items())
    ]
    connection.execute(added, rows)
