"""The numbers beside the lists, and what rings: cheap, for every page of everybody draws them.

What all of one role, region and queues see is counted once for all of them and kept for a second at most; what is
somebody's own and nobody else's is a few rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal_column, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.changes import Changes
from bot.models import Moment
from bot.staff.models import Staff
from handlers.tickets.listing import MOST, OWED, View, count_all, count_question, in_view
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


_NOW: Any = bindparam("now", type_=Moment())
MOST_QUESTIONS = 1_000
Group: TypeAlias = tuple[str | None, tuple[int, ...]]
"""The region that is looked over, and the queues: who has the same sees the same."""


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
        self._kept: dict[Group, _Kept] = {}
        self._questions: dict[tuple[Group, int | None, str], Select[Any]] = {}

    async def count(self, session: AsyncSession, staff: Staff, now: datetime) -> dict[str, int]:
        """By view, `MOST` at most."""
        eyes = await eyes_of(session, staff)
        group = (staff.region if looks_over_region(staff) else None, eyes.queues)
        shared, own = await self._shared(session, eyes, group, now), await self._own(session, eyes, group, now)
        return {name: min(MOST, shared.get(name, 0) + own.get(name, 0)) for name in map(str, View)}

    async def _shared(self, session: AsyncSession, eyes: Eyes, group: Group, now: datetime) -> Mapping[str, int]:
        version, at = self._changes.version, self._seconds()
        kept = self._kept.get(group)
        if kept is None or kept.version != version or kept.until <= at:
            self._kept = {one: other for one, other in self._kept.items() if other.until > at}
            question = self._question((group, None, ""), lambda: _ask_shared(eyes))
            counts = await _answer(session, question, now)
            kept = self._kept[group] = _Kept(version, at + KEPT_SECONDS, counts)
        return kept.counts

    async def _own(self, session: AsyncSession, eyes: Eyes, group: Group, now: datetime) -> Mapping[str, int]:
        question = self._question((group, eyes.staff.id, eyes.staff.role), lambda: _ask_own(eyes))
        return await _answer(session, question, now)

    def _question(self, key: tuple[Group, int | None, str], make: Callable[[], Select[Any]]) -> Select[Any]:
        """Putting it together takes as long as the database takes to answer it."""
        if key not in self._questions:
            if len(self._questions) >= MOST_QUESTIONS:
                self._questions.clear()
            self._questions[key] = make()
        return self._questions[key]


async def _answer(session: AsyncSession, question: Select[Any], now: datetime) -> Mapping[str, int]:
    return dict((await session.execute(question, {"now": now})).mappings().one())


def _ask_shared(eyes: Eyes) -> Select[Any]:
    wanted: dict[str, Sequence[ColumnElement[bool]]] = {
        str(view): [is_shared(eyes, driving=view not in _FEW), *in_view(view, _NOW)] for view in _SHARED
    }
    wanted[View.QUEUES] = [OWED, Ticket.queue_id.in_(eyes.queues)]
    return count_question(wanted)


def _ask_own(eyes: Eyes) -> Select[Any]:
    """What is theirs: all of it is their work, and what nobody shares is added to the other numbers."""
    mine = true() if eyes.staff.role == "helper" else Ticket.handler_id == eyes.staff.id
    alone = is_shared(eyes).is_not(true())
    numbers = {View.WORK: mine} | {view: and_(alone, *in_view(view, _NOW)) for view in _SHARED}
    columns: list[Any] = [func.count().filter(condition).label(str(view)) for view, condition in numbers.items()]
    return select(*columns).select_from(Ticket).where(is_own(eyes), OWED)


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
