"""What manager's methods are shown with: a trader whose strategy is copied by an investor, with deals, fills and positions.

The strategy is opened and its signals are sent through the Manager API, the investor's account is on a server elsewhere.
"""

import re
from functools import cached_property
from itertools import count
from typing import Any

from prorata.control.clients import Client
from prorata.messages.copy_commands import Invest, OpenWallet, PutCopySpec
from prorata.messages.copy_events import InvestmentOpened, WalletOpened
from prorata.messages.copy_terms import CopySpec
from prorata.messages.groups import Commission, CommissionType
from prorata.units.numbers import DAY_MS
from tests.rest.ramm.broker import Broker, Caller
from tests.rest.ramm.copy_stage import Stage

SERVER = "Elsewhere-MT5"
EUROS = "EURUSD"
_names = count(1)
_FIELD = re.compile(r"'(?P<field>[^']*)'")


class World(Stage):
    """Everything is dealt at our own quote but for the investment, which goes to the hedge account.

    `boss`: a manager of the company who may do everything.
    """

    def __init__(self, broker: Broker, company: Any, boss: Caller) -> None:
        super().__init__(broker, company)
        self.boss = boss
        # 7 USD a lot for the broker, so that every deal has a commission.
        commission = Commission(type=CommissionType.PER_LOT, rate=7_00)
        self.do(PutCopySpec(CopySpec(company=company.id, a_book_percent=0, commission=commission)))

    def ask(self, method: str, **body: Any) -> Any:
        answer = self.boss(method, **body)
        assert answer.status == 200, (method, answer.text)
        return answer.body

    def name(self) -> str:
        return f"Copied {next(_names)}"

    def wallet_of(self, money: float = 0, **more: Any) -> tuple[Client, int]:
        """Enrol a client with a wallet and money."""
        client = self.broker.enrol(self.company, **more)
        external = bool(more.get("execution_server"))
        opened = self.do(OpenWallet(client.id, self.company.id, external=external, test=client.test))[0]
        assert isinstance(opened, WalletOpened)
        self.broker.control.clients.note_wallet(client.id, opened.wallet)
        if money:
            self.ask("walletTransfers.add", WalletID=opened.wallet, Type=0, Amount=money, ExternalTransferID=opened.wallet)
        return client, opened.wallet

    def open(self, wallet: int, **more: Any) -> int:
        """Open a strategy by the Manager API."""
        body = {"Name": self.name(), "Money": 5_000, "FeeRate": 0.25, "CommissionRate": 10, "ExternalServer": SERVER, **more}
        number: int = self.ask("strategies.add", WalletID=wallet, **body)["Strategy"]["ID"]
        return number

    def sync_by_hand(self, strategy: int, lots: float, symbol: str = EUROS, equity: float = 10_000) -> None:
        signals = [{"Symbol": symbol, "Lot": lots, "Equity": equity}]
        self.ask("trading.addSync", StrategyID=strategy, Signals=signals)

    def offer_of(self, strategy: int) -> int:
        offer: int = self.copy.state.strategies[strategy].public_offer
        return offer

    @property
    def copy(self) -> Any:
        return self.broker.house.platforms["live"].writer.engine.copy

    def put_in(self, wallet: int, strategy: int, money: int, **more: Any) -> int:
        """Let a wallet invest; `money` in minor units."""
        opened = self.do(Invest(wallet, self.offer_of(strategy), money, **more))[0]
        assert isinstance(opened, InvestmentOpened)
        return opened.investment

    @cached_property
    def trader(self) -> tuple[Client, int]:
        return self.wallet_of(10_000)

    @cached_property
    def investor(self) -> tuple[Client, int]:
        account = f"5{self.trader[0].id:07d}"
        return self.wallet_of(10_000, execution_server=SERVER, execution_account=account)

    @cached_property
    def copied(self) -> int:
        """A strategy whose source holds 1.00 EURUSD, with the investor's account of 3,000 on the hedge account."""
        number = self.open(self.trader[1], ExternalAccount=str(self.trader[0].id))
        self.account = self.put_in(self.investor[1], number, 3_000_00, protection_ppm=500_000, target_ppm=1_000_000)
        self.ask("accounts.set", ID=self.account, ABook=1)
        self.sync_by_hand(number, 1.0)
        self.fill(110_010)
        self.settle()
        return number

    @property
    def position(self) -> int:
        found = self.ask("positions.search", Filter={"AccountID": self.investment})
        number: int = found["Positions"][0]["ID"]
        return number

    @property
    def investment(self) -> int:
        """The investor's account in it."""
        assert self.copied
        return self.account

    def first(self, method: str, rows: str, **wanted: Any) -> int:
        """Return the number of the first thing that a search finds."""
        found = self.ask(method, Filter=wanted, OrderBy={"Field": "ID", "Direction": "Desc"})[rows]
        number: int = found[0]["ID"]
        return number

    def charge(self) -> None:
        """Close the investment with a profit: a fee is charged to the investor, and the trader receives it."""
        account = self.investment
        self.quote(EUROS, 112_000, 112_010)
        self.ask("accounts.close", ID=account)
        self.fill(112_000)
        self.settle()
        self.quote(EUROS, 110_000, 110_010)

    def end_day(self) -> None:
        """Let a day end with the strategy in it, once for all worlds of the house."""
        assert self.copied
        house = self.broker.house
        house.clock.moment += DAY_MS
        self.quote(EUROS, 110_000, 110_010)
        self.settle()

    # What must not happen.

    def money_left_over(self) -> int:
        """Return what all ledgers in USD sum to: wallets, what is reserved, investments, and the house's side. Always 0."""
        state, trading = self.copy.state, self.copy.desk.state
        wallets = sum(one.balance + one.reserved for one in state.wallets.values() if one.currency == "USD")
        strategies = [one for one in state.strategies.values() if one.currency == "USD"]
        investments = sum(int(one.investments.balance[: one.rows].sum()) for one in strategies)
        accounts = sum(
            account.balance + account.credit
            for account in trading.accounts.values()
            if trading.groups[account.group].currency == "USD"
        )
        house = sum(trading.house.get("USD", {}).values())
        total: int = wallets + investments + accounts + house
        return total

    def refused(self, method: str, **body: Any) -> tuple[int, str, str]:
        """Ask for what must be refused; return status, code and the field that is named. Nothing may have changed."""
        before = self.state_hash()
        answer = self.boss(method, **body)
        assert answer.status >= 400, (method, answer.text)
        assert self.state_hash() == before, f"{method} has changed something"
        assert self.money_left_over() == 0
        field = _FIELD.search(answer.message)
        return answer.status, answer.code, field["field"] if field else ""
