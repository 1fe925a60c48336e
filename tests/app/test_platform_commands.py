"""`prorata platform` and `prorata secrets`."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from prorata.app.opening import opened_control
from prorata.app.settings import ServerSettings
from prorata.control.people.people import NewPerson
from tests.app.programs import here

SECRET = "s3cret-of-the-server"  # noqa: S105


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A data directory with an organization; its uuid is in a file."""
    with opened_control(ServerSettings(data=tmp_path)) as control:
        person = control.people.add(NewPerson(email="ann@broker.example"))
        (tmp_path / "organization").write_text(control.organizations.add(person.id, "Broker").uuid)
    (tmp_path / "password").write_text(f"{SECRET}\n")
    return tmp_path


def organization(site: Path) -> str:
    return (site / "organization").read_text()


def add(site: Path, *options: str | Path) -> dict[str, Any]:
    done = here("platform", "add", "Live", "-o", organization(site), "--data", site, "--json", *options)
    assert done.code == 0, done.err
    made: dict[str, Any] = done.json()
    return made


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"127.0.0.1:{listening.getsockname()[1]}"


def test_a_foreign_platform_is_added_tested_and_removed_and_its_password_is_shown_nowhere(site: Path) -> None:
    address = closed_port()
    made = add(site, "--kind", "mt5", "--address", address, "--login", "1000", "--password-file", site / "password")
    assert (made["kind"], made["address"], made["engine"]) == ("mt5", address, "")
    said = [json.dumps(made), here("platform", "list", "--data", site).out]
    tested = here("platform", "test", made["uuid"], "--data", site, "--json")
    assert tested.code == 1
    assert [(check["name"], check["ok"]) for check in tested.json()["api"]["checks"]] == [
        ("address", True),
        ("connection", False),
    ]
    said += [tested.out, here("platform", "test", made["uuid"], "--data", site).out]
    assert "- connection:" in said[-1]
    assert here("platform", "archive", made["uuid"], "--data", site).code == 0
    assert here("platform", "list", "--data", site, "--json").json() == []
    assert here("platform", "list", "--archived", "--data", site, "--json").json()[0]["uuid"] == made["uuid"]
    assert here("platform", "archive", made["uuid"], "--data", site).code == 3
    assert SECRET not in "".join(said)
    for file in site.iterdir():
        assert file.name == "password" or SECRET.encode() not in file.read_bytes()
    assert here("audit", "verify", "--data", site).code == 0


def test_a_hosted_platform_goes_by_its_uuid_in_other_commands(site: Path) -> None:
    made = add(site, "--feed", "none")
    key = here("keys", "add", "--platform", made["uuid"], "--scope", "read", "--data", site, "--json").json()
    assert key["platform"] == made["engine"]
    unknown = here("journal", "verify", "--platform", made["uuid"], "--data", site)
    assert unknown.code == 3
    assert "journal" in unknown.err
    assert here("keys", "add", "--platform", "nobody", "--scope", "read", "--data", site).code == 2


def test_a_platform_of_the_settings_is_adopted_once_and_not_removed(site: Path) -> None:
    owner = ("-o", organization(site), "--data", site)
    adopted = here("platform", "adopt", "main", *owner, "--name", "Main", "--json").json()
    assert (adopted["engine"], adopted["name"], adopted["kind"]) == ("main", "Main", "prorata")
    assert here("platform", "adopt", "main", *owner).code == 2
    assert here("platform", "adopt", "nobody", *owner).code == 2
    refused = here("platform", "archive", adopted["uuid"], "--data", site)
    assert (refused.code, "take it out there first" in refused.err) == (2, True)
    key = here("keys", "add", "--platform", adopted["uuid"], "--scope", "read", "--data", site, "--json").json()
    assert key["platform"] == "main"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--kind", "mt6"), 2), (("--rate", "0"), 2), (("--feed", "file"), 2), (("--address", "x:1"), 2),
        (("--kind", "mt5", "--address", "a b", "--password-file", "-"), 2), (("--kind", "mt5", "--address", "x:1"), 2),
    ],
)  # fmt: skip
def test_what_cannot_be_a_platform_is_refused_and_nothing_is_added(site: Path, options: tuple[str, ...], code: int) -> None:
    done = here("platform", "add", "Live", "-o", organization(site), "--data", site, *options)
    assert done.code == code
    assert here("platform", "list", "--data", site, "--json").json() == []


def test_an_organization_that_is_not_there_gets_no_platform(site: Path) -> None:
    assert here("platform", "add", "Live", "-o", "nobody", "--data", site).code == 3
    assert here("platform", "list", "-o", "nobody", "--data", site).code == 3
    assert here("platform", "test", "nobody", "--data", site).code == 3


def test_rotating_seals_everything_with_a_new_key_and_forgets_the_old_one(site: Path) -> None:
    add(site, "--kind", "mt4", "--address", "mt4.example", "--login", "1", "--password-file", site / "password")
    ring = site / "vault.keys"
    assert list(json.loads(ring.read_bytes())["keys"]) == ["1"]
    assert here("secrets", "rotate", "--data", site, "--json").json() == {"key": 2, "secrets": 1}
    assert list(json.loads(ring.read_bytes())["keys"]) == ["2"]
    assert "1 secrets sealed anew with key 3" in here("secrets", "rotate", "--data", site).out
    with opened_control(ServerSettings(data=site)) as control:
        assert control.platforms.manager_password(control.platforms.all()[0]) == SECRET


def test_a_secret_that_cannot_be_opened_ends_a_rotation_with_a_word(site: Path) -> None:
    add(site, "--kind", "mt4", "--address", "mt4.example", "--login", "1", "--password-file", site / "password")
    with opened_control(ServerSettings(data=site)) as control, control.database.writing() as connection:
        connection.exec_driver_sql("UPDATE control_platforms SET manager_password = x'00000001aa'")
    done = here("secrets", "rotate", "--data", site)
    assert (done.code, done.out) == (1, "")
    assert "control_platforms 1 manager_password: this secret is damaged" in done.err
    assert set(json.loads((site / "vault.keys").read_bytes())["keys"]) == {"1", "2"}
