"""Version 1 as its newer clients have it: each message is content or a heartbeat. Requests and services are those of `v1`."""

from typing import Any

import msgspec

from prorata.messages.commands import Access
from prorata.stream.grpc import v1
from prorata.stream.grpc.forms import Form, wrapped
from prorata.stream.grpc.proto import broker_v1_enveloped_pb2 as pb
from prorata.stream.grpc.proto import broker_v1_pb2
from prorata.stream.grpc.told import AccountShown, AccountTold, EventTold, LedgerTold, OrderTold, PositionTold, SymbolTold

ACCESS = {
    Access.FULL: 1, Access.CLOSE_ONLY: 2, Access.TRADING_DISABLED: 3, Access.LOGIN_DISABLED: 4,
}  # fmt: skip
HEARTBEAT = b"\x10\x01"


def _position(told: PositionTold) -> bytes:
    update: Any = int(told.update)
    position = pb.PBPosition(
        **v1.position_fields(told.position), partials=v1.partials(told), request_update_type=update
    )  # fmt: skip
    return pb.PBPositions(positions=[position]).SerializeToString()


def _ledger(told: LedgerTold) -> bytes:
    return pb.PBLedgerStreamResponseExternal(ledger=v1.ledger_record(told)).SerializeToString()


def _ledger_of_many(told: LedgerTold) -> bytes:
    one = pb.PBLedgerStreamResponseExternal(ledger=v1.ledger_record(told))
    return pb.PBLedgers(ledgers=[one]).SerializeToString()


def _order(told: OrderTold) -> bytes:
    return pb.PBOrdersUpdateStreamResponseExternal(order=v1.order_record(told)).SerializeToString()


def _event(told: EventTold) -> bytes:
    return pb.TradingEvents(tradingEvents=[v1.event_record(told)]).SerializeToString()


def _symbol(told: SymbolTold) -> bytes:
    change = v1.symbol_change(told)
    if told.is_new:
        created = broker_v1_pb2.PBSymbolChangedStreamResponseExternal()
        created.instrumentCreated.CopyFrom(change.instrumentUpdated)
        return created.SerializeToString()
    return change.SerializeToString()


def _account(told: AccountTold) -> bytes:
    if told.is_deleted:
        deleted = pb.PBAccountInfoChangedStreamResponseExternal(userDeleted=v1.account_deleted(told))
        return deleted.SerializeToString()
    updated = pb.PBAccountInfoUpdated(
        login=told.login, current=_details(told.now), prev=None if told.before is None else _details(told.before)
    )  # fmt: skip
    return pb.PBAccountInfoChangedStreamResponseExternal(userUpdated=updated).SerializeToString()


def _details(shown: AccountShown) -> pb.PBAccountInfoUpdatedDetails:
    access: Any = ACCESS[shown.access]
    details = pb.PBAccountInfoUpdatedDetails(
        uuid=shown.uuid, group=shown.group, leverage=shown.leverage, isRetail=True, isProView=False,
        isBlocked=shown.access == Access.LOGIN_DISABLED, isLocked=shown.access == Access.TRADING_DISABLED,
        accountCurrency=shown.currency, accountCurrencyPrecision=shown.currency_digits, registrationDate=shown.opened_at,
        accessRightsType=access,
    )  # fmt: skip
    card = shown.card
    if card is not None:
        details.country, details.name, details.address, details.email = card.country, card.name, card.address, card.email
        details.phone, details.province, details.zipCode, details.city = card.phone, card.state, card.zip_code, card.city
        details.remarks, details.agentId = card.comment, card.agent
    return details


_FORMS = {
    "getClientPositionsStream": Form(_position, HEARTBEAT, wrapped),
    "getLedgersStreamByLogin": Form(_ledger, HEARTBEAT),
    "getLedgersStreamByGroupsOrLogins": Form(_ledger_of_many, HEARTBEAT, wrapped),
    "getOrdersUpdateStreamByGroupsOrLogins": Form(_order, HEARTBEAT),
    "getTradingEventsStream": Form(_event, HEARTBEAT, wrapped),
    "getSymbolsChangedStream": Form(_symbol, b"\x20\x01"),
    "getAccountInfoChangedStream": Form(_account, b"\x18\x01"),
}
METHODS = tuple(
    msgspec.structs.replace(method, form=_FORMS.get(method.path.rpartition("/")[2], method.form)) for method in v1.METHODS
)
