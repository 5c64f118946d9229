"""Persons: known by several chats or by none, with what they said of themselves and what the bureau's ledger holds."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "person_chat",
        sa.Column("id", ID, primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column(
            "conversation_id",
            ID,
            sa.ForeignKey("conversation.id", ondelete="CASCADE"),
            nullable=False,
            unique=True,
        ),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.execute(
        "INSERT INTO person_chat (person_id, conversation_id, at) SELECT id, conversation_id, created_at FROM person"
    )
    if op.get_bind().dialect.name == "sqlite":
        _free_persons_of_chats()
    else:
        op.drop_column("person", "conversation_id")
        for column in _more():
            op.add_column("person", column)
    op.create_index("ix_person_region", "person", ["region"])
    op.create_index("ix_person_name", "person", ["name_digest"])
    op.create_index("ix_person_phone", "person", ["phone_digest"])
    op.create_index("ix_person_id_number", "person", ["id_digest"], unique=True)
    op.create_table(
        "person_group",
        sa.Column("id", ID, primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(24), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("person_id", "name"),
    )
    op.create_index("ix_person_group_name", "person_group", ["name", "person_id"])
    op.create_table(
        "wish",
        sa.Column("id", ID, primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("trade", sa.String(24), nullable=False),
        sa.Column("words", sa.String(80), nullable=False),
        sa.Column("region", sa.String(9)),
        sa.Column("pay_from", sa.Integer),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("person_id", "kind", "trade"),
    )
    op.create_index("ix_wish_trade", "wish", ["kind", "trade", "person_id"])


def _more() -> tuple[sa.Column[Any], ...]:
    """What a person's row holds from now on."""
    return (
        sa.Column("village", sa.String(60), nullable=False, server_default=""),
        sa.Column("name", sa.LargeBinary),
        sa.Column("name_digest", sa.String(64)),
        sa.Column("phone", sa.LargeBinary),
        sa.Column("phone_digest", sa.String(64)),
        sa.Column("id_number", sa.LargeBinary),
        sa.Column("id_digest", sa.String(64)),
        sa.Column("gender", sa.String(8), nullable=False, server_default=""),
        sa.Column("birth_year", sa.Integer),
        sa.Column("age_band", sa.String(8), nullable=False, server_default=""),
        sa.Column("employment", sa.String(16), nullable=False, server_default=""),
        sa.Column("work_form", sa.String(16), nullable=False, server_default=""),
        sa.Column("skills", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("told", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("helper_id", ID, sa.ForeignKey("staff.id")),
        sa.Column("ledger", sa.LargeBinary),
        sa.Column("ledger_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    )


def _free_persons_of_chats() -> None:
    """SQLite drops no unique column: the table is made anew, empty meanwhile what points at its rows."""
    op.execute("CREATE TEMPORARY TABLE kept_consent AS SELECT * FROM consent")
    op.execute("CREATE TEMPORARY TABLE kept_chat AS SELECT * FROM person_chat")
    op.execute("CREATE TEMPORARY TABLE kept_person AS SELECT id, created_at, updated_at, region FROM person")
    op.execute("DELETE FROM consent")
    op.execute("DELETE FROM person_chat")
    op.drop_table("person")
    op.create_table(
        "person",
        sa.Column("id", ID, primary_key=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("region", sa.String(9)),
        *_more(),
    )
    op.execute(
        "INSERT INTO person (id, created_at, updated_at, region) "
        "SELECT id, created_at, updated_at, region FROM kept_person"
    )
    op.execute("INSERT INTO consent SELECT * FROM kept_consent")
    op.execute("INSERT INTO person_chat SELECT * FROM kept_chat")
    for table in ("kept_consent", "kept_chat", "kept_person"):
        op.drop_table(table)
