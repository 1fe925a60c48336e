"""What a trading account has: money, terms, positions, orders that wait, what is closed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from prorata.access.callers import NotFound
from prorata.messages.refusals import Refusal
from prorata.projections.many import Wanted
from prorata.rest.broker.kinds import Given, Record, money_of
from prorata.rest.broker.past import Past
from prorata.rest.broker.trade_shapes import (
    ActiveOrder,
    ClosedPosition,
    CloseReason,
    OpenPosition,
    active_orders,
    money_digits,
    open_positions,
)
from prorata.rest.broker.trading_accounts import ACCESS_NAMES, FinanceView, finance_view
from prorata.rest.broker.trading_data import LIMIT_MAX
from prorata.rest.caught_up import caught_up
from prorata.rest.platform.call import AccountCall
from prorata.rest.platform.registry import on_account
from prorata.trading.charges import profit_of
from prorata.trading.desk import Desk
from prorata.trading.state import Account, Position
from prorata.units.numbers import Moment, Points
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment


class AccountDetails(Record, frozen=True):
    login: str
    uuid: str
    offer_uuid: str
    offer_name: str
    leverage: int
    currency: str
    currency_precision: int
    demo: bool
    access: str


class TerminalPosition(OpenPosition, frozen=True):
    """`..._in_main_wallet`: what the stop would realise, in the account's currency; 0 without one."""

    open_time_millis: Moment
    stop_loss_in_main_wallet: Decimal
    take_profit_in_main_wallet: Decimal
    bid_price: Decimal
    ask_price: Decimal


class Positions(Record, frozen=True):
    positions: list[TerminalPosition]


class Orders(Record, frozen=True):
    orders: list[ActiveOrder]


class TerminalClosed(ClosedPosition, frozen=True):
    close_reason: CloseReason


class Operations(Record, frozen=True):
    operations: list[TerminalClosed]


class Span(Given, frozen=True):
    """RFC 3339, or milliseconds since 1970."""

    from_: str | int = msgspec.field(name="from")
    to: str | int


@on_account("GET", "balance")
async def balance(call: AccountCall) -> FinanceView:
    """The account's money as it is now."""
    return finance_view(call.platform, call.account)


@on_account("GET", "account-details")
async def account_details(call: AccountCall) -> AccountDetails:
    """The terms of the account: its offer, leverage, currency."""
    account, platform = call.account, call.platform
    person = await call.sql(call.door.account_of, call.signed_in)
    try:
        found = await call.sql(call.house.crm.trading.find, person.organization_id, call.access.platform_uuid, account.login)
        offer = await call.sql(call.house.crm.settings.offer, person.organization_id, found.offer_uuid)
    except NotFound:
        raise Rejected(Refusal.NOT_FOUND, "there is no such trading account any more") from None
    return AccountDetails(
        login=str(account.login), uuid=found.uuid, offer_uuid=offer.uuid, offer_name=offer.name, leverage=account.leverage,
        currency=offer.currency, currency_precision=money_digits(platform.desk, account), demo=account.demo,
        access=ACCESS_NAMES[account.access],
    )  # fmt: skip


@on_account("GET", "open-positions")
async def positions(call: AccountCall) -> Positions:
    """Open positions, oldest first."""
    desk, account = call.platform.desk, call.account
    found = zip(open_positions(desk, account), account.positions.values(), strict=True)
    return Positions(positions=[_terminal_position(desk, account, shown, kept) for shown, kept in found])


@on_account("GET", "active-orders")
async def orders(call: AccountCall) -> Orders:
    """Orders that wait for their price, oldest first."""
    return Orders(orders=active_orders(call.platform.desk, call.account))


@on_account("POST", "closed-positions")
async def closed_positions(call: AccountCall, given: Span) -> Operations:
    """Closed positions within a span, each closed part by itself."""
    platform, account = call.platform, call.account
    wanted = Wanted(since=_moment(given.from_, "from"), until=_moment(given.to, "to"), limit=LIMIT_MAX)
    if not await caught_up(platform):
        raise Rejected(Refusal.NOT_READY, "the history is behind; ask again", retry_after=5)
    found = (await call.sql(Past(platform).closed, [account], wanted)).get(account.login, [])
    return Operations(operations=[TerminalClosed(**_fields_of(one), close_reason=one.reason) for one in found])


def _terminal_position(desk: Desk, account: Account, shown: OpenPosition, kept: Position) -> TerminalPosition:
    terms, money = desk.terms_of(account, kept.symbol), money_digits(desk, account)

    def at(price: Points) -> Decimal:
        won = profit_of(terms, kept.side, volume=kept.volume, cost=kept.cost, price=price) if price else 0
        return money_of(won, money)

    return TerminalPosition(
        **_fields_of(shown), open_time_millis=kept.opened_at, stop_loss_in_main_wallet=at(kept.stop_loss),
        take_profit_in_main_wallet=at(kept.take_profit), bid_price=money_of(terms.bid, terms.spec.digits),
        ask_price=money_of(terms.ask, terms.spec.digits),
    )  # fmt: skip


def _fields_of(record: Record) -> Mapping[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def _moment(given: str | int, field: str) -> Moment:
    """Raises `Rejected`."""
    if isinstance(given, str):
        return read_moment(given, field)
    if not 0 < given < 10**14:
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: is no time in milliseconds")
    return given
