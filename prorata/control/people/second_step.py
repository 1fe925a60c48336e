"""The second step of signing in: one-time codes of an authenticator (TOTP, RFC 6238), and recovery codes for when it is lost.

Each code is good once. Seeds are sealed; recovery codes are kept as SHA-256, of 80 random bits each.
"""

import hmac
import secrets
from base64 import b32encode
from hashlib import sha256

import msgspec
import pyotp
from sqlalchemy import Connection, delete, func, insert, select, update

from prorata.control.database import Database
from prorata.control.mail.outbox import Outbox
from prorata.control.mail.texts import MailKind
from prorata.control.people.people import Person
from prorata.control.people.tables import people, recovery_codes
from prorata.control.seals import Seals
from prorata.units.numbers import SECOND_MS

STEP_SECONDS = 30
CODE_DIGITS = 6
DRIFT_STEPS = 1
"""by how many steps the authenticator's clock may differ, either way"""
RECOVERY_CODES = 10
ISSUER = "Prorata"


class CodeWrong(Exception):
    """The code is not the person's, is too old, or was used."""


class HasTotp(Exception):
    """The person has an authenticator."""


class NewTotp(msgspec.Struct, frozen=True):
    """What an authenticator is set up with; shown once. `address`: the same as an otpauth:// address, for a QR code."""

    secret: str
    address: str


class SecondStep:
    def __init__(self, database: Database, seals: Seals, outbox: Outbox) -> None:
        self._database = database
        self._seals = seals
        self._outbox = outbox

    def begin(self, person: Person) -> NewTotp:
        """Make a seed, which counts once a code of it was shown. Raises `HasTotp`."""
        secret = pyotp.random_base32()
        with self._database.writing() as connection:
            self._check_none(connection, person)
            self._seals.put(connection, people.c.new_totp, person.id, secret)
        return NewTotp(secret, pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=ISSUER))

    def confirm(self, person: Person, code: str, url: str) -> list[str]:
        """Switch the second step on by a code of the new seed; return the recovery codes, which are not shown again.

        Raises:
            HasTotp: it is on.
            CodeWrong: or nothing was begun.
        """
        secret = self._seals.read(people.c.new_totp, person.id)
        if secret is None:
            raise CodeWrong
        step = self._step_of(secret, code)
        with self._database.writing() as connection:
            self._check_none(connection, person)
            self._seals.put(connection, people.c.totp, person.id, secret)
            connection.execute(update(people).where(people.c.id == person.id).values(new_totp=None, totp_step=step))
            self._tell(connection, person, MailKind.CODES_ON, url)
            return _renew_codes(connection, person.id)

    def remove(self, person: Person, url: str) -> bool:
        """Switch the second step off; its recovery codes are gone. Returns whether it was on."""
        with self._database.writing() as connection:
            mine = (people.c.id == person.id) & people.c.totp.is_not(None)
            off = {"totp": None, "new_totp": None, "totp_step": 0}
            if not connection.execute(update(people).where(mine).values(off)).rowcount:
                return False
            connection.execute(delete(recovery_codes).where(recovery_codes.c.person_id == person.id))
            self._tell(connection, person, MailKind.CODES_OFF, url)
        return True

    def check(self, person_id: int, code: str) -> None:
        """Take a code of the authenticator, or a recovery code. Raises `CodeWrong`."""
        plain = "".join(code.split()).replace("-", "")
        if len(plain) == CODE_DIGITS:
            self._check_totp(person_id, plain)
        else:
            self._use_recovery_code(person_id, plain)

    def renew_codes(self, person: Person, url: str) -> list[str]:
        """Make new recovery codes; the old ones are good no longer. Raises `CodeWrong` without a second step."""
        with self._database.writing() as connection:
            mine = (people.c.id == person.id) & people.c.totp.is_not(None)
            if connection.execute(select(people.c.id).where(mine)).first() is None:
                raise CodeWrong
            self._tell(connection, person, MailKind.NEW_RECOVERY_CODES, url)
            return _renew_codes(connection, person.id)

    def codes_left(self, person_id: int) -> int:
        """Return how many recovery codes are not used yet."""
        mine = (recovery_codes.c.person_id == person_id) & (recovery_codes.c.used_at == 0)
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(recovery_codes).where(mine)).scalar_one()

    def _check_totp(self, person_id: int, code: str) -> None:
        secret = self._seals.read(people.c.totp, person_id)
        if secret is None:
            raise CodeWrong
        step = self._step_of(secret, code)
        with self._database.writing() as connection:
            # Of two calls with the same code only one passes here.
            unused = (people.c.id == person_id) & (people.c.totp_step < step)
            if not connection.execute(update(people).where(unused).values(totp_step=step)).rowcount:
                raise CodeWrong

    def _use_recovery_code(self, person_id: int, code: str) -> None:
        now = self._database.now()
        unused = (recovery_codes.c.digest == _digest(person_id, code)) & (recovery_codes.c.used_at == 0)
        with self._database.writing() as connection:
            if not connection.execute(update(recovery_codes).where(unused).values(used_at=now)).rowcount:
                raise CodeWrong

    def _step_of(self, secret: str, code: str) -> int:
        """Return the step whose code it is, of those near now. Raises `CodeWrong`."""
        totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
        now = self._database.now() // (STEP_SECONDS * SECOND_MS)
        right = [
            step
            for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
            if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        ]
        if not right:
            raise CodeWrong
        return right[-1]

    def _check_none(self, connection: Connection, person: Person) -> None:
        if connection.execute(select(people.c.totp).where(people.c.id == person.id).with_for_update()).scalar() is not None:
            raise HasTotp

    def _tell(self, connection: Connection, person: Person, kind: MailKind, url: str) -> None:
        self._outbox.post(connection, person.email, kind, person.language, url=url)


def _renew_codes(connection: Connection, person_id: int) -> list[str]:
    connection.execute(delete(recovery_codes).where(recovery_codes.c.person_id == person_id))
    codes = [b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    rows = [{"digest": _digest(person_id, code), "person_id": person_id, "used_at": 0} for code in codes]
    connection.execute(insert(recovery_codes), rows)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def _digest(person_id: int, code: str) -> bytes:
    return sha256(f"{person_id} {code.lower()}".encode()).digest()
