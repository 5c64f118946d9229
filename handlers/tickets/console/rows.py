"""Tickets as lines of a list, masked: nothing that tells who."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff
from bot.web.console import Visit
from handlers.tickets.board_counting import rows_of
from handlers.tickets.clock_face import ClockFace, ClockFaces
from handlers.tickets.console.asking import Question
from handlers.tickets.models import Ticket
from handlers.tickets.views import Viewer

A_PAGE = 50
MOST_PAGES = 100_000


@dataclass(frozen=True)
class Listed:
    """One page of a list."""

    items: Sequence[tuple[Ticket, ClockFace, str, str]]
    """Each with its clock, its place and the name of whoever has it."""
    page: int
    more: bool


async def list_tickets(
    session: AsyncSession, visit: Visit, question: Question, viewer: Viewer, faces: ClockFaces
) -> Listed:
    page = _page_of(visit)
    wanted = rows_of(visit.staff, question.cut, question.asked, visit.now)
    found: Sequence[Any] = (await session.scalars(wanted.limit(A_PAGE + 1).offset((page - 1) * A_PAGE))).all()
    shown = found[:A_PAGE]
    ids = {ticket.handler_id for ticket in shown if ticket.handler_id is not None}
    names = await session.execute(select(Staff.id, Staff.display_name).where(Staff.id.in_(ids)))
    name_of = {row.id: row.display_name for row in names}
    items = [
        (ticket, faces.of(ticket, now=visit.now), viewer.place(ticket), name_of.get(ticket.handler_id, ""))
        for ticket in shown
    ]
    return Listed(items, page, more=len(found) > A_PAGE)


def _page_of(visit: Visit) -> int:
    word = visit.request.query.get("page", "")
    return min(max(int(word), 1), MOST_PAGES) if word.isascii() and word.isdecimal() and len(word) < 7 else 1
