"""What one line of a list shows: the ticket, its clock, its person half hidden, and what happened last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff
from handlers.tickets.clock_face import ClockFace, ClockFaces
from handlers.tickets.ledger import name_of, phone_of
from handlers.tickets.models import Entry, Ticket
from handlers.tickets.office import Office


@dataclass(frozen=True)
class Last:
    """The newest entry; its words are `last` in `templates/console/tickets/line.html`."""

    at: datetime
    what: str
    """A move, or the kind of entry."""
    who: str
    """me, person, system, or a name."""


@dataclass(frozen=True)
class Line:
    ticket: Ticket
    face: ClockFace
    place: str
    name: str
    phone: str
    last: Last | None


async def make_lines(
    session: AsyncSession, office: Office, tickets: Sequence[Ticket], *, reader: Staff, now: datetime
) -> list[Line]:
    """One question for all of them."""
    faces, lasts = ClockFaces(office.cabinet.clockwork), await _lasts(session, tickets, reader)
    return [
        Line(
            ticket,
            faces.of(ticket, now=now),
            _near(office.viewer.place(ticket), office.viewer.place_name(reader.region)),
            name_of(office, ticket),
            phone_of(office, ticket),
            lasts.get(ticket.id),
        )
        for ticket in tickets
    ]


def _near(place: str, home: str) -> str:
    """螺山镇 for whoever works in 洪湖市."""
    return place.removeprefix(home) or place


async def _lasts(session: AsyncSession, tickets: Sequence[Ticket], reader: Staff) -> dict[int, Last]:
    rows = await session.execute(
        select(Entry.ticket_id, Entry.at, Entry.kind, Entry.data, Entry.role, Entry.actor_id, Staff.display_name)
        .join(Ticket, (Ticket.id == Entry.ticket_id) & (Ticket.entries == Entry.seq))
        .outerjoin(Staff, Staff.id == Entry.actor_id)
        .where(Ticket.id.in_([ticket.id for ticket in tickets]))
    )
    return {
        row.ticket_id: Last(
            row.at,
            str(row.data.get("move") or row.kind) if row.kind == "moved" else row.kind,
            "me" if row.actor_id == reader.id else row.display_name or row.role,
        )
        for row in rows
    }
