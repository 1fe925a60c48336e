"""Settings that a manager's program keeps with us: texts under keys."""

from sqlalchemy import delete, func, insert, select

from prorata.control.database import Database
from prorata.control.tables import settings

KEYS_MAX = 500


class TooManySettings(Exception):
    """A manager has as many settings as he may."""


class UserSettings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, manager_id: int, key: str) -> str | None:
        mine = (settings.c.person_id == manager_id) & (settings.c.key == key)
        with self._database.reading() as connection:
            return connection.execute(select(settings.c.value).where(mine)).scalar()

    def set(self, manager_id: int, key: str, value: str | None) -> None:
        """Keep a text; None forgets it. Raises `TooManySettings`."""
        mine = (settings.c.person_id == manager_id) & (settings.c.key == key)
        with self._database.writing() as connection:
            connection.execute(delete(settings).where(mine))
            if value is None:
                return
            count = select(func.count()).select_from(settings).where(settings.c.person_id == manager_id)
            if connection.execute(count).scalar_one() >= KEYS_MAX:
                raise TooManySettings
            connection.execute(insert(settings).values(person_id=manager_id, key=key, value=value))
