"""Where people are signed in. A token has 256 random bits and is kept as its SHA-256.

All live ones are in memory: looking one up is a hash and a dictionary, never a query. One ends when it was idle for
`IDLE_MS`, when it is `LIFE_MS` old, when it is signed out, or when its person is disabled. What another process has
changed is taken over with `load`; activity there is read every `ACTIVITY_MS`.
"""

import secrets
import threading
import uuid
from collections.abc import Collection, Iterable
from hashlib import sha256

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from prorata.control.database import Database
from prorata.control.people.tables import people, sign_ins
from prorata.control.sessions import ACTIVITY_MS, Kind, MayNotSignIn, Sessions, end_sessions
from prorata.units.numbers import DAY_MS, MINUTE_MS, Moment

IDLE_MS = 12 * 60 * MINUTE_MS
LIFE_MS = 30 * DAY_MS
RECENT_MS = 10 * MINUTE_MS
"""how long after he proved who he is a person may change what he proves it by"""
AGENT_LENGTH_MAX = 256


class SignIn:
    """A person who is signed in somewhere. Only `active_at` and `proved_at` move."""

    __slots__ = (
        "active_at", "address", "agent", "created_at", "digest", "expires_at", "id", "methods", "person_id", "person_uuid",
        "proved_at", "uuid",
    )  # fmt: skip

    def __init__(self, row: RowMapping) -> None:
        self.id: int = row["id"]
        self.uuid: str = row["uuid"]
        self.digest: bytes = row["digest"]
        self.person_id: int = row["person_id"]
        self.person_uuid: str = row["person_uuid"]
        self.methods = tuple(row["methods"].split())
        self.address: str = row["address"]
        self.agent: str = row["agent"]
        self.created_at: Moment = row["created_at"]
        self.proved_at: Moment = row["proved_at"]
        self.active_at: Moment = row["active_at"]
        self.expires_at: Moment = row["expires_at"]

    def has_expired(self, now: Moment) -> bool:
        return now >= self.expires_at or now - self.active_at >= IDLE_MS

    def is_recent(self, now: Moment) -> bool:
        """Say whether the person has proved who he is a short while ago."""
        return now - self.proved_at < RECENT_MS


class SignIns:
    """`sessions`: those that a person has as a manager of a company; they end with his sign-ins."""

    def __init__(self, database: Database, sessions: Sessions) -> None:
        self._database = database
        self._sessions = sessions
        self._live: dict[bytes, SignIn] = {}
        self._active: dict[bytes, SignIn] = {}
        self._activity_read_at: Moment = 0
        self._changing = threading.Lock()
        """held while `_live` is made anew: one that opens meanwhile must not be lost"""

    def find(self, token: str) -> SignIn | None:
        """Return whose token this is and note that he is active; looks into memory alone."""
        found = self._live.get(sha256(token.encode()).digest())
        if found is None:
            return None
        now = self._database.now()
        if found.has_expired(now):
            return None
        found.active_at = now
        self._active[found.digest] = found
        return found

    def of_person(self, person_id: int) -> list[SignIn]:
        """Return where a person is signed in, oldest first; looks into memory alone."""
        now = self._database.now()
        mine = (one for one in list(self._live.values()) if one.person_id == person_id and not one.has_expired(now))
        return sorted(mine, key=lambda one: one.id)

    def open(self, person_id: int, methods: Collection[str], *, address: str = "", agent: str = "") -> tuple[str, SignIn]:
        """Sign a person in; the token cannot be shown again. Raises `MayNotSignIn`: he is disabled.

        `methods`: how he proved who he is, as RFC 8176 names it ("pwd", "otp", "hwk", ...).
        """
        token = secrets.token_urlsafe(32)
        digest = sha256(token.encode()).digest()
        now = self._database.now()
        row = {
            "uuid": str(uuid.uuid4()), "digest": digest, "person_id": person_id, "methods": " ".join(methods),
            "address": address, "agent": agent[:AGENT_LENGTH_MAX], "created_at": now, "proved_at": now, "active_at": now,
            "expires_at": now + LIFE_MS, "ended_at": 0,
        }  # fmt: skip
        with self._database.writing() as connection:
            connection.execute(insert(sign_ins).values(row))
            self._database.note_change(connection)
            read = _read(connection, digest)
            if not read:
                raise MayNotSignIn
        with self._changing:
            self._live[digest] = read[0]
        return token, read[0]

    def prove(self, sign_in: SignIn) -> None:
        """The person has proved again who he is."""
        now = self._database.now()
        with self._database.writing() as connection:
            connection.execute(update(sign_ins).where(sign_ins.c.id == sign_in.id).values(proved_at=now))
            self._database.note_change(connection)
        with self._changing:
            # It may have been read anew since it was found.
            for one in (sign_in, self._live.get(sign_in.digest, sign_in)):
                one.proved_at = now

    def end(self, ended: Iterable[SignIn]) -> None:
        """Sign out."""
        digests = [one.digest for one in ended]
        with self._database.writing() as connection:
            connection.execute(update(sign_ins).where(sign_ins.c.digest.in_(digests)).values(ended_at=self._database.now()))
            self._database.note_change(connection)
        self.forget(digests)

    def end_all(self, person_id: int, *, but: SignIn | None = None) -> int:
        """Sign a person out everywhere, `but` for one place. Returns how many ended."""
        with self._database.writing() as connection:
            digests = end_sign_ins(connection, person_id, self._database.now(), but=but)
            self._database.note_change(connection)
        self.forget(digests)
        return len(digests)

    def forget(self, digests: Iterable[bytes]) -> None:
        """Let go of what `end_sign_ins` has ended; looks into memory alone."""
        ended = list(digests)
        with self._changing:
            for digest in ended:
                self._live.pop(digest, None)
        self._sessions.forget(ended)

    def load(self) -> None:
        """Take over what the database has."""
        with self._changing:
            with self._database.reading() as connection:
                read = _read(connection)
            now = self._database.now()
            for one in read:
                before = self._live.get(one.digest)
                if before is not None:
                    one.active_at = max(one.active_at, before.active_at)
                    one.proved_at = max(one.proved_at, before.proved_at)
            self._live = {one.digest: one for one in read if not one.has_expired(now)}

    def sweep(self) -> None:
        """Forget what has ended or expired."""
        now = self._database.now()
        over = (sign_ins.c.ended_at > 0) | (sign_ins.c.expires_at <= now) | (sign_ins.c.active_at <= now - IDLE_MS)
        with self._database.writing() as connection:
            connection.execute(delete(sign_ins).where(over))

    def write_activity(self) -> None:
        """Write down who was active, and read from time to time who was so elsewhere."""
        active, self._active = self._active, {}
        if active:
            with self._database.writing() as connection:
                for one in list(active.values()):
                    mine = (sign_ins.c.digest == one.digest) & (sign_ins.c.active_at < one.active_at)
                    connection.execute(update(sign_ins).where(mine).values(active_at=one.active_at))
        now = self._database.now()
        if now - self._activity_read_at >= ACTIVITY_MS:
            self._activity_read_at = now
            self.load()


def end_sign_ins(connection: Connection, person_id: int, now: Moment, *, but: SignIn | None = None) -> list[bytes]:
    """Sign a person out within a transaction, also as a manager of companies, `but` for one place.

    Returns what is to be forgotten once it is committed.
    """
    mine = (sign_ins.c.person_id == person_id) & (sign_ins.c.ended_at == 0)
    if but is not None:
        mine &= sign_ins.c.id != but.id
    digests = connection.execute(select(sign_ins.c.digest).where(mine)).scalars().all()
    connection.execute(update(sign_ins).where(mine).values(ended_at=now))
    return [*digests, *end_sessions(connection, Kind.MANAGER, person_id, now)]


def _read(connection: Connection, digest: bytes | None = None) -> list[SignIn]:
    query = (
        select(sign_ins, people.c.uuid.label("person_uuid"))
        .select_from(sign_ins.join(people, people.c.id == sign_ins.c.person_id))
        .where(sign_ins.c.ended_at == 0, people.c.disabled_at == 0)
    )
    if digest is not None:
        query = query.where(sign_ins.c.digest == digest)
    return [SignIn(row) for row in connection.execute(query).mappings()]
