"""The published facts as an OpenAPI description of one trade platform, as generators of calls read it."""

from typing import Any

from tests.rest.webapi.published import ENUMERATIONS, FLAGS, OPERATIONS, RECORDS

_PLAIN: dict[str, dict[str, Any]] = {
    "i32": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "i64": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "f64": {"type": "number"},
    "boolean": {"type": "boolean"},
    "string": {"type": "string"},
    "datetime": {"type": "string", "format": "date-time"},
    "base64": {"type": "string", "format": "byte"},
    "JsonNode": {},
}
_MORE = {"type": "integer", "minimum": 1, "maximum": 5}
"""How many items are asked for at once."""


def described(platform: str) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for name, operation in OPERATIONS.items():
        verb, _, template = name.partition(" ")
        surface, _, rest = template.partition("/")
        path = paths.setdefault(f"/api/v2/{surface}/{platform}/{rest}", {})
        path[verb.lower()] = _operation(operation)
    schemas = {name: _record(fields) for name, fields in RECORDS.items()}
    return {"openapi": "3.1.0", "info": {"title": "x", "version": "2"}, "paths": paths, "components": {"schemas": schemas}}


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _schema(kind)}
        for name, kind in operation.get("path", {}).items()
    ]
    parameters += [
        {"name": name, "in": "query", "schema": _MORE if name == "limit" else _schema(kind)}
        for name, kind in operation.get("query", {}).items()
    ]
    made: dict[str, Any] = {"parameters": parameters, "responses": {"200": _answer(operation["data"])}}
    if "body" in operation:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(operation["body"])}}}
    return made


def _answer(data: str) -> dict[str, Any]:
    """An answer has data, or an error."""
    error = {
        "type": "object", "required": ["code", "managerCode", "message"],
        "properties": {
            "code": _schema("WebApiErrorCode"), "managerCode": _schema("ResultCode?"), "message": {"type": "string"}
        },
    }  # fmt: skip
    none = {"enum": [None, False] if data == "boolean" else [None]}
    done = {"properties": {"data": _schema(data), "error": {"type": "null"}}}
    refused = {"properties": {"data": none, "error": error}}
    schema = {"type": "object", "required": ["data", "error", "meta"], "anyOf": [done, refused]}
    return {"description": "what is asked for", "content": {"application/json": {"schema": schema}}}


def _record(fields: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: _schema(kind) for name, kind in fields.items()},
        "additionalProperties": False,
    }


def _schema(kind: str) -> dict[str, Any]:
    if kind.endswith("?"):
        return {"anyOf": [_schema(kind[:-1]), {"type": "null"}]}
    if kind.endswith("[]"):
        return {"type": "array", "items": _schema(kind[:-2])}
    if kind.startswith("map<"):
        return {"type": "object", "additionalProperties": _schema(kind[4:-1])}
    if kind in RECORDS:
        return {"$ref": f"#/components/schemas/{kind}"}
    if kind in FLAGS:
        names = "|".join(["None", *FLAGS[kind], "Bit[0-9]+"])
        return {"type": "string", "pattern": f"^({names})(, ({names}))*$"}
    return {"enum": ENUMERATIONS[kind]} if kind in ENUMERATIONS else _PLAIN[kind]
