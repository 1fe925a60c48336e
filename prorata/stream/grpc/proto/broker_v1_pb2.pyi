from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PBOrderSideExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BUY: _ClassVar[PBOrderSideExternal]
    SELL: _ClassVar[PBOrderSideExternal]

class PBRequestUpdateTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NEW: _ClassVar[PBRequestUpdateTypeExternal]
    UPDATE: _ClassVar[PBRequestUpdateTypeExternal]
    CLOSED: _ClassVar[PBRequestUpdateTypeExternal]
    PROFIT_CHANGE: _ClassVar[PBRequestUpdateTypeExternal]
    PARTIALLY_CLOSED: _ClassVar[PBRequestUpdateTypeExternal]

class PBHistoryOperationTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEPOSIT: _ClassVar[PBHistoryOperationTypeExternal]
    WITHDRAWAL: _ClassVar[PBHistoryOperationTypeExternal]
    CREDIT_IN: _ClassVar[PBHistoryOperationTypeExternal]
    CREDIT_OUT: _ClassVar[PBHistoryOperationTypeExternal]
    AGENT_COMMISSION: _ClassVar[PBHistoryOperationTypeExternal]
    COMMISSIONS: _ClassVar[PBHistoryOperationTypeExternal]
    SWAPS: _ClassVar[PBHistoryOperationTypeExternal]
    OTHER: _ClassVar[PBHistoryOperationTypeExternal]
    CLOSED_POSITION: _ClassVar[PBHistoryOperationTypeExternal]

class AdditionalType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NONE: _ClassVar[AdditionalType]
    NEGATIVE_BALANCE_WITHDRAW: _ClassVar[AdditionalType]
    CORRECTION: _ClassVar[AdditionalType]
    REVENUE_SHARE: _ClassVar[AdditionalType]
    INVOICE_PAYMENT: _ClassVar[AdditionalType]
    MINIMUM_MONTHLY: _ClassVar[AdditionalType]
    AGENT_COMMISSION_LEDGER: _ClassVar[AdditionalType]
    NEGATIVE_BALANCE_CORRECTION: _ClassVar[AdditionalType]
    SETTLEMENT: _ClassVar[AdditionalType]
    INACTIVITY_FEE: _ClassVar[AdditionalType]
    BONUS_IN_OUT: _ClassVar[AdditionalType]
    STORAGE_FEE: _ClassVar[AdditionalType]
    M2P: _ClassVar[AdditionalType]
    BANK: _ClassVar[AdditionalType]
    CRYPTO: _ClassVar[AdditionalType]
    DEPOSIT_CORRECTION: _ClassVar[AdditionalType]
    WITHDRAW_CORRECTION: _ClassVar[AdditionalType]
    SWAP_CORRECTION: _ClassVar[AdditionalType]
    COMMISSION_CORRECTION: _ClassVar[AdditionalType]
    AGENT_FEE_CORRECTION: _ClassVar[AdditionalType]
    MINIMUM_MONTHLY_FEE_CORRECTION: _ClassVar[AdditionalType]
    REVENUE_SHARE_CORRECTION: _ClassVar[AdditionalType]
    CPA: _ClassVar[AdditionalType]
    DEPOSIT_BONUS: _ClassVar[AdditionalType]
    CASHBACK: _ClassVar[AdditionalType]
    IB_COMMISSION: _ClassVar[AdditionalType]
    INTERNAL_TRANSFER: _ClassVar[AdditionalType]
    NORIA_PAYMENT: _ClassVar[AdditionalType]
    UNKNOWN_LEDGER: _ClassVar[AdditionalType]
    FUNDING_ALLOCATION: _ClassVar[AdditionalType]
    ACCOUNT_FEE: _ClassVar[AdditionalType]
    PERFORMANCE_FEE: _ClassVar[AdditionalType]
    MONTHLY_FEE: _ClassVar[AdditionalType]
    MARGIN_LIMIT: _ClassVar[AdditionalType]

class PBPendingTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNTYPE: _ClassVar[PBPendingTypeExternal]
    LIMIT: _ClassVar[PBPendingTypeExternal]
    STOP: _ClassVar[PBPendingTypeExternal]

class PBMarginCalculationType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNKNOWN_MARGIN_CALCULATION_TYPE: _ClassVar[PBMarginCalculationType]
    UNREALIZED_LOSS_ONLY: _ClassVar[PBMarginCalculationType]
    UNREALIZED_PROFIT_LOSS: _ClassVar[PBMarginCalculationType]

class PBSwapType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNKNOWN_SWAP_TYPE: _ClassVar[PBSwapType]
    PIPS_SWAP_TYPE: _ClassVar[PBSwapType]
    PERCENTS: _ClassVar[PBSwapType]
    NOT_DEFINED: _ClassVar[PBSwapType]

class PBCommissionType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNDEFINED: _ClassVar[PBCommissionType]
    USD_PER_MILLION: _ClassVar[PBCommissionType]
    USD_PER_CONTRACT: _ClassVar[PBCommissionType]
    USD_PER_LOT: _ClassVar[PBCommissionType]
    PERCENTAGE: _ClassVar[PBCommissionType]
    PIPS_COMMISSION_TYPE: _ClassVar[PBCommissionType]

class PBStopoutAndMarginCallType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STOPOUT_TYPE_UNDEFINED: _ClassVar[PBStopoutAndMarginCallType]
    STOPOUT_TYPE_MARGIN_LEVEL_PERCENTAGE: _ClassVar[PBStopoutAndMarginCallType]
    STOPOUT_TYPE_ABSOLUTE_EQUITY_USD: _ClassVar[PBStopoutAndMarginCallType]
    STOPOUT_TYPE_OFF: _ClassVar[PBStopoutAndMarginCallType]

class PBHedgeMarginCalculationType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HEDGE_MARGIN_CALCULATION_TYPE_UNSPECIFIED: _ClassVar[PBHedgeMarginCalculationType]
    HEDGE_MARGIN_CALCULATION_TYPE_NETTING: _ClassVar[PBHedgeMarginCalculationType]
    HEDGE_MARGIN_CALCULATION_TYPE_LARGER_LEG: _ClassVar[PBHedgeMarginCalculationType]
    HEDGE_MARGIN_CALCULATION_TYPE_BOTH_SIDES: _ClassVar[PBHedgeMarginCalculationType]

class PBSymbolType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNKNOWN_SYMBOL_TYPE: _ClassVar[PBSymbolType]
    FOREX: _ClassVar[PBSymbolType]
    CFD: _ClassVar[PBSymbolType]
    FOREXCFD: _ClassVar[PBSymbolType]

class PBTerminationType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPIRATION: _ClassVar[PBTerminationType]
    ROLLOVER: _ClassVar[PBTerminationType]
BUY: PBOrderSideExternal
SELL: PBOrderSideExternal
NEW: PBRequestUpdateTypeExternal
UPDATE: PBRequestUpdateTypeExternal
CLOSED: PBRequestUpdateTypeExternal
PROFIT_CHANGE: PBRequestUpdateTypeExternal
PARTIALLY_CLOSED: PBRequestUpdateTypeExternal
DEPOSIT: PBHistoryOperationTypeExternal
WITHDRAWAL: PBHistoryOperationTypeExternal
CREDIT_IN: PBHistoryOperationTypeExternal
CREDIT_OUT: PBHistoryOperationTypeExternal
AGENT_COMMISSION: PBHistoryOperationTypeExternal
COMMISSIONS: PBHistoryOperationTypeExternal
SWAPS: PBHistoryOperationTypeExternal
OTHER: PBHistoryOperationTypeExternal
CLOSED_POSITION: PBHistoryOperationTypeExternal
NONE: AdditionalType
NEGATIVE_BALANCE_WITHDRAW: AdditionalType
CORRECTION: AdditionalType
REVENUE_SHARE: AdditionalType
INVOICE_PAYMENT: AdditionalType
MINIMUM_MONTHLY: AdditionalType
AGENT_COMMISSION_LEDGER: AdditionalType
NEGATIVE_BALANCE_CORRECTION: AdditionalType
SETTLEMENT: AdditionalType
INACTIVITY_FEE: AdditionalType
BONUS_IN_OUT: AdditionalType
STORAGE_FEE: AdditionalType
M2P: AdditionalType
BANK: AdditionalType
CRYPTO: AdditionalType
DEPOSIT_CORRECTION: AdditionalType
WITHDRAW_CORRECTION: AdditionalType
SWAP_CORRECTION: AdditionalType
COMMISSION_CORRECTION: AdditionalType
AGENT_FEE_CORRECTION: AdditionalType
MINIMUM_MONTHLY_FEE_CORRECTION: AdditionalType
REVENUE_SHARE_CORRECTION: AdditionalType
CPA: AdditionalType
DEPOSIT_BONUS: AdditionalType
CASHBACK: AdditionalType
IB_COMMISSION: AdditionalType
INTERNAL_TRANSFER: AdditionalType
NORIA_PAYMENT: AdditionalType
UNKNOWN_LEDGER: AdditionalType
FUNDING_ALLOCATION: AdditionalType
ACCOUNT_FEE: AdditionalType
PERFORMANCE_FEE: AdditionalType
MONTHLY_FEE: AdditionalType
MARGIN_LIMIT: AdditionalType
UNTYPE: PBPendingTypeExternal
LIMIT: PBPendingTypeExternal
STOP: PBPendingTypeExternal
UNKNOWN_MARGIN_CALCULATION_TYPE: PBMarginCalculationType
UNREALIZED_LOSS_ONLY: PBMarginCalculationType
UNREALIZED_PROFIT_LOSS: PBMarginCalculationType
UNKNOWN_SWAP_TYPE: PBSwapType
PIPS_SWAP_TYPE: PBSwapType
PERCENTS: PBSwapType
NOT_DEFINED: PBSwapType
UNDEFINED: PBCommissionType
USD_PER_MILLION: PBCommissionType
USD_PER_CONTRACT: PBCommissionType
USD_PER_LOT: PBCommissionType
PERCENTAGE: PBCommissionType
PIPS_COMMISSION_TYPE: PBCommissionType
STOPOUT_TYPE_UNDEFINED: PBStopoutAndMarginCallType
STOPOUT_TYPE_MARGIN_LEVEL_PERCENTAGE: PBStopoutAndMarginCallType
STOPOUT_TYPE_ABSOLUTE_EQUITY_USD: PBStopoutAndMarginCallType
STOPOUT_TYPE_OFF: PBStopoutAndMarginCallType
HEDGE_MARGIN_CALCULATION_TYPE_UNSPECIFIED: PBHedgeMarginCalculationType
HEDGE_MARGIN_CALCULATION_TYPE_NETTING: PBHedgeMarginCalculationType
HEDGE_MARGIN_CALCULATION_TYPE_LARGER_LEG: PBHedgeMarginCalculationType
HEDGE_MARGIN_CALCULATION_TYPE_BOTH_SIDES: PBHedgeMarginCalculationType
UNKNOWN_SYMBOL_TYPE: PBSymbolType
FOREX: PBSymbolType
CFD: PBSymbolType
FOREXCFD: PBSymbolType
EXPIRATION: PBTerminationType
ROLLOVER: PBTerminationType

class PBClientPositionRequestExternal(_message.Message):
    __slots__ = ("systemUuid", "login")
    SYSTEMUUID_FIELD_NUMBER: _ClassVar[int]
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    systemUuid: str
    login: str
    def __init__(self, systemUuid: _Optional[str] = ..., login: _Optional[str] = ...) -> None: ...

class PBPositionStreamResponseExternal(_message.Message):
    __slots__ = ("positions", "heartbeat")
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    positions: _containers.RepeatedCompositeFieldContainer[PBPositionStateExternal]
    heartbeat: bool
    def __init__(self, positions: _Optional[_Iterable[_Union[PBPositionStateExternal, _Mapping]]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBPositionStateExternal(_message.Message):
    __slots__ = ("request_update_type", "position")
    REQUEST_UPDATE_TYPE_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    request_update_type: PBRequestUpdateTypeExternal
    position: PBPositionExternal
    def __init__(self, request_update_type: _Optional[_Union[PBRequestUpdateTypeExternal, str]] = ..., position: _Optional[_Union[PBPositionExternal, _Mapping]] = ...) -> None: ...

class PBPositionExternal(_message.Message):
    __slots__ = ("id", "symbol", "volume", "side", "open_time", "open_price", "stop_loss", "take_profit", "swap", "profit", "net_profit", "current_price", "commission", "partials", "alias")
    ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    OPEN_PRICE_FIELD_NUMBER: _ClassVar[int]
    STOP_LOSS_FIELD_NUMBER: _ClassVar[int]
    TAKE_PROFIT_FIELD_NUMBER: _ClassVar[int]
    SWAP_FIELD_NUMBER: _ClassVar[int]
    PROFIT_FIELD_NUMBER: _ClassVar[int]
    NET_PROFIT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PRICE_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_FIELD_NUMBER: _ClassVar[int]
    PARTIALS_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    id: str
    symbol: str
    volume: float
    side: PBOrderSideExternal
    open_time: str
    open_price: float
    stop_loss: float
    take_profit: float
    swap: float
    profit: float
    net_profit: float
    current_price: float
    commission: float
    partials: _containers.RepeatedCompositeFieldContainer[PBPartialExternal]
    alias: str
    def __init__(self, id: _Optional[str] = ..., symbol: _Optional[str] = ..., volume: _Optional[float] = ..., side: _Optional[_Union[PBOrderSideExternal, str]] = ..., open_time: _Optional[str] = ..., open_price: _Optional[float] = ..., stop_loss: _Optional[float] = ..., take_profit: _Optional[float] = ..., swap: _Optional[float] = ..., profit: _Optional[float] = ..., net_profit: _Optional[float] = ..., current_price: _Optional[float] = ..., commission: _Optional[float] = ..., partials: _Optional[_Iterable[_Union[PBPartialExternal, _Mapping]]] = ..., alias: _Optional[str] = ...) -> None: ...

class PBPartialExternal(_message.Message):
    __slots__ = ("id", "volume", "old_partial_volume", "open_time", "open_price", "swap", "profit", "net_profit", "commission")
    ID_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    OLD_PARTIAL_VOLUME_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    OPEN_PRICE_FIELD_NUMBER: _ClassVar[int]
    SWAP_FIELD_NUMBER: _ClassVar[int]
    PROFIT_FIELD_NUMBER: _ClassVar[int]
    NET_PROFIT_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_FIELD_NUMBER: _ClassVar[int]
    id: str
    volume: float
    old_partial_volume: float
    open_time: str
    open_price: float
    swap: float
    profit: float
    net_profit: float
    commission: float
    def __init__(self, id: _Optional[str] = ..., volume: _Optional[float] = ..., old_partial_volume: _Optional[float] = ..., open_time: _Optional[str] = ..., open_price: _Optional[float] = ..., swap: _Optional[float] = ..., profit: _Optional[float] = ..., net_profit: _Optional[float] = ..., commission: _Optional[float] = ...) -> None: ...

class PBOpenPositionRequestExternal(_message.Message):
    __slots__ = ("systemUuid", "groups", "logins")
    SYSTEMUUID_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    systemUuid: str
    groups: _containers.RepeatedScalarFieldContainer[str]
    logins: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, systemUuid: _Optional[str] = ..., groups: _Optional[_Iterable[str]] = ..., logins: _Optional[_Iterable[str]] = ...) -> None: ...

class PBOpenPositionsStreamResponseExternal(_message.Message):
    __slots__ = ("positionsByLogin", "heartbeat")
    POSITIONSBYLOGIN_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    positionsByLogin: PositionsPerClient
    heartbeat: bool
    def __init__(self, positionsByLogin: _Optional[_Union[PositionsPerClient, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PositionsPerClient(_message.Message):
    __slots__ = ("positionsByLogin",)
    class PositionsByLoginEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: PBPositionWithGroup
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[PBPositionWithGroup, _Mapping]] = ...) -> None: ...
    POSITIONSBYLOGIN_FIELD_NUMBER: _ClassVar[int]
    positionsByLogin: _containers.MessageMap[str, PBPositionWithGroup]
    def __init__(self, positionsByLogin: _Optional[_Mapping[str, PBPositionWithGroup]] = ...) -> None: ...

class PBPositionWithGroup(_message.Message):
    __slots__ = ("id", "symbol", "volume", "side", "open_time", "open_price", "stop_loss", "take_profit", "swap", "profit", "net_profit", "current_price", "commission", "partials", "alias", "request_update_type", "group")
    ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    OPEN_PRICE_FIELD_NUMBER: _ClassVar[int]
    STOP_LOSS_FIELD_NUMBER: _ClassVar[int]
    TAKE_PROFIT_FIELD_NUMBER: _ClassVar[int]
    SWAP_FIELD_NUMBER: _ClassVar[int]
    PROFIT_FIELD_NUMBER: _ClassVar[int]
    NET_PROFIT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_PRICE_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_FIELD_NUMBER: _ClassVar[int]
    PARTIALS_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_UPDATE_TYPE_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    id: str
    symbol: str
    volume: float
    side: PBOrderSideExternal
    open_time: str
    open_price: float
    stop_loss: float
    take_profit: float
    swap: float
    profit: float
    net_profit: float
    current_price: float
    commission: float
    partials: _containers.RepeatedCompositeFieldContainer[PBPartialExternal]
    alias: str
    request_update_type: PBRequestUpdateTypeExternal
    group: str
    def __init__(self, id: _Optional[str] = ..., symbol: _Optional[str] = ..., volume: _Optional[float] = ..., side: _Optional[_Union[PBOrderSideExternal, str]] = ..., open_time: _Optional[str] = ..., open_price: _Optional[float] = ..., stop_loss: _Optional[float] = ..., take_profit: _Optional[float] = ..., swap: _Optional[float] = ..., profit: _Optional[float] = ..., net_profit: _Optional[float] = ..., current_price: _Optional[float] = ..., commission: _Optional[float] = ..., partials: _Optional[_Iterable[_Union[PBPartialExternal, _Mapping]]] = ..., alias: _Optional[str] = ..., request_update_type: _Optional[_Union[PBRequestUpdateTypeExternal, str]] = ..., group: _Optional[str] = ...) -> None: ...

class PBLedgerRequestByLoginExternal(_message.Message):
    __slots__ = ("systemUuid", "login", "historyOperationType", "additionalTypes")
    SYSTEMUUID_FIELD_NUMBER: _ClassVar[int]
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    HISTORYOPERATIONTYPE_FIELD_NUMBER: _ClassVar[int]
    ADDITIONALTYPES_FIELD_NUMBER: _ClassVar[int]
    systemUuid: str
    login: str
    historyOperationType: _containers.RepeatedScalarFieldContainer[PBHistoryOperationTypeExternal]
    additionalTypes: _containers.RepeatedScalarFieldContainer[AdditionalType]
    def __init__(self, systemUuid: _Optional[str] = ..., login: _Optional[str] = ..., historyOperationType: _Optional[_Iterable[_Union[PBHistoryOperationTypeExternal, str]]] = ..., additionalTypes: _Optional[_Iterable[_Union[AdditionalType, str]]] = ...) -> None: ...

class PBLedgersRequestByGroupsOrLoginsExternal(_message.Message):
    __slots__ = ("systemUuid", "logins", "groups", "historyOperationType", "additionalTypes")
    SYSTEMUUID_FIELD_NUMBER: _ClassVar[int]
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    HISTORYOPERATIONTYPE_FIELD_NUMBER: _ClassVar[int]
    ADDITIONALTYPES_FIELD_NUMBER: _ClassVar[int]
    systemUuid: str
    logins: _containers.RepeatedScalarFieldContainer[str]
    groups: _containers.RepeatedScalarFieldContainer[str]
    historyOperationType: _containers.RepeatedScalarFieldContainer[PBHistoryOperationTypeExternal]
    additionalTypes: _containers.RepeatedScalarFieldContainer[AdditionalType]
    def __init__(self, systemUuid: _Optional[str] = ..., logins: _Optional[_Iterable[str]] = ..., groups: _Optional[_Iterable[str]] = ..., historyOperationType: _Optional[_Iterable[_Union[PBHistoryOperationTypeExternal, str]]] = ..., additionalTypes: _Optional[_Iterable[_Union[AdditionalType, str]]] = ...) -> None: ...

class PBLedgerStreamResponseExternal(_message.Message):
    __slots__ = ("id", "historyOperationType", "time", "profit", "comment", "group", "login", "additionalType")
    ID_FIELD_NUMBER: _ClassVar[int]
    HISTORYOPERATIONTYPE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    PROFIT_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    ADDITIONALTYPE_FIELD_NUMBER: _ClassVar[int]
    id: str
    historyOperationType: PBHistoryOperationTypeExternal
    time: str
    profit: float
    comment: str
    group: str
    login: int
    additionalType: AdditionalType
    def __init__(self, id: _Optional[str] = ..., historyOperationType: _Optional[_Union[PBHistoryOperationTypeExternal, str]] = ..., time: _Optional[str] = ..., profit: _Optional[float] = ..., comment: _Optional[str] = ..., group: _Optional[str] = ..., login: _Optional[int] = ..., additionalType: _Optional[_Union[AdditionalType, str]] = ...) -> None: ...

class PBLedgersStreamResponseExternal(_message.Message):
    __slots__ = ("financeRecordDto", "heartbeat")
    FINANCERECORDDTO_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    financeRecordDto: _containers.RepeatedCompositeFieldContainer[PBLedgerStreamResponseExternal]
    heartbeat: bool
    def __init__(self, financeRecordDto: _Optional[_Iterable[_Union[PBLedgerStreamResponseExternal, _Mapping]]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBOrdersUpdateStreamRequestExternal(_message.Message):
    __slots__ = ("systemUuid", "logins", "groups", "includeBlocked", "includeLocked")
    SYSTEMUUID_FIELD_NUMBER: _ClassVar[int]
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    INCLUDEBLOCKED_FIELD_NUMBER: _ClassVar[int]
    INCLUDELOCKED_FIELD_NUMBER: _ClassVar[int]
    systemUuid: str
    logins: _containers.RepeatedScalarFieldContainer[int]
    groups: _containers.RepeatedScalarFieldContainer[str]
    includeBlocked: bool
    includeLocked: bool
    def __init__(self, systemUuid: _Optional[str] = ..., logins: _Optional[_Iterable[int]] = ..., groups: _Optional[_Iterable[str]] = ..., includeBlocked: _Optional[bool] = ..., includeLocked: _Optional[bool] = ...) -> None: ...

class PBOrdersUpdateStreamResponseExternal(_message.Message):
    __slots__ = ("orderId", "symbol", "alias", "volume", "type", "creationTime", "activationPrice", "side", "stopLoss", "takeProfit", "comment", "requestUpdateType", "groupName", "login")
    ORDERID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CREATIONTIME_FIELD_NUMBER: _ClassVar[int]
    ACTIVATIONPRICE_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    STOPLOSS_FIELD_NUMBER: _ClassVar[int]
    TAKEPROFIT_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    REQUESTUPDATETYPE_FIELD_NUMBER: _ClassVar[int]
    GROUPNAME_FIELD_NUMBER: _ClassVar[int]
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    orderId: str
    symbol: str
    alias: str
    volume: str
    type: PBPendingTypeExternal
    creationTime: str
    activationPrice: str
    side: PBOrderSideExternal
    stopLoss: str
    takeProfit: str
    comment: str
    requestUpdateType: PBRequestUpdateTypeExternal
    groupName: str
    login: int
    def __init__(self, orderId: _Optional[str] = ..., symbol: _Optional[str] = ..., alias: _Optional[str] = ..., volume: _Optional[str] = ..., type: _Optional[_Union[PBPendingTypeExternal, str]] = ..., creationTime: _Optional[str] = ..., activationPrice: _Optional[str] = ..., side: _Optional[_Union[PBOrderSideExternal, str]] = ..., stopLoss: _Optional[str] = ..., takeProfit: _Optional[str] = ..., comment: _Optional[str] = ..., requestUpdateType: _Optional[_Union[PBRequestUpdateTypeExternal, str]] = ..., groupName: _Optional[str] = ..., login: _Optional[int] = ...) -> None: ...

class PBQuotationsWithMarkupStreamRequestExternal(_message.Message):
    __slots__ = ("systemUuid", "instruments", "group", "throttlingMs", "includeDailyStatistics")
    SYSTEMUUID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTS_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    THROTTLINGMS_FIELD_NUMBER: _ClassVar[int]
    INCLUDEDAILYSTATISTICS_FIELD_NUMBER: _ClassVar[int]
    systemUuid: str
    instruments: _containers.RepeatedScalarFieldContainer[str]
    group: str
    throttlingMs: int
    includeDailyStatistics: bool
    def __init__(self, systemUuid: _Optional[str] = ..., instruments: _Optional[_Iterable[str]] = ..., group: _Optional[str] = ..., throttlingMs: _Optional[int] = ..., includeDailyStatistics: _Optional[bool] = ...) -> None: ...

class PBDailyStatisticsExternal(_message.Message):
    __slots__ = ("change", "high", "low")
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    change: float
    high: float
    low: float
    def __init__(self, change: _Optional[float] = ..., high: _Optional[float] = ..., low: _Optional[float] = ...) -> None: ...

class PBQuotationSimpleExternal(_message.Message):
    __slots__ = ("symbol", "bidPrice", "askPrice", "timestampInMillis", "dailyStatistics")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    BIDPRICE_FIELD_NUMBER: _ClassVar[int]
    ASKPRICE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMPINMILLIS_FIELD_NUMBER: _ClassVar[int]
    DAILYSTATISTICS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    bidPrice: float
    askPrice: float
    timestampInMillis: int
    dailyStatistics: PBDailyStatisticsExternal
    def __init__(self, symbol: _Optional[str] = ..., bidPrice: _Optional[float] = ..., askPrice: _Optional[float] = ..., timestampInMillis: _Optional[int] = ..., dailyStatistics: _Optional[_Union[PBDailyStatisticsExternal, _Mapping]] = ...) -> None: ...

class PBQuotationsWithMarkupStreamResponseExternal(_message.Message):
    __slots__ = ("quotations", "heartbeat")
    QUOTATIONS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    quotations: _containers.RepeatedCompositeFieldContainer[PBQuotationSimpleExternal]
    heartbeat: bool
    def __init__(self, quotations: _Optional[_Iterable[_Union[PBQuotationSimpleExternal, _Mapping]]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class GroupChangeStreamRequestExternal(_message.Message):
    __slots__ = ("systemUuid", "groups")
    SYSTEMUUID_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    systemUuid: str
    groups: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, systemUuid: _Optional[str] = ..., groups: _Optional[_Iterable[str]] = ...) -> None: ...

class GroupChangeStreamResponseExternal(_message.Message):
    __slots__ = ("groupUpdated", "groupDeleted", "heartbeat")
    GROUPUPDATED_FIELD_NUMBER: _ClassVar[int]
    GROUPDELETED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    groupUpdated: PBGroupUpdated
    groupDeleted: PBGroupDeleted
    heartbeat: bool
    def __init__(self, groupUpdated: _Optional[_Union[PBGroupUpdated, _Mapping]] = ..., groupDeleted: _Optional[_Union[PBGroupDeleted, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBGroupUpdated(_message.Message):
    __slots__ = ("group", "currency", "currencyPrecision", "groupOwner", "symbols", "marginCalculationType", "isManager", "isAdmin", "isBrokerManager", "marginCall", "depositCurrencyPrecision", "swapCalculationTime", "stopoutAndMarginCallType", "commissionUpfront", "islamicSwap", "demoGroup", "hedgeMarginCalculationType", "eodMode", "eomMode", "eodSnapshotTime", "defaultRetailEnabled", "coverageMode", "orderProcessingDelay", "stopoutLevel", "hedgingEnabled", "pendingMultiplierPer1000", "defaultLeverageRatioPercent", "commissionPerMillion", "agentCommissionPerMillion")
    class SymbolsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: PBGroupSymbol
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[PBGroupSymbol, _Mapping]] = ...) -> None: ...
    GROUP_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    CURRENCYPRECISION_FIELD_NUMBER: _ClassVar[int]
    GROUPOWNER_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    MARGINCALCULATIONTYPE_FIELD_NUMBER: _ClassVar[int]
    ISMANAGER_FIELD_NUMBER: _ClassVar[int]
    ISADMIN_FIELD_NUMBER: _ClassVar[int]
    ISBROKERMANAGER_FIELD_NUMBER: _ClassVar[int]
    MARGINCALL_FIELD_NUMBER: _ClassVar[int]
    DEPOSITCURRENCYPRECISION_FIELD_NUMBER: _ClassVar[int]
    SWAPCALCULATIONTIME_FIELD_NUMBER: _ClassVar[int]
    STOPOUTANDMARGINCALLTYPE_FIELD_NUMBER: _ClassVar[int]
    COMMISSIONUPFRONT_FIELD_NUMBER: _ClassVar[int]
    ISLAMICSWAP_FIELD_NUMBER: _ClassVar[int]
    DEMOGROUP_FIELD_NUMBER: _ClassVar[int]
    HEDGEMARGINCALCULATIONTYPE_FIELD_NUMBER: _ClassVar[int]
    EODMODE_FIELD_NUMBER: _ClassVar[int]
    EOMMODE_FIELD_NUMBER: _ClassVar[int]
    EODSNAPSHOTTIME_FIELD_NUMBER: _ClassVar[int]
    DEFAULTRETAILENABLED_FIELD_NUMBER: _ClassVar[int]
    COVERAGEMODE_FIELD_NUMBER: _ClassVar[int]
    ORDERPROCESSINGDELAY_FIELD_NUMBER: _ClassVar[int]
    STOPOUTLEVEL_FIELD_NUMBER: _ClassVar[int]
    HEDGINGENABLED_FIELD_NUMBER: _ClassVar[int]
    PENDINGMULTIPLIERPER1000_FIELD_NUMBER: _ClassVar[int]
    DEFAULTLEVERAGERATIOPERCENT_FIELD_NUMBER: _ClassVar[int]
    COMMISSIONPERMILLION_FIELD_NUMBER: _ClassVar[int]
    AGENTCOMMISSIONPERMILLION_FIELD_NUMBER: _ClassVar[int]
    group: str
    currency: str
    currencyPrecision: int
    groupOwner: str
    symbols: _containers.MessageMap[str, PBGroupSymbol]
    marginCalculationType: PBMarginCalculationType
    isManager: bool
    isAdmin: bool
    isBrokerManager: bool
    marginCall: int
    depositCurrencyPrecision: int
    swapCalculationTime: int
    stopoutAndMarginCallType: PBStopoutAndMarginCallType
    commissionUpfront: bool
    islamicSwap: bool
    demoGroup: bool
    hedgeMarginCalculationType: PBHedgeMarginCalculationType
    eodMode: int
    eomMode: int
    eodSnapshotTime: int
    defaultRetailEnabled: bool
    coverageMode: bool
    orderProcessingDelay: int
    stopoutLevel: float
    hedgingEnabled: bool
    pendingMultiplierPer1000: int
    defaultLeverageRatioPercent: int
    commissionPerMillion: int
    agentCommissionPerMillion: int
    def __init__(self, group: _Optional[str] = ..., currency: _Optional[str] = ..., currencyPrecision: _Optional[int] = ..., groupOwner: _Optional[str] = ..., symbols: _Optional[_Mapping[str, PBGroupSymbol]] = ..., marginCalculationType: _Optional[_Union[PBMarginCalculationType, str]] = ..., isManager: _Optional[bool] = ..., isAdmin: _Optional[bool] = ..., isBrokerManager: _Optional[bool] = ..., marginCall: _Optional[int] = ..., depositCurrencyPrecision: _Optional[int] = ..., swapCalculationTime: _Optional[int] = ..., stopoutAndMarginCallType: _Optional[_Union[PBStopoutAndMarginCallType, str]] = ..., commissionUpfront: _Optional[bool] = ..., islamicSwap: _Optional[bool] = ..., demoGroup: _Optional[bool] = ..., hedgeMarginCalculationType: _Optional[_Union[PBHedgeMarginCalculationType, str]] = ..., eodMode: _Optional[int] = ..., eomMode: _Optional[int] = ..., eodSnapshotTime: _Optional[int] = ..., defaultRetailEnabled: _Optional[bool] = ..., coverageMode: _Optional[bool] = ..., orderProcessingDelay: _Optional[int] = ..., stopoutLevel: _Optional[float] = ..., hedgingEnabled: _Optional[bool] = ..., pendingMultiplierPer1000: _Optional[int] = ..., defaultLeverageRatioPercent: _Optional[int] = ..., commissionPerMillion: _Optional[int] = ..., agentCommissionPerMillion: _Optional[int] = ...) -> None: ...

class PBGroupSymbol(_message.Message):
    __slots__ = ("symbol", "bidMarkup", "askMarkup", "leverage", "swapBuy", "swapSell", "freezeLevel", "stopsLevel", "swapType", "volumeMin", "volumeMax", "minCommission", "fixedLeverage", "rawLeverage", "commissionType", "commissionPerMillion")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    BIDMARKUP_FIELD_NUMBER: _ClassVar[int]
    ASKMARKUP_FIELD_NUMBER: _ClassVar[int]
    LEVERAGE_FIELD_NUMBER: _ClassVar[int]
    SWAPBUY_FIELD_NUMBER: _ClassVar[int]
    SWAPSELL_FIELD_NUMBER: _ClassVar[int]
    FREEZELEVEL_FIELD_NUMBER: _ClassVar[int]
    STOPSLEVEL_FIELD_NUMBER: _ClassVar[int]
    SWAPTYPE_FIELD_NUMBER: _ClassVar[int]
    VOLUMEMIN_FIELD_NUMBER: _ClassVar[int]
    VOLUMEMAX_FIELD_NUMBER: _ClassVar[int]
    MINCOMMISSION_FIELD_NUMBER: _ClassVar[int]
    FIXEDLEVERAGE_FIELD_NUMBER: _ClassVar[int]
    RAWLEVERAGE_FIELD_NUMBER: _ClassVar[int]
    COMMISSIONTYPE_FIELD_NUMBER: _ClassVar[int]
    COMMISSIONPERMILLION_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    bidMarkup: str
    askMarkup: str
    leverage: float
    swapBuy: str
    swapSell: str
    freezeLevel: int
    stopsLevel: int
    swapType: PBSwapType
    volumeMin: str
    volumeMax: str
    minCommission: str
    fixedLeverage: bool
    rawLeverage: int
    commissionType: PBCommissionType
    commissionPerMillion: int
    def __init__(self, symbol: _Optional[str] = ..., bidMarkup: _Optional[str] = ..., askMarkup: _Optional[str] = ..., leverage: _Optional[float] = ..., swapBuy: _Optional[str] = ..., swapSell: _Optional[str] = ..., freezeLevel: _Optional[int] = ..., stopsLevel: _Optional[int] = ..., swapType: _Optional[_Union[PBSwapType, str]] = ..., volumeMin: _Optional[str] = ..., volumeMax: _Optional[str] = ..., minCommission: _Optional[str] = ..., fixedLeverage: _Optional[bool] = ..., rawLeverage: _Optional[int] = ..., commissionType: _Optional[_Union[PBCommissionType, str]] = ..., commissionPerMillion: _Optional[int] = ...) -> None: ...

class PBGroupDeleted(_message.Message):
    __slots__ = ("group", "reason")
    class GroupDeletedReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        GROUP_DELETED_REASON_UNKNOWN: _ClassVar[PBGroupDeleted.GroupDeletedReason]
        GROUP_DELETED_REASON_DELETED: _ClassVar[PBGroupDeleted.GroupDeletedReason]
        GROUP_DELETED_REASON_RIGHTS_REVOKED: _ClassVar[PBGroupDeleted.GroupDeletedReason]
    GROUP_DELETED_REASON_UNKNOWN: PBGroupDeleted.GroupDeletedReason
    GROUP_DELETED_REASON_DELETED: PBGroupDeleted.GroupDeletedReason
    GROUP_DELETED_REASON_RIGHTS_REVOKED: PBGroupDeleted.GroupDeletedReason
    GROUP_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    group: str
    reason: PBGroupDeleted.GroupDeletedReason
    def __init__(self, group: _Optional[str] = ..., reason: _Optional[_Union[PBGroupDeleted.GroupDeletedReason, str]] = ...) -> None: ...

class PBTradingEventsStreamRequestExternal(_message.Message):
    __slots__ = ("systemUuid", "logins", "groups", "includeBlocked", "includeLocked")
    SYSTEMUUID_FIELD_NUMBER: _ClassVar[int]
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    INCLUDEBLOCKED_FIELD_NUMBER: _ClassVar[int]
    INCLUDELOCKED_FIELD_NUMBER: _ClassVar[int]
    systemUuid: str
    logins: _containers.RepeatedScalarFieldContainer[int]
    groups: _containers.RepeatedScalarFieldContainer[str]
    includeBlocked: bool
    includeLocked: bool
    def __init__(self, systemUuid: _Optional[str] = ..., logins: _Optional[_Iterable[int]] = ..., groups: _Optional[_Iterable[str]] = ..., includeBlocked: _Optional[bool] = ..., includeLocked: _Optional[bool] = ...) -> None: ...

class TradingEventsStreamResponseExternal(_message.Message):
    __slots__ = ("tradingEvents", "heartbeat")
    TRADINGEVENTS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    tradingEvents: _containers.RepeatedCompositeFieldContainer[PBTradingEvent]
    heartbeat: bool
    def __init__(self, tradingEvents: _Optional[_Iterable[_Union[PBTradingEvent, _Mapping]]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBTradingEvent(_message.Message):
    __slots__ = ("marginCallEvent", "stopOutEvent", "takeProfitEvent", "stopLossEvent", "orderActivationEvent", "login", "group")
    MARGINCALLEVENT_FIELD_NUMBER: _ClassVar[int]
    STOPOUTEVENT_FIELD_NUMBER: _ClassVar[int]
    TAKEPROFITEVENT_FIELD_NUMBER: _ClassVar[int]
    STOPLOSSEVENT_FIELD_NUMBER: _ClassVar[int]
    ORDERACTIVATIONEVENT_FIELD_NUMBER: _ClassVar[int]
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    marginCallEvent: PBMarginCallEvent
    stopOutEvent: PBStopOutEvent
    takeProfitEvent: PBTakeProfitEvent
    stopLossEvent: PBStopLossEvent
    orderActivationEvent: PBOrderActivationEvent
    login: int
    group: str
    def __init__(self, marginCallEvent: _Optional[_Union[PBMarginCallEvent, _Mapping]] = ..., stopOutEvent: _Optional[_Union[PBStopOutEvent, _Mapping]] = ..., takeProfitEvent: _Optional[_Union[PBTakeProfitEvent, _Mapping]] = ..., stopLossEvent: _Optional[_Union[PBStopLossEvent, _Mapping]] = ..., orderActivationEvent: _Optional[_Union[PBOrderActivationEvent, _Mapping]] = ..., login: _Optional[int] = ..., group: _Optional[str] = ...) -> None: ...

class PBMarginCallEvent(_message.Message):
    __slots__ = ("login", "marginLevel")
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    MARGINLEVEL_FIELD_NUMBER: _ClassVar[int]
    login: int
    marginLevel: float
    def __init__(self, login: _Optional[int] = ..., marginLevel: _Optional[float] = ...) -> None: ...

class PBStopOutEvent(_message.Message):
    __slots__ = ("login", "orderId", "instrument", "volume")
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    ORDERID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    login: int
    orderId: str
    instrument: str
    volume: float
    def __init__(self, login: _Optional[int] = ..., orderId: _Optional[str] = ..., instrument: _Optional[str] = ..., volume: _Optional[float] = ...) -> None: ...

class PBTakeProfitEvent(_message.Message):
    __slots__ = ("login", "orderId", "instrument", "side", "volume", "netProfit", "walletCurrency")
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    ORDERID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    NETPROFIT_FIELD_NUMBER: _ClassVar[int]
    WALLETCURRENCY_FIELD_NUMBER: _ClassVar[int]
    login: int
    orderId: str
    instrument: str
    side: PBOrderSideExternal
    volume: float
    netProfit: float
    walletCurrency: str
    def __init__(self, login: _Optional[int] = ..., orderId: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[_Union[PBOrderSideExternal, str]] = ..., volume: _Optional[float] = ..., netProfit: _Optional[float] = ..., walletCurrency: _Optional[str] = ...) -> None: ...

class PBStopLossEvent(_message.Message):
    __slots__ = ("login", "orderId", "instrument", "side", "volume", "netProfit", "walletCurrency")
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    ORDERID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    NETPROFIT_FIELD_NUMBER: _ClassVar[int]
    WALLETCURRENCY_FIELD_NUMBER: _ClassVar[int]
    login: int
    orderId: str
    instrument: str
    side: PBOrderSideExternal
    volume: float
    netProfit: float
    walletCurrency: str
    def __init__(self, login: _Optional[int] = ..., orderId: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[_Union[PBOrderSideExternal, str]] = ..., volume: _Optional[float] = ..., netProfit: _Optional[float] = ..., walletCurrency: _Optional[str] = ...) -> None: ...

class PBOrderActivationEvent(_message.Message):
    __slots__ = ("login", "orderId", "instrument", "side", "volume", "activationPrice")
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    ORDERID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    ACTIVATIONPRICE_FIELD_NUMBER: _ClassVar[int]
    login: int
    orderId: str
    instrument: str
    side: PBOrderSideExternal
    volume: float
    activationPrice: float
    def __init__(self, login: _Optional[int] = ..., orderId: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[_Union[PBOrderSideExternal, str]] = ..., volume: _Optional[float] = ..., activationPrice: _Optional[float] = ...) -> None: ...

class PBAccountInfoChangedRequestExternal(_message.Message):
    __slots__ = ("systemUuid", "groups", "includeBlocked", "includeLocked")
    SYSTEMUUID_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    INCLUDEBLOCKED_FIELD_NUMBER: _ClassVar[int]
    INCLUDELOCKED_FIELD_NUMBER: _ClassVar[int]
    systemUuid: str
    groups: _containers.RepeatedScalarFieldContainer[str]
    includeBlocked: bool
    includeLocked: bool
    def __init__(self, systemUuid: _Optional[str] = ..., groups: _Optional[_Iterable[str]] = ..., includeBlocked: _Optional[bool] = ..., includeLocked: _Optional[bool] = ...) -> None: ...

class PBAccountInfoChangedStreamResponseExternal(_message.Message):
    __slots__ = ("userUpdated", "userDeleted", "heartbeat")
    USERUPDATED_FIELD_NUMBER: _ClassVar[int]
    USERDELETED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    userUpdated: PBAccountInfoUpdated
    userDeleted: PBAccountInfoDeleted
    heartbeat: bool
    def __init__(self, userUpdated: _Optional[_Union[PBAccountInfoUpdated, _Mapping]] = ..., userDeleted: _Optional[_Union[PBAccountInfoDeleted, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBAccountInfoUpdated(_message.Message):
    __slots__ = ("login", "uuid", "group", "leverage", "isRetail", "isProView", "isBlocked", "isLocked", "country", "name", "address", "email", "phone", "province", "zipCode", "city", "remarks", "bankAccount", "accountCurrency", "accountCurrencyPrecision", "registrationDate")
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    UUID_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    LEVERAGE_FIELD_NUMBER: _ClassVar[int]
    ISRETAIL_FIELD_NUMBER: _ClassVar[int]
    ISPROVIEW_FIELD_NUMBER: _ClassVar[int]
    ISBLOCKED_FIELD_NUMBER: _ClassVar[int]
    ISLOCKED_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    PROVINCE_FIELD_NUMBER: _ClassVar[int]
    ZIPCODE_FIELD_NUMBER: _ClassVar[int]
    CITY_FIELD_NUMBER: _ClassVar[int]
    REMARKS_FIELD_NUMBER: _ClassVar[int]
    BANKACCOUNT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTCURRENCY_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTCURRENCYPRECISION_FIELD_NUMBER: _ClassVar[int]
    REGISTRATIONDATE_FIELD_NUMBER: _ClassVar[int]
    login: int
    uuid: str
    group: str
    leverage: int
    isRetail: bool
    isProView: bool
    isBlocked: bool
    isLocked: bool
    country: str
    name: str
    address: str
    email: str
    phone: str
    province: str
    zipCode: str
    city: str
    remarks: str
    bankAccount: str
    accountCurrency: str
    accountCurrencyPrecision: int
    registrationDate: int
    def __init__(self, login: _Optional[int] = ..., uuid: _Optional[str] = ..., group: _Optional[str] = ..., leverage: _Optional[int] = ..., isRetail: _Optional[bool] = ..., isProView: _Optional[bool] = ..., isBlocked: _Optional[bool] = ..., isLocked: _Optional[bool] = ..., country: _Optional[str] = ..., name: _Optional[str] = ..., address: _Optional[str] = ..., email: _Optional[str] = ..., phone: _Optional[str] = ..., province: _Optional[str] = ..., zipCode: _Optional[str] = ..., city: _Optional[str] = ..., remarks: _Optional[str] = ..., bankAccount: _Optional[str] = ..., accountCurrency: _Optional[str] = ..., accountCurrencyPrecision: _Optional[int] = ..., registrationDate: _Optional[int] = ...) -> None: ...

class PBAccountInfoDeleted(_message.Message):
    __slots__ = ("login", "group", "reason")
    class AccountInfoDeletedReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ACCOUNT_INFO_DELETED_REASON_UNKNOWN: _ClassVar[PBAccountInfoDeleted.AccountInfoDeletedReason]
        ACCOUNT_INFO_DELETED_REASON_ACCOUNT_DELETED: _ClassVar[PBAccountInfoDeleted.AccountInfoDeletedReason]
        ACCOUNT_INFO_DELETED_REASON_RIGHTS_REVOKED: _ClassVar[PBAccountInfoDeleted.AccountInfoDeletedReason]
        ACCOUNT_INFO_DELETED_REASON_ACCOUNT_INTERNAL_ERROR: _ClassVar[PBAccountInfoDeleted.AccountInfoDeletedReason]
    ACCOUNT_INFO_DELETED_REASON_UNKNOWN: PBAccountInfoDeleted.AccountInfoDeletedReason
    ACCOUNT_INFO_DELETED_REASON_ACCOUNT_DELETED: PBAccountInfoDeleted.AccountInfoDeletedReason
    ACCOUNT_INFO_DELETED_REASON_RIGHTS_REVOKED: PBAccountInfoDeleted.AccountInfoDeletedReason
    ACCOUNT_INFO_DELETED_REASON_ACCOUNT_INTERNAL_ERROR: PBAccountInfoDeleted.AccountInfoDeletedReason
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    login: int
    group: str
    reason: PBAccountInfoDeleted.AccountInfoDeletedReason
    def __init__(self, login: _Optional[int] = ..., group: _Optional[str] = ..., reason: _Optional[_Union[PBAccountInfoDeleted.AccountInfoDeletedReason, str]] = ...) -> None: ...

class PBSymbolChangedRequestExternal(_message.Message):
    __slots__ = ("systemUuid",)
    SYSTEMUUID_FIELD_NUMBER: _ClassVar[int]
    systemUuid: str
    def __init__(self, systemUuid: _Optional[str] = ...) -> None: ...

class PBSymbolChangedStreamResponseExternal(_message.Message):
    __slots__ = ("instrumentUpdated", "instrumentDeleted", "instrumentCreated", "heartbeat")
    INSTRUMENTUPDATED_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTDELETED_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENTCREATED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    instrumentUpdated: PBSymbolUpdated
    instrumentDeleted: PBSymbolDeleted
    instrumentCreated: PBSymbolUpdated
    heartbeat: bool
    def __init__(self, instrumentUpdated: _Optional[_Union[PBSymbolUpdated, _Mapping]] = ..., instrumentDeleted: _Optional[_Union[PBSymbolDeleted, _Mapping]] = ..., instrumentCreated: _Optional[_Union[PBSymbolUpdated, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBSymbolUpdated(_message.Message):
    __slots__ = ("tradingHours", "volumePrecision", "volumeMin", "volumeStep", "commission", "sizeOfOnePoint", "symbol", "alias", "baseCurrency", "quoteCurrency", "pricePrecision", "type", "swapBuy", "swapSell", "volumeMax", "contractSize", "multiplier", "divider", "leverage", "description", "terminationType", "terminationDate", "tags")
    TRADINGHOURS_FIELD_NUMBER: _ClassVar[int]
    VOLUMEPRECISION_FIELD_NUMBER: _ClassVar[int]
    VOLUMEMIN_FIELD_NUMBER: _ClassVar[int]
    VOLUMESTEP_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_FIELD_NUMBER: _ClassVar[int]
    SIZEOFONEPOINT_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    BASECURRENCY_FIELD_NUMBER: _ClassVar[int]
    QUOTECURRENCY_FIELD_NUMBER: _ClassVar[int]
    PRICEPRECISION_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SWAPBUY_FIELD_NUMBER: _ClassVar[int]
    SWAPSELL_FIELD_NUMBER: _ClassVar[int]
    VOLUMEMAX_FIELD_NUMBER: _ClassVar[int]
    CONTRACTSIZE_FIELD_NUMBER: _ClassVar[int]
    MULTIPLIER_FIELD_NUMBER: _ClassVar[int]
    DIVIDER_FIELD_NUMBER: _ClassVar[int]
    LEVERAGE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    TERMINATIONTYPE_FIELD_NUMBER: _ClassVar[int]
    TERMINATIONDATE_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    tradingHours: _containers.RepeatedCompositeFieldContainer[TradeHoursDto]
    volumePrecision: int
    volumeMin: str
    volumeStep: str
    commission: float
    sizeOfOnePoint: str
    symbol: str
    alias: str
    baseCurrency: str
    quoteCurrency: str
    pricePrecision: int
    type: PBSymbolType
    swapBuy: str
    swapSell: str
    volumeMax: str
    contractSize: str
    multiplier: int
    divider: int
    leverage: float
    description: str
    terminationType: PBTerminationType
    terminationDate: str
    tags: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, tradingHours: _Optional[_Iterable[_Union[TradeHoursDto, _Mapping]]] = ..., volumePrecision: _Optional[int] = ..., volumeMin: _Optional[str] = ..., volumeStep: _Optional[str] = ..., commission: _Optional[float] = ..., sizeOfOnePoint: _Optional[str] = ..., symbol: _Optional[str] = ..., alias: _Optional[str] = ..., baseCurrency: _Optional[str] = ..., quoteCurrency: _Optional[str] = ..., pricePrecision: _Optional[int] = ..., type: _Optional[_Union[PBSymbolType, str]] = ..., swapBuy: _Optional[str] = ..., swapSell: _Optional[str] = ..., volumeMax: _Optional[str] = ..., contractSize: _Optional[str] = ..., multiplier: _Optional[int] = ..., divider: _Optional[int] = ..., leverage: _Optional[float] = ..., description: _Optional[str] = ..., terminationType: _Optional[_Union[PBTerminationType, str]] = ..., terminationDate: _Optional[str] = ..., tags: _Optional[_Iterable[str]] = ...) -> None: ...

class TradeHoursDto(_message.Message):
    __slots__ = ("dayNumber", "openHours", "openMinutes", "openSeconds", "closeHours", "closeMinutes", "closeSeconds")
    DAYNUMBER_FIELD_NUMBER: _ClassVar[int]
    OPENHOURS_FIELD_NUMBER: _ClassVar[int]
    OPENMINUTES_FIELD_NUMBER: _ClassVar[int]
    OPENSECONDS_FIELD_NUMBER: _ClassVar[int]
    CLOSEHOURS_FIELD_NUMBER: _ClassVar[int]
    CLOSEMINUTES_FIELD_NUMBER: _ClassVar[int]
    CLOSESECONDS_FIELD_NUMBER: _ClassVar[int]
    dayNumber: int
    openHours: int
    openMinutes: int
    openSeconds: int
    closeHours: int
    closeMinutes: int
    closeSeconds: int
    def __init__(self, dayNumber: _Optional[int] = ..., openHours: _Optional[int] = ..., openMinutes: _Optional[int] = ..., openSeconds: _Optional[int] = ..., closeHours: _Optional[int] = ..., closeMinutes: _Optional[int] = ..., closeSeconds: _Optional[int] = ...) -> None: ...

class PBSymbolDeleted(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    def __init__(self, symbol: _Optional[str] = ...) -> None: ...

class PBEquityRequestExternal(_message.Message):
    __slots__ = ("systemUuid", "groups", "logins", "includeBlocked", "includeLocked", "includeStateHistory")
    SYSTEMUUID_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    INCLUDEBLOCKED_FIELD_NUMBER: _ClassVar[int]
    INCLUDELOCKED_FIELD_NUMBER: _ClassVar[int]
    INCLUDESTATEHISTORY_FIELD_NUMBER: _ClassVar[int]
    systemUuid: str
    groups: _containers.RepeatedScalarFieldContainer[str]
    logins: _containers.RepeatedScalarFieldContainer[int]
    includeBlocked: bool
    includeLocked: bool
    includeStateHistory: bool
    def __init__(self, systemUuid: _Optional[str] = ..., groups: _Optional[_Iterable[str]] = ..., logins: _Optional[_Iterable[int]] = ..., includeBlocked: _Optional[bool] = ..., includeLocked: _Optional[bool] = ..., includeStateHistory: _Optional[bool] = ...) -> None: ...

class PBEquityStreamResponseExternal(_message.Message):
    __slots__ = ("equity", "heartbeat")
    EQUITY_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    equity: PBEquityResponseExternal
    heartbeat: bool
    def __init__(self, equity: _Optional[_Union[PBEquityResponseExternal, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBEquityResponseExternal(_message.Message):
    __slots__ = ("login", "equity", "balance", "credit")
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    EQUITY_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    login: int
    equity: str
    balance: str
    credit: str
    def __init__(self, login: _Optional[int] = ..., equity: _Optional[str] = ..., balance: _Optional[str] = ..., credit: _Optional[str] = ...) -> None: ...
