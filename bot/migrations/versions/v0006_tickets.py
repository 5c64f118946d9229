"""Tickets: queues, tickets, their timelines, attachments, tasks, numbers, anchors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _ref(name: str, target: str, ondelete: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, ID, sa.ForeignKey(f"{target}.id", ondelete=ondelete), nullable=nullable)


def _text(name: str, size: int, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(size), nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _yes(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer, nullable=False)


def upgrade() -> None:
    op.create_table(
        "queue",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.String(60), nullable=False, unique=True),
        _text("region", 12),
        _text("category", 16),
        _text("telegram_chat", 32, nullable=True),
        _yes("shares"),
        sa.UniqueConstraint("region", "category"),
    )
    op.create_table(
        "queue_member",
        sa.Column("queue_id", ID, sa.ForeignKey("queue.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("staff_id", ID, sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("ix_queue_member_staff_id", "queue_member", ["staff_id"])
    op.create_table(
        "ticket",
        sa.Column("id", ID, primary_key=True),
        sa.Column("number", sa.String(16), nullable=False, unique=True),
        _text("kind", 12),
        _text("category", 16),
        _text("state", 12),
        _text("priority", 10),
        _count("supervision"),
        _count("level"),
        _yes("is_group"),
        _yes("confidential"),
        _yes("anonymous"),
        _text("region", 12, nullable=True),
        _text("village", 60),
        _text("source", 12),
        _text("about", 120),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("name", sa.LargeBinary),
        _text("name_digest", 64, nullable=True),
        sa.Column("phone", sa.LargeBinary),
        _text("phone_digest", 64, nullable=True),
        _ref("conversation_id", "conversation", "SET NULL"),
        _ref("queue_id", "queue", "SET NULL"),
        _ref("handler_id", "staff", "SET NULL"),
        _moment("opened_at", nullable=False),
        _moment("state_since", nullable=False),
        _moment("clock_from", nullable=False),
        _moment("accept_due"),
        _moment("contact_due"),
        _moment("answer_due"),
        _yes("provisional"),
        _count("answer_minutes"),
        _moment("paused_at"),
        sa.Column("pauses", sa.JSON, nullable=False),
        _moment("accepted_at"),
        _moment("contacted_at"),
        _moment("answered_at"),
        _moment("heard_at"),
        _moment("breached_at"),
        sa.Column("warned", sa.JSON, nullable=False),
        _yes("extended"),
        sa.Column("extension_minutes", sa.Integer),
        _count("returns"),
        _count("urged"),
        _count("asked_again"),
        _text("closing", 12, nullable=True),
        sa.Column("solved", sa.Boolean),
        _text("satisfaction", 16, nullable=True),
        sa.Column("merged_into", ID, sa.ForeignKey("ticket.id")),
        sa.Column("follows", ID, sa.ForeignKey("ticket.id")),
        _count("entries"),
        _text("head", 64),
    )
    op.create_index("ix_ticket_queue", "ticket", ["queue_id", "state", "answer_due"])
    op.create_index("ix_ticket_handler", "ticket", ["handler_id", "state", "answer_due"])
    op.create_index("ix_ticket_conversation", "ticket", ["conversation_id"])
    op.create_index("ix_ticket_region", "ticket", ["region", "state"])
    op.create_index("ix_ticket_phone", "ticket", ["phone_digest"])
    op.create_index("ix_ticket_name", "ticket", ["name_digest"])
    op.create_table(
        "complainant",
        sa.Column("id", ID, primary_key=True),
        _ref("ticket_id", "ticket", "CASCADE", nullable=False),
        _ref("conversation_id", "conversation", "SET NULL"),
        sa.Column("name", sa.LargeBinary),
        sa.Column("phone", sa.LargeBinary),
        _text("phone_digest", 64, nullable=True),
        _text("relation", 20),
        _moment("at", nullable=False),
    )
    op.create_index("ix_complainant_ticket", "complainant", ["ticket_id"])
    op.create_index("ix_complainant_conversation", "complainant", ["conversation_id"])
    op.create_index("ix_complainant_phone_digest", "complainant", ["phone_digest"])
    op.create_table(
        "ticket_entry",
        sa.Column("id", ID, primary_key=True),
        _ref("ticket_id", "ticket", "CASCADE", nullable=False),
        _count("seq"),
        _moment("at", nullable=False),
        _text("role", 16),
        sa.Column("actor_id", ID),
        _text("kind", 20),
        sa.Column("data", sa.JSON, nullable=False),
        _text("digest", 64),
        _text("previous", 64),
        _text("hash", 64),
        sa.UniqueConstraint("ticket_id", "seq"),
    )
    op.create_table(
        "ticket_entry_content",
        sa.Column("entry_id", ID, sa.ForeignKey("ticket_entry.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "ticket_attachment",
        sa.Column("id", ID, primary_key=True),
        _ref("ticket_id", "ticket", "CASCADE"),
        _ref("conversation_id", "conversation", "SET NULL"),
        _moment("at", nullable=False),
        _text("name", 120),
        _text("media_type", 80),
        _count("size"),
        _text("digest", 64),
        sa.Column("content", sa.LargeBinary, nullable=False),
        _text("channel", 16),
        _text("reference", 200),
    )
    op.create_index("ix_ticket_attachment_ticket", "ticket_attachment", ["ticket_id"])
    op.create_index("ix_ticket_attachment_draft", "ticket_attachment", ["conversation_id"])
    op.create_table(
        "ticket_task",
        sa.Column("id", ID, primary_key=True),
        _ref("ticket_id", "ticket", "CASCADE", nullable=False),
        _text("kind", 16),
        _moment("at", nullable=False),
        _moment("due_at", nullable=False),
        _ref("staff_id", "staff", "SET NULL"),
        _moment("done_at"),
    )
    op.create_index("ix_ticket_task_ticket", "ticket_task", ["ticket_id"])
    still_open = sa.text("done_at IS NULL")
    op.create_index(
        "ix_ticket_task_open", "ticket_task", ["due_at"], sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_table(
        "ticket_access",
        sa.Column("id", ID, primary_key=True),
        _ref("ticket_id", "ticket", "CASCADE", nullable=False),
        _text("digest", 64),
        _moment("until", nullable=False),
        _count("tries"),
        _ref("conversation_id", "conversation", "CASCADE"),
    )
    op.create_index("ix_ticket_access_ticket_id", "ticket_access", ["ticket_id"])
    op.create_table(
        "ticket_day",
        sa.Column("day", sa.Date, primary_key=True),
        _count("last"),
    )
    op.create_table(
        "ticket_anchor",
        sa.Column("day", sa.Date, primary_key=True),
        _moment("at", nullable=False),
        sa.Column("until", ID, nullable=False),
        _count("tickets"),
        _text("heads", 64),
        _text("previous", 64),
    )
