"""Who says stop, or is found to be somebody we knew: what is on its way to them follows, in the same transaction."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.models import Delivery
from handlers.notices.campaign import Kind, Standing
from handlers.notices.choosing import KIND_PURPOSES
from handlers.notices.ending import take_out
from handlers.notices.models import Campaign, Recipient
from handlers.people.person import Purpose

PENDING = (str(Standing.WAITING), str(Standing.QUEUED))
FURTHER = tuple(
    str(standing)
    for standing in (
        *(Standing.FAILED, Standing.UNREACHABLE, Standing.WAITING),
        *(Standing.TOLD_IN_PERSON, Standing.QUEUED, Standing.SENT),
    )
)


class Leaving:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def refuse(self, session: AsyncSession, person_id: int, purpose: Purpose) -> None:
        """Take back what has not left, and is not tried again; whoever feeds sees the rest when their turn comes."""
        # Who is just being put into the outbox is in it after this, or was passed over for what is written here.
        await session.execute(
            select(Recipient.id)
            .where(Recipient.person_id == person_id, Recipient.state.in_(PENDING))
            .order_by(Recipient.id)
            .with_for_update()
        )
        kinds = [str(kind) for kind in Kind if purpose in (Purpose.NOTICES, KIND_PURPOSES.get(kind))]
        queued = (
            select(Recipient.delivery_id)
            .join(Campaign, Campaign.id == Recipient.campaign_id)
            .where(Recipient.person_id == person_id, Recipient.state == str(Standing.QUEUED), Campaign.kind.in_(kinds))
        )
        await self._take_back(session, Delivery.id.in_(queued))

    async def move(self, session: AsyncSession, person_id: int, other_id: int) -> None:
        """Two records are of one person: the other one has got what this one got, once for each campaign."""
        both = select(Recipient).where(Recipient.person_id.in_((person_id, other_id)))
        found = (await session.scalars(both.order_by(Recipient.id).with_for_update())).all()
        kept = {row.campaign_id: row for row in found if row.person_id == other_id}
        for row in found:
            if row.person_id == other_id:
                continue
            if (other := kept.get(row.campaign_id)) is not None:
                row = await self._keep_one(session, row, other)
            row.person_id = other_id
        await session.flush()

    async def _keep_one(self, session: AsyncSession, one: Recipient, other: Recipient) -> Recipient:
        """Of two that are one person: the one that is further."""
        kept, dropped = sorted((other, one), key=_rank, reverse=True)
        kept.open_ends += dropped.open_ends
        if await self._take_back(session, Delivery.id == dropped.delivery_id) == [None]:
            await take_out(session, dropped)  # nobody had it in hand
        await session.delete(dropped)
        await session.flush()
        return kept

    async def _take_back(self, session: AsyncSession, which: ColumnElement[bool]) -> list[str | None]:
        """-> who had each of them in hand"""
        found = await session.scalars(
            update(Delivery)
            .where(which, Delivery.state == "wait")
            .values(state="cancelled", settled_at=self._clock.now())
            .returning(Delivery.token)
            .execution_options(synchronize_session=False)
        )
        return list(found)


def _rank(row: Recipient) -> int:
    """What stands where two records were in one campaign: who was told is told; who has a chat is not unreachable."""
    return FURTHER.index(row.state) if row.state in FURTHER else -1
