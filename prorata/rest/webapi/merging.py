"""Changes of a record: what a PATCH (JSON Merge Patch, RFC 7386) or a POST of an update leaves it at."""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from prorata.rest.webapi.answers import encoder
from prorata.rest.webapi.bodies import body_of, record_of
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.schemas.kinds import Record, read_number

_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=read_number)

RecordType = TypeVar("RecordType", bound=Record)


class Patch:
    """The body of a PATCH: published names and their new values."""

    __slots__ = ("fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields


def patch_of(data: bytes) -> Patch:
    """Raises `Failure`."""
    return Patch(body_of(dict[str, Any], data))


def names_of(kind: type[Record]) -> frozenset[str]:
    """Return the published names of a record's fields."""
    return frozenset(field.encode_name for field in msgspec.structs.fields(kind))


def merged(before: RecordType, given: Patch | Record, writable: Collection[str]) -> RecordType:
    """Return the record with what is given in place of what was.

    Names that the record does not have are passed over, as published; but a change must name one that it has. A field
    that is not `writable` may only be given as it is. Raises `Failure` naming the field.
    """
    fields = given.fields if isinstance(given, Patch) else _told(given)
    tree = tree_of(before)
    named = {name: value for name, value in fields.items() if name in tree}
    if not named:
        raise invalid("body", "names no field of the record")
    after: RecordType = record_of(type(before), _overlaid(tree, named))
    for field in msgspec.structs.fields(before):
        if field.encode_name not in writable and getattr(after, field.name) != getattr(before, field.name):
            raise invalid(field.encode_name, "cannot be changed")
    return after


def check_granted(shown: RecordType, wanted: RecordType, after: RecordType, reasons: Mapping[str, str]) -> None:
    """Raise `Failure` naming the first field that was to be changed and is not what was wanted.

    `shown`: the record as it is; `after`: as it would be. `reasons`: why a field stays as it is, by its published name.
    """
    for field in msgspec.structs.fields(type(shown)):
        wish = getattr(wanted, field.name)
        if wish != getattr(shown, field.name) and not _is_alike(wish, getattr(after, field.name)):
            raise invalid(field.encode_name, reasons.get(field.encode_name, "cannot be changed"))


def _is_alike(wish: Any, got: Any) -> bool:
    if isinstance(wish, str) and isinstance(got, str):
        return wish.lower() == got.lower()
    return (wish or "") == got if isinstance(got, str) else bool(wish == got)


def _told(given: Record) -> dict[str, Any]:
    values = {field.encode_name: getattr(given, field.name) for field in msgspec.structs.fields(given)}
    return {name: tree_of(value) for name, value in values.items() if value is not UNSET}


def tree_of(value: Any) -> Any:
    """Return a record as its JSON is decoded, numbers digit by digit."""
    return _decoder.decode(encoder.encode(value))


def _overlaid(before: Any, value: Any) -> Any:
    """Return what a merge patch leaves: objects are merged, null takes away, all else replaces."""
    if not isinstance(value, dict):
        return value
    under = before if isinstance(before, dict) else {}
    return {**under, **{name: _overlaid(under.get(name), inner) for name, inner in value.items()}}
