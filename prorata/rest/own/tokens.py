"""Access tokens on our own API: who calls, and which trade platform is meant.

A key is made for one platform; a token is an organization's. So a call with a token names the platform in the header
`Prorata-Platform`, by its uuid, unless there is but one that it reaches.
"""

from collections.abc import Mapping
from typing import Protocol

from prorata.access.callers import Caller, NotFound
from prorata.access.permissions import Grant
from prorata.access.platforms import platform_for, platforms_for
from prorata.control.oidc.checking import TokenChecker
from prorata.control.oidc.scopes import Surface
from prorata.control.platforms.records import PlatformRecord
from prorata.messages.refusals import Refusal
from prorata.views.answers import Rejected

PLATFORM_HEADER = b"prorata-platform"


class Registry(Protocol):
    """The trade platforms of all organizations, in memory."""

    @property
    def by_uuid(self) -> Mapping[str, PlatformRecord]: ...
    def of_organization(self, organization_id: int) -> list[PlatformRecord]: ...


class AccessTokens:
    def __init__(self, tokens: TokenChecker, platforms: Registry) -> None:
        self._tokens = tokens
        self._platforms = platforms

    def caller(self, token: bytes, wanted: bytes | None, address: str) -> Caller:
        """Return who calls from `address`, and on which platform; `wanted` is the header that names it.

        Raises:
            Rejected: the token is not good, or not from there; no such platform, or several and none named.
        """
        found = self._tokens.check(token, Surface.API)
        if found is None or not found.allows(address):
            raise Rejected(Refusal.NOT_AUTHENTICATED)
        platform = self._platform(found.grant, wanted)
        return Caller(found.subject, platform.engine, frozenset(), permissions=found.grant.permissions)

    def _platform(self, grant: Grant, wanted: bytes | None) -> PlatformRecord:
        if wanted is not None:
            try:
                platform = platform_for(grant, wanted.decode("latin-1"), self._platforms.by_uuid)
            except NotFound:
                raise Rejected(Refusal.NOT_FOUND, "Prorata-Platform: no such trade platform") from None
            if not platform.engine:
                raise Rejected(Refusal.NOT_FOUND, "Prorata-Platform: the trade platform is not hosted here")
            return platform
        mine = platforms_for(grant, self._platforms.of_organization(grant.organization_id))
        hosted = [platform for platform in mine if platform.engine]
        if len(hosted) != 1:
            raise Rejected(Refusal.MALFORMED, "Prorata-Platform: name the trade platform by its uuid")
        return hosted[0]
