"""What accounts hold, and what is over: of those that `logins[]` and `groups[]` name, whatever their access.

The questions are those of version 1; what they give is shown with the names of version 2.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from prorata.access.permissions import Permission
from prorata.crm.direct import EXTERNAL
from prorata.messages.refusals import Refusal
from prorata.projections.many import ManyAccounts, Wanted
from prorata.rest.broker import trading_data as first
from prorata.rest.broker.kinds import Given, LoginGiven, Record, login_of
from prorata.rest.broker.trade_shapes import ClosedPosition, CloseReason, LedgerType, LedgerView, OrderStatus
from prorata.rest.broker.trade_values import OrderSide
from prorata.rest.broker_v2.balance import AdditionalType
from prorata.rest.broker_v2.call import CallV2
from prorata.rest.broker_v2.registry import operation
from prorata.rest.broker_v2.trading_accounts import ACCESS, AccessRight
from prorata.rest.own.session import Platform
from prorata.units.numbers import Login
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment

ROOT = first.ROOT


class ClosedPositionV2(Record, frozen=True):
    """`uid`: of this closing, of which a position that is closed in parts has several."""

    id: str
    uid: str
    symbol: str
    alias: str
    volume: Decimal
    side: OrderSide
    open_time: str | None
    open_price: Decimal
    stop_loss: Decimal
    take_profit: Decimal
    close_time: str | None
    close_price: Decimal
    commission: Decimal
    swap: Decimal
    profit: Decimal
    net_profit: Decimal
    closing_order_id: str
    reason: CloseReason
    comment: str


class ClosedPositionsV2(Record, frozen=True):
    closed_positions: list[ClosedPositionV2]


class LedgerViewV2(LedgerView, frozen=True, kw_only=True):
    """`additional_type`: what a program said that its booking is."""

    additional_type: AdditionalType


class LedgersOfV2(Record, frozen=True):
    login: int
    group: str
    operations: list[LedgerViewV2]


class ChosenGiven(Given, frozen=True):
    logins: list[LoginGiven] | None = None
    groups: list[str] | None = None
    access_rights_filter: list[AccessRight] | None = None
    limit: int | None = None


class SpanGiven(ChosenGiven, frozen=True):
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None


class LedgersGiven(SpanGiven, frozen=True, kw_only=True):
    types: list[LedgerType] | None = None


class HistoryGiven(SpanGiven, frozen=True, kw_only=True):
    statuses: list[OrderStatus] | None = None


@operation("POST", f"{ROOT}/open-positions", needs=Permission.TRADES_READ, asks=True)
async def open_positions(call: CallV2, given: ChosenGiven) -> list[first.PositionsOf]:
    """Open positions of accounts."""
    return await first.open_positions_of_many(call, _asked(call, given, first.ManyGiven))


@operation("POST", f"{ROOT}/active-orders", needs=Permission.TRADES_READ, asks=True, ours=True)
async def active_orders(call: CallV2, given: ChosenGiven) -> list[first.OrdersOf]:
    """Pending orders of accounts."""
    return await first.active_orders_of_many(call, _asked(call, given, first.ManyGiven))


@operation("POST", f"{ROOT}/closed-positions", needs=Permission.TRADES_READ, asks=True)
async def closed_positions(call: CallV2, given: SpanGiven) -> ClosedPositionsV2:
    """Closed positions of accounts within a span, each closed part by itself."""
    found = await first.closed_positions_of_many(call, _asked(call, given, first.SpanGiven, from_=given.from_, to=given.to))
    return ClosedPositionsV2(closed_positions=[_closed(one) for one in found.closed_positions])


@operation("POST", f"{ROOT}/ledgers", needs=Permission.TRADES_READ, asks=True)
async def ledgers(call: CallV2, given: LedgersGiven) -> list[LedgersOfV2]:
    """Movements of accounts' money, of the kinds that `types[]` names, or all."""
    asked = _asked(call, given, first.LedgersGiven, from_=given.from_, to=given.to, types=given.types or list(LedgerType))
    found = await first.ledgers_of_many(call, asked)
    types = await call.sql(_types_of, call, call.platform, [one.login for one in found], given)
    return [
        LedgersOfV2(login=one.login, group=one.group, operations=[_typed(entry, types) for entry in one.operations])
        for one in found
    ]


@operation("POST", f"{ROOT}/orders-history", needs=Permission.TRADES_READ, asks=True)
@operation("POST", f"{ROOT}/order-history", needs=Permission.TRADES_READ, asks=True)
async def orders_history(call: CallV2, given: HistoryGiven) -> list[first.HistoryOf]:
    """Orders of accounts by what happened to them last, of the `statuses[]` that are named, or all."""
    statuses = given.statuses or list(OrderStatus)
    asked = _asked(call, given, first.HistoryGiven, from_=given.from_, to=given.to, statuses=statuses)
    return await first.order_history(call, asked)


def _asked(call: CallV2, given: ChosenGiven, kind: Any, **more: Any) -> Any:
    """Return the question of version 1: for the accounts that are meant, by their logins. Raises `Rejected`."""
    if not given.logins and not given.groups:
        raise Rejected(Refusal.MALFORMED, "logins, groups: at least one of them names something")
    accounts, groups = call.platform.desk.state.accounts, frozenset(given.groups or ())
    logins = {login_of(login) for login in given.logins or ()} & accounts.keys()
    if groups:
        logins |= {login for login, account in accounts.items() if account.group in groups}
    if given.access_rights_filter:
        wanted = {ACCESS[right] for right in given.access_rights_filter}
        logins = {login for login in logins if accounts[login].access in wanted}
    # Where nobody is left to ask for, a group that is none finds nobody.
    return kind(
        system_uuid=call.system_uuid, logins=sorted(logins), groups=None if logins else [""], limit=given.limit,
        include_locked=True, include_blocked=True, **more,
    )  # fmt: skip


def _closed(one: ClosedPosition) -> ClosedPositionV2:
    same = {name: getattr(one, name) for name in ClosedPositionV2.__struct_fields__ if hasattr(one, name)}
    return ClosedPositionV2(**same, close_time=one.time)


def _types_of(call: CallV2, platform: Platform, logins: list[Login], span: SpanGiven) -> dict[str, AdditionalType]:
    """Return what programs have called their bookings, by the number of the event. Blocks."""
    since = read_moment(span.from_, "from") if span.from_ else None
    until = read_moment(span.to, "to") if span.to else None
    wanted = Wanted(since=since, until=until, limit=first.LIMIT_MAX)
    booked = ManyAccounts(platform.history).external_ids(logins, wanted, EXTERNAL)
    types = call.crm.direct.types_of(booked.values())
    return {str(number): AdditionalType(types[name]) for number, name in booked.items() if name in types}


def _typed(entry: LedgerView, types: Mapping[str, AdditionalType]) -> LedgerViewV2:
    unnamed = AdditionalType.IB_COMMISSION if entry.type == LedgerType.AGENT_COMMISSION else AdditionalType.NONE
    kind = types.get(entry.id.partition("-")[0], unnamed)
    return LedgerViewV2(**msgspec.structs.asdict(entry), additional_type=kind)
