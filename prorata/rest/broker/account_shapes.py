"""An account as it is shown, and as it is sent."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from prorata.crm.accounts import AccountWish, ClientType, CrmAccount, Verification
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Day, Given, Record, ShortText, Uuid, text_or_none, time_of, told
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment

# As it is shown.


class PassportView(Record, frozen=True):
    number: str | None
    country: str | None


class PersonalView(Record, frozen=True):
    firstname: str
    lastname: str
    date_of_birth: str | None
    citizenship: str | None
    language: str | None
    marital_status: str | None
    passport: PassportView
    tax_identification_number: str | None


class ToContactView(Record, frozen=True):
    to_contact_date: str | None
    already_contacted: bool


class ContactView(Record, frozen=True):
    phone_number: str | None
    fax_number: str | None
    to_contact: ToContactView


class ManagerView(Record, frozen=True):
    uuid: str
    email: str
    name: str


class ScopeView(Record, frozen=True):
    branch_scope: list[str]
    manager_pools: list[str]


class ConfigurationView(Record, frozen=True):
    partner_id: int
    branch_uuid: str
    role_uuid: str
    account_manager: ManagerView | None
    ib_parent_trading_account_uuid: str | None
    crm_user_scope: ScopeView
    account_type_contact: bool


class AddressView(Record, frozen=True):
    country: str | None
    state: str | None
    city: str | None
    post_code: str | None
    address: str | None


class BankingView(Record, frozen=True):
    bank_address: str | None
    bank_swift_code: str | None
    bank_account: str | None
    bank_name: str | None
    account_name: str | None


class LeadView(Record, frozen=True):
    status_uuid: str | None
    status: str | None
    source: str | None
    referral: str | None
    provider_uuid: str | None
    become_active_client_time: str | None


class AccountView(Record, frozen=True, omit_defaults=True):
    """`one_time_token`: in the answer to its creation alone."""

    uuid: str
    created: str | None
    updated: str | None
    email: str
    verification_status: Verification
    type: ClientType
    personal_details: PersonalView
    contact_details: ContactView
    account_configuration: ConfigurationView
    address_details: AddressView
    banking_details: BankingView
    lead_details: LeadView
    one_time_token: str | msgspec.UnsetType = msgspec.UNSET


def account_view(account: CrmAccount, one_time_token: str | msgspec.UnsetType = msgspec.UNSET) -> AccountView:
    text = {name: text_or_none(value) for name, value in account.profile.items()}
    return AccountView(
        uuid=account.uuid, created=time_of(account.created_at), updated=time_of(account.updated_at), email=account.email,
        verification_status=account.verification, type=account.client_type, personal_details=_personal(account, text),
        contact_details=ContactView(
            phone_number=text_or_none(account.phone), fax_number=text["fax"],
            to_contact=ToContactView(to_contact_date=time_of(account.contact_at), already_contacted=account.contacted),
        ),
        account_configuration=_configuration(account, text),
        address_details=AddressView(
            country=text_or_none(account.country), state=text["state"], city=text["city"], post_code=text["post_code"],
            address=text["address"],
        ),
        banking_details=BankingView(
            bank_address=text["bank_address"], bank_swift_code=text["bank_swift"], bank_account=text["bank_account"],
            bank_name=text["bank_name"], account_name=text["bank_account_name"],
        ),
        lead_details=LeadView(
            status_uuid=account.lead_status_uuid, status=account.lead_status, source=text["lead_source"],
            referral=text["referral"], provider_uuid=text["lead_provider"],
            become_active_client_time=time_of(account.active_at),
        ),
        one_time_token=one_time_token,
    )  # fmt: skip


def manager_view(account: CrmAccount) -> ManagerView | None:
    manager = account.manager
    return None if manager is None else ManagerView(uuid=manager.uuid, email=manager.email, name=manager.name)


def _personal(account: CrmAccount, text: dict[str, str | None]) -> PersonalView:
    return PersonalView(
        firstname=account.first_name, lastname=account.last_name, date_of_birth=text_or_none(account.date_of_birth),
        citizenship=text["citizenship"], language=text["locale"], marital_status=text["marital_status"],
        passport=PassportView(number=text["passport_number"], country=text["passport_country"]),
        tax_identification_number=text["tax_number"],
    )  # fmt: skip


def _configuration(account: CrmAccount, text: dict[str, str | None]) -> ConfigurationView:
    return ConfigurationView(
        partner_id=account.organization_id, branch_uuid=account.branch_uuid, role_uuid=account.role_uuid,
        account_manager=manager_view(account), ib_parent_trading_account_uuid=text["ib_parent"],
        crm_user_scope=ScopeView(branch_scope=[], manager_pools=[one for one in (account.pool_uuid,) if one is not None]),
        account_type_contact=account.type_contact,
    )  # fmt: skip


# As it is sent.


class PassportGiven(Given, frozen=True):
    number: ShortText | None = None
    country: ShortText | None = None


class PersonalGiven(Given, frozen=True):
    firstname: ShortText | None = None
    lastname: ShortText | None = None
    date_of_birth: Day | None = None
    citizenship: ShortText | None = None
    language: ShortText | None = None
    marital_status: ShortText | None = None
    passport: PassportGiven = PassportGiven()
    tax_identification_number: ShortText | None = None


class ToContactGiven(Given, frozen=True):
    to_contact_date: datetime | None = None
    already_contacted: bool | None = None


class ContactGiven(Given, frozen=True):
    phone_number: ShortText | None = None
    fax_number: ShortText | None = None
    to_contact: ToContactGiven | None = None


class ConfigurationGiven(Given, frozen=True):
    branch_uuid: Uuid | None = None
    role_uuid: Uuid | None = None
    account_manager_uuid: Uuid | None = None
    ib_parent_trading_account_uuid: Uuid | None = None
    account_type_contact: bool | None = None


class AddressGiven(Given, frozen=True):
    country: ShortText | None = None
    state: ShortText | None = None
    city: ShortText | None = None
    post_code: ShortText | None = None
    address: ShortText | None = None


class BankingGiven(Given, frozen=True):
    bank_address: ShortText | None = None
    bank_swift_code: ShortText | None = None
    bank_account: ShortText | None = None
    bank_name: ShortText | None = None
    account_name: ShortText | None = None


class LeadGiven(Given, frozen=True):
    """The status has both names: accounts are shown with the first, and changed with the second."""

    status_uuid: Uuid | None = None
    lead_status_uuid: Uuid | None = None
    source: ShortText | None = None
    provider_uuid: ShortText | None = None


class NewLeadGiven(LeadGiven, frozen=True):
    """`referral`: the code that brings the account. It is told once, and stays."""

    referral: ShortText | None = None


class AccountChange(Given, frozen=True):
    email: ShortText | None = None
    verification_status: Verification | None = None
    client_type: ClientType | None = None
    personal_details: PersonalGiven | None = None
    contact_details: ContactGiven | None = None
    account_configuration: ConfigurationGiven | None = None
    address_details: AddressGiven | None = None
    banking_details: BankingGiven | None = None
    lead_details: LeadGiven | None = None


class NewAccount(AccountChange, frozen=True, kw_only=True):
    email: ShortText
    password: str
    personal_details: PersonalGiven
    lead_details: NewLeadGiven | None = None
    offer_uuid: Uuid | None = None
    create_as_deposited_account: bool | None = None


def wish_of(given: AccountChange) -> AccountWish:
    """Return what is wanted of an account. Raises `Rejected`."""
    personal = given.personal_details or PersonalGiven()
    contact = given.contact_details or ContactGiven()
    to_contact = contact.to_contact or ToContactGiven()
    configuration = given.account_configuration or ConfigurationGiven()
    lead = given.lead_details or LeadGiven()
    return AccountWish(
        email=told(given.email), first_name=told(personal.firstname, _name), last_name=told(personal.lastname, _name),
        phone=told(contact.phone_number), country=told((given.address_details or AddressGiven()).country),
        branch_uuid=told(configuration.branch_uuid), role_uuid=told(configuration.role_uuid),
        lead_status_uuid=told(lead.lead_status_uuid or lead.status_uuid),
        manager_uuid=told(configuration.account_manager_uuid), verification=told(given.verification_status),
        client_type=told(given.client_type), date_of_birth=told(personal.date_of_birth, lambda day: day.isoformat()),
        type_contact=told(configuration.account_type_contact), contacted=told(to_contact.already_contacted),
        contact_at=told(to_contact.to_contact_date, _moment),
        profile=dict(_profile(given, personal, contact, configuration, lead)),
    )  # fmt: skip


def _profile(
    given: AccountChange, personal: PersonalGiven, contact: ContactGiven, configuration: ConfigurationGiven, lead: LeadGiven
) -> Iterator[tuple[str, str]]:
    address, banking = given.address_details or AddressGiven(), given.banking_details or BankingGiven()
    texts: dict[str, Any] = {
        "locale": personal.language, "citizenship": personal.citizenship, "marital_status": personal.marital_status,
        "passport_number": personal.passport.number, "passport_country": personal.passport.country,
        "tax_number": personal.tax_identification_number, "fax": contact.fax_number, "state": address.state,
        "city": address.city, "post_code": address.post_code, "address": address.address,
        "bank_address": banking.bank_address, "bank_swift": banking.bank_swift_code, "bank_account": banking.bank_account,
        "bank_name": banking.bank_name, "bank_account_name": banking.account_name, "lead_source": lead.source,
        "lead_provider": lead.provider_uuid, "ib_parent": configuration.ib_parent_trading_account_uuid,
        "referral": lead.referral if isinstance(lead, NewLeadGiven) else None,
    }  # fmt: skip
    return ((name, text) for name, text in texts.items() if text is not None)


def _name(text: str) -> str:
    if not text.strip():
        raise Rejected(Refusal.MALFORMED, "personalDetails: firstname and lastname must not be empty")
    return text.strip()


def _moment(time: datetime) -> int:
    if time.tzinfo is None:
        raise Rejected(Refusal.MALFORMED, "toContactDate: has no offset from UTC")
    return read_moment(time.isoformat(timespec="milliseconds"), "toContactDate")
