"""What a person registered for, in their file (一人一档): fairs, courses and vacancies."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.offers.labels import label
from handlers.offers.models import Offer, Registration
from handlers.people.parts import PartAsked, PartPage, PartRow


async def read_registrations(session: AsyncSession, asked: PartAsked) -> PartPage:
    """The newest first; those for somebody else, such as a child, are not of this person's file."""
    wanted = (
        or_(Registration.person_id == asked.person_id, Registration.conversation_id.in_(asked.conversations)),
        Registration.relation == "",
    )
    total = await session.scalar(select(func.count()).select_from(Registration).where(*wanted)) or 0
    rows = await session.execute(
        select(Registration, Offer)
        .join(Offer, Offer.id == Registration.offer_id)
        .where(*wanted)
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
