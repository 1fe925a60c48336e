"""Whatever is sent to a method, it is answered with a documented status; nothing breaks it."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prorata.rest.ramm.registry import APIS, CLIENT, MANAGER, PARTNER, TRADING, Method
from tests.rest.ramm.broker import Broker, Caller
from tests.rest.ramm.copy_stage import Stage

DOCUMENTED = {200, 400, 401, 402, 403, 404, 405, 422}
METHODS = [method for api in APIS.values() for method in api if not method.name.endswith("logout")]

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "\x00", "a\nb", "%", "2020-02-30", "9" * 500, "*", "ID", "Desc", "ünï", "\U0001f600"])
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


def bodies(kind: Any) -> st.SearchStrategy[Any]:
    """Return bodies that have the fields of a struct, with anything in them, or as they should be."""
    fields = {
        field.encode_name: st.one_of(values, st.just(1), st.just("x"), st.just(0.5))
        if not (isinstance(field.type, type) and issubclass(field.type, msgspec.Struct))
        else st.one_of(values, bodies(field.type))
        for field in msgspec.structs.fields(kind)
    }
    return st.fixed_dictionaries({}, optional=fields)


@pytest.fixture(scope="module")
def callers(copy_broker: Broker) -> dict[str, Caller]:
    stage = Stage(copy_broker)
    trader = stage.client(100_000_00)
    token = copy_broker.control.partner_tokens.add(stage.company.id, None)
    return {
        MANAGER.name: copy_broker.may("*", company=stage.company),
        CLIENT.name: copy_broker.client(copy_broker.enrol(stage.company), 2),
        TRADING.name: stage.sender(trader, stage.strategy(trader)["StrategyID"]),
        PARTNER.name: copy_broker.caller("partner/v1", token),
    }


@pytest.mark.parametrize("method", METHODS, ids=lambda method: f"{method.api.name} {method.name}")
def test_no_body_breaks_a_method(callers: dict[str, Caller], method: Method) -> None:
    caller = callers[method.api.name]

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(bodies(method.takes))
    def send(body: Any) -> None:
        answer = caller.send(method.name, msgspec.json.encode(body))
        assert answer.status in DOCUMENTED, (body, answer.text)

    send()
