"""Who looks at a check before people do: a service that reads passports, a register. Without one, people look.

A provider is asked under the check's uuid, again and again, until it has found something; asked again, it has one case. What it
finds is a step of the check like that of a person, and stands in the history under the provider's name.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import Protocol

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.crm.kyc.checks import Check, Checks

PEOPLE = ""
"""the provider of a level whose checks people look at from the beginning"""
LOOK_SECONDS = 5.0
"""how often providers are asked, and approvals are ended whose time is over"""

_log = structlog.get_logger("kyc")


class Outcome(StrEnum):
    APPROVED = "APPROVED"
    """agrees, as one of the reviewers that the level asks for"""
    REJECTED = "REJECTED"
    REVIEW = "REVIEW"
    """people must look at it"""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`reference`: what the provider calls the case."""

    outcome: Outcome
    reason: str = ""
    reference: str = ""


class ProviderFailed(Exception):
    """The provider does not answer, or not what it should. It is asked again."""


class Provider(Protocol):
    async def ask(self, check: Check) -> Finding | None:
        """Return what was found about a check that was handed in; None: nothing yet. Raises `ProviderFailed`."""
        ...


class Examiner:
    """Asks providers about what was handed in, and sees that approvals end in time."""

    def __init__(self, checks: Checks, providers: Mapping[str, Provider]) -> None:
        self._checks = checks
        self._providers = providers

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look_on())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _look_on(self) -> None:
        while True:
            try:
                await self.look()
            except SQLAlchemyError as problem:
                _log.warning("checks cannot be read", problem=type(problem).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Look once."""
        await asyncio.to_thread(self._checks.sweep)
        await asyncio.to_thread(self._checks.catch_up)
        for name, provider in self._providers.items():
            for check in await asyncio.to_thread(self._checks.waiting_for, name):
                try:
                    finding = await provider.ask(check)
                except ProviderFailed as failure:
                    _log.warning("a provider of checks failed", provider=name, check=check.uuid, problem=str(failure))
                    continue
                if finding is not None:
                    await asyncio.to_thread(self._take_over, check, finding, name)

    def _take_over(self, check: Check, finding: Finding, by: str) -> None:
        with suppress(Declined, NotFound):  # people were quicker, or the person is gone
            if finding.reference:
                self._checks.note_reference(check, finding.reference)
            if finding.outcome == Outcome.REJECTED:
                self._checks.reject(check, finding.reason or "rejected", by=by)
                return
            taken = self._checks.take(check, by=by)
            if finding.outcome == Outcome.APPROVED:
                self._checks.agree(taken, finding.reason, by=by)
