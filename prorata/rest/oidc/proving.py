"""How a client proves who it is: by HTTP Basic, by id and secret in the form, or, a public one, by its id alone."""

from base64 import b64decode
from typing import TypeAlias
from urllib.parse import unquote_plus

from prorata.control.api_clients.store import ApiClient
from prorata.control.oidc.applications import Application
from prorata.rest.oidc.call import Call
from prorata.rest.oidc.errors import OAuthError, invalid_client, invalid_request

Client: TypeAlias = ApiClient | Application


def client_of(call: Call, form: dict[str, str]) -> Client:
    """Return which client calls. Raises `OAuthError`."""
    authorization = call.request.headers.get("authorization", "")
    if authorization:
        if "client_secret" in form:
            raise invalid_request("client_secret: the client authenticates by its header already")
        client_id, secret = _basic(authorization)
        if form.get("client_id", client_id) != client_id:
            raise invalid_request("client_id: not the one of the header")
        return _proved(call, client_id, secret, basic=True)
    client_id = form.get("client_id", "")
    if not client_id:
        raise invalid_client(basic=False)
    if "client_secret" in form:
        return _proved(call, client_id, form["client_secret"], basic=False)
    application = call.oidc.applications.find(client_id)
    if application is None or not application.public or application.disabled_at:
        raise invalid_client(basic=False)
    return application


def confidential_client_of(call: Call, form: dict[str, str]) -> Client:
    """Return which client calls; one that has a secret. Raises `OAuthError`."""
    client = client_of(call, form)
    if isinstance(client, Application) and client.public:
        raise invalid_client(basic=False)
    return client


def organization_of(client: Client) -> str | None:
    """Return the organization that a client belongs to, by uuid; None: the broker's own, for all of them."""
    return client.organization_uuid or None


def _proved(call: Call, client_id: str, secret: str, *, basic: bool) -> Client:
    client = call.control.api_clients.proved(client_id, secret) or call.oidc.applications.proved(client_id, secret)
    if client is None:
        raise invalid_client(basic=basic)
    if isinstance(client, ApiClient) and not client.allows(call.address):
        raise OAuthError("unauthorized_client", f"the client may not call from {call.address}")
    return client


def _basic(authorization: str) -> tuple[str, str]:
    """Return id and secret of a header (RFC 6749, 2.3.1: both are encoded as in a form)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise invalid_client(basic=True)
    try:
        client_id, _, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise invalid_client(basic=True) from None
    return unquote_plus(client_id), unquote_plus(secret)
