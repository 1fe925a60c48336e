"""Which passwords a person may choose."""

from prorata.control.passwords import LENGTH_MAX
from prorata.control.people.addresses import email_key_of

LENGTH_MIN = 10
_DIFFERENT_MIN = 5

_COMMON = """
0123456789 0987654321 1111111111 1122334455 1212121212 123123123123 1234512345 1234554321 12345678910 1234567890
123456789a 123456789q 12345qwert 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 9876543210 abcd123456 abcdefghij administrator
adminadmin asdfasdfasdf asdfghjkl1 asdfghjklasdf basketball changeme123 changemenow christopher computer123 football123
helloworld iloveyou12 iloveyou123 letmein123 liverpoolfc manchester metatrader metatrader4 metatrader5 microsoft1
password10 password11 password12 password123 password1234 passw0rd123 passwordpassword p@ssw0rd123 princess123
qazwsxedcrfv qwerty12345 qwerty123456 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop123 sunshine123 superman123
trustno1trustno1 welcome123 welcome1234 zaq12wsxcde3 zxcvbnm123 zxcvbnmasdf
"""
"""Long enough, and still among the first that are tried. In small letters."""
COMMON = frozenset(_COMMON.split())


class UnfitPassword(Exception):
    """The text says what is wrong with it."""


def check_password(password: str, email: str) -> None:
    """Raise `UnfitPassword` unless a person of this address may take the password."""
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise UnfitPassword(f"a password has {LENGTH_MIN} to {LENGTH_MAX} characters")
    small = password.lower()
    key = email_key_of(email)
    if small in (key, email.strip().lower(), key.partition("@")[0]):
        raise UnfitPassword("the password is the e-mail address")
    if small in COMMON or len(set(small)) < _DIFFERENT_MIN:
        raise UnfitPassword("the password is among the first that are tried")
