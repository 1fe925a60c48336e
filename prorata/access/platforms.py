"""From the uuid of a trade platform to the platform, for whoever may know of it."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant


class Owned(Protocol):
    """A platform of an organization, as a registry keeps it."""

    @property
    def uuid(self) -> str: ...
    @property
    def organization_id(self) -> int: ...
    @property
    def archived_at(self) -> int: ...


P = TypeVar("P", bound=Owned)


def platform_for(grant: Grant, uuid: str, platforms: Mapping[str, P]) -> P:
    """Return the platform of this uuid out of those that are known by theirs.

    Raises:
        NotFound: there is none, it is another organization's, the grant is narrowed to others, or it is archived.
    """
    found = platforms.get(uuid)
    if found is None:
        raise NotFound
    if found.organization_id != grant.organization_id:
        raise NotFound
    if not grant.reaches(uuid):
        raise NotFound
    if found.archived_at:
        raise NotFound
    return found


def platforms_for(grant: Grant, platforms: Iterable[P]) -> list[P]:
    """Return those of the platforms that the grant reaches, as they come."""
    return [
        platform
        for platform in platforms
        if platform.organization_id == grant.organization_id and grant.reaches(platform.uuid) and not platform.archived_at
    ]
