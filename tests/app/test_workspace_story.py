"""From an address to a trade: what the people and programs of a broker do, on the running server, from outside alone."""

import queue
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cplugin_webapi_sdk import CPluginWebApiClient, unwrap
from cplugin_webapi_sdk._generated.models.mt4_trade_transaction import MT4TradeTransaction
from cplugin_webapi_sdk._generated.models.mt4_user_create import MT4UserCreate
from cplugin_webapi_sdk._generated.models.patch_api_v2mt4_trade_platform_group_record_group_json_body import (
    PatchApiV2MT4TradePlatformGroupRecordGroupJsonBody as GroupPatch,
)

from tests.app.programs import running
from tests.app.test_hosting import until

EMAIL = "ann@broker.example"
SETTINGS = "port = 0\n[mail]\nshown = true\n"
GROUP = "retail-usd"
SECONDS = 20
LOTS = 100
"""of volumes in the API"""


class Program:
    """A program at the trade platform of its organization, as its author writes it."""

    def __init__(self, client: CPluginWebApiClient) -> None:
        self.client = client
        (self.platform,) = (one["id"] for one in client.list_trade_platforms())

    def call(self, area: str, name: str, **arguments: Any) -> Any:
        """Call an operation that the client has no method of its own for: "post user_record_new"."""
        verb, _, operation = name.partition(" ")
        module = import_module(
            f"cplugin_webapi_sdk._generated.api.mt4_v_2_{area}.{verb}_api_v_2_mt4_trade_platform_{operation}"
        )
        return unwrap(self.client.mt4.raw(module, trade_platform=self.platform, **arguments))

    def transact(self, kind: str, *, key: str, **fields: Any) -> Any:
        body = MT4TradeTransaction(trade_transaction_type=kind, **fields)
        return self.call("trades", "post trade_transaction", body=body, idempotency_key=key)


class Heard:
    """What came on the hub, by stream."""

    def __init__(self, hub: Any) -> None:
        self.connection: queue.Queue[Any] = queue.Queue()
        self.ticks: queue.Queue[Any] = queue.Queue()
        self.trades: queue.Queue[Any] = queue.Queue()
        self.margins: queue.Queue[Any] = queue.Queue()
        hub.on_connection_status(self.connection.put)
        hub.on_tick(self.ticks.put)

    def begin(self, hub: Any) -> None:
        assert self.connection.get(timeout=SECONDS) == [{"connected": True}]
        hub.subscribe_to_ticks("BTCUSD")
        for stream, heard in ((hub.stream_trades(), self.trades), (hub.stream_margin_call_updates(), self.margins)):
            stream.subscribe({"next": heard.put, "complete": lambda *_: None, "error": heard.put})
        (tick,) = self.ticks.get(timeout=SECONDS)
        assert tick["symbol"] == "BTCUSD"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = Path(tmp_path_factory.mktemp("story"))
    file = folder / "prorata.toml"
    file.write_text(f'data = "{folder}"\n{SETTINGS}')
    with running("serve", "--settings", file) as (_, url, _):
        yield url


@pytest.fixture(scope="module")
def ann(address: str) -> Iterator[httpx2.Client]:
    """Registered with her address alone, signed in with the password that was mailed."""
    with httpx2.Client(verify=False, base_url=f"{address}/api/v1", timeout=SECONDS) as client:
        assert client.post("/auth/register", json={"email": EMAIL, "organization": "First Broker"}).status_code == 202
        (mail,) = client.get("/outbox").json()
        password = re.search(r"password: (\S+)", mail["body"])
        link = re.search(r"#verify\.(\S+)", mail["body"])
        assert password is not None
        assert link is not None
        signed_in = client.post("/auth/login", json={"email": EMAIL, "password": password[1], "token": True}).json()
        assert client.post("/auth/verify", json={"token": link[1]}).status_code == 200
        client.headers["authorization"] = f"Bearer {signed_in['token']}"
        yield client


@pytest.fixture(scope="module")
def program(address: str, ann: httpx2.Client) -> Iterator[Program]:
    """A program of Ann's organization, with a trade platform that she has added."""
    (organization,) = ann.get("/organizations").json()
    assert organization["name"] == "First Broker"
    root = f"/organizations/{organization['uuid']}"
    added = ann.post(f"{root}/platforms", json={"name": "Live", "kind": "prorata", "hosting": {"rate": 20}})
    assert added.status_code == 201, added.text
    new = {
        "name": "robot", "platforms": [added.json()["uuid"]],
        "permissions": ["accounts.read", "accounts.write", "accounts.passwords", "money.move", "trades.read", "trades.deal",
                        "market.read", "settings.read", "settings.write", "reports.read"],
    }  # fmt: skip
    made = ann.post(f"{root}/api-clients", json=new)
    assert made.status_code == 201, made.text
    until(lambda: ann.get(f"{root}/platforms/{added.json()['uuid']}").json()["state"] == "running")
    told = {"client_id": made.json()["client"]["client_id"], "client_secret": made.json()["secret"]}
    with CPluginWebApiClient(env="custom", api_base_url=address, authority=address, **told) as client:
        yield Program(client)


def test_from_an_address_to_a_trade(program: Program, ann: httpx2.Client) -> None:
    new = MT4UserCreate(group=GROUP, name="Jane Doe", leverage=100)
    login = program.call("users", "post user_record_new", body=new, idempotency_key="open Jane")["login"]
    assert program.call("users", "post user_record_new", body=new, idempotency_key="open Jane")["login"] == login
    for operation in ("post user_password_set_login", "post user_password_check_login"):
        assert program.call("authentication", operation, login=login, body="correct horse 1") is True
    money = {"trade_command": "Balance", "order_by": login, "price": 50_000.0, "comment": "wire"}
    deposits = [program.transact("BrBalance", key="deposit", **money) for _ in range(2)]
    assert deposits[0] == deposits[1]
    assert program.client.mt4.get_user_record(program.platform, login)["balance"] == 50_000

    hub = program.client.realtime.mt4(program.platform)
    heard = Heard(hub)
    with hub:
        heard.begin(hub)
        wish = {"order_by": login, "symbol": "BTCUSD", "volume": LOTS, "trade_command": "Buy"}
        order = program.transact("OpenMarket", key="buy", **wish)["order"]
        assert program.transact("OpenMarket", key="buy", **wish)["order"] == order
        opened = heard.trades.get(timeout=SECONDS)
        level = program.call("margins", "get margin_level_request_login", login=login)
        assert level["volume"] == LOTS
        # Whoever has less than what is asked for now is called; nobody is closed out.
        body = GroupPatch.from_dict({"marginCall": int(level["level"]) * 2})
        patched = program.call("groups", "patch group_record_group", group=GROUP, body=body)
        assert patched["marginCall"] == int(level["level"]) * 2
        called = heard.margins.get(timeout=SECONDS)
        assert (called["login"], called["levelType"]) == (login, 1)
        program.transact("Modify", key="modify", order=order, sl=1.0)
        program.transact("CloseMarket", key="close", order=order)
        told = [opened, heard.trades.get(timeout=SECONDS), heard.trades.get(timeout=SECONDS)]
    assert [(trade["kind"], trade["order"], trade["sl"]) for trade in told] == [
        ("Added", order, 0), ("Updated", order, 1), ("Deleted", order, 1),
    ]  # fmt: skip
    deposit, trade = program.call("history", "get trades_user_history_login", login=login)
    assert (deposit["profit"], deposit["comment"], trade["order"], trade["tradeRecordState"]) == (
        50_000, "wire", order, "ClosedNormal",
    )  # fmt: skip
    balance = program.client.mt4.get_user_record(program.platform, login)["balance"]
    assert balance == pytest.approx(50_000 + trade["profit"] + trade["commission"] + trade["storage"])


def test_lists_are_walked_page_by_page(program: Program) -> None:
    mt4 = program.client.mt4
    for name in ("John", "Joan"):
        program.call("users", "post user_record_new", body=MT4UserCreate(group=GROUP, name=name))
    pages = list(program.client.paged(lambda cursor: mt4.users_request(program.platform, cursor=cursor, limit=1)))
    assert [len(page) for page in pages] == [1] * len(pages)
    assert [page[0]["name"] for page in pages][-2:] == ["John", "Joan"]


def test_her_organization_sees_who_did_what_and_what_it_costs(program: Program, ann: httpx2.Client) -> None:
    root = f"/organizations/{ann.get('/organizations').json()[0]['uuid']}"
    program.call("users", "post user_record_new", body=MT4UserCreate(group=GROUP, name="Jim"))
    done = [row["method"] for row in ann.get(f"{root}/audit", params={"limit": 1000}).json()["items"]]
    assert {"webapi MT4 UserRecordNew", "POST organizations/{organization}/platforms"} <= set(done)
    assert ann.get(f"{root}/usage").status_code == 200
