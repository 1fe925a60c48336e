"""The Broker-API as one ASGI application.

order    key (401), where it calls from (401), allowance (429), operation (404, 405), permission (403), parameters (400), work
answer   200 with what is asked for, 204 without; else `status`, `title`, `detail`, `path`, `timestamp`

The key is an API client's secret, as `Authorization: Bearer <key>` or bare. Payment providers have none: they call with a
signature.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
import structlog

from prorata.access.callers import NotFound
from prorata.control.api_clients.store import ApiClient
from prorata.control.audit import Action, shown
from prorata.control.organizations.declined import Declined
from prorata.crm.providers import BadCall
from prorata.crm.store import CALLS_PATH
from prorata.messages.refusals import Refusal
from prorata.rest.asgi import Disconnected, Head, Headers, Receive, ScopeDict, Send, read_body
from prorata.rest.broker import operations
from prorata.rest.broker.bodies import body_of, key_in, refused_answer
from prorata.rest.broker.call import BrokerHouse, Call, client_with, key_of
from prorata.rest.broker.kinds import encoder
from prorata.rest.broker.paging import Page, page_of, span_of
from prorata.rest.broker.registry import V1, Operation, Registry
from prorata.rest.own.allowance import Allowance, Allowances
from prorata.rest.webapi.bodies import parameter_of
from prorata.rest.webapi.errors import Failure
from prorata.views.answers import Rejected

assert operations

ROOTS = ("/service-info", "/v1/", "/v2/")
"""Beginnings of the paths that are served here."""
CALLS_PER_MINUTE = 500
QUERY_FIELDS_MAX = 2_000

_log = structlog.get_logger("broker")


class BrokerApi:
    """`per_minute`: how many calls each key may make."""

    registry: Registry = V1
    call_kind: type[Call] = Call
    method = "broker"
    """how the methods of audited calls begin"""
    root = ""
    """what the paths of all operations begin with"""
    calls_path: str | None = CALLS_PATH
    """where payment providers call; None: not here"""

    def __init__(self, house: BrokerHouse, per_minute: int = CALLS_PER_MINUTE) -> None:
        self.house = house
        self._allowances = Allowances(Allowance(per_second=per_minute / 60, burst=per_minute))

    async def __call__(self, scope: ScopeDict, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            status, body, head = await self._answer(scope, receive)
        except Disconnected:
            return
        if body:
            head += [(b"content-type", b"application/json")]
        head += [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: ScopeDict, receive: Receive) -> tuple[int, bytes, Head]:
        try:
            given = await self._done(scope, receive)
        except Rejected as rejected:
            return self._refused(scope, rejected)
        except Disconnected:
            raise
        except Exception:
            _log.exception("a call failed", path=scope["path"])
            return self._refused(scope, Rejected(Refusal.OUTCOME_UNKNOWN, "something went wrong here"))
        return (204, b"", []) if given is None else (200, encoder.encode(given), [])

    def _refused(self, scope: ScopeDict, rejected: Rejected) -> tuple[int, bytes, Head]:
        return refused_answer(rejected, scope["path"], self.house.control.database.now())

    async def _done(self, scope: ScopeDict, receive: Receive) -> Any:
        headers: Headers = dict(scope["headers"])
        if self.calls_path and scope["path"].startswith(self.calls_path) and scope["method"] == "POST":
            return await self._told(scope["path"].removeprefix(self.calls_path), headers, receive)
        address = scope["client"][0] if scope.get("client") else ""
        client = self._client_of(headers, address)
        self._allowances.take(client.client_id)
        self.house.control.usage.count(client.client_id, calls=1)
        operation, steps = _operation_at(self.registry, self.root, scope)
        if operation.needs is not None and not client.grant.may(operation.needs):
            raise Rejected(Refusal.NOT_PERMITTED, f"the key needs the permission {operation.needs}")
        body = await read_body(headers, receive) if operation.takes is not None else b""
        query = _query_of(scope["query_string"])
        call = self.call_kind(self.house, client, address, key_in(headers))
        call.read_head(headers)
        return await self._performed(call, operation, _arguments_of(operation, steps, query, body), body)

    async def _told(self, gateway_uuid: str, headers: Headers, receive: Receive) -> None:
        """Take a payment provider's call, whose signature is its key. Raises `Rejected`."""
        self._allowances.take(f"gateway {gateway_uuid[:36]}")
        body = await read_body(headers, receive)
        try:
            await self.house.crm.cashier.told(gateway_uuid, headers, body, self.house.control.database.now())
        except NotFound:
            raise Rejected(Refusal.NOT_FOUND) from None
        except BadCall as problem:
            raise Rejected(Refusal.NOT_AUTHENTICATED, str(problem)) from None
        except Declined as declined:
            raise Rejected(declined.code, declined.detail) from None

    def _client_of(self, headers: Headers, address: str) -> ApiClient:
        """Return whose key it is. Raises `Rejected`."""
        client = client_with(self.house.control, key_of(headers.get(b"authorization", b"")), address)
        self.house.control.api_clients.note_use(client.client_id)
        return client

    async def _performed(self, call: Call, operation: Operation, arguments: dict[str, Any], body: bytes) -> Any:
        outcome = "error"
        try:
            given = await operation.handler(call, **arguments)
            outcome = "ok"
        except Declined as declined:
            outcome = declined.code.name
            raise Rejected(declined.code, declined.detail, retry_after=declined.retry_after) from None
        except NotFound:
            outcome = Refusal.NOT_FOUND.name
            raise Rejected(Refusal.NOT_FOUND) from None
        except Rejected as rejected:
            outcome = rejected.code.name
            raise
        finally:
            await self._audit(call, operation, arguments, body, outcome)
        return given

    async def _audit(self, call: Call, operation: Operation, arguments: dict[str, Any], body: bytes, outcome: str) -> None:
        """Write down every change, and who read data of people: that a little later."""
        if operation.reads and not operation.personal:
            return
        told: list[tuple[str, Any]] = [
            (one.published, str(arguments[one.argument]))
            for one in (*operation.path, *operation.query)
            if one.argument in arguments
        ]
        if body:
            told.append(("body", msgspec.json.decode(body)))
        action = Action(
            at=call.now(), organization_id=call.organization_id, actor=f"api client {call.client.client_id}",
            method=f"{self.method} {operation.verb} {operation.template}"[:64], address=call.address, request=shown(told),
            outcome=outcome,
        )  # fmt: skip
        if operation.reads:
            call.control.note(action)
        else:
            await call.sql(call.control.audit.write, [action])


def _operation_at(registry: Registry, root: str, scope: ScopeDict) -> tuple[Operation, tuple[str, ...]]:
    """Raises `Rejected`."""
    # Decoded step by step: what is in the path may have a slash, which is no border of steps.
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    path = raw.partition(b"?")[0].decode("latin-1").removeprefix(root)
    steps = [unquote(step) for step in path.split("/")[1:]]
    verbs, parameters = registry.at(steps)
    found = verbs.get(scope["method"])
    if found is None:
        raise Rejected(
            Refusal.METHOD_NOT_ALLOWED if verbs else Refusal.NOT_FOUND, "" if verbs else "there is no such operation"
        )
    return found, parameters


def _query_of(query_string: bytes) -> dict[str, list[str]]:
    """Return the parameters of the query; `types[]` is a spelling of `types`. Raises `Rejected`."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, max_num_fields=QUERY_FIELDS_MAX, errors="strict"
        )
    except ValueError:
        raise Rejected(Refusal.MALFORMED, "the query cannot be read") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name.removesuffix("[]"), []).append(value)
    return found


def _arguments_of(operation: Operation, steps: tuple[str, ...], query: Mapping[str, list[str]], body: bytes) -> dict[str, Any]:
    """Return what a handler is called with. Raises `Rejected`."""
    arguments: dict[str, Any] = {}
    try:
        for parameter, step in zip(operation.path, steps, strict=True):
            arguments[parameter.argument] = parameter_of(parameter.kind, parameter.published, step)
        for parameter in operation.query:
            values = query.get(parameter.published)
            if values is not None:
                given = values if parameter.is_list else values[0]
                arguments[parameter.argument] = parameter_of(parameter.kind, parameter.published, given)
            elif parameter.required:
                raise Rejected(Refusal.MALFORMED, f"{parameter.published}: is missing")
    except Failure as failure:
        raise Rejected(Refusal.MALFORMED, failure.message) from None
    if operation.list_kind is not None:
        told = {name: values[0] for name, values in query.items()}
        if operation.list_kind is Page:
            arguments["page"] = page_of(told, operation.sorts)
        else:
            arguments["span"] = span_of(told, operation.sorts)
    if operation.takes is not None:
        arguments["given"] = body_of(operation.takes, body)
    return arguments
