"""What we answer about investments and their positions as they are at this moment."""

from prorata.messages.copy_terms import InvestmentState, InvestmentType
from prorata.rest.own.copying.views import yield_text
from prorata.rest.own.views import View, digits_of
from prorata.units.decimals import format_decimal
from prorata.views.copying.figures import NO_MARGIN_LEVEL, InvestmentFigures
from prorata.views.copying.positions import LegBook, PositionFigures
from prorata.views.names import InvestmentStateName, InvestmentTypeName, name_of
from prorata.views.numbers import (
    show_factor,
    show_moment,
    show_moment_or_none,
    show_percent,
    show_price,
    show_price_or_none,
    show_volume,
)
from prorata.views.texts import unit_price_text


class InvestmentView(View, frozen=True):
    """`profit_base`: what the current fee period's result is counted from; `drawdown`: a loss to be made up before a fee.

    `available`: what may be withdrawn while nothing is copied. `margin_level`: percent. `commission`: all four, paid so far.
    """

    investment: int
    strategy: int
    offer: int
    client: int
    wallet: int
    company: int
    type: InvestmentTypeName
    test: bool
    state: InvestmentStateName
    currency: str
    opened_at: str
    closed_at: str | None
    factor: str
    protection_percent: str
    protection_equity: str | None
    protection_reached_at: str | None
    target_percent: str
    target_equity: str | None
    target_reached_at: str | None
    stopped_out_at: str | None
    a_book_percent: int
    stream: int
    balance: str
    equity: str
    floating: str
    swap: str
    margin: str
    free_margin: str
    margin_level: str | None
    available: str
    profit_base: str
    interval_profit: str
    interval_profit_net: str
    drawdown: str
    fee_percent: str
    fee_due: str
    fee_paid: str
    commission_per_million: str
    trader_commission: str
    partner_commission: str
    broker_commission: str
    liquidity_commission: str
    commission: str
    realised: str
    deposited: str
    withdrawn: str
    total_profit: str
    total_profit_net: str
    unit_price: str
    yield_percent: str
    positions: int
    command: int | None


class InvestmentPositionView(View, frozen=True):
    """`volume` is signed, `requested` asked for and not filled yet, `rejected` asked for in vain by the last signal.

    `margin`: of the larger of what it is and what it becomes. `profit` floats, at `current_price`, without swap.
    """

    position: int
    investment: int
    strategy: int
    symbol: str
    ticket: str | None
    volume: str
    a_volume: str
    requested: str
    rejected: str
    open_price: str | None
    current_price: str
    profit: str
    swap: str
    margin: str
    currency: str
    opened_at: str | None


_MONEY_FIELDS = (
    "balance", "equity", "floating", "swap", "margin", "free_margin", "available", "profit_base", "drawdown", "fee_due",
    "commission_per_million", "trader_commission", "partner_commission", "broker_commission", "liquidity_commission",
    "realised", "deposited", "withdrawn", "total_profit", "total_profit_net",
)  # fmt: skip


def investment_view(currency: str, found: InvestmentFigures) -> InvestmentView:
    digits = digits_of(currency)
    money = {name: format_decimal(getattr(found, name), digits) for name in _MONEY_FIELDS}
    limited, aimed = found.protection_ppm > 0, found.target_equity > 0
    level = found.margin_level
    return InvestmentView(
        investment=found.number,
        strategy=found.strategy,
        offer=found.offer,
        client=found.client,
        wallet=found.wallet,
        company=found.company,
        type=name_of(InvestmentType(found.type)),
        test=bool(found.test),
        state=name_of(InvestmentState(found.state)),
        currency=currency,
        opened_at=show_moment(found.opened_at),
        closed_at=show_moment_or_none(found.closed_at),
        factor=show_factor(found.factor),
        protection_percent=show_percent(found.protection_ppm),
        protection_equity=format_decimal(found.protection_equity, digits) if limited else None,
        protection_reached_at=show_moment_or_none(found.protected_at),
        target_percent=show_percent(found.target_ppm),
        target_equity=format_decimal(found.target_equity, digits) if aimed else None,
        target_reached_at=show_moment_or_none(found.target_at),
        stopped_out_at=show_moment_or_none(found.called_at),
        a_book_percent=found.a_book_percent,
        stream=found.stream,
        margin_level=None if level == NO_MARGIN_LEVEL else show_percent(level),
        interval_profit=format_decimal(found.interval_gross, digits),
        interval_profit_net=format_decimal(found.interval_net, digits),
        fee_percent=show_percent(found.fee_ppm),
        fee_paid=format_decimal(found.fees, digits),
        commission=format_decimal(found.total_commission, digits),
        unit_price=unit_price_text(found.unit_price),
        yield_percent=yield_text(found.unit_price),
        positions=found.positions,
        command=found.command or None,
        **money,
    )


def position_view(found: PositionFigures, leg: LegBook) -> InvestmentPositionView:
    strategy, head = leg.strategy, leg.head
    row = strategy.row_of(found.investment)
    prices = leg.copy.desk.state.symbols[head.symbol].digits
    money = digits_of(strategy.currency)
    return InvestmentPositionView(
        position=found.number,
        investment=found.investment,
        strategy=found.strategy,
        symbol=head.symbol,
        ticket=head.ticket or None,
        volume=show_volume(found.volume),
        a_volume=show_volume(int(head.rows.a_volume[row])),
        requested=show_volume(found.request_long - found.request_short),
        rejected=show_volume(found.rejected),
        open_price=show_price_or_none(found.price_open, prices),
        current_price=show_price(found.close_price, prices),
        profit=format_decimal(found.profit, money),
        swap=format_decimal(found.swap, money),
        margin=format_decimal(found.total_margin, money),
        currency=strategy.currency,
        opened_at=show_moment_or_none(found.opened_at),
    )
