"""What a person registered for, in their file (一人一档): fairs, courses and vacancies."""

from __future__ import annotations

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.offers.labels import label
from handlers.offers.models import Offer, Registration
from handlers.people.models import StandIn
from handlers.people.parts import PartAsked, PartPage, PartRow


async def read_registrations(session: AsyncSession, asked: PartAsked) -> PartPage:
    """The newest first: their own, and what another's chat registered them for.

    What they registered somebody else for, such as a child, is not of this person's file; before there were stand-ins
    it was kept under theirs.
    """
    theirs = or_(Registration.person_id == asked.person_id, Registration.conversation_id.in_(asked.conversations))
    acted_for = exists().where(
        StandIn.person_id == asked.person_id,
        StandIn.conversation_id == Registration.conversation_id,
        StandIn.relation == Registration.relation,
    )
    wanted = or_(
        and_(Registration.relation == "", theirs),
        and_(Registration.relation != "", Registration.person_id == asked.person_id, acted_for),
    )
    total = await session.scalar(select(func.count()).select_from(Registration).where(wanted)) or 0
    rows = await session.execute(
        select(Registration, Offer)
        .join(Offer, Offer.id == Registration.offer_id)
        .where(wanted)
        .order_by(Registration.at.desc(), Registration.id.desc())
        .offset(asked.offset)
        .limit(asked.limit)
    )
    return PartPage(
        [
            PartRow(
                one.at,
                offer.title,
                label("kind", offer.kind),
                label("standing", one.state),
                f"/staff/offers/{offer.code}",
            )
            for one, offer in rows
        ],
        total,
    )
