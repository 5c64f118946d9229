"""A ticket as it is shown: to its person (`TicketView`) and to staff (`Card`, nothing personal). Frozen JSON values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.staff.models import Staff
from bot.staff.roles import Scope
from handlers.tickets.clockwork import Clockwork, next_due, pauses_of
from handlers.tickets.models import Queue, Ticket
from handlers.tickets.ticket import OPEN, State


@dataclass(frozen=True)
class TicketView:
    """What its person sees."""

    number: str
    about: str
    kind: str
    category: str
    state: str
    place: str
    queue: str
    """Who has it: the queue, and the clerk's name once somebody took it."""
    handler: str
    opened_at: datetime
    due: datetime | None
    """By when it is answered; None while we wait for the person, and after the answer."""
    days_left: int
    """Working days, begun ones count; 0 on the last day and after it."""
    overdue: bool
    provisional: bool
    contacted_at: datetime | None
    answered_at: datetime | None
    urged: int
    confidential: bool
    anonymous: bool
    solved: bool | None
    satisfaction: str


@dataclass(frozen=True)
class Card:
    """What a staff group sees of it: enough to take it, nothing that tells who."""

    number: str
    about: str
    kind: str
    category: str
    state: str
    place: str
    queue: str
    handler: str
    urgent: bool
    is_group: bool
    confidential: bool
    supervision: int
    urged: int
    hand: str
    """What is due next: accept, contact or answer; empty if nothing is."""
    due: datetime | None
    minutes_left: int
    """Working minutes until then; negative when it is overdue."""


class Viewer:
    def __init__(self, clockwork: Clockwork, place_name: Callable[[str], str]) -> None:
        self._clockwork = clockwork
        self.place_name = place_name

    async def of(self, session: AsyncSession, ticket: Ticket, *, now: datetime) -> TicketView:
        queue, handler = await self._names(session, ticket)
        left = self.minutes_left(ticket, ticket.answer_due, now)
        a_day = self._clockwork.hours(ticket).minutes_of(ticket.clock_from.astimezone(LOCAL).date())
        return TicketView(
            number=ticket.number,
            about=ticket.about,
            kind=ticket.kind,
            category=ticket.category,
            state=ticket.state,
            place=self.place(ticket),
            queue=queue,
            handler=handler,
            opened_at=ticket.opened_at,
            due=ticket.answer_due if State(ticket.state) in OPEN else None,
            days_left=max(0, -(-left // a_day)),
            overdue=ticket.answer_due is not None and State(ticket.state) in OPEN and now > ticket.answer_due,
            provisional=ticket.provisional,
            contacted_at=ticket.contacted_at,
            answered_at=ticket.answered_at,
            urged=ticket.urged,
            confidential=ticket.confidential,
            anonymous=ticket.anonymous,
            solved=ticket.solved,
            satisfaction=ticket.satisfaction or "",
        )

    async def card(self, session: AsyncSession, ticket: Ticket, *, now: datetime) -> Card:
        queue, handler = await self._names(session, ticket)
        due = next_due(ticket)
        return Card(
            number=ticket.number,
            about=ticket.about,
            kind=ticket.kind,
            category=ticket.category,
            state=ticket.state,
            place=self.place(ticket),
            queue=queue,
            handler=handler,
            urgent=ticket.priority == "urgent",
            is_group=ticket.is_group,
            confidential=ticket.confidential,
            supervision=ticket.supervision,
            urged=ticket.urged,
            hand=str(due.hand) if due else "",
            due=due.at if due else None,
            minutes_left=self.minutes_left(ticket, due.at if due else None, now),
        )

    def place(self, ticket: Ticket) -> str:
        """洪湖市螺山镇, with the village as they called it; empty if none was named."""
        return (self.place_name(ticket.region) if ticket.region else "") + ticket.village

    def covers(self, region: str, place: str | None) -> bool:
        return place is None or Scope(region).covers(place)

    def minutes_left(self, ticket: Ticket, due: datetime | None, now: datetime) -> int:
        """Working minutes; negative when it is overdue."""
        if due is None:
            return 0
        hours, pauses = self._clockwork.hours(ticket), pauses_of(ticket)
        if due >= now:
            return hours.worked(now, due, pauses=pauses)
        return -hours.worked(due, now, pauses=pauses)

    async def _names(self, session: AsyncSession, ticket: Ticket) -> tuple[str, str]:
        """The queue's name and the handler's; empty where there is none."""
        with session.no_autoflush:
            queue = await session.scalar(select(Queue.name).where(Queue.id == ticket.queue_id))
            handler = await session.scalar(select(Staff.display_name).where(Staff.id == ticket.handler_id))
        return queue or "", handler or ""
