"""看板: the numbers of the supervisor's page put together: read once, then folded by place, category, hand and week."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff, is_within
from bot.staff.roles import Role, Scope
from handlers.tickets.areas import Area, Place
from handlers.tickets.board_counting import (
    NOBODY,
    Asked,
    Cell,
    Cut,
    count_by_handler,
    count_by_week,
    count_cells,
)
from handlers.tickets.clockwork import Clockwork
from handlers.tickets.elapsed import Elapsed, Took, read_elapsed
from handlers.tickets.figures import Durations, Figure, Period, Span, describe
from handlers.tickets.ticket import Category

Key = TypeVar("Key")
Item = TypeVar("Item")
COUNTED = tuple(figure for figure in Figure if figure is not Figure.DUE_SOON)
IN_HAND = (Figure.OPEN, Figure.DUE_SOON, Figure.OVERDUE)
BY_WEEK = (
    Figure.RECEIVED,
    Figure.CONTACTED,
    Figure.ANSWERED,
    Figure.ANSWERED_LATE,
    Figure.BREACHED,
    Figure.HEARD,
    Figure.SOLVED,
    Figure.SATISFIED,
    Figure.REOPENED,
    Figure.SILENT,
)
Numbers = Mapping[Figure, int]


@dataclass(frozen=True)
class Line:
    """One row of a table: a place, a category or a week."""

    numbers: Numbers
    contacts: Durations | None
    answers: Durations | None
    allowed: tuple[int, ...]
    """Working minutes that its answers may have taken: one where all had the same, else the least and the most."""


@dataclass(frozen=True)
class Hand:
    """What somebody has in hand; nobody, too."""

    staff_id: int
    name: str
    away: bool
    gone: bool
    """The account is closed; what they have must be given to others."""
    numbers: Numbers


@dataclass(frozen=True)
class Board:
    total: Line
    received_before: int
    """As long before the period as it has lasted."""
    places: Mapping[Place, Line]
    categories: Mapping[Category, Line]
    weeks: Mapping[Period, Numbers]
    """What came and what was answered."""
    hands: Sequence[Hand]
    heat: Mapping[tuple[Place, Category], int]
    heat_before: Mapping[tuple[Place, Category], int]
    bounded: bool
    """How long things took is reckoned over the newest only."""


async def read_board(
    session: AsyncSession,
    staff: Staff,
    cut: Cut,
    period: Period,
    weeks: Sequence[Period],
    *,
    area: Area,
    now: datetime,
    clockwork: Clockwork,
) -> Board:
    """All that the page shows, of what this member of staff may see."""
    before = Asked(Figure.RECEIVED, period.as_long_before(now))
    asked = [Asked(figure, period.span) for figure in COUNTED]
    cells = await count_cells(session, staff, cut, [*asked, before], now)
    took = await read_elapsed(session, staff, cut, period.span, now, clockwork)
    by_place = _lines(cells, asked, took, lambda cell: area.fold(cell.region), lambda row: area.fold(row.region))
    by_category = _lines(cells, asked, took, lambda cell: cell.category, lambda row: row.category)
    counted = await count_by_week(
        session, staff, cut, (Figure.RECEIVED, Figure.ANSWERED), [week.span for week in weeks], now
    )
    total = _lines(cells, asked, took, lambda _cell: "", lambda _row: "")
    return Board(
        total=total.get("") or _line([], asked, Elapsed((), (), bounded=False)),
        received_before=sum(cell.numbers[before] for cell in cells),
        places=by_place,
        categories=by_category,
        weeks=dict(zip(weeks, counted, strict=True)),
        hands=await _hands(session, staff, cut, period, now),
        heat=_fold(cells, area, Asked(Figure.RECEIVED, period.span)),
        heat_before=_fold(cells, area, before),
        bounded=took.bounded,
    )


async def read_weeks(
    session: AsyncSession, staff: Staff, cut: Cut, weeks: Sequence[Period], *, now: datetime, clockwork: Clockwork
) -> dict[Period, Line]:
    """The same figures week by week."""
    spans = [week.span for week in weeks]
    counted = await count_by_week(session, staff, cut, BY_WEEK, spans, now)
    took = await read_elapsed(session, staff, cut, Span(spans[0].start, spans[-1].end), now, clockwork)
    begins = [span.start.timestamp() for span in spans]
    contacts = _group(took.contacts, lambda row: bisect_right(begins, row.moment) - 1)
    answers = _group(took.answers, lambda row: bisect_right(begins, row.moment) - 1)
    return {
        week: Line(
            numbers,
            describe([row.minutes for row in contacts.get(place, ())]),
            describe([row.minutes for row in answers.get(place, ())]),
            (),
        )
        for place, (week, numbers) in enumerate(zip(weeks, counted, strict=True))
    }


def _fold(cells: Sequence[Cell], area: Area, asked: Asked) -> Mapping[tuple[Place, Category], int]:
    found: Counter[tuple[Place, Category]] = Counter()
    for cell in cells:
        found[area.fold(cell.region), cell.category] += cell.numbers[asked]
    return +found


def _lines(
    cells: Sequence[Cell],
    asked: Sequence[Asked],
    took: Elapsed,
    key_of_cell: Callable[[Cell], Key],
    key_of_row: Callable[[Took], Key],
) -> dict[Key, Line]:
    grouped = _group(cells, key_of_cell)
    contacts, answers = _group(took.contacts, key_of_row), _group(took.answers, key_of_row)
    return {
        key: _line(group, asked, Elapsed(contacts.get(key, ()), answers.get(key, ()), bounded=took.bounded))
        for key, group in grouped.items()
    }


def _group(items: Iterable[Item], key_of: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key_of(item), []).append(item)
    return groups


def _line(cells: Sequence[Cell], asked: Sequence[Asked], took: Elapsed) -> Line:
    allowed = {row.allowed for row in took.answers}
    return Line(
        {one.figure: sum(cell.numbers[one] for cell in cells) for one in asked},
        describe([row.minutes for row in took.contacts]),
        describe([row.minutes for row in took.answers]),
        tuple(sorted({min(allowed), max(allowed)})) if allowed else (),
    )


async def _hands(session: AsyncSession, staff: Staff, cut: Cut, period: Period, now: datetime) -> list[Hand]:
    """Every clerk of the place, and whoever else has something of it; the fullest first, nobody last."""
    held = await count_by_handler(session, staff, cut, IN_HAND, period.span, now)
    code = cut.place.code if cut.place is not None else None
    there = is_within(Scope(code or staff.region), Staff.region)
    rows = await session.execute(
        select(Staff.id, Staff.display_name, Staff.on_duty, Staff.disabled_at).where(
            or_(
                Staff.id.in_([one for one in held if one != NOBODY]),
                there & Staff.disabled_at.is_(None) & (Staff.role == str(Role.CLERK)),
            )
        )
    )
    none: Numbers = dict.fromkeys(IN_HAND, 0)
    hands = [
        Hand(row.id, row.display_name, not row.on_duty, row.disabled_at is not None, held.get(row.id, none))
        for row in rows
    ]
    hands.sort(key=lambda hand: (-hand.numbers[Figure.OPEN], hand.away, hand.staff_id))
    if NOBODY in held:
        hands.append(Hand(NOBODY, "", away=False, gone=False, numbers=held[NOBODY]))
    return hands
