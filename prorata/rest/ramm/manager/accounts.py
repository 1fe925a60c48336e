"""Trading accounts, which is what RAMM calls investments: found, looked at, routed, paused, resumed, closed.

What changes them is a command: the answer is its number, and positions may still be closing when it comes.
"""

from decimal import Decimal

import msgspec

from prorata.copying.state import Strategy
from prorata.messages.copy_commands import CloseInvestment, PauseInvestment, ResumeInvestment, SetRoute
from prorata.rest.ramm.account_rows import (
    AccountCard,
    AccountRow,
    account_card,
    account_row,
    commission_rate_of,
)
from prorata.rest.ramm.account_search import ORDERS, AccountsFilter, find_accounts, order_accounts
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.asking import command_of, done
from prorata.rest.ramm.client.cards import percent_of, target_equity_of, target_of
from prorata.rest.ramm.errors import Absent, invalid_input
from prorata.rest.ramm.manager.reach import copy_of, investment_of
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Search, echo_of
from prorata.rest.ramm.values import Code, Id, Real, units_of
from prorata.views.copying.figures import investment_figures
from prorata.views.copying.numbers import factor_of, iso_of, money_of, share_of_percent, share_of_ppm

A_BOOK_DIGITS = 2


class AccountOfId(Input, frozen=True, kw_only=True):
    ID: Id


class AccountsSearch(Search, frozen=True, kw_only=True):
    """`Statuses` may stand within the filter or beside it."""

    Filter: AccountsFilter = AccountsFilter()
    Statuses: list[Code] | None = None


class AccountsFound(Found, frozen=True, kw_only=True):
    Accounts: list[AccountRow]


class AccountRoute(Input, frozen=True, kw_only=True):
    ID: Id
    ABook: Real | None = None
    StreamID: Id | None = None


class RouteCommands(msgspec.Struct, frozen=True):
    """Share and stream are changed by one command; null is what was not asked for."""

    ABookCommandID: int | None
    CommandStreamID: int | None


class CommandTakenView(msgspec.Struct, frozen=True):
    CommandID: int


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """`Commission` is a share of the turnover. `DTStamp`: when this was so. `MCLevel` in percent."""

    IDStrategy: int
    StrategyName: str
    AccountingSystem: int
    Commission: Decimal
    Fee: Decimal
    IDAccount: int
    DT: str
    ABook: Decimal
    Type: int
    DTStamp: str
    AccountAssetName: str
    LeverageMax: int
    MCLevel: Decimal
    State: int
    Factor: Decimal
    Target: Decimal | None
    Protection: Decimal
    TargetEquity: Decimal | None
    ProtectionEquity: Decimal


@MANAGER.method("accounts.search", reads=True)
async def accounts_search(call: Call, given: AccountsSearch) -> AccountsFound:
    """Find investments."""
    part = given.part(ORDERS)
    copy = copy_of(call)
    statuses = given.Statuses if given.Filter.Statuses is None else given.Filter.Statuses
    found = find_accounts(copy, call.company.id, given.Filter, statuses)
    places = order_accounts(copy, found, part.field, descending=part.descending)
    page = found.figures(places[part.offset : part.offset + part.limit])
    rows = [account_row(copy, copy.state.strategies[one.strategy], one) for one in page]
    return AccountsFound(**echo_of(given, part, len(found)), Accounts=rows)


@MANAGER.method("accounts.get", reads=True)
async def accounts_get(call: Call, given: AccountOfId) -> AccountCard:
    """One investment."""
    strategy, row = investment_of(call, given.ID)
    copy = copy_of(call)
    return account_card(copy, strategy, investment_figures(copy, strategy, row))


@MANAGER.method("accounts.getStatement", also=("accountStatements.get",), reads=True)
async def accounts_get_statement(call: Call, given: AccountOfId) -> Statement:
    """What stands at the head of an investment's statement."""
    strategy, row = investment_of(call, given.ID)
    copy, currency = copy_of(call), strategy.currency
    figures, spec = investment_figures(copy, strategy, row), copy.spec_of(strategy)
    return Statement(
        IDStrategy=strategy.number,
        StrategyName=strategy.name,
        AccountingSystem=strategy.accounting,
        Commission=commission_rate_of(figures.commission_per_million, currency),
        Fee=share_of_ppm(figures.fee_ppm),
        IDAccount=figures.number,
        DT=iso_of(figures.opened_at),
        ABook=share_of_percent(figures.a_book_percent),
        Type=figures.type,
        DTStamp=iso_of(call.platform.now()),
        AccountAssetName=currency,
        LeverageMax=spec.leverage_max,
        MCLevel=percent_of(spec.stop_out_ppm),
        State=figures.state,
        Factor=factor_of(figures.factor),
        Target=target_of(figures),
        Protection=share_of_ppm(figures.protection_ppm, 3),
        TargetEquity=target_equity_of(figures, currency),
        ProtectionEquity=money_of(figures.protection_equity, currency),
    )


@MANAGER.method("accounts.set")
async def accounts_set(call: Call, given: AccountRoute) -> RouteCommands:
    """Change the A-book share or the execution stream of an investment, for what it deals from now on."""
    investment = _number(*investment_of(call, given.ID))
    if given.ABook is None and given.StreamID is None:
        raise invalid_input("ABook", "expected ABook, StreamID, or both")
    percent = None if given.ABook is None else _percent(given.ABook)
    if given.StreamID is not None and given.StreamID not in copy_of(call).state.streams:
        raise Absent("StreamID")
    number = command_of(await done(call, SetRoute(investment, percent, given.StreamID)))
    return RouteCommands(None if percent is None else number, None if given.StreamID is None else number)


def _percent(share: Real) -> int:
    percent = units_of(share, A_BOOK_DIGITS, "ABook")
    if not 0 <= percent <= 100:
        raise invalid_input("ABook", "expected a share from 0 to 1")
    return percent


@MANAGER.method("accounts.close")
async def accounts_close(call: Call, given: AccountOfId) -> CommandTakenView:
    """Close an investment: its positions, then the fee, then what is left goes to the wallet."""
    investment = _number(*investment_of(call, given.ID))
    return CommandTakenView(command_of(await done(call, CloseInvestment(investment))))


@MANAGER.method("accounts.pause")
async def accounts_pause(call: Call, given: AccountOfId) -> CommandTakenView:
    """Pause an investment: copying stops, all its positions are closed. The trader's own pauses with its strategy only."""
    investment = _number(*investment_of(call, given.ID))
    return CommandTakenView(command_of(await done(call, PauseInvestment(investment))))


@MANAGER.method("accounts.resume")
async def accounts_resume(call: Call, given: AccountOfId) -> CommandTakenView:
    """Resume an investment: it opens all positions of its strategy at current prices."""
    investment = _number(*investment_of(call, given.ID))
    return CommandTakenView(command_of(await done(call, ResumeInvestment(investment))))


def _number(strategy: Strategy, row: int) -> int:
    return int(strategy.investments.number[row])
