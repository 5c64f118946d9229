"""How those ended that were in the outbox: from the deliveries, before these are tidied away, to the recipients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import AFTER_OUTAGE
from bot.messages import ChannelName
from bot.models import Conversation, Delivery, Message
from handlers.notices.broadcast import purpose_of
from handlers.notices.campaign import Standing, State
from handlers.notices.models import Campaign, Recipient

ENOUGH = 1_000
"""Noted at a time: nobody else writes meanwhile on SQLite."""
_ENDS = {
    "done": Standing.SENT,
    # Another chat of theirs may take it: judged anew, and then for their helper's list.
    "unreachable": Standing.WAITING,
    "dead": Standing.FAILED,
    "unknown": Standing.FAILED,
}
"""State of a delivery that is over -> where its recipient stands."""
LEFT = frozenset(_ENDS) - {"unreachable"}
"""States of a delivery that stands in the chat, for it may have come."""
BLOCKED = "blocked"
"""Fault of whom a chat did not take; another may."""
_FAULTS = {"unreachable": BLOCKED, "unknown": "unknown"}
_CODES = {"rejected": "rejected", "NetworkError": "server_error"}
"""Error of a delivery -> why it failed; whatever else it says, no answer came."""


async def ended_unsettled(session: AsyncSession) -> Sequence[int]:
    """Campaigns that do not run any more, with messages that were in flight when they were stopped or paused."""
    found = await session.scalars(
        select(Campaign.id)
        .join(Recipient, Recipient.campaign_id == Campaign.id)
        .where(Campaign.state.in_((str(State.STOPPED), str(State.PAUSED))), Recipient.state == str(Standing.QUEUED))
        .distinct()
    )
    return found.all()


async def take_back_from_other_bots(
    session: AsyncSession, campaign: Campaign, *, bot: str, now: datetime, wall: float
) -> None:
    """A bot that was replaced sends nothing any more: who waits for it is judged anew."""
    theirs = (
        select(Delivery.id)
        .join(Recipient, Recipient.delivery_id == Delivery.id)
        .where(
            Delivery.purpose == purpose_of(campaign.id),
            Delivery.state == "wait",
            Delivery.channel == str(ChannelName.TELEGRAM),
            Delivery.bot != bot,
            or_(Delivery.token.is_(None), Delivery.free_at <= wall - AFTER_OUTAGE),
        )
        .order_by(Delivery.id)
        .limit(ENOUGH)
        # Both, and nobody waited for: whoever says stop takes the recipient first, the settler the delivery.
        .with_for_update(of=[Recipient, Delivery], skip_locked=True)
    )
    if found := (await session.scalars(theirs)).all():
        await session.execute(
            update(Delivery).where(Delivery.id.in_(found)).values(state="cancelled", token=None, settled_at=now)
        )


async def settle(session: AsyncSession, campaign: Campaign, *, now: datetime, wall: float) -> None:
    """Note how those ended that were in the outbox. `wall`: seconds that really pass, by which leases end."""
    abandoned = Delivery.free_at <= wall - AFTER_OUTAGE
    found = await session.execute(
        select(Recipient, Delivery.state, Delivery.error, Delivery.unsure, Delivery.settled_at)
        # Taken back while it was leaving, it may yet arrive; until whoever holds it says so, or is dead.
        .join(Delivery, Delivery.id == Recipient.delivery_id)
        .where(
            Recipient.campaign_id == campaign.id,
            Recipient.state == str(Standing.QUEUED),
            or_(
                Delivery.state.in_(_ENDS),
                and_(Delivery.state == "cancelled", or_(Delivery.token.is_(None), abandoned)),
            ),
        )
        .limit(ENOUGH)
        .with_for_update(of=Recipient, skip_locked=True)
    )
    ended = found.all()
    free = await _free_chats(session, [row.Recipient.conversation_id for row in ended if row.state not in LEFT])
    rows = []
    for row in ended:
        if row.state not in LEFT and row.Recipient.conversation_id not in free:
            continue  # they are writing just now: the next time
        standing = _ENDS.get(row.state)
        if row.state == "unreachable":
            await take_out(session, row.Recipient)
            standing = Standing.UNREACHABLE if campaign.state == str(State.STOPPED) else standing
        if standing is None:
            # Taken back, because the campaign pauses, they said stop or had everything deleted: judged anew.
            standing = Standing.STOPPED if campaign.state == str(State.STOPPED) else Standing.WAITING
            await take_out(session, row.Recipient)
        fault = _CODES.get(row.error, "no_answer") if row.state == "dead" else _FAULTS.get(row.state, "")
        rows.append(
            {
                "id": row.Recipient.id,
                "state": str(standing),
                "fault": fault,
                "open_ends": row.Recipient.open_ends + row.unsure,
                "at": row.settled_at or now,
            }
        )
    if rows:
        await session.execute(update(Recipient), rows)


async def _free_chats(session: AsyncSession, chats: Sequence[int | None]) -> set[int | None]:
    """Those in which nobody has a turn, held; and None, for a chat that is no more."""
    wanted = select(Conversation.id).where(Conversation.id.in_([chat for chat in chats if chat is not None]))
    found = await session.scalars(wanted.with_for_update(skip_locked=True)) if any(chats) else ()
    return {None, *found}


async def take_out(session: AsyncSession, recipient: Recipient) -> None:
    """What never left does not stand in the chat either."""
    where = (Message.conversation_id == recipient.conversation_id, Message.seq == recipient.seq)
    await session.execute(
        update(Message).where(*where).values(text="", template=None, data={}, choices=[], forgotten=True)
    )
