"""重办: what happens when the person says it is not solved, to the bot (`filing`) or to somebody who calls (`desk`).

Explained by law or closed for form: linked and told again, not opened. Else once at the question whether it is
solved; a second time the head decides. What was solved and comes back within 30 days is opened one level up each time.
A different person gets it, and the clock begins anew.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.tickets.cabinet import Cabinet
from handlers.tickets.models import Entry, Ticket
from handlers.tickets.queues import Queues
from handlers.tickets.tasks import TaskKind, Tasks
from handlers.tickets.telling import Telling
from handlers.tickets.ticket import Closing, Move, State
from handlers.tickets.timeline import SYSTEM, Actor, EntryKind

COMES_BACK_WITHIN = timedelta(days=30)
"""A matter closed as solved that was not, or that recurs, is opened again within so long."""


class Objection(StrEnum):
    """What came of it."""

    REOPENED = "reopened"
    LINKED = "linked"  # written down, and told again
    TO_HEAD = "to_head"  # not solved a second time


class Reopening:
    def __init__(self, cabinet: Cabinet, queues: Queues, telling: Telling, tasks: Tasks) -> None:
        self._cabinet = cabinet
        self._queues = queues
        self._telling = telling
        self._tasks = tasks

    async def object(
        self,
        session: AsyncSession,
        ticket: Ticket,
        words: str,
        *,
        actor: Actor,
        now: datetime,
        chat: int | None = None,
    ) -> Objection:
        """Not solved, or it came back; `chat`: where it was said, and is answered in the same turn."""
        state, closing = State(ticket.state), Closing(ticket.closing or Closing.SOLVED)
        ended_at = ticket.heard_at or ticket.answered_at or ticket.state_since
        comes_back = state is State.HEARD and bool(ticket.solved) and now <= ended_at + COMES_BACK_WITHIN
        is_second = state is State.ANSWERED and await self._was_unsolved(session, ticket)
        if closing is Closing.SOLVED and (comes_back or (state is State.ANSWERED and not is_second)):
            await self.open_again(session, ticket, actor=actor, now=now, reason=words or "—", chat=chat)
            return Objection.REOPENED
        await self._tasks.settle(session, ticket, TaskKind.CALL, actor=actor, now=now)
        await self._cabinet.write(
            session, ticket, EntryKind.OBJECTED, actor=actor, now=now, data={"reopened": False}, text=words
        )
        if state is State.ANSWERED:
            await self._cabinet.move(session, ticket, Move.HEAR, actor=actor, now=now, data={"solved": False})
            ticket.solved, ticket.heard_at = False, now
        await self._cabinet.settle(session, ticket)
        if is_second and closing is Closing.SOLVED:
            await self._tasks.open(session, ticket, TaskKind.UNSOLVED, now=now)
            return Objection.TO_HEAD
        await self._telling.handler_of(session, ticket, "objected", now=now)
        return Objection.LINKED

    async def open_again(
        self,
        session: AsyncSession,
        ticket: Ticket,
        *,
        actor: Actor,
        now: datetime,
        reason: str,
        chat: int | None = None,
    ) -> None:
        """One level up, to somebody else, with a new clock."""
        before = ticket.handler_id
        data = {"level": ticket.level + 1, "unsolved": ticket.state == str(State.ANSWERED)}
        await self._cabinet.move(session, ticket, Move.REOPEN, actor=actor, now=now, reason=reason, data=data)
        for kind in (TaskKind.CALL, TaskKind.UNSOLVED):
            await self._tasks.settle(session, ticket, kind, actor=actor, now=now)
        ticket.level += 1
        ticket.solved, ticket.satisfaction, ticket.asked_again = False, None, 0
        self._cabinet.clockwork.begin(ticket, now)
        others = frozenset({before} if before else ())
        handler = None
        if ticket.queue_id is not None:
            handler = await self._queues.next_in_turn(session, ticket.queue_id, other_than=others)
        await self._cabinet.assign(session, ticket, handler, actor=SYSTEM, now=now)
        await self._cabinet.settle(session, ticket)
        await self._telling.of_reopened(session, ticket, now=now, but=chat)

    async def _was_unsolved(self, session: AsyncSession, ticket: Ticket) -> bool:
        """Whether it was opened again before because the person said at the question that it was not solved."""
        moves = await session.scalars(
            select(Entry.data).where(Entry.ticket_id == ticket.id, Entry.kind == str(EntryKind.MOVED))
        )
        return any(data.get("move") == str(Move.REOPEN) and data.get("unsolved") for data in moves)
