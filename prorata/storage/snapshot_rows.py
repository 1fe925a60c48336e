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
            newest_first = connection.execute(
                "SELECT number, digest FROM journal_snapshots WHERE platform = %s ORDER BY number DESC",
                (self._platform,),
            ).fetchall()
            for number, digest in newest_first:
                state = self._state(connection, number)
                if hashlib.sha256(state).digest() == digest:
                    return number, state
        return None

    def _state(self, connection: psycopg.Connection, number: int) -> bytes:
        with connection.cursor(binary=True) as cursor:
            query = "SELECT content FROM journal_snapshot_parts WHERE platform = %s AND number = %s ORDER BY part"
            cursor.execute(query, (self._platform, number))
            return b"".join(content for (content,) in cursor)
