"""What programs of the first version ask for."""

from decimal import Decimal
from typing import Any

import httpx2
import pytest

from prorata.access.permissions import EVERYTHING, Permission
from tests.rest.webapi.office import FIRST, LIVE, METATRADER, OTHER, Client, Office

LISTED = {
    "id": LIVE,
    "name": "live",
    "type": "MT4",
    "login": 0,
    "organizationId": FIRST.uuid,
    "organization": {"id": FIRST.uuid, "name": "First Broker", "created": "2026-03-02T12:00:00Z"},
    "created": "2026-03-02T12:00:00Z",
}


def get(client: Client, path: str, **headers: str) -> httpx2.Response:
    return client.http.get(path, headers=headers)


def test_trade_platforms_are_a_bare_list_of_the_callers_own(office: Office, mt4: Client) -> None:
    listed = get(mt4, "/api/TradePlatforms").json()
    assert listed == [LISTED, {**LISTED, "id": METATRADER, "name": "MetaTrader", "type": "MT5", "login": 1000}]
    assert [one["id"] for one in get(office.client("second"), "/api/TradePlatforms").json()] == [OTHER]
    narrowed = office.allowed(*EVERYTHING, platforms=frozenset({METATRADER}))
    assert [one["id"] for one in get(narrowed, "/api/tradeplatforms").json()] == [METATRADER]
    assert get(mt4, f"/api/TradePlatforms/{LIVE}").json() == LISTED
    assert get(mt4, f"/api/TradePlatforms/{OTHER}").status_code == 404


def test_a_ping_says_whether_a_platform_is_connected(mt4: Client) -> None:
    assert get(mt4, f"/api/TradePlatforms/{LIVE}/Ping").json() is True
    assert get(mt4, f"/api/TradePlatforms/{METATRADER}/Ping").json() is False
    absent = [get(mt4, f"/api/TradePlatforms/{uuid}/Ping") for uuid in (OTHER, "nonsense")]
    assert [answer.status_code for answer in absent] == [404, 404]
    assert absent[0].json() == absent[1].json()


def test_organizations_are_the_callers_own(office: Office, mt4: Client) -> None:
    assert get(mt4, "/api/Organizations").json() == [LISTED["organization"]]
    assert get(mt4, f"/api/Organizations/{FIRST.uuid}").json() == LISTED["organization"]
    assert get(office.client("second"), f"/api/Organizations/{FIRST.uuid}").status_code == 404


@pytest.mark.parametrize("path", ["/api/TradePlatforms", f"/api/TradePlatforms/{LIVE}/Ping", f"/api/MT4/{LIVE}/ServerTime"])
def test_a_call_without_a_token_is_401(office: Office, path: str) -> None:
    answer = get(office.client(""), path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_version_may_be_said_in_the_header_or_the_query(mt4: Client) -> None:
    assert get(mt4, "/api/TradePlatforms", **{"api-version": "1.0"}).status_code == 200
    assert get(mt4, "/api/TradePlatforms?api-version=1.0").status_code == 200
    assert get(mt4, "/api/TradePlatforms?api-version=3.0").status_code == 400
    assert get(mt4, "/api/TradePlatforms", **{"api-version": "2.0"}).status_code == 400


def test_operations_answer_without_an_envelope(office: Office, mt4: Client) -> None:
    login = mt4.post("UserRecordNew", body={"group": "standard"}).data["login"]
    root = f"/api/MT4/{LIVE}"
    assert get(mt4, f"{root}/UserRecordGet/{login}").json(parse_float=Decimal) == mt4.get("UserRecordGet/{login}", login).data
    assert get(mt4, f"{root}/UsersGet").json(parse_float=Decimal) == mt4.get("UsersRequest").data
    missing = get(mt4, f"{root}/UserRecordGet/987654321")
    assert (missing.status_code, missing.json()["code"]) == (404, "NotFound")
    assert get(mt4, f"{root}/Nothing").status_code == 404
    assert get(mt4, "/api/MT4/").status_code == 404
    assert get(mt4, f"/api/MT4/{OTHER}/ServerTime").status_code == 404
    reader = office.allowed(Permission.MARKET_READ)
    assert get(reader, f"{root}/UsersGet").status_code == 403


def test_a_whole_record_can_be_written_back(mt4: Client) -> None:
    login = mt4.post("UserRecordNew", body={"group": "standard", "name": "Jane"}).data["login"]
    url = f"/api/MT4/{LIVE}/UserRecordUpdate"
    record: dict[str, Any] = get(mt4, f"/api/MT4/{LIVE}/UserRecordGet/{login}").json()
    in_capitals = {name[0].upper() + name[1:]: value for name, value in record.items()}
    answer = mt4.http.post(url, json={**in_capitals, "City": "Mdina", "Password": "secret", "LastIP": 7})
    assert answer.json() == {**record, "city": "Mdina"}
    assert mt4.http.post(url, json={"city": "x"}).status_code == 400
    assert mt4.http.post(url, json={"login": login, "leverage": 0.5}).status_code == 400
    assert mt4.http.post(url, json={"login": login, "leverage": 9_999}).status_code == 422
