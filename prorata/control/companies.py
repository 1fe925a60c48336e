"""Companies: brokers, and the brokers below them. Each is an organization, and served by one trade platform."""

import threading
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, case, insert, select, update

from prorata.control.database import Database
from prorata.control.organizations.founding import insert_organization
from prorata.control.organizations.tables import organizations
from prorata.control.paging import Slice, contains, slice_of
from prorata.control.tables import companies
from prorata.units.numbers import Minor, Moment

ACCOUNT_MIN_BALANCE: Minor = 10_000
SECURITY_MIN_BALANCE: Minor = 20_000


class CompanyStatus(IntEnum):
    """Numbers as RAMM has them; 3 and above are errors."""

    OK = 1
    DELETED = 2
    """the organization is closed"""


class Company(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    parent_id: int | None
    name: str
    url: str
    demo: bool
    status: int
    brand_key: str
    platform: str
    """the trade platform that keeps its accounts"""
    currency: str
    account_min_balance: Minor
    """what an investor's account must hold"""
    security_min_balance: Minor
    """what a trader's own account must hold"""
    shows_portfolio: bool
    """whether a strategy's current positions are shown by share"""
    rating_age_min: int
    """days that a strategy must have lived before it is rated"""
    rating_deals_min: int
    rating_yield_min_ppm: int
    """below 0 it may have lost that much"""
    created_at: Moment


class NewCompany(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    platform: str
    parent_id: int | None = None
    url: str = ""
    demo: bool = False
    brand_key: str = ""
    currency: str = "USD"
    account_min_balance: Minor = ACCOUNT_MIN_BALANCE
    security_min_balance: Minor = SECURITY_MIN_BALANCE
    shows_portfolio: bool = True
    rating_age_min: int = 30
    rating_deals_min: int = 0
    rating_yield_min_ppm: int = 0


class CompanyFilter(msgspec.Struct, frozen=True, kw_only=True):
    name: str | None = None
    parent_id: int | None = None
    id: int | None = None


_parents = organizations.alias("parents")
_STATUS = case((organizations.c.closed_at == 0, CompanyStatus.OK.value), else_=CompanyStatus.DELETED.value)
_COLUMNS = (companies, organizations.c.name, organizations.c.created_at, _STATUS.label("status"))
_JOINED = companies.join(organizations, organizations.c.id == companies.c.id)
_OF_ORGANIZATION = ("name", "closed_at")

ORDERS: Mapping[str, ColumnElement[Any]] = {
    "ID": companies.c.id,
    "ParentID": companies.c.parent_id,
    "Name": organizations.c.name,
    "URL": companies.c.url,
    "Demo": companies.c.demo,
    "Status": _STATUS,
    "ParentCompanyName": _parents.c.name,
}


class Companies:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: Mapping[int, Company] = {}
        self._loading = threading.Lock()

    def get(self, company_id: int) -> Company | None:
        """Return a company; looks into memory alone."""
        return self._known.get(company_id)

    def all(self) -> list[Company]:
        """Return all companies by id; looks into memory alone."""
        return list(self._known.values())

    def below(self, company_id: int) -> set[int]:
        """Return the ids of a company and all companies below it; looks into memory alone."""
        found = {company_id}
        # A parent has a lower id than its children, so one pass finds all generations.
        for company in self._known.values():
            if company.parent_id in found:
                found.add(company.id)
        return found

    def add(self, new: NewCompany) -> Company:
        """Make a company, in which nobody works yet."""
        now = self._database.now()
        with self._database.writing() as connection:
            made = insert_organization(connection, new.name, now)
            row = insert_company(connection, made.id, new)
            self._database.note_change(connection)
        self.load()
        return Company(id=made.id, name=made.name, status=CompanyStatus.OK.value, created_at=now, **row)

    def set(self, company_id: int, **changes: Any) -> None:
        """Change fields of a company, named as in `Company`. By its status the organization is closed, or opened again."""
        if "status" in changes:
            changes["closed_at"] = self._database.now() if changes.pop("status") == CompanyStatus.DELETED else 0
        own = {name: changes.pop(name) for name in _OF_ORGANIZATION if name in changes}
        with self._database.writing() as connection:
            if own:
                connection.execute(update(organizations).where(organizations.c.id == company_id).values(own))
            if changes:
                connection.execute(update(companies).where(companies.c.id == company_id).values(changes))
            self._database.note_change(connection)
        self.load()

    def search(self, within: Iterable[int], wanted: CompanyFilter, part: Slice) -> tuple[list[tuple[Company, str]], int]:
        """Return companies of `within`, each with its parent's name, and how many there are."""
        joined = _JOINED.outerjoin(_parents, companies.c.parent_id == _parents.c.id)
        query: Select[Any] = select(*_COLUMNS, _parents.c.name.label("parent_name")).select_from(joined)
        query = query.where(companies.c.id.in_(sorted(within)))
        if wanted.name is not None:
            query = query.where(contains(organizations.c.name, wanted.name))
        if wanted.parent_id is not None:
            query = query.where(companies.c.parent_id == wanted.parent_id)
        if wanted.id is not None:
            query = query.where(companies.c.id == wanted.id)
        with self._database.reading() as connection:
            rows, total = slice_of(connection, query, ORDERS, part, companies.c.id)
        return [(_company_from(row), row["parent_name"] or "") for row in rows], total

    def load(self) -> None:
        """Take over what the database has."""
        with self._loading:
            with self._database.reading() as connection:
                rows = connection.execute(select(*_COLUMNS).select_from(_JOINED).order_by(companies.c.id)).mappings().all()
            self._known = {row["id"]: _company_from(row) for row in rows}


def insert_company(connection: Connection, organization_id: int, new: NewCompany) -> dict[str, Any]:
    """Make a company of an organization, whose number and name it has, within a transaction; return what else it has."""
    row = msgspec.structs.asdict(new)
    del row["name"]
    connection.execute(insert(companies).values(**row, id=organization_id))
    return row


def _company_from(row: RowMapping) -> Company:
    return Company(**{name: row[name] for name in Company.__struct_fields__})
