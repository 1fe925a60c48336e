"""What each person may do in each organization, in memory: a look-up of two dictionary keys, never a query.

What another process has changed is taken over with `load`. When somebody last worked in an organization is written down
from time to time.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, select, update

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant
from prorata.control.database import Database
from prorata.control.organizations.rights import grant_with, rights_from, rights_in
from prorata.control.organizations.tables import members, organizations, roles
from prorata.control.people.tables import people
from prorata.units.numbers import MINUTE_MS, Moment

USED_EVERY_MS = MINUTE_MS
"""how coarse `used_at` of a member is"""

_Place = tuple[int, str]
"""a person's number, an organization's uuid"""


class Grants:
    """`also_loads`: whatever else holds in memory who may do what (managers' sessions)."""

    def __init__(self, database: Database, also_loads: Callable[[], None]) -> None:
        self._database = database
        self._also_loads = also_loads
        self._known: Mapping[_Place, Grant] = {}
        self._noted: dict[_Place, Moment] = {}
        self._used: dict[_Place, Moment] = {}
        self._loading = threading.Lock()

    def of(self, person_id: int, organization_uuid: str) -> Grant:
        """Return what a person may do in an organization, and note that he works there; looks into memory alone.

        Raises:
            NotFound: there is no such organization, it is closed, or he is no active member: all answer alike.
        """
        place = (person_id, organization_uuid)
        grant = self._known.get(place)
        if grant is None:
            raise NotFound
        now = self._database.now()
        if now - self._noted.get(place, 0) >= USED_EVERY_MS:
            self._noted[place] = self._used[place] = now
        return grant

    def look(self, person_id: int, organization_uuid: str) -> Grant | None:
        """Return what a person may do in an organization, None for nothing; looks into memory alone."""
        return self._known.get((person_id, organization_uuid))

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Open a transaction that changes who may do what: it holds here at once, elsewhere after a refresh."""
        with self._database.writing() as connection:
            yield connection
            self._database.note_change(connection)
        self.load()
        self._also_loads()

    def load(self) -> None:
        """Take over what the database has."""
        with self._loading, self._database.reading() as connection:
            self._known = _read(connection)

    def write_activity(self) -> None:
        """Write down who worked where."""
        used, self._used = self._used, {}
        if not used:
            return
        with self._database.writing() as connection:
            for (person_id, uuid), at in list(used.items()):
                organization = select(organizations.c.id).where(organizations.c.uuid == uuid).scalar_subquery()
                mine = (members.c.person_id == person_id) & (members.c.organization_id == organization)
                connection.execute(update(members).where(mine, members.c.used_at < at).values(used_at=at))


def read_own_roles(connection: Connection) -> Mapping[int, Mapping[str, frozenset[str]]]:
    """Return the roles of each organization's own, by its number and their names."""
    found: dict[int, dict[str, frozenset[str]]] = {}
    for row in connection.execute(select(roles.c.organization_id, roles.c.name, roles.c.permissions)):
        found.setdefault(row.organization_id, {})[row.name] = rights_in(row.permissions)
    return found


def _read(connection: Connection) -> Mapping[_Place, Grant]:
    own_roles = read_own_roles(connection)
    joined = members.join(organizations, organizations.c.id == members.c.organization_id).join(
        people, people.c.id == members.c.person_id
    )
    query = (
        select(members, organizations.c.uuid)
        .select_from(joined)
        .where(members.c.disabled_at == 0, people.c.disabled_at == 0, organizations.c.closed_at == 0)
    )
    return {
        (row["person_id"], row["uuid"]): grant_with(
            rights_from(row), row["organization_id"], own_roles.get(row["organization_id"], {})
        )
        for row in connection.execute(query).mappings()
    }
