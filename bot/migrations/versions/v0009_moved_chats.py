"""Chats that go on under another id."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moved_chat",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("bot", sa.String(64), primary_key=True),
        sa.Column("chat", sa.String(128), primary_key=True),
        sa.Column("moved_to", sa.String(128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
