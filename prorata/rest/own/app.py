"""The own API as one ASGI application, and the wiring of its parts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Annotated, Any

import msgspec
from litestar import Litestar, MediaType, Response, Router, get
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.params import PathParameter

from prorata.access.keys import KeyStore
from prorata.messages.refusals import Refusal
from prorata.rest.description import describe, docs_page
from prorata.rest.handling import EXCEPTION_HANDLERS, StrictRequest, refuse_unknown_parameters
from prorata.rest.own.accounts import Accounts
from prorata.rest.own.allowance import Allowance, Allowances
from prorata.rest.own.configuration import Groups, Symbols
from prorata.rest.own.copying.history import (
    FillHistory,
    InvestmentHistory,
    SignalHistory,
    StrategyHistory,
    WalletHistory,
)
from prorata.rest.own.copying.investments import Investments
from prorata.rest.own.copying.offers import Offers
from prorata.rest.own.copying.routes import Routes
from prorata.rest.own.copying.settings import CopySpecs, Streams
from prorata.rest.own.copying.signals import Signals
from prorata.rest.own.copying.statement import Statements
from prorata.rest.own.copying.statistics import InvestmentStatistics, PublicStatistics, StrategyStatistics
from prorata.rest.own.copying.strategies import PublicStrategies, Strategies
from prorata.rest.own.copying.wallets import Wallets
from prorata.rest.own.exposure import Exposure
from prorata.rest.own.front import ROOT, Front
from prorata.rest.own.house import House, Status
from prorata.rest.own.market import Market
from prorata.rest.own.openapi import SURFACE, problem_page, problems_page
from prorata.rest.own.orders import Orders
from prorata.rest.own.positions import Positions
from prorata.rest.own.reports import AccountReports, PlatformReports
from prorata.rest.own.session import Platform, session_of
from prorata.rest.own.tokens import AccessTokens
from prorata.rest.own.webhooks import Webhooks
from prorata.views.answers import Rejected

OPERATIONS = [
    Accounts, Orders, Positions, AccountReports, PlatformReports, Symbols, Groups, Market, Exposure, House, Status,
    Wallets, Strategies, PublicStrategies, Offers, Investments, Signals, Routes, Streams, CopySpecs,
    WalletHistory, StrategyHistory, InvestmentHistory, SignalHistory, FillHistory,
    StrategyStatistics, InvestmentStatistics, PublicStatistics, Statements,
    Webhooks,
]  # fmt: skip


@get("/openapi.json", include_in_schema=False)
async def openapi_json(request: StrictRequest) -> Response[bytes]:
    spec = await asyncio.to_thread(_description_of, request.app)
    return Response(msgspec.json.encode(spec), media_type=MediaType.JSON)


@get("/docs", include_in_schema=False, media_type=MediaType.HTML)
async def docs(request: StrictRequest) -> str:
    return docs_page(await asyncio.to_thread(_description_of, request.app))


@get("/problems", include_in_schema=False, media_type=MediaType.HTML)
async def problems() -> str:
    return problems_page()


@get("/problems/{code:int}", include_in_schema=False, media_type=MediaType.HTML)
async def one_problem(code: Annotated[int, PathParameter()]) -> str:
    if code not in set(Refusal):
        raise Rejected(Refusal.NOT_FOUND)
    return problem_page(Refusal(code))


@cache
def _description_of(app: Litestar) -> dict[str, Any]:
    return describe(app, SURFACE)


def create_app(
    platforms: Mapping[str, Platform],
    keys: KeyStore,
    *,
    allowance: Allowance | None = None,
    expected: Collection[str] = (),
    tokens: AccessTokens | None = None,
) -> Front:
    """Return the ASGI application that serves /api/v1 and /problems for all platforms of one installation.

    Both may change while it serves. `expected`: names of platforms that do not run yet, or not at the moment.

    A key says which platform it is for; its calls see no other. `tokens`: access tokens are taken as well.
    """

    @asynccontextmanager
    async def fresh_keys(_app: Litestar) -> AsyncIterator[None]:
        refreshing = asyncio.create_task(keys.keep_fresh())
        yield
        refreshing.cancel()
        await asyncio.gather(refreshing, return_exceptions=True)

    allowances = Allowances(allowance or Allowance())
    return Front(create_operations(fresh_keys), platforms, keys, allowances, expected, tokens)


def create_operations(*lifespan: Callable[[Litestar], AbstractAsyncContextManager[None]]) -> Litestar:
    """Return the operations without what stands in front of them. `lifespan`: what lives as long."""
    return Litestar(
        route_handlers=[
            Router(ROOT, route_handlers=[*OPERATIONS, openapi_json, docs]),
            problems,
            one_problem,
        ],
        dependencies={"session": Provide(session_of, sync_to_thread=False)},
        exception_handlers=EXCEPTION_HANDLERS,
        request_class=StrictRequest,
        before_request=refuse_unknown_parameters,
        lifespan=lifespan,
        openapi_config=OpenAPIConfig(title="Prorata", version="1", use_handler_docstrings=True),
        logging_config=None,
        debug=False,
    )
