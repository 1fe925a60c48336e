"""What a statement says, and whether it agrees. All amounts are minor units as the client feels them: a cost is below 0."""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from prorata.messages.commands import BalanceKind, OrderType, Side
from prorata.messages.events import Reason
from prorata.units.numbers import Login, Minor, Moment, Points, Ticket, Volume


class Period(StrEnum):
    DAY = "DAY"
    MONTH = "MONTH"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An account at the end of a day. equity = balance + credit + floating + swap."""

    balance: Minor = 0
    credit: Minor = 0
    floating: Minor = 0
    swap: Minor = 0
    equity: Minor = 0
    margin: Minor = 0

    @property
    def free_margin(self) -> Minor:
        return self.equity - self.margin


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """`returned`: a deposit that gives back what a withdrawal had taken."""

    operation: int
    at: Moment
    kind: BalanceKind
    amount: Minor
    comment: str
    returned: bool = False


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """A position, or a part of one, that was closed. `commission`: of closing, and its share of what opening has cost."""

    position: Ticket
    symbol: str
    side: Side
    volume: Volume
    opened_at: Moment
    open_price: Points
    closed_at: Moment
    close_price: Points
    reason: Reason
    commission: Minor
    swap: Minor
    profit: Minor

    @property
    def net(self) -> Minor:
        return self.profit + self.swap + self.commission


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A position that is open. `commission`: what opening has cost, which is in the balance.

    `price`, `floating` None: not known of the single position.
    """

    position: Ticket
    symbol: str
    side: Side
    volume: Volume
    opened_at: Moment
    open_price: Points
    price: Points | None
    commission: Minor
    swap: Minor
    floating: Minor | None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A pending order. `expires_at` 0: never. Prices of 0 are none."""

    ticket: Ticket
    symbol: str
    side: Side
    type: OrderType
    volume: Volume
    price: Points
    limit_price: Points
    stop_loss: Points
    take_profit: Points
    placed_at: Moment
    expires_at: Moment


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What has changed balance and credit, from the deals and bookings themselves. `protection`: balances below 0 made good.

    `returned`: withdrawals that are on the account again, which are no deposits. `agent_commissions`: paid to the person as a
    partner.
    """

    deposits: Minor = 0
    withdrawals: Minor = 0
    returned: Minor = 0
    corrections: Minor = 0
    agent_commissions: Minor = 0
    credit_in: Minor = 0
    credit_out: Minor = 0
    profit: Minor = 0
    commission: Minor = 0
    swap: Minor = 0
    protection: Minor = 0

    @property
    def on_balance(self) -> Minor:
        return (
            self.deposits + self.withdrawals + self.returned + self.corrections + self.agent_commissions + self.profit
            + self.commission + self.swap + self.protection
        )  # fmt: skip


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """`since`, `until`: the time, in UTC, that it covers. `price_digits`: of each symbol in it.

    `commission_before`, `commission_after`: what opening has cost of the positions open at the beginning and at the end; by
    that the commission that was charged differs from that of the trades that were closed. `posted_balance`, `posted_credit`:
    what the ledger says that has changed.
    """

    period: Period
    first_day: int
    last_day: int
    since: Moment
    until: Moment
    broker: str
    name: str
    platform: str
    login: Login
    offer: str
    currency: str
    demo: bool
    opening: Standing
    closing: Standing
    totals: Totals
    commission_before: Minor
    commission_after: Minor
    posted_balance: Minor
    posted_credit: Minor
    movements: tuple[Movement, ...]
    trades: tuple[Trade, ...]
    held: tuple[Held, ...]
    waiting: tuple[Waiting, ...]
    price_digits: dict[str, int]

    @property
    def trades_commission(self) -> Minor:
        return sum(trade.commission for trade in self.trades)

    @property
    def opening_commission(self) -> Minor:
        """What was charged for positions that are still open, less what trades that were closed had been charged before."""
        return self.commission_after - self.commission_before

    @property
    def is_empty(self) -> bool:
        """Nothing has happened, and nothing is open."""
        return not (self.movements or self.trades or self.held or self.waiting or self.totals.on_balance)


def differences_in(statement: Statement) -> list[str]:
    """Return the sums of a statement that do not agree, each as "what: said, counted". None: it may be sent."""
    return [f"{what}: {said}, counted {counted}" for what, said, counted in _sums_of(statement) if said != counted]


def _sums_of(statement: Statement) -> Iterator[tuple[str, Minor, Minor]]:
    """Yield what each sum is of, what the statement says, and what it is when it is counted another way."""
    opening, closing, totals = statement.opening, statement.closing, statement.totals
    yield "closing balance", closing.balance, opening.balance + totals.on_balance
    yield "closing credit", closing.credit, opening.credit + totals.credit_in + totals.credit_out
    yield "balance by the ledger", closing.balance - opening.balance, statement.posted_balance
    yield "credit by the ledger", closing.credit - opening.credit, statement.posted_credit
    for what, kind, said in (
        ("deposits", BalanceKind.DEPOSIT, totals.deposits),
        ("withdrawals", BalanceKind.WITHDRAWAL, totals.withdrawals),
        ("corrections", BalanceKind.CORRECTION, totals.corrections),
        ("agent commissions", BalanceKind.AGENT_COMMISSION, totals.agent_commissions),
        ("credit in", BalanceKind.CREDIT_IN, totals.credit_in),
        ("credit out", BalanceKind.CREDIT_OUT, totals.credit_out),
    ):
        yield what, said, sum(one.amount for one in statement.movements if one.kind == kind and not one.returned)
    yield "withdrawals returned", totals.returned, sum(one.amount for one in statement.movements if one.returned)
    yield "profit of trades", totals.profit, sum(trade.profit for trade in statement.trades)
    yield "swap of trades", totals.swap, sum(trade.swap for trade in statement.trades)
    yield "commission", totals.commission, statement.trades_commission + statement.opening_commission
    yield "commission of open positions", statement.commission_after, sum(one.commission for one in statement.held)
    yield "swap carried", closing.swap, sum(one.swap for one in statement.held)
    yield "equity", closing.equity, closing.balance + closing.credit + closing.floating + closing.swap
    floating = [one.floating for one in statement.held]
    if None not in floating:
        yield "floating result", closing.floating, sum(amount for amount in floating if amount is not None)
