"""What happened in copy trading.

What concerns many investments at once is one event with *columns*: a `Column` holds one whole number for each
investment in the event's `investments` column, in the same order, packed (`prorata.copying.columns.unpack`); an
empty one is all zeros. Investments are in rising order. Money is in minor units of the strategy's currency; costs
are below 0 where the field says "as the client sees it".
"""

from typing import TypeAlias

from prorata.messages.copy_terms import (
    Accounting,
    CommandKind,
    CommandStatus,
    CopySpec,
    FeeBasis,
    FeeFlows,
    FeeRestart,
    InvestmentState,
    InvestmentType,
    ManageType,
    OfferStatus,
    OfferType,
    SignalStatus,
    StrategyStatus,
    StreamSpec,
    TransferType,
)
from prorata.messages.message import Message
from prorata.messages.postings import Posting
from prorata.units.numbers import DealId, Login, Minor, Moment, Points, Ticket, Volume

Column: TypeAlias = bytes


class CopySpecPut(Message, frozen=True, tag="copy-spec-put"):
    spec: CopySpec


class StreamPut(Message, frozen=True, tag="stream-put"):
    spec: StreamSpec


# Wallets.


class WalletOpened(Message, frozen=True, tag="wallet-opened"):
    wallet: int
    client: int
    company: int
    currency: str
    test: bool
    external: bool


class WalletKnown(Message, frozen=True, tag="wallet-known"):
    """The client has a wallet of that currency: nothing happened now. An answer only, not published."""

    first: WalletOpened


class WalletMoved(Message, frozen=True, tag="wallet-moved"):
    """A transfer: `amount` is signed as the wallet feels it. `strategy`, `investment`: what it had to do with; 0 is none."""

    transfer: int
    wallet: int
    type: TransferType
    amount: Minor
    balance: Minor
    strategy: int
    investment: int
    external_id: str
    comment: str
    internal_comment: str
    postings: tuple[Posting, ...]


class WithdrawalReserved(Message, frozen=True, tag="withdrawal-reserved"):
    reservation: int
    wallet: int
    amount: Minor
    balance: Minor
    external_id: str
    comment: str
    postings: tuple[Posting, ...]


class ReservationEnded(Message, frozen=True, tag="reservation-ended"):
    """A voided reservation gave the money back; a paid one became the transfer that stands beside this event."""

    reservation: int
    wallet: int
    paid: bool
    balance: Minor
    postings: tuple[Posting, ...]


class TransferRepeated(Message, frozen=True, tag="transfer-repeated"):
    """A wallet operation whose external id was booked before: nothing happened now. An answer only, not published."""

    first: WalletMoved | WithdrawalReserved


# Strategies and offers.


class StrategyOpened(Message, frozen=True, tag="strategy-opened"):
    """Its own investment is opened by the event after it."""

    strategy: int
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


class StrategyChanged(Message, frozen=True, tag="strategy-changed"):
    """The strategy as it is now. `need_sync`: 0 none, 1 soft, 2 hard."""

    strategy: int
    name: str
    status: StrategyStatus
    need_sync: int
    public_offer: int


class OfferAdded(Message, frozen=True, tag="offer-added"):
    offer: int
    strategy: int
    type: OfferType
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


class OfferChanged(Message, frozen=True, tag="offer-changed"):
    offer: int
    strategy: int
    type: OfferType
    status: OfferStatus


# Investments.


class InvestmentOpened(Message, frozen=True, tag="investment-opened"):
    investment: int
    strategy: int
    offer: int
    client: int
    wallet: int
    company: int
    type: InvestmentType
    factor: int
    protection_ppm: int
    target_ppm: int
    a_book_percent: int
    stream: int
    interval: int
    """the trading interval (fee period) that it begins in"""


class InvestmentMoved(Message, frozen=True, tag="investment-moved"):
    """Money went into an investment (`amount` above 0) or back to the wallet: a deal of type balance."""

    deal: DealId
    transfer: int
    investment: int
    strategy: int
    wallet: int
    amount: Minor
    balance: Minor
    wallet_balance: Minor
    command: int
    postings: tuple[Posting, ...]


class ProfileSet(Message, frozen=True, tag="profile-set"):
    """`base`: what protection and target are shares of."""

    investment: int
    strategy: int
    factor: int
    protection_ppm: int
    target_ppm: int
    base: Minor
    a_book_percent: int
    stream: int


class StatesChanged(Message, frozen=True, tag="states-changed"):
    """Investments that entered a state together. `cause`: number of the command or stop-out that did it; 0: a fill."""

    strategy: int
    state: InvestmentState
    cause: int
    investments: Column
    equities: Column
    """at that moment; of closed investments what was paid out"""
    symbol: str = ""
    """whose quote reached a limit; "" if none did"""
    bid: Points = 0
    ask: Points = 0


class CommandTaken(Message, frozen=True, tag="command-taken"):
    """A change was asked for. `investment` 0: of the strategy as a whole."""

    command: int
    kind: CommandKind
    strategy: int
    investment: int
    status: CommandStatus


class CommandEnded(Message, frozen=True, tag="command-ended"):
    command: int
    strategy: int
    investment: int
    status: CommandStatus


# Signals and what came of them.


class SignalTaken(Message, frozen=True, tag="signal-taken"):
    """A signal, or a synchronisation (then `symbols` names all that the source holds, and `symbol` is "")."""

    signal: int
    strategy: int
    symbol: str
    lot: Volume
    equity: Minor
    symbols: tuple[str, ...]
    status: SignalStatus
    ticket: str
    comment: str
    soft: bool
    price: Points
    """our middle price at that moment, what the copy is measured against; 0 without a quote"""


class VolumesTrimmed(Message, frozen=True, tag="volumes-trimmed"):
    """Investments that got another volume than the formula gave, and why (`VolumeReason` flags). Volumes are signed."""

    strategy: int
    signal: int
    symbol: str
    ticket: str
    investments: Column
    reasons: Column
    asked: Column
    """the net volume that the formula gives, before any rule"""
    given: Column
    """the net volume aimed at"""


class Copied(Message, frozen=True, tag="copied"):
    """Deals of many investments in one symbol at one price. Their numbers are `first_deal`, `first_deal` + 1, ... in order.

    Just one of `signal`, `command`, `stop_out` is the cause; all 0: a fund, a limit or the market's opening.
    `request`, `fill`: the execution they come from; 0 if they were dealt at our own quote.
    Volumes are signed: bought above 0. An investment's volume after the deal is in `held`.
    """

    strategy: int
    symbol: str
    ticket: str
    leg: int
    """number of the position row of all investments; position = leg x 2^24 + place"""
    signal: int
    command: int
    stop_out: int
    request: Ticket
    fill: int
    price: Points
    first_deal: DealId
    interval: int
    investments: Column
    places: Column
    """of the investment in its strategy"""
    volumes: Column
    a_volumes: Column
    """the part that went to the stream"""
    held: Column
    costs: Column
    """of what is held after the deal: volume x price summed, signed"""
    turnovers: Column
    """value of the deal in minor units of the strategy's currency"""
    profits: Column
    swaps: Column
    broker_commissions: Column
    """this and the next three are 0 or more; all four leave the investment"""
    liquidity_commissions: Column
    trader_commissions: Column
    partner_commissions: Column
    balances: Column
    postings: tuple[Posting, ...]


class FillRequested(Message, frozen=True, tag="fill-requested"):
    """Demand of many investments was netted into one order for a stream. Volumes are signed.

    `volume` is what the hedge account trades; the difference to `demand` is in the route's `residual`.
    0: nothing has to be traded, the investments deal at our quote.
    """

    request: Ticket
    stream: int
    symbol: str
    volume: Volume
    demand: Volume
    residual: Volume
    strategies: tuple[int, ...]


class FillBooked(Message, frozen=True, tag="fill-booked"):
    """The venue filled a part of a request. The deals that share it out follow."""

    fill: int
    request: Ticket
    stream: int
    symbol: str
    price: Points
    filled: Volume
    execution: str
    hedge: Volume
    """what the stream holds of the symbol after it, signed"""


class FillRequestEnded(Message, frozen=True, tag="fill-request-ended"):
    """No more fills will come. `rejected`: what was not filled. `again_at`: when it is asked for once more; 0 never."""

    request: Ticket
    stream: int
    symbol: str
    filled: Volume
    rejected: Volume
    reason: str
    again_at: Moment


class VolumesRejected(Message, frozen=True, tag="volumes-rejected"):
    """What investments asked for in vain."""

    strategy: int
    symbol: str
    ticket: str
    signal: int
    request: Ticket
    first_deal: DealId
    investments: Column
    volumes: Column


# Money that falls due.


class FeesCharged(Message, frozen=True, tag="fees-charged"):
    """Performance fees at the end of an interval, or before money left. Shares sum to the fee of each investment.

    Transfers to the trader's wallet are numbered `first_transfer`, + 1, ... for those with a trader's share above 0, then
    in the same way those to the partners.
    """

    strategy: int
    interval: int
    """the interval that has ended"""
    next_interval: int
    """the one that begins; the same if the fee was settled within it"""
    first_deal: DealId
    first_transfer: int
    investments: Column
    fees: Column
    trader_shares: Column
    partner_shares: Column
    partner_wallets: Column
    broker_shares: Column
    drawdowns: Column
    """loss to be made up before the next fee is due"""
    balances: Column
    trader_balance: Minor
    """of the trader's wallet, after it"""
    postings: tuple[Posting, ...]


class IntervalEnded(Message, frozen=True, tag="interval-ended"):
    """A week is over for a strategy; the fees, if any, stand beside it."""

    strategy: int
    interval: int
    next_interval: int
    investments: Column
    bases: Column
    """what each investment's result is counted from"""
    drawdowns: Column


class SwapsCharged(Message, frozen=True, tag="swaps-charged"):
    """Interest for the night, carried on the positions and posted when they close."""

    strategy: int
    symbol: str
    ticket: str
    nights: int
    investments: Column
    amounts: Column


class StrategyDay(Message, frozen=True, tag="strategy-day"):
    """A strategy at the end of a day. `unit_price`: 10^-8 of a unit that began at 100; money in and out is no result."""

    strategy: int
    day: int
    unit_price: int
    own_equity: Minor
    own_balance: Minor
    investments: int
    equity: Minor
    """of all investments"""


class InvestmentDays(Message, frozen=True, tag="investment-days"):
    """Investments at the end of a day."""

    strategy: int
    day: int
    investments: Column
    equities: Column
    balances: Column
    unit_prices: Column


class DeficitCovered(Message, frozen=True, tag="deficit-covered"):
    """The house made good investments that had fallen below zero, so that they could be closed."""

    strategy: int
    investments: Column
    amounts: Column
    postings: tuple[Posting, ...]


CopyEvent = (
    CopySpecPut | StreamPut
    | WalletOpened | WalletKnown | WalletMoved | WithdrawalReserved | ReservationEnded | TransferRepeated
    | StrategyOpened | StrategyChanged | OfferAdded | OfferChanged
    | InvestmentOpened | InvestmentMoved | ProfileSet | StatesChanged | CommandTaken | CommandEnded
    | SignalTaken | VolumesTrimmed | Copied | FillRequested | FillBooked | FillRequestEnded | VolumesRejected
    | FeesCharged | IntervalEnded | SwapsCharged | StrategyDay | InvestmentDays | DeficitCovered
)  # fmt: skip
