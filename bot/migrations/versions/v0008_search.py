"""Lists and search of the console: what a ticket owes next, indexes over what is open, and the words to find it by.

The words are an ordinary table, so that they are archived and restored like everything else. Rows that exist are
marked (`search_key` empty) and filled in batches by the running server: the phone's digest needs the key.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = "next_due IS NOT NULL"
RINGS = "next_due IS NOT NULL AND coalesce(handler_id, 0) = 0 AND (is_group OR priority = 'urgent')"
STATES = "('waiting', 'accepted', 'working', 'returned', 'extending', 'review', 'supplement')"
NEVER = "9000-01-01 00:00:00"


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("ticket", sa.Column("next_due", MOMENT, nullable=True))
    op.add_column("ticket", sa.Column("soon_at", MOMENT, nullable=True))
    op.add_column("ticket", sa.Column("search_key", sa.String(16), nullable=False, server_default=""))
    words = sa.Text() if on_sqlite else sa.Text(collation="C")
    op.create_table(
        "ticket_search",
        sa.Column("ticket_id", ID, sa.ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("terms", words, nullable=False),
    )
    if not on_sqlite:
        op.execute(
            "CREATE INDEX ix_ticket_search_terms ON ticket_search USING gin (string_to_array(terms, ' '))"
            " WITH (fastupdate = off)"
        )
    _fill(on_sqlite=on_sqlite)
    for name, columns, where in (
        ("ix_ticket_open", ["next_due", "id"], OPEN),
        ("ix_ticket_open_queue", ["queue_id", "next_due"], OPEN),
        ("ix_ticket_open_handler", ["handler_id", "next_due"], OPEN),
        ("ix_ticket_soon", ["soon_at"], "soon_at IS NOT NULL"),
        ("ix_ticket_groups", ["next_due"], f"{OPEN} AND is_group"),
        ("ix_ticket_rings", ["next_due"], RINGS),
        ("ix_ticket_filed_by", ["filed_by"], "filed_by IS NOT NULL"),
        ("ix_ticket_unsearched", ["id"], "search_key = ''"),
    ):
        op.create_index(name, "ticket", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _fill(*, on_sqlite: bool) -> None:
    """What open tickets owe next; from when it is due soon is reckoned by the clock of the wall until they change."""
    never = f"'{NEVER}.000000'" if on_sqlite else f"timestamptz '{NEVER}+00'"
    waits = [
        f"coalesce(CASE WHEN {done} IS NULL THEN {due} END, {never})"
        for done, due in (
            ("accepted_at", "accept_due"),
            ("contacted_at", "contact_due"),
            ("answered_at", "answer_due"),
        )
    ]
    least = f"{'min' if on_sqlite else 'least'}({', '.join(waits)})"
    op.execute(f"UPDATE ticket SET next_due = {least} WHERE state IN {STATES}")  # noqa: S608  # our own words
    form = "'%Y-%m-%d %H:%M:%S.000000'"
    used, day = (
        (
            f"strftime({form}, julianday(clock_from) + 0.8 * (julianday(next_due) - julianday(clock_from)))",
            f"strftime({form}, next_due, '+8 hours', 'start of day', '-8 hours')",
        )
        if on_sqlite
        else (
            "clock_from + 0.8 * (next_due - clock_from)",
            "date_trunc('day', next_due AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai'",
        )
    )
    soon = f"{'min' if on_sqlite else 'least'}({used}, {day})"
    op.execute(f"UPDATE ticket SET soon_at = {soon} WHERE next_due < {never}")  # noqa: S608  # our own words
