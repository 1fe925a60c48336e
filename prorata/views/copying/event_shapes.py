"""The shapes of copy trading's events in our own API. `events` fills them.

As in `event_shapes`: amounts and volumes are decimal strings, rates percent, moments text; None is "there is none".
What happens to many investments at once is told in sums: `investments` is how many there are, volumes are signed.
"""

from prorata.units.numbers import DealId, Login, Ticket
from prorata.views.event_shapes import EventShape
from prorata.views.names import (
    AccountingName,
    CommandKindName,
    CommandStatusName,
    FeeBasisName,
    FeeFlowsName,
    FeeRestartName,
    InvestmentStateName,
    InvestmentTypeName,
    ManageName,
    NeedSyncName,
    OfferStatusName,
    OfferTypeName,
    SignalStatusName,
    StrategyStatusName,
    TransferTypeName,
    VolumeReasonName,
)

# Configuration.


class CopySpecEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="copy-spec-put"):
    """A company's account specification is new or changed; read it again."""

    company: int
    currency: str


class StreamEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="stream-put"):
    stream: int
    name: str


# Wallets.


class WalletOpenedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="wallet-opened"):
    wallet: int
    client: int
    company: int
    currency: str
    test: bool
    external: bool


class WalletMovedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="wallet-moved"):
    """`amount` as the wallet feels it: what leaves is below 0."""

    transfer: int
    wallet: int
    type: TransferTypeName
    amount: str
    balance: str
    currency: str
    strategy: int | None
    investment: int | None
    external_id: str
    comment: str
    internal_comment: str


class WithdrawalReservedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="withdrawal-reserved"):
    reservation: int
    wallet: int
    amount: str
    balance: str
    currency: str
    external_id: str
    comment: str


class ReservationEndedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="reservation-ended"):
    """Paid: a `wallet-moved` says what left. Not paid: the money is back in `balance`."""

    reservation: int
    wallet: int
    paid: bool
    balance: str
    currency: str


# Strategies and offers.


class StrategyOpenedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="strategy-opened"):
    strategy: int
    client: int
    wallet: int
    company: int
    name: str
    currency: str
    accounting: AccountingName
    manage: ManageName
    source_login: Login | None
    external_server: str
    external_account: str
    tags: str


class StrategyChangedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="strategy-changed"):
    """The strategy as it is now. `need_sync`: which synchronisation it wants from its source."""

    strategy: int
    name: str
    status: StrategyStatusName
    need_sync: NeedSyncName
    public_offer: int | None


class OfferAddedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="offer-added"):
    offer: int
    strategy: int
    type: OfferTypeName
    fee_percent: str
    commission_per_million: str
    currency: str
    partner_wallet: int | None
    partner_percent: str
    broker_percent: str
    basis: FeeBasisName
    flows: FeeFlowsName
    restart: FeeRestartName
    link: str
    description: str


class OfferChangedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="offer-changed"):
    offer: int
    strategy: int
    type: OfferTypeName
    status: OfferStatusName


class IntervalEndedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="interval-ended"):
    """A fee period is over; the fees, if any, stand in the event before."""

    strategy: int
    interval: int
    next_interval: int
    investments: int


class StrategyDayEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="strategy-day"):
    """A strategy at the end of a day. `unit_price` began at 100; money in and out is no result."""

    strategy: int
    day: str
    unit_price: str
    own_equity: str
    own_balance: str
    investments: int
    equity: str
    currency: str


# Investments.


class InvestmentOpenedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="investment-opened"):
    investment: int
    strategy: int
    offer: int
    client: int
    wallet: int
    company: int
    type: InvestmentTypeName
    factor: str
    protection_percent: str
    target_percent: str
    a_book_percent: int
    stream: int
    interval: int


class InvestmentMovedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="investment-moved"):
    """Money went into an investment (`amount` above 0) or back to its wallet."""

    deal: DealId
    transfer: int
    investment: int
    strategy: int
    wallet: int
    amount: str
    balance: str
    wallet_balance: str
    currency: str
    command: int | None


class ProfileSetEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="profile-set"):
    """`base`: what protection and target are shares of."""

    investment: int
    strategy: int
    factor: str
    protection_percent: str
    target_percent: str
    base: str
    currency: str
    a_book_percent: int
    stream: int


class StatesChangedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="states-changed"):
    """Investments that entered a state together. `cause`: the command or stop-out; null: a fill.

    `symbol`, `bid`, `ask`: the quote that reached a limit, if one did. `equity`: of closed ones what was paid out.
    """

    strategy: int
    state: InvestmentStateName
    cause: int | None
    investments: int
    equity: str
    currency: str
    symbol: str | None
    bid: str | None
    ask: str | None


class CommandTakenEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="command-taken"):
    """`investment` null: of the strategy as a whole."""

    command: int
    kind: CommandKindName
    strategy: int
    investment: int | None
    status: CommandStatusName


class CommandEndedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="command-ended"):
    command: int
    strategy: int
    investment: int | None
    status: CommandStatusName


class CopiedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="copied"):
    """Deals of `investments` investments, numbered `first_deal` to `last_deal`, at one price.

    Just one of `signal`, `command`, `stop_out` is the cause; without any: a fund, a limit, the market's opening.
    `request`, `fill`: the execution; null if dealt at our own quote. `a_volume`: the part that went to the stream. The
    commissions are 0 or more and leave the investments; they and the results are the postings of the event.
    """

    strategy: int
    symbol: str
    ticket: str | None
    signal: int | None
    command: int | None
    stop_out: int | None
    request: Ticket | None
    fill: int | None
    price: str
    first_deal: DealId
    last_deal: DealId
    interval: int
    investments: int
    volume: str
    a_volume: str
    turnover: str
    profit: str
    swap: str
    broker_commission: str
    liquidity_commission: str
    trader_commission: str
    partner_commission: str
    currency: str


class VolumesRejectedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="volumes-rejected"):
    """What investments asked for in vain."""

    strategy: int
    symbol: str
    ticket: str | None
    signal: int | None
    request: Ticket | None
    first_deal: DealId
    last_deal: DealId
    investments: int
    volume: str


class FeesChargedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="fees-charged"):
    """Performance fees of an interval. The three shares sum to `fee`."""

    strategy: int
    interval: int
    next_interval: int
    first_deal: DealId
    last_deal: DealId
    investments: int
    fee: str
    trader_share: str
    partner_share: str
    broker_share: str
    trader_balance: str
    currency: str


class SwapsChargedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="swaps-charged"):
    """Interest of the night, carried on positions."""

    strategy: int
    symbol: str
    ticket: str | None
    nights: int
    investments: int
    amount: str
    currency: str


class InvestmentDaysEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="investment-days"):
    strategy: int
    day: str
    investments: int
    equity: str
    balance: str
    currency: str


class DeficitCoveredEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="deficit-covered"):
    """The house made good investments below zero, so that they could be closed."""

    strategy: int
    investments: int
    amount: str
    currency: str


# Signals.


class SignalTakenEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="signal-taken"):
    """A signal; a synchronisation has `symbols`, all that the source holds, and no `symbol`.

    `price`: our middle price at that moment, what the copy is measured against; null without a quote.
    """

    signal: int
    strategy: int
    symbol: str | None
    lot: str
    equity: str
    currency: str
    symbols: tuple[str, ...]
    status: SignalStatusName
    ticket: str
    comment: str
    soft: bool
    price: str | None


class VolumesTrimmedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="volumes-trimmed"):
    """Investments that got another volume than the formula gave. `reasons`: how many for each; one may have several."""

    strategy: int
    signal: int | None
    symbol: str
    ticket: str | None
    investments: int
    reasons: dict[VolumeReasonName, int]
    asked: str
    given: str


# Fills.


class FillRequestedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="fill-requested"):
    """Demand netted into one order for a stream; the difference to `demand` is in `residual`."""

    request: Ticket
    stream: int
    symbol: str
    volume: str
    demand: str
    residual: str
    strategies: tuple[int, ...]


class FillBookedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="fill-booked"):
    """`hedge`: what the stream holds of the symbol after it, signed."""

    fill: int
    request: Ticket
    stream: int
    symbol: str
    price: str
    filled: str
    execution: str
    hedge: str


class FillRequestEndedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="fill-request-ended"):
    """`rejected`: what was not filled. `again_at`: when it is asked for once more."""

    request: Ticket
    stream: int
    symbol: str
    filled: str
    rejected: str
    reason: str
    again_at: str | None


AnyCopyEvent = (
    WalletMovedEvent | WalletOpenedEvent | WithdrawalReservedEvent | ReservationEndedEvent | CopySpecEvent | StreamEvent
    | StrategyOpenedEvent | StrategyChangedEvent | OfferAddedEvent | OfferChangedEvent | IntervalEndedEvent
    | StrategyDayEvent | InvestmentOpenedEvent | InvestmentMovedEvent | ProfileSetEvent | StatesChangedEvent
    | CommandTakenEvent | CommandEndedEvent | CopiedEvent | VolumesRejectedEvent | FeesChargedEvent | SwapsChargedEvent
    | InvestmentDaysEvent | DeficitCoveredEvent | SignalTakenEvent | VolumesTrimmedEvent | FillRequestedEvent
    | FillBookedEvent | FillRequestEndedEvent
)  # fmt: skip
