"""docs/broker-api.md says what is served."""

from tools.broker_operations import PAGE, page_with_table


def test_the_table_of_operations_is_that_of_the_registry() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_table(page), "write it anew: python -m tools.broker_operations"
