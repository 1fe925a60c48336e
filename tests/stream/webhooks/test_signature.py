"""Requests are signed as the page says, with both secrets while one is rotated."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

from tests.conftest import REPOSITORY
from tests.stream.webhooks.receiver import Request, receiving
from tests.stream.webhooks.stage import Stage

HOUR_MS = 3_600_000


def documented() -> Callable[..., bool]:
    """Return the function of the page for receivers."""
    page = (REPOSITORY / "docs" / "webhooks.md").read_text()
    example = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert example is not None
    names: dict[str, Any] = {}
    exec(example[1], names)  # noqa: S102 - the page of this repository
    chosen: Callable[..., bool] = names["is_genuine"]
    return chosen


is_genuine = documented()


def posted(stage: Stage, *, overlap_ms: int | None = None, later_ms: int = 0) -> tuple[list[str], Request]:
    """Return the secrets there were, oldest first, and a request that was made afterwards."""

    async def post() -> tuple[list[str], Request]:
        async with receiving() as receiver:
            made = stage.office.subscribe(receiver.url, position=0)
            secrets = [made.secret]
            if overlap_ms is not None:
                secrets.append(stage.office.rotate_secret(made.subscription.id, overlap_ms=overlap_ms).secret)
            stage.clock.moment += later_ms
            async with stage.delivering():
                stage.source.happen("strategy/1")
                return secrets, (await receiver.came(1))[0]

    stage.clock.moment = time.time_ns() // 1_000_000 - later_ms
    return asyncio.run(post())


def test_a_signature_is_that_of_the_page(stage: Stage) -> None:
    (secret,), request = posted(stage)
    assert is_genuine(secret, request.headers, request.body)
    assert not is_genuine(secret, request.headers, request.body + b" ")
    assert not is_genuine(secret, {**request.headers, "webhook-id": "other"}, request.body)
    old = str(int(request.headers["webhook-timestamp"]) - 1_000)
    assert not is_genuine(secret, {**request.headers, "webhook-timestamp": old}, request.body)


def test_while_a_secret_is_rotated_the_old_one_is_as_good(stage: Stage) -> None:
    (old, new), request = posted(stage, overlap_ms=HOUR_MS, later_ms=HOUR_MS - 1_000)
    assert old != new
    assert is_genuine(old, request.headers, request.body)
    assert is_genuine(new, request.headers, request.body)


def test_after_the_overlap_only_the_new_secret_signs(stage: Stage) -> None:
    (old, new), request = posted(stage, overlap_ms=HOUR_MS, later_ms=HOUR_MS)
    assert not is_genuine(old, request.headers, request.body)
    assert is_genuine(new, request.headers, request.body)


def test_a_rotated_secret_signs_while_deliveries_go_on(stage: Stage) -> None:
    async def post() -> str:
        async with receiving() as receiver, stage.delivering():
            made = stage.office.subscribe(receiver.url, position=0)
            stage.source.happen("strategy/1")
            await receiver.came(1)
            new = stage.office.rotate_secret(made.subscription.id, overlap_ms=0).secret
            async with asyncio.timeout(10):
                while not is_genuine(new, receiver.requests[-1].headers, receiver.requests[-1].body):
                    stage.source.happen("strategy/1")
                    await receiver.came(stage.source.sequence)
            return new

    stage.clock.moment = time.time_ns() // 1_000_000
    assert asyncio.run(post()).startswith("whsec_")


def test_no_secret_is_in_the_database(stage: Stage) -> None:
    made = stage.office.subscribe("https://crm.example.com/", position=0)
    rotated = stage.office.rotate_secret(made.subscription.id, overlap_ms=HOUR_MS)
    with stage.store.reading() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM webhook_subscriptions").all())
    assert made.subscription.id in kept
    assert made.secret.removeprefix("whsec_") not in kept
    assert rotated.secret.removeprefix("whsec_") not in kept
