"""The platform's clock: the machine's, or the feed's where the market lives in another time (a replay, a faster market)."""

from collections.abc import Callable

from prorata.server.clock import SystemClock
from prorata.units.numbers import Moment


class MarketClock:
    """Tells the machine's time until `follow` gives it another source."""

    def __init__(self) -> None:
        self._source: Callable[[], Moment] = SystemClock().now

    def follow(self, source: Callable[[], Moment]) -> None:
        self._source = source

    def now(self) -> Moment:
        return self._source()
