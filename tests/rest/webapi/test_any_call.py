"""Whatever is sent to whichever operation, it is answered by the rules: no fault of ours, and nothing changed by nonsense."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prorata.rest.webapi import operations
from prorata.rest.webapi.registry import SURFACES, Operation
from tests.rest.house import House
from tests.rest.webapi.office import Client, Office

assert operations

OPERATIONS = {f"{one.verb} {surface.name}/{one.template}": one for surface in SURFACES.values() for one in surface}
NONSENSE_BODIES: tuple[Any, ...] = (
    b"", b"{", b"nonsense", b'"\xff"', b"[" * 2_000, b'{"a": ' * 2_000, b"null", b"[]", b"7", b'"text"', b"1e400",
    b"[null, {}, 7]", b'{"login": 1e400, "name": {}, "logins": [null], "price": NaN}',
)  # fmt: skip
NONSENSE_VALUES = (
    "", "nonsense", "-1", "0", "99999999999999999999", "1e400", "NaN", "\u0000", "%", "../..", "2026-13-45T99:99:99Z",
    "0001-01-01", "x" * 5_000,
)  # fmt: skip
FAULTS = {"Internal", "OutcomeUnknown", "Timeout"}


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A WebAPI of its own, where nobody minds what becomes of it."""
    house = House(Path(tmp_path_factory.mktemp("any-house")))
    house.start()
    office = Office(house, Path(tmp_path_factory.mktemp("any")))
    yield office
    office.stop()
    house.stop()


@pytest.fixture(scope="module")
def clients(apart: Office) -> dict[str, Client]:
    return {name: apart.client(surface=name) for name in SURFACES}


def values_for(operation: Operation, house: House) -> list[str]:
    """Return something sensible for each place of the path."""
    sensible = {"login": str(house.open_account()), "group": "standard", "mask": "*", "symbol": "EURUSD"}
    return [sensible.get(parameter.published, "1") for parameter in operation.path]


@pytest.mark.parametrize("name", [name for name, one in OPERATIONS.items() if one.takes is not None])
def test_nonsense_in_a_body_is_refused_and_changes_nothing(apart: Office, clients: dict[str, Client], name: str) -> None:
    operation = OPERATIONS[name]
    client, path = clients[operation.surface.name], values_for(operation, apart.house)
    before = apart.house.state_hash()
    for body in NONSENSE_BODIES:
        answer = client.ask(operation.verb, operation.template, *path, body=body, confirm="true")
        assert answer.status == 200
        assert answer.code not in FAULTS, f"{body[:40]!r}: {answer.text[:200]}"
        if operation.takes is not str and body not in (b"null", b"[]", b"7", b'"text"', b"[null, {}, 7]"):
            assert answer.code is not None, f"{body[:40]!r} is taken"
    assert apart.house.state_hash() == before


@pytest.mark.parametrize("name", [name for name, one in OPERATIONS.items() if one.path or one.query or one.paged])
def test_nonsense_in_the_path_and_the_query_is_no_fault_of_ours(apart: Office, clients: dict[str, Client], name: str) -> None:
    operation = OPERATIONS[name]
    client = clients[operation.surface.name]
    names = [parameter.published for parameter in operation.query] + (["limit", "cursor"] if operation.paged else [])
    apart.house.write_history()
    body: dict[str, Any] | None = None if operation.takes is None else {}
    for value in NONSENSE_VALUES:
        query = dict.fromkeys(names, value)
        path = [value or "%20"] * len(operation.path)
        answer = client.ask(operation.verb, operation.template, *path, body=body, headers={"x-request-timeout": "60"}, **query)
        assert answer.status == 200
        assert answer.code not in FAULTS, f"{value[:40]!r}: {answer.text[:200]}"
