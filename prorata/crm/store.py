"""The CRM of one installation, opened once for each process, beside the control side."""

from prorata.control.store import Control
from prorata.crm.accounts import Accounts
from prorata.crm.activity import Activity
from prorata.crm.crossing import Carrier, Crossings, Engines
from prorata.crm.settings import CrmSettings
from prorata.crm.trading import TradingAccounts


class Crm:
    """`engines`: the trade platforms that this process reaches."""

    def __init__(self, control: Control, engines: Engines) -> None:
        database = control.database
        database.create_tables()
        self.control = control
        self.crossings = crossings = Crossings(database)
        self.carrier = Carrier(crossings, engines)
        self.settings = CrmSettings(database)
        self.accounts = Accounts(database)
        self.activity = Activity(database)
        self.trading = TradingAccounts(database, crossings, self._engine_of)

    def _engine_of(self, platform_uuid: str) -> str:
        return self.control.platforms.by_uuid[platform_uuid].engine
