"""What clients are looked for by: the words of their records, in an index of all runs of three characters.

The databases keep it themselves, whoever writes the record: SQLite by triggers, in a table of FTS5; PostgreSQL in an index
of pg_trgm, if that extension is there or may be added. Without an index, and for texts of one or two characters, all
records are looked through: the answer is the same.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, column, func, literal_column, select, table, text

from prorata.control.tables import clients

INDEXED_LENGTH_MIN = 3
_FIELDS = ("email", "first_name", "last_name", "mobile", "country")
_WORDS = " || ' ' || ".join(_FIELDS)
_TRIGRAMS = "control_client_trigrams"
_trigrams = table(_TRIGRAMS, column("rowid", Integer), column(_TRIGRAMS))


def clients_with(connection: Connection, company_id: int, looked_for: str) -> Select[Any]:
    """Return the question for the numbers of a company's clients whose records have a text, in either letter case.

    A record is one line: e-mail, names, phone, country, with blanks between.
    """
    words: ColumnElement[str] = literal_column(f"({_WORDS})")
    mine = select(clients.c.id).where(clients.c.company_id == company_id)
    if connection.dialect.name != "sqlite":
        return mine.where(func.lower(words).contains(looked_for.lower(), autoescape=True))
    if len(looked_for) < INDEXED_LENGTH_MIN or not _is_there(connection):
        return mine.where(words.contains(looked_for, autoescape=True))  # which passes over the case of letters, of ASCII alone
    phrase = '"' + looked_for.replace('"', '""') + '"'
    found = select(_trigrams.c.rowid).where(_trigrams.c[_TRIGRAMS].op("MATCH")(phrase))
    # The sum hides the company's index from SQLite, which would walk along that and look each client up in what is found.
    return select(clients.c.id).where(clients.c.id.in_(found), clients.c.company_id + 0 == company_id)


def make_index(connection: Connection) -> None:
    """Make the index where it is not there yet."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(_POSTGRESQL))
    elif not _is_there(connection) and connection.execute(text("SELECT sqlite_compileoption_used('ENABLE_FTS5')")).scalar():
        for statement in _SQLITE:
            connection.execute(text(statement))


def _is_there(connection: Connection) -> bool:
    return connection.execute(text(f"SELECT 1 FROM sqlite_master WHERE name = '{_TRIGRAMS}'")).first() is not None


def _words_of(row: str) -> str:
    return " || ' ' || ".join(f"{row}.{field}" for field in _FIELDS)


_FORGET = f"INSERT INTO {_TRIGRAMS}({_TRIGRAMS}, rowid, words) VALUES ('delete', old.id, {_words_of('old')});"
_ADD = f"INSERT INTO {_TRIGRAMS}(rowid, words) VALUES (new.id, {_words_of('new')});"
_SQLITE = (
    f"CREATE VIEW control_client_words AS SELECT id, {_WORDS} AS words FROM control_clients",
    f"CREATE VIRTUAL TABLE {_TRIGRAMS} USING fts5(words, content=control_client_words, content_rowid=id, tokenize=trigram)",
    f"CREATE TRIGGER control_clients_added AFTER INSERT ON control_clients BEGIN {_ADD} END",
    f"CREATE TRIGGER control_clients_gone AFTER DELETE ON control_clients BEGIN {_FORGET} END",
    f"CREATE TRIGGER control_clients_changed AFTER UPDATE OF {', '.join(_FIELDS)} ON control_clients "
    f"BEGIN {_FORGET} {_ADD} END",
    f"INSERT INTO {_TRIGRAMS}({_TRIGRAMS}) VALUES ('rebuild')",
)
_POSTGRESQL = f"""
DO $$
DECLARE place text;
BEGIN
    IF to_regclass('ix_control_clients_words') IS NULL THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
        SELECT nspname INTO place FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'pg_trgm';
        EXECUTE format('CREATE INDEX ix_control_clients_words ON control_clients USING gin (lower({_WORDS.replace("'", "''")}) '
            '%I.gin_trgm_ops)', place);
    END IF;
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'clients are looked for without an index: %', SQLERRM;
END $$
"""
"""What cannot be made is left out: the extension is not installed, or may not be added by this user."""
