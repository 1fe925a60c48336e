"""Margin levels."""

from decimal import Decimal

from prorata.messages.commands import PutGroup, Quote
from prorata.messages.groups import GroupSpec, Level, LevelType
from tests.rest.webapi.floor import Floor


def test_a_margin_level_is_the_accounts_money_as_it_is_now(floor: Floor) -> None:
    login = floor.account()
    floor.open(login, volume=100)
    floor.open(login, "Sell", 25)
    level = floor.mt4.get("MarginLevelGet/{login}", login).data
    # Floating: 1.00 x -15 points, 0.25 x -15 points. Margin on the larger leg: 1.00 lot at the ask of the market.
    assert level == {
        "login": login, "group": "standard", "leverage": 100, "updated": level["updated"], "balance": 10_000,
        "equity": Decimal("9981.25"), "volume": 125, "margin": Decimal("1100.10"), "free": Decimal("8881.15"),
        "level": Decimal("907.30"), "controllingType": "Percent", "levelType": "Ok",
    }  # fmt: skip
    assert level["updated"] == 1_772_452_800
    assert floor.mt4.get("MarginLevelRequest/{login}", login).data == level
    assert [one for one in floor.mt4.get("MarginsGet").data if one["login"] == login] == [level]


def test_an_account_without_positions_has_a_level_only_when_asked_live(floor: Floor) -> None:
    login = floor.account()
    assert floor.mt4.get("MarginLevelGet/{login}", login).code == "NotFound"
    level = floor.mt4.get("MarginLevelRequest/{login}", login).data
    assert (level["margin"], level["level"], level["free"], level["volume"]) == (0, 0, 10_000, 0)
    assert login not in [one["login"] for one in floor.mt4.get("MarginsGet").data]
    for template in ("MarginLevelGet/{login}", "MarginLevelRequest/{login}"):
        assert floor.mt4.get(template, 999_999_999).code == "NotFound"
        assert floor.mt4.get(template, "somebody").code == "Validation"


def test_the_level_says_how_near_the_end_is(floor: Floor) -> None:
    login = floor.account(deposit=115_000)
    floor.open(login, volume=100)
    with floor.quoted(Quote("EURUSD", 109_900, 109_910)):
        level = floor.mt4.get("MarginLevelGet/{login}", login).data
        assert (level["levelType"], level["level"] < 100) == ("MarginCall", True)


def test_levels_in_money_are_told_as_such(floor: Floor) -> None:
    money = Level(LevelType.MONEY, 50_000)
    group = GroupSpec(name="by money", currency="USD", margin_call=Level(LevelType.MONEY, 200_000), stop_out=money)
    floor.house.run(floor.writer.submit(PutGroup(group)))
    login = floor.account("by money", deposit=190_000)
    floor.open(login, volume=10)
    level = floor.mt4.get("MarginLevelGet/{login}", login).data
    assert (level["controllingType"], level["levelType"]) == ("Currency", "MarginCall")
