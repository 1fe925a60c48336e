"""docs/ramm-api.md says what is served."""

from prorata.rest.ramm.registry import APIS
from tools.ramm_methods import PAGE, page_with_table


def test_the_table_of_methods_is_that_of_the_registry() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_table(page), "write it anew: python -m tools.ramm_methods"


def test_no_two_methods_have_one_name_in_different_letters() -> None:
    for api in APIS.values():
        names = api.names()
        assert len({name.lower() for name in names}) == len(names)
