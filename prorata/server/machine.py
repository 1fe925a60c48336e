"""What a journal replays into: the engine, the idempotency keys, and the numbering of batches and events.

Pure, like the engine: a batch in, answers out. Live, in replay and in simulation it is this code that runs.
"""

from collections.abc import Sequence
from hashlib import blake2b, sha256
from typing import TypeAlias

import msgspec

from prorata.copying.engine import Engine
from prorata.copying.state import CopyState, decode_column, encode_column
from prorata.messages.batch import RULES_VERSION, Batch, Submission
from prorata.messages.commands import Quotes, Tick
from prorata.messages.copy_events import TransferRepeated, WalletKnown
from prorata.messages.events import Event, Refused, Repeated
from prorata.messages.refusals import Refusal
from prorata.trading.state import State
from prorata.units.numbers import DAY_MS, Moment

KEYS_KEPT_MS = DAY_MS
"""How long an idempotency key answers with the first result."""
KEYS_MAX = 1_000_000
"""How many keys are kept at most; the oldest go first."""
NO_HASH = b"\x00" * 16

Answered: TypeAlias = tuple[tuple[Event, ...], bool]
"""The events of one submission, and whether they are an earlier answer repeated."""


class KeyUsed(msgspec.Struct, array_like=True, gc=False):
    """The first use of an idempotency key: when, for which command and with which events (both encoded)."""

    at: Moment
    command: bytes
    events: bytes


class Saved(msgspec.Struct):
    """A snapshot."""

    number: int
    at: Moment
    sequence: int
    results_hash: bytes
    rules: int
    keys: dict[str, KeyUsed]
    state: State
    copying: CopyState = msgspec.field(default_factory=CopyState)


class Diverged(Exception):
    """A replay gave other results than the journal says: the code or the journal is not what it was."""


class OtherRules(Exception):
    """The journal was written under rules that this program does not know: use the version that wrote it, or a later one."""


_encoder = msgspec.msgpack.Encoder(enc_hook=encode_column)
_decode_events = msgspec.msgpack.Decoder(tuple[Event, ...]).decode
_decode_saved = msgspec.msgpack.Decoder(Saved, dec_hook=decode_column).decode
_ANSWER_ONLY = frozenset({Refused, Repeated, TransferRepeated, WalletKnown})


class Machine:
    """A trade platform as a function of its batches."""

    __slots__ = ("at", "engine", "keys", "number", "results_hash", "sequence")

    def __init__(self) -> None:
        self.engine = Engine()
        self.keys: dict[str, KeyUsed] = {}
        self.number = 0
        self.at: Moment = 0
        self.sequence = 0
        self.results_hash = NO_HASH

    def apply(self, batch: Batch) -> tuple[list[Answered], list[Event], bytes]:
        """Apply the next batch.

        Returns:
            The answer to each submission, in order; the events to publish, in order, the first of which has
            sequence number `sequence` before the call + 1; and the batch as the outbox keeps it, an encoded `Published`.
        """
        assert batch.number == self.number + 1, f"batch {batch.number} after {self.number}"
        assert batch.at >= self.at, "time went back"
        if batch.rules != RULES_VERSION:
            raise OtherRules(f"batch {batch.number} was made by rules {batch.rules}, this program has {RULES_VERSION}")
        if batch.results_hash != self.results_hash:
            raise Diverged(f"the results of batch {self.number} are not those in the journal")
        self.number, self.at = batch.number, batch.at
        published: list[Event] = self.engine.advance(batch.at)
        answers = self._submit(batch.submissions, published)
        published.extend(self.engine.finish())
        encoded = self._published(published)
        self._forget_old_keys()
        return answers, published, encoded

    def _published(self, events: list[Event]) -> bytes:
        """Number events, take them into the hash of all results, and return them as an encoded `Published`."""
        head = (self.number, self.at, self.sequence + 1)
        encoded = _encoder.encode((*head, events))
        results = memoryview(encoded)[len(_encoder.encode(head)) :]  # The hash is of the events alone.
        self.results_hash = blake2b(results, digest_size=16, key=self.results_hash).digest()
        self.sequence += len(events)
        return encoded

    def _submit(self, submissions: tuple[Submission, ...], published: list[Event]) -> list[Answered]:
        answers: list[Answered] = []
        apply, at = self.engine.apply, self.at
        for submission in submissions:
            if submission.key:
                answers.append(self._submit_once(submission, published))
                continue
            events = apply(submission.command, at)
            if events and type(events[0]) not in _ANSWER_ONLY:
                published += events
            answers.append((tuple(events), False))
        return answers

    def _submit_once(self, submission: Submission, published: list[Event]) -> Answered:
        """Apply a command unless its key was used: then give the first answer, or refuse if the command differs.

        A refusal uses no key: a refused command has changed nothing, so it may be tried again.
        """
        name = f"{submission.caller}\n{submission.key}"
        command = _encoder.encode(submission.command)
        used = self.keys.get(name)
        if used is not None:
            if used.command != command:
                return (Refused(Refusal.KEY_REUSED),), False
            return _decode_events(used.events), True
        events = self.engine.apply(submission.command, self.at)
        if events and type(events[0]) is Refused:
            return tuple(events), False
        if events and type(events[0]) not in _ANSWER_ONLY:
            published.extend(events)
        self.keys[name] = KeyUsed(self.at, command, _encoder.encode(events))
        return tuple(events), False

    def _forget_old_keys(self) -> None:
        before = self.at - KEYS_KEPT_MS
        while self.keys:
            oldest = next(iter(self.keys))
            if self.keys[oldest].at >= before and len(self.keys) <= KEYS_MAX:
                return
            del self.keys[oldest]

    def save(self) -> bytes:
        """Return everything, encoded: the snapshot after batch `number`."""
        return _encoder.encode(
            Saved(
                self.number,
                self.at,
                self.sequence,
                self.results_hash,
                RULES_VERSION,
                self.keys,
                self.engine.desk.state,
                self.engine.copy.state,
            )
        )

    @staticmethod
    def load(data: bytes) -> "Machine":
        """Return the machine that a snapshot describes."""
        saved = _decode_saved(data)
        if saved.rules > RULES_VERSION:  # An older one is the bridge over an upgrade: what led to it is not replayed.
            raise OtherRules(f"the snapshot was made by rules {saved.rules}, this program has {RULES_VERSION}")
        machine = Machine()
        machine.engine = Engine(saved.state, saved.copying)
        machine.keys = saved.keys
        machine.number, machine.at, machine.sequence = saved.number, saved.at, saved.sequence
        machine.results_hash = saved.results_hash
        return machine

    def state_hash(self) -> str:
        """Return the SHA-256 of the whole snapshot, in hex."""
        return sha256(self.save()).hexdigest()


def batch_of(
    machine: Machine, now: Moment, epoch: int, submissions: Sequence[Submission], quotes: Quotes | None = None
) -> Batch:
    """Return the next batch: quotes first, so that its commands deal at the newest prices. Time never goes back."""
    inputs = tuple(submissions) if quotes is None else (Submission(quotes), *submissions)
    return Batch(machine.number + 1, max(now, machine.at), epoch, RULES_VERSION, machine.results_hash, inputs)


TICK = Submission(Tick())
"""Only lets time pass."""
