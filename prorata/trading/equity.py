"""What an account is worth at the newest quotes.

equity = balance + credit + swap carried + floating result. The floating result is summed for each profit
currency, then converted, each step rounded down: equity is never flattered by a fraction of a cent.
"""

from collections.abc import Iterable

from prorata.messages.commands import BUY
from prorata.messages.groups import FreeMarginMode
from prorata.trading.charges import profit_of
from prorata.trading.desk import Desk
from prorata.trading.rates import Route
from prorata.trading.state import Account, Position
from prorata.trading.terms import GroupTerms, Terms
from prorata.units.numbers import Login, Minor


def floating_of(desk: Desk, account: Account) -> Minor:
    """Return the unrealised result of all open positions, in the account's currency."""
    total: Minor = 0
    foreign: dict[str, tuple[Route, Minor]] = {}
    terms_by_name = desk.groups[account.group].terms
    for name, holding in account.holdings.items():
        if not holding.long_volume and not holding.short_volume:
            continue
        terms = terms_by_name[name]
        quote = terms.quote
        moved = (
            holding.long_volume * (quote.bid - terms.markup_bid) - holding.long_cost
            + holding.short_cost - holding.short_volume * (quote.ask + terms.markup_ask)
        )  # fmt: skip
        worth = moved * terms.profit_numerator // terms.profit_denominator
        route = terms.profit_route
        if route is None:
            total += worth
        else:
            currency = terms.spec.profit_currency
            before = foreign.get(currency)
            foreign[currency] = (route, worth if before is None else before[1] + worth)
    for route, worth in foreign.values():
        total += route.value(worth)
    return total


def equity_of(desk: Desk, account: Account) -> Minor:
    return account.balance + account.credit + account.swap + floating_of(desk, account)


def equities_of(desk: Desk, logins: Iterable[Login]) -> dict[Login, Minor]:
    """Return the equity of each account that is there, all at the newest quotes."""
    accounts = desk.state.accounts
    return {login: equity_of(desk, accounts[login]) for login in logins if login in accounts}


def free_margin_of(desk: Desk, account: Account) -> Minor:
    """Return what may still be bound: equity as the group's free-margin mode counts it, less margin held and reserved."""
    floating = floating_of(desk, account)
    return _free_margin(desk, account, floating)


def _free_margin(desk: Desk, account: Account, floating: Minor) -> Minor:
    mode = desk.groups[account.group].spec.free_margin
    if mode == FreeMarginMode.LOSS_ONLY:
        floating = min(0, floating)
    elif mode == FreeMarginMode.NONE:
        floating = 0
    return account.balance + account.credit + account.swap + floating - account.margin - account.reserved


def can_afford(desk: Desk, account: Account, group: GroupTerms, needed: Minor) -> bool:
    """Say whether `needed` more can be bound.

    The guaranteed floor of the equity answers first: if even that is enough, nothing need be valued.
    """
    floor = account.equity_floor
    if group.counts_floating:
        sure = floor - account.margin - account.reserved
    else:
        sure = _free_margin(desk, account, floor - account.balance - account.credit - account.swap)
    return sure >= needed or free_margin_of(desk, account) >= needed


def profit_now(terms: Terms, position: Position) -> Minor:
    """Return what closing the whole position at the newest quote would realise, without commission."""
    price = terms.bid if position.side is BUY else terms.ask
    return profit_of(terms, position.side, volume=position.volume, cost=position.cost, price=price)
