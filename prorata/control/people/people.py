"""People: who may sign in. What each may do is said by organizations, of which he is a member."""

import uuid
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.passwords import hashed
from prorata.control.people.addresses import email_key_of
from prorata.control.people.tables import people
from prorata.units.numbers import Moment


class EmailTaken(Exception):
    """Somebody has this address."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever may sign in. `verified_at`, `disabled_at` 0: not yet, not at all."""

    id: int
    uuid: str
    email: str
    first_name: str
    last_name: str
    language: str
    created_at: Moment
    verified_at: Moment
    disabled_at: Moment


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """`password` "" is none: the person can sign in after he has set one by a link."""

    email: str
    password: str = ""
    first_name: str = ""
    last_name: str = ""
    language: str = "en"


class People:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewPerson) -> Person:
        """Make a person. Raises `BadAddress`, `EmailTaken`."""
        kept = hashed(new.password) if new.password else ""
        try:
            with self._database.writing() as connection:
                return insert_person(connection, new, kept, self._database.now())
        except IntegrityError:
            raise EmailTaken(new.email) from None

    def find(self, email: str) -> Person | None:
        """Return the person of an address. Raises `BadAddress`."""
        return self._one(people.c.email_key == email_key_of(email))

    def by_id(self, person_id: int) -> Person | None:
        return self._one(people.c.id == person_id)

    def by_uuid(self, person_uuid: str) -> Person | None:
        return self._one(people.c.uuid == person_uuid)

    def many(self, person_ids: list[int]) -> dict[int, Person]:
        """Return those of the people that there are."""
        with self._database.reading() as connection:
            rows = connection.execute(select(people).where(people.c.id.in_(person_ids))).mappings()
            return {row["id"]: person_from(row) for row in rows}

    def all(self) -> list[Person]:
        """Return everybody, oldest first."""
        with self._database.reading() as connection:
            return [person_from(row) for row in connection.execute(select(people).order_by(people.c.id)).mappings()]

    def set(self, person_id: int, **changes: Any) -> None:
        """Change fields of a person, named as in `Person`; not his address."""
        with self._database.writing() as connection:
            connection.execute(update(people).where(people.c.id == person_id).values(changes))
            self._database.note_change(connection)

    def password_of(self, person_id: int) -> str | None:
        """Return what a person's password is recognised by."""
        with self._database.reading() as connection:
            return connection.execute(select(people.c.password).where(people.c.id == person_id)).scalar()

    def set_password(self, person_id: int, password: str) -> None:
        kept = hashed(password)
        with self._database.writing() as connection:
            connection.execute(update(people).where(people.c.id == person_id).values(password=kept))

    def _one(self, which: ColumnElement[bool]) -> Person | None:
        with self._database.reading() as connection:
            row = connection.execute(select(people).where(which)).mappings().first()
        return None if row is None else person_from(row)


def insert_person(connection: Connection, new: NewPerson, kept: str, now: Moment) -> Person:
    """Add a person within a transaction; `kept` is what the password is recognised by. Raises `BadAddress`."""
    row: dict[str, Any] = {
        "uuid": str(uuid.uuid4()), "email": new.email.strip(), "email_key": email_key_of(new.email), "password": kept,
        "first_name": new.first_name, "last_name": new.last_name, "language": new.language, "totp": None,
        "created_at": now, "verified_at": 0, "disabled_at": 0,
    }  # fmt: skip
    made = connection.execute(insert(people).values(row)).inserted_primary_key
    assert made is not None
    return Person(id=made[0], **{name: row[name] for name in Person.__struct_fields__ if name != "id"})


def person_from(row: RowMapping) -> Person:
    return Person(**{name: row[name] for name in Person.__struct_fields__})
