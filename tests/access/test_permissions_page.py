"""docs/permissions.md says what the code does."""

from prorata.access.permissions import MANAGER_METHODS
from prorata.rest.ramm.registry import MANAGER
from tools.permissions import PAGE, page_with_tables


def test_the_tables_are_those_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_tables(page), "write it anew: python -m tools.permissions"


def test_every_method_that_needs_a_right_is_a_part_of_a_permission() -> None:
    assert {method.name for method in MANAGER if not method.own and not method.public} == MANAGER_METHODS.keys()
