"""What moves with the quotes: results of open positions, equity of accounts. Looked at regularly, told where it differs."""

import asyncio
from typing import TYPE_CHECKING

import grpc
import structlog

from prorata.messages.commands import Side
from prorata.stream.grpc.audience import Audience, spread
from prorata.stream.grpc.told import EquityTold, Update
from prorata.trading.equity import equity_of, profit_now
from prorata.trading.state import Account, Position
from prorata.units.numbers import Login, Minor, Points, Ticket
from prorata.views.texts import amount_text

if TYPE_CHECKING:
    from prorata.stream.grpc.feed import Feed

AT_ONCE = 100
"""accounts and positions that are looked at in one turn of the event loop"""

_log = structlog.get_logger("grpc")


class Figures:
    """Of the accounts that somebody hears of. A figure None must be told again, whatever it is."""

    def __init__(self, feed: "Feed", seconds: float) -> None:
        self.equity = Audience()
        self.has_moved = False
        """whether there were quotes since the last look"""
        self._feed = feed
        self._seconds = seconds
        self._results: dict[Ticket, tuple[Minor, Points] | None] = {}
        self._equities: dict[Login, tuple[Minor, Minor, Minor] | None] = {}
        self._touched: dict[Login, None] = {}
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Look from now on, as long as somebody hears of it."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._look_on())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    # What one stream is told when it begins: the others may have been told something else last.

    def seen(self, account: Account) -> None:
        for position in account.positions.values():
            now = self._result(account, position)
            if self._results.setdefault(position.ticket, now) != now:
                self._results[position.ticket] = None

    def equity_of(self, account: Account) -> list[EquityTold]:
        now = self._equity(account)
        if self._equities.setdefault(account.login, now) != now:
            self._equities[account.login] = None
        return [self._equity_told(account, now)]

    # What batches have changed.

    def touch(self, login: Login, *, anew: bool = False) -> None:
        """Have an account's equity told with this batch if it differs; `anew`: in any case."""
        if self.equity:
            self._touched[login] = None
            if anew:
                self._equities[login] = None

    def tell_touched(self) -> None:
        if self._touched:
            touched, self._touched = self._touched, {}
            for login in touched:
                self._tell_equity(self._feed.desk.state.accounts[login])

    def forget(self, ticket: Ticket) -> None:
        self._results.pop(ticket, None)

    # What quotes have changed.

    async def _look_on(self) -> None:
        try:
            while self._feed.positions or self.equity:
                await asyncio.sleep(self._seconds)
                if self.has_moved:
                    self.has_moved = False
                    await self._look()
        except Exception:
            _log.exception("figures cannot be told")
            self._feed.end_all(grpc.StatusCode.INTERNAL, "something went wrong here")
        self._results.clear()
        self._equities.clear()

    async def _look(self) -> None:
        accounts, members = self._feed.desk.state.accounts, self._feed.book.members
        logins = dict.fromkeys((*self._feed.positions.logins(members), *self.equity.logins(members)))
        count = 0
        for login in logins:
            account = accounts.get(login)
            count += 1
            if account is not None and account.positions:
                count += len(account.positions)
                self._tell_results(account)
                self._tell_equity(account)
            if count >= AT_ONCE:
                count = 0
                await asyncio.sleep(0)

    def _tell_results(self, account: Account) -> None:
        audience = self._feed.positions
        hearers = audience.of(account.login, account.access, account.group) if audience else []
        if not hearers:
            return
        for position in account.positions.values():
            now = self._result(account, position)
            if self._results.get(position.ticket) != now:
                self._results[position.ticket] = now
                spread(self._feed.position_told(account, position, Update.PROFIT_CHANGE), hearers)

    def _tell_equity(self, account: Account) -> None:
        hearers = self.equity.of(account.login, account.access, account.group) if self.equity else []
        if not hearers:
            return
        now = self._equity(account)
        if self._equities.get(account.login) != now:
            self._equities[account.login] = now
            spread(self._equity_told(account, now), hearers)

    def _result(self, account: Account, position: Position) -> tuple[Minor, Points]:
        terms = self._feed.desk.terms_of(account, position.symbol)
        return profit_now(terms, position), terms.bid if position.side == Side.BUY else terms.ask

    def _equity(self, account: Account) -> tuple[Minor, Minor, Minor]:
        return equity_of(self._feed.desk, account), account.balance, account.credit

    def _equity_told(self, account: Account, figures: tuple[Minor, Minor, Minor]) -> EquityTold:
        digits = self._feed.desk.groups[account.group].currency_digits
        equity, balance, credit = (amount_text(figure, digits) for figure in figures)
        return EquityTold(account.login, equity, balance, credit)
