"""A deal keeps the stops that its position had after it, as statements and histories show them.

Deals from before have none; a history that is rebuilt has them all.
"""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, text

revision = "0004"
down_revision = "0003"

_WHOLE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    for name in ("stop_loss", "take_profit"):
        op.add_column("deals", Column(name, _WHOLE, nullable=False, server_default=text("0")))


def downgrade() -> None:
    for name in ("stop_loss", "take_profit"):
        op.drop_column("deals", name)
