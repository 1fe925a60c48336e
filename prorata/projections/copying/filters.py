"""What lists of copy trading may be narrowed by. None is everything; several together must all hold.

`since` is included, `until` is not. `test`: 0 without test clients, 1 them alone.
"""

from collections.abc import Sequence

import msgspec

from prorata.messages.copy_terms import (
    Accounting,
    CommandStatus,
    InvestmentState,
    InvestmentType,
    OfferType,
    SignalStatus,
    StrategyStatus,
    TransferType,
)
from prorata.projections.copying.codes import CopyDealType, ReservationState
from prorata.units.numbers import DealId, Moment, Ticket


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all. A field is equal to the row's of that name; of several values, to one of them."""


class Happening(Filter, frozen=True, kw_only=True):
    since: Moment | None = None
    until: Moment | None = None


class Owned(Happening, frozen=True, kw_only=True):
    """What happened to investments. The first three are found by an index whatever else is asked for."""

    investment: int | None = None
    client: int | None = None
    wallet: int | None = None
    strategy: int | None = None
    company: int | None = None
    test: int | None = None


class DealFilter(Owned, frozen=True, kw_only=True):
    deal: DealId | None = None
    signal: int | None = None
    command: int | None = None
    stop_out: int | None = None
    request: Ticket | None = None
    symbol: str | None = None
    type: CopyDealType | Sequence[CopyDealType] | None = None
    investment_type: InvestmentType | None = None
    accounting: Accounting | None = None


class TrimmedFilter(Owned, frozen=True, kw_only=True):
    signal: int | None = None
    symbol: str | None = None


class FeeFilter(Owned, frozen=True, kw_only=True):
    interval: int | None = None


class SwapFilter(Owned, frozen=True, kw_only=True):
    symbol: str | None = None


class StateFilter(Owned, frozen=True, kw_only=True):
    """`limits`: only those that a quote caused."""

    limits: bool = False
    state: InvestmentState | None = None


class StrategyDayFilter(Filter, frozen=True, kw_only=True):
    """Days since 1970-01-01; `until_day` is not included."""

    strategy: int | Sequence[int] | None = None
    since_day: int | None = None
    until_day: int | None = None


class InvestmentDayFilter(Owned, frozen=True, kw_only=True):
    since_day: int | None = None
    until_day: int | None = None


class CompanyDayFilter(Filter, frozen=True, kw_only=True):
    company: int | None = None
    currency: str | None = None
    until_day: int | None = None
    since_day: int | None = None


class SymbolFilter(Filter, frozen=True, kw_only=True):
    strategy: int | Sequence[int] | None = None


class IntervalFilter(Filter, frozen=True, kw_only=True):
    strategy: int | None = None


class ReservationFilter(Happening, frozen=True, kw_only=True):
    reservation: int | None = None
    wallet: int | None = None
    state: ReservationState | None = None


class WalletFilter(Filter, frozen=True, kw_only=True):
    wallet: int | None = None
    client: int | None = None
    company: int | None = None
    currency: str | None = None
    test: int | None = None


class TransferFilter(Happening, frozen=True, kw_only=True):
    transfer: int | None = None
    wallet: int | None = None
    client: int | None = None
    company: int | None = None
    type: TransferType | Sequence[TransferType] | None = None
    strategy: int | None = None
    investment: int | None = None
    deal: DealId | None = None
    external_id: str | None = None
    test: int | None = None


class StrategyFilter(Filter, frozen=True, kw_only=True):
    strategy: int | Sequence[int] | None = None
    client: int | None = None
    wallet: int | None = None
    company: int | None = None
    name: str | None = None
    status: StrategyStatus | Sequence[StrategyStatus] | None = None
    accounting: Accounting | None = None
    external_server: str | None = None
    external_account: str | None = None
    opened_since: Moment | None = None
    opened_until: Moment | None = None
    closed_since: Moment | None = None
    closed_until: Moment | None = None


class OfferFilter(Filter, frozen=True, kw_only=True):
    offer: int | None = None
    strategy: int | Sequence[int] | None = None
    link: str | None = None
    partner_wallet: int | None = None
    type: OfferType | None = None


class InvestmentFilter(Filter, frozen=True, kw_only=True):
    investment: int | Sequence[int] | None = None
    strategy: int | None = None
    offer: int | None = None
    client: int | None = None
    wallet: int | None = None
    company: int | None = None
    type: InvestmentType | None = None
    state: InvestmentState | Sequence[InvestmentState] | None = None
    stream: int | None = None
    accounting: Accounting | None = None
    test: int | None = None
    opened_since: Moment | None = None
    opened_until: Moment | None = None
    closed_since: Moment | None = None
    closed_until: Moment | None = None


class SignalFilter(Happening, frozen=True, kw_only=True):
    signal: int | None = None
    strategy: int | None = None
    company: int | None = None
    symbol: str | None = None
    status: SignalStatus | None = None
    ticket: str | None = None


class CommandFilter(Happening, frozen=True, kw_only=True):
    command: int | None = None
    strategy: int | None = None
    investment: int | None = None
    status: CommandStatus | None = None


class FillFilter(Happening, frozen=True, kw_only=True):
    """`price_from` and `price_to` are both included."""

    fill: int | None = None
    request: Ticket | None = None
    stream: int | None = None
    symbol: str | None = None
    execution: str | None = None
    price_from: int | None = None
    price_to: int | None = None


class RequestFilter(Happening, frozen=True, kw_only=True):
    ticket: Ticket | None = None
    stream: int | None = None
    symbol: str | None = None


class ClientFilter(Filter, frozen=True, kw_only=True):
    client: int | Sequence[int] | None = None
    company: int | None = None
    currency: str | None = None
    test: int | None = None
