"""The frame: what every operation has in common."""

from tests.rest.webapi.office import Client


def test_an_operation_answers_in_the_envelope(mt4: Client, mt5: Client) -> None:
    assert mt4.get("ServerTime").data == "2026-03-02T12:00:00Z"
    assert mt5.get("ServerTime").data == "2026-03-02T12:00:00Z"
