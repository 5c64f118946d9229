"""What campaigns ask of other services; they are wired in `bot.app`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

PersonId = InstrumentedAttribute[int]
"""The column of persons' ids, as a condition on them uses it."""


@dataclass(frozen=True)
class Advertised:
    """An offer as a notice speaks of it."""

    code: str
    title: str
    when: str
    """In words; empty if it has no time."""
    where: str
    seats_left: int | None
    """None: as many as come."""
    takes: bool
    """One can still register."""
    full: bool


class Offers(Protocol):
    """The service of fairs, vacancies and courses."""

    def is_registered(self, person_id: PersonId, code: str) -> ColumnElement[bool]:
        """Whether a person is registered for an offer; for any that lies ahead if the code is empty."""

    def registered_since(self, person_id: PersonId, code: str, since: ColumnElement[datetime]) -> ColumnElement[bool]:
        """Whether they registered after a moment."""

    def has_come(self, person_id: PersonId, code: str) -> ColumnElement[bool]:
        """Whether they came to it."""

    async def look(self, session: AsyncSession, code: str, *, now: datetime) -> Advertised | None:
        """None if there is no such offer."""


class Lacking(Protocol):
    """Who lacks a service of the year."""

    def __call__(self, service: str, *, now: datetime) -> ColumnElement[bool]:
        """A condition on `Person`."""


@dataclass(frozen=True)
class Ports:
    """The other services; where one is not there, nobody is registered and nobody lacks anything."""

    offers: Offers | None = None
    lacking: Lacking | None = None
