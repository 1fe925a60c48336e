"""The items of the hubs' streams. Enumerations travel as numbers here, unlike in the REST surface."""

from datetime import datetime

import msgspec

from prorata.control.account_cards.cards import KeptCard
from prorata.messages.commands import BalanceKind, Side
from prorata.messages.events import BalanceBooked, Dealt, NegativeBalanceCovered
from prorata.messages.symbols import SymbolSpec, TradeMode
from prorata.projections.trade_corrections import event_number
from prorata.rest.webapi.answers import encoder
from prorata.rest.webapi.mt4.margins import margin_level
from prorata.rest.webapi.mt4.symbol_records import SymbolLook, config_of
from prorata.rest.webapi.mt4.trade_records import COMMENT_COVERED
from prorata.rest.webapi.mt4.user_records import ENABLED, READ_ONLY, flags_of
from prorata.rest.webapi.schemas.kinds import NO_TIME, ZERO, Double, Names, Record
from prorata.rest.webapi.schemas.mt4_names import MarginControllingType, MarginLevelType, TradeCommand
from prorata.rest.webapi.schemas.mt4_trades import MT4Trade
from prorata.rest.webapi.values import decimal_of, lots_of, second_of, time_of, time_or_none
from prorata.trading.desk import Desk
from prorata.trading.state import Account, LastQuote
from prorata.units.numbers import Minor, Moment, Points

COMMANDS = {command: number for number, command in enumerate(TradeCommand)}
MARGIN_LEVELS = {level: number for number, level in enumerate(MarginLevelType)}
CONTROLLING = {kind: number for number, kind in enumerate(MarginControllingType)}
TRADE_MODES = {TradeMode.DISABLED: 0, TradeMode.CLOSE_ONLY: 1}
"""All others are 2: full."""


class Kind(Names):
    Added = "Added"
    Updated = "Updated"
    Deleted = "Deleted"


class Tick(Record):
    symbol: str
    bid: Double
    ask: Double
    last_time: datetime | None


class TradeUpdate(Record):
    """`cmd`: the number of the trade command. What is open has the close price, profit and swap of the moment."""

    kind: Kind
    order: int
    login: int
    symbol: str
    cmd: int
    volume_lots: Double = ZERO
    open_price: Double = ZERO
    open_time: datetime = NO_TIME
    sl: Double = ZERO
    tp: Double = ZERO
    close_price: Double = ZERO
    close_time: datetime = NO_TIME
    commission: Double = ZERO
    storage: Double = ZERO
    profit: Double = ZERO
    taxes: Double = ZERO
    comment: str = ""


class UserUpdate(Record):
    kind: Kind
    login: int
    group: str
    name: str
    country: str
    leverage: int
    balance: Double
    credit: Double
    enabled: bool
    read_only: bool
    reg_date: datetime
    last_date: datetime
    email: str
    phone: str
    comment: str


class SymbolUpdate(Record):
    kind: Kind
    symbol: str
    description: str
    currency: str
    digits: int
    trade_mode: int
    spread: int
    stops_level: int
    freeze_level: int
    contract_size: Double
    tick_value: Double
    tick_size: Double
    margin_initial: Double
    margin_maintenance: Double


class MarginCallUpdate(Record):
    """An account that came below its margin call or stop-out level, or is above it again."""

    login: int
    group: str
    leverage: int
    updated: int
    balance: Double
    equity: Double
    volume_lots: Double
    margin: Double
    free: Double
    level: Double
    controlling_type: int
    level_type: int


class MarginCall(Record):
    """The same as MetaTrader 5 tells it. `type`: MarginCall, StopOut; `direction`: Enter, Leave."""

    login: int
    type: str
    direction: str


def json_of(update: msgspec.Struct) -> bytes:
    return encoder.encode(update)


def tick_of(spec: SymbolSpec, bid: Points, ask: Points, at: Moment) -> Tick:
    return Tick(
        symbol=spec.name, bid=decimal_of(bid, spec.digits), ask=decimal_of(ask, spec.digits), last_time=time_or_none(at)
    )


# Trades.


def open_update(kind: Kind, trade: MT4Trade) -> TradeUpdate:
    """Return a position or pending order as it is now."""
    return TradeUpdate(
        kind=kind,
        order=trade.order,
        login=trade.login,
        symbol=trade.symbol or "",
        cmd=COMMANDS[trade.trade_command],
        volume_lots=trade.volume_lots,
        open_price=trade.open_price,
        open_time=trade.open_time,
        sl=trade.sl,
        tp=trade.tp,
        close_price=trade.close_price,
        commission=trade.commission,
        storage=trade.storage,
        profit=trade.profit,
        comment=trade.comment or "",
    )


def opened_update(desk: Desk, deal: Dealt, at: Moment) -> TradeUpdate:
    """Return a position that was opened by a deal, and may be gone already."""
    digits, money = desk.state.symbols[deal.symbol].digits, _money_digits(desk, deal.login)
    return TradeUpdate(
        kind=Kind.Added,
        order=deal.position,
        login=deal.login,
        symbol=deal.symbol,
        cmd=COMMANDS[TradeCommand.Buy if deal.side == Side.BUY else TradeCommand.Sell],
        volume_lots=lots_of(deal.position_volume),
        open_price=decimal_of(deal.open_price, digits),
        open_time=second_of(at),
        sl=decimal_of(deal.stop_loss, digits),
        tp=decimal_of(deal.take_profit, digits),
        close_price=decimal_of(deal.price, digits),
        commission=decimal_of(deal.commission, money),
        comment=deal.comment,
    )


def closed_update(desk: Desk, deal: Dealt, at: Moment, opened_at: Moment, commission: Minor) -> TradeUpdate:
    """Return a position that a deal has closed. `commission`: what opening it had cost, as it was shown while it was open."""
    digits, money = desk.state.symbols[deal.symbol].digits, _money_digits(desk, deal.login)
    return TradeUpdate(
        kind=Kind.Deleted,
        order=deal.position,
        login=deal.login,
        symbol=deal.symbol,
        cmd=COMMANDS[TradeCommand.Sell if deal.side == Side.BUY else TradeCommand.Buy],
        volume_lots=lots_of(deal.volume),
        open_price=decimal_of(deal.open_price, digits),
        open_time=second_of(opened_at),
        sl=decimal_of(deal.stop_loss, digits),
        tp=decimal_of(deal.take_profit, digits),
        close_price=decimal_of(deal.price, digits),
        close_time=second_of(at),
        commission=decimal_of(commission + deal.commission, money),
        storage=decimal_of(deal.swap, money),
        profit=decimal_of(deal.profit, money),
        comment=deal.comment,
    )


def money_update(desk: Desk, event: BalanceBooked | NegativeBalanceCovered, sequence: int, at: Moment) -> TradeUpdate:
    """Return a balance operation, which is a trade that was never open."""
    is_credit = isinstance(event, BalanceBooked) and event.kind in (BalanceKind.CREDIT_IN, BalanceKind.CREDIT_OUT)
    return TradeUpdate(
        kind=Kind.Added,
        order=event_number(sequence),
        login=event.login,
        symbol="",
        cmd=COMMANDS[TradeCommand.Credit if is_credit else TradeCommand.Balance],
        open_time=second_of(at),
        close_time=second_of(at),
        profit=decimal_of(event.amount, _money_digits(desk, event.login)),
        comment=event.comment if isinstance(event, BalanceBooked) else COMMENT_COVERED,
    )


# Accounts and symbols.


def user_update(desk: Desk, kind: Kind, account: Account, kept: KeptCard) -> UserUpdate:
    card, digits, flags = kept.card, _money_digits(desk, account.login), flags_of(account.access, kept.card.rights)
    return UserUpdate(
        kind=kind,
        login=account.login,
        group=account.group,
        name=card.name,
        country=card.country,
        leverage=account.leverage,
        balance=decimal_of(account.balance, digits),
        credit=decimal_of(account.credit, digits),
        enabled=bool(flags & ENABLED),
        read_only=bool(flags & READ_ONLY),
        reg_date=time_of(account.opened_at),
        last_date=NO_TIME,
        email=card.email,
        phone=card.phone,
        comment=card.comment,
    )


def symbol_update(kind: Kind, spec: SymbolSpec, quote: LastQuote) -> SymbolUpdate:
    shown = config_of(spec, SymbolLook(symbol=spec.name), 0)
    return SymbolUpdate(
        kind=kind,
        symbol=spec.name,
        description=spec.description,
        currency=spec.profit_currency,
        digits=spec.digits,
        trade_mode=TRADE_MODES.get(spec.trade_mode, 2),
        spread=quote.ask - quote.bid,
        stops_level=shown.stops_level,
        freeze_level=shown.freeze_level,
        contract_size=shown.contract_size,
        tick_value=shown.tick_value,
        tick_size=shown.tick_size,
        margin_initial=shown.margin_initial,
        margin_maintenance=shown.margin_maintenance,
    )


def margin_update(desk: Desk, account: Account, now: Moment, level: MarginLevelType) -> MarginCallUpdate:
    """Return an account's margin level. `level`: what has just been reached, though what followed may have changed it again."""
    shown = margin_level(desk, account, now)
    return MarginCallUpdate(
        login=account.login,
        group=account.group,
        leverage=account.leverage,
        updated=shown.updated,
        balance=shown.balance,
        equity=shown.equity,
        volume_lots=lots_of(sum(position.volume for position in account.positions.values())),
        margin=shown.margin,
        free=shown.free,
        level=shown.level,
        controlling_type=CONTROLLING[shown.controlling_type],
        level_type=MARGIN_LEVELS[level],
    )


def _money_digits(desk: Desk, login: int) -> int:
    return desk.groups[desk.state.accounts[login].group].currency_digits
