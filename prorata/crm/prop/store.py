"""All of prop trading, opened with the CRM."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prorata.control.database import Database
from prorata.crm.crossing import Crossings, Engines
from prorata.crm.following import Following
from prorata.crm.problems import Problems
from prorata.crm.prop.accounts import PropAccounts
from prorata.crm.prop.challenges import Challenges
from prorata.crm.prop.competitions import Competitions, Referee
from prorata.crm.prop.evaluations import Evaluations
from prorata.crm.prop.shop import Shop
from prorata.crm.prop.watching import Watch
from prorata.crm.prop.withdrawals import Withdrawals
from prorata.crm.trading import TradingAccounts


class Prop:
    def __init__(
        self, database: Database, crossings: Crossings, trading: TradingAccounts, following: Following, engines: Engines,
        problems: Problems,
    ) -> None:  # fmt: skip
        self.challenges = Challenges(database)
        self.shop = Shop(database)
        self.accounts = PropAccounts(database, crossings, trading, problems)
        self.evaluations = Evaluations(database, self.accounts)
        self.withdrawals = Withdrawals(database, crossings, self.accounts)
        self.competitions = Competitions(database, self.accounts)
        self.referee = Referee(database, self.competitions, self.accounts, engines)
        self.watch = Watch(self.accounts, self.evaluations, following)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Begin and end competitions until the end of the block."""
        async with self.referee.running():
            yield
