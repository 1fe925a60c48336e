"""What whoever runs an installation says about identity: the issuer, the applications of his own, other providers."""

from typing import Annotated

import msgspec
from msgspec import Meta

from prorata.control.oidc.keys import Algorithm


class ApplicationTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application of the broker's own, which people of all organizations may sign in to."""

    client_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]
    redirects: tuple[str, ...]
    """where codes may be sent; compared letter by letter"""
    logout_redirects: tuple[str, ...] = ()
    name: str = ""
    secret: str = ""
    """"": it can keep none (a page in a browser)"""
    scopes: str = "openid profile email roles offline_access api webapi"
    algorithm: Algorithm = Algorithm.ES256
    """what its ID tokens are signed with"""


class ProviderTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another OpenID Connect provider that people may sign in through, and how we are registered with it.

    `name`: in addresses; `title`: on the page, "" is the name.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,32}\Z")]
    title: str = ""
    issuer: str
    client_id: str
    client_secret: str

    @property
    def shown(self) -> str:
        """Return what people know it as."""
        return self.title or self.name


class IdentityTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`url`: the issuer of our tokens; "" is where the outside reaches us, and if that is not said, the address asked."""

    url: str = ""
    applications: tuple[ApplicationTerms, ...] = ()
    providers: tuple[ProviderTerms, ...] = ()
