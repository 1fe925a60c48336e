"""The real client of the WebAPI, unchanged, reads and writes the configuration."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from cplugin_webapi_sdk import ApiError, CPluginWebApiClient, unwrap, unwrap_with_meta
from cplugin_webapi_sdk._generated.models.mt4_holiday import MT4Holiday
from cplugin_webapi_sdk._generated.models.mt4_news_send_request import MT4NewsSendRequest
from cplugin_webapi_sdk._generated.models.mt4_symbol_config import MT4SymbolConfig
from cplugin_webapi_sdk._generated.models.mt4_symbol_config_update import MT4SymbolConfigUpdate

from tests.rest.house import House
from tests.rest.webapi.office import LIVE, Office
from tests.rest.webapi.settings.test_symbols import put, spec_of
from tests.rest.webapi.token_endpoint import SECRET, TokenEndpoint

API = "cplugin_webapi_sdk._generated.api"


@pytest.fixture(scope="module")
def sdk(own_house: House, own_office: Office) -> Iterator[CPluginWebApiClient]:
    authority = TokenEndpoint(own_house, {"first": "all"})
    with CPluginWebApiClient(
        env="custom", api_base_url=own_office.url, authority=authority.url, client_id="first", client_secret=SECRET
    ) as client:
        yield client
    authority.stop()


def ask(sdk: CPluginWebApiClient, verb: str, tag: str, operation: str, **arguments: Any) -> Any:
    """Call one of the client's generated operations."""
    module = import_module(f"{API}.mt4_v_2_{tag}.{verb}_api_v_2_mt4_trade_platform_{operation}")
    return unwrap(sdk.mt4.raw(module, trade_platform=LIVE, **arguments))


def test_a_symbol_is_read_changed_and_written_back(sdk: CPluginWebApiClient, own_house: House) -> None:
    put(own_house, "SDKPAIR")
    before = spec_of(own_house, "SDKPAIR")
    record = MT4SymbolConfig.from_dict(ask(sdk, "get", "symbols", "cfg_request_symbol_symbol", symbol="SDKPAIR"))
    body = MT4SymbolConfigUpdate.from_dict(record.to_dict())
    written = ask(sdk, "post", "symbols", "cfg_update_symbol_symbol", symbol="SDKPAIR", body=body)
    assert MT4SymbolConfig.from_dict(written) == record
    assert spec_of(own_house, "SDKPAIR") == before
    body = MT4SymbolConfigUpdate(stops_level=15, description="By the client")
    changed = ask(sdk, "post", "symbols", "cfg_update_symbol_symbol", symbol="SDKPAIR", body=body)
    assert (changed["stopsLevel"], changed["description"]) == (15, "By the client")
    assert spec_of(own_house, "SDKPAIR").stop_level == 15


def test_lists_are_read_in_pages_and_news_are_sent(sdk: CPluginWebApiClient) -> None:
    module = import_module(f"{API}.mt4_v_2_config.get_api_v_2_mt4_trade_platform_cfg_request_holiday")
    rows: list[MT4Holiday] = []
    for page in sdk.paged(lambda cursor: unwrap_with_meta(sdk.mt4.raw(module, trade_platform=LIVE, limit=20, cursor=cursor))):
        rows += [MT4Holiday.from_dict(row) for row in page]
    assert len(rows) == len(ask(sdk, "get", "config", "cfg_request_holiday"))
    total = ask(sdk, "get", "news", "news_total")
    assert ask(sdk, "post", "sidecar_messaging", "news_send", body=MT4NewsSendRequest(topic="Client", body="Hello")) is True
    assert ask(sdk, "get", "news", "news_total") == total + 1


def test_what_is_refused_is_an_error_of_the_client(sdk: CPluginWebApiClient) -> None:
    with pytest.raises(ApiError) as refused:
        ask(sdk, "post", "server_admin_destructive", "srv_restart", confirm=True)
    assert (refused.value.code, refused.value.manager_code) == ("MT4Error", "NotEnoughRights")
    with pytest.raises(ApiError) as unconfirmed:
        ask(sdk, "post", "server_admin_destructive", "srv_feeds_restart")
    assert unconfirmed.value.code == "Validation"
