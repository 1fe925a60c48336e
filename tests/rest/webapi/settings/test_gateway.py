"""The gateway's rules and markups are the terms of account groups."""

from typing import Any

import pytest

from prorata.messages.commands import PutGroup
from prorata.messages.copy_commands import PutCopySpec, PutStream
from prorata.messages.copy_terms import CopySpec, StreamSpec
from prorata.messages.groups import GroupSpec, GroupSymbol
from tests.rest.house import House
from tests.rest.webapi.office import Client
from tests.rest.webapi.settings.test_symbols import put

RULE = {
    "enable": True, "name": "routed", "requestSymbol": "*", "requestGroup": "routed", "exeAccountName": "hedge desk",
    "exeAccountId": 0, "exeMaxDeviation": 0, "exeMaxProfitSlippage": 0, "exeMaxProfitSlippageLots": 0,
    "exeMaxLosingSlippage": 0, "exeMaxLosingSlippageLots": 0, "exeAccountPos": 0, "exeVolumePercent": 40, "exeFlags": 0,
}  # fmt: skip
MARKUP = {
    "enable": True, "source": "routed", "symbol": "GBPUSD", "accountName": "", "accountId": 0, "bidMarkup": -4, "askMarkup": 6,
}  # fmt: skip


@pytest.fixture(autouse=True)
def routed(own_house: House) -> None:
    """A group of one's own, whose all symbols have a stop level of their own."""
    spec = GroupSpec(name="routed", currency="USD", symbols=(GroupSymbol(symbol="*", stop_level=9, markup_ask=1),))
    own_house.run(own_house.platforms["live"].writer.submit(PutGroup(spec)))


def group(house: House) -> GroupSpec:
    return house.platforms["live"].desk.state.groups["routed"]


def test_a_groups_share_for_the_venue_is_a_rule(mt4: Client, own_house: House) -> None:
    assert mt4.post("CfgUpdateGatewayRule", body=RULE).data == RULE
    assert group(own_house).a_book_percent == 40
    rules = mt4.get("CfgRequestGatewayRule").data
    assert RULE in rules
    assert mt4.post("CfgShiftGatewayRule/{pos}", len(rules) - 1, shift=1).code == "Validation"
    assert mt4.post("CfgShiftGatewayRule/{pos}", 0, shift=0).data is True
    assert mt4.post("CfgDeleteGatewayRule/{pos}", rules.index(RULE)).data is True
    assert group(own_house).a_book_percent == 0
    assert RULE not in mt4.get("CfgRequestGatewayRule").data
    assert mt4.post("CfgDeleteGatewayRule/{pos}", 99).code == "NotFound"


def test_a_rule_that_is_off_sends_nothing(mt4: Client, own_house: House) -> None:
    off = mt4.post("CfgUpdateGatewayRule", body=RULE | {"enable": False}).data
    assert (off["enable"], off["exeVolumePercent"]) == (False, 0)
    assert group(own_house).a_book_percent == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": "nobody"}, "NotFound"),
        ({"exeVolumePercent": 101}, "Validation"),
        ({"exeVolumePercent": 0}, "Validation"),
        ({"requestSymbol": "EURUSD"}, "Validation"),
        ({"exeAccountName": "elsewhere"}, "Validation"),
        ({"exeMaxDeviation": 3}, "Validation"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_a_rule_that_our_gateway_cannot_follow_is_refused(mt4: Client, wrong: dict[str, Any], code: str) -> None:
    assert mt4.post("CfgUpdateGatewayRule", body=RULE | wrong).code == code


def test_a_groups_markup_of_a_symbol_is_a_gateway_markup(mt4: Client, own_house: House) -> None:
    assert mt4.post("CfgUpdateGatewayMarkup", body=MARKUP).data == MARKUP
    # A symbol's own line stands alone, so what it had by the line for all others went into it.
    (everybody, own) = group(own_house).symbols
    assert own == GroupSymbol(symbol="GBPUSD", stop_level=9, markup_bid=4, markup_ask=6)
    assert everybody == GroupSymbol(symbol="*", stop_level=9, markup_ask=1)
    markups = mt4.get("CfgRequestGatewayMarkup").data
    assert MARKUP in markups
    page = mt4.get("CfgRequestGatewayMarkup", limit=1)
    assert page.paging["hasMore"] is True
    assert mt4.post("CfgShiftGatewayMarkup/{pos}", markups.index(MARKUP), shift=-1).data is True
    markups = mt4.get("CfgRequestGatewayMarkup").data
    assert mt4.post("CfgDeleteGatewayMarkup/{pos}", markups.index(MARKUP)).data is True
    assert group(own_house).symbols[1].markup_bid == 0
    assert MARKUP not in mt4.get("CfgRequestGatewayMarkup").data


def test_a_markup_of_all_symbols_is_the_star(mt4: Client, own_house: House) -> None:
    given = MARKUP | {"symbol": "*", "bidMarkup": -2, "askMarkup": 0}
    assert mt4.post("CfgUpdateGatewayMarkup", body=given).data == given
    assert group(own_house).symbols == (GroupSymbol(symbol="*", stop_level=9, markup_bid=2),)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"source": "nobody"}, "NotFound"),
        ({"symbol": "NOSUCH"}, "NotFound"),
        ({"bidMarkup": 1}, "Validation"),
        ({"askMarkup": -1}, "Validation"),
        ({"accountName": "elsewhere"}, "Validation"),
        ({"bidMarkup": 0, "askMarkup": 0}, "Validation"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_a_markup_that_would_narrow_or_means_nothing_is_refused(mt4: Client, wrong: dict[str, Any], code: str) -> None:
    assert mt4.post("CfgUpdateGatewayMarkup", body=MARKUP | wrong).code == code


@pytest.fixture(scope="module")
def _copying(own_house: House) -> None:
    """A company that copies in dollars: 70 % of it go to the stream "prime"."""
    writer = own_house.platforms["live"].writer
    own_house.run(writer.submit(PutStream(StreamSpec(id=5, name="prime"))))
    own_house.run(writer.submit(PutCopySpec(CopySpec(company=1, stream=5, stream_trader=5, a_book_percent=70))))


@pytest.mark.usefixtures("_copying")
def test_the_share_of_copy_trading_is_shown_and_set_elsewhere(mt4: Client) -> None:
    streams = [account["name"] for account in mt4.get("CfgRequestGatewayAccount").data if account["id"] == 5]
    assert streams == ["prime"]
    rules = mt4.get("CfgRequestGatewayRule").data
    (place,) = [place for place, rule in enumerate(rules) if rule["name"] == "copying 1/USD"]
    shown = rules[place]
    assert (shown["exeAccountName"], shown["exeAccountId"], shown["exeVolumePercent"]) == ("prime", 5, 70)
    assert mt4.post("CfgUpdateGatewayRule", body=shown | {"exeVolumePercent": 10}).code == "Validation"
    assert mt4.post("CfgDeleteGatewayRule/{pos}", place).code == "Validation"


@pytest.mark.usefixtures("_copying")
def test_where_symbols_have_numbers_only_the_newest_is_taken_away(mt4: Client, own_house: House) -> None:
    for name in ("OLDER", "NEWER"):
        put(own_house, name)
    places = [symbol["symbol"] for symbol in mt4.get("CfgRequestSymbol").data]
    older = mt4.post("CfgDeleteSymbol/{pos}", places.index("OLDER"))
    assert older.code == "MT4Error"
    assert "RAMM" in older.message
    assert mt4.post("CfgDeleteSymbol/{pos}", places.index("NEWER")).data is True
