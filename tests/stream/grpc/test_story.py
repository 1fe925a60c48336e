"""A program beside the CRM follows what happens over gRPC while it works over HTTP."""

from prorata.messages.commands import Quote
from tests.rest.broker.stage import PASSWORD
from tests.stream.grpc.stage import GrpcStage

TRADING = "/v1/trading-accounts"


def test_a_program_follows_what_it_does(grpc_port: GrpcStage) -> None:
    stage, program = grpc_port.stage, grpc_port.stage.program
    offer = next(one for one in program.get("/v1/offers").body["offers"] if one["name"] == "Standard")
    system, group = offer["system"]["uuid"], offer["groupName"]
    events = grpc_port.v1(
        "TradingEventsServiceExternal/getTradingEventsStream", "IncludedAsked", "Events", {"f1": system, "f3": [group]}
    )  # fmt: skip
    ledger = grpc_port.v1(
        "LedgerServiceExternal/getLedgersStreamByGroupsOrLogins", "LedgersAsked", "Entries", {"f1": system, "f3": [group]}
    )  # fmt: skip
    positions = grpc_port.v1(
        "PositionsServiceExternal/getOpenPositionsStreamByGroupsOrLogins", "ManyPositionsAsked", "ManyPositions",
        {"f1": system, "f2": [group]},
    )  # fmt: skip

    # A person with a trading account and money.
    made = program.post(
        "/v1/accounts",
        {
            "email": stage.email(), "password": PASSWORD, "offerUuid": offer["uuid"],
            "personalDetails": {"firstname": "Jane", "lastname": "Roe"},
        },
    ).body  # fmt: skip
    (account,) = stage.trading_accounts(made)
    login, at = account["login"], {"systemUuid": system, "login": account["login"]}
    new_gateway = {"name": "Bank", "currency": "USD", "branches": [stage.branch.uuid]}
    gateway = stage.person("Administrator").post(f"{stage.office}/payment-gateways", new_gateway).body
    paid = program.post(
        "/v1/deposits/manual", at | {"paymentGatewayUuid": gateway["uuid"], "amount": 5_000, "comment": "hello"}
    )
    assert paid.body["status"] == "DONE", paid.text
    ledger.until(lambda heard: any(one.f7 == int(login) and one.f4 == 5_000.0 for message in heard for one in message.f1))

    # An order, and a stop loss that is met.
    opened = program.post(
        f"{TRADING}/positions/open", at | {"instrument": "EURUSD", "orderSide": "BUY", "volume": 1, "slPrice": 1.09}
    ).body
    assert opened["status"] == "OK"

    def mine() -> list[tuple[int, str]]:
        return [(one.f16, one.f1) for m in positions.heard for key, one in m.f1.f1.items() if key == login and one.f16 != 3]

    positions.until(lambda _: mine() == [(0, opened["orderId"])])
    edited = program.post(f"{TRADING}/positions/edit", at | {"id": opened["orderId"], "slPrice": 1.0995})
    assert edited.body["status"] == "OK", edited.text
    grpc_port.quote(Quote("EURUSD", 109_900, 109_910))
    told = events.until(lambda heard: any(event.f6 == int(login) for message in heard for event in message.f1))
    (stopped,) = (event for message in told for event in message.f1 if event.f6 == int(login))
    assert (stopped.HasField("f4"), stopped.f7) == (True, group)
    assert (stopped.f4.f2, stopped.f4.f3, stopped.f4.f5, stopped.f4.f8) == (opened["orderId"], "EURUSD", 1.0, "USD")
    positions.until(lambda _: mine() == [(0, opened["orderId"]), (1, opened["orderId"]), (2, opened["orderId"])])

    # What was told is what the lists say.
    stage.house.write_history()
    (closed,) = program.get(f"{TRADING}/trading-data/closed-positions", **at).body["closedPositions"]
    assert (closed["reason"], float(closed["netProfit"])) == ("CLOSE_REASON_STOP_LOSS", stopped.f4.f7)
    finance = program.get("/v1/trading-account", **at).body["financeInfo"]
    assert float(finance["balance"]) == 5_000.0 + stopped.f4.f7
