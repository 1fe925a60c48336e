"""The description of a surface (OpenAPI 3.1) and the page that shows it.

The framework describes paths, parameters and shapes from the operations themselves. What it cannot know is added
here: what each needs, problems as the answer to anything refused, and examples.
"""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, NamedTuple

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from prorata.messages.refusals import Refusal
from prorata.views.answers import PROBLEM_JSON, Problem, Rejected, problem_of

Schema = dict[str, Any]

_CHANGING = frozenset({"post", "put", "patch", "delete"})


class Access(NamedTuple):
    """Who may call an operation: `words` for people, `schemes` by which he signs in (none: anybody may)."""

    words: str
    schemes: tuple[str, ...]


class Surface(msgspec.Struct, frozen=True, kw_only=True):
    """What the framework does not know of a surface.

    `schemes`: how callers sign in, by name. `parameters`: headers that every change takes, by name. `examples`: values by the
    name of their field. `shown`: which fields the example of a shape has, where those that are required and those that have
    an example value would not do. `refused`: (refusal, path) of the example of a problem.
    """

    introduction: str
    schemes: dict[str, Schema]
    access_of: Callable[[HTTPRouteHandler], Access]
    examples: dict[str, Any]
    shown: dict[str, tuple[str, ...]]
    refused: tuple[Refusal, str]
    parameters: dict[str, Schema] = {}


def describe(app: Litestar, surface: Surface) -> Schema:
    """Return the OpenAPI document of a surface."""
    spec: Schema = msgspec.to_builtins(app.openapi_schema.to_schema())
    spec["info"]["description"] = surface.introduction
    spec["servers"] = [{"url": "/"}]
    handlers = handlers_of(app)
    types = {kind: None for handler in handlers.values() for kind in _types_of(handler) if kind is not None}
    shapes, schemas = msgspec.json.schema_components([*types, Problem], ref_template="#/components/schemas/{name}")
    shape_of = dict(zip(types, shapes, strict=False))
    spec["components"] = {
        "schemas": schemas,
        "securitySchemes": surface.schemes,
        "parameters": surface.parameters,
        "responses": {"Refused": _refused_response(*surface.refused)},
    }
    examples = _Examples(surface, schemas)
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            handler = handlers[path, method]
            body, answer = (shape_of.get(kind) for kind in _types_of(handler))
            access = surface.access_of(handler)
            operation["description"] = f"{operation.get('description', '')}\n\n{access.words}".strip()
            operation["security"] = [{name: []} for name in access.schemes]
            if method in _CHANGING and surface.parameters:
                named = [{"$ref": f"#/components/parameters/{name}"} for name in surface.parameters]
                operation.setdefault("parameters", []).extend(named)
            content = _files(handler.opt.get("media", ())) if answer is None else examples.content(answer)
            assert content, f"{operation['operationId']} answers nothing"
            sent = examples.content(body) if body is not None else _files(handler.opt.get("uploads", ()))
            _complete(operation, method, sent, content)
    _make_portable(spec)
    return spec


def _refused_response(code: Refusal, path: str) -> Schema:
    example = msgspec.to_builtins(problem_of(Rejected(code), path, "5f2c11aa-1"))
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    return {"description": "Refused; nothing has changed.", "content": content}


def handlers_of(app: Litestar) -> dict[tuple[str, str], HTTPRouteHandler]:
    """Return the operations that are described, by path and verb in small letters."""
    return {
        (route.path_format, method.lower()): handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if handler.resolve_include_in_schema()
    }


def _types_of(handler: HTTPRouteHandler) -> tuple[Any, Any]:
    """Return the types of an operation's body (None: it has none) and answer (None: it is a file)."""
    body, answer = handler.parsed_data_field, handler.parsed_return_field
    if answer.origin is Response:
        answer = answer.inner_types[0]
    return None if body is None else body.annotation, None if handler.opt.get("media") else answer.annotation


def _files(media: Iterable[str]) -> Schema:
    """Return the content of a file that is sent or answered: of one of the media types that the operation names."""
    return {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media}


def _complete(operation: Schema, method: str, sent: Schema, answer: Schema) -> None:
    if sent:
        operation["requestBody"] = {"required": True, "content": sent}
    done = next(status for status in operation["responses"] if status.startswith("2"))
    operation["responses"] = {
        done: {"description": "Done." if method in _CHANGING else "Here it is.", "content": answer},
        "default": {"$ref": "#/components/responses/Refused"},
    }


def _make_portable(part: Any) -> None:
    """Write the end of text in patterns as every regular expression engine knows it."""
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            part["pattern"] = part["pattern"].replace(r"\Z", "$")
        for inner in part.values():
            _make_portable(inner)
    elif isinstance(part, list):
        for inner in part:
            _make_portable(inner)


class _Examples:
    """Makes examples of shapes."""

    def __init__(self, surface: Surface, schemas: Schema) -> None:
        self._values = surface.examples
        self._shown = surface.shown
        self._schemas = schemas

    def content(self, shape: Schema) -> Schema:
        return {"application/json": {"schema": shape, "example": self.of(shape)}}

    def of(self, schema: Schema, name: str = "") -> Any:
        """Return a value that the schema allows: its own example, one by the field's name, or one by its type."""
        if "$ref" in schema:
            return self.of(self._schemas[schema["$ref"].rpartition("/")[2]], name)
        choices = schema.get("oneOf") or schema.get("anyOf")
        if choices:
            return self.of(next(choice for choice in choices if choice.get("type") != "null"), name)
        kind = schema.get("type")
        if kind == "object" and "properties" in schema:
            return self._object(schema)
        if kind == "array":
            return [self.of(schema["items"], name)] if isinstance(schema.get("items"), dict) else []
        if "enum" in schema:
            return self._values[name] if self._values.get(name) in schema["enum"] else schema["enum"][0]
        return self._plain(schema, kind, name)

    def _object(self, schema: Schema) -> Schema:
        shown = self._shown.get(schema.get("title", ""))
        return {
            field: self.of(part, field)
            for field, part in schema["properties"].items()
            if (field in shown if shown else field in schema.get("required", ()) or field in self._values)
        }

    def _plain(self, schema: Schema, kind: Any, name: str) -> Any:
        by_name = self._values.get(name)
        if type(by_name) is {"integer": int, "boolean": bool, "string": str, "object": dict}.get(str(kind)):
            return by_name
        if schema.get("examples"):
            return schema["examples"][0]
        return {"integer": schema.get("minimum", 1), "boolean": False, "string": "", "object": {}}.get(str(kind))


STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h2{border-bottom:1px solid #ccc;margin-top:2.5rem}summary{cursor:pointer}code,pre{background:#f4f4f4;border-radius:3px}
pre{padding:.6rem;overflow:auto}.m{display:inline-block;width:4.2rem;font-weight:600}td,th{text-align:left;
padding:.1rem 1rem .1rem 0;
vertical-align:top}details{margin:.4rem 0}"""


def page_of(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{escape(title)}</h1>{body}</body></html>'


def docs_page(spec: Schema) -> str:
    """Return the API as a page that needs nothing from elsewhere."""
    by_tag: dict[str, list[str]] = {}
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            by_tag.setdefault(operation["tags"][0], []).append(_operation_part(method, path, operation))
    introduction = "".join(f"<p>{escape(part)}</p>" for part in spec["info"]["description"].split("\n\n"))
    links = '<p><a href="openapi.json">openapi.json</a> · <a href="/problems">problems</a></p>'
    parts = "".join(f"<h2>{escape(tag)}</h2>{''.join(by_tag[tag])}" for tag in sorted(by_tag))
    return page_of(f"{spec['info']['title']} API", introduction + links + parts)


def _operation_part(method: str, path: str, operation: Schema) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(part['name'])}</code></td><td>{escape(part['in'])}</td>"
        f"<td>{escape(part.get('description') or '')}</td></tr>"
        for part in operation.get("parameters", ())
        if "name" in part
    )
    examples = _example_part("Body", operation.get("requestBody", {}))
    examples += "".join(
        _example_part(f"Answer {status}", answer) for status, answer in operation["responses"].items() if status != "default"
    )
    title = f'<span class="m">{method.upper()}</span><code>{escape(path)}</code> {escape(operation.get("summary", ""))}'
    description = escape(operation["description"])
    return f"<details><summary>{title}</summary><p>{description}</p><table>{rows}</table>{examples}</details>"


def _example_part(title: str, part: Schema) -> str:
    for media in part.get("content", {}).values():
        example = msgspec.json.format(msgspec.json.encode(media.get("example")), indent=2).decode()
        return f"<p>{title}</p><pre>{escape(example)}</pre>"
    return ""
