"""Batches made by hand, and small trade stories told with them."""

from itertools import count

from prorata.messages.batch import Published
from prorata.messages.commands import BalanceKind, OrderType, Side
from prorata.messages.events import (
    BalanceBooked,
    DayClosed,
    Dealt,
    Entry,
    Event,
    OrderModified,
    OrderPlaced,
    OrderRemoved,
    Posting,
    PostingKind,
    Reason,
    Removal,
)
from prorata.messages.groups import GroupSpec
from prorata.messages.refusals import Refusal
from prorata.trading.state import Account, State
from prorata.units.numbers import SECOND_MS, Login, Minor, Moment, Ticket, Volume

MONDAY: Moment = 1_752_451_200_000
LOT: Volume = 100_000_000


class Story:
    """Numbers batches and events as the writer does; one batch a second."""

    def __init__(self) -> None:
        self.batches: list[Published] = []
        self.sequence = 0
        self.balances: dict[Login, Minor] = {}
        self._deals = count(1)

    @property
    def number(self) -> int:
        return len(self.batches)

    def tell(self, *events: Event) -> Published:
        number = self.number + 1
        batch = Published(number, MONDAY + number * SECOND_MS, self.sequence + 1, events)
        self.sequence += len(events)
        self.batches.append(batch)
        return batch

    def deposit(self, login: Login, amount: Minor, *, external_id: str = "", comment: str = "") -> BalanceBooked:
        balance = self.balances[login] = self.balances.get(login, 0) + amount
        posting = Posting("bank", f"account/{login}", amount, "USD", PostingKind.DEPOSIT)
        return BalanceBooked(
            next(self._deals), login, BalanceKind.DEPOSIT, amount, balance, 0, external_id, comment, (posting,)
        )

    def deal(
        self, login: Login, order: Ticket, volume: Volume = LOT, *, position: Ticket = 0, symbol: str = "EURUSD",
        profit: Minor = 0, commission: Minor = 700, entry: Entry = Entry.IN,
    ) -> Dealt:  # fmt: skip
        account = f"account/{login}"
        postings = [Posting(account, "house/commission", commission, "USD", PostingKind.COMMISSION)]
        if profit > 0:
            postings.append(Posting("house/profit", account, profit, "USD", PostingKind.PROFIT))
        elif profit < 0:
            postings.append(Posting(account, "house/profit", -profit, "USD", PostingKind.PROFIT))
        balance = self.balances[login] = self.balances.get(login, 0) + profit - commission
        return Dealt(
            next(self._deals), order, position or order, login, symbol, Side.BUY, entry, volume, 110_000, profit,
            -commission, 0, Reason.CLIENT, volume, 110_000, 0, 0, balance, 0, "", tuple(postings),
        )  # fmt: skip

    def state(self) -> State:
        """Return what an engine would keep after this story."""
        state = State(groups={"retail": GroupSpec(name="retail", currency="USD")})
        for login, balance in self.balances.items():
            state.accounts[login] = Account(login, "retail", 100, False, MONDAY, balance=balance)
        house: dict[str, Minor] = {}
        for batch in self.batches:
            for event in batch.events:
                for posting in getattr(event, "postings", ()):
                    for name, amount in ((posting.debit, -posting.amount), (posting.credit, posting.amount)):
                        if not name.startswith("account/"):
                            house[name] = house.get(name, 0) + amount
        state.house["USD"] = house
        return state


def placed(ticket: Ticket, login: Login, volume: Volume = LOT, *, comment: str = "") -> OrderPlaced:
    return OrderPlaced(
        ticket, login, "EURUSD", Side.BUY, OrderType.LIMIT, volume, 109_000, 0, 108_000, 112_000, 0, 0, comment,
        Reason.CLIENT, 0,
    )  # fmt: skip


def modified(ticket: Ticket, login: Login, price: int) -> OrderModified:
    return OrderModified(ticket, login, "EURUSD", OrderType.LIMIT, price, 0, 108_000, 112_000, 0, 0)


def removed(ticket: Ticket, login: Login, removal: Removal, code: Refusal | None = None, detail: str = "") -> OrderRemoved:
    return OrderRemoved(ticket, login, "EURUSD", removal, code, detail)


def day_closed(login: Login, day: int) -> DayClosed:
    return DayClosed(login, day, 10_000, 500, -100, -20, 10_380, 300)


def busy_story(batches: int = 40) -> Story:
    """Two accounts that deposit, wait, deal, cancel and end days: every kind of row, spread over many batches."""
    story = Story()
    story.tell(story.deposit(1001, 1_000_000), story.deposit(1002, 500_000))
    for turn in range(batches - 1):
        login, ticket = 1001 + turn % 2, 10 * turn + 1
        match turn % 5:
            case 0:
                story.tell(placed(ticket, login), story.deal(login, ticket + 1))
            case 1:
                story.tell(
                    story.deal(login, ticket, symbol="XAUUSD"),
                    story.deal(login, ticket + 1, entry=Entry.OUT, profit=-250, position=ticket),
                )
            case 2:
                story.tell(modified(ticket - 20, login, 109_100 + turn))
            case 3:
                story.tell(story.deal(1001 + (turn - 3) % 2, ticket - 30, LOT // 4))
            case _:
                story.tell(
                    removed(ticket - 40, login, Removal.CANCELLED),
                    day_closed(1001, 20_000 + turn),
                    day_closed(1002, 20_000 + turn),
                )
    return story
