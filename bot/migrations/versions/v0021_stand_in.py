"""For whom somebody acts: the person a chat registers for, and since when that person agrees to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    wide = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "stand_in",
        sa.Column("id", wide, primary_key=True),
        sa.Column("conversation_id", wide, sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", wide, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("relation", sa.String(12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("conversation_id", "person_id", name="uq_stand_in_conversation_person"),
    )
    op.create_index("ix_stand_in_person_id", "stand_in", ["person_id"])
