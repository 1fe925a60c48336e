"""Branches, offers, roles and lead statuses, as the organization has set them up. They are read here alone."""

from decimal import Decimal
from operator import attrgetter
from typing import Any

from prorata.access.permissions import Permission
from prorata.control.platforms.records import PlatformKind
from prorata.crm.gateways import Gateway
from prorata.crm.letters.mailing import Mailing
from prorata.crm.settings import Branch, LeadStatus, Offer, Role, Setting
from prorata.rest.broker.account_shapes import ManagerView
from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import Record, money_of, text_or_none, time_of
from prorata.rest.broker.paging import Span
from prorata.rest.broker.registry import SORTS, operation

SYSTEM_TYPES = {PlatformKind.PRORATA: "QFX", PlatformKind.MT4: "MT4", PlatformKind.MT5: "MT5"}
_NAMED = {**SORTS, "name": "name"}
_KEYS = {"created": attrgetter("created_at"), "updated": attrgetter("updated_at"), "name": attrgetter("name")}
_created = attrgetter("created_at")


class MailingView(Record, frozen=True, kw_only=True):
    """By whose mail server a branch's letters go; null: by the installation's. The password is shown to nobody."""

    email_user: str | None
    email_password: None = None
    email_host: str | None
    email_port: int | None
    email_tls: bool | None
    email_ssl: bool | None


class BranchView(Record, frozen=True, kw_only=True):
    uuid: str
    partner_id: int
    created: str | None
    updated: str | None
    name: str
    mailing_configuration: MailingView
    tfa_required_for_clients: bool
    mt4_real_server_name: str | None = None
    mt4_demo_server_name: str | None = None
    mt5_real_server_name: str | None = None
    mt5_demo_server_name: str | None = None
    use_sum_sub_kyc: bool = False
    payment_gateway_uuids: list[str]


class Branches(Record, frozen=True):
    branches: list[BranchView]


class BranchRef(Record, frozen=True):
    uuid: str
    partner_id: int
    created: str | None
    name: str


class SystemRef(Record, frozen=True):
    uuid: str
    partner_id: int
    created: str | None
    name: str
    demo: bool
    active: bool
    system_type: str


class OperationRef(Record, frozen=True):
    """The business that an offer belongs to: the organization."""

    uuid: str
    name: str


class OfferView(Record, frozen=True):
    uuid: str
    partner_id: int
    created: str | None
    updated: str | None
    name: str
    currency: str
    demo: bool
    hidden: bool
    description: str
    money_manager: str | None
    initial_deposit: Decimal
    leverage: int
    verification_required: bool
    trading_account_auto_creation: bool
    group_name: str
    branch: BranchRef
    system: SystemRef
    operation: OperationRef


class Offers(Record, frozen=True):
    offers: list[OfferView]


class NamedView(Record, frozen=True):
    uuid: str
    partner_id: int
    created: str | None
    updated: str | None
    name: str


class Roles(Record, frozen=True):
    roles: list[NamedView]


class LeadStatuses(Record, frozen=True):
    lead_statuses: list[NamedView]


class AccountManagers(Record, frozen=True):
    account_managers: list[ManagerView]


class PoolView(Record, frozen=True):
    uuid: str
    created: str | None
    name: str
    account_manager_uuids: list[str]


class ManagerPools(Record, frozen=True):
    manager_pools: list[PoolView]


@operation("GET", "/v1/branches", needs=Permission.SETTINGS_READ, sorts=_NAMED)
async def branches(call: Call, span: Span) -> Branches:
    """Branches of the broker."""
    found = await call.sql(call.crm.settings.branches, call.organization_id)
    gateways = await call.sql(call.crm.gateways.all, call.organization_id)
    mailings = await call.sql(call.crm.letter_desk.mailings.all, call.organization_id)
    shown = span.of(found, _KEYS, _created)
    return Branches(branches=[branch_view(one, gateways, mailings[one.id]) for one in shown])


@operation("GET", "/v1/offers", needs=Permission.SETTINGS_READ, sorts=_NAMED)
async def offers(call: Call, span: Span) -> Offers:
    """What accounts can be opened under; hidden ones, too, but those of prop trading."""
    known = await call.sql(call.crm.settings.branches, call.organization_id)
    of_branch = {branch.id: branch for branch in known}
    of_prop = await call.sql(call.crm.prop.challenges.own_offers, call.organization_id)
    found = [
        one
        for one in await call.sql(call.crm.settings.offers, call.organization_id)
        if call.grant.reaches(one.platform_uuid) and one.id not in of_prop
    ]
    return Offers(offers=[offer_view(call, one, of_branch[one.branch_id]) for one in span.of(found, _KEYS, _created)])


@operation("GET", "/v1/roles", needs=Permission.SETTINGS_READ, sorts=_NAMED)
async def roles(call: Call, span: Span) -> Roles:
    """Roles of accounts that may use the terminal."""
    found: list[Role] = await call.sql(call.crm.settings.roles, call.organization_id)
    return Roles(roles=[_named(one) for one in span.of(found, _KEYS, _created)])


@operation("GET", "/v1/lead-statuses", needs=Permission.SETTINGS_READ, sorts=_NAMED, ours=True)
async def lead_statuses(call: Call, span: Span) -> LeadStatuses:
    """Statuses that a lead may have."""
    found: list[LeadStatus] = await call.sql(call.crm.settings.lead_statuses, call.organization_id)
    return LeadStatuses(lead_statuses=[_named(one) for one in span.of(found, _KEYS, _created)])


@operation("GET", "/v1/account-managers", needs=Permission.SETTINGS_READ, personal=True, ours=True)
async def account_managers(call: Call) -> AccountManagers:
    """Members of the organization, who may look after accounts."""
    found = await call.sql(call.crm.accounts.managers, call.organization_id)
    return AccountManagers(
        account_managers=[ManagerView(uuid=one.uuid, email=one.email, name=one.name) for one in found]
    )  # fmt: skip


@operation("GET", "/v1/manager-pools", needs=Permission.SETTINGS_READ, ours=True)
async def manager_pools(call: Call) -> ManagerPools:
    """Pools of members who look after accounts together; an account is in one, or in none."""
    found = await call.sql(call.crm.pools.all, call.organization_id)
    return ManagerPools(
        manager_pools=[
            PoolView(uuid=one.uuid, created=time_of(one.created_at), name=one.name, account_manager_uuids=list(one.members))
            for one in found
        ]
    )  # fmt: skip


def branch_view(branch: Branch, gateways: list[Gateway], mailing: Mailing) -> BranchView:
    return BranchView(
        **_shared(branch), mailing_configuration=_mailing_view(mailing), tfa_required_for_clients=branch.two_factor,
        payment_gateway_uuids=[gateway.uuid for gateway in gateways if branch.id in gateway.branch_ids],
    )  # fmt: skip


def _mailing_view(mailing: Mailing) -> MailingView:
    is_own = bool(mailing.host)
    return MailingView(
        email_user=text_or_none(mailing.login), email_host=text_or_none(mailing.host),
        email_port=mailing.port if is_own else None, email_tls=mailing.tls if is_own else None,
        email_ssl=mailing.ssl if is_own else None,
    )  # fmt: skip


def offer_view(call: Call, offer: Offer, branch: Branch) -> OfferView:
    return OfferView(
        **_shared(offer), currency=offer.currency, demo=offer.demo, hidden=offer.hidden, description=offer.description,
        money_manager=text_or_none(offer.money_manager), initial_deposit=money_of(offer.initial_deposit, offer.digits),
        leverage=offer.leverage, verification_required=offer.verification_required,
        trading_account_auto_creation=offer.automatic, group_name=offer.group_name, branch=branch_ref(branch),
        system=system_ref(call, offer.platform_uuid, demo=offer.demo), operation=operation_ref(call),
    )  # fmt: skip


def branch_ref(branch: Branch) -> BranchRef:
    return BranchRef(
        uuid=branch.uuid, partner_id=branch.organization_id, created=time_of(branch.created_at), name=branch.name
    )  # fmt: skip


def system_ref(call: Call, platform_uuid: str, *, demo: bool) -> SystemRef:
    system = call.control.platforms.by_uuid[platform_uuid]
    return SystemRef(
        uuid=system.uuid, partner_id=call.organization_id, created=time_of(system.created_at), name=system.name, demo=demo,
        active=not system.archived_at, system_type=SYSTEM_TYPES[system.kind],
    )  # fmt: skip


def operation_ref(call: Call) -> OperationRef:
    organization = call.control.organizations.get(call.organization_id)
    assert organization is not None, "a closed organization's programs have no key"
    return OperationRef(uuid=organization.uuid, name=organization.name)


def _named(setting: Setting) -> NamedView:
    return NamedView(**_shared(setting))


def _shared(setting: Setting) -> dict[str, Any]:
    return {
        "uuid": setting.uuid, "partner_id": setting.organization_id, "created": time_of(setting.created_at),
        "updated": time_of(setting.updated_at), "name": setting.name,
    }  # fmt: skip
