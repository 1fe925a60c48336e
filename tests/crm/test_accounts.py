"""Accounts are counted as they come, go, and become clients."""

import pytest

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice
from prorata.crm.accounts import AccountFilter, AccountKind, AccountWish, Verification, become_client
from prorata.crm.activity import TimelineEvent
from prorata.messages.refusals import Refusal
from tests.crm.desk import BEGIN, Desk

WHOLE = Slice("created", True, 0, 1_000)


def totals(desk: Desk) -> tuple[int, int, int]:
    """Return how many accounts, clients and leads there are; the same whether they are counted or known."""
    found = []
    for kind in (AccountKind.ALL, AccountKind.CLIENT, AccountKind.LEAD):
        listed, known = desk.crm.accounts.search(desk.organization.id, AccountFilter(kind=kind), WHOLE)
        _, counted = desk.crm.accounts.search(desk.organization.id, AccountFilter(kind=kind, since=0), WHOLE)
        assert known == counted == len(listed)
        found.append(known)
    return found[0], found[1], found[2]


def test_accounts_are_counted(desk: Desk) -> None:
    assert totals(desk) == (0, 0, 0)
    ann, bob = desk.account("ann@mail.test"), desk.account("bob@mail.test")
    assert totals(desk) == (2, 0, 2)
    for _ in range(2):
        with desk.control.database.writing() as connection:
            become_client(connection, ann.id, BEGIN)
        assert totals(desk) == (2, 1, 1)
    desk.crm.accounts.delete(ann)
    assert totals(desk) == (1, 0, 1)
    with pytest.raises(NotFound):
        desk.crm.accounts.delete(ann)
    desk.crm.accounts.withdraw(bob)
    assert totals(desk) == (0, 0, 0)


def test_a_refused_account_counts_for_nothing(desk: Desk) -> None:
    desk.account("Ann@mail.test")
    with pytest.raises(Declined) as refused:
        desk.account("aNN@MAIL.test")
    assert refused.value.code == Refusal.EMAIL_TAKEN
    assert totals(desk) == (1, 0, 1)


def test_an_organizations_clients_invest_on_the_first_platform_that_it_has_an_offer_of(desk: Desk) -> None:
    desk.control.refresh()
    (company,) = [one for one in desk.control.companies.all() if one.name == "First Broker"]
    assert company.platform == desk.control.platforms.by_uuid[desk.platform].engine
    account = desk.account("ann@mail.test")
    (candidate,) = desk.control.clients.candidates("ann@mail.test")
    assert (candidate.client.id, candidate.client.company_id) == (account.id, company.id)


def test_a_change_is_told_once(desk: Desk) -> None:
    account = desk.account("ann@mail.test")
    desk.crm.accounts.change(account, AccountWish(phone="+35799123456", verification=Verification.VERIFIED), by="support")
    (told,) = desk.crm.activity.timeline(account.id, event=TimelineEvent.ACCOUNT_CHANGED)
    assert (told.details, told.created_by) == ("phone, verification", "support")
