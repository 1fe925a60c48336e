"""Every published operation of the Broker-API v1, called: its path, fields, kinds, required parameters, values and defaults."""

from itertools import count
from string import Template
from typing import Any

import msgspec
import pytest

from prorata.access.permissions import EVERYTHING
from prorata.crm.accounts import ClientType, Verification
from prorata.crm.activity import NoteType, TaskStatus, TaskType
from prorata.crm.partners.plans import Rule, RuleKind, Terms
from prorata.crm.payments import PaymentStatus
from prorata.rest.broker.app import BrokerApi
from prorata.rest.broker.registry import operations
from prorata.rest.broker.trade_shapes import OrderTypeName
from tests.rest.broker.shapes import differences, own_fields, shape_of
from tests.rest.broker.stage import PASSWORD, Answer, Stage
from tests.rest.broker.test_trading_data import DAY, Told
from tests.rest.platform.terminal import Terminal
from tools.broker_operations import PAGE

DATA, SHORT = "/v1/trading-accounts/trading-data", "/v1/trading-accounts"
_numbers = count(1)

# Shapes, as `shapes` reads them.

PERSON = "uuid:text email:text name:text"
ACCOUNT = f"""
    uuid:text created:time updated:time email:text verificationStatus:text type:text
    personalDetails{{firstname:text lastname:text dateOfBirth:text citizenship:text language:text maritalStatus:text
        passport{{number:text country:text}} taxIdentificationNumber:text}}
    contactDetails{{phoneNumber:text faxNumber:text toContact{{toContactDate:time alreadyContacted:flag}}}}
    accountConfiguration{{partnerId:whole branchUuid:text roleUuid:text accountManager{{{PERSON}}}
        ibParentTradingAccountUuid:text crmUserScope{{branchScope[] managerPools[]}} accountTypeContact:flag}}
    addressDetails{{country:text state:text city:text postCode:text address:text}}
    bankingDetails{{bankAddress:text bankSwiftCode:text bankAccount:text bankName:text accountName:text}}
    leadDetails{{statusUuid:text status:text source:text ~referral:text providerUuid:text becomeActiveClientTime:time}}
"""
TRADING_ACCOUNT = """
    uuid:text login:text created:time accountInfo{uuid:text email:text} offerUuid:text systemUuid:text commissionUuid:text
    group:text leverage:whole access:text accountType:text
    financeInfo{balance:number equity:number profit:number netProfit:number margin:number freeMargin:number marginLevel:number
        credit:number currency:text currencyPrecision:whole}
"""
NAMED = "uuid:text partnerId:whole created:time updated:time name:text"
PAYMENT = f"""
    uuid:text partnerId:whole created:time remark:text
    accountInfo{{accountUuid:text email:text branchUuid:text personalDetails{{firstname:text lastname:text}}
        accountManager{{{PERSON}}} tradingAccount{{uuid:text login:text offerUuid:text}}
        leadDetails{{~statusUuid:text ~becomeActiveClientTime:time}}}}
    paymentRequestInfo{{financialDetails{{status:text amount:number netAmount:number currency:text}}
        paymentGatewayDetails{{uuid:text name:text}} additionalInfo{{walletAddress:text reference:text paymentId:text}}}}
"""
BOOKED = "uuid:text created:time status:text transactionInfo{amount:number netAmount:number currency:text}"
TRADED = """status:text orderId:text ~nativeCode:text ~errorMessage:text
    ~partialResponses[]{~positionId:text ~status:text ~errorMessage:text}"""
PRICED = """id:text symbol:text alias:text volume:number side:text openTime:time openPrice:number swap:number profit:number
    netProfit:number currentPrice:number commission:number"""
OPEN = f"{PRICED} stopLoss:number takeProfit:number margin:number positions[]{{{PRICED} oldPartialVolume:number}}"
CLOSED = """id:text openTime:time openPrice:number symbol:text alias:text volume:number stopLoss:number takeProfit:number
    time:time closePrice:number commission:number swap:number profit:number side:text netProfit:number closingOrderID:text
    reason:text comment:text uid:text ~login:whole"""
ORDER = """id:text symbol:text alias:text volume:number type:text creationTime:time activationPrice:number side:text
    stopLoss:number takeProfit:number comment:text"""
PAST_ORDER = """orderId:text created:time symbol:text volume:number closingOrderId:text takeProfit:number stopLoss:number
    limit:number stop:number ~updated:time ~status:text ~side:text"""
LEDGER = "id:text type:text time:time profit:number comment:text"
INSTRUMENT = """isSessionOpen:flag sessionOpen:flag symbol:text alias:text baseCurrency:text quoteCurrency:text type:text
    pricePrecision:whole volumePrecision:whole swapBuy:number swapSell:number swapType:text volumeMin:number volumeStep:number
    volumeMax:number commissionMin:number contractSize:number sizeOfOnePoint:number multiplier:whole divider:whole
    leverage:number bidMarkup:whole askMarkup:whole freezeLevel:whole stopsLevel:whole description:text tags[]:text
    tradingHours[]{dayNumber:whole openHours:whole openMinutes:whole openSeconds:whole closeHours:whole closeMinutes:whole
        closeSeconds:whole} isFixedLeverage:flag terminationType:text terminationDate:text"""
GROUP = "id:text currency:text currencyPrecision:whole groupOwner:text symbols"
GROUP_SYMBOL = """symbol:text bidMarkup:whole askMarkup:whole leverage:number swapBuy:number swapSell:number freezeLevel:whole
    stopsLevel:whole swapType:text volumeMin:number volumeMax:number minCommission:number fixedLeverage:flag rawLeverage:number
    commissionType:text commissionPerMillion:number"""
BRANCH = f"""{NAMED} mailingConfiguration{{emailUser emailPassword emailHost emailPort emailTls emailSsl}}
    tfaRequiredForClients:flag mt4RealServerName:text mt4DemoServerName:text mt5RealServerName:text mt5DemoServerName:text
    useSumSubKyc:flag paymentGatewayUuids[]"""
OFFER = f"""{NAMED} currency:text demo:flag hidden:flag description:text moneyManager:text initialDeposit:number leverage:whole
    verificationRequired:flag tradingAccountAutoCreation:flag groupName:text
    branch{{uuid:text partnerId:whole created:time name:text}}
    system{{uuid:text partnerId:whole created:time name:text demo:flag active:flag systemType:text}}
    operation{{uuid:text name:text}}"""
GATEWAY = """uuid:text name:text method:text supportedOperationTypes{deposits:flag withdrawals:flag}
    paymentSettings{currency:text feesConfig{processingFee:number depositFee:number withdrawalFee:number}}
    processingSettings{autoDeposits:flag autoWithdrawals:flag verificationRequired:flag}"""
LOG = """~uuid:text ~created:time ~level:text ~event:text ~details:text ~accountUuid:text ~accountEmail:text
    ~tradingAccountUuid:text ~tradingAccountLogin:text ~systemUuid:text ~symbol:text ~orderId:text ~clientIp:text
    ~browserId:text ~userAgent:text ~appVersion:text ~appType:text ~deviceType:text ~appResolution:text ~view:text
    ~country:text"""
LOG_FILTERS = (
    "accountUuid", "accountEmail", "tradingAccountUuid", "tradingAccountLogin", "clientIp", "browserId", "country",
    "appVersion", "appType", "deviceType", "view", "userAgent", "appResolution",
)  # fmt: skip
PAGING = "totalPages:whole totalElements:whole number:whole size:whole"


def paged(shape: str) -> str:
    return f"content[]{{{shape}}} {PAGING}"


def each(shape: str) -> str:
    """A bare array."""
    return f"all[]{{{shape}}}"


def of_login(field: str, shape: str) -> str:
    return each(f"login:whole group:text {field}[]{{{shape}}}")


class Published(msgspec.Struct, frozen=True):
    """A call: `query` and `body` may name things of the scene with `$`; `answer` "" is 204; `required` lists with blanks."""

    verb: str
    path: str
    answer: str
    query: dict[str, Any] = {}
    body: Any = None
    required: str = ""

    @property
    def name(self) -> str:
        return f"{self.verb} {self.path}"


P = Published
AT = {"systemUuid": "$live", "login": "$login"}
MANY = {"systemUuid": "$live", "logins": ["$login"], "groups": [], "limit": 5, "includeLocked": True, "includeBlocked": True}
SPAN = {"from": DAY["from"], "to": DAY["to"]}
PAGE_OF = {"page": 0, "size": 1000, "sort": "created,asc", **SPAN}
NEW = {
    "email": "$new", "password": PASSWORD, "personalDetails": {"firstname": "A", "lastname": "B"}, "offerUuid": "$offer",
    "clientType": "RETAIL", "createAsDepositedAccount": True,
}  # fmt: skip
BUY = AT | {"instrument": "EURUSD", "orderSide": "BUY", "volume": 0.1, "slPrice": 1.0, "tpPrice": 1.3}
PENDING = BUY | {"activationPrice": 1.05, "type": "LIMIT"}
CORRECTION = AT | {"instrument": "EURUSD", "volume": 0.1, "side": "BUY", "price": "1.10000", "comment": "c"}
PAID = AT | {"paymentGatewayUuid": "$gateway", "amount": 10.5, "comment": "by hand"}
BY_IDS = AT | {"ids": ["$held"], **SPAN}
LEDGER_TYPES = [
    "DEPOSIT", "WITHDRAWAL", "CREDIT_IN", "CREDIT_OUT", "AGENT_COMMISSION", "COMMISSIONS", "SWAPS", "CLOSED_POSITION", "OTHER",
]  # fmt: skip
STATUSES = ["FILLED", "CANCELLED", "REJECTED", "ADDED", "ACTIVE_ORDER_PRICE_EDITED"]

CALLS: tuple[Published, ...] = (
    P("GET", "/service-info", "artifact:text name:text serviceVersion:text"),
    P("GET", "/v1/branches", f"branches[]{{{BRANCH}}}", SPAN | {"sort": "created,desc"}),
    P("GET", "/v1/offers", f"offers[]{{{OFFER}}}", SPAN | {"sort": "created,desc"}),
    P("GET", "/v1/roles", f"roles[]{{{NAMED}}}", SPAN | {"sort": "created,desc"}),
    P("GET", "/v1/accounts", paged(ACCOUNT), PAGE_OF | {"query": "$email", "accountType": "ALL"}),
    P("GET", "/v1/accounts/by-email/$email", ACCOUNT),
    P("GET", "/v1/accounts/by-uuid/$account", ACCOUNT),
    P("GET", "/v1/accounts/$account/timeline-events",
      "timelineEvents[]{details:text event:text createdBy:text created:time}", SPAN | {"sort": "created,desc"}),
    P("POST", "/v1/accounts", f"{ACCOUNT} oneTimeToken:text", {}, NEW, "email password personalDetails"),
    P("PATCH", "/v1/accounts/$account", ACCOUNT, {}, {"personalDetails": {"citizenship": "PL"}}),
    P("POST", "/v1/change-password", "", {}, {"accountUuid": "$account", "newPassword": PASSWORD}, "accountUuid newPassword"),
    P("POST", "/v1/note", "uuid:text created:time createdBy:text accountUuid:text type:text content:text", {},
      {"accountUuid": "$account", "type": "NOTE", "content": "said"}, "accountUuid content"),
    P("POST", "/v1/task", """uuid:text accountUuid:text type:text startDate:time status:text accountManagerUuid:text
      comment:text ~created:time ~createdBy:text""", {},
      {"accountUuid": "$account", "type": "TASK", "startDate": DAY["from"], "status": "TODO", "accountManagerUuid": "$manager",
       "comment": "call"}, "accountUuid"),
    P("POST", "/v1/one-time-token", "token:text", {}, {"email": "$email", "validityTime": 60}, "email validityTime"),
    P("GET", "/v1/trading-accounts", paged(TRADING_ACCOUNT), PAGE_OF | {"query": "$login"}),
    P("GET", "/v1/trading-account", TRADING_ACCOUNT, AT, None, "systemUuid login"),
    P("POST", "/v1/accounts/$account/trading-accounts",
      "uuid:text created:time updated:time login:text offerUuid:text status:text commissionUuid:text", {},
      {"offerUuid": "$offer", "commissionUuid": "$plan"}, "offerUuid"),
    P("PATCH", "/v1/trading-account", "", AT, {"commissionUuid": "$plan", "access": "FULL"}, "systemUuid login"),
    P("PATCH", "/v1/trading-account/leverage", "", AT, {"leverage": 50}, "systemUuid login leverage"),
    P("GET", "/v1/payment-gateways", f"paymentGateways[]{{{GATEWAY}}}", SPAN | {"sort": "created,desc"}),
    P("POST", "/v1/deposits/manual", BOOKED, {}, PAID, "systemUuid login paymentGatewayUuid amount"),
    P("POST", "/v1/withdrawals/manual", BOOKED, {}, PAID, "systemUuid login paymentGatewayUuid amount"),
    P("GET", "/v1/deposits", paged(PAYMENT), PAGE_OF | {"query": "$login"}),
    P("GET", "/v1/withdrawals", paged(PAYMENT), PAGE_OF | {"query": "$login"}),
    P("POST", "/v1/credit/in", "", {}, AT | {"amount": 2, "comment": "c"}, "systemUuid login amount"),
    P("POST", "/v1/credit/out", "", {}, AT | {"amount": 1, "comment": "c"}, "systemUuid login amount"),
    P("GET", "/v1/symbols", f"effectiveInstruments[]{{{INSTRUMENT}}}",
      {"systemUuid": "$live", "group": "standard", "symbols": "EURUSD,GBPUSD"}, None, "systemUuid group"),
    P("POST", f"{SHORT}/positions/open", TRADED, {}, BUY, "systemUuid login instrument orderSide volume"),
    P("POST", f"{SHORT}/positions/edit", TRADED, {}, AT | {"id": "$held", "slPrice": 1.3, "tpPrice": 1.0},
      "systemUuid login id"),
    P("POST", f"{SHORT}/positions/close-partially", TRADED, {},
      AT | {"positionId": "$held", "instrument": "EURUSD", "volume": 0.01}, "systemUuid login positionId volume"),
    P("POST", f"{SHORT}/positions/close", TRADED, {},
      AT | {"closePositions": [{"positionId": "$spare", "instrument": "EURUSD"}]}, "systemUuid login closePositions"),
    P("POST", f"{SHORT}/positions/close-all", TRADED, {}, {"systemUuid": "$live", "logins": ["$idle"]}, "systemUuid logins"),
    P("POST", f"{SHORT}/pending-order/create", TRADED, {}, PENDING,
      "systemUuid login instrument orderSide volume activationPrice type"),
    P("DELETE", f"{SHORT}/pending-order/cancel", TRADED, {}, AT | {"instrument": "EURUSD", "orderId": "$waiting"},
      "systemUuid login orderId"),
    P("POST", f"{SHORT}/correction-order/create", TRADED, {}, CORRECTION, "systemUuid login instrument volume side price"),
    *(
        call
        for root in (DATA, SHORT)
        for call in (
            P("GET", f"{root}/open-positions", f"positions[]{{{OPEN}}}", AT, None, "systemUuid login"),
            P("GET", f"{root}/closed-positions", f"closedPositions[]{{{CLOSED}}}", AT | SPAN, None, "systemUuid login"),
            P("GET", f"{root}/active-orders", f"orders[]{{{ORDER}}}", AT, None, "systemUuid login"),
            P("GET", f"{root}/ledgers", f"operations[]{{{LEDGER}}}", AT | SPAN | {"types[]": LEDGER_TYPES, "limit": 5}, None,
              "systemUuid login types[]"),
            P("POST", f"{root}/open-positions", of_login("positions", OPEN), {}, MANY, "systemUuid logins"),
            P("POST", f"{root}/closed-positions", f"closedPositions[]{{{CLOSED}}}", {}, MANY | SPAN,
              "systemUuid logins from to"),
            P("POST", f"{root}/ledgers", of_login("operations", LEDGER), {}, MANY | SPAN | {"types": LEDGER_TYPES},
              "systemUuid logins types"),
            P("POST", f"{root}/order-history", of_login("historicalOrders", PAST_ORDER), {},
              MANY | SPAN | {"statuses": STATUSES}, "systemUuid logins statuses"),
            P("POST", f"{root}/order-history-by-ids", f"historicalOrders[]{{{PAST_ORDER}}}", {}, BY_IDS,
              "systemUuid login ids"),
            P("POST", f"{root}/open-positions-by-ids", f"positions[]{{{OPEN}}}", {}, BY_IDS, "systemUuid login ids"),
            P("POST", f"{root}/closed-positions-by-ids", f"closedPositions[]{{{CLOSED}}}", {},
              BY_IDS | {"ids": ["$closed"]}, "systemUuid login ids"),
            P("POST", f"{root}/active-orders-by-ids", f"orders[]{{{ORDER}}}", {}, BY_IDS | {"ids": ["$kept"]},
              "systemUuid login ids"),
        )
    ),
    P("POST", "/v1/groups", each(GROUP), {"systemUuid": "$live"}, {"names": ["standard"]}, "systemUuid"),
    P("GET", "/v1/group-names", "all[]:text", {"systemUuid": "$live"}, None, "systemUuid"),
    P("POST", "/v2/platform-logs", paged(LOG), PAGE_OF, {"accountEmailFilter": "$email"}),
    P("GET", "/v1/candles", "symbol:text interval:text candles[]{time:whole open:number high:number low:number close:number}",
      SPAN | {"systemUuid": "$live", "symbol": "EURUSD", "interval": "M1"}, None, "systemUuid symbol interval from to"),
)  # fmt: skip


class Scene:
    """An account with one of everything, and the names of it for `$`."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        told = Told(stage)
        owner = stage.program.get("/v1/trading-account", **told.at).body["accountInfo"]
        order: dict[str, Any] = {
            "instrument": "EURUSD",
            "orderSide": "BUY",
            "volume": 0.1,
            "type": "LIMIT",
            "activationPrice": 1.05,
        }
        kept = told.asks(f"{SHORT}/pending-order/create", **order).body["orderId"]
        new = {"name": "Contract", "currency": "USD", "branches": [stage.branch.uuid]}
        gateway = stage.person("Administrator").post(f"{stage.office}/payment-gateways", new).body["uuid"]
        rule = Rule(kind=RuleKind.PER_LOT, values=(500,))
        plan = stage.crm.partners.plans.add(stage.first.id, "Contract", "USD", Terms(rules=(rule,)), by="test")
        self.program = stage.program_with(EVERYTHING, addresses=("127.0.0.1",))
        self.names = {
            "live": stage.live, "login": told.login, "account": owner["uuid"], "email": owner["email"],
            "offer": stage.standard.uuid, "manager": stage.owner.uuid, "gateway": gateway, "plan": plan.uuid, "held": told.held,
            "spare": told.opens(), "waiting": told.waiting, "closed": told.name, "kept": kept, "idle": stage.trader(),
        }  # fmt: skip
        Terminal(stage, owner["email"]).signs_in()

    def filled(self, given: Any) -> Any:
        """Return what is sent, with the names of the scene in the place of `$name`."""
        if isinstance(given, str):
            return Template(given).substitute(self.names, new=f"contract{next(_numbers)}@mail.test") if "$" in given else given
        if isinstance(given, dict):
            return {name: self.filled(value) for name, value in given.items()}
        return [self.filled(one) for one in given] if isinstance(given, list) else given

    def ask(self, call: Published, *, query: dict[str, Any] | None = None, body: Any = None) -> Answer:
        self.stage.house.write_history()
        sent = call.body if body is None else body
        response = self.program.http.request(
            call.verb, self.filled(call.path), params=self.filled(call.query if query is None else query),
            json=None if sent is None else self.filled(sent),
        )  # fmt: skip
        return Answer(response)


@pytest.fixture(scope="module")
def scene(stage: Stage) -> Scene:
    return Scene(stage)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_call_is_answered_with_the_documented_fields(scene: Scene, call: Published) -> None:
    answer = scene.ask(call)
    assert answer.status == (200 if call.answer else 204), answer.text
    if call.answer:
        told = {"all": answer.body} if isinstance(answer.body, list) else answer.body
        assert differences(shape_of(call.answer), told) == []
        assert any(value not in ([], None) for value in told.values()), "an empty list shows no fields"
        assert call.answer != TRADED or told["status"] == "OK"


def test_a_group_maps_its_symbols_by_name(scene: Scene) -> None:
    (group,) = scene.program.post("/v1/groups", {"names": ["standard"]}, systemUuid=scene.stage.live).body
    for name, symbol in group["symbols"].items():
        assert (symbol["symbol"], differences(shape_of(GROUP_SYMBOL), symbol)) == (name, [])


@pytest.mark.parametrize("call", [call for call in CALLS if call.required], ids=lambda call: call.name)
def test_a_call_without_what_it_needs_is_refused_and_names_it(scene: Scene, call: Published) -> None:
    for name in call.required.split():
        if name in call.query:
            answer = scene.ask(call, query={key: value for key, value in call.query.items() if key != name})
        else:
            answer = scene.ask(call, body={key: value for key, value in call.body.items() if key != name})
        assert (answer.status, set(answer.body)) == (400, {"status", "title", "detail", "path", "timestamp"}), (
            name,
            answer.text,
        )
        assert name.removesuffix("[]") in answer.body["detail"]


def test_every_operation_is_documented_as_published_or_as_ours() -> None:
    published = {
        f"{call.verb} {Template(call.path).safe_substitute(account='{accountUuid}', email='{email}')}" for call in CALLS
    }
    served = {f"{one.verb} {one.template}" for one in operations() if not one.ours and not one.template.startswith("/v1/prop/")}
    assert served == published


def test_the_page_lists_the_fields_that_are_ours() -> None:
    listed = PAGE.read_text(encoding="utf-8").partition("**Fields that are ours**")[2].partition("\n\n")[0]
    ours = set().union(*(own_fields(shape_of(call.answer)) for call in CALLS))
    assert {name for name in ours if f"`{name}`" not in listed} == set()


VALUES: tuple[tuple[str, Published, str, str], ...] = (
    ("verificationStatus", P("PATCH", "/v1/accounts/$account", "", {}, {}),
     "body", "NEW REJECTED VERIFIED BLOCKED PENDING_VERIFICATION UNVERIFIED"),
    ("clientType", P("PATCH", "/v1/accounts/$account", "", {}, {}), "body", "RETAIL PROFESSIONAL EXPERIENCED"),
    ("accountType", P("GET", "/v1/accounts", ""), "query", "ALL CLIENT LEAD"),
    ("eventType", P("GET", "/v1/accounts/$account/timeline-events", ""), "query",
     "VOIP_CALL NOTE TASK_CALL TASK LEAD_ASSIGNMENT FAILED_DEPOSIT SUCCESSFUL_DEPOSIT WITHDRAWAL_TO_CONFIRM STOP_LOSS "
     "TAKE_PROFIT ORDER_ACTIVATION STOP_OUT MARGIN_CALL LOGIN"),
    ("type", P("POST", "/v1/note", "", {}, {"accountUuid": "$account", "content": "x"}), "body", "NOTE CALL"),
    ("type", P("POST", "/v1/task", "", {}, {"accountUuid": "$account"}), "body", "TASK CALL_ASSIGNMENT"),
    ("status", P("POST", "/v1/task", "", {}, {"accountUuid": "$account"}), "body", "TODO IN_PROGRESS DONE"),
    ("access", P("PATCH", "/v1/trading-account", "", {"systemUuid": "$live", "login": "$idle"}, {}), "body",
     "CLOSE_ONLY TRADING_DISABLED TRADING_AND_LOGIN_DISABLED FULL"),
    ("orderSide", P("POST", f"{SHORT}/positions/open", "", {}, BUY | {"slPrice": 0, "tpPrice": 0}), "body", "BUY SELL"),
    ("type", P("POST", f"{SHORT}/pending-order/create", "", {}, PENDING | {"orderSide": "SELL"}), "body", "LIMIT STOP"),
    ("interval", P("GET", "/v1/candles", "", SPAN | {"systemUuid": "$live", "symbol": "EURUSD"}), "query",
     "M1 M5 M15 M30 H1 H4 D1 W1 MN1"),
    ("sort", P("GET", "/v1/accounts", "", {"size": 1}), "query",
     "created updated email phone firstname surname country state city postCode address contactDetails.email "
     "personalDetails.surname created,asc created,desc personalDetails.surname,asc contactDetails.email,desc"),
    ("sort", P("GET", "/v1/trading-accounts", "", {"size": 1}), "query",
     "created updated accountConfiguration.partnerId contactDetails.email"),
    ("sort", P("GET", "/v1/deposits", "", {"size": 1}), "query", "created created,asc"),
    ("sort", P("GET", "/v1/withdrawals", "", {"size": 1}), "query", "created created,asc"),
)  # fmt: skip


@pytest.mark.parametrize(("field", "call", "where", "values"), VALUES)
def test_a_field_takes_its_published_values_and_no_others(
    scene: Scene, field: str, call: Published, where: str, values: str
) -> None:
    for value in (*values.split(), "nonsense"):
        told = {where: getattr(call, where) | {field: value}}
        answer = scene.ask(call, **told)
        expected = 400 if value == "nonsense" else 204 if call.path == "/v1/trading-account" else 200
        assert answer.status == expected, (value, answer.text)
    if call.path == "/v1/accounts/$account":
        scene.ask(call, body={field: {"verificationStatus": "NEW", "clientType": "RETAIL"}[field]})


def test_platform_logs_take_every_published_filter(scene: Scene) -> None:
    call = P("POST", "/v2/platform-logs", "")
    everything = scene.ask(call, body={}).body["totalElements"]
    for name in LOG_FILTERS:
        answer = scene.ask(call, body={f"{name}Filter": "12345678"})
        assert (answer.status, answer.body["totalElements"]) == (200, 0), name
        assert scene.ask(call, body={f"{name}Filter": None}).body["totalElements"] >= everything
    for name, value in (("levelFilter", "INFO"), ("eventFilter", "LOGIN"), ("eventFilter", ["LOGIN", "DEAL_IN"])):
        assert scene.ask(call, body={name: value}).status == 200
        assert scene.ask(call, body={name: "nonsense"}).status == 400


def test_what_is_shown_has_the_published_values() -> None:
    assert " ".join(PaymentStatus) == (
        "NEW AWAITING_CONFIRMATION PROCESSING BOOKED PROCESSING_PAYMENT DONE REJECTED FAILED FAILED_PAYMENT CANCELLED_BY_USER"
    )
    assert {one.value for one in OrderTypeName} == {"LIMIT", "STOP", "UNTYPE"}
    assert {one.value for one in Verification} == set(VALUES[0][3].split())
    assert {one.value for one in ClientType} == set(VALUES[1][3].split())
    assert [{one.value for one in kind} for kind in (NoteType, TaskType, TaskStatus)] == [
        {"NOTE", "CALL"}, {"TASK", "CALL_ASSIGNMENT"}, {"TODO", "IN_PROGRESS", "DONE"},
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/trading-accounts", "/v1/deposits", "/v1/withdrawals"])
def test_a_list_in_pages_begins_with_the_ten_newest(scene: Scene, path: str) -> None:
    page = scene.program.get(path).body
    assert (page["number"], page["size"]) == (0, 10)
    created = [one["created"] for one in page["content"]]
    assert created == sorted(created, reverse=True)
    assert page["totalPages"] == -(-page["totalElements"] // 10)
    assert scene.program.get(path, size=1000).status == 200
    assert scene.program.get(path, size=1001).status == 400


def test_both_spellings_of_the_key_are_the_same_key(stage: Stage) -> None:
    key = stage.key(EVERYTHING)
    for path in ("/service-info", "/v1/offers", "/v1/accounts"):
        bare, schemed = (stage.program_of(spelling).get(path) for spelling in (key, f"Bearer {key}"))
        assert (bare.status, bare.body) == (200, schemed.body)


def test_beyond_the_allowance_a_key_is_told_when_to_come_again(stage: Stage) -> None:
    usual, stage.api = stage.api, BrokerApi(stage.api.house, per_minute=3)
    try:
        greedy, other = (stage.program_with(EVERYTHING) for _ in range(2))
        assert [greedy.get("/service-info").status for _ in range(3)] == [200, 200, 200]
        answer = greedy.get("/v1/offers")
        assert (answer.status, answer.body["status"], answer.body["path"]) == (429, 429, "/v1/offers")
        assert set(answer.body) == {"status", "title", "detail", "path", "timestamp"}
        assert 1 <= int(answer.headers["retry-after"]) <= 21, "a call is given back every twenty seconds"
        assert other.get("/service-info").status == 200, "each key has its own"
    finally:
        stage.api = usual


def test_a_key_has_five_hundred_calls_a_minute(stage: Stage) -> None:
    allowances = BrokerApi(stage.api.house)._allowances
    assert (allowances._burst, round(allowances._rate * 60)) == (500, 500)
