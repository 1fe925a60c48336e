"""Pages of an organization's accounts, beside a bare SELECT ... LIMIT of as many rows, on SQLite and PostgreSQL."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import msgspec
import psycopg
from sqlalchemy import insert, select, text, update

from prorata.app.crm_engines import RunningEngines
from prorata.control.paging import Slice
from prorata.control.people.people import NewPerson
from prorata.control.store import Control
from prorata.control.tables import clients
from prorata.control.vault import Vault
from prorata.crm.accounts import ORDERS, AccountFilter
from prorata.crm.store import Crm
from prorata.crm.tables import PROFILE, accounts, houses

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"
ROUNDS = 15
SLOW_BELOW = 6
"""Queries so short find much, and are asked for less often."""
TOGETHER = 10_000
SIZE = 10
FIRST_AT = 1_700_000_000_000
NAMES = [f"{first}{last}" for first in ("An", "Bo", "Cy", "Di", "El", "Fa", "Gu", "Ha", "Io", "Ju") for last in (
    "na", "ris", "lan", "mer", "vik", "tor", "sel", "bert", "wen", "dra", "mund", "line", "fried", "son", "berg", "quist",
)]  # fmt: skip
COUNTRIES = ("Poland", "Germany", "Spain", "Italy", "Brazil", "Japan", "Kenya", "India", "Chile", "Egypt")


class Took(msgspec.Struct, frozen=True):
    """Milliseconds, the median of several rounds; `bare`: those of the baseline."""

    name: str
    milliseconds: float
    bare: float = 0.0


class Broker:
    """An organization with `count` accounts, of whom a tenth are clients and the others leads."""

    def __init__(self, url: str, folder: Path, count: int) -> None:
        self.control = Control(url, bytes(32), Vault(folder / "vault.keys"))
        self.crm = Crm(self.control, RunningEngines(self.control.platforms, {}, self.control.companies))
        boss = self.control.people.add(NewPerson(email="boss@mail.test"))
        self.organization = self.control.organizations.add(boss.id, "Desk")
        self.branch = self.crm.settings.begin(self.organization.id, "Main")
        self.role = self.crm.settings.roles(self.organization.id)[0]
        self.status = self.crm.settings.lead_statuses(self.organization.id)[0]
        self.rng = random.Random(7)
        for first in range(0, count, TOGETHER):
            self._fill(first, min(TOGETHER, count - first))
        values = {"accounts": count, "leads": count - count // 10}
        with self.control.database.writing() as connection:
            connection.execute(update(houses).values(values))
        if url.startswith("postgresql"):
            self._analyze()  # as it does by itself, a minute later

    def _analyze(self) -> None:
        with self.control.database.writing() as connection:
            connection.execute(text("ANALYZE"))

    def _fill(self, first: int, count: int) -> None:
        people, persons = [], []
        for number in range(first + 1, first + count + 1):
            one, other = self.rng.choice(NAMES), self.rng.choice(NAMES)
            email = f"{self.rng.getrandbits(40):x}.{number}@mail.test"
            at = FIRST_AT + number * 1_000
            people.append(
                {
                    "id": number, "company_id": self.organization.id, "login": email, "login_key": email, "password": "",
                    "email": email, "first_name": one, "last_name": f"{other}{number % 997}", "mobile": f"+48 {number:09d}",
                    "tag": 0, "test": False, "enabled": True, "language": "", "comment": "",
                    "country": self.rng.choice(COUNTRIES), "partner_reference": "",
                    "execution_server": "", "execution_account": "", "precision_volume": 4,
                    "default_stream": None, "default_hedge_ppm": 0, "wallet_id": None, "created_at": at,
                }
            )  # fmt: skip
            persons.append(
                {
                    "id": number, "uuid": str(UUID(int=self.rng.getrandbits(128), version=4)),
                    "organization_id": self.organization.id, "branch_id": self.branch.id, "role_id": self.role.id,
                    "lead_status_id": self.status.id, "manager_id": None, "verification": "NEW", "client_type": "RETAIL",
                    "date_of_birth": "", **dict.fromkeys(PROFILE, ""), "type_contact": False, "contact_at": 0,
                    "contacted": False, "active_at": at if number % 10 == 0 else 0, "created_at": at, "updated_at": at,
                    "deleted_at": 0, "city": self.rng.choice(NAMES), "state": self.rng.choice(NAMES),
                    "post_code": f"{self.rng.randrange(100_000):05d}", "address": f"{number % 313} {other} Street",
                }
            )  # fmt: skip
        with self.control.database.writing() as connection:
            connection.execute(insert(clients), people)
            connection.execute(insert(accounts), persons)

    def figures(self) -> Iterator[Took]:
        bare = _median_ms(self._bare)
        for field in ORDERS:
            for descending in (True, False):
                part = Slice(field, descending, 0, SIZE)
                name = f"page by {field}, {'descending' if descending else 'ascending'}"
                yield Took(name, _median_ms(partial(self._search, "", part)), bare)
        with self.control.database.reading() as connection:
            found = connection.execute(select(clients.c.email, clients.c.mobile).order_by(clients.c.id).limit(ROUNDS)).all()
        emails = iter([row.email.upper() for row in found])
        yield Took("one by e-mail", _median_ms(lambda: self.crm.accounts.by_email(self.organization.id, next(emails))), bare)
        newest = Slice("created", True, 0, SIZE)
        for name, words in (
            ("a whole e-mail", found[3].email), ("a phone number without its prefix", found[4].mobile.split()[1]),
            ("a surname of a thousandth", "quist99"), ("a country of a tenth", "Kenya"),
            ("two letters, which no index has", "zz"),
        ):  # fmt: skip
            rounds = 3 if len(words) < SLOW_BELOW else ROUNDS
            yield Took(f"query of {name}", _median_ms(partial(self._search, words, newest), rounds), bare)

    def _search(self, words: str, part: Slice) -> None:
        self.crm.accounts.search(self.organization.id, AccountFilter(text=words), part)

    def _bare(self) -> None:
        with self.control.database.reading() as connection:
            connection.execute(text(f"SELECT * FROM crm_accounts ORDER BY id DESC LIMIT {SIZE}")).all()

    def close(self) -> None:
        self.control.close()


def _median_ms(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1e3)
    return median(took)


@contextmanager
def _schema() -> Iterator[str]:
    """Yield the address of a schema of PostgreSQL that is dropped afterwards; raise if no server answers."""
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=2) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        try:
            yield f"{POSTGRESQL}?options=-csearch_path%3D{name}"
        finally:
            connection.execute("SET client_min_messages TO warning")
            connection.execute(f"DROP SCHEMA {name} CASCADE")


def measured(count: int) -> Iterator[tuple[str, Took]]:
    """Yield what took how long, with the name of the database."""
    with TemporaryDirectory() as folder:
        yield from _measured("SQLite", f"sqlite:///{folder}/control.db", Path(folder), count)
        try:
            with _schema() as url:
                yield from _measured("PostgreSQL", url, Path(folder), count)
        except psycopg.OperationalError:
            return


def _measured(name: str, url: str, folder: Path, count: int) -> Iterator[tuple[str, Took]]:
    began = time.perf_counter()
    broker = Broker(url, folder, count)
    yield name, Took("making one account's rows", (time.perf_counter() - began) * 1e3 / count)
    for took in broker.figures():
        yield name, took
    broker.close()
