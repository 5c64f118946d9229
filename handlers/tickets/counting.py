"""The numbers beside the lists, and what rings: cheap, for every page of everybody draws them.

What all of one role, region and queues see is counted once for all of them and kept for a second at most; what is
somebody's own and nobody else's is a few rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, literal_column, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.changes import Changes
from bot.staff.models import Staff
from handlers.tickets.listing import MOST, OWED, View, count_all, in_view
from handlers.tickets.models import RINGING, Entry, Ticket
from handlers.tickets.seeing import Eyes, eyes_of, is_own, is_shared, looks_over_region, sees
from handlers.tickets.ticket import State

KEPT_SECONDS = 1.0
RINGS = 3
"""Bands above a page; the rest is told in a number."""
_RINGING: ColumnElement[bool] = literal_column(RINGING.text)
"""Word by word as its index has it."""
_FEW = frozenset({View.DUE, View.GROUPS})
"""Of all tickets few are in them, and less than lie in a queue."""
_SHARED = tuple(view for view in View if view not in (View.WORK, View.QUEUES))


@dataclass
class _Kept:
    """Numbers as they were."""

    version: int
    until: float
    counts: Mapping[str, int]


class Counting:
    def __init__(self, changes: Changes, seconds: Callable[[], float]) -> None:
        self._changes = changes
        self._seconds = seconds
        self._kept: dict[tuple[object, ...], _Kept] = {}

    async def count(self, session: AsyncSession, staff: Staff, now: datetime) -> dict[str, int]:
        """By view, `MOST` at most."""
        eyes = await eyes_of(session, staff)
        shared, own = await self._shared(session, eyes, now), await _own(session, eyes, now)
        return {name: min(MOST, shared.get(name, 0) + own.get(name, 0)) for name in map(str, View)}

    async def _shared(self, session: AsyncSession, eyes: Eyes, now: datetime) -> Mapping[str, int]:
        over = eyes.staff.region if looks_over_region(eyes.staff) else None
        key, version, at = (over, eyes.queues), self._changes.version, self._seconds()
        kept = self._kept.get(key)
        if kept is None or kept.version != version or kept.until <= at:
            self._kept = {one: other for one, other in self._kept.items() if other.until > at}
            wanted: dict[str, Sequence[ColumnElement[bool]]] = {
                str(view): [is_shared(eyes, driving=view not in _FEW), *in_view(view, now)] for view in _SHARED
            }
            wanted[View.QUEUES] = [OWED, Ticket.queue_id.in_(eyes.queues)]
            kept = self._kept[key] = _Kept(version, at + KEPT_SECONDS, await count_all(session, wanted))
        return kept.counts


async def _own(session: AsyncSession, eyes: Eyes, now: datetime) -> dict[str, int]:
    """What is theirs: all of it is their work, and what nobody shares is added to the other numbers."""
    mine = true() if eyes.staff.role == "helper" else Ticket.handler_id == eyes.staff.id
    alone = is_shared(eyes).is_not(true())
    numbers = {View.WORK: mine} | {view: and_(alone, *in_view(view, now)) for view in _SHARED}
    columns = [func.count().filter(condition).label(str(view)) for view, condition in numbers.items()]
    row = (await session.execute(select(*columns).select_from(Ticket).where(is_own(eyes), OWED))).one()
    return dict(zip(map(str, numbers), row, strict=True))


async def list_rings(session: AsyncSession, staff: Staff) -> tuple[Sequence[Ticket], int]:
    """Group matters and urgent ones that nobody has, the most pressing first. -> a few of them, how many there are"""
    eyes = await eyes_of(session, staff)
    wanted = [_RINGING, Ticket.state != str(State.RETURNED), sees(eyes)]
    found = await session.scalars(select(Ticket).where(*wanted).order_by(Ticket.next_due, Ticket.id).limit(RINGS))
    tickets = found.all()
    if len(tickets) < RINGS:
        return tickets, len(tickets)
    return tickets, (await count_all(session, {"rings": wanted}))["rings"]


async def newest_entry(session: AsyncSession) -> object:
    """Every change of a ticket writes an entry."""
    return await session.scalar(select(func.max(Entry.id)))
