"""Backups are snapshots: accounts and what they held are read as they were, and accounts can be put back."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from prorata.messages.commands import Access, BalanceKind, BookBalance, OrderType, PlaceOrder, Side
from prorata.rest.webapi.upkeep import BackupInfo
from prorata.server.machine import Machine
from prorata.units.numbers import VOLUME_PER_LOT
from tests.rest.house import MONDAY_NOON, House
from tests.rest.webapi.office import Client, Office
from tests.rest.webapi.settings.conftest import PaperUpkeep

FILE = "snapshot-9"
LOT = VOLUME_PER_LOT


@pytest.fixture(scope="module")
def logins(own_house: House, upkeep: PaperUpkeep) -> Iterator[tuple[int, int]]:
    """Two accounts as they are in the backup: one holds a position and a pending order. Money has moved since."""
    writer = own_house.platforms["live"].writer
    first, second = own_house.open_account("netting"), own_house.open_account("euro", deposit=50_000)
    own_house.run(writer.submit(PlaceOrder(first, "EURUSD", Side.BUY, LOT // 10)))
    own_house.run(writer.submit(PlaceOrder(first, "EURUSD", Side.BUY, LOT // 5, OrderType.LIMIT, 100_000)))

    async def saved() -> bytes:
        return writer._machine.save()

    data = own_house.run(saved())
    upkeep.kept[FILE] = (BackupInfo(FILE, len(data), MONDAY_NOON), Machine.load(data).engine)
    for login in (first, second):
        own_house.run(writer.submit(BookBalance(login, BalanceKind.DEPOSIT, 12_345)))
    yield first, second
    del upkeep.kept[FILE]


def test_backups_are_listed(mt4: Client, logins: tuple[int, int]) -> None:
    for operation in ("BackupInfoUsers/{mode}", "BackupInfoOrders/{mode}"):
        (info,) = mt4.get(operation, 0).data
        assert (info["file"], info["time"]) == (FILE, "2026-03-02T12:00:00Z")
        assert info["size"] > 1_000
        assert mt4.get(operation, 1).data == []
    assert mt4.get("CfgRequestBackup").data["fullBackupLastTime"] == "2026-03-02T12:00:00Z"


def test_accounts_are_read_as_they_were(mt4: Client, logins: tuple[int, int]) -> None:
    first, second = logins
    users = {user["login"]: user for user in mt4.get("BackupRequestUsers/{file}", FILE).data}
    assert users[second]["balance"] == Decimal("500.00")
    assert mt4.get("UserRecordGet/{login}", second).data["balance"] == Decimal("623.45")
    assert users[first]["group"] == "netting"


@pytest.mark.parametrize("request_of", ["{0}", "{0}-{0}", " {0} , 999999", "netting"])
def test_a_request_chooses_accounts(mt4: Client, logins: tuple[int, int], request_of: str) -> None:
    first, second = logins
    users = mt4.get("BackupRequestUsers/{file}", FILE, request=request_of.format(first)).data
    assert first in [user["login"] for user in users]
    assert second not in [user["login"] for user in users]
    orders = mt4.get("BackupRequestOrders/{file}", FILE, request=request_of.format(first)).data
    mine = [order for order in orders if order["login"] == first]
    told = [(order["tradeCommand"], order["volumeLots"]) for order in mine]
    assert told == [("Buy", Decimal("0.1")), ("BuyLimit", Decimal("0.2"))]
    assert len(mt4.get("BackupRequestOrders/{file}", FILE, request=str(first), limit=1).data) == 1
    assert mt4.get("BackupRequestOrders/{file}", FILE, request=str(second)).data == []


def test_what_cannot_be_read_says_so(mt4: Client, logins: tuple[int, int]) -> None:
    for operation in ("BackupRequestUsers/{file}", "BackupRequestOrders/{file}"):
        assert mt4.get(operation, "snapshot-1").code == "NotFound"
        assert mt4.get(operation, "../control.db").code == "NotFound"
        assert mt4.get(operation, FILE, limit=0).code == "Validation"
        assert mt4.get(operation, FILE, limit=100_001).code == "Validation"
        assert mt4.get(operation, FILE, request="nobody*").data == []


# Putting back.


def restore(mt4: Client, *rows: dict[str, Any], **query: Any) -> Any:
    return mt4.post("BackupRestoreUsers", body=list(rows), **({"confirm": "true"} | query))


def row(login: int, **more: Any) -> dict[str, Any]:
    plain = {"group": "euro", "leverage": 20, "balance": 500, "credit": 0, "enable": 1, "enableReadOnly": 0}
    return {"login": login, "name": "Joe Back", "email": "joe@mail.test", "country": "DE", **plain, **more}


def test_an_account_that_is_gone_is_put_back(mt4: Client, own_house: House) -> None:
    writer, state = own_house.platforms["live"].writer, own_house.platforms["live"].desk.state
    given = row(700_001, balance=750.25, credit=12.5, enableReadOnly=1)
    assert restore(mt4, given, confirm="false").code == "Validation"
    assert 700_001 not in state.accounts
    assert restore(mt4, given).data is True
    account = state.accounts[700_001]
    assert (account.balance, account.credit, account.leverage) == (75_025, 1_250, 20)
    assert account.access == Access.TRADING_DISABLED
    user = mt4.get("UserRecordGet/{login}", 700_001).data
    assert (user["name"], user["email"], user["country"]) == ("Joe Back", "joe@mail.test", "DE")
    before = writer.number
    assert restore(mt4, given).data is True
    assert writer.number == before  # as it should be already: no command


def test_an_account_is_set_back_to_what_it_was(mt4: Client, own_house: House) -> None:
    state = own_house.platforms["live"].desk.state
    login = own_house.open_account("euro", deposit=99_999)
    assert restore(mt4, row(login, credit=5), row(700_002, enable=0)).data is True
    assert (state.accounts[login].balance, state.accounts[login].credit) == (50_000, 500)
    assert state.accounts[700_002].access == Access.LOGIN_DISABLED
    assert restore(mt4, row(login), row(700_002)).data is True
    assert (state.accounts[login].credit, state.accounts[700_002].access) == (0, Access.FULL)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"group": "nobody"}, "group"),
        ({"leverage": 31}, "leverage"),
        ({"enable": 2}, "enable"),
        ({"enableReadOnly": -1}, "enableReadOnly"),
        ({"balance": 0.001}, "balance"),
        ({"credit": -1}, "credit"),
        ({"login": 0}, "login"),
        ({"login": 700_010}, "login"),
        ({"name": "x" * 1_000}, "name"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_a_list_with_one_bad_row_puts_nothing_back(mt4: Client, wrong: dict[str, Any], field: str) -> None:
    answer = restore(mt4, row(700_010), row(700_011) | wrong)
    assert answer.code == "Validation"
    assert answer.message.startswith(field)


def test_an_account_that_holds_something_keeps_its_group(mt4: Client, logins: tuple[int, int]) -> None:
    first, _ = logins
    assert restore(mt4, row(first, group="standard")).code == "Validation"
    assert restore(mt4, row(first, group="euro")).code == "Validation"
    assert restore(mt4).code == "Validation"


def test_putting_back_moves_money_and_needs_its_permission(own_office: Office) -> None:
    assert restore(own_office.allowed("server.manage"), row(700_020)).code == "Forbidden"
    assert restore(own_office.allowed("money.move"), row(700_020)).code == "Forbidden"


def test_trades_are_not_put_back(mt4: Client, own_house: House, logins: tuple[int, int]) -> None:
    own_house.write_history()
    (position, order) = mt4.get("BackupRequestOrders/{file}", FILE, request=str(logins[0])).data
    there = {"order": position["order"], "login": position["login"], "symbol": position["symbol"]}
    absent = there | {"order": 900_000}
    others = {"order": order["order"], "login": 1, "symbol": "EURUSD"}
    assert mt4.post("BackupRestoreOrders", body=[there]).code == "Validation"
    given = [there, absent, others]
    assert mt4.post("BackupRestoreOrders", body=given, confirm="true").data == [
        {"order": there["order"], "res": 1},
        {"order": 900_000, "res": 0},
        {"order": others["order"], "res": 0},
    ]
