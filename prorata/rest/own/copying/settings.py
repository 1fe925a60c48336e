"""What the broker sets up for copy trading: execution streams, and what a company's investments may do.

The same shape when it is put and when it is shown.
"""

from typing import Annotated

from litestar import Controller, get, put
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from prorata.messages.copy_commands import PutCopySpec, PutStream
from prorata.messages.copy_terms import BelowMinimum, CopySpec, StreamSpec
from prorata.messages.refusals import Refusal
from prorata.rest.own.copying.bodies import StreamNumber
from prorata.rest.own.copying.reach import COPY_MANAGING, COPY_READING, copy_of
from prorata.rest.own.session import Call
from prorata.rest.own.settings_bodies import CommissionSettings, Percent
from prorata.rest.own.settings_views import currency_digits, read_commission, show_commission
from prorata.units.decimals import format_decimal
from prorata.units.numbers import DAY_MS, LOGIN_MAX
from prorata.views.answers import Rejected
from prorata.views.bodies import NO_CONTROLS, Amount, Body, Lots, Name
from prorata.views.copying.outcomes import CopyOutcome, copy_outcome_of
from prorata.views.names import BelowMinimumName, code_of, name_of
from prorata.views.numbers import read_money, read_percent, read_volume, show_percent, show_volume

CompanyPath = Annotated[int, PathParameter(ge=1, le=LOGIN_MAX, description="number of the company")]
CurrencyPath = Annotated[str, PathParameter(min_length=1, max_length=12, pattern=NO_CONTROLS, description="such as USD")]
StreamPath = Annotated[int, PathParameter(ge=1, le=(1 << 31) - 1, description="number of the stream")]

Milliseconds = Annotated[int, Meta(ge=0, le=7 * DAY_MS, examples=[60_000])]
Leverage = Annotated[int, Meta(ge=1, le=5_000, examples=[50])]


class StreamSettings(Body, frozen=True, kw_only=True):
    """One hedge account at a venue. What is less than `lot_step` is carried in the route, not traded.

    `life_ms`: how long a part that opens is worth executing; one that closes always is. `retry_ms`: the pause before what
    was rejected is asked again. `liquidity_per_million`: smallest units of money for each million of turnover.
    """

    name: Name
    lot_step: Lots = "0.01"
    life_ms: Milliseconds = 60_000
    retry_ms: Annotated[int, Meta(ge=1, le=DAY_MS, examples=[1_000])] = 1_000
    liquidity_per_million: Annotated[int, Meta(ge=0, le=10**9, examples=[500])] = 0


class StreamView(StreamSettings, frozen=True, kw_only=True):
    stream: int


class CopySpecSettings(Body, frozen=True, kw_only=True):
    """What investments of a company in one currency may do. Fees are settled weekly: `settle_weekday`, Sunday 0.

    `below_minimum`: a volume below `volume_min` is raised to it, or skipped. `sync_balance_percent`: a movement of money on a
    linked trading account of at least this share of the equity before it realigns its strategies.
    """

    investor_min: Amount = "250"
    trader_min: Amount = "200"
    volume_step: Lots = "0.0001"
    volume_min: Lots = "0.0001"
    below_minimum: BelowMinimumName = "raise"
    leverage_max: Leverage = 50
    stop_out_percent: Percent = "20"
    stream: StreamNumber = 1
    stream_trader: StreamNumber = 1
    a_book_percent: Annotated[int, Meta(ge=0, le=100, examples=[100])] = 100
    commission: CommissionSettings = CommissionSettings()
    settle_weekday: Annotated[int, Meta(ge=0, le=6, examples=[6])] = 6
    settle_ms: Annotated[int, Meta(ge=0, lt=DAY_MS, examples=[0])] = 0
    sync_balance_percent: Percent = "3"


class CopySpecView(CopySpecSettings, frozen=True, kw_only=True):
    company: int
    currency: str


def read_stream(number: int, data: StreamSettings) -> StreamSpec:
    return StreamSpec(
        id=number,
        name=data.name,
        lot_step=read_volume(data.lot_step, "lot_step"),
        life_ms=data.life_ms,
        retry_ms=data.retry_ms,
        liquidity_per_million=data.liquidity_per_million,
    )


def stream_view(spec: StreamSpec) -> StreamView:
    return StreamView(
        stream=spec.id,
        name=spec.name,
        lot_step=show_volume(spec.lot_step),
        life_ms=spec.life_ms,
        retry_ms=spec.retry_ms,
        liquidity_per_million=spec.liquidity_per_million,
    )


def read_copy_spec(company: int, currency: str, data: CopySpecSettings) -> CopySpec:
    """Return the specification that is meant; whether it fits together is the engine's to say. Raises `Rejected`."""
    digits = currency_digits(currency)
    return CopySpec(
        company=company,
        currency=currency,
        investor_min=read_money(data.investor_min, digits, "investor_min"),
        trader_min=read_money(data.trader_min, digits, "trader_min"),
        volume_step=read_volume(data.volume_step, "volume_step"),
        volume_min=read_volume(data.volume_min, "volume_min"),
        below_minimum=code_of(BelowMinimum, data.below_minimum),
        leverage_max=data.leverage_max,
        stop_out_ppm=read_percent(data.stop_out_percent, "stop_out_percent"),
        stream=data.stream,
        stream_trader=data.stream_trader,
        a_book_percent=data.a_book_percent,
        commission=read_commission(data.commission, digits),
        settle_weekday=data.settle_weekday,
        settle_ms=data.settle_ms,
        sync_balance_ppm=read_percent(data.sync_balance_percent, "sync_balance_percent"),
    )


def copy_spec_view(spec: CopySpec) -> CopySpecView:
    digits = currency_digits(spec.currency)
    return CopySpecView(
        company=spec.company,
        currency=spec.currency,
        investor_min=format_decimal(spec.investor_min, digits),
        trader_min=format_decimal(spec.trader_min, digits),
        volume_step=show_volume(spec.volume_step),
        volume_min=show_volume(spec.volume_min),
        below_minimum=name_of(spec.below_minimum),
        leverage_max=spec.leverage_max,
        stop_out_percent=show_percent(spec.stop_out_ppm),
        stream=spec.stream,
        stream_trader=spec.stream_trader,
        a_book_percent=spec.a_book_percent,
        commission=show_commission(spec.commission, digits),
        settle_weekday=spec.settle_weekday,
        settle_ms=spec.settle_ms,
        sync_balance_percent=show_percent(spec.sync_balance_ppm),
    )


class Streams(Controller):
    tags = ("Copy settings",)

    @get("/streams", summary="List execution streams", guards=[COPY_READING])
    async def all(self, session: Call) -> list[StreamView]:
        return [stream_view(spec) for _, spec in sorted(copy_of(session).state.streams.items())]

    @put("/streams/{stream:int}", summary="Add or change an execution stream", guards=[COPY_MANAGING])
    async def put(self, session: Call, stream: StreamPath, data: JSONBody[StreamSettings]) -> CopyOutcome:
        answer = await session.submit(PutStream(read_stream(stream, data)))
        return copy_outcome_of(session.engine, answer)


class CopySpecs(Controller):
    tags = ("Copy settings",)

    @get("/copy-specs", summary="List the companies' account specifications", guards=[COPY_READING])
    async def all(self, session: Call) -> list[CopySpecView]:
        specs = copy_of(session).state.specs.values()
        return [copy_spec_view(spec) for spec in sorted(specs, key=lambda spec: (spec.company, spec.currency))]

    @get("/copy-specs/{company:int}/{currency:str}", summary="Show an account specification", guards=[COPY_READING])
    async def one(self, session: Call, company: CompanyPath, currency: CurrencyPath) -> CopySpecView:
        spec = copy_of(session).state.specs.get(f"{company}/{currency}")
        if spec is None:
            raise Rejected(Refusal.NOT_FOUND)
        return copy_spec_view(spec)

    @put("/copy-specs/{company:int}/{currency:str}", summary="Put an account specification", guards=[COPY_MANAGING])
    async def put(
        self, session: Call, company: CompanyPath, currency: CurrencyPath, data: JSONBody[CopySpecSettings]
    ) -> CopyOutcome:
        """The whole specification is given. It holds at once for all investments of the company in the currency."""
        answer = await session.submit(PutCopySpec(read_copy_spec(company, currency, data)))
        return copy_outcome_of(session.engine, answer)
