"""How many sendings to a recipient have an end that nobody heard of, not only whether any has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("recipient", sa.Column("open_ends", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE recipient SET open_ends = 1 WHERE unsure")
    op.drop_column("recipient", "unsure")
