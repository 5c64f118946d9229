"""The work that staff have, as the pages of accounts ask for it (`bot.staff.ports.StaffWork`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff, is_within
from bot.staff.roles import Scope
from handlers.tickets.desk import Desk
from handlers.tickets.models import Queue, QueueMember, Ticket
from handlers.tickets.queue_desk import QueueDesk, suits
from handlers.tickets.queues import Queues
from handlers.tickets.ticket import OPEN, State

IN_HAND = (*map(str, OPEN), str(State.ANSWERED))
"""What somebody who leaves hands over: also what is answered and not heard yet."""


class DeskWork:
    def __init__(self, desk: Desk, queues: Queues) -> None:
        self._desk = desk
        self._queues = queues
        self._keeping = QueueDesk(queues, desk)

    async def open_of(self, session: AsyncSession, staff_ids: Sequence[int]) -> dict[int, int]:
        rows = await session.execute(
            select(Ticket.handler_id, func.count())
            .where(Ticket.handler_id.in_(staff_ids), Ticket.state.in_(IN_HAND))
            .group_by(Ticket.handler_id)
        )
        return {staff_id: count for staff_id, count in rows if staff_id is not None}

    async def queues_of(self, session: AsyncSession, staff_ids: Sequence[int]) -> dict[int, list[str]]:
        rows = await session.execute(
            select(QueueMember.staff_id, Queue.name)
            .join(Queue, Queue.id == QueueMember.queue_id)
            .where(QueueMember.staff_id.in_(staff_ids))
            .order_by(Queue.name)
        )
        found: dict[int, list[str]] = {}
        for staff_id, name in rows:
            found.setdefault(staff_id, []).append(name)
        return found

    async def offered(self, session: AsyncSession, scope: Scope) -> list[tuple[int, str]]:
        rows = await session.execute(
            select(Queue.id, Queue.name).where(is_within(scope, Queue.region)).order_by(Queue.region, Queue.name)
        )
        return [(queue_id, name) for queue_id, name in rows]

    async def join(
        self, session: AsyncSession, actor: Staff, staff: Staff, queue_ids: Sequence[int], *, now: datetime
    ) -> None:
        for queue_id in queue_ids:
            await self._keeping.join(session, actor, queue_id, staff.id, now=now)

    async def hand_over(
        self, session: AsyncSession, actor: Staff, leaver: Staff, to: int | None, *, now: datetime
    ) -> int:
        return await self._keeping.hand_over(session, actor, leaver.id, to, now=now)

    async def leave_elsewhere(self, session: AsyncSession, actor: Staff, staff: Staff, *, now: datetime) -> None:
        for queue in await self._queues.of_staff(session, staff.id):
            if not suits(queue, staff):
                await self._keeping.part(session, actor, queue, staff.id, now=now)
