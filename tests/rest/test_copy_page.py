"""docs/copy-trading.md works as it is written: its commands are run against a fresh house, one after the other."""

import re
import subprocess
from pathlib import Path

import pytest

from prorata.access.callers import Scope
from tests.rest.copying import Copying
from tests.rest.house import House

PAGE = Path(__file__).parents[2] / "docs" / "copy-trading.md"
CALL = re.compile(r"\$URL(/[^ ]*)")


@pytest.fixture
def fresh_house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.start()
    return house


def test_the_commands_of_the_page_do_what_it_says(fresh_house: House) -> None:
    token = fresh_house.keys.create("live", [Scope.READ, Scope.DEALER])
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    settings, *calls = blocks
    assert {"URL", "KEY", "JSON"} == set(re.findall(r"export (\w+)=", settings))
    environment = {
        "URL": f"{fresh_house.url}/api/v1", "KEY": f"Authorization: Bearer {token}", "JSON": "Content-Type: application/json",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }  # fmt: skip
    careful = 'curl() { command curl --fail-with-body --max-time 10 "$@" || { echo "refused: $*" >&2; exit 1; }; echo; }\n'
    try:
        for block in calls:
            if "/deals" in block:
                fresh_house.write_history()
            done = subprocess.run(
                ["bash", "-c", careful + block], env=environment, capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        copying = Copying(fresh_house)
        (position,) = copying.get("investments/2/positions")
        assert position["volume"] == "0.125"
        assert copying.get("wallets/2")["reserved"] == "0.00"
        assert copying.get("public-strategies")["items"][0]["name"] == "Steady Euro"
        copying.close()
    finally:
        fresh_house.stop()


def test_every_address_on_the_page_exists(house: House) -> None:
    with house.client("none") as anybody:
        paths = anybody.get("/api/v1/openapi.json").json()["paths"]
    known = [re.compile("/api/v1" + re.sub(r"\{[^}]*\}", "[^/]+", path.removeprefix("/api/v1")) + r"\Z") for path in paths]
    for address in CALL.findall(PAGE.read_text()):
        assert any(pattern.match("/api/v1" + address) for pattern in known), address
