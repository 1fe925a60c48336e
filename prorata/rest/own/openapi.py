"""The description of the API (OpenAPI 3.1) and the page that shows it.

The framework describes paths, parameters and shapes from the operations themselves. What it cannot know is added
here: the scope that each needs, problems as the answer to anything refused, the Idempotency-Key, and examples.
"""

from html import escape
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from prorata.messages.refusals import Refusal
from prorata.rest.own.copying.examples import COPY_EXAMPLES, COPY_SHOWN
from prorata.views.answers import PROBLEM_JSON, STATUS, Problem, Rejected, problem_of
from prorata.views.problems import PROBLEMS

Schema = dict[str, Any]

_CHANGING = frozenset({"post", "put", "patch", "delete"})

INTRODUCTION = """Amounts, prices and volumes (in lots) are decimal strings, distances whole points, times RFC 3339 in UTC.

Sign in with `Authorization: Bearer prk_...`. A key belongs to one trade platform and has scopes: `read`, `trade`,
`dealer`, `admin`; each is separate, and `admin` includes all. A key may be bound to single accounts; any other
account answers as if it did not exist.

An access token of scope `api` (docs/identity.md) is as good as a key: its permissions amount to those scopes, and the
header `Prorata-Platform` names the trade platform by its uuid, unless there is only one that it reaches.

Every change takes an `Idempotency-Key`: the same call repeated with the same key gives the first answer and does
nothing again. A change that is answered is done and durable; a refused one has changed nothing.

Whatever is refused is answered with a problem (RFC 9457) whose `code` never changes its meaning: see `/problems`.
Lists come in parts; `next_cursor` asks for what follows. Orders and positions are found under their account.

Copy trading (wallets, strategies, offers, investments, signals) needs a key that reaches all accounts; any key with
scope `read` sees the public strategies."""

EXAMPLES: dict[str, Any] = COPY_EXAMPLES | {
    "account": "house/swap", "access": "full", "amount": "500.00", "ask": "1.10013", "at": "2030-01-31T09:30:00.120Z",
    "average_price": "1.10000", "balance": "10000.00", "base": "EUR", "bid": "1.09998", "by_ticket": 18,
    "category": "Forex/Majors",
    "changed_at": "2030-01-31T09:45:00.000Z", "close": "1.10021", "code": 3010, "commission": "-0.70", "contract_size": 100_000,
    "credit": "0.00", "currency": "USD", "current_price": "1.10021", "cursor": None, "day": "2030-01-31", "deal": 42,
    "debit": "bank", "demo": True, "difference": "0.50", "digits": 5, "equity": "10004.10", "entry": "in", "event": "deal",
    "external_id": "bank-20300131-1", "filled": "0.00", "floating": "4.80", "found_at": "2030-01-31T09:30:00.000Z",
    "free_margin": "9894.08", "group": "standard", "hedged_volume": "0.50", "high": "1.10040", "house_volume": "-0.50",
    "instance": "/api/v1/orders", "leverage": 100, "line": "110.02", "login": 1001, "long_volume": "1.50", "low": "1.09970",
    "margin": "110.02", "margin_level": "9093.00", "name": "EURUSD", "net_volume": "1.00", "next_cursor": "MTAwMS4xNw",
    "notional": "110000.00", "open": "1.10000", "open_price": "1.10013", "opened_at": "2030-01-31T09:30:00.120Z",
    "opens": "2030-01-31T09:30:00.000Z", "operation": 7, "order": 17, "ours": "0.50", "placed_at": "2030-01-31T09:30:00.120Z",
    "platform": "live", "position": 17, "position_volume": "0.10", "price": "1.10013", "profit": "0.80",
    "profit_currency": "USD",
    "created_at": "2030-01-31T09:30:00.000Z", "id": "k3v7qzha", "milliseconds": 31, "order_key": "strategy/12",
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "uuid": "882e6c23-5ca0-54d6-86b9-35bc12d9dd91",
    "url": "https://crm.example.com/hooks/ramm",
    "margin_currency": "EUR", "quote": "USD", "reference": 42, "request_id": "5f2c11aa-1", "reserved": "0.00",
    "results_hash": "9f86d081884c7d659a2feaa0c55ad015", "rule": "largest loss first", "seq": 317, "sequence": 317,
    "number": 120,
    "short_volume": "0.50", "side": "buy", "stop_loss": "1.09500", "swap": "0.00", "symbol": "EURUSD", "take_profit": "1.11000",
    "theirs": "1.00", "ticket": 17, "topic": "deal",
    "time": "2030-01-31T09:30:00.120Z", "timestamp_ms": 1_896_082_200_120, "total": "0.00",
    "venue": "simulated", "volume": "0.10", "volume_closing": "0.00", "volume_limit": "0.00", "volume_max": "100.00",
    "volume_min": "0.01", "volume_step": "0.01",
}  # fmt: skip
"""Values for fields by their name, so that every operation is shown with figures that a desk would see."""


SHOWN = COPY_SHOWN | {
    "Outcome": ("number", "at", "repeated", "ticket", "events"),
    "AccountCloseAll": ("symbol",),
    "NewOrder": ("login", "symbol", "side", "volume", "price", "deviation_points", "stop_loss", "take_profit"),
}
"""Which fields an example has, where those that are required and those that have an example value would not do."""


def describe(app: Litestar) -> Schema:
    """Return the OpenAPI document of the API."""
    spec: Schema = msgspec.to_builtins(app.openapi_schema.to_schema())
    spec["info"]["description"] = INTRODUCTION
    spec["servers"] = [{"url": "/"}]
    handlers = _handlers(app)
    types = {kind: None for handler in handlers.values() for kind in _types_of(handler) if kind is not None}
    shapes, schemas = msgspec.json.schema_components([*types, Problem], ref_template="#/components/schemas/{name}")
    shape_of = dict(zip(types, shapes, strict=False))
    spec["components"] = {
        "schemas": schemas,
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "prk_<id>_<secret>, or a JWT"}},
        "parameters": {"IdempotencyKey": _IDEMPOTENCY_KEY},
        "responses": {"Refused": _refused_response()},
    }
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            handler = handlers[path, method]
            body, answer = (shape_of.get(kind) for kind in _types_of(handler))
            operation["description"] = f"{operation.get('description', '')}\n\n{_needed_by(handler)}".strip()
            _complete(operation, method, body, answer, schemas)
    _make_portable(spec)
    return spec


_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Repeated with the same call it gives the first answer; with another call it is refused. Kept for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    "example": "order-20300131-0001",
}


def _refused_response() -> Schema:
    example = msgspec.to_builtins(problem_of(Rejected(Refusal.PRICE_MOVED), "/api/v1/orders", "5f2c11aa-1"))
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    return {"description": "Refused; nothing has changed.", "content": content}


def _handlers(app: Litestar) -> dict[tuple[str, str], HTTPRouteHandler]:
    return {
        (route.path_format, method.lower()): handler
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if handler.resolve_include_in_schema()
    }


def _types_of(handler: HTTPRouteHandler) -> tuple[Any, Any]:
    """Return the types of an operation's body (None: it has none) and answer."""
    body = handler.parsed_data_field
    return None if body is None else body.annotation, handler.parsed_return_field.annotation


def _needed_by(handler: HTTPRouteHandler) -> str:
    needed = [guard.needed for guard in handler.resolve_guards() if hasattr(guard, "needed")]
    return f"Needs scope {' and '.join(needed) or handler.opt['scopes']}."


def _complete(operation: Schema, method: str, body: Schema | None, answer: Schema | None, schemas: Schema) -> None:
    operation["security"] = [{"key": []}]
    if method in _CHANGING:
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
    if body is not None:
        operation["requestBody"] = {"required": True, "content": _shown(body, schemas)}
    assert answer is not None, f"{operation['operationId']} answers nothing"
    done = next(status for status in operation["responses"] if status.startswith("2"))
    operation["responses"] = {
        done: {"description": "Done." if method in _CHANGING else "Here it is.", "content": _shown(answer, schemas)},
        "default": {"$ref": "#/components/responses/Refused"},
    }


def _shown(shape: Schema, schemas: Schema) -> Schema:
    return {"application/json": {"schema": shape, "example": example_of(shape, schemas)}}


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


def example_of(schema: Schema, schemas: Schema, name: str = "") -> Any:
    """Return a value that the schema allows: its own example, one by the field's name, or one by its type."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    choices = schema.get("oneOf") or schema.get("anyOf")
    if choices:
        return example_of(next(choice for choice in choices if choice.get("type") != "null"), schemas, name)
    kind = schema.get("type")
    if kind == "object":
        fields = schema.get("properties", {})
        shown = SHOWN.get(schema.get("title", ""))
        return {
            field: example_of(part, schemas, field)
            for field, part in fields.items()
            if (field in shown if shown else field in schema.get("required", ()) or field in EXAMPLES)
        }
    if kind == "array":
        return [example_of(schema["items"], schemas, name)] if isinstance(schema.get("items"), dict) else []
    if "enum" in schema:
        return EXAMPLES[name] if EXAMPLES.get(name) in schema["enum"] else schema["enum"][0]
    return _plain_example(schema, kind, name)


def _plain_example(schema: Schema, kind: Any, name: str) -> Any:
    by_name = EXAMPLES.get(name)
    if type(by_name) is {"integer": int, "boolean": bool, "string": str}.get(str(kind)):
        return by_name
    if schema.get("examples"):
        return schema["examples"][0]
    return {"integer": schema.get("minimum", 1), "boolean": False, "string": ""}.get(str(kind))


STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h2{border-bottom:1px solid #ccc;margin-top:2.5rem}summary{cursor:pointer}code,pre{background:#f4f4f4;border-radius:3px}
pre{padding:.6rem;overflow:auto}.m{display:inline-block;width:4.2rem;font-weight:600}td,th{text-align:left;
padding:.1rem 1rem .1rem 0;
vertical-align:top}details{margin:.4rem 0}"""


def _page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{escape(title)}</h1>{body}</body></html>'


def docs_page(spec: Schema) -> str:
    """Return the API as a page that needs nothing from elsewhere."""
    by_tag: dict[str, list[str]] = {}
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            by_tag.setdefault(operation["tags"][0], []).append(_operation_part(method, path, operation))
    introduction = "".join(f"<p>{escape(part)}</p>" for part in INTRODUCTION.split("\n\n"))
    links = '<p><a href="openapi.json">openapi.json</a> · <a href="/problems">problems</a></p>'
    parts = "".join(f"<h2>{escape(tag)}</h2>{''.join(by_tag[tag])}" for tag in sorted(by_tag))
    return _page("Prorata API", introduction + links + parts)


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


def problems_page() -> str:
    """Return the list of all refusals."""
    rows = "".join(
        f'<tr><td><a href="/problems/{code.value}">{code.value}</a></td><td><code>{code.name}</code></td>'
        f"<td>{STATUS[code].value}</td><td>{escape(PROBLEMS[code].title)}</td></tr>"
        for code in sorted(Refusal)
    )
    return _page("Problems", f"<table><tr><th>code</th><th>refusal</th><th>HTTP</th><th></th></tr>{rows}</table>")


def problem_page(code: Refusal) -> str:
    """Return what one refusal means."""
    text = PROBLEMS[code]
    repeat = "The same call may succeed later." if text.retryable else "Repeating the same call changes nothing."
    facts = f"<p><code>{code.name}</code> · {code.value} · HTTP {STATUS[code].value}</p>"
    return _page(f"{code.value}: {text.title}", f"{facts}<p>{escape(text.meaning)}</p><p>{repeat}</p>")
