"""The one place where the server reads the time."""

import time

from prorata.units.numbers import Moment


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> Moment:
        return time.time_ns() // 1_000_000
