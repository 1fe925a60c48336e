"""People are sorted by tags, fields of the organization's own, pools and lead statuses, and found by them."""

import io
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest

from prorata.access.callers import NotFound
from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice
from prorata.crm.accounts import AccountFilter, AccountWish, Verification
from prorata.crm.labels.bulk import Sorting
from prorata.crm.labels.conditions import SortedBy, conditions
from prorata.crm.labels.fields import Field, FieldKind, read_value
from prorata.messages.refusals import Refusal
from tests.crm.desk import Desk

NOWHERE = "00000000-0000-4000-8000-000000000000"


def found(desk: Desk, **wanted: Any) -> list[str]:
    more = conditions(desk.organization.id, SortedBy(**wanted))
    part = Slice("email", False, 0, 100)
    rows, total = desk.crm.accounts.search(desk.organization.id, AccountFilter(more=more), part)
    assert total == len(rows)
    return [one.email.partition("@")[0] for one in rows]


def sort(desk: Desk, *accounts: Any, **wanted: Any) -> int:
    sets = {name: frozenset(value) for name, value in wanted.items() if name.endswith("_tags")}
    uuids = [one.uuid for one in accounts]
    return desk.crm.sorter.sort(desk.organization.id, uuids, Sorting(**{**wanted, **sets}), by="person eve")


def test_people_are_found_by_how_they_are_sorted(desk: Desk) -> None:
    ann, bob, eve = (desk.account(f"{name}@mail.test") for name in ("ann", "bob", "eve"))
    mine = desk.organization.id
    vip, slow = desk.crm.tags.add(mine, "VIP", "#ff0000"), desk.crm.tags.add(mine, "slow", "")
    pool = desk.crm.pools.add(mine, "Cyprus", [desk.owner.uuid])
    status = desk.crm.settings.lead_statuses(mine)[1]
    assert sort(desk, ann, bob, more_tags=[vip.uuid], pool=pool.uuid) == 2
    assert sort(desk, bob, eve, more_tags=[slow.uuid], lead_status=status.uuid) == 2
    sort(desk, ann, more_tags=[vip.uuid])  # again: it has it already
    assert found(desk, tags=(vip.uuid,)) == ["ann", "bob"]
    assert found(desk, tags=(vip.uuid, slow.uuid)) == ["bob"]
    assert found(desk, pool=pool.uuid, lead_status=status.uuid) == ["bob"]
    assert found(desk, lead_status=status.uuid) == ["bob", "eve"]
    assert found(desk, tags=(NOWHERE,)) == found(desk, pool=NOWHERE) == []
    assert [tag.name for tag in desk.crm.tags.of_accounts([bob.id])[bob.id]] == ["VIP", "slow"]
    sort(desk, bob, less_tags=[vip.uuid], pool=None, lead_status=None)
    assert (found(desk, tags=(vip.uuid,)), found(desk, pool=pool.uuid)) == (["ann"], ["ann"])
    assert desk.crm.accounts.find(mine, bob.uuid).lead_status is None
    desk.crm.accounts.change(eve, AccountWish(verification=Verification.VERIFIED), by="x")
    assert found(desk, verification=Verification.VERIFIED) == ["eve"]
    assert found(desk) == ["ann", "bob", "eve"]
    desk.crm.tags.remove(vip)
    desk.crm.pools.remove(pool)
    assert desk.crm.accounts.find(mine, ann.uuid).pool_uuid is None


def test_all_are_sorted_or_none(desk: Desk) -> None:
    ann, mine = desk.account("ann@mail.test"), desk.organization.id
    vip = desk.crm.tags.add(mine, "VIP", "")
    other = desk.control.organizations.add(desk.owner.id, "Second Broker")
    foreign = desk.crm.tags.add(other.id, "VIP", "")
    for wanted in ({"more_tags": [vip.uuid, foreign.uuid]}, {"more_tags": [vip.uuid], "pool": NOWHERE}):
        with pytest.raises(Declined) as refused:
            sort(desk, ann, **wanted)
        assert refused.value.code == Refusal.UNKNOWN_REFERENCE
    with pytest.raises(Declined):
        desk.crm.sorter.sort(mine, [ann.uuid, NOWHERE], Sorting(more_tags=frozenset({vip.uuid})), by="x")
    with pytest.raises(Declined):
        desk.crm.sorter.sort(other.id, [ann.uuid], Sorting(more_tags=frozenset({foreign.uuid})), by="x")
    assert desk.crm.tags.of_accounts([ann.id]) == {}
    with pytest.raises(NotFound):
        desk.crm.tags.find(mine, foreign.uuid)


def test_names_are_taken_once(desk: Desk) -> None:
    mine = desk.organization.id
    desk.crm.tags.add(mine, "VIP", "")
    desk.crm.fields.add(mine, "Shoe size", FieldKind.NUMBER)
    desk.crm.pools.add(mine, "Cyprus", [])
    again = (
        lambda: desk.crm.tags.add(mine, "VIP", ""), lambda: desk.crm.fields.add(mine, "Shoe size", FieldKind.TEXT),
        lambda: desk.crm.pools.add(mine, "Cyprus", []),
    )  # fmt: skip
    for make in again:
        with pytest.raises(Declined) as refused:
            make()
        assert refused.value.code == Refusal.NAME_TAKEN
    with pytest.raises(Declined) as refused:
        desk.crm.pools.add(mine, "Malta", [NOWHERE])
    assert refused.value.code == Refusal.UNKNOWN_REFERENCE
    assert [pool.name for pool in desk.crm.pools.all(mine)] == ["Cyprus"]


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (FieldKind.TEXT, " as it is ", " as it is "), (FieldKind.NUMBER, "007.50", "7.5"), (FieldKind.NUMBER, "-0.0", "0"),
        (FieldKind.NUMBER, "1e3", "1000"), (FieldKind.NUMBER, "many", None), (FieldKind.NUMBER, "nan", None),
        (FieldKind.NUMBER, "1e999999", None), (FieldKind.DATE, "2030-12-31", "2030-12-31"),
        (FieldKind.DATE, "2030-02-30", None), (FieldKind.DATE, "20301231", None),
        (FieldKind.CHOICE, "red", "red"), (FieldKind.CHOICE, "Red", None),
        (FieldKind.FLAG, "true", "true"), (FieldKind.FLAG, "yes", None), (FieldKind.TEXT, "x" * 1_001, None),
    ],
)  # fmt: skip
def test_a_value_has_one_form_or_is_refused(kind: FieldKind, value: str, kept: str | None) -> None:
    choices = ("red", "blue") if kind == FieldKind.CHOICE else ()
    field = Field(id=1, uuid="", organization_id=1, name="Field", kind=kind, choices=choices, created_at=0)
    if kept is not None:
        assert read_value(field, value) == kept
        return
    with pytest.raises(Declined) as refused:
        read_value(field, value)
    assert refused.value.code == Refusal.FIELD_UNFIT


def test_fields_are_set_together_or_not_at_all(desk: Desk) -> None:
    ann, mine = desk.account("ann@mail.test"), desk.organization.id
    desk.account("bob@mail.test")
    size = desk.crm.fields.add(mine, "Shoe size", FieldKind.NUMBER)
    color = desk.crm.fields.add(mine, "Color", FieldKind.CHOICE, ["red", "blue"])
    with pytest.raises(Declined):
        desk.crm.fields.put(ann, {size.uuid: "42", color.uuid: "green"}, by="x")
    assert desk.crm.fields.of_account(ann) == []
    kept = desk.crm.fields.put(ann, {size.uuid: "42.0", color.uuid: "blue"}, by="x")
    assert [(one.field.name, one.value) for one in kept] == [("Shoe size", "42"), ("Color", "blue")]
    assert found(desk, field=size.uuid, value="42") == ["ann"]
    file = io.BytesIO()
    desk.crm.exporter.write(ann, file)
    with ZipFile(file) as archive:
        assert msgspec.json.decode(archive.read("labels.json"))["fields"] == {"Shoe size": "42", "Color": "blue"}
    desk.crm.fields.change(color, "Color", ["red"])
    assert desk.crm.fields.put(ann, {size.uuid: None}, by="x")[0].value == "blue", "what was chosen stays"
    desk.crm.fields.remove(color)
    assert desk.crm.fields.of_account(ann) == []
    for kind, choices in ((FieldKind.CHOICE, []), (FieldKind.TEXT, ["a"]), (FieldKind.CHOICE, ["a", "a"])):
        with pytest.raises(Declined) as refused:
            desk.crm.fields.add(mine, "Other", kind, choices)
        assert refused.value.code == Refusal.FIELD_UNFIT


def test_who_is_suspected_twice_is_found(desk: Desk) -> None:
    desk.account("ann@mail.test")
    assert found(desk, suspected=True) == []
    desk.account("ann+2@mail.test")
    assert found(desk, suspected=True) == ["ann", "ann+2"] or found(desk, suspected=True) == ["ann+2", "ann"]
