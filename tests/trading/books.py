"""What must be true of a trade platform's state after every command, worked out slowly and from the start."""

from prorata.trading.desk import Desk
from prorata.trading.equity import equity_of
from prorata.trading.margin import margin_of
from prorata.trading.state import Account, Holding
from prorata.units.numbers import Minor


def check_books(desk: Desk) -> None:
    """Assert that no money came from nowhere, and that every sum is the sum of its parts."""
    assert {currency: total for currency, total in money_by_currency(desk).items() if total} == {}
    for account in desk.state.accounts.values():
        check_holdings(desk, account)
        assert account.swap == sum(position.swap for position in account.positions.values())
        assert account.reserved == sum(order.reserved for order in account.orders.values())
        assert account.equity_floor <= equity_of(desk, account), f"the promise to {account.login} is not kept"


def money_by_currency(desk: Desk) -> dict[str, Minor]:
    """Return the sum of all ledger accounts, in each currency; a sound ledger gives zeros."""
    totals = {currency: sum(ledger.values()) for currency, ledger in desk.state.house.items()}
    for account in desk.state.accounts.values():
        currency = desk.state.groups[account.group].currency
        totals[currency] = totals.get(currency, 0) + account.balance + account.credit
    return totals


def check_holdings(desk: Desk, account: Account) -> None:
    terms = desk.groups[account.group].terms
    sums = {name: Holding(margin=held.margin, low=held.low, high=held.high) for name, held in account.holdings.items()}
    for position in account.positions.values():
        assert position.volume > 0
        holding = sums[position.symbol]
        side = "long" if position.side == 0 else "short"
        for name, amount in (("volume", position.volume), ("cost", position.cost), ("notional", position.notional)):
            setattr(holding, f"{side}_{name}", getattr(holding, f"{side}_{name}") + amount)
    for name, holding in sums.items():
        assert account.holdings[name] == holding
        assert holding.margin == margin_of(terms[name], holding, account.leverage)
    assert account.margin == sum(holding.margin for holding in sums.values())
