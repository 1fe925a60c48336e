"""Strategies: opened, renamed, paused, resumed, disabled, closed; and the public ones as everybody sees them."""

from collections.abc import Callable
from typing import Annotated, Literal

from litestar import Controller, get, patch, post
from litestar.params import JSONBody, QueryParameter

from prorata.access.copying import is_public
from prorata.access.permissions import Permission
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.messages.copy_commands import (
    CloseStrategy,
    CopyCommand,
    DisableStrategy,
    PauseStrategy,
    RenameStrategy,
    ResumeStrategy,
)
from prorata.messages.refusals import Refusal
from prorata.rest.own.copying import commands as copy_commands
from prorata.rest.own.copying.bodies import NewStrategy, StrategyChange
from prorata.rest.own.copying.reach import (
    COPY_DEALING,
    COPY_MANAGING,
    COPY_READING,
    StrategyPath,
    copy_of,
    strategy_of,
    wallet_of,
)
from prorata.rest.own.copying.views import PublicStrategyView, StrategyView, public_strategy_view, strategy_view
from prorata.rest.own.copying.wallets import ClientQuery, CompanyQuery, CurrencyQuery
from prorata.rest.own.ordered import Descending, Keyed, part_of
from prorata.rest.own.paging import Cursor, Limit
from prorata.rest.own.session import Call, Session, needs
from prorata.rest.own.views import Page
from prorata.views.answers import Rejected
from prorata.views.bodies import NO_CONTROLS
from prorata.views.copying.outcomes import CopyOutcome, copy_outcome_of
from prorata.views.copying.strategies import strategy_figures
from prorata.views.names import ManageName, StrategyStatusName, name_of

StrategyOrder = Literal["number", "opened", "yield", "equity", "investments", "signalled"]
OrderQuery = Annotated[StrategyOrder, QueryParameter(description="in the order of this; ties by number")]
SearchQuery = Annotated[
    str | None, QueryParameter(max_length=64, pattern=NO_CONTROLS, description="only with this text in the name")
]

_RANKS: dict[StrategyOrder, Callable[[CopyDesk, Strategy], int]] = {
    "number": lambda _, strategy: strategy.number,
    "opened": lambda _, strategy: strategy.created_at,
    "yield": lambda copy, strategy: strategy_figures(copy, strategy).unit_price,
    "equity": lambda copy, strategy: strategy_figures(copy, strategy).own_equity,
    "investments": lambda copy, strategy: strategy_figures(copy, strategy).accounts,
    "signalled": lambda _, strategy: strategy.last_signal_at,
}


def _ranked(copy: CopyDesk, order_by: StrategyOrder, strategies: list[Strategy]) -> list[Keyed[Strategy]]:
    rank = _RANKS[order_by]
    return [(rank(copy, strategy), strategy.number, strategy) for strategy in strategies]


def _named(strategy: Strategy, search: str | None) -> bool:
    return search is None or search.casefold() in strategy.name.casefold()


async def _command(session: Session, command: CopyCommand) -> CopyOutcome:
    return copy_outcome_of(session.engine, await session.submit(command))


class Strategies(Controller):
    tags = ("Strategies",)

    @get("/strategies", summary="List strategies", guards=[COPY_READING])
    async def all(
        self,
        session: Call,
        status: Annotated[StrategyStatusName | None, QueryParameter(description="only with this status")] = None,
        manage: Annotated[ManageName | None, QueryParameter(description="only with signals from there")] = None,
        public: Annotated[bool | None, QueryParameter(description="only those with a public offer, or without")] = None,
        client: ClientQuery = None,
        company: CompanyQuery = None,
        currency: CurrencyQuery = None,
        search: SearchQuery = None,
        order_by: OrderQuery = "number",
        descending: Descending = False,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[StrategyView]:
        copy = copy_of(session)
        found = [
            strategy
            for strategy in copy.state.strategies.values()
            if status in (None, name_of(strategy.status))
            and manage in (None, name_of(strategy.manage))
            and public in (None, is_public(strategy))
            and client in (None, strategy.client)
            and company in (None, strategy.company)
            and currency in (None, strategy.currency)
            and _named(strategy, search)
        ]
        part, following = part_of(_ranked(copy, order_by, found), cursor, limit, descending=descending)
        return Page(tuple(strategy_view(strategy, strategy_figures(copy, strategy)) for strategy in part), following)

    @post("/strategies", summary="Open a strategy", guards=[COPY_DEALING])
    async def open(self, session: Call, data: JSONBody[NewStrategy]) -> CopyOutcome:
        """The trader's own money goes in with it; it asks its source for a first, hard synchronisation."""
        return await _command(session, copy_commands.open_strategy(wallet_of(session, data.wallet), data))

    @get("/strategies/{strategy:int}", summary="Show a strategy", guards=[COPY_READING])
    async def one(self, session: Call, strategy: StrategyPath) -> StrategyView:
        found = strategy_of(session, strategy)
        return strategy_view(found, strategy_figures(copy_of(session), found))

    @patch("/strategies/{strategy:int}", summary="Rename a strategy", guards=[COPY_DEALING])
    async def rename(self, session: Call, strategy: StrategyPath, data: JSONBody[StrategyChange]) -> CopyOutcome:
        return await _command(session, RenameStrategy(strategy, data.name))

    @post("/strategies/{strategy:int}/pause", summary="Pause a strategy", guards=[COPY_DEALING], status_code=200)
    async def pause(self, session: Call, strategy: StrategyPath) -> CopyOutcome:
        """Copying stops, and all positions of all investors are closed."""
        return await _command(session, PauseStrategy(strategy))

    @post("/strategies/{strategy:int}/resume", summary="Let a strategy go on", guards=[COPY_DEALING], status_code=200)
    async def resume(self, session: Call, strategy: StrategyPath) -> CopyOutcome:
        return await _command(session, ResumeStrategy(strategy))

    @post("/strategies/{strategy:int}/close", summary="Close a strategy for good", guards=[COPY_DEALING], status_code=200)
    async def close(self, session: Call, strategy: StrategyPath) -> CopyOutcome:
        """All investments are closed and paid out, the trader's own last."""
        return await _command(session, CloseStrategy(strategy))

    @post("/strategies/{strategy:int}/disable", summary="Stop a strategy", guards=[COPY_MANAGING], status_code=200)
    async def disable(self, session: Call, strategy: StrategyPath) -> CopyOutcome:
        """As a pause, but only the house lets it go on."""
        return await _command(session, DisableStrategy(strategy, disabled=True))

    @post("/strategies/{strategy:int}/enable", summary="Let a stopped strategy go on", guards=[COPY_MANAGING], status_code=200)
    async def enable(self, session: Call, strategy: StrategyPath) -> CopyOutcome:
        return await _command(session, DisableStrategy(strategy, disabled=False))


class PublicStrategies(Controller):
    """What everybody may see, keys bound to single accounts, too."""

    tags = ("Strategies",)
    guards = (needs(Permission.COPYING_READ),)

    @get("/public-strategies", summary="List strategies with a public offer")
    async def all(
        self,
        session: Call,
        currency: CurrencyQuery = None,
        search: SearchQuery = None,
        order_by: OrderQuery = "yield",
        descending: Descending = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[PublicStrategyView]:
        copy = copy_of(session)
        found = [
            strategy
            for strategy in copy.state.strategies.values()
            if is_public(strategy) and currency in (None, strategy.currency) and _named(strategy, search)
        ]
        part, following = part_of(_ranked(copy, order_by, found), cursor, limit, descending=descending)
        return Page(tuple(_public_view(copy, strategy) for strategy in part), following)

    @get("/public-strategies/{strategy:int}", summary="Show a strategy with a public offer")
    async def one(self, session: Call, strategy: StrategyPath) -> PublicStrategyView:
        found = strategy_of(session, strategy)
        if not is_public(found):
            raise Rejected(Refusal.UNKNOWN_STRATEGY)
        return _public_view(copy_of(session), found)


def _public_view(copy: CopyDesk, strategy: Strategy) -> PublicStrategyView:
    offer = copy.state.offers[strategy.public_offer]
    return public_strategy_view(strategy, offer, strategy_figures(copy, strategy))
