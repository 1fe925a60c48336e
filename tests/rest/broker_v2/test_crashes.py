"""Whatever dies where: a trading account is opened whole, once, or not at all."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection

from prorata.crm.crossing import YOUNG_MS
from tests.rest.broker.stage import Stage
from tests.rest.broker_v2.office import DETAILS, Office

POINTS = range(1, 80, 3)
"""Every third: all of them take a quarter of a minute, and the one before a step is every other one of these."""


class Killed(Exception):
    """The process was killed here."""


class Fate:
    """Kills at the n-th point. Points are before and after each transaction, and before and after each command."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage, self.left, self.died = stage, 0, False
        self.writing: Callable[[], AbstractContextManager[Connection]] = stage.control.database.writing
        self.submit: Callable[..., Any] = stage.engines.submit
        monkeypatch.setattr(stage.control.database, "writing", self._writing)
        monkeypatch.setattr(stage.engines, "submit", self._submit)

    def _point(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.died = True
        # Who is dead does nothing more.
        if self.died:
            raise Killed

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        self._point()
        with self.writing() as connection:
            yield connection
        self._point()

    async def _submit(self, *command: Any) -> Any:
        self._point()
        events = await self.submit(*command)
        self._point()
        return events

    def starts_again(self) -> bool:
        """Start the process anew, and let it do what it does by itself; say whether it had died."""
        died, self.left, self.died = self.died, 0, False
        self.stage.now += 2 * YOUNG_MS
        for _ in range(3):
            self.stage.house.run(self.stage.crm.carrier.carry_waiting())
            self.stage.now += 2 * YOUNG_MS
        return died


def test_an_account_is_opened_whole_or_not_at_all_wherever_the_process_dies(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, fate = Office(stage), Fate(stage, monkeypatch)
    body = {
        "group": "standard", "leverageRatioPercent": 50, "accountType": "DEMO", "accessRight": "CLOSE_ONLY",
        "accountDetails": DETAILS | {"bankAccount": "7"}, "isProView": True, "remarks": "by phone",
        "initialDeposit": 500, "initialCredit": 20,
    }  # fmt: skip
    opened = 0
    for point in POINTS:
        key = office.user()["uuid"]
        path = f"/v1/user-accounts/{key}/trading-accounts"
        fate.left = point
        status = office.post(path, body, key=key).status
        died = fate.starts_again()
        assert status == (500 if died else 200)
        if found := office.get(path).body:
            check_whole(found)
            opened += died
        # Whoever has had no answer asks again.
        assert office.post(path, body, key=key).status == 200
        check_whole(office.get(path).body)
        if not died:
            break
    else:
        raise AssertionError("there are more points than were tried")
    assert opened > 3, "it died in many places after it was decided"


def test_version_1_opens_an_account_once_wherever_the_process_dies(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    fate, opened = Fate(stage, monkeypatch), 0
    for point in POINTS:
        account = stage.account()
        path, body = f"/v1/accounts/{account['uuid']}/trading-accounts", {"offerUuid": stage.standard.uuid}
        fate.left = point
        status = stage.program.post(path, body, key=account["uuid"]).status
        died = fate.starts_again()
        assert status == (500 if died else 200)
        opened += died and bool(stage.trading_accounts(account))
        # Whoever has had no answer asks again.
        again = stage.program.post(path, body, key=account["uuid"])
        assert (again.status, again.body["status"]) == (200, "ACTIVE")
        assert [one["login"] for one in stage.trading_accounts(account)] == [again.body["login"]]
        if not died:
            break
    else:
        raise AssertionError("there are more points than were tried")
    assert opened > 0, "it died after it was decided"


def test_an_account_is_changed_whole_or_not_at_all_wherever_the_process_dies(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, fate = Office(stage), Fate(stage, monkeypatch)
    change = {
        "group": "netting", "leverageRatioPercent": 40, "accessRight": "CLOSE_ONLY", "isProView": True, "remarks": "moved",
        "accountDetails": {"lastName": "Moe"},
    }  # fmt: skip
    changed = 0
    for point in POINTS:
        before = office.account()
        path = f"/v1/trading-accounts/{before['login']}"
        fate.left = point
        status = office.patch(path, change | {"version": before["version"]}).status
        died = fate.starts_again()
        assert status == (500 if died else 204)
        after = office.get(path).body
        if after != before:
            assert {name: after[name] for name in change if name != "accountDetails"} | {
                "accountDetails": {"lastName": after["accountDetails"]["lastName"]}
            } == change
            changed += died
        if not died:
            break
    else:
        raise AssertionError("there are more points than were tried")
    assert changed > 0, "it died in several places after it was decided"


def check_whole(found: list[dict[str, Any]]) -> None:
    (one,) = found
    money = one["financeInfo"]
    assert (money["balance"], money["credit"]) == (Decimal(500), Decimal(20))
    assert (one["leverageRatioPercent"], one["accessRight"]) == (50, "CLOSE_ONLY")
    assert (one["isProView"], one["remarks"], one["accountDetails"]["bankAccount"]) == (True, "by phone", "7")
