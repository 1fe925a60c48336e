"""Lists of settings and messages of a trade platform, on both databases."""

import pytest

from prorata.control.server_settings.lists import ROWS_MAX, Documents, TooManyRows
from prorata.control.server_settings.messages import Message, MessageKind
from prorata.units.numbers import DAY_MS

from .conftest import NOON, OpenControl

LIVE, DEMO = "platform-live", "platform-demo"


def test_a_list_keeps_its_order_and_is_one_platforms_own(open_control: OpenControl) -> None:
    control = open_control()
    control.server_settings.change(LIVE, "access", lambda before: (b"2", b"1"))
    control.server_settings.change(LIVE, "access", lambda before: (*before, b"3"))
    assert control.server_settings.of(LIVE, "access") == (b"2", b"1", b"3")
    assert control.server_settings.of(LIVE, "sync") == ()
    assert control.server_settings.of(DEMO, "access") == ()


def test_another_process_sees_a_change_after_a_refresh(open_control: OpenControl) -> None:
    control, other = open_control(), open_control()
    control.server_settings.change(LIVE, "sync", lambda before: (b"one",))
    assert other.server_settings.of(LIVE, "sync") == ()
    other.refresh()
    assert other.server_settings.of(LIVE, "sync") == (b"one",)
    assert open_control().server_settings.of(LIVE, "sync") == (b"one",)


def test_a_change_that_fails_leaves_the_list_as_it_was(open_control: OpenControl) -> None:
    control = open_control()
    control.server_settings.change(LIVE, "sync", lambda before: (b"one",))

    def fail(before: Documents) -> Documents:
        raise KeyError("no such row")

    with pytest.raises(KeyError):
        control.server_settings.change(LIVE, "sync", fail)
    with pytest.raises(TooManyRows):
        control.server_settings.change(LIVE, "sync", lambda before: (b"x",) * (ROWS_MAX + 1))
    assert open_control().server_settings.of(LIVE, "sync") == (b"one",)


def test_messages_are_kept_by_kind_and_found_by_place_and_number(open_control: OpenControl) -> None:
    messages = open_control().messages
    first = messages.send(LIVE, MessageKind.NEWS, Message(sender="desk", topic="Rates", body="Unchanged."), at=NOON)
    mail = Message(sender="desk", sender_login=7, sender_name="Desk", topic="Hello", body="Welcome.", logins=(1001, 1002))
    number = messages.send(LIVE, MessageKind.MAIL, mail, at=NOON)
    messages.send(LIVE, MessageKind.NEWS, Message(sender="desk", topic="Jobs", body="More.", priority=1), at=NOON + 1)
    assert [news.topic for news in messages.all(LIVE, MessageKind.NEWS)] == ["Rates", "Jobs"]
    assert messages.count(LIVE, MessageKind.NEWS) == 2
    assert messages.count(DEMO, MessageKind.NEWS) == 0
    found = messages.get(LIVE, MessageKind.MAIL, number)
    assert found is not None
    assert (found.logins, found.sender_login, found.at) == ((1001, 1002), 7, NOON)
    assert messages.get(LIVE, MessageKind.NEWS, number) is None
    assert messages.get(DEMO, MessageKind.NEWS, first) is None
    newest, oldest = messages.at_place(LIVE, MessageKind.NEWS, -1), messages.at_place(LIVE, MessageKind.NEWS, 0)
    assert newest is not None
    assert newest.topic == "Jobs"
    assert oldest is not None
    assert oldest.number == first
    assert messages.at_place(LIVE, MessageKind.NEWS, 2) is None


def test_mail_is_forgotten_after_the_days_that_are_set(open_control: OpenControl) -> None:
    messages = open_control().messages
    mail = Message(sender="desk", body="Welcome.", logins=(1001,))
    for at in (NOON, NOON + 5 * DAY_MS):
        messages.send(LIVE, MessageKind.MAIL, mail, at=at)
    messages.send(LIVE, MessageKind.MAIL, mail, at=NOON + 6 * DAY_MS, keep_days=3)
    assert [mail.at for mail in messages.all(LIVE, MessageKind.MAIL)] == [NOON + 5 * DAY_MS, NOON + 6 * DAY_MS]


def test_only_the_newest_messages_are_kept(open_control: OpenControl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prorata.control.server_settings.messages.KEPT", 2)
    messages = open_control().messages
    for topic in "abc":
        messages.send(LIVE, MessageKind.NEWS, Message(sender="desk", topic=topic, body="-"), at=NOON)
    assert [news.topic for news in messages.all(LIVE, MessageKind.NEWS)] == ["b", "c"]
