"""Answers on the wire: their headers, and the documented body of an error.

What is served before the rest of the package is there needs this module alone: it imports no methods.
"""

from http import HTTPStatus
from typing import Any, TypeAlias

from prorata.rest.ramm.errors import FORBIDDEN, INVALID_INPUT, Absent, Failure, not_ready
from prorata.rest.ramm.registry import MANAGER, Api, asked
from prorata.rest.ramm.values import encoder

Head: TypeAlias = list[tuple[bytes, bytes]]

_JSON = (b"content-type", b"application/json")
# Tokens travel in a header of their own and never in a cookie, so a page of any origin can do no more than its user.
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")


def head_of(body: bytes, request_id: str) -> Head:
    length = (b"content-length", b"%d" % len(body))
    return [_JSON, length, (b"cache-control", b"no-store"), (b"x-request-id", request_id.encode()), _ANY_ORIGIN]


def allowed_origin() -> Head:
    """Answer a browser that asks whether its page may call."""
    return [
        _ANY_ORIGIN,
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"Token, AppToken, Content-Type"),
        (b"access-control-max-age", b"86400"),
    ]


def absent_as(problem: Failure | Absent, api: Api) -> Failure:
    """Return what an API says of a thing that is not there or not the caller's."""
    if isinstance(problem, Failure):
        return problem
    if api is MANAGER:
        return Failure(HTTPStatus.FORBIDDEN, FORBIDDEN, f"The '{problem.field}' is not yours")
    return Failure(HTTPStatus.NOT_FOUND, INVALID_INPUT, f"Invalid input in the field '{problem.field}'")


def rendered_failure(problem: Failure | Absent, api: Api, request_id: str) -> tuple[int, Head, bytes]:
    """Return status, headers and body."""
    failure = absent_as(problem, api)
    if api.capital_errors:
        body = encoder.encode({"Error": {"Code": failure.code, "Message": failure.message}})
    else:
        body = encoder.encode({"error": {"code": failure.code, "message": failure.message}})
    head = head_of(body, request_id)
    if failure.status == HTTPStatus.METHOD_NOT_ALLOWED:
        head.append((b"allow", b"POST"))
    if failure.retry_after:
        head.append((b"retry-after", b"%d" % failure.retry_after))
    return failure.status.value, head, body


async def send_answer(send: Any, status: int, head: Head, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def refuse_for_now(scope: Any, send: Any) -> None:
    """Answer a call that comes before the platforms are ready."""
    await send_answer(send, *rendered_failure(not_ready(), asked(scope["path"])[0], ""))
