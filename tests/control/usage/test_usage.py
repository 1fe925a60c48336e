"""Usage: what is counted is in the table once, and what so many cost."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from prorata.control.api_clients.store import NewApiClient
from prorata.control.people.people import NewPerson
from prorata.control.store import Control
from prorata.control.usage import meter
from prorata.control.usage.meter import ClientUsage
from prorata.control.usage.tariff import CALLS, EVENTS, BadTariff, Step, Tariff, check_tariff, cost_of
from tests.control.conftest import OpenControl
from tests.rest.house import HandClock

MARCH = 202603
APRIL_FIRST = 1_775_001_600_000


class Broker:
    """An organization with API clients."""

    def __init__(self, control: Control, number: int) -> None:
        self._control = control
        self._owner = control.people.add(NewPerson(email=f"owner{number}@broker.example"))
        self.id = control.organizations.add(self._owner.id, f"Broker {number}").id

    def client(self, name: str) -> str:
        """Make an API client and return its client_id."""
        new = NewApiClient(name=name, permissions=frozenset())
        return self._control.api_clients.add(self.id, new, by=self._owner.id)[0].client_id


@pytest.mark.parametrize(
    ("calls", "cents"),
    [
        (0, 0), (5_000, 0), (5_001, 0), (5_010, 1), (30_000, 25_00), (100_000, 95_00), (1_000_000, 545_00),
        (10_000_000, 2_795_00), (11_000_000, 2_895_00),
    ],
)  # fmt: skip
def test_the_old_table_gives_what_its_page_says(calls: int, cents: int) -> None:
    assert cost_of(calls, CALLS) == cents


def test_without_steps_everything_is_free() -> None:
    assert cost_of(10**12, EVENTS) == 0


@given(st.integers(0, 2 * 10**7), st.integers(0, 10**6))
def test_more_never_costs_less_and_never_more_than_the_dearest_price(calls: int, more: int) -> None:
    dearer = cost_of(calls + more, CALLS) - cost_of(calls, CALLS)
    assert 0 <= dearer <= more * 100 // 1_000 + 1


@pytest.mark.parametrize(
    "steps",
    [
        (Step(to=100, per_thousand=5),), (Step(per_thousand=5), Step(per_thousand=4)),
        (Step(to=9, per_thousand=5), Step(per_thousand=4)), (Step(to=100, per_thousand=5), Step(to=50, per_thousand=4)),
        (Step(per_thousand=-1),),
    ],
)  # fmt: skip
def test_a_ladder_that_leaves_a_number_without_one_price_is_refused(steps: tuple[Step, ...]) -> None:
    with pytest.raises(BadTariff):
        check_tariff(Tariff(free=10, steps=steps))


def test_what_is_counted_is_shown_to_the_organization_of_the_client_by_months(
    open_control: OpenControl, clock: HandClock
) -> None:
    control = open_control()
    mine, theirs = Broker(control, 1), Broker(control, 2)
    one, two, other = mine.client("one"), mine.client("two"), theirs.client("other")
    control.usage.count(one, calls=2)
    control.usage.count(one, calls=1, events=30)
    control.usage.count(two, events=4)
    control.usage.count(other, calls=1)
    assert control.usage.of_month(mine.id, MARCH) == [
        ClientUsage(client_id=one, name="one", calls=3, events=30),
        ClientUsage(client_id=two, name="two", calls=0, events=4),
    ]
    clock.moment = APRIL_FIRST
    control.usage.count(one, calls=5)
    assert [used.calls for used in control.usage.of_month(mine.id, MARCH)] == [3, 0]
    assert [used.calls for used in control.usage.of_month(mine.id, MARCH + 1)] == [5]


def test_two_processes_add_to_one_sum_and_a_close_loses_nothing(open_control: OpenControl) -> None:
    first, second = open_control(), open_control()
    client = Broker(first, 1).client("one")
    for control in (first, second, first):
        control.usage.count(client, calls=7)
    first.refresh()
    first.usage.count(client, calls=1)
    second.close()
    first.close()
    assert [used.calls for used in open_control().usage.of_month(1, MARCH)] == [22]


def test_what_cannot_be_written_is_kept_and_written_later(open_control: OpenControl, monkeypatch: pytest.MonkeyPatch) -> None:
    control = open_control()
    client = Broker(control, 1).client("one")
    control.usage.count(client, calls=3)

    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(meter, "_store", away)
        with pytest.raises(OperationalError):
            control.refresh()
    control.usage.count(client, calls=1)
    assert [used.calls for used in control.usage.of_month(1, MARCH)] == [4]


def test_threads_that_count_while_others_write_lose_nothing(open_control: OpenControl) -> None:
    control = open_control()
    client = Broker(control, 1).client("one")
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            control.usage.write()

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(20_000):
        control.usage.count(client, calls=1)
    done.set()
    writer.join()
    assert [used.calls for used in control.usage.of_month(1, MARCH)] == [20_000]
