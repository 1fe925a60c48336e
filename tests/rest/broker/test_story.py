"""The integration as the published guide tells it, over HTTP."""

from decimal import Decimal

from tests.rest.broker.stage import PASSWORD, Stage
from tests.rest.platform.terminal import Terminal


def test_a_broker_integrates_as_the_guide_tells_it(stage: Stage) -> None:
    program = stage.program
    # The key works; what is on offer.
    assert program.get("/service-info").body["artifact"] == "broker-api"
    offers = {offer["name"]: offer for offer in program.get("/v1/offers").body["offers"]}
    standard = offers["Standard"]
    assert (standard["groupName"], standard["currency"], standard["leverage"]) == ("standard", "USD", 100)
    assert standard["system"] | {"created": 0, "partnerId": 0} == {
        "uuid": stage.live, "partnerId": 0, "created": 0, "name": "Live", "demo": False, "active": True, "systemType": "QFX",
    }  # fmt: skip
    assert standard["branch"]["name"] == "Main"
    assert standard["operation"] == {"uuid": stage.first.uuid, "name": "First Broker"}
    assert [role["name"] for role in program.get("/v1/roles", sort="created,asc").body["roles"]] == ["User", "IB", "Sub IB"]

    # A person with a trading account.
    assert program.get("/v1/accounts/by-email/jane@mail.test").status == 404
    made = program.post(
        "/v1/accounts",
        {
            "email": "Jane@mail.test", "password": PASSWORD, "offerUuid": standard["uuid"], "clientType": "RETAIL",
            "personalDetails": {"firstname": "Jane", "lastname": "Roe", "dateOfBirth": "1990-12-31", "language": "English"},
            "contactDetails": {"phoneNumber": "+48 22 5550100"}, "addressDetails": {"country": "Poland", "postCode": "00-001"},
        },
    )  # fmt: skip
    assert made.status == 200, made.text
    account = made.body
    assert len(account["oneTimeToken"]) == 64
    assert (account["type"], account["verificationStatus"]) == ("RETAIL", "NEW")
    assert account["leadDetails"]["becomeActiveClientTime"] is None
    assert account["accountConfiguration"]["branchUuid"] == standard["branch"]["uuid"]
    shown = program.get("/v1/accounts/by-email/JANE@mail.test").body
    assert shown == {name: value for name, value in account.items() if name != "oneTimeToken"}
    (first,) = program.get("/v1/trading-accounts", query="jane@mail.test").body["content"]
    assert (first["group"], first["leverage"], first["access"], first["accountType"]) == ("standard", 100, "FULL", "REAL")
    assert first["accountInfo"] == {"uuid": account["uuid"], "email": "Jane@mail.test"}
    assert stage.control.account_cards.get("live", int(first["login"])).card.name == "Jane Roe"

    # A second one, which moves to another offer.
    second = program.post(f"/v1/accounts/{account['uuid']}/trading-accounts", {"offerUuid": standard["uuid"]}).body
    assert second["status"] == "ACTIVE"
    at = {"systemUuid": stage.live, "login": second["login"]}
    moved = program.patch("/v1/trading-account", {"offerUuid": offers["Netting"]["uuid"], "access": "CLOSE_ONLY"}, **at)
    assert (moved.status, moved.body) == (204, None)
    shown = program.get("/v1/trading-account", **at).body
    assert (shown["group"], shown["offerUuid"]) == ("netting", offers["Netting"]["uuid"])
    assert (shown["leverage"], shown["access"]) == (50, "CLOSE_ONLY")
    assert program.patch("/v1/trading-account/leverage", {"leverage": 20}, **at).status == 204
    assert stage.engine(second["login"]).leverage == 20

    # Money, as it is on the platform.
    stage.deposit(second["login"], 123_456)
    finance = program.get("/v1/trading-account", **at).body["financeInfo"]
    assert finance == {
        "balance": Decimal("1234.56"), "equity": Decimal("1234.56"), "profit": 0, "netProfit": 0, "margin": 0,
        "freeMargin": Decimal("1234.56"), "marginLevel": 0, "credit": 0, "currency": "USD", "currencyPrecision": 2,
    }  # fmt: skip

    # What happened.
    timeline = program.get(f"/v1/accounts/{account['uuid']}/timeline-events", sort="created,asc").body["timelineEvents"]
    assert [one["event"] for one in timeline] == [
        "ACCOUNT_CREATED", "TRADING_ACCOUNT_OPENED", "TRADING_ACCOUNT_OPENED", "OFFER_CHANGED",
    ]  # fmt: skip
    assert all(one["createdBy"] == "website" for one in timeline)


def test_the_whole_guide_from_the_key_to_another_offer(stage: Stage) -> None:
    """Every step by the API alone: nothing is looked up, and nothing helped along, behind it."""
    program = stage.program
    new = {"name": "Transfer", "currency": "USD", "branches": [stage.branch.uuid]}
    bank = stage.person("Administrator").post(f"{stage.office}/payment-gateways", new).body["uuid"]
    # What to keep of the offers, and which gateways fit them.
    offers = {one["name"]: one for one in program.get("/v1/offers").body["offers"] if not one["hidden"]}
    standard, vip = offers["Standard"], offers["Netting"]
    assert all(standard[name] for name in ("uuid", "partnerId", "groupName", "branch", "system", "operation"))
    gateways = {one["uuid"]: one for one in program.get("/v1/payment-gateways").body["paymentGateways"]}
    assert gateways[bank]["paymentSettings"]["currency"] == standard["currency"] == vip["currency"]
    instruments = program.get("/v1/symbols", systemUuid=standard["system"]["uuid"], group=standard["groupName"]).body
    assert "EURUSD" in [one["symbol"] for one in instruments["effectiveInstruments"]]

    # Nobody of this e-mail yet; then a person, two trading accounts, and a way in.
    email = stage.email()
    assert program.get(f"/v1/accounts/by-email/{email}").status == 404
    person = {"firstname": "Ida", "lastname": "Moe"}
    account = program.post(
        "/v1/accounts", {"email": email, "password": PASSWORD, "offerUuid": standard["uuid"], "personalDetails": person}
    ).body
    second = program.post(f"/v1/accounts/{account['uuid']}/trading-accounts", {"offerUuid": standard["uuid"]}).body
    first = next(
        one for one in program.get("/v1/trading-accounts", query=email).body["content"] if one["login"] != second["login"]
    )
    at = {"systemUuid": first["systemUuid"], "login": first["login"]}
    terminal = Terminal(stage, email)
    terminal.takes(terminal.sends("/manager/login/co/with-token", token=account["oneTimeToken"]).body)

    # Money, and a trade with it.
    paid = program.post("/v1/deposits/manual", {**at, "paymentGatewayUuid": bank, "amount": 2_000, "comment": "welcome"})
    assert paid.body["status"] == "DONE"
    (listed,) = program.get("/v1/deposits", query=email).body["content"]
    assert listed["uuid"] == paid.body["uuid"]
    assert program.get(f"/v1/accounts/by-email/{email}").body["leadDetails"]["becomeActiveClientTime"]
    buy = {**at, "instrument": "EURUSD", "orderSide": "BUY", "volume": 0.2}
    name = program.post("/v1/trading-accounts/positions/open", buy).body["orderId"]
    finance = program.get("/v1/trading-account", **at).body["financeInfo"]
    assert (finance["margin"], finance["freeMargin"]) == (Decimal("220.02"), finance["equity"] - finance["margin"])
    too_much = {**at, "paymentGatewayUuid": bank, "amount": finance["balance"].__float__()}
    refused = program.post("/v1/withdrawals/manual", too_much)
    assert (refused.status, "margin" in refused.body["title"].lower()) == (422, True), refused.text
    (held,) = program.get("/v1/trading-accounts/open-positions", **at).body["positions"]
    assert (held["id"], held["netProfit"]) == (name, finance["netProfit"])
    assert (
        program.post(
            "/v1/trading-accounts/positions/close", {**at, "closePositions": [{"positionId": name, "instrument": "EURUSD"}]}
        ).body["status"]
        == "OK"
    )

    # What it has left behind.
    stage.house.write_history()
    ledger = program.get("/v1/trading-accounts/ledgers", **at, **{"types[]": ["DEPOSIT", "CLOSED_POSITION"]}).body
    assert [(one["type"], one["comment"]) for one in ledger["operations"]] == [("DEPOSIT", "welcome"), ("CLOSED_POSITION", "")]
    balance = program.get("/v1/trading-account", **at).body["financeInfo"]["balance"]
    assert balance == sum(one["profit"] for one in ledger["operations"])

    # Out again, and under another offer.
    out = program.post("/v1/withdrawals/manual", {**at, "paymentGatewayUuid": bank, "amount": 500})
    assert out.body["status"] == "DONE"
    assert program.get("/v1/withdrawals", query=email).body["totalElements"] == 1
    assert program.patch("/v1/trading-account", {"offerUuid": vip["uuid"]}, **at).status == 204
    shown = program.get("/v1/trading-account", **at).body
    assert (shown["group"], shown["financeInfo"]["balance"]) == (vip["groupName"], balance - 500)
    assert terminal.asks("balance").body["balance"] == f"{balance - 500}", "the person sees the same"


def test_a_person_is_changed_and_noted_about(stage: Stage) -> None:
    program, account = stage.program, stage.account(stage.standard)
    path = f"/v1/accounts/{account['uuid']}"
    statuses = {one["name"]: one["uuid"] for one in program.get("/v1/lead-statuses").body["leadStatuses"]}
    changed = program.patch(
        path,
        {
            "personalDetails": {"lastname": "Smith", "passport": {"number": "X1", "country": "PL"}},
            "verificationStatus": "VERIFIED",
            "accountConfiguration": {"accountManagerUuid": stage.owner.uuid},
            "leadDetails": {"leadStatusUuid": statuses["Contacted"], "source": "fair"},
            "contactDetails": None,
        },
    )
    assert changed.status == 200, changed.text
    assert changed.body["personalDetails"]["firstname"] == "Ann"
    assert changed.body["personalDetails"]["passport"] == {"number": "X1", "country": "PL"}
    assert changed.body["accountConfiguration"]["accountManager"]["email"] == "owner@broker.test"
    assert changed.body["leadDetails"]["status"] == "Contacted"
    (trading_account,) = stage.trading_accounts(account)
    card = stage.control.account_cards.get("live", int(trading_account["login"])).card
    assert (card.name, card.lead_source) == ("Ann Smith", "fair")

    note = program.post("/v1/note", {"accountUuid": account["uuid"], "type": "CALL", "content": "calls back"}).body
    assert (note["accountUuid"], note["type"], note["createdBy"]) == (account["uuid"], "CALL", "website")
    task = program.post(
        "/v1/task",
        {
            "accountUuid": account["uuid"], "type": "CALL_ASSIGNMENT", "startDate": "2026-03-03T09:00:00.000Z",
            "status": "TODO", "accountManagerUuid": stage.owner.uuid, "comment": "call",
        },
    ).body  # fmt: skip
    assert (task["startDate"], task["accountManagerUuid"]) == ("2026-03-03T09:00:00.000Z", stage.owner.uuid)
    events = program.get(f"{path}/timeline-events", eventType="VOIP_CALL").body["timelineEvents"]
    assert [one["details"] for one in events] == ["calls back"]

    assert program.post("/v1/change-password", {"accountUuid": account["uuid"], "newPassword": "another horse"}).status == 204
    (candidate,) = stage.control.clients.candidates(account["email"])
    assert candidate.password.startswith("$argon2id$")
    asked = [row.action for row in stage.control.audit.rows() if row.action.method == "broker POST /v1/change-password"]
    assert "another horse" not in asked[-1].request


def test_lists_come_in_pages_and_in_order(stage: Stage) -> None:
    names = ("Zoe", "Bob", "Kim")
    made = [stage.account(personalDetails={"firstname": name, "lastname": "Paged"}) for name in names]
    page = stage.program.get("/v1/accounts", query="paged", size=2).body
    assert [one["uuid"] for one in page["content"]] == [made[2]["uuid"], made[1]["uuid"]]
    assert {name: page[name] for name in ("totalPages", "totalElements", "number", "size")} == {
        "totalPages": 2, "totalElements": 3, "number": 0, "size": 2,
    }  # fmt: skip
    found = stage.program.get("/v1/accounts", query="paged", sort="personalDetails.firstname,asc").body["content"]
    assert [one["personalDetails"]["firstname"] for one in found] == sorted(names)
    since = made[1]["created"]
    assert stage.program.get("/v1/accounts", query="paged", from_=since).body["totalElements"] == 2
    assert stage.program.get("/v1/accounts", query="paged", to=since).body["totalElements"] == 1
    assert stage.program.get("/v1/accounts", query="paged", accountType="CLIENT").body["totalElements"] == 0
    stage.account(personalDetails={"firstname": "Al", "lastname": "Paged"}, createAsDepositedAccount=True)
    assert stage.program.get("/v1/accounts", query="paged", accountType="CLIENT").body["totalElements"] == 1


def test_what_is_deleted_is_gone_here_and_kept_by_the_platform(stage: Stage) -> None:
    account = stage.account(stage.standard)
    (trading_account,) = stage.trading_accounts(account)
    body = {"systemUuid": stage.live, "logins": [trading_account["login"], "12"]}
    assert len(stage.program.post("/v1/trading-accounts/bulk-delete", body).body["errorDetails"]) == 1
    assert not stage.trading_accounts(account)
    assert stage.engine(trading_account["login"])
    unknown = "00000000-0000-4000-8000-000000000000"
    answer = stage.program.post("/v1/accounts/bulk-delete", {"accountUuids": [account["uuid"], unknown]})
    assert [text[:36] for text in answer.body["errorDetailMessages"]] == [unknown]
    assert stage.program.get(f"/v1/accounts/by-uuid/{account['uuid']}").status == 404
    assert stage.account(email=account["email"])["email"] == account["email"], "the e-mail is free again"


def test_whoever_registers_in_a_branch_gets_its_automatic_accounts(stage: Stage) -> None:
    branch = stage.crm.settings.add_branch(stage.first.id, "Demo branch")
    offer = stage.offer("Trial", "standard", demo=True, initial_deposit=1_000_000, automatic=True, branch_id=branch.id)
    account = stage.account(accountConfiguration={"branchUuid": branch.uuid})
    (trading_account,) = stage.trading_accounts(account)
    assert (trading_account["offerUuid"], trading_account["accountType"]) == (offer.uuid, "DEMO")
    assert trading_account["financeInfo"]["balance"] == Decimal("10000.00")
