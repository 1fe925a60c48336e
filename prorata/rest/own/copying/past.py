"""Lists of the past of copy trading: asked on threads, since the database blocks, in parts by cursor."""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec
from litestar.params import QueryParameter

from prorata.messages.refusals import Refusal
from prorata.projections.asked import Asked
from prorata.projections.copying.lists import CopyLists
from prorata.projections.paging import BadCursor
from prorata.projections.rows import Row
from prorata.rest.own.session import Session
from prorata.rest.own.views import Page
from prorata.trading.desk import Desk
from prorata.units.numbers import LOGIN_MAX
from prorata.views.answers import Rejected

OfStrategy = Annotated[int | None, QueryParameter(ge=1, le=LOGIN_MAX, description="only in this strategy")]
OfInvestment = Annotated[int | None, QueryParameter(ge=1, le=LOGIN_MAX, description="only of this investment")]
OfWallet = Annotated[int | None, QueryParameter(ge=1, le=LOGIN_MAX, description="only of this wallet")]
OfSignal = Annotated[int | None, QueryParameter(ge=1, le=LOGIN_MAX, description="only what came of this signal")]
OfRequest = Annotated[int | None, QueryParameter(ge=1, le=LOGIN_MAX, description="only of this fill request")]

ViewType = TypeVar("ViewType")
RowType = TypeVar("RowType", bound=Row)


def past_of(session: Session) -> CopyLists:
    return CopyLists(session.platform.history)


async def part_of_past(
    session: Session,
    asked: Asked[RowType],
    view_of: Callable[[Desk, RowType], ViewType],
    cursor: str | None,
    limit: int,
    *,
    newest_first: bool,
) -> Page[ViewType]:
    """Return a part of a list. Raises `Rejected`."""
    try:
        page = await asyncio.to_thread(asked.part, cursor=cursor, limit=limit, newest_first=newest_first)
    except (BadCursor, msgspec.MsgspecError):
        raise Rejected(Refusal.MALFORMED, "cursor: not one of this list") from None
    desk = session.desk
    return Page(tuple(view_of(desk, row) for row in page.rows), page.cursor)


async def one_of_past(asked: Asked[RowType], missing: Refusal) -> RowType:
    """Return the one row that was asked for. Raises `Rejected` with `missing`."""
    row = await asyncio.to_thread(asked.one)
    if row is None:
        raise Rejected(missing)
    return row
