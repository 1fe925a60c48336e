"""Access tokens that are worth nothing before they expire, by their own id or by that of the authorization they came of.

Access tokens are checked from memory, so this list is in memory, too; an entry is needed only as long as a token lives.
"""

import threading

from sqlalchemy import Connection, delete, insert, select

from prorata.control.database import Database
from prorata.control.oidc.keys import KEEP_MS
from prorata.control.oidc.tables import revoked_tokens


class Revocations:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._revoked: frozenset[str] = frozenset()
        self._loading = threading.Lock()

    def has(self, *ids: str) -> bool:
        """Say whether one of the ids is revoked; looks into memory alone."""
        return not self._revoked.isdisjoint(ids)

    def revoke(self, token_id: str) -> None:
        """End one access token."""
        with self._database.writing() as connection:
            self.write(connection, token_id)
        self.load()

    def write(self, connection: Connection, revoked_id: str) -> None:
        """End what has this id, within a transaction; `load` is to follow it."""
        # The row of the revision is held until the commit: the same id is written once.
        self._database.note_change(connection)
        if connection.execute(select(revoked_tokens.c.id).where(revoked_tokens.c.id == revoked_id)).first() is None:
            row = {"id": revoked_id, "expires_at": self._database.now() + KEEP_MS}
            connection.execute(insert(revoked_tokens).values(row))

    def load(self) -> None:
        """Take over what the database has."""
        with self._loading, self._database.reading() as connection:
            self._revoked = frozenset(connection.execute(select(revoked_tokens.c.id)).scalars())

    def sweep(self) -> None:
        """Forget tokens that have expired by now."""
        with self._database.writing() as connection:
            connection.execute(delete(revoked_tokens).where(revoked_tokens.c.expires_at <= self._database.now()))
