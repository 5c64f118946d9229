"""How those ended that were in the outbox: from the deliveries, before these are tidied away, to the recipients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Delivery, Message
from handlers.notices.campaign import Standing, State
from handlers.notices.models import Campaign, Recipient

_ENDS = {
    "done": Standing.SENT,
    "unreachable": Standing.UNREACHABLE,
    "dead": Standing.FAILED,
    "unknown": Standing.FAILED,
}
"""State of a delivery that is over -> where its recipient stands."""


async def ended_unsettled(session: AsyncSession) -> Sequence[int]:
    """Campaigns that do not run any more, with messages that were in flight when they were stopped or paused."""
    found = await session.scalars(
        select(Campaign.id)
        .join(Recipient, Recipient.campaign_id == Campaign.id)
        .where(Campaign.state.in_((str(State.STOPPED), str(State.PAUSED))), Recipient.state == str(Standing.QUEUED))
        .distinct()
    )
    return found.all()


async def settle(session: AsyncSession, campaign: Campaign, *, now: datetime) -> None:
    """Note how those ended that were in the outbox."""
    found = await session.execute(
        select(Recipient, Delivery.state, Delivery.error, Delivery.unsure, Delivery.settled_at)
        .join(Delivery, Delivery.id == Recipient.delivery_id)
        .where(
            Recipient.campaign_id == campaign.id,
            Recipient.state == str(Standing.QUEUED),
            Delivery.state != "wait",
        )
    )
    rows = []
    for row in found:
        standing = _ENDS.get(row.state)
        if standing is None:
            # Taken back. While it is paused it may still leave; else the person, or the staff, stopped it.
            if campaign.state == str(State.PAUSED):
                continue
            standing = Standing.STOPPED if campaign.state == str(State.STOPPED) else Standing.OPTED_OUT
            await _take_out(session, row.Recipient)
        fault = {"unreachable": "blocked", "unknown": "unknown"}.get(row.state, row.error or "")
        rows.append(
            {
                "id": row.Recipient.id,
                "state": str(standing),
                "fault": fault[:24] if standing in (Standing.FAILED, Standing.UNREACHABLE) else "",
                "unsure": row.unsure > 0,
                "at": row.settled_at or now,
            }
        )
    if rows:
        await session.execute(update(Recipient), rows)


async def _take_out(session: AsyncSession, recipient: Recipient) -> None:
    """What never left does not stand in the chat either."""
    where = (Message.conversation_id == recipient.conversation_id, Message.seq == recipient.seq)
    await session.execute(
        update(Message).where(*where).values(text="", template=None, data={}, choices=[], forgotten=True)
    )
