"""What stands in front: allowances, request ids, failures."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from prorata.rest.own.allowance import Allowance, Allowances
from prorata.rest.own.app import create_app
from prorata.rest.own.session import Platform
from prorata.server.ports import JournalFull
from prorata.server.writer import Answer, Overloaded, WriterStopped
from prorata.views.answers import Rejected
from tests.rest.house import House

App = Callable[[Any, Any, Any], Awaitable[None]]


async def call(
    app: App, path: str, *, token: str, body: bytes = b"", method: str = "POST", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Call an ASGI application and return status, headers and body."""
    sent: list[dict[str, Any]] = []
    own = {"authorization": f"Bearer {token}", "content-type": "application/json", **(headers or {})}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1), "server": ("h", 80),
        "headers": [(name.encode(), value.encode()) for name, value in own.items()],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, b"".join(message.get("body", b"") for message in sent[1:])


def test_a_key_that_calls_too_often_waits(house: House) -> None:
    async def calls() -> list[tuple[int, dict[str, str], bytes]]:
        app = create_app(house.platforms, house.keys, allowance=Allowance(per_second=0.5, burst=2))
        return [await call(app, "/api/v1/time", token=house.tokens["read"], method="GET") for _ in range(3)]

    answers = house.run(calls())
    assert [answer[0] for answer in answers] == [200, 200, 429]
    assert json.loads(answers[2][2])["refusal"] == "TOO_MANY_REQUESTS"
    assert int(answers[2][1]["retry-after"]) in (2, 3)


def test_an_allowance_fills_again_and_is_each_keys_own() -> None:
    now = 0.0
    allowances = Allowances(Allowance(per_second=2.0, burst=1), lambda: now)
    allowances.take("a")
    allowances.take("b")
    with pytest.raises(Rejected):
        allowances.take("a")
    now = 0.5
    allowances.take("a")


@pytest.mark.parametrize(("given", "kept"), [("my-call.1", True), ("with blank", False), ("x" * 65, False)])
def test_a_request_id_is_taken_over_if_it_is_sound(house: House, given: str, kept: bool) -> None:
    with house.client("read") as reader:
        answer = reader.get("/api/v1/time", headers={"x-request-id": given})
    assert (answer.headers["x-request-id"] == given) is kept


FAILURES = [
    (JournalFull(), 507, "STORAGE_FULL"),
    (Overloaded(), 503, "OVERLOADED"),
    (WriterStopped(unknown=False), 503, "STOPPING"),
    (WriterStopped(unknown=True), 500, "OUTCOME_UNKNOWN"),
    (RuntimeError("a bug"), 500, "OUTCOME_UNKNOWN"),
]


class FailingWriter:
    """A writer that cannot do what is asked."""

    def __init__(self, engine: Any, failure: Exception) -> None:
        self.engine = engine
        self.failure = failure

    async def submit(self, *_: object, **__: object) -> Answer:
        raise self.failure


@pytest.mark.parametrize(("failure", "status", "refusal"), FAILURES, ids=lambda part: str(part))
@pytest.mark.parametrize("path", ["/api/v1/orders", "/api/v1/accounts"])
def test_a_failing_server_says_what_became_of_the_command(
    house: House, path: str, failure: Exception, status: int, refusal: str
) -> None:
    login = house.open_account()
    live = house.platforms["live"]
    writer: Any = FailingWriter(live.writer.engine, failure)
    failing = {"live": Platform(writer, live.history, live.quotes, live.now)}
    body: dict[str, object] = {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.10"}
    if path.endswith("accounts"):
        body = {"group": "standard"}

    async def failed() -> tuple[int, dict[str, str], bytes]:
        app = create_app(failing, house.keys)
        return await call(app, path, token=house.tokens["admin"], body=json.dumps(body).encode())

    answer = house.run(failed())
    problem = json.loads(answer[2])
    assert (answer[0], problem["refusal"], problem["retryable"]) == (status, refusal, True)


def test_keys_made_elsewhere_are_known_within_seconds(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prorata.access.keys.REFRESH_SECONDS", 0.01)

    async def refreshed() -> None:
        task = asyncio.create_task(house.keys.keep_fresh())
        await asyncio.sleep(0.1)
        assert not task.done()
        task.cancel()

    house.run(refreshed())
