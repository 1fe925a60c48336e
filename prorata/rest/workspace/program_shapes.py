"""What is sent to us and answered about an organization's programs: API clients and applications."""

from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from prorata.control.api_clients.store import ApiClient
from prorata.control.columns import NAME_LENGTH_MAX
from prorata.control.oidc.applications import REDIRECT_LENGTH_MAX, REDIRECTS_MAX, Application
from prorata.control.oidc.keys import Algorithm
from prorata.control.oidc.scopes import TokenScope
from prorata.control.secrets import Secret
from prorata.units.numbers import MINUTE_MS
from prorata.views.bodies import NO_CONTROLS, Body
from prorata.views.numbers import show_moment, show_moment_or_none

NETWORKS_MAX = 50
OVERLAP_HOURS_MAX = 24 * 90

Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX, pattern=NO_CONTROLS, examples=["Reporting robot"])]
Right: TypeAlias = Annotated[str, Meta(max_length=64, examples=["trades.read"])]
Rights = Annotated[
    tuple[Right, ...], Meta(max_length=200, description="permissions", examples=[["accounts.read", "trades.read"]])
]
PlatformUuid: TypeAlias = Annotated[str, Meta(min_length=36, max_length=36, examples=["7c1d0a3e-6f2b-4b1e-9d55-0a8f3f1f7c11"])]
Platforms = Annotated[tuple[PlatformUuid, ...], Meta(max_length=500, description="uuids of trade platforms; null: all")]
Network: TypeAlias = Annotated[str, Meta(max_length=64, examples=["192.0.2.0/24"])]
Networks = Annotated[
    tuple[Network, ...],
    Meta(max_length=NETWORKS_MAX, description="networks that it may call from; none: any", examples=[["192.0.2.0/24"]]),
]
Redirect: TypeAlias = Annotated[str, Meta(max_length=REDIRECT_LENGTH_MAX, examples=["https://app.example.com/signed-in"])]
Redirects = Annotated[tuple[Redirect, ...], Meta(max_length=REDIRECTS_MAX, examples=[["https://app.example.com/signed-in"]])]
Scopes = Annotated[tuple[TokenScope, ...], Meta(max_length=len(TokenScope), examples=[["openid", "profile", "email"]])]


class NewApiClientBody(Body, frozen=True, kw_only=True):
    """Nobody gives what he lacks himself. `platforms` null: all of the organization, also later ones."""

    name: Name
    permissions: Rights
    platforms: Platforms | None = None
    addresses: Networks = ()


class ApiClientChangeBody(Body, frozen=True, kw_only=True):
    """What is left out stays as it is. `platforms` null: all."""

    name: Name | UnsetType = UNSET
    permissions: Rights | UnsetType = UNSET
    platforms: Platforms | UnsetType | None = UNSET
    addresses: Networks | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class SecretRotation(Body, frozen=True, kw_only=True):
    """For `overlap_hours` more, the old secret is good as well."""

    overlap_hours: Annotated[int, Meta(ge=0, le=OVERLAP_HOURS_MAX, examples=[24])] = 24

    @property
    def overlap_ms(self) -> int:
        return self.overlap_hours * 60 * MINUTE_MS


class NewApplicationBody(Body, frozen=True, kw_only=True):
    """`public`: a page or a program that can keep no secret. `id_token_algorithm`: what its ID tokens are signed with."""

    name: Name
    redirects: Annotated[Redirects, Meta(min_length=1)]
    logout_redirects: Redirects = ()
    scopes: Scopes = (TokenScope.OPENID, TokenScope.PROFILE, TokenScope.EMAIL)
    public: bool = False
    id_token_algorithm: Algorithm = Algorithm.ES256


class ApplicationChangeBody(Body, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    name: Name | UnsetType = UNSET
    redirects: Annotated[Redirects, Meta(min_length=1)] | UnsetType = UNSET
    logout_redirects: Redirects | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class SecretView(msgspec.Struct, frozen=True):
    """`expires_at` null: it does not end."""

    created_at: str
    expires_at: str | None


class ApiClientView(msgspec.Struct, frozen=True, kw_only=True):
    """`secrets`: newest first, never themselves. `used_at`: when it last called, to the minute."""

    client_id: str
    name: str
    permissions: tuple[str, ...]
    platforms: tuple[str, ...] | None
    addresses: tuple[str, ...]
    enabled: bool
    secrets: tuple[SecretView, ...]
    created_at: str
    used_at: str | None


class ApiClientWithSecret(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` is shown this once."""

    client: ApiClientView
    secret: str


class ApplicationView(msgspec.Struct, frozen=True, kw_only=True):
    client_id: str
    name: str
    public: bool
    redirects: tuple[str, ...]
    logout_redirects: tuple[str, ...]
    scopes: tuple[TokenScope, ...]
    id_token_algorithm: Algorithm
    enabled: bool
    secrets: tuple[SecretView, ...]
    created_at: str


class ApplicationWithSecret(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` is shown this once; null: a public application has none."""

    application: ApplicationView
    secret: str | None


class Removed(msgspec.Struct, frozen=True):
    client_id: str


def client_view(client: ApiClient) -> ApiClientView:
    platforms = client.grant.platforms
    return ApiClientView(
        client_id=client.client_id,
        name=client.name,
        permissions=tuple(sorted(client.grant.permissions)),
        platforms=None if platforms is None else tuple(sorted(platforms)),
        addresses=tuple(map(str, client.networks)),
        enabled=not client.disabled_at,
        secrets=_secret_views(client.secrets),
        created_at=show_moment(client.created_at),
        used_at=show_moment_or_none(client.used_at),
    )


def application_view(application: Application) -> ApplicationView:
    return ApplicationView(
        client_id=application.client_id,
        name=application.name,
        public=application.public,
        redirects=application.redirects,
        logout_redirects=application.logout_redirects,
        scopes=tuple(scope for scope in TokenScope if scope in application.scopes),
        id_token_algorithm=application.algorithm,
        enabled=not application.disabled_at,
        secrets=_secret_views(application.secrets),
        created_at=show_moment(application.created_at),
    )


def _secret_views(secrets: tuple[Secret, ...]) -> tuple[SecretView, ...]:
    return tuple(SecretView(show_moment(one.created_at), show_moment_or_none(one.expires_at)) for one in secrets)


def told(view: msgspec.Struct) -> dict[str, Any]:
    """Return a view as the audit keeps it."""
    return {name: value for name, value in msgspec.to_builtins(view).items() if name not in ("secrets", "used_at")}
