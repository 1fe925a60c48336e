"""Version 1: the messages of `proto/broker_v1.proto`, and what its requests ask for."""

from collections.abc import Sequence
from typing import Any

from prorata.messages.commands import Access, Side
from prorata.messages.groups import FreeMarginMode
from prorata.rest.broker.instruments import hours_of, places_of
from prorata.rest.broker.kinds import money_of
from prorata.rest.broker.market import GroupSymbolView
from prorata.rest.broker.trade_shapes import LedgerType, OpenPosition, OrderTypeName
from prorata.rest.broker.trade_values import OrderSide, lots_of
from prorata.rest.broker.trading_data import left_out_by
from prorata.rest.webapi.mt4.symbol_records import SWAP_DIGITS
from prorata.stream.grpc import numbers
from prorata.stream.grpc.forms import (
    Asked,
    Form,
    Method,
    Stream,
    joined,
    read_login,
    read_logins,
    read_names,
    read_numbers,
    read_system,
    read_throttling,
)
from prorata.stream.grpc.numbers import text_of
from prorata.stream.grpc.proto import broker_v1_pb2 as pb
from prorata.stream.grpc.told import (
    AccountTold,
    EquityTold,
    EventTold,
    GroupTold,
    LedgerTold,
    MarginCallTold,
    OrderTold,
    PositionTold,
    QuoteTold,
    StopOutTold,
    StopTold,
    SymbolTold,
)

PACKAGE = "com.matchtrade.broker_api.grpc"
LEDGER_TYPES = {
    LedgerType.DEPOSIT: 0, LedgerType.WITHDRAWAL: 1, LedgerType.CREDIT_IN: 2, LedgerType.CREDIT_OUT: 3,
    LedgerType.AGENT_COMMISSION: 4, LedgerType.COMMISSIONS: 5, LedgerType.SWAPS: 6, LedgerType.OTHER: 7,
    LedgerType.CLOSED_POSITION: 8,
}  # fmt: skip
LEDGER_NAMES = {number: name for name, number in LEDGER_TYPES.items()}
ORDER_TYPES = {OrderTypeName.UNTYPE: 0, OrderTypeName.LIMIT: 1, OrderTypeName.STOP: 2}
SIDES = {OrderSide.BUY: 0, OrderSide.SELL: 1}
DELETED = 1
"""reason of an account's deletion: it was deleted"""


# Positions.


def position_fields(position: OpenPosition) -> dict[str, Any]:
    """Return the fields that all messages of a position have in this version, without the parts."""
    return {
        "id": position.id, "symbol": position.symbol, "volume": float(position.volume), "side": SIDES[position.side],
        "open_time": position.open_time or "", "open_price": float(position.open_price),
        "stop_loss": float(position.stop_loss), "take_profit": float(position.take_profit), "swap": float(position.swap),
        "profit": float(position.profit), "net_profit": float(position.net_profit),
        "current_price": float(position.current_price), "commission": float(position.commission), "alias": position.alias,
    }  # fmt: skip


def partials(told: PositionTold) -> list[pb.PBPartialExternal]:
    return [
        pb.PBPartialExternal(
            id=part.id, volume=float(part.volume), old_partial_volume=told.volume_before, open_time=part.open_time or "",
            open_price=float(part.open_price), swap=float(part.swap), profit=float(part.profit),
            net_profit=float(part.net_profit), commission=float(part.commission),
        )
        for part in told.position.positions
    ]  # fmt: skip


def _position_state(told: PositionTold) -> bytes:
    position = pb.PBPositionExternal(**position_fields(told.position), partials=partials(told))
    state = pb.PBPositionStateExternal(request_update_type=_update(told), position=position)
    return pb.PBPositionStreamResponseExternal(positions=[state]).SerializeToString()


def _update(told: PositionTold | OrderTold) -> Any:
    return int(told.update)


def _position_of_many(told: PositionTold) -> bytes:
    position = pb.PBPositionWithGroup(
        **position_fields(told.position), partials=partials(told), request_update_type=_update(told), group=told.group
    )
    per_client = pb.PositionsPerClient(positionsByLogin={str(told.login): position})
    return pb.PBOpenPositionsStreamResponseExternal(positionsByLogin=per_client).SerializeToString()


# Ledgers.


def ledger_record(told: LedgerTold) -> pb.PBLedgerStreamResponseExternal:
    entry = told.entry
    return pb.PBLedgerStreamResponseExternal(
        id=entry.id, historyOperationType=_ledger_type(entry.type), time=entry.time or "", profit=float(entry.profit),
        comment=entry.comment, group=told.group, login=told.login, additionalType=_any(told.additional),
    )  # fmt: skip


def _ledger_type(kind: LedgerType) -> Any:
    return LEDGER_TYPES[kind]


def _any(number: int) -> Any:
    """Return the number of an enumeration, which has a type of its own in the messages."""
    return int(number)


def _ledger(told: LedgerTold) -> bytes:
    return ledger_record(told).SerializeToString()


def _ledger_of_many(told: LedgerTold) -> bytes:
    return pb.PBLedgersStreamResponseExternal(financeRecordDto=[ledger_record(told)]).SerializeToString()


# Orders.


def order_record(told: OrderTold) -> pb.PBOrdersUpdateStreamResponseExternal:
    order = told.order
    return pb.PBOrdersUpdateStreamResponseExternal(
        orderId=order.id, symbol=order.symbol, alias=order.alias, volume=text_of(order.volume),
        type=_any(ORDER_TYPES[order.type]), creationTime=order.creation_time or "",
        activationPrice=text_of(order.activation_price), side=_any(SIDES[order.side]), stopLoss=text_of(order.stop_loss),
        takeProfit=text_of(order.take_profit), comment=order.comment, requestUpdateType=_update(told),
        groupName=told.group, login=told.login,
    )  # fmt: skip


def _order(told: OrderTold) -> bytes:
    return order_record(told).SerializeToString()


# Trading events.


def event_record(told: EventTold) -> pb.PBTradingEvent:
    event = pb.PBTradingEvent(login=told.login, group=told.group)
    match told:
        case MarginCallTold():
            event.marginCallEvent.CopyFrom(pb.PBMarginCallEvent(login=told.login, marginLevel=told.level))
        case StopOutTold():
            event.stopOutEvent.CopyFrom(
                pb.PBStopOutEvent(login=told.login, orderId=told.order_id, instrument=told.symbol, volume=told.volume)
            )
        case StopTold():
            stop = pb.PBStopLossEvent(
                login=told.login, orderId=told.order_id, instrument=told.symbol, side=_side(told.side), volume=told.volume,
                netProfit=told.net_profit, walletCurrency=told.currency,
            )  # fmt: skip
            if told.takes_profit:
                event.takeProfitEvent.ParseFromString(stop.SerializeToString())
            else:
                event.stopLossEvent.CopyFrom(stop)
        case _:
            event.orderActivationEvent.CopyFrom(
                pb.PBOrderActivationEvent(
                    login=told.login, orderId=told.order_id, instrument=told.symbol, side=_side(told.side),
                    volume=told.volume, activationPrice=told.price,
                )
            )  # fmt: skip
    return event


def _side(side: Side) -> Any:
    return 0 if side == Side.BUY else 1


def _event(told: EventTold) -> bytes:
    return pb.TradingEventsStreamResponseExternal(tradingEvents=[event_record(told)]).SerializeToString()


# Equity, quotations.


def _equity(told: EquityTold) -> bytes:
    equity = pb.PBEquityResponseExternal(
        login=told.login, equity=told.equity, balance=told.balance, credit=told.credit
    )  # fmt: skip
    return pb.PBEquityStreamResponseExternal(equity=equity).SerializeToString()


def _quotation(told: QuoteTold) -> bytes:
    quotation = pb.PBQuotationSimpleExternal(
        symbol=told.symbol, bidPrice=told.bid, askPrice=told.ask, timestampInMillis=told.at
    )  # fmt: skip
    if told.statistics is not None:
        change, high, low = told.statistics
        quotation.dailyStatistics.CopyFrom(pb.PBDailyStatisticsExternal(change=change, high=high, low=low))
    return pb.PBQuotationsWithMarkupStreamResponseExternal(quotations=[quotation]).SerializeToString()


# Groups, symbols.

_FREE_MARGIN = {FreeMarginMode.LOSS_ONLY: 1, FreeMarginMode.PROFIT_AND_LOSS: 2}


def _group(told: GroupTold) -> bytes:
    view, spec = told.view, told.spec
    updated = pb.PBGroupUpdated(
        group=view.id, currency=view.currency, currencyPrecision=view.currency_precision, groupOwner=view.group_owner,
        symbols={name: _group_symbol(one) for name, one in view.symbols.items()},
        marginCalculationType=_any(_FREE_MARGIN.get(spec.free_margin, 0)),
        marginCall=int(numbers.level_of(spec.margin_call, spec.currency)), depositCurrencyPrecision=view.currency_precision,
        swapCalculationTime=told.rollover_ms, stopoutAndMarginCallType=_any(numbers.LEVEL_TYPES[spec.stop_out.type]),
        commissionUpfront=True, islamicSwap=spec.swap_free,
        hedgeMarginCalculationType=_any(numbers.HEDGED[spec.hedged_margin]), defaultRetailEnabled=True,
        coverageMode=spec.a_book_percent > 0, orderProcessingDelay=spec.execution_delay_ms,
        stopoutLevel=float(numbers.level_of(spec.stop_out, spec.currency)), hedgingEnabled=spec.hedging,
        defaultLeverageRatioPercent=spec.leverage, commissionPerMillion=numbers.commission_per_million(spec),
    )  # fmt: skip
    return pb.GroupChangeStreamResponseExternal(groupUpdated=updated).SerializeToString()


def _group_symbol(one: GroupSymbolView) -> pb.PBGroupSymbol:
    return pb.PBGroupSymbol(
        symbol=one.symbol, bidMarkup=str(one.bid_markup), askMarkup=str(one.ask_markup), leverage=float(one.leverage),
        swapBuy=text_of(one.swap_buy), swapSell=text_of(one.swap_sell), freezeLevel=one.freeze_level,
        stopsLevel=one.stops_level, swapType=_any(numbers.SWAP_TYPES[one.swap_type]), volumeMin=text_of(one.volume_min),
        volumeMax=text_of(one.volume_max), minCommission=text_of(one.min_commission), fixedLeverage=one.fixed_leverage,
        rawLeverage=int(one.raw_leverage), commissionType=_any(numbers.COMMISSION_TYPES[one.commission_type]),
        commissionPerMillion=int(one.commission_per_million),
    )  # fmt: skip


def symbol_change(told: SymbolTold) -> pb.PBSymbolChangedStreamResponseExternal:
    change = pb.PBSymbolChangedStreamResponseExternal()
    spec = told.spec
    if spec is None:
        change.instrumentDeleted.symbol = told.name
        return change
    swap_digits = SWAP_DIGITS[spec.swap_type]
    hours = [
        pb.TradeHoursDto(
            dayNumber=one.day_number, openHours=one.open_hours, openMinutes=one.open_minutes, openSeconds=one.open_seconds,
            closeHours=one.close_hours, closeMinutes=one.close_minutes, closeSeconds=one.close_seconds,
        )
        for one in hours_of(spec)
    ]  # fmt: skip
    change.instrumentUpdated.CopyFrom(
        pb.PBSymbolUpdated(
            tradingHours=hours, volumePrecision=places_of(lots_of(spec.volume_step)),
            volumeMin=text_of(lots_of(spec.volume_min)), volumeStep=text_of(lots_of(spec.volume_step)),
            sizeOfOnePoint=text_of(money_of(1, spec.digits)), symbol=spec.name,
            alias=spec.name, baseCurrency=spec.base, quoteCurrency=spec.quote, pricePrecision=spec.digits,
            type=_any(numbers.SYMBOL_TYPES[spec.margin_mode]), swapBuy=text_of(money_of(spec.swap_long, swap_digits)),
            swapSell=text_of(money_of(spec.swap_short, swap_digits)), volumeMax=text_of(lots_of(spec.volume_max)),
            contractSize=str(spec.contract_size), multiplier=1, divider=1, leverage=numbers.leverage_of(spec),
            description=spec.description, tags=[part for part in spec.category.split("/") if part],
        )
    )  # fmt: skip
    return change


def _symbol(told: SymbolTold) -> bytes:
    return symbol_change(told).SerializeToString()


# Accounts.


def account_deleted(told: AccountTold) -> pb.PBAccountInfoDeleted:
    return pb.PBAccountInfoDeleted(login=told.login, group=told.now.group, reason=_any(DELETED))


def _account(told: AccountTold) -> bytes:
    if told.is_deleted:
        return pb.PBAccountInfoChangedStreamResponseExternal(userDeleted=account_deleted(told)).SerializeToString()
    now, card = told.now, told.now.card
    assert card is not None, "an account is told with its card"
    updated = pb.PBAccountInfoUpdated(
        login=told.login, uuid=now.uuid, group=now.group, leverage=now.leverage, isRetail=True,
        isBlocked=now.access == Access.LOGIN_DISABLED, isLocked=now.access == Access.TRADING_DISABLED, country=card.country,
        name=card.name, address=card.address, email=card.email, phone=card.phone, province=card.state,
        zipCode=card.zip_code, city=card.city, remarks=card.comment, accountCurrency=now.currency,
        accountCurrencyPrecision=now.currency_digits, registrationDate=now.opened_at,
    )  # fmt: skip
    return pb.PBAccountInfoChangedStreamResponseExternal(userUpdated=updated).SerializeToString()


# Requests.


def _read_one(request: pb.PBClientPositionRequestExternal) -> Asked:
    return Asked(system=read_system(request.systemUuid), logins=frozenset({read_login(request.login)}), one=True)


def _read_positions(request: pb.PBOpenPositionRequestExternal) -> Asked:
    return _watched(request.systemUuid, request.logins, request.groups)


def _watched(system: str, logins: Sequence[str | int], groups: Sequence[str], **more: Any) -> Asked:
    return Asked(
        system=read_system(system), logins=read_logins(logins), groups=frozenset(read_names(groups, "groups")), **more
    )  # fmt: skip


def _read_included(
    request: pb.PBOrdersUpdateStreamRequestExternal | pb.PBTradingEventsStreamRequestExternal | pb.PBEquityRequestExternal,
) -> Asked:
    left_out = left_out_by(include_locked=request.includeLocked, include_blocked=request.includeBlocked)
    return _watched(request.systemUuid, request.logins, request.groups, left_out=left_out)


def _read_accounts(request: pb.PBAccountInfoChangedRequestExternal) -> Asked:
    left_out = left_out_by(include_locked=request.includeLocked, include_blocked=request.includeBlocked)
    return _watched(request.systemUuid, (), request.groups, left_out=left_out)


def _read_ledgers(request: pb.PBLedgersRequestByGroupsOrLoginsExternal) -> Asked:
    return _watched(request.systemUuid, request.logins, request.groups, **_ledger_filter(request))


def _read_ledger_of_one(request: pb.PBLedgerRequestByLoginExternal) -> Asked:
    return Asked(
        system=read_system(request.systemUuid), logins=frozenset({read_login(request.login)}), one=True,
        **_ledger_filter(request),
    )  # fmt: skip


def _ledger_filter(
    request: pb.PBLedgersRequestByGroupsOrLoginsExternal | pb.PBLedgerRequestByLoginExternal,
) -> dict[str, Any]:
    types = read_numbers(request.historyOperationType, tuple(LEDGER_NAMES), "historyOperationType")
    return {
        "ledger_types": frozenset(LEDGER_NAMES[number] for number in types),
        "additional": read_numbers(request.additionalTypes, pb.AdditionalType.values(), "additionalTypes"),
    }


def _read_quotations(request: pb.PBQuotationsWithMarkupStreamRequestExternal) -> Asked:
    # The number of the field has two published names. Whoever asks for statistics is not harmed by smart throttling.
    return Asked(
        system=read_system(request.systemUuid), symbols=read_names(request.instruments, "instruments"), group=request.group,
        throttling_ms=read_throttling(request.throttlingMs), smart=request.includeDailyStatistics,
        statistics=request.includeDailyStatistics,
    )  # fmt: skip


def _read_groups(request: pb.GroupChangeStreamRequestExternal) -> Asked:
    return _watched(request.systemUuid, (), request.groups)


def _read_symbols(request: pb.PBSymbolChangedRequestExternal) -> Asked:
    return Asked(system=read_system(request.systemUuid))


_SECOND = b"\x10\x01"
"""a heartbeat in field 2"""
_THIRD = b"\x18\x01"
_FOURTH = b"\x20\x01"

METHODS = (
    Method(
        f"/{PACKAGE}.PositionsServiceExternal/getClientPositionsStream", Stream.POSITIONS,
        pb.PBClientPositionRequestExternal, _read_one, Form(_position_state, _SECOND, joined),
    ),
    Method(
        f"/{PACKAGE}.PositionsServiceExternal/getOpenPositionsStreamByGroupsOrLogins", Stream.POSITIONS,
        pb.PBOpenPositionRequestExternal, _read_positions, Form(_position_of_many, _SECOND),
    ),
    Method(
        f"/{PACKAGE}.LedgerServiceExternal/getLedgersStreamByLogin", Stream.LEDGERS, pb.PBLedgerRequestByLoginExternal,
        _read_ledger_of_one, Form(_ledger, None),
    ),
    Method(
        f"/{PACKAGE}.LedgerServiceExternal/getLedgersStreamByGroupsOrLogins", Stream.LEDGERS,
        pb.PBLedgersRequestByGroupsOrLoginsExternal, _read_ledgers, Form(_ledger_of_many, _SECOND, joined),
    ),
    Method(
        f"/{PACKAGE}.OrderServiceExternal/getOrdersUpdateStreamByGroupsOrLogins", Stream.ORDERS,
        pb.PBOrdersUpdateStreamRequestExternal, _read_included, Form(_order, None),
    ),
    Method(
        f"/{PACKAGE}.QuotationsServiceExternal/getQuotationsWithMarkupStream", Stream.QUOTATIONS,
        pb.PBQuotationsWithMarkupStreamRequestExternal, _read_quotations, Form(_quotation, _SECOND),
    ),
    Method(
        f"/{PACKAGE}.GroupServiceExternal/getGroupChangesStream", Stream.GROUPS, pb.GroupChangeStreamRequestExternal,
        _read_groups, Form(_group, _THIRD),
    ),
    Method(
        f"/{PACKAGE}.TradingEventsServiceExternal/getTradingEventsStream", Stream.EVENTS,
        pb.PBTradingEventsStreamRequestExternal, _read_included, Form(_event, _SECOND, joined),
    ),
    Method(
        f"/{PACKAGE}.AccountInfoServiceExternal/getAccountInfoChangedStream", Stream.ACCOUNTS,
        pb.PBAccountInfoChangedRequestExternal, _read_accounts, Form(_account, _THIRD),
    ),
    Method(
        f"/{PACKAGE}.SymbolsServiceExternal/getSymbolsChangedStream", Stream.SYMBOLS, pb.PBSymbolChangedRequestExternal,
        _read_symbols, Form(_symbol, _FOURTH),
    ),
    Method(
        f"/{PACKAGE}.EquityServiceExternal/getClientEquityStream", Stream.EQUITY, pb.PBEquityRequestExternal,
        _read_included, Form(_equity, _SECOND),
    ),
)  # fmt: skip
