"""Stories of copy trading: `tests/scenarios/copying/*.txt`, played on the engine of a whole platform.

They read as those of the trade server (`tests.trading.stories`), whose words they share. What is new:

- A line is a batch of its own: time passes, the command is applied, and what investors want is netted and sent.
  `together` opens a batch of several lines, `send` ends it; what the end of a batch brings is the outcome of `send`.
- `until 2026-03-06 23:59:59` lets days pass: their ends need not be told, all else must.
- Investments go by their clients' names (`names`); a column is told investment by investment (`outcomes`).
- `see ...` looks at wallets, investments, positions, routes, strategies and offers (`readings`).
- A line comes out the same on an engine that is built anew from the state before it.
- After every line the books are checked: positions, routes, states and money of all strategies
  (`prorata.sim.copy_oracle`), and every ledger account against all postings since the beginning.
"""

from pathlib import Path

import numpy as np

from prorata.copying.columns import count_of, unpack
from prorata.copying.engine import Engine
from prorata.messages.commands import (
    Command,
    HedgeFilled,
    Quotes,
)
from prorata.messages.copy_commands import (
    AddOffer,
    BookWallet,
    Invest,
    OpenStrategy,
    OpenWallet,
    PutCopySpec,
    PutStream,
    SendSignal,
    SendSync,
)
from prorata.messages.copy_events import (
    CommandEnded,
    CommandTaken,
    Copied,
    CopySpecPut,
    FillBooked,
    FillRequested,
    FillRequestEnded,
    InvestmentDays,
    InvestmentMoved,
    InvestmentOpened,
    OfferAdded,
    SignalTaken,
    StrategyChanged,
    StrategyDay,
    StrategyOpened,
    StreamPut,
    VolumesTrimmed,
    WalletMoved,
    WalletOpened,
)
from prorata.messages.copy_terms import VolumeReason
from prorata.messages.events import DayClosed, Event, HedgeBooked, HedgeRequested, Refused
from prorata.messages.refusals import Refusal
from prorata.projections.ledger import Ledger
from prorata.sim.copy_oracle import check_copying, check_limits
from tests.trading.books import check_holdings
from tests.trading.readings import READINGS
from tests.trading.stories import BUILT_ANEW, MONDAY, agree, compare, later, read_lines, refusals_in
from tests.trading.stories import PLAIN as PLAIN_TRADING
from tests.trading.words import BadStory

from .asking import CopyAsking
from .desk import play, reloaded
from .names import Names
from .outcomes import CopyOutcomes
from .readings import SEE

_OPENED = (InvestmentOpened, CommandTaken, InvestmentMoved, CommandEnded, StrategyChanged)
_SENT = (SignalTaken, StrategyChanged, Copied, FillRequested, HedgeRequested)
PLAIN: dict[type, tuple[type, ...]] = PLAIN_TRADING | {
    PutCopySpec: (CopySpecPut,), PutStream: (StreamPut,), OpenWallet: (WalletOpened,), BookWallet: (WalletMoved,),
    OpenStrategy: (StrategyOpened, OfferAdded, *_OPENED), AddOffer: (OfferAdded,), Invest: _OPENED,
    SendSignal: _SENT, SendSync: _SENT, HedgeFilled: (HedgeBooked, FillBooked, Copied, FillRequestEnded),
}  # fmt: skip
"""The events of a command whose line tells no outcome. A volume that a rule has changed is never plain."""


_DAYS = (StrategyDay, InvestmentDays, DayClosed)


class CopyStory:
    """One file, played. `met`: all refusals, kinds of events and reasons that it has told."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.names = Names(self.engine.copy)
        self.asks = CopyAsking(self.engine.copy, self.names)
        self.tells = CopyOutcomes(self.engine.copy, self.names)
        self.ledger = Ledger()
        self.now = MONDAY
        self.together = False
        self.refusals: set[Refusal] = set()
        self.events: set[type[Event]] = set()
        self.reasons = VolumeReason.NONE

    def play(self, path: Path) -> None:
        for number, line, told in read_lines(path.read_text()):
            try:
                self.play_line(line, told)
            except (AssertionError, BadStory, KeyError, ValueError) as problem:
                problem.add_note(f"{path.name}:{number}: {line}")
                raise

    def play_line(self, line: str, told: list[str]) -> None:
        verb, *words = line.split()
        if verb == "see":
            agree(SEE[words[0]](self.engine.copy, self.names, words[1:]), *told)
            return
        if (verb in READINGS and told and not words[0].isalpha()) or verb in ("house", "hedge"):
            agree(READINGS[verb](self.engine.desk, self.tells, words), *told)
            return
        anew = None if self.together else reloaded(self.engine)
        command, events = self._apply(verb, words)
        if anew is not None and not self.together:
            assert play(anew, self.now, [] if command is None else [command]) == events, BUILT_ANEW
            assert anew.state_hash() == self.engine.state_hash(), BUILT_ANEW
        self.ledger.post(events)
        self.refusals |= refusals_in(events)
        self.events |= {type(event) for event in events}
        self._note_reasons(events)
        if verb == "until":
            events = [event for event in events if not isinstance(event, _DAYS)]
        compare([self.tells.tell(event) for event in events], events, told, PLAIN.get(type(command), ()))
        self._check(command)

    def _apply(self, verb: str, words: list[str]) -> tuple[Command | None, list[Event]]:
        engine = self.engine
        if verb == "together":
            self.together = True
            return None, []
        if verb == "send":
            self.together = False
            return None, engine.finish()
        if verb in ("at", "wait", "until"):
            self.now = later(self.now, "at" if verb == "until" else verb, words)
            return None, engine.advance(self.now) + engine.finish()
        events = engine.advance(self.now)
        before = engine.state_hash()
        command = self.asks.command(verb, words)
        applied = engine.apply(command, self.now)
        if applied and isinstance(applied[0], Refused):
            assert len(applied) == 1
            assert engine.state_hash() == before, "a refused command has changed something"
        events += applied
        return command, events if self.together else events + engine.finish()

    def _note_reasons(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, VolumesTrimmed):
                self.reasons |= int(np.bitwise_or.reduce(unpack(event.reasons, count_of(event.investments))))

    def _check(self, command: Command | None) -> None:
        desk, copy = self.engine.desk, self.engine.copy
        report = self.ledger.verify(desk.state, copy.state)
        assert report.balanced, "\n".join(str(difference) for difference in report.differences)
        for account in desk.state.accounts.values():
            check_holdings(desk, account)
        if not self.together:
            check_copying(copy)
        if isinstance(command, Quotes):
            check_limits(copy, {quote.symbol for quote in command.quotes})
