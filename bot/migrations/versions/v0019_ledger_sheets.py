"""How far an import has come is told in lines over all its sheets, no longer by the row of the only one.

One that is being done begins anew: what it has written already is found to be the same.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    runs = sa.table("import_run", sa.column("state"), sa.column("done_row"), sa.column("counts", sa.JSON))
    op.execute(sa.update(runs).where(runs.c.state == "going").values(done_row=0, counts={}))
