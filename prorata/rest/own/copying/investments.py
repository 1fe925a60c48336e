"""Investments: money that copies a strategy. Lists are filtered and put in order by columns; only a page becomes rows."""

from typing import Annotated, Literal, get_args

import numpy as np
from litestar import Controller, get, patch, post
from litestar.params import JSONBody, QueryParameter

from prorata.copying.columns import Mask
from prorata.copying.desk import CopyDesk
from prorata.messages.copy_commands import (
    CloseInvestment,
    CopyCommand,
    FundInvestment,
    PauseInvestment,
    ResumeInvestment,
    SetRoute,
    WithdrawInvestment,
)
from prorata.messages.copy_terms import InvestmentState
from prorata.rest.own.copying import commands as copy_commands
from prorata.rest.own.copying.bodies import MoneyMove, NewInvestment, ProfileChange, RouteChange
from prorata.rest.own.copying.investment_views import InvestmentPositionView, InvestmentView, investment_view, position_view
from prorata.rest.own.copying.past import OfStrategy, OfWallet
from prorata.rest.own.copying.reach import (
    COPY_DEALING,
    COPY_MANAGING,
    COPY_READING,
    InvestmentPath,
    StrategyPath,
    copy_of,
    investment_of,
    strategy_of,
    wallet_of,
)
from prorata.rest.own.copying.wallets import ClientQuery, wallets_of
from prorata.rest.own.ordered import Descending, is_after, ordered_cursor_of, ordered_place_of
from prorata.rest.own.paging import Cursor, Limit
from prorata.rest.own.session import Call, Session
from prorata.rest.own.views import Page, digits_of
from prorata.units.numbers import LOGIN_MAX, Minor
from prorata.views.copying.figures import InvestmentList, investment_figures
from prorata.views.copying.outcomes import CopyOutcome, copy_outcome_of
from prorata.views.copying.positions import PositionList
from prorata.views.names import InvestmentStateName, code_of
from prorata.views.numbers import read_money

InvestmentOrder = Literal[
    "number", "equity", "balance", "floating", "margin", "total_profit", "unit_price", "fees", "available", "opened_at"
]
assert set(get_args(InvestmentOrder)) - {"number"} <= set(InvestmentView.__struct_fields__) | {"fees"}


OfOffer = Annotated[int | None, QueryParameter(ge=1, le=LOGIN_MAX, description="only on this offer")]


def _all_of(copy: CopyDesk, strategy: int | None, wallet: int | None, client: int | None) -> InvestmentList:
    """Return the investments among which others are looked for: by what narrows the most, if anything does."""
    if strategy is not None:
        found = copy.state.strategies.get(strategy)
        return InvestmentList(copy, () if found is None else (found,))
    if wallet is None and client is None:
        return InvestmentList(copy, copy.state.strategies.values())
    wallets = [wallet] if wallet is not None else wallets_of(copy, client or 0)
    numbers = [number for one in wallets for number in copy.investments_of.get(one, ())]
    return InvestmentList.of_numbers(copy, numbers)


def _chosen(found: InvestmentList, wanted: dict[str, int | None], *, open_only: bool | None) -> InvestmentList:
    """Return those that have the values in `wanted`; None is any."""
    mask: Mask = np.ones(len(found), dtype=np.bool_)
    for name, value in wanted.items():
        if value is not None:
            mask &= found[name] == value
    if open_only is not None:
        mask &= (found["state"] != InvestmentState.CLOSED) == open_only
    return found if mask.all() else found.where(mask)


def _part(
    copy: CopyDesk, found: InvestmentList, order_by: InvestmentOrder, cursor: str | None, limit: int, *, descending: bool
) -> Page[InvestmentView]:
    place = ordered_place_of(cursor)
    if place is not None:
        found = found.where(is_after(found[order_by], found["number"], place, descending=descending))
    order = found.order(order_by, descending=descending)
    shown = order[:limit]
    strategies = copy.state.strategies
    views = tuple(investment_view(strategies[one.strategy].currency, one) for one in found.figures(shown))
    if order.size <= limit:
        return Page(views, None)
    last = int(shown[-1])
    return Page(views, ordered_cursor_of(int(found[order_by][last]), int(found["number"][last])))


async def _command(session: Session, command: CopyCommand) -> CopyOutcome:
    return copy_outcome_of(session.engine, await session.submit(command))


def _read_amount(session: Session, investment: int, data: MoneyMove) -> Minor:
    strategy, _ = investment_of(session, investment)
    return read_money(data.amount, digits_of(strategy.currency), "amount")


class Investments(Controller):
    tags = ("Investments",)

    @get("/investments", summary="List investments", guards=[COPY_READING])
    async def all(
        self,
        session: Call,
        strategy: OfStrategy = None,
        offer: OfOffer = None,
        wallet: OfWallet = None,
        client: ClientQuery = None,
        in_state: Annotated[InvestmentStateName | None, QueryParameter(description="only in this state")] = None,
        open: Annotated[bool | None, QueryParameter(description="only those that are not closed, or only closed ones")] = None,
        order_by: Annotated[InvestmentOrder, QueryParameter(description="in the order of this; ties by number")] = "number",
        descending: Descending = False,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[InvestmentView]:
        copy = copy_of(session)
        wanted = {
            "offer": offer, "wallet": wallet, "client": client,
            "state": None if in_state is None else int(code_of(InvestmentState, in_state)),
        }  # fmt: skip
        found = _chosen(_all_of(copy, strategy, wallet, client), wanted, open_only=open)
        return _part(copy, found, order_by, cursor, limit, descending=descending)

    @post("/investments", summary="Invest in a strategy", guards=[COPY_DEALING])
    async def invest(self, session: Call, data: JSONBody[NewInvestment]) -> CopyOutcome:
        """The strategy's positions are copied with the synchronisation that this asks for."""
        return await _command(session, copy_commands.invest(wallet_of(session, data.wallet), data))

    @get("/investments/{investment:int}", summary="Show an investment", guards=[COPY_READING])
    async def one(self, session: Call, investment: InvestmentPath) -> InvestmentView:
        strategy, row = investment_of(session, investment)
        return investment_view(strategy.currency, investment_figures(copy_of(session), strategy, row))

    @post("/investments/{investment:int}/fund", summary="Add money", guards=[COPY_DEALING], status_code=200)
    async def fund(self, session: Call, investment: InvestmentPath, data: JSONBody[MoneyMove]) -> CopyOutcome:
        """Open positions grow in proportion."""
        return await _command(session, FundInvestment(investment, _read_amount(session, investment, data)))

    @post("/investments/{investment:int}/withdraw", summary="Take money out", guards=[COPY_DEALING], status_code=200)
    async def withdraw(self, session: Call, investment: InvestmentPath, data: JSONBody[MoneyMove]) -> CopyOutcome:
        """Only while nothing is copied, and no more than `available`."""
        return await _command(session, WithdrawInvestment(investment, _read_amount(session, investment, data)))

    @post("/investments/{investment:int}/pause", summary="Stop copying", guards=[COPY_DEALING], status_code=200)
    async def pause(self, session: Call, investment: InvestmentPath) -> CopyOutcome:
        """All positions are closed; the command ends when the last one is."""
        return await _command(session, PauseInvestment(investment))

    @post("/investments/{investment:int}/resume", summary="Copy again", guards=[COPY_DEALING], status_code=200)
    async def resume(self, session: Call, investment: InvestmentPath) -> CopyOutcome:
        return await _command(session, ResumeInvestment(investment))

    @post("/investments/{investment:int}/close", summary="Close an investment", guards=[COPY_DEALING], status_code=200)
    async def close(self, session: Call, investment: InvestmentPath) -> CopyOutcome:
        """Positions are closed, the fee is settled, and the rest goes to the wallet."""
        return await _command(session, CloseInvestment(investment))

    @patch("/investments/{investment:int}/profile", summary="Change factor, protection or target", guards=[COPY_DEALING])
    async def change(self, session: Call, investment: InvestmentPath, data: JSONBody[ProfileChange]) -> CopyOutcome:
        return await _command(session, copy_commands.set_profile(investment, data))

    @patch("/investments/{investment:int}/route", summary="Change A-book share or stream", guards=[COPY_MANAGING])
    async def route(self, session: Call, investment: InvestmentPath, data: JSONBody[RouteChange]) -> CopyOutcome:
        return await _command(session, SetRoute(investment, data.a_book_percent, data.stream))

    @get("/investments/{investment:int}/positions", summary="List an investment's positions", guards=[COPY_READING])
    async def positions(self, session: Call, investment: InvestmentPath) -> list[InvestmentPositionView]:
        copy = copy_of(session)
        found = PositionList.of_investment(copy, *investment_of(session, investment))
        return [position_view(figures, leg) for figures, leg in found.figures(found.order("number"))]

    @get("/strategies/{strategy:int}/positions", summary="List the positions of all investments", guards=[COPY_READING])
    async def positions_of_strategy(
        self, session: Call, strategy: StrategyPath, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[InvestmentPositionView]:
        """By their number: leg by leg, and within one in the order of joining."""
        found = PositionList(copy_of(session), (strategy_of(session, strategy),))
        place = ordered_place_of(cursor)
        if place is not None:
            found = found.where(is_after(found["number"], found["number"], place, descending=False))
        order = found.order("number")
        views = tuple(position_view(figures, leg) for figures, leg in found.figures(order[:limit]))
        last = views[-1].position if order.size > limit else 0
        return Page(views, ordered_cursor_of(last, last) if last else None)
