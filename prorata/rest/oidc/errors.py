"""Why not, as OAuth 2.0 and OpenID Connect say it: a word for programs and a line for people."""

import re
from typing import Any

from litestar import Request, Response

NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}

_NOT_TOLD = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")
"""what RFC 6749 (5.2) does not have in a description"""


class OAuthError(Exception):
    """Answered as JSON. `word`: as the standards have it. `scheme`: how the caller may authenticate, in a 401."""

    def __init__(self, word: str, description: str, *, status: int = 400, scheme: str = "") -> None:
        super().__init__(word, description)
        self.word = word
        self.description = told(description)
        self.status = status
        self.scheme = scheme


class PageError(Exception):
    """Told to a person on a page: what is wrong is not to be sent on to an address that nobody has vouched for."""

    def __init__(self, text: str, *, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


def told(description: str) -> str:
    return _NOT_TOLD.sub("?", description)[:300]


def answer_with(_request: Request[Any, Any, Any], error: OAuthError) -> Response[dict[str, str]]:
    headers = dict(NO_STORE)
    if error.scheme == "Bearer":
        headers["www-authenticate"] = f'Bearer realm="prorata", error="{error.word}", error_description="{error.description}"'
    elif error.scheme:
        headers["www-authenticate"] = f'{error.scheme} realm="prorata"'
    body = {"error": error.word, "error_description": error.description}
    return Response(body, status_code=error.status, headers=headers)


def invalid_request(description: str) -> OAuthError:
    return OAuthError("invalid_request", description)


def invalid_client(*, basic: bool) -> OAuthError:
    """An unknown client, a wrong or expired secret, a disabled client: all answer alike."""
    return OAuthError("invalid_client", "no client is known by this", status=401, scheme="Basic" if basic else "")


def invalid_token(description: str = "the access token is unknown, expired or revoked") -> OAuthError:
    return OAuthError("invalid_token", description, status=401, scheme="Bearer")
