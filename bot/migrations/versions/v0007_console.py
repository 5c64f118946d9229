"""The console: who is signed in, who talks instead of the bot, canned replies, the bureau's settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "staff_session",
        sa.Column("staff_id", ID, sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
    )
    op.create_table(
        "canned_reply",
        sa.Column("id", ID, primary_key=True),
        sa.Column("region", sa.String(28), nullable=False),
        sa.Column("category", sa.String(16), nullable=True),
        sa.Column("policy", sa.String(80), nullable=True),
        sa.Column("provision", sa.String(80), nullable=True),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
    )
    op.create_index("ix_canned_reply_region", "canned_reply", ["region"])
    op.create_table(
        "bureau_setting",
        sa.Column("key", sa.String(40), primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.add_column("conversation", sa.Column("held_by", ID, nullable=True))
    op.add_column("conversation", sa.Column("held_at", MOMENT, nullable=True))
    op.add_column("ticket", sa.Column("filed_by", ID, nullable=True))
    op.add_column("ticket", sa.Column("form_digest", sa.String(64), nullable=True))
    given = sa.text("form_digest IS NOT NULL")
    op.create_index(
        "ux_ticket_form", "ticket", ["form_digest"], unique=True, sqlite_where=given, postgresql_where=given
    )
