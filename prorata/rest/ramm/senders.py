"""Who sends the signals of each strategy: one sender at a time.

Two programs on one token would undo each other's synchronisations. So the one that was heard first keeps the
strategy; another one is refused until the first has been silent for two heartbeats. A sender is known by its address and
its application. Nothing of this outlives the process: after a restart the first that speaks is the sender.
"""

import msgspec

from prorata.units.numbers import MINUTE_MS, Moment

SILENT_MS = 2 * MINUTE_MS
"""Two heartbeats that did not come."""

StrategyKey = tuple[int, int]
"""company and strategy"""


class Heard(msgspec.Struct):
    address: str
    app: int
    at: Moment


class Senders:
    def __init__(self) -> None:
        self._heard: dict[StrategyKey, Heard] = {}

    def hear(self, strategy: StrategyKey, *, address: str, app: int, now: Moment) -> bool:
        """Note that a sender speaks; say whether it may."""
        last = self._heard.get(strategy)
        if last is not None and (last.address, last.app) != (address, app) and now - last.at < SILENT_MS:
            return False
        self._heard[strategy] = Heard(address, app, now)
        return True

    def forget(self, strategy: StrategyKey) -> None:
        """The strategy has a new token: whoever sends with it is the sender."""
        self._heard.pop(strategy, None)
