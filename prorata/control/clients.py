"""Clients: people who trade and invest with a company. Their money is in the trade platform, not here."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.manager_rows import login_key_of
from prorata.control.managers import LoginTaken
from prorata.control.paging import Slice, contains, slice_of
from prorata.control.passwords import hashed
from prorata.control.tables import clients
from prorata.units.numbers import Moment


class Client(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    company_id: int
    login: str
    email: str
    first_name: str
    last_name: str
    mobile: str
    tag: int
    """the company's own number for the client"""
    test: bool
    enabled: bool
    language: str
    country: str
    comment: str
    partner_reference: str
    execution_server: str
    execution_account: str
    """the account outside on which the client's investments are executed; empty: on ours"""
    precision_volume: int
    """decimal places of a lot"""
    default_stream: int | None
    """where the deals of strategies that the client makes are executed"""
    default_hedge_ppm: int
    """which part of them is executed outside"""
    wallet_id: int | None
    """None until the trade platform has opened the wallet"""
    created_at: Moment


class NewClient(msgspec.Struct, frozen=True, kw_only=True):
    login: str
    password: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    mobile: str = ""
    tag: int = 0
    test: bool = False
    language: str = ""
    country: str = ""
    comment: str = ""
    partner_reference: str = ""
    execution_server: str = ""
    execution_account: str = ""
    precision_volume: int = 4


class Names(msgspec.Struct, frozen=True):
    login: str
    email: str


class ClientCandidate(msgspec.Struct, frozen=True):
    client: Client
    password: str


class ClientFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Each text is looked for inside the field; `value` inside any of them."""

    value: str | None = None
    id: int | None = None
    login: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    mobile: str | None = None
    comment: str | None = None
    test: bool | None = None


ORDERS: Mapping[str, ColumnElement[Any]] = {
    "ID": clients.c.id,
    "Login": clients.c.login_key,
    "Email": clients.c.email,
    "FirstName": clients.c.first_name,
    "LastName": clients.c.last_name,
    "Language": clients.c.language,
    "Tag": clients.c.tag,
    "Test": clients.c.test,
}

_TEXTS = ("login", "first_name", "last_name", "mobile", "comment")
_ANYWHERE = (*_TEXTS, "email")


class Clients:
    """`before_change`: called within each transaction that changes what is known of a client; one may raise `NotFound`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.before_change: list[Callable[[Connection, int], object]] = []

    def add(self, company_id: int, new: NewClient) -> Client:
        """Make a client; the wallet comes with `note_wallet`. Raises `LoginTaken`."""
        now = self._database.now()
        kept = hashed(new.password)
        with self._database.writing() as connection:
            number = insert_client(connection, company_id, new, kept, now)
        row = _row(company_id, new, kept, now)
        return Client(id=number, **{name: row[name] for name in Client.__struct_fields__ if name != "id"})

    def add_many(self, company_id: int, new: Sequence[NewClient]) -> None:
        """Make clients in one transaction. Those with the same password share its hash, so that thousands take a moment.

        Raises:
            LoginTaken: one of the logins is taken; nobody was made.
        """
        kept = {password: hashed(password) for password in {one.password for one in new}}
        now = self._database.now()
        rows = [_row(company_id, one, kept[one.password], now) for one in new]
        if not rows:
            return
        try:
            with self._database.writing() as connection:
                connection.execute(insert(clients), rows)
        except IntegrityError:
            raise LoginTaken("one of many") from None

    def note_wallets(self, wallets: Mapping[int, int]) -> None:
        """Write down which wallet the trade platform has opened for each client."""
        if not wallets:
            return
        rows = [{"client": client, "wallet": wallet} for client, wallet in wallets.items()]
        mine = clients.c.id == bindparam("client")
        with self._database.writing() as connection:
            connection.execute(update(clients).where(mine).values(wallet_id=bindparam("wallet")), rows)

    def note_wallet(self, client_id: int, wallet_id: int) -> None:
        """Write down which wallet the trade platform has opened for the client."""
        with self._database.writing() as connection:
            connection.execute(update(clients).where(clients.c.id == client_id).values(wallet_id=wallet_id))

    def withdraw(self, client_id: int) -> None:
        """Take a client back for whom no wallet was opened."""
        with self._database.writing() as connection:
            connection.execute(delete(clients).where(clients.c.id == client_id, clients.c.wallet_id.is_(None)))

    def get(self, company_id: int, client_id: int) -> Client | None:
        """Return a client of the company."""
        mine = (clients.c.company_id == company_id) & (clients.c.id == client_id)
        with self._database.reading() as connection:
            row = connection.execute(select(clients).where(mine)).mappings().first()
        return None if row is None else _client_from(row)

    def many(self, company_id: int, client_ids: list[int]) -> dict[int, Client]:
        """Return those of the clients that the company has."""
        query = select(clients).where(clients.c.company_id == company_id, clients.c.id.in_(client_ids))
        with self._database.reading() as connection:
            return {row["id"]: _client_from(row) for row in connection.execute(query).mappings()}

    def find(self, company_id: int, login: str) -> Client | None:
        """Return the client of the company who has this login."""
        mine = (clients.c.company_id == company_id) & (clients.c.login_key == login_key_of(login))
        with self._database.reading() as connection:
            row = connection.execute(select(clients).where(mine)).mappings().first()
        return None if row is None else _client_from(row)

    def by_execution(self, company_id: int, server: str, account: str) -> Client | None:
        """Return the client whose investments are executed on this account outside; the first, if there are several."""
        query = (
            select(clients)
            .where(
                clients.c.company_id == company_id,
                clients.c.execution_server == server,
                clients.c.execution_account == account,
            )
            .order_by(clients.c.id)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _client_from(row)

    def on_server(self, company_id: int, server: str) -> dict[int, str]:
        """Return the account on a server outside of each client of the company whose investments are executed there."""
        query = select(clients.c.id, clients.c.execution_account).where(
            clients.c.company_id == company_id, clients.c.execution_server == server, clients.c.execution_account != ""
        )
        with self._database.reading() as connection:
            return {row.id: row.execution_account for row in connection.execute(query.order_by(clients.c.id))}

    def logins(self, company_id: int, client_ids: Collection[int] | None = None) -> dict[int, Names]:
        """Return login and e-mail of clients of the company; without `client_ids`: of all."""
        query = select(clients.c.id, clients.c.login, clients.c.email).where(clients.c.company_id == company_id)
        if client_ids is not None:
            query = query.where(clients.c.id.in_(client_ids))
        with self._database.reading() as connection:
            return {row.id: Names(row.login, row.email) for row in connection.execute(query)}

    def candidates(self, login: str) -> list[ClientCandidate]:
        """Return the clients of all companies who have a login: each company gives its own."""
        query = select(clients).where(clients.c.login_key == login_key_of(login)).order_by(clients.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [ClientCandidate(_client_from(row), row["password"]) for row in rows]

    def by_id(self, client_id: int) -> ClientCandidate | None:
        """Return a client of any company: only for whoever has proved to be that client."""
        with self._database.reading() as connection:
            row = connection.execute(select(clients).where(clients.c.id == client_id)).mappings().first()
        return None if row is None else ClientCandidate(_client_from(row), row["password"])

    def search(self, company_id: int, wanted: ClientFilter, part: Slice | None = None) -> tuple[list[Client], int]:
        """Return clients of the company and how many there are. Without `part`: all of them, by id."""
        query = select(clients).where(clients.c.company_id == company_id)
        for name in _TEXTS:
            text = getattr(wanted, name)
            if text is not None:
                query = query.where(contains(clients.c[name], text))
        if wanted.value is not None:
            query = query.where(or_(*(contains(clients.c[name], wanted.value) for name in _ANYWHERE)))
        if wanted.id is not None:
            query = query.where(clients.c.id == wanted.id)
        if wanted.test is not None:
            query = query.where(clients.c.test == wanted.test)
        if part is None:
            with self._database.reading() as connection:
                found = [_client_from(row) for row in connection.execute(query.order_by(clients.c.id)).mappings()]
            return found, len(found)
        with self._database.reading() as connection:
            rows, total = slice_of(connection, query, ORDERS, part, clients.c.id)
        return [_client_from(row) for row in rows], total

    def set(self, client_id: int, **changes: Any) -> None:
        """Change fields of a client, named as in `Client`. Raises `LoginTaken`; `NotFound`: he was deleted."""
        if "login" in changes:
            changes["login"] = changes["login"].strip()
            changes["login_key"] = login_key_of(changes["login"])
        if not changes:
            return
        try:
            with self._changing(client_id) as connection:
                connection.execute(update(clients).where(clients.c.id == client_id).values(changes))
                self._database.note_change(connection)
        except IntegrityError:
            raise LoginTaken(changes.get("login", "")) from None

    def set_password(self, client_id: int, password: str) -> None:
        """Raises `NotFound`: he was deleted."""
        kept = hashed(password)
        with self._changing(client_id) as connection:
            connection.execute(update(clients).where(clients.c.id == client_id).values(password=kept))

    @contextmanager
    def _changing(self, client_id: int) -> Iterator[Connection]:
        with self._database.writing() as connection:
            for ask in self.before_change:
                ask(connection, client_id)
            yield connection


def insert_client(connection: Connection, company_id: int, new: NewClient, kept: str, now: Moment) -> int:
    """Make a client within a transaction; return its number. `kept`: the password as it is kept. Raises `LoginTaken`."""
    try:
        made = connection.execute(insert(clients).values(_row(company_id, new, kept, now))).inserted_primary_key
    except IntegrityError:
        raise LoginTaken(new.login) from None
    assert made is not None
    number: int = made[0]
    return number


def _row(company_id: int, new: NewClient, kept: str, now: Moment) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(new),
        "company_id": company_id,
        "login": new.login.strip(),
        "login_key": login_key_of(new.login),
        "password": kept,
        "enabled": True,
        "default_stream": None,
        "default_hedge_ppm": 0,
        "wallet_id": None,
        "created_at": now,
    }


def _client_from(row: RowMapping) -> Client:
    return Client(**{name: row[name] for name in Client.__struct_fields__})
