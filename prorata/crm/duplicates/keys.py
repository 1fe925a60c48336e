"""What two accounts of one person have in common, however it was typed: an e-mail, a phone number, a name with a birthday."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum

import phonenumbers

_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
"""Mail houses to whom dots before the @ mean nothing, and under which name they are one."""
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"})
"""Letters that are not taken apart into one of the alphabet and a mark."""


class KeyKind(StrEnum):
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    NAME = "NAME"
    """names, whatever their order, and the day of birth"""


def keys_of(person: Mapping[str, str]) -> Iterator[tuple[KeyKind, str]]:
    """Give the keys of a person. `person`: email, mobile, country, first_name, last_name, date_of_birth; "" for none."""
    for kind, key in (
        (KeyKind.EMAIL, email_key(person["email"])),
        (KeyKind.PHONE, phone_key(person["mobile"], person["country"])),
        (KeyKind.NAME, name_key(f"{person['first_name']} {person['last_name']}", person["date_of_birth"])),
    ):
        if key:
            yield kind, key


def email_key(email: str) -> str:
    """Return the mailbox of an address: in small letters, without what stands behind a plus; "" for none."""
    name, _, house = email.strip().casefold().rpartition("@")
    name = name.partition("+")[0]
    if house in _DOTLESS:
        name, house = name.replace(".", ""), _DOTLESS[house]
    return f"{name}@{house}" if name else ""


def phone_key(phone: str, country: str) -> str:
    """Return a number as the whole world dials it (+35799123456), "" if it is none. `country`: whose it is without a plus."""
    region = country.strip().upper()
    try:
        parsed = phonenumbers.parse(phone, region if region in phonenumbers.SUPPORTED_REGIONS else None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def name_key(name: str, date_of_birth: str) -> str:
    """Return the words of a name in the order of the alphabet, without marks, and the day of birth; "" without either."""
    apart = unicodedata.normalize("NFKD", name.casefold().translate(_STROKES))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    words = sorted(re.findall(r"\w+", plain))
    return f"{' '.join(words)} {date_of_birth}" if words and date_of_birth else ""
