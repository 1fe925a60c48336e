"""What mails say. A language without its own text of a kind gets the English one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class MailKind(StrEnum):
    WELCOME = "welcome"
    ALREADY_REGISTERED = "already_registered"
    VERIFY = "verify"
    RESET = "reset"
    NOBODY = "nobody"
    DISABLED = "disabled"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    NEW_EMAIL = "new_email"
    EMAIL_IN_USE = "email_in_use"
    EMAIL_CHANGED = "email_changed"
    INVITATION = "invitation"
    CODES_ON = "codes_on"
    CODES_OFF = "codes_off"
    NEW_RECOVERY_CODES = "new_recovery_codes"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"


class Text(NamedTuple):
    """Names in braces are filled in."""

    subject: str
    body: str


_HOW = "How you sign in was changed"
_CLOSING = "\n\nIf this was not you, change your password and end the other sign-ins: {url}\n"

ENGLISH: Mapping[MailKind, Text] = {
    MailKind.WELCOME: Text(
        "Your Prorata account",
        "Welcome to Prorata.\n\nYou can sign in at {url} with\n\n    address:  {email}\n    password: {password}\n\n"
        "Please change the password, and confirm your address with this link, which is good for {days} days:\n\n{link}\n\n"
        "Your organization is there, and empty: you are its administrator.\n",
    ),
    MailKind.ALREADY_REGISTERED: Text(
        "You have a Prorata account already",
        "Somebody, perhaps you, has asked for a new account with this address. There is one, and nothing has changed.\n\n"
        "Sign in at {url}. If you have forgotten the password, this link, good for {hours} hours, sets a new one:\n\n{link}\n",
    ),
    MailKind.VERIFY: Text(
        "Confirm your address", "Please confirm your address with this link, which is good for {days} days:\n\n{link}\n"
    ),
    MailKind.RESET: Text(
        "A new password",
        "This link sets a new password. It works once, within {hours} hours:\n\n{link}\n\n"
        "If you did not ask for it, leave it alone: nothing has changed.\n",
    ),
    MailKind.NOBODY: Text(
        "There is no account with this address",
        "Somebody, perhaps you, has asked for a new password for this address at {url}. There is no account with it: "
        "perhaps you have registered with another one.\n",
    ),
    MailKind.DISABLED: Text(
        "Your account is disabled",
        "Somebody, perhaps you, wants to sign in at {url} with this address. Its account is disabled, and nothing has changed. "
        "Whoever runs the installation can enable it again.\n",
    ),
    MailKind.PASSWORD_CHANGED: Text(
        "Your password was changed", "The password of your account was changed, and all other sign-ins have ended." + _CLOSING
    ),
    MailKind.NEW_EMAIL: Text(
        "Confirm your new address",
        "This link makes {email} the address of your account. It works once, within {hours} hours:\n\n{link}\n\n"
        "If you did not ask for it, leave it alone: nothing has changed.\n",
    ),
    MailKind.EMAIL_IN_USE: Text(
        "There is an account with this address",
        "Somebody, perhaps you, wants to use this address for another account at {url}. It belongs to an account already, "
        "and nothing has changed.\n",
    ),
    MailKind.EMAIL_CHANGED: Text(
        "The address of your account was changed",
        "You sign in with {email} from now on, no longer with this address." + _CLOSING,
    ),
    MailKind.INVITATION: Text(
        "You are invited to work in an organization",
        '{inviter} invites you to the organization "{organization}" at {url}.\n\nThis link, which is good for {days} days, '
        "lets you join, also if you have no account yet:\n\n{link}\n\n"
        "If you do not know what this is about, leave it alone: nothing happens.\n",
    ),
    MailKind.CODES_ON: Text(_HOW, "One-time codes are asked for when you sign in." + _CLOSING),
    MailKind.CODES_OFF: Text(_HOW, "One-time codes are no longer asked for when you sign in." + _CLOSING),
    MailKind.NEW_RECOVERY_CODES: Text(_HOW, "You have new recovery codes; the old ones are good no longer." + _CLOSING),
    MailKind.PASSKEY_ADDED: Text(_HOW, 'The passkey "{name}" was added. It signs you in without a password.' + _CLOSING),
    MailKind.PASSKEY_REMOVED: Text(_HOW, 'The passkey "{name}" was removed.' + _CLOSING),
}

TEXTS: Mapping[str, Mapping[MailKind, Text]] = {"en": ENGLISH}


def text_of(kind: MailKind, language: str, **values: object) -> Text:
    """Return subject and body of a mail in a language ("en"), as far as it is known."""
    text = TEXTS.get(language, ENGLISH).get(kind) or ENGLISH[kind]
    return Text(text.subject.format(**values), text.body.format(**values))
