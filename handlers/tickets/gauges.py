"""What `/metrics` tells of tickets: how many are open, late, unclaimed, and waiting for a call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.tickets.models import Task, Ticket
from handlers.tickets.ticket import OPEN

STILL_OPEN = Ticket.state.in_([str(state) for state in OPEN])


async def count_tickets(session: AsyncSession, now: datetime) -> dict[str, float]:
    """Numbers over all places; nothing that tells of a person."""
    opened, late, breached, unclaimed = (
        await session.execute(
            select(
                func.count(),
                func.count().filter(Ticket.answer_due < now),
                func.count().filter(Ticket.breached_at.is_not(None)),
                func.count().filter(Ticket.handler_id.is_(None)),
            ).where(STILL_OPEN)
        )
    ).one()
    tasks = select(func.count(), func.count().filter(Task.due_at < now)).where(Task.done_at.is_(None))
    waiting, overdue = (await session.execute(tasks)).one()
    return {
        "tickets_open": opened,
        "tickets_late": late,
        "tickets_breached": breached,
        "tickets_unclaimed": unclaimed,
        "tasks_open": waiting,
        "tasks_late": overdue,
    }
