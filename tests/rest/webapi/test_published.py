"""Our records, names, flags and operations are the published ones."""

import importlib
import pkgutil
import types
from datetime import datetime
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

from prorata.rest.webapi import operations, schemas
from prorata.rest.webapi.errors import ErrorCode, ResultCode
from prorata.rest.webapi.merging import Patch
from prorata.rest.webapi.registry import SURFACES, Operation, Parameter
from prorata.rest.webapi.schemas.kinds import Double, Flags, Int32, Int64, Login32, Login64, Names, Record
from tests.rest.webapi.published import ENUMERATIONS, FLAGS, OPERATIONS, RECORDS

assert operations

MODULES = [importlib.import_module(f"{schemas.__name__}.{found.name}") for found in pkgutil.iter_modules(schemas.__path__)]
DEFINED = {
    name: thing
    for module in MODULES
    for name, thing in vars(module).items()
    if getattr(thing, "__module__", "") == module.__name__
}
REGISTERED = {
    f"{operation.verb} {surface.name}/{operation.template}": operation for surface in SURFACES.values() for operation in surface
}
OUR_OWN = ("add",)
"""Parameters that are added to the published ones; whoever does not know them loses nothing."""
PLAIN = {Double: "f64", bool: "boolean", str: "string", datetime: "datetime", bytes: "base64", Any: "JsonNode"}


def kind_text(kind: Any) -> str:
    """Return what a type of ours is called in the published facts; what may be left out is as if it were told."""
    if kind in (Int32, Login32):
        return "i32"
    if kind in (Int64, Login64):
        return "i64"
    if kind in PLAIN:
        return PLAIN[kind]
    if get_origin(kind) in (tuple, list):
        return f"{kind_text(get_args(kind)[0])}[]"
    if get_origin(kind) is dict:
        return f"map<{kind_text(get_args(kind)[1])}>"
    if isinstance(kind, types.UnionType) or str(kind).startswith(("typing.Union", "typing.Optional")):
        inner = [part for part in get_args(kind) if part not in (type(None), msgspec.UnsetType)]
        assert len(inner) == 1, kind
        return kind_text(inner[0]) + ("?" if type(None) in get_args(kind) else "")
    return str(kind.__name__)


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_has_the_published_fields(name: str) -> None:
    kind = DEFINED[name]
    assert issubclass(kind, Record)
    hints = get_type_hints(kind, include_extras=True)
    fields = {field.encode_name: kind_text(hints[field.name]) for field in msgspec.structs.fields(kind)}
    assert fields == RECORDS[name]


@pytest.mark.parametrize("name", ENUMERATIONS)
def test_an_enumeration_has_the_published_names_in_their_order(name: str) -> None:
    kind: Any = {"WebApiErrorCode": ErrorCode, "ResultCode": ResultCode}.get(name) or DEFINED[name]
    assert issubclass(kind, Names)
    assert [member.value for member in kind] == ENUMERATIONS[name]


@pytest.mark.parametrize("name", FLAGS)
def test_flags_have_the_published_bits(name: str) -> None:
    kind: type[Flags] = DEFINED[name]
    assert issubclass(kind, Flags)
    assert {single: bits for bits, single in kind.singles.items()} == FLAGS[name]


@pytest.mark.parametrize("name", REGISTERED)
def test_an_operation_is_the_published_one(name: str) -> None:
    operation, published = REGISTERED[name], OPERATIONS[name]
    assert operation.seconds == published["seconds"]
    assert _kinds(operation.path) == published.get("path", {})
    query = {name: kind for name, kind in _kinds(operation.query).items() if name not in OUR_OWN}
    query |= {"limit": "i32", "cursor": "string"} if operation.paged else {}
    query |= {"confirm": "boolean"} if operation.confirm else {}
    assert query == published.get("query", {})
    assert _body_text(operation) == published.get("body")
    answer = get_type_hints(operation.handler, include_extras=True)["return"]
    told = f"{kind_text(get_args(answer)[0])}[]" if get_origin(answer) is not None and operation.paged else kind_text(answer)
    assert told.replace("?", "") == published["data"].replace("?", "")


def _kinds(parameters: tuple[Parameter, ...]) -> dict[str, str]:
    return {parameter.published: kind_text(parameter.kind).rstrip("?") for parameter in parameters}


def _body_text(operation: Operation) -> str | None:
    return None if operation.takes in (None, Patch, Any) else kind_text(operation.takes)
