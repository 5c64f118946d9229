"""What a database holds after work that many tests begin with: done once, then written as rows into fresh ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Base


@dataclass(frozen=True)
class Kept:
    """Rows by table, those first to which others refer."""

    rows: Sequence[tuple[Table, Sequence[Mapping[str, Any]]]]

    @classmethod
    async def take(cls, session: AsyncSession) -> Kept:
        """All that is there now."""
        found = [
            (table, (await session.execute(select(table))).mappings().all()) for table in Base.metadata.sorted_tables
        ]
        return cls([(table, [dict(row) for row in rows]) for table, rows in found if rows])

    async def put(self, session: AsyncSession) -> None:
        """Into a database that holds nothing."""
        for table, rows in self.rows:
            await session.execute(insert(table), rows)
        if session.get_bind().dialect.name == "postgresql":
            # Ids were given by us: the next one must not be given again.
            last = [(table.name, max(row["id"] for row in rows)) for table, rows in self.rows if "id" in table.c]
            await session.execute(
                select(*(func.setval(func.pg_get_serial_sequence(name, "id"), newest) for name, newest in last))
            )
