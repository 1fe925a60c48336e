"""The own API as one ASGI application, and the wiring of its parts."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Annotated, Any

import msgspec
import structlog
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.openapi import OpenAPIConfig
from litestar.params import PathParameter

from prorata.access.keys import KeyStore
from prorata.messages.refusals import Refusal
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
from prorata.rest.own.front import REQUEST_ID, ROOT, Front
from prorata.rest.own.house import House, Status
from prorata.rest.own.market import Market
from prorata.rest.own.openapi import describe, docs_page, problem_page, problems_page
from prorata.rest.own.orders import Orders
from prorata.rest.own.positions import Positions
from prorata.rest.own.reports import AccountReports, PlatformReports
from prorata.rest.own.session import Platform, session_of
from prorata.rest.own.webhooks import Webhooks
from prorata.views.answers import PROBLEM_JSON, STATUS, Rejected, problem_headers, problem_of
from prorata.views.bodies import decode_body

_log = structlog.get_logger("rest")

OPERATIONS = [
    Accounts, Orders, Positions, AccountReports, PlatformReports, Symbols, Groups, Market, Exposure, House, Status,
    Wallets, Strategies, PublicStrategies, Offers, Investments, Signals, Routes, Streams, CopySpecs,
    WalletHistory, StrategyHistory, InvestmentHistory, SignalHistory, FillHistory,
    StrategyStatistics, InvestmentStatistics, PublicStatistics, Statements,
    Webhooks,
]  # fmt: skip

_NEVER_IN_QUERY = frozenset({"session", "data", "request"})


class StrictRequest(Request[Any, Any, State]):
    """Reads bodies straight into the type that the operation names, strictly."""

    async def json(self) -> Any:
        kind = self.route_handler.parsed_data_field
        assert kind is not None
        return decode_body(kind.annotation, await self.body())


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
    return describe(app)


async def refuse_unknown_parameters(request: Request[Any, Any, Any]) -> None:
    """A misspelt filter would be no filter: refuse what the operation does not know."""
    if not request.scope["query_string"]:
        return
    known = request.route_handler.parsed_fn_signature.parameters
    for name in request.query_params:
        if name not in known or name in _NEVER_IN_QUERY or name in request.path_params:
            raise Rejected(Refusal.MALFORMED, f"{name[:60]}: not a parameter of this operation")


def create_app(platforms: Mapping[str, Platform], keys: KeyStore, *, allowance: Allowance | None = None) -> Front:
    """Return the ASGI application that serves /api/v1 and /problems for all platforms of one installation.

    A key says which platform it is for; its calls see no other.
    """

    @asynccontextmanager
    async def fresh_keys(_app: Litestar) -> AsyncIterator[None]:
        refreshing = asyncio.create_task(keys.keep_fresh())
        yield
        refreshing.cancel()
        await asyncio.gather(refreshing, return_exceptions=True)

    behind = Litestar(
        route_handlers=[
            Router(ROOT, route_handlers=[*OPERATIONS, openapi_json, docs]),
            problems,
            one_problem,
        ],
        dependencies={"session": Provide(session_of, sync_to_thread=False)},
        exception_handlers={Rejected: _refuse, HTTPException: _refuse_http, Exception: _confess},
        request_class=StrictRequest,
        before_request=refuse_unknown_parameters,
        lifespan=[fresh_keys],
        openapi_config=OpenAPIConfig(title="Prorata", version="1", use_handler_docstrings=True),
        logging_config=None,
        debug=False,
    )
    return Front(behind, platforms, keys, Allowances(allowance or Allowance()))


def _refuse(request: Request[Any, Any, Any], rejected: Rejected) -> Response[Any]:
    request_id: str = request.scope.get(REQUEST_ID, "")  # type: ignore[assignment]
    return Response(
        problem_of(rejected, request.scope["path"], request_id),
        status_code=STATUS[rejected.code].value,
        media_type=PROBLEM_JSON,
        headers=problem_headers(rejected),
    )


def _refuse_http(request: Request[Any, Any, Any], problem: HTTPException) -> Response[Any]:
    """Turn what the framework found wrong into a numbered refusal."""
    if isinstance(problem, NotFoundException):
        return _refuse(request, Rejected(Refusal.NOT_FOUND))
    if isinstance(problem, MethodNotAllowedException):
        response = _refuse(request, Rejected(Refusal.METHOD_NOT_ALLOWED))
        response.headers.update(problem.headers or {})
        return response
    if isinstance(problem, ValidationException):
        return _refuse(request, _parameter_rejected(problem))
    if problem.status_code < 500:
        return _refuse(request, Rejected(Refusal.MALFORMED, problem.detail))
    return _confess(request, problem)


def _parameter_rejected(problem: ValidationException) -> Rejected:
    """Name the parameter that cannot be read, and whether it is its form or its size."""
    found = problem.extra[0] if isinstance(problem.extra, list) and problem.extra else {}
    message = str(found.get("message", problem.detail))
    detail = f"{found.get('key', 'request')}: {message}"
    ranged = message.startswith(("Expected `int` >=", "Expected `int` <=", "Integer value out of range"))
    return Rejected(Refusal.OUT_OF_RANGE if ranged else Refusal.MALFORMED, detail[:300])


def _confess(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    """A bug: say that the outcome is not known, which is the truth, and log everything."""
    _log.error("a call failed", path=request.scope["path"], exc_info=problem)
    return _refuse(request, Rejected(Refusal.OUTCOME_UNKNOWN))
