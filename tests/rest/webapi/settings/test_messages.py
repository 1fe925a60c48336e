"""News, mail and notifications are kept as they were sent, and read back."""

from typing import Any

import pytest

from prorata.control.server_settings.messages import MessageKind
from tests.rest.house import House
from tests.rest.webapi.office import LIVE, OTHER, Client, Office


def test_news_are_sent_listed_and_read(mt4: Client, own_office: Office) -> None:
    other = own_office.client("second", platform=OTHER)
    before = mt4.get("NewsTotal").data
    assert mt4.post("NewsSend", body={"topic": "Rates", "category": "Banks\\ECB", "body": "Unchanged."}).data is True
    assert mt4.post("NewsSend", body={"topic": "Jobs", "body": "More.", "highPriority": True}).data is True
    assert mt4.get("NewsTotal").data == before + 2
    rates, jobs = mt4.get("NewsGet").data[-2:]
    assert (rates["topic"], rates["category"], rates["priority"], jobs["priority"]) == ("Rates", "Banks\\ECB", 0, 1)
    assert mt4.get("NewsTopicGet/{pos}", before).data == rates
    assert mt4.get("NewsBodyGet/{key}", jobs["key"]).data == "More."
    assert mt4.post("NewsBodyRequest/{key}", jobs["key"]).data is True
    for pos in (before + 2, -1):
        assert mt4.get("NewsTopicGet/{pos}", pos).code == "NotFound"
    assert mt4.get("NewsBodyGet/{key}", 999_999).code == "NotFound"
    assert other.get("NewsBodyGet/{key}", jobs["key"]).code == "NotFound"
    assert (other.get("NewsTotal").data, other.get("NewsGet").data) == (0, [])


def test_mail_goes_to_accounts_that_there_are(mt4: Client, own_house: House) -> None:
    login = own_house.open_account()
    given = {"senderLogin": 7, "senderName": "Desk", "subject": "Hello", "body": "Welcome.", "logins": [login, login]}
    assert mt4.post("MailSend", body=given).data is True
    mail = mt4.get("MailsRequest").data[-1]
    assert (mail["senderLogin"], mail["senderName"], mail["subject"], mail["body"]) == (7, "Desk", "Hello", "Welcome.")
    assert int(mt4.get("MailLast").data) > 0


def test_there_is_no_last_mail_where_there_is_none(own_office: Office) -> None:
    other = own_office.client("second", platform=OTHER)
    assert (other.get("MailLast").data, other.get("MailsRequest").data) == ("", [])


def test_a_notification_is_kept_for_whom_it_is(mt4: Client, own_house: House, own_office: Office) -> None:
    login = own_house.open_account()
    assert mt4.post("NotificationsSend", body={"logins": [login], "message": "Margin call soon"}).data is True
    (*_, kept) = own_office.control.messages.all(LIVE, MessageKind.NOTIFICATION)
    assert (kept.logins, kept.body, kept.sender) == ((login,), "Margin call soon", "client all")


@pytest.mark.parametrize(
    ("operation", "given", "code"),
    [
        ("NewsSend", {"body": "x"}, "Validation"),
        ("NewsSend", {"topic": "x"}, "Validation"),
        ("NewsSend", {"topic": "x" * 257, "body": "x"}, "Validation"),
        ("NewsSend", {"topic": "x", "body": "x", "category": "x" * 65}, "Validation"),
        ("NewsSend", {"topic": "x", "body": "x", "highPriority": 1}, "Validation"),
        ("MailSend", {"body": "x"}, "Validation"),
        ("MailSend", {"body": "x", "logins": []}, "Validation"),
        ("MailSend", {"body": "x", "logins": [999_999]}, "NotFound"),
        ("MailSend", {"body": " ", "logins": [1001]}, "Validation"),
        ("MailSend", {"body": "x", "logins": [1001], "subject": "x" * 129}, "Validation"),
        ("MailSend", {"body": "x", "logins": [1001], "senderName": "x" * 65}, "Validation"),
        ("MailSend", {"body": "x", "logins": [1001], "senderLogin": -1}, "Validation"),
        ("MailSend", {"body": "x", "logins": [1001] * 10_001}, "Validation"),
        ("NotificationsSend", {"logins": [1001]}, "Validation"),
        ("NotificationsSend", {"logins": [1001], "message": "two\nlines"}, "Validation"),
        ("NotificationsSend", {"logins": [1001], "message": "x" * 1_025}, "Validation"),
        ("NotificationsSend", {"message": "x"}, "Validation"),
    ],
)
def test_a_message_that_cannot_be_sent_is_not_kept(
    mt4: Client, own_house: House, own_office: Office, operation: str, given: dict[str, Any], code: str
) -> None:
    if 1001 not in own_house.platforms["live"].desk.state.accounts:
        own_house.open_account()
    kept = [own_office.control.messages.count(LIVE, kind) for kind in MessageKind]
    assert mt4.post(operation, body=given).code == code
    assert [own_office.control.messages.count(LIVE, kind) for kind in MessageKind] == kept


def test_who_may_only_read_sends_nothing(own_office: Office) -> None:
    reader = own_office.allowed("market.read", "settings.read", "accounts.read")
    for operation in ("NewsSend", "MailSend", "NotificationsSend"):
        assert reader.post(operation, body={}).code == "Forbidden"
    assert reader.get("MailsRequest").code == "Forbidden"
