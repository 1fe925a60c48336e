"""The short way for new orders: POST /api/v1/orders without ASGI, a task and a router.

It is the busiest call of a trade server, and two thirds of what it would cost lie between the socket and us. So this
protocol, uvicorn's own for all other calls, keeps an order to itself: the same functions check it, read it and render
its answer (`front`, `orders`, `views`), and the answer leaves in one write. Whatever is out of the ordinary (HTTP/1.0,
`Expect`, a query, an upgrade, an access token) takes the long way, with the same result.

Answers keep the order of the requests: an order takes its turn among uvicorn's cycles, whose part it plays.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from prorata.access.keys import PREFIX
from prorata.access.permissions import Permission
from prorata.messages.refusals import Refusal
from prorata.rest.asgi import BEARER, Head, Headers, check_length, check_media, head_of, problem_answer
from prorata.rest.own.front import ORDERS, Front
from prorata.rest.own.orders import order_command
from prorata.rest.own.session import Session, check_permitted
from prorata.server.ports import JournalFull
from prorata.server.writer import Answer, WriterStopped
from prorata.views.answers import Rejected
from prorata.views.bodies import BODY_MAX, NewOrder, decode_body
from prorata.views.outcomes import check_done, outcome_of, rejected_by

_ORDERS_URL = ORDERS.encode()
_CREATED = 201
_KEY = PREFIX.encode()
_NO_KEY = BEARER + _KEY
"""Who shows nothing is refused on the short way, too."""

_encode = msgspec.json.Encoder().encode
_log = structlog.get_logger("rest")


def order_protocol(front: Callable[[], Front | None]) -> type[asyncio.Protocol]:
    """Return the protocol for `uvicorn.Config(http=...)`. `front` gives None until calls are let in."""

    class Protocol(OrderProtocol):
        front_now = staticmethod(front)

    return Protocol


class OrderProtocol(HttpToolsProtocol):
    """One connection."""

    front_now: Callable[[], Front | None]
    held: "tuple[OrderCall, bytes] | None" = None
    """an answer that waits until the caller has read earlier ones"""
    idle_since: float | None = None
    idle_timer: asyncio.TimerHandle | None = None

    def on_message_begin(self) -> None:
        """Only calls that go uvicorn's way need its scope."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        front = self.front_now()
        if front is None or self.url != _ORDERS_URL or not self._is_ordinary(headers := dict(self.headers)):
            self._go_the_long_way()
            return
        before: Any = self.cycle
        call = OrderCall(self, front, headers, keep_alive=self.parser.should_keep_alive())
        self.cycle = call  # type: ignore[assignment]
        if before is None or before.response_complete:
            call.begin()
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((call, self.app))  # type: ignore[arg-type]

    def _go_the_long_way(self) -> None:
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers
        super().on_headers_complete()

    def _is_ordinary(self, headers: Headers) -> bool:
        """Say whether the short way serves it. Access tokens may be bound to addresses, which a proxy tells the application."""
        parser = self.parser
        return (
            parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and not self.expect_100_continue
            and not parser.should_upgrade()
            and not self.access_log
            and (self.limit_concurrency is None or len(self.connections) < self.limit_concurrency)
            and headers.get(b"authorization", _NO_KEY).startswith(_KEY, len(BEARER))
        )

    # A timer for each answer, as uvicorn makes it, costs as much as reading the order: one timer looks how long it has been.

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self.idle_since = self.loop.time()
        if self.idle_timer is None:
            self.idle_timer = self.loop.call_later(self.timeout_keep_alive, self._end_if_idle)

    def _unset_keepalive_if_required(self) -> None:
        self.idle_since = None

    def _end_if_idle(self) -> None:
        self.idle_timer = None
        if self.idle_since is None:
            return  # The answer under way sets it anew.
        left = self.idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.idle_timer = self.loop.call_later(left, self._end_if_idle)
        else:
            self.timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.idle_timer is not None:
            self.idle_timer.cancel()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Start what is next in the pipeline."""
        if isinstance(cycle, OrderCall):
            # Not at once: a pipeline of refused orders would call itself as deep as it is long.
            self.loop.call_soon(cycle.begin)
        else:
            super()._start_asgi_task(cycle, app)

    def answer(self, call: "OrderCall", status: int, head: Head, body: bytes) -> None:
        """Send the whole answer to the call whose turn it is."""
        parts = [STATUS_LINE[status]]
        for name, value in (*self.server_state.default_headers, *head):
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n" if call.keep_alive else b"connection: close\r\n\r\n", body)
        data = b"".join(parts)
        if self.flow.write_paused:
            self.held = (call, data)
        else:
            self._send(call, data)

    def _send(self, call: "OrderCall", data: bytes) -> None:
        call.response_complete = True
        if self.transport.is_closing():
            return
        self.transport.write(data)
        if not call.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def resume_writing(self) -> None:
        super().resume_writing()
        held, self.held = self.held, None
        if held is not None:
            self._send(*held)


class OrderCall:
    """One order, in the place of uvicorn's cycle: the protocol fills `body` and calls `set` when there is news."""

    __slots__ = (
        "_front", "_headers", "_protocol", "_request_id", "_session", "body", "disconnected", "keep_alive", "more_body",
        "response_complete",
    )  # fmt: skip

    def __init__(self, protocol: OrderProtocol, front: Front, headers: dict[bytes, bytes], *, keep_alive: bool) -> None:
        self._protocol = protocol
        self._front = front
        self._headers = headers
        self._request_id = ""
        self._session: Session | None = None
        self.body = bytearray()
        self.more_body = True
        self.keep_alive = keep_alive
        self.disconnected = False
        self.response_complete = False

    @property
    def message_event(self) -> "OrderCall":
        return self

    def begin(self) -> None:
        """Say who calls, then take the body, which may be here."""
        self._request_id = self._front.request_id(self._headers)
        try:
            session = self._front.session(self._headers, self._request_id, changes=True)
            check_permitted(session.caller, Permission.TRADES_DEAL)
            check_length(self._headers)
        except Exception as failure:
            self._refuse(failure)
        else:
            self._session = session
            self.set()

    def set(self) -> None:
        """Go on: the connection has read more of the body, or is gone."""
        session = self._session
        if session is None or self.disconnected or self.response_complete:
            return
        if len(self.body) > BODY_MAX:
            self._refuse(Rejected(Refusal.BODY_TOO_LARGE))
        elif not self.more_body:
            self._ask(session)

    def _ask(self, session: Session) -> None:
        try:
            body = bytes(self.body)
            check_media(self._headers, body)
            session.ask(order_command(session, decode_body(NewOrder, body)), self._answer)
        except Exception as failure:
            self._refuse(failure)

    def _answer(self, answer: Answer | Exception) -> None:
        if isinstance(answer, Exception):
            self._refuse(answer)
            return
        session = self._session
        assert session is not None
        try:
            check_done(answer)
            body = _encode(outcome_of(session.engine, answer))
        except Exception as failure:
            self._refuse(failure)
        else:
            self._protocol.answer(self, _CREATED, head_of(b"application/json", body, self._request_id), body)

    def _refuse(self, failure: Exception) -> None:
        if isinstance(failure, Rejected):
            rejected = failure
        else:
            rejected = rejected_by(failure)
            if not isinstance(failure, (JournalFull, WriterStopped)):
                _log.error("a call failed", method="POST", path=ORDERS, request_id=self._request_id, exc_info=failure)
        self._protocol.answer(self, *problem_answer(rejected, ORDERS, self._request_id))
