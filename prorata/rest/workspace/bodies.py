"""What is sent to the workspace about people and their signing in."""

from typing import Annotated, Any

from msgspec import Meta

from prorata.control.columns import LOGIN_LENGTH_MAX, NAME_LENGTH_MAX
from prorata.views.bodies import NO_CONTROLS, Body

EmailText = Annotated[str, Meta(min_length=3, max_length=LOGIN_LENGTH_MAX, pattern=NO_CONTROLS, examples=["ann@example.com"])]
PasswordText = Annotated[str, Meta(max_length=1_024, examples=["correct horse battery"])]
NameText = Annotated[str, Meta(max_length=NAME_LENGTH_MAX, pattern=NO_CONTROLS, examples=["Ann"])]
LanguageText = Annotated[str, Meta(pattern=r"^[a-z]{2,3}\Z", examples=["en"])]
TicketText = Annotated[str, Meta(min_length=1, max_length=128, examples=["q0z4rT9Q2mJ8sVfH1bW7cXyL5nKpD3gA6eUiRoZtYwE"])]
CodeText = Annotated[str, Meta(min_length=6, max_length=32, examples=["492039"])]
CredentialObject = Annotated[
    dict[str, Any], Meta(description="what PublicKeyCredential.toJSON() gives", examples=[{"id": "...", "type": "public-key"}])
]


class NewRegistration(Body, frozen=True, kw_only=True):
    """`organization`: name of the empty one that is made with it; "" takes the address."""

    email: EmailText
    first_name: NameText = ""
    last_name: NameText = ""
    language: LanguageText = "en"
    organization: NameText = ""


class Login(Body, frozen=True, kw_only=True):
    """`token` true: the answer has the session's token, for `Authorization: Bearer`, and no cookie is set."""

    email: EmailText
    password: PasswordText
    token: bool = False


class CodeLogin(Body, frozen=True, kw_only=True):
    """`code`: of the authenticator, or a recovery code. `token` as for signing in."""

    ticket: TicketText
    code: CodeText
    token: bool = False


class PasskeyLogin(Body, frozen=True, kw_only=True):
    """`token` as for signing in."""

    ticket: TicketText
    credential: CredentialObject
    token: bool = False


class Proof(Body, frozen=True, kw_only=True):
    password: PasswordText


class LinkToken(Body, frozen=True, kw_only=True):
    """`token`: what is behind the dot in the link."""

    token: TicketText


class Address(Body, frozen=True, kw_only=True):
    email: EmailText


class PasswordReset(Body, frozen=True, kw_only=True):
    """`token`: what is behind the dot in the link."""

    token: TicketText
    password: PasswordText


class NewPassword(Body, frozen=True, kw_only=True):
    password: PasswordText


class MyChange(Body, frozen=True, kw_only=True):
    """What is left out or null stays as it is."""

    first_name: NameText | None = None
    last_name: NameText | None = None
    language: LanguageText | None = None


class TotpCode(Body, frozen=True, kw_only=True):
    code: CodeText


class NewPasskey(Body, frozen=True, kw_only=True):
    ticket: TicketText
    credential: CredentialObject
    name: Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX, pattern=NO_CONTROLS, examples=["Ann's phone"])]
