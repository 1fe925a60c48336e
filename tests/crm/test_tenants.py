"""What is another organization's is as what is not there, for everything about money."""

import pytest

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.crm.bank_files import read_camt
from prorata.crm.once import once_of
from tests.crm.desk import Desk
from tests.crm.statements import document, entry, statement
from tests.crm.test_chargebacks import Deposited
from tests.crm.test_payments import EVE
from tests.crm.test_problems import refused_return
from tests.crm.test_transfers import Counter


def test_another_organizations_money_is_not_there(desk: Desk) -> None:
    crm, mine = desk.crm, desk.organization.id
    other = desk.control.organizations.add(desk.owner.id, "Second Broker").id
    till = Deposited(desk)
    chargeback = till.charge_back(50_000)
    refused_return(till)
    (problem,) = crm.problems.open(mine)
    content = document(statement(entry("1.00"), closing="1.00"))
    crm.reconciliation.take(mine, read_camt(content), by=EVE)
    (found,) = crm.reconciliation.entries(mine)
    for find, uuid in (
        (crm.chargebacks.find, chargeback.uuid), (crm.problems.find, problem.uuid), (crm.reconciliation.find, found.uuid),
        (crm.payments.find, till.payment.uuid),
    ):  # fmt: skip
        assert find(mine, uuid)
        with pytest.raises(NotFound):
            find(other, uuid)
    assert not crm.chargebacks.all(other)
    assert not crm.problems.open(other)
    assert not crm.reconciliation.entries(other)
    (taken,) = crm.reconciliation.take(other, read_camt(content), by=EVE)
    assert taken.new == 1, "what the one has told says nothing of the other"


def test_another_organizations_transfers_markup_and_keys_are_its_own(desk: Desk) -> None:
    counter = Counter(desk)
    other = desk.control.organizations.add(desk.owner.id, "Second Broker").id
    desk.crm.transfers.set_markup(desk.organization.id, 5_000)
    assert desk.crm.transfers.markup(other) == 0
    transfer = counter.move(counter.dollars, counter.more)
    with pytest.raises(NotFound):
        desk.crm.transfers.find(other, transfer.uuid)
    once = once_of("ann", "key", "deposit")
    payment = desk.crm.payments.deposit(
        counter.owner, counter.dollars, desk.gateway(deposit_approvals=1), 1_000, by=EVE, once=once
    )  # fmt: skip
    assert desk.crm.payments.is_known(desk.organization.id, once)
    assert not desk.crm.payments.is_known(other, once)
    with pytest.raises(Declined):
        desk.crm.payments.is_known(desk.organization.id, once_of("ann", "key", "withdrawal"))
    assert payment.amount == 1_000
