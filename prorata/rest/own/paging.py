"""Lists in parts: those of the engine's state by login and ticket, those of the history by its own cursors."""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.params import PathParameter, QueryParameter

from prorata.messages.refusals import Refusal
from prorata.projections.paging import BadCursor
from prorata.projections.rows import Page as RowPage
from prorata.projections.rows import Row
from prorata.rest.own.session import Session
from prorata.rest.own.views import Page
from prorata.trading.desk import Desk
from prorata.trading.state import Account
from prorata.units.numbers import LOGIN_MAX, Login, Moment, Ticket
from prorata.views.answers import Rejected
from prorata.views.bodies import NO_CONTROLS
from prorata.views.numbers import read_moment

ACCOUNTS_SCANNED_MAX = 5_000
"""Accounts that one page looks through: it may come back short, with a cursor, but never holds the engine up."""

Cursor = Annotated[str | None, QueryParameter(max_length=256, description="`next_cursor` of the part before")]
Limit = Annotated[int, QueryParameter(ge=1, le=1_000, description="how many at most")]
LoginPath = Annotated[int, PathParameter(ge=1, le=LOGIN_MAX, description="number of the account")]
TicketPath = Annotated[int, PathParameter(ge=1, le=LOGIN_MAX, description="number of the order or position")]
Since = Annotated[str | None, QueryParameter(max_length=40, description="from this RFC 3339 time on")]
Until = Annotated[str | None, QueryParameter(max_length=40, description="up to, not including, this RFC 3339 time")]
SymbolQuery = Annotated[str | None, QueryParameter(max_length=64, pattern=NO_CONTROLS, description="only of this symbol")]
NewestFirst = Annotated[bool, QueryParameter(description="newest first, or oldest first")]

Thing = TypeVar("Thing")
ViewType = TypeVar("ViewType")
RowType = TypeVar("RowType", bound=Row)


def cursor_of(*numbers: int) -> str:
    return urlsafe_b64encode(".".join(map(str, numbers)).encode()).decode().rstrip("=")


def place_of(cursor: str | None, count: int) -> tuple[int, ...]:
    """Return the numbers in a cursor of ours; zeros for none. Raises `Rejected`."""
    if cursor is None:
        return (0,) * count
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        numbers = tuple(int(part) for part in text.split("."))
    except ValueError:
        raise Rejected(Refusal.MALFORMED, "cursor: not one of this list") from None
    if len(numbers) != count or not all(0 <= number <= LOGIN_MAX for number in numbers):
        raise Rejected(Refusal.MALFORMED, "cursor: not one of this list")
    return numbers


def open_page(
    session: Session,
    things_of: Callable[[Account], Mapping[Ticket, Thing]],
    view_of: Callable[[Desk, Account, Thing], ViewType],
    cursor: str | None,
    limit: int,
) -> Page[ViewType]:
    """Return a part of what the accounts in reach hold now, by login and then ticket."""
    desk = session.desk
    login_after, ticket_after = place_of(cursor, 2)
    logins = session.logins()
    items: list[ViewType] = []
    start = bisect_left(logins, login_after)
    for place in range(start, len(logins)):
        login = logins[place]
        if place - start >= ACCOUNTS_SCANNED_MAX:
            return Page(tuple(items), cursor_of(login, 0))
        account = desk.state.accounts[login]
        things = things_of(account)
        if not things:
            continue
        for ticket in sorted(things):
            if login == login_after and ticket <= ticket_after:
                continue
            if len(items) == limit:
                return Page(tuple(items), cursor_of(login, ticket - 1))
            items.append(view_of(desk, account, things[ticket]))
    return Page(tuple(items), None)


async def past_page(
    session: Session,
    question: Callable[..., RowPage[RowType]],
    view_of: Callable[[Desk, RowType], ViewType],
    *,
    login: Login | None = None,
    **filters: Any,
) -> Page[ViewType]:
    """Return a part of a list of the history, asked in a thread because the database blocks."""
    try:
        page = await asyncio.to_thread(question, login=login, **filters)
    except (BadCursor, msgspec.MsgspecError):
        raise Rejected(Refusal.MALFORMED, "cursor: not one of this list") from None
    desk = session.desk
    return Page(tuple(view_of(desk, row) for row in page.rows), page.cursor)


def read_bound(text: str | None, field: str) -> Moment | None:
    return None if text is None else read_moment(text, field)
