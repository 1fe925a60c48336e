"""The base of every command and event."""

import msgspec


class Message(msgspec.Struct, frozen=True, array_like=True, gc=False, tag_field="message"):
    """Immutable, compact, its own encoding. The tag of a class is its name in the journal and never changes."""
