"""What all tests need and none is about, made cheap: for each, how much of their time it took."""

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy
from argon2 import PasswordHasher

from prorata.control import passwords

_IN_EARNEST = passwords._hasher
_STATEMENTS_KEPT = 5_000


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage while all is loaded, and afterwards less often and not in that.

    It took a third of the time of loading, and a fifth of that of the tests of the CRM.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(700, 10, 100)
        gc.enable()


def pytest_configure() -> None:
    """Hash passwords at Argon2's least cost: a third of the time of the tests of RAMM, which make thousands of people.

    Now, since modules of tests hash the password of all their people as they are loaded.
    """
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def costly_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords are hashed as in earnest, for tests of what that costs."""
    monkeypatch.setattr(passwords, "_hasher", _IN_EARNEST)
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def statements_in_common() -> Iterator[None]:
    """All SQLite databases, and all engines of one PostgreSQL schema, share what SQLAlchemy has compiled for the first of them.

    It keeps statements for each engine and its dialect: a third of the time of tests with a database of their own.
    """
    create = sqlalchemy.create_engine
    first: dict[str, sqlalchemy.Engine] = {}

    def created(*arguments: Any, **options: Any) -> sqlalchemy.Engine:
        engine = create(*arguments, query_cache_size=_STATEMENTS_KEPT, **options)
        like = first.setdefault("sqlite" if engine.dialect.name == "sqlite" else str(engine.url), engine)
        if like.dialect.default_schema_name:  # It has been connected, and knows its server.
            engine.dialect, engine._compiled_cache = like.dialect, like._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sqlalchemy, "create_engine", created)
        yield


@pytest.fixture(scope="session", autouse=True)
def modules_in_common(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Processes that tests start find modules compiled, even where none is written beside its source: a third of each start."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with pytest.MonkeyPatch.context() as patched:
        if "PYTHONDONTWRITEBYTECODE" in os.environ:
            patched.delenv("PYTHONDONTWRITEBYTECODE")
            patched.setenv("PYTHONPYCACHEPREFIX", str(folder / "modules"))
        yield
