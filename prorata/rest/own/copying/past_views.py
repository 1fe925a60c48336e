"""What we answer about the past of copy trading, row by row as its tables have it."""

from prorata.projections.copying.codes import CopyDealType
from prorata.projections.copying.register_rows import (
    InvestmentDayRow,
    ReservationRow,
    StateRow,
    StrategyDayRow,
    WalletTransferRow,
)
from prorata.projections.copying.rows import CopyDealRow
from prorata.rest.own.copying.views import yield_text
from prorata.rest.own.views import View, digits_of, price_digits
from prorata.trading.desk import Desk
from prorata.units.decimals import format_decimal
from prorata.views.names import (
    CopyDealTypeName,
    CopyEntryName,
    InvestmentStateName,
    ReservationStateName,
    TransferTypeName,
    name_of,
)
from prorata.views.numbers import (
    show_day,
    show_moment,
    show_moment_or_none,
    show_price_or_none,
    show_volume,
)
from prorata.views.texts import unit_price_text


class TransferView(View, frozen=True):
    """`amount` as the wallet feels it. `balance`: null where many were booked at once. `deal`: on the other side."""

    transfer: int
    at: str
    wallet: int
    client: int
    type: TransferTypeName
    amount: str
    balance: str | None
    currency: str
    strategy: int | None
    investment: int | None
    deal: int | None
    external_id: str
    comment: str
    internal_comment: str


class ReservationView(View, frozen=True):
    reservation: int
    wallet: int
    amount: str
    currency: str
    status: ReservationStateName
    reserved_at: str
    ended_at: str | None
    external_id: str
    comment: str


class StrategyDayView(View, frozen=True):
    """A strategy at the end of a trading day. `equity`: of all its investments."""

    strategy: int
    day: str
    unit_price: str
    yield_percent: str
    own_equity: str
    own_balance: str
    investments: int
    equity: str
    currency: str


class InvestmentDayView(View, frozen=True):
    investment: int
    strategy: int
    day: str
    equity: str
    balance: str
    unit_price: str
    yield_percent: str
    currency: str


class InvestmentStateView(View, frozen=True):
    """When an investment entered a state. `symbol`, `bid`, `ask`: the quote that reached a limit, if one did."""

    at: str
    investment: int
    strategy: int
    state: InvestmentStateName
    equity: str
    currency: str
    command: int | None
    stop_out: int | None
    symbol: str | None
    bid: str | None
    ask: str | None


class CopyDealView(View, frozen=True):
    """A deal of an investment: in the market, money in or out (`balance`), a fee, a correction, or what was rejected.

    Volumes are signed; the commissions are 0 or more. `total`: what it did to the balance. `stream` null: at our own quote.
    """

    deal: int | None
    at: str
    investment: int
    strategy: int
    client: int
    type: CopyDealTypeName
    entry: CopyEntryName | None
    symbol: str | None
    ticket: str | None
    position: int | None
    signal: int | None
    command: int | None
    stop_out: int | None
    request: int | None
    fill: int | None
    stream: int | None
    price: str | None
    volume: str
    a_volume: str
    held: str
    open_price: str | None
    turnover: str
    profit: str
    swap: str
    broker_commission: str
    liquidity_commission: str
    trader_commission: str
    partner_commission: str
    total: str
    balance: str | None
    currency: str


def transfer_view(_desk: Desk, row: WalletTransferRow) -> TransferView:
    digits = digits_of(row.currency)
    return TransferView(
        transfer=row.transfer,
        at=show_moment(row.at),
        wallet=row.wallet,
        client=row.client,
        type=name_of(row.type),
        amount=format_decimal(row.amount, digits),
        balance=None if row.balance is None else format_decimal(row.balance, digits),
        currency=row.currency,
        strategy=row.strategy or None,
        investment=row.investment or None,
        deal=row.deal or None,
        external_id=row.external_id,
        comment=row.comment,
        internal_comment=row.internal_comment,
    )


def reservation_view(currency: str, row: ReservationRow) -> ReservationView:
    return ReservationView(
        reservation=row.reservation,
        wallet=row.wallet,
        amount=format_decimal(row.amount, digits_of(currency)),
        currency=currency,
        status=name_of(row.state),
        reserved_at=show_moment(row.at),
        ended_at=show_moment_or_none(row.ended_at),
        external_id=row.external_id,
        comment=row.comment,
    )


def strategy_day_view(currency: str, row: StrategyDayRow) -> StrategyDayView:
    digits = digits_of(currency)
    return StrategyDayView(
        strategy=row.strategy,
        day=show_day(row.day),
        unit_price=unit_price_text(row.unit_price),
        yield_percent=yield_text(row.unit_price),
        own_equity=format_decimal(row.own_equity, digits),
        own_balance=format_decimal(row.own_balance, digits),
        investments=row.investments,
        equity=format_decimal(row.equity, digits),
        currency=currency,
    )


def investment_day_view(currency: str, row: InvestmentDayRow) -> InvestmentDayView:
    digits = digits_of(currency)
    return InvestmentDayView(
        investment=row.investment,
        strategy=row.strategy,
        day=show_day(row.day),
        equity=format_decimal(row.equity, digits),
        balance=format_decimal(row.balance, digits),
        unit_price=unit_price_text(row.unit_price),
        yield_percent=yield_text(row.unit_price),
        currency=currency,
    )


def state_view(desk: Desk, currency: str, row: StateRow) -> InvestmentStateView:
    digits = price_digits(desk, row.symbol) if row.symbol else 0
    return InvestmentStateView(
        at=show_moment(row.at),
        investment=row.investment,
        strategy=row.strategy,
        state=name_of(row.state),
        equity=format_decimal(row.equity, digits_of(currency)),
        currency=currency,
        command=row.command or None,
        stop_out=row.stop_out or None,
        symbol=row.symbol or None,
        bid=show_price_or_none(row.bid, digits),
        ask=show_price_or_none(row.ask, digits),
    )


_IN_THE_MARKET = (CopyDealType.BUY, CopyDealType.SELL)
_DEAL_MONEY = (
    "turnover", "profit", "swap", "broker_commission", "liquidity_commission", "trader_commission", "partner_commission",
    "total",
)  # fmt: skip


def copy_deal_view(desk: Desk, row: CopyDealRow) -> CopyDealView:
    money = digits_of(row.currency)
    prices = price_digits(desk, row.symbol) if row.symbol else 0
    return CopyDealView(
        deal=row.deal or None,
        at=show_moment(row.at),
        investment=row.investment,
        strategy=row.strategy,
        client=row.client,
        type=name_of(row.type),
        entry=name_of(row.entry) if row.type in _IN_THE_MARKET else None,
        symbol=row.symbol or None,
        ticket=row.ticket or None,
        position=row.position or None,
        signal=row.signal or None,
        command=row.command or None,
        stop_out=row.stop_out or None,
        request=row.request or None,
        fill=row.fill or None,
        stream=row.stream or None,
        price=show_price_or_none(row.price, prices),
        volume=show_volume(row.volume),
        a_volume=show_volume(row.a_volume),
        held=show_volume(row.held),
        open_price=show_price_or_none(row.open_price, prices),
        balance=None if row.balance is None else format_decimal(row.balance, money),
        currency=row.currency,
        **{name: format_decimal(getattr(row, name), money) for name in _DEAL_MONEY},
    )
