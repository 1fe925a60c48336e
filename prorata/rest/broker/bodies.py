"""What is read of a call beside its parameters, and how a refusal is answered."""

from typing import Any

import msgspec

from prorata.messages.refusals import Refusal
from prorata.rest.asgi import Head, Headers
from prorata.rest.broker.kinds import decoder_of, encoder
from prorata.rest.webapi.bodies import invalid_by
from prorata.rest.webapi.errors import Failure
from prorata.rest.webapi.idempotency import key_of
from prorata.units.numbers import Moment
from prorata.views.answers import STATUS, Rejected, problem_headers
from prorata.views.problems import PROBLEMS
from prorata.views.texts import moment_text


class ErrorBody(msgspec.Struct, frozen=True):
    status: int
    title: str
    detail: str
    path: str
    timestamp: str


def refused_answer(rejected: Rejected, path: str, now: Moment) -> tuple[int, bytes, Head]:
    """Return status, body and headers of a refusal."""
    title, status = PROBLEMS[rejected.code].title, STATUS[rejected.code].value
    body = encoder.encode(ErrorBody(status, title, rejected.detail or title, path, moment_text(now)))
    return status, body, [(name.encode(), value.encode()) for name, value in problem_headers(rejected).items()]


def body_of(kind: Any, body: bytes) -> Any:
    """Raises `Rejected`."""
    if not body.strip():
        raise Rejected(Refusal.MALFORMED, "the body is missing")
    try:
        return decoder_of(kind).decode(body)
    except msgspec.ValidationError as problem:
        raise Rejected(Refusal.MALFORMED, invalid_by(problem).message) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Rejected(Refusal.MALFORMED, "the body is no JSON") from None


def key_in(headers: Headers) -> str:
    """Return the call's idempotency key, "" for none. Raises `Rejected`."""
    try:
        return key_of(headers.get(b"idempotency-key"))
    except Failure as failure:
        raise Rejected(Refusal.MALFORMED, failure.message) from None
