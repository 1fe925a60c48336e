"""Webhooks over HTTP: for administrators of the platform, and nobody else."""

from typing import Any

import pytest

from prorata.access.callers import Scope
from prorata.control.webhooks.line import DeliveryLine, Outcome
from prorata.control.webhooks.notices import Notice, NoticeBatch
from prorata.control.webhooks.rows import DeliveryState
from tests.rest.house import MONDAY_NOON, House

ROOT = "/api/v1/webhooks"
URL = "https://crm.example.com/hooks"


def added(house: House, **wish: Any) -> dict[str, Any]:
    with house.client("admin") as admin:
        answer = admin.post(ROOT, json={"url": URL, **wish})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def happened(house: House, webhook: str, *order_keys: str) -> list[int]:
    """Let the next events that a webhook is told be deals of these order keys; return their numbers."""
    line = DeliveryLine(house.webhooks["live"])
    first = next(found.position for found in line.enabled() if found.id == webhook) + 1
    notices = tuple(
        Notice(sequence=first + place, at=MONDAY_NOON, order_key=key, type="event_deal_create", data={"n": place})
        for place, key in enumerate(order_keys)
    )
    line.take(NoticeBatch(first, first + len(order_keys) - 1, notices))
    return [notice.sequence for notice in notices]


def test_a_webhook_is_added_shown_changed_and_removed(house: House) -> None:
    made = added(house, types=["event_wallet_in"], description="CRM")
    webhook = made["webhook"]
    assert made["secret"].startswith("whsec_")
    place = f"{ROOT}/{webhook['id']}"
    with house.client("admin") as admin:
        assert admin.get(place).json() == webhook
        assert webhook in admin.get(ROOT).json()
        assert "secret" not in admin.get(place).text.replace("old_secret_until", "")
        changed = admin.patch(place, json={"enabled": False, "types": []}).json()
        assert changed == {**webhook, "enabled": False, "types": []}
        assert admin.delete(place).json() == {"id": webhook["id"]}
        assert admin.get(place).status_code == 404


def test_events_are_told_from_the_moment_of_subscribing(house: House) -> None:
    assert added(house)["webhook"]["sequence"] == house.platforms["live"].writer.sequence


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"url": "http://crm.example.com/"}, "url: the URL must begin with https://"),
        ({"url": "https://169.254.169.254/"}, "url: 169.254.169.254 is not a public address"),
        ({"url": "https://[::1]/"}, "url: ::1 is not a public address"),
        ({"url": URL, "types": ["event_deal_created"]}, "event_deal_created"),
        ({"url": URL, "type": []}, "type"),
        ({}, "url"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_with_a_reason(house: House, wish: dict[str, Any], told: str) -> None:
    with house.client("admin") as admin:
        before = len(admin.get(ROOT).json())
        answer = admin.post(ROOT, json=wish)
        assert (answer.status_code, answer.json()["code"]) == (400, 1001)
        assert told in answer.json()["detail"]
        assert len(admin.get(ROOT).json()) == before


def test_a_secret_is_rotated_with_an_overlap(house: House) -> None:
    made = added(house)
    with house.client("admin") as admin:
        rotated = admin.post(f"{ROOT}/{made['webhook']['id']}/rotate-secret", json={"overlap_hours": 2}).json()
    assert rotated["secret"] != made["secret"]
    assert rotated["webhook"].get("old_secret_until") == "2026-03-02T14:00:00.000Z"


def test_repeating_a_call_with_its_key_adds_nothing_and_is_answered_alike(house: House) -> None:
    headers = {"idempotency-key": "webhook-1"}
    with house.client("admin") as admin:
        first = admin.post(ROOT, json={"url": URL}, headers=headers)
        again = admin.post(ROOT, json={"url": URL}, headers=headers)
        other = admin.post(ROOT, json={"url": URL + "/other"}, headers=headers)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, 1006)


def test_the_log_tells_of_each_delivery_and_its_attempts(house: House) -> None:
    webhook = added(house)["webhook"]["id"]
    first, second = happened(house, webhook, "strategy/1", "strategy/1")
    line = DeliveryLine(house.webhooks["live"])
    head = line.heads(webhook, ["strategy/1"])["strategy/1"]
    line.note(head, Outcome(MONDAY_NOON, 31, 503, "HTTP 503", DeliveryState.FAILED, MONDAY_NOON + 5_000))
    with house.client("admin") as admin:
        page = admin.get(f"{ROOT}/{webhook}/deliveries", params={"newest_first": "false", "limit": 1}).json()
        rest = admin.get(f"{ROOT}/{webhook}/deliveries", params={"newest_first": "false", "cursor": page["next_cursor"]}).json()
        rows = [*page["items"], *rest["items"]]
        assert [(row["sequence"], row["state"]) for row in rows] == [(first, "failed"), (second, "waiting")]
        assert rows[0]["next_at"] == "2026-03-02T12:00:05.000Z"
        assert admin.get(f"{ROOT}/{webhook}/deliveries", params={"in_state": "failed"}).json()["items"] == [rows[0]]
        assert admin.get(f"{ROOT}/{webhook}/deliveries", params={"type": "event_wallet_in"}).json()["items"] == []
        assert admin.get(f"{ROOT}/{webhook}/deliveries", params={"in_state": "lost"}).json()["code"] == 1001
        assert admin.get(f"{ROOT}/{webhook}/deliveries", params={"cursor": "xyz"}).json()["code"] == 1001
        detail = admin.get(f"{ROOT}/{webhook}/deliveries/{rows[0]['number']}").json()
    assert detail["delivery"] == rows[0]
    assert f'"uuid":"{rows[0]["uuid"]}"' in detail["body"]
    assert detail["attempts"] == [
        {"attempt": 1, "at": "2026-03-02T12:00:00.000Z", "milliseconds": 31, "status": 503, "error": "HTTP 503"}
    ]


def test_deliveries_are_made_again_by_hand(house: House) -> None:
    webhook = added(house)["webhook"]["id"]
    first, _ = happened(house, webhook, "strategy/1", "strategy/1")
    with house.client("admin") as admin:
        number = admin.get(f"{ROOT}/{webhook}/deliveries").json()["items"][0]["number"]
        assert admin.post(f"{ROOT}/{webhook}/deliveries/{number}/redeliver").json()["state"] == "waiting"
        assert admin.post(f"{ROOT}/{webhook}/replay", json={"sequence": first}).json() == {"queued": 2}
        assert admin.get(f"{ROOT}/{webhook}").json()["sequence"] == first - 1
        assert admin.post(f"{ROOT}/{webhook}/replay", json={"since": "2026-03-02T12:00:00Z"}).json() == {"queued": 2}
        for wish in ({}, {"sequence": 1, "since": "2026-03-02T12:00:00Z"}):
            assert admin.post(f"{ROOT}/{webhook}/replay", json=wish).json()["code"] == 1001
        tested = admin.post(f"{ROOT}/{webhook}/test")
    assert (tested.status_code, tested.json()["type"], tested.json()["sequence"]) == (201, "ping", 0)


CALLS = [
    ("get", "", None),
    ("patch", "", {"enabled": False}),
    ("delete", "", None),
    ("post", "/rotate-secret", {}),
    ("post", "/test", None),
    ("post", "/replay", {"sequence": 1}),
    ("get", "/deliveries", None),
    ("get", "/deliveries/1", None),
    ("post", "/deliveries/1/redeliver", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=lambda part: str(part))
def test_another_companys_webhook_answers_exactly_like_none(
    house: House, method: str, path: str, body: dict[str, Any] | None
) -> None:
    webhook = added(house)["webhook"]
    answers = []
    for token, name in (("other", webhook["id"]), ("other", "nobody"), ("admin", "nobody")):
        with house.client(token) as client:
            answer = client.request(method, f"{ROOT}/{name}{path}", json=body)
        answers.append((answer.status_code, answer.json()["code"], answer.json()["detail"]))
    assert answers == [(404, 1005, "There is nothing here")] * 3
    with house.client("admin") as admin:
        assert admin.get(f"{ROOT}/{webhook['id']}").json() == webhook
    with house.client("other") as other:
        assert webhook["id"] not in {row["id"] for row in other.get(ROOT).json()}


@pytest.mark.parametrize(("method", "path", "body"), [*CALLS, ("post", "", {"url": URL})], ids=lambda part: str(part))
def test_only_administrators_of_the_whole_platform_may(
    house: House, method: str, path: str, body: dict[str, Any] | None
) -> None:
    bound = house.keys.create("live", [Scope.ADMIN], logins=[1001])
    for token in ("read", "dealer", bound):
        with house.client(token) as client:
            answer = client.request(method, f"{ROOT}/some{path}" if path or method != "post" else ROOT, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, 1004)
