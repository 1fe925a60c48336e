"""Pages of accounts are walks along indexes: nothing is sorted, and no table is read as a whole, whatever the order."""

from typing import Any

import pytest
from sqlalchemy import event

from prorata.control.paging import Slice
from prorata.crm.accounts import ORDERS, AccountFilter
from prorata.crm.trading import TradingFilter
from tests.crm.desk import Desk


def plans(desk: Desk, work: Any) -> list[str]:
    """Return how SQLite does each question of the work that reads accounts."""
    engine = desk.control.database._engine
    found: list[str] = []
    busy: list[str] = []

    def note(connection: Any, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        if busy or not statement.startswith("SELECT"):
            return
        busy.append(statement)
        steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        found.append("; ".join(steps))
        busy.clear()

    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return [plan for plan in found if "crm_accounts" in plan or "crm_trading_accounts" in plan]


@pytest.mark.parametrize("field", ORDERS)
def test_every_order_of_accounts_has_its_index(desk: Desk, field: str) -> None:
    desk.account()
    for descending in (True, False):
        part = Slice(field, descending, 0, 10)
        walk, *_ = plans(desk, lambda part=part: desk.crm.accounts.search(desk.organization.id, AccountFilter(), part))
        assert "TEMP B-TREE" not in walk, walk
        assert "SCAN" not in walk, walk
        assert "COVERING INDEX" in walk, walk


@pytest.mark.parametrize("text", ["ann", "mail.test"])
def test_what_is_looked_for_leads_and_no_list_of_all(desk: Desk, text: str) -> None:
    desk.trading_account(desk.account())
    organization_id, newest = desk.organization.id, Slice("created", True, 0, 10)
    for search in (
        lambda: desk.crm.accounts.search(organization_id, AccountFilter(text=text), newest),
        lambda: desk.crm.trading.search(organization_id, TradingFilter(text=text), newest),
    ):
        rows, total = search()
        assert (len(rows), total) == (1, 1)
        counted, walk, *_ = plans(desk, search)
        for plan in (counted, walk):
            assert "control_client_trigrams" in plan, plan
            assert "organization_id=?" not in plan, plan
            assert "SCAN crm" not in plan, plan
