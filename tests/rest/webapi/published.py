"""The published description as facts: operations, records, enumerations, flags. Answers are checked against it."""

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

FACTS = json.loads((Path(__file__).parent / "published.json").read_text())
OPERATIONS: dict[str, dict[str, Any]] = FACTS["operations"]
RECORDS: dict[str, dict[str, str]] = FACTS["records"]
ENUMERATIONS: dict[str, list[str]] = FACTS["enumerations"]
FLAGS: dict[str, dict[str, int]] = FACTS["flags"]


def check_answer(verb: str, template: str, body: dict[str, Any]) -> None:
    """Demand that an answer has the published envelope, and data of the operation's type; `template` has the surface."""
    assert set(body) == {"data", "error", "meta"}
    assert set(body["meta"]) <= {"activityId", "paging"}
    assert len(body["meta"]["activityId"]) == 32
    if body["error"] is not None:
        assert body["data"] is None or (body["data"] is False and OPERATIONS[f"{verb} {template}"]["data"] == "boolean")
        assert set(body["error"]) == {"code", "managerCode", "message"}
        assert body["error"]["code"] in ENUMERATIONS["WebApiErrorCode"]
        assert body["error"]["managerCode"] in (None, *ENUMERATIONS["ResultCode"])
        assert body["error"]["message"]
        return
    operation = OPERATIONS[f"{verb} {template}"]
    check(body["data"], operation["data"], template)
    if "limit" in operation.get("query", {}) and "cursor" in operation["query"]:
        assert set(body["meta"]["paging"]) == {"nextCursor", "hasMore"}


def check(value: Any, kind: str, place: str) -> None:
    """Demand that a JSON value is of a published type."""
    if kind.endswith("?"):
        if value is not None:
            check(value, kind[:-1], place)
    elif kind.endswith("[]"):
        assert isinstance(value, list), f"{place}: {value!r} is no list"
        for number, item in enumerate(value):
            check(item, kind[:-2], f"{place}[{number}]")
    elif kind.startswith("map<"):
        assert isinstance(value, dict), f"{place}: {value!r} is no map"
        for name, item in value.items():
            check(item, kind[4:-1], f"{place}.{name}")
    elif kind in RECORDS:
        _check_record(value, kind, place)
    elif kind in FLAGS:
        assert all(_is_flag(part, FLAGS[kind]) for part in value.split(", ")), f"{place}: {value!r} are no {kind}"
    elif kind in ENUMERATIONS:
        assert value in ENUMERATIONS[kind], f"{place}: {value!r} is no {kind}"
    else:
        assert _PLAIN[kind](value), f"{place}: {value!r} is no {kind}"


def _check_record(value: Any, kind: str, place: str) -> None:
    assert isinstance(value, dict), f"{place}: {value!r} is no {kind}"
    assert set(value) == set(RECORDS[kind]), f"{place}: other fields than those of {kind}"
    for name, inner in RECORDS[kind].items():
        check(value[name], inner, f"{place}.{name}")


def _is_flag(part: str, flags: dict[str, int]) -> bool:
    return part in flags or part == "None" or (part.startswith("Bit") and part[3:].isdigit())


def _is_whole(value: Any, bits: int) -> bool:
    return type(value) is int and -(2 ** (bits - 1)) <= value < 2 ** (bits - 1)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


_PLAIN: dict[str, Callable[[Any], bool]] = {
    "i32": lambda value: _is_whole(value, 32),
    "i64": lambda value: _is_whole(value, 64),
    "f64": lambda value: type(value) in (int, float, Decimal),
    "boolean": lambda value: type(value) is bool,
    "string": lambda value: isinstance(value, str),
    "base64": lambda value: isinstance(value, str),
    "datetime": _is_time,
    "any": lambda value: True,
    "JsonNode": lambda value: True,
}
