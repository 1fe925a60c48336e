"""Lists in parts. A cursor says what was seen last, and for which list; a check sum tells one that we did not make."""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Generic, TypeVar

import msgspec

from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.schemas.kinds import Int64

LIMIT_MAX = 5_000
CURSOR_LENGTH_MAX = 512
RENDERED_AT_ONCE = 500
"""After so many items other calls have their turn."""

_SUM_SIZE = 8

Key = TypeVar("Key", int, str)
View = TypeVar("View")


class Listed(msgspec.Struct, Generic[View]):
    """A part of a list. `next_cursor` None: there is no more."""

    items: list[View]
    next_cursor: str | None


class Page:
    """Which part of a list is wanted. `limit` None: all that follows; `list_name` binds a cursor to its list."""

    __slots__ = ("cursor", "limit", "list_name")

    def __init__(self, list_name: str, limit: int | None, cursor: str | None) -> None:
        self.list_name = list_name
        self.limit = limit
        self.cursor = cursor

    def part(self, keys: Sequence[Key]) -> tuple[Sequence[Key], str | None]:
        """Return the part of `keys`, which are in order, and the cursor of what follows it.

        Raises `Failure` for a cursor that is none of this list.
        """
        begin = (
            0 if self.cursor is None else bisect_right(keys, self.after(str if keys and isinstance(keys[0], str) else Int64, 0))
        )
        end = len(keys) if self.limit is None else min(begin + self.limit, len(keys))
        return keys[begin:end], self.cursor_of(keys[end - 1]) if begin < end < len(keys) else None

    async def of(self, keys: Sequence[Key], view_of: Callable[[Key], View | None]) -> Listed[View]:
        """Return the part of `keys`, as they are shown. What `view_of` gives None for has gone meanwhile. Raises `Failure`."""
        part, next_cursor = self.part(keys)
        items: list[View] = []
        for place, key in enumerate(part, 1):
            if place % RENDERED_AT_ONCE == 0:
                await asyncio.sleep(0)
            view = view_of(key)
            if view is not None:
                items.append(view)
        return Listed(items, next_cursor)

    def after(self, kind: Any, first: Any) -> Any:
        """Return what was seen last, which is of a kind; `first` without a cursor. Raises `Failure`."""
        if self.cursor is None:
            return first
        problem = invalid("cursor", "is none of this list")
        if len(self.cursor) > CURSOR_LENGTH_MAX or not self.cursor.isascii():
            raise problem
        try:
            told = urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4))
            if told[:_SUM_SIZE] != self._sum_of(told[_SUM_SIZE:]):
                raise problem
            return msgspec.json.decode(told[_SUM_SIZE:], type=kind)
        except (ValueError, msgspec.DecodeError):
            raise problem from None

    def cursor_of(self, key: int | str) -> str:
        """Return the cursor of what follows a key."""
        body = msgspec.json.encode(key)
        return urlsafe_b64encode(self._sum_of(body) + body).decode().rstrip("=")

    def _sum_of(self, body: bytes) -> bytes:
        return sha256(f"{self.list_name}\n".encode() + body).digest()[:_SUM_SIZE]


def page_of(list_name: str, limit: int | None, cursor: str | None) -> Page:
    """Raises `Failure` for a limit out of range."""
    if limit is not None and not 1 <= limit <= LIMIT_MAX:
        raise invalid("limit", f"must be from 1 to {LIMIT_MAX}")
    return Page(list_name, limit, cursor or None)
