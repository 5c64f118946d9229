"""An index over open tickets that nobody has, by queue: their number stands on every page of the console."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("next_due IS NOT NULL AND handler_id IS NULL")
    op.create_index(
        "ix_ticket_unclaimed", "ticket", ["queue_id", "next_due"], sqlite_where=where, postgresql_where=where
    )
