"""What waits for a leader is counted on every page of theirs: few tickets among very many."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WHERE = "state IN ('returned', 'extending', 'review')"


def upgrade() -> None:
    op.create_index(
        "ix_ticket_decided", "ticket", ["state"], sqlite_where=sa.text(WHERE), postgresql_where=sa.text(WHERE)
    )
