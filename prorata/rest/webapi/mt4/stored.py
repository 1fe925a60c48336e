"""Lists of settings that are kept beside the engine, as records in the order that they were given.

A row's place in the answer of its `CfgRequest...` is the `pos` by which it is changed, moved and removed. A change of a row
that there is not is `NotFound`, as published; with `?add=true` it is added at the end instead: our own addition, as these
lists begin empty here and there is no other program to fill them.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar

import msgspec

from prorata.control.server_settings.lists import Documents, TooManyRows
from prorata.rest.webapi.answers import encoder
from prorata.rest.webapi.bodies import body_of
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid, not_found
from prorata.rest.webapi.paging import Listed, Page

R = TypeVar("R", bound=msgspec.Struct)
T = TypeVar("T")

Check = Callable[[Call, Sequence[R]], None]
"""Raises `Failure` if the rows must not be so."""


class StoredList(Generic[R]):
    """One list of each trade platform. `kind`: its name in the database, which never changes."""

    def __init__(self, kind: str, record: type[R]) -> None:
        self.kind = kind
        self.record = record

    def of(self, call: Call) -> list[R]:
        """Return the rows; looks into memory alone."""
        documents = call.control.server_settings.of(call.trade_platform.uuid, self.kind)
        rows: tuple[R, ...] = _records_in(self.record, documents)
        return list(rows)

    async def change(self, call: Call, changed: Callable[[list[R]], Sequence[R]]) -> list[R]:
        """Replace the rows by what `changed` makes of them; nobody else changes them meanwhile. Raises `Failure`."""

        def change(before: Documents) -> Documents:
            return tuple(encoder.encode(row) for row in changed(list(_records_in(self.record, before))))

        try:
            await call.sql(call.control.server_settings.change, call.trade_platform.uuid, self.kind, change)
        except TooManyRows:
            raise invalid("pos", "the list has as many rows as it may") from None
        return self.of(call)


@lru_cache(256)
def _records_in(record: type[Any], documents: Documents) -> tuple[Any, ...]:
    return tuple(body_of(record, document) for document in documents)


class Table(Generic[R]):
    """A list as operations show and change it.

    `what`: the row's name in messages. `name`: that of the operations. `key_of`: what a row is known by where its `pos` is
    not told. `ours`: rows that are the trade server's own; they come first and stay as they are. `check`: of all rows.
    """

    def __init__(
        self,
        kind: str,
        record: type[R],
        *,
        name: str,
        what: str,
        key_of: Callable[[R], Any] | None = None,
        ours: Callable[[Call], Sequence[R]] = lambda call: (),
        check: Check[R] = lambda call, rows: None,
    ) -> None:
        self.name = name
        self.what = what
        self._stored = StoredList(kind, record)
        self._key_of = key_of
        self._ours = ours
        self._check = check

    def rows(self, call: Call) -> list[R]:
        return [*self._ours(call), *self._stored.of(call)]

    async def page(self, call: Call, page: Page) -> Listed[R]:
        rows = self.rows(call)
        return await page.of(range(len(rows)), rows.__getitem__)

    async def put_at(self, call: Call, pos: int, given: R, *, add: bool) -> R:
        """Change the row at a place. Raises `Failure`."""
        return await self._put(call, lambda rows: pos, given, add=add and pos == len(self.rows(call)))

    async def put(self, call: Call, given: R, *, add: bool) -> R:
        """Change the row with the same key. Raises `Failure`."""
        assert self._key_of is not None
        key_of, key = self._key_of, self._key_of(given)

        def place_in(rows: Sequence[R]) -> int:
            return next((place for place, row in enumerate(rows) if key_of(row) == key), len(rows))

        return await self._put(call, place_in, given, add=add)

    async def remove(self, call: Call, pos: int) -> bool:
        await self._change(call, lambda rows, first: without(rows, self._own(pos, first), self.what))
        return True

    async def move(self, call: Call, pos: int, shift: int) -> bool:
        """Move a row by so many places, among those that are not the server's own."""
        await self._change(call, lambda rows, first: moved(rows, self._own(pos, first), shift, self.what))
        return True

    async def _put(self, call: Call, place_in: Callable[[Sequence[R]], int], given: R, *, add: bool) -> R:
        ours = self._ours(call)
        place = place_in(self.rows(call))
        if place < len(ours):
            if given != ours[place]:
                raise invalid("", f"this {self.what} is the trade server's own; it is set where the server is set up")
            return given

        def put(rows: list[R], first: int) -> list[R]:
            own_place = place_in([*ours, *rows]) - first
            if own_place == len(rows) and add:
                return [*rows, given]
            check_place(rows, own_place, self.what)
            return [*rows[:own_place], given, *rows[own_place + 1 :]]

        await self._change(call, put)
        return given

    async def _change(self, call: Call, changed: Callable[[list[R], int], Sequence[R]]) -> None:
        ours = self._ours(call)

        def change(rows: list[R]) -> Sequence[R]:
            after = changed(rows, len(ours))
            self._check(call, after)
            return after

        await self._stored.change(call, change)

    def _own(self, pos: int, first: int) -> int:
        if 0 <= pos < first:
            raise invalid("pos", f"this {self.what} is the trade server's own")
        return pos - first


class Named(msgspec.Struct):
    """A thing of the engine in its place."""

    name: str


class Order:
    """The order that administrators gave to things of the engine, which knows none. What is new comes last."""

    def __init__(self, kind: str, what: str) -> None:
        self.what = what
        self._stored = StoredList(kind, Named)

    def of(self, call: Call, names: Iterable[str]) -> list[str]:
        """Return the names in order."""
        return _ordered(self._stored.of(call), names)

    async def move(self, call: Call, names: Iterable[str], pos: int, shift: int) -> None:
        """Move the thing at a place. Raises `Failure`."""
        known = list(names)
        await self._stored.change(
            call, lambda places: [Named(name) for name in moved(_ordered(places, known), pos, shift, self.what)]
        )


def _ordered(places: Iterable[Named], names: Iterable[str]) -> list[str]:
    left = dict.fromkeys(names)
    kept = [place.name for place in places if left.pop(place.name, "") is None]
    return [*kept, *left]


def check_place(rows: Sequence[T], pos: int, what: str) -> None:
    """Raise `Failure` if there is no row at a place."""
    if not 0 <= pos < len(rows):
        raise not_found(what)


def without(rows: Sequence[T], pos: int, what: str) -> list[T]:
    """Return the rows without the one at `pos`. Raises `Failure`."""
    check_place(rows, pos, what)
    return [*rows[:pos], *rows[pos + 1 :]]


def moved(rows: Sequence[T], pos: int, shift: int, what: str) -> list[T]:
    """Return the rows with the one at `pos` moved by `shift` places, down where it is positive. Raises `Failure`."""
    left = without(rows, pos, what)
    if not 0 <= pos + shift < len(rows):
        raise invalid("shift", f"leaves the list of {len(rows)} rows")
    return [*left[: pos + shift], rows[pos], *left[pos + shift :]]
