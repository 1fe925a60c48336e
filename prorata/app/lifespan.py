"""Drives the lifespan of an ASGI application that is served behind another one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def lifespan_of(app: Any) -> AsyncIterator[None]:
    """Start `app`, and shut it down at the end. Raises what its start-up raises."""
    asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    task = asyncio.create_task(app(scope, asked.get, told.put))
    await asked.put({"type": "lifespan.startup"})
    _check(await _next(told, task))
    try:
        yield
    finally:
        await asked.put({"type": "lifespan.shutdown"})
        _check(await _next(told, task))
        await task


async def _next(told: asyncio.Queue[dict[str, Any]], task: asyncio.Task[None]) -> dict[str, Any]:
    """Return the application's next message; raises its exception if it ends instead."""
    message = asyncio.create_task(told.get())
    await asyncio.wait({message, task}, return_when=asyncio.FIRST_COMPLETED)
    if message.done():
        return message.result()
    message.cancel()
    task.result()
    raise RuntimeError("the application ended its lifespan without a word")


def _check(message: dict[str, Any]) -> None:
    if message["type"].endswith(".failed"):
        raise RuntimeError(message.get("message") or message["type"])
