"""What the tables of a history are made of: every row belongs to a platform, and numbers are whole."""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, SmallInteger, Table, Text

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"})

WHOLE = BigInteger().with_variant(Integer, "sqlite")
"""int64. SQLite's strict tables have one name for whole numbers of any size."""
CODE = SmallInteger().with_variant(Integer, "sqlite")


def table(name: str, *parts: Any) -> Table:
    platform = Column("platform", Text, primary_key=True)
    return Table(name, metadata, platform, *parts, sqlite_strict=True, sqlite_with_rowid=False)


def key(name: str) -> Column[int]:
    return Column(name, WHOLE, primary_key=True, autoincrement=False)


def whole(name: str) -> Column[int]:
    return Column(name, WHOLE, nullable=False)


def code(name: str) -> Column[int]:
    return Column(name, CODE, nullable=False)


def free_text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def wholes(*names: str) -> list[Column[int]]:
    return [whole(name) for name in names]


def codes(*names: str) -> list[Column[int]]:
    return [code(name) for name in names]


def free_texts(*names: str) -> list[Column[str]]:
    return [free_text(name) for name in names]
