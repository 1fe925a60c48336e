"""The house's own business: its balance sheet, its hedge book and breaks, its journal, its clock."""

import asyncio
from collections import defaultdict

from litestar import Controller, get, post
from litestar.params import JSONBody

from prorata.access.permissions import Permission
from prorata.copying.columns import total_of
from prorata.copying.engine import Engine
from prorata.messages.commands import SettleBreak, Side
from prorata.rest.own.market import SymbolPath
from prorata.rest.own.session import Call, needs
from prorata.rest.own.views import View, digits_of, price_digits
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Minor
from prorata.units.rounding import div_half_even
from prorata.views.bodies import BreakSettlement
from prorata.views.commands import digits_for
from prorata.views.names import SideName, name_of
from prorata.views.numbers import read_price, show_moment, show_price, show_volume
from prorata.views.outcomes import Outcome, outcome_of

READS_REPORTS = needs(Permission.REPORTS_READ, house=True)
CORRECTS = needs(Permission.TRADES_CORRECT, house=True)

_FOR_MANY = frozenset({"due", "due-partner"})
"""ledger accounts of which there is one for each strategy or partner"""


class LedgerBalance(View, frozen=True):
    account: str
    balance: str


class BalanceSheet(View, frozen=True):
    """One currency. `total` is zero, always.

    "account/*" and "credit/*" are the sums over all clients; of copy trading "wallet/*", "reserved/*" and
    "investments/*" likewise, and "due/*" and "due-partner/*", the turnover commission that is not paid out yet.
    """

    currency: str
    balances: tuple[LedgerBalance, ...]
    total: str


class HedgePositionView(View, frozen=True):
    """What we hold at the venue by our own book; `volume` is signed."""

    symbol: str
    volume: str
    average_price: str


class HedgeOrderView(View, frozen=True):
    """An order at the venue whose last answer is awaited. `login` null: netted for investments, see /fill-requests."""

    order: int
    login: int | None
    symbol: str
    side: SideName
    volume: str
    filled: str
    placed_at: str


class BreakView(View, frozen=True):
    """A difference between our hedge book and the venue's; volumes are signed."""

    symbol: str
    venue: str
    ours: str
    theirs: str
    difference: str
    found_at: str


class JournalPosition(View, frozen=True):
    """How far the platform has got, and how far its history tables follow. `results_hash`: of all results so far."""

    platform: str
    number: int
    sequence: int
    at: str
    results_hash: str
    history_number: int
    history_sequence: int


class TimeView(View, frozen=True):
    time: str
    timestamp_ms: int


class StatusView(View, frozen=True):
    """`accounts`, `symbols` and `groups` are counts."""

    platform: str
    time: str
    ready: bool
    accounts: int
    symbols: int
    groups: int
    orders_in_flight: int
    breaks: int
    number: int
    sequence: int


def _sheet(currency: str, balances: dict[str, Minor]) -> BalanceSheet:
    digits = digits_of(currency)
    lines = tuple(LedgerBalance(name, format_decimal(balances[name], digits)) for name in sorted(balances))
    return BalanceSheet(currency, lines, format_decimal(sum(balances.values()), digits))


def _sheets(engine: Engine) -> dict[str, dict[str, Minor]]:
    """Return every balance by currency and ledger account, those of clients added up."""
    desk, copy = engine.desk, engine.copy.state
    sheets: dict[str, dict[str, Minor]] = defaultdict(lambda: defaultdict(int))
    for account in desk.state.accounts.values():
        clients = sheets[desk.groups[account.group].currency]
        clients["account/*"] += account.balance
        clients["credit/*"] += account.credit
    for wallet in copy.wallets.values():
        clients = sheets[wallet.currency]
        clients["wallet/*"] += wallet.balance
        clients["reserved/*"] += wallet.reserved
    for strategy in copy.strategies.values():
        sheets[strategy.currency]["investments/*"] += total_of(strategy.investments.balance[: strategy.rows])
    for currency, balances in desk.state.house.items():
        sheet = sheets[currency]
        for name, balance in balances.items():
            kind, _, _ = name.partition("/")
            sheet[f"{kind}/*" if kind in _FOR_MANY else name] += balance
    return sheets


def _hedge_orders(engine: Engine) -> list[HedgeOrderView]:
    desk = engine.desk
    views = []
    for ticket, login in sorted(desk.in_flight.items()):
        order = desk.state.accounts[login].orders[ticket]
        views.append(
            HedgeOrderView(
                ticket,
                login,
                order.symbol,
                name_of(order.side),
                show_volume(order.hedge_volume),
                show_volume(order.hedge_filled),
                show_moment(order.placed_at),
            )
        )
    for ticket, request in engine.copy.state.requests.items():
        side = Side.BUY if request.volume > 0 else Side.SELL
        volume, filled = show_volume(abs(request.volume)), show_volume(request.filled)
        views.append(HedgeOrderView(ticket, None, request.symbol, name_of(side), volume, filled, show_moment(request.sent_at)))
    return sorted(views, key=lambda view: view.order)


class House(Controller):
    tags = ("House",)

    @get("/balance-sheet", summary="Show the ledger's balances for each currency", guards=[READS_REPORTS])
    async def balance_sheet(self, session: Call) -> list[BalanceSheet]:
        """All of one moment: nothing moves while it is added up."""
        sheets = _sheets(session.engine)
        return [_sheet(currency, sheets[currency]) for currency in sorted(sheets)]

    @get("/hedge/positions", summary="List what we hold at the venue", guards=[READS_REPORTS])
    async def hedge_positions(self, session: Call) -> list[HedgePositionView]:
        desk = session.desk
        return [
            HedgePositionView(
                symbol,
                show_volume(hedge.volume),
                show_price(abs(div_half_even(hedge.cost, abs(hedge.volume))), price_digits(desk, symbol)),
            )
            for symbol, hedge in sorted(desk.state.hedges.items())
            if hedge.volume
        ]

    @get("/hedge/orders", summary="List hedge orders in flight", guards=[READS_REPORTS])
    async def hedge_orders(self, session: Call) -> list[HedgeOrderView]:
        return _hedge_orders(session.engine)

    @get("/breaks", summary="List differences between our hedge book and the venue's", guards=[READS_REPORTS])
    async def breaks(self, session: Call) -> list[BreakView]:
        return [
            BreakView(
                symbol,
                found.venue,
                show_volume(found.ours),
                show_volume(found.theirs),
                show_volume(found.theirs - found.ours),
                show_moment(found.at),
            )
            for symbol, found in sorted(session.desk.state.breaks.items())
        ]

    @post("/breaks/{symbol:str}/settle", summary="Take the venue's figure over", status_code=200, guards=[CORRECTS])
    async def settle(self, session: Call, symbol: SymbolPath, data: JSONBody[BreakSettlement]) -> Outcome:
        """The difference enters our hedge book at the price given, and its result goes to the house."""
        price = read_price(data.price, digits_for(session.desk, symbol), "price")
        return outcome_of(session.engine, await session.submit(SettleBreak(symbol, price, data.comment)))


class Status(Controller):
    tags = ("Status",)
    guards = (needs(Permission.MARKET_READ),)

    @get("/journal", summary="Show the journal position")
    async def journal(self, session: Call) -> JournalPosition:
        writer, platform = session.platform.writer, session.platform
        mark = await asyncio.to_thread(platform.history.journal_position)
        return JournalPosition(
            writer.platform,
            writer.number,
            writer.sequence,
            show_moment(writer.at),
            writer.results_hash.hex(),
            mark.number,
            mark.sequence,
        )

    @get("/time", summary="Show the server's time")
    async def time(self, session: Call) -> TimeView:
        now = session.platform.now()
        return TimeView(show_moment(now), now)

    @get("/status", summary="Show how the platform is doing")
    async def status(self, session: Call) -> StatusView:
        writer, desk = session.platform.writer, session.desk
        return StatusView(
            writer.platform,
            show_moment(session.platform.now()),
            writer.is_open,
            len(desk.state.accounts),
            len(desk.state.symbols),
            len(desk.state.groups),
            len(desk.in_flight) + len(session.engine.copy.state.requests),
            len(desk.state.breaks),
            writer.number,
            writer.sequence,
        )
