"""API keys: made once, shown once, kept as a hash.

A key is `prk_<id>_<secret>`. The secret has 256 random bits, so a plain SHA-256 of the token is enough to
keep (a slow password hash guards guessable secrets, and this one is not). Every key of the table is held
in memory under that hash: verification is one hash and one look-up, touches no database and tells
nothing by its timing. A change made here holds at once, one made by another process within
`REFRESH_SECONDS`: every change raises a revision number that is looked at that often.
"""

import asyncio
import secrets
import threading
import time
from base64 import b32encode
from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import structlog
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    RowMapping,
    String,
    Table,
    create_engine,
    event,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from prorata.access.callers import Caller, Scope
from prorata.units.numbers import Login, Moment

REFRESH_SECONDS = 2.0
USED_EVERY_MS = 60_000
"""how coarse `Key.used_at` is"""
PREFIX = "prk_"
LABEL_LENGTH_MAX = 100

metadata = MetaData()

_log = structlog.get_logger("access")

_keys = Table(
    "access_keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("platform", String(64), nullable=False),
    Column("label", String(LABEL_LENGTH_MAX), nullable=False),
    Column("scopes", String(64), nullable=False),
    Column("logins", String, nullable=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
)

_revision = Table(
    "access_keys_revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)


class UnknownKey(Exception):
    """No key has this id."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is listed: everything but the secret. Moments; 0 is never."""

    id: str
    platform: str
    label: str
    scopes: tuple[Scope, ...]
    logins: tuple[Login, ...] | None
    created_at: Moment
    expires_at: Moment
    revoked_at: Moment
    used_at: Moment


class _Known:
    """A key that may sign in."""

    __slots__ = ("caller", "expires_at", "noted_at")

    def __init__(self, caller: Caller, expires_at: Moment, noted_at: Moment) -> None:
        self.caller = caller
        self.expires_at = expires_at
        self.noted_at = noted_at


class KeyStore:
    """The keys of all platforms of one installation.

    Its methods block on the database, but for `verify`, which never does. `url` is SQLAlchemy's
    ("sqlite:///keys.db", "postgresql+psycopg://...").
    """

    def __init__(self, url: str, *, now: Callable[[], Moment] | None = None) -> None:
        self._now = now or _clock
        self._database: Engine = _connect(url)
        self._known: dict[bytes, _Known] = {}
        self._used: dict[str, Moment] = {}
        self._seen_revision = -1
        self._refreshing = threading.Lock()
        metadata.create_all(self._database)
        self.refresh()

    def create(
        self,
        platform: str,
        scopes: Iterable[Scope],
        *,
        logins: Iterable[Login] | None = None,
        label: str = "",
        expires_at: Moment = 0,
    ) -> str:
        """Make a key and return its token, which cannot be shown again."""
        granted = tuple(sorted(set(scopes)))
        if not granted:
            raise ValueError("a key needs a scope")
        if len(label) > LABEL_LENGTH_MAX:
            raise ValueError(f"a label has at most {LABEL_LENGTH_MAX} characters")
        key_id = b32encode(secrets.token_bytes(5)).decode().lower()
        token = f"{PREFIX}{key_id}_{secrets.token_urlsafe(32)}"
        digest = sha256(token.encode()).digest()
        row = {
            "id": key_id,
            "digest": digest,
            "platform": platform,
            "label": label,
            "scopes": " ".join(granted),
            "logins": None if logins is None else " ".join(str(login) for login in sorted(set(logins))),
            "created_at": self._now(),
            "expires_at": expires_at,
            "revoked_at": 0,
            "used_at": 0,
        }
        with self._database.begin() as connection:
            connection.execute(insert(_keys).values(row))
            revision = _raise_revision(connection)
        self._take_over(revision, lambda known: known | {digest: _known_from(row)})
        return token

    def list(self, platform: str | None = None) -> list[Key]:
        """Return the keys of a platform (None: of all), oldest first, revoked ones too."""
        query = select(_keys).order_by(_keys.c.created_at, _keys.c.id)
        if platform is not None:
            query = query.where(_keys.c.platform == platform)
        with self._database.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [self._key_from(row) for row in rows]

    def some(self, key_ids: Collection[str]) -> dict[str, Key]:
        """Return keys by their ids, revoked ones too."""
        with self._database.connect() as connection:
            rows = connection.execute(select(_keys).where(_keys.c.id.in_(key_ids))).mappings().all()
        return {row["id"]: self._key_from(row) for row in rows}

    def _key_from(self, row: RowMapping) -> Key:
        return Key(
            id=row["id"],
            platform=row["platform"],
            label=row["label"],
            scopes=_scopes_in(row["scopes"]),
            logins=_logins_in(row["logins"]),
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            revoked_at=row["revoked_at"],
            used_at=max(row["used_at"], self._used.get(row["id"], 0)),
        )

    def revoke(self, key_id: str) -> None:
        """End a key. Once ended it stays so; ending it again changes nothing. Raises `UnknownKey`."""
        with self._database.begin() as connection:
            found = connection.execute(select(_keys.c.digest, _keys.c.revoked_at).where(_keys.c.id == key_id)).first()
            if found is None:
                raise UnknownKey(key_id)
            if found.revoked_at:
                return
            connection.execute(update(_keys).where(_keys.c.id == key_id).values(revoked_at=self._now()))
            revision = _raise_revision(connection)
        self._take_over(revision, lambda known: {digest: one for digest, one in known.items() if digest != found.digest})

    def verify(self, token: bytes) -> Caller | None:
        """Return whose token this is; None if it is unknown, revoked or expired."""
        known = self._known.get(sha256(token).digest())
        if known is None:
            return None
        now = self._now()
        if known.expires_at and now >= known.expires_at:
            return None
        if now - known.noted_at >= USED_EVERY_MS:
            known.noted_at = now
            self._used[known.caller.key_id] = now
        return known.caller

    def is_good(self, key_id: str) -> bool:
        """Say whether a key that was verified earlier is neither revoked nor expired since."""
        now = self._now()
        return any(
            known.caller.key_id == key_id and not (known.expires_at and now >= known.expires_at)
            for known in self._known.values()
        )

    def _take_over(self, revision: int, change: Callable[[dict[bytes, _Known]], dict[bytes, _Known]]) -> None:
        """Let a change of ours that raised the revision to this hold at once."""
        with self._refreshing:
            if revision == self._seen_revision + 1:
                self._known, self._seen_revision = change(self._known), revision
                return
        self.refresh()  # Others have changed something, too.

    def refresh(self) -> None:
        """Take over what other processes have changed, and write down which keys were used."""
        with self._refreshing:
            self._write_used()
            with self._database.connect() as connection:
                revision = connection.execute(select(_revision.c.revision)).scalar() or 0
                if revision == self._seen_revision:
                    return
                rows = connection.execute(select(_keys).where(_keys.c.revoked_at == 0)).mappings().all()
            self._known = {row["digest"]: _known_from(row) for row in rows}
            self._seen_revision = revision

    async def keep_fresh(self) -> None:
        """Refresh for ever, every `REFRESH_SECONDS`, without holding up the event loop.

        While the database is away the keys known so far go on working; a new connection is tried each time.
        """
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await asyncio.to_thread(self.refresh)
            except SQLAlchemyError as problem:
                _log.warning("keys cannot be refreshed", problem=str(problem))

    def close(self) -> None:
        self._write_used()
        self._database.dispose()

    def _write_used(self) -> None:
        if not self._used:
            return
        used, self._used = self._used, {}
        with self._database.begin() as connection:
            for key_id, moment in used.items():
                connection.execute(update(_keys).where(_keys.c.id == key_id).values(used_at=moment))


def _clock() -> Moment:
    return time.time_ns() // 1_000_000


def _connect(url: str) -> Engine:
    """Open the database. SQLite gets a connection for each use, as any thread may come."""
    address = make_url(url)
    if not address.drivername.startswith("sqlite"):
        return create_engine(address, pool_pre_ping=True)
    assert address.database, "keys in memory would not be seen by the next connection"
    Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    database = create_engine(address, poolclass=NullPool, connect_args={"timeout": 10})

    @event.listens_for(database, "connect")
    def _by_log(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA journal_mode=WAL")

    return database


def _known_from(row: Mapping[Any, Any]) -> _Known:
    caller = Caller(row["id"], row["platform"], frozenset(_scopes_in(row["scopes"])), _login_set(row["logins"]))
    return _Known(caller, row["expires_at"], row["used_at"])


def _raise_revision(connection: Connection) -> int:
    """Return the revision, which nobody else has raised meanwhile."""
    raised = connection.execute(update(_revision).values(revision=_revision.c.revision + 1))
    if raised.rowcount == 0:
        connection.execute(insert(_revision).values(id=1, revision=1))
    revision: int = connection.execute(select(_revision.c.revision)).scalar_one()
    return revision


def _scopes_in(text: str) -> tuple[Scope, ...]:
    return tuple(Scope(word) for word in text.split())


def _logins_in(text: str | None) -> tuple[Login, ...] | None:
    return None if text is None else tuple(int(word) for word in text.split())


def _login_set(text: str | None) -> frozenset[Login] | None:
    logins = _logins_in(text)
    return None if logins is None else frozenset(logins)
