"""Everything that copy trading remembers; a part of the platform's snapshot.

A strategy keeps its investments as columns (decision D5): row i of every column is the same investment, rows are in
the order of joining, so in the order of their numbers. A *leg* is one symbol (in hedging mode: one ticket of the
trader) with a row for each investment.
"""

from typing import Any

import msgspec
import numpy as np

from prorata.copying.columns import Int64, zeros
from prorata.messages.copy_events import WalletMoved, WithdrawalReserved
from prorata.messages.copy_terms import (
    Accounting,
    CopySpec,
    FeeBasis,
    FeeFlows,
    FeeRestart,
    ManageType,
    OfferStatus,
    OfferType,
    StrategyStatus,
    StreamSpec,
)
from prorata.units.numbers import DealId, Login, Minor, Moment, Ticket, Volume

PLACE_BITS = 24
"""A position's number is its leg's number times 2^24, plus the investment's place in the strategy."""
PLACES = 1 << PLACE_BITS
ROWS_FIRST = 16
UNIT_FIRST = 100 * 10**8
"""A unit begins at 100, kept in 10^-8."""


class Wallet(msgspec.Struct, array_like=True, gc=False):
    """A client's free money in one currency."""

    number: int
    client: int
    company: int
    currency: str
    opened_at: Moment
    test: bool = False
    external: bool = False
    balance: Minor = 0
    """all of it, the bonus included"""
    bonus: Minor = 0
    reserved: Minor = 0
    """taken out of `balance` until it is paid or given back"""


class Reservation(msgspec.Struct, array_like=True, gc=False):
    wallet: int
    amount: Minor
    external_id: str
    comment: str


class Offer(msgspec.Struct, array_like=True, gc=False):
    number: int
    strategy: int
    type: OfferType
    created_at: Moment
    fee_ppm: int = 0
    commission_per_million: Minor = 0
    partner_wallet: int = 0
    partner_ppm: int = 0
    broker_ppm: int = 0
    basis: FeeBasis = FeeBasis.EQUITY
    flows: FeeFlows = FeeFlows.NEUTRAL
    restart: FeeRestart = FeeRestart.RESET
    link: str = ""
    description: str = ""
    status: OfferStatus = OfferStatus.ACTIVE
    fee_paid: Minor = 0
    """to the trader, over all its investments"""
    commission_paid: Minor = 0
    commission_due: Minor = 0
    """trader's turnover commission that is accrued and not paid out yet"""
    partner_fee_paid: Minor = 0
    partner_commission_paid: Minor = 0
    partner_commission_due: Minor = 0


class Columns(msgspec.Struct, gc=False):
    """Fields that are all columns of one length."""

    def reserve(self, rows: int) -> None:
        """Have room for `rows` rows: columns grow by doubling."""
        for name in self.__struct_fields__:
            column: Int64 = getattr(self, name)
            if column.size < rows:
                grown = zeros(max(rows, 2 * column.size, ROWS_FIRST))
                grown[: column.size] = column
                setattr(self, name, grown)


class Leg(Columns):
    """One symbol, or one ticket of it, as every investment of the strategy holds it. Volumes and costs are signed."""

    volume: Int64
    """filled and open"""
    cost: Int64
    """sum of volume x price of what is open"""
    a_volume: Int64
    """the part of `volume` that the stream holds"""
    pending: Int64
    """asked for and not filled yet, or rejected and waiting to be asked for again"""
    wanted: Int64
    """what `volume` is to become. One change of a row is under way at a time; what is wanted then comes after it"""
    rejected: Int64
    """asked for in vain by the last signal: of the venue, or while the market was closed"""
    swap: Int64
    """carried, posted when it closes"""
    opened_at: Int64
    """when the present position began"""


class LegHead(msgspec.Struct, array_like=True, gc=False):
    """What is common to all rows of a leg. `lot`: what the source holds."""

    number: int
    symbol: str
    ticket: str
    lot: Volume
    rows: Leg
    stuck: bool = False
    """something could not be closed while the market was closed; it is tried again when it opens"""
    missed: bool = False
    """somebody could not open while the market was closed, and waits for a synchronisation when it opens"""

    @property
    def key(self) -> str:
        return leg_key(self.symbol, self.ticket)


def leg_key(symbol: str, ticket: str) -> str:
    return f"{symbol}/{ticket}" if ticket else symbol


class Investments(Columns):
    """All investments of a strategy, the trader's own first. Rates in ppm, money in minor units, moments in ms."""

    number: Int64
    place: Int64
    client: Int64
    wallet: Int64
    company: Int64
    offer: Int64
    type: Int64
    test: Int64
    state: Int64
    opened_at: Int64
    closed_at: Int64
    factor: Int64
    protection_ppm: Int64
    target_ppm: Int64
    base: Int64
    """what protection and target are shares of"""
    a_book_percent: Int64
    stream: Int64
    balance: Int64
    deposited: Int64
    """put in over its life"""
    withdrawn: Int64
    profit_base: Int64
    """equity at which the interval began, moved by money in and out: the interval's result is equity - profit_base"""
    drawdown: Int64
    """loss of earlier intervals that must be made up before a fee is due"""
    realised: Int64
    """results of deals with their swaps, over its life"""
    fees: Int64
    """performance fees charged, over its life"""
    trader_commission: Int64
    """turnover commission charged, over its life: trader's and partner's"""
    partner_commission: Int64
    broker_commission: Int64
    liquidity_commission: Int64
    fee_ppm: Int64
    commission: Int64
    """minor units for each million of turnover"""
    partner_wallet: Int64
    partner_ppm: Int64
    broker_ppm: Int64
    basis: Int64
    settle_first: Int64
    waits: Int64
    """1: wants to be brought in line by the next synchronisation"""
    command: Int64
    """the command that ends once all its positions are closed"""
    called_at: Int64
    """stop-out"""
    protected_at: Int64
    target_at: Int64
    unit_price: Int64
    """10^-8 of a unit that began at 100, at the last movement of money"""
    unit_equity: Int64
    """equity after that movement"""


class Strategy(msgspec.Struct, gc=False):
    """A strategy with its book. `rows` is how many rows of its columns are in use."""

    number: int
    client: int
    wallet: int
    company: int
    name: str
    currency: str
    accounting: Accounting
    manage: ManageType
    created_at: Moment
    source_login: Login
    external_server: str
    external_account: str
    tags: str
    rows: int
    investments: Investments
    legs: dict[str, LegHead] = {}
    """by symbol, or "symbol/ticket" in hedging mode"""
    status: StrategyStatus = StrategyStatus.ACTIVE
    need_sync: int = 0
    """0 none, 1 soft, 2 hard"""
    public_offer: int = 0
    offers: list[int] = []
    closed_at: Moment = 0
    command: int = 0
    """the strategy command that ends once all positions are closed"""
    source_equity: Minor = 0
    signalled_at: Moment = 0
    """when the newest signal was sent, by the source's clock; 0 if it does not say"""
    last_signal_at: Moment = 0
    interval: int = 1
    interval_began_at: Moment = 0
    kept: dict[int, Minor] = {}
    """client -> loss to be made up if it comes back, with offers that keep it"""
    signals: int = 0
    deals: int = 0
    """market deals of the trader's own investment"""

    def row_of(self, investment: int) -> int:
        """Return the row of an investment that is in this strategy."""
        return int(np.searchsorted(self.investments.number[: self.rows], investment))


class Part(msgspec.Struct, gc=False):
    """What one strategy's investments want of one leg, from one cause. `volumes` is what is not filled yet."""

    strategy: int
    leg: str
    rows: Int64
    volumes: Int64
    a_volumes: Int64
    opens: bool
    """it opens or enlarges positions, and is not worth executing for ever"""
    since: Moment
    signal: int = 0
    command: int = 0
    stop_out: int = 0


class Route(msgspec.Struct, array_like=True, gc=False):
    """One symbol on one stream. exposure = ordered + residual; the residual is smaller than a lot step."""

    exposure: Volume = 0
    """A-book volume of all investments, with what requests are under way for"""
    ordered: Volume = 0
    """what the hedge account holds or has been asked for"""
    held: Volume = 0
    """what it holds"""


class FillRequest(msgspec.Struct, gc=False):
    """A netted order for a stream. `volume` is signed; `filled` is without sign."""

    ticket: Ticket
    stream: int
    symbol: str
    volume: Volume
    demand: Volume
    parts: list[Part]
    sent_at: Moment
    filled: Volume = 0
    executions: list[str] = []


class Retry(msgspec.Struct, gc=False):
    """What a venue rejected and will be asked again at `at`."""

    at: Moment
    stream: int
    symbol: str
    parts: list[Part]


class CopyState(msgspec.Struct, gc=False):
    """The whole of it."""

    specs: dict[str, CopySpec] = {}
    """by "company/currency" """
    streams: dict[int, StreamSpec] = {}
    wallets: dict[int, Wallet] = {}
    reservations: dict[int, Reservation] = {}
    ended_reservations: dict[int, bool] = {}
    """reservation -> was it paid"""
    strategies: dict[int, Strategy] = {}
    offers: dict[int, Offer] = {}
    routes: dict[str, Route] = {}
    """by "stream/symbol" """
    requests: dict[Ticket, FillRequest] = {}
    retries: list[Retry] = []
    commands: dict[int, int] = {}
    """commands under way -> investment (0: the strategy's)"""
    booked: dict[str, WalletMoved | WithdrawalReserved] = {}
    """ "wallet/external id" -> what was booked under it"""
    next_wallet: int = 1
    next_transfer: int = 1
    next_reservation: int = 1
    next_strategy: int = 1
    next_offer: int = 1
    next_investment: int = 1
    next_leg: int = 1
    next_command: int = 1
    next_signal: int = 1
    next_stop_out: int = 1
    next_interval: int = 2
    next_fill: int = 1
    next_copy_deal: DealId = 1
    day: int | None = None


def empty_investments() -> Investments:
    return Investments(*(zeros(ROWS_FIRST) for _ in Investments.__struct_fields__))


def empty_leg(rows: int) -> Leg:
    return Leg(*(zeros(max(rows, ROWS_FIRST)) for _ in Leg.__struct_fields__))


def encode_column(value: Any) -> bytes:
    """Encoder hook of the snapshot."""
    assert isinstance(value, np.ndarray)
    return value.astype("<i8", copy=False).tobytes()


def decode_column(kind: Any, value: Any) -> Int64:
    """Decoder hook of the snapshot."""
    return np.frombuffer(value, dtype="<i8").astype(np.int64)
