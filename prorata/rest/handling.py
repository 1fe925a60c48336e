"""How the framework serves surfaces of JSON: bodies read strictly, unknown parameters refused, refusals as problems."""

from typing import Any

import structlog
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException, ValidationException

from prorata.messages.refusals import Refusal
from prorata.rest.asgi import REQUEST_ID
from prorata.views.answers import PROBLEM_JSON, STATUS, Rejected, problem_headers, problem_of
from prorata.views.bodies import decode_body

REFUSED = "prorata.refused"
"""where the name of the refusal is in the ASGI scope, once the call is refused"""

_log = structlog.get_logger("rest")


class StrictRequest(Request[Any, Any, State]):
    """Reads bodies straight into the type that the operation names, strictly."""

    async def json(self) -> Any:
        kind = self.route_handler.parsed_data_field
        assert kind is not None
        return decode_body(kind.annotation, await self.body())


async def refuse_unknown_parameters(request: Request[Any, Any, Any]) -> None:
    """A misspelt filter would be no filter: refuse what the operation does not know."""
    if not request.scope["query_string"]:
        return
    handler = request.route_handler
    never = handler.resolve_dependencies().keys() | {"data", "request"}
    known = handler.parsed_fn_signature.parameters
    for name in request.query_params:
        if name not in known or name in never or name in request.path_params:
            raise Rejected(Refusal.MALFORMED, f"{name[:60]}: not a parameter of this operation")


def refuse(request: Request[Any, Any, Any], rejected: Rejected) -> Response[Any]:
    scope: Any = request.scope
    scope[REFUSED] = rejected.code.name
    return Response(
        problem_of(rejected, scope["path"], scope.get(REQUEST_ID, "")),
        status_code=STATUS[rejected.code].value,
        media_type=PROBLEM_JSON,
        headers=problem_headers(rejected),
    )


def _refuse_http(request: Request[Any, Any, Any], problem: HTTPException) -> Response[Any]:
    """Turn what the framework found wrong into a numbered refusal."""
    if isinstance(problem, NotFoundException):
        return refuse(request, Rejected(Refusal.NOT_FOUND))
    if isinstance(problem, MethodNotAllowedException):
        response = refuse(request, Rejected(Refusal.METHOD_NOT_ALLOWED))
        response.headers.update(problem.headers or {})
        return response
    if isinstance(problem, ValidationException):
        return refuse(request, _parameter_rejected(problem))
    if problem.status_code < 500:
        return refuse(request, Rejected(Refusal.MALFORMED, problem.detail))
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
    return refuse(request, Rejected(Refusal.OUTCOME_UNKNOWN))


EXCEPTION_HANDLERS: Any = {Rejected: refuse, HTTPException: _refuse_http, Exception: _confess}
