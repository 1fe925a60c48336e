"""The journal in words: each batch as plain dicts, ready for JSON."""

from collections.abc import Iterator
from typing import Any

import msgspec

from prorata.messages.batch import decode_batch
from prorata.server.ports import Journal


def export(journal: Journal, after: int = 0) -> Iterator[dict[str, Any]]:
    """Yield every record above `after`: {"number", "hash", "batch"}, bytes in hexadecimal.

    A command is a dict of its fields, with its tag in the journal under "message".

    Raises:
        JournalDamaged: at the first record that does not follow from the one before.
    """
    for record in journal.records(after):
        yield {"number": record.number, "hash": record.hash.hex(), "batch": _in_words(decode_batch(record.body))}


def _in_words(value: object) -> Any:
    """Give structs their field names back, which their compact encoding leaves out."""
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        tag = {config.tag_field: config.tag} if config.tag_field is not None else {}
        return tag | {field: _in_words(getattr(value, field)) for field in value.__struct_fields__}
    if isinstance(value, tuple | list):
        return [_in_words(item) for item in value]
    if isinstance(value, dict):
        return {str(msgspec.to_builtins(key)): _in_words(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.hex()
    return msgspec.to_builtins(value)
