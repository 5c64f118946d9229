"""Who says stop, or is found to be somebody we knew: what is on its way to them follows, in the same transaction."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.models import Delivery
from handlers.notices.campaign import Kind, Standing
from handlers.notices.choosing import KIND_PURPOSES
from handlers.notices.models import Campaign, Recipient
from handlers.people.person import Purpose


class Leaving:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def refuse(self, session: AsyncSession, person_id: int, purpose: Purpose) -> None:
        """Take back what has not left, and is not tried again; whoever feeds sees the rest when their turn comes."""
        kinds = [str(kind) for kind in Kind if purpose in (Purpose.NOTICES, KIND_PURPOSES.get(kind))]
        queued = (
            select(Recipient.delivery_id)
            .join(Campaign, Campaign.id == Recipient.campaign_id)
            .where(Recipient.person_id == person_id, Recipient.state == str(Standing.QUEUED), Campaign.kind.in_(kinds))
        )
        await session.execute(
            update(Delivery)
            .where(Delivery.id.in_(queued), Delivery.state == "wait")
            .values(state="cancelled", settled_at=self._clock.now())
            .execution_options(synchronize_session=False)
        )

    async def move(self, session: AsyncSession, person_id: int, other_id: int) -> None:
        """Two records are of one person: the other one has got what this one got, once for each campaign."""
        theirs = select(Recipient.campaign_id).where(Recipient.person_id == other_id)
        await session.execute(
            update(Recipient)
            .where(Recipient.person_id == person_id, Recipient.campaign_id.not_in(theirs))
            .values(person_id=other_id)
            .execution_options(synchronize_session=False)
        )
