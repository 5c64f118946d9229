"""Ledgers: what was paid in and paid out, services given, imports in hand."""

from __future__ import annotations

import sqlalchemy as sa

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Nothing yet."""
