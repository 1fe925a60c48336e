"""What managers do is written down, without secrets, and cannot be changed unseen."""

import io

import structlog

from tests.rest.ramm.broker import PASSWORD, Broker


def test_every_call_of_a_manager_is_audited_with_its_outcome(broker: Broker) -> None:
    company = broker.add_company("Audited")
    login, manager = broker.hire(company, "clients.search", "clients.set")
    caller = broker.manager(login, company)
    client = broker.enrol(company)
    caller("clients.search")
    caller("clients.set", ID=client.id, Comment="vip")
    caller("clients.set", ID=10**9)
    caller("clients.set", ID="x")
    caller("managers.add")
    broker.client(client)("password.set", OldPassword="wrong password", Password=PASSWORD)
    who, whom = f"manager {manager.id}", f"client {client.id}"
    assert sorted(broker.audited(company)) == sorted(
        [
            f"{who} manager session.login ok",
            f"{who} manager clients.search ok",
            f"{who} manager clients.set ok",
            f"{who} manager clients.set forbidden",
            f"{who} manager clients.set invalid_input",
            f"{who} manager managers.add access_denied",
            f"{whom} client session.login ok",
            f"{whom} client password.set bad_credentials",
        ]
    )
    rows = broker.control.audit.rows(company.id)
    assert next(row.action.request for row in rows if "vip" in row.action.request) == f'{{"ID":{client.id},"Comment":"vip"}}'
    assert {row.action.address for row in rows} == {"127.0.0.1"}


def test_the_audit_is_one_whole_chain(broker: Broker) -> None:
    broker.boss("company.get")
    broker.control.refresh()
    assert broker.control.audit.first_bad() is None


def test_secrets_are_neither_in_the_audit_nor_in_answers_nor_in_the_log(broker: Broker) -> None:
    company = broker.add_company("Discreet")
    login, _ = broker.hire(company)
    log = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
    try:
        boss = broker.manager(login, company)
        client = broker.enrol(company)
        otp = boss("clients.getOTP", ClientID=client.id).body["OTP"]
        boss("clients.setPassword", ClientID=client.id, Password="very secret 9")  # noqa: S106
        boss("password.set", OldPassword=PASSWORD, Password="very secret 8")  # noqa: S106
        boss("managers.add", Manager={"Login": "x@b.test", "Password": "very secret 7"}, Methods=[])
        boss.send("clients.setPassword", b'{"ClientID": "x", "Password": "very secret 6"}')
        boss.send("clients.setPassword", b'{"ClientID": 1, "Password": "very secret 5"')
        boss.get("clients.search", **{"Filter.Value": "a", "Password": "very secret 4"})
        broker.caller("client/v2")("session.login", OTP=otp)
        shown = "".join(
            boss(method).text for method in ("managers.search", "clients.search", "sessions.search", "session.getMySessions")
        )
    finally:
        structlog.reset_defaults()
    broker.control.refresh()
    audit = "".join(repr(row) for row in broker.control.audit.rows(company.id))
    assert "managers.add" in audit
    for text in (audit, log.getvalue(), shown.replace(boss.token, "")):
        assert "very secret" not in text
        assert PASSWORD not in text
        assert otp not in text
        assert boss.token not in text
        assert "argon2" not in text
