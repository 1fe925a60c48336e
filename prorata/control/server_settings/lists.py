"""Lists of settings: documents in the order that their administrators gave them. What they say is the surface's business.

All lists are held in memory; what another process has changed is taken over with `load`. A change blocks: call it from
a thread.
"""

import threading
from collections.abc import Callable, Mapping
from itertools import groupby
from zlib import crc32

from sqlalchemy import Connection, delete, insert, select, text

from prorata.control.database import Database
from prorata.control.server_settings.tables import settings

ROWS_MAX = 1_000

Documents = tuple[bytes, ...]


class TooManyRows(Exception):
    """A list has as many rows as it may."""


class SettingsLists:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: Mapping[tuple[str, str], Documents] = {}
        self._loading = threading.Lock()
        self.load()

    def of(self, platform: str, kind: str) -> Documents:
        """Return a list, an empty one if there is none; looks into memory alone."""
        return self._known.get((platform, kind), ())

    def change(self, platform: str, kind: str, changed: Callable[[Documents], Documents]) -> Documents:
        """Replace a list by what `changed` makes of it; nobody else changes it meanwhile. What that raises changes nothing.

        Raises:
            TooManyRows: it would be longer than `ROWS_MAX`.
        """
        with self._database.writing() as connection:
            _lock(connection, platform, kind)
            before = _read(connection, platform, kind)
            after = changed(before)
            if len(after) > ROWS_MAX:
                raise TooManyRows
            if after != before:
                self._write(connection, platform, kind, after)
                self._database.note_change(connection)
        self.load()
        return after

    def load(self) -> None:
        """Take over what the database has."""
        query = select(settings).order_by(settings.c.platform, settings.c.kind, settings.c.position)
        with self._loading:
            with self._database.reading() as connection:
                rows = connection.execute(query).all()
            lists = groupby(rows, key=lambda row: (row.platform, row.kind))
            self._known = {place: tuple(row.document for row in own) for place, own in lists}

    def _write(self, connection: Connection, platform: str, kind: str, documents: Documents) -> None:
        here = {"platform": platform, "kind": kind, "changed_at": self._database.now()}
        connection.execute(delete(settings).where(settings.c.platform == platform, settings.c.kind == kind))
        rows = [{**here, "position": position, "document": document} for position, document in enumerate(documents)]
        if rows:
            connection.execute(insert(settings), rows)


def _lock(connection: Connection, platform: str, kind: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": crc32(f"{platform}/{kind}".encode())})


def _read(connection: Connection, platform: str, kind: str) -> Documents:
    mine = (settings.c.platform == platform) & (settings.c.kind == kind)
    query = select(settings.c.document).where(mine).order_by(settings.c.position)
    return tuple(connection.execute(query).scalars())
