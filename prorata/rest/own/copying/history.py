"""What has happened in copy trading: transfers, deals, volumes that were cut, signals, fills, commands, ends of day.

The tables follow the engine by a moment: what was answered just now may not be listed yet.
"""

from typing import Annotated, Any

from litestar import Controller, get
from litestar.params import QueryParameter

from prorata.copying.desk import CopyDesk
from prorata.messages.copy_terms import SignalStatus, TransferType
from prorata.messages.refusals import Refusal
from prorata.projections.copying.codes import CopyDealType, ReservationState
from prorata.projections.copying.filters import (
    CommandFilter,
    DealFilter,
    FillFilter,
    InvestmentDayFilter,
    RequestFilter,
    ReservationFilter,
    SignalFilter,
    StateFilter,
    StrategyDayFilter,
    TransferFilter,
    TrimmedFilter,
)
from prorata.projections.copying.register_rows import InvestmentDayRow, ReservationRow, StateRow, StrategyDayRow
from prorata.projections.copying.rows import SignalRow
from prorata.rest.own.copying.past import (
    OfInvestment,
    OfRequest,
    OfSignal,
    OfStrategy,
    OfWallet,
    one_of_past,
    part_of_past,
    past_of,
)
from prorata.rest.own.copying.past_views import (
    CopyDealView,
    InvestmentDayView,
    InvestmentStateView,
    ReservationView,
    StrategyDayView,
    TransferView,
    copy_deal_view,
    investment_day_view,
    reservation_view,
    state_view,
    strategy_day_view,
    transfer_view,
)
from prorata.rest.own.copying.reach import (
    COPY_READING,
    CommandPath,
    InvestmentPath,
    RequestPath,
    ReservationPath,
    SignalPath,
    StrategyPath,
    WalletPath,
    copy_of,
    investment_of,
    strategy_of,
    wallet_of,
)
from prorata.rest.own.copying.routes import StreamQuery
from prorata.rest.own.copying.signal_views import (
    CopyCommandView,
    FillRequestView,
    FillView,
    SignalView,
    TrimmedVolumeView,
    command_view,
    fill_request_view,
    fill_view,
    signal_view,
    trimmed_view,
)
from prorata.rest.own.copying.wallets import ClientQuery
from prorata.rest.own.paging import Cursor, Limit, NewestFirst, Since, SymbolQuery, Until, read_bound
from prorata.rest.own.reports import SinceDay, UntilDay
from prorata.rest.own.session import Call
from prorata.rest.own.settings_views import read_day
from prorata.rest.own.views import Page
from prorata.trading.desk import Desk
from prorata.views.names import CopyDealTypeName, ReservationStateName, SignalStatusName, TransferTypeName, code_of

TransferQuery = Annotated[TransferTypeName | None, QueryParameter(description="only of this type")]
DealTypeQuery = Annotated[CopyDealTypeName | None, QueryParameter(description="only of this type")]


def _bounds(since: str | None, until: str | None) -> dict[str, Any]:
    return {"since": read_bound(since, "since"), "until": read_bound(until, "until")}


def _days(since: str | None, until: str | None) -> dict[str, Any]:
    return {
        "since_day": None if since is None else read_day(since, "since_day"),
        "until_day": None if until is None else read_day(until, "until_day"),
    }


def _reservation(copy: CopyDesk, row: ReservationRow) -> ReservationView:
    return reservation_view(copy.state.wallets[row.wallet].currency, row)


def _signal(copy: CopyDesk, row: SignalRow) -> SignalView:
    return signal_view(copy.desk, copy.state.strategies[row.strategy].currency, row)


class WalletHistory(Controller):
    tags = ("Wallets",)
    guards = (COPY_READING,)

    @get("/transfers", summary="List the transfers of all wallets")
    async def transfers(
        self,
        session: Call,
        client: ClientQuery = None,
        strategy: OfStrategy = None,
        investment: OfInvestment = None,
        type: TransferQuery = None,
        external_id: Annotated[str | None, QueryParameter(max_length=128, description="only under this number")] = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[TransferView]:
        given = TransferFilter(
            client=client, strategy=strategy, investment=investment, external_id=external_id,
            type=None if type is None else code_of(TransferType, type), **_bounds(since, until),
        )  # fmt: skip
        asked = past_of(session).transfers(given)
        return await part_of_past(session, asked, transfer_view, cursor, limit, newest_first=newest_first)

    @get("/wallets/{wallet:int}/transfers", summary="List a wallet's transfers")
    async def of_wallet(
        self,
        session: Call,
        wallet: WalletPath,
        type: TransferQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[TransferView]:
        wallet_of(session, wallet)
        kind = None if type is None else code_of(TransferType, type)
        asked = past_of(session).transfers(TransferFilter(wallet=wallet, type=kind, **_bounds(since, until)))
        return await part_of_past(session, asked, transfer_view, cursor, limit, newest_first=newest_first)

    @get("/reservations", summary="List reserved withdrawals and how they ended")
    async def reservations(
        self,
        session: Call,
        wallet: OfWallet = None,
        status: Annotated[ReservationStateName | None, QueryParameter(description="only with this status")] = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[ReservationView]:
        code = None if status is None else code_of(ReservationState, status)
        asked = past_of(session).reservations(ReservationFilter(wallet=wallet, state=code, **_bounds(since, until)))
        copy = copy_of(session)
        return await part_of_past(
            session, asked, lambda _, row: _reservation(copy, row), cursor, limit, newest_first=newest_first
        )

    @get("/reservations/{reservation:int}", summary="Show a reserved withdrawal and how it ended")
    async def reservation(self, session: Call, reservation: ReservationPath) -> ReservationView:
        asked = past_of(session).reservations(ReservationFilter(reservation=reservation))
        return _reservation(copy_of(session), await one_of_past(asked, Refusal.UNKNOWN_RESERVATION))


class StrategyHistory(Controller):
    tags = ("Strategies",)
    guards = (COPY_READING,)

    @get("/strategies/{strategy:int}/days", summary="List a strategy's ends of day")
    async def days(
        self,
        session: Call,
        strategy: StrategyPath,
        since_day: SinceDay = None,
        until_day: UntilDay = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[StrategyDayView]:
        currency = strategy_of(session, strategy).currency

        def view(_desk: Desk, row: StrategyDayRow) -> StrategyDayView:
            return strategy_day_view(currency, row)

        asked = past_of(session).strategy_days(StrategyDayFilter(strategy=strategy, **_days(since_day, until_day)))
        return await part_of_past(session, asked, view, cursor, limit, newest_first=newest_first)


class InvestmentHistory(Controller):
    tags = ("Investments",)
    guards = (COPY_READING,)

    @get("/investments/{investment:int}/deals", summary="List an investment's deals")
    async def deals(
        self,
        session: Call,
        investment: InvestmentPath,
        type: DealTypeQuery = None,
        symbol: SymbolQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[CopyDealView]:
        """In the market, money in and out, fees, corrections, and what was rejected."""
        investment_of(session, investment)
        kind = None if type is None else code_of(CopyDealType, type)
        given = DealFilter(investment=investment, type=kind, symbol=symbol, **_bounds(since, until))
        asked = past_of(session).deals(given)
        return await part_of_past(session, asked, copy_deal_view, cursor, limit, newest_first=newest_first)

    @get("/investments/{investment:int}/trimmed-volumes", summary="List why an investment got other volumes")
    async def trimmed(
        self,
        session: Call,
        investment: InvestmentPath,
        symbol: SymbolQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[TrimmedVolumeView]:
        """Every volume that was raised, cut, skipped or rejected, with the reasons."""
        investment_of(session, investment)
        asked = past_of(session).trimmed(TrimmedFilter(investment=investment, symbol=symbol, **_bounds(since, until)))
        return await part_of_past(session, asked, trimmed_view, cursor, limit, newest_first=newest_first)

    @get("/investments/{investment:int}/days", summary="List an investment's ends of day")
    async def days(
        self,
        session: Call,
        investment: InvestmentPath,
        since_day: SinceDay = None,
        until_day: UntilDay = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[InvestmentDayView]:
        currency = investment_of(session, investment)[0].currency

        def view(_desk: Desk, row: InvestmentDayRow) -> InvestmentDayView:
            return investment_day_view(currency, row)

        given = InvestmentDayFilter(investment=investment, **_days(since_day, until_day))
        asked = past_of(session).investment_days(given)
        return await part_of_past(session, asked, view, cursor, limit, newest_first=newest_first)

    @get("/investments/{investment:int}/states", summary="List the states that an investment entered")
    async def states(
        self,
        session: Call,
        investment: InvestmentPath,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[InvestmentStateView]:
        currency = investment_of(session, investment)[0].currency

        def view(desk: Desk, row: StateRow) -> InvestmentStateView:
            return state_view(desk, currency, row)

        asked = past_of(session).states(StateFilter(investment=investment))
        return await part_of_past(session, asked, view, cursor, limit, newest_first=newest_first)

    @get("/copy-deals", summary="List the deals of many investments")
    async def all_deals(
        self,
        session: Call,
        strategy: OfStrategy = None,
        client: ClientQuery = None,
        signal: OfSignal = None,
        fill_request: OfRequest = None,
        type: DealTypeQuery = None,
        symbol: SymbolQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[CopyDealView]:
        given = DealFilter(
            strategy=strategy, client=client, signal=signal, request=fill_request, symbol=symbol,
            type=None if type is None else code_of(CopyDealType, type), **_bounds(since, until),
        )  # fmt: skip
        asked = past_of(session).deals(given)
        return await part_of_past(session, asked, copy_deal_view, cursor, limit, newest_first=newest_first)

    @get("/copy-commands/{command:int}", summary="Show what became of a command")
    async def command(self, session: Call, command: CommandPath) -> CopyCommandView:
        asked = past_of(session).commands(CommandFilter(command=command))
        return command_view(session.desk, await one_of_past(asked, Refusal.NOT_FOUND))


class SignalHistory(Controller):
    tags = ("Signals",)
    guards = (COPY_READING,)

    @get("/signals", summary="List signals and synchronisations")
    async def all(
        self,
        session: Call,
        strategy: OfStrategy = None,
        symbol: SymbolQuery = None,
        status: Annotated[SignalStatusName | None, QueryParameter(description="only with this status")] = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[SignalView]:
        code = None if status is None else code_of(SignalStatus, status)
        given = SignalFilter(strategy=strategy, symbol=symbol, status=code, **_bounds(since, until))
        copy = copy_of(session)
        asked = past_of(session).signals(given)
        return await part_of_past(session, asked, lambda _, row: _signal(copy, row), cursor, limit, newest_first=newest_first)

    @get("/signals/{signal:int}", summary="Show a signal")
    async def one(self, session: Call, signal: SignalPath) -> SignalView:
        asked = past_of(session).signals(SignalFilter(signal=signal))
        return _signal(copy_of(session), await one_of_past(asked, Refusal.NOT_FOUND))

    @get("/signals/{signal:int}/trimmed-volumes", summary="List who got another volume than a signal asked for")
    async def trimmed(
        self, session: Call, signal: SignalPath, newest_first: NewestFirst = False, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[TrimmedVolumeView]:
        asked = past_of(session).trimmed(TrimmedFilter(signal=signal))
        return await part_of_past(session, asked, trimmed_view, cursor, limit, newest_first=newest_first)


class FillHistory(Controller):
    tags = ("Execution",)
    guards = (COPY_READING,)

    @get("/fill-requests", summary="List netted orders")
    async def requests(
        self,
        session: Call,
        stream: StreamQuery = None,
        symbol: SymbolQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[FillRequestView]:
        asked = past_of(session).fill_requests(RequestFilter(stream=stream, symbol=symbol, **_bounds(since, until)))
        return await part_of_past(session, asked, fill_request_view, cursor, limit, newest_first=newest_first)

    @get("/fill-requests/{request_number:int}", summary="Show a netted order")
    async def one(self, session: Call, request_number: RequestPath) -> FillRequestView:
        asked = past_of(session).fill_requests(RequestFilter(ticket=request_number))
        return fill_request_view(session.desk, await one_of_past(asked, Refusal.NOT_FOUND))

    @get("/fills", summary="List fills of netted orders")
    async def fills(
        self,
        session: Call,
        fill_request: OfRequest = None,
        stream: StreamQuery = None,
        symbol: SymbolQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[FillView]:
        given = FillFilter(request=fill_request, stream=stream, symbol=symbol, **_bounds(since, until))
        asked = past_of(session).fills(given)
        return await part_of_past(session, asked, fill_view, cursor, limit, newest_first=newest_first)
