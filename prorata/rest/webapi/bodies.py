"""Reads what is sent: a JSON body into its record, parameters of the path and the query into their kinds.

Types are taken strictly, and a record of a POST has no other fields than the published ones. What is wrong names its field.
"""

import re
from functools import cache
from typing import Any

import msgspec

from prorata.rest.webapi.errors import Failure, invalid
from prorata.rest.webapi.schemas.kinds import decoded, read_number

_PLACE = re.compile(r" - at `(key in )?\$\.?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]*)`")


def body_of(kind: Any, data: bytes) -> Any:
    """Read a body. Raises `Failure` naming the field."""
    if not data.strip():
        raise invalid("body", "is missing")
    try:
        return _decoder_of(kind).decode(data)
    except msgspec.ValidationError as problem:
        raise invalid_by(problem) from None
    except (msgspec.DecodeError, ValueError, RecursionError) as problem:
        raise invalid("body", f"is no JSON: {_plain(str(problem))}") from None


def record_of(kind: Any, tree: Any) -> Any:
    """Read an already decoded tree into a record. Raises `Failure` naming the field."""
    try:
        return msgspec.convert(tree, kind, dec_hook=decoded)
    except msgspec.ValidationError as problem:
        raise invalid_by(problem) from None


def parameter_of(kind: Any, field: str, value: str | list[str]) -> Any:
    """Read a parameter, whose numbers are texts. Raises `Failure` naming it."""
    try:
        return msgspec.convert(value, kind, strict=False, dec_hook=_decoded_text)
    except msgspec.ValidationError as problem:
        raise invalid(field, _reason(problem)) from None


def invalid_by(problem: msgspec.ValidationError) -> Failure:
    """Turn "Expected `int`, got `str` - at `$.leverage`" into "leverage: expected int, got str"."""
    text = str(problem)
    place = _PLACE.search(text)
    path = place["path"] if place else ""
    unknown = _UNKNOWN.match(text)
    if unknown:
        return invalid(".".join(step for step in (path, unknown["field"]) if step), "there is no such field")
    return invalid(path or "body", _reason(problem))


def _reason(problem: msgspec.ValidationError) -> str:
    reason = _plain(_PLACE.sub("", str(problem)))
    return reason[:1].lower() + reason[1:]


def _plain(text: str) -> str:
    return text.replace("`", "")[:200]


def _decoded_text(kind: type, value: Any) -> Any:
    """Read the kinds of `decoded` from texts, where a number is one, too."""
    is_number = isinstance(value, str) and re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,3})?", value, re.ASCII)
    return decoded(kind, read_number(value) if is_number else value)


@cache
def _decoder_of(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=decoded, float_hook=read_number)
