"""How much an installation does for the platforms of organizations."""

import msgspec

from prorata.control.webhooks.targets import Allowed


class HostingTerms(msgspec.Struct, frozen=True):
    """How many platforms are hosted at most: of one organization, and of all together."""

    per_organization: int
    total: int


class ConnectionTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Connection tests. `private`: addresses in networks that are not public are allowed. `seconds`: of one test."""

    private: bool = False
    seconds: float = 8.0
    per_minute: int = 6

    @property
    def allowed(self) -> Allowed:
        return Allowed(private=self.private)
