"""What the open form of a ticket page lets choose from: colleagues and their load, doors, the other ticket of 并单."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.staff.models import Staff
from handlers.tickets.console.offers import Act
from handlers.tickets.console.ticket_view import Sheet
from handlers.tickets.doors import load_doors
from handlers.tickets.models import QueueMember, Ticket
from handlers.tickets.number import read_number
from handlers.tickets.office import Office
from handlers.tickets.queues import WORKING
from handlers.tickets.ticket import OPEN, Category, State

COLLEAGUES = 60


@dataclass(frozen=True)
class Colleague:
    id: int
    name: str
    open: int
    on_duty: bool
    in_queue: bool


@dataclass(frozen=True)
class Choices:
    """Only what the open form needs is filled in."""

    colleagues: Sequence[Colleague] = ()
    categories: Sequence[Category] = ()
    doors: Sequence[str] = ()
    into: str = ""
    """The number that was given for 并单, as it was typed."""
    other: Ticket | None = None
    """What it names, if they may see it and it goes on."""


async def read_choices(
    session: AsyncSession, office: Office, staff: Staff, sheet: Sheet, act: Act | None, *, into: str
) -> Choices:
    ticket = sheet.ticket
    match act:
        case Act.ASSIGN:
            return Choices(colleagues=await _colleagues(session, ticket))
        case Act.TRANSFER | Act.REASSIGN:
            return Choices(categories=tuple(Category))
        case Act.REJECT:
            return Choices(doors=load_doors().bodies)
        case Act.MERGE:
            return Choices(into=into[:40], other=await _other(session, office, staff, ticket, into))
    return Choices()


async def _other(session: AsyncSession, office: Office, staff: Staff, ticket: Ticket, into: str) -> Ticket | None:
    try:
        number = read_number(into) or into.strip()
    except UserFacingError:
        return None
    found = await office.cabinet.look_up(session, number) if number else None
    if found is None or found.id == ticket.id or State(found.state) not in OPEN:
        return None
    return found if await office.desk.may_see(session, staff, found) else None


async def _colleagues(session: AsyncSession, ticket: Ticket) -> list[Colleague]:
    """Of the queue first, those with least in hand first; and whoever else works that place."""
    in_hand = (
        select(Ticket.handler_id, func.count().label("open"))
        .where(Ticket.state.in_([str(state) for state in OPEN]), Ticket.handler_id.is_not(None))
        .group_by(Ticket.handler_id)
        .subquery()
    )
    count = func.coalesce(in_hand.c.open, 0)
    member = QueueMember.queue_id
    covering = [ticket.region[:length] + "0" * (6 - length) for length in (2, 4, 6)] if ticket.region else []
    rows = await session.execute(
        select(Staff, count, member)
        .outerjoin(QueueMember, (QueueMember.staff_id == Staff.id) & (member == ticket.queue_id))
        .outerjoin(in_hand, in_hand.c.handler_id == Staff.id)
        .where(
            Staff.disabled_at.is_(None),
            Staff.role.in_(WORKING),
            or_(member.is_not(None), Staff.region.in_([*covering, ticket.region or "", "000000"])),
        )
        .order_by(member.is_(None), ~Staff.on_duty, count, Staff.id)
        .limit(COLLEAGUES)
    )
    return [
        Colleague(one.id, one.display_name, open_, one.on_duty, queue is not None)
        for one, open_, queue in rows
        if queue is not None or (ticket.region is not None and one.scope.covers(ticket.region))
    ]
