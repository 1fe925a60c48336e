"""Version 2: the messages of `proto/broker_v2.proto`, and what its requests ask for. Each message is content or a heartbeat."""

from collections.abc import Sequence
from typing import Any

from prorata.messages.commands import Access, Side
from prorata.messages.groups import FreeMarginMode
from prorata.rest.broker.instruments import hours_of, places_of
from prorata.rest.broker.kinds import money_of
from prorata.rest.broker.market import GroupSymbolView
from prorata.rest.broker.trade_values import OrderSide, lots_of
from prorata.rest.webapi.mt4.symbol_records import SWAP_DIGITS
from prorata.stream.grpc import numbers, v1
from prorata.stream.grpc.forms import (
    Asked,
    Form,
    Method,
    Stream,
    read_logins,
    read_names,
    read_numbers,
    read_throttling,
    wrapped,
)
from prorata.stream.grpc.numbers import text_of
from prorata.stream.grpc.proto import broker_v2_pb2 as pb
from prorata.stream.grpc.told import (
    AccountShown,
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

PACKAGE = "com.matchtrade.mtr.broker_api.grpc"
SIDES = {OrderSide.BUY: 1, OrderSide.SELL: 2}
ACCESS = {Access.FULL: 1, Access.CLOSE_ONLY: 2, Access.TRADING_DISABLED: 3, Access.LOGIN_DISABLED: 4}
_ACCESS_BY_NUMBER = {number: access for access, number in ACCESS.items()}
_FREE_MARGIN = {FreeMarginMode.LOSS_ONLY: 1, FreeMarginMode.PROFIT_AND_LOSS: 2}
DELETED = 1


def _any(number: int) -> Any:
    """Return the number of an enumeration, which has a type of its own in the messages."""
    return int(number)


def _position(told: PositionTold) -> bytes:
    position = told.position
    partials = [
        pb.PBPartialExternal(
            id=part.id, volume=float(part.volume), openTime=part.open_time or "", openPrice=float(part.open_price),
            swap=float(part.swap), profit=float(part.profit), netProfit=float(part.net_profit),
            commission=float(part.commission),
        )
        for part in position.positions
    ]  # fmt: skip
    shown = pb.PBPositionWithGroup(
        login=str(told.login), group=told.group, id=position.id, symbol=position.symbol, volume=float(position.volume),
        side=_any(SIDES[position.side]), openTime=position.open_time or "", openPrice=float(position.open_price),
        stopLoss=float(position.stop_loss), takeProfit=float(position.take_profit), swap=float(position.swap),
        profit=float(position.profit), netProfit=float(position.net_profit), currentPrice=float(position.current_price),
        commission=float(position.commission), partials=partials, alias=position.alias,
        requestUpdateType=_any(told.update + 1),
    )  # fmt: skip
    return pb.PositionsPerClient(positions=[shown]).SerializeToString()


def _order(told: OrderTold) -> bytes:
    order = told.order
    shown = pb.PBOrderExternal(
        orderId=order.id, symbol=order.symbol, alias=order.alias, volume=float(order.volume),
        type=_any(v1.ORDER_TYPES[order.type]), creationTime=order.creation_time or "",
        activationPrice=float(order.activation_price), side=_any(SIDES[order.side]), stopLoss=float(order.stop_loss),
        takeProfit=float(order.take_profit), comment=order.comment, requestUpdateType=_any(told.update + 1),
        groupName=told.group, login=str(told.login),
    )  # fmt: skip
    return pb.PBOrdersUpdateStreamResponseExternal(order=shown).SerializeToString()


def _ledger(told: LedgerTold) -> bytes:
    entry = told.entry
    shown = pb.PBLedger(
        id=entry.id, historyOperationType=_any(v1.LEDGER_TYPES[entry.type] + 1), time=entry.time or "",
        profit=float(entry.profit), comment=entry.comment, group=told.group, login=str(told.login),
        additionalType=_any(told.additional),
    )  # fmt: skip
    return pb.PBLedgers(ledgers=[shown]).SerializeToString()


def _equity(told: EquityTold) -> bytes:
    equity = pb.PBEquityResponseExternal(
        login=str(told.login), equity=told.equity, balance=told.balance, credit=told.credit
    )  # fmt: skip
    return pb.PBEquityStreamResponseExternal(equity=equity).SerializeToString()


def _event(told: EventTold) -> bytes:
    event = pb.PBTradingExternalEvent(login=str(told.login), group=told.group)
    match told:
        case MarginCallTold():
            event.marginCallEvent.CopyFrom(pb.PBMarginCallExternalEvent(marginLevel=told.level))
        case StopOutTold():
            event.stopOutEvent.CopyFrom(
                pb.PBStopOutExternalEvent(orderId=told.order_id, instrument=told.symbol, volume=told.volume)
            )
        case StopTold():
            stop = pb.PBStopLossExternalEvent(
                orderId=told.order_id, instrument=told.symbol, side=_side(told.side), volume=told.volume,
                netProfit=told.net_profit, walletCurrency=told.currency,
            )  # fmt: skip
            if told.takes_profit:
                event.takeProfitEvent.ParseFromString(stop.SerializeToString())
            else:
                event.stopLossEvent.CopyFrom(stop)
        case _:
            event.orderActivationEvent.CopyFrom(
                pb.PBOrderActivationExternalEvent(
                    orderId=told.order_id, instrument=told.symbol, side=_side(told.side), volume=told.volume,
                    activationPrice=told.price,
                )
            )  # fmt: skip
    return pb.PBTradingExternalEvents(tradingEvents=[event]).SerializeToString()


def _side(side: Side) -> Any:
    return 1 if side == Side.BUY else 2


def _quotation(told: QuoteTold) -> bytes:
    quotation = pb.PBQuotation(symbol=told.symbol, bidPrice=told.bid, askPrice=told.ask, timestampInMillis=told.at)
    if told.statistics is not None:
        change, high, low = told.statistics
        quotation.dailyStatistics.CopyFrom(pb.PBDailyStatisticsExternal(change=change, high=high, low=low))
    return pb.PBQuotationSimpleExternal(quotation=quotation).SerializeToString()


def _group(told: GroupTold) -> bytes:
    view, spec = told.view, told.spec
    updated = pb.PBGroupUpdatedExternal(
        group=view.id, currency=view.currency, currencyPrecision=view.currency_precision, groupOwner=view.group_owner,
        symbols={name: _group_symbol(one) for name, one in view.symbols.items()},
        marginCalculationType=_any(_FREE_MARGIN.get(spec.free_margin, 0)),
        marginCall=int(numbers.level_of(spec.margin_call, spec.currency)), swapCalculationTime=told.rollover_ms,
        stopoutAndMarginCallType=_any(numbers.LEVEL_TYPES[spec.stop_out.type]), commissionUpfront=True,
        islamicSwap=spec.swap_free, hedgeMarginCalculationType=_any(numbers.HEDGED[spec.hedged_margin]),
        defaultRetailEnabled=True, coverageMode=spec.a_book_percent > 0, orderProcessingDelay=spec.execution_delay_ms,
        stopoutLevel=float(numbers.level_of(spec.stop_out, spec.currency)), hedgingEnabled=spec.hedging,
        defaultLeverageRatioPercent=spec.leverage, commissionPerMillion=numbers.commission_per_million(spec),
    )  # fmt: skip
    return pb.PBGroupChangeStreamResponseExternal(groupUpdated=updated).SerializeToString()


def _group_symbol(one: GroupSymbolView) -> pb.PBGroupSymbolExternal:
    return pb.PBGroupSymbolExternal(
        symbol=one.symbol, bidMarkup=str(one.bid_markup), askMarkup=str(one.ask_markup), leverage=float(one.leverage),
        swapBuy=text_of(one.swap_buy), swapSell=text_of(one.swap_sell), freezeLevel=str(one.freeze_level),
        stopsLevel=str(one.stops_level), swapType=_any(numbers.SWAP_TYPES[one.swap_type]), volumeMin=text_of(one.volume_min),
        volumeMax=text_of(one.volume_max), minCommission=text_of(one.min_commission), fixedLeverage=one.fixed_leverage,
        rawLeverage=text_of(one.raw_leverage), commissionType=_any(numbers.COMMISSION_TYPES[one.commission_type]),
        commissionPerMillion=text_of(one.commission_per_million),
    )  # fmt: skip


def _symbol(told: SymbolTold) -> bytes:
    change, spec = pb.PBSymbolChangedStreamResponseExternal(), told.spec
    if spec is None:
        change.symbolDeleted.symbol = told.name
        return change.SerializeToString()
    swap_digits = SWAP_DIGITS[spec.swap_type]
    hours = [
        pb.PBTradeHoursExternal(
            dayNumber=one.day_number, openHours=one.open_hours, openMinutes=one.open_minutes, openSeconds=one.open_seconds,
            closeHours=one.close_hours, closeMinutes=one.close_minutes, closeSeconds=one.close_seconds,
        )
        for one in hours_of(spec)
    ]  # fmt: skip
    shown = pb.PBSymbolUpdatedOrCreatedExternal(
        symbol=spec.name, alias=spec.name, baseCurrency=spec.base, quoteCurrency=spec.quote,
        type=_any(numbers.SYMBOL_TYPES[spec.margin_mode]), description=spec.description, pricePrecision=spec.digits,
        volumePrecision=places_of(lots_of(spec.volume_step)), volumeMin=text_of(lots_of(spec.volume_min)),
        volumeMax=text_of(lots_of(spec.volume_max)), volumeStep=text_of(lots_of(spec.volume_step)),
        contractSize=str(spec.contract_size), multiplier="1", divider="1", sizeOfOnePoint=text_of(money_of(1, spec.digits)),
        swapBuy=text_of(money_of(spec.swap_long, swap_digits)), swapSell=text_of(money_of(spec.swap_short, swap_digits)),
        leverage=numbers.leverage_of(spec), tags=[part for part in spec.category.split("/") if part], tradingHours=hours,
    )  # fmt: skip
    (change.symbolCreated if told.is_new else change.symbolUpdated).CopyFrom(shown)
    return change.SerializeToString()


def _account(told: AccountTold) -> bytes:
    login = str(told.login)
    if told.is_deleted:
        deleted = pb.PBTradingAccountDeleted(login=login, group=told.now.group, reason=_any(DELETED))
        return pb.PBTradingAccountInfoChangedStreamResponseExternal(tradingAccountDeleted=deleted).SerializeToString()
    updated = pb.PBTradingAccountUpdated(
        login=login, current=_details(told.now), prev=None if told.before is None else _details(told.before)
    )  # fmt: skip
    return pb.PBTradingAccountInfoChangedStreamResponseExternal(tradingAccountUpdated=updated).SerializeToString()


def _details(shown: AccountShown) -> pb.PBAccountInfoUpdatedDetails:
    details = pb.PBAccountInfoUpdatedDetails(
        group=shown.group, leverageRatioPercent=shown.leverage, isRetail=True, isProView=shown.said.pro_view,
        accountCurrency=shown.currency, accountCurrencyPrecision=shown.currency_digits, registrationDate=shown.opened_at,
        accessRightsType=_any(ACCESS[shown.access]),
    )  # fmt: skip
    card = shown.card
    if card is not None:
        details.country, details.address, details.email = card.country, card.address, card.email
        details.name, details.surname = card.first_name or card.name, card.last_name
        details.phone, details.province, details.zipCode, details.city = card.phone, card.state, card.zip_code, card.city
        details.remarks = shown.said.remarks or card.comment
    return details


# Requests.


def _watched(logins: Sequence[str], groups: Sequence[str], access: Sequence[int], **more: Any) -> Asked:
    """`access`: the rights of the accounts that are wanted; without any, all."""
    wanted = read_numbers(access, pb.PBClientAccessRightsTypeExternal.values(), "accessRightsFilter") - {0}
    left_out = frozenset(right for number, right in _ACCESS_BY_NUMBER.items() if wanted and number not in wanted)
    return Asked(
        logins=read_logins(logins), groups=frozenset(read_names(groups, "groups")), left_out=left_out, **more
    )  # fmt: skip


def _read_filtered(
    request: pb.PBEquityRequestExternal | pb.PBOrdersUpdateStreamRequestExternal | pb.PBTradingEventsStreamRequestExternal,
) -> Asked:
    return _watched(request.logins, request.groups, request.accessRightsFilter)


def _read_positions(request: pb.PBOpenPositionRequestExternal) -> Asked:
    return _watched(request.logins, request.groups, ())


def _read_accounts(request: pb.PBTradingAccountInfoChangedRequestExternal) -> Asked:
    return _watched((), request.groups, request.accessRightsFilter)


def _read_groups(request: pb.PBGroupChangeStreamRequestExternal) -> Asked:
    return _watched((), request.groups, ())


def _read_ledgers(request: pb.PBLedgersRequestExternal) -> Asked:
    known = pb.PBHistoryOperationTypeExternal.values()
    types = read_numbers(request.historyOperationType, known, "historyOperationType") - {0}
    return _watched(
        request.logins, request.groups, (), ledger_types=frozenset(v1.LEDGER_NAMES[number - 1] for number in types),
        additional=read_numbers(request.additionalTypes, pb.PBAdditionalTypeExternal.values(), "additionalTypes"),
    )  # fmt: skip


def _read_quotations(request: pb.PBQuotationsWithMarkupStreamRequestExternal) -> Asked:
    return Asked(
        symbols=read_names(request.symbols, "symbols"), group=request.group,
        throttling_ms=read_throttling(request.throttlingMs), smart=request.smartThrottling,
    )  # fmt: skip


def _read_symbols(_request: pb.PBSymbolChangedRequestExternal) -> Asked:
    return Asked()


_SECOND = b"\x10\x01"
_THIRD = b"\x18\x01"
_FOURTH = b"\x20\x01"

METHODS = (
    Method(
        f"/{PACKAGE}.EquityServiceExternal/getEquityStream", Stream.EQUITY, pb.PBEquityRequestExternal, _read_filtered,
        Form(_equity, _SECOND),
    ),
    Method(
        f"/{PACKAGE}.GroupServiceExternal/getGroupChangesStream", Stream.GROUPS, pb.PBGroupChangeStreamRequestExternal,
        _read_groups, Form(_group, _THIRD),
    ),
    Method(
        f"/{PACKAGE}.LedgerServiceExternal/getLedgersStream", Stream.LEDGERS, pb.PBLedgersRequestExternal, _read_ledgers,
        Form(_ledger, _SECOND, wrapped),
    ),
    Method(
        f"/{PACKAGE}.OrderServiceExternal/getOrdersUpdateStream", Stream.ORDERS, pb.PBOrdersUpdateStreamRequestExternal,
        _read_filtered, Form(_order, _SECOND),
    ),
    Method(
        f"/{PACKAGE}.PositionsServiceExternal/getOpenPositionsStream", Stream.POSITIONS, pb.PBOpenPositionRequestExternal,
        _read_positions, Form(_position, _SECOND, wrapped),
    ),
    Method(
        f"/{PACKAGE}.QuotationsServiceExternal/getQuotationsWithMarkupStream", Stream.QUOTATIONS,
        pb.PBQuotationsWithMarkupStreamRequestExternal, _read_quotations, Form(_quotation, _SECOND),
    ),
    Method(
        f"/{PACKAGE}.SymbolsServiceExternal/getSymbolsChangedStream", Stream.SYMBOLS, pb.PBSymbolChangedRequestExternal,
        _read_symbols, Form(_symbol, _FOURTH),
    ),
    Method(
        f"/{PACKAGE}.AccountInfoServiceExternal/getTradingAccountInfoChangedStream", Stream.ACCOUNTS,
        pb.PBTradingAccountInfoChangedRequestExternal, _read_accounts, Form(_account, _THIRD),
    ),
    Method(
        f"/{PACKAGE}.TradingEventsServiceExternal/getTradingEventsStream", Stream.EVENTS,
        pb.PBTradingEventsStreamRequestExternal, _read_filtered, Form(_event, _SECOND, wrapped),
    ),
)  # fmt: skip
