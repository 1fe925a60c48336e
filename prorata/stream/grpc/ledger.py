"""Movements of money on their way to the streams: what a program has called its booking is read first, and all wait in order.

Who hears of a movement is who did when it happened, however long the reading takes.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.crm.direct import EXTERNAL
from prorata.rest.broker_v2.balance import AdditionalType
from prorata.stream.grpc.audience import spread
from prorata.stream.grpc.subscriber import Subscriber
from prorata.stream.grpc.told import LedgerTold

NUMBERS = {str(kind): number for number, kind in enumerate(AdditionalType)}
"""of what a booking is called, as the messages of both versions have them"""

_log = structlog.get_logger("grpc")


class LedgerLine:
    """`read`: gives what bookings were called, by their external ids, and blocks."""

    def __init__(self, read: Callable[[Collection[str]], Mapping[str, str]]) -> None:
        self._read = read
        self._waiting: deque[tuple[LedgerTold, Sequence[Subscriber], str]] = deque()
        self._task: asyncio.Task[None] | None = None

    def tell(self, told: LedgerTold, hearers: Sequence[Subscriber], external_id: str) -> None:
        """Tell a movement, at once if no program's booking is before it. `external_id`: of a booking, "" if it has none."""
        if not self._waiting and not external_id.startswith(EXTERNAL):
            _tell(told, hearers)
            return
        self._waiting.append((told, hearers, external_id))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._tell_waiting())

    async def _tell_waiting(self) -> None:
        while self._waiting:
            # They stay in the queue while it is read, so that what comes meanwhile waits behind them.
            count = len(self._waiting)
            names = {external_id for _, _, external_id in self._waiting if external_id.startswith(EXTERNAL)}
            types: Mapping[str, str] = {}
            try:
                types = await asyncio.to_thread(self._read, names)
            except SQLAlchemyError as problem:
                _log.warning("additional types cannot be read", problem=type(problem).__name__)
            for _ in range(count):
                told, hearers, external_id = self._waiting.popleft()
                if external_id in types:
                    told = msgspec.structs.replace(told, additional=NUMBERS[types[external_id]])
                _tell(told, hearers)

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()


def _tell(told: LedgerTold, hearers: Sequence[Subscriber]) -> None:
    spread(told, [one for one in hearers if not one.asked.additional or told.additional in one.asked.additional])
