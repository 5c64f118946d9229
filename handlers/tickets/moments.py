"""What happens when a ticket's moment comes: warnings, breaches, asking again, archiving. All are timer handlers."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Moment, TimerHandler
from handlers.tickets.cabinet import Cabinet
from handlers.tickets.clockwork import ASKING, TIMER, TO_BE_ARCHIVED, Mark
from handlers.tickets.models import Ticket
from handlers.tickets.tasks import TaskKind, Tasks
from handlers.tickets.telling import UNCLAIMED_TIMER, UNREAD_TIMER, Telling
from handlers.tickets.ticket import Move, Role, State, Supervision
from handlers.tickets.timeline import SYSTEM, EntryKind


class Moments:
    def __init__(self, cabinet: Cabinet, telling: Telling, tasks: Tasks) -> None:
        self._cabinet = cabinet
        self._telling = telling
        self._tasks = tasks

    @property
    def handlers(self) -> Mapping[str, TimerHandler]:
        return {TIMER: self.on_clock, UNCLAIMED_TIMER: self.on_unclaimed, UNREAD_TIMER: self.on_unread}

    async def on_clock(self, session: AsyncSession, moment: Moment) -> None:
        """Everything that has come by now, in the order of time; then the timer is set to what comes next."""
        ticket = await self._cabinet.lock_now(session, moment.data["ticket"])
        state = State(ticket.state)
        if state in ASKING:
            await self._ask_again(session, ticket, moment)
        elif state in TO_BE_ARCHIVED:
            await self._cabinet.move(session, ticket, Move.ARCHIVE, actor=SYSTEM, now=moment.now)
            if await self._cabinet.is_forgotten(session, ticket):
                await self._cabinet.erase_words(session, ticket, actor=SYSTEM, now=moment.now)
        else:
            for mark in self._cabinet.clockwork.due_marks(ticket, moment.now):
                await self._warn(session, ticket, mark, moment)
        await self._cabinet.settle(session, ticket)

    async def _warn(self, session: AsyncSession, ticket: Ticket, mark: Mark, moment: Moment) -> None:
        ticket.warned = [*ticket.warned, mark.name]
        kind = EntryKind.BREACHED if mark.is_breach else EntryKind.WARNED
        data = {"hand": str(mark.hand), "share": mark.share, "due": mark.at.isoformat()}
        if mark.is_breach:
            ticket.breached_at = ticket.breached_at or mark.at
            ticket.supervision = min(ticket.supervision + 1, Supervision.RED)
            data["supervision"] = ticket.supervision
        await self._cabinet.write(session, ticket, kind, actor=SYSTEM, now=moment.now, data=data)
        why = f"{mark.hand}_{mark.share}"
        if mark.share >= 100:
            await self._telling.everybody(session, ticket, why, now=moment.now, role=Role.HEAD)
        elif mark.share >= 80:
            await self._telling.everybody(session, ticket, why, now=moment.now)
        else:
            await self._telling.handler_of(session, ticket, why, now=moment.now)

    async def _ask_again(self, session: AsyncSession, ticket: Ticket, moment: Moment) -> None:
        """Silence after the answer, or of what is to be added: asked once more, then somebody calls."""
        ticket.asked_again += 1
        if ticket.asked_again == 1 and await self._asked(session, ticket, moment):
            return
        await self._tasks.open(session, ticket, TaskKind.CALL, now=moment.now)

    async def _asked(self, session: AsyncSession, ticket: Ticket, moment: Moment) -> bool:
        """-> whether there is a chat to ask in"""
        if State(ticket.state) is State.ANSWERED:
            return await self._telling.ask_again(session, ticket, now=moment.now)
        missing = await self._cabinet.reason_of(session, ticket, Move.ASK_SUPPLEMENT)
        return await self._telling.person(session, ticket, "supplement_again", now=moment.now, text=missing)

    async def on_unread(self, session: AsyncSession, moment: Moment) -> None:
        """News in a web chat that nobody has read for two working days: somebody calls."""
        ticket = await self._cabinet.lock_now(session, moment.data["ticket"])
        chat = moment.data["conversation"]
        since = await self._telling.unread_since(session, ticket, chat)
        if since is None:
            return
        if self._cabinet.clockwork.unread_until(ticket, since) > moment.now:
            await self._telling.watch_reading(session, ticket, chat, since=since)
            return
        await self._tasks.open(session, ticket, TaskKind.CALL, now=moment.now)

    async def on_unclaimed(self, session: AsyncSession, moment: Moment) -> None:
        ticket = await self._cabinet.lock_now(session, moment.data["ticket"])
        await self._telling.on_unclaimed(session, ticket, now=moment.now)
