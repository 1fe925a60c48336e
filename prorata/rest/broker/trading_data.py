"""What accounts hold, and what is over: of one account by its login, of many by `logins[]` and `groups[]`.

Many accounts are those of the trade platform that are named or in a named group and may sign in and trade; `includeLocked`
takes those that may not trade, `includeBlocked` those that may not sign in. Accounts that are not there are passed over.
"""

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from prorata.access.permissions import Permission
from prorata.messages.commands import Access
from prorata.messages.refusals import Refusal
from prorata.projections.many import Wanted
from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import Given, LoginGiven, Record, Uuid, login_of
from prorata.rest.broker.past import Past
from prorata.rest.broker.registry import operation
from prorata.rest.broker.trade_shapes import (
    ActiveOrder,
    ClosedPosition,
    HistoricalOrder,
    LedgerType,
    LedgerView,
    OpenPosition,
    OrderStatus,
    SnapshotView,
    active_orders,
    open_positions,
)
from prorata.rest.broker.trade_values import ticket_of
from prorata.rest.caught_up import caught_up
from prorata.rest.own.session import Platform
from prorata.trading.state import Account
from prorata.units.numbers import Login, Ticket
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment

ROOT = "/v1/trading-accounts/trading-data"
SHORT = "/v1/trading-accounts"
"""The same lists are published under both."""
LIMIT_MAX = 10_000
"""rows of one account"""
LOGINS_MAX = 10_000
IDS_MAX = 1_000

Shown = TypeVar("Shown")


class OpenPositions(Record, frozen=True):
    positions: list[OpenPosition]


class ClosedPositions(Record, frozen=True):
    closed_positions: list[ClosedPosition]


class ActiveOrders(Record, frozen=True):
    orders: list[ActiveOrder]


class Ledgers(Record, frozen=True):
    operations: list[LedgerView]


class HistoricalOrders(Record, frozen=True):
    historical_orders: list[HistoricalOrder]


class PositionsOf(Record, frozen=True):
    login: int
    group: str
    positions: list[OpenPosition]


class OrdersOf(Record, frozen=True):
    login: int
    group: str
    orders: list[ActiveOrder]


class LedgersOf(Record, frozen=True):
    login: int
    group: str
    operations: list[LedgerView]


class HistoryOf(Record, frozen=True):
    login: int
    group: str
    historical_orders: list[HistoricalOrder]


class Snapshots(Record, frozen=True):
    balance_snapshots: list[SnapshotView]


class SnapshotsOf(Record, frozen=True):
    login: int
    group: str
    balance_snapshots: list[SnapshotView]


class ManyGiven(Given, frozen=True):
    system_uuid: Uuid
    logins: list[LoginGiven] | None = None
    groups: list[str] | None = None
    limit: int | None = None
    include_locked: bool = False
    include_blocked: bool = False


class SpanGiven(ManyGiven, frozen=True):
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None


class LedgersGiven(SpanGiven, frozen=True, kw_only=True):
    types: list[LedgerType]


class HistoryGiven(SpanGiven, frozen=True, kw_only=True):
    statuses: list[OrderStatus]


class IdsGiven(Given, frozen=True):
    system_uuid: Uuid
    login: LoginGiven
    ids: list[str]
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None


# What is open.


@operation("GET", f"{ROOT}/open-positions", needs=Permission.TRADES_READ)
@operation("GET", f"{SHORT}/open-positions", needs=Permission.TRADES_READ)
async def open_positions_of_one(call: Call, system_uuid: str, login: LoginGiven) -> OpenPositions:
    """Open positions of one account."""
    platform, account = call.traded(system_uuid, login)
    return OpenPositions(positions=open_positions(platform.desk, account))


@operation("POST", f"{ROOT}/open-positions", needs=Permission.TRADES_READ, asks=True)
@operation("POST", f"{SHORT}/open-positions", needs=Permission.TRADES_READ, asks=True)
async def open_positions_of_many(call: Call, given: ManyGiven) -> list[PositionsOf]:
    """Open positions of many accounts."""
    platform, chosen = _chosen(call, given)
    limit = _limit(given.limit)
    return [
        PositionsOf(login=one.login, group=one.group, positions=open_positions(platform.desk, one)[:limit]) for one in chosen
    ]


@operation("POST", f"{ROOT}/open-positions-by-ids", needs=Permission.TRADES_READ, asks=True)
@operation("POST", f"{SHORT}/open-positions-by-ids", needs=Permission.TRADES_READ, asks=True)
async def open_positions_by_ids(call: Call, given: IdsGiven) -> OpenPositions:
    """Open positions of one account, by their ids."""
    platform, account = call.traded(given.system_uuid, given.login)
    wanted = _tickets(given.ids)
    found = open_positions(platform.desk, account)
    return OpenPositions(positions=[one for one in found if ticket_of(one.id, "id") in wanted])


@operation("GET", f"{ROOT}/active-orders", needs=Permission.TRADES_READ)
@operation("GET", f"{SHORT}/active-orders", needs=Permission.TRADES_READ)
async def active_orders_of_one(call: Call, system_uuid: str, login: LoginGiven) -> ActiveOrders:
    """Pending orders of one account."""
    platform, account = call.traded(system_uuid, login)
    return ActiveOrders(orders=active_orders(platform.desk, account))


@operation("POST", f"{ROOT}/active-orders", needs=Permission.TRADES_READ, asks=True, ours=True)
async def active_orders_of_many(call: Call, given: ManyGiven) -> list[OrdersOf]:
    """Pending orders of many accounts."""
    platform, chosen = _chosen(call, given)
    limit = _limit(given.limit)
    return [OrdersOf(login=one.login, group=one.group, orders=active_orders(platform.desk, one)[:limit]) for one in chosen]


@operation("POST", f"{ROOT}/active-orders-by-ids", needs=Permission.TRADES_READ, asks=True)
@operation("POST", f"{SHORT}/active-orders-by-ids", needs=Permission.TRADES_READ, asks=True)
async def active_orders_by_ids(call: Call, given: IdsGiven) -> ActiveOrders:
    """Pending orders of one account, by their ids."""
    platform, account = call.traded(given.system_uuid, given.login)
    wanted = _tickets(given.ids)
    found = active_orders(platform.desk, account)
    return ActiveOrders(orders=[one for one in found if ticket_of(one.id, "id") in wanted])


# What is over.


@operation("GET", f"{ROOT}/closed-positions", needs=Permission.TRADES_READ)
@operation("GET", f"{SHORT}/closed-positions", needs=Permission.TRADES_READ)
async def closed_positions_of_one(
    call: Call, system_uuid: str, login: LoginGiven, from_: str | None = None, to: str | None = None
) -> ClosedPositions:
    """Closed positions of one account, each closed part by itself."""
    platform, account = call.traded(system_uuid, login)
    wanted = _wanted(from_, to)
    past = await _past(platform)
    return ClosedPositions(closed_positions=_of_one(account, await call.sql(past.closed, [account], wanted)))


@operation("POST", f"{ROOT}/closed-positions", needs=Permission.TRADES_READ, asks=True)
@operation("POST", f"{SHORT}/closed-positions", needs=Permission.TRADES_READ, asks=True)
async def closed_positions_of_many(call: Call, given: SpanGiven) -> ClosedPositions:
    """Closed positions of many accounts within a span."""
    if given.from_ is None or given.to is None:
        raise Rejected(Refusal.MALFORMED, "from, to: both are needed")
    platform, chosen = _chosen(call, given)
    wanted = _wanted(given.from_, given.to, given.limit)
    past = await _past(platform)
    found = await call.sql(past.closed, chosen, wanted)
    return ClosedPositions(closed_positions=[closed for login in sorted(found) for closed in found[login]])


@operation("POST", f"{ROOT}/closed-positions-by-ids", needs=Permission.TRADES_READ, asks=True)
@operation("POST", f"{SHORT}/closed-positions-by-ids", needs=Permission.TRADES_READ, asks=True)
async def closed_positions_by_ids(call: Call, given: IdsGiven) -> ClosedPositions:
    """Closed positions of one account, by their ids."""
    platform, account = call.traded(given.system_uuid, given.login)
    wanted, tickets = _wanted(given.from_, given.to), _tickets(given.ids)
    past = await _past(platform)
    found = await call.sql(past.closed, [account], wanted, tickets)
    return ClosedPositions(closed_positions=_of_one(account, found))


@operation("GET", f"{ROOT}/ledgers", needs=Permission.TRADES_READ)
@operation("GET", f"{SHORT}/ledgers", needs=Permission.TRADES_READ)
async def ledgers_of_one(
    call: Call, system_uuid: str, login: LoginGiven, types: list[LedgerType], from_: str | None = None,
    to: str | None = None, limit: int | None = None,
) -> Ledgers:  # fmt: skip
    """Movements of one account's money, of the kinds that `types[]` names."""
    platform, account = call.traded(system_uuid, login)
    wanted, kinds = _wanted(from_, to, limit), _some(types, "types")
    past = await _past(platform)
    return Ledgers(operations=_of_one(account, await call.sql(past.ledgers, [account], wanted, kinds)))


@operation("POST", f"{ROOT}/ledgers", needs=Permission.TRADES_READ, asks=True)
@operation("POST", f"{SHORT}/ledgers", needs=Permission.TRADES_READ, asks=True)
async def ledgers_of_many(call: Call, given: LedgersGiven) -> list[LedgersOf]:
    """Movements of many accounts' money, of the kinds that `types[]` names."""
    platform, chosen = _chosen(call, given)
    wanted, types = _wanted(given.from_, given.to, given.limit), _some(given.types, "types")
    past = await _past(platform)
    found = await call.sql(past.ledgers, chosen, wanted, types)
    return [LedgersOf(login=one.login, group=one.group, operations=found[one.login]) for one in chosen if one.login in found]


@operation("POST", f"{ROOT}/order-history", needs=Permission.TRADES_READ, asks=True)
@operation("POST", f"{SHORT}/order-history", needs=Permission.TRADES_READ, asks=True)
async def order_history(call: Call, given: HistoryGiven) -> list[HistoryOf]:
    """Orders of many accounts by what happened to them last, of the `statuses[]` that are named."""
    platform, chosen = _chosen(call, given)
    wanted, statuses = _wanted(given.from_, given.to, given.limit), _some(given.statuses, "statuses")
    past = await _past(platform)
    found = await call.sql(past.orders, chosen, wanted, statuses)
    return [
        HistoryOf(login=one.login, group=one.group, historical_orders=found[one.login]) for one in chosen if one.login in found
    ]


@operation("POST", f"{ROOT}/order-history-by-ids", needs=Permission.TRADES_READ, asks=True)
@operation("POST", f"{SHORT}/order-history-by-ids", needs=Permission.TRADES_READ, asks=True)
async def order_history_by_ids(call: Call, given: IdsGiven) -> HistoricalOrders:
    """Orders of one account, by their ids."""
    platform, account = call.traded(given.system_uuid, given.login)
    wanted, tickets = _wanted(given.from_, given.to), _tickets(given.ids)
    past = await _past(platform)
    found = await call.sql(past.orders, [account], wanted, tickets=tickets)
    return HistoricalOrders(historical_orders=_of_one(account, found))


@operation("GET", f"{SHORT}/balance-snapshots", needs=Permission.TRADES_READ, ours=True)
async def snapshots_of_one(
    call: Call, system_uuid: str, login: LoginGiven, from_: str | None = None, to: str | None = None, limit: int | None = None
) -> Snapshots:
    """Balance, credit, equity and margin of one account at the end of each trading day."""
    platform, account = call.traded(system_uuid, login)
    wanted = _wanted(from_, to, limit)
    past = await _past(platform)
    return Snapshots(balance_snapshots=_of_one(account, await call.sql(past.days, [account], wanted)))


@operation("POST", f"{SHORT}/balance-snapshots", needs=Permission.TRADES_READ, asks=True, ours=True)
async def snapshots_of_many(call: Call, given: SpanGiven) -> list[SnapshotsOf]:
    """Balance, credit, equity and margin of many accounts at the end of each trading day."""
    platform, chosen = _chosen(call, given)
    wanted = _wanted(given.from_, given.to, given.limit)
    past = await _past(platform)
    found = await call.sql(past.days, chosen, wanted)
    return [
        SnapshotsOf(login=one.login, group=one.group, balance_snapshots=found[one.login])
        for one in chosen
        if one.login in found
    ]


# Which accounts, and which part of them.


def _chosen(call: Call, given: ManyGiven) -> tuple[Platform, list[Account]]:
    """Return the accounts that a call names, by login. Raises `Rejected`."""
    if not given.logins and not given.groups:
        raise Rejected(Refusal.MALFORMED, "logins, groups: at least one of them names something")
    platform = call.running(call.system(given.system_uuid).uuid)
    accounts, groups = platform.desk.state.accounts, frozenset(given.groups or ())
    logins = {login_of(login) for login in given.logins or ()} & accounts.keys()
    if groups:
        logins |= {login for login, account in accounts.items() if account.group in groups}
    left_out = left_out_by(include_locked=given.include_locked, include_blocked=given.include_blocked)
    chosen = [accounts[login] for login in sorted(logins) if accounts[login].access not in left_out]
    if len(chosen) > LOGINS_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"these are {len(chosen)} accounts; ask for {LOGINS_MAX} at most")
    return platform, chosen


def left_out_by(*, include_locked: bool, include_blocked: bool) -> frozenset[Access]:
    """Return the access of accounts that are passed over."""
    locked = () if include_locked else (Access.TRADING_DISABLED,)
    blocked = () if include_blocked else (Access.LOGIN_DISABLED,)
    return frozenset((*locked, *blocked))


def _wanted(from_: str | None, to: str | None, limit: int | None = None) -> Wanted:
    """Raises `Rejected`."""
    since = None if from_ is None else read_moment(from_, "from")
    until = None if to is None else read_moment(to, "to")
    return Wanted(since=since, until=until, limit=_limit(limit))


def _limit(limit: int | None) -> int:
    """Raises `Rejected`."""
    if limit is not None and not 0 < limit <= LIMIT_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"limit: must be from 1 to {LIMIT_MAX}")
    return limit or LIMIT_MAX


def _some(names: list[Shown], field: str) -> frozenset[Shown]:
    """Raises `Rejected`."""
    if not names:
        raise Rejected(Refusal.MALFORMED, f"{field}: names at least one")
    return frozenset(names)


def _tickets(ids: Iterable[str]) -> frozenset[Ticket]:
    """Raises `Rejected`."""
    found = frozenset(ticket_of(one, "ids") for one in ids)
    if not 0 < len(found) <= IDS_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"ids: names from 1 to {IDS_MAX}")
    return found


async def _past(platform: Platform) -> Past:
    """Return what is over, as of now. Raises `Rejected`."""
    if not await caught_up(platform):
        raise Rejected(Refusal.NOT_READY, "the history is behind; ask again", retry_after=5)
    return Past(platform)


def _of_one(account: Account, found: dict[Login, list[Shown]]) -> list[Shown]:
    return found.get(account.login, [])
