"""What the settings say about identity, as the OpenID Connect provider's stores take it."""

from prorata.app.settings import BadSettings, ServerSettings
from prorata.control.oidc.applications import Application, BadRedirect
from prorata.control.oidc.scopes import UnknownScope, scopes_in
from prorata.control.oidc.terms import ApplicationTerms
from prorata.control.secrets import Secret, digest_of
from prorata.control.store import Control


def set_identity(control: Control, settings: ServerSettings) -> None:
    """Tell the provider who it is, and which applications are the broker's own. Raises `BadSettings`."""
    control.oidc.tokens.issuer = issuer_of(settings)
    try:
        control.oidc.applications.set_first_party([_first_party(one) for one in settings.identity.applications])
    except (BadRedirect, UnknownScope) as problem:
        raise BadSettings(f"identity.applications: {problem}") from None


def issuer_of(settings: ServerSettings) -> str:
    """Return the issuer; "" is the address that a call comes to."""
    return settings.identity.url or settings.public_url


def _first_party(one: ApplicationTerms) -> Application:
    return Application(
        client_id=one.client_id,
        organization_id=0,
        organization_uuid="",
        name=one.name or one.client_id,
        public=not one.secret,
        redirects=one.redirects,
        logout_redirects=one.logout_redirects,
        scopes=scopes_in(one.scopes),
        algorithm=one.algorithm,
        secrets=(Secret(digest_of(one.secret), 0, 0),) if one.secret else (),
        created_at=0,
        disabled_at=0,
    )
