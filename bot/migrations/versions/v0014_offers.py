"""Offers: fairs, vacancies and courses, and who is registered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "offer",
        sa.Column("id", ID, primary_key=True),
        sa.Column("code", sa.String(8), nullable=False, unique=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("region", sa.String(9), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("site", sa.String(9), nullable=False),
        sa.Column("starts", MOMENT),
        sa.Column("ends", MOMENT),
        sa.Column("closes", MOMENT),
        sa.Column("timed", sa.Boolean, nullable=False),
        sa.Column("seats", sa.Integer),
        sa.Column("taken", sa.Integer, nullable=False),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("trade", sa.String(24), nullable=False),
        sa.Column("employer", sa.String(120), nullable=False),
        sa.Column("pay_from", sa.Integer),
        sa.Column("pay_to", sa.Integer),
        sa.Column("policy", sa.String(80), nullable=False),
        sa.Column("provision", sa.String(80), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("told_version", sa.Integer, nullable=False),
        sa.Column("news_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_index("ix_offer_list", "offer", ["state", "kind", "region"])
    op.create_index("ix_offer_trade", "offer", ["kind", "trade", "state"])
    op.create_table(
        "registration",
        sa.Column("id", ID, primary_key=True),
        sa.Column("offer_id", ID, sa.ForeignKey("offer.id", ondelete="CASCADE"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("person_id", ID, sa.ForeignKey("person.id", ondelete="SET NULL")),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversation.id", ondelete="SET NULL")),
        sa.Column("relation", sa.String(12), nullable=False),
        sa.Column("name", sa.LargeBinary),
        sa.Column("phone", sa.LargeBinary),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("came_at", MOMENT),
        sa.Column("reminded", sa.String(8), nullable=False),
        sa.Column("told_version", sa.Integer, nullable=False),
        sa.UniqueConstraint("offer_id", "seq"),
    )
    op.create_index("ix_registration_line", "registration", ["offer_id", "state", "seq"])
    op.create_index("ix_registration_chat", "registration", ["conversation_id", "state"])
    op.create_index("ix_registration_person", "registration", ["person_id"])
