"""People: who may sign in. What each may do is said by organizations, of which he is a member."""

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.passwords import hashed
from prorata.control.people.addresses import email_key_of
from prorata.control.people.sign_ins import SignIns, end_sign_ins
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
    """`password` "" is none: the person can sign in after he has set one by a link. `email` "" is none: he signs in
    nowhere but where he has a login."""

    email: str
    password: str = ""
    first_name: str = ""
    last_name: str = ""
    language: str = "en"


class Candidate(msgspec.Struct, frozen=True):
    """Somebody who may be the one that signs in. `password`: what his is recognised by. `has_second_step`: a code is asked."""

    person: Person
    password: str
    has_second_step: bool


class People:
    def __init__(self, database: Database, sign_ins: SignIns) -> None:
        self._database = database
        self._sign_ins = sign_ins

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

    def candidate(self, email_key: str) -> Candidate | None:
        """Return the person of an address with what his password is recognised by."""
        return self._candidate(people.c.email_key == email_key)

    def candidate_by_id(self, person_id: int) -> Candidate | None:
        return self._candidate(people.c.id == person_id)

    def disable(self, person_id: int) -> None:
        """Let a person sign in no longer; he is signed out everywhere."""
        with self._database.writing() as connection:
            now = self._database.now()
            connection.execute(update(people).where(people.c.id == person_id).values(disabled_at=now))
            ended = end_sign_ins(connection, person_id, now)
            self._database.note_change(connection)
        self._sign_ins.forget(ended)

    def enable(self, person_id: int) -> None:
        self.set(person_id, disabled_at=0)

    def _candidate(self, which: ColumnElement[bool]) -> Candidate | None:
        with self._database.reading() as connection:
            row = connection.execute(select(people).where(which)).mappings().first()
        return None if row is None else Candidate(person_from(row), row["password"], row["totp"] is not None)

    def _one(self, which: ColumnElement[bool]) -> Person | None:
        with self._database.reading() as connection:
            row = connection.execute(select(people).where(which)).mappings().first()
        return None if row is None else person_from(row)


def insert_person(connection: Connection, new: NewPerson, kept: str, now: Moment) -> Person:
    """Add a person within a transaction; `kept` is what the password is recognised by. Raises `BadAddress`."""
    row: dict[str, Any] = {
        "uuid": str(uuid.uuid4()), "email": new.email.strip() or None,
        "email_key": email_key_of(new.email) if new.email else None, "password": kept,
        "first_name": new.first_name, "last_name": new.last_name, "language": new.language, "totp": None, "new_totp": None,
        "totp_step": 0,
        "created_at": now, "verified_at": 0, "disabled_at": 0,
    }  # fmt: skip
    made = connection.execute(insert(people).values(row)).inserted_primary_key
    assert made is not None
    return person_from(row | {"id": made[0]})


def person_from(row: Mapping[Any, Any]) -> Person:
    return Person(**{name: row[name] for name in Person.__struct_fields__ if name != "email"}, email=row["email"] or "")
