"""What clients have done, added up for each; and what was charged to those whose account is elsewhere."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import msgspec

from prorata.control.clients import ClientFilter
from prorata.copying.desk import CopyDesk
from prorata.messages.copy_terms import InvestmentState, InvestmentType, StrategyStatus
from prorata.projections.copying.filters import ClientFilter as TotalsFilter
from prorata.projections.copying.total_rows import ChargeRow, ClientTotalsRow
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.external_accounts import clients_of_server
from prorata.rest.ramm.manager.reach import Whose, company_strategies, copy_of, whose
from prorata.rest.ramm.past import lists_of
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Key, Search, echo_of, page_of
from prorata.rest.ramm.values import Code, Id, Text
from prorata.views.copying.figures import InvestmentList
from prorata.views.copying.numbers import lots_of, money_of
from prorata.views.copying.strategies import strategy_totals

CHARGES_MAX = 1_000


class ChargesAsked(Input, frozen=True, kw_only=True):
    """`ID`: the last operation that is known already; 0 from the beginning."""

    ExecutionServerName: Text
    ID: Id = 0


class Charge(msgspec.Struct, frozen=True):
    ExecutionAccount: str
    ID: int
    Charges: Decimal


class ChargesFound(msgspec.Struct, frozen=True):
    Charges: list[Charge]


class StatisticFilter(Input, frozen=True, kw_only=True):
    """`Test`: 0 real clients, 1 test clients, 2 all."""

    Login: Text | None = None
    Test: Code | None = None


class StatisticSearch(Search, frozen=True, kw_only=True):
    Filter: StatisticFilter = StatisticFilter()


class StatisticRow(msgspec.Struct, frozen=True, kw_only=True):
    """`AccountsFeeCharged`: paid, and what would be due now. `DealsVolume` in lots. `PastProfit`: of intervals that ended."""

    IDClient: int
    IDCompany: int
    Test: int
    AccountsBalance: Decimal
    AccountsEquity: Decimal
    AccountsProfitCurrentIntervalGross: Decimal
    AccountsProfitPositionsGross: Decimal
    AccountsPastProfit: Decimal
    AccountsFeeCharged: Decimal
    AccountsFeePaid: Decimal
    AccountsCommissionPaid: Decimal
    AccountsActive: int
    AccountsClosed: int
    StrategiesActive: int
    StrategiesClosed: int
    StrategiesFeeReceived: Decimal
    StrategiesFeeDue: Decimal
    StrategiesCommissionReceived: Decimal
    StrategiesCommissionDue: Decimal
    WalletTransfersTotalIn: Decimal
    WalletTransfersTotalOut: Decimal
    WalletTransfersTotalDelta: Decimal
    Swap: Decimal
    DealsVolume: Decimal
    WalletsTotalBalance: Decimal
    PositionsCount: int
    Login: str


class StatisticFound(Found, frozen=True, kw_only=True):
    Statistic: list[StatisticRow]


class Counted(msgspec.Struct, gc=False):
    """A row in whole numbers, before it is shown. Fields are those of the row."""

    IDClient: int
    IDCompany: int
    Test: int
    Login: str
    AccountsBalance: int = 0
    AccountsEquity: int = 0
    AccountsProfitCurrentIntervalGross: int = 0
    AccountsProfitPositionsGross: int = 0
    AccountsPastProfit: int = 0
    AccountsFeeCharged: int = 0
    AccountsFeePaid: int = 0
    AccountsCommissionPaid: int = 0
    AccountsActive: int = 0
    AccountsClosed: int = 0
    StrategiesActive: int = 0
    StrategiesClosed: int = 0
    StrategiesFeeReceived: int = 0
    StrategiesFeeDue: int = 0
    StrategiesCommissionReceived: int = 0
    StrategiesCommissionDue: int = 0
    WalletTransfersTotalIn: int = 0
    WalletTransfersTotalOut: int = 0
    WalletTransfersTotalDelta: int = 0
    Swap: int = 0
    DealsVolume: int = 0
    WalletsTotalBalance: int = 0
    PositionsCount: int = 0


def _key(name: str) -> Key[Counted]:
    def key(row: Counted) -> object:
        value = getattr(row, name)
        return value.casefold() if isinstance(value, str) else value

    return key


ORDERS: dict[str, Key[Counted]] = {name: _key(name) for name in StatisticRow.__struct_fields__}
_COUNTS = frozenset(
    {
        "IDClient", "IDCompany", "Test", "Login", "AccountsActive", "AccountsClosed", "StrategiesActive", "StrategiesClosed",
        "PositionsCount", "DealsVolume",
    }
)  # fmt: skip


@MANAGER.method("clients.searchStatistic", reads=True)
async def clients_search_statistic(call: Call, given: StatisticSearch) -> StatisticFound:
    """Find what clients have done, added up for each."""
    part = given.part(ORDERS, default="IDClient")
    test = whose(given.Filter.Test)
    asked = ClientFilter(login=given.Filter.Login, test=None if test is Whose.ALL else test is Whose.TEST)
    clients, _ = await call.sql(call.control.clients.search, call.company.id, asked)
    company = call.company
    totals = await call.sql(lists_of(call).client_totals(TotalsFilter(company=company.id, currency=company.currency)).all)
    rows = {client.id: Counted(client.id, company.id, int(client.test), client.login) for client in clients}
    copy = copy_of(call)
    _add_totals(rows, totals)
    _add_wallets(rows, copy, company.currency)
    _add_investments(rows, copy, company.id)
    _add_strategies(rows, copy, company.id)
    page, total = page_of(rows.values(), part, ORDERS, _key("IDClient"))
    return StatisticFound(**echo_of(given, part, total), Statistic=[_shown(row, company.currency) for row in page])


def _add_totals(rows: Mapping[int, Counted], totals: tuple[ClientTotalsRow, ...]) -> None:
    for total in totals:
        row = rows.get(total.client)
        if row is not None:
            row.WalletTransfersTotalIn, row.WalletTransfersTotalOut = total.funds_in, total.funds_out
            row.WalletTransfersTotalDelta = total.funds_in - total.funds_out
            row.Swap, row.DealsVolume = total.swap, total.volume


def _add_wallets(rows: Mapping[int, Counted], copy: CopyDesk, currency: str) -> None:
    for row in rows.values():
        number = copy.wallet_of.get((row.IDClient, currency))
        if number is not None:
            row.WalletsTotalBalance = copy.state.wallets[number].balance


_SUMS: dict[str, tuple[str, ...]] = {
    "AccountsBalance": ("balance",),
    "AccountsEquity": ("equity",),
    "AccountsProfitCurrentIntervalGross": ("interval_gross",),
    "AccountsProfitPositionsGross": ("floating", "swap"),
    "AccountsFeePaid": ("fees",),
    "AccountsFeeCharged": ("fees", "fee_due"),
    "AccountsCommissionPaid": ("total_commission",),
    "PositionsCount": ("positions",),
}
"""fields -> the figures of investments that they are sums of"""


def _add_investments(rows: Mapping[int, Counted], copy: CopyDesk, company: int) -> None:
    """Add up investments, without virtual masters."""
    every = InvestmentList(copy, company_strategies(copy, company))
    every = every.where(every["type"] != InvestmentType.MASTER)
    names = sorted({name for parts in _SUMS.values() for name in parts} | {"total_profit"})
    for client, sums in every.sums_by("client", names).items():
        row = rows.get(client)
        if row is None:
            continue
        figures = dict(zip(names, sums, strict=True))
        for field, parts in _SUMS.items():
            setattr(row, field, sum(figures[name] for name in parts))
        row.AccountsPastProfit = figures["total_profit"] - figures["interval_gross"]
    closed = every["state"] == InvestmentState.CLOSED
    for field, mask in (("AccountsClosed", closed), ("AccountsActive", ~closed)):
        for client, count in every.where(mask).counts_by("client").items():
            if client in rows:
                setattr(rows[client], field, count)


def _add_strategies(rows: Mapping[int, Counted], copy: CopyDesk, company: int) -> None:
    for strategy in company_strategies(copy, company):
        row = rows.get(strategy.client)
        if row is None:
            continue
        if strategy.status == StrategyStatus.CLOSED:
            row.StrategiesClosed += 1
        else:
            row.StrategiesActive += 1
        totals = strategy_totals(copy, strategy)
        row.StrategiesFeeReceived += totals.fee_paid
        row.StrategiesFeeDue += totals.fee_due
        row.StrategiesCommissionReceived += totals.commission_paid
        row.StrategiesCommissionDue += totals.commission_due


def _shown(row: Counted, currency: str) -> StatisticRow:
    fields = msgspec.structs.asdict(row)
    money = {name: money_of(value, currency) for name, value in fields.items() if name not in _COUNTS}
    return StatisticRow(**{**fields, **money, "DealsVolume": lots_of(row.DealsVolume)})


@MANAGER.method("clients.getCharges", reads=True)
async def clients_get_charges(call: Call, given: ChargesAsked) -> ChargesFound:
    """What was charged to clients with an account on a server since an operation: to be taken there."""
    clients = await clients_of_server(call, given.ExecutionServerName)
    wallets = [copy_of(call).wallet_of.get((client, call.company.currency), 0) for client in clients]
    rows: tuple[ChargeRow, ...] = ()
    if wallets:
        read: Callable[..., tuple[ChargeRow, ...]] = lists_of(call).charges
        rows = await call.sql(read, given.ID, company=call.company.id, wallets_of=wallets, limit=CHARGES_MAX)
    currency = call.company.currency
    return ChargesFound([Charge(clients[row.client], row.deal, money_of(row.fee + row.commission, currency)) for row in rows])
