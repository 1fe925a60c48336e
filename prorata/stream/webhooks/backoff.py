"""What an answer means, and when to try again."""

from hashlib import sha256

import msgspec

from prorata.control.webhooks.line import Outcome
from prorata.control.webhooks.rows import Delivery, DeliveryState
from prorata.units.numbers import MINUTE_MS, SECOND_MS, Moment
from prorata.units.rounding import div_floor

FIRST_DELAY_MS = 5 * SECOND_MS
DELAY_MAX_MS = 6 * 60 * MINUTE_MS
DOUBLINGS_MAX = 13
"""5 s doubled so often is more than `DELAY_MAX_MS`."""
GONE_STATUS = 410


class Answer(msgspec.Struct, frozen=True):
    """What came back for one request. `status` 0: nothing, and `error` says why."""

    at: Moment
    """when it came back"""
    milliseconds: int
    status: int = 0
    error: str = ""


def delay_after(uuid: str, tries: int) -> int:
    """Return how many milliseconds to wait after `tries` failed attempts (1 or more) of an envelope.

    5 s, 10 s, 20 s, ... up to 6 hours, each a fifth more or less, so that what failed together does not come back
    together. How much is read off the envelope's id: the same delivery waits equally long after every restart.
    """
    assert tries >= 1
    delay = min(FIRST_DELAY_MS << min(tries - 1, DOUBLINGS_MAX), DELAY_MAX_MS)
    permille = 800 + int.from_bytes(sha256(f"{uuid}/{tries}".encode()).digest()[:4]) % 401
    return div_floor(delay * permille, 1_000)


def outcome_of(sent: Delivery, answer: Answer, *, give_up_ms: int) -> Outcome:
    """Return what an answer makes of a delivery. 2xx is delivered; 410 ends the subscription; all else is tried again.

    It is given up when the next attempt would be more than `give_up_ms` after the first.
    """
    if 200 <= answer.status < 300:
        return _outcome(answer, DeliveryState.DELIVERED)
    if answer.status == GONE_STATUS:
        # Pending, for the case that the subscription is enabled again.
        return _outcome(answer, DeliveryState.FAILED, next_at=answer.at, gone=True)
    next_at = answer.at + delay_after(sent.uuid, sent.tries + 1)
    if next_at > (sent.began_at or answer.at) + give_up_ms:
        return _outcome(answer, DeliveryState.DEAD)
    return _outcome(answer, DeliveryState.FAILED, next_at=next_at)


def _outcome(answer: Answer, state: DeliveryState, *, next_at: Moment = 0, gone: bool = False) -> Outcome:
    error = answer.error or (f"HTTP {answer.status}" if state != DeliveryState.DELIVERED else "")
    return Outcome(answer.at, answer.milliseconds, answer.status, error, state, next_at, gone)
