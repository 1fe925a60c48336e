"""What is sent about people as the organization sorts them, and what is shown."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from prorata.crm.accounts import CrmAccount, Verification
from prorata.crm.duplicates.duplicates import Alike, Pair, PairStatus
from prorata.crm.duplicates.keys import KeyKind
from prorata.crm.labels.bulk import Sorting
from prorata.crm.labels.fields import Field, FieldKind, FieldValue
from prorata.crm.labels.pools import Pool
from prorata.crm.labels.tags import Tag
from prorata.rest.workspace.crm.shapes import NamedView, Words
from prorata.rest.workspace.organizations.shapes import Title, Uuid
from prorata.views.bodies import NO_CONTROLS, Body
from prorata.views.numbers import show_moment, show_moment_or_none

Color: TypeAlias = Annotated[str, Meta(max_length=7, pattern=r"^(#[0-9a-f]{6})?\Z", examples=["#1f77b4"])]
ChoiceText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=128, pattern=NO_CONTROLS, examples=["by telephone"])]
FieldText: TypeAlias = Annotated[str, Meta(max_length=1_000, examples=["42"])]
Uuids: TypeAlias = Annotated[tuple[Uuid, ...], Meta(max_length=50)]


class TagBody(Body, frozen=True, kw_only=True):
    name: Title
    color: Color = ""


class TagView(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    name: str
    color: str


class FieldBody(Body, frozen=True, kw_only=True):
    """`choices`: of a CHOICE, and of no other kind."""

    name: Title
    kind: FieldKind
    choices: Annotated[tuple[ChoiceText, ...], Meta(max_length=200)] = ()


class FieldChange(Body, frozen=True, kw_only=True):
    name: Title
    choices: Annotated[tuple[ChoiceText, ...], Meta(max_length=200)] = ()


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    name: str
    kind: FieldKind
    choices: tuple[str, ...]


class ValueBody(Body, frozen=True, kw_only=True):
    """`value` null: none any more. Numbers, days ("2030-12-31") and flags ("true", "false") are texts, too."""

    field: Uuid
    value: FieldText | None


class ValuesBody(Body, frozen=True, kw_only=True):
    values: Annotated[tuple[ValueBody, ...], Meta(min_length=1, max_length=100)]


class ValueView(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    name: str
    kind: FieldKind
    value: str


class PoolBody(Body, frozen=True, kw_only=True):
    """`members`: uuids of people who work here."""

    name: Title
    members: Annotated[tuple[Uuid, ...], Meta(max_length=500)] = ()


class PoolView(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    name: str
    members: tuple[str, ...]


class SortingBody(Body, frozen=True, kw_only=True):
    """What is left out stays as it is; null: none."""

    accounts: Annotated[tuple[Uuid, ...], Meta(min_length=1, max_length=500)]
    more_tags: Uuids = ()
    less_tags: Uuids = ()
    pool: Uuid | UnsetType | None = UNSET
    lead_status: Uuid | UnsetType | None = UNSET


class SortedView(msgspec.Struct, frozen=True, kw_only=True):
    accounts: int


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """`suspected`: he may be here twice. `client_since` null: a lead."""

    uuid: str
    email: str
    first_name: str
    last_name: str
    phone: str
    country: str
    verification: Verification
    lead_status: str | None
    manager: str | None
    pool: str | None
    tags: tuple[NamedView, ...]
    suspected: bool
    created_at: str
    client_since: str | None


class AccountsPage(msgspec.Struct, frozen=True, kw_only=True):
    """`total`: how many there are altogether."""

    total: int
    accounts: list[AccountRow]


class AlikeView(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    email: str
    first_name: str
    last_name: str
    created_at: str


class PairView(msgspec.Struct, frozen=True, kw_only=True):
    """`kinds`: what two accounts have in common. `decided_by` "": nobody yet."""

    uuid: str
    first: AlikeView
    second: AlikeView
    kinds: tuple[KeyKind, ...]
    status: PairStatus
    note: str
    decided_by: str
    decided_at: str | None
    created_at: str


class PairDecision(Body, frozen=True, kw_only=True):
    status: PairStatus
    note: Words = ""


def tag_view(tag: Tag) -> TagView:
    return TagView(uuid=tag.uuid, name=tag.name, color=tag.color)


def field_view(field: Field) -> FieldView:
    return FieldView(uuid=field.uuid, name=field.name, kind=field.kind, choices=field.choices)


def value_view(value: FieldValue) -> ValueView:
    return ValueView(field=value.field.uuid, name=value.field.name, kind=value.field.kind, value=value.value)


def pool_view(pool: Pool) -> PoolView:
    return PoolView(uuid=pool.uuid, name=pool.name, members=pool.members)


def sorting_of(body: SortingBody) -> Sorting:
    return Sorting(
        more_tags=frozenset(body.more_tags), less_tags=frozenset(body.less_tags), pool=body.pool, lead_status=body.lead_status
    )


def account_row(account: CrmAccount, tags: list[Tag], *, suspected: bool) -> AccountRow:
    return AccountRow(
        uuid=account.uuid, email=account.email, first_name=account.first_name, last_name=account.last_name,
        phone=account.phone, country=account.country, verification=account.verification, lead_status=account.lead_status,
        manager=None if account.manager is None else account.manager.email, pool=account.pool_uuid,
        tags=tuple(NamedView(uuid=tag.uuid, name=tag.name) for tag in tags), suspected=suspected,
        created_at=show_moment(account.created_at), client_since=show_moment_or_none(account.active_at),
    )  # fmt: skip


def pair_view(pair: Pair) -> PairView:
    return PairView(
        uuid=pair.uuid, first=_alike(pair.first), second=_alike(pair.second), kinds=pair.kinds, status=pair.status,
        note=pair.note, decided_by=pair.decided_by, decided_at=show_moment_or_none(pair.decided_at),
        created_at=show_moment(pair.created_at),
    )  # fmt: skip


def _alike(one: Alike) -> AlikeView:
    return AlikeView(
        uuid=one.uuid, email=one.email, first_name=one.first_name, last_name=one.last_name,
        created_at=show_moment(one.created_at),
    )  # fmt: skip
