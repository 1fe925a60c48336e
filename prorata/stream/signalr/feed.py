"""From the writer of one platform to the streams of the hubs: each batch is rendered once, and told to all who listen.

A stream hears everything from the moment at which it joins: joining and batches are turns of the same event loop.
"""

from collections.abc import Callable, Iterable

import structlog

from prorata.messages.commands import Quote
from prorata.messages.events import Event
from prorata.server.writer import Applied, Writer
from prorata.stream.signalr.connection import Leave, Sink
from prorata.trading.desk import Desk
from prorata.views.hubs import marginal, tick, touched_symbol, touched_user
from prorata.views.hubs import trades as trades_of

_log = structlog.get_logger("hubs")

_Render = Callable[[Desk, Event, int], Iterable[bytes]]


class Circle:
    """Those who hear the items of one kind."""

    __slots__ = ("_sinks",)

    def __init__(self) -> None:
        self._sinks: dict[int, Sink] = {}

    def join(self, sink: Sink) -> Leave:
        self._sinks[id(sink)] = sink
        return lambda: self._leave(sink)

    def _leave(self, sink: Sink) -> None:
        self._sinks.pop(id(sink), None)

    def __bool__(self) -> bool:
        return bool(self._sinks)

    def tell(self, item: bytes) -> None:
        # A sink may leave while it is told: its reader is too slow.
        for sink in list(self._sinks.values()):
            sink(item)
