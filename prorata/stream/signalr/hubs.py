"""What a client may call and stream on the hubs of the WebAPI, and what it needs for that."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from prorata.access.permissions import Grant, Permission
from prorata.stream.signalr.connection import Connection, Leave, Refused, Sink
from prorata.stream.signalr.feed import Circle, Feed
from prorata.stream.signalr.protocol import called

STATUS = msgspec.json.encode({"connected": True})
SYMBOL_LENGTH_MAX = 64


class _Stream(msgspec.Struct, frozen=True):
    needs: Permission
    circle: Callable[[Feed], Circle]


MT4: Mapping[str, _Stream] = {
    "streamtrades": _Stream(Permission.TRADES_READ, lambda feed: feed.trades),
    "streamuserupdates": _Stream(Permission.ACCOUNTS_READ, lambda feed: feed.users),
    "streamsymbolupdates": _Stream(Permission.SETTINGS_READ, lambda feed: feed.symbols),
    "streammargincallupdates": _Stream(Permission.ACCOUNTS_READ, lambda feed: feed.margins),
}
MT5: Mapping[str, _Stream] = {
    "streammargincallupdates": _Stream(Permission.ACCOUNTS_READ, lambda feed: feed.margins_mt5),
}
TICKS = Permission.MARKET_READ
NEEDED: Mapping[str, Mapping[str, Permission]] = {
    "mt4": {name: stream.needs for name, stream in MT4.items()}
    | dict.fromkeys(("streamticks", "subscribetoticks", "unsubscribefromticks"), TICKS),
    "mt5": {name: stream.needs for name, stream in MT5.items()},
}
"""What each method needs, by hub."""


class WebApiHub:
    """A hub of one platform as one caller sees it. Names are matched without regard to case, as the protocol's servers do."""

    def __init__(self, feed: Feed, grant: Grant, count: Callable[[], None], streams: Mapping[str, _Stream]) -> None:
        self._feed = feed
        self._grant = grant
        self._count = count
        self._streams = streams

    def greeting(self) -> bytes:
        return called("OnConnectionStatus", STATUS)

    def call(self, client: Connection, target: str, arguments: list[Any]) -> None:
        raise Refused(f"Method {target[:60]!r} does not exist")

    def stream(self, target: str, arguments: list[Any], sink: Sink) -> Leave:
        known = self._streams.get(target.lower())
        if known is None:
            raise Refused(f"Method {target[:60]!r} does not exist")
        if arguments:
            raise Refused(f"{target} takes no arguments")
        self._check(known.needs)
        return self._join(known.circle(self._feed), sink)

    def _check(self, permission: Permission) -> None:
        if not self._grant.may(permission):
            raise Refused(f"Forbidden: {permission} is needed")

    def _join(self, circle: Circle, sink: Sink) -> Leave:
        def counted(item: bytes) -> None:
            self._count()
            sink(item)

        return circle.join(counted)


class Mt4Hub(WebApiHub):
    """Ticks, by calling back or as a stream, and the streams of the table above."""

    def __init__(self, feed: Feed, grant: Grant, count: Callable[[], None]) -> None:
        super().__init__(feed, grant, count, MT4)

    def call(self, client: Connection, target: str, arguments: list[Any]) -> None:
        name = target.lower()
        if name == "subscribetoticks":
            symbol = self._symbol(arguments)
            client.keep(f"ticks {symbol}", partial(self._join, self._feed.ticks(symbol)), "OnTick")
        elif name == "unsubscribefromticks":
            client.drop(f"ticks {self._symbol(arguments)}")
        else:
            super().call(client, target, arguments)

    def stream(self, target: str, arguments: list[Any], sink: Sink) -> Leave:
        if target.lower() != "streamticks":
            return super().stream(target, arguments, sink)
        if not arguments or arguments == [None]:
            self._check(TICKS)
            return self._join(self._feed.every_tick, sink)
        return self._join(self._feed.ticks(self._symbol(arguments)), sink)

    def _symbol(self, arguments: list[Any]) -> str:
        self._check(TICKS)
        if len(arguments) != 1 or not isinstance(arguments[0], str):
            raise Refused("one symbol is wanted")
        symbol = arguments[0]
        if symbol not in self._feed.desk.state.symbols:
            raise Refused(f"Symbol {symbol[:SYMBOL_LENGTH_MAX]!r} does not exist")
        return symbol


class Mt5Hub(WebApiHub):
    def __init__(self, feed: Feed, grant: Grant, count: Callable[[], None]) -> None:
        super().__init__(feed, grant, count, MT5)
