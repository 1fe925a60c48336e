"""Rows on their way into the tables."""

from typing import Any, TypeAlias

Values: TypeAlias = dict[str, Any]
"""column -> value"""


def stored_text(free_text: str) -> str:
    """Return text that came from outside as every database can keep it: PostgreSQL has no zero character."""
    return free_text.replace("\0", "\ufffd") if "\0" in free_text else free_text
