"""Market time against real time: at the pace of life, faster, or as fast as it can be read."""

import time

from prorata.server.ports import Clock
from prorata.units.numbers import Moment


class WallClock:
    """The computer's time."""

    def now(self) -> Moment:
        return time.time_ns() // 1_000_000


class MarketTime:
    """A time that starts at `at` when it is first asked, and runs `speed` times as fast as `clock`."""

    def __init__(self, at: Moment, speed: float, clock: Clock) -> None:
        assert speed > 0
        self._at = at
        self._speed = speed
        self._clock = clock
        self._started: Moment | None = None

    def now(self) -> Moment:
        if self._started is None:
            self._started = self._clock.now()
        return self._at + int((self._clock.now() - self._started) * self._speed)

    def seconds_until(self, moment: Moment) -> float:
        """Return the real seconds until `moment`; below zero if it has passed."""
        return (moment - self.now()) / (1_000 * self._speed)
