"""Tokens of programs: of a strategy's signal sender, of the application it is, of a partner's page.

They are kept as SHA-256 and looked up in memory. A strategy's owner may ask for its token again, so it is not random
but derived: HMAC-SHA-256, under a key that is not in the database, of the strategy and of 256 random bits that are.
Whoever has the database alone has no token.
"""

import hmac
import os
import secrets
import threading
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.tables import app_tokens, partner_tokens, strategy_tokens
from prorata.units.numbers import Moment

KEY_BYTES = 32

TokenType = TypeVar("TokenType", bound=msgspec.Struct)


class KeyUnusable(Exception):
    """The file of the key is not one."""


class TokenTaken(Exception):
    """The token is somebody's already."""


class UnknownToken(Exception):
    """No token has this number."""


class StrategyToken(msgspec.Struct, frozen=True):
    company_id: int
    strategy_id: int


class AppToken(msgspec.Struct, frozen=True, kw_only=True):
    """An application that sends signals. `importance`: how urgent an update from `version` to `newest` is, 0 to 5."""

    id: int
    name: str
    version: str
    newest: str
    importance: int
    created_at: Moment
    revoked_at: Moment


class PartnerToken(msgspec.Struct, frozen=True, kw_only=True):
    """A page that shows strategies. `client_id`: the partner whose offers it shows; None: the company's own page."""

    id: int
    company_id: int
    client_id: int | None
    label: str
    created_at: Moment
    revoked_at: Moment


def key_in(file: Path) -> bytes:
    """Return the key in a file; a file that is not there is made, for its owner alone. Raises `KeyUnusable`."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = file.read_bytes()
        if len(key) != KEY_BYTES:
            raise KeyUnusable(f"{file}: a key has {KEY_BYTES} bytes, this file {len(key)}") from None
        return key
    with os.fdopen(made, "wb") as opened:
        key = secrets.token_bytes(KEY_BYTES)
        opened.write(key)
        opened.flush()
        os.fsync(made)
    return key


class StrategyTokens:
    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key
        self._known: dict[bytes, StrategyToken] = {}
        self._loading = threading.Lock()

    def find(self, token: str) -> StrategyToken | None:
        """Return which strategy a token is of; looks into memory alone."""
        return self._known.get(_digest(token))

    def renew(self, company_id: int, strategy_id: int) -> str:
        """Give a strategy a new token; the old one dies at once."""
        nonce = secrets.token_bytes(32)
        token = self._derive(company_id, strategy_id, nonce)
        mine = (strategy_tokens.c.company_id == company_id) & (strategy_tokens.c.strategy_id == strategy_id)
        row = {
            "company_id": company_id, "strategy_id": strategy_id, "digest": _digest(token), "nonce": nonce,
            "created_at": self._database.now(),
        }  # fmt: skip
        with self._database.writing() as connection:
            connection.execute(delete(strategy_tokens).where(mine))
            connection.execute(insert(strategy_tokens).values(row))
            self._database.note_change(connection)
        self.load()
        return token

    def current(self, company_id: int, strategy_id: int) -> str | None:
        """Return a strategy's token; None if it has none, or one of a key that is gone."""
        mine = (strategy_tokens.c.company_id == company_id) & (strategy_tokens.c.strategy_id == strategy_id)
        with self._database.reading() as connection:
            row = connection.execute(select(strategy_tokens).where(mine)).mappings().first()
        if row is None:
            return None
        token = self._derive(company_id, strategy_id, row["nonce"])
        return token if hmac.compare_digest(_digest(token), row["digest"]) else None

    def revoke(self, company_id: int, strategy_id: int) -> None:
        """Take a strategy its token: signals for it are no longer taken."""
        mine = (strategy_tokens.c.company_id == company_id) & (strategy_tokens.c.strategy_id == strategy_id)
        with self._database.writing() as connection:
            connection.execute(delete(strategy_tokens).where(mine))
            self._database.note_change(connection)
        self.load()

    def load(self) -> None:
        with self._loading:
            with self._database.reading() as connection:
                rows = connection.execute(select(strategy_tokens)).mappings().all()
            self._known = {row["digest"]: StrategyToken(row["company_id"], row["strategy_id"]) for row in rows}

    def _derive(self, company_id: int, strategy_id: int, nonce: bytes) -> str:
        text = b"strategy token %d %d " % (company_id, strategy_id) + nonce
        return urlsafe_b64encode(hmac.digest(self._key, text, "sha256")).decode().rstrip("=")


class AppTokens:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, AppToken] = {}
        self._loading = threading.Lock()

    def find(self, token: str) -> AppToken | None:
        """Return which application a token is of; looks into memory alone."""
        return self._known.get(_digest(token))

    def add(self, name: str, version: str, *, newest: str = "", importance: int = 0, token: str = "") -> str:
        """Register an application and return its token. `token`: the one that the program has already.

        Raises:
            TokenTaken: an application has this token, or had it.
        """
        token = token or secrets.token_urlsafe(32)
        row = {
            "digest": _digest(token), "name": name, "version": version, "newest": newest or version,
            "importance": importance, "created_at": self._database.now(), "revoked_at": 0,
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                connection.execute(insert(app_tokens).values(row))
                self._database.note_change(connection)
        except IntegrityError:
            raise TokenTaken from None
        self.load()
        return token

    def list(self) -> list[AppToken]:
        """Return all applications, oldest first, revoked ones too."""
        with self._database.reading() as connection:
            rows = connection.execute(select(app_tokens).order_by(app_tokens.c.id)).mappings().all()
        return [_token_from(row, AppToken) for row in rows]

    def revoke(self, token_id: int) -> None:
        """End a token. Raises `UnknownToken`."""
        mine = (app_tokens.c.id == token_id) & (app_tokens.c.revoked_at == 0)
        with self._database.writing() as connection:
            if not connection.execute(update(app_tokens).where(mine).values(revoked_at=self._database.now())).rowcount:
                raise UnknownToken(token_id)
            self._database.note_change(connection)
        self.load()

    def load(self) -> None:
        with self._loading:
            with self._database.reading() as connection:
                rows = connection.execute(select(app_tokens).where(app_tokens.c.revoked_at == 0)).mappings().all()
            self._known = {row["digest"]: _token_from(row, AppToken) for row in rows}


class PartnerTokens:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, PartnerToken] = {}
        self._loading = threading.Lock()

    def find(self, token: str) -> PartnerToken | None:
        """Return which partner a token is of; looks into memory alone."""
        return self._known.get(_digest(token))

    def add(self, company_id: int, client_id: int | None, *, label: str = "") -> str:
        """Make a token for a partner's page and return it; it cannot be shown again."""
        token = secrets.token_urlsafe(32)
        row = {
            "digest": _digest(token), "company_id": company_id, "client_id": client_id, "label": label,
            "created_at": self._database.now(), "revoked_at": 0,
        }  # fmt: skip
        with self._database.writing() as connection:
            connection.execute(insert(partner_tokens).values(row))
            self._database.note_change(connection)
        self.load()
        return token

    def list(self) -> list[PartnerToken]:
        """Return all partners' tokens, oldest first, revoked ones too."""
        with self._database.reading() as connection:
            rows = connection.execute(select(partner_tokens).order_by(partner_tokens.c.id)).mappings().all()
        return [_token_from(row, PartnerToken) for row in rows]

    def revoke(self, token_id: int) -> None:
        """End a token. Raises `UnknownToken`."""
        mine = (partner_tokens.c.id == token_id) & (partner_tokens.c.revoked_at == 0)
        with self._database.writing() as connection:
            if not connection.execute(update(partner_tokens).where(mine).values(revoked_at=self._database.now())).rowcount:
                raise UnknownToken(token_id)
            self._database.note_change(connection)
        self.load()

    def load(self) -> None:
        with self._loading:
            with self._database.reading() as connection:
                rows = connection.execute(select(partner_tokens).where(partner_tokens.c.revoked_at == 0)).mappings().all()
            self._known = {row["digest"]: _token_from(row, PartnerToken) for row in rows}


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _token_from(row: RowMapping, kind: type[TokenType]) -> TokenType:
    return kind(**{name: row[name] for name in kind.__struct_fields__})
