"""How the people of the demo ask: they do not wait for answers, and their refusals are counted."""

import asyncio
from collections import Counter

from prorata.app.copy_demo.opening import CALLER
from prorata.messages.commands import Command
from prorata.messages.events import Refused
from prorata.server.ports import JournalFull
from prorata.server.writer import Answer, Overloaded, Writer, WriterStopped

WAITING_MAX = 1_000
"""While so many commands wait, everybody holds back."""


class Asking:
    """`refused`: answers by refusal."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.refused: Counter[str] = Counter()

    @property
    def is_busy(self) -> bool:
        return self.writer.waiting > WAITING_MAX

    def ask(self, command: Command) -> None:
        try:
            answer = self.writer.submit_nowait(command, caller=CALLER)
        except (WriterStopped, Overloaded):
            return
        answer.add_done_callback(self._note)

    def _note(self, future: "asyncio.Future[Answer]") -> None:
        if future.cancelled() or isinstance(future.exception(), JournalFull | WriterStopped):
            return
        events = future.result().events
        if events and isinstance(events[0], Refused):
            self.refused[events[0].code.name] += 1
