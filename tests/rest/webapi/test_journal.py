"""The server's journal."""

from typing import Any

import pytest

from prorata.messages.commands import PlaceOrder, Side
from tests.rest.house import House
from tests.rest.webapi.office import Client, Office


def lines(mt4: Client, **query: Any) -> list[str]:
    return [f"{line['code']} {line['message']}" for line in mt4.get("JournalRequest", **query).data]


def test_what_was_dealt_booked_and_asked_for_is_in_the_journal(office: Office, house: House, mt4: Client) -> None:
    login = house.open_account(deposit=123_456)
    house.run(house.platforms["live"].writer.submit(PlaceOrder(login, "EURUSD", Side.BUY, 50_000_000)))
    house.write_history()
    mt4.post("UserRecordNew", body={"group": "standard", "name": "Unheard-of name"})
    mt4.patch("UserRecord/{login}", login, body={"leverage": 9_999})
    mt4.post("UserPasswordCheck/{login}", login, body="unheard-of")
    office.control.refresh()
    trades = lines(mt4, mode="Trades", filter=f"'{login}'")
    assert [trade.partition(" #")[0] for trade in trades] == [f"Trade '{login}': deposit", f"Trade '{login}': deal"]
    assert "1234.56 USD" in trades[0]
    assert "buy 0.5 EURUSD at 1.10013, opens #" in trades[1]
    assert "Ok api client client all: UserRecordNew ok" in lines(mt4, mode="Standard")
    assert "Err api client client all: UserRecord MT4Error" in lines(mt4, mode="errors")
    assert "Login api client client all: UserPasswordCheck MT4Error" in lines(mt4, mode="Logins")
    everything = lines(mt4)
    assert set(trades) < set(everything)
    assert not any("nheard-of" in line for line in everything)
    assert lines(mt4, mode="Updater") == []


def test_the_journal_is_of_its_platform_and_of_the_time_that_is_asked_for(office: Office, mt4: Client) -> None:
    span: dict[str, Any] = {"from": "2026-03-02T11:59:59Z", "to": "2026-03-02T12:00:00Z"}
    first = mt4.get("JournalRequest", **span).data
    assert first
    assert {line["time"] for line in first} == {"2026.03.02 12:00:00.000"}
    assert mt4.get("JournalRequest", to="2026-03-02T11:00:00Z").data == []
    other = office.client("second", platform="33333333-3333-4333-8333-333333333333")
    assert not any("api client client all" in line for line in lines(other))


@pytest.mark.parametrize("query", [{"mode": "Everything"}, {"from": "yesterday"}, {"to": "1960-01-01T00:00:00Z"}])
def test_a_journal_that_cannot_be_is_refused(mt4: Client, query: dict[str, Any]) -> None:
    assert mt4.get("JournalRequest", **query).code == "Validation"
