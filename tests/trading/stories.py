"""Trade stories: `tests/scenarios/*.txt` read line by line and played on a real engine.

A line is a command; what follows `->` is its outcome, and further lines that begin with `->` are further
outcomes, in order:

    buy 1001 1.00 EURUSD   -> deal in buy 1.00 EURUSD at 1.10010 commission 3.50 balance 9996.50

- With an outcome told, *all* events of the command must be told, each by its head and any of its facts.
- Without one, the command must have its plain effect and nothing else: no refusal, no stop-out, no fill of
  another order (`PLAIN`).
- After every line the books are checked (`books.check_books`); a refused command must leave the state's hash.

Prices, money and volumes are written as people write them. The clock starts on Monday 2026-03-02 at 08:00.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from prorata.messages.commands import (
    BookBalance,
    CancelOrder,
    ChangeAccount,
    CloseAll,
    CloseBy,
    ClosePosition,
    Command,
    ModifyOrder,
    ModifyPosition,
    OpenAccount,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    PutSymbols,
    RemoveSymbol,
    ReversePosition,
    SetGuards,
)
from prorata.messages.dealer_commands import (
    DealerActivate,
    DealerCancel,
    DealerClose,
    DealerCloseAll,
    DealerCloseBy,
    DealerComment,
    DealerModify,
    DealerOpen,
)
from prorata.messages.events import (
    AccountChanged,
    AccountOpened,
    BalanceBooked,
    CommentChanged,
    Dealt,
    Event,
    GroupPut,
    GuardsSet,
    OrderModified,
    OrderPlaced,
    OrderRemoved,
    PositionModified,
    Refused,
    SymbolPut,
    SymbolRemoved,
)
from prorata.messages.refusals import Refusal
from prorata.trading.engine import Engine
from prorata.units.numbers import Moment

from .asking import Asking
from .books import check_books
from .outcomes import Outcome, Outcomes
from .readings import READINGS
from .words import BadStory, moment_of

PLAIN: dict[type, tuple[type, ...]] = {
    PutSymbol: (SymbolPut,), PutSymbols: (SymbolPut,), RemoveSymbol: (SymbolRemoved,), PutGroup: (GroupPut,),
    OpenAccount: (AccountOpened,),
    ChangeAccount: (AccountChanged,), SetGuards: (GuardsSet,),
    BookBalance: (BalanceBooked,), PlaceOrder: (Dealt, OrderPlaced), ModifyOrder: (OrderModified,),
    CancelOrder: (OrderRemoved,), ModifyPosition: (PositionModified,), ClosePosition: (Dealt,), CloseBy: (Dealt,),
    CloseAll: (Dealt,), ReversePosition: (Dealt,),
    DealerOpen: (Dealt,), DealerClose: (Dealt,), DealerCloseBy: (Dealt,), DealerCloseAll: (Dealt,),
    DealerModify: (OrderModified, PositionModified), DealerCancel: (OrderRemoved,), DealerActivate: (Dealt,),
    DealerComment: (CommentChanged,),
}  # fmt: skip
"""The events of a command whose line tells no outcome; a command not named here has none."""

MONDAY = moment_of("2026-03-02", "08:00:00")
BUILT_ANEW = "an engine that is built anew from the state does something else"


class Story:
    """One file, played. `refusals` are all codes that it met."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.asks = Asking(self.engine.desk)
        self.now = MONDAY
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
            agree(reading(self.engine.desk, self.tells, words), words_told)
            return
        if verb in ("at", "wait"):
            self.now = later(self.now, verb, words)
            anew = Engine.load(self.engine.snapshot())
            events = self.engine.advance(self.now)
            assert anew.advance(self.now) == events, BUILT_ANEW
            self._compare(None, events, told)
        else:
            command = self.asks.command(verb, words)
            before = self.engine.snapshot()
            events = self.engine.apply(command, self.now)
            assert Engine.load(before).apply(command, self.now) == events, BUILT_ANEW
            self._compare(command, events, told)
            if isinstance(events[0] if events else None, Refused):
                assert self.engine.snapshot() == before, "a refused command has changed something"
        check_books(self.engine.desk)

    def _compare(self, command: Command | None, events: list[Event], told: list[str]) -> None:
        self.refusals |= refusals_in(events)
        compare([self.tells.tell(event) for event in events], events, told, PLAIN.get(type(command), ()))


def compare(outcomes: list[Outcome], events: Sequence[Event], told: list[str], plain: tuple[type, ...]) -> None:
    """Assert that all that happened was told; if nothing was, that there was nothing but the `plain` effect."""
    if not told:
        strange = [str(outcome) for outcome, event in zip(outcomes, events, strict=True) if not isinstance(event, plain)]
        assert strange == [], f"not told: {strange}"
        assert events or not plain, "nothing happened"
        return
    assert len(outcomes) == len(told), f"it was {[str(outcome) for outcome in outcomes]}"
    for outcome, words in zip(outcomes, told, strict=True):
        agree(outcome, words)


def refusals_in(events: Sequence[Event]) -> set[Refusal]:
    return {event.code for event in events if isinstance(event, Refused | OrderRemoved) and event.code is not None}


def agree(actual: Outcome | str, told: str) -> None:
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


def later(now: Moment, verb: str, words: list[str]) -> Moment:
    """`at 2026-03-02 22:00:00`, `wait 5s`, `wait 250ms`"""
    if verb == "at":
        return moment_of(*words)
    (amount,) = words
    if amount.endswith("ms"):
        return now + int(amount[:-2])
    return now + int(amount.removesuffix("s")) * 1_000
