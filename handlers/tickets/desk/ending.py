"""How it ends: review, the answer, what the person said of it, another door, one with another. Part of `Desk`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff
from handlers.tickets.desk.door import Door, actor_of, may_answer
from handlers.tickets.desk.refusals import ContactMissing, WordsMissing
from handlers.tickets.models import Complainant, Ticket
from handlers.tickets.tasks import TaskKind
from handlers.tickets.ticket import LEADERS, OPEN, Closing, Move, MoveRefused, Role, State, check_move
from handlers.tickets.timeline import EntryKind


class Ending(Door):
    async def submit(self, session: AsyncSession, staff: Staff, number: str, text: str, *, now: datetime) -> Ticket:
        """提交审核: the answer, for a leader to read first."""
        if not text.strip():
            raise WordsMissing(number=number)
        ticket = await self.access_ticket(session, staff, number)
        await self._cabinet.move(session, ticket, Move.SUBMIT, actor=actor_of(staff), now=now)
        await self._cabinet.write(
            session, ticket, EntryKind.ANSWER, actor=actor_of(staff), now=now, data={"draft": True}, text=text
        )
        await self._settle(session, ticket)
        await self._telling.leaders(session, ticket, "review", now=now)
        return ticket

    async def send_back(
        self, session: AsyncSession, staff: Staff, number: str, *, reason: str, now: datetime
    ) -> Ticket:
        ticket = await self.access_ticket(session, staff, number)
        await self._cabinet.move(session, ticket, Move.SEND_BACK, actor=actor_of(staff), now=now, reason=reason)
        await self._settle(session, ticket)
        await self._telling.handler_of(session, ticket, "sent_back", now=now)
        return ticket

    async def answer(
        self,
        session: AsyncSession,
        staff: Staff,
        number: str,
        text: str,
        *,
        closing: Closing,
        now: datetime,
    ) -> Ticket:
        """办结: an answer in plain words, after a recorded contact; the person says whether it is solved."""
        ticket = await self.access_ticket(session, staff, number)
        check_move(Move.ANSWER, State(ticket.state), Role(staff.role))
        if not may_answer(staff, ticket):
            raise MoveRefused(move=str(Move.ANSWER), state=ticket.state, role=str(staff.role))
        if ticket.contacted_at is None:
            raise ContactMissing(number=number)
        if not text.strip():
            raise WordsMissing(number=number)
        await self._cabinet.move(
            session, ticket, Move.ANSWER, actor=actor_of(staff), now=now, data={"closing": str(closing)}
        )
        await self._cabinet.write(session, ticket, EntryKind.ANSWER, actor=actor_of(staff), now=now, text=text)
        ticket.answered_at, ticket.closing, ticket.asked_again = now, str(closing), 0
        await self._settle(session, ticket)
        told = await self._telling.answered(session, ticket, text, now=now)
        if not told:
            await self._tasks.open(session, ticket, TaskKind.CALL, now=now)
        return ticket

    async def hear(
        self, session: AsyncSession, staff: Staff, number: str, text: str, *, solved: bool, now: datetime
    ) -> Ticket:
        """回访 by phone: what the person said of the answer. Not solved goes the way of `Filing.object`."""
        ticket = await self.access_ticket(session, staff, number)
        actor = actor_of(staff)
        check_move(Move.HEAR, State(ticket.state), Role(staff.role))
        data = {"how": "call"}
        await self._cabinet.write(session, ticket, EntryKind.CONTACT, actor=actor, now=now, data=data, text=text)
        await self._tasks.settle(session, ticket, TaskKind.CALL, actor=actor, now=now)
        if not solved:
            await self._reopening.object(session, ticket, text, actor=actor, now=now)
            return ticket
        await self._cabinet.move(session, ticket, Move.HEAR, actor=actor, now=now, data={"solved": True})
        ticket.solved, ticket.heard_at = True, now
        await self._settle(session, ticket)
        return ticket

    async def reopen(self, session: AsyncSession, staff: Staff, number: str, *, reason: str, now: datetime) -> Ticket:
        """重办, as a leader decides: after a second "not solved", or an answer that is none."""
        ticket = await self.access_ticket(session, staff, number)
        check_move(Move.REOPEN, State(ticket.state), Role(staff.role), reason=reason)
        if Role(staff.role) not in LEADERS:
            raise MoveRefused(move=str(Move.REOPEN), state=ticket.state, role=str(staff.role))
        await self._reopening.open_again(session, ticket, actor=actor_of(staff), now=now, reason=reason)
        return ticket

    async def reject(
        self, session: AsyncSession, staff: Staff, number: str, *, reason: str, door: str, now: datetime
    ) -> Ticket:
        """不予受理: another body's matter; the person is told which door is the right one."""
        ticket = await self.access_ticket(session, staff, number)
        await self._cabinet.move(
            session, ticket, Move.REJECT, actor=actor_of(staff), now=now, reason=reason, data={"door": door}
        )
        await self._settle(session, ticket)
        await self._telling.person(session, ticket, "rejected", now=now, text=reason, door=door)
        return ticket

    async def merge(
        self, session: AsyncSession, staff: Staff, number: str, into: str, *, reason: str, now: datetime
    ) -> Ticket:
        """并单: one matter, one ticket; its person is told the answer of the other. -> the one that goes on"""
        first, second = sorted((number, into))  # locked in one order, so that two clerks do not wait for each other
        found = {first: await self.access_ticket(session, staff, first)}
        if second == first:
            raise MoveRefused(move=str(Move.MERGE), state=found[first].state, role=str(staff.role))
        found[second] = await self.access_ticket(session, staff, second)
        ticket, target = found[number], found[into]
        if State(target.state) not in OPEN:
            raise MoveRefused(move=str(Move.MERGE), state=target.state, role=str(staff.role))
        await self._cabinet.move(
            session, ticket, Move.MERGE, actor=actor_of(staff), now=now, reason=reason, data={"into": target.number}
        )
        ticket.merged_into = target.id
        session.add(
            Complainant(
                ticket_id=target.id,
                conversation_id=ticket.conversation_id,
                name=ticket.name,
                phone=ticket.phone,
                phone_digest=ticket.phone_digest,
                relation="",
                at=now,
            )
        )
        # Those who had joined it go along: all are told the one answer.
        await session.execute(
            update(Complainant)
            .where(Complainant.ticket_id == ticket.id)
            .values(ticket_id=target.id)
            .execution_options(synchronize_session=False)
        )
        await self._cabinet.write(
            session, target, EntryKind.JOINED, actor=actor_of(staff), now=now, data={"from": ticket.number}
        )
        await self._settle(session, ticket)
        await self._settle(session, target)
        await self._telling.person(session, ticket, "merged", now=now, text=target.number)
        return target
