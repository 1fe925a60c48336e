"""What a trading account says of its owner. It is the person's: all his trading accounts say the same."""

from datetime import date

from prorata.crm.accounts import AccountWish, CrmAccount
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Given, Record, ShortText, text_or_none, told
from prorata.views.answers import Rejected


class AddressDetails(Record, frozen=True):
    address: str | None
    country: str | None
    state: str | None
    city: str | None
    zip_code: str | None


class AccountDetails(Record, frozen=True):
    first_name: str
    last_name: str
    phone_number: str | None
    date_of_birth: str | None
    bank_account: str | None
    address_details: AddressDetails


class AddressGiven(Given, frozen=True):
    address: ShortText | None = None
    country: ShortText | None = None
    state: ShortText | None = None
    city: ShortText | None = None
    zip_code: ShortText | None = None


class DetailsGiven(Given, frozen=True):
    """What is not told stays; an empty text removes what there was."""

    first_name: ShortText | None = None
    last_name: ShortText | None = None
    phone_number: ShortText | None = None
    date_of_birth: ShortText | None = None
    bank_account: ShortText | None = None
    address_details: AddressGiven | None = None


def account_details(account: CrmAccount) -> AccountDetails:
    text = {name: text_or_none(value) for name, value in account.profile.items()}
    return AccountDetails(
        first_name=account.first_name, last_name=account.last_name, phone_number=text_or_none(account.phone),
        date_of_birth=text_or_none(account.date_of_birth), bank_account=text["bank_account"],
        address_details=AddressDetails(
            address=text["address"], country=text_or_none(account.country), state=text["state"], city=text["city"],
            zip_code=text["post_code"],
        ),
    )  # fmt: skip


def wish_of(given: DetailsGiven) -> AccountWish:
    """Return what is wanted of a person. Raises `Rejected`."""
    address = given.address_details or AddressGiven()
    texts = {
        "bank_account": given.bank_account, "address": address.address, "state": address.state, "city": address.city,
        "post_code": address.zip_code,
    }  # fmt: skip
    return AccountWish(
        first_name=told(given.first_name), last_name=told(given.last_name), phone=told(given.phone_number),
        country=told(address.country), date_of_birth=told(given.date_of_birth, _day),
        profile={name: text for name, text in texts.items() if text is not None},
    )  # fmt: skip


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise Rejected(Refusal.MALFORMED, "accountDetails.dateOfBirth: is a day such as 1990-12-31") from None
