"""Putting account specifications and streams, and keeping what copy trading reckons with."""

from prorata.copying.desk import CopyDesk, Refusal, Refused, refuse
from prorata.messages.commands import RemoveSymbol
from prorata.messages.copy_commands import PutCopySpec, PutStream
from prorata.messages.copy_events import CopySpecPut, StreamPut
from prorata.messages.copy_terms import EQUITY_MAX, CopySpec, StreamSpec
from prorata.messages.groups import CommissionType
from prorata.messages.symbols import SymbolSpec
from prorata.trading.configure import is_reckoned_alike
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import DAY_MS, MONEY_MAX, PPM, VOLUME_MAX, VOLUME_PER_LOT

LIFE_MAX_MS = 7 * DAY_MS


def put_copy_spec(desk: CopyDesk, command: PutCopySpec) -> Refused | None:
    """Add or change a company's account specification. It holds at once for all its investments."""
    spec = command.spec
    problem = _problem_of_spec(desk, spec)
    if problem:
        return refuse(Refusal.BAD_COPY_SPEC, problem)
    desk.state.specs[f"{spec.company}/{spec.currency}"] = spec
    desk.next_settlement = None
    desk.watches.clear()
    desk.tell(CopySpecPut(spec))
    return None


def _problem_of_spec(desk: CopyDesk, spec: CopySpec) -> str:
    checks: tuple[tuple[bool, str], ...] = (
        (spec.currency in CURRENCY_DIGITS, "unknown currency"),
        (0 < spec.investor_min <= EQUITY_MAX and 0 < spec.trader_min <= EQUITY_MAX, "least balances: above 0"),
        (1 <= spec.volume_step <= VOLUME_PER_LOT, "volume_step: up to one lot"),
        (spec.volume_step <= spec.volume_min <= VOLUME_MAX, "volume_min: volume_step or more"),
        (spec.volume_step > 0 and spec.volume_min % spec.volume_step == 0, "volume_min: a multiple of volume_step"),
        (1 <= spec.leverage_max <= 5_000, "leverage_max: 1 to 5000"),
        (0 <= spec.stop_out_ppm <= PPM, "stop_out_ppm: at most 100 %"),
        (0 <= spec.a_book_percent <= 100, "a_book_percent: 0 to 100"),
        (spec.stream in desk.state.streams and spec.stream_trader in desk.state.streams, "stream: put it first"),
        (0 <= spec.commission.rate <= MONEY_MAX and 0 <= spec.commission.minimum <= MONEY_MAX, "commission: 0 or more"),
        (spec.commission.type != CommissionType.PERCENT or spec.commission.rate <= PPM, "commission: at most 100 %"),
        (0 <= spec.settle_weekday <= 6 and 0 <= spec.settle_ms < DAY_MS, "settle_weekday, settle_ms"),
        (0 < spec.sync_balance_ppm <= PPM, "sync_balance_ppm: above 0"),
    )
    return next((problem for sound, problem in checks if not sound), "")


def put_stream(desk: CopyDesk, command: PutStream) -> Refused | None:
    """Add or change an execution stream."""
    spec = command.spec
    problem = _problem_of_stream(spec)
    if problem:
        return refuse(Refusal.BAD_STREAM, problem)
    desk.state.streams[spec.id] = spec
    desk.tell(StreamPut(spec))
    return None


def _problem_of_stream(spec: StreamSpec) -> str:
    checks: tuple[tuple[bool, str], ...] = (
        (1 <= spec.id < 1 << 31, "id: 1 or more"),
        (1 <= len(spec.name) <= 64 and spec.name.isprintable(), "name"),
        (1 <= spec.lot_step <= VOLUME_MAX, "lot_step: above 0"),
        (0 <= spec.life_ms <= LIFE_MAX_MS, "life_ms: at most a week"),
        (1 <= spec.retry_ms <= DAY_MS, "retry_ms: 1 or more"),
        (0 <= spec.liquidity_per_million <= MONEY_MAX // PPM, "liquidity_per_million: 0 or more"),
    )
    return next((problem for sound, problem in checks if not sound), "")


def check_symbol(desk: CopyDesk, spec: SymbolSpec) -> Refused | None:
    """Refuse a change of a symbol's money while investments hold it, or what is converted through it."""
    name = spec.name
    before = desk.desk.state.symbols.get(name)
    if before is None or is_reckoned_alike(before, spec):
        return None
    used = any(
        head.rows.volume.any() or head.rows.pending.any()
        for number in desk.holders.get(name, ())
        for head in desk.state.strategies[number].legs.values()
    )
    return refuse(Refusal.SYMBOL_IN_USE) if used else None


def check_removal(desk: CopyDesk, command: RemoveSymbol) -> Refused | None:
    """Refuse to forget a symbol that strategies hold or convert through, or that was ever executed on a stream."""
    name, state = command.symbol, desk.state
    used = (
        bool(desk.holders.get(name))
        or any(key.partition("/")[2] == name for key in state.routes)
        or any(retry.symbol == name for retry in state.retries)
    )
    return refuse(Refusal.SYMBOL_IN_USE) if used else None
