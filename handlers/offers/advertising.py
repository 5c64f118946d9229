"""What other services may ask about offers: how one is advertised, and, as conditions on a person's id, who is in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.clock import LOCAL
from handlers.offers.models import Offer, Registration
from handlers.offers.offer import ACTIVE, COMING, Standing, State

PersonId = InstrumentedAttribute[int]


@dataclass(frozen=True)
class Advertised:
    """An offer as a notice speaks of it."""

    code: str
    kind: str
    """`Kind`."""
    title: str
    when: str
    """In words; empty if it has no time."""
    where: str
    seats_left: int | None
    """None: as many as come."""
    takes: bool
    """One can still register, and gets a place."""
    full: bool


class Advertising:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    async def look(self, session: AsyncSession, code: str) -> Advertised | None:
        """None if there is no such offer."""
        offer = await session.scalar(select(Offer).where(Offer.code == code))
        if offer is None:
            return None
        left = None if offer.seats is None else max(0, offer.seats - offer.taken)
        full = offer.state == str(State.FULL) or left == 0
        return Advertised(
            code=offer.code,
            kind=offer.kind,
            title=offer.title,
            when=self._when(offer),
            where=offer.place,
            seats_left=left,
            takes=offer.state == str(State.OPEN) and not full,
            full=full,
        )

    def is_registered(self, person_id: PersonId, code: str) -> ColumnElement[bool]:
        """For this offer; for any that lies ahead if the code is empty."""
        ahead = Offer.code == code if code else Offer.state.in_([str(state) for state in COMING])
        return _registration(person_id, ahead, Registration.state.in_([*map(str, ACTIVE), str(Standing.CAME)]))

    def registered_since(
        self, person_id: PersonId, code: str, since: ColumnElement[datetime] | InstrumentedAttribute[datetime]
    ) -> ColumnElement[bool]:
        states = [*map(str, ACTIVE), str(Standing.CAME)]
        return _registration(person_id, Offer.code == code, Registration.state.in_(states), Registration.at >= since)

    def has_come(self, person_id: PersonId, code: str) -> ColumnElement[bool]:
        return _registration(person_id, Offer.code == code, Registration.state == str(Standing.CAME))

    def _when(self, offer: Offer) -> str:
        if offer.starts is None:
            return ""
        starts, ends = (at.astimezone(LOCAL).isoformat() if at else None for at in (offer.starts, offer.ends))
        macros = self._environment.get_template("replies/offers/macros.txt").module
        return str(macros.span(starts, ends, offer.timed)).strip()  # type: ignore[attr-defined]


def _registration(person_id: PersonId, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    found = select(1).select_from(Registration).join(Offer, Offer.id == Registration.offer_id)
    return exists(found.where(Registration.person_id == person_id, *where).correlate(person_id.class_))
