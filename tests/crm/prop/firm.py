"""A prop firm for tests: a desk with EURUSD without a spread, hidden offers, and people who take up challenges.

One lot of EURUSD earns 10.00 USD a pip: from 1.10000 to 1.11000 it is 1,000.00.
"""

from collections.abc import Sequence
from typing import Any

from prorata.crm.accounts import CrmAccount
from prorata.crm.prop.challenges import Challenge, NewChallenge, NewPhase
from prorata.crm.prop.records import PropAccount
from prorata.messages.commands import ClosePosition, Command, PlaceOrder, PutSymbol, Quote, Quotes, Side, Tick
from prorata.messages.events import Dealt, Event, Refused
from prorata.messages.symbols import SymbolSpec
from prorata.trading.state import Account
from prorata.units.numbers import DAY_MS, VOLUME_PER_LOT
from tests.crm.desk import Desk

EURUSD = SymbolSpec(
    name="EURUSD", base="EUR", quote="USD", profit_currency="USD", margin_currency="EUR", digits=5, contract_size=100_000,
    volume_min=VOLUME_PER_LOT // 100, volume_step=VOLUME_PER_LOT // 100, volume_max=100 * VOLUME_PER_LOT,
)  # fmt: skip
PERCENT = 10_000
"""in ppm"""
BALANCE = 10_000_000
"""100,000.00, with which phases begin"""


def phase(offer: str, name: str = "Evaluation", **more: Any) -> NewPhase:
    """A phase of 100,000.00 with a target of 8 %, a daily loss of 5 % and a loss of 10 %, unless told otherwise."""
    terms: dict[str, Any] = {
        "initial_balance": BALANCE, "target_ppm": 8 * PERCENT, "daily_loss_ppm": 5 * PERCENT, "max_loss_ppm": 10 * PERCENT,
        "automatic": True,
    }  # fmt: skip
    return NewPhase(name=name, offer_uuid=offer, **(terms | more))


class Firm:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.prop = desk.crm.prop
        self.hidden = desk.offer("retail-usd", hidden=True).uuid
        self.platform(PutSymbol(EURUSD))
        self.quote(1.10000)

    def challenge(self, *phases: NewPhase, **more: Any) -> Challenge:
        """Make a challenge: of one phase, unless told otherwise."""
        new = NewChallenge(
            branch_id=self.desk.branch.id, platform_uuid=self.desk.platform, name=more.pop("name", "Two steps"),
            currency="USD", **more,
        )  # fmt: skip
        return self.prop.challenges.add(self.desk.organization.id, new, phases or (phase(self.hidden),))

    def funded(self, offer: str = "", **more: Any) -> NewPhase:
        terms: dict[str, Any] = {"name": "Funded", "funded": True, "target_ppm": 0, "split_ppm": 80 * PERCENT}
        return phase(offer or self.hidden, **(terms | more))

    def take_up(self, challenge: Challenge, owner: CrmAccount | None = None, **more: Any) -> PropAccount:
        """Take up a challenge, paid, and have everything done that follows."""
        owner = owner or self.desk.account()
        account = self.prop.accounts.take_up(owner, challenge, paid=True, by="test", **more)
        self.settle()
        return self.again(account)

    def again(self, account: PropAccount) -> PropAccount:
        return self.prop.accounts.get(account.id)

    def next_of(self, account: PropAccount) -> PropAccount:
        """Return the account in which one goes on that has passed."""
        (following,) = [one for one in self.prop.accounts.of_person(account.account_id) if one.previous_id == account.id]
        return following

    # The platform.

    def platform(self, command: Command) -> Sequence[Event]:
        return self.desk.engines._apply(command, "")

    def quote(self, price: float) -> None:
        points = round(price * 100_000)
        self.platform(Quotes((Quote("EURUSD", points, points),)))
        self.desk.follow()

    def engine(self, account: PropAccount) -> Account:
        assert account.login is not None
        return self.desk.engines.state.accounts[account.login]

    def equity(self, account: PropAccount) -> int:
        assert account.login is not None
        return self.desk.engines.equities(self.desk.platform, [account.login])[account.login]

    def trade(self, account: PropAccount, lots: float, price: float) -> None:
        """Open a position at the price that there is, and close it at another."""
        self.close(account, self.buy(account, lots), price)

    def buy(self, account: PropAccount, lots: float) -> int:
        """Buy at the price that there is (below 0: sell); return the position."""
        assert account.login is not None
        side = Side.BUY if lots > 0 else Side.SELL
        events = self.platform(PlaceOrder(account.login, "EURUSD", side, round(abs(lots) * VOLUME_PER_LOT)))
        assert not isinstance(events[0], Refused), events
        self.desk.follow()
        return next(event.position for event in events if isinstance(event, Dealt))

    def close(self, account: PropAccount, position: int, price: float) -> None:
        assert account.login is not None
        self.quote(price)
        self.platform(ClosePosition(account.login, position))
        self.desk.follow()

    def next_day(self) -> None:
        """Let the trading day end."""
        self.desk.engines.now += DAY_MS
        self.platform(Tick())
        self.settle()

    def settle(self) -> None:
        """Carry, and hear of it, until there is nothing more to do."""
        self.desk.follow()
        while self.desk.crm.crossings.waiting() or self._waits():
            self.desk.carry_waiting()
            self.desk.follow()

    def _waits(self) -> bool:
        self.desk.now += 10_000
        return bool(self.desk.crm.crossings.waiting())
