"""Access tokens on our own API: an organization's programs and people, on the platform that they name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from prorata.rest.own.tokens import AccessTokens
from tests.rest.house import House
from tests.rest.oidc.stage import Stage
from tests.rest.test_order_protocol import served


@pytest.fixture(scope="module")
def platform(stage: Stage) -> str:
    """The uuid of the house's platform "live", which belongs to the organization now."""
    return stage.control.platforms.adopt(stage.organization.id, "Live", "live", host="here").uuid


@asynccontextmanager
async def serving(house: House, stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    tokens = AccessTokens(stage.control.oidc.tokens, stage.control.platforms)
    async with (
        served(house, house.platforms, tokens=tokens) as (url, _),
        httpx2.AsyncClient(base_url=url, timeout=10, verify=False) as client,
    ):
        yield client


def asked(house: House, stage: Stage, *calls: tuple[str, str, dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Return status and body of calls (method, path, options)."""

    async def ask() -> list[tuple[int, dict[str, Any]]]:
        async with serving(house, stage) as client:
            answers = [await client.request(method, path, **options) for method, path, options in calls]
            return [(answer.status_code, answer.json()) for answer in answers]

    return house.run(ask())


def with_token(token: str, platform: str = "", **more: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"} | ({"prorata-platform": platform} if platform else {})
    return {"headers": headers, **more}


def test_a_program_deals_on_the_platform_of_its_organization(house: House, stage: Stage, platform: str) -> None:
    login = house.open_account()
    client, secret = stage.program()
    token = stage.program_token(client, secret, "api")
    order = {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.10"}
    again = with_token(token, json=order)
    again["headers"]["idempotency-key"] = "once"
    answers = asked(
        house, stage,
        ("GET", f"/api/v1/accounts/{login}", with_token(token)),
        ("POST", "/api/v1/orders", again),
        ("POST", "/api/v1/orders", again),
        ("GET", "/api/v1/status", with_token(token, platform)),
    )  # fmt: skip
    assert [status for status, _ in answers] == [200, 201, 201, 200]
    first, second = answers[1][1], answers[2][1]
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert first["events"][0]["deal"] == second["events"][0]["deal"]
    assert answers[3][1]["platform"] == "live"


def test_a_person_reads_what_his_role_lets_him(house: House, stage: Stage, platform: str) -> None:
    login = house.open_account()
    person = stage.person()
    stage.member(person, "Read-only")
    application, secret = stage.application()
    token = stage.tokens(person, application, secret, "api")["access_token"]
    order = {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.10"}
    answers = asked(
        house, stage,
        ("GET", f"/api/v1/accounts/{login}", with_token(token)),
        ("POST", "/api/v1/orders", with_token(token, json=order)),
    )  # fmt: skip
    assert [status for status, _ in answers] == [200, 403]


def test_a_token_that_is_not_for_this_is_refused(house: House, stage: Stage, platform: str) -> None:
    other = stage.control.platforms.adopt(stage.organization.id, "Elsewhere", f"elsewhere-{platform[:4]}", host="there").uuid
    foreign = stage.program_token(*stage.foreign_program(), "api")
    webapi = stage.program_token(*stage.program(), "webapi")
    narrowed = stage.program_token(*stage.program(platforms=frozenset()), "api")
    token = stage.program_token(*stage.program(), "api")
    bound, secret = stage.program()
    elsewhere = stage.program_token(bound, secret, "api")
    stage.change(bound, addresses=("192.0.2.1",))
    path = "/api/v1/symbols"
    calls = [
        with_token(webapi, platform), with_token(token + "x", platform), with_token(elsewhere, platform),
        with_token(foreign, platform), with_token(narrowed, platform), with_token(token, "no uuid"),
        with_token(token), with_token(foreign), with_token(token, other), with_token(token, platform),
    ]  # fmt: skip
    answers = asked(house, stage, *(("GET", path, call) for call in calls))
    problems = [(status, "" if status == 200 else body["refusal"]) for status, body in answers]
    unknown, absent = (401, "NOT_AUTHENTICATED"), (404, "NOT_FOUND")
    unnamed = (400, "MALFORMED")
    assert problems == [*[unknown] * 3, *[absent] * 3, unnamed, unnamed, unknown, (200, "")]
