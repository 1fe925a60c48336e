"""What we answer about signals, and what came of them: volumes that were changed, netted orders, fills, commands."""

from prorata.messages.copy_terms import CommandStatus
from prorata.projections.copying.register_rows import CopyCommandRow
from prorata.projections.copying.rows import FillRequestRow, FillRow, SignalRow, TrimmedRow
from prorata.rest.own.views import View, digits_of, price_digits
from prorata.trading.desk import Desk
from prorata.units.decimals import format_decimal
from prorata.views.copying.events import reason_names
from prorata.views.names import CommandKindName, CommandStatusName, SignalStatusName, VolumeReasonName, name_of
from prorata.views.numbers import show_moment, show_moment_or_none, show_price, show_price_or_none, show_volume


class SignalView(View, frozen=True):
    """A synchronisation has `symbols`, all that the source held, and no `symbol`. `deals`: how many came of it.

    `price`: our middle price when it came; `processed_at`: its last deal.
    """

    signal: int
    at: str
    processed_at: str
    strategy: int
    symbol: str | None
    lot: str
    equity: str
    currency: str
    symbols: tuple[str, ...]
    soft: bool
    status: SignalStatusName
    ticket: str
    comment: str
    price: str | None
    deals: int


class FillRequestView(View, frozen=True):
    """A netted order. `filled` and `rejected` are without sign; `again_at`: when what was rejected is asked once more."""

    request: int
    at: str
    stream: int
    symbol: str
    volume: str
    demand: str
    residual: str
    filled: str
    rejected: str
    strategies: tuple[int, ...]
    last_fill_at: str | None
    ended_at: str | None
    again_at: str | None
    reason: str


class FillView(View, frozen=True):
    """`hedge`: what the stream held of the symbol after it, signed."""

    fill: int
    at: str
    request: int
    stream: int
    symbol: str
    price: str
    filled: str
    hedge: str
    execution: str


class CopyCommandView(View, frozen=True):
    """`status` new: under way, positions are still being closed. `investment` null: of the strategy as a whole."""

    command: int
    kind: CommandKindName
    status: CommandStatusName
    strategy: int
    investment: int | None
    at: str
    ended_at: str | None


class TrimmedVolumeView(View, frozen=True):
    """Why an investment got another volume than the formula gave: `asked` and `given` are net volumes of the position."""

    at: str
    investment: int
    strategy: int
    signal: int | None
    symbol: str
    ticket: str | None
    reasons: tuple[VolumeReasonName, ...]
    asked: str
    given: str


def trimmed_view(_desk: Desk, row: TrimmedRow) -> TrimmedVolumeView:
    return TrimmedVolumeView(
        at=show_moment(row.at),
        investment=row.investment,
        strategy=row.strategy,
        signal=row.signal or None,
        symbol=row.symbol,
        ticket=row.ticket or None,
        reasons=reason_names(row.reasons),
        asked=show_volume(row.asked),
        given=show_volume(row.given),
    )


def signal_view(desk: Desk, currency: str, row: SignalRow) -> SignalView:
    return SignalView(
        signal=row.signal,
        at=show_moment(row.at),
        processed_at=show_moment(row.processed_at),
        strategy=row.strategy,
        symbol=row.symbol or None,
        lot=show_volume(row.lot),
        equity=format_decimal(row.equity, digits_of(currency)),
        currency=currency,
        symbols=tuple(row.symbols.split(",")) if row.symbols else (),
        soft=bool(row.soft),
        status=name_of(row.status),
        ticket=row.ticket,
        comment=row.comment,
        price=show_price_or_none(row.price, price_digits(desk, row.symbol) if row.symbol else 0),
        deals=row.deals,
    )


def fill_request_view(_desk: Desk, row: FillRequestRow) -> FillRequestView:
    return FillRequestView(
        request=row.ticket,
        at=show_moment(row.at),
        stream=row.stream,
        symbol=row.symbol,
        volume=show_volume(row.volume),
        demand=show_volume(row.demand),
        residual=show_volume(row.residual),
        filled=show_volume(row.filled),
        rejected=show_volume(row.rejected),
        strategies=tuple(int(number) for number in row.strategies.split(",")) if row.strategies else (),
        last_fill_at=show_moment_or_none(row.last_fill_at),
        ended_at=show_moment_or_none(row.ended_at),
        again_at=show_moment_or_none(row.again_at),
        reason=row.reason,
    )


def fill_view(desk: Desk, row: FillRow) -> FillView:
    return FillView(
        fill=row.fill,
        at=show_moment(row.at),
        request=row.request,
        stream=row.stream,
        symbol=row.symbol,
        price=show_price(row.price, price_digits(desk, row.symbol)),
        filled=show_volume(row.filled),
        hedge=show_volume(row.hedge),
        execution=row.execution,
    )


def command_view(_desk: Desk, row: CopyCommandRow) -> CopyCommandView:
    return CopyCommandView(
        command=row.command,
        kind=name_of(row.kind),
        status=name_of(CommandStatus(row.status)),
        strategy=row.strategy,
        investment=row.investment or None,
        at=show_moment(row.at),
        ended_at=show_moment_or_none(row.ended_at),
    )
