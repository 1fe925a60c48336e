"""Every published operation of version 2, called: its path, its fields and their kinds, what it requires, its values."""

from typing import Any

import pytest

from prorata.rest.broker_v2.registry import operations
from tests.rest.broker.shapes import differences, own_fields, shape_of
from tests.rest.broker.stage import PASSWORD, Answer, Stage
from tests.rest.broker.test_contract import (
    GROUP,
    INSTRUMENT,
    LEDGER,
    OPEN,
    ORDER,
    PAST_ORDER,
    TRADED,
    Published,
    each,
    of_login,
    paged,
)
from tests.rest.broker_v2.office import DETAILS, SPAN, check_failed
from tests.rest.broker_v2.test_trading import ROOT, Trader
from tools.broker_operations import PAGE_V2

DATA = f"{ROOT}/trading-data"
USER = "uuid:text email:text created:time brokerId:whole ~updated:time"
FINANCE = """balance:number equity:number profit:number netProfit:number margin:number freeMargin:number marginLevel:number
    credit:number currency:text currencyPrecision:whole"""
ACCOUNT = f"""
    uuid:text created:time login:text group:text leverageRatioPercent:whole accessRight:text accountType:text version:whole
    accountDetails{{firstName:text lastName:text phoneNumber:text dateOfBirth:text bankAccount:text
        addressDetails{{address:text country:text state:text city:text zipCode:text}}}}
    financeInfo{{{FINANCE}}} ~isProView:flag ~remarks:text
"""
CLOSED = """id:text openTime:time openPrice:number symbol:text alias:text volume:number stopLoss:number takeProfit:number
    closeTime:time closePrice:number commission:number swap:number profit:number side:text netProfit:number
    closingOrderId:text reason:text comment:text uid:text"""
DELETED = """userAccountUuid:text deleted:flag errorMessage:text
    tradingAccounts[]{~login:text ~deleted:flag ~errorMessage:text}"""
CANDLE = "symbol:text interval:text candles[]{time:whole open:number high:number low:number close:number}"

P = Published
NEW_USER = {"email": "$new", "password": PASSWORD}
NEW_ACCOUNT = {
    "group": "standard", "leverageRatioPercent": 100, "accessRight": "FULL", "isProView": False, "accountType": "REAL",
    "accountDetails": DETAILS, "initialDeposit": 100, "initialCredit": {"amount": 1, "comment": "c"}, "remarks": "r",
}  # fmt: skip
BUY = {"login": "$login", "symbol": "EURUSD", "orderSide": "BUY", "volume": 0.1, "slPrice": 1.0, "tpPrice": 1.3}
PENDING = BUY | {"activationPrice": 1.05, "type": "LIMIT"}
CORRECTION = {"login": "$login", "symbol": "EURUSD", "volume": 0.1, "side": "BUY", "price": 1.1, "comment": "c"}
MONEY = {"amount": 5.5, "comment": "c", "additionalType": "BANK"}
MANY = {"logins": ["$login"], "groups": [], "accessRightsFilter": ["FULL"]}

CALLS: tuple[Published, ...] = (
    P("GET", "/service-info", "artifact:text name:text serviceVersion:text"),
    P("GET", "/v1/user-accounts", paged(USER), {"page": 0, "size": 5, "createdFrom": SPAN["from"], "updatedTo": SPAN["to"]}),
    P("GET", "/v1/user-accounts/email/$email", USER),
    P("GET", "/v1/user-accounts/$user", USER),
    P("POST", "/v1/user-accounts", USER, {}, NEW_USER, "email password"),
    P("PATCH", "/v1/user-accounts/$user", USER, {}, {"email": "$email"}),
    P("PUT", "/v1/user-accounts/$user", USER, {}, {"email": "$email"}),
    P("POST", "/v1/user-accounts/$user/change-password", "", {}, {"newPassword": PASSWORD}),
    P("PATCH", "/v1/user-accounts/$user/change-password", "", {}, {"newPassword": PASSWORD}),
    P("PUT", "/v1/user-accounts/$user/change-password", "", {}, {"password": PASSWORD}),
    P("POST", "/v1/one-time-token", "token:text", {}, {"email": "$email", "validityTime": 60}, "email validityTime"),
    P("POST", "/v1/user-accounts/$user/trading-accounts", ACCOUNT, {}, NEW_ACCOUNT,
      "group leverageRatioPercent accountType accountDetails"),
    P("GET", "/v1/user-accounts/$user/trading-accounts", each(ACCOUNT)),
    P("GET", ROOT, paged(ACCOUNT), {"group": "standard", "page": 0, "size": 5, "accessRightsFilter": "FULL"}),
    P("GET", f"{ROOT}/$login", ACCOUNT),
    P("PATCH", f"{ROOT}/$login", "", {}, {"version": "$version", "remarks": "r"}, "version"),
    P("POST", f"{ROOT}/$login/deposit", "", {}, MONEY, "amount"),
    P("POST", f"{ROOT}/$login/withdraw", "", {}, MONEY, "amount"),
    P("POST", f"{ROOT}/$login/credit-in", "", {}, MONEY, "amount"),
    P("POST", f"{ROOT}/$login/credit-out", "", {}, MONEY, "amount"),
    P("POST", f"{ROOT}/positions/open", TRADED, {}, BUY, "login symbol orderSide volume"),
    P("POST", f"{ROOT}/positions/edit", TRADED, {}, {"login": "$login", "id": "$held", "slPrice": 1.0}, "login"),
    P("POST", f"{ROOT}/positions/close-partially", TRADED, {},
      {"login": "$login", "positionId": "$held", "volume": 0.1}, "login positionId volume"),
    P("POST", f"{ROOT}/pending-order/create", TRADED, {}, PENDING, "login symbol orderSide volume activationPrice type"),
    P("POST", f"{ROOT}/pending-order/edit", TRADED, {},
      {"login": "$login", "orderId": "$waiting", "activationPrice": 1.04}, "login activationPrice"),
    P("POST", f"{ROOT}/correction-order/create", TRADED, {}, CORRECTION, "login symbol volume side price"),
    P("POST", f"{DATA}/open-positions", of_login("positions", OPEN), {}, MANY),
    P("POST", f"{DATA}/active-orders", of_login("orders", ORDER), {}, MANY),
    P("POST", f"{DATA}/closed-positions", f"closedPositions[]{{{CLOSED}}}", {}, MANY | SPAN, "from to"),
    P("POST", f"{DATA}/ledgers", of_login("operations", f"{LEDGER} additionalType:text"), {}, MANY | SPAN),
    P("POST", f"{DATA}/orders-history", of_login("historicalOrders", PAST_ORDER), {}, MANY | SPAN),
    P("POST", f"{DATA}/order-history", of_login("historicalOrders", PAST_ORDER), {}, MANY | SPAN),
    P("DELETE", f"{ROOT}/pending-order/cancel", TRADED, {"login": "$login", "orderId": "$waiting"}, None, "login orderId"),
    P("POST", f"{ROOT}/positions/close", TRADED, {},
      {"login": "$login", "closePositions": [{"positionId": "$held", "comment": "c"}]}, "login closePositions"),
    P("POST", f"{ROOT}/positions/close-all", TRADED, {}, {"logins": ["$login"]}),
    P("GET", "/v1/symbols", each(INSTRUMENT), {"group": "standard", "symbols": "EURUSD,XAUUSD"}, None, "group"),
    P("GET", "/v1/group-names", ""),
    P("POST", "/v1/groups", each(GROUP), {}, {"names": ["standard"]}),
    P("GET", "/v1/candles", CANDLE, SPAN | {"symbol": "EURUSD", "interval": "M1", "size": 5}, None,
      "symbol interval from to"),
    P("POST", f"{ROOT}/bulk-delete", "status:text responses[]{~login:text ~status:text ~errorMessage:text}", {},
      {"logins": ["$login"]}, "logins"),
    P("DELETE", "/v1/user-accounts/$user", DELETED, {"deleteFromTradingSystem": "true"}),
    P("POST", "/v1/user-accounts/bulk-delete", f"status:text responses[]{{{DELETED}}}", {},
      {"uuids": ["$user"], "deleteFromTradingSystem": True}, "uuids"),
)  # fmt: skip
"""In an order in which each finds what it needs."""


class Scene(Trader):
    """A person with an account that holds one of everything; all of the table is asked of it in turn."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.program = stage.program_with(self.rights, addresses=("127.0.0.1",))
        user = self.user()
        self.login = self.account(user)["login"]
        self.names = {"user": user["uuid"], "email": user["email"], "login": self.login, "held": self.opens()}
        self.asks("positions/close", closePositions=[{"positionId": self.opens(0.1)}])
        self.names["waiting"] = self.asks("pending-order/create", **PENDING | {"login": self.login}).body["orderId"]

    @property
    def rights(self) -> list[str]:
        return sorted({str(one.needs) for one in operations() if one.needs is not None})

    def filled(self, given: Any) -> Any:
        if given == "$version":
            return self.get(f"{ROOT}/{self.login}").body["version"]
        if given == "$new":
            return self.stage.email()
        if isinstance(given, str):
            for name, value in self.names.items():
                given = given.replace(f"${name}", value)
            return given
        if isinstance(given, dict):
            return {name: self.filled(value) for name, value in given.items()}
        return [self.filled(one) for one in given] if isinstance(given, list) else given

    def ask(self, call: Published, query: Any, body: Any) -> Answer:
        self.stage.house.write_history()
        query, body = self.filled(query), self.filled(body)
        path = f"/broker-api-v2{self.filled(call.path)}"
        return Answer(self.program.http.request(call.verb, path, params=query, json=body))


@pytest.fixture(scope="module")
def scene(stage: Stage) -> Scene:
    return Scene(stage)


def test_every_call_is_answered_with_its_fields_and_names_what_is_missing(scene: Scene) -> None:
    wrong: list[str] = []
    for call in CALLS:
        for name in call.required.split():
            query, body = ({key: one for key, one in (part or {}).items() if key != name} for part in (call.query, call.body))
            answer = scene.ask(call, query, body if call.body is not None else None)
            check_failed(answer, 400, "malformed")
            if name not in answer.body["detail"]:
                wrong.append(f"{call.name}: {name} is not named in {answer.body['detail']}")
        answer = scene.ask(call, call.query, call.body)
        names = isinstance(answer.body, list) and all(isinstance(one, str) for one in answer.body)
        if answer.status != (200 if call.answer or (names and answer.body) else 204):
            wrong.append(f"{call.name}: {answer.status} {answer.text}")
        elif call.answer:
            told = {"all": answer.body} if isinstance(answer.body, list) else answer.body
            wrong += [f"{call.name}: {problem}" for problem in differences(shape_of(call.answer), told)]
            if call.answer == TRADED and told["status"] != "OK":
                wrong.append(f"{call.name}: {told}")
    assert wrong == []


def test_every_operation_is_in_the_table() -> None:
    asked = {
        f"{call.verb} {call.path.replace('$user', '{uuid}').replace('$email', '{email}').replace('$login', '{login}')}"
        for call in CALLS
    }
    assert asked == {f"{one.verb} {one.template}" for one in operations()}


def test_the_page_lists_the_fields_that_are_ours() -> None:
    page = PAGE_V2.read_text(encoding="utf-8")
    ours = set().union(*(own_fields(shape_of(call.answer)) for call in CALLS))
    assert {name for name in ours if f"`{name}`" not in page} == set()
