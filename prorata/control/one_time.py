"""Passwords for a single use and a short while, with which a broker's cabinet opens the client platform."""

import secrets
from hashlib import sha256

from sqlalchemy import delete, insert, select, update

from prorata.control.database import Database
from prorata.control.tables import one_time
from prorata.units.numbers import MINUTE_MS

LIFE_MS = 2 * MINUTE_MS


class OneTimePasswords:
    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(self, client_id: int, life_ms: int = LIFE_MS, *, alone: bool = False) -> str:
        """Return a password for the client, good once within two minutes, or as long as is said. Expired ones are swept.

        `alone`: those before it are worth nothing any more.
        """
        password = secrets.token_hex(32)
        now = self._database.now()
        ended = one_time.c.expires_at <= now
        if alone:
            ended |= one_time.c.client_id == client_id
        with self._database.writing() as connection:
            connection.execute(delete(one_time).where(ended))
            connection.execute(
                insert(one_time).values(
                    digest=sha256(password.encode()).digest(), client_id=client_id, expires_at=now + life_ms, used_at=0
                )
            )
        return password

    def use(self, password: str) -> int | None:
        """Return whose password it is and spend it; None if it is unknown, spent or expired."""
        now = self._database.now()
        mine = one_time.c.digest == sha256(password.encode()).digest()
        with self._database.writing() as connection:
            spent = connection.execute(
                update(one_time).where(mine, one_time.c.used_at == 0, one_time.c.expires_at > now).values(used_at=now)
            )
            if spent.rowcount == 0:
                return None
            client_id: int = connection.execute(select(one_time.c.client_id).where(mine)).scalar_one()
            return client_id
