"""A trading account is opened once for its key, over HTTP, on a real engine."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from prorata.access.permissions import EVERYTHING
from tests.rest.broker.stage import Answer, Stage


class Client:
    """A person without a trading account, and the call that opens one."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.account = stage.account()
        self.path = f"/v1/accounts/{self.account['uuid']}/trading-accounts"

    def opens(self, key: str, offer: str = "", **more: Any) -> Answer:
        return self.stage.program.post(self.path, {"offerUuid": offer or self.stage.standard.uuid, **more}, key=key)

    @property
    def logins(self) -> list[str]:
        return sorted(one["login"] for one in self.stage.trading_accounts(self.account))


@pytest.fixture
def client(stage: Stage) -> Client:
    return Client(stage)


def test_the_same_call_under_the_same_key_opens_one_account(client: Client) -> None:
    opened = client.opens("opens-one")
    assert (opened.status, opened.body["status"]) == (200, "ACTIVE")
    assert client.opens("opens-one").body == opened.body
    assert client.logins == [opened.body["login"]]
    assert client.opens("").body["login"] != client.opens("").body["login"], "without a key each call opens one"


def test_other_content_under_the_same_key_is_refused(client: Client) -> None:
    stage, other = client.stage, Client(client.stage)
    opened = client.opens("other-content").body
    for answer in (
        client.opens("other-content", stage.netting.uuid),
        client.opens("other-content", commissionUuid="0"),
        other.opens("other-content"),
    ):
        assert answer.status == 409, answer.text
    assert (client.logins, other.logins) == ([opened["login"]], [])
    # A key is its program's own.
    another = stage.program_with(EVERYTHING).post(client.path, {"offerUuid": stage.standard.uuid}, key="other-content")
    assert another.body["login"] != opened["login"]


def test_what_becomes_of_the_account_later_does_not_change_the_answer(client: Client) -> None:
    stage = client.stage
    offer = stage.offer("As the group", "standard", leverage=0)
    opened = client.opens("later", offer.uuid).body
    at = {"systemUuid": stage.live, "login": opened["login"]}
    assert stage.program.patch("/v1/trading-account/leverage", {"leverage": 100_000}, **at).status == 422
    assert client.opens("later", offer.uuid).body == opened


def test_who_asks_twice_at_once_opens_one_account(client: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(client.opens, ["at-once"] * 8))
    assert {answer.body["uuid"] for answer in answers} == {client.opens("at-once").body["uuid"]}
    assert len(client.logins) == 1


def test_what_the_trade_platform_refuses_uses_no_key(client: Client) -> None:
    stage = client.stage
    greedy = stage.offer("More than its group", "standard", leverage=5_000)
    assert client.opens("refused", greedy.uuid).status == 422
    assert client.logins == []
    opened = client.opens("refused")
    assert (opened.status, client.logins) == (200, [opened.body["login"]])


def test_an_unreadable_key_is_refused(client: Client) -> None:
    assert client.opens("k" * 256).status == 400
    assert client.logins == []
