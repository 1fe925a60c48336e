"""The provider as one ASGI application."""

from typing import Any

import structlog
from litestar import Litestar, Request, Response
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException

from prorata.rest.oidc.authorize import AUTHORIZE, LOGIN, authorize
from prorata.rest.oidc.call import Provider, call_of
from prorata.rest.oidc.discovery import CONFIGURATION, KEYS, SERVER, configuration, jwks
from prorata.rest.oidc.ending import ENDSESSION, endsession
from prorata.rest.oidc.errors import OAuthError, PageError, answer_with
from prorata.rest.oidc.login import OPERATIONS
from prorata.rest.oidc.managing import introspect, revocation
from prorata.rest.oidc.outside import OUTSIDE, arrive, leave
from prorata.rest.oidc.pages import problem_page
from prorata.rest.oidc.token import token
from prorata.rest.oidc.userinfo import userinfo

BODY_MAX = 65_536
ROOTS = ("/connect/", CONFIGURATION, SERVER, KEYS)
"""Beginnings of the paths that are served here."""
_PAGES = (AUTHORIZE, ENDSESSION, LOGIN, OUTSIDE)
_TEXTS = {404: "There is no such page.", 405: "The page is not asked for like that.", 413: "That was too much at once."}

_log = structlog.get_logger("oidc")


def create_provider(provider: Provider) -> Litestar:
    """Return the ASGI application that serves the OpenID Connect provider of one installation."""
    return Litestar(
        route_handlers=[
            configuration, jwks, authorize, token, userinfo, revocation, introspect, endsession, leave, arrive,
            *OPERATIONS,
        ],
        dependencies={"call": Provide(call_of, sync_to_thread=False)},
        exception_handlers={OAuthError: answer_with, PageError: _page, HTTPException: _http, Exception: _failed},
        # Pages of other origins may ask with a token or a code, but never with our cookie.
        cors_config=CORSConfig(allow_origins=["*"], allow_credentials=False),
        request_max_body_size=BODY_MAX,
        state=State({"provider": provider}),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )  # fmt: skip


def _page(_request: Request[Any, Any, Any], error: PageError) -> Response[str]:
    return problem_page(error.text, status=error.status)


def _http(request: Request[Any, Any, Any], problem: HTTPException) -> Response[Any]:
    """Tell what the framework found wrong."""
    if problem.status_code >= 500:
        return _failed(request, problem)
    if request.scope["path"].startswith(_PAGES):
        return problem_page(_TEXTS.get(problem.status_code, "The request cannot be read."), status=problem.status_code)
    response = answer_with(request, OAuthError("invalid_request", problem.detail, status=problem.status_code))
    response.headers.update({name.lower(): value for name, value in (problem.headers or {}).items()})
    return response


def _failed(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    """A bug: log everything, tell nothing."""
    _log.error("a call failed", path=request.scope["path"], exc_info=problem)
    if request.scope["path"].startswith(_PAGES):
        return problem_page("Something went wrong here. Please try again later.", status=500)
    return answer_with(request, OAuthError("server_error", "something went wrong here", status=500))
