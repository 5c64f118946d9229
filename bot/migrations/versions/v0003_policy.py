"""Policy: questions without an answer, feedback, people in danger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _conversation() -> sa.Column[object]:
    return sa.Column("conversation_id", ID, sa.ForeignKey("conversation.id", ondelete="SET NULL"))


def upgrade() -> None:
    op.create_table(
        "gap",
        sa.Column("id", ID, primary_key=True),
        _conversation(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("region", sa.String(9)),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("tell", sa.Boolean, nullable=False),
    )
    op.create_index("ix_gap_conversation", "gap", ["conversation_id"])
    op.create_table(
        "feedback",
        sa.Column("id", ID, primary_key=True),
        _conversation(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("template", sa.String(80), nullable=False),
        sa.Column("about", sa.String(160), nullable=False),
        sa.Column("useful", sa.Boolean, nullable=False),
        sa.Column("why", sa.String(16)),
    )
    op.create_index("ix_feedback_conversation", "feedback", ["conversation_id"])
    op.create_table(
        "crisis",
        sa.Column("id", ID, primary_key=True),
        sa.Column("reference", sa.String(8), nullable=False, unique=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("region", sa.String(9)),
        sa.Column("route", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        _conversation(),
        sa.Column("taken_at", MOMENT),
        sa.Column("taken_by", sa.String(80)),
    )
    op.create_index("ix_crisis_open", "crisis", ["taken_at", "at"])
