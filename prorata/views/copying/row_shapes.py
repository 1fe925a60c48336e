"""The shapes of what an event about many investments says of one of them. `copy_rows` fills them.

They tell an investor what is his own: nothing of the house's part, and nothing of others.
"""

from prorata.units.numbers import DealId
from prorata.views.event_shapes import EventShape
from prorata.views.names import InvestmentStateName, VolumeReasonName


class InvestmentEvent(EventShape, frozen=True, kw_only=True, gc=False):
    investment: int
    strategy: int


class InvestmentStateEvent(InvestmentEvent, frozen=True, kw_only=True, gc=False, tag="investment-state"):
    """`equity`: when it entered the state; of a closed one what was paid out. `symbol`, `bid`, `ask`: what reached a limit."""

    state: InvestmentStateName
    cause: int | None
    equity: str
    currency: str
    symbol: str | None
    bid: str | None
    ask: str | None


class InvestmentTrimmedEvent(InvestmentEvent, frozen=True, kw_only=True, gc=False, tag="investment-trimmed"):
    """`asked`: the net volume that the formula gives; `given`: the one aimed at; `reasons`: why they differ."""

    signal: int | None
    symbol: str
    ticket: str | None
    reasons: tuple[VolumeReasonName, ...]
    asked: str
    given: str


class InvestmentDealEvent(InvestmentEvent, frozen=True, kw_only=True, gc=False, tag="investment-deal"):
    """`volume` is signed; `held` and `open_price` are of the position after it. The commissions leave the balance."""

    deal: DealId
    position: int
    symbol: str
    ticket: str | None
    signal: int | None
    command: int | None
    stop_out: int | None
    price: str
    volume: str
    held: str
    open_price: str | None
    turnover: str
    profit: str
    swap: str
    broker_commission: str
    liquidity_commission: str
    trader_commission: str
    partner_commission: str
    balance: str
    currency: str


class InvestmentRejectedEvent(InvestmentEvent, frozen=True, kw_only=True, gc=False, tag="investment-rejected"):
    deal: DealId
    symbol: str
    ticket: str | None
    signal: int | None
    volume: str


class InvestmentFeeEvent(InvestmentEvent, frozen=True, kw_only=True, gc=False, tag="investment-fee"):
    """`drawdown`: the loss to be made up before the next fee is due."""

    deal: DealId
    interval: int
    fee: str
    drawdown: str
    balance: str
    currency: str


class InvestmentIntervalEvent(InvestmentEvent, frozen=True, kw_only=True, gc=False, tag="investment-interval"):
    """`base`: what the next interval's result is counted from."""

    interval: int
    next_interval: int
    base: str
    drawdown: str
    currency: str


class InvestmentSwapEvent(InvestmentEvent, frozen=True, kw_only=True, gc=False, tag="investment-swap"):
    symbol: str
    ticket: str | None
    nights: int
    amount: str
    currency: str


class InvestmentDayEvent(InvestmentEvent, frozen=True, kw_only=True, gc=False, tag="investment-day"):
    day: str
    equity: str
    balance: str
    unit_price: str
    currency: str


class InvestmentDeficitEvent(InvestmentEvent, frozen=True, kw_only=True, gc=False, tag="investment-deficit"):
    """The house made the investment good, which had fallen below zero."""

    amount: str
    currency: str
