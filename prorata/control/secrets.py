"""Secrets of programs that sign in: made once, shown once, kept as a hash.

A secret has 256 random bits, so a plain SHA-256 is enough to keep. Several are good at the same time while they rotate.
"""

import hmac
import secrets
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, Table, delete, insert, select, update

from prorata.units.numbers import Moment

PREFIX = "prs_"


class Secret(msgspec.Struct, frozen=True, gc=False):
    """`expires_at` 0: never."""

    digest: bytes
    created_at: Moment
    expires_at: Moment


def new_secret() -> str:
    """Return a secret, by whose prefix those who look for leaked ones find it."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def fits(kept: Iterable[Secret], given: str, now: Moment) -> bool:
    """Say whether `given` is one of the secrets that are still good."""
    digest = digest_of(given)
    found = False
    for secret in kept:
        good = not secret.expires_at or now < secret.expires_at
        found |= hmac.compare_digest(secret.digest, digest) and good
    return found


class KeptSecrets:
    """The secrets in a table whose rows belong, by their column `owner`, to those of another."""

    def __init__(self, table: Table, owner: str) -> None:
        self._table = table
        self._owner = table.c[owner]

    def add(self, connection: Connection, owner_id: int, secret: str, now: Moment) -> None:
        row = {"digest": digest_of(secret), self._owner.name: owner_id, "created_at": now, "expires_at": 0}
        connection.execute(insert(self._table).values(row))

    def rotate(self, connection: Connection, owner_id: int, now: Moment, *, overlap_ms: int) -> str:
        """Add a new secret and return it; the older ones end `overlap_ms` from now, or when they would have anyway."""
        secret, until = new_secret(), now + overlap_ms
        longer = (self._table.c.expires_at == 0) | (self._table.c.expires_at > until)
        connection.execute(update(self._table).where(self._owner == owner_id, longer).values(expires_at=until))
        self.add(connection, owner_id, secret, now)
        return secret

    def all(self, connection: Connection) -> dict[int, tuple[Secret, ...]]:
        """Return the secrets by their owner, newest first."""
        found: dict[int, tuple[Secret, ...]] = {}
        for row in connection.execute(select(self._table).order_by(self._table.c.id)).mappings():
            owner = row[self._owner.name]
            found[owner] = (Secret(row["digest"], row["created_at"], row["expires_at"]), *found.get(owner, ()))
        return found

    def sweep(self, connection: Connection, gone: Select[Any], now: Moment) -> None:
        """Forget secrets that have ended, and those of the owners who are `gone`."""
        ended = (self._table.c.expires_at > 0) & (self._table.c.expires_at <= now)
        connection.execute(delete(self._table).where(ended | self._owner.in_(gone)))
