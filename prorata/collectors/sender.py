"""Sends the signals of a source to a strategy, over HTTP and in real time, as the Expert Advisors do."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import httpx2
import msgspec

from prorata.collectors.behaviour import Answer, Behaviour, Declined, End, Heartbeat, Message, Reading, Signal, Sync, Unclear
from prorata.collectors.source import Manner, Source, SourceGone, SourceNotReady, reading_of
from prorata.collectors.token_lock import TokenLock
from prorata.collectors.wire import address_of, decode, encode
from prorata.server.clock import SystemClock
from prorata.server.ports import Clock
from prorata.units.decimals import format_short
from prorata.units.numbers import SECOND_MS, VOLUME_DIGITS, Moment

TIMEOUT_SECONDS = 5.0


class Kind(StrEnum):
    """What a notice is about."""

    HEARTBEAT = "heartbeat"
    SIGNAL = "signal"
    SYNC = "sync"
    FAILED = "failed"
    WAITING = "waiting"
    READING = "reading"


class Notice(msgspec.Struct, frozen=True):
    """Something to tell whoever watches."""

    at: Moment
    kind: Kind
    text: str


class Finished(StrEnum):
    """Why `run` came back."""

    STOPPED = "stopped"
    UNAUTHORIZED = "unauthorized"
    CLOSED = "closed"
    OUTDATED = "outdated"
    SOURCE_GONE = "source gone"


class Counts(msgspec.Struct):
    heartbeats: int = 0
    signals: int = 0
    syncs: int = 0
    failed: int = 0


def _nobody(_notice: Notice) -> None:
    return


class SignalSender:
    """One source, one strategy.

    Args:
        address: of the server, such as https://broker.example, or the whole address of signals.send.
        token: of the strategy. app_token: of the program, given out by the broker.
        source: the account; `manner` says how it is told.
        tell: called with each notice.
        lock_folder: where the lock of the token is; the system's folder for temporary files if None.
    """

    def __init__(
        self,
        address: str,
        token: str,
        app_token: str,
        source: Source,
        *,
        manner: Manner | None = None,
        tell: Callable[[Notice], None] = _nobody,
        clock: Clock | None = None,
        lock_folder: Path | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self.counts = Counts()
        self.behaviour = Behaviour()
        self._address = address_of(address)
        self._headers = {"Token": token, "AppToken": app_token, "Content-Type": "application/json"}
        self._source = source
        self._manner = manner or Manner()
        self._tell = tell
        self._clock = clock or SystemClock()
        self._lock = TokenLock(token, lock_folder)
        self._timeout = timeout
        self._trouble = ""
        self.reason = ""
        """why the source is gone, after `Finished.SOURCE_GONE`"""

    async def run(self, stop: asyncio.Event) -> Finished:
        """Send until `stop` is set or there is nothing more to say.

        Raises:
            TokenInUse: another sender on this machine has the token.
        """
        self._lock.take()
        try:
            async with httpx2.AsyncClient(timeout=self._timeout) as client:
                return await self._live(client, stop)
        finally:
            self._lock.release()

    async def _live(self, client: httpx2.AsyncClient, stop: asyncio.Event) -> Finished:
        while not stop.is_set():
            try:
                reading = await self._read()
            except SourceGone as problem:
                self.reason = str(problem)
                return Finished.SOURCE_GONE
            await self._say_all(client, reading, stop)
            end = self.behaviour.end
            if end is not None:
                return _FINISHED[end]
            await _wait(stop, self._source.interval_ms)
        return Finished.STOPPED

    async def _read(self) -> Reading | None:
        """Return the account; None while it cannot be read. What is wrong is told when it changes."""
        try:
            reading = reading_of(await self._source.read(), self._manner)
        except SourceNotReady as problem:
            if str(problem) != self._trouble:
                self._trouble = str(problem)
                self._notice(Kind.WAITING, f"nothing is sent but heartbeats: {problem}")
            return None
        if self._trouble:
            self._trouble = ""
            self._notice(Kind.READING, "the account can be read again")
        return reading

    async def _say_all(self, client: httpx2.AsyncClient, reading: Reading | None, stop: asyncio.Event) -> None:
        """Say everything that is due. After a stop nothing more is begun."""
        while not stop.is_set():
            message = self.behaviour.next(self._clock.now(), reading)
            if message is None:
                return
            answer = await self._post(client, message)
            self.behaviour.answered(self._clock.now(), message, answer)
            self._count(message, answer)

    async def _post(self, client: httpx2.AsyncClient, message: Message) -> Answer:
        try:
            response = await client.post(self._address, content=encode(message), headers=self._headers)
        except httpx2.HTTPError as problem:
            return Unclear(f"no answer ({type(problem).__name__})")
        return decode(message, response.status_code, response.content)

    def _count(self, message: Message, answer: Answer) -> None:
        if isinstance(answer, Declined | Unclear):
            self.counts.failed += 1
            self._notice(Kind.FAILED, f"{_words(message)}: {answer.text}")
            return
        match message:
            case Heartbeat():
                self.counts.heartbeats += 1
                self._notice(Kind.HEARTBEAT, self._status())
            case Signal():
                self.counts.signals += 1
                self._notice(Kind.SIGNAL, _words(message))
            case Sync():
                self.counts.syncs += 1
                self._notice(Kind.SYNC, _words(message))

    def _status(self) -> str:
        info = self.behaviour.info
        profit = "" if info.interval_profit is None else f", {info.interval_profit} USD in this interval"
        return f"strategy {STATUS_NAMES.get(info.status, 'in order')}{profit}"

    def _notice(self, kind: Kind, text: str) -> None:
        self._tell(Notice(self._clock.now(), kind, text))


STATUS_NAMES: dict[int | None, str] = {0: "not activated", 1: "active", 2: "paused", 3: "disabled", 4: "closed"}
_FINISHED = {
    End.UNAUTHORIZED: Finished.UNAUTHORIZED,
    End.CLOSED: Finished.CLOSED,
    End.OUTDATED: Finished.OUTDATED,
}


def _words(message: Message) -> str:
    match message:
        case Heartbeat():
            return "heartbeat"
        case Signal():
            return f"{message.target.symbol} {format_short(message.target.lot, VOLUME_DIGITS, 2)}"
        case Sync():
            kind = "balance sync" if message.balance else "hard sync" if message.hard else "soft sync"
            return f"{kind} of {len(message.reading.targets)} positions"


async def _wait(stop: asyncio.Event, milliseconds: int) -> None:
    try:
        async with asyncio.timeout(milliseconds / SECOND_MS):
            await stop.wait()
    except TimeoutError:
        return
