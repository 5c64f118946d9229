"""What a running campaign still has to do, and why nothing of it leaves now although it runs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import ChannelName
from bot.models import Delivery
from handlers.notices.broadcast import purpose_of
from handlers.notices.campaign import Hold, Standing
from handlers.notices.models import Recipient

TOKEN_REFUSED = "telegram_token_refused"  # noqa: S105  # the error of a delivery, a code


@dataclass(frozen=True)
class Left:
    """What a campaign still has to do."""

    waits: bool
    """Whether anybody's turn is still to come."""
    queued: int
    """Recipients whose message is in the outbox."""
    fresh: int
    """Of these, how many have not failed before."""


async def what_is_left(session: AsyncSession, campaign_id: int) -> Left:
    mine = Recipient.campaign_id == campaign_id
    queued = select(func.count()).where(mine, Recipient.state == str(Standing.QUEUED))
    waits = select(Recipient.id).where(mine, Recipient.state == str(Standing.WAITING)).limit(1)
    fresh = select(func.count()).where(
        Delivery.purpose == purpose_of(campaign_id), Delivery.state == "wait", Delivery.error.is_(None)
    )
    return Left(
        await session.scalar(waits) is not None, await session.scalar(queued) or 0, await session.scalar(fresh) or 0
    )


async def why_held(session: AsyncSession, left: Left, *, quiet: bool, bot: str) -> Hold | None:
    """`bot`: id of the Telegram bot we are; empty without one. None where it goes on."""
    if quiet:
        return Hold.QUIET
    if not bot:
        return Hold.CHANNEL_OFF if left.queued and not left.waits else None
    # Whichever process it was whose token was refused: the messages say so until one of them arrives.
    refused = select(Delivery.id).where(
        Delivery.state == "wait",
        Delivery.channel == str(ChannelName.TELEGRAM),
        Delivery.bot == bot,
        Delivery.error == TOKEN_REFUSED,
    )
    return Hold.TOKEN_REFUSED if await session.scalar(refused.limit(1)) is not None else None
