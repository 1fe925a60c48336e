"""The CRM of one installation, opened once for each process, beside the control side."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

from prorata.control.store import Control
from prorata.crm.accounts import Accounts
from prorata.crm.activity import Activity
from prorata.crm.chargebacks import Chargebacks
from prorata.crm.crossing import Carrier, Crossings, Engines
from prorata.crm.direct import Direct
from prorata.crm.documents.documents import Documents
from prorata.crm.documents.objects import Objects, in_memory
from prorata.crm.duplicates.duplicates import Duplicates
from prorata.crm.events import Events
from prorata.crm.following import Following
from prorata.crm.gateways import SANDBOX, Gateways
from prorata.crm.holding import hold_client
from prorata.crm.inquiries import Inquiries
from prorata.crm.kyc.checks import Checks
from prorata.crm.kyc.gate import Gate
from prorata.crm.kyc.levels import Levels
from prorata.crm.kyc.providers import PEOPLE, Examiner, Provider
from prorata.crm.kyc.questionnaires import Questionnaires
from prorata.crm.labels.bulk import Sorter
from prorata.crm.labels.fields import Fields
from prorata.crm.labels.pools import Pools
from prorata.crm.labels.tags import Tags
from prorata.crm.letters.desk import LetterDesk
from prorata.crm.letters.statements.keeping import Histories
from prorata.crm.partners.market import Markets
from prorata.crm.partners.office import Partners
from prorata.crm.payments import Payments
from prorata.crm.platform_logs import Listener, PlatformLogs
from prorata.crm.privacy.consents import Consents
from prorata.crm.privacy.erasure import Books, Eraser, NoBooks
from prorata.crm.privacy.export import Exporter
from prorata.crm.problems import Problems
from prorata.crm.prop.store import Prop
from prorata.crm.providers import Cashier
from prorata.crm.reconciliation import Reconciliation
from prorata.crm.sandbox import Post, Sandbox
from prorata.crm.settings import CrmSettings
from prorata.crm.trading import TradingAccounts
from prorata.crm.transfers import Transfers

CALLS_PATH = "/v1/payment-calls/"
"""Where providers call, with the uuid of the gateway after it."""


class Reached(Engines, Markets, Histories, Protocol):
    """The trade platforms that this process reaches."""


class Crm:
    """`engines`: the trade platforms that this process reaches. `url`: where providers call; `post`: how the sandbox does.

    `log_days`: how long platform logs are kept, 0 for ever. `examiners`: who looks at checks before people do, by name.
    `objects`: where documents lie; None: in memory. `books`: what trade platforms have of a person; None: nobody is forgotten.
    `private_mail`: mail servers of branches may be in networks that are not public.
    """

    def __init__(
        self, control: Control, engines: Reached, *, url: str = "", post: Post | None = None, log_days: int = 0,
        examiners: Mapping[str, Provider] = {}, objects: Objects | None = None, books: Books | None = None,
        private_mail: bool = False, printers: int = 0,
    ) -> None:  # fmt: skip
        database = control.database
        database.create_tables()
        self.control = control
        control.clients.before_change.append(hold_client)
        self.engines = engines
        self.crossings = crossings = Crossings(database)
        self.carrier = Carrier(crossings, engines)
        self.following = Following(database)
        self.events = Events(database)
        self.platform_logs = PlatformLogs(database, kept_days=log_days)
        Listener(self.following)
        self.settings = CrmSettings(database)
        self.accounts = Accounts(database)
        self.activity = Activity(database)
        self.tags = Tags(database)
        self.fields = Fields(database)
        self.pools = Pools(database)
        self.sorter = Sorter(database)
        self.duplicates = Duplicates(database, self.accounts)
        self.gateways = Gateways(database, control.seals)
        self.problems = Problems(database, crossings)
        self.payments = Payments(database, crossings, self.problems)
        self.chargebacks = Chargebacks(database, crossings, self.problems)
        self.transfers = Transfers(database, crossings, self.problems, self._platform_of)
        self.reconciliation = Reconciliation(database, self.payments)
        self.sandbox = Sandbox(database, self.gateways, lambda gateway: f"{url}{CALLS_PATH}{gateway}", post or _nowhere)
        self.levels = Levels(database, {PEOPLE, *examiners})
        self.checks = Checks(database)
        self.consents = Consents(database)
        self.documents = Documents(database, control.seals, objects or in_memory())
        self.questionnaires = Questionnaires(database)
        self.gate = Gate(database)
        self.exporter = Exporter(control, self.documents)
        self.eraser = Eraser(control, self.accounts, self.documents, books or NoBooks())
        self.examiner = Examiner(self.checks, examiners)
        self.inquiries = Inquiries(database, self.payments, self.problems)
        self.cashier = Cashier(
            self.payments, self.chargebacks, self.gateways, self.problems, self.carrier, {SANDBOX: self.sandbox},
            self.inquiries,
        )  # fmt: skip
        self.partners = Partners(database, crossings, self.following, engines.market)
        self.trading = TradingAccounts(database, crossings, control.account_cards, self.engine_of)
        self.direct = Direct(database, crossings, self.settings, self.accounts, self.trading)
        self.letter_desk = LetterDesk(control, self.following, engines, private_mail=private_mail, printers=printers)
        self.letters = self.letter_desk.letters
        self.prop = Prop(database, crossings, self.trading, self.following, engines, self.problems)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Carry, pay out, call back, and begin and end competitions until the end of the block."""
        async with AsyncExitStack() as running:
            for part in (
                self.carrier, self.cashier, self.sandbox, self.partners, self.prop, self.examiner, self.eraser,
                self.platform_logs, self.letter_desk,
            ):  # fmt: skip
                await running.enter_async_context(part.running())
            yield

    def _platform_of(self, engine: str) -> str | None:
        record = self.control.platforms.of_engine(engine)
        return None if record is None else record.uuid

    def engine_of(self, platform_uuid: str) -> str:
        """Return the name under which a platform is hosted."""
        return self.control.platforms.by_uuid[platform_uuid].engine


async def _nowhere(_address: str, _headers: Mapping[str, str], _body: bytes) -> int:
    return 0
