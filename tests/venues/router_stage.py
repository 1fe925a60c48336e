"""The stage for stories about the router: it runs beside the test and leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

from fake_engine import FakeEngine
from scripted_venue import WallClock

from prorata.messages.commands import Quote
from prorata.server.ports import Venue
from prorata.units.numbers import PPM
from prorata.venues.router import Router, RouterSettings
from prorata.venues.simulated import SimulatedVenue
from prorata.venues.simulated_book import Faults

LOT = 100_000_000
ALWAYS = PPM
SETTINGS = RouterSettings(
    age_max_ms=10_000, ask_after_ms=40, report_every_ms=20, retry_min_ms=2, retry_max_ms=16
)  # fmt: skip


def quote(symbol: str) -> Quote | None:
    return Quote(symbol, 110_000, 110_010)


def simulated(seed: int = 1, **faults: int) -> SimulatedVenue:
    return SimulatedVenue("lp", quote=quote, clock=WallClock(), faults=Faults(**faults), rng=Random(seed))  # type: ignore[arg-type]


def router_for(engine: FakeEngine, venue: Venue, settings: RouterSettings = SETTINGS) -> Router:
    return Router(
        venue,
        submit=engine.submit,
        subscribe=engine.subscribe,
        in_flight=engine.in_flight,
        clock=WallClock(),
        settings=settings,
    )


def engine_now() -> FakeEngine:
    engine = FakeEngine()
    engine.now = WallClock().now()
    return engine


@asynccontextmanager
async def running(engine: FakeEngine, venue: Venue, settings: RouterSettings = SETTINGS) -> AsyncIterator[Router]:
    """Run a router, stop it, and see that it leaves no task behind."""
    before = asyncio.all_tasks()
    router = router_for(engine, venue, settings)
    run = asyncio.create_task(router.run())
    # What is asked for from here on comes by the subscription, what was before by `in_flight`.
    await asyncio.sleep(0)
    try:
        yield router
    finally:
        router.stop()
        await run
    assert asyncio.all_tasks() == before


async def until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not fact():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)


def tell(story: Callable[[], object]) -> None:
    asyncio.run(asyncio.wait_for(story(), 20))  # type: ignore[arg-type]
