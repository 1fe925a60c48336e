"""How many calls a key may make: a bucket of tokens that fills at a steady rate."""

import time
from collections.abc import Callable

import msgspec

from prorata.messages.refusals import Refusal
from prorata.views.answers import Rejected

BUCKETS_MAX = 100_000


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """`per_second` calls for each key in the long run, `burst` at once. `per_second` 0: no limit."""

    per_second: float = 0.0
    burst: int = 100


class Allowances:
    """The buckets of all keys."""

    def __init__(self, allowance: Allowance, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = allowance.per_second
        self._burst = float(max(1, allowance.burst))
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}
        """key id -> tokens left, and when they were counted"""

    def take(self, key_id: str) -> None:
        """Spend one call of a key. Raises `Rejected` when there is none left."""
        if not self._rate:
            return
        now = self._now()
        if len(self._buckets) >= BUCKETS_MAX:
            self._forget_full(now)
        left, counted = self._buckets.get(key_id, (self._burst, now))
        left = min(self._burst, left + (now - counted) * self._rate)
        if left < 1.0:
            self._buckets[key_id] = (left, now)
            raise Rejected(Refusal.TOO_MANY_REQUESTS, retry_after=max(1, round((1.0 - left) / self._rate + 0.5)))
        self._buckets[key_id] = (left - 1.0, now)

    def _forget_full(self, now: float) -> None:
        """A bucket that is full again is as good as none."""
        full = [key for key, (left, counted) in self._buckets.items() if left + (now - counted) * self._rate >= self._burst]
        for key in full:
            del self._buckets[key]
