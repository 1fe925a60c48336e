"""All of it, opened once for each process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.database import Database
from prorata.crm.crossing import Crossings
from prorata.crm.following import Following
from prorata.crm.partners import tree
from prorata.crm.partners.accruals import Accruals
from prorata.crm.partners.market import Market
from prorata.crm.partners.payouts import Payouts
from prorata.crm.partners.plans import Plans
from prorata.crm.partners.reports import Reports
from prorata.messages.events import BalanceBooked, Dealt

AGAIN_SECONDS = 5.0
"""how often it is looked for deals to count and periods to pay"""

_log = structlog.get_logger("crm")


class Partners:
    """`market_of`: as in `Accruals`. The methods that touch the tree block on the database."""

    def __init__(
        self, database: Database, crossings: Crossings, following: Following,
        market_of: Callable[[str], Market | None],
    ) -> None:  # fmt: skip
        self._database = database
        self.plans = Plans(database)
        self.accruals = Accruals(database, market_of)
        self.payouts = Payouts(database, crossings)
        self.reports = Reports(database)
        following.on(Dealt, self.accruals.hear_deal)
        following.on(BalanceBooked, self.accruals.hear_booking)
        following.on(BalanceBooked, self.payouts.hear_booking)

    # Codes.

    def new_code(self, organization_id: int, paid_on: str, wanted: str = "") -> tree.Code:
        """Make a referral code for a trading account of an IB. Raises `Declined`."""
        with self._database.writing() as connection:
            return tree.new_code(connection, organization_id, paid_on, wanted, self._database.now())

    def withdraw_code(self, organization_id: int, code: str) -> tree.Code:
        """Raises `Declined`."""
        with self._database.writing() as connection:
            return tree.withdraw_code(connection, organization_id, code)

    def codes_of(self, account_id: int) -> list[tree.Code]:
        with self._database.reading() as connection:
            return tree.codes_of(connection, account_id)

    # Going on by itself.

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Count deals, and pay what is due, until the end of the block."""
        working = asyncio.create_task(self._go_on())
        try:
            yield
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working

    async def _go_on(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.accruals.count_waiting)
                # What is booked of them is carried with all that waits for trade platforms.
                await asyncio.to_thread(self.payouts.gather_due)
            except SQLAlchemyError as problem:
                _log.warning("commissions of introducing brokers cannot be counted now", problem=type(problem).__name__)
            except Exception:
                _log.exception("commissions of introducing brokers were not counted")
            await asyncio.sleep(AGAIN_SECONDS)


def link_of(page: str, code: str) -> str:
    """Return the link by which people register under a code; "" without a page."""
    return f"{page}{'&' if '?' in page else '?'}ref={code}" if page else ""
