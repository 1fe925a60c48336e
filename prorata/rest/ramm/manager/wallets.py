"""Wallets of the company's clients: their free money, and what their investments are worth."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Wallet
from prorata.messages.copy_terms import InvestmentState
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.manager.reach import company_strategies, copy_of, wallet_of
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Key, Search, echo_of, page_of
from prorata.rest.ramm.values import Id
from prorata.views.copying.figures import InvestmentList
from prorata.views.copying.numbers import iso_of, money_of
from prorata.views.copying.wallets import WalletFigures, is_used, wallet_figures, wallets_figures


class WalletOfId(Input, frozen=True, kw_only=True):
    ID: Id


class WalletsFilter(Input, frozen=True, kw_only=True):
    ClientID: Id | None = None
    TestClient: bool | None = None


class WalletsSearch(Search, frozen=True, kw_only=True):
    Filter: WalletsFilter = WalletsFilter()


class WalletRow(msgspec.Struct, frozen=True, kw_only=True):
    """`Balance` is free money, `Bonus` the part of it that cannot be withdrawn. `Status`: 0 new, 1 active."""

    ID: int
    ClientID: int
    Asset: str
    DTCreated: str
    Balance: Decimal
    Bonus: Decimal
    Status: int
    Invested: Decimal
    Margin: Decimal
    IntervalPnL: Decimal


class WalletCard(WalletRow, frozen=True, kw_only=True):
    Test: bool


class WalletsFound(Found, frozen=True, kw_only=True):
    Wallets: list[WalletRow]


def _number(wallet: Wallet) -> int:
    return wallet.number


_KEPT: dict[str, Callable[[CopyDesk], Key[Wallet]]] = {
    "ID": lambda copy: _number,
    "ClientID": lambda copy: lambda wallet: wallet.client,
    "Asset": lambda copy: lambda wallet: wallet.currency,
    "DTCreated": lambda copy: lambda wallet: wallet.opened_at,
    "Balance": lambda copy: lambda wallet: wallet.balance,
    "Bonus": lambda copy: lambda wallet: wallet.bonus,
    "Status": lambda copy: lambda wallet: is_used(copy, wallet),
}
_SUMMED = {"Invested": "equity", "Margin": "margin", "IntervalPnL": "interval_gross"}
"""orders by what is summed over the investments of each wallet"""
ORDERS = (*_KEPT, *_SUMMED)


@MANAGER.method("wallets.get", reads=True)
async def wallets_get(call: Call, given: WalletOfId) -> WalletCard:
    """One wallet: its free money is what may be withdrawn."""
    wallet = wallet_of(call, given.ID)
    return WalletCard(**_fields(wallet_figures(copy_of(call), wallet)), Test=wallet.test)


@MANAGER.method("wallets.search", reads=True)
async def wallets_search(call: Call, given: WalletsSearch) -> WalletsFound:
    """Find wallets of the company's clients."""
    part = given.part(ORDERS)
    copy, wanted, company = copy_of(call), given.Filter, call.company.id
    found = [
        wallet
        for wallet in copy.state.wallets.values()
        if wallet.company == company
        and (wanted.ClientID is None or wallet.client == wanted.ClientID)
        and (wanted.TestClient is None or wallet.test == wanted.TestClient)
    ]
    page, total = page_of(found, part, {part.field: _key(copy, company, part.field)}, _number)
    rows = [WalletRow(**_fields(figures)) for figures in wallets_figures(copy, page)]
    return WalletsFound(**echo_of(given, part, total), Wallets=rows)


def _key(copy: CopyDesk, company: int, field: str) -> Key[Wallet]:
    if field in _KEPT:
        return _KEPT[field](copy)
    invested = InvestmentList(copy, company_strategies(copy, company))
    invested = invested.where(invested["state"] != InvestmentState.CLOSED)
    sums = invested.sums_by("wallet", (_SUMMED[field],))

    def summed(wallet: Wallet) -> int:
        return sums.get(wallet.number, (0,))[0]

    return summed


def _fields(figures: WalletFigures) -> dict[str, Any]:
    currency = figures.currency
    return {
        "ID": figures.number,
        "ClientID": figures.client,
        "Asset": currency,
        "DTCreated": iso_of(figures.opened_at),
        "Balance": money_of(figures.balance, currency),
        "Bonus": money_of(figures.bonus, currency),
        "Status": figures.status,
        "Invested": money_of(figures.invested, currency),
        "Margin": money_of(figures.margin, currency),
        "IntervalPnL": money_of(figures.interval_pnl, currency),
    }
