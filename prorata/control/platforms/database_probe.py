"""Signs in to the report database of a MetaTrader server, reads its version, and looks for the tables of the reports."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.constants import CR, ER

from prorata.control.platforms.addresses import Address
from prorata.control.platforms.reaching import Failed, Findings, Line
from prorata.control.platforms.records import DatabaseAccess, PlatformKind

if TYPE_CHECKING:
    from pymysql.cursors import Cursor

    _Connection = pymysql.Connection[Cursor]
else:
    _Connection = pymysql.Connection

TABLES: dict[PlatformKind, frozenset[str]] = {
    PlatformKind.MT4: frozenset({"mt4_config", "mt4_daily", "mt4_prices", "mt4_trades", "mt4_users"}),
    PlatformKind.MT5: frozenset(
        {
            "mt5_accounts",
            "mt5_daily",
            "mt5_deals",
            "mt5_orders",
            "mt5_orders_history",
            "mt5_positions",
            "mt5_prices",
            "mt5_users",
        }
    ),
}
"""What the report server of MetaTrader 4, and the backup server of MetaTrader 5, write. Their letters are in either case. Older
backup servers write a table of deals, of past orders and of days for each year instead, as mt5_deals_2019."""
TABLES_READ_MAX = 10_000
BYTES_MAX = 4_000_000
"""of all that a server says in one test"""
_YEAR_DIGITS = 4

_DENIED = "the login or the password is wrong, or the server does not let this address in"
_DENIED_WITHOUT_PASSWORD = 1698
_REASONS = {
    ER.ACCESS_DENIED_ERROR: _DENIED,
    _DENIED_WITHOUT_PASSWORD: _DENIED,
    ER.DBACCESS_DENIED_ERROR: "the login may not use this database",
    ER.BAD_DB_ERROR: "there is no database of this name",
    CR.CR_SERVER_LOST: "the server closed the connection",
}
_LIKE = {PlatformKind.MT4: "mt4%", PlatformKind.MT5: "mt5%"}


class _NoPlainPassword:
    """Stands for ways to sign in that would show the password to whoever answers there."""

    def __init__(self, _connection: object) -> None:
        pass

    def authenticate(self, _packet: object) -> object:
        raise Failed("the server asks for the password in clear, and does not get it")


class _Session(_Connection):
    """Reads so much and no more: a server that never ends its answer would fill our memory."""

    _left = BYTES_MAX

    def _read_bytes(self, num_bytes: int) -> bytes:
        self._left -= num_bytes
        if self._left < 0:
            raise Failed("the server says more than was asked")
        found: bytes = super()._read_bytes(num_bytes)  # type: ignore[misc]
        return found


_PLAIN: dict[str, Callable[[Any], Any]] = dict.fromkeys(("mysql_clear_password", "dialog"), _NoPlainPassword)


def sign_in(
    line: Line, address: Address, findings: Findings, *, kind: PlatformKind, database: DatabaseAccess, password: str
) -> None:
    """Look into the database over a connection that was just opened. It is encrypted if the server can. Raises `Failed`."""
    findings.begin("login")
    try:
        with _Session(
            host=address.host, user=database.login, password=password.encode(), database=database.name, charset="utf8mb4",
            defer_connect=True, auth_plugin_map=_PLAIN,
        ) as session:  # fmt: skip
            session.connect(sock=line.socket)
            _look(session, findings, kind)
    except Failed:
        raise
    except pymysql.err.MySQLError as problem:
        raise Failed(_told(problem)) from problem
    except Exception as problem:
        # What speaks there may be anything, and the library takes its words apart without a look at them.
        raise Failed(f"this is not a MySQL or MariaDB server ({type(problem).__name__})") from problem


def _look(session: _Session, findings: Findings, kind: PlatformKind) -> None:
    with session.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        findings.passed("encrypted" if any(row[1] for row in cursor.fetchall()) else "not encrypted")
        findings.begin("version")
        cursor.execute("SELECT VERSION()")
        findings.passed(", ".join(str(row[0]) for row in cursor.fetchall()))
        findings.begin("tables")
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = DATABASE() AND LOWER(table_name) LIKE %s LIMIT %s",
            (_LIKE[kind], TABLES_READ_MAX),
        )
        found = {str(row[0]).lower() for row in cursor.fetchall()}
    missing = missing_tables(kind, found)
    if missing:
        raise Failed(f"missing: {', '.join(missing)}")
    findings.passed(f"{len(found)} tables of reports")


def missing_tables(kind: PlatformKind, found: Iterable[str]) -> list[str]:
    """Return the expected tables that are not among those found, which are in small letters."""
    there = set(found)
    there |= {name for name, _, year in (one.rpartition("_") for one in there) if year.isdigit() and len(year) == _YEAR_DIGITS}
    return sorted(TABLES[kind] - there)


def _told(problem: pymysql.err.MySQLError) -> str:
    number = problem.args[0] if problem.args else 0
    words = str(problem.args[1]) if len(problem.args) > 1 else str(problem)
    return _REASONS.get(number) or (f"error {number}: {words}" if isinstance(number, int) and number else words)
