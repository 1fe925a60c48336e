"""Who is signed in. A token has 256 random bits and is kept as its SHA-256, like an API key.

All live sessions are in memory: looking one up is a hash and a dictionary, never a query. A session ends when it was
idle for its minutes, when it is logged out, or when its person or company may no longer sign in. What another
process has changed is taken over with `load`; activity there is read every `ACTIVITY_MS`.
"""

import secrets
import threading
import uuid
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import Connection, RowMapping, and_, delete, func, insert, select, update

from prorata.control.database import Database
from prorata.control.manager_rights import rights_on
from prorata.control.organizations.grants import read_own_roles
from prorata.control.organizations.rights import rights_from
from prorata.control.organizations.tables import members, organizations
from prorata.control.people.tables import people
from prorata.control.platforms.tables import KEEPS_ACCOUNTS_OF_COMPANY, platforms
from prorata.control.tables import clients, companies, sessions
from prorata.units.numbers import MINUTE_MS, Moment

MANAGER_MINUTES = 10
CLIENT_MINUTES = 60
MINUTES_MAX = 30 * 24 * 60
ACTIVITY_MS = 30_000


class MayNotSignIn(Exception):
    """The person or the company has just been disabled."""


class Kind(StrEnum):
    MANAGER = "manager"
    CLIENT = "client"


class Session:
    """A live session. `rights`, `rights_at`: a manager's, empty and 0 for a client. Only `active_at` moves."""

    __slots__ = (
        "active_at", "company_id", "created_at", "digest", "id", "kind", "login", "minutes", "person_id", "rights",
        "rights_at", "test", "uuid",
    )  # fmt: skip

    def __init__(self, row: RowMapping, *, test: bool, rights: frozenset[str], rights_at: Moment) -> None:
        self.id: int = row["id"]
        self.uuid: str = row["uuid"]
        self.digest: bytes = row["digest"]
        self.kind = Kind(row["kind"])
        self.company_id: int = row["company_id"]
        self.person_id: int = row["person_id"]
        self.login: str = row["login"]
        self.test = test
        self.rights = rights
        self.rights_at = rights_at
        self.created_at: Moment = row["created_at"]
        self.minutes: int = row["minutes"]
        self.active_at: Moment = row["active_at"]

    def has_expired(self, now: Moment) -> bool:
        return now - self.active_at >= self.minutes * MINUTE_MS


class Sessions:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._live: dict[bytes, Session] = {}
        self._active: dict[bytes, Session] = {}
        self._activity_read_at: Moment = 0
        self._changing = threading.Lock()
        """held while `_live` is made anew: a session that opens meanwhile must not be lost"""

    def find(self, token: str) -> Session | None:
        """Return whose token this is and note that he is active; looks into memory alone."""
        session = self._live.get(sha256(token.encode()).digest())
        if session is None:
            return None
        now = self._database.now()
        if session.has_expired(now):
            return None
        session.active_at = now
        self._active[session.digest] = session
        return session

    def lives(self, digest: bytes) -> bool:
        """Say whether a session has neither ended nor expired; looks into memory alone."""
        session = self._live.get(digest)
        return session is not None and not session.has_expired(self._database.now())

    def live(self) -> list[Session]:
        """Return all live sessions, oldest first; looks into memory alone."""
        now = self._database.now()
        return sorted((one for one in list(self._live.values()) if not one.has_expired(now)), key=lambda one: one.id)

    def of_person(self, kind: Kind, person_id: int) -> list[Session]:
        """Return a person's live sessions, oldest first; looks into memory alone."""
        return [session for session in self.live() if session.kind == kind and session.person_id == person_id]

    def open(self, kind: Kind, company_id: int, person_id: int, minutes: int) -> tuple[str, Session]:
        """Sign a person in; the token cannot be shown again. Raises `MayNotSignIn`."""
        token = secrets.token_urlsafe(32)
        digest = sha256(token.encode()).digest()
        now = self._database.now()
        row = {
            "uuid": str(uuid.uuid4()), "digest": digest, "kind": kind.value, "company_id": company_id,
            "person_id": person_id, "created_at": now,
            "minutes": minutes, "active_at": now, "ended_at": 0,
        }  # fmt: skip
        with self._database.writing() as connection:
            connection.execute(insert(sessions).values(row))
            self._database.note_change(connection)
            read = _read(connection, digest)
            if not read:
                raise MayNotSignIn
        session = read[0]
        with self._changing:
            self._live[digest] = session
        return token, session

    def end(self, ended: Iterable[Session]) -> None:
        """Sign out."""
        digests = [session.digest for session in ended]
        if not digests:
            return
        with self._database.writing() as connection:
            connection.execute(update(sessions).where(sessions.c.digest.in_(digests)).values(ended_at=self._database.now()))
            self._database.note_change(connection)
        self.forget(digests)

    def end_all(self, kind: Kind, person_id: int, *, company_id: int | None = None, but: Session | None = None) -> int:
        """Sign a person out everywhere or of one company, `but` for one session. Returns how many sessions ended."""
        with self._database.writing() as connection:
            digests = end_sessions(connection, kind, person_id, self._database.now(), company_id=company_id, but=but)
            self._database.note_change(connection)
        self.forget(digests)
        return len(digests)

    def forget(self, digests: Iterable[bytes]) -> None:
        """Let go of what `end_sessions` has ended; looks into memory alone."""
        with self._changing:
            for digest in digests:
                self._live.pop(digest, None)

    def load(self) -> None:
        """Take over what the database has: sessions, and the rights of their managers."""
        with self._changing:
            with self._database.reading() as connection:
                read = _read(connection)
            now = self._database.now()
            for session in read:
                before = self._live.get(session.digest)
                if before is not None:
                    session.active_at = max(session.active_at, before.active_at)
            self._live = {session.digest: session for session in read if not session.has_expired(now)}

    def sweep(self) -> None:
        """Forget sessions that ended or expired an hour ago."""
        idle = self._database.now() - 60 * MINUTE_MS
        expired = sessions.c.active_at + sessions.c.minutes * MINUTE_MS <= idle
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where((sessions.c.ended_at > 0) | expired))

    def write_activity(self) -> None:
        """Write down who was active, and read from time to time who was so elsewhere."""
        active, self._active = self._active, {}
        if active:
            with self._database.writing() as connection:
                for session in list(active.values()):
                    mine = (sessions.c.digest == session.digest) & (sessions.c.active_at < session.active_at)
                    connection.execute(update(sessions).where(mine).values(active_at=session.active_at))
        now = self._database.now()
        if now - self._activity_read_at >= ACTIVITY_MS:
            self._activity_read_at = now
            self.load()


def end_sessions(
    connection: Connection, kind: Kind, person_id: int, now: Moment, *, company_id: int | None = None,
    but: Session | None = None,
) -> list[bytes]:  # fmt: skip
    """Sign a person out within a transaction. Returns what is to be forgotten once it is committed."""
    mine = (sessions.c.kind == kind.value) & (sessions.c.person_id == person_id) & (sessions.c.ended_at == 0)
    if company_id is not None:
        mine &= sessions.c.company_id == company_id
    if but is not None:
        mine &= sessions.c.id != but.id
    digests = connection.execute(select(sessions.c.digest).where(mine)).scalars().all()
    connection.execute(update(sessions).where(mine).values(ended_at=now))
    return list(digests)


def _read(connection: Connection, digest: bytes | None = None) -> list[Session]:
    return [*_managers(connection, digest), *_clients(connection, digest)]


def _managers(connection: Connection, digest: bytes | None) -> list[Session]:
    """Read managers' sessions with their rights in the session's company."""
    held = and_(members.c.person_id == sessions.c.person_id, members.c.organization_id == sessions.c.company_id)
    joined = (
        sessions.join(members, held)
        .join(people, people.c.id == members.c.person_id)
        .join(organizations, organizations.c.id == sessions.c.company_id)
        .outerjoin(companies, companies.c.id == sessions.c.company_id)
        .outerjoin(platforms, KEEPS_ACCOUNTS_OF_COMPANY)
    )
    login = func.coalesce(members.c.login, people.c.email, "").label("login")
    query = (
        select(
            sessions,
            login,
            members.c.role,
            members.c.permissions,
            members.c.platforms,
            members.c.rights_at,
            platforms.c.uuid.label("platform"),
        )
        .select_from(joined)
        .where(sessions.c.kind == Kind.MANAGER.value, sessions.c.ended_at == 0)
        .where(members.c.disabled_at == 0, people.c.disabled_at == 0, organizations.c.closed_at == 0)
    )
    if digest is not None:
        query = query.where(sessions.c.digest == digest)
    rows = connection.execute(query).mappings().all()
    own_roles = read_own_roles(connection) if rows else {}
    return [
        Session(
            row, test=False, rights_at=row["rights_at"],
            rights=rights_on(row["platform"], rights_from(row), own_roles.get(row["company_id"], {})),
        )
        for row in rows
    ]  # fmt: skip


def _clients(connection: Connection, digest: bytes | None) -> list[Session]:
    joined = sessions.join(clients, clients.c.id == sessions.c.person_id).join(
        organizations, organizations.c.id == sessions.c.company_id
    )
    query = (
        select(sessions, clients.c.login, clients.c.test)
        .select_from(joined)
        .where(sessions.c.kind == Kind.CLIENT.value, sessions.c.ended_at == 0)
        .where(clients.c.enabled, organizations.c.closed_at == 0)
    )
    if digest is not None:
        query = query.where(sessions.c.digest == digest)
    return [Session(row, test=row["test"], rights=frozenset(), rights_at=0) for row in connection.execute(query).mappings()]
