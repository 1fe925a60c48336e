"""What copy trading has executed: routes, netted orders under way, and how much of it the investments hold.

exposure (A-book volume of all investments) = ordered (held and under way) + residual (less than a lot step)
"""

from typing import Annotated

from litestar import Controller, get
from litestar.params import QueryParameter

from prorata.copying.state import FillRequest, Route
from prorata.rest.own.copying.reach import COPY_READING, copy_of
from prorata.rest.own.ordered import part_of
from prorata.rest.own.paging import Cursor, Limit, SymbolQuery
from prorata.rest.own.session import Call
from prorata.rest.own.views import Page, View
from prorata.views.numbers import show_moment, show_volume

StreamQuery = Annotated[int | None, QueryParameter(ge=1, le=(1 << 31) - 1, description="only of this stream")]


class RouteView(View, frozen=True):
    """One symbol on one stream; all volumes are signed. `exposure` is `ordered` + `residual`.

    `held`: what the hedge account holds by our count; `ordered` - `held` is under way. `requests`: how many.
    """

    stream: int
    symbol: str
    exposure: str
    ordered: str
    held: str
    residual: str
    requests: int


class OpenFillRequestView(View, frozen=True):
    """A netted order whose last answer is awaited. `filled` is without sign, `strategies` whose investments it is for."""

    request: int
    stream: int
    symbol: str
    volume: str
    demand: str
    filled: str
    sent_at: str
    strategies: tuple[int, ...]


def _route_view(stream: int, symbol: str, route: Route, requests: int) -> RouteView:
    return RouteView(
        stream,
        symbol,
        show_volume(route.exposure),
        show_volume(route.ordered),
        show_volume(route.held),
        show_volume(route.exposure - route.ordered),
        requests,
    )


def _request_view(request: FillRequest) -> OpenFillRequestView:
    return OpenFillRequestView(
        request.ticket,
        request.stream,
        request.symbol,
        show_volume(request.volume),
        show_volume(request.demand),
        show_volume(request.filled),
        show_moment(request.sent_at),
        tuple(sorted({part.strategy for part in request.parts})),
    )


class Routes(Controller):
    tags = ("Execution",)
    guards = (COPY_READING,)

    @get("/routes", summary="Show exposure and hedge by stream and symbol")
    async def all(self, session: Call, stream: StreamQuery = None, symbol: SymbolQuery = None) -> list[RouteView]:
        state = copy_of(session).state
        under_way: dict[str, int] = {}
        for request in state.requests.values():
            key = f"{request.stream}/{request.symbol}"
            under_way[key] = under_way.get(key, 0) + 1
        views = []
        for key, route in state.routes.items():
            number, _, name = key.partition("/")
            if stream in (None, int(number)) and symbol in (None, name):
                views.append(_route_view(int(number), name, route, under_way.get(key, 0)))
        return sorted(views, key=lambda view: (view.stream, view.symbol))

    @get("/fill-requests/working", summary="List netted orders under way")
    async def working(
        self, session: Call, stream: StreamQuery = None, symbol: SymbolQuery = None, cursor: Cursor = None, limit: Limit = 100
    ) -> Page[OpenFillRequestView]:
        found = [
            (request.ticket, request.ticket, request)
            for request in copy_of(session).state.requests.values()
            if stream in (None, request.stream) and symbol in (None, request.symbol)
        ]
        requests, following = part_of(found, cursor, limit, descending=False)
        return Page(tuple(map(_request_view, requests)), following)
