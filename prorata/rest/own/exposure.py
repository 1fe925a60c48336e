"""What the clients hold, and what is left of it for the house after hedging: by symbol, by group, by account.

Summed from the engine's state in slices, so that a large book never holds orders up: the figures are of the
moments of their slices, not of one.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator

import msgspec
from litestar import Controller, get

from prorata.access.permissions import Permission
from prorata.copying.columns import total_of
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Leg
from prorata.rest.own.paging import Cursor, Limit, cursor_of, place_of
from prorata.rest.own.session import Call, Session, needs
from prorata.rest.own.views import Page, View, digits_of
from prorata.trading.desk import Desk
from prorata.trading.equity import floating_of
from prorata.trading.markets import Market, point_value
from prorata.trading.state import Account, Holding
from prorata.trading.terms import GroupTerms, Terms
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Minor, Points, Volume
from prorata.units.rounding import div_floor
from prorata.views.numbers import show_volume

SLICE_ACCOUNTS = 500


class SymbolExposure(View, frozen=True):
    """Volumes in lots, money in `currency`, the symbol's profit currency. Floating is the clients' result.

    `copied_volume`: what of `net_volume` investments hold. `hedged_volume`: of trading accounts and investments together.
    `house_volume`: what the house is left with, hedged volume less clients' net.
    """

    symbol: str
    currency: str
    long_volume: str
    short_volume: str
    net_volume: str
    copied_volume: str
    notional: str
    floating: str
    hedged_volume: str
    house_volume: str


class GroupExposure(View, frozen=True):
    """Sums over a group's accounts, in its currency."""

    group: str
    currency: str
    accounts: int
    positions: int
    long_volume: str
    short_volume: str
    balance: str
    credit: str
    floating: str
    equity: str
    margin: str


class AccountExposure(View, frozen=True):
    """One symbol of one account. `floating` and `margin` in the account's currency."""

    login: int
    symbol: str
    currency: str
    long_volume: str
    short_volume: str
    net_volume: str
    floating: str
    margin: str


class _Book:
    """What the accounts of one group, or of all that trade on the same terms, hold in one symbol."""

    __slots__ = ("long_cost", "long_volume", "short_cost", "short_volume")

    def __init__(self) -> None:
        self.long_volume: Volume = 0
        self.long_cost = 0
        self.short_volume: Volume = 0
        self.short_cost = 0

    def add(self, holding: Holding) -> None:
        self.long_volume += holding.long_volume
        self.long_cost += holding.long_cost
        self.short_volume += holding.short_volume
        self.short_cost += holding.short_cost

    def add_leg(self, rows: Leg) -> None:
        """Add what all investments hold in a leg."""
        longs, shorts = rows.volume > 0, rows.volume < 0
        self.long_volume += total_of(rows.volume[longs])
        self.long_cost += total_of(rows.cost[longs])
        self.short_volume -= total_of(rows.volume[shorts])
        self.short_cost -= total_of(rows.cost[shorts])

    def floating_at(self, market: Market) -> Minor:
        """Return the result of closing it all at the raw quote, in the symbol's profit currency, rounded down."""
        bid, ask = market.quote.bid, market.quote.ask
        moved = self.long_volume * bid - self.long_cost + self.short_cost - self.short_volume * ask
        numerator, denominator = point_value(market.spec)
        return div_floor(moved * numerator, denominator)

    def floating(self, terms: Terms) -> Minor:
        """Return the result of closing it all now, in the symbol's profit currency, rounded down."""
        moved = (
            self.long_volume * terms.bid - self.long_cost + self.short_cost - self.short_volume * terms.ask
        )  # fmt: skip
        return moved * terms.profit_numerator // terms.profit_denominator


class _GroupSums(msgspec.Struct, gc=False):
    accounts: int = 0
    positions: int = 0
    balance: Minor = 0
    credit: Minor = 0
    swap: Minor = 0
    floating: Minor = 0
    margin: Minor = 0
    long_volume: Volume = 0
    short_volume: Volume = 0

    def add(self, desk: Desk, account: Account) -> None:
        self.accounts += 1
        self.positions += len(account.positions)
        self.balance += account.balance
        self.credit += account.credit
        self.swap += account.swap
        self.margin += account.margin
        if account.positions:
            self.floating += floating_of(desk, account)
            self.long_volume += sum(holding.long_volume for holding in account.holdings.values())
            self.short_volume += sum(holding.short_volume for holding in account.holdings.values())


async def accounts_in_slices(session: Session) -> AsyncIterator[Account]:
    """Yield all accounts in order of login, letting others work between slices."""
    accounts = session.desk.state.accounts
    for place, login in enumerate(list(session.logins())):
        if place % SLICE_ACCOUNTS == SLICE_ACCOUNTS - 1:
            await asyncio.sleep(0)
        yield accounts[login]


def _copied(copy: CopyDesk) -> dict[str, _Book]:
    """Return what investments hold of each symbol."""
    books: dict[str, _Book] = {}
    for strategy in copy.state.strategies.values():
        for head in strategy.legs.values():
            if head.rows.volume.any():
                books.setdefault(head.symbol, _Book()).add_leg(head.rows)
    return books


def _symbol_exposure(desk: Desk, symbol: str, books: dict[str, _Book], copied: _Book) -> SymbolExposure:
    market = desk.markets[symbol]
    currency = market.spec.profit_currency
    digits = digits_of(currency)
    long_volume = copied.long_volume + sum(book.long_volume for book in books.values())
    short_volume = copied.short_volume + sum(book.short_volume for book in books.values())
    net = long_volume - short_volume
    hedge = desk.state.hedges.get(symbol)
    hedged = 0 if hedge is None else hedge.volume
    floating = sum(book.floating(desk.groups[group].terms[symbol]) for group, book in books.items())
    floating += copied.floating_at(market)
    price: Points = market.quote.bid if net >= 0 else market.quote.ask
    numerator, denominator = point_value(market.spec)
    notional = div_floor(abs(net) * price * numerator, denominator)
    return SymbolExposure(
        symbol,
        currency,
        show_volume(long_volume),
        show_volume(short_volume),
        show_volume(net),
        show_volume(copied.long_volume - copied.short_volume),
        format_decimal(notional, digits),
        format_decimal(floating, digits),
        show_volume(hedged),
        show_volume(hedged - net),
    )


def _group_exposure(group: GroupTerms, sums: _GroupSums) -> GroupExposure:
    digits = group.currency_digits
    return GroupExposure(
        group.name,
        group.currency,
        sums.accounts,
        sums.positions,
        show_volume(sums.long_volume),
        show_volume(sums.short_volume),
        format_decimal(sums.balance, digits),
        format_decimal(sums.credit, digits),
        format_decimal(sums.floating, digits),
        format_decimal(sums.balance + sums.credit + sums.swap + sums.floating, digits),
        format_decimal(sums.margin, digits),
    )


def _account_exposures(desk: Desk, account: Account) -> list[AccountExposure]:
    group = desk.groups[account.group]
    views = []
    for symbol, holding in sorted(account.holdings.items()):
        if not holding.long_volume and not holding.short_volume:
            continue
        terms = group.terms[symbol]
        book = _Book()
        book.add(holding)
        floating = book.floating(terms)
        if terms.profit_route is not None:
            floating = terms.profit_route.value(floating)
        views.append(
            AccountExposure(
                account.login,
                symbol,
                group.currency,
                show_volume(holding.long_volume),
                show_volume(holding.short_volume),
                show_volume(holding.long_volume - holding.short_volume),
                format_decimal(floating, group.currency_digits),
                format_decimal(holding.margin, group.currency_digits),
            )
        )
    return views


class Exposure(Controller):
    path = "/exposure"
    tags = ("Exposure",)
    guards = (needs(Permission.REPORTS_READ, house=True),)

    @get("/symbols", summary="Show exposure by symbol")
    async def symbols(self, session: Call) -> list[SymbolExposure]:
        """Every symbol that clients hold, on accounts or by investments, or that is hedged."""
        books: dict[str, dict[str, _Book]] = {}
        async for account in accounts_in_slices(session):
            for symbol, holding in account.holdings.items():
                if holding.long_volume or holding.short_volume:
                    books.setdefault(symbol, {}).setdefault(account.group, _Book()).add(holding)
        desk, copied = session.desk, _copied(session.engine.copy)
        hedged = {symbol for symbol, hedge in desk.state.hedges.items() if hedge.volume}
        return [
            _symbol_exposure(desk, symbol, books.get(symbol, {}), copied.get(symbol, _Book()))
            for symbol in sorted(books.keys() | copied.keys() | hedged)
        ]

    @get("/groups", summary="Show exposure by group")
    async def groups(self, session: Call) -> list[GroupExposure]:
        sums: dict[str, _GroupSums] = {}
        async for account in accounts_in_slices(session):
            sums.setdefault(account.group, _GroupSums()).add(session.desk, account)
        groups = session.desk.groups
        return [_group_exposure(groups[name], sums.get(name, _GroupSums())) for name in sorted(groups)]

    @get("/accounts", summary="Show exposure by account and symbol")
    async def accounts(self, session: Call, cursor: Cursor = None, limit: Limit = 100) -> Page[AccountExposure]:
        """Whole accounts at a time: a part may be a little longer than `limit`."""
        desk = session.desk
        (after,) = place_of(cursor, 1)
        items: list[AccountExposure] = []
        logins = session.logins()
        for place in range(bisect_right(logins, after), len(logins)):
            account = desk.state.accounts[logins[place]]
            if len(items) >= limit:
                return Page(tuple(items), cursor_of(account.login - 1))
            if place % SLICE_ACCOUNTS == SLICE_ACCOUNTS - 1:
                await asyncio.sleep(0)
            if account.positions:
                items.extend(_account_exposures(desk, account))
        return Page(tuple(items), None)
