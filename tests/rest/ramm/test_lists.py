"""Lists: filters, pages, orders, totals, the same for lists in memory and in the database."""

from typing import Any

import pytest

from prorata.control.companies import Company
from tests.rest.ramm.broker import Broker, Caller


@pytest.fixture(scope="module")
def crowd(broker: Broker) -> tuple[Company, Caller]:
    """A company with five clients."""
    company = broker.add_company("Crowd")
    for number, name in enumerate(("Bea", "ada", "Cid", "Bea", "100% Eve")):
        broker.enrol(company, first_name=name, comment=f"c_{number}", test=number == 0)
    return company, broker.may("clients.search", "symbols.search", "assets.search", company=company)


def names(caller: Caller, **body: Any) -> list[str]:
    return [row["FirstName"] for row in caller("clients.search", **body).body["Clients"]]


def test_a_list_is_given_in_pages_with_totals_and_repeats_what_was_asked(crowd: tuple[Company, Caller]) -> None:
    _, caller = crowd
    order = {"Field": "ID", "Direction": "Desc"}
    answer = caller("clients.search", Filter={"Comment": "C_"}, Pagination={"CurrentPage": 2, "PerPage": 2}, OrderBy=order).body
    assert answer["Filter"] == {"Comment": "C_"}
    assert answer["OrderBy"] == order
    assert answer["Pagination"] == {"TotalRecords": 5, "TotalPages": 3, "CurrentPage": 2, "PerPage": 2, "MaxPerPage": 1000}
    assert [row["Comment"] for row in answer["Clients"]] == ["c_2", "c_1"]


def test_without_sections_it_is_the_first_hundred_by_id(crowd: tuple[Company, Caller]) -> None:
    _, caller = crowd
    answer = caller("clients.search").body
    assert (answer["Filter"], answer["OrderBy"]) == ({}, {"Field": "ID", "Direction": "Asc"})
    assert (answer["Pagination"]["CurrentPage"], answer["Pagination"]["PerPage"]) == (1, 100)
    assert [row["Comment"] for row in answer["Clients"]] == [f"c_{number}" for number in range(5)]


def test_a_page_behind_the_last_is_empty(crowd: tuple[Company, Caller]) -> None:
    _, caller = crowd
    answer = caller("clients.search", Pagination={"CurrentPage": 9, "PerPage": 2}).body
    assert (answer["Clients"], answer["Pagination"]["TotalPages"]) == ([], 3)


def test_more_than_the_most_is_cut_to_the_most(crowd: tuple[Company, Caller]) -> None:
    _, caller = crowd
    assert caller("clients.search", Pagination={"PerPage": 5_000}).body["Pagination"]["PerPage"] == 1000


@pytest.mark.parametrize(
    ("wanted", "found"),
    [({"Value": "BEA"}, 2), ({"FirstName": "%"}, 1), ({"Comment": "c_4"}, 1), ({"LastName": "x"}, 0), ({"Mobile": 555}, 0),
     ({"Value": "mail.test"}, 5)],
)  # fmt: skip
def test_filters_look_inside_texts_in_any_letter_case(
    crowd: tuple[Company, Caller], wanted: dict[str, Any], found: int
) -> None:
    _, caller = crowd
    assert caller("clients.search", Filter=wanted).body["Pagination"]["TotalRecords"] == found


def test_test_clients_are_found_alone_or_left_out(crowd: tuple[Company, Caller]) -> None:
    _, caller = crowd
    assert [len(names(caller, **asked)) for asked in ({"Test": True}, {"Test": False}, {})] == [1, 4, 5]


def test_ties_of_an_order_go_by_id(crowd: tuple[Company, Caller]) -> None:
    _, caller = crowd
    for direction, found in (("asc", ["c_0", "c_3"]), ("Desc", ["c_3", "c_0"])):
        order = {"Field": "firstname", "Direction": direction}
        rows = caller("clients.search", Filter={"Value": "Bea"}, OrderBy=order).body["Clients"]
        assert [row["Comment"] for row in rows] == found


def test_an_order_by_what_the_engine_knows_is_a_page_of_all(crowd: tuple[Company, Caller]) -> None:
    _, caller = crowd
    answer = caller("clients.search", Pagination={"PerPage": 2}, OrderBy={"Field": "TotalFunds", "Direction": "Desc"})
    assert [row["Comment"] for row in answer.body["Clients"]] == ["c_4", "c_3"]
    assert answer.body["Pagination"]["TotalRecords"] == 5
    statuses = [row["Status"] for row in caller("clients.search").body["Clients"]]
    found = caller("clients.search", Filter={"Status": statuses[1]}).body["Clients"]
    assert [row["Status"] for row in found] == [statuses[1]] * statuses.count(statuses[1])


@pytest.mark.parametrize(
    ("section", "sent", "field"),
    [
        ("OrderBy", {"Field": "Password"}, "OrderBy.Field"), ("OrderBy", {"Direction": "Up"}, "OrderBy.Direction"),
        ("Pagination", {"CurrentPage": 0}, "Pagination.CurrentPage"), ("Pagination", {"PerPage": 0}, "Pagination.PerPage"),
        ("Pagination", {"PerPage": "5"}, "Pagination.PerPage"), ("Filter", {"ID": "5"}, "Filter.ID"),
        ("Filter", [], "Filter"),
    ],
)  # fmt: skip
def test_a_section_that_is_wrong_is_named(crowd: tuple[Company, Caller], section: str, sent: Any, field: str) -> None:
    _, caller = crowd
    answer = caller("clients.search", **{section: sent})
    assert (answer.status, answer.code) == (400, "invalid_input")
    assert f"'{field}'" in answer.message


def test_a_query_asks_the_same_as_a_body(crowd: tuple[Company, Caller]) -> None:
    _, caller = crowd
    query = {"Filter.Value": "bea", "Pagination.PerPage": "1", "OrderBy.Direction": "Desc", "Test": "false"}
    body = {"Filter": {"Value": "bea"}, "Pagination": {"PerPage": 1}, "OrderBy": {"Direction": "Desc"}, "Test": False}
    assert caller.get("clients.search", **query).body == caller("clients.search", **body).body
    wrong = caller.get("clients.search", **{"Pagination.PerPage": "many"})
    assert (wrong.code, "'Pagination.PerPage'" in wrong.message) == ("invalid_input", True)
    assert caller.get("clients.search", **{"Filter": "x", "Filter.ID": "5"}).code == "invalid_input"


def test_symbols_are_numbered_in_the_order_of_the_platform(crowd: tuple[Company, Caller], broker: Broker) -> None:
    _, caller = crowd
    platform = broker.house.platforms["live"]
    symbols = caller("symbols.search").body["Symbols"]
    assert [symbol["Name"] for symbol in symbols] == list(platform.desk.state.symbols)
    assert [symbol["ID"] for symbol in symbols] == list(range(1, len(symbols) + 1))
    gold = next(symbol for symbol in symbols if symbol["Name"] == "XAUUSD")
    assert (gold["IDAssetBase"], gold["AssetBaseName"], gold["IDAssetQuote"]) == (959, "XAU", 840)
    assert broker.boss("symbol.get", ID=gold["ID"]).body == gold
    assert broker.boss("symbols.get", ID=10_000).code == "forbidden"


def test_assets_have_their_iso_numbers_and_kinds(crowd: tuple[Company, Caller]) -> None:
    _, caller = crowd
    assets = {asset["Name"]: asset for asset in caller("assets.search").body["Assets"]}
    assert assets["USD"] == {"ID": 840, "Type": 0, "Name": "USD", "Precision": 2}
    assert [assets[name]["Type"] for name in ("EUR", "XAU", "BTC")] == [0, 1, 3]
    assert len({asset["ID"] for asset in assets.values()}) == len(assets)
    by_precision = caller("assets.search", OrderBy={"Field": "Precision", "Direction": "Desc"}).body["Assets"]
    assert by_precision[0]["Precision"] == 8
