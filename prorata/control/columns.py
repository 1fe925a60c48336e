"""What the tables of the control side are made of: one `metadata` for all, and columns by their kind."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

LOGIN_LENGTH_MAX = 128
NAME_LENGTH_MAX = 128
SEALED = "sealed"
"""what `seals` finds sealed columns by, in `Column.info`"""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

WHOLE = BigInteger().with_variant(Integer, "sqlite")


def control_table(name: str, *parts: Any) -> Table:
    # Numbers of people and companies are known outside: one that is free again is never given to another.
    return Table(f"control_{name}", metadata, *parts, sqlite_autoincrement=True)


def number() -> Column[int]:
    return Column("id", WHOLE, primary_key=True)


def whole(name: str) -> Column[int]:
    return Column(name, WHOLE, nullable=False)


def code(name: str) -> Column[int]:
    return Column(name, SmallInteger().with_variant(Integer, "sqlite"), nullable=False)


def text(name: str, length: int | None = None) -> Column[str]:
    return Column(name, Text if length is None else String(length), nullable=False)


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def of(table: str, name: str, **options: Any) -> Column[int]:
    return Column(name, WHOLE, ForeignKey(f"control_{table}.id"), nullable=False, **options)


def digest() -> Column[bytes]:
    """SHA-256 of a token of 256 random bits."""
    return Column("digest", LargeBinary(32), nullable=False, unique=True)


def sealed(name: str) -> Column[bytes]:
    """A secret that must be read again, as `seals` keeps it; none: there is none. Its table has an `id`."""
    return Column(name, LargeBinary, nullable=True, info={SEALED: True})
