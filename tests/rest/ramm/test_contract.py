"""Every method does what its published document says: the table is in `contract`."""

import pytest

from prorata.rest.ramm.registry import APIS, Method
from tests.rest.ramm.broker import Broker
from tests.rest.ramm.contract import BEYOND, CONTRACT, Row, differences
from tests.rest.ramm.contract_copying import COPY_ROWS
from tests.rest.ramm.contract_manager import MANAGER_ROWS

METHODS = [method for api in APIS.values() for method in api]
ROWS = [*CONTRACT, *MANAGER_ROWS, *COPY_ROWS]
REGISTERED = {path.removeprefix("/api/") for method in METHODS for path in method.paths}


@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_an_answer_has_the_documented_fields_and_types(copy_broker: Broker, row: Row) -> None:
    answer = row.call(row.scene(copy_broker))
    assert answer.status == 200, answer.text
    assert differences(row.gives, answer.body, BEYOND.get(repr(row), frozenset())) == []


def test_every_method_has_a_row() -> None:
    assert {repr(row) for row in ROWS} == REGISTERED


@pytest.mark.parametrize("row", [row for row in ROWS if not row.method.endswith(".login")], ids=repr)
def test_without_a_token_it_is_bad_credentials(copy_broker: Broker, row: Row) -> None:
    answer = copy_broker.caller(row.api)(row.method)
    assert (answer.status, answer.code) == (401, "bad_credentials")


def _needs_a_right(method: Method) -> bool:
    return method.api.name == "manager" and not method.own and not method.public


@pytest.mark.parametrize("method", [method for method in METHODS if _needs_a_right(method)], ids=lambda method: method.name)
def test_without_the_right_it_is_access_denied(copy_broker: Broker, method: Method) -> None:
    others = next(other.name for other in METHODS if _needs_a_right(other) and other is not method)
    answer = copy_broker.may(others)(method.name)
    assert (answer.status, answer.code) == (403, "access_denied")


@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_a_malformed_body_is_invalid_input(copy_broker: Broker, row: Row) -> None:
    answer = row.scene(copy_broker).caller.send(row.method, b'{"ID": ')
    assert (answer.status, answer.code) == (400, "invalid_input")


@pytest.mark.parametrize("method", [method for method in METHODS if method.also], ids=lambda method: method.name)
def test_both_spellings_of_the_documents_are_served(copy_broker: Broker, method: Method) -> None:
    documented = next(row for row in ROWS if (row.api, row.method) == (f"{method.api.name}/v1", method.name))
    for name in (method.name, *method.also):
        scene = documented.scene(copy_broker)
        assert scene.caller(name, **documented.body(scene)).status == 200
