"""The outbox of the CRM, on both databases: numbered without gaps, each event once, as it was committed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from prorata.crm.accounts import become_client
from prorata.crm.activity import NoteType
from tests.crm.desk import Desk, Failing


def test_events_are_numbered_once_by_whoever_comes_first(any_desk: Desk) -> None:
    desk = any_desk
    account = desk.account()
    for number in range(20):
        desk.crm.activity.add_note(account.id, NoteType.NOTE, f"note {number}", by="test")
    with ThreadPoolExecutor(4) as workers:
        last = {worker.result() for worker in [workers.submit(desk.crm.events.number) for _ in range(4)]}
    assert max(last) == 21
    batch = desk.crm.events.after(0)
    assert [notice.sequence for notice in batch.notices] == list(range(1, 22))
    assert [notice.type for notice in batch.notices] == ["account_created"] + ["note_added"] * 20
    assert {notice.order_key for notice in batch.notices} == {f"account/{account.uuid}"}
    assert {notice.company for notice in batch.notices} == {desk.organization.uuid}
    assert len({notice.uuid for notice in batch.notices}) == 21
    assert desk.crm.events.after(15).notices == batch.notices[15:]


def _fail(desk: Desk, account_id: int) -> None:
    with desk.control.database.writing() as connection:
        become_client(connection, account_id, desk.now)
        raise Failing


def test_what_is_rolled_back_is_not_told(any_desk: Desk) -> None:
    desk = any_desk
    account = desk.account()
    before = desk.crm.events.number()
    with pytest.raises(Failing):
        _fail(desk, account.id)
    assert desk.crm.events.number() == before
    trading_account = desk.trading_account(account)
    assert desk.crm.events.number() == before + 1
    (notice,) = desk.crm.events.after(before).notices
    assert notice.data["tradingAccount"]["login"] == str(trading_account.login)
