from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PBOrderSideExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_SIDE_UNSPECIFIED: _ClassVar[PBOrderSideExternal]
    ORDER_SIDE_BUY: _ClassVar[PBOrderSideExternal]
    ORDER_SIDE_SELL: _ClassVar[PBOrderSideExternal]

class PBRequestUpdateTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REQUEST_UPDATE_TYPE_UNSPECIFIED: _ClassVar[PBRequestUpdateTypeExternal]
    REQUEST_UPDATE_TYPE_NEW: _ClassVar[PBRequestUpdateTypeExternal]
    REQUEST_UPDATE_TYPE_UPDATE: _ClassVar[PBRequestUpdateTypeExternal]
    REQUEST_UPDATE_TYPE_CLOSED: _ClassVar[PBRequestUpdateTypeExternal]
    REQUEST_UPDATE_TYPE_PROFIT_CHANGE: _ClassVar[PBRequestUpdateTypeExternal]
    REQUEST_UPDATE_TYPE_PARTIALLY_CLOSED: _ClassVar[PBRequestUpdateTypeExternal]

class PBClientAccessRightsTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLIENT_ACCESS_RIGHTS_TYPE_UNSPECIFIED: _ClassVar[PBClientAccessRightsTypeExternal]
    CLIENT_ACCESS_RIGHTS_TYPE_FULL: _ClassVar[PBClientAccessRightsTypeExternal]
    CLIENT_ACCESS_RIGHTS_TYPE_CLOSE_ONLY: _ClassVar[PBClientAccessRightsTypeExternal]
    CLIENT_ACCESS_RIGHTS_TYPE_TRADING_DISABLED: _ClassVar[PBClientAccessRightsTypeExternal]
    CLIENT_ACCESS_RIGHTS_TYPE_TRADING_AND_LOGIN_DISABLED: _ClassVar[PBClientAccessRightsTypeExternal]
    CLIENT_ACCESS_RIGHTS_TYPE_LOCKED_CLOSE_ONLY: _ClassVar[PBClientAccessRightsTypeExternal]

class PBMarginCalculationTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MARGIN_CALCULATION_TYPE_UNSPECIFIED: _ClassVar[PBMarginCalculationTypeExternal]
    MARGIN_CALCULATION_TYPE_UNREALIZED_LOSS_ONLY: _ClassVar[PBMarginCalculationTypeExternal]
    MARGIN_CALCULATION_TYPE_UNREALIZED_PROFIT_LOSS: _ClassVar[PBMarginCalculationTypeExternal]

class PBStopoutAndMarginCallTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STOPOUT_AND_MARGIN_CALL_TYPE_UNSPECIFIED: _ClassVar[PBStopoutAndMarginCallTypeExternal]
    STOPOUT_AND_MARGIN_CALL_TYPE_MARGIN_LEVEL_PERCENTAGE: _ClassVar[PBStopoutAndMarginCallTypeExternal]
    STOPOUT_AND_MARGIN_CALL_TYPE_ABSOLUTE_EQUITY_USD: _ClassVar[PBStopoutAndMarginCallTypeExternal]
    STOPOUT_AND_MARGIN_CALL_TYPE_OFF: _ClassVar[PBStopoutAndMarginCallTypeExternal]

class PBHedgeMarginCalculationTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HEDGE_MARGIN_CALCULATION_TYPE_UNSPECIFIED: _ClassVar[PBHedgeMarginCalculationTypeExternal]
    HEDGE_MARGIN_CALCULATION_TYPE_NETTING: _ClassVar[PBHedgeMarginCalculationTypeExternal]
    HEDGE_MARGIN_CALCULATION_TYPE_LARGER_LEG: _ClassVar[PBHedgeMarginCalculationTypeExternal]
    HEDGE_MARGIN_CALCULATION_TYPE_BOTH_SIDES: _ClassVar[PBHedgeMarginCalculationTypeExternal]

class PBSwapTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SWAP_TYPE_UNSPECIFIED: _ClassVar[PBSwapTypeExternal]
    SWAP_TYPE_POINTS: _ClassVar[PBSwapTypeExternal]
    SWAP_TYPE_PERCENTS: _ClassVar[PBSwapTypeExternal]
    SWAP_TYPE_NOT_DEFINED: _ClassVar[PBSwapTypeExternal]

class PBCommissionTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COMMISSION_TYPE_UNSPECIFIED: _ClassVar[PBCommissionTypeExternal]
    COMMISSION_TYPE_USD_PER_MILLION: _ClassVar[PBCommissionTypeExternal]
    COMMISSION_TYPE_USD_PER_CONTRACT: _ClassVar[PBCommissionTypeExternal]
    COMMISSION_TYPE_USD_PER_LOT: _ClassVar[PBCommissionTypeExternal]
    COMMISSION_TYPE_PERMILLS: _ClassVar[PBCommissionTypeExternal]
    COMMISSION_TYPE_POINTS: _ClassVar[PBCommissionTypeExternal]

class PBHistoryOperationTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HISTORY_OPERATION_TYPE_UNSPECIFIED: _ClassVar[PBHistoryOperationTypeExternal]
    HISTORY_OPERATION_TYPE_DEPOSIT: _ClassVar[PBHistoryOperationTypeExternal]
    HISTORY_OPERATION_TYPE_WITHDRAWAL: _ClassVar[PBHistoryOperationTypeExternal]
    HISTORY_OPERATION_TYPE_CREDIT_IN: _ClassVar[PBHistoryOperationTypeExternal]
    HISTORY_OPERATION_TYPE_CREDIT_OUT: _ClassVar[PBHistoryOperationTypeExternal]
    HISTORY_OPERATION_TYPE_AGENT_COMMISSION: _ClassVar[PBHistoryOperationTypeExternal]
    HISTORY_OPERATION_TYPE_COMMISSIONS: _ClassVar[PBHistoryOperationTypeExternal]
    HISTORY_OPERATION_TYPE_SWAPS: _ClassVar[PBHistoryOperationTypeExternal]
    HISTORY_OPERATION_TYPE_OTHER: _ClassVar[PBHistoryOperationTypeExternal]
    HISTORY_OPERATION_TYPE_CLOSED_POSITION: _ClassVar[PBHistoryOperationTypeExternal]

class PBAdditionalTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ADDITIONAL_TYPE_LEDGER_NONE: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_NEGATIVE_BALANCE_WITHDRAW: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_CORRECTION: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_REVENUE_SHARE: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_INVOICE_PAYMENT: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_MINIMUM_MONTHLY: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_AGENT_COMMISSION_LEDGER: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_NEGATIVE_BALANCE_CORRECTION: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_SETTLEMENT: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_INACTIVITY_FEE: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_BONUS_IN_OUT: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_STORAGE_FEE: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_M2P: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_BANK: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_CRYPTO: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_DEPOSIT_CORRECTION: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_WITHDRAW_CORRECTION: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_SWAP_CORRECTION: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_COMMISSION_CORRECTION: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_AGENT_FEE_CORRECTION: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_MINIMUM_MONTHLY_FEE_CORRECTION: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_REVENUE_SHARE_CORRECTION: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_CPA: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_DEPOSIT_BONUS: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_CASHBACK: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_IB_COMMISSION: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_INTERNAL_TRANSFER: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_NORIA_PAYMENT: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_UNKNOWN_LEDGER: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_FUNDING_ALLOCATION: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_ACCOUNT_FEE: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_PERFORMANCE_FEE: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_MONTHLY_FEE: _ClassVar[PBAdditionalTypeExternal]
    ADDITIONAL_TYPE_MARGIN_LIMIT: _ClassVar[PBAdditionalTypeExternal]

class PBPendingTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PENDING_TYPE_UNSPECIFIED: _ClassVar[PBPendingTypeExternal]
    PENDING_TYPE_LIMIT: _ClassVar[PBPendingTypeExternal]
    PENDING_TYPE_STOP: _ClassVar[PBPendingTypeExternal]

class PBInstrumentTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INSTRUMENT_TYPE_UNSPECIFIED: _ClassVar[PBInstrumentTypeExternal]
    INSTRUMENT_TYPE_FOREX: _ClassVar[PBInstrumentTypeExternal]
    INSTRUMENT_TYPE_CFD: _ClassVar[PBInstrumentTypeExternal]
    INSTRUMENT_TYPE_FOREXCFD: _ClassVar[PBInstrumentTypeExternal]
    INSTRUMENT_TYPE_PRED: _ClassVar[PBInstrumentTypeExternal]

class PBTerminationTypeExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TERMINATION_TYPE_UNSPECIFIED: _ClassVar[PBTerminationTypeExternal]
    TERMINATION_TYPE_EXPIRATION: _ClassVar[PBTerminationTypeExternal]
    TERMINATION_TYPE_ROLLOVER: _ClassVar[PBTerminationTypeExternal]
ORDER_SIDE_UNSPECIFIED: PBOrderSideExternal
ORDER_SIDE_BUY: PBOrderSideExternal
ORDER_SIDE_SELL: PBOrderSideExternal
REQUEST_UPDATE_TYPE_UNSPECIFIED: PBRequestUpdateTypeExternal
REQUEST_UPDATE_TYPE_NEW: PBRequestUpdateTypeExternal
REQUEST_UPDATE_TYPE_UPDATE: PBRequestUpdateTypeExternal
REQUEST_UPDATE_TYPE_CLOSED: PBRequestUpdateTypeExternal
REQUEST_UPDATE_TYPE_PROFIT_CHANGE: PBRequestUpdateTypeExternal
REQUEST_UPDATE_TYPE_PARTIALLY_CLOSED: PBRequestUpdateTypeExternal
CLIENT_ACCESS_RIGHTS_TYPE_UNSPECIFIED: PBClientAccessRightsTypeExternal
CLIENT_ACCESS_RIGHTS_TYPE_FULL: PBClientAccessRightsTypeExternal
CLIENT_ACCESS_RIGHTS_TYPE_CLOSE_ONLY: PBClientAccessRightsTypeExternal
CLIENT_ACCESS_RIGHTS_TYPE_TRADING_DISABLED: PBClientAccessRightsTypeExternal
CLIENT_ACCESS_RIGHTS_TYPE_TRADING_AND_LOGIN_DISABLED: PBClientAccessRightsTypeExternal
CLIENT_ACCESS_RIGHTS_TYPE_LOCKED_CLOSE_ONLY: PBClientAccessRightsTypeExternal
MARGIN_CALCULATION_TYPE_UNSPECIFIED: PBMarginCalculationTypeExternal
MARGIN_CALCULATION_TYPE_UNREALIZED_LOSS_ONLY: PBMarginCalculationTypeExternal
MARGIN_CALCULATION_TYPE_UNREALIZED_PROFIT_LOSS: PBMarginCalculationTypeExternal
STOPOUT_AND_MARGIN_CALL_TYPE_UNSPECIFIED: PBStopoutAndMarginCallTypeExternal
STOPOUT_AND_MARGIN_CALL_TYPE_MARGIN_LEVEL_PERCENTAGE: PBStopoutAndMarginCallTypeExternal
STOPOUT_AND_MARGIN_CALL_TYPE_ABSOLUTE_EQUITY_USD: PBStopoutAndMarginCallTypeExternal
STOPOUT_AND_MARGIN_CALL_TYPE_OFF: PBStopoutAndMarginCallTypeExternal
HEDGE_MARGIN_CALCULATION_TYPE_UNSPECIFIED: PBHedgeMarginCalculationTypeExternal
HEDGE_MARGIN_CALCULATION_TYPE_NETTING: PBHedgeMarginCalculationTypeExternal
HEDGE_MARGIN_CALCULATION_TYPE_LARGER_LEG: PBHedgeMarginCalculationTypeExternal
HEDGE_MARGIN_CALCULATION_TYPE_BOTH_SIDES: PBHedgeMarginCalculationTypeExternal
SWAP_TYPE_UNSPECIFIED: PBSwapTypeExternal
SWAP_TYPE_POINTS: PBSwapTypeExternal
SWAP_TYPE_PERCENTS: PBSwapTypeExternal
SWAP_TYPE_NOT_DEFINED: PBSwapTypeExternal
COMMISSION_TYPE_UNSPECIFIED: PBCommissionTypeExternal
COMMISSION_TYPE_USD_PER_MILLION: PBCommissionTypeExternal
COMMISSION_TYPE_USD_PER_CONTRACT: PBCommissionTypeExternal
COMMISSION_TYPE_USD_PER_LOT: PBCommissionTypeExternal
COMMISSION_TYPE_PERMILLS: PBCommissionTypeExternal
COMMISSION_TYPE_POINTS: PBCommissionTypeExternal
HISTORY_OPERATION_TYPE_UNSPECIFIED: PBHistoryOperationTypeExternal
HISTORY_OPERATION_TYPE_DEPOSIT: PBHistoryOperationTypeExternal
HISTORY_OPERATION_TYPE_WITHDRAWAL: PBHistoryOperationTypeExternal
HISTORY_OPERATION_TYPE_CREDIT_IN: PBHistoryOperationTypeExternal
HISTORY_OPERATION_TYPE_CREDIT_OUT: PBHistoryOperationTypeExternal
HISTORY_OPERATION_TYPE_AGENT_COMMISSION: PBHistoryOperationTypeExternal
HISTORY_OPERATION_TYPE_COMMISSIONS: PBHistoryOperationTypeExternal
HISTORY_OPERATION_TYPE_SWAPS: PBHistoryOperationTypeExternal
HISTORY_OPERATION_TYPE_OTHER: PBHistoryOperationTypeExternal
HISTORY_OPERATION_TYPE_CLOSED_POSITION: PBHistoryOperationTypeExternal
ADDITIONAL_TYPE_LEDGER_NONE: PBAdditionalTypeExternal
ADDITIONAL_TYPE_NEGATIVE_BALANCE_WITHDRAW: PBAdditionalTypeExternal
ADDITIONAL_TYPE_CORRECTION: PBAdditionalTypeExternal
ADDITIONAL_TYPE_REVENUE_SHARE: PBAdditionalTypeExternal
ADDITIONAL_TYPE_INVOICE_PAYMENT: PBAdditionalTypeExternal
ADDITIONAL_TYPE_MINIMUM_MONTHLY: PBAdditionalTypeExternal
ADDITIONAL_TYPE_AGENT_COMMISSION_LEDGER: PBAdditionalTypeExternal
ADDITIONAL_TYPE_NEGATIVE_BALANCE_CORRECTION: PBAdditionalTypeExternal
ADDITIONAL_TYPE_SETTLEMENT: PBAdditionalTypeExternal
ADDITIONAL_TYPE_INACTIVITY_FEE: PBAdditionalTypeExternal
ADDITIONAL_TYPE_BONUS_IN_OUT: PBAdditionalTypeExternal
ADDITIONAL_TYPE_STORAGE_FEE: PBAdditionalTypeExternal
ADDITIONAL_TYPE_M2P: PBAdditionalTypeExternal
ADDITIONAL_TYPE_BANK: PBAdditionalTypeExternal
ADDITIONAL_TYPE_CRYPTO: PBAdditionalTypeExternal
ADDITIONAL_TYPE_DEPOSIT_CORRECTION: PBAdditionalTypeExternal
ADDITIONAL_TYPE_WITHDRAW_CORRECTION: PBAdditionalTypeExternal
ADDITIONAL_TYPE_SWAP_CORRECTION: PBAdditionalTypeExternal
ADDITIONAL_TYPE_COMMISSION_CORRECTION: PBAdditionalTypeExternal
ADDITIONAL_TYPE_AGENT_FEE_CORRECTION: PBAdditionalTypeExternal
ADDITIONAL_TYPE_MINIMUM_MONTHLY_FEE_CORRECTION: PBAdditionalTypeExternal
ADDITIONAL_TYPE_REVENUE_SHARE_CORRECTION: PBAdditionalTypeExternal
ADDITIONAL_TYPE_CPA: PBAdditionalTypeExternal
ADDITIONAL_TYPE_DEPOSIT_BONUS: PBAdditionalTypeExternal
ADDITIONAL_TYPE_CASHBACK: PBAdditionalTypeExternal
ADDITIONAL_TYPE_IB_COMMISSION: PBAdditionalTypeExternal
ADDITIONAL_TYPE_INTERNAL_TRANSFER: PBAdditionalTypeExternal
ADDITIONAL_TYPE_NORIA_PAYMENT: PBAdditionalTypeExternal
ADDITIONAL_TYPE_UNKNOWN_LEDGER: PBAdditionalTypeExternal
ADDITIONAL_TYPE_FUNDING_ALLOCATION: PBAdditionalTypeExternal
ADDITIONAL_TYPE_ACCOUNT_FEE: PBAdditionalTypeExternal
ADDITIONAL_TYPE_PERFORMANCE_FEE: PBAdditionalTypeExternal
ADDITIONAL_TYPE_MONTHLY_FEE: PBAdditionalTypeExternal
ADDITIONAL_TYPE_MARGIN_LIMIT: PBAdditionalTypeExternal
PENDING_TYPE_UNSPECIFIED: PBPendingTypeExternal
PENDING_TYPE_LIMIT: PBPendingTypeExternal
PENDING_TYPE_STOP: PBPendingTypeExternal
INSTRUMENT_TYPE_UNSPECIFIED: PBInstrumentTypeExternal
INSTRUMENT_TYPE_FOREX: PBInstrumentTypeExternal
INSTRUMENT_TYPE_CFD: PBInstrumentTypeExternal
INSTRUMENT_TYPE_FOREXCFD: PBInstrumentTypeExternal
INSTRUMENT_TYPE_PRED: PBInstrumentTypeExternal
TERMINATION_TYPE_UNSPECIFIED: PBTerminationTypeExternal
TERMINATION_TYPE_EXPIRATION: PBTerminationTypeExternal
TERMINATION_TYPE_ROLLOVER: PBTerminationTypeExternal

class PBEquityRequestExternal(_message.Message):
    __slots__ = ("groups", "logins", "accessRightsFilter", "includeStateHistory")
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    ACCESSRIGHTSFILTER_FIELD_NUMBER: _ClassVar[int]
    INCLUDESTATEHISTORY_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedScalarFieldContainer[str]
    logins: _containers.RepeatedScalarFieldContainer[str]
    accessRightsFilter: _containers.RepeatedScalarFieldContainer[PBClientAccessRightsTypeExternal]
    includeStateHistory: bool
    def __init__(self, groups: _Optional[_Iterable[str]] = ..., logins: _Optional[_Iterable[str]] = ..., accessRightsFilter: _Optional[_Iterable[_Union[PBClientAccessRightsTypeExternal, str]]] = ..., includeStateHistory: _Optional[bool] = ...) -> None: ...

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
    login: str
    equity: str
    balance: str
    credit: str
    def __init__(self, login: _Optional[str] = ..., equity: _Optional[str] = ..., balance: _Optional[str] = ..., credit: _Optional[str] = ...) -> None: ...

class PBGroupChangeStreamRequestExternal(_message.Message):
    __slots__ = ("groups",)
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, groups: _Optional[_Iterable[str]] = ...) -> None: ...

class PBGroupChangeStreamResponseExternal(_message.Message):
    __slots__ = ("groupUpdated", "groupDeleted", "heartbeat")
    GROUPUPDATED_FIELD_NUMBER: _ClassVar[int]
    GROUPDELETED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    groupUpdated: PBGroupUpdatedExternal
    groupDeleted: PBGroupDeletedExternal
    heartbeat: bool
    def __init__(self, groupUpdated: _Optional[_Union[PBGroupUpdatedExternal, _Mapping]] = ..., groupDeleted: _Optional[_Union[PBGroupDeletedExternal, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBGroupUpdatedExternal(_message.Message):
    __slots__ = ("group", "currency", "currencyPrecision", "groupOwner", "symbols", "marginCalculationType", "isManager", "isAdmin", "isBrokerManager", "marginCall", "swapCalculationTime", "stopoutAndMarginCallType", "commissionUpfront", "islamicSwap", "demoGroup", "hedgeMarginCalculationType", "eodMode", "eomMode", "eodSnapshotTime", "defaultRetailEnabled", "coverageMode", "orderProcessingDelay", "stopoutLevel", "hedgingEnabled", "pendingMultiplierPer1000", "defaultLeverageRatioPercent", "commissionPerMillion", "agentCommissionPerMillion")
    class SymbolsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: PBGroupSymbolExternal
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[PBGroupSymbolExternal, _Mapping]] = ...) -> None: ...
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
    symbols: _containers.MessageMap[str, PBGroupSymbolExternal]
    marginCalculationType: PBMarginCalculationTypeExternal
    isManager: bool
    isAdmin: bool
    isBrokerManager: bool
    marginCall: int
    swapCalculationTime: int
    stopoutAndMarginCallType: PBStopoutAndMarginCallTypeExternal
    commissionUpfront: bool
    islamicSwap: bool
    demoGroup: bool
    hedgeMarginCalculationType: PBHedgeMarginCalculationTypeExternal
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
    def __init__(self, group: _Optional[str] = ..., currency: _Optional[str] = ..., currencyPrecision: _Optional[int] = ..., groupOwner: _Optional[str] = ..., symbols: _Optional[_Mapping[str, PBGroupSymbolExternal]] = ..., marginCalculationType: _Optional[_Union[PBMarginCalculationTypeExternal, str]] = ..., isManager: _Optional[bool] = ..., isAdmin: _Optional[bool] = ..., isBrokerManager: _Optional[bool] = ..., marginCall: _Optional[int] = ..., swapCalculationTime: _Optional[int] = ..., stopoutAndMarginCallType: _Optional[_Union[PBStopoutAndMarginCallTypeExternal, str]] = ..., commissionUpfront: _Optional[bool] = ..., islamicSwap: _Optional[bool] = ..., demoGroup: _Optional[bool] = ..., hedgeMarginCalculationType: _Optional[_Union[PBHedgeMarginCalculationTypeExternal, str]] = ..., eodMode: _Optional[int] = ..., eomMode: _Optional[int] = ..., eodSnapshotTime: _Optional[int] = ..., defaultRetailEnabled: _Optional[bool] = ..., coverageMode: _Optional[bool] = ..., orderProcessingDelay: _Optional[int] = ..., stopoutLevel: _Optional[float] = ..., hedgingEnabled: _Optional[bool] = ..., pendingMultiplierPer1000: _Optional[int] = ..., defaultLeverageRatioPercent: _Optional[int] = ..., commissionPerMillion: _Optional[int] = ..., agentCommissionPerMillion: _Optional[int] = ...) -> None: ...

class PBGroupSymbolExternal(_message.Message):
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
    freezeLevel: str
    stopsLevel: str
    swapType: PBSwapTypeExternal
    volumeMin: str
    volumeMax: str
    minCommission: str
    fixedLeverage: bool
    rawLeverage: str
    commissionType: PBCommissionTypeExternal
    commissionPerMillion: str
    def __init__(self, symbol: _Optional[str] = ..., bidMarkup: _Optional[str] = ..., askMarkup: _Optional[str] = ..., leverage: _Optional[float] = ..., swapBuy: _Optional[str] = ..., swapSell: _Optional[str] = ..., freezeLevel: _Optional[str] = ..., stopsLevel: _Optional[str] = ..., swapType: _Optional[_Union[PBSwapTypeExternal, str]] = ..., volumeMin: _Optional[str] = ..., volumeMax: _Optional[str] = ..., minCommission: _Optional[str] = ..., fixedLeverage: _Optional[bool] = ..., rawLeverage: _Optional[str] = ..., commissionType: _Optional[_Union[PBCommissionTypeExternal, str]] = ..., commissionPerMillion: _Optional[str] = ...) -> None: ...

class PBGroupDeletedExternal(_message.Message):
    __slots__ = ("group", "reason")
    class PBGroupDeletedReasonExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        GROUP_DELETED_REASON_UNSPECIFIED: _ClassVar[PBGroupDeletedExternal.PBGroupDeletedReasonExternal]
        GROUP_DELETED_REASON_DELETED: _ClassVar[PBGroupDeletedExternal.PBGroupDeletedReasonExternal]
    GROUP_DELETED_REASON_UNSPECIFIED: PBGroupDeletedExternal.PBGroupDeletedReasonExternal
    GROUP_DELETED_REASON_DELETED: PBGroupDeletedExternal.PBGroupDeletedReasonExternal
    GROUP_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    group: str
    reason: PBGroupDeletedExternal.PBGroupDeletedReasonExternal
    def __init__(self, group: _Optional[str] = ..., reason: _Optional[_Union[PBGroupDeletedExternal.PBGroupDeletedReasonExternal, str]] = ...) -> None: ...

class PBLedgersRequestExternal(_message.Message):
    __slots__ = ("logins", "groups", "historyOperationType", "additionalTypes")
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    HISTORYOPERATIONTYPE_FIELD_NUMBER: _ClassVar[int]
    ADDITIONALTYPES_FIELD_NUMBER: _ClassVar[int]
    logins: _containers.RepeatedScalarFieldContainer[str]
    groups: _containers.RepeatedScalarFieldContainer[str]
    historyOperationType: _containers.RepeatedScalarFieldContainer[PBHistoryOperationTypeExternal]
    additionalTypes: _containers.RepeatedScalarFieldContainer[PBAdditionalTypeExternal]
    def __init__(self, logins: _Optional[_Iterable[str]] = ..., groups: _Optional[_Iterable[str]] = ..., historyOperationType: _Optional[_Iterable[_Union[PBHistoryOperationTypeExternal, str]]] = ..., additionalTypes: _Optional[_Iterable[_Union[PBAdditionalTypeExternal, str]]] = ...) -> None: ...

class PBLedgersStreamResponseExternal(_message.Message):
    __slots__ = ("ledgers", "heartbeat")
    LEDGERS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    ledgers: PBLedgers
    heartbeat: bool
    def __init__(self, ledgers: _Optional[_Union[PBLedgers, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBLedgers(_message.Message):
    __slots__ = ("ledgers",)
    LEDGERS_FIELD_NUMBER: _ClassVar[int]
    ledgers: _containers.RepeatedCompositeFieldContainer[PBLedger]
    def __init__(self, ledgers: _Optional[_Iterable[_Union[PBLedger, _Mapping]]] = ...) -> None: ...

class PBLedger(_message.Message):
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
    login: str
    additionalType: PBAdditionalTypeExternal
    def __init__(self, id: _Optional[str] = ..., historyOperationType: _Optional[_Union[PBHistoryOperationTypeExternal, str]] = ..., time: _Optional[str] = ..., profit: _Optional[float] = ..., comment: _Optional[str] = ..., group: _Optional[str] = ..., login: _Optional[str] = ..., additionalType: _Optional[_Union[PBAdditionalTypeExternal, str]] = ...) -> None: ...

class PBOrdersUpdateStreamRequestExternal(_message.Message):
    __slots__ = ("logins", "groups", "accessRightsFilter")
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    ACCESSRIGHTSFILTER_FIELD_NUMBER: _ClassVar[int]
    logins: _containers.RepeatedScalarFieldContainer[str]
    groups: _containers.RepeatedScalarFieldContainer[str]
    accessRightsFilter: _containers.RepeatedScalarFieldContainer[PBClientAccessRightsTypeExternal]
    def __init__(self, logins: _Optional[_Iterable[str]] = ..., groups: _Optional[_Iterable[str]] = ..., accessRightsFilter: _Optional[_Iterable[_Union[PBClientAccessRightsTypeExternal, str]]] = ...) -> None: ...

class PBOrdersUpdateStreamResponseExternal(_message.Message):
    __slots__ = ("order", "heartbeat")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    order: PBOrderExternal
    heartbeat: bool
    def __init__(self, order: _Optional[_Union[PBOrderExternal, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBOrderExternal(_message.Message):
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
    volume: float
    type: PBPendingTypeExternal
    creationTime: str
    activationPrice: float
    side: PBOrderSideExternal
    stopLoss: float
    takeProfit: float
    comment: str
    requestUpdateType: PBRequestUpdateTypeExternal
    groupName: str
    login: str
    def __init__(self, orderId: _Optional[str] = ..., symbol: _Optional[str] = ..., alias: _Optional[str] = ..., volume: _Optional[float] = ..., type: _Optional[_Union[PBPendingTypeExternal, str]] = ..., creationTime: _Optional[str] = ..., activationPrice: _Optional[float] = ..., side: _Optional[_Union[PBOrderSideExternal, str]] = ..., stopLoss: _Optional[float] = ..., takeProfit: _Optional[float] = ..., comment: _Optional[str] = ..., requestUpdateType: _Optional[_Union[PBRequestUpdateTypeExternal, str]] = ..., groupName: _Optional[str] = ..., login: _Optional[str] = ...) -> None: ...

class PBOpenPositionRequestExternal(_message.Message):
    __slots__ = ("groups", "logins")
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedScalarFieldContainer[str]
    logins: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, groups: _Optional[_Iterable[str]] = ..., logins: _Optional[_Iterable[str]] = ...) -> None: ...

class PBOpenPositionsStreamResponseExternal(_message.Message):
    __slots__ = ("positions", "heartbeat")
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    positions: PositionsPerClient
    heartbeat: bool
    def __init__(self, positions: _Optional[_Union[PositionsPerClient, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PositionsPerClient(_message.Message):
    __slots__ = ("positions",)
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    positions: _containers.RepeatedCompositeFieldContainer[PBPositionWithGroup]
    def __init__(self, positions: _Optional[_Iterable[_Union[PBPositionWithGroup, _Mapping]]] = ...) -> None: ...

class PBPositionWithGroup(_message.Message):
    __slots__ = ("login", "group", "id", "symbol", "volume", "side", "openTime", "openPrice", "stopLoss", "takeProfit", "swap", "profit", "netProfit", "currentPrice", "commission", "partials", "alias", "requestUpdateType")
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    OPENTIME_FIELD_NUMBER: _ClassVar[int]
    OPENPRICE_FIELD_NUMBER: _ClassVar[int]
    STOPLOSS_FIELD_NUMBER: _ClassVar[int]
    TAKEPROFIT_FIELD_NUMBER: _ClassVar[int]
    SWAP_FIELD_NUMBER: _ClassVar[int]
    PROFIT_FIELD_NUMBER: _ClassVar[int]
    NETPROFIT_FIELD_NUMBER: _ClassVar[int]
    CURRENTPRICE_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_FIELD_NUMBER: _ClassVar[int]
    PARTIALS_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    REQUESTUPDATETYPE_FIELD_NUMBER: _ClassVar[int]
    login: str
    group: str
    id: str
    symbol: str
    volume: float
    side: PBOrderSideExternal
    openTime: str
    openPrice: float
    stopLoss: float
    takeProfit: float
    swap: float
    profit: float
    netProfit: float
    currentPrice: float
    commission: float
    partials: _containers.RepeatedCompositeFieldContainer[PBPartialExternal]
    alias: str
    requestUpdateType: PBRequestUpdateTypeExternal
    def __init__(self, login: _Optional[str] = ..., group: _Optional[str] = ..., id: _Optional[str] = ..., symbol: _Optional[str] = ..., volume: _Optional[float] = ..., side: _Optional[_Union[PBOrderSideExternal, str]] = ..., openTime: _Optional[str] = ..., openPrice: _Optional[float] = ..., stopLoss: _Optional[float] = ..., takeProfit: _Optional[float] = ..., swap: _Optional[float] = ..., profit: _Optional[float] = ..., netProfit: _Optional[float] = ..., currentPrice: _Optional[float] = ..., commission: _Optional[float] = ..., partials: _Optional[_Iterable[_Union[PBPartialExternal, _Mapping]]] = ..., alias: _Optional[str] = ..., requestUpdateType: _Optional[_Union[PBRequestUpdateTypeExternal, str]] = ...) -> None: ...

class PBPartialExternal(_message.Message):
    __slots__ = ("id", "volume", "openTime", "openPrice", "swap", "profit", "netProfit", "commission")
    ID_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    OPENTIME_FIELD_NUMBER: _ClassVar[int]
    OPENPRICE_FIELD_NUMBER: _ClassVar[int]
    SWAP_FIELD_NUMBER: _ClassVar[int]
    PROFIT_FIELD_NUMBER: _ClassVar[int]
    NETPROFIT_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_FIELD_NUMBER: _ClassVar[int]
    id: str
    volume: float
    openTime: str
    openPrice: float
    swap: float
    profit: float
    netProfit: float
    commission: float
    def __init__(self, id: _Optional[str] = ..., volume: _Optional[float] = ..., openTime: _Optional[str] = ..., openPrice: _Optional[float] = ..., swap: _Optional[float] = ..., profit: _Optional[float] = ..., netProfit: _Optional[float] = ..., commission: _Optional[float] = ...) -> None: ...

class PBQuotationsWithMarkupStreamRequestExternal(_message.Message):
    __slots__ = ("symbols", "group", "throttlingMs", "smartThrottling")
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    THROTTLINGMS_FIELD_NUMBER: _ClassVar[int]
    SMARTTHROTTLING_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    group: str
    throttlingMs: int
    smartThrottling: bool
    def __init__(self, symbols: _Optional[_Iterable[str]] = ..., group: _Optional[str] = ..., throttlingMs: _Optional[int] = ..., smartThrottling: _Optional[bool] = ...) -> None: ...

class PBQuotationSimpleExternal(_message.Message):
    __slots__ = ("quotation", "heartbeat")
    QUOTATION_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    quotation: PBQuotation
    heartbeat: bool
    def __init__(self, quotation: _Optional[_Union[PBQuotation, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBQuotation(_message.Message):
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

class PBDailyStatisticsExternal(_message.Message):
    __slots__ = ("change", "high", "low")
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    change: float
    high: float
    low: float
    def __init__(self, change: _Optional[float] = ..., high: _Optional[float] = ..., low: _Optional[float] = ...) -> None: ...

class PBSymbolChangedRequestExternal(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PBSymbolChangedStreamResponseExternal(_message.Message):
    __slots__ = ("symbolUpdated", "symbolDeleted", "symbolCreated", "heartbeat")
    SYMBOLUPDATED_FIELD_NUMBER: _ClassVar[int]
    SYMBOLDELETED_FIELD_NUMBER: _ClassVar[int]
    SYMBOLCREATED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    symbolUpdated: PBSymbolUpdatedOrCreatedExternal
    symbolDeleted: PBSymbolDeletedExternal
    symbolCreated: PBSymbolUpdatedOrCreatedExternal
    heartbeat: bool
    def __init__(self, symbolUpdated: _Optional[_Union[PBSymbolUpdatedOrCreatedExternal, _Mapping]] = ..., symbolDeleted: _Optional[_Union[PBSymbolDeletedExternal, _Mapping]] = ..., symbolCreated: _Optional[_Union[PBSymbolUpdatedOrCreatedExternal, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBSymbolUpdatedOrCreatedExternal(_message.Message):
    __slots__ = ("symbol", "alias", "baseCurrency", "quoteCurrency", "type", "description", "pricePrecision", "volumePrecision", "volumeMin", "volumeMax", "volumeStep", "contractSize", "multiplier", "divider", "sizeOfOnePoint", "commission", "swapBuy", "swapSell", "leverage", "terminationType", "terminationDate", "tags", "tradingHours")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    BASECURRENCY_FIELD_NUMBER: _ClassVar[int]
    QUOTECURRENCY_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PRICEPRECISION_FIELD_NUMBER: _ClassVar[int]
    VOLUMEPRECISION_FIELD_NUMBER: _ClassVar[int]
    VOLUMEMIN_FIELD_NUMBER: _ClassVar[int]
    VOLUMEMAX_FIELD_NUMBER: _ClassVar[int]
    VOLUMESTEP_FIELD_NUMBER: _ClassVar[int]
    CONTRACTSIZE_FIELD_NUMBER: _ClassVar[int]
    MULTIPLIER_FIELD_NUMBER: _ClassVar[int]
    DIVIDER_FIELD_NUMBER: _ClassVar[int]
    SIZEOFONEPOINT_FIELD_NUMBER: _ClassVar[int]
    COMMISSION_FIELD_NUMBER: _ClassVar[int]
    SWAPBUY_FIELD_NUMBER: _ClassVar[int]
    SWAPSELL_FIELD_NUMBER: _ClassVar[int]
    LEVERAGE_FIELD_NUMBER: _ClassVar[int]
    TERMINATIONTYPE_FIELD_NUMBER: _ClassVar[int]
    TERMINATIONDATE_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    TRADINGHOURS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    alias: str
    baseCurrency: str
    quoteCurrency: str
    type: PBInstrumentTypeExternal
    description: str
    pricePrecision: int
    volumePrecision: int
    volumeMin: str
    volumeMax: str
    volumeStep: str
    contractSize: str
    multiplier: str
    divider: str
    sizeOfOnePoint: str
    commission: float
    swapBuy: str
    swapSell: str
    leverage: float
    terminationType: PBTerminationTypeExternal
    terminationDate: str
    tags: _containers.RepeatedScalarFieldContainer[str]
    tradingHours: _containers.RepeatedCompositeFieldContainer[PBTradeHoursExternal]
    def __init__(self, symbol: _Optional[str] = ..., alias: _Optional[str] = ..., baseCurrency: _Optional[str] = ..., quoteCurrency: _Optional[str] = ..., type: _Optional[_Union[PBInstrumentTypeExternal, str]] = ..., description: _Optional[str] = ..., pricePrecision: _Optional[int] = ..., volumePrecision: _Optional[int] = ..., volumeMin: _Optional[str] = ..., volumeMax: _Optional[str] = ..., volumeStep: _Optional[str] = ..., contractSize: _Optional[str] = ..., multiplier: _Optional[str] = ..., divider: _Optional[str] = ..., sizeOfOnePoint: _Optional[str] = ..., commission: _Optional[float] = ..., swapBuy: _Optional[str] = ..., swapSell: _Optional[str] = ..., leverage: _Optional[float] = ..., terminationType: _Optional[_Union[PBTerminationTypeExternal, str]] = ..., terminationDate: _Optional[str] = ..., tags: _Optional[_Iterable[str]] = ..., tradingHours: _Optional[_Iterable[_Union[PBTradeHoursExternal, _Mapping]]] = ...) -> None: ...

class PBTradeHoursExternal(_message.Message):
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

class PBSymbolDeletedExternal(_message.Message):
    __slots__ = ("symbol",)
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    def __init__(self, symbol: _Optional[str] = ...) -> None: ...

class PBTradingAccountInfoChangedRequestExternal(_message.Message):
    __slots__ = ("groups", "accessRightsFilter")
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    ACCESSRIGHTSFILTER_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedScalarFieldContainer[str]
    accessRightsFilter: _containers.RepeatedScalarFieldContainer[PBClientAccessRightsTypeExternal]
    def __init__(self, groups: _Optional[_Iterable[str]] = ..., accessRightsFilter: _Optional[_Iterable[_Union[PBClientAccessRightsTypeExternal, str]]] = ...) -> None: ...

class PBTradingAccountInfoChangedStreamResponseExternal(_message.Message):
    __slots__ = ("tradingAccountUpdated", "tradingAccountDeleted", "heartbeat")
    TRADINGACCOUNTUPDATED_FIELD_NUMBER: _ClassVar[int]
    TRADINGACCOUNTDELETED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    tradingAccountUpdated: PBTradingAccountUpdated
    tradingAccountDeleted: PBTradingAccountDeleted
    heartbeat: bool
    def __init__(self, tradingAccountUpdated: _Optional[_Union[PBTradingAccountUpdated, _Mapping]] = ..., tradingAccountDeleted: _Optional[_Union[PBTradingAccountDeleted, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBTradingAccountUpdated(_message.Message):
    __slots__ = ("login", "current", "prev")
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    PREV_FIELD_NUMBER: _ClassVar[int]
    login: str
    current: PBAccountInfoUpdatedDetails
    prev: PBAccountInfoUpdatedDetails
    def __init__(self, login: _Optional[str] = ..., current: _Optional[_Union[PBAccountInfoUpdatedDetails, _Mapping]] = ..., prev: _Optional[_Union[PBAccountInfoUpdatedDetails, _Mapping]] = ...) -> None: ...

class PBAccountInfoUpdatedDetails(_message.Message):
    __slots__ = ("group", "leverageRatioPercent", "isRetail", "isProView", "country", "name", "surname", "address", "email", "phone", "province", "zipCode", "city", "remarks", "bankAccount", "accountCurrency", "accountCurrencyPrecision", "registrationDate", "accessRightsType", "version")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    LEVERAGERATIOPERCENT_FIELD_NUMBER: _ClassVar[int]
    ISRETAIL_FIELD_NUMBER: _ClassVar[int]
    ISPROVIEW_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SURNAME_FIELD_NUMBER: _ClassVar[int]
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
    ACCESSRIGHTSTYPE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    group: str
    leverageRatioPercent: int
    isRetail: bool
    isProView: bool
    country: str
    name: str
    surname: str
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
    accessRightsType: PBClientAccessRightsTypeExternal
    version: int
    def __init__(self, group: _Optional[str] = ..., leverageRatioPercent: _Optional[int] = ..., isRetail: _Optional[bool] = ..., isProView: _Optional[bool] = ..., country: _Optional[str] = ..., name: _Optional[str] = ..., surname: _Optional[str] = ..., address: _Optional[str] = ..., email: _Optional[str] = ..., phone: _Optional[str] = ..., province: _Optional[str] = ..., zipCode: _Optional[str] = ..., city: _Optional[str] = ..., remarks: _Optional[str] = ..., bankAccount: _Optional[str] = ..., accountCurrency: _Optional[str] = ..., accountCurrencyPrecision: _Optional[int] = ..., registrationDate: _Optional[int] = ..., accessRightsType: _Optional[_Union[PBClientAccessRightsTypeExternal, str]] = ..., version: _Optional[int] = ...) -> None: ...

class PBTradingAccountDeleted(_message.Message):
    __slots__ = ("login", "group", "reason")
    class PBTradingAccountDeletedReasonExternal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TRADING_ACCOUNT_DELETED_REASON_UNSPECIFIED: _ClassVar[PBTradingAccountDeleted.PBTradingAccountDeletedReasonExternal]
        TRADING_ACCOUNT_DELETED_REASON_ACCOUNT_DELETED: _ClassVar[PBTradingAccountDeleted.PBTradingAccountDeletedReasonExternal]
        TRADING_ACCOUNT_DELETED_REASON_RIGHTS_REVOKED: _ClassVar[PBTradingAccountDeleted.PBTradingAccountDeletedReasonExternal]
        TRADING_ACCOUNT_DELETED_REASON_ACCOUNT_INTERNAL_ERROR: _ClassVar[PBTradingAccountDeleted.PBTradingAccountDeletedReasonExternal]
    TRADING_ACCOUNT_DELETED_REASON_UNSPECIFIED: PBTradingAccountDeleted.PBTradingAccountDeletedReasonExternal
    TRADING_ACCOUNT_DELETED_REASON_ACCOUNT_DELETED: PBTradingAccountDeleted.PBTradingAccountDeletedReasonExternal
    TRADING_ACCOUNT_DELETED_REASON_RIGHTS_REVOKED: PBTradingAccountDeleted.PBTradingAccountDeletedReasonExternal
    TRADING_ACCOUNT_DELETED_REASON_ACCOUNT_INTERNAL_ERROR: PBTradingAccountDeleted.PBTradingAccountDeletedReasonExternal
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    login: str
    group: str
    reason: PBTradingAccountDeleted.PBTradingAccountDeletedReasonExternal
    def __init__(self, login: _Optional[str] = ..., group: _Optional[str] = ..., reason: _Optional[_Union[PBTradingAccountDeleted.PBTradingAccountDeletedReasonExternal, str]] = ...) -> None: ...

class PBTradingEventsStreamRequestExternal(_message.Message):
    __slots__ = ("logins", "groups", "accessRightsFilter")
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    ACCESSRIGHTSFILTER_FIELD_NUMBER: _ClassVar[int]
    logins: _containers.RepeatedScalarFieldContainer[str]
    groups: _containers.RepeatedScalarFieldContainer[str]
    accessRightsFilter: _containers.RepeatedScalarFieldContainer[PBClientAccessRightsTypeExternal]
    def __init__(self, logins: _Optional[_Iterable[str]] = ..., groups: _Optional[_Iterable[str]] = ..., accessRightsFilter: _Optional[_Iterable[_Union[PBClientAccessRightsTypeExternal, str]]] = ...) -> None: ...

class PBTradingEventsStreamResponseExternal(_message.Message):
    __slots__ = ("tradingEvents", "heartbeat")
    TRADINGEVENTS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    tradingEvents: PBTradingExternalEvents
    heartbeat: bool
    def __init__(self, tradingEvents: _Optional[_Union[PBTradingExternalEvents, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBTradingExternalEvents(_message.Message):
    __slots__ = ("tradingEvents",)
    TRADINGEVENTS_FIELD_NUMBER: _ClassVar[int]
    tradingEvents: _containers.RepeatedCompositeFieldContainer[PBTradingExternalEvent]
    def __init__(self, tradingEvents: _Optional[_Iterable[_Union[PBTradingExternalEvent, _Mapping]]] = ...) -> None: ...

class PBTradingExternalEvent(_message.Message):
    __slots__ = ("marginCallEvent", "stopOutEvent", "takeProfitEvent", "stopLossEvent", "orderActivationEvent", "login", "group")
    MARGINCALLEVENT_FIELD_NUMBER: _ClassVar[int]
    STOPOUTEVENT_FIELD_NUMBER: _ClassVar[int]
    TAKEPROFITEVENT_FIELD_NUMBER: _ClassVar[int]
    STOPLOSSEVENT_FIELD_NUMBER: _ClassVar[int]
    ORDERACTIVATIONEVENT_FIELD_NUMBER: _ClassVar[int]
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    marginCallEvent: PBMarginCallExternalEvent
    stopOutEvent: PBStopOutExternalEvent
    takeProfitEvent: PBTakeProfitExternalEvent
    stopLossEvent: PBStopLossExternalEvent
    orderActivationEvent: PBOrderActivationExternalEvent
    login: str
    group: str
    def __init__(self, marginCallEvent: _Optional[_Union[PBMarginCallExternalEvent, _Mapping]] = ..., stopOutEvent: _Optional[_Union[PBStopOutExternalEvent, _Mapping]] = ..., takeProfitEvent: _Optional[_Union[PBTakeProfitExternalEvent, _Mapping]] = ..., stopLossEvent: _Optional[_Union[PBStopLossExternalEvent, _Mapping]] = ..., orderActivationEvent: _Optional[_Union[PBOrderActivationExternalEvent, _Mapping]] = ..., login: _Optional[str] = ..., group: _Optional[str] = ...) -> None: ...

class PBMarginCallExternalEvent(_message.Message):
    __slots__ = ("marginLevel",)
    MARGINLEVEL_FIELD_NUMBER: _ClassVar[int]
    marginLevel: float
    def __init__(self, marginLevel: _Optional[float] = ...) -> None: ...

class PBStopOutExternalEvent(_message.Message):
    __slots__ = ("orderId", "instrument", "volume")
    ORDERID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    orderId: str
    instrument: str
    volume: float
    def __init__(self, orderId: _Optional[str] = ..., instrument: _Optional[str] = ..., volume: _Optional[float] = ...) -> None: ...

class PBTakeProfitExternalEvent(_message.Message):
    __slots__ = ("orderId", "instrument", "side", "volume", "netProfit", "walletCurrency")
    ORDERID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    NETPROFIT_FIELD_NUMBER: _ClassVar[int]
    WALLETCURRENCY_FIELD_NUMBER: _ClassVar[int]
    orderId: str
    instrument: str
    side: PBOrderSideExternal
    volume: float
    netProfit: float
    walletCurrency: str
    def __init__(self, orderId: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[_Union[PBOrderSideExternal, str]] = ..., volume: _Optional[float] = ..., netProfit: _Optional[float] = ..., walletCurrency: _Optional[str] = ...) -> None: ...

class PBStopLossExternalEvent(_message.Message):
    __slots__ = ("orderId", "instrument", "side", "volume", "netProfit", "walletCurrency")
    ORDERID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    NETPROFIT_FIELD_NUMBER: _ClassVar[int]
    WALLETCURRENCY_FIELD_NUMBER: _ClassVar[int]
    orderId: str
    instrument: str
    side: PBOrderSideExternal
    volume: float
    netProfit: float
    walletCurrency: str
    def __init__(self, orderId: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[_Union[PBOrderSideExternal, str]] = ..., volume: _Optional[float] = ..., netProfit: _Optional[float] = ..., walletCurrency: _Optional[str] = ...) -> None: ...

class PBOrderActivationExternalEvent(_message.Message):
    __slots__ = ("orderId", "instrument", "side", "volume", "activationPrice")
    ORDERID_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_FIELD_NUMBER: _ClassVar[int]
    SIDE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    ACTIVATIONPRICE_FIELD_NUMBER: _ClassVar[int]
    orderId: str
    instrument: str
    side: PBOrderSideExternal
    volume: float
    activationPrice: float
    def __init__(self, orderId: _Optional[str] = ..., instrument: _Optional[str] = ..., side: _Optional[_Union[PBOrderSideExternal, str]] = ..., volume: _Optional[float] = ..., activationPrice: _Optional[float] = ...) -> None: ...
