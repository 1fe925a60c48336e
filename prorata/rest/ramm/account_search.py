"""Which investments a manager's filter means, and their order: by columns, however many there are."""

from collections.abc import Callable

import numpy as np

from prorata.copying.columns import Int64, Mask, full, zeros
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.messages.copy_terms import InvestmentState, InvestmentType
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.manager.reach import Whose, company_strategies, whose
from prorata.rest.ramm.reference import TRADING_CORE, account_spec_id
from prorata.rest.ramm.values import Code, Id, Time
from prorata.units.currency import CURRENCY_DIGITS
from prorata.views.copying.figures import InvestmentList


class AccountsFilter(Input, frozen=True, kw_only=True):
    """`Test`: 0 real clients, 1 test clients, 2 all. Times: from, inclusive; to, exclusive."""

    StrategyID: Id | None = None
    ClientID: Id | None = None
    DTCreatedFrom: Time | None = None
    DTCreatedTo: Time | None = None
    DTClosedFrom: Time | None = None
    DTClosedTo: Time | None = None
    Type: Code | None = None
    State: Code | None = None
    ID: Id | None = None
    StreamID: Id | None = None
    Test: Code | None = None
    AccountingSystem: Code | None = None
    Statuses: list[Code] | None = None


def find_accounts(copy: CopyDesk, company: int, wanted: AccountsFilter, statuses: list[Code] | None) -> InvestmentList:
    """Return the company's investments that are meant. `statuses`: any of them; None is whatever. Raises `Failure`."""
    found = InvestmentList(copy, _strategies(copy, company, wanted))
    test = whose(wanted.Test)
    masks = [found[name] == value for name, value in _equal(wanted).items() if value is not None]
    if test is not Whose.ALL:
        masks.append(found["test"] == (test is Whose.TEST))
    if statuses is not None:
        masks.append(np.isin(found["status"], statuses))
    for name, since, until in (
        ("opened_at", wanted.DTCreatedFrom, wanted.DTCreatedTo),
        ("closed_at", wanted.DTClosedFrom, wanted.DTClosedTo),
    ):
        if since is not None:
            masks.append(found[name] >= int(since))
        if until is not None:
            masks.append((found[name] < int(until)) & (found[name] > 0))
    return found.where(_all(masks, len(found))) if masks else found


def _strategies(copy: CopyDesk, company: int, wanted: AccountsFilter) -> list[Strategy]:
    """Return the strategies within which to look."""
    number = wanted.StrategyID
    if wanted.ID is not None:
        place = copy.find_investment(wanted.ID)
        if place is None or number not in (None, place[0].number):
            return []
        number = place[0].number
    if number is not None:
        only = copy.state.strategies.get(number)
        strategies = [only] if only is not None and only.company == company else []
    else:
        strategies = list(company_strategies(copy, company))
    accounting = wanted.AccountingSystem
    return [strategy for strategy in strategies if accounting is None or strategy.accounting == accounting]


def _equal(wanted: AccountsFilter) -> dict[str, int | None]:
    return {
        "number": wanted.ID, "client": wanted.ClientID, "type": wanted.Type, "state": wanted.State, "stream": wanted.StreamID,
    }  # fmt: skip


def _all(masks: list[Mask], count: int) -> Mask:
    total = np.ones(count, dtype=np.bool_)
    for mask in masks:
        total &= mask
    return total


# Orders.

_FIGURES: dict[str, str] = {
    "ID": "number", "ClientID": "client", "WalletID": "wallet", "StrategyID": "strategy", "LiquidityID": "stream",
    "StreamID": "stream", "TradingIntervalCurrentID": "interval", "DTCreated": "opened_at", "Type": "type",
    "ABook": "a_book_percent", "Balance": "balance", "Factor": "factor", "Equity": "equity", "ProfitBase": "profit_base",
    "Margin": "margin", "Status": "status", "Protection": "protection_ppm", "ProtectionEquity": "protection_equity",
    "State": "state", "Test": "test",
}  # fmt: skip
"""order-by fields -> figures of investments"""
_MAY_LACK: dict[str, str] = {
    "DTClosed": "closed_at", "MCReached": "called_at", "ProtectionReached": "protected_at", "TargetReached": "target_at",
    "Target": "target_ppm", "TargetEquity": "target_equity",
}  # fmt: skip
"""the same of figures that are 0 where there is none"""

Column = Callable[[CopyDesk, InvestmentList], Int64]


def _assets(copy: CopyDesk, found: InvestmentList) -> Int64:
    currencies = {book.strategy.currency for book in found.books}
    ranks = {currency: rank for rank, currency in enumerate(sorted(currencies))}
    return found.of_strategies(lambda strategy: ranks[strategy.currency])


def _specs(copy: CopyDesk, found: InvestmentList) -> Int64:
    return found.of_strategies(lambda strategy: account_spec_id(strategy.company, strategy.currency))


def _precisions(copy: CopyDesk, found: InvestmentList) -> Int64:
    return found.of_strategies(lambda strategy: CURRENCY_DIGITS[strategy.currency])


def _stream_names(copy: CopyDesk, found: InvestmentList) -> Int64:
    by_name = sorted(copy.state.streams.values(), key=lambda spec: spec.name)
    ranks = {spec.id: rank for rank, spec in enumerate(by_name)}
    streams, places = np.unique(found["stream"], return_inverse=True)
    return np.array([ranks[stream] for stream in streams.tolist()], dtype=np.int64)[places]


def _partners(copy: CopyDesk, found: InvestmentList) -> Int64:
    clients = zeros(copy.state.next_wallet)
    for wallet in copy.state.wallets.values():
        clients[wallet.number] = wallet.client
    return clients[found["partner_wallet"]]


def _closing(copy: CopyDesk, found: InvestmentList) -> Int64:
    return np.where(found["state"] == InvestmentState.CLOSING, found["command"], 0)


_MADE: dict[str, Column] = {
    "TradingCoreID": lambda copy, found: full(len(found), TRADING_CORE),
    "AccountSpecAssetID": _specs,
    "StreamName": _stream_names,
    "PartnerID": _partners,
    "CommandCloseID": _closing,
    "IsSecurity": lambda copy, found: (found["type"] == InvestmentType.OWN).astype(np.int64),
    "Bonus": lambda copy, found: zeros(len(found)),
    "AssetName": _assets,
    "Precision": _precisions,
}
_MADE_MAY_LACK = ("PartnerID", "CommandCloseID")
ORDERS = (*_FIGURES, *_MAY_LACK, *_MADE)


def order_accounts(copy: CopyDesk, found: InvestmentList, field: str, *, descending: bool) -> Int64:
    """Return the places of all investments found in the order of a documented field; those without a value come last."""
    if field in _FIGURES:
        return found.order(_FIGURES[field], descending=descending)
    if field in _MAY_LACK:
        return found.order(_MAY_LACK[field], descending=descending, none=0)
    none = 0 if field in _MADE_MAY_LACK else None
    return found.order(_MADE[field](copy, found), descending=descending, none=none)
