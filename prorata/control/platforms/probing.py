"""Tests of what was said of a platform: is somebody there, is the login good, are the tables of the reports there.

A test ends in seconds, whatever is at the other end. An organization has so many a minute: they lead to addresses of its
choice, and each tries a password.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from prorata.control.platforms import database_probe, mt5_probe
from prorata.control.platforms.addresses import API_PORT, DATABASE_PORT, Address, address_of
from prorata.control.platforms.reaching import Check, Failed, Findings, line_to
from prorata.control.platforms.records import DatabaseAccess, PlatformKind, PlatformRecord
from prorata.control.platforms.terms import ConnectionTerms
from prorata.control.webhooks.targets import BadTarget
from prorata.units.numbers import SECOND_MS

TESTS_AT_ONCE = 8
LATE_SECONDS = 1.0
"""how much longer than a connection a test may take: a name server may not answer either"""
REACHED_ONLY = "whether somebody answers is all that can be tested: a MetaTrader 4 server tells nothing before a login"


class TooManyTests(Exception):
    """The organization has had its tests of this minute. `seconds`: when there is one again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """What a test came to: everything that was looked at in its order, up to the first that failed."""

    ok: bool
    milliseconds: int
    checks: tuple[Check, ...]


class Prober:
    def __init__(self, terms: ConnectionTerms) -> None:
        self.terms = terms
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._allowance = RateLimitItemPerMinute(terms.per_minute)
        self._threads = ThreadPoolExecutor(TESTS_AT_ONCE, thread_name_prefix="connection test")

    async def api(self, record: PlatformRecord, password: str) -> Probed:
        """Test the manager's login of a MetaTrader server. Raises `TooManyTests`."""
        return await self._probed(record, partial(self._api, record, password))

    async def database(self, record: PlatformRecord, password: str) -> Probed:
        """Test the login of a report database, and whether its tables are there. Raises `TooManyTests`."""
        return await self._probed(record, partial(self._database, record, password))

    def close(self) -> None:
        """Begin no more tests. Those under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _probed(self, record: PlatformRecord, work: Callable[[Findings], None]) -> Probed:
        self._take(record.organization_id)
        findings, began = Findings(), time.perf_counter()
        running = asyncio.get_running_loop().run_in_executor(self._threads, _fulfil, work, findings)
        try:
            await asyncio.wait_for(running, self.terms.seconds + LATE_SECONDS)
        except TimeoutError:
            findings = findings.cut_short(f"no answer within {self.terms.seconds:g} s")
        milliseconds = int((time.perf_counter() - began) * SECOND_MS)
        checks = tuple(findings.checks)
        return Probed(ok=all(check.ok for check in checks), milliseconds=milliseconds, checks=checks)

    def _take(self, organization_id: int) -> None:
        organization = str(organization_id)
        if not self._limiter.hit(self._allowance, organization):
            window = self._limiter.get_window_stats(self._allowance, organization)
            raise TooManyTests(max(1, int(window.reset_time - time.time()) + 1))

    def _api(self, record: PlatformRecord, password: str, findings: Findings) -> None:
        address = self._address(record.address, API_PORT, findings)
        with line_to(address, findings, private=self.terms.private, seconds=self.terms.seconds) as line:
            if record.kind == PlatformKind.MT5:
                login, certificate = record.manager_login, record.certificate
                mt5_probe.sign_in(line, address, findings, login=login, password=password, certificate=certificate)
            else:
                findings.begin("login")
                findings.passed(REACHED_ONLY)

    def _database(self, record: PlatformRecord, password: str, findings: Findings) -> None:
        address = self._address(record.database_address, DATABASE_PORT, findings)
        database = DatabaseAccess(address=record.database_address, name=record.database_name, login=record.database_login)
        with line_to(address, findings, private=self.terms.private, seconds=self.terms.seconds) as line:
            database_probe.sign_in(line, address, findings, kind=record.kind, database=database, password=password)

    def _address(self, text: str, port: int, findings: Findings) -> Address:
        findings.begin("address")
        try:
            return address_of(text, port, self.terms.allowed)
        except BadTarget as problem:
            raise Failed(str(problem)) from None


def _fulfil(work: Callable[[Findings], None], findings: Findings) -> None:
    try:
        work(findings)
    except Failed as problem:
        findings.failed(str(problem))
