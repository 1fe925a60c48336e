"""What a handler is given: whoever shows a token of a strategy or partner, his company, its trade platform."""

from typing import Any

import msgspec
import pytest

from prorata.messages.commands import OpenAccount
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.registry import MANAGER, PARTNER, TRADING, Api
from tests.rest.ramm.broker import Broker


class Echo(msgspec.Struct, frozen=True):
    Actor: str
    Company: str
    Platform: str
    Detail: str


class GroupToOpen(Input, frozen=True, kw_only=True):
    Group: str


async def echo(call: Call) -> Echo:
    """Say who calls."""
    detail = ""
    if call.method.api is TRADING:
        detail = f"{call.sender.strategy.strategy_id} by {call.sender.app.name} {call.sender.app.newest}"
    if call.method.api is PARTNER:
        detail = f"{call.partner.label} {call.partner.client_id} v{call.version}"
    return Echo(call.actor, call.company.name, call.platform.writer.platform, detail)


async def open_account(call: Call, given: GroupToOpen) -> dict[str, Any]:
    """Have the trade platform open an account."""
    answer = await call.submit(OpenAccount(given.Group), key=f"open {given.Group}")
    return {"Login": getattr(answer.events[0], "login", 0), "Repeated": answer.repeated}


async def break_down(call: Call) -> None:
    """Fail."""
    raise RuntimeError("a bug")


@pytest.fixture
def methods(monkeypatch: pytest.MonkeyPatch) -> None:
    """Methods that are there for a test alone."""
    apis: tuple[Api, ...] = (MANAGER, TRADING, PARTNER)
    for api in apis:
        monkeypatch.setattr(api, "_methods", list(api._methods))
        monkeypatch.setattr(api, "_known", dict(api._known))
    TRADING.method("test.echo", reads=True)(echo)
    PARTNER.method("test.echo", reads=True)(echo)
    MANAGER.method("test.echo", reads=True)(echo)
    MANAGER.method("test.open")(open_account)
    MANAGER.method("test.break")(break_down)


@pytest.mark.usefixtures("methods")
def test_a_signal_needs_the_token_of_a_strategy_and_of_an_application(broker: Broker) -> None:
    strategy = broker.control.strategy_tokens.renew(broker.company.id, 7)
    app = broker.control.app_tokens.add("EA", "1.0", newest="1.1")
    sender = broker.caller("trading/v1", strategy, AppToken=app)
    assert sender("test.echo").body == {
        "Actor": "strategy 7", "Company": "First Broker", "Platform": "live", "Detail": "7 by EA 1.1",
    }  # fmt: skip
    for token, app_token in ((strategy, ""), ("", app), (app, strategy), (strategy, "nonsense")):
        answer = broker.caller("trading/v1", token, **({"AppToken": app_token} if app_token else {}))("test.echo")
        assert (answer.status, answer.code) == (401, "bad_credentials")
    broker.control.strategy_tokens.renew(broker.company.id, 7)
    assert sender("test.echo").status == 401


@pytest.mark.usefixtures("methods")
@pytest.mark.parametrize("version", [1, 3])
def test_a_partner_shows_his_token(broker: Broker, version: int) -> None:
    client = broker.enrol()
    token = broker.control.partner_tokens.add(broker.company.id, client.id, label="page")
    answer = broker.caller(f"partner/v{version}", token)("test.echo")
    assert answer.body["Detail"] == f"page {client.id} v{version}"
    assert answer.body["Company"] == "First Broker"
    assert broker.caller(f"partner/v{version}", "nonsense")("test.echo").status == 401
    listed = broker.control.partner_tokens.list()[-1]
    broker.control.partner_tokens.revoke(listed.id)
    assert broker.caller(f"partner/v{version}", token)("test.echo").status == 401


@pytest.mark.usefixtures("methods")
def test_each_company_is_served_by_its_own_platform(broker: Broker) -> None:
    other = broker.may("test.echo", company=broker.add_company("On the other", platform="other"))
    assert [caller("test.echo").body["Platform"] for caller in (broker.boss, other)] == ["live", "other"]
    nowhere = broker.may("test.echo", company=broker.add_company("Nowhere", platform="not hosted here"))
    answer = nowhere("test.echo")
    assert (answer.status, answer.code) == (503, "not_ready")


@pytest.mark.usefixtures("methods")
def test_a_command_is_done_once_under_its_key_and_a_refusal_is_an_error(broker: Broker) -> None:
    first, again = (broker.boss("test.open", Group="standard").body for _ in range(2))
    assert (first["Repeated"], again["Repeated"]) == (False, True)
    desk = broker.house.platforms["live"].desk
    assert desk.state.accounts[first["Login"]].group == "standard"
    refused = broker.boss("test.open", Group="no such group")
    assert (refused.status, refused.code) == (403, "forbidden")


@pytest.mark.usefixtures("methods")
def test_a_bug_is_an_outcome_that_is_not_known_and_is_audited(broker: Broker) -> None:
    company = broker.add_company("Unlucky")
    answer = broker.may("test.break", company=company)("test.break")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "a bug" not in answer.text
    assert broker.audited(company)[-1].endswith("manager test.break internal_error")
