"""The CRM of one installation, opened once for each process, beside the control side."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from prorata.control.store import Control
from prorata.crm.accounts import Accounts
from prorata.crm.activity import Activity
from prorata.crm.crossing import Carrier, Crossings, Engines
from prorata.crm.events import Events
from prorata.crm.following import Following
from prorata.crm.gateways import SANDBOX, Gateways
from prorata.crm.letters.desk import LetterDesk
from prorata.crm.letters.statements.keeping import Books
from prorata.crm.partners.market import Markets
from prorata.crm.partners.office import Partners
from prorata.crm.payments import Payments
from prorata.crm.providers import Cashier
from prorata.crm.sandbox import Post, Sandbox
from prorata.crm.settings import CrmSettings
from prorata.crm.trading import TradingAccounts

CALLS_PATH = "/v1/payment-calls/"
"""Where providers call, with the uuid of the gateway after it."""


class Reached(Engines, Markets, Books, Protocol):
    """The trade platforms that this process reaches."""


class Crm:
    """`engines`: the trade platforms that this process reaches. `url`: where providers call; `post`: how the sandbox does.

    `private_mail`: mail servers of branches may be in networks that are not public.
    """

    def __init__(
        self, control: Control, engines: Reached, *, url: str = "", post: Post | None = None, private_mail: bool = False
    ) -> None:
        database = control.database
        database.create_tables()
        self.control = control
        self.crossings = crossings = Crossings(database)
        self.carrier = Carrier(crossings, engines)
        self.following = Following(database)
        self.events = Events(database)
        self.settings = CrmSettings(database)
        self.accounts = Accounts(database)
        self.activity = Activity(database)
        self.gateways = Gateways(database, control.seals)
        self.payments = Payments(database, crossings)
        self.sandbox = Sandbox(database, self.gateways, lambda gateway: f"{url}{CALLS_PATH}{gateway}", post or _nowhere)
        self.cashier = Cashier(self.payments, self.gateways, self.carrier, {SANDBOX: self.sandbox})
        self.partners = Partners(database, crossings, self.following, engines.market)
        self.trading = TradingAccounts(database, crossings, control.account_cards, self.engine_of)
        self.letter_desk = LetterDesk(control, self.following, engines, private_mail=private_mail)
        self.letters = self.letter_desk.letters

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Carry, pay out and call back until the end of the block."""
        async with (
            self.carrier.running(), self.cashier.running(), self.sandbox.running(), self.partners.running(),
            self.letter_desk.running(),
        ):  # fmt: skip
            yield

    def engine_of(self, platform_uuid: str) -> str:
        """Return the name under which a platform is hosted."""
        return self.control.platforms.by_uuid[platform_uuid].engine


async def _nowhere(_address: str, _headers: Mapping[str, str], _body: bytes) -> int:
    return 0
