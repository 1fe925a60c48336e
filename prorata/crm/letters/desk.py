"""Everything that writes to clients, made once for each CRM."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.store import Control
from prorata.crm.following import Following
from prorata.crm.letters.confirmations import Confirmations
from prorata.crm.letters.hearing import Hearing
from prorata.crm.letters.inbox import Inbox
from prorata.crm.letters.letters import Letters
from prorata.crm.letters.mailing import Mailings
from prorata.crm.letters.scribe import Scribe
from prorata.crm.letters.statements.keeping import Histories, Statements
from prorata.crm.letters.statements.printing import Printers, print_here
from prorata.crm.letters.templates import Templates

LOOK_SECONDS = 1.0

_log = structlog.get_logger("letters")


class LetterDesk:
    """`private_mail`: mail servers of branches may be in networks that are not public.

    `printers`: how many processes make PDFs; with none they are made here.
    """

    def __init__(
        self, control: Control, following: Following, histories: Histories, *, private_mail: bool = False, printers: int = 0
    ) -> None:
        database = control.database
        self.templates = Templates(database)
        self.mailings = Mailings(database, control.seals, private=private_mail)
        self.letters = Letters(database, control.outbox, self.mailings)
        self.inbox = Inbox(database, self.letters)
        self.scribe = Scribe(database, self.letters)
        self._printers = Printers(printers) if printers else None
        printer = print_here if self._printers is None else self._printers.print
        self.statements = Statements(database, self.letters, histories, printer=printer)
        self.confirmations = Confirmations(database, self.letters, histories)
        self.hearing = Hearing(following, self.letters, self.confirmations, self.statements)

    def write_waiting(self) -> int:
        """Write the letters that are due; return how much was looked at. Blocks."""
        return self.scribe.write_waiting() + self.confirmations.write_due()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write until the end of the block. Statements take their time, and no letter waits for them."""
        self.statements.stopping = False
        works = (self.write_waiting, self.statements.make_due)
        running = [asyncio.create_task(_go_on(work), name="letters") for work in works]
        try:
            yield
        finally:
            self.statements.stopping = True
            for one in running:
                one.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            if self._printers is not None:
                await asyncio.to_thread(self._printers.close)


async def _go_on(work: Callable[[], int]) -> None:
    """Do what is due, again and again."""
    while True:
        looked_at = 0
        try:
            looked_at = await asyncio.to_thread(work)
        except SQLAlchemyError as problem:
            _log.warning("what is to be written cannot be read", problem=type(problem).__name__)
        except Exception:
            _log.exception("letters could not be written")
        if not looked_at:
            await asyncio.sleep(LOOK_SECONDS)
