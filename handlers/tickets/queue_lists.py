"""Queues, their people and what those have in hand, as the console lists them; all within a scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff, is_within
from bot.staff.roles import EVERYWHERE, Scope
from handlers.tickets.models import Queue, QueueMember, Ticket
from handlers.tickets.queues import WORKING, Ancestors, NoSuchQueue
from handlers.tickets.staff_work import IN_HAND
from handlers.tickets.ticket import OPEN

PAGE = 60


@dataclass(frozen=True)
class QueueRow:
    queue: Queue
    members: Sequence[Staff]
    open: int

    @property
    def there(self) -> int:
        """How many get its work now."""
        return sum(one.on_duty and one.role in WORKING for one in self.members)


class QueueLists:
    def __init__(self, ancestors: Ancestors) -> None:
        self._ancestors = ancestors

    async def look(self, session: AsyncSession, scope: Scope, queue_id: int) -> Queue:
        """To be read only. Raises NoSuchQueue for another region's, too."""
        found = await session.get(Queue, queue_id)
        if found is None or not scope.covers(found.region):
            raise NoSuchQueue(name=str(queue_id))
        return found

    async def queues(self, session: AsyncSession, scope: Scope, *, page: int) -> tuple[list[QueueRow], int]:
        """By place and category. -> (one page, how many there are in all)"""
        within = is_within(scope, Queue.region)
        found = list(
            await session.scalars(
                select(Queue).where(within).order_by(Queue.region, Queue.category).limit(PAGE).offset(PAGE * (page - 1))
            )
        )
        ids = [queue.id for queue in found]
        counts = await session.execute(
            select(Ticket.queue_id, func.count())
            .where(Ticket.queue_id.in_(ids), Ticket.state.in_([*map(str, OPEN)]))
            .group_by(Ticket.queue_id)
        )
        opened = {queue_id: count for queue_id, count in counts}  # noqa: C416  # rows are no tuples for dict()
        members: dict[int, list[Staff]] = {}
        rows = await session.execute(
            select(QueueMember.queue_id, Staff)
            .join(Staff, Staff.id == QueueMember.staff_id)
            .where(QueueMember.queue_id.in_(ids), Staff.disabled_at.is_(None))
            .order_by(Staff.login)
        )
        for queue_id, staff in rows:
            members.setdefault(queue_id, []).append(staff)
        count = await session.scalar(select(func.count()).select_from(Queue).where(within)) or 0
        return [QueueRow(one, members.get(one.id, ()), opened.get(one.id, 0)) for one in found], count

    async def candidates(self, session: AsyncSession, scope: Scope, queue: Queue) -> list[Staff]:
        """Who could be added: of the scope, serving the queue's place or one within it, and not in it yet."""
        above = [*self._ancestors(queue.region), queue.region, EVERYWHERE]
        inside = select(QueueMember.staff_id).where(QueueMember.queue_id == queue.id)
        wanted = select(Staff).where(
            is_within(scope, Staff.region),
            or_(Staff.region.in_(above), is_within(Scope(queue.region), Staff.region)),
            Staff.disabled_at.is_(None),
            Staff.id.not_in(inside),
        )
        return list(await session.scalars(wanted.order_by(Staff.login)))

    async def busy(self, session: AsyncSession, scope: Scope) -> list[tuple[Staff, int]]:
        """Who of the scope has anything in hand, disabled ones too; most first."""
        count = func.count(Ticket.id)
        rows = await session.execute(
            select(Staff, count)
            .join(Ticket, Ticket.handler_id == Staff.id)
            .where(is_within(scope, Staff.region), Ticket.state.in_(IN_HAND))
            .group_by(Staff.id)
            .order_by(count.desc(), Staff.login)
        )
        return [(staff, number) for staff, number in rows]

    async def in_hand(self, session: AsyncSession, staff_id: int) -> list[tuple[str, int]]:
        """What one has in hand, by the names of queues; empty for what lies in none."""
        rows = await session.execute(
            select(func.coalesce(Queue.name, ""), func.count(Ticket.id))
            .select_from(Ticket)
            .outerjoin(Queue, Queue.id == Ticket.queue_id)
            .where(Ticket.handler_id == staff_id, Ticket.state.in_(IN_HAND))
            .group_by(Queue.name)
            .order_by(Queue.name)
        )
        return [(name, number) for name, number in rows]
