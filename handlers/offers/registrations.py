"""Who is registered for an offer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.offers.models import Offer, Registration
from handlers.offers.offer import Standing


async def registered(
    session: AsyncSession, offer: Offer, states: Sequence[Standing] = (Standing.IN, Standing.CAME, Standing.WAITING)
) -> list[Registration]:
    """In the order in which they were accepted."""
    found = await session.scalars(
        select(Registration)
        .where(Registration.offer_id == offer.id, Registration.state.in_([str(state) for state in states]))
        .order_by(Registration.seq)
    )
    return list(found)


async def remind_anew(session: AsyncSession, offer: Offer) -> None:
    """At another time, everybody is reminded again."""
    for one in await registered(session, offer, (Standing.IN,)):
        one.reminded = ""
    await session.flush()
