"""The door of the desk, under everything staff do: whose ticket it is, and who may what with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sealing import Sealer
from bot.staff.models import Staff
from bot.staff.roles import Permission, may
from handlers.tickets.cabinet import Cabinet, NoSuchTicket
from handlers.tickets.holding import Holding
from handlers.tickets.models import Queue, Ticket
from handlers.tickets.queues import Queues
from handlers.tickets.reopening import Reopening
from handlers.tickets.seeing import is_queue_of, looks_over_region
from handlers.tickets.tasks import Tasks
from handlers.tickets.telling import Telling
from handlers.tickets.ticket import LEADERS, OPEN, Move, MoveRefused, Role, State, allowed_moves
from handlers.tickets.timeline import Actor

CLAIMABLE = OPEN - {State.RETURNED}
"""Where somebody may take it; of what was returned a leader decides first."""


class Door:
    def __init__(
        self,
        cabinet: Cabinet,
        queues: Queues,
        telling: Telling,
        tasks: Tasks,
        reopening: Reopening,
        sealer: Sealer,
        holding: Holding,
    ) -> None:
        self._reopening = reopening
        self._cabinet = cabinet
        self._queues = queues
        self._telling = telling
        self._tasks = tasks
        self._sealer = sealer
        self._holding = holding

    async def access_ticket(self, session: AsyncSession, staff: Staff, number: str) -> Ticket:
        """A staff member's only door to a ticket, locked. Raises NoSuchTicket for what is not theirs, too."""
        ticket = await self._cabinet.find(session, number)
        if not await self.may_see(session, staff, ticket):
            raise NoSuchTicket(number=number)
        return ticket

    async def may_see(self, session: AsyncSession, staff: Staff, ticket: Ticket) -> bool:
        """In their region, or in a queue of theirs, or in their hands, or filed by them. `seeing.sees` is the same."""
        if staff.id in (ticket.handler_id, ticket.filed_by):
            return True
        theirs = select(Queue.id).where(Queue.id == ticket.queue_id, is_queue_of(staff))
        if ticket.queue_id is not None and await session.scalar(theirs) is not None:
            return True
        return looks_over_region(staff) and (ticket.region is None or staff.scope.covers(ticket.region))

    def allowed(self, staff: Staff, ticket: Ticket) -> tuple[Move, ...]:
        """What they may do now, as the table has it."""
        moves = allowed_moves(State(ticket.state), {Role(staff.role)})
        leads = Role(staff.role) in LEADERS
        barred = {Move.ANSWER: not may_answer(staff, ticket), Move.REOPEN: not leads}
        return tuple(move for move in moves if not barred.get(move))

    def may_claim(self, staff: Staff, ticket: Ticket) -> bool:
        """Nobody has it, or it was given to them and they have not taken it yet."""
        free = ticket.handler_id is None or (ticket.handler_id == staff.id and ticket.accepted_at is None)
        return free and State(ticket.state) in CLAIMABLE and may(staff.as_role, Permission.WORK_TICKETS)

    def _check_working(self, staff: Staff, ticket: Ticket, what: str) -> None:
        """For what is no move of the table: only those who work tickets. Raises MoveRefused."""
        if not may(staff.as_role, Permission.WORK_TICKETS):
            raise MoveRefused(move=what, state=ticket.state, role=str(staff.role))

    async def _settle(self, session: AsyncSession, ticket: Ticket) -> None:
        """The end of what may close it or give it to somebody else: its chat is then the bot's again."""
        await self._cabinet.settle(session, ticket)
        await self._holding.end_if_over(session, ticket)

    async def _accept(self, session: AsyncSession, ticket: Ticket, actor: Actor, now: datetime) -> None:
        await self._cabinet.move(session, ticket, Move.ACCEPT, actor=actor, now=now)
        ticket.accepted_at = now
        await self._telling.person(session, ticket, "accepted", now=now)


def actor_of(staff: Staff) -> Actor:
    return Actor(Role(staff.role), staff.id)


def may_answer(staff: Staff, ticket: Ticket) -> bool:
    """What waits for a leader's review is not answered past them."""
    return ticket.state != str(State.REVIEW) or Role(staff.role) in LEADERS
