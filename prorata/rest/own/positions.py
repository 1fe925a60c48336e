"""Positions: stops, closing in all its ways, and the list of what is open."""

from litestar import Controller, delete, get, patch, post
from litestar.params import JSONBody

from prorata.messages.commands import CloseBy, ClosePosition, ReversePosition
from prorata.messages.refusals import Refusal
from prorata.rest.own.orders import DEALS, READS_TRADES
from prorata.rest.own.paging import Cursor, Limit, LoginPath, TicketPath, open_page
from prorata.rest.own.session import Call
from prorata.rest.own.views import Page, PositionView, position_view
from prorata.trading.state import Account, Position
from prorata.views import commands
from prorata.views.answers import Rejected
from prorata.views.bodies import AccountCloseAll, PositionChange, PositionClose, PositionCloseBy
from prorata.views.outcomes import Outcome, outcome_of

_ONE = "/accounts/{login:int}/positions/{ticket:int}"


def _positions_of(account: Account) -> dict[int, Position]:
    return account.positions


class Positions(Controller):
    tags = ("Positions",)

    @get("/positions", summary="List open positions of all accounts in reach", guards=[READS_TRADES])
    async def all(self, session: Call, cursor: Cursor = None, limit: Limit = 100) -> Page[PositionView]:
        return open_page(session, _positions_of, position_view, cursor, limit)

    @get("/accounts/{login:int}/positions", summary="List an account's open positions", guards=[READS_TRADES])
    async def of_account(self, session: Call, login: LoginPath) -> list[PositionView]:
        account = session.account(login)
        return [position_view(session.desk, account, position) for _, position in sorted(account.positions.items())]

    @get(_ONE, summary="Show an open position", guards=[READS_TRADES])
    async def one(self, session: Call, login: LoginPath, ticket: TicketPath) -> PositionView:
        account = session.account(login)
        position = account.positions.get(ticket)
        if position is None:
            raise Rejected(Refusal.UNKNOWN_POSITION)
        return position_view(session.desk, account, position)

    @patch(_ONE, summary="Set a position's stop loss, take profit and trailing stop", guards=[DEALS])
    async def modify(self, session: Call, login: LoginPath, ticket: TicketPath, data: JSONBody[PositionChange]) -> Outcome:
        command = commands.modify_position(session.desk, session.account(login), ticket, data)
        return outcome_of(session.engine, await session.submit(command))

    @delete(_ONE, summary="Close a position at the market", guards=[DEALS], status_code=200)
    async def close_whole(self, session: Call, login: LoginPath, ticket: TicketPath) -> Outcome:
        session.account(login)
        return outcome_of(session.engine, await session.submit(ClosePosition(login, ticket)))

    @post(f"{_ONE}/close", summary="Close a position or a part of it", guards=[DEALS], status_code=200)
    async def close(self, session: Call, login: LoginPath, ticket: TicketPath, data: JSONBody[PositionClose]) -> Outcome:
        """`volume` null closes all. With `price` and `deviation_points` a price that has moved further is refused."""
        command = commands.close_position(session.desk, session.account(login), ticket, data)
        return outcome_of(session.engine, await session.submit(command))

    @post(f"{_ONE}/close-by", summary="Close a position by an opposite one", guards=[DEALS], status_code=200)
    async def close_by(self, session: Call, login: LoginPath, ticket: TicketPath, data: JSONBody[PositionCloseBy]) -> Outcome:
        session.account(login)
        return outcome_of(session.engine, await session.submit(CloseBy(login, ticket, data.by_ticket)))

    @post(f"{_ONE}/reverse", summary="Turn a position round", guards=[DEALS], status_code=200)
    async def reverse(self, session: Call, login: LoginPath, ticket: TicketPath) -> Outcome:
        """Closes the position and opens the same volume on the other side."""
        session.account(login)
        return outcome_of(session.engine, await session.submit(ReversePosition(login, ticket)))

    @post(
        "/accounts/{login:int}/close-all",
        summary="Close all positions of an account, or those of one symbol",
        guards=[DEALS],
        status_code=200,
    )
    async def close_all(self, session: Call, login: LoginPath, data: JSONBody[AccountCloseAll]) -> Outcome:
        """A position whose market is closed stays open and is not among the events."""
        command = commands.close_all(session.desk, session.account(login), data)
        return outcome_of(session.engine, await session.submit(command))
