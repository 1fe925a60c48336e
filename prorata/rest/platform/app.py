"""The Platform-API as one ASGI application.

at the door      /manager/..., /mtr-core-edge/...: log-ins; what is for who is signed in needs the cookie `co-auth`
of a person      /client/...: the cookie
on an account    /mtr-api/{systemUuid}/...: the cookie, and the header `Auth-trading-api` with a token of that session

answer   200 with what is asked for, 204 without; else the error body of the Broker-API
"""

from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote

import msgspec
import structlog

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.crm.documents.kinds import SIZE_MAX
from prorata.messages.refusals import Refusal
from prorata.rest.asgi import Disconnected, Head, Headers, Receive, ScopeDict, Send, media_in, read_body, read_file
from prorata.rest.broker.bodies import body_of, key_in, refused_answer
from prorata.rest.broker.call import BrokerHouse
from prorata.rest.broker.kinds import decoded, encoded, encoder
from prorata.rest.own.allowance import Allowance, Allowances
from prorata.rest.platform import operations
from prorata.rest.platform.call import AccountCall, DoorCall
from prorata.rest.platform.logs import client_of, note_trade
from prorata.rest.platform.registry import ACCOUNT_ROOT, Download, Operation, Upload, account_at, door_at
from prorata.rest.platform.sessions import SESSION_COOKIE, Doorkeeper
from prorata.rest.webapi.bodies import invalid_by
from prorata.views.answers import Rejected

assert operations

ROOTS = ("/client/", "/manager/", ACCOUNT_ROOT, "/mtr-core-edge/")
"""Beginnings of the paths that are served here."""
FORM = b"application/x-www-form-urlencoded"
CALLS_PER_MINUTE = 500
QUERY_FIELDS_MAX = 200

_log = structlog.get_logger("platform-api")
_texts = msgspec.json.Encoder(enc_hook=encoded, decimal_format="string")


class PlatformApi:
    """`per_minute`: how many calls each session may make, and each address that has none."""

    def __init__(self, house: BrokerHouse, per_minute: int = CALLS_PER_MINUTE) -> None:
        self.house = house
        self.door = Doorkeeper(house.control, house.crm)
        self._allowances = Allowances(Allowance(per_second=per_minute / 60, burst=per_minute))

    async def __call__(self, scope: ScopeDict, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            status, body, head = await self._answer(scope, receive)
        except Disconnected:
            return
        if body and all(name != b"content-type" for name, _ in head):
            head = [*head, (b"content-type", b"application/json")]
        head = [*head, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: ScopeDict, receive: Receive) -> tuple[int, bytes, Head]:
        try:
            return await self._done(scope, receive)
        except Rejected as rejected:
            return self._refused(scope, rejected)
        except Declined as declined:
            return self._refused(scope, Rejected(declined.code, declined.detail, retry_after=declined.retry_after))
        except NotFound:
            return self._refused(scope, Rejected(Refusal.NOT_FOUND))
        except Disconnected:
            raise
        except Exception:
            _log.exception("a call failed", path=scope["path"])
            return self._refused(scope, Rejected(Refusal.OUTCOME_UNKNOWN, "something went wrong here"))

    def _refused(self, scope: ScopeDict, rejected: Rejected) -> tuple[int, bytes, Head]:
        return refused_answer(rejected, scope["path"], self.house.control.database.now())

    async def _done(self, scope: ScopeDict, receive: Receive) -> tuple[int, bytes, Head]:
        headers: Headers = dict(scope["headers"])
        operation, steps, on = _operation_at(scope)
        call = self._call(scope, headers, operation, on)
        if operation.uploads:
            call.upload = Upload(media_in(headers), await read_file(headers, receive, SIZE_MAX))
        arguments: dict[str, Any] = dict(zip(operation.parameters, steps, strict=True))
        given = await _given(operation, scope, headers, receive)
        arguments |= {} if operation.takes is None else {"given": given}
        shown = await _traded(call, operation, arguments) if operation.logs else await operation.handler(call, **arguments)
        if shown is None:
            return 204, b"", call.head
        if isinstance(shown, Download):
            return 200, shown.body, [*call.head, *_head_of(shown)]
        return 200, (encoder if operation.plain else _texts).encode(shown), call.head

    def _call(self, scope: ScopeDict, headers: Headers, operation: Operation, on: str) -> DoorCall:
        """`on`: the trade platform of an operation on an account, else "". Raises `Rejected`."""
        cookies = _cookies_in(headers)
        address = scope["client"][0] if scope.get("client") else ""
        told: dict[str, Any] = {
            "address": address, "key": key_in(headers), "host": headers.get(b"host", b"").decode("latin-1"),
            "secure": scope.get("scheme") == "https", "client": client_of(headers, address),
        }  # fmt: skip
        if not on and not operation.signed_in:
            self._allowances.take(told["address"])
            return DoorCall(self.house, self.door, cookies, **told)
        session = self.door.session(cookies.get(SESSION_COOKIE, ""))
        self._allowances.take(f"session {session.id}")
        if not on:
            return DoorCall(self.house, self.door, cookies, session=session, **told)
        call = AccountCall(self.house, self.door, cookies, session=session, **told)
        call.access = self.door.trading_access(session, headers.get(b"auth-trading-api", b"").decode("latin-1"))
        if call.access.platform_uuid != on.lower():
            raise Rejected(Refusal.NOT_FOUND, "systemUuid: the token is for another trade platform")
        return call


async def _traded(call: DoorCall, operation: Operation, arguments: dict[str, Any]) -> Any:
    """Have a trade done, and note how it came out."""
    assert isinstance(call, AccountCall)
    assert operation.logs is not None
    given = arguments.get("given")
    try:
        traded = await operation.handler(call, **arguments)
    except Rejected as rejected:
        note_trade(call, operation.logs, given, rejected)
        raise
    note_trade(call, operation.logs, given, traded)
    return traded


def _operation_at(scope: ScopeDict) -> tuple[Operation, tuple[str, ...], str]:
    """Return an operation, its path's parameters, and the trade platform that it is on, "" for none. Raises `Rejected`."""
    path: str = scope["path"]
    on = ""
    if path.startswith(ACCOUNT_ROOT):
        on, _, name = path.removeprefix(ACCOUNT_ROOT).partition("/")
        verbs, steps = account_at(name) if on else ({}, ())
    else:
        verbs, steps = door_at(path)
    found = verbs.get(scope["method"])
    if found is None:
        raise Rejected(
            Refusal.METHOD_NOT_ALLOWED if verbs else Refusal.NOT_FOUND, "" if verbs else "there is no such operation"
        )
    return found, steps, on


async def _given(operation: Operation, scope: ScopeDict, headers: Headers, receive: Receive) -> Any:
    """Return what is sent: a JSON body, a form together with the query, or of a GET the query. Raises `Rejected`."""
    is_form = headers.get(b"content-type", b"").partition(b";")[0].strip() == FORM
    # What a form and JSON may be differs by their type alone.
    checked = headers | {b"content-type": b"application/json"} if is_form else headers
    asked = operation.verb == "GET" or operation.uploads
    body = b"" if asked else await read_body(checked, receive)
    if operation.takes is None:
        return None
    if not asked and not is_form:
        return body_of(operation.takes, body)
    fields = _fields_in(scope["query_string"]) | (_fields_in(body) if is_form else {})
    try:
        return msgspec.convert(fields, operation.takes, strict=False, dec_hook=decoded)
    except msgspec.ValidationError as problem:
        raise Rejected(Refusal.MALFORMED, invalid_by(problem).message) from None


def _head_of(file: Download) -> Head:
    disposition = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    return [
        (b"content-type", file.content_type.encode("ascii")),
        (b"content-disposition", disposition.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
    ]


def _fields_in(text: bytes) -> dict[str, str]:
    """Raises `Rejected`."""
    try:
        return dict(parse_qsl(text.decode("ascii"), max_num_fields=QUERY_FIELDS_MAX, errors="strict"))
    except ValueError:
        raise Rejected(Refusal.MALFORMED, "the query cannot be read") from None


def _cookies_in(headers: Headers) -> dict[str, str]:
    try:
        found = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}
