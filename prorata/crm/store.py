"""The CRM of one installation, opened once for each process, beside the control side."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from prorata.control.store import Control
from prorata.crm.accounts import Accounts
from prorata.crm.activity import Activity
from prorata.crm.crossing import Carrier, Crossings, Engines
from prorata.crm.documents.documents import Documents
from prorata.crm.documents.objects import Objects, in_memory
from prorata.crm.duplicates.duplicates import Duplicates
from prorata.crm.events import Events
from prorata.crm.following import Following
from prorata.crm.gateways import SANDBOX, Gateways
from prorata.crm.kyc.checks import Checks
from prorata.crm.kyc.gate import Gate
from prorata.crm.kyc.levels import Levels
from prorata.crm.kyc.providers import PEOPLE, Examiner, Provider
from prorata.crm.kyc.questionnaires import Questionnaires
from prorata.crm.labels.bulk import Sorter
from prorata.crm.labels.fields import Fields
from prorata.crm.labels.pools import Pools
from prorata.crm.labels.tags import Tags
from prorata.crm.payments import Payments
from prorata.crm.privacy.consents import Consents
from prorata.crm.privacy.erasure import Books, Eraser, NoBooks
from prorata.crm.privacy.export import Exporter
from prorata.crm.providers import Cashier
from prorata.crm.sandbox import Post, Sandbox
from prorata.crm.settings import CrmSettings
from prorata.crm.trading import TradingAccounts

CALLS_PATH = "/v1/payment-calls/"
"""Where providers call, with the uuid of the gateway after it."""


class Crm:
    """`engines`: the trade platforms that this process reaches. `url`: where providers call; `post`: how the sandbox does.

    `examiners`: who looks at people's checks before people do, by name. `objects`: where documents lie; None: in memory.
    `books`: what trade platforms have of a person; None: nobody is forgotten.
    """

    def __init__(
        self, control: Control, engines: Engines, *, url: str = "", post: Post | None = None,
        examiners: Mapping[str, Provider] = {}, objects: Objects | None = None,
        books: Books | None = None,
    ) -> None:  # fmt: skip
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
        self.tags = Tags(database)
        self.fields = Fields(database)
        self.pools = Pools(database)
        self.sorter = Sorter(database)
        self.duplicates = Duplicates(database, self.accounts)
        self.gateways = Gateways(database, control.seals)
        self.payments = Payments(database, crossings)
        self.sandbox = Sandbox(database, self.gateways, lambda gateway: f"{url}{CALLS_PATH}{gateway}", post or _nowhere)
        self.cashier = Cashier(self.payments, self.gateways, self.carrier, {SANDBOX: self.sandbox})
        self.levels = Levels(database, {PEOPLE, *examiners})
        self.checks = Checks(database)
        self.consents = Consents(database)
        self.documents = Documents(database, control.seals, objects or in_memory())
        self.questionnaires = Questionnaires(database)
        self.gate = Gate(database)
        self.exporter = Exporter(control, self.documents)
        self.eraser = Eraser(control, self.accounts, self.documents, books or NoBooks())
        self.examiner = Examiner(self.checks, examiners)
        self.trading = TradingAccounts(database, crossings, control.account_cards, self.engine_of)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Carry, pay out and call back until the end of the block."""
        async with (
            self.carrier.running(),
            self.cashier.running(),
            self.sandbox.running(),
            self.examiner.running(),
            self.eraser.running(),
        ):
            yield

    def engine_of(self, platform_uuid: str) -> str:
        """Return the name under which a platform is hosted."""
        return self.control.platforms.by_uuid[platform_uuid].engine


async def _nowhere(_address: str, _headers: Mapping[str, str], _body: bytes) -> int:
    return 0
