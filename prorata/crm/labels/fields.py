"""Fields that an organization defines for its accounts, each of one kind. Values are kept as texts of one form."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import CrmAccount
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.holding import hold_person
from prorata.crm.labels.tables import VALUE_LENGTH_MAX, field_values, fields
from prorata.crm.settings import find_setting
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment

FIELDS_MAX = 100
"""of an organization"""
CHOICES_MAX = 200
DIGITS_MAX = 30


class FieldKind(StrEnum):
    TEXT = "TEXT"
    NUMBER = "NUMBER"
    DATE = "DATE"
    CHOICE = "CHOICE"
    FLAG = "FLAG"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """`choices`: of a CHOICE."""

    id: int
    uuid: str
    organization_id: int
    name: str
    kind: FieldKind
    choices: tuple[str, ...]
    created_at: Moment


class FieldValue(msgspec.Struct, frozen=True, kw_only=True):
    field: Field
    value: str


class Fields:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, organization_id: int) -> list[Field]:
        """Return the fields of an organization, oldest first."""
        query = select(fields).where(fields.c.organization_id == organization_id).order_by(fields.c.id)
        with self._database.reading() as connection:
            return [_field_from(row) for row in connection.execute(query).mappings()]

    def find(self, organization_id: int, field_uuid: str) -> Field:
        """Raises `NotFound`."""
        with self._database.reading() as connection:
            return _field_from(find_setting(connection, fields, organization_id, fields.c.uuid == field_uuid))

    def add(self, organization_id: int, name: str, kind: FieldKind, choices: Collection[str] = ()) -> Field:
        """Raises `Declined`: there is one of this name, or it is none."""
        _check_choices(kind, choices)
        if len(self.all(organization_id)) >= FIELDS_MAX:
            raise Declined(Refusal.QUOTA_REACHED, f"an organization has at most {FIELDS_MAX} fields")
        row: dict[str, Any] = {
            "uuid": str(uuid.uuid4()), "organization_id": organization_id, "name": name.strip(), "kind": kind.value,
            "choices": msgspec.json.encode(list(choices)).decode(), "created_at": self._database.now(),
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                connection.execute(insert(fields).values(row))
        except IntegrityError:
            raise Declined(Refusal.NAME_TAKEN, "name: there is a field of this name") from None
        return self.find(organization_id, row["uuid"])

    def change(self, field: Field, name: str, choices: Collection[str] = ()) -> Field:
        """Change name and choices; the kind stays, and so do values of choices that are none any more. Raises `Declined`."""
        _check_choices(field.kind, choices)
        values = {"name": name.strip(), "choices": msgspec.json.encode(list(choices)).decode()}
        try:
            with self._database.writing() as connection:
                connection.execute(update(fields).where(fields.c.id == field.id).values(values))
        except IntegrityError:
            raise Declined(Refusal.NAME_TAKEN, "name: there is a field of this name") from None
        return self.find(field.organization_id, field.uuid)

    def remove(self, field: Field) -> None:
        """Take a field away, with the values that all accounts have of it."""
        with self._database.writing() as connection:
            connection.execute(delete(field_values).where(field_values.c.field_id == field.id))
            connection.execute(delete(fields).where(fields.c.id == field.id))

    def of_account(self, account: CrmAccount) -> list[FieldValue]:
        """Return what an account has of fields, in their order."""
        mine = (field_values.c.account_id == account.id) & (fields.c.organization_id == account.organization_id)
        query = select(fields, field_values.c.value).select_from(fields.join(field_values)).where(mine).order_by(fields.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [FieldValue(field=_field_from(row), value=row["value"]) for row in rows]

    def put(self, account: CrmAccount, values: Mapping[str, str | None], *, by: str) -> list[FieldValue]:
        """Set an account's values by the fields' uuids; None takes one away. Raises `Declined`: one does not fit."""
        wanted = {}
        for field_uuid, value in values.items():
            try:
                field = self.find(account.organization_id, field_uuid)
            except NotFound:
                raise Declined(Refusal.UNKNOWN_REFERENCE, f"{field_uuid}: there is no field of this uuid"[:200]) from None
            wanted[field] = None if value is None else read_value(field, value)
        with self._database.writing() as connection:
            hold_person(connection, account.id)
            for field, text in wanted.items():
                mine = (field_values.c.account_id == account.id) & (field_values.c.field_id == field.id)
                connection.execute(delete(field_values).where(mine))
                if text is not None:
                    row = {"account_id": account.id, "field_id": field.id, "value": text}
                    connection.execute(insert(field_values).values(row))
            names = ", ".join(sorted(field.name for field in wanted))
            tell(connection, account.id, TimelineEvent.ACCOUNT_CHANGED, names, by, self._database.now())
        return self.of_account(account)


def read_value(field: Field, value: str) -> str:
    """Return a value in the one form in which it is kept. Raises `Declined`: it is none of the field's kind."""
    problem = ""
    if len(value) > VALUE_LENGTH_MAX:
        problem = f"has more than {VALUE_LENGTH_MAX} characters"
    elif field.kind == FieldKind.NUMBER:
        value, problem = _number(value)
    elif field.kind == FieldKind.DATE:
        problem = "" if _is_day(value) else "expected a day such as 2030-12-31"
    elif field.kind == FieldKind.CHOICE:
        problem = "" if value in field.choices else "expected one of its choices"
    elif field.kind == FieldKind.FLAG:
        problem = "" if value in ("true", "false") else "expected true or false"
    if problem:
        raise Declined(Refusal.FIELD_UNFIT, f"{field.name}: {problem}"[:300])
    return value


def _number(value: str) -> tuple[str, str]:
    """Return a number without what is needless, and "" or what is wrong with it."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value, "expected a number such as 12.5"
    if not number.is_finite() or len(number.as_tuple().digits) > DIGITS_MAX or abs(number.adjusted()) > DIGITS_MAX:
        return value, f"expected a number of at most {DIGITS_MAX} digits"
    return f"{number.normalize() + 0:f}", ""


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _check_choices(kind: FieldKind, choices: Collection[str]) -> None:
    if (kind == FieldKind.CHOICE) != bool(choices):
        raise Declined(Refusal.FIELD_UNFIT, "choices: a CHOICE has some, and no other kind")
    if len(choices) > CHOICES_MAX or len(set(choices)) < len(choices) or not all(one.strip() for one in choices):
        raise Declined(Refusal.FIELD_UNFIT, f"choices: at most {CHOICES_MAX}, each once, none of them empty")


def _field_from(row: RowMapping | Mapping[Any, Any]) -> Field:
    same = {name: row[name] for name in Field.__struct_fields__ if name not in ("kind", "choices")}
    choices = msgspec.json.decode(row["choices"], type=tuple[str, ...])
    return Field(**same, kind=FieldKind(row["kind"]), choices=choices)
