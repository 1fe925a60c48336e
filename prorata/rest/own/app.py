"""The own API as one ASGI application, and the wiring of its parts."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog
from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.openapi import OpenAPIConfig

from prorata.access.keys import KeyStore
from prorata.messages.refusals import Refusal
from prorata.rest.own.accounts import Accounts
from prorata.rest.own.allowance import Allowance, Allowances
from prorata.rest.own.answers import PROBLEM_JSON, STATUS, Rejected, problem_headers, problem_of
from prorata.rest.own.bodies import decode_body
from prorata.rest.own.front import REQUEST_ID, ROOT, Front
from prorata.rest.own.orders import Orders
from prorata.rest.own.positions import Positions
from prorata.rest.own.session import Platform, session_of

_log = structlog.get_logger("rest")

OPERATIONS = [Orders, Positions, Accounts]


class StrictRequest(Request[Any, Any, State]):
    """Reads bodies straight into the type that the operation names, strictly."""

    async def json(self) -> Any:
        kind = self.route_handler.parsed_data_field
        assert kind is not None
        return decode_body(kind.annotation, await self.body())


def create_app(platforms: Mapping[str, Platform], keys: KeyStore, *, allowance: Allowance | None = None) -> Front:
    """Return the ASGI application that serves /api/v1 and /problems for all platforms of one installation.

    A key says which platform it is for; its calls see no other.
    """

    @asynccontextmanager
    async def fresh_keys(_app: Litestar) -> AsyncIterator[None]:
        refreshing = asyncio.create_task(keys.keep_fresh())
        yield
        refreshing.cancel()
        await asyncio.gather(refreshing, return_exceptions=True)

    behind = Litestar(
        route_handlers=[Router(ROOT, route_handlers=OPERATIONS)],
        dependencies={"session": Provide(session_of, sync_to_thread=False)},
        exception_handlers={Rejected: _refuse, HTTPException: _refuse_http, Exception: _confess},
        request_class=StrictRequest,
        lifespan=[fresh_keys],
        openapi_config=OpenAPIConfig(title="Prorata", version="1"),
        logging_config=None,
        debug=False,
    )
    return Front(behind, platforms, keys, Allowances(allowance or Allowance()))


def _refuse(request: Request[Any, Any, Any], rejected: Rejected) -> Response[Any]:
    request_id: str = request.scope.get(REQUEST_ID, "")  # type: ignore[assignment]
    return Response(
        problem_of(rejected, request.scope["path"], request_id),
        status_code=STATUS[rejected.code].value,
        media_type=PROBLEM_JSON,
        headers=problem_headers(rejected),
    )


def _refuse_http(request: Request[Any, Any, Any], problem: HTTPException) -> Response[Any]:
    """Turn what the framework found wrong into a numbered refusal."""
    if isinstance(problem, NotFoundException):
        return _refuse(request, Rejected(Refusal.NOT_FOUND))
    if isinstance(problem, MethodNotAllowedException):
        response = _refuse(request, Rejected(Refusal.METHOD_NOT_ALLOWED))
        response.headers.update(problem.headers or {})
        return response
    if isinstance(problem, ValidationException):
        return _refuse(request, _parameter_rejected(problem))
    if problem.status_code < 500:
        return _refuse(request, Rejected(Refusal.MALFORMED, problem.detail))
    return _confess(request, problem)


def _parameter_rejected(problem: ValidationException) -> Rejected:
    """Name the parameter that cannot be read, and whether it is its form or its size."""
    found = problem.extra[0] if isinstance(problem.extra, list) and problem.extra else {}
    message = str(found.get("message", problem.detail))
    detail = f"{found.get('key', 'request')}: {message}"
    ranged = message.startswith(("Expected `int` >=", "Expected `int` <=", "Integer value out of range"))
    return Rejected(Refusal.OUT_OF_RANGE if ranged else Refusal.MALFORMED, detail[:300])


def _confess(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    """A bug: say that the outcome is not known, which is the truth, and log everything."""
    _log.error("a call failed", path=request.scope["path"], exc_info=problem)
    return _refuse(request, Rejected(Refusal.OUTCOME_UNKNOWN))
