"""The caller's company and the companies below it. Others are as if they were not there."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from prorata.control.columns import NAME_LENGTH_MAX
from prorata.control.companies import ORDERS, Company, CompanyFilter, NewCompany
from prorata.projections.copying.filters import CompanyDayFilter
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import Absent
from prorata.rest.ramm.past import lists_of
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Search, echo_of
from prorata.rest.ramm.values import Id, Text, Time
from prorata.units.numbers import DAY_MS
from prorata.views.bodies import NO_CONTROLS
from prorata.views.copying.numbers import iso_of, money_of

NameText = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX, pattern=NO_CONTROLS)]


class CompanyToAdd(Input, frozen=True, kw_only=True):
    Name: NameText
    URL: Text = ""
    Demo: bool = False


class AddedCompany(msgspec.Struct, frozen=True):
    CompanyID: int


class CompaniesFilter(Input, frozen=True, kw_only=True):
    Name: Text | None = None
    ParentID: Id | None = None
    ID: Id | None = None


class CompaniesSearch(Search, frozen=True, kw_only=True):
    Filter: CompaniesFilter = CompaniesFilter()


class CompanyRow(msgspec.Struct, frozen=True):
    """`ParentID` is 0 for a company that is below none."""

    ID: int
    ParentID: int
    ParentCompanyName: str
    Name: str
    URL: str
    Demo: bool
    Status: int


class CompaniesFound(Found, frozen=True, kw_only=True):
    Companies: list[CompanyRow]


class CompanyOfId(Input, frozen=True, kw_only=True):
    ID: Id


class ParentCompany(msgspec.Struct, frozen=True):
    ID: int
    Name: str


class OwnCompany(msgspec.Struct, frozen=True):
    ID: int
    Name: str
    URL: str
    Demo: bool
    Status: int
    Parent: ParentCompany


class CompanyChange(Input, frozen=True, kw_only=True):
    Name: NameText | None = None
    URL: Text | None = None


class EquityFilter(Input, frozen=True, kw_only=True):
    """`DTFrom` is included, `DTTo` is not."""

    DTFrom: Time | None = None
    DTTo: Time | None = None


class EquityAsked(Input, frozen=True, kw_only=True):
    Filter: EquityFilter = EquityFilter()


class EquityRow(msgspec.Struct, frozen=True):
    """What the clients of the company had when a day ended, test clients left out. `DT`: when that was."""

    IDCompany: int
    DT: str
    Equity: Decimal
    Balance: Decimal
    WalletsBalance: Decimal


@MANAGER.method("companies.add")
async def companies_add(call: Call, given: CompanyToAdd) -> AddedCompany:
    """Make a company below one's own, on the same trade platform; whoever makes it may do the same there as here."""
    mine = call.company
    new = NewCompany(
        name=given.Name, url=given.URL, demo=given.Demo, parent_id=mine.id, platform=mine.platform,
        brand_key=mine.brand_key, currency=mine.currency, account_min_balance=mine.account_min_balance,
        security_min_balance=mine.security_min_balance, shows_portfolio=mine.shows_portfolio,
        rating_age_min=mine.rating_age_min, rating_deals_min=mine.rating_deals_min,
        rating_yield_min_ppm=mine.rating_yield_min_ppm,
    )  # fmt: skip
    made = await call.sql(call.control.companies.add, new)
    await call.sql(call.control.managers.let_in, call.manager.person_id, made.id, call.manager.rights)
    return AddedCompany(made.id)


@MANAGER.method("companies.search", reads=True)
async def companies_search(call: Call, given: CompaniesSearch) -> CompaniesFound:
    """Find one's own company and those below it."""
    part = given.part(ORDERS)
    wanted = CompanyFilter(name=given.Filter.Name, parent_id=given.Filter.ParentID, id=given.Filter.ID)
    within = call.control.companies.below(call.company.id)
    rows, total = await call.sql(call.control.companies.search, within, wanted, part)
    return CompaniesFound(**echo_of(given, part, total), Companies=[_row(company, parent) for company, parent in rows])


@MANAGER.method("companies.get", reads=True)
async def companies_get(call: Call, given: CompanyOfId) -> CompanyRow:
    """One's own company or one below it."""
    company = call.control.companies.get(given.ID)
    if company is None or company.id not in call.control.companies.below(call.company.id):
        raise Absent("ID")
    return _row(company, _parent_of(call, company).Name)


@MANAGER.method("company.get", reads=True)
async def company_get(call: Call) -> OwnCompany:
    """The company of the session."""
    mine = call.company
    return OwnCompany(mine.id, mine.name, mine.url, mine.demo, mine.status, _parent_of(call, mine))


@MANAGER.method("company.set")
async def company_set(call: Call, given: CompanyChange) -> None:
    """Give the company of the session another name or address."""
    changes: dict[str, Any] = {"name": given.Name, "url": given.URL}
    changes = {name: value for name, value in changes.items() if value is not None}
    await call.sql(call.control.companies.set, call.company.id, **changes)


@MANAGER.method("company.getEquity", reads=True)
async def company_get_equity(call: Call, given: EquityAsked) -> list[EquityRow]:
    """What the clients of the company had at the end of each day."""
    mine, wanted = call.company, given.Filter
    since = None if wanted.DTFrom is None else wanted.DTFrom // DAY_MS - 1
    asked = lists_of(call).company_days(CompanyDayFilter(company=mine.id, currency=mine.currency, since_day=since))
    days = await call.sql(asked.all)
    return [
        EquityRow(
            mine.id, iso_of(day.at), money_of(day.equity, mine.currency), money_of(day.balance, mine.currency),
            money_of(day.wallets_balance, mine.currency),
        )
        for day in days
        if (wanted.DTFrom is None or day.at >= wanted.DTFrom) and (wanted.DTTo is None or day.at < wanted.DTTo)
    ]  # fmt: skip


def _parent_of(call: Call, company: Company) -> ParentCompany:
    parent = None if company.parent_id is None else call.control.companies.get(company.parent_id)
    return ParentCompany(0, "") if parent is None else ParentCompany(parent.id, parent.name)


def _row(company: Company, parent_name: str) -> CompanyRow:
    return CompanyRow(company.id, company.parent_id or 0, parent_name, company.name, company.url, company.demo, company.status)
