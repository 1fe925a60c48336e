"""Account cards by platform and login. An account without one has an empty one: nobody has said whose it is."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import IntFlag
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, select, update

from prorata.control.account_cards.tables import COMMENT_LENGTH_MAX, TEXT_LENGTH_MAX, account_cards
from prorata.control.database import Database
from prorata.control.lockout import Attempts
from prorata.control.passwords import hashed, matches
from prorata.storage.database import insert_into
from prorata.units.numbers import Login, Moment

LOGINS_AT_ONCE = 500
REALM = "account"


class Right(IntFlag):
    """What an account's owner may do besides trading, which the trade platform decides. The bits are MetaTrader 5's."""

    CHANGE_PASSWORD = 0x2
    CONFIRMED = 0x10
    TRAILING = 0x20
    EXPERT = 0x40
    REPORTS = 0x100
    OTP = 0x800


RIGHTS = int(Right.CHANGE_PASSWORD | Right.TRAILING | Right.EXPERT | Right.REPORTS)
"""of an account of which nothing else is said"""


class AccountCard(msgspec.Struct, frozen=True, kw_only=True):
    """Who an account belongs to. `rights`: bits as in `Right`, those without a name kept as they came."""

    name: str = ""
    first_name: str = ""
    last_name: str = ""
    middle_name: str = ""
    company: str = ""
    external_id: str = ""
    external_account: str = ""
    status: str = ""
    country: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    lead_source: str = ""
    lead_campaign: str = ""
    comment: str = ""
    agent: Login = 0
    client_number: int = 0
    language: int = 0
    color: int = 0
    mqid: int = 0
    send_reports: int = 0
    rights: int = RIGHTS
    interest_rate: Decimal = Decimal(0)
    taxes: Decimal = Decimal(0)


class KeptCard(msgspec.Struct, frozen=True, kw_only=True):
    """A card as it is kept. `deleted_at` 0: the account is there."""

    card: AccountCard = AccountCard()
    has_password: bool = False
    password_changed_at: Moment = 0
    deleted_at: Moment = 0


class BadField(Exception):
    """A field of a card cannot be kept."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


NO_CARD = KeptCard()


class AccountCards:
    """Blocks on the database."""

    def __init__(self, database: Database, attempts: Attempts) -> None:
        self._database = database
        self._attempts = attempts
        self._listeners: list[Callable[[str, Login], None]] = []

    def get(self, platform: str, login: Login) -> KeptCard:
        return self.of(platform, (login,)).get(login, NO_CARD)

    def of(self, platform: str, logins: Iterable[Login]) -> dict[Login, KeptCard]:
        """Return the cards of those logins that have one."""
        wanted = list(logins)
        found: dict[Login, KeptCard] = {}
        with self._database.reading() as connection:
            for begin in range(0, len(wanted), LOGINS_AT_ONCE):
                part = wanted[begin : begin + LOGINS_AT_ONCE]
                query = select(account_cards).where(
                    account_cards.c.platform == platform, account_cards.c.login.in_(part)
                )  # fmt: skip
                found |= {row["login"]: _kept_from(row) for row in connection.execute(query).mappings()}
        return found

    def deleted(self, platform: str) -> set[Login]:
        """Return the logins whose accounts are deleted."""
        query = select(account_cards.c.login).where(account_cards.c.platform == platform, account_cards.c.deleted_at > 0)
        with self._database.reading() as connection:
            return set(connection.execute(query).scalars())

    def change(self, platform: str, login: Login, values: Mapping[str, Any]) -> None:
        """Set fields of a card, which is made if there is none; the same again changes nothing. Raises `BadField`."""
        check_fields(values)
        if values:
            self._write(platform, login, {name: _column_value(value) for name, value in values.items()})

    def delete(self, platform: str, login: Login) -> None:
        """Forget whose account it was, and that it was there."""
        forgotten = _row_of(AccountCard()) | {"password": None, "investor_password": None}
        self._write(platform, login, {**forgotten, "deleted_at": self._database.now()})

    def bring_back(self, platform: str, login: Login) -> None:
        """Have an account there again that was deleted. Whose it was is forgotten."""
        with self._database.writing() as connection:
            connection.execute(update(account_cards).where(_of(platform, login)).values(deleted_at=0))

    # Passwords.

    def set_password(self, platform: str, login: Login, password: str, *, investor: bool) -> None:
        """Set the password that trades, or the investor's, which only looks. Who was locked out may try again."""
        column = "investor_password" if investor else "password"
        self._write(platform, login, {column: hashed(password), "password_changed_at": self._database.now()})
        self._attempts.succeeded(REALM, _key_of(platform, login))

    def password_fits(self, platform: str, login: Login, password: str) -> bool:
        """Say whether it is the password that trades. Takes as long where there is none. Raises `lockout.Blocked`."""
        self._attempts.begin(REALM, _key_of(platform, login))
        mine = _of(platform, login)
        with self._database.reading() as connection:
            kept = connection.execute(select(account_cards.c.password).where(mine)).scalar()
        if not matches(kept, password):
            return False
        self._attempts.succeeded(REALM, _key_of(platform, login))
        return True

    def _write(self, platform: str, login: Login, values: dict[str, Any]) -> None:
        with self._database.writing() as connection:
            put_fields(connection, platform, login, values)
        self.tell(platform, login)

    def tell(self, platform: str, login: Login) -> None:
        """Tell listeners of a change that is committed: of whoever has used `put_fields`."""
        for listener in self._listeners[:]:
            listener(platform, login)

    def listen(self, listener: Callable[[str, Login], None]) -> Callable[[], None]:
        """Have `listener` called after each change of a card, in the thread that made it; return the way to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)


def put_fields(connection: Connection, platform: str, login: Login, values: Mapping[str, Any]) -> None:
    """Set columns of a card within a transaction; it is made if there is none."""
    _make_sure(connection, platform, login)
    connection.execute(update(account_cards).where(_of(platform, login)).values(values))


def check_fields(values: Mapping[str, Any]) -> None:
    """Refuse what cannot be kept. Raises `BadField`."""
    for name, value in values.items():
        if not isinstance(value, str):
            continue
        longest = COMMENT_LENGTH_MAX if name == "comment" else TEXT_LENGTH_MAX
        if len(value) > longest:
            raise BadField(name, f"has more than {longest} characters")
        if not all(letter.isprintable() or letter in "\n\t" for letter in value):
            raise BadField(name, "has control characters")


def _make_sure(connection: Connection, platform: str, login: Login) -> None:
    """See that there is a row to change."""
    row = {"platform": platform, "login": login, "password_changed_at": 0, "deleted_at": 0, **_row_of(AccountCard())}
    insert = insert_into(connection.dialect, account_cards).values(row)
    connection.execute(insert.on_conflict_do_nothing(index_elements=["platform", "login"]))


def _of(platform: str, login: Login) -> ColumnElement[bool]:
    return (account_cards.c.platform == platform) & (account_cards.c.login == login)


def _key_of(platform: str, login: Login) -> str:
    """Return what failed passwords of an account are counted under."""
    return f"{platform}/{login}"


def _row_of(card: AccountCard) -> dict[str, Any]:
    return {name: _column_value(value) for name, value in msgspec.structs.asdict(card).items()}


def _column_value(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _kept_from(row: RowMapping) -> KeptCard:
    values = {name: row[name] for name in AccountCard.__struct_fields__}
    values |= {"interest_rate": Decimal(row["interest_rate"]), "taxes": Decimal(row["taxes"])}
    return KeptCard(
        card=AccountCard(**values),
        has_password=row["password"] is not None,
        password_changed_at=row["password_changed_at"],
        deleted_at=row["deleted_at"],
    )
