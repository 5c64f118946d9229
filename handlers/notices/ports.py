"""What campaigns ask of the outbox, and of the service of fairs, vacancies and courses; wired in `bot.app`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.messages import Reply, Shown
from bot.outbox import Posted, Priority

PersonId = InstrumentedAttribute[int]
"""The column of a person's id, as a condition uses it."""


class Posting(Protocol):
    """The part of the outbox that campaigns need."""

    async def post(
        self, session: AsyncSession, conversation_id: int, replies: Sequence[Reply], *, priority: Priority = ...
    ) -> list[Shown]: ...

    async def post_to_many(
        self, session: AsyncSession, replies: Mapping[int, Reply], *, priority: Priority, purpose: str
    ) -> dict[int, Posted]: ...

    async def cancel(self, session: AsyncSession, purpose: str) -> int: ...


class Advertised(Protocol):
    """An offer as a notice speaks of it."""

    @property
    def code(self) -> str: ...

    @property
    def kind(self) -> str:
        """`fair`, `vacancy` or `course`."""

    @property
    def title(self) -> str: ...

    @property
    def when(self) -> str:
        """In words; empty if it has no time."""

    @property
    def where(self) -> str: ...

    @property
    def seats_left(self) -> int | None:
        """None: as many as come."""

    @property
    def takes(self) -> bool:
        """One can still register, and gets a place."""

    @property
    def full(self) -> bool: ...


class Offers(Protocol):
    async def look(self, session: AsyncSession, code: str) -> Advertised | None:
        """None if there is no such offer."""

    def is_registered(self, person_id: PersonId, code: str) -> ColumnElement[bool]:
        """Whether a person is registered for an offer; for any that lies ahead if the code is empty."""

    def registered_since(
        self, person_id: PersonId, code: str, since: ColumnElement[datetime] | InstrumentedAttribute[datetime]
    ) -> ColumnElement[bool]:
        """Whether they registered after a moment."""

    def has_come(self, person_id: PersonId, code: str) -> ColumnElement[bool]:
        """Whether they came to it."""
