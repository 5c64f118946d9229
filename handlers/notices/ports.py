"""What campaigns ask of the service of fairs, vacancies and courses; it is wired in `bot.app`."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

PersonId = InstrumentedAttribute[int]
"""The column of a person's id, as a condition uses it."""


class Advertised(Protocol):
    """An offer as a notice speaks of it."""

    @property
    def code(self) -> str: ...

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
