"""Between the engine's positions, orders and deals and the published records of MetaTrader 5. Pure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from prorata.messages.commands import BUY, BalanceKind, OrderType, Side
from prorata.messages.events import Entry, Reason
from prorata.projections.rows import BalanceOperationRow, DealRow
from prorata.rest.webapi.mt5.symbol_records import VOLUME_STEP
from prorata.rest.webapi.schemas import mt5_names as names
from prorata.rest.webapi.schemas.flags import TradeActivationFlags, TradeModifyFlags
from prorata.rest.webapi.schemas.kinds import ZERO
from prorata.rest.webapi.schemas.mt5_trades import MT5Deal, MT5Order, MT5Position
from prorata.rest.webapi.values import decimal_of, time_of, time_or_none
from prorata.trading.desk import Desk
from prorata.trading.equity import profit_now
from prorata.trading.rates import Route
from prorata.trading.state import Account, Order, OrderState, Position
from prorata.trading.terms import Terms
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import Moment, Points
from prorata.units.rounding import div_half_even

_RATE_DIGITS = 8
_SECOND_MS = 1_000

ORDER_TYPES: Mapping[tuple[OrderType, Side], names.OrderType] = {
    (OrderType.MARKET, Side.BUY): names.OrderType.Buy,
    (OrderType.MARKET, Side.SELL): names.OrderType.Sell,
    (OrderType.LIMIT, Side.BUY): names.OrderType.BuyLimit,
    (OrderType.LIMIT, Side.SELL): names.OrderType.SellLimit,
    (OrderType.STOP, Side.BUY): names.OrderType.BuyStop,
    (OrderType.STOP, Side.SELL): names.OrderType.SellStop,
    (OrderType.STOP_LIMIT, Side.BUY): names.OrderType.BuyStopLimit,
    (OrderType.STOP_LIMIT, Side.SELL): names.OrderType.SellStopLimit,
}
DEAL_REASONS: Mapping[Reason, names.DealReason] = {
    Reason.CLIENT: names.DealReason.Client,
    Reason.STOP_LOSS: names.DealReason.Sl,
    Reason.TAKE_PROFIT: names.DealReason.Tp,
    Reason.STOP_OUT: names.DealReason.So,
    Reason.PENDING: names.DealReason.Client,
    Reason.CLOSE_BY: names.DealReason.Client,
    Reason.DEALER: names.DealReason.Dealer,
    Reason.GUARD: names.DealReason.So,
}
ORDER_REASONS: Mapping[Reason, names.OrderReason] = {
    Reason.CLIENT: names.OrderReason.Client,
    Reason.STOP_LOSS: names.OrderReason.SL,
    Reason.TAKE_PROFIT: names.OrderReason.TP,
    Reason.STOP_OUT: names.OrderReason.SO,
    Reason.PENDING: names.OrderReason.Client,
    Reason.CLOSE_BY: names.OrderReason.Client,
    Reason.DEALER: names.OrderReason.Dealer,
    Reason.GUARD: names.OrderReason.SO,
}
BALANCE_ACTIONS: Mapping[BalanceKind, names.DealAction] = {
    BalanceKind.DEPOSIT: names.DealAction.Balance,
    BalanceKind.WITHDRAWAL: names.DealAction.Balance,
    BalanceKind.CREDIT_IN: names.DealAction.Credit,
    BalanceKind.CREDIT_OUT: names.DealAction.Credit,
    BalanceKind.CORRECTION: names.DealAction.Correction,
    BalanceKind.AGENT_COMMISSION: names.DealAction.Agent,
}


def position_of(desk: Desk, account: Account, position: Position) -> MT5Position:
    """Return a position as published, valued at the newest quote."""
    terms = desk.groups[account.group].terms[position.symbol]
    digits, money = terms.spec.digits, desk.groups[account.group].currency_digits
    has_quote = terms.quote.bid > 0
    opened = _second(position.opened_at)
    return MT5Position(
        login=account.login,
        symbol=position.symbol,
        action=names.PositionActions.Buy if position.side is BUY else names.PositionActions.Sell,
        digits=digits,
        digits_currency=money,
        contract_size=Decimal(terms.spec.contract_size),
        position=position.ticket,
        external_id="",
        time_create=opened,
        time_update=opened,
        time_create_msc=time_of(position.opened_at),
        time_update_msc=time_of(position.opened_at),
        price_open=decimal_of(position.open_price, digits),
        price_current=decimal_of(_closing_price(terms, position.side), digits) if has_quote else ZERO,
        price_sl=decimal_of(position.stop_loss, digits),
        price_tp=decimal_of(position.take_profit, digits),
        volume=position.volume // VOLUME_STEP,
        volume_ext=position.volume,
        profit=decimal_of(profit_now(terms, position), money) if has_quote else ZERO,
        storage=decimal_of(position.swap, money),
        rate_profit=_rate_of(terms.profit_route, terms.spec.profit_currency, desk.groups[account.group].currency),
        rate_margin=_rate_of(terms.margin_route, terms.spec.margin_currency, desk.groups[account.group].currency),
        expert_id=0,
        expert_position_id=0,
        comment=position.comment,
        dealer=0,
        activation_mode=names.ActivationModes.NONE,
        activation_flags=TradeActivationFlags(),
        modification_flags=TradeModifyFlags(),
        reason=names.PositionReasons.Client,
    )


def order_of(desk: Desk, account: Account, order: Order) -> MT5Order:
    """Return an order that is not done yet as published."""
    terms = desk.groups[account.group].terms[order.symbol]
    digits = terms.spec.digits
    is_stop_limit = order.type == OrderType.STOP_LIMIT
    left = order.volume - order.filled
    return MT5Order(
        order=order.ticket,
        external_id="",
        login=account.login,
        dealer=0,
        party_id=0,
        symbol=order.symbol,
        digits=digits,
        digits_currency=desk.groups[account.group].currency_digits,
        contract_size=Decimal(terms.spec.contract_size),
        state=_state_of(order),
        reason=ORDER_REASONS[order.reason],
        time_setup=_second(order.placed_at),
        time_expiration=time_or_none(order.expires_at),
        type=ORDER_TYPES[order.type, order.side],
        type_fill=names.OrderFilling.Return,
        type_time=names.OrderTime.Specified if order.expires_at else names.OrderTime.GtC,
        price_order=decimal_of(order.limit_price if is_stop_limit else order.price, digits),
        price_trigger=decimal_of(order.price, digits) if is_stop_limit else ZERO,
        price_current=decimal_of(_opening_price(terms, order.side), digits) if terms.quote.bid else ZERO,
        price_sl=decimal_of(order.stop_loss, digits),
        price_tp=decimal_of(order.take_profit, digits),
        volume_initial=order.volume // VOLUME_STEP,
        volume_current=left // VOLUME_STEP,
        volume_initial_ext=order.volume,
        volume_current_ext=left,
        expert_id=0,
        position_id=order.position,
        position_by_id=0,
        comment=order.comment,
        activation_mode=0,
        activation_flags=TradeActivationFlags(),
        time_setup_msc=time_of(order.placed_at),
        modification_flags=0,
    )


def deal_of(desk: Desk, row: DealRow | BalanceOperationRow) -> MT5Deal:
    """Return a deal or a balance operation as published: MetaTrader 5 has one record for both."""
    money = desk.groups[desk.state.accounts[row.login].group].currency_digits
    told: dict[str, Any] = {
        "external_id": "",
        "login": row.login,
        "dealer": 0,
        "party_id": 0,
        "digits_currency": money,
        "time": _second(row.at),
        "time_msc": time_of(row.at),
        "comment": row.comment,
        "fee": ZERO,
        "modification_flags": TradeModifyFlags(),
    }
    if isinstance(row, BalanceOperationRow):
        return MT5Deal(
            deal=row.operation,
            order=0,
            action=BALANCE_ACTIONS[row.kind],
            entry=names.EntryFlag.In,
            profit=decimal_of(row.amount, money),
            volume=0,
            volume_ext=0,
            symbol="",
            reason=names.DealReason.Dealer,
            **told,
        )
    return MT5Deal(**told, **_dealt(desk, row, money))


def _dealt(desk: Desk, row: DealRow, money: int) -> dict[str, Any]:
    spec = desk.state.symbols[row.symbol]
    closed = row.volume if row.entry == Entry.OUT else 0
    return {
        "deal": row.deal,
        "order": row.ticket,
        "action": names.DealAction.Buy if row.side is BUY else names.DealAction.Sell,
        "entry": names.EntryFlag.In if row.entry == Entry.IN else _entry_out(row),
        "digits": spec.digits,
        "contract_size": Decimal(spec.contract_size),
        "symbol": row.symbol,
        "price": decimal_of(row.price, spec.digits),
        "price_position": decimal_of(row.open_price, spec.digits) if closed else ZERO,
        "volume": row.volume // VOLUME_STEP,
        "volume_ext": row.volume,
        "volume_closed": closed // VOLUME_STEP,
        "volume_closed_ext": closed,
        "profit": decimal_of(row.profit, money),
        "storage": decimal_of(row.swap, money),
        "commission": decimal_of(row.commission, money),
        "expert_id": 0,
        "position_id": row.position,
        "reason": DEAL_REASONS[row.reason],
    }


def _entry_out(row: DealRow) -> names.EntryFlag:
    return names.EntryFlag.OutBy if row.reason == Reason.CLOSE_BY else names.EntryFlag.Out


def _state_of(order: Order) -> names.OrderState:
    if order.state == OrderState.PENDING:
        return names.OrderState.Placed
    return names.OrderState.Partial if order.filled else names.OrderState.Started


def _closing_price(terms: Terms, side: Side) -> Points:
    return terms.bid if side is BUY else terms.ask


def _opening_price(terms: Terms, side: Side) -> Points:
    return terms.ask if side is BUY else terms.bid


def _second(moment: Moment) -> datetime:
    return time_of(moment - moment % _SECOND_MS)


def _rate_of(route: Route | None, source: str, target: str) -> Decimal | None:
    """Return what one unit of `source` is worth in `target`, to eight places; None without quotes."""
    if source == target:
        return Decimal(1)
    if route is None or not route.has_quotes():
        return None
    dividend, divisor = route.fraction(10 ** CURRENCY_DIGITS[source])
    return decimal_of(div_half_even(dividend * 10**_RATE_DIGITS, divisor * 10 ** CURRENCY_DIGITS[target]), _RATE_DIGITS)
