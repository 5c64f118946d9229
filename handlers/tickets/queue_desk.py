"""What the console does with queues: in the scope of whoever does it, each act a line in the audit."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.staff import audit
from bot.staff.accounts import NoSuchAccount
from bot.staff.audit import AuditAction, Subject
from bot.staff.models import Staff
from bot.staff.roles import Scope
from handlers.tickets.desk import Desk
from handlers.tickets.desk_queues import ChatUnfit, QueueExists, is_chat
from handlers.tickets.models import Queue, QueueMember
from handlers.tickets.queues import NoSuchQueue, Queues
from handlers.tickets.ticket import Category


class NameMissing(UserFacingError):
    code = "name_missing"


class MemberUnfit(UserFacingError):
    """Serves another place than the queue, or is gone. Data: name."""

    code = "member_unfit"


@dataclass(frozen=True)
class QueueDraft:
    """What can be said of a queue beside its place and category."""

    name: str
    telegram_chat: str
    shares: bool

    def checked(self) -> QueueDraft:
        """Tidied. Raises NameMissing, ChatUnfit."""
        name = " ".join(self.name.split())[:60]
        chat = unicodedata.normalize("NFKC", self.telegram_chat).strip()
        if not name:
            raise NameMissing
        if chat and not is_chat(chat):
            raise ChatUnfit(chat=chat[:40])
        return QueueDraft(name, chat, self.shares)


def suits(queue: Queue, staff: Staff) -> bool:
    """Whether somebody can work a queue: they serve its place, or one that lies within it."""
    return staff.scope.covers(queue.region) or Scope(queue.region).covers(staff.region)


class QueueDesk:
    def __init__(self, queues: Queues, desk: Desk) -> None:
        self._queues = queues
        self._desk = desk

    async def access(self, session: AsyncSession, actor: Staff, queue_id: int) -> Queue:
        """The only door to a queue that is to be changed. Raises NoSuchQueue for another region's, too."""
        wanted = select(Queue).where(Queue.id == queue_id).with_for_update()
        found = await session.scalar(wanted.execution_options(populate_existing=True))
        if found is None or not actor.scope.covers(found.region):
            raise NoSuchQueue(name=str(queue_id))
        return found

    async def add(
        self, session: AsyncSession, actor: Staff, draft: QueueDraft, *, region: str, category: Category, now: datetime
    ) -> Queue:
        """Raises NameMissing, ChatUnfit, QueueExists. Whether the region is the actor's, the caller has asked."""
        draft = draft.checked()
        queue = Queue(region=region, category=str(category), name=draft.name, shares=draft.shares)
        queue.telegram_chat = draft.telegram_chat or None
        session.add(queue)
        await self._flush(session, draft.name)
        await self._note(session, actor, queue, {"added": True, "region": region, "category": str(category)}, now)
        return queue

    async def change(
        self, session: AsyncSession, actor: Staff, queue_id: int, draft: QueueDraft, *, now: datetime
    ) -> Queue:
        """Raises NoSuchQueue, NameMissing, ChatUnfit, QueueExists."""
        draft = draft.checked()
        queue = await self.access(session, actor, queue_id)
        after = {"name": draft.name, "telegram_chat": draft.telegram_chat or None, "shares": draft.shares}
        changed = [key for key, value in after.items() if getattr(queue, key) != value]
        if changed:
            for key in changed:
                setattr(queue, key, after[key])
            await self._flush(session, draft.name)
            await self._note(session, actor, queue, {"changed": changed}, now)
        return queue

    async def join(self, session: AsyncSession, actor: Staff, queue_id: int, staff_id: int, *, now: datetime) -> None:
        """Raises NoSuchQueue, NoSuchAccount, MemberUnfit."""
        queue = await self.access(session, actor, queue_id)
        staff = await session.get(Staff, staff_id)
        if staff is None or not actor.scope.covers(staff.region):
            raise NoSuchAccount(username=str(staff_id))
        if staff.disabled_at is not None or not suits(queue, staff):
            raise MemberUnfit(name=staff.display_name)
        if await self._queues.has(session, queue.id, staff_id):
            return
        await self._queues.join(session, queue, staff_id)
        await self._note_member(session, actor, queue, staff_id, now, joined=True)

    async def leave(self, session: AsyncSession, actor: Staff, queue_id: int, staff_id: int, *, now: datetime) -> None:
        """Raises NoSuchQueue, NoSuchAccount for whoever is no member."""
        queue = await self.access(session, actor, queue_id)
        if not await self._queues.has(session, queue.id, staff_id):
            raise NoSuchAccount(username=str(staff_id))
        await self.part(session, actor, queue, staff_id, now=now)

    async def part(self, session: AsyncSession, actor: Staff, queue: Queue, staff_id: int, *, now: datetime) -> None:
        """Out of a queue, for whoever may do it anyhow."""
        await self._queues.leave(session, queue, staff_id)
        await self._note_member(session, actor, queue, staff_id, now, joined=False)

    async def hand_over(
        self, session: AsyncSession, actor: Staff, leaver: int, to: int | None, *, now: datetime
    ) -> int:
        """All that somebody has in hand, to a colleague or by turns. -> how many

        Raises NoSuchAccount for people of another region, AssigneeUnfit.
        """
        if to is not None:
            heir = await session.get(Staff, to)
            if heir is None or to == leaver or not actor.scope.covers(heir.region):
                raise NoSuchAccount(username=str(to))
        count = await self._desk.hand_over(session, actor, leaver, to, now=now)
        if count:
            data = {"handed_over": count, "to": to}
            subject = Subject("staff", str(leaver))
            await audit.append(
                session, AuditAction.QUEUES_ASSIGNED, actor=_as_actor(actor), subject=subject, at=now, data=data
            )
        return count

    async def members(self, session: AsyncSession, queue_id: int) -> list[Staff]:
        """All of a queue who have an account, by name."""
        wanted = (
            select(Staff)
            .join(QueueMember, QueueMember.staff_id == Staff.id)
            .where(QueueMember.queue_id == queue_id, Staff.disabled_at.is_(None))
        )
        return list(await session.scalars(wanted.order_by(Staff.login)))

    async def _flush(self, session: AsyncSession, name: str) -> None:
        try:
            await session.flush()
        except IntegrityError:
            raise QueueExists(name=name) from None

    async def _note(
        self, session: AsyncSession, actor: Staff, queue: Queue, data: dict[str, object], now: datetime
    ) -> None:
        await audit.append(
            session,
            AuditAction.QUEUE_CHANGED,
            actor=_as_actor(actor),
            subject=Subject("queue", str(queue.id)),
            at=now,
            data=data,
        )

    async def _note_member(
        self, session: AsyncSession, actor: Staff, queue: Queue, staff_id: int, now: datetime, *, joined: bool
    ) -> None:
        await audit.append(
            session,
            AuditAction.QUEUES_ASSIGNED,
            actor=_as_actor(actor),
            subject=Subject("staff", str(staff_id)),
            at=now,
            data={"queue": queue.id, "joined": joined},
        )


def _as_actor(staff: Staff) -> audit.Actor:
    return audit.Actor(audit.ActorKind.STAFF, staff.id)
