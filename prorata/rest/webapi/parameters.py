"""What a handler is called with: the parameters of path and query by their kinds, the page, the body."""

from collections.abc import Sequence
from typing import Any

from prorata.rest.webapi.bodies import body_of, parameter_of
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.merging import Patch, patch_of
from prorata.rest.webapi.paging import page_of
from prorata.rest.webapi.registry import Operation

Query = Sequence[tuple[str, str]]

LIMIT, CURSOR, CONFIRM = "limit", "cursor", "confirm"


def arguments_of(operation: Operation, steps: Sequence[str], query: Query, body: bytes, list_name: str) -> dict[str, Any]:
    """Return a handler's arguments. `steps`: of the path, after the operation's name. Raises `Failure`."""
    told: dict[str, list[str]] = {}
    for name, value in query:
        told.setdefault(name.lower(), []).append(value)
    arguments: dict[str, Any] = {}
    for parameter, step in zip(operation.path, steps, strict=True):
        arguments[parameter.argument] = parameter_of(parameter.kind, parameter.published, step)
    for parameter in operation.query:
        values = told.get(parameter.published.lower())
        if values is None:
            if parameter.required:
                raise invalid(parameter.published, "is missing")
            continue
        told_here = values if parameter.is_list else _only(parameter.published, values)
        arguments[parameter.argument] = parameter_of(parameter.kind, parameter.published, told_here)
    if operation.paged:
        limit = _one(told, LIMIT)
        arguments["page"] = page_of(list_name, None if limit is None else parameter_of(int, LIMIT, limit), _one(told, CURSOR))
    if operation.confirm and not is_confirmed(told):
        raise invalid(CONFIRM, "must be true: the operation disturbs everybody on the server")
    if operation.takes is not None:
        arguments["given"] = patch_of(body) if operation.takes is Patch else body_of(operation.takes, body)
    return arguments


def is_confirmed(told: dict[str, list[str]]) -> bool:
    confirm = _one(told, CONFIRM)
    return confirm is not None and parameter_of(bool, CONFIRM, confirm)


def _one(told: dict[str, list[str]], name: str) -> str | None:
    values = told.get(name)
    return None if values is None else _only(name, values)


def _only(name: str, values: list[str]) -> str:
    if len(values) > 1:
        raise invalid(name, "is there more than once")
    return values[0]
