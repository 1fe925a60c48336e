"""What administrators may have done to a running platform, on a real one."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from prorata.app.platform import TradePlatform
from prorata.app.settings import NoFeedSettings, NoVenueSettings, PlatformSettings, ServerSettings, SimulatedFeedSettings
from prorata.app.upkeep import PlatformUpkeep
from prorata.messages.commands import OpenAccount
from prorata.projections.candles import Candle, Period, Tick
from prorata.rest.webapi.upkeep import FeedInfo, UpkeepFailed
from prorata.server.machine import TICK

Story = Callable[[TradePlatform, PlatformUpkeep], Awaitable[None]]


def settings_at(folder: Path) -> ServerSettings:
    fed = PlatformSettings(feed=SimulatedFeedSettings(seed=7, rate=400.0), snapshot_every=100_000)
    silent = PlatformSettings(feed=NoFeedSettings(), venue=NoVenueSettings())
    return ServerSettings(data=folder, platforms={"live": fed, "silent": silent})


async def with_platform(folder: Path, story: Story) -> None:
    settings = settings_at(folder)
    platform = TradePlatform("live", settings)
    await platform.start()
    try:
        await story(platform, PlatformUpkeep(platform, settings))
    finally:
        await platform.stop()


def charts(platform: TradePlatform) -> list[tuple[list[Candle], list[Tick]]]:
    store = platform.quotes
    return [
        (store.candles(symbol, Period.M1, limit=1_000), store.ticks(symbol, limit=10_000))
        for symbol in platform.writer.engine.desk.state.symbols
    ]


async def quotes_after(platform: TradePlatform, taken: int) -> None:
    async with asyncio.timeout(10):
        while platform.feeding is None or platform.feeding.taken < taken:  # noqa: ASYNC110 - the feed tells nobody
            await asyncio.sleep(0.01)


async def kept_up_to(platform: TradePlatform, quoted: list[int]) -> None:
    """Wait until the charts have the quotes of the last batch that had any."""
    await platform.writer.submit(TICK.command)
    async with asyncio.timeout(10):
        while platform.recorder.number < quoted[-1]:  # noqa: ASYNC110 - nor does the recorder
            await asyncio.sleep(0.05)


def test_feed_charts_and_backups_of_a_running_platform(tmp_path: Path) -> None:
    async def story(platform: TradePlatform, upkeep: PlatformUpkeep) -> None:
        assert (upkeep.feed(), upkeep.venue(), upkeep.backups()) == (FeedInfo("simulated", "seed 7"), "simulated", [])
        quoted: list[int] = []
        platform.writer.listen(lambda applied: quoted.append(applied.number) if applied.quotes else None)
        await quotes_after(platform, 50)
        before = platform.clock.now()
        await upkeep.restart_feed()
        await quotes_after(platform, 50)  # of the new feed
        assert platform.clock.now() >= before
        assert [line.partition(" ")[2] for line in upkeep.feed_log()] == ["begins (seed 7)"] * 2

        await platform._end("feed")  # so that the charts stand still
        await kept_up_to(platform, quoted)
        known = await asyncio.to_thread(charts, platform)
        assert any(ticks for _, ticks in known)
        await upkeep.rebuild_candles()
        assert await asyncio.to_thread(charts, platform) == known

        await platform.writer.submit(OpenAccount("retail-usd", 5_001))
        number = platform.writer.number
        platform.writer.request_snapshot()
        for _ in range(3):
            await platform.writer.submit(TICK.command)
        async with asyncio.timeout(10):
            while not await asyncio.to_thread(upkeep.backups):  # noqa: ASYNC110 - a snapshot is written behind the scenes
                await asyncio.sleep(0.05)
        (backup,) = await asyncio.to_thread(upkeep.backups)
        assert backup.size > 1_000
        assert backup.at > before
        assert int(backup.file.removeprefix("snapshot-")) >= number
        engine = await asyncio.to_thread(upkeep.backup, backup.file)
        assert engine is not None
        assert 5_001 in engine.desk.state.accounts
        for unknown in ("snapshot-1", "snapshot-", "1", "../journal.db"):
            assert upkeep.backup(unknown) is None

    asyncio.run(with_platform(tmp_path, story))


def test_a_platform_without_feed_says_so(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    upkeep = PlatformUpkeep(TradePlatform("silent", settings), settings)
    assert (upkeep.feed(), upkeep.venue(), upkeep.feed_log()) == (None, None, ())
    with pytest.raises(UpkeepFailed, match="no feed"):
        asyncio.run(upkeep.restart_feed())
