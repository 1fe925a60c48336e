"""What a signal sender says to the Trading API, and when: a state machine without clock, network or account.

`next` says which message is due, the caller sends it, and `answered` takes what came of it; so the same rules are read
here, in the Expert Advisors (`ea/`), and in the stories that test all three (`tests/collectors/moments/`).

What must come out right: a signal tells the *net lot after the change*, so sending it twice does no harm, and leaving it
out does. After a send whose outcome is unknown the symbol is told again even if it is back where it was. An
account that cannot be read is never told as an empty one: that would close every investor's positions.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from prorata.units.numbers import MINUTE_MS, SECOND_MS, Minor, Moment, Volume

HEARTBEAT_MS = MINUTE_MS
AFTER_SIGNAL_MS = 5 * SECOND_MS
"""A heartbeat follows a signal after so long: its answer tells early what came of it."""
RETRY_MS = 10 * SECOND_MS
"""Nothing that failed is sent again before more than this has passed."""
OUTSIDE_PERCENT = 3
"""Money in or out from this part of (equity - change) on asks for a sync: the proportions are no longer right."""
IMPORTANCE_STOP = 5
"""From this importance of an update on, the server no longer wants this version."""
NEED_SOFT = 1
NEED_HARD = 2
STRATEGY_CLOSED = 4
UNAUTHORIZED = 401
UNKNOWN_INSTRUMENT = 404


class Target(msgspec.Struct, frozen=True):
    """What is held of one key: a symbol, or one ticket of it. `lot` is signed: bought above 0, sold below."""

    symbol: str
    ticket: str
    lot: Volume


class Reading(msgspec.Struct, frozen=True):
    """A source account at one moment.

    `targets` by key, none of them with lot 0. `equity` and `outside` in one unit of the account's currency (cents, say);
    `outside` is the sum of all deposits less withdrawals since the source was opened. `equity_usd` in cents.
    """

    targets: Mapping[str, Target]
    equity: Minor
    outside: Minor
    equity_usd: Minor


class Heartbeat(msgspec.Struct, frozen=True):
    """I live; how are things?"""


class Signal(msgspec.Struct, frozen=True):
    """`target.lot` is what is held now, 0 after a close."""

    key: str
    target: Target
    equity_usd: Minor


class Sync(msgspec.Struct, frozen=True):
    """Everything that is held. Hard: the server did not ask, or asked for a hard one. `balance`: money moved from outside."""

    hard: bool
    balance: bool
    reading: Reading


Message = Heartbeat | Signal | Sync


class Info(msgspec.Struct, frozen=True):
    """What a heartbeat's answer says. `interval_profit`: equity less profit base, as the server wrote it; None if unknown."""

    importance: int = 0
    status: int | None = None
    need_sync: int = 0
    interval_profit: str | None = None


class Accepted(msgspec.Struct, frozen=True):
    """Done. `info` with a heartbeat's answer."""

    info: Info | None = None


class Declined(msgspec.Struct, frozen=True):
    """Answered by a 4xx: nothing changed at the server."""

    status: int
    text: str


class Unclear(msgspec.Struct, frozen=True):
    """No answer, a server error, or an answer that cannot be read: the server may have done it or not."""

    text: str


Answer = Accepted | Declined | Unclear


class End(StrEnum):
    """Why a sender stops for good."""

    UNAUTHORIZED = "unauthorized"
    CLOSED = "closed"
    OUTDATED = "outdated"


class Behaviour:
    """One sender's memory. `end` is set when there is nothing more to say, ever."""

    def __init__(self) -> None:
        self.end: End | None = None
        self.info = Info()
        self._greeted = False
        self._synced = False
        self._hard_due = True
        self._soft_due = False
        self._balance_due = False
        self._heartbeat_due: Moment | None = None
        self._sync_failed: Moment | None = None
        self._outside: Minor = 0
        self._told: dict[str, Target] = {}
        self._unsure: set[str] = set()
        self._failed: dict[str, Moment] = {}

    def next(self, now: Moment, reading: Reading | None) -> Message | None:
        """Return what is to be said now. Ask again after its answer, until there is nothing.

        `reading` None: the account cannot be read. The first word is a heartbeat, so that a version that the server no
        longer wants sends nothing else; then comes a hard sync; single signals only after that.
        """
        if self.end is not None:
            return None
        if self._greeted and reading is not None:
            message: Message | None = self._sync(now, reading)
            if message is None and self._synced:
                message = self._signal(now, reading)
            if message is not None:
                return message
        if self._heartbeat_due is None or now >= self._heartbeat_due:
            return Heartbeat()
        return None

    def answered(self, now: Moment, message: Message, answer: Answer) -> None:
        """Take what came of the message that `next` gave last."""
        if isinstance(answer, Declined) and answer.status == UNAUTHORIZED:
            self.end = End.UNAUTHORIZED
            return
        match message:
            case Heartbeat():
                self._heartbeat_answered(now, answer)
            case Signal():
                self._signal_answered(now, message, answer)
            case Sync():
                self._sync_answered(now, message, answer)

    def _sync(self, now: Moment, reading: Reading) -> Sync | None:
        balance = self._balance_due or (self._synced and moved_from_outside(reading.outside - self._outside, reading.equity))
        if not (self._hard_due or self._soft_due or balance):
            return None
        if self._sync_failed is not None and now - self._sync_failed <= RETRY_MS:
            return None
        return Sync(self._hard_due or balance, balance and not self._hard_due, reading)

    def _signal(self, now: Moment, reading: Reading) -> Signal | None:
        for key in sorted(self._told.keys() | reading.targets.keys() | self._unsure):
            told, held = self._told.get(key), reading.targets.get(key)
            if (told.lot if told else 0) == (held.lot if held else 0) and key not in self._unsure:
                continue
            failed = self._failed.get(key)
            if failed is not None and now - failed <= RETRY_MS:
                continue
            last = held or told
            assert last is not None, "a key that is neither held nor told"
            return Signal(key, Target(last.symbol, last.ticket, held.lot if held else 0), reading.equity_usd)
        return None

    def _heartbeat_answered(self, now: Moment, answer: Answer) -> None:
        if not isinstance(answer, Accepted):
            self._heartbeat_due = now + RETRY_MS + 1
            return
        self._greeted = True
        self._heartbeat_due = now + HEARTBEAT_MS
        self.info = answer.info or Info()
        if self.info.importance >= IMPORTANCE_STOP:
            self.end = End.OUTDATED
        elif self.info.status == STRATEGY_CLOSED:
            self.end = End.CLOSED
        self._soft_due = self._soft_due or self.info.need_sync == NEED_SOFT
        self._hard_due = self._hard_due or self.info.need_sync == NEED_HARD

    def _signal_answered(self, now: Moment, message: Signal, answer: Answer) -> None:
        if isinstance(answer, Accepted):
            self._failed.pop(message.key, None)
            self._tell(message)
            assert self._heartbeat_due is not None
            self._heartbeat_due = min(self._heartbeat_due, now + AFTER_SIGNAL_MS)
            return
        self._failed[message.key] = now
        if isinstance(answer, Unclear):
            # What the server holds is not known: keep the target, so that a closed one can still be told.
            self._unsure.add(message.key)
            self._told.setdefault(message.key, Target(message.target.symbol, message.target.ticket, 0))
        elif answer.status == UNKNOWN_INSTRUMENT:
            # It is not copied, and saying it again would not change that; the next change is tried.
            self._tell(message)

    def _tell(self, message: Signal) -> None:
        self._unsure.discard(message.key)
        if message.target.lot:
            self._told[message.key] = message.target
        else:
            self._told.pop(message.key, None)

    def _sync_answered(self, now: Moment, message: Sync, answer: Answer) -> None:
        if not isinstance(answer, Accepted):
            self._sync_failed = now
            # After an unclear one the server may hold either, so it stays due even if the money has gone back meanwhile.
            self._balance_due = self._balance_due or message.balance
            return
        self._sync_failed = None
        self._synced = True
        self._soft_due = self._balance_due = False
        self._hard_due = self._hard_due and not message.hard
        self._outside = message.reading.outside
        self._told = dict(message.reading.targets)
        self._unsure.clear()
        self._failed.clear()


def moved_from_outside(change: Minor, equity: Minor) -> bool:
    """Say whether money in or out (`change`, signed) calls for a sync.

    |change| >= 3 % of (equity - change): 300.00 into 10,000.00 does, 299.99 does not. `equity` is the one after the change.
    """
    return change != 0 and 100 * abs(change) >= OUTSIDE_PERCENT * (equity - change)
