"""Changing the key: everything can be read at every moment, and what the old key sealed is nowhere in the end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from prorata.control import seals
from prorata.control.platforms.records import ApiAccess, PlatformKind, PlatformRecord
from prorata.control.platforms.tables import platforms
from prorata.control.store import Control
from prorata.control.vault import Unopenable, Vault, key_of
from tests.control.conftest import OpenControl
from tests.control.platforms.conftest import organization_in

API = ApiAccess(address="mt5.broker.example:443", login="1000")
COUNT = 5


class Fell(Exception):
    """The power went."""


@pytest.fixture
def control(open_control: OpenControl, monkeypatch: pytest.MonkeyPatch) -> Control:
    """Passwords of five platforms, which are sealed anew two at a time."""
    monkeypatch.setattr(seals, "AT_ONCE", 2)
    control = open_control()
    organization = organization_in(control, 1)
    for number in range(COUNT):
        record = control.platforms.add_foreign(organization, f"Live {number}", PlatformKind.MT5)
        control.platforms.set_api(record, API, f"secret {number}")
    return control


def passwords(control: Control) -> list[str | None]:
    return [control.platforms.manager_password(record) for record in control.platforms.all()]


def keys_used(control: Control) -> set[int]:
    with control.database.reading() as connection:
        return {
            key_of(row[0]) for row in connection.execute(platforms.select().with_only_columns(platforms.c.manager_password))
        }


ALL = [f"secret {number}" for number in range(COUNT)]


def test_a_rotation_leaves_one_key_and_every_secret_readable(control: Control, tmp_path: Path) -> None:
    old_ring = (tmp_path / "vault.keys").read_bytes()
    told: list[tuple[int, int]] = []
    assert control.seals.rotate(lambda done, total: told.append((done, total))) == seals.Rotation(key=2, secrets=COUNT)
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert keys_used(control) == {2}
    assert passwords(control) == ALL
    (tmp_path / "stolen").write_bytes(old_ring)
    control.seals = seals.Seals(control.database, Vault(tmp_path / "stolen"))
    control.platforms._seals = control.seals
    with pytest.raises(Unopenable):
        passwords(control)


STEPS: list[tuple[type[Any], str, int]] = [
    (Vault, "add_key", 1),
    (seals.Seals, "_seal_anew", 1),
    (seals.Seals, "_seal_anew", 2),
    (seals.Seals, "_seal_anew", 4),
    (Vault, "forget_older", 1),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("owner", "step", "time"), STEPS)
def test_a_rotation_that_fell_at_any_step_has_lost_nothing_and_the_next_one_ends_it(
    control: Control, open_control: OpenControl, owner: type[Any], step: str, time: int, after: bool
) -> None:
    calls = 0
    whole: Callable[..., Any] = getattr(owner, step)

    def falling(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == time and not after:
            raise Fell
        done = whole(*arguments)
        if calls == time:
            raise Fell
        return done

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(owner, step, falling)
        with pytest.raises(Fell):
            control.seals.rotate()
    started_anew = open_control()
    assert passwords(started_anew) == ALL
    started_anew.seals.rotate()
    assert passwords(started_anew) == ALL == passwords(control)
    assert keys_used(control) == {started_anew.vault.newest}


def test_what_a_running_server_stores_during_a_rotation_is_not_lost(control: Control, open_control: OpenControl) -> None:
    server = open_control()

    def change_one(done: int, _total: int) -> None:
        record: PlatformRecord = server.platforms.all()[0]
        server.platforms.set_api(record, API, f"changed {done}")

    control.seals.rotate(change_one)
    assert passwords(server) == ["changed 5", *ALL[1:]]
    assert keys_used(control) == {2}


def test_no_key_is_forgotten_while_a_secret_cannot_be_opened(control: Control) -> None:
    with control.database.writing() as connection:
        moved = connection.execute(select(platforms.c.manager_password).where(platforms.c.id == 1)).scalar_one()
        connection.execute(update(platforms).where(platforms.c.id == 3).values(manager_password=moved))
    with pytest.raises(Unopenable, match="control_platforms 3 manager_password"):
        control.seals.rotate()
    assert [control.platforms.manager_password(control.platforms.all()[number]) for number in (0, 1, 3, 4)] == [
        ALL[number] for number in (0, 1, 3, 4)
    ]
