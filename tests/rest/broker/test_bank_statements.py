"""People take in what the bank has told, and say which payments it was; a large or hostile file does no harm."""

from typing import Any

from tests.crm.statements import document, entry, statement
from tests.rest.broker.stage import Stage


def asked(stage: Stage, kind: str, amount: int) -> tuple[str, dict[str, Any]]:
    """Have a deposit or withdrawal wait; return the account's number and the payment as the workspace shows it."""
    boss = stage.person("Administrator")
    bank = {
        "name": "Bank", "currency": "USD", "branches": [stage.branch.uuid], "withdrawal_approvals": 1, "deposit_approvals": 1,
    }  # fmt: skip
    gateway = boss.post(f"{stage.office}/payment-gateways", bank).body["uuid"]
    (account,) = stage.trading_accounts(stage.account(stage.standard))
    stage.deposit(account["login"], 10_000)
    body = {"systemUuid": stage.live, "login": account["login"], "paymentGatewayUuid": gateway, "amount": amount}
    uuid = stage.program.post(f"/v1/{kind}s/manual", body).body["uuid"]
    (shown,) = [one for one in boss.get(f"{stage.office}/payments", kind=kind.upper()).body if one["uuid"] == uuid]
    return account["login"], shown


def test_a_statement_completes_a_deposit(stage: Stage) -> None:
    login, payment = asked(stage, "deposit", 50)
    finance, support = stage.person("Finance"), stage.person("Support")
    path, entries = f"{stage.office}/bank-statements", f"{stage.office}/bank-entries"
    body = {"content": document(statement(entry("50.00", ref="B-1", text=payment["reference"]), closing="50.00", name="API 1"))}
    assert support.post(path, body).status == 403
    (taken,) = finance.post(path, body).body
    assert (taken["new"], taken["closing"]) == (1, "50.00")
    assert finance.post(path, body).body[0]["new"] == 0
    (kept,) = [one for one in finance.get(path).body if one["uuid"] == taken["uuid"]]
    assert (kept["name"], kept["entries"], kept["open"]) == ("API 1", 1, 1)
    (open_entry,) = finance.get(entries).body
    assert [(one["by"], one["payment"]) for one in open_entry["proposals"]] == [("REFERENCE", payment["uuid"])]
    at = f"{entries}/{open_entry['uuid']}"
    assert finance.post(f"{at}/match", {"payment": stage.first.uuid}).status == 422
    matched = finance.post(f"{at}/match", {"payment": payment["uuid"]}).body
    assert (matched["payment"]["status"], matched["entry"]["status"]) == ("DONE", "MATCHED")
    assert stage.engine(login).balance == 15_000
    assert finance.post(f"{at}/set-aside", {"note": "no"}).status == 409
    assert finance.get(entries, status="MATCHED").body[0]["payment"] == payment["uuid"]


def test_csv_completes_a_withdrawal(stage: Stage) -> None:
    login, payment = asked(stage, "withdrawal", 60)
    finance = stage.person("Finance")
    finance.post(f"{stage.office}/payments/{payment['uuid']}/decision", {"agree": True})
    terms = {
        "account": "Main", "currency": "USD", "opening": "100.00", "closing": "38.00", "date_column": "Day",
        "amount_column": "Sum", "text_columns": ["Text"], "delimiter": ";", "decimal_comma": True, "dates": "31.01.2030",
    }  # fmt: skip
    content = f"Day;Sum;Text\n02.03.2026;-60,00;{payment['reference']}\n02.03.2026;-2,00;charges\n"
    path, entries = f"{stage.office}/bank-statements", f"{stage.office}/bank-entries"
    assert finance.post(path, {"content": content, "csv": {**terms, "closing": "38.01"}}).body["code"] == 1228
    assert finance.post(path, {"content": content, "csv": terms}).status == 201
    paid, charges = finance.get(entries).body
    done = finance.post(f"{entries}/{paid['uuid']}/match", {"payment": payment["uuid"]}).body["payment"]
    assert (done["status"], stage.engine(login).balance) == ("DONE", 4_000)
    assert finance.post(f"{entries}/{charges['uuid']}/set-aside", {"note": "charges"}).body["status"] == "SET_ASIDE"
    assert finance.get(entries).body == []


def test_a_large_file_is_read_and_a_larger_or_hostile_one_refused(stage: Stage) -> None:
    finance, path = stage.person("Finance"), f"{stage.office}/bank-statements"
    lines = [entry("0.01", ref=f"L-{number}", text="x" * 100) for number in range(300)]
    large = document(statement(*lines, closing="3.00", name="large"))
    assert len(large) > 65_536
    assert finance.post(path, {"content": large}).body[0]["new"] == 300
    for content, status, code in (
        (" " * 1_000_000, 413, 1227), ("<!DOCTYPE a [<!ENTITY b 'c'>]><Document>&b;</Document>", 422, 1226), ("<a>", 422, 1226),
    ):  # fmt: skip
        refused = finance.post(path, {"content": content})
        assert (refused.status, refused.body["code"]) == (status, code)
    assert finance.post(path, {"content": "x" * 3_000_000}).status == 413
    assert stage.program_of("").post(path, {"content": "x" * 100_000}).status == 413, "nobody has signed in"
    assert len(finance.get(f"{stage.office}/bank-entries").body) == 300
