"""Taking and giving: who has a ticket, and which queue. Part of `Desk`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.accounts import NoSuchAccount
from bot.staff.models import Staff
from bot.staff.roles import Permission, may
from handlers.tickets.cabinet import locked
from handlers.tickets.desk.door import CLAIMABLE, Door, actor_of
from handlers.tickets.desk.refusals import AlreadyTaken, AssigneeUnfit, ReturnRefused
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import LEADERS, OPEN, Category, Move, MoveRefused, Role, State, check_move
from handlers.tickets.timeline import Actor


class Giving(Door):
    async def claim(self, session: AsyncSession, staff: Staff, number: str, *, now: datetime) -> Ticket:
        """认领: the first one has it, and it counts as accepted."""
        ticket = await self.access_ticket(session, staff, number)
        actor = actor_of(staff)
        self._check_working(staff, ticket, "claim")
        if State(ticket.state) not in CLAIMABLE:
            raise MoveRefused(move="claim", state=ticket.state, role=str(staff.role))
        if ticket.handler_id is not None and ticket.handler_id != staff.id:
            since = await self._telling.name_of_staff(session, ticket.handler_id)
            raise AlreadyTaken(number=number, by=since, at=ticket.state_since.isoformat())
        await self._cabinet.assign(session, ticket, staff.id, actor=actor, now=now)
        if ticket.state == str(State.WAITING):
            await self._accept(session, ticket, actor, now)
        ticket.accepted_at = ticket.accepted_at or now
        await self._settle(session, ticket)
        return ticket

    async def assign(
        self, session: AsyncSession, staff: Staff, number: str, to: int | None, *, now: datetime
    ) -> Ticket:
        """派单 to somebody of the queue; None: whoever has least in hand. Leaders only."""
        ticket = await self.access_ticket(session, staff, number)
        if Role(staff.role) not in LEADERS or State(ticket.state) not in CLAIMABLE:
            raise MoveRefused(move="assign", state=ticket.state, role=str(staff.role))
        if to is not None:
            await self._check_able(session, to, ticket)
        elif ticket.queue_id is not None:
            to = await self._queues.next_in_turn(session, ticket.queue_id)
        await self._cabinet.assign(session, ticket, to, actor=actor_of(staff), now=now)
        if ticket.state == str(State.WAITING) and to is not None:
            await self._accept(session, ticket, actor_of(staff), now)
        await self._settle(session, ticket)
        await self._telling.handler_of(session, ticket, "assigned", now=now)
        await self._telling.watch_claim(session, ticket, now=now)
        return ticket

    async def _check_able(self, session: AsyncSession, staff_id: int, ticket: Ticket) -> None:
        """There, working tickets, and of the queue or the place. Raises AssigneeUnfit."""
        found = await session.get(Staff, staff_id)
        if found is None or found.disabled_at is not None or not may(found.as_role, Permission.WORK_TICKETS):
            raise AssigneeUnfit(name=found.display_name if found else "", why="gone")
        if not found.on_duty:
            raise AssigneeUnfit(name=found.display_name, why="away")
        in_queue = ticket.queue_id is not None and await self._queues.has(session, ticket.queue_id, staff_id)
        if not in_queue and ticket.region is not None and not found.scope.covers(ticket.region):
            raise AssigneeUnfit(name=found.display_name, why="elsewhere")

    async def transfer(
        self,
        session: AsyncSession,
        staff: Staff,
        number: str,
        category: Category,
        *,
        reason: str,
        now: datetime,
        region: str | None = None,
    ) -> Ticket:
        """转办 to the queue of another category (or place); the clock goes on."""
        ticket = await self.access_ticket(session, staff, number)
        queue = await self._queues.route(session, region or ticket.region, category)
        data = {"queue_from": ticket.queue_id, "queue_to": queue.id}
        await self._cabinet.move(
            session, ticket, Move.TRANSFER, actor=actor_of(staff), now=now, reason=reason, data=data
        )
        ticket.category = str(category)
        self._cabinet.put_into(ticket, queue)
        await self._settle(session, ticket)
        await self._telling.person(session, ticket, "transferred", now=now)
        await self._telling.of_new(session, ticket, queue, now=now, why="transferred")
        return ticket

    async def return_ticket(
        self, session: AsyncSession, staff: Staff, number: str, *, reason: str, now: datetime
    ) -> Ticket:
        """退单: not this queue's matter; a supervisor decides where it goes. Once, within one working day."""
        ticket = await self.access_ticket(session, staff, number)
        check_move(Move.RETURN, State(ticket.state), Role(staff.role), reason=reason)
        if ticket.returns or now > self._cabinet.clockwork.return_until(ticket):
            raise ReturnRefused(number=number, again=bool(ticket.returns))
        await self._cabinet.move(session, ticket, Move.RETURN, actor=actor_of(staff), now=now, reason=reason)
        ticket.returns += 1
        ticket.handler_id = None
        await self._settle(session, ticket)
        await self._telling.leaders(session, ticket, "returned", now=now)
        return ticket

    async def reassign(
        self, session: AsyncSession, staff: Staff, number: str, category: Category, *, reason: str, now: datetime
    ) -> Ticket:
        """改派 of a returned ticket, by a leader."""
        ticket = await self.access_ticket(session, staff, number)
        queue = await self._queues.route(session, ticket.region, category)
        await self._cabinet.move(
            session, ticket, Move.REASSIGN, actor=actor_of(staff), now=now, reason=reason, data={"queue_to": queue.id}
        )
        ticket.category = str(category)
        self._cabinet.put_into(ticket, queue)
        await self._settle(session, ticket)
        await self._telling.of_new(session, ticket, queue, now=now, why="reassigned")
        return ticket

    async def hand_over(
        self, session: AsyncSession, staff: Staff, leaver: int, to: int | None, *, now: datetime
    ) -> int:
        """All open tickets of somebody who leaves, to one colleague or shared out by their queues. -> how many

        Raises NoSuchAccount for a leaver of another region, as for one who is not there.
        """
        if Role(staff.role) not in LEADERS and Role(staff.role) is not Role.ADMINISTRATOR:
            raise MoveRefused(move="hand_over", state="", role=str(staff.role))
        account = await session.get(Staff, leaver)
        if account is None or not staff.scope.covers(account.region):
            raise NoSuchAccount(username=str(leaver))
        return await self.hand_over_all(session, leaver, to, actor=actor_of(staff), now=now)

    async def hand_over_all(
        self, session: AsyncSession, leaver: int, to: int | None, *, actor: Actor, now: datetime
    ) -> int:
        """The same for whoever may do it anyhow. Raises AssigneeUnfit. -> how many"""
        wanted = locked(Ticket.handler_id == leaver, Ticket.state.in_([*map(str, OPEN), str(State.ANSWERED)]))
        theirs = (await session.scalars(wanted.order_by(Ticket.id))).all()
        others = frozenset({leaver})
        for ticket in theirs:
            next_one = to
            if to is not None:
                await self._check_able(session, to, ticket)
            elif ticket.queue_id is not None:
                next_one = await self._queues.next_in_turn(session, ticket.queue_id, other_than=others)
            await self._cabinet.assign(session, ticket, next_one, actor=actor, now=now)
            await session.flush()
            await self._telling.handler_of(session, ticket, "assigned", now=now)
            await self._telling.watch_claim(session, ticket, now=now)
        await self._tasks.hand_over(session, leaver)
        return len(theirs)
