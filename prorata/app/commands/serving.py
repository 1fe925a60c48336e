"""`serve`, `demo`, `quotes replay`: what runs platforms."""

import asyncio
import signal
import time
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from prorata.app import logs
from prorata.app.commands.common import chosen, journal_at, progress, say, settings_of
from prorata.app.platform import TradePlatform
from prorata.app.server import Service
from prorata.app.settings import FileFeedSettings, ServerSettings, load
from prorata.server.replay import replay

if TYPE_CHECKING:
    from prorata.app.demo import DemoWish

SHOW_SECONDS = 0.2


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run on the quickest event loop that there is."""
    try:
        import uvloop
    except ImportError:  # pragma: no cover
        asyncio.run(work)
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def stop_on_signals() -> asyncio.Event:
    """Return what is set by Ctrl-C and SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    return stop


# serve


def serve(file: Path | None, overrides: dict[str, Any]) -> None:
    settings = load(file, overrides=overrides)
    logs.set_up(settings.log_level)
    run(_serve(settings))


async def _serve(settings: ServerSettings) -> None:
    stop = stop_on_signals()
    service = Service(settings)
    try:
        await service.start()
        print(f"ready {service.address}", flush=True)
        await until(stop, service)
    finally:
        await service.stop()


async def until(stop: asyncio.Event, service: Service) -> None:
    """Wait for `stop`. Raises `PlatformFailed` if a platform fails first."""
    waiting = asyncio.create_task(stop.wait())
    watching = asyncio.create_task(service.watch())
    done, pending = await asyncio.wait({waiting, watching}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    for task in done:
        task.result()


# demo


def demo(wish: "DemoWish") -> None:
    from prorata.app import demo as demonstration

    settings = demonstration.prepare(wish)
    with (wish.data / demonstration.LOG_NAME).open("a", encoding="utf-8", buffering=1) as log:
        logs.set_up("info", log)
        run(_demo(wish, settings))


async def _demo(wish: "DemoWish", settings: ServerSettings) -> None:
    from prorata.app import demo as demonstration

    stop = stop_on_signals()
    await demonstration.Demo(wish, settings).run(stop)


# quotes replay


class ReplayedQuotes(msgspec.Struct, frozen=True, kw_only=True):
    platform: str
    quotes: int
    seconds: float
    position: int
    events: int
    state_hash: str


def replay_quotes(
    file: Path | None, data: Path | None, platform: str, paths: list[Path], symbol: str, speed: float, as_json: bool
) -> None:
    settings, name = chosen(settings_of(file, data), platform)
    feed = FileFeedSettings(paths=tuple(paths), symbol=symbol, speed=speed)
    own = msgspec.structs.replace(settings.platforms[name], feed=feed)
    settings = msgspec.structs.replace(settings, platforms={name: own})
    run(_replay_quotes(settings, name, as_json))


async def _replay_quotes(settings: ServerSettings, name: str, as_json: bool) -> None:
    platform = TradePlatform(name, settings)
    began = time.perf_counter()
    try:
        await platform.start()
        assert platform.feeding is not None
        with progress(hidden=as_json) as shown:
            task = shown.add_task("replaying quotes", total=None)
            while not platform.fed.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(platform.fed.wait(), SHOW_SECONDS)
                shown.update(task, completed=platform.feeding.taken)
        if platform.failure is not None:
            raise platform.failure
    finally:
        await platform.stop()
    with journal_at(settings, name) as journal:
        machine = replay(journal)
    result = ReplayedQuotes(
        platform=name, quotes=platform.feeding.taken, seconds=round(time.perf_counter() - began, 3),
        position=machine.number, events=machine.sequence, state_hash=machine.state_hash(),
    )  # fmt: skip
    words = f"{name}: {result.quotes} quotes in {result.seconds:.1f} s, batch {result.position}, event {result.events}"
    say(result, as_json=as_json, words=f"{words}\nstate hash {result.state_hash}")
