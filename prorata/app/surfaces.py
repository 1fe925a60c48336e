"""What is served to the outside, and by whom: a call goes to the part whose paths it names."""

from collections.abc import Callable
from typing import Any, TypeAlias

from litestar import Litestar

from prorata.messages.refusals import Refusal
from prorata.rest.asgi import send_problem
from prorata.rest.broker import app as broker
from prorata.rest.broker_v2 import app as broker_v2
from prorata.rest.oidc import app as oidc
from prorata.rest.own.front import Front
from prorata.rest.platform import app as terminal
from prorata.rest.ramm import app as ramm
from prorata.rest.webapi import app as webapi
from prorata.rest.workspace.front import WorkspaceFront, serves
from prorata.stream.app import StreamApp
from prorata.stream.signalr import app as hubs
from prorata.views.answers import Rejected

STREAM_PATH = "/api/v1/stream"
TRY_LATER = 1013

Serves: TypeAlias = Callable[[Any], bool]


class Surfaces:
    """`broker_v2_host`: the name under which version 2 of the Broker-API is reached, "" for none.

    `workspace` is set once it is made, which takes longer than the first orders should wait; it is not ready until then.
    """

    def __init__(
        self, *, rest: Front, stream: StreamApp, provider: Litestar, web: webapi.WebApi, live: hubs.HubsApp,
        office: broker.BrokerApi, office_v2: broker_v2.BrokerApiV2, terminals: terminal.PlatformApi,
        copying: ramm.RammApp, broker_v2_host: str,
    ) -> None:  # fmt: skip
        self.workspace: WorkspaceFront | None = None
        self.rest = rest
        self.hubs = live
        self._stream = stream
        self._parts: tuple[tuple[Serves, Any], ...] = (
            (_below(ramm.ROOTS), copying),
            (_below(oidc.ROOTS), provider),
            (_below((hubs.ROOT,)), live),
            (_below(webapi.ROOTS), web),
            (lambda scope: broker_v2.serves(scope, broker_v2_host), office_v2),
            (_below(broker.ROOTS), office),
            (_below(terminal.ROOTS), terminals),
            (lambda scope: serves(scope["path"]), self._serve_workspace),
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            await self._part_of(scope)(scope, receive, send)
        elif scope["path"] == STREAM_PATH:
            await self._stream(scope, receive, send)
        elif scope["path"].startswith(hubs.ROOT):
            await self.hubs(scope, receive, send)
        else:
            await refuse_socket(receive, send)

    async def _serve_workspace(self, scope: Any, receive: Any, send: Any) -> None:
        if self.workspace is None:
            await refuse_for_now(scope, send)
        else:
            await self.workspace(scope, receive, send)

    def _part_of(self, scope: Any) -> Any:
        return next((part for is_its, part in self._parts if is_its(scope)), self.rest)


async def refuse_for_now(scope: Any, send: Any) -> None:
    """Say that this is not ready yet."""
    await send_problem(send, Rejected(Refusal.NOT_READY, retry_after=1), scope["path"], "")


async def refuse_socket(receive: Any, send: Any) -> None:
    """Let a WebSocket not in."""
    await receive()
    await send({"type": "websocket.close", "code": TRY_LATER})


def _below(roots: tuple[str, ...]) -> Serves:
    return lambda scope: scope["path"].startswith(roots)
