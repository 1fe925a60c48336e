"""Tells of accounts with what their cards say. Cards are read in a thread, so accounts wait for it, in order."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.account_cards.cards import AccountCards
from prorata.units.numbers import Login

Kept = TypeVar("Kept")
"""what databases have of an account: its card, perhaps more"""

_log = structlog.get_logger("stream")


class People(Generic[Kept]):
    """Of one platform. `engine`: the name under which its cards are kept; `is_heard`: whether somebody listens.

    `read`: gives what databases have of accounts, and blocks; `nothing` stands for an account of which they have nothing.
    `tell`: takes an account, that, and whether the account is new.
    """

    def __init__(
        self,
        engine: str,
        cards: AccountCards,
        read: Callable[[Collection[Login]], Mapping[Login, Kept]],
        nothing: Kept,
        is_heard: Callable[[], bool],
        tell: Callable[[Login, Kept, bool], None],
    ) -> None:
        self._engine = engine
        self._read = read
        self._nothing = nothing
        self._is_heard = is_heard
        self._tell = tell
        self._waiting: dict[Login, bool] = {}
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._unlisten = cards.listen(self._hear)

    def _hear(self, engine: str, login: Login) -> None:
        """A card has changed: said in the thread that did it."""
        if engine == self._engine and self._is_heard():
            self._loop.call_soon_threadsafe(self.note, login)

    def note(self, login: Login, is_new: bool = False) -> None:
        """Have an account told. One that changes again before it is told is told once, as it is then."""
        if not self._is_heard():
            return
        self._waiting.setdefault(login, is_new)
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._tell_waiting())

    async def _tell_waiting(self) -> None:
        while self._waiting:
            told, self._waiting = self._waiting, {}
            kept: Mapping[Login, Kept] = {}
            try:
                kept = await asyncio.to_thread(self._read, told)
            except SQLAlchemyError as problem:
                _log.warning("account cards cannot be read", problem=type(problem).__name__)
            for login, is_new in told.items():
                self._tell(login, kept.get(login, self._nothing), is_new)

    def close(self) -> None:
        self._unlisten()
        if self._task is not None:
            self._task.cancel()
