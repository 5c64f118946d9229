"""Staff: accounts, and their audit, which the database itself keeps append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", ID, primary_key=True),
        sa.Column("username", sa.String(40), nullable=False),
        sa.Column("login", sa.String(40), nullable=False, unique=True),
        sa.Column("display_name", sa.String(60), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("region", sa.String(28), nullable=False),
        sa.Column("telegram_id", sa.String(32), unique=True),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("must_change_password", sa.Boolean, nullable=False),
        sa.Column("failed_logins", sa.Integer, nullable=False),
        sa.Column("locked_until", MOMENT),
        sa.Column("disabled_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT),
        sa.Column("on_duty", sa.Boolean, nullable=False),
        sa.Column("away_since", MOMENT),
        sa.Column("session_version", sa.Integer, nullable=False),
    )
    op.create_index("ix_staff_region", "staff", ["region"])
    op.create_table(
        "staff_audit",
        sa.Column("seq", ID, primary_key=True, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_kind", sa.String(12), nullable=False),
        sa.Column("actor_id", ID),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("subject_kind", sa.String(16), nullable=False),
        sa.Column("subject_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("ix_staff_audit_subject", "staff_audit", ["subject_kind", "subject_id"])
    op.create_index("ix_staff_audit_actor", "staff_audit", ["actor_kind", "actor_id"])
    # Its one row comes with the first entry: a restore fills tables that are empty.
    op.create_table(
        "staff_audit_head",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("length", ID, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    _forbid_changes()


def _forbid_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER staff_audit_no_{act.lower()} BEFORE {act} ON staff_audit "
                "BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION staff_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER staff_audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON staff_audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION staff_audit_refuse()"
    )
