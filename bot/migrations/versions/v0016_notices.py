"""Notices: campaigns, whom they go to, and what came of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("delivery", sa.Column("unsure", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "campaign",
        sa.Column("id", ID, primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("region", sa.String(9), nullable=False),
        sa.Column("texts", sa.JSON, nullable=False),
        sa.Column("audience", sa.JSON, nullable=False),
        sa.Column("recent_days", sa.Integer, nullable=False),
        sa.Column("given", sa.JSON, nullable=False),
        sa.Column("offer", sa.String(8), nullable=False),
        sa.Column("policy", sa.String(80), nullable=False),
        sa.Column("provision", sa.String(80), nullable=False),
        sa.Column("author_id", ID, sa.ForeignKey("staff.id")),
        sa.Column("approver_id", ID, sa.ForeignKey("staff.id")),
        sa.Column("approved_by", sa.String(60), nullable=False),
        sa.Column("approved_at", MOMENT),
        sa.Column("size", sa.Integer),
        sa.Column("starts_at", MOMENT),
        sa.Column("held", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("gathered_to", sa.BigInteger, nullable=False),
        sa.Column("gathered_at", MOMENT),
        sa.Column("started_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    active = sa.text("state IN ('scheduled', 'running')")
    op.create_index("ix_campaign_active", "campaign", ["state"], postgresql_where=active, sqlite_where=active)
    op.create_index("ix_campaign_region", "campaign", ["region"])
    op.create_table(
        "recipient",
        sa.Column("id", ID, primary_key=True),
        sa.Column("campaign_id", ID, sa.ForeignKey("campaign.id", ondelete="CASCADE"), nullable=False),
        sa.Column("person_id", ID, sa.ForeignKey("person.id", ondelete="SET NULL")),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("fault", sa.String(24), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversation.id", ondelete="SET NULL")),
        sa.Column("seq", sa.Integer),
        sa.Column("delivery_id", sa.BigInteger),
        sa.Column("unsure", sa.Boolean, nullable=False),
        sa.Column("told_by", ID, sa.ForeignKey("staff.id")),
        sa.UniqueConstraint("campaign_id", "person_id"),
    )
    op.create_index("ix_recipient_line", "recipient", ["campaign_id", "state", "id"])
    op.create_index("ix_recipient_person", "recipient", ["person_id", "at"])
    op.create_table(
        "given_answer",
        sa.Column("id", ID, primary_key=True),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("policy", sa.String(80), nullable=False),
        sa.Column("provision", sa.String(80), nullable=False),
        sa.Column("fact", sa.String(80), nullable=False),
        sa.Column("words", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("conversation_id", "policy", "provision", "fact", "words"),
    )
    op.create_index("ix_given_answer_matter", "given_answer", ["provision", "policy", "at"])
