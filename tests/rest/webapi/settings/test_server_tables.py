"""Lists of the server's configuration: kept in order, changed, moved and shortened by place or key."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rest.webapi.office import OTHER, Client, Office

ROWS: dict[str, list[dict[str, Any]]] = {
    "DataServer": [
        {"server": f"access{number}.broker.test:443", "description": f"{number}", "priority": number, "loading": 4_294_967_295}
        for number in (1, 2, 3)
    ],
    "Feeder": [{"name": name, "server": "feed.test", "enable": 1, "dataFeedMode": "QuotesNews"} for name in "abc"],
    "GatewayAccount": [{"name": name, "id": ord(name), "enable": True, "notifyLogins": [1]} for name in "abc"],
    "LiveUpdate": [{"company": name, "version": 1} for name in "abc"],
    "Sync": [{"server": name, "login": "1", "mode": "Insert", "from": -1} for name in "abc"],
}  # fmt: skip
BY_PLACE = ("DataServer",)


@pytest.fixture(scope="module")
def other(own_office: Office) -> Client:
    """A program of another organization, with a platform of its own."""
    return own_office.client("second", platform=OTHER)


def put(mt4: Client, kind: str, place: int, row: dict[str, Any], **query: Any) -> Any:
    if kind in BY_PLACE:
        return mt4.post(f"CfgUpdate{kind}/{{pos}}", place, body=row, **query)
    return mt4.post(f"CfgUpdate{kind}", body=row, **query)


def listed(mt4: Client, kind: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = mt4.get(f"CfgRequest{kind}").data
    return rows


def told(rows: list[dict[str, Any]], like: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in like} for row in rows]


@pytest.mark.parametrize("kind", ROWS)
def test_a_list_is_filled_changed_moved_and_emptied(mt4: Client, other: Client, kind: str) -> None:
    first, second, third = ROWS[kind]
    ours = len(listed(mt4, kind))  # our own feed and venue stand before the others
    assert put(mt4, kind, ours, first).code == "NotFound"
    for place, row in enumerate((first, second, third), ours):
        assert told([put(mt4, kind, place, row, add="true").data], row) == [row]
    assert told(listed(mt4, kind)[ours:], first) == [first, second, third]
    assert len(listed(other, kind)) == 0

    changed = second | ({"description": "new"} if kind == "DataServer" else {"enable": first.get("enable", 0)})
    assert told([put(mt4, kind, ours + 1, changed).data], changed) == [changed]
    assert mt4.post(f"CfgShift{kind}/{{pos}}", ours + 2, shift=-2).data is True
    assert told(listed(mt4, kind)[ours:], changed)[2] == changed
    assert mt4.post(f"CfgShift{kind}/{{pos}}", ours + 2, shift=1).code == "Validation"
    assert mt4.post(f"CfgShift{kind}/{{pos}}", ours + 3, shift=-1).code == "NotFound"
    assert told(listed(mt4, kind)[ours:], third)[0] == third

    page = mt4.get(f"CfgRequest{kind}", limit=ours + 1)
    rest = mt4.get(f"CfgRequest{kind}", cursor=page.paging["nextCursor"])
    assert [*page.data, *rest.data] == listed(mt4, kind)

    for _ in range(3):
        assert mt4.post(f"CfgDelete{kind}/{{pos}}", ours).data is True
    assert mt4.post(f"CfgDelete{kind}/{{pos}}", ours).code == "NotFound"
    assert len(listed(mt4, kind)) == ours


@pytest.mark.parametrize(
    ("kind", "row", "field"),
    [
        ("DataServer", {"server": "x" * 257}, "server"),
        ("DataServer", {"loading": -1}, "loading"),
        ("DataServer", {"ipInternal": 2**32}, "ipInternal"),
        ("DataServer", {"isProxy": "yes"}, "isProxy"),
        ("Feeder", {"enable": 1}, "name"),
        ("Feeder", {"name": "x", "dataFeedMode": "Rumours"}, "dataFeedMode"),
        ("GatewayAccount", {"id": 9, "notifyLogins": [1] * 9}, "notifyLogins"),
        ("LiveUpdate", {"path": "/"}, "company"),
        ("Sync", {"login": "1"}, "server"),
        ("Sync", {"server": "x", "nothing": 1}, "nothing"),
    ],
)
def test_a_row_that_says_nothing_is_refused_and_not_kept(mt4: Client, kind: str, row: dict[str, Any], field: str) -> None:
    before = listed(mt4, kind)
    answer = put(mt4, kind, len(before), row, add="true")
    assert answer.code == "Validation"
    assert answer.message.startswith(field)
    assert listed(mt4, kind) == before


def test_the_platforms_own_feed_and_venue_are_shown_and_stay(mt4: Client) -> None:
    feed, venue = listed(mt4, "Feeder")[0], listed(mt4, "GatewayAccount")[0]
    assert (feed["name"], feed["file"], feed["enable"]) == ("simulated", "seeded market 1", 1)
    assert (venue["name"], venue["id"], venue["enable"]) == ("hedge desk", 0, True)
    assert mt4.post("CfgUpdateFeeder", body=feed).data == feed
    assert mt4.post("CfgUpdateFeeder", body=feed | {"enable": 0}).code == "Validation"
    assert mt4.post("CfgDeleteFeeder/{pos}", 0).code == "Validation"
    assert mt4.post("CfgShiftGatewayAccount/{pos}", 0, shift=1).code == "Validation"
    assert mt4.post("CfgUpdateGatewayAccount", body=venue | {"address": "elsewhere"}).code == "Validation"


# The firewall.

EVERYBODY = {"ipFrom": 0, "ipTo": 2**32 - 1}
LOOPBACK = {"ipFrom": 0x7F00_0000, "ipTo": 0x7FFF_FFFF}


@pytest.fixture
def firewall(mt4: Client) -> Iterator[Client]:
    yield mt4
    while rules := mt4.get("CfgRequestAccess").data:
        assert mt4.post("CfgDeleteAccess/{pos}", len(rules) - 1).data is True


def rule(mt4: Client, place: int, action: int, addresses: dict[str, int]) -> Any:
    body = {"action": action, "comment": "by test", **addresses}
    return mt4.post("CfgUpdateAccess/{pos}", place, body=body, add="true")


def test_the_first_rule_that_covers_an_address_decides(firewall: Client, other: Client) -> None:
    assert rule(firewall, 0, 1, LOOPBACK).data["comment"] == "by test"
    assert rule(firewall, 1, 0, EVERYBODY).data["action"] == 0
    assert firewall.get("ServerTime").code is None
    assert [row["action"] for row in firewall.get("CfgRequestAccess").data] == [1, 0]


def test_whoever_is_kept_out_is_told_so_on_this_platform_alone(firewall: Client, own_office: Office, other: Client) -> None:
    control = own_office.control
    blocked = b'{"action":0,"ipFrom":0,"ipTo":4294967295,"comment":""}'
    control.server_settings.change(firewall.platform, "access", lambda before: (blocked,))
    try:
        answer = firewall.get("ServerTime")
        assert (answer.status, answer.code) == (200, "Forbidden")
        assert other.get("ServerTime").code is None
    finally:
        control.server_settings.change(firewall.platform, "access", lambda before: ())


def test_nobody_locks_himself_out(firewall: Client) -> None:
    assert rule(firewall, 0, 0, EVERYBODY).code == "Validation"
    assert rule(firewall, 0, 0, LOOPBACK).code == "Validation"
    assert rule(firewall, 0, 1, LOOPBACK).code is None
    assert rule(firewall, 1, 0, EVERYBODY).code is None
    for answer in (
        firewall.post("CfgDeleteAccess/{pos}", 0),
        firewall.post("CfgShiftAccess/{pos}", 0, shift=1),
        firewall.post("CfgUpdateAccess/{pos}", 0, body={"action": 0, **LOOPBACK}),
    ):
        assert answer.code == "Validation"
        assert "keep out" in answer.message
    assert len(firewall.get("CfgRequestAccess").data) == 2
    assert firewall.post("CfgDeleteAccess/{pos}", 1).code is None


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"action": 2, "ipFrom": 1, "ipTo": 2}, "action"),
        ({"action": 1, "ipFrom": -1, "ipTo": 2}, "ipFrom"),
        ({"action": 1, "ipFrom": 3, "ipTo": 2}, "ipTo"),
        ({"action": 1, "ipFrom": 3, "ipTo": 2**32}, "ipTo"),
        ({"action": 1, "ipFrom": 1, "ipTo": 2, "comment": "x" * 257}, "comment"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(firewall: Client, row: dict[str, Any], field: str) -> None:
    answer = firewall.post("CfgUpdateAccess/{pos}", 0, body=row, add="true")
    assert answer.code == "Validation"
    assert answer.message.startswith(field)
    assert firewall.post("CfgUpdateAccess/{pos}", 5, body={"action": 1, "ipFrom": 1, "ipTo": 2}, add="true").code == "NotFound"


def test_the_firewall_is_for_who_manages_the_server(own_office: Office) -> None:
    settings = own_office.allowed("settings.read", "settings.write")
    assert settings.get("CfgRequestAccess").code is None
    for template in ("CfgUpdateAccess/{pos}", "CfgDeleteAccess/{pos}", "CfgShiftAccess/{pos}"):
        assert settings.post(template, 0, body={}).code == "Forbidden"
