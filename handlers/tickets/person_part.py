"""A person's tickets in their file: those of their chats that the reader may see, none that is confidential."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.people.parts import PartAsked, PartPage, PartRow
from handlers.tickets.labels import label
from handlers.tickets.models import Ticket
from handlers.tickets.seeing import eyes_of, sees


async def read_tickets(session: AsyncSession, asked: PartAsked) -> PartPage:
    """The newest first."""
    wanted = (
        Ticket.conversation_id.in_(asked.conversations),
        ~Ticket.confidential,
        sees(await eyes_of(session, asked.staff)),
    )
    total = await session.scalar(select(func.count()).select_from(Ticket).where(*wanted)) or 0
    rows = await session.scalars(
        select(Ticket).where(*wanted).order_by(Ticket.opened_at.desc()).offset(asked.offset).limit(asked.limit)
    )
    return PartPage(
        [
            PartRow(
                ticket.opened_at,
                ticket.about,
                ticket.number,
                label("staff_state", ticket.state),
                f"/staff/tickets/{ticket.number}",
            )
            for ticket in rows
        ],
        total,
    )
