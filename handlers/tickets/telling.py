"""Who is told what of a ticket: the person in the chat they came from, the handler, the queue's group, the leaders.

Everything goes into the outbox in the transaction of what happened. Staff messages carry number, category, place and
clock, never names, phones or what was told. News for the person waits for the end of the quiet hours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Timers
from bot.messages import Address, ChannelName, Reply, Shown, Speaker
from bot.models import Conversation, Message
from bot.outbox import Priority
from bot.staff.chats import REPEAT_EVERY
from bot.staff.models import Staff
from handlers.tickets.cabinet import Cabinet
from handlers.tickets.models import Attachment, Queue, QueueMember, Ticket
from handlers.tickets.replies import (
    AnsweredReply,
    CardReply,
    NewsReply,
    StaffFileReply,
    StaffWordsReply,
    TaskReply,
)
from handlers.tickets.ticket import OPEN, Role, State
from handlers.tickets.ticket import Priority as Urgency
from handlers.tickets.views import Viewer

UNCLAIMED_TIMER = "ticket.unclaimed"
UNREAD_TIMER = "ticket.unread"


class Posting(Protocol):
    """The part of the outbox that is needed."""

    async def post(
        self,
        session: AsyncSession,
        conversation_id: int,
        replies: Sequence[Reply],
        *,
        priority: Priority = Priority.NEWS,
        speaker: Speaker = Speaker.BOT,
        due_at: datetime | None = None,
        purpose: str = "",
        once: bool = False,
    ) -> list[Shown]: ...

    async def alert(self, session: AsyncSession, address: Address, reply: Reply, *, purpose: str = "") -> None: ...


class Telling:
    def __init__(
        self,
        cabinet: Cabinet,
        viewer: Viewer,
        outbox: Posting,
        timers: Timers,
        *,
        bot: str,
        staff_chat: str | None,
        after_quiet: Callable[[datetime], datetime | None],
    ) -> None:
        self._cabinet = cabinet
        self._viewer = viewer
        self._outbox = outbox
        self._timers = timers
        self._bot = bot
        """Id of the Telegram bot; empty without one."""
        self._staff_chat = staff_chat
        """The group of the settings, where a queue has none of its own."""
        self._after_quiet = after_quiet

    # -- the person ---------------------------------------------------------------------------------------

    async def person(
        self,
        session: AsyncSession,
        ticket: Ticket,
        what: str,
        *,
        now: datetime,
        text: str = "",
        door: str = "",
        but: int | None = None,
    ) -> bool:
        """News of what happened, to all its chats `but` the one that is told in its own turn. -> whether any is told"""
        chats = [chat for chat in await self._cabinet.conversations_of(session, ticket) if chat != but]
        if not chats:
            return False
        view = await self._viewer.of(session, ticket, now=now)
        return await self._post(session, ticket, NewsReply(what, view, text, door), now=now, chats=chats)

    async def words(
        self,
        session: AsyncSession,
        ticket: Ticket,
        text: str,
        *,
        files: Sequence[Attachment] = (),
        staff_name: str,
        now: datetime,
    ) -> bool:
        """What a clerk writes, as a clerk, and after it what they send along."""
        number = ticket.number
        sent = [StaffFileReply(number, staff_name, str(one.id), one.name, one.media_type) for one in files]
        replies = (StaffWordsReply(number, staff_name, text), *sent)
        return await self._post(session, ticket, *replies, now=now, speaker=Speaker.STAFF, at_once=True)

    async def answered(self, session: AsyncSession, ticket: Ticket, text: str, *, now: datetime) -> bool:
        """The answer, with the question whether it is solved."""
        if not (chats := await self._cabinet.conversations_of(session, ticket)):
            return False
        view = await self._viewer.of(session, ticket, now=now)
        return await self._post(session, ticket, AnsweredReply.of(view, text), now=now, chats=chats)

    async def ask_again(self, session: AsyncSession, ticket: Ticket, *, now: datetime) -> bool:
        view = await self._viewer.of(session, ticket, now=now)
        return await self._post(session, ticket, AnsweredReply.of(view, "", again=True), now=now)

    async def _post(
        self,
        session: AsyncSession,
        ticket: Ticket,
        *replies: Reply,
        now: datetime,
        speaker: Speaker = Speaker.BOT,
        at_once: bool = False,
        chats: Sequence[int] | None = None,
    ) -> bool:
        """-> whether there is a chat that it reaches"""
        if chats is None:
            chats = await self._cabinet.conversations_of(session, ticket)
        if not chats:
            return False
        due_at = None if at_once else self._after_quiet(now)
        found = await session.execute(
            select(Conversation.id, Conversation.channel, Conversation.unreachable_at).where(Conversation.id.in_(chats))
        )
        channels = {row.id: row for row in found}
        for chat in chats:
            await self._outbox.post(session, chat, replies, speaker=speaker, due_at=due_at, purpose=_purpose(ticket))
            if channels[chat].channel == str(ChannelName.WEBCHAT):
                await self.watch_reading(session, ticket, chat, since=now)
        return any(row.unreachable_at is None for row in channels.values())

    async def watch_reading(self, session: AsyncSession, ticket: Ticket, chat: int, *, since: datetime) -> None:
        """News waits in a web chat until somebody looks; one timer a chat, for the oldest that is not read."""
        at = self._cabinet.clockwork.unread_until(ticket, since)
        data = {"ticket": ticket.id, "conversation": chat}
        await self._timers.set_once(session, UNREAD_TIMER, key=f"{UNREAD_TIMER}:{ticket.id}:{chat}", at=at, data=data)

    async def unread_since(self, session: AsyncSession, ticket: Ticket, chat: int) -> datetime | None:
        """Since when news waits in that chat; None when all is read, or the chat has been let go."""
        if chat not in await self._cabinet.conversations_of(session, ticket):
            return None
        return await session.scalar(
            select(Message.at)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.conversation_id == chat, Message.pushed, Message.seq > Conversation.seen_seq)
            .order_by(Message.seq)
            .limit(1)
        )

    # -- staff --------------------------------------------------------------------------------------------

    async def of_new(
        self, session: AsyncSession, ticket: Ticket, queue: Queue, *, now: datetime, why: str = "new"
    ) -> None:
        """A card for the queue's group; a crisis or mass matter is repeated until somebody has it."""
        if is_grave(ticket):
            await self.everybody(session, ticket, why, now=now)
        else:
            await self.group(session, ticket, why, now=now, queue=queue)
        await self.watch_claim(session, ticket, now=now)
        await self._to_handler(session, ticket, "assigned", now=now)

    async def watch_claim(self, session: AsyncSession, ticket: Ticket, *, now: datetime) -> None:
        """A crisis or mass matter that nobody has is told again until somebody has it."""
        if is_grave(ticket) and _is_unclaimed(ticket):
            key = f"{UNCLAIMED_TIMER}:{ticket.id}"
            await self._timers.set(session, UNCLAIMED_TIMER, key=key, at=now + REPEAT_EVERY, data={"ticket": ticket.id})

    async def on_unclaimed(self, session: AsyncSession, ticket: Ticket, *, now: datetime) -> None:
        """Still nobody: once more, and again later."""
        if is_grave(ticket) and _is_unclaimed(ticket):
            await self.group(session, ticket, "unclaimed", now=now)
            await self.watch_claim(session, ticket, now=now)

    async def of_reopened(
        self, session: AsyncSession, ticket: Ticket, *, now: datetime, but: int | None = None
    ) -> None:
        await self.person(session, ticket, "reopened", now=now, but=but)
        await self.everybody(session, ticket, "reopened", now=now)
        await self.watch_claim(session, ticket, now=now)
        await self._to_handler(session, ticket, "assigned", now=now)

    async def of_task(
        self,
        session: AsyncSession,
        ticket: Ticket,
        kind: str,
        due_at: datetime,
        *,
        now: datetime,
        leader: Role | None = None,
        overdue: bool = False,
    ) -> None:
        """For whoever has the ticket; for leaders of this role too, and where nobody has it."""
        if not self._bot:
            return
        card = await self._viewer.card(session, ticket, now=now)
        reply = TaskReply.of(kind, card, due_at, overdue=overdue)
        told = ticket.handler_id is not None and await self._to_staff(session, ticket.handler_id, reply)
        if leader is not None or not told:
            told = await self._to_leaders(session, ticket, reply, role=leader or Role.SUPERVISOR) or told
        if not told:
            await self._to_group(session, ticket, reply)

    async def holder(self, session: AsyncSession, staff_id: int, reply: Reply) -> None:
        """Whoever has taken over a chat, in their own; the console shows it anyhow."""
        await self._to_staff(session, staff_id, reply)

    async def of_unsealing(self, session: AsyncSession, staff_id: int, ticket: Ticket, why: str, now: datetime) -> None:
        """Only this one: that somebody asks who is behind a ticket is nobody else's business."""
        if self._bot:
            card = await self._viewer.card(session, ticket, now=now)
            await self._to_staff(session, staff_id, CardReply.of(why, card, open_only=True))

    async def handler_of(self, session: AsyncSession, ticket: Ticket, why: str, *, now: datetime) -> None:
        """Whoever has it, in their own chat with the bot; the group where nobody has, or they have no such chat."""
        if not await self._to_handler(session, ticket, why, now=now):
            await self.group(session, ticket, why, now=now)

    async def _to_handler(self, session: AsyncSession, ticket: Ticket, why: str, *, now: datetime) -> bool:
        if not self._bot or ticket.handler_id is None:
            return False
        card = await self._viewer.card(session, ticket, now=now)
        return await self._to_staff(session, ticket.handler_id, CardReply.of(why, card, open_only=True))

    async def leaders(
        self, session: AsyncSession, ticket: Ticket, why: str, *, now: datetime, role: Role = Role.SUPERVISOR
    ) -> None:
        """Supervisors (or the head) whose region holds the ticket's place; the group where we can reach none."""
        if self._bot and not await self._leaders_told(session, ticket, why, now=now, role=role):
            await self.group(session, ticket, why, now=now)

    async def everybody(
        self, session: AsyncSession, ticket: Ticket, why: str, *, now: datetime, role: Role = Role.SUPERVISOR
    ) -> None:
        """The group, and leaders of this role."""
        await self.group(session, ticket, why, now=now)
        if self._bot:
            await self._leaders_told(session, ticket, why, now=now, role=role)

    async def _leaders_told(
        self, session: AsyncSession, ticket: Ticket, why: str, *, now: datetime, role: Role
    ) -> bool:
        card = await self._viewer.card(session, ticket, now=now)
        return await self._to_leaders(session, ticket, CardReply.of(why, card, open_only=True), role=role)

    async def group(
        self, session: AsyncSession, ticket: Ticket, why: str, *, now: datetime, queue: Queue | None = None
    ) -> None:
        """A card with buttons for the staff group of the queue."""
        if self._bot:
            card = await self._viewer.card(session, ticket, now=now)
            await self._to_group(session, ticket, CardReply.of(why, card), queue=queue)

    async def _to_group(
        self, session: AsyncSession, ticket: Ticket, reply: Reply, *, queue: Queue | None = None
    ) -> None:
        queue = queue or (await session.get(Queue, ticket.queue_id) if ticket.queue_id else None)
        chat = (queue.telegram_chat if queue else None) or self._staff_chat
        if not chat:
            return
        address = Address(ChannelName.TELEGRAM, chat, self._bot)
        await self._outbox.alert(session, address, reply, purpose=f"card:{ticket.number}")

    async def name_of_staff(self, session: AsyncSession, staff_id: int) -> str:
        return await session.scalar(select(Staff.display_name).where(Staff.id == staff_id)) or ""

    async def _to_leaders(
        self, session: AsyncSession, ticket: Ticket, reply: Reply, *, role: Role = Role.SUPERVISOR
    ) -> bool:
        """-> whether it reached one"""
        reached = [
            await self._to_staff(session, staff_id, reply) for staff_id in await self._leaders_of(session, ticket, role)
        ]
        return any(reached)

    async def _leaders_of(self, session: AsyncSession, ticket: Ticket, role: Role) -> list[int]:
        """Those of the queue, else those whose region holds its place; a head where there is no supervisor."""
        rows = await session.execute(
            select(Staff.id, Staff.region, Staff.role, QueueMember.queue_id)
            .outerjoin(QueueMember, (QueueMember.staff_id == Staff.id) & (QueueMember.queue_id == ticket.queue_id))
            .where(Staff.disabled_at.is_(None), Staff.role.in_([str(Role.SUPERVISOR), str(Role.HEAD)]))
            .order_by(Staff.id)
        )
        found = [row for row in rows if row.queue_id is not None or self._viewer.covers(row.region, ticket.region)]
        wanted = [row.id for row in found if row.role == str(role)]
        return wanted or [row.id for row in found]

    async def _to_staff(self, session: AsyncSession, staff_id: int, reply: Reply) -> bool:
        """In their private chat with the bot. -> False if they have not begun one (/start), or blocked it"""
        telegram_id = await session.scalar(select(Staff.telegram_id).where(Staff.id == staff_id))
        if not telegram_id or not self._bot:
            return False
        conversation = await session.scalar(
            select(Conversation.id).where(
                Conversation.channel == str(ChannelName.TELEGRAM),
                Conversation.bot == self._bot,
                Conversation.chat == str(telegram_id),
                Conversation.unreachable_at.is_(None),
            )
        )
        if conversation is None:
            return False
        await self._outbox.post(session, conversation, [reply], priority=Priority.ALERT)
        return True


def _purpose(ticket: Ticket) -> str:
    return f"ticket:{ticket.number}"


def _is_unclaimed(ticket: Ticket) -> bool:
    return ticket.handler_id is None and State(ticket.state) in OPEN


def is_grave(ticket: Ticket) -> bool:
    """A crisis or a mass matter: on top of the supervisor's queue."""
    return ticket.is_group or ticket.priority == str(Urgency.URGENT)
