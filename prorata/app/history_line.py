"""What the server and the process that writes the history say to each other, over a socket that both hold one end of.

Each message is its length in four bytes and then msgpack. The server's end is closed when the server ends, however it
ends: that is how the other process knows.
"""

import asyncio

import msgspec

from prorata.units.numbers import Moment


class Begin(msgspec.Struct, frozen=True, tag="begin"):
    """The first word: which history is written, from which journal. `log_level` as the server's."""

    platform: str
    journal: str
    history: str
    log_level: str


class Told(msgspec.Struct, frozen=True, tag="told"):
    """How far the writer is, and what has happened since the last time.

    `batches`: those that had events, each an encoded `Published`. `written`: the outbox has all batches up to this one;
    so the first message after `Begin` need only tell the rest.
    """

    number: int
    at: Moment
    sequence: int
    written: int
    batches: tuple[bytes, ...]


class Awaited(msgspec.Struct, frozen=True, tag="awaited"):
    """Somebody waits until this batch is in the tables."""

    number: int


class Written(msgspec.Struct, frozen=True, tag="written"):
    """The answer: the last batch that is in the tables, and why they fall behind ("": they do not)."""

    number: int
    failure: str


Word = Begin | Told | Awaited | Written

_HEAD_BYTES = 4
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Word).decode


def say(line: asyncio.StreamWriter, word: Word) -> None:
    """Send without waiting; what the other side has not read yet gathers in the line's own buffer."""
    body = _encode(word)
    line.write(len(body).to_bytes(_HEAD_BYTES, "big") + body)


async def hear(line: asyncio.StreamReader) -> Word | None:
    """Return the next message; None when the other side has gone."""
    try:
        length = int.from_bytes(await line.readexactly(_HEAD_BYTES), "big")
        word: Word = _decode(await line.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return word
