"""Who introduced whom: no circles, no past that moves, nobody lost."""

from typing import Any

import pytest
from sqlalchemy import select

from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish
from prorata.crm.partners import tree
from prorata.crm.partners.tables import edges
from prorata.messages.refusals import Refusal
from tests.crm.desk import Desk
from tests.crm.firm import Firm


@pytest.fixture
def firm(desk: Desk) -> Firm:
    return Firm(desk)


def put(firm: Firm, account: Any, under: Any) -> None:
    mine = firm.desk.crm.accounts.find(firm.desk.organization.id, account.account_uuid)
    firm.desk.crm.accounts.change(mine, AccountWish(profile={"ib_parent": under.uuid}), by="test")


def test_nobody_is_below_himself_however_long_the_way(firm: Firm) -> None:
    top = firm.partner()
    middle = firm.partner("Sub IB", under=top)
    bottom = firm.partner("Sub IB", under=middle)
    for parent in (top, middle, bottom):
        with pytest.raises(Declined) as refused:
            put(firm, top, parent)
        assert refused.value.code == Refusal.PARTNER_CYCLE
    below = firm.partners.reports.tree(top.account_id, 10)
    assert [(one.node.account_id, one.node.level) for one in below] == [(middle.account_id, 1), (bottom.account_id, 2)]
    assert [one.node.account_id for one in firm.partners.reports.tree(top.account_id, 1)] == [middle.account_id]


def test_a_parent_is_a_real_account_of_an_ib_of_the_same_broker(firm: Firm) -> None:
    demo = firm.desk.offer("retail-usd", demo=True)
    pretender = firm.desk.crm.trading.open(firm.person("IB"), demo, by="test")
    wrong = {
        firm.client(None).uuid: Refusal.PARTNER_UNFIT, pretender.uuid: Refusal.PARTNER_UNFIT,
        "00000000-0000-4000-8000-000000000000": Refusal.UNKNOWN_REFERENCE,
    }  # fmt: skip
    for uuid, code in wrong.items():
        with pytest.raises(Declined) as refused:
            firm.person(ib_parent=uuid)
        assert refused.value.code == code
    other = firm.desk.control.organizations.add(firm.desk.owner.id, "Second Broker").id
    firm.desk.crm.settings.begin(other, "Main")
    wish = AccountWish(email="far@mail.test", first_name="A", last_name="B", profile={"ib_parent": firm.partner().uuid})
    with pytest.raises(Declined) as refused:
        firm.desk.crm.accounts.add(other, wish, "correct horse battery", by="test")
    assert refused.value.code == Refusal.UNKNOWN_REFERENCE


def test_a_change_holds_from_then_on_and_the_past_stays(firm: Firm) -> None:
    first, second = firm.partner(), firm.partner()
    client = firm.client(first)
    before = firm.desk.now
    firm.pass_seconds(60)
    put(firm, client, second)
    put(firm, client, second)
    with firm.desk.control.database.reading() as connection:
        then, now = (tree.parents_at(connection, client.account_id, at) for at in (before, firm.desk.now))
        count = len(connection.execute(select(edges.c.id).where(edges.c.account_id == client.account_id)).all())
    assert [parent.paid_on_id for parent in then] == [first.id]
    assert [parent.paid_on_id for parent in now] == [second.id]
    assert count == 2, "told again, nothing happens"


def test_an_ib_with_a_structure_is_neither_deleted_nor_made_a_user(firm: Firm) -> None:
    parent = firm.partner()
    client = firm.client(parent)
    accounts, organization = firm.desk.crm.accounts, firm.desk.organization.id
    owner = accounts.find(organization, parent.account_uuid)
    refusals = (
        lambda: accounts.delete(owner),
        lambda: accounts.change(owner, AccountWish(role_uuid=firm.roles["User"]), by="test"),
        lambda: firm.desk.crm.trading.delete(firm.desk.platform, [parent.id]),
    )
    for refused_call in refusals:
        with pytest.raises(Declined) as refused:
            refused_call()
        assert refused.value.code == Refusal.PARTNER_HAS_STRUCTURE
    assert accounts.find(organization, parent.account_uuid).email == owner.email
    accounts.delete(accounts.find(organization, client.account_uuid))
    accounts.delete(owner)


def test_a_code_brings_people_under_its_ib_and_is_remembered(firm: Firm) -> None:
    parent, other = firm.partner(), firm.partner()
    organization = firm.desk.organization.id
    code = firm.partners.new_code(organization, parent.uuid, "summer24")
    random = firm.partners.new_code(organization, parent.uuid)
    assert (code.code, len(random.code)) == ("SUMMER24", tree.CODE_LENGTH)
    with pytest.raises(Declined) as refused:
        firm.partners.new_code(organization, other.uuid, "Summer24")
    assert refused.value.code == Refusal.NAME_TAKEN
    brought = firm.person(referral="Summer24 ")
    assert (brought.profile["referral"], brought.profile["ib_parent"]) == ("SUMMER24", parent.uuid)
    assert [one.node.code for one in firm.partners.reports.tree(parent.account_id, 1)] == ["SUMMER24"]
    moved = firm.desk.crm.accounts.change(brought, AccountWish(profile={"ib_parent": other.uuid}), by="test")
    assert (moved.profile["referral"], moved.profile["ib_parent"]) == ("SUMMER24", other.uuid)
    firm.partners.withdraw_code(organization, "summer24")
    for gone in ("SUMMER24", "NEVER"):
        with pytest.raises(Declined) as refused:
            firm.person(referral=gone)
        assert refused.value.code == Refusal.UNKNOWN_REFERRAL
    assert [one.withdrawn for one in firm.partners.codes_of(parent.account_id)] == [True, False]
