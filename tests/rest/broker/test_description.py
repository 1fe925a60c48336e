"""docs/broker-api.md and docs/broker-api-v2.md say what is served."""

from prorata.rest.broker_v2.registry import operations as operations_v2
from tools.broker_operations import PAGE, PAGE_V2, page_with_table


def test_the_table_of_operations_is_that_of_the_registry() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_table(page), "write it anew: python -m tools.broker_operations"


def test_the_table_of_the_second_version_is_that_of_its_registry() -> None:
    page = PAGE_V2.read_text(encoding="utf-8")
    assert page == page_with_table(page, operations_v2()), "write it anew: python -m tools.broker_operations"
