"""The description of the workspace."""

from typing import Any

from litestar.handlers import HTTPRouteHandler

from prorata.messages.refusals import Refusal
from prorata.rest.description import Access, Surface
from prorata.rest.workspace.cookies import SESSION_COOKIE
from prorata.rest.workspace.permitted import ADMINISTRATION, MEMBERSHIP, needed_by

INTRODUCTION = f"""People register, sign in, and work for the organizations that they are members of. Times are RFC 3339 in UTC.

Signing in sets the cookie `{SESSION_COOKIE}`, or with `"token": true` gives a token for `Authorization: Bearer`. A change
that is signed in by the cookie needs our own `Origin`, or any `X-Requested-With` header.

What a person signs in by is changed only within ten minutes after he has proved who he is: sign in, or see `/auth/prove`.

Whatever is refused is answered with a problem (RFC 9457) whose `code` never changes its meaning: see `/problems`. Every change
is in the audit."""

EXAMPLES: dict[str, Any] = {
    "accepted": True, "active_at": "2030-01-31T09:45:00.000Z", "address": "203.0.113.7", "agent": "Mozilla/5.0", "code": 1102,
    "body": "This link sets a new password.",
    "created_at": "2030-01-31T09:30:00.000Z", "current": True, "done": True, "email": "ann@example.com", "ended": 1,
    "expires_at": "2030-03-02T09:30:00.000Z", "first_name": "Ann", "instance": "/api/v1/auth/login", "language": "en",
    "last_name": "Lee", "methods": "pwd", "name": "Ann's phone", "organization": "First Broker",
    "otpauth": "otpauth://totp/Prorata:ann%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Prorata",
    "person": "882e6c23-5ca0-54d6-86b9-35bc12d9dd91", "proved_at": "2030-01-31T09:30:00.000Z", "recipient": "ann@example.com",
    "recovery_codes": "q7xk-2mfa-p3zd-w5ul", "recovery_codes_left": 10, "request_id": "5f2c11aa-1",
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "sign_in": "0c6b1f60-7f0e-4a58-a1c0-5f8d3f0f6a11",
    "state": "signed_in", "subject": "A new password", "ticket": "q0z4rT9Q2mJ8sVfH1bW7cXyL5nKpD3gA6eUiRoZtYwE",
    "used_at": "2030-01-31T09:45:00.000Z", "uuid": "882e6c23-5ca0-54d6-86b9-35bc12d9dd91", "verified": True,
}  # fmt: skip


def access_of(handler: HTTPRouteHandler) -> Access:
    """Say who may call an operation: who is signed in if it takes the `caller`, and what its guard says."""
    if "caller" not in handler.parsed_fn_signature.parameters:
        return Access("Anybody may call it.", ())
    words = {
        "": "Needs a person who is signed in.", MEMBERSHIP: "Needs a member of the organization.",
        ADMINISTRATION: "Needs an Administrator of the organization.",
    }  # fmt: skip
    needed = needed_by(handler)
    return Access(words.get(needed, f"Needs a member with the permission `{needed}`."), ("session", "token"))


SURFACE = Surface(
    introduction=INTRODUCTION,
    schemes={
        "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
        "token": {"type": "http", "scheme": "bearer"},
    },
    access_of=access_of,
    examples=EXAMPLES,
    shown={},
    refused=(Refusal.CREDENTIALS_WRONG, "/api/v1/auth/login"),
)
