"""The frame: conversations, messages, deliveries, timers, rates, leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _work() -> list[sa.Column[object]]:
    return [
        sa.Column("id", ID, primary_key=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("free_at", sa.Float),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("token", sa.String(32)),
        sa.Column("error", sa.String(200)),
    ]


def _index_waiting(table: str, name: str, columns: list[str]) -> None:
    waiting = sa.text("state = 'wait'")
    op.create_index(f"ix_{table}_{name}", table, columns, postgresql_where=waiting, sqlite_where=waiting)


def upgrade() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", ID, primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("bot", sa.String(64), nullable=False),
        sa.Column("chat", sa.String(128), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("choices_seq", sa.Integer, nullable=False),
        sa.Column("pushed_seq", sa.Integer, nullable=False),
        sa.Column("seen_seq", sa.Integer, nullable=False),
        sa.Column("greeted", sa.Boolean, nullable=False),
        sa.Column("states", sa.JSON, nullable=False),
        sa.Column("running", sa.JSON, nullable=False),
        sa.Column("unreachable_at", MOMENT),
        sa.UniqueConstraint("channel", "bot", "chat"),
    )
    op.create_table(
        "message",
        sa.Column("id", ID, primary_key=True),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("speaker", sa.String(8), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event_id", sa.String(128)),
        sa.Column("turn", sa.Integer),
        sa.Column("seen_before", sa.Integer, nullable=False),
        sa.Column("template", sa.String(80)),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("pushed", sa.Boolean, nullable=False),
        sa.Column("forgotten", sa.Boolean, nullable=False),
        sa.UniqueConstraint("conversation_id", "seq"),
        sa.UniqueConstraint("conversation_id", "event_id"),
    )
    op.create_table(
        "delivery",
        *_work(),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("bot", sa.String(64), nullable=False),
        sa.Column("chat", sa.String(128), nullable=False),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversation.id", ondelete="CASCADE")),
        sa.Column("seq", sa.Integer),
        sa.Column("body", sa.JSON),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.Column("once", sa.Boolean, nullable=False),
        sa.Column("reference", sa.String(64)),
        sa.Column("settled_at", MOMENT),
    )
    _index_waiting("delivery", "due", ["priority", "due_at"])
    # Messages of one chat leave in their order: the claim asks whether an earlier one still waits.
    _index_waiting("delivery", "chat", ["channel", "bot", "chat", "priority", "id"])
    op.create_index("ix_delivery_conversation", "delivery", ["conversation_id", "seq"])
    op.create_index("ix_delivery_purpose", "delivery", ["purpose", "state"])
    op.create_table(
        "timer",
        *_work(),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("cron", sa.String(60)),
    )
    _index_waiting("timer", "due", ["priority", "due_at"])
    op.create_table(
        "rate",
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("next_at", sa.Float, nullable=False),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
