"""The contract: for every method of the published documents a request in, the fields out, and their types.

One `Row` for each method; a test fails when a registered method has none. To add yours:

    Row("manager/v1", "deals.get", lambda scene: {"ID": scene.deal_id}, {"DealID": NUM, "Symbol": TEXT, "Profit": REAL})

`gives` is the documented answer: a dict has exactly these fields (besides those in `BEYOND`), a list is of such elements and
must not be empty, `OR_NULL(NUM)` may be null. What a request needs (a client, a strategy) is made by `Scene`, anew for
each row, so that rows may end what they are given.
"""

import re
from collections.abc import Callable
from typing import Any

from prorata.control.clients import Client
from tests.rest.ramm.broker import PASSWORD, Answered, Broker, Caller

NUM = "a whole number"
REAL = "a number"
TEXT = "a text"
BOOL = "a boolean"
TIME = "a time"
OBJECT = "an object of whatever fields"
STRINGS = "a list of texts, empty or not"


class OR_NULL:
    def __init__(self, kind: Any) -> None:
        self.kind = kind


class Scene:
    """What a row may name. `caller`: somebody who may call the row's method."""

    def __init__(self, broker: Broker, api: str) -> None:
        self.broker = broker
        self.api = api
        self.client: Client = _enrolled(broker)
        self.manager_login, self.manager = broker.hire(broker.company, "sessions.search")
        self.caller = self._caller()

    def _caller(self) -> Caller:
        kind, _, version = self.api.partition("/v")
        if kind == "client":
            return self.broker.client(self.client, int(version))
        login, _ = self.broker.hire(self.broker.company)
        return self.broker.manager(login, self.broker.company)


def _enrolled(broker: Broker) -> Client:
    """Return a client with a wallet."""
    client = broker.enrol(broker.company)
    wallet = broker.house.run(broker.copying.open_wallet(broker.company, client, "test"))
    broker.control.clients.note_wallet(client.id, wallet.id)
    return client


class Row:
    """`ask`: the body, or what makes it from a scene. `gives`: None for no fields."""

    def __init__(self, api: str, method: str, ask: dict[str, Any] | Callable[[Scene], dict[str, Any]], gives: Any) -> None:
        self.api = api
        self.method = method
        self._ask = ask
        self.gives = gives

    def scene(self, broker: Broker) -> Scene:
        return Scene(broker, self.api)

    def body(self, scene: Scene) -> dict[str, Any]:
        return self._ask(scene) if callable(self._ask) else self._ask

    def call(self, scene: Scene) -> Answered:
        return scene.caller(self.method, **self.body(scene))

    def __repr__(self) -> str:
        return f"{self.api}/{self.method}"


BEYOND = {"manager/v1/managers.get": frozenset({"Status"})}
"""Fields that we give and the documents do not have, by method."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}")


def differences(kind: Any, value: Any, beyond: frozenset[str] = frozenset(), path: str = "") -> list[str]:
    """Return where an answer is not as documented."""
    if isinstance(kind, OR_NULL):
        return [] if value is None else differences(kind.kind, value, beyond, path)
    if isinstance(kind, dict):
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no object"]
        wrong = [f"{path}.{name}: missing" for name in kind if name not in value]
        wrong += [f"{path}.{name}: not documented" for name in value if name not in kind and name not in beyond]
        for name in kind.keys() & value.keys():
            wrong += differences(kind[name], value[name], beyond, f"{path}.{name}")
        return wrong
    if isinstance(kind, list):
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        if not value:
            return [f"{path}: the list is empty, so it shows nothing"]
        return [line for place, one in enumerate(value) for line in differences(kind[0], one, beyond, f"{path}[{place}]")]
    return [] if _fits(kind, value) else [f"{path}: {value!r} is not {kind}"]


def _fits(kind: str, value: Any) -> bool:
    if kind == BOOL:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == OBJECT:
        return isinstance(value, dict)
    if kind == STRINGS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    if kind == NUM:
        return isinstance(value, int)
    if kind == REAL:
        return isinstance(value, int | float)
    if kind == TIME:
        return isinstance(value, str) and _TIME.fullmatch(value) is not None
    return isinstance(value, str)


def found(**rows: Any) -> dict[str, Any]:
    """Return what a search gives: its rows, and the three sections."""
    pagination = {"TotalRecords": NUM, "TotalPages": NUM, "CurrentPage": NUM, "PerPage": NUM, "MaxPerPage": NUM}
    return {"Filter": OBJECT, "Pagination": pagination, "OrderBy": {"Field": TEXT, "Direction": TEXT}, **rows}


SESSION = {
    "Token": TEXT, "Login": TEXT, "ManagerID": NUM, "CompanyID": NUM, "DTCreated": TIME, "DTLastActivity": TIME,
    "DTRightsLastUpdate": TIME, "ExpirationMinutes": NUM, "Demo": BOOL,
}  # fmt: skip
MANAGER_ROW = {
    "ID": NUM, "Login": TEXT, "FirstName": TEXT, "LastName": TEXT, "Mobile": TEXT, "Comment": TEXT, "Status": NUM, "Tag": NUM,
}  # fmt: skip
COMPANY_ROW = {
    "ID": NUM, "ParentID": NUM, "ParentCompanyName": TEXT, "Name": TEXT, "URL": TEXT, "Demo": BOOL, "Status": NUM,
}  # fmt: skip
ASSET = {"ID": NUM, "Type": NUM, "Name": TEXT, "Precision": NUM}
SYMBOL = {
    "ID": NUM, "IDAssetBase": NUM, "AssetBaseName": TEXT, "IDAssetQuote": NUM, "AssetQuoteName": TEXT, "Name": TEXT,
    "FullName": TEXT, "Enabled": BOOL,
}  # fmt: skip
CLIENT_ROW = {
    "ID": NUM, "Login": TEXT, "Email": TEXT, "FirstName": TEXT, "LastName": TEXT, "Mobile": TEXT, "Language": TEXT,
    "Status": NUM, "Tag": NUM, "Comment": TEXT, "Test": BOOL, "Enabled": BOOL, "ActiveAccountsCount": NUM,
    "ActiveAccountsTotalBalance": REAL, "ActiveAccountsTotalEquity": REAL, "ActiveAccountsTotalPositionsCount": NUM,
    "ClosedAccountsCount": NUM, "ActiveStrategiesCount": NUM, "ClosedStrategiesCount": NUM, "WalletsTotalBalance": REAL,
    "TotalFunds": REAL,
}  # fmt: skip
CLIENT_STATISTIC = {
    "GrossBalance": REAL, "NetBalance": REAL, "Equity": REAL, "NetEquity": REAL, "ActiveAccounts": REAL,
    "ClosedAccounts": REAL, "ActiveStrategies": REAL, "ClosedStrategies": REAL, "ClientFundsTotalIn": REAL,
    "ClientFundsTotalOut": REAL, "ClientFundsDelta": REAL, "ClientBonusDelta": REAL, "GrossProfit": REAL,
    "NetProfit": REAL, "GrossSwap": REAL, "CommissionBroker": REAL, "CommissionTrader": REAL, "FeeCharged": REAL,
    "FeeReceived": REAL, "CommissionReceived": REAL, "Volume": REAL, "NetFloatingProfit": REAL,
}  # fmt: skip
CLIENT_CARD = {
    "ID": NUM, "IDCompany": NUM, "IDReferralToken": NUM, "RegisteredDate": TIME, "FirstName": TEXT, "LastName": TEXT,
    "Mobile": TEXT, "Login": TEXT, "Comment": TEXT, "Language": TEXT, "Status": NUM, "Tag": NUM, "Country": TEXT,
    "Email": TEXT, "Enabled": BOOL, "ExternalPartnerReference": TEXT, "ReferralRebate": REAL, "Test": BOOL,
    "StrategyDefaultStreamID": OR_NULL(NUM), "StrategyDefaultHedge": REAL, "StrategyDefaultStreamName": TEXT,
    "AvailableStreams": [{"StreamID": NUM, "Name": TEXT}], "Statistic": CLIENT_STATISTIC,
}  # fmt: skip
CLIENT_LOGIN = {
    "Session": {"Token": TEXT, "WalletID": NUM, "DTLastActivity": TIME, "ExpirationMinutes": NUM},
    "Client": {"ID": NUM, "Login": TEXT, "FirstName": TEXT, "LastName": TEXT, "Language": TEXT, "PushToken": TEXT},
    "Company": {"ID": NUM, "Name": TEXT, "Demo": BOOL, "BrandKey": TEXT},
    "Wallets": [
        {
            "ID": NUM, "IDClient": NUM, "DT": TIME, "Asset": TEXT, "Status": NUM, "Balance": REAL, "Invested": REAL,
            "Margin": REAL, "IntervalPnL": REAL, "ActiveStrategiesCount": NUM,
        }
    ],
}  # fmt: skip


def _manager_login(scene: Scene) -> dict[str, Any]:
    return {"Login": scene.manager_login, "Password": PASSWORD, "CompanyID": scene.broker.company.id}


def _client_login(scene: Scene) -> dict[str, Any]:
    return {"Login": scene.client.login, "Password": PASSWORD, "CompanyID": scene.client.company_id}


def _client_to_add(scene: Scene) -> dict[str, Any]:
    return {
        "Login": f"new{scene.client.id}@mail.test", "Password": PASSWORD, "FirstName": "Eva", "LastName": "Fox",
        "Mobile": "+1 555", "Tag": 1, "Test": True, "Language": "en", "Comment": "", "Country": "Malta",
        "ExternalPartnerReference": "RX1", "ExecutionServerName": "MT5", "ExecutionAccount": "4546", "PrecisionVolume": 2,
    }  # fmt: skip


def _manager_to_add(scene: Scene) -> dict[str, Any]:
    login = f"new{scene.manager.id}@broker.test"
    person = {"Login": login, "Password": PASSWORD, "FirstName": "Eva", "LastName": "Fox", "Mobile": "", "Comment": ""}
    return {"Manager": person, "Methods": ["session.login", "clients.search"]}


def _manager_change(scene: Scene) -> dict[str, Any]:
    return {"ID": scene.manager.id, "FirstName": "Eva", "LastName": "Fox", "Mobile": "1", "Comment": "", "Tag": 7}


def _client_change(scene: Scene) -> dict[str, Any]:
    return {"ID": scene.client.id, "FirstName": "Eva", "StrategyDefaultStreamID": 2, "StrategyDefaultHedge": 0.25}


PAGE = {"Pagination": {"CurrentPage": 1, "PerPage": 5}, "OrderBy": {"Field": "ID", "Direction": "Desc"}}
NEW_PASSWORD = {"OldPassword": PASSWORD, "Password": "another password 2"}

CONTRACT: list[Row] = [
    # Session and own profile.
    Row("manager/v1", "session.login", _manager_login, SESSION),
    Row("manager/v1", "session.get", {}, SESSION),
    Row("manager/v1", "session.getMethods", {}, {"Methods": [TEXT]}),
    Row("manager/v1", "session.heartbeat", {}, {"DTRightsLastUpdate": TIME, "UpdateImportance": NUM}),
    Row("manager/v1", "session.getMySessions", {}, [SESSION]),
    Row("manager/v1", "session.logout", {}, {}),
    Row("manager/v1", "sessions.search", {}, {"Sessions": [SESSION]}),
    Row("manager/v1", "sessions.logout", lambda scene: {"Login": scene.manager_login}, {}),
    Row("manager/v1", "profile.get", {}, {"ID": NUM, "Login": TEXT, "FirstName": TEXT, "LastName": TEXT, "Mobile": TEXT}),
    Row("manager/v1", "profile.set", {"FirstName": "Eva", "LastName": "Fox", "Mobile": "+1 555"}, {}),
    Row("manager/v1", "settings.set", {"SettingsKey": "test", "Settings": "test settings"}, {}),
    Row("manager/v1", "settings.get", {"SettingsKey": "test"}, TEXT),
    Row("manager/v1", "password.set", NEW_PASSWORD, {}),
    # Managers and companies.
    Row("manager/v1", "managers.add", _manager_to_add, {"ID": NUM, "Login": TEXT, "Password": TEXT}),
    Row("manager/v1", "managers.search", {"Filter": {"Value": "lee"}, **PAGE}, found(Managers=[MANAGER_ROW])),
    Row(
        "manager/v1", "managers.get", lambda scene: {"ID": scene.manager.id},
        {"ID": NUM, "Login": TEXT, "FirstName": TEXT, "LastName": TEXT, "Mobile": TEXT, "Comment": TEXT, "Tag": TEXT,
         "Company": {"ID": NUM, "Name": TEXT, "Demo": BOOL}},
    ),
    Row("manager/v1", "managers.set", _manager_change, {}),
    Row(
        "manager/v1", "managers.getMethods",
        lambda scene: {"ManagerID": scene.manager.id, "CompanyID": scene.broker.company.id}, [{"Method": TEXT}],
    ),
    Row(
        "manager/v1", "managers.setMethods",
        lambda scene: {"ManagerID": scene.manager.id, "Methods": ["companies.add", "companies.search"]}, {},
    ),
    Row("manager/v1", "companies.add", {"Name": "FXInvest", "URL": "fxinvest.test", "Demo": False}, {"CompanyID": NUM}),
    Row("manager/v1", "companies.search", {"Filter": {"Name": "first"}, **PAGE}, found(Companies=[COMPANY_ROW])),
    Row("manager/v1", "companies.get", lambda scene: {"ID": scene.broker.company.id}, COMPANY_ROW),
    Row(
        "manager/v1", "company.get", {},
        {"ID": NUM, "Name": TEXT, "URL": TEXT, "Demo": BOOL, "Status": NUM, "Parent": {"ID": NUM, "Name": TEXT}},
    ),
    Row("manager/v1", "company.set", {"Name": "First Broker", "URL": "first.test"}, {}),
    # Clients.
    Row("manager/v1", "clients.setPassword", lambda scene: {"ClientID": scene.client.id, "Password": "a new one 1"}, {}),
    Row("manager/v1", "clients.getOTP", lambda scene: {"ClientID": str(scene.client.id)}, {"OTP": TEXT}),
    Row(
        "manager/v1", "clients.addWithWallet", _client_to_add,
        {"Client": {"ID": NUM, "Login": TEXT, "Password": TEXT}, "Wallet": {"ID": NUM, "AssetID": NUM, "AssetName": TEXT}},
    ),
    Row("manager/v1", "clients.search", {"Filter": {"Value": "mail"}, **PAGE}, found(Clients=[CLIENT_ROW])),
    Row("manager/v1", "clients.get", lambda scene: {"ID": scene.client.id}, CLIENT_CARD),
    Row("manager/v1", "clients.set", _client_change, {}),
    # Reference data.
    Row("manager/v1", "assets.search", {"Filter": {"Type": 0, "Name": "US"}, **PAGE}, found(Assets=[ASSET])),
    Row("manager/v1", "assets.get", {"ID": 840}, ASSET),
    Row("manager/v1", "symbols.search", {"Filter": {"Name": "EUR", "Enabled": True}, **PAGE}, found(Symbols=[SYMBOL])),
    Row("manager/v1", "symbols.get", {"ID": 1}, SYMBOL),
    # Client API.
    *(
        row
        for version in (1, 2, 3)
        for row in (
            Row(f"client/v{version}", "session.login", _client_login, CLIENT_LOGIN),
            Row(f"client/v{version}", "session.logout", {}, {}),
            Row(f"client/v{version}", "password.set", NEW_PASSWORD, {}),
            Row(
                f"client/v{version}", "platform.getSpecification", {},
                {"Account": {"AvailableCurrency": TEXT, "MinBalance": REAL}, "Strategy": {"MinAmountToCreate": REAL}},
            ),
        )
    ),
    Row("client/v3", "otp.get", {}, {"OTP": TEXT}),
]  # fmt: skip
