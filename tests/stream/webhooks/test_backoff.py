"""When a delivery is tried again, and when it is given up."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prorata.control.webhooks.notices import uuid_of
from prorata.control.webhooks.rows import Delivery, DeliveryState
from prorata.stream.webhooks.backoff import DELAY_MAX_MS, FIRST_DELAY_MS, Answer, delay_after, outcome_of
from prorata.units.numbers import DAY_MS
from tests.stream.webhooks.stage import NOON

GIVE_UP_MS = 3 * DAY_MS
SENT = Delivery(
    number=1, subscription="k3v7qzha", sequence=1, part=0, order_key="a", uuid=uuid_of("live", 1, 0), type="event_deal_create",
    body="{}", at=NOON, created_at=NOON, state=DeliveryState.WAITING, attempts=0, tries=0, began_at=0, next_at=NOON,
    last_status=0, last_error="", delivered_at=0,
)  # fmt: skip


@given(sequence=st.integers(1, 10**9), tries=st.integers(1, 10_000))
def test_a_delay_is_the_doubled_one_a_fifth_more_or_less_and_always_the_same(sequence: int, tries: int) -> None:
    uuid = uuid_of("live", sequence, 0)
    plain = min(FIRST_DELAY_MS * 2 ** min(tries - 1, 60), DELAY_MAX_MS)
    assert plain * 8 <= delay_after(uuid, tries) * 10 <= plain * 12
    assert delay_after(uuid, tries) == delay_after(uuid, tries)


def test_what_failed_together_does_not_come_back_together() -> None:
    assert len({delay_after(uuid_of("live", sequence, 0), 5) for sequence in range(100)}) > 80


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, DeliveryState.DELIVERED), (204, DeliveryState.DELIVERED), (299, DeliveryState.DELIVERED),
        (0, DeliveryState.FAILED), (199, DeliveryState.FAILED), (300, DeliveryState.FAILED), (301, DeliveryState.FAILED),
        (400, DeliveryState.FAILED), (404, DeliveryState.FAILED), (410, DeliveryState.FAILED), (500, DeliveryState.FAILED),
    ],
)  # fmt: skip
def test_only_a_2xx_is_delivered(status: int, state: DeliveryState) -> None:
    outcome = outcome_of(SENT, Answer(NOON, 5, status), give_up_ms=GIVE_UP_MS)
    assert (outcome.state, outcome.gone) == (state, status == 410)


def test_it_is_given_up_when_the_next_attempt_would_be_too_late_after_the_first() -> None:
    late = msgspec.structs.replace(SENT, tries=20, began_at=NOON)
    delay = delay_after(late.uuid, 21)
    just = Answer(NOON + GIVE_UP_MS - delay, 5, 500)
    assert outcome_of(late, just, give_up_ms=GIVE_UP_MS).next_at == NOON + GIVE_UP_MS
    later = Answer(just.at + 1, 5, 500)
    assert outcome_of(late, later, give_up_ms=GIVE_UP_MS).state == DeliveryState.DEAD
