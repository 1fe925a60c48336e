"""How an organization's letters go out: in which language, from whom, by whose mail server."""

from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, insert, select, update

from prorata.control.columns import LOGIN_LENGTH_MAX
from prorata.control.database import Database
from prorata.control.mail.delivery import Route
from prorata.control.mail.smtp import SmtpPost
from prorata.control.mail.terms import MailTerms
from prorata.control.organizations.declined import Declined
from prorata.control.people.addresses import BadAddress, mailbox_of
from prorata.control.seals import Seals
from prorata.crm.letters.kinds import DISPENSABLE, LetterKind
from prorata.crm.letters.tables import letter_settings, mailings
from prorata.crm.letters.tongues import TONGUES
from prorata.crm.settings import find_setting
from prorata.crm.tables import TEXT_LENGTH_MAX, branches
from prorata.messages.refusals import Refusal

PORT_MAX = 65_535
HOST_LENGTH_MAX = 253
SECRET_LENGTH_MAX = 512


class LetterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`language`: of people of whom none is known here. `sender`: whom people answer to, "" for who sends.

    `unsent`: kinds of letters that are not written, out of those that are `DISPENSABLE`.
    """

    language: str = "en"
    sender: str = ""
    unsent: tuple[LetterKind, ...] = ()
    confirmations: bool = False
    daily_statements: bool = True
    monthly_statements: bool = True


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """A branch's own mail server; `host` "": it has none. `confirmations`: trades are confirmed, even if nowhere else.

    `has_password`: the password itself is never shown.
    """

    branch_uuid: str
    host: str = ""
    port: int = 0
    tls: bool = False
    ssl: bool = False
    login: str = ""
    has_password: bool = False
    sender: str = ""
    confirmations: bool = False


class MailingWish(msgspec.Struct, frozen=True, kw_only=True):
    """As `Mailing`. `password` UNSET: as it is; "": none."""

    host: str = ""
    port: int = 0
    tls: bool = False
    ssl: bool = False
    login: str = ""
    password: str | UnsetType = UNSET
    sender: str = ""
    confirmations: bool = False


class Mailings:
    """Blocks on the database. `private`: mail servers may be in networks that are not public."""

    def __init__(self, database: Database, seals: Seals, *, private: bool = False) -> None:
        self._database = database
        self._seals = seals
        self._private = private

    # The organization.

    def settings(self, organization_id: int) -> LetterSettings:
        with self._database.reading() as connection:
            return settings_in(connection, organization_id)

    def set_settings(self, organization_id: int, wanted: LetterSettings) -> LetterSettings:
        """Raises `Declined`."""
        if wanted.language not in TONGUES:
            raise Declined(Refusal.MAILING_UNFIT, f"language: is none of {', '.join(TONGUES)}")
        owed = sorted(kind for kind in wanted.unsent if kind not in DISPENSABLE)
        if owed:
            raise Declined(Refusal.LETTER_OWED, f"{owed[0]}: people are owed it")
        _check_sender(wanted.sender)
        values = {**msgspec.structs.asdict(wanted), "unsent": " ".join(sorted(set(wanted.unsent)))}
        mine = letter_settings.c.organization_id == organization_id
        with self._database.writing() as connection:
            if not connection.execute(update(letter_settings).where(mine).values(values)).rowcount:
                connection.execute(insert(letter_settings).values({**values, "organization_id": organization_id}))
        return wanted

    # Its branches.

    def all(self, organization_id: int) -> dict[int, Mailing]:
        """Return how each branch sends, by the branch's number."""
        query = select(
            branches.c.id.label("branch_id"), branches.c.uuid.label("branch_uuid"), mailings
        ).select_from(branches.outerjoin(mailings, mailings.c.branch_id == branches.c.id))  # fmt: skip
        with self._database.reading() as connection:
            rows = connection.execute(query.where(branches.c.organization_id == organization_id)).mappings().all()
        return {row["branch_id"]: _mailing_from(row) for row in rows}

    def set(self, organization_id: int, branch_uuid: str, wish: MailingWish) -> Mailing:
        """Raises `NotFound`: the branch is not the organization's; `Declined`: mails cannot be sent like that."""
        _check(wish)
        values = {
            "host": wish.host.strip(), "port": wish.port, "tls": wish.tls, "ssl": wish.ssl, "login": wish.login,
            "sender": wish.sender, "confirmations": wish.confirmations, "updated_at": self._database.now(),
        }  # fmt: skip
        with self._database.writing() as connection:
            branch = find_setting(connection, branches, organization_id, branches.c.uuid == branch_uuid)
            here = mailings.c.branch_id == branch["id"]
            kept = connection.execute(select(mailings).where(here)).mappings().first()
            if kept is None:
                connection.execute(insert(mailings).values({**values, "branch_id": branch["id"], "password": None}))
                kept = connection.execute(select(mailings).where(here)).mappings().one()
            # A password that is kept goes to no other server than the one that it was given for.
            elif kept["host"] != values["host"] and kept["password"] is not None and wish.password is UNSET:
                raise Declined(Refusal.MAILING_UNFIT, "emailPassword: is needed again with another host")
            connection.execute(update(mailings).where(here).values(values))
            if wish.password == "":
                connection.execute(update(mailings).where(here).values(password=None))
            elif not isinstance(wish.password, UnsetType):
                self._seals.put(connection, mailings.c.password, kept["id"], wish.password)
        return next(one for one in self.all(organization_id).values() if one.branch_uuid == branch_uuid)

    def route(self, name: str) -> Route | None:
        """Return the mail server of a route; None if the branch has none of its own any more."""
        number = int(name.removeprefix(ROUTE))
        with self._database.reading() as connection:
            row = connection.execute(select(mailings).where(mailings.c.branch_id == number)).mappings().first()
        if row is None or not row["host"]:
            return None
        terms = MailTerms(
            host=row["host"], port=row["port"], security="tls" if row["ssl"] else "starttls" if row["tls"] else "none",
            login=row["login"], password=self._seals.read(mailings.c.password, row["id"]) or "",
        )  # fmt: skip
        return Route(SmtpPost(terms, private=self._private), row["sender"] or row["login"])


ROUTE = "branch "
"""how routes begin; the branch's number follows"""


def settings_in(connection: Connection, organization_id: int) -> LetterSettings:
    row = connection.execute(
        select(letter_settings).where(letter_settings.c.organization_id == organization_id)
    ).mappings().first()  # fmt: skip
    if row is None:
        return LetterSettings()
    same = {name: row[name] for name in LetterSettings.__struct_fields__ if name != "unsent"}
    return LetterSettings(**same, unsent=tuple(LetterKind(kind) for kind in row["unsent"].split()))


def _mailing_from(row: Any) -> Mailing:
    if row["id"] is None:
        return Mailing(branch_uuid=row["branch_uuid"])
    same = {name: row[name] for name in Mailing.__struct_fields__ if name != "has_password"}
    return Mailing(**same, has_password=row["password"] is not None)


def _check(wish: MailingWish) -> None:
    """Raises `Declined`."""
    host = wish.host.strip()
    if not host.isascii() or not all(sign.isalnum() or sign in ".-:" for sign in host) or len(host) > HOST_LENGTH_MAX:
        raise Declined(Refusal.MAILING_UNFIT, "emailHost: is no name of a host")
    if not 0 <= wish.port <= PORT_MAX:
        raise Declined(Refusal.MAILING_UNFIT, f"emailPort: must be from 0 to {PORT_MAX}")
    if wish.tls and wish.ssl:
        raise Declined(Refusal.MAILING_UNFIT, "emailSsl: either TLS from the start, or STARTTLS")
    if wish.login and not (wish.tls or wish.ssl):
        raise Declined(Refusal.MAILING_UNFIT, "emailUser: a password goes over TLS alone")
    if len(wish.login) > LOGIN_LENGTH_MAX:
        raise Declined(Refusal.MAILING_UNFIT, f"emailUser: has more than {LOGIN_LENGTH_MAX} characters")
    if not isinstance(wish.password, UnsetType) and len(wish.password) > SECRET_LENGTH_MAX:
        raise Declined(Refusal.MAILING_UNFIT, f"emailPassword: has more than {SECRET_LENGTH_MAX} characters")
    _check_sender(wish.sender)
    if host and not (wish.sender or "@" in wish.login):
        raise Declined(Refusal.MAILING_UNFIT, "sender: a mail server of its own needs an address that mails come from")


def _check_sender(sender: str) -> None:
    """Raises `Declined`."""
    if not sender:
        return
    name, address = parseaddr(sender)
    try:
        mailbox_of(address)
        Address(name, addr_spec=address)
    except (BadAddress, ValueError, IndexError):
        raise Declined(Refusal.MAILING_UNFIT, "sender: expected an address such as Desk <desk@example.com>") from None
    if len(sender) > TEXT_LENGTH_MAX or not sender.isprintable():
        raise Declined(Refusal.MAILING_UNFIT, f"sender: has more than {TEXT_LENGTH_MAX} characters, or some that are none")
