"""The messages of the SignalR hub protocol in its JSON form: objects with a type number, each ended by 0x1E."""

from typing import Any, TypeAlias

import msgspec

END = b"\x1e"
HANDSHAKE_DONE = b"{}" + END


class Unreadable(Exception):
    """What came is no message of the protocol. The text is for the client."""


class Handshake(msgspec.Struct, frozen=True):
    protocol: str
    version: int


class Invocation(msgspec.Struct, frozen=True, tag_field="type", tag=1, rename="camel"):
    """A call. Without an id nobody waits for its end."""

    target: str
    arguments: list[Any] = []
    invocation_id: str | None = None


class StreamItem(msgspec.Struct, frozen=True, tag_field="type", tag=2):
    """An item of a stream of the client's. Our hubs take none."""


class Completion(msgspec.Struct, frozen=True, tag_field="type", tag=3):
    """The end of a call of ours. Our hubs make none that ends."""


class StreamInvocation(msgspec.Struct, frozen=True, tag_field="type", tag=4, rename="camel"):
    target: str
    invocation_id: str
    arguments: list[Any] = []


class CancelInvocation(msgspec.Struct, frozen=True, tag_field="type", tag=5, rename="camel"):
    invocation_id: str


class Ping(msgspec.Struct, frozen=True, tag_field="type", tag=6):
    pass


class Close(msgspec.Struct, frozen=True, tag_field="type", tag=7):
    pass


ClientMessage: TypeAlias = Invocation | StreamItem | Completion | StreamInvocation | CancelInvocation | Ping | Close

PING = b'{"type":6}' + END

_messages: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_handshake = msgspec.json.Decoder(Handshake)
_encode = msgspec.json.Encoder().encode


def read_handshake(frame: bytes) -> Handshake:
    """Raises `Unreadable`."""
    try:
        asked = _handshake.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreadable("the first message must be a handshake") from None
    # A client that negotiated version 0 asks for that one; its messages are the same.
    if asked.protocol != "json" or not 0 <= asked.version <= 1:
        raise Unreadable("only version 1 of the protocol json is spoken here")
    return asked


def read_message(frame: bytes) -> ClientMessage:
    """Raises `Unreadable`."""
    try:
        return _messages.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Unreadable(f"not a message of the protocol: {problem}"[:200]) from None


def handshake_refused(reason: str) -> bytes:
    return _encode({"error": reason}) + END


def called(target: str, argument: bytes) -> bytes:
    """Return a call of the client with one argument, which is JSON already."""
    return b'{"type":1,"target":"%s","arguments":[%s]}' % (target.encode(), argument) + END


def item_head(invocation_id: str) -> bytes:
    """Return what stands before each item of a stream; the item, `}` and the end follow."""
    return b'{"type":2,"invocationId":%s,"item":' % _encode(invocation_id)


def item(head: bytes, content: bytes) -> bytes:
    return head + content + b"}" + END


def completed(invocation_id: str, error: str | None = None) -> bytes:
    """Return the end of a call or stream: with its error, or with nothing to say."""
    if error is None:
        return b'{"type":3,"invocationId":%s}' % _encode(invocation_id) + END
    return b'{"type":3,"invocationId":%s,"error":%s}' % (_encode(invocation_id), _encode(error)) + END


def closing(error: str) -> bytes:
    return b'{"type":7,"error":%s,"allowReconnect":true}' % _encode(error) + END
