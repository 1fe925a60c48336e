"""A broker with introducing brokers, for tests: people in a tree, symbols, quotes, deals."""

from typing import Any

from sqlalchemy import select

from prorata.crm.accounts import AccountWish, CrmAccount
from prorata.crm.partners.payouts import Payout
from prorata.crm.partners.plans import Plan, Rule, RuleKind, Terms
from prorata.crm.partners.tables import accruals, deals
from prorata.crm.trading import TradingAccount
from prorata.messages.commands import (
    BUY,
    BalanceKind,
    BookBalance,
    ClosePosition,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Quote,
    Quotes,
    Side,
)
from prorata.messages.events import Dealt
from prorata.messages.groups import Commission, CommissionType, GroupSpec, GroupSymbol
from prorata.units.numbers import VOLUME_PER_LOT
from tests.crm.desk import Desk
from tests.trading.words import new_symbol

LOT = VOLUME_PER_LOT
COSTS = (GroupSymbol(symbol="*", markup_bid=2, markup_ask=5),)
"""the markup of the group: 0.00002 from the bid, 0.00005 onto the ask"""


class Firm:
    """EURUSD is quoted 1.10000 to 1.10010; the group takes 3.50 USD for each lot and side, and the markup."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.partners = desk, desk.crm.partners
        for name in ("EURUSD", "EURJPY", "USDJPY", "GBPUSD"):
            desk.engines._apply(PutSymbol(new_symbol(name)), "")
        commission = Commission(CommissionType.PER_LOT, 350)
        for name, currency in (("retail-usd", "USD"), ("retail-eur", "EUR")):
            spec = GroupSpec(name=name, currency=currency, leverage=100, commission=commission, symbols=COSTS)
            desk.engines._apply(PutGroup(spec), "")
        self.quote("EURUSD", 110_000, 110_010)
        self.quote("USDJPY", 150_000, 150_010)
        self.quote("EURJPY", 165_000, 165_010)
        self.euro = desk.offer("retail-eur", currency="EUR")
        self.roles = {role.name: role.uuid for role in desk.crm.settings.roles(desk.organization.id)}
        self.count = 0

    def quote(self, symbol: str, bid: int, ask: int) -> None:
        self.desk.engines._apply(Quotes((Quote(symbol, bid, ask),)), "")

    def person(self, role: str = "User", *, under: TradingAccount | None = None, **profile: str) -> CrmAccount:
        self.count += 1
        if under is not None:
            profile["ib_parent"] = under.uuid
        wish = AccountWish(
            email=f"person{self.count}@mail.test", first_name="Ann", last_name="Lee", role_uuid=self.roles[role],
            profile=profile,
        )  # fmt: skip
        return self.desk.crm.accounts.add(self.desk.organization.id, wish, "correct horse battery", by="test")

    def partner(self, role: str = "IB", *, under: TradingAccount | None = None, euro: bool = False) -> TradingAccount:
        """Return the trading account on which a new IB is paid."""
        return self.account_of(self.person(role, under=under), euro=euro)

    def account_of(self, person: CrmAccount, money: int = 0, *, euro: bool = False, plan: Plan | None = None) -> TradingAccount:
        opened = self.desk.crm.trading.open(
            person, self.euro if euro else self.desk.standard, commission_uuid="" if plan is None else plan.uuid, by="test"
        )  # fmt: skip
        self.desk.carry(opened.subject)
        if money:
            self.desk.engines._apply(BookBalance(opened.login, BalanceKind.DEPOSIT, money), "")
        return self.desk.crm.trading.get(opened.id)

    def client(self, under: TradingAccount | None, plan: Plan | None = None, *, euro: bool = False) -> TradingAccount:
        """Return the trading account, with 100,000.00, of a new client."""
        return self.account_of(self.person(under=under), 10_000_000, plan=plan, euro=euro)

    def plan(self, *rules: Rule, **more: Any) -> Plan:
        self.count += 1
        terms = Terms(rules=rules, held_seconds_min=more.pop("held", 0))
        return self.partners.plans.add(
            self.desk.organization.id, f"Plan {self.count}", more.pop("currency", "USD"), terms, by="t"
        )

    def pass_seconds(self, seconds: int) -> None:
        desk = self.desk
        desk.now = desk.engines.now = max(desk.now, desk.engines.now) + seconds * 1_000

    # Trading.

    def opens(self, client: TradingAccount, volume: int = LOT, symbol: str = "EURUSD", side: Side = BUY) -> int:
        """Return the ticket of a new position."""
        (event,) = self.desk.engines._apply(PlaceOrder(client.login, symbol, side, volume), "")
        assert isinstance(event, Dealt), event
        return event.position

    def closes(self, client: TradingAccount, ticket: int, volume: int = 0) -> None:
        (event,) = self.desk.engines._apply(ClosePosition(client.login, ticket, volume), "")
        assert isinstance(event, Dealt), event

    def trades(self, client: TradingAccount, volume: int = LOT, symbol: str = "EURUSD", *, seconds: int = 60) -> int:
        """Open and close; return the ticket."""
        ticket = self.opens(client, volume, symbol)
        self.pass_seconds(seconds)
        self.closes(client, ticket)
        return ticket

    def counts(self) -> int:
        """Have what was heard counted, a minute later."""
        self.desk.follow()
        self.pass_seconds(70)
        return self.partners.accruals.count_waiting()

    # What came of it.

    def accrued(self, partner: TradingAccount) -> list[tuple[str, int]]:
        """Return kind and amount of what an IB has earned, in order."""
        query = select(accruals.c.kind, accruals.c.amount).where(accruals.c.paid_on_id == partner.id).order_by(accruals.c.id)
        with self.desk.control.database.reading() as connection:
            return [(row.kind, row.amount) for row in connection.execute(query)]

    def notes(self) -> list[tuple[str, str]]:
        """Return state and note of all closings."""
        query = select(deals.c.state, deals.c.note).where(deals.c.entry == 1).order_by(deals.c.id)
        with self.desk.control.database.reading() as connection:
            return [(row.state, row.note) for row in connection.execute(query)]

    def again(self, payout: Payout) -> Payout:
        return self.partners.payouts.get(payout.id)

    def check(self) -> None:
        """See that the sums of all IBs come out."""
        self.pass_seconds(70)
        self.desk.follow()
        standings = self.partners.reports.standings(self.desk.organization.id)
        assert [standing for standing in standings if not standing.holds] == []


def per_lot(*values: int, **more: Any) -> Rule:
    return Rule(kind=RuleKind.PER_LOT, values=values, **more)
