"""What an import would do with each row: the shape that all three ledgers share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.people.ledger.rows import Record


class Verdict(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


WRITES = frozenset({Verdict.ADDED, Verdict.CHANGED})


@dataclass
class Plan:
    """One row, and what comes of it."""

    record: Record
    verdict: Verdict
    faults: list[tuple[str, str]] = field(default_factory=list)
    """(field, code); of a refused row the first says why."""
    region: str | None = None
    """Where the row's person is or will be."""
    person_id: int | None = None
    more: Any = None
    """What the taker needs to write it."""


class Taker(Protocol):
    """Compares rows of one kind of ledger with what is there, and writes them."""

    def key(self, record: Record) -> tuple[Any, ...]:
        """Two rows of one file with the same key are one too many."""
        ...

    async def compare(self, session: AsyncSession, records: Sequence[Record]) -> list[Plan]:
        """In the order of the records; writes nothing."""
        ...

    async def write(self, session: AsyncSession, plans: Sequence[Plan], *, now: datetime) -> None:
        """Those that add or change something."""
        ...
