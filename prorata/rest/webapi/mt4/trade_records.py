"""From orders, positions, closings and balance operations of the engine to the one record that MetaTrader 4 has for all.

Numbers: a position or pending order has its ticket, and a position that is closed whole keeps it. What has no ticket of its own
- a part that was closed, a balance operation, a negative balance made good - is numbered from `EVENT_NUMBERS` on, by its
event. Both fit the published 32 bits up to a thousand million tickets and events.

Money that is shown: `commission` of an open position is what opening it has cost, which is in the balance already.
`volume` is rounded down to hundredths of a lot; `volumeLots` is exact.
"""

from prorata.messages.commands import BalanceKind, OrderType, Side
from prorata.messages.events import Reason
from prorata.projections.rows import BalanceOperationRow, MarginEventRow, OrderOutcome, OrderRow
from prorata.projections.trade_corrections import Correction, event_number
from prorata.projections.trade_history import Closing
from prorata.rest.webapi.schemas.kinds import NO_TIME, ZERO
from prorata.rest.webapi.schemas.mt4_names import ActivationType, TradeCommand, TradeRecordReason, TradeRecordState
from prorata.rest.webapi.schemas.mt4_trades import MT4Trade
from prorata.rest.webapi.values import decimal_of, hundredths_of, lots_of, second_of
from prorata.trading.desk import Desk
from prorata.trading.equity import profit_now
from prorata.trading.state import Account, Order, Position
from prorata.trading.terms import Terms
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import Login, Minor, Moment, Ticket
from prorata.units.rounding import div_half_even

RATE_DIGITS = 8
COMMENT_COVERED = "negative balance covered"

BUY, SELL = TradeCommand.Buy, TradeCommand.Sell
_PENDING: dict[tuple[OrderType, Side], TradeCommand] = {
    (OrderType.LIMIT, Side.BUY): TradeCommand.BuyLimit,
    (OrderType.LIMIT, Side.SELL): TradeCommand.SellLimit,
    (OrderType.STOP, Side.BUY): TradeCommand.BuyStop,
    (OrderType.STOP, Side.SELL): TradeCommand.SellStop,
    (OrderType.STOP_LIMIT, Side.BUY): TradeCommand.BuyStop,
    (OrderType.STOP_LIMIT, Side.SELL): TradeCommand.SellStop,
}
_CREDIT = (BalanceKind.CREDIT_IN, BalanceKind.CREDIT_OUT)
_ACTIVATED = {
    Reason.STOP_LOSS: ActivationType.SL,
    Reason.TAKE_PROFIT: ActivationType.TP,
    Reason.STOP_OUT: ActivationType.Stopout,
    Reason.GUARD: ActivationType.Stopout,
}
_AS_IT_WAS = Correction()
_ENDED = {
    OrderOutcome.CANCELLED: "cancelled",
    OrderOutcome.EXPIRED: "expired",
    OrderOutcome.REFUSED: "refused",
    OrderOutcome.VENUE: "rejected",
}


def number_of(closing: Closing) -> int:
    """Return the order number of a closed position, or of a closed part of one."""
    return event_number(closing.sequence) if closing.left else closing.position


def command_of(side: Side) -> TradeCommand:
    return BUY if side == Side.BUY else SELL


# What is open.


def open_trade(desk: Desk, account: Account, ticket: Ticket) -> MT4Trade | None:
    """Return an account's position or pending order; None if it has neither of this ticket."""
    position = account.positions.get(ticket)
    if position is not None:
        return position_trade(desk, account, position)
    order = account.orders.get(ticket)
    return None if order is None or order.type == OrderType.MARKET else order_trade(desk, account, order)


def position_trade(desk: Desk, account: Account, position: Position) -> MT4Trade:
    """Return a position as it is now: `closePrice` and `profit` are what closing it would give."""
    group = desk.groups[account.group]
    terms = group.terms[position.symbol]
    digits, money, reason = terms.spec.digits, group.currency_digits, position.reason
    bought, opened = position.side is Side.BUY, second_of(position.opened_at)
    return MT4Trade(
        position.ticket, account.login, position.symbol, digits, BUY if bought else SELL, hundredths_of(position.volume),
        lots_of(position.volume), TradeRecordState.OpenNormal, decimal_of(position.open_price, digits),
        decimal_of(position.stop_loss, digits), decimal_of(position.take_profit, digits), opened, NO_TIME,
        decimal_of(terms.bid if bought else terms.ask, digits), decimal_of(position.commission, money), ZERO,
        decimal_of(position.swap, money), decimal_of(profit_now(terms, position), money), ZERO, 0, position.comment, NO_TIME,
        _reason_of(reason), ActivationType.Pending if reason == Reason.PENDING else ActivationType.NONE, opened,
        decimal_of(_margin_rate(terms, position), RATE_DIGITS),
    )  # fmt: skip


def order_trade(desk: Desk, account: Account, order: Order) -> MT4Trade:
    """Return a pending order. A stop-limit is shown as the stop that it still is."""
    terms = desk.terms_of(account, order.symbol)
    digits, placed = terms.spec.digits, second_of(order.placed_at)
    return MT4Trade(
        order=order.ticket,
        login=account.login,
        symbol=order.symbol,
        digits=digits,
        trade_command=_PENDING[order.type, order.side],
        volume=hundredths_of(order.volume),
        volume_lots=lots_of(order.volume),
        open_price=decimal_of(order.price, digits),
        sl=decimal_of(order.stop_loss, digits),
        tp=decimal_of(order.take_profit, digits),
        open_time=placed,
        close_price=decimal_of(terms.ask if order.side == Side.BUY else terms.bid, digits),
        comment=order.comment,
        expiration=second_of(order.expires_at) if order.expires_at else NO_TIME,
        trade_record_reason=_reason_of(order.reason),
        time_stamp=placed,
    )


def _reason_of(reason: Reason) -> TradeRecordReason:
    return TradeRecordReason.Dealer if reason == Reason.DEALER else TradeRecordReason.Client


def _margin_rate(terms: Terms, position: Position) -> int:
    """Return how many units of the account's currency one of the margin currency was at opening, in 10^-`RATE_DIGITS`.

    It is in the value on which margin is taken, which was fixed then.
    """
    if terms.margin_route is None:
        return int(10**RATE_DIGITS)
    numerator, denominator = terms.margin_numerator, terms.margin_denominator
    value = (position.cost if terms.margin_uses_price else position.volume) * numerator
    if not value:
        return 0
    own, margin = terms.group.currency_digits, CURRENCY_DIGITS[terms.spec.margin_currency]
    return div_half_even(position.notional * denominator * 10 ** (RATE_DIGITS + margin), value * 10**own)


# What is over.


class Past:
    """Shows what is over, of one account. Asks the desk for nothing that moves, so it may do so in a thread."""

    def __init__(self, desk: Desk, login: Login) -> None:
        self._symbols = desk.state.symbols
        self._login = login
        self._money = desk.groups[desk.state.accounts[login].group].currency_digits

    def closed(self, closing: Closing, correction: Correction | None = None) -> MT4Trade:
        """Return a closed position, or a part of one, with what was corrected in it."""
        digits, money = self._symbols[closing.symbol].digits, self._money
        corrected = correction or _AS_IT_WAS
        closed = second_of(closing.closed_at)
        return MT4Trade(
            order=number_of(closing),
            login=closing.login,
            symbol=closing.symbol,
            digits=digits,
            trade_command=command_of(closing.side),
            volume=hundredths_of(closing.volume),
            volume_lots=lots_of(closing.volume),
            trade_record_state=_state_of(closing),
            open_price=decimal_of(closing.open_price, digits),
            sl=decimal_of(closing.stop_loss, digits),
            tp=decimal_of(closing.take_profit, digits),
            open_time=second_of(closing.opened_at),
            close_time=closed,
            close_price=decimal_of(closing.close_price, digits),
            commission=decimal_of(closing.commission + corrected.commission, money),
            storage=decimal_of(closing.swap + corrected.storage, money),
            profit=decimal_of(closing.profit + corrected.profit, money),
            taxes=decimal_of(corrected.taxes, money),
            comment=f"from #{closing.position}" if closing.left and not closing.comment else closing.comment,
            trade_record_reason=_reason_of(closing.open_reason),
            activation_type=_activated_by(closing),
            time_stamp=closed,
        )

    def booked(self, row: BalanceOperationRow) -> MT4Trade:
        """Return a deposit, withdrawal or correction, or a change of credit: its amount is `profit`."""
        command = TradeCommand.Credit if row.kind in _CREDIT else TradeCommand.Balance
        return self._money_moved(command, row.sequence, row.at, row.amount, row.comment)

    def covered(self, row: MarginEventRow) -> MT4Trade:
        """Return a negative balance that the house made good."""
        return self._money_moved(TradeCommand.Balance, row.sequence, row.at, row.amount, COMMENT_COVERED)

    def _money_moved(self, command: TradeCommand, sequence: int, at: Moment, amount: Minor, comment: str) -> MT4Trade:
        moment = second_of(at)
        return MT4Trade(
            order=event_number(sequence),
            login=self._login,
            symbol="",
            trade_command=command,
            trade_record_state=TradeRecordState.ClosedNormal,
            open_time=moment,
            close_time=moment,
            profit=decimal_of(amount, self._money),
            comment=comment,
            trade_record_reason=TradeRecordReason.Dealer,
            time_stamp=moment,
        )

    def ended(self, row: OrderRow) -> MT4Trade:
        """Return a pending order that ended without a deal."""
        digits, ended = self._symbols[row.symbol].digits, second_of(row.changed_at)
        return MT4Trade(
            order=row.ticket,
            login=row.login,
            symbol=row.symbol,
            digits=digits,
            trade_command=_PENDING[row.type, row.side],
            volume=hundredths_of(row.volume),
            volume_lots=lots_of(row.volume),
            trade_record_state=TradeRecordState.Deleted,
            open_price=decimal_of(row.price, digits),
            sl=decimal_of(row.stop_loss, digits),
            tp=decimal_of(row.take_profit, digits),
            open_time=second_of(row.placed_at),
            close_time=ended,
            close_price=ZERO,
            comment=row.comment or _ENDED[row.state],
            expiration=second_of(row.expires_at) if row.expires_at else NO_TIME,
            time_stamp=ended,
        )


def _state_of(closing: Closing) -> TradeRecordState:
    if closing.close_reason == Reason.CLOSE_BY:
        return TradeRecordState.ClosedBy
    return TradeRecordState.ClosedPart if closing.left else TradeRecordState.ClosedNormal


def _activated_by(closing: Closing) -> ActivationType:
    by_close = _ACTIVATED.get(closing.close_reason)
    if by_close is not None:
        return by_close
    return ActivationType.Pending if closing.open_reason == Reason.PENDING else ActivationType.NONE
