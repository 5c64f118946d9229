"""任务: what staff must do beside the moves, with a clock of one working day."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Moment, Timers
from bot.errors import UserFacingError
from handlers.tickets.cabinet import Cabinet
from handlers.tickets.models import Task, Ticket
from handlers.tickets.telling import Telling
from handlers.tickets.ticket import Role
from handlers.tickets.timeline import SYSTEM, Actor, EntryKind

TIMER = "ticket.task"


class TaskKind(StrEnum):
    CALL = "call"  # no message reached them, or they did not answer: call
    BAD_RATING = "bad_rating"  # 不满意: find out why
    UNSOLVED = "unsolved"  # not solved a second time: the head decides


class NoSuchTask(UserFacingError):
    code = "no_such_task"


class Tasks:
    def __init__(self, cabinet: Cabinet, timers: Timers, telling: Telling) -> None:
        self._cabinet = cabinet
        self._timers = timers
        self._telling = telling

    async def open(self, session: AsyncSession, ticket: Ticket, kind: TaskKind, *, now: datetime) -> Task:
        """One of a kind a ticket at a time."""
        found = await session.scalar(
            select(Task).where(Task.ticket_id == ticket.id, Task.kind == str(kind), Task.done_at.is_(None))
        )
        if found is not None:
            return found
        due_at = self._cabinet.clockwork.task_due(ticket, now)
        task = Task(ticket_id=ticket.id, kind=str(kind), at=now, due_at=due_at, staff_id=ticket.handler_id)
        session.add(task)
        await self._cabinet.write(
            session, ticket, EntryKind.TASK, actor=SYSTEM, now=now, data={"task": str(kind), "state": "open"}
        )
        await session.flush()
        await self._timers.set(session, TIMER, key=f"task:{task.id}", at=due_at, data={"task": task.id})
        role = Role.HEAD if kind is TaskKind.UNSOLVED else None
        await self._telling.of_task(session, ticket, str(kind), due_at, now=now, leader=role)
        return task

    async def settle(
        self, session: AsyncSession, ticket: Ticket, kind: TaskKind, *, actor: Actor, now: datetime
    ) -> None:
        """What it was for has happened another way; nothing where there is none."""
        wanted = select(Task.id).where(Task.ticket_id == ticket.id, Task.kind == str(kind), Task.done_at.is_(None))
        if await session.scalar(wanted) is not None:
            await self.done(session, ticket, kind, "", actor=actor, now=now)

    async def done(
        self, session: AsyncSession, ticket: Ticket, kind: TaskKind, words: str, *, actor: Actor, now: datetime
    ) -> None:
        """What came of it. Raises NoSuchTask."""
        task = await session.scalar(
            select(Task)
            .where(Task.ticket_id == ticket.id, Task.kind == str(kind), Task.done_at.is_(None))
            .with_for_update()
        )
        if task is None:
            raise NoSuchTask(number=ticket.number, task=str(kind))
        task.done_at = now
        await self._timers.drop(session, f"task:{task.id}")
        await self._cabinet.write(
            session, ticket, EntryKind.TASK, actor=actor, now=now, data={"task": str(kind), "state": "done"}, text=words
        )
        await session.flush()

    async def hand_over(self, session: AsyncSession, leaver: int) -> None:
        """The open tasks of somebody who leaves go to whoever has the ticket now."""
        await session.execute(
            update(Task)
            .where(Task.staff_id == leaver, Task.done_at.is_(None))
            .values(staff_id=select(Ticket.handler_id).where(Ticket.id == Task.ticket_id).scalar_subquery())
            .execution_options(synchronize_session=False)
        )

    async def on_due(self, session: AsyncSession, moment: Moment) -> None:
        """A task that nobody did goes to the supervisor."""
        ticket_id = await session.scalar(select(Task.ticket_id).where(Task.id == moment.data["task"]))
        if ticket_id is None:
            return
        # The ticket first, as everybody else does: else two would wait for each other.
        ticket = await self._cabinet.lock_now(session, ticket_id)
        task = await session.get_one(Task, moment.data["task"], with_for_update=True)
        if task.done_at is not None:
            return
        await self._cabinet.write(
            session, ticket, EntryKind.BREACHED, actor=SYSTEM, now=moment.now, data={"task": task.kind}
        )
        await session.flush()
        role = Role.HEAD if task.kind == str(TaskKind.UNSOLVED) else Role.SUPERVISOR
        due_at = task.due_at
        await self._telling.of_task(session, ticket, task.kind, due_at, now=moment.now, leader=role, overdue=True)
