"""Clerks ask a leader to see who is behind a confidential ticket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("decided_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "unseal_request",
        sa.Column("id", ID, primary_key=True),
        sa.Column("ticket_id", ID, sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=False),
        sa.Column("staff_id", ID, sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", ID, sa.ForeignKey("staff.id", ondelete="SET NULL")),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("until", MOMENT),
    )
    op.create_index("ix_unseal_request_ticket", "unseal_request", ["ticket_id", "staff_id"])
    op.create_index(
        "ux_unseal_request_open",
        "unseal_request",
        ["ticket_id", "staff_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
