"""Commission that is paid to introducing brokers is a kind of balance operation; fees of payments are a kind of posting."""

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"

BALANCE_KINDS = ("balance_operations", 4, 5)
POSTING_KINDS = ("ledger_entries", 12, 13)
"""a table, and its largest kind before and after"""


def upgrade() -> None:
    for table, before, after in (BALANCE_KINDS, POSTING_KINDS):
        _allow_kinds(table, before, after)


def downgrade() -> None:
    for table, before, after in (BALANCE_KINDS, POSTING_KINDS):
        op.execute(f"DELETE FROM {table} WHERE kind > {before}")
        _allow_kinds(table, after, before)


def _allow_kinds(table: str, before: int, after: int) -> None:
    """Let rows of a table have kinds from 0 to `after`.

    SQLite knows no statement for it. Its own documents have the text of the schema changed where a table's content stays as it
    is; to copy a ledger of years would take long, and would lose the planner's figures (revision 0003).
    """
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_kind CHECK (kind BETWEEN 0 AND {after})")
        return
    version = connection.execute(text("PRAGMA schema_version")).scalar_one()
    connection.execute(text("PRAGMA writable_schema = ON"))
    changed = connection.execute(
        text("UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = :table"),
        {"table": table, "before": f"kind BETWEEN 0 AND {before}", "after": f"kind BETWEEN 0 AND {after}"},
    )
    assert changed.rowcount == 1
    connection.execute(text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(text("PRAGMA writable_schema = OFF"))
