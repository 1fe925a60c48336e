"""Snapshots in PostgreSQL: a row with the digest, and the state in parts that fit through the wire."""

import hashlib

import psycopg

KEPT = 2
PART_BYTES = 8 * 1024 * 1024


class SnapshotRows:
    """Each call connects anew: snapshots are rare, and may be saved from another thread or a forked child."""

    def __init__(self, url: str, platform: str) -> None:
        self._url = url
        self._platform = platform

    def save(self, number: int, state: bytes, digest: bytes) -> None:
        """Keep `state` and the snapshot before it; forget older ones. All or nothing."""
        with psycopg.connect(self._url) as connection:
            here = (self._platform, number)
            connection.execute("DELETE FROM journal_snapshots WHERE platform = %s AND number = %s", here)
            connection.execute("INSERT INTO journal_snapshots VALUES (%s, %s, %b)", (*here, digest))
            with connection.cursor() as cursor:
                for part, start in enumerate(range(0, len(state), PART_BYTES)):
                    content = state[start : start + PART_BYTES]
                    cursor.execute("INSERT INTO journal_snapshot_parts VALUES (%s, %s, %s, %b)", (*here, part, content))
            connection.execute(
                """
                DELETE FROM journal_snapshots WHERE platform = %s AND number NOT IN (
                    SELECT number FROM journal_snapshots WHERE platform = %s ORDER BY number DESC LIMIT %s)
                """,
                (self._platform, self._platform, KEPT),
            )

    def load(self) -> tuple[int, bytes] | None:
        """Return the newest snapshot whose digest is right, as (batch number, state); None if there is none."""
        with psycopg.connect(self._url) as connection:
            for number in reversed(self._numbers(connection)):
                state = self._state(connection, number)
                if state is not None:
                    return number, state
        return None

    def numbers(self) -> list[int]:
        """Return the batch numbers of the snapshots that are there, good or bad, in order."""
        with psycopg.connect(self._url) as connection:
            return self._numbers(connection)

    def size(self, number: int) -> int:
        """Return how many bytes a snapshot has."""
        query = "SELECT sum(octet_length(content)) FROM journal_snapshot_parts WHERE platform = %s AND number = %s"
        with psycopg.connect(self._url) as connection:
            row = connection.execute(query, (self._platform, number)).fetchone()
        return int(row[0] or 0) if row is not None else 0

    def state(self, number: int) -> bytes | None:
        """Return the state after a batch; None if its snapshot is damaged."""
        with psycopg.connect(self._url) as connection:
            return self._state(connection, number)

    def _numbers(self, connection: psycopg.Connection) -> list[int]:
        query = "SELECT number FROM journal_snapshots WHERE platform = %s ORDER BY number"
        return [number for (number,) in connection.execute(query, (self._platform,))]

    def _state(self, connection: psycopg.Connection, number: int) -> bytes | None:
        here = (self._platform, number)
        digest = connection.execute("SELECT digest FROM journal_snapshots WHERE platform = %s AND number = %s", here).fetchone()
        with connection.cursor(binary=True) as cursor:
            query = "SELECT content FROM journal_snapshot_parts WHERE platform = %s AND number = %s ORDER BY part"
            cursor.execute(query, here)
            state = b"".join(content for (content,) in cursor)
        return state if digest is not None and hashlib.sha256(state).digest() == digest[0] else None
