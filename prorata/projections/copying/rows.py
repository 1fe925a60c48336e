"""What the history of copy trading answers with. Fields are columns by name, as in `rows`; amounts are whole numbers."""

from prorata.messages.copy_terms import Accounting, InvestmentType, SignalStatus
from prorata.projections.copying.codes import CopyDealType, CopyEntry
from prorata.projections.rows import Row
from prorata.units.numbers import DealId, Minor, Moment, Points, Ticket, Volume
from prorata.units.rounding import div_half_even


class SignalRow(Row, frozen=True):
    signal: int
    sequence: int
    at: Moment
    strategy: int
    strategy_name: str
    company: int
    symbol: str
    lot: Volume
    equity: Minor
    price: Points
    symbols: str
    """all that a synchronisation names, with commas between"""
    soft: int
    status: SignalStatus
    ticket: str
    comment: str
    processed_at: Moment
    deals: int
    """that came of it"""


class CopyDealRow(Row, frozen=True):
    """A deal of one investment, with what it shares with those of others."""

    deal: DealId
    """0 of a correction, which has no number"""
    sequence: int
    at: Moment
    strategy: int
    accounting: Accounting
    currency: str
    tags: str
    """execution instructions of the strategy"""
    investment: int
    investment_type: InvestmentType
    client: int
    wallet: int
    company: int
    test: int
    type: CopyDealType
    entry: CopyEntry
    symbol: str
    ticket: str
    position: int
    signal: int
    command: int
    stop_out: int
    request: Ticket
    fill: int
    stream: int
    """0 if it was dealt at our own quote"""
    interval: int
    price: Points
    volume: Volume
    """signed"""
    a_volume: Volume
    held: Volume
    """after it, signed"""
    cost: int
    """volume x price of what is held after it"""
    turnover: Minor
    profit: Minor
    swap: Minor
    broker_commission: Minor
    liquidity_commission: Minor
    trader_commission: Minor
    partner_commission: Minor
    commission: Minor
    """all four"""
    total: Minor
    """profit + swap - commission: what it did to the balance"""
    balance: Minor | None
    """after it; None where the event does not say"""

    @property
    def closed(self) -> Volume:
        """How much of what was held before it closed, without sign."""
        if self.entry == CopyEntry.IN:
            return 0
        return min(abs(self.volume), abs(self.held - self.volume))

    @property
    def open_price(self) -> Points:
        """Average price of what is held after it; 0 if nothing is."""
        return div_half_even(abs(self.cost), abs(self.held)) if self.held else 0


class CopyDealSums(Row, frozen=True):
    """What a list of deals comes to."""

    deals: int
    profit: Minor
    swap: Minor
    commission: Minor
    total: Minor


class ClosedPositionRow(Row, frozen=True):
    """What one deal closed of a position; commissions are those of that deal."""

    sequence: int
    investment: int
    strategy: int
    position: int
    symbol: str
    ticket: str
    """the trader's, of a hedging strategy"""
    deal_in: DealId
    """that opened the position"""
    deal_out: DealId
    opened_at: Moment
    closed_at: Moment
    type: CopyDealType
    """of the deal that opened it"""
    volume: Volume
    """closed, without sign"""
    open_price: Points
    """average"""
    close_price: Points
    profit: Minor
    swap: Minor
    broker_commission: Minor
    liquidity_commission: Minor
    trader_commission: Minor
    partner_commission: Minor
    total: Minor


class TrimmedRow(Row, frozen=True):
    """Why an investment was given another volume than the formula gave: `reasons` are `VolumeReason` flags."""

    sequence: int
    at: Moment
    strategy: int
    investment: int
    client: int
    signal: int
    symbol: str
    ticket: str
    reasons: int
    asked: Volume
    given: Volume


class FillRequestRow(Row, frozen=True):
    ticket: Ticket
    sequence: int
    at: Moment
    stream: int
    symbol: str
    volume: Volume
    demand: Volume
    residual: Volume
    strategies: str
    """numbers with commas between"""
    filled: Volume
    rejected: Volume
    last_fill_at: Moment
    ended_at: Moment
    again_at: Moment
    reason: str


class FillRow(Row, frozen=True):
    fill: int
    sequence: int
    at: Moment
    request: Ticket
    stream: int
    symbol: str
    price: Points
    filled: Volume
    hedge: Volume
    """what the stream holds of the symbol after it"""
    execution: str


class FeeRow(Row, frozen=True):
    sequence: int
    at: Moment
    strategy: int
    interval: int
    next_interval: int
    investment: int
    client: int
    deal: DealId
    fee: Minor
    trader_share: Minor
    partner_share: Minor
    partner_wallet: int
    broker_share: Minor
    drawdown: Minor


class IntervalRow(Row, frozen=True):
    """A fee period that has ended."""

    strategy: int
    interval: int
    sequence: int
    began_at: Moment
    ended_at: Moment
    next_interval: int


class IntervalResultRow(Row, frozen=True):
    """An investment at the end of an interval."""

    sequence: int
    at: Moment
    strategy: int
    interval: int
    next_interval: int
    investment: int
    base: Minor
    drawdown: Minor


class InvestmentSwapRow(Row, frozen=True):
    sequence: int
    at: Moment
    strategy: int
    investment: int
    symbol: str
    ticket: str
    nights: int
    amount: Minor
