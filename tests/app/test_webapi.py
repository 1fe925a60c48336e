"""The WebAPI of the running server: an API client's token from its own provider, a key of the own API, what it all leads to."""

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from cplugin_webapi_sdk import ApiError, CPluginWebApiClient, unwrap
from cplugin_webapi_sdk._generated.api.mt4_v_2_users import (
    get_api_v_2_mt4_trade_platform_adm_balance_check_login as balance_check,
)
from cplugin_webapi_sdk._generated.api.mt4_v_2_users import (
    post_api_v_2_mt4_trade_platform_user_record_new as user_new,
)
from cplugin_webapi_sdk._generated.models.mt4_user_create import MT4UserCreate

from prorata.access.permissions import EVERYTHING
from prorata.app.opening import opened_control
from prorata.app.settings import ServerSettings
from prorata.app.webapi_house import uuid_of
from prorata.control.api_clients.store import NewApiClient
from prorata.control.passwords import hashed
from prorata.control.people.people import NewPerson, insert_person
from tests.app.programs import here, running

SETTINGS = """
[platforms.owned]
new_logins = [700001, 700999]
[platforms.alone]
feed = {kind = "none"}
"""


class Served(msgspec.Struct):
    """`owned`: the uuid of the platform that was given to an organization, which `client_id` is of."""

    url: str
    owned: str
    client_id: str
    secret: str
    key: str

    def client(self, **more: str) -> CPluginWebApiClient:
        told = {"client_id": self.client_id, "client_secret": self.secret, **more}
        return CPluginWebApiClient(env="custom", api_base_url=self.url, authority=self.url, **told)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = Path(tmp_path_factory.mktemp("webapi"))
    file = folder / "prorata.toml"
    file.write_text(f'data = "{folder}"\nport = 0\n{SETTINGS}')
    with opened_control(ServerSettings(data=folder)) as control:
        with control.database.writing() as connection:
            person = insert_person(connection, NewPerson(email="owner@broker.test"), hashed("correct horse"), 1)
        organization = control.organizations.add(person.id, "First Broker")
        new = NewApiClient(name="robot", permissions=frozenset(EVERYTHING))
        client, secret = control.api_clients.add(organization.id, new, by=person.id)
    adopted = here("platform", "adopt", "owned", "--organization", organization.uuid, "--settings", file)
    assert adopted.code == 0, adopted.err
    key = here("keys", "add", "--settings", file, "--platform", "alone", "--scope", "admin").out.strip()
    with running("serve", "--settings", file) as (_, url, _):
        yield Served(url, adopted.out.strip(), client.client_id, secret, key)


def test_the_real_client_gets_its_token_and_opens_an_account_in_the_range_of_numbers(served: Served) -> None:
    with served.client() as client:
        (platform,) = client.list_trade_platforms()
        assert (platform["id"], platform["organization"]["name"]) == (served.owned, "First Broker")
        group = "retail-usd"
        assert client.mt4.group_exists(served.owned, group)
        opened = [
            unwrap(client.mt4.raw(user_new, trade_platform=served.owned, body=MT4UserCreate(group=group, name=name)))
            for name in ("Jane", "John")
        ]
        assert [user["login"] for user in opened] == [700_001, 700_002]
        users, _ = client.mt4.users_request(served.owned)
        assert [user["name"] for user in users] == ["Jane", "John"]
        assert unwrap(client.mt4.raw(balance_check, trade_platform=served.owned, login=700_001))["diff"] == 0


def test_the_real_client_hears_ticks_of_the_running_platform(served: Served) -> None:
    ticks: queue.Queue[Any] = queue.Queue()
    with served.client() as client:
        hub = client.realtime.mt4(served.owned)
        hub.on_connection_status(ticks.put)
        hub.on_tick(ticks.put)
        with hub:
            assert ticks.get(timeout=20) == [{"connected": True}]
            hub.subscribe_to_ticks("BTCUSD")
            (tick,) = ticks.get(timeout=20)
    assert (tick["symbol"], tick["bid"] <= tick["ask"]) == ("BTCUSD", True)


def test_a_platform_of_nobody_is_not_the_organizations(served: Served) -> None:
    with served.client() as client, pytest.raises(ApiError) as absent:
        client.mt4.get_server_time(uuid_of("alone"))
    assert absent.value.code == "NotFound"


def test_a_key_of_the_own_api_reaches_its_platform_alone(served: Served) -> None:
    with httpx2.Client(verify=False, base_url=served.url, headers={"authorization": f"Bearer {served.key}"}) as client:
        (platform,) = client.get("/api/TradePlatforms").json()
        assert (platform["id"], platform["name"]) == (uuid_of("alone"), "alone")
        new = client.post(f"/api/v2/MT4/{platform['id']}/UserRecordNew", json={"group": "retail-usd"}).json()
        assert new["data"]["login"] == 1001
        assert client.get(f"/api/v2/MT4/{served.owned}/ServerTime").json()["error"]["code"] == "NotFound"


def test_a_wrong_token_is_none(served: Served) -> None:
    for token in ("nonsense", "prk_nonsense_x", "a.b.c"):
        answer = httpx2.get(f"{served.url}/api/TradePlatforms", headers={"authorization": f"Bearer {token}"}, verify=False)
        assert answer.status_code == 401
