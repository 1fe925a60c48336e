"""Trading accounts: their records, their cards, operations on many of them."""

from decimal import Decimal
from typing import Any

import pytest

from prorata.access.permissions import Permission
from prorata.messages.commands import BalanceKind, BookBalance, PlaceOrder, Side
from tests.rest.house import House
from tests.rest.webapi.office import Client, Office

LOT = 100_000_000
JANE = {
    "name": "Jane Doe", "externalId": "crm-7", "status": "RE", "country": "Malta", "city": "Valletta", "state": "-",
    "zipCode": "VLT 1", "address": "1 Old Street", "leadSource": "fair", "phone": "+356 1", "email": "jane@mail.test",
    "comment": "vip", "agentAccount": 77, "interestRate": Decimal("1.25"), "taxes": Decimal("0.1"), "sendReports": 1,
    "mqid": 4_000_000_000, "userColor": 255,
}  # fmt: skip
JANE_SENT = {**JANE, "interestRate": 1.25, "taxes": 0.1}


def new(mt4: Client, **more: Any) -> int:
    answer = mt4.post("UserRecordNew", body={"group": "standard", **more})
    login: int = answer.data["login"]
    return login


def buy(house: House, login: int) -> None:
    house.run(house.platforms["live"].writer.submit(PlaceOrder(login, "EURUSD", Side.BUY, LOT)))


def test_a_new_account_has_the_card_it_was_given(mt4: Client) -> None:
    user = mt4.post("UserRecordNew", body={"group": "standard", "leverage": 50, "enableFlags": 9, **JANE_SENT}).data
    assert {name: user[name] for name in JANE} == JANE
    assert (user["group"], user["leverage"], user["balance"], user["enableFlags"]) == ("standard", 50, 0, 9)
    assert user["registrationDate"] == "2026-03-02T12:00:00Z"
    assert mt4.get("UserRecordGet/{login}", user["login"]).data == user
    assert mt4.get("UserRecordRequest/{login}", user["login"]).data == user


def test_login_0_takes_the_next_number_and_a_taken_one_is_refused(mt4: Client) -> None:
    first = new(mt4)
    answer = mt4.post("UserRecordNew", body={"group": "standard", "login": first})
    assert (answer.code, answer.manager_code) == ("MT4Error", "InvalidData")
    assert new(mt4, login=first + 500_000) == first + 500_000


def test_a_record_has_no_password(mt4: Client) -> None:
    login = new(mt4)
    mt4.post("UserPasswordSet/{login}", login, body="correct horse")
    answer = mt4.get("UserRecordGet/{login}", login)
    assert "assword" not in answer.text
    assert "horse" not in answer.text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "x"}, "group: is missing"),
        ({"group": "standard", "login": -1}, "login: is below 0"),
        ({"group": "standard", "login": 2**31}, "login: expected int <= 2147483647"),
        ({"group": "standard", "login": 1.5}, "login: expected int, got float"),
        ({"group": "standard", "leverage": "100"}, "leverage: expected int, got str"),
        ({"group": "standard", "taxes": "1"}, "taxes: expected number, got str"),
        ({"group": "standard", "taxes": True}, "taxes: expected number, got bool"),
        ({"group": "standard", "enableFlags": 64}, "enableFlags: has bits that mean nothing"),
        ({"group": "standard", "name": 7}, "name: expected str | null, got int"),
        ({"group": "standard", "nam": "x"}, "nam: there is no such field"),
        ({"group": "standard", "name": "x" * 257}, "name: has more than 256 characters"),
        ({"group": "standard", "zipCode": "\u0000"}, "zipCode: has control characters"),
        (b'{"group": "standard", "taxes": NaN}', "body: is no JSON"),
        (b'{"group": "standard", "taxes": 1e400}', "taxes: expected number from"),
        (b'{"group": "standard", "taxes": 1e99999999999999999999}', "taxes: the number is out of range"),
        (b'{"group": "standard", "taxes": 0.0000000000000000001}', "taxes: expected number with at most 18"),
        (b"[]", "body: expected object, got array"),
        (b"", "body: is missing"),
        (b"{", "body: is no JSON"),
        (b'"\xff"', "body: "),
        (b"[" * 100_000, "body: "),
    ],
)
def test_a_bad_new_account_is_refused_by_the_name_of_the_field(house: House, mt4: Client, body: Any, message: str) -> None:
    before = house.state_hash()
    answer = mt4.post("UserRecordNew", body=body)
    assert answer.code == "Validation"
    assert message in answer.message
    assert house.state_hash() == before


def test_a_group_that_is_not_there_is_not_found(mt4: Client) -> None:
    assert mt4.post("UserRecordNew", body={"group": "nowhere"}).code == "NotFound"


def test_a_patch_changes_the_fields_it_names(mt4: Client) -> None:
    login = new(mt4, **JANE_SENT)
    before = mt4.get("UserRecordGet/{login}", login).data
    after = mt4.patch("UserRecord/{login}", login, body={"leverage": 30, "comment": "new", "taxes": 0.2}).data
    assert after == {**before, "leverage": 30, "comment": "new", "taxes": Decimal("0.2")}
    assert mt4.get("UserRecordGet/{login}", login).data == after


def test_null_in_a_patch_takes_a_text_away(mt4: Client) -> None:
    login = new(mt4, **JANE_SENT)
    assert mt4.patch("UserRecord/{login}", login, body={"comment": None}).data["comment"] == ""
    assert "leverage: expected" in mt4.patch("UserRecord/{login}", login, body={"leverage": None}).message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"login": 5}, "login: cannot be changed"),
        ({"registrationDate": "2020-01-01T00:00:00Z"}, "registrationDate: cannot be changed"),
        ({"prevBalance": 1}, "prevBalance: cannot be changed"),
        ({"lastIP": 7, "comment": "x"}, "lastIP: cannot be changed"),
        ({"leverage": 1.5}, "leverage: expected int"),
        ({"leverge": 30}, "body: names no field of the record"),
        ({}, "body: names no field of the record"),
        ([], "body: expected object"),
        ({"balance": 5, "leverage": 1}, "balance: can be set only by itself"),
        ({"balance": 0.001}, "balance: has more than 2 decimal places"),
    ],
)
def test_a_bad_patch_is_refused_by_the_name_of_the_field(house: House, mt4: Client, body: Any, message: str) -> None:
    login = new(mt4)
    before = house.state_hash(), mt4.get("UserRecordGet/{login}", login).data
    answer = mt4.patch("UserRecord/{login}", login, body=body)
    assert answer.code == "Validation"
    assert message in answer.message
    assert (house.state_hash(), mt4.get("UserRecordGet/{login}", login).data) == before


def test_a_patch_may_be_the_whole_record_and_names_unknown_here(mt4: Client) -> None:
    login = new(mt4, **JANE_SENT)
    record = mt4.get("UserRecordGet/{login}", login).data
    sent = {name: float(value) if isinstance(value, Decimal) else value for name, value in record.items()}
    assert mt4.patch("UserRecord/{login}", login, body={**sent, "city": "Mdina", "other": 1}).data["city"] == "Mdina"


def test_an_update_leaves_what_it_does_not_name(mt4: Client) -> None:
    login = new(mt4, **JANE_SENT)
    after = mt4.post("UserRecordUpdate/{login}", login, body={"group": "netting", "name": "John"}).data
    assert (after["group"], after["name"], after["email"]) == ("netting", "John", "jane@mail.test")
    assert mt4.post("UserRecordUpdate/{login}", login, body={"login": 5}).code == "Validation"


def test_a_leverage_above_the_groups_is_refused(mt4: Client) -> None:
    answer = mt4.patch("UserRecord/{login}", new(mt4), body={"leverage": 101})
    assert (answer.code, answer.manager_code) == ("MT4Error", "InvalidData")


def test_enable_flags_are_the_accounts_access(house: House, mt4: Client) -> None:
    login = new(mt4)
    accounts = house.platforms["live"].desk.state.accounts
    for flags, access in ((0, "LOGIN_DISABLED"), (5, "TRADING_DISABLED"), (3, "FULL")):
        assert mt4.patch("UserRecord/{login}", login, body={"enableFlags": flags}).data["enableFlags"] == flags
        assert accounts[login].access.name == access


def test_a_balance_that_is_set_is_a_posting(office: Office, house: House, mt4: Client) -> None:
    login = new(mt4)
    assert mt4.patch("UserRecord/{login}", login, body={"balance": 250.5}).data["balance"] == Decimal("250.50")
    assert mt4.patch("UserRecord/{login}", login, body={"credit": 10}).data["credit"] == 10
    house.write_history()
    assert mt4.get("AdmBalanceCheck/{login}", login).data == {"login": login, "diff": 0}
    writer = office.allowed(Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE)
    assert writer.patch("UserRecord/{login}", login, body={"balance": 1}).code == "Forbidden"


def test_lists_are_by_login_in_pages(mt4: Client) -> None:
    logins = sorted(new(mt4) for _ in range(5))
    everybody = [user["login"] for user in mt4.get("UsersRequest").data]
    assert everybody == sorted(everybody)
    assert set(logins) <= set(everybody)
    seen: list[int] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = mt4.get("UsersRequest", limit=3, **cursor)
        seen += [user["login"] for user in answer.data]
        if not answer.paging["hasMore"]:
            assert answer.paging["nextCursor"] is None
            break
        cursor = {"cursor": answer.paging["nextCursor"]}
    assert seen == everybody
    assert [user["login"] for user in mt4.get("UsersSnapshot").data] == everybody
    assert mt4.post("UsersSyncStart", timestamp=0).data is True
    assert len(mt4.get("UsersSyncRead", limit=2).data) == 2


def test_accounts_are_asked_for_by_logins_and_by_groups(mt4: Client) -> None:
    one, other = new(mt4), new(mt4, group="euro")
    assert [user["login"] for user in mt4.get("UserRecordsRequest", logins=[other, one, 987_654_321, one]).data] == [other, one]
    assert mt4.get("UserRecordsRequest").data == []
    assert other in [user["login"] for user in mt4.get("AdmUsersRequestSafe/{group}", "euro").data]
    found = [user["group"] for user in mt4.get("AdmUsersRequestSafe/{group}", "*,!standard").data]
    assert set(found) >= {"euro"}
    assert "standard" not in found
    assert mt4.get("AdmUsersRequestSafe/{group}", "nobody").data == []


def test_an_account_that_is_not_there_is_not_found(mt4: Client) -> None:
    for template in ("UserRecordGet/{login}", "UserRecordRequest/{login}", "AdmBalanceCheck/{login}"):
        assert mt4.get(template, 987_654_321).code == "NotFound"
        assert mt4.get(template, 0).code == "Validation"
        assert mt4.get(template, "one").code == "Validation"
    assert mt4.patch("UserRecord/{login}", 987_654_321, body={"comment": "x"}).code == "NotFound"


def test_many_accounts_are_changed_at_once(house: House, mt4: Client) -> None:
    logins = [new(mt4), new(mt4)]
    for command, more, field, value in (
        ("Leverage", {"leverage": 20}, "leverage", 20),
        ("SetGroup", {"newGroup": "netting"}, "group", "netting"),
        ("disable", {}, "enableFlags", 2),
        ("Enable", {}, "enableFlags", 3),
    ):
        assert mt4.post("UsersGroupOp", body={"command": command, "logins": logins, **more}).data is True
        assert {user[field] for user in mt4.get("UserRecordsRequest", logins=logins).data} == {value}


def test_an_empty_account_can_be_deleted(house: House, mt4: Client) -> None:
    login, rich = new(mt4, **JANE_SENT), new(mt4)
    house.run(house.platforms["live"].writer.submit(BookBalance(rich, BalanceKind.DEPOSIT, 1)))
    answer = mt4.post("UsersGroupOp", body={"command": "Delete", "logins": [login, rich]})
    assert answer.code == "MT4Error"
    assert f"{rich} is not empty; nothing was changed" in answer.message
    assert mt4.post("UsersGroupOp", body={"command": "Delete", "logins": [login]}).data is True
    assert mt4.get("UserRecordGet/{login}", login).code == "NotFound"
    assert login not in [user["login"] for user in mt4.get("UsersRequest").data]
    assert mt4.post("UserPasswordSet/{login}", login, body="correct horse").code == "NotFound"


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"command": "Promote"}, "Validation", "command: must be one of Delete, Enable, Disable, Leverage, SetGroup"),
        ({}, "Validation", "command"),
        ({"command": "Enable", "logins": []}, "Validation", "logins: must name 1 to"),
        ({"command": "Enable", "logins": [1, 987_654_321]}, "NotFound", "account: 1"),
        ({"command": "Leverage", "leverage": 0}, "Validation", "leverage: must be above 0"),
        ({"command": "Leverage", "leverage": 101}, "MT4Error", "leverage of 100 at most"),
        ({"command": "SetGroup", "newGroup": "nowhere"}, "NotFound", "group"),
        ({"command": "SetGroup"}, "NotFound", "group"),
        ({"command": "SetGroup", "newGroup": "euro"}, "MT4Error", "keeps another currency"),
        ({"command": "SetGroup", "newGroup": "netting"}, "MT4Error", "open positions"),
    ],
)
def test_a_bad_operation_on_many_changes_none(house: House, mt4: Client, body: Any, code: str, message: str) -> None:
    first, second = new(mt4), house.open_account()
    buy(house, second)
    before = house.state_hash()
    answer = mt4.post("UsersGroupOp", body={"logins": [first, second], **body})
    assert answer.code == code
    assert message in answer.message
    assert house.state_hash() == before


def test_balances_are_what_was_posted(house: House, mt4: Client) -> None:
    logins = [house.open_account(), house.open_account()]
    buy(house, logins[0])
    house.write_history()
    assert mt4.get("AdmBalanceCheck/{login}", logins[0]).data == {"login": logins[0], "diff": 0}
    assert mt4.get("AdmBalanceCheck", logins=logins).data == []
    before = house.state_hash()
    assert mt4.post("AdmBalanceFix", logins=logins).data is True
    assert mt4.post("AdmBalanceFix", logins=[987_654_321]).code == "NotFound"
    assert house.state_hash() == before


def test_a_balance_check_waits_for_the_tables(house: House, mt4: Client) -> None:
    login = house.open_account()
    answer = mt4.get("AdmBalanceCheck/{login}", login, headers={"x-request-timeout": "1"})
    assert (answer.code, answer.headers["x-request-outcome"]) == ("Timeout", "timeout")
    house.write_history()
    assert mt4.get("AdmBalanceCheck/{login}", login).data["diff"] == 0


def test_a_password_is_set_and_checked(mt4: Client) -> None:
    login = new(mt4)
    wrong = mt4.post("UserPasswordCheck/{login}", login, body="correct horse")
    assert (wrong.code, wrong.manager_code, wrong.body["data"]) == ("MT4Error", "BadAccountInfo", False)
    assert mt4.post("UserPasswordSet/{login}", login, body="correct horse").data is True
    assert mt4.post("UserPasswordSet/{login}", login, body="only looking", changeInvestor="true").data is True
    assert mt4.post("UserPasswordCheck/{login}", login, body="correct horse").data is True
    assert mt4.post("UserPasswordCheck/{login}", login, body="only looking").code == "MT4Error"
    mt4.patch("UserRecord/{login}", login, body={"enableFlags": 0})
    assert mt4.post("UserPasswordCheck/{login}", login, body="correct horse").manager_code == "AccountDisabled"


def test_wrong_passwords_lock_the_account_out(office: Office, mt4: Client) -> None:
    login = new(mt4)
    mt4.post("UserPasswordSet/{login}", login, body="correct horse")
    for _ in range(5):
        assert mt4.post("UserPasswordCheck/{login}", login, body="wrong horse").manager_code == "BadAccountInfo"
    assert mt4.post("UserPasswordCheck/{login}", login, body="correct horse").manager_code == "TooFrequent"
    mt4.post("UserPasswordSet/{login}", login, body="correct horse 2")
    assert mt4.post("UserPasswordCheck/{login}", login, body="correct horse 2").data is True


@pytest.mark.parametrize("password", ["short", "x" * 129, None, 12345678, ["correct horse"]])
def test_a_password_that_is_none_is_refused(mt4: Client, password: Any) -> None:
    body = b"null" if password is None else password
    assert mt4.post("UserPasswordSet/{login}", new(mt4), body=body).code == "Validation"


def test_no_password_is_in_the_audit(office: Office, mt4: Client) -> None:
    login = new(mt4)
    mt4.post("UserPasswordSet/{login}", login, body="unheard-of secret")
    mt4.post("UserPasswordCheck/{login}", login, body="unheard-of guess")
    rows = office.audited()
    assert any("UserPasswordSet" in row for row in rows)
    assert not any("unheard-of" in row for row in rows)
