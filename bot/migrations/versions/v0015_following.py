"""Follow-up: check-ins and tasks for village helpers; the place asked about in a chat beside that of the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("person_chat", sa.Column("region", sa.String(9)))
    op.create_index("ix_person_place", "person", ["region", "village", "id"])
    op.create_index("ix_person_helper", "person", ["helper_id"])
    op.create_table(
        "match_try",
        sa.Column("id", ID, primary_key=True),
        sa.Column("phone_digest", sa.String(64), nullable=False, index=True),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_match_try_conversation", "match_try", ["conversation_id", "at"])
    op.create_table(
        "check_in",
        sa.Column("id", ID, primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("employment", sa.String(16), nullable=False, server_default=""),
        sa.Column("income", sa.String(8), nullable=False, server_default=""),
        sa.Column("training", sa.Boolean),
    )
    op.create_index("ix_check_in_person", "check_in", ["person_id", "asked_at"])
    op.create_table(
        "person_task",
        sa.Column("id", ID, primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("region", sa.String(9)),
        sa.Column("village", sa.String(60), nullable=False, server_default=""),
        sa.Column("helper_id", ID, sa.ForeignKey("staff.id")),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("done_by", ID, sa.ForeignKey("staff.id")),
        sa.Column("words", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("ix_person_task_person", "person_task", ["person_id"])
    op.create_index("ix_person_task_state", "person_task", ["state", "region", "id"])
