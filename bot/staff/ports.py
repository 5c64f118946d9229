"""What the pages of accounts need of the services: names of places, and the work that somebody has in hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff
from bot.staff.roles import Scope


class PlaceNames(Protocol):
    def whole(self, code: str) -> str:
        """洪湖市螺山镇; empty for what has no name of its own, as all places together."""
        ...

    def find(self, words: str) -> str | None:
        """A name or an id -> the id; None for what is no place."""
        ...


class StaffWork(Protocol):
    """The service that gives staff their work."""

    async def open_of(self, session: AsyncSession, staff_ids: Sequence[int]) -> Mapping[int, int]:
        """How much each has in hand; who has nothing may be missing."""
        ...

    async def queues_of(self, session: AsyncSession, staff_ids: Sequence[int]) -> Mapping[int, Sequence[str]]:
        """The names of each one's queues."""
        ...

    async def offered(self, session: AsyncSession, scope: Scope) -> Sequence[tuple[int, str]]:
        """Id and name of the queues to which somebody of this scope may add people."""
        ...

    async def join(
        self, session: AsyncSession, actor: Staff, staff: Staff, queue_ids: Sequence[int], *, now: datetime
    ) -> None:
        """Raises UserFacingError for a queue that is not the actor's, or does not suit this person's place."""
        ...

    async def hand_over(
        self, session: AsyncSession, actor: Staff, leaver: Staff, to: int | None, *, now: datetime
    ) -> int:
        """All they have in hand, to one colleague or by turns. Raises UserFacingError. -> how many"""
        ...

    async def leave_elsewhere(self, session: AsyncSession, actor: Staff, staff: Staff, *, now: datetime) -> None:
        """They serve another place now: out of the queues that do not suit it."""
        ...
