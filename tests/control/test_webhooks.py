"""The subscriptions and the delivery log: what people do with them, and what the service that delivers does."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prorata.control.webhooks.calls import Call, KeyReused
from prorata.control.webhooks.line import DeliveryLine, Outcome
from prorata.control.webhooks.notices import EVENT_TYPES, Notice, NoticeBatch, uuid_of
from prorata.control.webhooks.office import Changes, WebhookOffice
from prorata.control.webhooks.rows import Delivery, DeliveryState
from prorata.control.webhooks.signing import BadKey, MasterKey, open_key
from prorata.control.webhooks.store import UnknownDelivery, UnknownSubscription, WebhookStore
from prorata.control.webhooks.targets import Allowed, BadTarget
from prorata.projections.paging import BadCursor
from prorata.units.numbers import DAY_MS, Moment

WAITING, FAILED, DELIVERED, DEAD = DeliveryState
NOON: Moment = 1_772_452_800_000
URL = "https://crm.example.com/hooks"
KEY = MasterKey(b"k" * 32)


class Room:
    """Office and line over the same tables."""

    def __init__(self, url: str, *, platform: str = "live", company: str = "ours", key: MasterKey = KEY) -> None:
        self.moment = NOON
        self.store = WebhookStore(url, platform, key, company=company, publisher="ramm", now=lambda: self.moment)
        self.office = WebhookOffice(self.store, Allowed())
        self.line = DeliveryLine(self.store)

    def subscribe(self, position: int = 0, *types: str, call: Call | None = None) -> str:
        made = self.office.subscribe(URL, position=position, types=types, call=call or Call())
        return made.subscription.id

    def take(self, first: int, *order_keys: str, type: str = "event_deal_create") -> None:
        """Take one event for each order key, from event `first` on."""
        notices = tuple(
            Notice(sequence=first + place, at=NOON + first + place, order_key=key, type=type, data={})
            for place, key in enumerate(order_keys)
        )
        self.line.take(NoticeBatch(first, first + len(order_keys) - 1, notices))

    def log(self, subscription: str) -> list[tuple[int, DeliveryState]]:
        rows = self.office.deliveries(subscription, newest_first=False).rows
        return sorted((row.sequence, row.state) for row in rows)

    def head(self, subscription: str, key: str) -> Delivery | None:
        return self.line.heads(subscription, [key]).get(key)

    def finish(self, subscription: str, key: str, state: DeliveryState = DELIVERED) -> None:
        head = self.head(subscription, key)
        assert head is not None
        self.line.note(head, Outcome(self.moment, 5, 200 if state == DELIVERED else 500, "", state))


@pytest.fixture
def opening(url: str) -> Iterator[Callable[..., Room]]:
    rooms: list[Room] = []

    def opened(**more: object) -> Room:
        rooms.append(Room(url, **more))  # type: ignore[arg-type]
        return rooms[-1]

    yield opened
    for room in rooms:
        room.store.close()


@pytest.fixture
def room(opening: Callable[..., Room]) -> Room:
    return opening()


def test_there_are_ten_types_of_events() -> None:
    assert len(EVENT_TYPES) == 10


def test_an_id_follows_from_platform_event_and_part_alone() -> None:
    assert uuid_of("live", 12, 0) == "882e6c23-5ca0-54d6-86b9-35bc12d9dd91"
    assert len({uuid_of("live", 12, 0), uuid_of("live", 12, 1), uuid_of("live", 1, 2), uuid_of("demo", 12, 0)}) == 4


def test_a_batch_that_comes_twice_is_taken_once(room: Room) -> None:
    subscription = room.subscribe()
    room.take(1, "a", "b")
    room.take(1, "a", "b", "c")
    room.take(2, "b", "c")
    assert room.log(subscription) == [(1, WAITING), (2, WAITING), (3, WAITING)]
    assert room.office.subscription(subscription).position == 3


def test_several_notices_of_one_event_are_told_apart_by_their_part(room: Room) -> None:
    subscription = room.subscribe()
    notices = tuple(
        Notice(sequence=1, part=part, at=NOON, order_key="a", type="event_deal_create", data={"part": part})
        for part in (0, 1, 2)
    )
    room.line.take(NoticeBatch(1, 1, notices))
    rows = room.office.deliveries(subscription, newest_first=False).rows
    assert [(row.part, row.uuid) for row in rows] == [(part, uuid_of("live", 1, part)) for part in (0, 1, 2)]


def test_who_is_behind_is_not_served_before_what_lies_between(room: Room) -> None:
    behind, current = room.subscribe(0), room.subscribe(5)
    room.take(6, "a")
    assert (room.log(behind), room.log(current)) == ([], [(6, WAITING)])
    room.take(1, "a", "a", "a", "a", "a", "a")
    assert [sequence for sequence, _ in room.log(behind)] == [1, 2, 3, 4, 5, 6]
    assert room.log(current) == [(6, WAITING)]


def test_a_delivery_that_is_asked_for_again_comes_before_later_ones_of_its_key(room: Room) -> None:
    subscription = room.subscribe()
    room.take(1, "a", "a", "a")
    for _ in range(2):
        room.finish(subscription, "a")
    first = room.office.deliveries(subscription, newest_first=False).rows[0]
    room.office.redeliver(subscription, first.number)
    head = room.head(subscription, "a")
    assert head is not None
    assert (head.sequence, head.tries, head.attempts) == (1, 0, 1)
    assert room.log(subscription) == [(1, WAITING), (2, DELIVERED), (3, WAITING)]


def test_a_replay_from_an_event_on_takes_what_never_was_in_the_log(room: Room) -> None:
    subscription = room.subscribe(3)
    room.take(4, "a", "a")
    room.finish(subscription, "a", DEAD)
    assert room.office.replay(subscription, sequence=2) == 2
    assert room.office.subscription(subscription).position == 1
    assert room.head(subscription, "a") is None, "5 was sent before 2 was taken"
    room.take(2, "a", "a", "a", "a")
    assert room.log(subscription) == [(2, WAITING), (3, WAITING), (4, WAITING), (5, WAITING)]


def test_a_replay_since_a_time_is_of_the_log_alone(room: Room) -> None:
    subscription = room.subscribe()
    room.take(1, "a", "b", "c")
    for key in "abc":
        room.finish(subscription, key)
    assert room.office.replay(subscription, since=NOON + 2) == 2
    assert room.log(subscription) == [(1, DELIVERED), (2, WAITING), (3, WAITING)]
    assert room.office.subscription(subscription).position == 3


def test_a_test_delivery_is_no_event_and_is_not_replayed(room: Room) -> None:
    subscription = room.subscribe()
    tested = room.office.test(subscription, NOON)
    assert (tested.type, tested.sequence, tested.state) == ("ping", 0, WAITING)
    room.finish(subscription, "ping")
    assert room.office.replay(subscription, sequence=1) == 0
    assert room.office.delivery(subscription, tested.number).state == DELIVERED


def test_the_log_comes_in_parts_and_can_be_filtered(room: Room) -> None:
    subscription = room.subscribe()
    room.take(1, "a", "b", "a", "b", "a")
    room.moment += 1_000
    room.take(6, "a", type="event_wallet_in")
    room.finish(subscription, "a")
    office = room.office
    part = office.deliveries(subscription, limit=4)
    rest = office.deliveries(subscription, limit=4, cursor=part.cursor)
    assert [row.sequence for row in (*part.rows, *rest.rows)] == [6, 5, 4, 3, 2, 1]
    assert rest.cursor is None
    assert [row.sequence for row in office.deliveries(subscription, state=DELIVERED).rows] == [1]
    assert [row.sequence for row in office.deliveries(subscription, order_key="b").rows] == [4, 2]
    assert [row.sequence for row in office.deliveries(subscription, event_type="event_wallet_in").rows] == [6]
    assert [row.sequence for row in office.deliveries(subscription, since=NOON + 1_000).rows] == [6]
    assert len(office.deliveries(subscription, until=NOON + 1_000).rows) == 5
    other = room.subscribe()
    with pytest.raises(BadCursor):
        office.deliveries(other, cursor=part.cursor)


def test_every_attempt_is_in_the_log(room: Room) -> None:
    subscription = room.subscribe()
    room.take(1, "a")
    head = room.head(subscription, "a")
    assert head is not None
    room.line.note(head, Outcome(NOON + 1, 12, 0, "ConnectError: refused", FAILED, NOON + 5_000))
    room.moment = NOON + 5_000
    room.finish(subscription, "a")
    tried = room.office.attempts(head.number)
    assert [(row.attempt, row.milliseconds, row.status, row.error) for row in tried] == [
        (2, 5, 200, ""),
        (1, 12, 0, "ConnectError: refused"),
    ]
    done = room.office.delivery(subscription, head.number)
    assert (done.attempts, done.began_at, done.delivered_at) == (2, NOON + 1, NOON + 5_000)


def test_the_log_forgets_what_is_done_and_old_and_nothing_that_is_pending(room: Room) -> None:
    subscription = room.subscribe()
    room.take(1, "a", "b", "c")
    room.finish(subscription, "a")
    room.finish(subscription, "b", DEAD)
    room.moment += DAY_MS
    room.take(4, "d")
    room.finish(subscription, "d")
    assert room.line.prune(NOON) == 0
    assert room.line.prune(NOON + 1) == 2
    assert room.log(subscription) == [(3, WAITING), (4, DELIVERED)]


def test_a_removed_subscription_leaves_nothing_and_its_last_request_is_not_noted(room: Room) -> None:
    subscription = room.subscribe()
    room.take(1, "a", "a")
    head = room.head(subscription, "a")
    assert head is not None
    room.finish(subscription, "a")
    room.office.remove(subscription)
    room.line.note(head, Outcome(NOON, 5, 200, "", DELIVERED))
    with room.store.reading() as connection:
        for table in ("webhook_subscriptions", "webhook_deliveries", "webhook_attempts"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


ASKING: tuple[Callable[[WebhookOffice, str, int], object], ...] = (
    lambda office, its_id, number: office.subscription(its_id),
    lambda office, its_id, number: office.change(its_id, Changes(enabled=False)),
    lambda office, its_id, number: office.remove(its_id),
    lambda office, its_id, number: office.rotate_secret(its_id, overlap_ms=0),
    lambda office, its_id, number: office.test(its_id, NOON),
    lambda office, its_id, number: office.redeliver(its_id, number),
    lambda office, its_id, number: office.replay(its_id, sequence=1),
    lambda office, its_id, number: office.deliveries(its_id),
    lambda office, its_id, number: office.delivery(its_id, number),
)


def test_another_companys_subscription_is_as_if_absent(opening: Callable[..., Room]) -> None:
    theirs, ours = opening(company="theirs"), opening(company="ours")
    other_platform = opening(platform="demo", company="theirs")
    subscription = theirs.subscribe()
    theirs.take(1, "a")
    number = theirs.office.deliveries(subscription).rows[0].number
    for room in (ours, other_platform):
        assert room.office.subscriptions() == []
        assert room.line.enabled() == []
        for ask in ASKING:
            with pytest.raises(UnknownSubscription):
                ask(room.office, subscription, number)
    assert theirs.log(subscription) == [(1, WAITING)]
    own = theirs.subscribe()
    with pytest.raises(UnknownDelivery):
        theirs.office.delivery(own, number)


def test_a_change_under_an_idempotency_key_is_made_once_and_answered_alike(room: Room) -> None:
    call = Call("caller", "key-1", "digest-1")
    made = room.office.subscribe(URL, position=0, call=call)
    again = room.office.subscribe(URL, position=0, call=call)
    assert (again.subscription.id, again.secret) == (made.subscription.id, made.secret)
    rotation = Call("caller", "key-2", "digest-2")
    first = room.office.rotate_secret(made.subscription.id, overlap_ms=0, call=rotation)
    assert room.office.rotate_secret(made.subscription.id, overlap_ms=0, call=rotation).secret == first.secret
    assert room.office.subscription(made.subscription.id).secret_version == 2
    tested = room.office.test(made.subscription.id, NOON, Call("caller", "key-3", "digest-3"))
    assert room.office.test(made.subscription.id, NOON, Call("caller", "key-3", "digest-3")).number == tested.number
    with pytest.raises(KeyReused):
        room.office.subscribe(URL, position=0, call=Call("caller", "key-1", "other"))
    other_caller = room.office.subscribe(URL, position=0, call=Call("somebody", "key-1", "digest-1"))
    assert other_caller.subscription.id != made.subscription.id


def test_an_idempotency_key_is_forgotten_after_a_day(room: Room) -> None:
    call = Call("caller", "key-1", "digest-1")
    first = room.subscribe(call=call)
    room.moment += DAY_MS
    room.line.prune(0)
    assert room.subscribe(call=call) == first
    room.moment += 1
    room.line.prune(0)
    assert room.subscribe(call=call) != first


def test_an_address_that_may_not_be_called_changes_nothing(room: Room) -> None:
    subscription = room.subscribe()
    for url in ("http://crm.example.com/", "https://10.0.0.1/"):
        with pytest.raises(BadTarget):
            room.office.change(subscription, Changes(url=url, enabled=False))
        with pytest.raises(BadTarget):
            room.office.subscribe(url, position=0)
    assert [(found.url, found.enabled) for found in room.office.subscriptions()] == [(URL, True)]


def test_tables_whose_secrets_were_made_with_another_key_are_not_opened(opening: Callable[..., Room]) -> None:
    opening()
    with pytest.raises(BadKey):
        opening(key=MasterKey(b"x" * 32))
    opening(platform="demo", key=MasterKey(b"x" * 32))


def test_a_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "webhooks.key"
    made = open_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert open_key(file).check == made.check
    assert list(file.parent.iterdir()) == [file]
    file.write_text("no key\n")
    with pytest.raises(BadKey):
        open_key(file)
