"""What stands in front of every call of the workspace: who calls, from which site, the body, the audit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog

from prorata.control.audit import Action, shown
from prorata.control.people.sign_ins import SignIn
from prorata.crm.documents.kinds import SIZE_MAX
from prorata.messages.refusals import Refusal
from prorata.rest.asgi import (
    BEARER,
    CHANGING,
    REQUEST_ID,
    Disconnected,
    Headers,
    Message,
    Receive,
    RequestIds,
    ScopeDict,
    Send,
    read_body,
    read_file,
    replay,
    send_problem,
    with_request_id,
)
from prorata.rest.handling import REFUSED
from prorata.rest.own.allowance import Allowances
from prorata.rest.workspace.call import CALL, Call, Workspace
from prorata.rest.workspace.cookies import token_in
from prorata.rest.workspace.sections import ROOT
from prorata.views.answers import Rejected
from prorata.views.bodies import BODY_MAX

METHOD_LENGTH_MAX = 64
UPLOADS = "/documents"
"""how paths end whose bodies are files; who has not signed in sends none"""
BANK_FILES = "/bank-statements"
"""the end of the path that takes files, from who is signed in"""
FILE_BODY_MAX = 2 * 1_048_576
_PRIVATE = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))

_log = structlog.get_logger("workspace")


class WorkspaceFront:
    """The ASGI application: `behind` serves whatever is not answered here."""

    def __init__(
        self, behind: Callable[[Any, Any, Any], Awaitable[None]], workspace: Workspace, allowances: Allowances
    ) -> None:
        self._behind = behind
        self._workspace = workspace
        self._allowances = allowances
        self._request_id = RequestIds().of

    async def __call__(self, scope: ScopeDict, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._behind(scope, receive, send)
            return
        headers: Headers = dict(scope["headers"])
        request_id = self._request_id(headers)
        try:
            await self._pass_on(scope, headers, request_id, receive, send)
        except Rejected as rejected:
            await send_problem(send, rejected, scope["path"], request_id)
        except Disconnected:
            pass
        except Exception:
            _log.exception("a call failed", method=scope["method"], path=scope["path"], request_id=request_id)
            await send_problem(send, Rejected(Refusal.OUTCOME_UNKNOWN), scope["path"], request_id)

    async def _pass_on(self, scope: ScopeDict, headers: Headers, request_id: str, receive: Receive, send: Send) -> None:
        scope[REQUEST_ID] = request_id
        changes = scope["method"] in CHANGING
        sign_in, by_cookie = self._signed_in(headers)
        if changes and by_cookie and not self._is_own_site(scope, headers):
            raise Rejected(Refusal.CROSS_SITE)
        call = Call(
            self._workspace, sign_in, address=scope["client"][0] if scope.get("client") else "",
            agent=headers.get(b"user-agent", b"").decode("latin-1"), is_https=self._is_https(scope), request_id=request_id,
        )  # fmt: skip
        self._allowances.take(call.bucket)
        body = b""
        if scope["method"] == "POST" and scope["path"].endswith(UPLOADS):
            if sign_in is None:
                raise Rejected(Refusal.NOT_AUTHENTICATED)
            receive = replay(await read_file(headers, receive, SIZE_MAX), receive)
        elif changes:
            is_file = sign_in is not None and scope["path"].endswith(BANK_FILES)
            body = await read_body(headers, receive, FILE_BODY_MAX if is_file else BODY_MAX)
            receive = replay(body, receive)
        scope[CALL] = call
        await self._behind(scope, receive, self._audited(scope, call, body, with_request_id(send, request_id)))

    # Who calls, from where.

    def _signed_in(self, headers: Headers) -> tuple[SignIn | None, bool]:
        """Return who has signed in, and whether a cookie says so. A token that is given and not good is refused."""
        authorization = headers.get(b"authorization", b"")
        if authorization:
            token = authorization[7:].strip().decode("latin-1") if authorization[:7].lower() == BEARER else ""
            found = self._workspace.control.sign_ins.find(token)
            if found is None:
                raise Rejected(Refusal.NOT_AUTHENTICATED)
            return found, False
        found = self._workspace.control.sign_ins.find(token_in(headers.get(b"cookie", b"")))
        return found, found is not None

    def _is_own_site(self, scope: ScopeDict, headers: Headers) -> bool:
        """Say whether a change comes from our own pages: others can neither set such a header nor our origin."""
        if b"x-requested-with" in headers:
            return True
        origin = headers.get(b"origin", b"").decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        return origin != "" and origin in (self._workspace.url, f"{scope.get('scheme', 'http')}://{host}")

    def _is_https(self, scope: ScopeDict) -> bool:
        return scope.get("scheme") == "https" or self._workspace.url.startswith("https://")

    # The audit.

    def _audited(self, scope: ScopeDict, call: Call, body: bytes, send: Send) -> Send:
        """Return a `send` that answers only what is in the audit, for the caller's eyes alone."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._audit(scope, call, body)
                message["headers"] = [*message.get("headers", ()), *_PRIVATE]
            await send(message)

        return sending

    async def _audit(self, scope: ScopeDict, call: Call, body: bytes) -> None:
        """Write down a change; that personal data was read is written a little later."""
        changes = scope["method"] in CHANGING
        if not changes and not call.reads_people:
            return
        template = scope.get("path_template", scope["path"]).removeprefix(f"{ROOT}/")
        facts = dict(call.facts)
        before, after = (_shown_of(facts.pop(name, None)) for name in ("before", "after"))
        request = {**scope.get("path_params", {}), **_fields_of(body), **facts}
        action = Action(
            at=call.now(), organization_id=call.organization_id, actor=call.actor,
            method=f"{scope['method']} {template}"[:METHOD_LENGTH_MAX], address=call.address, request=shown(request.items()),
            outcome=scope.get(REFUSED, "ok"), before=before, after=after,
        )  # fmt: skip
        if changes:
            await asyncio.to_thread(call.control.audit.write, [action])
        else:
            call.control.note(action)


def _shown_of(value: Any) -> str:
    """Return what was, or is now, as the audit keeps it; "" if it was not told."""
    return "" if value is None else shown(msgspec.to_builtins(value).items())


def _fields_of(body: bytes) -> dict[str, Any]:
    """Return the fields of a body. What cannot be read has none that could be hidden: only its size is kept."""
    if not body:
        return {}
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        value = {"unreadable": len(body)}
    return value if isinstance(value, dict) else {"body": value}
