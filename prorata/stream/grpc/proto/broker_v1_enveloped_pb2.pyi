from prorata.stream.grpc.proto import broker_v1_pb2 as _broker_v1_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PBClientAccessRightsType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLIENT_ACCESS_RIGHTS_TYPE_UNSPECIFIED: _ClassVar[PBClientAccessRightsType]
    CLIENT_ACCESS_RIGHTS_TYPE_FULL_ACCESS: _ClassVar[PBClientAccessRightsType]
    CLIENT_ACCESS_RIGHTS_TYPE_CLOSE_ONLY: _ClassVar[PBClientAccessRightsType]
    CLIENT_ACCESS_RIGHTS_TYPE_TRADING_DISABLED: _ClassVar[PBClientAccessRightsType]
    CLIENT_ACCESS_RIGHTS_TYPE_LOGIN_DISABLED: _ClassVar[PBClientAccessRightsType]
    CLIENT_ACCESS_RIGHTS_TYPE_LOCKED_CLOSE_ONLY: _ClassVar[PBClientAccessRightsType]
CLIENT_ACCESS_RIGHTS_TYPE_UNSPECIFIED: PBClientAccessRightsType
CLIENT_ACCESS_RIGHTS_TYPE_FULL_ACCESS: PBClientAccessRightsType
CLIENT_ACCESS_RIGHTS_TYPE_CLOSE_ONLY: PBClientAccessRightsType
CLIENT_ACCESS_RIGHTS_TYPE_TRADING_DISABLED: PBClientAccessRightsType
CLIENT_ACCESS_RIGHTS_TYPE_LOGIN_DISABLED: PBClientAccessRightsType
CLIENT_ACCESS_RIGHTS_TYPE_LOCKED_CLOSE_ONLY: PBClientAccessRightsType

class PBPositionStreamResponseExternal(_message.Message):
    __slots__ = ("positionList", "heartbeat")
    POSITIONLIST_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    positionList: PBPositions
    heartbeat: bool
    def __init__(self, positionList: _Optional[_Union[PBPositions, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBPositions(_message.Message):
    __slots__ = ("positions",)
    POSITIONS_FIELD_NUMBER: _ClassVar[int]
    positions: _containers.RepeatedCompositeFieldContainer[PBPosition]
    def __init__(self, positions: _Optional[_Iterable[_Union[PBPosition, _Mapping]]] = ...) -> None: ...

class PBPosition(_message.Message):
    __slots__ = ("id", "symbol", "volume", "side", "open_time", "open_price", "stop_loss", "take_profit", "swap", "profit", "net_profit", "current_price", "commission", "partials", "alias", "request_update_type")
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
    id: str
    symbol: str
    volume: float
    side: _broker_v1_pb2.PBOrderSideExternal
    open_time: str
    open_price: float
    stop_loss: float
    take_profit: float
    swap: float
    profit: float
    net_profit: float
    current_price: float
    commission: float
    partials: _containers.RepeatedCompositeFieldContainer[_broker_v1_pb2.PBPartialExternal]
    alias: str
    request_update_type: _broker_v1_pb2.PBRequestUpdateTypeExternal
    def __init__(self, id: _Optional[str] = ..., symbol: _Optional[str] = ..., volume: _Optional[float] = ..., side: _Optional[_Union[_broker_v1_pb2.PBOrderSideExternal, str]] = ..., open_time: _Optional[str] = ..., open_price: _Optional[float] = ..., stop_loss: _Optional[float] = ..., take_profit: _Optional[float] = ..., swap: _Optional[float] = ..., profit: _Optional[float] = ..., net_profit: _Optional[float] = ..., current_price: _Optional[float] = ..., commission: _Optional[float] = ..., partials: _Optional[_Iterable[_Union[_broker_v1_pb2.PBPartialExternal, _Mapping]]] = ..., alias: _Optional[str] = ..., request_update_type: _Optional[_Union[_broker_v1_pb2.PBRequestUpdateTypeExternal, str]] = ...) -> None: ...

class PBLedgerStreamResponseExternal(_message.Message):
    __slots__ = ("ledger", "heartbeat")
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    ledger: _broker_v1_pb2.PBLedgerStreamResponseExternal
    heartbeat: bool
    def __init__(self, ledger: _Optional[_Union[_broker_v1_pb2.PBLedgerStreamResponseExternal, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

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
    ledgers: _containers.RepeatedCompositeFieldContainer[PBLedgerStreamResponseExternal]
    def __init__(self, ledgers: _Optional[_Iterable[_Union[PBLedgerStreamResponseExternal, _Mapping]]] = ...) -> None: ...

class PBOrdersUpdateStreamResponseExternal(_message.Message):
    __slots__ = ("order", "heartbeat")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    order: _broker_v1_pb2.PBOrdersUpdateStreamResponseExternal
    heartbeat: bool
    def __init__(self, order: _Optional[_Union[_broker_v1_pb2.PBOrdersUpdateStreamResponseExternal, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBTradingEventsStreamResponseExternal(_message.Message):
    __slots__ = ("tradingEvents", "heartbeat")
    TRADINGEVENTS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    tradingEvents: TradingEvents
    heartbeat: bool
    def __init__(self, tradingEvents: _Optional[_Union[TradingEvents, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class TradingEvents(_message.Message):
    __slots__ = ("tradingEvents",)
    TRADINGEVENTS_FIELD_NUMBER: _ClassVar[int]
    tradingEvents: _containers.RepeatedCompositeFieldContainer[_broker_v1_pb2.PBTradingEvent]
    def __init__(self, tradingEvents: _Optional[_Iterable[_Union[_broker_v1_pb2.PBTradingEvent, _Mapping]]] = ...) -> None: ...

class PBAccountInfoChangedStreamResponseExternal(_message.Message):
    __slots__ = ("userUpdated", "userDeleted", "heartbeat")
    USERUPDATED_FIELD_NUMBER: _ClassVar[int]
    USERDELETED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    userUpdated: PBAccountInfoUpdated
    userDeleted: _broker_v1_pb2.PBAccountInfoDeleted
    heartbeat: bool
    def __init__(self, userUpdated: _Optional[_Union[PBAccountInfoUpdated, _Mapping]] = ..., userDeleted: _Optional[_Union[_broker_v1_pb2.PBAccountInfoDeleted, _Mapping]] = ..., heartbeat: _Optional[bool] = ...) -> None: ...

class PBAccountInfoUpdated(_message.Message):
    __slots__ = ("login", "prev", "current")
    LOGIN_FIELD_NUMBER: _ClassVar[int]
    PREV_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    login: int
    prev: PBAccountInfoUpdatedDetails
    current: PBAccountInfoUpdatedDetails
    def __init__(self, login: _Optional[int] = ..., prev: _Optional[_Union[PBAccountInfoUpdatedDetails, _Mapping]] = ..., current: _Optional[_Union[PBAccountInfoUpdatedDetails, _Mapping]] = ...) -> None: ...

class PBAccountInfoUpdatedDetails(_message.Message):
    __slots__ = ("uuid", "group", "leverage", "isRetail", "isProView", "isBlocked", "isLocked", "country", "name", "address", "email", "phone", "province", "zipCode", "city", "remarks", "bankAccount", "accountCurrency", "accountCurrencyPrecision", "registrationDate", "agentId", "accessRightsType")
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
    AGENTID_FIELD_NUMBER: _ClassVar[int]
    ACCESSRIGHTSTYPE_FIELD_NUMBER: _ClassVar[int]
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
    agentId: int
    accessRightsType: PBClientAccessRightsType
    def __init__(self, uuid: _Optional[str] = ..., group: _Optional[str] = ..., leverage: _Optional[int] = ..., isRetail: _Optional[bool] = ..., isProView: _Optional[bool] = ..., isBlocked: _Optional[bool] = ..., isLocked: _Optional[bool] = ..., country: _Optional[str] = ..., name: _Optional[str] = ..., address: _Optional[str] = ..., email: _Optional[str] = ..., phone: _Optional[str] = ..., province: _Optional[str] = ..., zipCode: _Optional[str] = ..., city: _Optional[str] = ..., remarks: _Optional[str] = ..., bankAccount: _Optional[str] = ..., accountCurrency: _Optional[str] = ..., accountCurrencyPrecision: _Optional[int] = ..., registrationDate: _Optional[int] = ..., agentId: _Optional[int] = ..., accessRightsType: _Optional[_Union[PBClientAccessRightsType, str]] = ...) -> None: ...
