"""What browsers and authenticators are asked, and whether their answers are right (WebAuthn, by a library)."""

import ipaddress
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
import webauthn
from webauthn.helpers import options_to_json_dict, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from prorata.control.people.passkeys import Credential, Key, PasskeyRefused
from prorata.control.people.people import Person

NAME = "Prorata"


class Asked(msgspec.Struct, frozen=True):
    """`options`: for the browser's `navigator.credentials`. `challenge`: what the answer must have signed."""

    options: dict[str, Any]
    challenge: bytes


class RelyingParty:
    """We, as authenticators know us: the host of our address. On this machine, whose address is a number, "localhost"."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.id = parts.hostname or ""
        self.origins = [url]
        if _is_loopback(self.id):
            self.id = "localhost"
            self.origins.append(f"{parts.scheme}://localhost:{parts.port}" if parts.port else f"{parts.scheme}://localhost")

    def ask_new(self, person: Person, held: Sequence[bytes]) -> Asked:
        """Ask for a new passkey that signs the person in by itself. `held`: the ones he has."""
        options = webauthn.generate_registration_options(
            rp_id=self.id, rp_name=NAME, user_id=uuid.UUID(person.uuid).bytes, user_name=person.email,
            user_display_name=f"{person.first_name} {person.last_name}".strip() or person.email,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in held],
        )  # fmt: skip
        return Asked(options_to_json_dict(options), options.challenge)

    def check_new(self, credential: Credential, challenge: bytes) -> Key:
        """Return the new key. Raises `PasskeyRefused`."""
        try:
            verified = webauthn.verify_registration_response(
                credential=credential, expected_challenge=challenge, expected_rp_id=self.id, expected_origin=self.origins,
                require_user_verification=True,
            )  # fmt: skip
        except Exception as problem:
            raise _refused(problem) from None
        return Key(verified.credential_id, verified.credential_public_key, verified.sign_count)

    def ask(self) -> Asked:
        """Ask whoever is there for any passkey of his."""
        options = webauthn.generate_authentication_options(
            rp_id=self.id, user_verification=UserVerificationRequirement.REQUIRED
        )
        return Asked(options_to_json_dict(options), options.challenge)

    def check(self, credential: Credential, challenge: bytes, key: Key) -> int:
        """Return the authenticator's counter after a right answer of a known key. Raises `PasskeyRefused`."""
        try:
            verified = webauthn.verify_authentication_response(
                credential=credential, expected_challenge=challenge, expected_rp_id=self.id, expected_origin=self.origins,
                credential_public_key=key.public_key, credential_current_sign_count=key.uses, require_user_verification=True,
            )  # fmt: skip
        except Exception as problem:
            raise _refused(problem) from None
        return verified.new_sign_count

    def answering(self, credential: Credential) -> tuple[bytes, bytes | None]:
        """Return which key answers, and the handle of its person if it says so. Raises `PasskeyRefused`."""
        try:
            answer = parse_authentication_credential_json(credential)
        except Exception as problem:
            raise _refused(problem) from None
        return answer.raw_id, answer.response.user_handle


def _refused(problem: Exception) -> PasskeyRefused:
    """What is wrong with an answer is raised by the library's parsers as whatever they came upon."""
    return PasskeyRefused(f"{type(problem).__name__}: {problem}"[:200])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
