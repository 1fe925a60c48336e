"""The end of a trading day keeps the number of its event, so that it is known which deals of its last moment came before.

Days from before have none; a history that is rebuilt has them all.
"""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, text

revision = "0005"
down_revision = "0004"

_WHOLE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    op.add_column("days", Column("sequence", _WHOLE, nullable=False, server_default=text("0")))


def downgrade() -> None:
    op.drop_column("days", "sequence")
