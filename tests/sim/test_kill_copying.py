"""What the examination after kills would find: deals and fills that are missing, doubled or not what the state says."""

from collections.abc import Callable

import msgspec
import pytest

from prorata.copying.columns import count_of, pack, unpack
from prorata.feeds.defaults import default_symbols
from prorata.messages.batch import Submission
from prorata.messages.commands import Command, HedgeFilled, PutSymbol, Quote, Quotes
from prorata.messages.copy_commands import (
    AddOffer,
    BookWallet,
    FundInvestment,
    Invest,
    OpenStrategy,
    OpenWallet,
    PutCopySpec,
    PutStream,
    SendSignal,
    SendSync,
)
from prorata.messages.copy_events import Copied, FillBooked, InvestmentMoved
from prorata.messages.copy_terms import CopySpec, StreamSpec, TransferType
from prorata.messages.events import Event
from prorata.server.machine import Machine, batch_of
from prorata.sim.claims import Violation
from prorata.sim.kill_copying import check_history, check_recovered
from prorata.units.numbers import VOLUME_PER_LOT

MONDAY_NOON = 1_772_452_800_000
LOT = VOLUME_PER_LOT // 10
DONE = {"fund": 1}
Spoil = Callable[[list[Event]], list[Event]]


def happened(*, fills: int = 2) -> tuple[Machine, list[Event]]:
    """A signal to a trader and two investors, filled by the venue in `fills` parts of two; then one adds money."""
    machine = Machine()
    events: list[Event] = []

    def batch(*commands: Command) -> None:
        events.extend(machine.apply(batch_of(machine, MONDAY_NOON, 1, [Submission(command) for command in commands]))[1])

    batch(*(PutSymbol(spec) for spec in default_symbols(2026)), Quotes((Quote("EURUSD", 108_670, 108_673),)))
    batch(PutStream(StreamSpec(id=1, name="hedge")), PutCopySpec(CopySpec(company=1)))
    for client in (1, 2, 3):
        batch(OpenWallet(client, 1), BookWallet(client, TransferType.FUND, 50_000_00))
    batch(OpenStrategy(1, "One", 10_000_00), AddOffer(1, 200_000, 10_00, "one"))
    batch(Invest(2, 2, 5_000_00), Invest(3, 2, 20_000_00), SendSync(1, False, 10_000_00, ()))
    batch(SendSignal(1, "EURUSD", LOT, 10_000_00))
    (request,) = machine.engine.copy.state.requests.values()
    for part in range(fills):
        batch(HedgeFilled(request.ticket, f"e{part}", abs(request.volume) // 2, 108_673, last=part == 1))
    batch(FundInvestment(2, 100_00))
    return machine, events


def without(kind: type) -> Spoil:
    """Lose the last event of a kind."""

    def spoil(events: list[Event]) -> list[Event]:
        last = max(place for place, event in enumerate(events) if type(event) is kind)
        return events[:last] + events[last + 1 :]

    return spoil


def doubled(kind: type) -> Spoil:
    return lambda events: [again for event in events for again in ([event, event] if type(event) is kind else [event])]


def skewed(events: list[Event]) -> list[Event]:
    """Give everybody one step more than each deal gave."""
    return [_enlarged(event) if type(event) is Copied else event for event in events]


def _enlarged(event: Copied) -> Copied:
    return msgspec.structs.replace(event, volumes=pack(unpack(event.volumes, count_of(event.investments)) + 1))


def test_a_true_history_passes() -> None:
    machine, events = happened()
    assert check_history(events, machine.engine.copy.state, DONE) == 11
    assert check_recovered(machine) is False


def test_a_kill_between_the_parts_of_a_fill_leaves_a_request_and_nothing_wrong() -> None:
    machine, events = happened(fills=1)
    assert check_recovered(Machine.load(machine.save())) is True
    assert check_history(events, machine.engine.copy.state, DONE) == 7


@pytest.mark.parametrize(
    ("spoil", "claim"),
    [
        (without(Copied), "the last deal is in the history"),
        (without(InvestmentMoved), "deals are numbered without a gap"),
        (doubled(Copied), "deals are numbered without a gap"),
        (doubled(FillBooked), "each execution is booked once"),
        (without(FillBooked), "the hedge account holds what was filled"),
        (skewed, "what was dealt is held"),
    ],
)
def test_a_history_that_is_not_true_is_caught(spoil: Spoil, claim: str) -> None:
    machine, events = happened()
    with pytest.raises(Violation) as caught:
        check_history(spoil(events), machine.engine.copy.state, DONE)
    assert caught.value.claim == claim


def test_a_command_that_was_done_twice_is_caught() -> None:
    machine, events = happened()
    with pytest.raises(Violation, match="each command was taken once"):
        check_history(events, machine.engine.copy.state, {"fund": 2})
