"""Orders over HTTP: placing, changing, cancelling, closing."""

from tests.rest.house import House


def order(login: int, **changes: object) -> dict[str, object]:
    return {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.10", **changes}


def test_a_market_order_is_answered_with_its_deal(house: House) -> None:
    login = house.open_account()
    with house.trader(login) as trader:
        answer = trader.post("/api/v1/orders", json=order(login))
        assert answer.status_code == 201, answer.text
        outcome = answer.json()
        deal = outcome["events"][0]["deal"]
        assert deal["price"] == "1.10013"
        position = trader.get(f"/api/v1/accounts/{login}/positions/{deal['position']}").json()
        assert position["current_price"] == "1.09998"
        account = trader.get(f"/api/v1/accounts/{login}").json()
        assert account["equity"] == "9998.50"
