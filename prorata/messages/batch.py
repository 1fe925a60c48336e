"""A batch: what the journal keeps and what is published (decision D2)."""

import msgspec

from prorata.messages.commands import Command
from prorata.messages.events import Event
from prorata.units.numbers import Moment

RULES_VERSION = 1
"""Raised when the same journal would give other results, so that no version replays a past that was not."""


class Submission(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A command with its sender.

    `caller`: who asked, for the audit and for the scope of `key` ("" for the platform itself).
    `key`: the idempotency key; "" is none. Repeated with the same command it gives the first answer.
    """

    command: Command
    caller: str = ""
    key: str = ""


class Batch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One journal record. All its commands carry the one stamp `at`."""

    number: int
    """1, 2, 3, ... without gaps"""
    at: Moment
    epoch: int
    """the leader's term; a writer with a lower one is refused"""
    rules: int
    results_hash: bytes
    """of the events of the batch before: a replay that differs is noticed at once"""
    submissions: tuple[Submission, ...]


class Published(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The events of one batch, as the outbox keeps them. `first` is the sequence number of the first event."""

    number: int
    at: Moment
    first: int
    events: tuple[Event, ...]


_encoder = msgspec.msgpack.Encoder()
_batch_decoder = msgspec.msgpack.Decoder(Batch)
_published_decoder = msgspec.msgpack.Decoder(Published)

encode = _encoder.encode
decode_batch = _batch_decoder.decode
decode_published = _published_decoder.decode
