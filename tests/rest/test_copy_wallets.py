"""Wallets over HTTP: money in and out, once, and never more than there is."""

from typing import Any

from tests.rest.copying import B_BOOK, Copying


def test_a_client_has_one_wallet_of_a_currency(copying: Copying) -> None:
    wallet = copying.client("0")
    client = copying.get(f"wallets/{wallet}")["client"]
    again = copying.post("wallets", {"client": client, "company": B_BOOK})
    assert (again["wallet"], again["repeated"]) == (wallet, True)
    other = copying.post("wallets", {"client": client, "company": B_BOOK, "currency": "EUR"})
    assert other["wallet"] != wallet
    listed = copying.get("wallets", client=client)["items"]
    assert [(one["wallet"], one["currency"]) for one in listed] == [(wallet, "USD"), (other["wallet"], "EUR")]


def test_the_same_external_id_is_booked_once(copying: Copying) -> None:
    wallet = copying.client("0")
    body = {"type": "fund", "amount": "250.10", "external_id": "wire-1"}
    first = copying.post(f"wallets/{wallet}/transfers", body)
    again = copying.post(f"wallets/{wallet}/transfers", body)
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert first["transfer"] == again["transfer"]
    (moved,) = first["events"]
    assert (moved["event"], moved["amount"], moved["balance"], moved["type"]) == ("wallet-moved", "250.10", "250.10", "fund")
    assert copying.refusal("post", f"wallets/{wallet}/transfers", body | {"amount": "250.11"}) == "EXTERNAL_ID_REUSED"
    assert copying.get(f"wallets/{wallet}")["balance"] == "250.10"


def test_a_bonus_is_money_that_cannot_be_withdrawn(copying: Copying) -> None:
    wallet = copying.client("100.00")
    copying.post(f"wallets/{wallet}/transfers", {"type": "bonus_fund", "amount": "50"})
    shown = copying.get(f"wallets/{wallet}")
    assert (shown["balance"], shown["bonus"], shown["withdrawable"]) == ("150.00", "50.00", "100.00")
    withdrawal = {"type": "withdraw", "amount": "100.01"}
    assert copying.refusal("post", f"wallets/{wallet}/transfers", withdrawal) == "NOT_ENOUGH_MONEY"
    assert (
        copying.post(f"wallets/{wallet}/transfers", {"type": "withdraw", "amount": "100"})["events"][0]["amount"] == "-100.00"
    )


def test_a_withdrawal_is_reserved_and_then_paid_or_voided(copying: Copying) -> None:
    wallet = copying.client("100.00")
    reserved = copying.post(f"wallets/{wallet}/reservations", {"amount": "60", "external_id": "out-1"})["reservation"]
    (waiting,) = copying.get("reservations/working", wallet=wallet)["items"]
    assert (waiting["reservation"], waiting["amount"], waiting["external_id"]) == (reserved, "60.00", "out-1")
    shown = copying.get(f"wallets/{wallet}")
    assert (shown["balance"], shown["reserved"]) == ("40.00", "60.00")
    assert copying.refusal("post", f"wallets/{wallet}/reservations", {"amount": "40.01"}) == "NOT_ENOUGH_MONEY"

    copying.post(f"reservations/{reserved}/void")
    assert copying.get(f"wallets/{wallet}")["balance"] == "100.00"
    assert copying.refusal("post", f"reservations/{reserved}/pay") == "RESERVATION_ENDED"
    assert copying.get("reservations/working", wallet=wallet)["items"] == []

    second = copying.post(f"wallets/{wallet}/reservations", {"amount": "100"})["reservation"]
    paid = copying.post(f"reservations/{second}/pay")
    assert [event["event"] for event in paid["events"]] == ["reservation-ended", "wallet-moved"]
    shown = copying.get(f"wallets/{wallet}")
    assert (shown["balance"], shown["reserved"]) == ("0.00", "0.00")


def test_wallets_are_listed_in_parts(copying: Copying) -> None:
    opened = [copying.client("0") for _ in range(5)]
    seen: list[int] = []
    query: dict[str, Any] = {"limit": 2, "company": B_BOOK}
    while True:
        page = copying.get("wallets", **query)
        seen += [wallet["wallet"] for wallet in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == sorted(set(seen))
    assert set(opened) <= set(seen)


def test_an_amount_has_the_digits_of_its_currency(copying: Copying) -> None:
    wallet = copying.client("0")
    assert copying.refusal("post", f"wallets/{wallet}/transfers", {"type": "fund", "amount": "1.001"}) == "OUT_OF_RANGE"
    assert copying.refusal("post", f"wallets/{wallet}/transfers", {"type": "fee", "amount": "1"}) == "MALFORMED"
    assert copying.refusal("post", f"wallets/{wallet}/transfers", {"type": "fund", "amount": "0"}) == "AMOUNT_NOT_POSITIVE"
    assert copying.refusal("post", "wallets/999999/transfers", {"type": "fund", "amount": "1"}) == "UNKNOWN_WALLET"
