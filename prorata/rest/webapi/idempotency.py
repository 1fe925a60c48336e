"""Idempotency-Key: the same call under the same key is done once and answered alike.

Answers are kept here for a while, in memory; across a restart the engine itself knows the keys of its commands, for a
day (`prorata.server.machine`). What was not sent or not accepted uses no key: it may be tried again.
"""

import asyncio
import re
from collections.abc import Callable

from prorata.rest.webapi.answers import Answered
from prorata.rest.webapi.errors import ErrorCode, busy, in_progress, invalid

KEPT_SECONDS = 120.0
KEPT_UNKNOWN_SECONDS = 3_600.0
"""After the caller was told that the outcome is unknown."""
KEPT_MAX = 50_000
SWEEP_SECONDS = 10.0
USES_NO_KEY = frozenset(
    {ErrorCode.NoConnect, ErrorCode.Validation, ErrorCode.Forbidden, ErrorCode.NotFound, ErrorCode.Busy, ErrorCode.Timeout}
)

_KEY = re.compile(rb"[\x20-\x7e]{1,255}")


class _Kept:
    __slots__ = ("answer", "input", "unknown", "until")

    def __init__(self, given: bytes) -> None:
        self.input = given
        self.answer: Answered | None = None
        self.unknown = False
        self.until = 0.0


class Keys:
    """The keys in use, and the answers given under them. `now`: seconds that only go on."""

    def __init__(self, now: Callable[[], float] | None = None) -> None:
        self._now = now or (lambda: asyncio.get_running_loop().time())
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._swept_at = 0.0

    def begin(self, client_id: str, key: str, given: bytes) -> Answered | None:
        """Take a key for a call whose input is `given`; return its answer if it was made before.

        Raises `Failure` if the call under this key is under way, or was another one.
        """
        kept = self._kept.get((client_id, key))
        if kept is not None and kept.answer is not None and kept.until <= self._now():
            kept = None
        if kept is None:
            self._make_room()
            self._kept[client_id, key] = _Kept(given)
            return None
        if kept.input != given:
            raise invalid("Idempotency-Key", "was used for another call")
        if kept.answer is None:
            raise in_progress()
        return kept.answer

    def tell_unknown(self, client_id: str, key: str) -> None:
        """The caller was told that the outcome is unknown; the answer, when it comes, is kept for long."""
        self._kept[client_id, key].unknown = True

    def end(self, client_id: str, key: str, answer: Answered) -> None:
        """Keep the answer, or give the key back if nothing was done."""
        kept = self._kept.pop((client_id, key))
        code = answer.failure.code if answer.failure is not None else None
        if code == ErrorCode.OutcomeUnknown or (code in USES_NO_KEY and not kept.unknown):
            return
        kept.answer = answer
        kept.until = self._now() + (KEPT_UNKNOWN_SECONDS if kept.unknown else KEPT_SECONDS)
        self._kept[client_id, key] = kept

    def _make_room(self) -> None:
        """Forget what is old. If that is not enough, the oldest answer that nobody waits for goes. Raises `Failure`."""
        now = self._now()
        if now - self._swept_at >= SWEEP_SECONDS:
            self._swept_at = now
            self._kept = {name: kept for name, kept in self._kept.items() if kept.answer is None or kept.until > now}
        if len(self._kept) >= KEPT_MAX:
            spare = next((name for name, kept in self._kept.items() if kept.answer is not None and not kept.unknown), None)
            if spare is None:
                raise busy("Too many calls are under way")
            del self._kept[spare]


def key_of(header: bytes | None) -> str:
    """Return the key in a header, "" for none. Raises `Failure`."""
    if header is None:
        return ""
    if _KEY.fullmatch(header) is None or not header.strip():
        raise invalid("Idempotency-Key", "must be 1 to 255 printable ASCII characters")
    return header.decode("ascii")
