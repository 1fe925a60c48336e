"""Programs are told of what happens in the CRM: subscribed in the workspace, signed, each once in the order of its account."""

import asyncio
import base64
import hashlib
import hmac
from typing import Any

import pytest

from prorata.control.webhooks.line import DeliveryLine
from prorata.stream.webhooks.crm import CrmNotices
from prorata.stream.webhooks.deliverer import Deliverer
from prorata.stream.webhooks.terms import WebhookTerms
from tests.rest.broker.stage import PASSWORD, Stage
from tests.stream.webhooks.receiver import Receiver, Request, receiving
from tests.stream.webhooks.stage import until

TERMS = WebhookTerms(allow_http=True, allow_private=True)


class Told:
    """What a receiver got in the time that it takes to deliver all there is."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.requests: list[Request] = []

    def deliver(self, count: int, *, fails: int = 0) -> list[Request]:
        """Start the service, have so many requests come, and stop it. `fails`: how many are answered 500 first."""
        return asyncio.run(self._deliver(count, fails))

    async def _deliver(self, count: int, fails: int) -> list[Request]:
        async def answer(_request: Request) -> int:
            return 500 if len(receiver.requests) <= fails else 200

        async with receiving(answer) as receiver:
            await asyncio.to_thread(self._point_at, receiver)
            source = CrmNotices(self.stage.crm.events, self.stage.control.database.now, kept_days=30)
            deliverer = Deliverer(self.stage.webhooks, source, TERMS)
            running = asyncio.create_task(deliverer.run())
            await source.look()
            for _ in range(fails):
                await until(lambda: DeliveryLine(self.stage.webhooks).backlog().failed > 0)
                self.stage.now += 60_000
                self.stage.webhooks.on_change()
            await receiver.came(count + fails)
            deliverer.stop()
            await running
            assert deliverer.failure is None, deliverer.failure
            return receiver.requests

    def _point_at(self, receiver: Receiver) -> None:
        for name in self.names:
            self.boss.patch(f"{self.path}/{name}", {"url": receiver.url})

    def subscribe(self, *types: str) -> dict[str, Any]:
        self.boss = self.stage.person("Developer")
        self.path = f"{self.stage.office}/crm-webhooks"
        answer = self.boss.post(self.path, {"url": "http://127.0.0.1:9/hook", "types": list(types), "description": "shop"})
        assert answer.status == 201, answer.text
        made: dict[str, Any] = answer.body
        self.names = [made["webhook"]["id"]]
        return made


@pytest.fixture
def told(stage: Stage) -> Any:
    told = Told(stage)
    yield told
    for name in told.names:
        told.boss.delete(f"{told.path}/{name}")


def test_what_happens_to_an_account_is_told_in_order_signed_and_without_what_is_personal(stage: Stage, told: Told) -> None:
    secret = told.subscribe()["secret"]
    bank = stage.crm.gateways.all(stage.first.id)
    account = stage.account(stage.standard)
    (found,) = stage.trading_accounts(account)
    path = f"/v1/accounts/{account['uuid']}"
    stage.program.patch(path, {"verificationStatus": "VERIFIED", "addressDetails": {"city": "Gdynia"}})
    stage.program.post("/v1/note", {"accountUuid": account["uuid"], "content": "called"})
    stage.program.post("/v1/task", {"accountUuid": account["uuid"], "comment": "call again"})
    new = {"name": "Hooks", "currency": "USD", "branches": [stage.branch.uuid]}
    gateway = stage.person("Administrator").post(f"{stage.office}/payment-gateways", new).body["uuid"]
    assert gateway not in {one.uuid for one in bank}
    paid = {"systemUuid": stage.live, "login": found["login"], "paymentGatewayUuid": gateway, "amount": 50}
    assert stage.program.post("/v1/deposits/manual", paid).body["status"] == "DONE"
    moved = stage.program.patch(
        "/v1/trading-account", {"offerUuid": stage.netting.uuid}, systemUuid=stage.live, login=found["login"]
    )
    assert moved.status == 204
    stage.program.post("/v1/accounts/bulk-delete", {"accountUuids": [account["uuid"]]})

    requests = told.deliver(12)
    happened = [(request.json()["type"], request.json()["data"]) for request in requests]
    assert [kind for kind, _ in happened] == [
        "account_created", "trading_account_opened", "account_changed", "verification_changed", "note_added", "task_added",
        "payment_changed", "payment_changed", "payment_changed", "lead_became_client", "trading_account_moved",
        "account_deleted",
    ]  # fmt: skip
    assert {data["account"]["uuid"] for _, data in happened} == {account["uuid"]}
    assert happened[1][1]["tradingAccount"] == {
        "uuid": found["uuid"], "login": found["login"], "systemUuid": stage.live, "offerUuid": stage.standard.uuid,
    }  # fmt: skip
    assert happened[3][1]["verificationStatus"] == {"before": "NEW", "after": "VERIFIED"}
    assert [data["payment"]["status"] for kind, data in happened if kind == "payment_changed"] == ["NEW", "PROCESSING", "DONE"]
    assert happened[8][1]["payment"]["amount"] == "50.00"
    for request in requests:
        assert not any(word in request.body for word in (b"Ann", b"mail.test", b"Gdynia", b"call again"))
    assert len({request.headers["webhook-id"] for request in requests}) == len(requests)
    first = requests[0]
    content = f"{first.headers['webhook-id']}.{first.headers['webhook-timestamp']}.".encode() + first.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert first.headers["webhook-signature"] == f"v1,{expected}"


def test_what_was_refused_is_sent_again_before_what_follows_it(stage: Stage, told: Told) -> None:
    told.subscribe("account_created", "note_added")
    account = stage.account()
    stage.program.post("/v1/note", {"accountUuid": account["uuid"], "content": "x"})
    stage.program.post("/v1/task", {"accountUuid": account["uuid"]})
    requests = told.deliver(2, fails=1)
    assert [request.json()["type"] for request in requests] == ["account_created", "account_created", "note_added"]
    assert requests[0].body == requests[1].body
    (log,) = [told.boss.get(f"{told.path}/{name}/deliveries", newest_first="false").body["items"] for name in told.names]
    assert [(one["type"], one["state"], one["attempts"]) for one in log] == [
        ("account_created", "delivered", 2), ("note_added", "delivered", 1),
    ]  # fmt: skip


def test_an_account_that_could_not_be_is_taken_back(stage: Stage, told: Told) -> None:
    told.subscribe("account_created", "account_deleted")
    groupless = stage.offer("Groupless", "no-such-group")
    body = {"email": stage.email(), "password": PASSWORD, "personalDetails": {"firstname": "A", "lastname": "B"}}
    assert stage.program.post("/v1/accounts", body | {"offerUuid": groupless.uuid}).status == 404
    assert [request.json()["type"] for request in told.deliver(2)] == ["account_created", "account_deleted"]


def test_another_organizations_programs_are_told_nothing(stage: Stage, told: Told) -> None:
    told.subscribe("account_created")
    foreign = {"email": stage.email(), "password": PASSWORD, "personalDetails": {"firstname": "A", "lastname": "B"}}
    assert stage.stranger.post("/v1/accounts", foreign).status == 200
    account = stage.account()
    (request,) = told.deliver(1)
    assert request.json()["data"]["account"]["uuid"] == account["uuid"]
    (log,) = [told.boss.get(f"{told.path}/{name}/deliveries").body["items"] for name in told.names]
    assert len(log) == 1
    (name,) = told.names
    other = f"/api/v1/organizations/{stage.second.uuid}/crm-webhooks/{name}"
    assert told.boss.get(other).status == 404


def test_a_webhook_is_looked_after_by_who_may(stage: Stage, told: Told) -> None:
    made = told.subscribe("note_added")
    name, boss = made["webhook"]["id"], told.boss
    assert made["webhook"]["types"] == ["note_added"]
    shown = boss.get(f"{told.path}/{name}")
    assert (shown.body, made["secret"] in shown.text) == (made["webhook"], False)
    assert [one["id"] for one in boss.get(told.path).body] == [name]
    assert stage.person("Support").get(told.path).status == 403
    assert boss.post(told.path, {"url": "ftp://mail.test"}).status == 400
    assert boss.post(told.path, {"url": "https://mail.test", "types": ["event_wallet_in"]}).status == 400
    assert boss.get(f"{told.path}/nothing").status == 404
    changed = boss.patch(f"{told.path}/{name}", {"enabled": False, "types": []}).body
    assert (changed["enabled"], changed["types"]) == (False, [])
    rotated = boss.post(f"{told.path}/{name}/rotate-secret", {"overlap_hours": 1}).body
    assert rotated["secret"] != made["secret"]
    sent = boss.post(f"{told.path}/{name}/test").body
    assert (sent["type"], sent["state"]) == ("ping", "waiting")
    detail = boss.get(f"{told.path}/{name}/deliveries/{sent['number']}").body
    assert (detail["delivery"]["uuid"], detail["attempts"]) == (sent["uuid"], [])
    assert boss.post(f"{told.path}/{name}/deliveries/{sent['number']}/redeliver").status == 200
    assert boss.post(f"{told.path}/{name}/replay", {}).status == 400
    assert boss.post(f"{told.path}/{name}/replay", {"sequence": 1}).body == {"queued": 0}
    audited = [row.action for row in stage.control.audit.rows() if "/crm-webhooks" in row.action.method]
    assert audited
    assert not any(made["secret"][6:] in str(action) for action in audited)


def test_events_are_numbered_as_they_were_committed_and_forgotten_when_they_are_old(stage: Stage) -> None:
    events = stage.crm.events
    before = events.number()
    stage.account()
    assert events.last() == before, "not numbered yet"
    assert events.number() == events.number() == before + 1
    batch = events.after(before)
    assert (batch.first, batch.through, [notice.sequence for notice in batch.notices]) == (before + 1, before + 1, [before + 1])
    events.forget(stage.now + 1)
    passed = events.after(before)
    assert (passed.through, passed.notices) == (before + 1, ())
