"""The Python signal sender, as traders run it, against the server, as brokers run it."""

import asyncio
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from prorata.collectors.sender import Finished, SignalSender
from prorata.collectors.source import Held, SourceAccount
from tests.rest.ramm.copy_stage import Person, Stage


class HandSource:
    """A source account that a test changes by hand."""

    interval_ms = 5

    def __init__(self) -> None:
        self.positions: tuple[Held, ...] = ()

    def hold(self, **lots: str) -> None:
        self.positions = tuple(
            Held(str(ticket), symbol, Decimal(lot)) for ticket, (symbol, lot) in enumerate(lots.items(), start=1)
        )

    async def read(self) -> SourceAccount:
        return SourceAccount("USD", Decimal(10_000), Decimal(10_000), Decimal(0), self.positions)

    async def close(self) -> None:
        """Nothing is open."""


class Running:
    """The sender on a thread of its own."""

    def __init__(self, stage: Stage, token: str, source: HandSource, folder: Path) -> None:
        self.sender = SignalSender(stage.broker.url, token, stage.app_token, source, lock_folder=folder)
        self.finished: Finished | None = None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.finished = self._loop.run_until_complete(self.sender.run(self._stop))
        self._loop.close()

    def stop(self) -> Finished | None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        return self.finished


def until(ready: Callable[[], bool]) -> None:
    deadline = monotonic() + 20
    while not ready():
        assert monotonic() < deadline, "it did not come"
        sleep(0.02)


def held(person: Person, account: int) -> dict[str, Any]:
    rows = person.done("positions.search", Filter={"AccountID": account})["Positions"]
    return {row["Symbol"]: row["Volume"] for row in rows}


def test_the_real_sender_keeps_a_real_strategy_in_line(stage: Stage, tmp_path: Path) -> None:
    trader, investor = stage.client(), stage.client()
    strategy = stage.strategy(trader)["StrategyID"]
    account = stage.invest(investor, strategy, stage.public(trader, strategy))
    token = trader.done("myStrategies.getToken", StrategyID=strategy)["Token"]
    source = HandSource()
    source.hold(EURUSD="0.30")
    running = Running(stage, token, source, tmp_path)
    try:
        until(lambda: held(investor, account) == {"EURUSD": 0.03})
        source.hold(EURUSD="0.20", DOGE="1")
        until(lambda: held(investor, account) == {"EURUSD": 0.02})
        source.hold()
        until(lambda: held(investor, account) == {})
        until(lambda: running.sender.counts.failed == 1)  # DOGE is no instrument here: it is told once, and let be.
        trader.done("myStrategies.setToken", StrategyID=strategy)
        source.hold(EURUSD="0.10")
        until(lambda: running.finished is not None)
    finally:
        finished = running.stop()
    assert finished == Finished.UNAUTHORIZED
    assert held(investor, account) == {}
    assert running.sender.counts.syncs == 1
