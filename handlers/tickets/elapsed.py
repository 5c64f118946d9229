"""How long things took, in working minutes: from timestamps, over the newest rows of a period.

Minutes are not stored, as deadlines are: a new table of holidays changes them. Each kind of opening hours is laid out
once as a rising line (moment -> seconds worked so far), so that 10,000 rows are two look-ups and a subtraction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Float, String, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from bot.staff.models import Staff
from handlers.tickets.board_counting import Cut, condition, seen_by
from handlers.tickets.clockwork import Clockwork
from handlers.tickets.figures import Figure, Span
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import Category
from handlers.tickets.worktime import WorkTime, merge

MOST_ROWS = 10_000
"""The newest of a period; more would make the page wait for a middle that hardly moves."""
MARGIN = timedelta(days=1)
_CATEGORIES = {str(category): category for category in Category}


class Took(NamedTuple):
    """One ticket's times."""

    region: str | None
    category: Category
    moment: float
    """When it was done, in seconds since 1970."""
    minutes: int
    allowed: int
    """Working minutes that the answer may take."""


@dataclass(frozen=True)
class Elapsed:
    contacts: Sequence[Took]
    """Until the first contact."""
    answers: Sequence[Took]
    bounded: bool
    """There are more; these are the newest."""


async def read_elapsed(
    session: AsyncSession, staff: Staff, cut: Cut, span: Span, now: datetime, clockwork: Clockwork
) -> Elapsed:
    contacted, answered = condition(Figure.CONTACTED, span, now), condition(Figure.ANSWERED, span, now)
    found = await session.execute(
        select(
            Ticket.region,
            Ticket.category,
            *map(Seconds, (Ticket.clock_from, Ticket.contacted_at, Ticket.answered_at)),
            cast(Ticket.pauses, String),
            Ticket.answer_minutes,
        )
        .where(seen_by(staff), cut.condition, or_(contacted, answered))
        .order_by(Ticket.id.desc())
        .limit(MOST_ROWS + 1)
    )
    rows = [_Row._make(row) for row in found.all()]
    kept, since, until = rows[:MOST_ROWS], span.start.timestamp(), span.end.timestamp()
    return Elapsed(
        _measure(clockwork, [(row, at) for row in kept if (at := row.contacted) is not None and since <= at < until]),
        _measure(clockwork, [(row, at) for row in kept if (at := row.answered) is not None and since <= at < until]),
        bounded=len(rows) > MOST_ROWS,
    )


class Seconds(FunctionElement[float]):
    """A moment as seconds since 1970: tens of thousands of them are too many to be made into times one by one."""

    type = Float()
    inherit_cache = True


@compiles(Seconds)
def _seconds(element: Seconds, compiler: Any, **options: Any) -> str:
    return f"CAST(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **options)}) AS FLOAT)"


@compiles(Seconds, "sqlite")
def _seconds_in_sqlite(element: Seconds, compiler: Any, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS FLOAT)"


class _Row(NamedTuple):
    region: str | None
    category: str
    begun: float
    contacted: float | None
    answered: float | None
    pauses: str
    """As JSON; most have none."""
    allowed: int


def _measure(clockwork: Clockwork, done: Sequence[tuple[_Row, float]]) -> list[Took]:
    """What each took, by the hours of its place."""
    hours_at = {region: clockwork.hours_at(region) for region in {row.region for row, _ in done}}
    by_hours: dict[WorkTime, list[tuple[_Row, float]]] = {}
    for row, at in done:
        by_hours.setdefault(hours_at[row.region], []).append((row, at))
    return [
        Took(row.region, _CATEGORIES[row.category], at, minutes, row.allowed)
        for hours, group in by_hours.items()
        for (row, at), minutes in zip(group, _worked(hours, group), strict=True)
    ]


def _worked(hours: WorkTime, done: Sequence[tuple[_Row, float]]) -> list[int]:
    begins, ends = np.array([row.begun for row, _ in done]), np.array([at for _, at in done])
    line = _Line(hours, float(begins.min()), float(ends.max()))
    seconds = line.at(ends) - line.at(begins)
    for place, (row, _) in enumerate(done):
        for begin, end in _pauses(row.pauses):
            rest = np.clip([begin.timestamp(), end.timestamp()], begins[place], max(begins[place], ends[place]))
            seconds[place] -= np.diff(line.at(rest))[0]
    minutes: list[int] = np.maximum(np.round(seconds, 3) // 60, 0).astype(int).tolist()
    return minutes


def _pauses(text: str) -> tuple[tuple[datetime, datetime], ...]:
    if text == "[]":
        return ()
    return merge([(datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in json.loads(text)])


class _Line:
    """Seconds worked until a moment; between opening and closing it rises, else it is flat."""

    def __init__(self, hours: WorkTime, start: float, end: float) -> None:
        begin, until = datetime.fromtimestamp(start, UTC) - MARGIN, datetime.fromtimestamp(end, UTC) + MARGIN
        edges = np.array([(one.timestamp(), other.timestamp()) for one, other in hours.stretches(begin, until)])
        edges = edges if len(edges) else np.array([(start, start)])
        lengths = edges[:, 1] - edges[:, 0]
        closed = np.cumsum(lengths)
        self._moments = edges.ravel()
        self._worked = np.column_stack([closed - lengths, closed]).ravel()

    def at(self, moments: Any) -> Any:
        return np.interp(moments, self._moments, self._worked)
