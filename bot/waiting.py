"""What waits in the outbox, as the courier asks for it: what may leave, what it says, what is given up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot import transcript
from bot.background import is_due
from bot.clock import Clock
from bot.messages import ChannelName, Shown, Speaker
from bot.models import Delivery, Message
from bot.outbox import Priority


def may_leave(channel: ChannelName, bot: str) -> list[ColumnElement[bool]]:
    """Conditions on a row of this bot beside being due."""
    earlier = aliased(Delivery)
    return [
        Delivery.channel == str(channel),
        Delivery.bot == bot,
        # What is told only once is not told again when the end of the first sending is not known.
        or_(~Delivery.once, Delivery.token.is_(None)),
        # In order per chat, among what is equally urgent.
        ~select(earlier.id)
        .where(
            earlier.state == "wait",
            earlier.channel == Delivery.channel,
            earlier.bot == Delivery.bot,
            earlier.chat == Delivery.chat,
            earlier.priority == Delivery.priority,
            earlier.id < Delivery.id,
        )
        .exists(),
    ]


async def is_any_due(session: AsyncSession, clock: Clock, where: Sequence[ColumnElement[bool]]) -> bool:
    return await session.scalar(select(Delivery.id).where(is_due(Delivery, clock), *where).limit(1)) is not None


async def is_reply_behind(session: AsyncSession, channel: ChannelName, bot: str) -> bool:
    """Whether a reply waits that nobody has in hand."""
    mine = (Delivery.channel == str(channel), Delivery.bot == bot, Delivery.priority == int(Priority.REPLY))
    behind = select(Delivery.id).where(Delivery.state == "wait", Delivery.token.is_(None), *mine)
    return await session.scalar(behind.limit(1)) is not None


async def give_up_unknown(session: AsyncSession, clock: Clock, channel: ChannelName, bot: str) -> None:
    """What may be told only once and was in the hands of a process that died."""
    await session.execute(
        update(Delivery)
        .where(
            is_due(Delivery, clock),
            Delivery.once,
            Delivery.token.is_not(None),
            Delivery.channel == str(channel),
            Delivery.bot == bot,
        )
        .values(state="unknown", token=None, settled_at=clock.now())
        .execution_options(synchronize_session=False)
    )


async def read_contents(session: AsyncSession, rows: Sequence[Delivery], *, now: datetime) -> dict[int, Shown]:
    """What to show for each row; nothing for words that were deleted meanwhile."""
    contents: dict[int, Shown] = {}
    for row in rows:
        if (body := row.body) is not None:
            shown = Shown(0, Speaker.BOT, body["text"], now, body["template"], body["data"], pushed=True)
            contents[row.id] = shown
    found = await session.execute(
        select(Delivery.id, Message)
        .join(Message, and_(Message.conversation_id == Delivery.conversation_id, Message.seq == Delivery.seq))
        .where(Delivery.id.in_([row.id for row in rows if row.body is None]), ~Message.forgotten)
    )
    return contents | {row_id: transcript.to_shown(row) for row_id, row in found}
