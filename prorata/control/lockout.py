"""Back-off after wrong passwords and codes, and after many mails to one address.

A login is blocked whether or not anybody has it, so that nobody learns who does.
"""

from contextlib import suppress

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.columns import LOGIN_LENGTH_MAX
from prorata.control.database import Database
from prorata.control.tables import attempts
from prorata.units.numbers import DAY_MS, MINUTE_MS, Moment

PERSON = "person"
"""realm of people's passwords, by address"""
PERSON_CODE = "person code"
"""realm of their one-time codes, by uuid"""
PERSON_MAIL = "person mail"
"""realm of mails that anybody can have sent, by address: each counts"""
FREE_TRIES = 5
FIRST_BLOCK_MS = MINUTE_MS // 2
LONGEST_BLOCK_MS = 60 * MINUTE_MS
FORGOTTEN_MS = DAY_MS


class Blocked(Exception):
    """Too many wrong passwords: no further one is looked at before `until`."""

    def __init__(self, until: Moment) -> None:
        super().__init__("the login is blocked for a while")
        self.until = until


class Attempts:
    """Wrong passwords of each login. `realm` keeps managers, clients and people apart."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, realm: str, login_key: str) -> None:
        """Count a try before its password is looked at: tries at the same moment are all counted. Raises `Blocked`.

        The fifth failure in a row blocks for half a minute, each further one for twice as long, an hour at most.
        """
        login_key = login_key[:LOGIN_LENGTH_MAX]
        now = self._database.now()
        mine = (attempts.c.realm == realm) & (attempts.c.login_key == login_key)
        self._make_sure(realm, login_key)
        with self._database.writing() as connection:
            row = connection.execute(select(attempts).where(mine).with_for_update()).mappings().first()
            if row is None:
                return  # The password was right, in another call, a moment ago.
            if row["blocked_until"] > now:
                raise Blocked(row["blocked_until"])
            failures = 1 if now - row["last_at"] >= FORGOTTEN_MS else row["failures"] + 1
            blocked_until = now + block_ms(failures) if failures >= FREE_TRIES else 0
            connection.execute(update(attempts).where(mine).values(failures=failures, blocked_until=blocked_until, last_at=now))

    def _make_sure(self, realm: str, login_key: str) -> None:
        """See that there is a row to lock."""
        row = {"realm": realm, "login_key": login_key, "failures": 0, "blocked_until": 0, "last_at": self._database.now()}
        with self._database.reading() as connection:
            mine = (attempts.c.realm == realm) & (attempts.c.login_key == login_key)
            if connection.execute(select(attempts.c.failures).where(mine)).first() is not None:
                return
        with suppress(IntegrityError), self._database.writing() as connection:
            connection.execute(insert(attempts).values(row))

    def succeeded(self, realm: str, login_key: str) -> None:
        """Forget the failures: the password was right."""
        mine = (attempts.c.realm == realm) & (attempts.c.login_key == login_key[:LOGIN_LENGTH_MAX])
        with self._database.writing() as connection:
            connection.execute(delete(attempts).where(mine))

    def sweep(self) -> None:
        """Forget what is so long ago that it no longer counts."""
        with self._database.writing() as connection:
            connection.execute(delete(attempts).where(attempts.c.last_at <= self._database.now() - FORGOTTEN_MS))


def block_ms(failures: int) -> int:
    """Return for how long the given failure in a row blocks."""
    return int(min(FIRST_BLOCK_MS << min(failures - FREE_TRIES, 16), LONGEST_BLOCK_MS))
