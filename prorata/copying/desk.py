"""Copy trading at work: its state, the trade server's desk that it reads, and what is derived from both.

Nothing here is remembered that could not be built again: `CopyDesk(desk, state)` does so.
"""

from typing import TypeAlias

import msgspec
import numpy as np

from prorata.copying.columns import Int64, zeros
from prorata.copying.state import CopyState, Offer, Part, Strategy, Wallet
from prorata.messages.copy_terms import CopySpec, ManageType, StrategyStatus
from prorata.messages.events import Event, Refused
from prorata.messages.postings import Posting, PostingKind
from prorata.messages.refusals import Refusal
from prorata.trading.desk import Desk, refuse
from prorata.trading.rates import Joints, Route, find_joints, find_route
from prorata.units.numbers import Login, Minor, Moment, Points


class Cause(msgspec.Struct, frozen=True, gc=False):
    """Why something is dealt: one of the three; none is a limit, a fund or the market's opening."""

    signal: int = 0
    command: int = 0
    stop_out: int = 0


NO_CAUSE = Cause()


class Tags(msgspec.Struct, frozen=True, gc=False):
    """What execution tags may say."""

    postfix: str = ""


class Edges(msgspec.Struct, gc=False):
    """The prices of one symbol within which no row of a strategy can reach a limit, and the nearest of each side.

    A row is looked at once the bid is below its `bid_low` or above its `bid_high`, or the ask below `ask_low` or
    above `ask_high`.
    """

    bid_low: Int64
    bid_high: Int64
    ask_low: Int64
    ask_high: Int64
    nearest: tuple[Points, Points, Points, Points] = (0, 0, 0, 0)
    holds: bool = False
    """something of the symbol is held or asked for"""
    converts: bool = False
    """its quotes convert results or margin"""


Watch: TypeAlias = dict[str, Edges]
"""A strategy's guard: the edges of every symbol that its worth depends on."""


class CopyDesk:
    """The state of copy trading with its derived indexes. `market` is the trade server's desk: read, never written."""

    __slots__ = (
        "_joints", "_rates", "_routes", "demands", "desk", "holders", "investments_of", "investors", "links", "names",
        "next_settlement", "postfixes", "settled", "sources", "state", "strategy_of", "unsynced", "wallet_of", "watches",
    )  # fmt: skip

    def __init__(self, desk: Desk, state: CopyState) -> None:
        self.desk = desk
        self.state = state
        self.demands: dict[tuple[int, str], list[Part]] = {}
        """what is wanted of (stream, symbol) in this batch"""
        self.settled: dict[int, None] = {}
        """strategies some of whose positions may have become flat: their life goes on (`lifecycle.settle`)"""
        self.names = {strategy.name.casefold() for strategy in state.strategies.values()}
        self.links = {offer.link: offer.number for offer in state.offers.values() if offer.link}
        self.wallet_of = {(wallet.client, wallet.currency): wallet.number for wallet in state.wallets.values()}
        self.postfixes: dict[int, str] = {}
        self.sources: dict[Login, list[int]] = {}
        """trading account -> the strategies that copy it"""
        self.investors: dict[tuple[int, int], int] = {}
        """(client, strategy) -> its investment that is not closed"""
        self.investments_of: dict[int, list[int]] = {}
        """wallet -> all investments that it has paid for, the closed ones, too"""
        self.strategy_of: Int64 = zeros(max(16, state.next_investment))
        """investment -> strategy"""
        self.holders: dict[str, dict[int, None]] = {}
        """symbol -> the strategies whose worth depends on its quote"""
        self.watches: dict[int, Watch] = {}
        """strategy -> its guard, where it stands (`limits`)"""
        self.unsynced: dict[int, None] = {}
        """strategies of accounts of this platform that are active and want to be brought in line"""
        self.next_settlement: Moment | None = None
        self._rates = 0
        self._joints: Joints = {}
        self._routes: dict[tuple[str, str], Route | None] = {}
        self._build()

    def _build(self) -> None:
        for strategy in self.state.strategies.values():
            rows = slice(0, strategy.rows)
            columns = strategy.investments
            self.strategy_of[columns.number[rows]] = strategy.number
            for number, wallet in zip(columns.number[rows].tolist(), columns.wallet[rows].tolist(), strict=True):
                self.investments_of.setdefault(wallet, []).append(number)
            opened = np.flatnonzero(columns.closed_at[rows] == 0)
            for row in opened.tolist():
                self.investors[int(columns.client[row]), strategy.number] = int(columns.number[row])
            self.take_strategy(strategy)
        for numbers in self.investments_of.values():
            numbers.sort()
        self._take_markets()
        for request in self.state.requests.values():
            self.desk.elsewhere[request.ticket] = request.symbol

    def take_strategy(self, strategy: Strategy) -> None:
        """Enter a strategy where it is looked for."""
        self.names.add(strategy.name.casefold())
        if strategy.tags:
            self.postfixes[strategy.number] = msgspec.json.decode(strategy.tags, type=Tags).postfix
        if strategy.manage == ManageType.ACCOUNT and strategy.status != StrategyStatus.CLOSED:
            self.sources.setdefault(strategy.source_login, []).append(strategy.number)
        self.follow_need(strategy)

    def follow_need(self, strategy: Strategy) -> None:
        """Follow a change of what a strategy needs, or of its status."""
        own = strategy.manage == ManageType.ACCOUNT
        if own and strategy.need_sync and strategy.status == StrategyStatus.ACTIVE:
            self.unsynced[strategy.number] = None
        else:
            self.unsynced.pop(strategy.number, None)

    def forget_source(self, strategy: Strategy) -> None:
        """A closed strategy copies nobody any more."""
        copied = self.sources.get(strategy.source_login, [])
        if strategy.number in copied:
            copied.remove(strategy.number)
            if not copied:
                del self.sources[strategy.source_login]

    def hold(self, strategy: Strategy, symbol: str) -> None:
        """Let quotes of a symbol, and of those that convert its result, reach the strategy."""
        spec = self.desk.state.symbols[symbol]
        self.holders.setdefault(symbol, {})[strategy.number] = None
        for currency in (spec.profit_currency, spec.margin_currency):
            route = self.route(currency, strategy.currency)
            for name in route.names if route is not None else ():
                self.holders.setdefault(name, {})[strategy.number] = None
        self.watches.pop(strategy.number, None)

    def let_go(self, strategy: Strategy) -> None:
        """A leg is gone: only the quotes of what is left concern the strategy."""
        for strategies in self.holders.values():
            strategies.pop(strategy.number, None)
        for leg in strategy.legs.values():
            self.hold(strategy, leg.symbol)

    # The market's side.

    @property
    def now(self) -> Moment:
        return self.desk.now

    def tell(self, event: Event) -> None:
        self.desk.events.append(event)

    def route(self, source: str, target: str) -> Route | None:
        """Return how money of one currency becomes money of another; None if they are the same or nothing joins them."""
        if source == target:
            return None
        pair = (source, target)
        if pair not in self._routes:
            self._routes[pair] = find_route(self._joints, source, target)
        return self._routes[pair]

    def follow_markets(self) -> None:
        """Follow the trade server where it has built its markets anew or a symbol has got its first quote.

        Called after each of its commands, so that nothing here decides by what converted money before.
        """
        if self._rates != self.desk.rates:
            self._take_markets()

    def _take_markets(self) -> None:
        self._rates = self.desk.rates
        self._joints = find_joints(self.desk.markets)
        self._routes = {}
        self.holders.clear()
        self.watches.clear()
        for strategy in self.state.strategies.values():
            for leg in strategy.legs.values():
                self.hold(strategy, leg.symbol)

    # Finding.

    def enter_investment(self, number: int, strategy: Strategy, wallet: Wallet) -> None:
        if number >= self.strategy_of.size:
            grown = zeros(2 * self.strategy_of.size)
            grown[: self.strategy_of.size] = self.strategy_of
            self.strategy_of = grown
        self.strategy_of[number] = strategy.number
        self.investors[wallet.client, strategy.number] = number
        self.investments_of.setdefault(wallet.number, []).append(number)

    def spec_of(self, strategy: Strategy) -> CopySpec:
        return self.state.specs[f"{strategy.company}/{strategy.currency}"]

    def find_investment(self, number: int) -> tuple[Strategy, int] | None:
        """Return an investment's strategy and row."""
        if not 0 < number < self.state.next_investment:
            return None
        strategy = self.state.strategies[int(self.strategy_of[number])]
        return strategy, strategy.row_of(number)

    def offer_of(self, strategy: Strategy, row: int) -> Offer:
        return self.state.offers[int(strategy.investments.offer[row])]

    # Money.

    def post(self, debit: str, credit: str, amount: Minor, currency: str, kind: PostingKind) -> tuple[Posting, ...]:
        """Return a posting of `amount` (either sign; 0 is none), and enter its house sides into the ledger."""
        if amount == 0:
            return ()
        if amount < 0:
            debit, credit, amount = credit, debit, -amount
        for name, change in ((debit, -amount), (credit, amount)):
            if not name.startswith(_KEPT_IN_ROWS):
                self.desk.book_house(name, currency, change)
        return (Posting(debit, credit, amount, currency, kind),)


_KEPT_IN_ROWS = ("wallet/", "reserved/", "investments/")
"""Ledger accounts whose balances are fields of wallets and investments."""

__all__ = ["NO_CAUSE", "Cause", "CopyDesk", "Refusal", "Refused", "Tags", "refuse"]
