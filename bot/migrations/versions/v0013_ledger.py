"""Ledgers: what was paid in and paid out, services given, imports in hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", ID, primary_key=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("template", sa.String(4), nullable=False),
        sa.Column("wanted", sa.String(4), nullable=False),
        sa.Column("region", sa.String(28), nullable=False),
        sa.Column("staff_id", ID, sa.ForeignKey("staff.id")),
        sa.Column("file_name", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("turn", sa.String(8), unique=True),
        sa.Column("holder", sa.String(32)),
        sa.Column("held_until", sa.Float),
        sa.Column("done_row", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.Column("error", sa.JSON, nullable=False),
    )
    op.create_index("ix_import_run_state", "import_run", ["state"])
    op.create_table(
        "import_file",
        sa.Column("run_id", ID, sa.ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "contribution",
        sa.Column("id", ID, primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("insurance", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("paid", sa.BigInteger),
        sa.Column("due", sa.BigInteger),
        sa.Column("given", sa.BigInteger),
        sa.Column("row", sa.LargeBinary, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.UniqueConstraint("person_id", "year", "insurance"),
    )
    op.create_table(
        "service_record",
        sa.Column("id", ID, primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("staff_id", ID, sa.ForeignKey("staff.id")),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("row", sa.LargeBinary, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("person_id", "digest"),
    )
    op.create_index("ix_service_record_year", "service_record", ["year", "person_id", "kind"])
