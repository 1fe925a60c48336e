"""Reads what is sent to a method into its struct: a JSON body, or the query of a GET.

Types are taken strictly, unknown fields passed over: the vendor's clients send more than they need. Times and
letters around the JSON that MetaTrader leaves (a final zero byte) do no harm.
"""

import re
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from prorata.rest.ramm.errors import Failure, invalid_input, unreadable
from prorata.rest.ramm.values import read_decimal, read_value

BODY_MAX = 1_048_576
"""A sync of thousands of positions fits."""
QUERY_FIELDS_MAX = 200

_PLACE = re.compile(r" - at `(key in )?\$\.?(?P<path>[^`]*)`$")
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]*)`")


class Input(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all that is sent to us. Fields have the documented names; what may be left out is None."""


def body_of(kind: type[Input], data: bytes) -> Input:
    """Read a body; none at all is an object without fields. Raises `Failure` naming the field."""
    data = data.strip(b"\x00 \t\r\n") or b"{}"
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        read: Input = _decoder_of(kind).decode(data)
        return read
    except msgspec.ValidationError as problem:
        raise invalid(problem) from None
    except (msgspec.DecodeError, ValueError, RecursionError) as problem:
        raise unreadable(_plain(str(problem))) from None


def query_of(kind: type[Input], query: bytes) -> Input:
    """Read a query such as `Filter.ClientID=5&Pagination.PerPage=10`. Raises `Failure`."""
    return _convert(kind, tree_of(query))


def tree_of(query: bytes) -> dict[str, Any]:
    """Return a query as the object that a body would be, all values texts. Raises `Failure`."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=QUERY_FIELDS_MAX, errors="strict")
    except ValueError as problem:
        raise unreadable(_plain(str(problem))) from None
    tree: dict[str, Any] = {}
    for name, value in pairs:
        *sections, field = name.split(".")
        here = tree
        for section in sections:
            here = here.setdefault(section, {})
            if not isinstance(here, dict):
                raise invalid_input(name)
        here[field] = value
    return tree


def _convert(kind: type[Input], tree: dict[str, Any]) -> Input:
    try:
        return msgspec.convert(tree, kind, strict=False, dec_hook=_read_text)
    except msgspec.ValidationError as problem:
        raise invalid(problem) from None


def _read_text(kind: type, value: Any) -> Any:
    """Read the kinds of `values` from a query, where numbers are texts, too."""
    if kind.__name__ == "Real" and isinstance(value, str) and re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", value, re.ASCII):
        value = read_decimal(value)
    return read_value(kind, value)


def invalid(problem: msgspec.ValidationError) -> Failure:
    """Turn "Expected `int`, got `str` - at `$.Filter.ID`" into the documented words."""
    text = str(problem)
    place = _PLACE.search(text)
    path = place["path"] if place else ""
    missing = _MISSING.match(text)
    if missing:
        return invalid_input(".".join(step for step in (path, missing["field"]) if step), "missing")
    reason = _plain(_PLACE.sub("", text))
    if not path:
        return unreadable(reason)
    return invalid_input(path, reason[:1].lower() + reason[1:])


def _plain(text: str) -> str:
    return text.replace("`", "")[:200]


@cache
def _decoder_of(kind: type[Input]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=read_value, float_hook=read_decimal)
