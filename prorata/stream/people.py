"""Tells of accounts with what their cards say. Cards are read in a thread, so accounts wait for it, in order."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TypeAlias

import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.account_cards.cards import NO_CARD, AccountCards, KeptCard
from prorata.units.numbers import Login

Told: TypeAlias = Callable[[Login, KeptCard, bool], None]
"""takes an account, its card, and whether the account is new"""

_log = structlog.get_logger("stream")


class People:
    """Of one platform. `engine`: the name under which its cards are kept; `is_heard`: whether somebody listens."""

    def __init__(self, engine: str, cards: AccountCards, is_heard: Callable[[], bool], tell: Told) -> None:
        self._engine = engine
        self._cards = cards
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
            cards = await self._read(told)
            for login, is_new in told.items():
                self._tell(login, cards.get(login, NO_CARD), is_new)

    async def _read(self, logins: Mapping[Login, bool]) -> dict[Login, KeptCard]:
        try:
            return await asyncio.to_thread(self._cards.of, self._engine, logins)
        except SQLAlchemyError as problem:
            _log.warning("account cards cannot be read", problem=type(problem).__name__)
            return {}

    def close(self) -> None:
        self._unlisten()
        if self._task is not None:
            self._task.cancel()
