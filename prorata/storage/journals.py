"""Picks the journal by its address."""

from pathlib import Path
from urllib.parse import unquote

from prorata.storage.chain import JournalUnusable, StoredJournal
from prorata.storage.sqlite_journal import SqliteJournal


def open_journal(url: str, platform: str) -> StoredJournal:
    """Return the journal of `platform` at `url`. Nothing is touched until it is read or claimed with `open`.

    `sqlite:///data/live.db` is a file below the working directory and `sqlite:////srv/live.db` one from the root; a
    file holds one platform. `postgresql://user@host/database` holds many. The driver that SQLAlchemy's addresses may
    name (`postgresql+asyncpg://`) is passed over.

    Raises:
        JournalUnusable: the address is of neither kind.
    """
    scheme, separator, place = url.partition("://")
    kind = scheme.partition("+")[0]
    if separator and kind == "sqlite" and place.startswith("/") and len(place) > 1:
        return SqliteJournal(Path(unquote(place[1:])), platform)
    if separator and kind in ("postgresql", "postgres"):
        from prorata.storage.postgresql_journal import PostgresqlJournal  # with its driver, which others need not load

        return PostgresqlJournal(f"postgresql://{place}", platform)
    raise JournalUnusable(f"a journal's address begins with sqlite:/// or postgresql://, not {scheme!r}")
