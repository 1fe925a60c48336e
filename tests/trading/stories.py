"""Trade stories: `tests/scenarios/*.txt` read line by line and played on a real engine.

A line is a command; what follows `->` is its outcome, and further lines that begin with `->` are further
outcomes, in order:

    buy 1001 1.00 EURUSD   -> deal in buy 1.00 EURUSD at 1.10010 commission 3.50 balance 9996.50

- With an outcome told, *all* events of the command must be told, each by its head and any of its facts.
- Without one, the command must have its plain effect and nothing else: no refusal, no stop-out, no fill of
  another order (`_PLAIN`).
- After every line the books are checked (`books.check_books`); a refused command must leave the state's hash.

Prices, money and volumes are written as people write them. The clock starts on Monday 2026-03-02 at 08:00.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from prorata.messages.commands import (
    Access,
    BalanceKind,
    BookBalance,
    CancelOrder,
    ChangeAccount,
    CloseAll,
    CloseBy,
    ClosePosition,
    Command,
    HedgeEnded,
    HedgeFilled,
    ModifyOrder,
    ModifyPosition,
    OpenAccount,
    OrderType,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Quote,
    Quotes,
    ReversePosition,
    SettleBreak,
    Side,
    Tick,
    VenuePosition,
    VenuePositions,
)
from prorata.messages.events import (
    AccountChanged,
    AccountOpened,
    BalanceBooked,
    Dealt,
    Event,
    GroupPut,
    OrderModified,
    OrderPlaced,
    OrderRemoved,
    PositionModified,
    Refused,
    SymbolPut,
)
from prorata.messages.groups import GroupSpec
from prorata.messages.refusals import Refusal
from prorata.trading.engine import Engine
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import parse_decimal
from prorata.units.numbers import Login, Moment, Points

from .books import check_books
from .outcomes import Outcome, Outcomes
from .readings import READINGS
from .words import (
    BadStory,
    changed_group,
    changed_symbol,
    changed_terms,
    named,
    new_symbol,
    points_of,
    split_words,
    volume_of,
)

_PLAIN: dict[type, tuple[type, ...]] = {
    PutSymbol: (SymbolPut,), PutGroup: (GroupPut,), OpenAccount: (AccountOpened,), ChangeAccount: (AccountChanged,),
    BookBalance: (BalanceBooked,), PlaceOrder: (Dealt, OrderPlaced), ModifyOrder: (OrderModified,),
    CancelOrder: (OrderRemoved,), ModifyPosition: (PositionModified,), ClosePosition: (Dealt,), CloseBy: (Dealt,),
    CloseAll: (Dealt,), ReversePosition: (Dealt,),
}  # fmt: skip
"""The events of a command whose line tells no outcome; a command not named here has none."""

_BOOKINGS = {
    "deposit": BalanceKind.DEPOSIT, "withdraw": BalanceKind.WITHDRAWAL, "credit-in": BalanceKind.CREDIT_IN,
    "credit-out": BalanceKind.CREDIT_OUT, "correct": BalanceKind.CORRECTION,
}  # fmt: skip


class Story:
    """One file, played. `refusals` are all codes that it met."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.now = _moment_of("2026-03-02", "08:00:00")
        self.tells = Outcomes(self.engine.desk.state)
        self.refusals: set[Refusal] = set()

    def play(self, path: Path) -> None:
        for number, line, told in read_lines(path.read_text()):
            try:
                self.play_line(line, told)
            except (AssertionError, BadStory, KeyError, ValueError) as problem:
                problem.add_note(f"{path.name}:{number}: {line}")
                raise

    def play_line(self, line: str, told: list[str]) -> None:
        verb, *words = line.split()
        reading = READINGS.get(verb)
        if reading is not None:
            (words_told,) = told
            _agree(reading(self.engine.desk, self.tells, words), words_told)
            return
        if verb in ("at", "wait"):
            self.now = self._later(verb, words)
            self._compare(None, self.engine.advance(self.now), told)
        else:
            command = self._command(verb, words)
            before = self.engine.snapshot()
            events = self.engine.apply(command, self.now)
            self._compare(command, events, told)
            if isinstance(events[0] if events else None, Refused):
                assert self.engine.snapshot() == before, "a refused command has changed something"
        check_books(self.engine.desk)

    def _compare(self, command: Command | None, events: list[Event], told: list[str]) -> None:
        self._note_refusals(events)
        outcomes = [self.tells.tell(event) for event in events]
        if not told:
            plain = _PLAIN.get(type(command), ())
            strange = [str(outcome) for outcome, event in zip(outcomes, events, strict=True) if not isinstance(event, plain)]
            assert strange == [], f"not told: {strange}"
            assert events or not plain, "nothing happened"
            return
        assert len(outcomes) == len(told), f"it was {[str(outcome) for outcome in outcomes]}"
        for outcome, words in zip(outcomes, told, strict=True):
            _agree(outcome, words)

    def _note_refusals(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Refused | OrderRemoved) and event.code is not None:
                self.refusals.add(event.code)

    def _later(self, verb: str, words: list[str]) -> Moment:
        if verb == "at":
            return _moment_of(*words)
        (amount,) = words
        if amount.endswith("ms"):
            return self.now + int(amount[:-2])
        return self.now + int(amount.removesuffix("s")) * 1_000

    # From words to commands.

    def _command(self, verb: str, words: list[str]) -> Command:
        match verb:
            case "symbol" | "group" | "terms":
                return self._configuration(verb, words)
            case "open" | "change" | "deposit" | "withdraw" | "credit-in" | "credit-out" | "correct":
                return self._account_command(verb, words)
            case "quote":
                return Quotes(tuple(self._quotes(" ".join(words))))
            case "tick":
                return Tick()
            case "venue" | "settle":
                return self._venue_command(verb, words)
            case "buy" | "sell":
                return self._order(Side.BUY if verb == "buy" else Side.SELL, words)
            case "modify" | "cancel" | "close" | "close-by" | "close-all" | "reverse":
                return self._change(verb, words)
            case _:
                raise BadStory(f"nobody knows how to {verb}")

    def _configuration(self, verb: str, words: list[str]) -> Command:
        state, (name, *rest) = self.engine.desk.state, words
        if verb == "symbol":
            return PutSymbol(changed_symbol(state.symbols.get(name) or new_symbol(name), split_words(rest)))
        group = state.groups.get(name)
        if group is None:
            group = GroupSpec(name=name, currency=rest.pop(0))
        if verb == "group":
            return PutGroup(changed_group(group, split_words(rest)))
        symbol, *rest = rest
        return PutGroup(changed_terms(group, symbol, split_words(rest)))

    def _account_command(self, verb: str, words: list[str]) -> Command:
        first, second, *rest = words
        login = int(first)
        if verb == "open":
            said = split_words(rest)
            return OpenAccount(second, login, int(said.get("leverage", "0")), "demo" in said)
        if verb == "change":
            said = split_words([second, *rest])
            return ChangeAccount(
                login,
                said.get("group"),
                int(said["leverage"]) if "leverage" in said else None,
                named(Access, said["access"]) if "access" in said else None,
            )
        said = split_words(rest)
        return BookBalance(
            login, _BOOKINGS[verb], parse_decimal(second, self._digits_of(login)), said.get("id", ""), said.get("comment", "")
        )

    def _digits_of(self, login: Login) -> int:
        state = self.engine.desk.state
        account = state.accounts.get(login)
        return 2 if account is None else CURRENCY_DIGITS[state.groups[account.group].currency]

    def _price(self, symbol: str, text: str) -> Points:
        return points_of(self.engine.desk.state.symbols.get(symbol) or new_symbol(symbol), text)

    def _quotes(self, text: str) -> Iterator[Quote]:
        for one in text.split(","):
            symbol, bid, ask = one.split()
            yield Quote(symbol, self._price(symbol, bid), self._price(symbol, ask))

    def _order(self, side: Side, words: list[str]) -> Command:
        """`buy [limit|stop|stop-limit] 1001 1.00 EURUSD [at 1.1] [limit 1.1] sl= tp= trail= price= deviation= till=`"""
        kind = OrderType.MARKET if words[0].isdigit() else named(OrderType, words[0])
        login, volume, symbol, *rest = words if kind == OrderType.MARKET else words[1:]
        prices, said = self._at_and_limit(rest)
        return PlaceOrder(
            int(login), symbol, side, volume_of(volume), kind,
            self._price(symbol, prices.get("at", said.get("price", "0"))), self._price(symbol, prices.get("limit", "0")),
            int(said.get("deviation", "-1")), **self._stops(symbol, said), expires_at=_till(said),
            comment=said.get("comment", ""),
        )  # fmt: skip

    def _at_and_limit(self, words: list[str]) -> tuple[dict[str, str], dict[str, str]]:
        prices: dict[str, str] = {}
        while words and words[0] in ("at", "limit"):
            prices[words[0]], words = words[1], words[2:]
        return prices, split_words(words)

    def _stops(self, symbol: str, said: dict[str, str]) -> dict[str, int]:
        return {
            "stop_loss": self._price(symbol, said.get("sl", "0")),
            "take_profit": self._price(symbol, said.get("tp", "0")),
            "trailing": int(said.get("trail", "0")),
        }

    def _change(self, verb: str, words: list[str]) -> Command:
        if verb == "modify":
            return self._modify(words)
        login, *rest = words
        match verb:
            case "cancel":
                return CancelOrder(int(login), int(rest[0]))
            case "close-by":
                return CloseBy(int(login), int(rest[0]), int(rest[1]))
            case "close-all":
                return CloseAll(int(login), rest[0] if rest else "")
            case "reverse":
                return ReversePosition(int(login), int(rest[0]))
            case _:
                return self._close(int(login), *rest)

    def _modify(self, words: list[str]) -> Command:
        thing, login, ticket, *rest = words
        prices, said = self._at_and_limit(rest)
        symbol = self._symbol_of(int(login), int(ticket))
        stops = self._stops(symbol, said)
        if thing == "position":
            return ModifyPosition(int(login), int(ticket), **stops)
        limit = self._price(symbol, prices.get("limit", "0"))
        return ModifyOrder(
            int(login), int(ticket), self._price(symbol, prices.get("at", "0")), limit, **stops, expires_at=_till(said)
        )

    def _close(self, login: Login, ticket: str, *rest: str) -> Command:
        volume = volume_of(rest[0]) if rest and rest[0][0].isdigit() else 0
        said = split_words(rest[1:] if volume else rest)
        price = self._price(self._symbol_of(login, int(ticket)), said.get("price", "0"))
        return ClosePosition(login, int(ticket), volume, price, int(said.get("deviation", "-1")))

    def _symbol_of(self, login: Login, ticket: int) -> str:
        account = self.engine.desk.state.accounts.get(login)
        thing = account and (account.orders.get(ticket) or account.positions.get(ticket))
        return thing.symbol if thing else "EURUSD"

    def _venue_command(self, verb: str, words: list[str]) -> Command:
        if verb == "settle":
            symbol, _, price = words
            return SettleBreak(symbol, self._price(symbol, price))
        verb, *words = words
        if verb == "holds":
            held = zip(words[::2], words[1::2], strict=True)
            return VenuePositions("lp", tuple(VenuePosition(symbol, volume_of(volume)) for symbol, volume in held))
        if verb == "ends":
            return HedgeEnded(int(words[0]), " ".join(words[1:]))
        order, volume, _, price, _, execution, *last = words
        symbol = self._travelling_symbol(int(order))
        return HedgeFilled(int(order), execution, volume_of(volume), self._price(symbol, price), last == ["last"])

    def _travelling_symbol(self, order: int) -> str:
        desk = self.engine.desk
        login = desk.in_flight.get(order)
        return "EURUSD" if login is None else desk.state.accounts[login].orders[order].symbol


def _agree(actual: Outcome | str, told: str) -> None:
    problem = actual.fits(told) if isinstance(actual, Outcome) else "" if actual == told else f"it was {actual}"
    assert not problem, problem


def read_lines(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield (line number, command, outcomes told) for every command of a story."""
    waiting: tuple[int, str, list[str]] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        command, arrow, outcome = (part.strip() for part in line.partition("->"))
        if command:
            if waiting is not None:
                yield waiting
            waiting = (number, command, [])
        if arrow:
            assert waiting is not None, "an outcome without a command"
            waiting[2].append(" ".join(outcome.split()))
    if waiting is not None:
        yield waiting


def _moment_of(day: str, time: str) -> Moment:
    at = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)
    return round(at.timestamp() * 1000)


def _till(said: dict[str, str]) -> Moment:
    """`till=2026-03-04T12:00:00`"""
    return _moment_of(*said["till"].split("T")) if "till" in said else 0
