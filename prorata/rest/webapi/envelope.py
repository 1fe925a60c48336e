"""The one shape of all answers: `data`, `error`, and `meta` with the trace id and, for lists, where they go on."""

import re
import secrets

import msgspec
from msgspec import UNSET, UnsetType

from prorata.rest.webapi.answers import Answered, encoder
from prorata.rest.webapi.errors import ErrorCode, ResultCode
from prorata.rest.webapi.schemas.kinds import Record

_TRACE = re.compile(rb"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_NO_TRACE = b"0" * 32


class PagingMeta(Record):
    next_cursor: str | None
    has_more: bool


class ApiMeta(Record):
    activity_id: str
    paging: PagingMeta | UnsetType = UNSET


class ApiError(Record):
    code: ErrorCode
    manager_code: ResultCode | None
    message: str


class Envelope(Record):
    data: msgspec.Raw
    error: ApiError | None
    meta: ApiMeta


def activity_of(traceparent: bytes | None) -> str:
    """Return the trace id that the caller sent, or a new one."""
    told = _TRACE.fullmatch(traceparent) if traceparent is not None else None
    if told is None or told["trace"] == _NO_TRACE:
        return secrets.token_hex(16)
    return told["trace"].decode()


def envelope_of(answered: Answered, surface_code: ErrorCode, activity: str) -> bytes:
    """Return the body of an answer. `surface_code`: what the trade server's own refusals are called."""
    failure = answered.failure
    if failure is not None:
        error = ApiError(code=failure.code or surface_code, manager_code=failure.manager, message=failure.message)
        return encoder.encode(Envelope(data=msgspec.Raw(failure.data), error=error, meta=ApiMeta(activity_id=activity)))
    meta = ApiMeta(activity_id=activity)
    if answered.is_part:
        meta.paging = PagingMeta(next_cursor=answered.next_cursor, has_more=answered.next_cursor is not None)
    return encoder.encode(Envelope(data=msgspec.Raw(answered.data), error=None, meta=meta))
