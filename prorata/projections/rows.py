"""What the history answers with. The fields of a row are columns of the table that it is read from, by name.

Amounts are whole numbers in their units; to write them as decimals is the reader's business.
"""

from enum import IntEnum
from typing import Generic, TypeVar

import msgspec

from prorata.messages.commands import BalanceKind, OrderType, Side
from prorata.messages.events import Entry, PostingKind, Reason
from prorata.messages.refusals import Refusal
from prorata.units.numbers import DealId, Login, Minor, Moment, Points, Ticket, Volume


class OrderOutcome(IntEnum):
    """Where an order has got to. From 2 on: 2 + `Removal`, and a part may have been filled before."""

    WORKING = 0
    """pending, delayed or with the venue"""
    FILLED = 1
    CANCELLED = 2
    EXPIRED = 3
    REFUSED = 4
    VENUE = 5


class Step(IntEnum):
    """What happened to an order. From 3 on: 3 + `Removal`."""

    PLACED = 0
    MODIFIED = 1
    FILLED = 2
    CANCELLED = 3
    EXPIRED = 4
    REFUSED = 5
    VENUE = 6


class EntrySource(IntEnum):
    """What a ledger entry came from, and so what its `reference` numbers."""

    DEAL = 0
    OPERATION = 1
    PROTECTION = 2
    """a negative balance made good; the reference is the login"""
    HEDGE = 3
    """a fill of the venue; the reference is the order"""
    BREAK = 4
    """a settled break; the reference is 0"""
    TRANSFER = 5
    """a movement on a wallet; the reference is the transfer"""
    RESERVATION = 6
    """a withdrawal under way; the reference is its reservation"""
    COPY = 7
    """deals and fees of the investments of a strategy; the reference is the first of them, 0 for what made good a deficit"""


class MarginEventKind(IntEnum):
    CALL = 0
    STOP_OUT = 1
    NEGATIVE_BALANCE = 2


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of all rows."""


class OrderRow(Row, frozen=True):
    ticket: Ticket
    sequence: int
    """of its first event"""
    login: Login
    symbol: str
    side: Side
    type: OrderType
    reason: Reason
    state: OrderOutcome
    volume: Volume
    filled: Volume
    price: Points
    limit_price: Points
    stop_loss: Points
    take_profit: Points
    trailing: Points
    expires_at: Moment
    position: Ticket
    """the position that it closes; 0 if it opens one"""
    placed_at: Moment
    changed_at: Moment
    last_sequence: int
    """of its last event"""
    code: Refusal | None
    detail: str
    comment: str


class OrderStepRow(Row, frozen=True):
    sequence: int
    ticket: Ticket
    at: Moment
    step: Step
    type: OrderType
    price: Points
    """asked for; of a fill, the deal's"""
    limit_price: Points
    stop_loss: Points
    take_profit: Points
    trailing: Points
    expires_at: Moment
    code: Refusal | None
    detail: str
    deal: DealId
    """of a fill, else 0"""
    volume: Volume
    """of a fill, else 0"""


class DealRow(Row, frozen=True):
    sequence: int
    deal: DealId
    at: Moment
    login: Login
    ticket: Ticket
    """of the order"""
    position: Ticket
    symbol: str
    side: Side
    entry: Entry
    reason: Reason
    volume: Volume
    price: Points
    open_price: Points
    profit: Minor
    commission: Minor
    swap: Minor
    balance: Minor
    """of the account, after the deal"""
    position_volume: Volume
    """what was left of the position"""
    comment: str
    stop_loss: Points
    """of the position, after the deal; so is `take_profit`"""
    take_profit: Points


class BalanceOperationRow(Row, frozen=True):
    sequence: int
    operation: DealId
    at: Moment
    login: Login
    kind: BalanceKind
    amount: Minor
    balance: Minor
    credit: Minor
    external_id: str
    comment: str


class LedgerEntryRow(Row, frozen=True):
    sequence: int
    part: int
    at: Moment
    debit: str
    credit: str
    amount: Minor
    currency: str
    kind: PostingKind
    login: Login | None
    source: EntrySource
    reference: int


class SwapRow(Row, frozen=True):
    sequence: int
    at: Moment
    login: Login
    position: Ticket
    symbol: str
    amount: Minor
    nights: int
    position_swap: Minor


class DayRow(Row, frozen=True):
    day: int
    login: Login
    sequence: int
    """of the event; 0 in a history from before it was kept"""
    at: Moment
    balance: Minor
    credit: Minor
    floating: Minor
    swap: Minor
    equity: Minor
    margin: Minor


class MarginEventRow(Row, frozen=True):
    sequence: int
    at: Moment
    login: Login
    kind: MarginEventKind
    amount: Minor
    equity: Minor
    margin: Minor
    line: Minor
    symbol: str
    bid: Points
    ask: Points
    rule: str
    closing: str
    """tickets with blanks between"""


RowType = TypeVar("RowType", bound=Row)


class Page(msgspec.Struct, Generic[RowType], frozen=True):
    """A part of a list. `cursor` asks for the part that follows; None: nothing follows as yet."""

    rows: tuple[RowType, ...]
    cursor: str | None
