"""The keys that tokens are signed with, one at a time for each algorithm, and their rotation.

When a key signs, and how long it is published, follows from the times from which the keys sign:

    published ahead        signs                     still published, while its tokens live
    |----AHEAD_MS----|-----------------------------|----KEEP_MS----|
                     signs_from                    signs_from of the next

So whoever verifies tokens has seen a key before it meets a token of it. Private keys are sealed in the vault.
"""

import threading
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeVar

import msgspec
import structlog
from joserfc.jwk import ECKey, KeyParameters, RSAKey
from sqlalchemy import Connection, RowMapping, delete, insert, select

from prorata.control.database import Database
from prorata.control.oidc.tables import signing_keys
from prorata.control.seals import Seals
from prorata.control.vault import Unopenable
from prorata.units.numbers import DAY_MS, MINUTE_MS, Moment

TOKEN_LIFE_MS = 60 * MINUTE_MS
AHEAD_MS = 60 * MINUTE_MS
KEEP_MS = TOKEN_LIFE_MS + 5 * MINUTE_MS
ROTATE_EVERY_MS = 90 * DAY_MS
RSA_BITS = 2_048

_log = structlog.get_logger("oidc")

KeyType = TypeVar("KeyType", bound=Any)
"""a key, or its row"""


class Algorithm(StrEnum):
    RS256 = "RS256"
    ES256 = "ES256"


class SigningKey(msgspec.Struct, frozen=True):
    """`private` has the public part in it."""

    kid: str
    algorithm: Algorithm
    private: RSAKey | ECKey
    signs_from: Moment


class SigningKeys:
    def __init__(self, database: Database, seals: Seals) -> None:
        self._database = database
        self._seals = seals
        self._keys: tuple[SigningKey, ...] = ()
        self._loading = threading.Lock()

    def find(self, kid: str) -> SigningKey | None:
        """Return a key that is published; looks into memory alone."""
        return next((key for key in self.all() if key.kid == kid), None)

    def all(self) -> list[SigningKey]:
        """Return the keys that are published, in the order in which they sign; looks into memory alone."""
        return _published(self._keys, self._database.now())

    def published(self) -> list[dict[str, Any]]:
        """Return the public keys as a JWK set has them, after making those that are missing."""
        for algorithm in Algorithm:
            self.signer(algorithm)
        return [key.private.as_dict(private=False) for key in self.all()]

    def signer(self, algorithm: Algorithm) -> SigningKey:
        """Return the key that signs now; the first one is made when it is asked for.

        Raises `Unopenable`: there are keys, but the ring that they are sealed with is not here.
        """
        key = self._signing(algorithm)
        if key is None:
            self._make_first(algorithm)
            key = self._signing(algorithm)
        if key is None:
            raise Unopenable(f"the signing keys ({algorithm}): the vault's ring does not open them")
        return key

    def _signing(self, algorithm: Algorithm) -> SigningKey | None:
        now = self._database.now()
        return next((key for key in reversed(self._keys) if key.algorithm == algorithm and key.signs_from <= now), None)

    # Rotation.

    def rotate(self) -> None:
        """Publish the next keys; they sign after `AHEAD_MS`. Where a next one is published already, it stays the next."""
        now = self._database.now()
        made = [_made(algorithm) for algorithm in Algorithm]
        with self._database.writing() as connection:
            # The row of the revision is held until the commit: of two processes that rotate, the second sees the first's.
            self._database.note_change(connection)
            for key in made:
                following = (signing_keys.c.algorithm == key.algorithm.value) & (signing_keys.c.signs_from > now)
                if connection.execute(select(signing_keys.c.id).where(following)).first() is None:
                    self._write(connection, key, now + AHEAD_MS)
        self.load()

    def replace(self) -> None:
        """Drop all keys for new ones that sign at once: whatever the old ones signed is worth nothing any more."""
        now = self._database.now()
        made = [_made(algorithm) for algorithm in Algorithm]
        with self._database.writing() as connection:
            self._database.note_change(connection)
            connection.execute(delete(signing_keys))
            for key in made:
                self._write(connection, key, now)
        self.load()

    def _make_first(self, algorithm: Algorithm) -> None:
        key = _made(algorithm)
        now = self._database.now()
        with self._database.writing() as connection:
            self._database.note_change(connection)
            there = (signing_keys.c.algorithm == algorithm.value) & (signing_keys.c.signs_from <= now)
            if connection.execute(select(signing_keys.c.id).where(there)).first() is None:
                self._write(connection, key, now)
        self.load()

    def _write(self, connection: Connection, key: SigningKey, signs_from: Moment) -> None:
        row = {"kid": key.kid, "algorithm": key.algorithm.value, "created_at": self._database.now(), "signs_from": signs_from}
        made = connection.execute(insert(signing_keys).values(row)).inserted_primary_key
        assert made is not None
        self._seals.put(connection, signing_keys.c.private, made[0], key.private.as_pem(private=True).decode())

    def sweep(self) -> None:
        """Rotate when it is time, and forget keys whose tokens have all expired."""
        now = self._database.now()
        with self._database.reading() as connection:
            rows = connection.execute(_IN_ORDER).all()
        if rows and rows[-1].signs_from <= now - ROTATE_EVERY_MS:
            self.rotate()
        published = {row.kid for row in _published(rows, now)}
        gone = [row.kid for row in rows if row.kid not in published]
        if gone:
            with self._database.writing() as connection:
                connection.execute(delete(signing_keys).where(signing_keys.c.kid.in_(gone)))

    def load(self) -> None:
        """Take over what the database has."""
        with self._loading:
            with self._database.reading() as connection:
                rows = connection.execute(_IN_ORDER).mappings().all()
            known = {key.kid: key for key in self._keys}
            read = (known.get(row["kid"]) or self._opened(row) for row in rows)
            self._keys = tuple(key for key in read if key is not None)

    def _opened(self, row: RowMapping) -> SigningKey | None:
        try:
            pem = self._seals.read(signing_keys.c.private, row["id"])
        except Unopenable:
            pem = None
        if pem is None:
            _log.error("a signing key cannot be opened", kid=row["kid"])
            return None
        use: KeyParameters = {"use": "sig", "alg": row["algorithm"], "kid": row["kid"]}
        algorithm = Algorithm(row["algorithm"])
        private = RSAKey.import_key(pem, use) if algorithm is Algorithm.RS256 else ECKey.import_key(pem, use)
        return SigningKey(row["kid"], algorithm, private, row["signs_from"])


_IN_ORDER = select(signing_keys).order_by(signing_keys.c.signs_from, signing_keys.c.id)


def _made(algorithm: Algorithm) -> SigningKey:
    use: KeyParameters = {"use": "sig", "alg": algorithm.value}
    made = RSAKey.generate_key(RSA_BITS, use) if algorithm is Algorithm.RS256 else ECKey.generate_key("P-256", use)
    return SigningKey(made.thumbprint(), algorithm, made, 0)


def _published(keys: Sequence[KeyType], now: Moment) -> list[KeyType]:
    """Return those of the keys, which are in the order in which they sign, that somebody may still need."""
    found = []
    for place, key in enumerate(keys):
        following = next((later for later in keys[place + 1 :] if later.algorithm == key.algorithm), None)
        if following is None or now < following.signs_from + KEEP_MS:
            found.append(key)
    return found
