"""One story on SQLite and on PostgreSQL: known, sorted, suspected, told everything, forgotten."""

import io
from zipfile import ZipFile

from prorata.control.paging import Slice
from prorata.crm.accounts import AccountFilter, AccountWish
from prorata.crm.duplicates.duplicates import PairStatus
from prorata.crm.labels.bulk import Sorting
from prorata.crm.labels.conditions import SortedBy, conditions
from prorata.crm.labels.fields import FieldKind
from prorata.units.numbers import DAY_MS
from tests.crm.desk import Desk
from tests.crm.kyc.office import Office
from tests.crm.privacy.test_privacy import NAMES, erase, everything, known, pays_out


def test_a_person_from_the_first_check_to_being_forgotten(any_desk: Desk) -> None:
    office = Office(any_desk)
    office.set_up()
    any_desk.crm.accounts.change(office.person, AccountWish(email="first@mail.test"), by="x")
    check = office.approved()
    office.approved(office.full)
    assert "PUBLISH" in office.may()
    any_desk.now = check.valid_until
    assert office.crm.checks.sweep() == 1
    assert "TRADE" in office.may(), "the higher level holds for good"
    for level in (office.base, office.basic, office.full):
        office.crm.levels.remove(level)

    account, crm, mine = known(any_desk), any_desk.crm, any_desk.organization.id
    again = AccountWish(email="double@mail.test", first_name="x", last_name="y", phone="+35799123456")
    double = crm.accounts.add(mine, again, "correct horse battery", by="website")
    (pair,) = crm.duplicates.of_account(double.id)
    assert crm.duplicates.decide(pair, PairStatus.DIFFERENT, by="eve").status == PairStatus.DIFFERENT
    tag, field = crm.tags.add(mine, "VIP", ""), crm.fields.add(mine, "Shoe size", FieldKind.NUMBER)
    wanted = Sorting(more_tags=frozenset({tag.uuid}), pool=crm.pools.add(mine, "Cyprus", [any_desk.owner.uuid]).uuid)
    for _ in range(2):
        assert crm.sorter.sort(mine, [account.uuid, double.uuid], wanted, by="eve") == 2
    crm.fields.put(account, {field.uuid: "42"}, by="eve")
    sought = SortedBy(tags=(tag.uuid,), field=field.uuid, value="42")
    asked = AccountFilter(more=tuple(conditions(mine, sought)))
    found, total = crm.accounts.search(mine, asked, Slice("created", True, 0, 10))
    assert ([one.uuid for one in found], total) == ([account.uuid], 1)

    file = io.BytesIO()
    crm.exporter.write(account, file)
    with ZipFile(file) as archive:
        told = str([archive.read(name) for name in archive.namelist()])
    assert [name for name in NAMES if name not in told] == []
    pays_out(any_desk, account)
    crm.accounts.delete(double)
    crm.eraser.set_decisions_days(mine, 1)
    assert [erase(any_desk, account), erase(any_desk, account)] == [3, 0]
    crm.eraser.erase(mine, double.uuid, by="eve", address="")
    whole = everything(any_desk)
    assert [name for name in NAMES if name in whole] == []
    assert any_desk.control.audit.first_bad() is None
    any_desk.now += DAY_MS
    assert crm.eraser.sweep() == 1
