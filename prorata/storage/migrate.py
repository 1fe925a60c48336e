"""Brings the tables of a database to the newest revision.

The revisions lie in `prorata/storage/migrations/versions` and are written by hand. A database that is up to date is
recognised by one query, so that a start does not load the migration tool.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

NEWEST_REVISION = "0006"
UPGRADE_LOCK = 7_016_996_766
"""An advisory lock: two programs that start together must not both change the tables."""

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Bring the tables to the newest revision, all or nothing. Two programs may do so at once."""
    if current_revision(engine) == NEWEST_REVISION:
        return
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        _run_revisions(connection)


def current_revision(engine: Engine) -> str | None:
    """Return the revision that the database is at; None if it has no tables yet."""
    with engine.connect() as connection:
        try:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        except (OperationalError, ProgrammingError):
            # Each driver has its own class for a missing table. If it was the connection that failed, the upgrade
            # that follows says so.
            return None


def _run_revisions(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
