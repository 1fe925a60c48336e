"""What the broker writes to its clients: set up and looked at in the workspace, sent by programs, read by the client."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prorata.messages.commands import Tick
from prorata.units.numbers import DAY_MS
from tests.rest.broker.stage import Stage
from tests.rest.house import MONDAY_NOON, House
from tests.rest.platform.terminal import Terminal, trader

MONDAY = "2026-03-02"
ABSENT = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A broker of its own: its days end."""
    house = House(Path(tmp_path_factory.mktemp("house")))
    house.start()
    stage = Stage(Path(tmp_path_factory.mktemp("broker")), house)
    yield stage
    stage.close()
    house.stop()


def person_of(stage: Stage, terminal: Terminal) -> dict[str, Any]:
    found: dict[str, Any] = stage.program.get(f"/v1/accounts/by-email/{terminal.email}").body
    return found


def test_people_write_texts_and_see_them_before_they_are_in_force(stage: Stage) -> None:
    risk, reader = stage.person("Risk"), stage.person("Read-only")
    texts = f"{stage.office}/letters/texts/MARGIN_CALL/de"
    (kind,) = [one for one in reader.get(f"{stage.office}/letters/kinds").body if one["kind"] == "MARGIN_CALL"]
    assert (kind["optional"], {one["name"]: one["kind"] for one in kind["fields"]}["equity"]) == (False, "money")
    ours = reader.get(texts).body
    assert (ours["in_force"]["version"], ours["versions"]) == (0, [])
    own = {"subject": "Konto {{ login }}", "body": "Noch {{ equity }}", "html": "<b>{{ equity }}</b>"}
    shown = reader.post(f"{texts}/preview", own).body
    assert (shown["subject"], shown["body"]) == ("Konto 20000001", "Noch 482,50\u00a0USD")
    assert "<b>482,50\u00a0USD</b>" in shown["html"]
    assert reader.put(texts, own).status == 403
    bad = risk.put(texts, {**own, "body": "eins\nzwei {{ nothing }}"})
    assert (bad.status, bad.body["detail"]) == (422, "body, line 2: there is no field nothing")
    assert risk.put(texts, own).body["version"] == 1
    assert len(reader.get(f"{stage.office}/letters/texts").body) == 17 * 5
    assert risk.delete(texts).body["version"] == 0
    after = reader.get(texts).body
    assert (after["in_force"]["version"], [one["version"] for one in after["versions"]]) == (0, [1])
    assert reader.get(f"{stage.office}/letters/texts/MARGIN_CALL/fr").status == 400


def test_a_branch_s_mail_server_is_set_and_its_password_shown_to_nobody(stage: Stage) -> None:
    risk = stage.person("Risk")
    path = f"{stage.office}/branches/{stage.branch.uuid}/mailing"
    wish = {"email_host": "mail.first.test", "email_tls": True, "email_user": "desk@first.test", "email_password": "hunter2!"}
    answers = [risk.put(path, wish), risk.get(path), stage.program.get("/v1/branches")]
    assert [one.status for one in answers] == [200, 200, 200]
    assert not any("hunter2" in one.text for one in answers)
    assert answers[1].body["has_password"] is True
    (branch,) = [one for one in answers[2].body["branches"] if one["uuid"] == stage.branch.uuid]
    assert branch["mailingConfiguration"] == {
        "emailUser": "desk@first.test", "emailPassword": None, "emailHost": "mail.first.test", "emailPort": 0,
        "emailTls": True, "emailSsl": False,
    }  # fmt: skip
    assert risk.put(path, {**wish, "email_ssl": True}).status == 422
    assert risk.put(f"{stage.office}/branches/{stage.foreign_branch.uuid}/mailing", wish).status == 404
    assert risk.put(path, {}).status == 422, "the password goes to no other server"
    assert risk.put(path, {"email_password": ""}).body["has_password"] is False
    settings = {"language": "de", "sender": "desk@first.test", "daily_statements": True}
    assert risk.put(f"{stage.office}/letters/settings", settings).body["language"] == "de"
    assert risk.get(f"{stage.office}/letters/settings").body["sender"] == "desk@first.test"
    assert risk.put(f"{stage.office}/letters/settings", {"language": "en", "sender": "nobody"}).status == 422
    assert risk.put(f"{stage.office}/letters/settings", {"language": "en"}).status == 200


def test_a_message_goes_from_people_and_programs_to_the_client_s_inbox(stage: Stage) -> None:
    terminal, other = trader(stage), trader(stage)
    account = person_of(stage, terminal)["uuid"]
    sent = stage.program.post("/v1/inbox-message", {"accountUuids": [account], "title": "Easter", "content": "We are closed."})
    (message,) = sent.body["uuids"]
    admin = stage.person("Administrator")
    body = {"accounts": [account], "title": "Hello", "body": "From a person.", "mail": False}
    assert stage.person("Read-only").post(f"{stage.office}/messages", body).status == 403
    assert admin.post(f"{stage.office}/messages", body).status == 201
    inbox = terminal.http.get("/client/messages").json()
    assert (inbox["unread"], [one["title"] for one in inbox["messages"]]) == (2, ["Hello", "Easter"])
    assert other.http.post(f"/client/messages/{message}/read").status_code == 404
    read = terminal.http.post(f"/client/messages/{message}/read").json()
    assert (read["content"], bool(read["read"])) == ("We are closed.", True)
    assert terminal.http.get("/client/messages/unread").json() == {"unread": 1}
    assert [one["title"] for one in terminal.http.get("/client/messages", params={"unread": "true"}).json()["messages"]] == [
        "Hello"
    ]
    seen = stage.program.get(f"/v1/accounts/{account}/inbox-messages").body
    assert (seen["unread"], [bool(one["read"]) for one in seen["inboxMessages"]]) == (1, [False, True])
    assert terminal.http.post("/client/messages/read").status_code == 204
    shown = admin.get(f"{stage.office}/accounts/{account}/messages").body
    assert [(one["title"], bool(one["read_at"])) for one in shown] == [("Hello", True), ("Easter", True)]
    letters = admin.get(f"{stage.office}/letters", account=account, kind="INBOX_MESSAGE").body
    assert [(one["subject"], one["status"], one["tries"]) for one in letters] == [("Easter", "QUEUED", 0)]
    for wrong, status in (([account, ABSENT], 422), ([], 400)):
        answer = stage.program.post("/v1/inbox-message", {"accountUuids": wrong, "title": "T", "content": "C"})
        assert answer.status == status, answer.text
    stranger = stage.stranger.post("/v1/inbox-message", {"accountUuids": [account], "title": "T", "content": "C"})
    assert stranger.status == 422
    assert stage.stranger.get(f"/v1/accounts/{account}/inbox-messages").status == 404


def test_the_client_says_which_letters_he_does_without(stage: Stage) -> None:
    terminal = trader(stage)
    account = person_of(stage, terminal)["uuid"]
    assert "DAILY_STATEMENT" in terminal.http.get("/client/letters").json()["optional"]
    assert terminal.http.put("/client/letters", json={"refused": ["DAILY_STATEMENT"]}).json()["refused"] == ["DAILY_STATEMENT"]
    assert terminal.http.put("/client/letters", json={"refused": ["MARGIN_CALL"]}).status_code == 422
    admin, path = stage.person("Administrator"), f"{stage.office}/accounts/{account}/refused-letters"
    assert admin.get(path).body == {"kinds": ["DAILY_STATEMENT"]}
    assert admin.put(path, {"kinds": []}).body == {"kinds": []}
    assert admin.get(f"{stage.office}/accounts/{ABSENT}/refused-letters").status == 404


def test_a_statement_is_asked_for_by_the_client_and_by_people_and_by_nobody_else(stage: Stage) -> None:
    terminal, other = trader(stage), trader(stage)
    account = person_of(stage, terminal)
    (own,) = stage.trading_accounts(account)
    wish = {"tradingAccountUuid": own["uuid"], "period": "DAY", "day": MONDAY}
    early = terminal.http.post("/client/statements", json=wish)
    assert (early.status_code, "has not ended" in early.json()["detail"]) == (409, True)
    house = stage.house
    house.clock.moment = MONDAY_NOON + DAY_MS
    house.run(house.platforms["live"].writer.submit(Tick()))
    house.write_history()
    made = terminal.http.post("/client/statements", json=wish)
    assert made.status_code == 200, made.text
    statement = made.json()
    assert (statement["login"], statement["firstDay"], statement["lastDay"]) == (own["login"], MONDAY, MONDAY)
    assert terminal.http.get("/client/statements").json()["statements"] == [statement]
    pdf = terminal.http.get(f"/client/statements/{statement['uuid']}/pdf")
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert f"statement-{own['login']}-{MONDAY}.pdf" in pdf.headers["content-disposition"]
    table = terminal.http.get(f"/client/statements/{statement['uuid']}/csv").text
    assert "Deposits,10000.00\r\nClosing balance,10000.00" in table
    for who, path in ((other, statement["uuid"] + "/pdf"), (terminal, ABSENT + "/pdf"), (terminal, statement["uuid"] + "/exe")):
        assert who.http.get(f"/client/statements/{path}").status_code == 404
    assert other.http.post("/client/statements", json=wish).status_code == 404
    assert other.http.get("/client/statements").json()["statements"] == []
    support = stage.person("Support")
    (seen,) = support.get(f"{stage.office}/statements", account=account["uuid"], agrees="true").body
    assert (seen["uuid"], seen["agrees"], seen["platform"]) == (statement["uuid"], True, stage.live)
    page = support.http.get(f"{stage.office}/statements/{statement['uuid']}/html", params={"language": "pl"})
    assert page.headers["content-type"].startswith("text/html")
    assert "attachment" in page.headers["content-disposition"]
    assert "Saldo ko\u0144cowe" in page.text
    body = {"platform": stage.live, "login": int(own["login"]), "period": "DAY", "day": MONDAY}
    assert support.post(f"{stage.office}/statements", body).body["uuid"] == statement["uuid"]
    assert support.post(f"{stage.office}/statements", {**body, "login": 30_000_000}).status == 404
    assert support.post(f"{stage.office}/statements", {**body, "platform": stage.other}).status == 404
    assert support.post(f"{stage.office}/statements", {**body, "period": "MONTH"}).status == 409
