"""Orders for streams and what was filled of them, as one company sees them: those that its own investments had a part in.

Streams serve all companies of a platform, and what several want is netted into one order. A company sees such an order
whole, but none in which it had no part.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, FromClause, and_, case, cast, exists, func, literal_column, or_, select

from prorata.projections.asked import Asked
from prorata.projections.copying.block_tables import copy_blocks, copy_deals
from prorata.projections.copying.filters import FillFilter, RequestFilter
from prorata.projections.copying.questions import CopyQuestions
from prorata.projections.copying.rows import FillRequestRow, FillRow
from prorata.projections.copying.tables import fill_requests, fills, investments
from prorata.units.numbers import Minor, Ticket, Volume

# In so many words: only then is the index of blocks by request used.
_OF_REQUEST: ColumnElement[bool] = literal_column("copy_blocks.request > 0")


class CompanyFillRow(FillRow, frozen=True):
    rejected: Volume
    """what of its order was not filled, beside the last fill of it"""
    commission: Minor
    """that the venue took for it"""
    test: int
    """1: only test clients had a part in it"""


class CompanyRequestRow(FillRequestRow, frozen=True):
    test: int


class PriceBounds(msgspec.Struct, frozen=True):
    """Prices as they are said: 1.1 is 110,000 points of a symbol with five digits. `digits`: of every symbol."""

    least: Decimal | None
    most: Decimal | None
    digits: Mapping[str, int]


class CopyExecutions(CopyQuestions):
    def fill_requests_of(
        self, company: int, given: RequestFilter, *, under_way: Sequence[Ticket] = (), test: int | None = None
    ) -> Asked[CompanyRequestRow]:
        """List the company's orders. `under_way`: those of which nothing is dealt yet, as the engine knows them."""
        request = fill_requests.c
        mine = or_(self._took_part(company, request.ticket), request.ticket.in_(under_way))
        query = select(*request, self._test(company, request.ticket)).where(request.platform == self._platform, mine)
        source = query.subquery()
        return self._read(CompanyRequestRow, source, given, ("sequence",), _only(source, test))

    def fills_of(
        self, company: int, given: FillFilter, *, test: int | None = None, prices: PriceBounds | None = None
    ) -> Asked[CompanyFillRow]:
        """List what was filled of the company's orders."""
        fill, request, later = fills.c, fill_requests.c, fills.alias("later")
        last = (
            select(func.max(later.c.fill))
            .where(later.c.platform == fill.platform, later.c.request == fill.request)
            .scalar_subquery()
        )
        query = (
            select(
                *fill,
                case((fill.fill == last, request.rejected), else_=0).label("rejected"),
                self._commission(fill).label("commission"),
                self._test(company, fill.request),
            )
            .join(fill_requests, and_(request.platform == fill.platform, request.ticket == fill.request))
            .where(fill.platform == self._platform, self._took_part(company, fill.request))
        )
        source = query.subquery()
        within = [] if prices is None else _within(source, prices)
        return self._read(CompanyFillRow, source, given, ("sequence",), [*_only(source, test), *within])

    def _took_part(self, company: int, ticket: ColumnElement[int], *where: ColumnElement[bool]) -> ColumnElement[bool]:
        """Say whether an investment of the company had a deal of an order."""
        block, row, investment = copy_blocks.c, copy_deals.c, investments.c
        return exists(
            select(1)
            .select_from(copy_blocks)
            .join(copy_deals, and_(row.platform == block.platform, row.sequence == block.sequence))
            .join(investments, and_(investment.platform == row.platform, investment.investment == row.investment))
            .where(block.platform == self._platform, block.request == ticket, _OF_REQUEST)
            .where(investment.company == company, *where)
        )

    def _test(self, company: int, ticket: ColumnElement[int]) -> ColumnElement[int]:
        real = self._took_part(company, ticket, investments.c.test == 0)
        tested = self._took_part(company, ticket, investments.c.test == 1)
        return case((real, 0), (tested, 1), else_=0).label("test")

    def _commission(self, fill: Any) -> ColumnElement[int]:
        block, row = copy_blocks.c, copy_deals.c
        taken = (
            select(func.coalesce(func.sum(row.liquidity_commission), 0))
            .select_from(copy_blocks)
            .join(copy_deals, and_(row.platform == block.platform, row.sequence == block.sequence))
            .where(block.platform == self._platform, block.request == fill.request, _OF_REQUEST, block.fill == fill.fill)
            .scalar_subquery()
        )
        return cast(taken, BigInteger)


def _only(source: FromClause, test: int | None) -> list[ColumnElement[bool]]:
    return [] if test is None else [source.c.test == test]


def _within(source: FromClause, prices: PriceBounds) -> list[ColumnElement[bool]]:
    """Return the condition that a price is within bounds, which are other points for symbols of other digits."""
    price, symbol = source.c.price, source.c.symbol
    by_digits: dict[int, list[str]] = {}
    for name, digits in prices.digits.items():
        by_digits.setdefault(digits, []).append(name)
    either: list[ColumnElement[bool]] = []
    for digits, names in by_digits.items():
        bounds: list[ColumnElement[bool]] = [symbol.in_(names)]
        if prices.least is not None:
            bounds.append(price >= int(prices.least.scaleb(digits).to_integral_value(ROUND_CEILING)))
        if prices.most is not None:
            bounds.append(price <= int(prices.most.scaleb(digits).to_integral_value(ROUND_FLOOR)))
        either.append(and_(*bounds))
    return [or_(*either)] if either else []
