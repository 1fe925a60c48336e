"""The real client of the WebAPI, unchanged, against ours: signing in, accounts, groups, pages, keys, errors."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from cplugin_webapi_sdk import (
    ApiError,
    CPluginWebApiAsyncClient,
    CPluginWebApiClient,
    OAuth2TokenError,
    has_flag,
    unwrap,
    with_flag,
)
from cplugin_webapi_sdk._generated.api.mt4_v_2_authentication import (
    post_api_v_2_mt4_trade_platform_user_password_check_login as password_check,
)
from cplugin_webapi_sdk._generated.api.mt4_v_2_authentication import (
    post_api_v_2_mt4_trade_platform_user_password_set_login as password_set,
)
from cplugin_webapi_sdk._generated.api.mt4_v_2_groups import (
    get_api_v_2_mt4_trade_platform_group_record_get_group as group_get,
)
from cplugin_webapi_sdk._generated.api.mt4_v_2_groups import (
    patch_api_v_2_mt4_trade_platform_group_record_group as group_patch,
)
from cplugin_webapi_sdk._generated.api.mt4_v_2_trades import (
    post_api_v_2_mt4_trade_platform_trade_transaction as trade_transaction,
)
from cplugin_webapi_sdk._generated.api.mt4_v_2_users import (
    post_api_v_2_mt4_trade_platform_user_record_new as user_new,
)
from cplugin_webapi_sdk._generated.api.mt5_v_2_users import patch_api_v_2_mt5_trade_platform_user_record_login as user_patch
from cplugin_webapi_sdk._generated.models.mt4_trade_transaction import MT4TradeTransaction
from cplugin_webapi_sdk._generated.models.mt4_user import MT4User
from cplugin_webapi_sdk._generated.models.mt4_user_create import MT4UserCreate
from cplugin_webapi_sdk._generated.models.patch_api_v2mt4_trade_platform_group_record_group_json_body import (
    PatchApiV2MT4TradePlatformGroupRecordGroupJsonBody as GroupPatch,
)
from cplugin_webapi_sdk._generated.models.patch_api_v2mt5_trade_platform_user_record_login_json_body import (
    PatchApiV2MT5TradePlatformUserRecordLoginJsonBody as UserPatch,
)

from prorata.messages.commands import PutGroup
from prorata.messages.groups import GroupSpec
from tests.rest.house import House
from tests.rest.webapi.office import LIVE, METATRADER, Office
from tests.rest.webapi.token_endpoint import SECRET, TokenEndpoint


@pytest.fixture(scope="module")
def authority(house: House) -> Iterator[TokenEndpoint]:
    endpoint = TokenEndpoint(house, {"first": "all", "stranger": "nobody's"})
    yield endpoint
    endpoint.stop()


def client_at(office: Office, authority: TokenEndpoint, client_id: str = "first", secret: str = SECRET) -> CPluginWebApiClient:
    return CPluginWebApiClient(
        env="custom", api_base_url=office.url, authority=authority.url, client_id=client_id, client_secret=secret
    )


@pytest.fixture(scope="module")
def sdk(office: Office, authority: TokenEndpoint) -> Iterator[CPluginWebApiClient]:
    client = client_at(office, authority)
    yield client
    client.close()


def new_user(sdk: CPluginWebApiClient, key: str = "", **fields: Any) -> dict[str, Any]:
    body = MT4UserCreate(group="standard", **fields)
    user: dict[str, Any] = unwrap(sdk.mt4.raw(user_new, trade_platform=LIVE, body=body, idempotency_key=key or None))
    return user


def test_the_client_signs_in_once_and_finds_its_platforms(office: Office, authority: TokenEndpoint) -> None:
    before = authority.issued
    with client_at(office, authority) as client:
        platforms = client.list_trade_platforms()
        assert [(one["id"], one["type"]) for one in platforms] == [(LIVE, "MT4"), (METATRADER, "MT5")]
        assert client.mt4.get_server_time(LIVE) == "2026-03-02T12:00:00Z"
        assert client.mt4.get_manager_common(LIVE)["name"] == "live"
    assert authority.issued == before + 1


def test_a_client_is_opened_an_account_with_a_password(sdk: CPluginWebApiClient) -> None:
    user = new_user(sdk, name="Jane Doe", email="jane@mail.test", leverage=50)
    login = user["login"]
    assert MT4User.from_dict(user).leverage == 50
    assert unwrap(sdk.mt4.raw(password_set, trade_platform=LIVE, login=login, body="correct horse")) is True
    assert unwrap(sdk.mt4.raw(password_check, trade_platform=LIVE, login=login, body="correct horse")) is True
    with pytest.raises(ApiError) as wrong:
        unwrap(sdk.mt4.raw(password_check, trade_platform=LIVE, login=login, body="wrong horse"))
    assert (wrong.value.code, wrong.value.manager_code) == ("MT4Error", "BadAccountInfo")
    changed = sdk.mt4.patch_user_record(LIVE, login, {"leverage": 20, "comment": "vip"})
    assert (changed["leverage"], changed["comment"], changed["name"]) == (20, "vip", "Jane Doe")
    assert sdk.mt4.get_user_record(LIVE, login) == changed


def test_a_deposit_under_one_key_is_booked_once(sdk: CPluginWebApiClient) -> None:
    login = new_user(sdk)["login"]
    body = MT4TradeTransaction(
        trade_transaction_type="BrBalance", trade_command="Balance", order_by=login, price=250.5, comment="wire"
    )
    booked = [
        unwrap(sdk.mt4.raw(trade_transaction, trade_platform=LIVE, body=body, idempotency_key="sdk-deposit")) for _ in range(2)
    ]
    assert booked[0] == booked[1]
    assert booked[0]["order"] > 0
    assert sdk.mt4.get_user_record(LIVE, login)["balance"] == 250.5
    body.price = -1_000.0
    with pytest.raises(ApiError) as refused:
        unwrap(sdk.mt4.raw(trade_transaction, trade_platform=LIVE, body=body))
    assert (refused.value.code, refused.value.manager_code) == ("MT4Error", "TradeNoMoney")


def test_the_same_key_gives_one_account(sdk: CPluginWebApiClient) -> None:
    first = new_user(sdk, key="sdk-once")
    assert new_user(sdk, key="sdk-once") == first
    with pytest.raises(ApiError) as other:
        new_user(sdk, key="sdk-once", name="Somebody else")
    assert (other.value.code, other.value.outcome_unknown) == ("Validation", False)


def test_pages_are_walked_to_the_end(sdk: CPluginWebApiClient) -> None:
    for _ in range(3):
        new_user(sdk)
    pages = list(sdk.paged(lambda cursor: sdk.mt4.users_request(LIVE, cursor=cursor, limit=2)))
    everybody, _ = sdk.mt4.users_request(LIVE)
    assert [user["login"] for page in pages for user in page] == [user["login"] for user in everybody]
    assert all(len(page) == 2 for page in pages[:-1])


def test_a_group_is_changed_by_a_merge_patch(sdk: CPluginWebApiClient, house: House) -> None:
    house.run(house.platforms["live"].writer.submit(PutGroup(GroupSpec(name="sdk", currency="USD"))))
    assert sdk.mt4.group_exists(LIVE, "sdk") is True
    assert sdk.mt4.group_exists(LIVE, "nowhere") is False
    body = GroupPatch.from_dict({"marginStopout": 20, "company": "First Broker"})
    after = unwrap(sdk.mt4.raw(group_patch, trade_platform=LIVE, group="sdk", body=body))
    assert (after["marginStopout"], after["company"], after["currency"]) == (20, "First Broker", "USD")
    assert unwrap(sdk.mt4.raw(group_get, trade_platform=LIVE, group="sdk")) == after


def test_flags_of_mt5_are_changed_by_name(sdk: CPluginWebApiClient) -> None:
    login = new_user(sdk)["login"]
    rights = sdk.mt5.get_user(LIVE, login)["rights"]
    assert has_flag(rights, "enabled")
    body = UserPatch.from_dict({"rights": with_flag(with_flag(rights, "Confirmed"), "Bit20")})
    after = unwrap(sdk.mt5.raw(user_patch, trade_platform=LIVE, login=login, body=body))
    assert has_flag(after["rights"], "Confirmed")
    assert has_flag(after["rights"], "Bit20")


def test_deadlines_are_told_and_errors_classified(sdk: CPluginWebApiClient) -> None:
    with pytest.raises(ApiError) as absent:
        sdk.mt4.get_user_record(LIVE, 987_654_321, request_timeout=2.5)
    assert (absent.value.code, absent.value.applied_timeout, absent.value.outcome) == ("NotFound", 2.5, None)
    assert len(absent.value.activity_id or "") == 32
    with pytest.raises(ApiError) as away:
        sdk.mt5.get_server_time(METATRADER)
    assert (away.value.code, away.value.safe_to_retry) == ("NoConnect", True)


def test_a_client_that_nobody_knows_gets_no_further(office: Office, authority: TokenEndpoint) -> None:
    with client_at(office, authority, secret=SECRET[1:]) as client, pytest.raises(OAuth2TokenError):
        client.mt4.get_server_time(LIVE)
    with client_at(office, authority, "stranger") as client, pytest.raises(ApiError) as refused:
        client.mt4.get_server_time(LIVE)
    assert (refused.value.status, refused.value.code) == (401, "Forbidden")


def test_the_asynchronous_client_works_as_well(office: Office, authority: TokenEndpoint) -> None:
    async def ask() -> tuple[Any, ...]:
        async with CPluginWebApiAsyncClient(
            env="custom", api_base_url=office.url, authority=authority.url, client_id="first", client_secret=SECRET
        ) as client:
            times = await asyncio.gather(*(client.mt4.get_server_time(LIVE) for _ in range(5)))
            return (*times, (await client.list_trade_platforms())[0]["id"])

    assert set(asyncio.run(ask())) == {"2026-03-02T12:00:00Z", LIVE}
