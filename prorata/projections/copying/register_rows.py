"""Rows of who and what there is in copy trading. Fields are columns by name, as in `rows`; amounts are whole numbers."""

from prorata.messages.copy_terms import (
    Accounting,
    CommandKind,
    CommandStatus,
    FeeBasis,
    FeeFlows,
    FeeRestart,
    InvestmentState,
    InvestmentType,
    ManageType,
    OfferStatus,
    OfferType,
    StrategyStatus,
    TransferType,
)
from prorata.projections.copying.codes import ReservationState
from prorata.projections.rows import Row
from prorata.units.numbers import DealId, Login, Minor, Moment, Points, Volume


class WalletRow(Row, frozen=True):
    wallet: int
    sequence: int
    opened_at: Moment
    client: int
    company: int
    currency: str
    test: int
    external: int


class WalletTransferRow(Row, frozen=True):
    transfer: int
    sequence: int
    at: Moment
    wallet: int
    client: int
    company: int
    currency: str
    test: int
    type: TransferType
    amount: Minor
    """as the wallet feels it"""
    balance: Minor | None
    """of the wallet, after it; None where the event does not say"""
    strategy: int
    strategy_name: str
    investment: int
    deal: DealId
    external_id: str
    comment: str
    internal_comment: str


class ReservationRow(Row, frozen=True):
    reservation: int
    sequence: int
    at: Moment
    wallet: int
    amount: Minor
    state: ReservationState
    ended_at: Moment
    external_id: str
    comment: str


class StrategyRow(Row, frozen=True):
    strategy: int
    sequence: int
    opened_at: Moment
    client: int
    wallet: int
    company: int
    name: str
    currency: str
    accounting: Accounting
    manage: ManageType
    source_login: Login
    external_server: str
    external_account: str
    tags: str
    status: StrategyStatus
    need_sync: int
    public_offer: int
    own: int
    """the trader's own investment"""
    closed_at: Moment


class StrategyDayRow(Row, frozen=True):
    strategy: int
    day: int
    sequence: int
    at: Moment
    unit_price: int
    """10^-8"""
    own_equity: Minor
    own_balance: Minor
    investments: int
    equity: Minor


class SymbolShareRow(Row, frozen=True):
    """What the trader of a strategy has dealt in one symbol, over its life."""

    strategy: int
    symbol: str
    deals: int
    volume: Volume
    turnover: Minor


class OfferRow(Row, frozen=True):
    offer: int
    sequence: int
    created_at: Moment
    strategy: int
    type: OfferType
    status: OfferStatus
    fee_ppm: int
    commission_per_million: Minor
    partner_wallet: int
    partner_ppm: int
    broker_ppm: int
    basis: FeeBasis
    flows: FeeFlows
    restart: FeeRestart
    link: str
    description: str
    investments: int
    """that are not closed"""
    investments_ever: int


class InvestmentRow(Row, frozen=True):
    investment: int
    sequence: int
    opened_at: Moment
    strategy: int
    strategy_name: str
    currency: str
    accounting: Accounting
    offer: int
    client: int
    wallet: int
    company: int
    type: InvestmentType
    test: int
    factor: int
    protection_ppm: int
    target_ppm: int
    base: Minor
    a_book_percent: int
    stream: int
    first_interval: int
    state: InvestmentState
    """FLAT of all that copy, with positions or without"""
    changed_at: Moment
    """when it entered its state"""
    closed_at: Moment
    paid_out: Minor


class InvestmentDayRow(Row, frozen=True):
    sequence: int
    day: int
    at: Moment
    strategy: int
    investment: int
    equity: Minor
    balance: Minor
    unit_price: int
    """10^-8"""


class StateRow(Row, frozen=True):
    """An investment entered a state. `bid` above 0: because a quote of `symbol` reached a limit."""

    sequence: int
    at: Moment
    strategy: int
    investment: int
    client: int
    state: InvestmentState
    command: int
    stop_out: int
    equity: Minor
    symbol: str
    bid: Points
    ask: Points


class CopyCommandRow(Row, frozen=True):
    command: int
    sequence: int
    at: Moment
    kind: CommandKind
    strategy: int
    investment: int
    """0: the strategy as a whole"""
    status: CommandStatus
    ended_at: Moment
