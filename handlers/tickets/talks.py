"""Talks with a person that are about no ticket: lent to other services as `bot.talking.Talks`.

The same hold as of a ticket's chat, the same dialogue that keeps the bot quiet, the same half hidden names.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import transcript
from bot.messages import Speaker
from bot.models import Conversation, Message
from bot.staff.models import Staff
from bot.talking import ChatHeld, ChatNotHeld, NoChat, Talk
from handlers.tickets.holding import Holding, about_of
from handlers.tickets.replies import HeldReply, StaffWordsReply
from handlers.tickets.telling import Posting
from handlers.tickets.veiling import veil

BEFORE = 12
"""So many messages before the moment are shown too: how it came to this."""
PAGE = 30


class TicketlessTalks:
    def __init__(self, holding: Holding, outbox: Posting) -> None:
        self._holding = holding
        self._outbox = outbox

    async def read(
        self, session: AsyncSession, conversation_id: int, *, about: str, since: datetime, before: int | None = None
    ) -> Talk:
        conversation = await session.get(Conversation, conversation_id, populate_existing=True)
        if conversation is None:
            raise NoChat(number="")
        first = await _first_seq(session, conversation_id, since)
        shown = await transcript.read(session, conversation_id, after_seq=first - 1, before_seq=before, limit=PAGE + 1)
        page = shown[-PAGE:]
        by = conversation.held_by if await self._holding.is_taken(session, conversation) else None
        name = await session.scalar(select(Staff.display_name).where(Staff.id == by)) if by is not None else ""
        return Talk(
            tuple(veil(page, "")),
            page[0].seq if len(shown) > PAGE else None,
            before is None,
            conversation.last_seq,
            by,
            name or "",
            by is not None and about_of(conversation) == about,
        )

    async def newest(self, session: AsyncSession, conversation_id: int) -> int:
        wanted = select(Conversation.last_seq).where(Conversation.id == conversation_id)
        return await session.scalar(wanted) or 0

    async def take(
        self, session: AsyncSession, conversation_id: int, staff: Staff, *, about: str, now: datetime
    ) -> None:
        conversation = await self._lock(session, conversation_id)
        if await self._holding.is_taken(session, conversation):
            name = await session.scalar(select(Staff.display_name).where(Staff.id == conversation.held_by))
            raise ChatHeld(number=about.partition(":")[2], by=name or "")
        await self._holding.begin(session, conversation, staff.id, {"about": about}, now=now)

    async def say(
        self, session: AsyncSession, conversation_id: int, staff: Staff, text: str, *, about: str, now: datetime
    ) -> None:
        conversation = await self._lock(session, conversation_id)
        if not _is_theirs(conversation, staff, about):
            raise ChatNotHeld
        conversation.held_at = now
        await session.flush()
        reply = StaffWordsReply("", staff.display_name, text)
        await self._outbox.post(session, conversation_id, [reply], speaker=Speaker.STAFF)

    async def give_back(self, session: AsyncSession, conversation_id: int, staff: Staff, *, about: str) -> None:
        conversation = await self._lock(session, conversation_id)
        if _is_theirs(conversation, staff, about):
            await self._holding.end(session, conversation)
            await self._outbox.post(session, conversation_id, [HeldReply("left")])

    async def _lock(self, session: AsyncSession, conversation_id: int) -> Conversation:
        conversation = await self._holding.lock(session, conversation_id)
        if conversation is None:
            raise NoChat(number="")
        return conversation


def _is_theirs(conversation: Conversation, staff: Staff, about: str) -> bool:
    return conversation.held_by == staff.id and about_of(conversation) == about


async def _first_seq(session: AsyncSession, conversation_id: int, since: datetime) -> int:
    """The message with which it began, and BEFORE messages more."""
    of_it = (Message.conversation_id == conversation_id, ~Message.forgotten)
    began = await session.scalar(select(func.min(Message.seq)).where(*of_it, Message.at >= since))
    if began is None:
        return 0
    earlier = select(Message.seq).where(*of_it, Message.seq < began).order_by(Message.seq.desc()).limit(BEFORE)
    return min([began, *(int(seq) for seq in await session.scalars(earlier))])
