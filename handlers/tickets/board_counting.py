"""The figures of the supervisor's page as SQL: `condition` says each once, for the number and for its rows alike.

Everything is counted in one pass a question; only how long things took is reckoned here, over rows that are bounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import SQLColumnExpression

from bot.staff.models import Staff, is_within
from bot.staff.roles import Scope
from handlers.tickets.areas import Place
from handlers.tickets.figures import NOW, Figure, Span
from handlers.tickets.listing import IS_UNCLAIMED, OWED, is_due_soon, is_overdue
from handlers.tickets.models import Ticket
from handlers.tickets.seeing import Eyes, is_shared
from handlers.tickets.ticket import Category, Satisfaction, State

Condition = ColumnElement[bool]
NOBODY = 0
"""As a handler: those that nobody has."""


@dataclass(frozen=True)
class Cut:
    """Which tickets: of a place, a category, somebody's."""

    place: Place | None = None
    category: Category | None = None
    handler: int | None = None
    """A member of staff, or NOBODY."""

    @property
    def condition(self) -> Condition:
        parts: list[Condition] = []
        if self.place is not None:
            parts.append(_of_place(self.place))
        if self.category is not None:
            parts.append(Ticket.category == str(self.category))
        if self.handler is not None:
            parts.append(Ticket.handler_id.is_(None) if self.handler == NOBODY else Ticket.handler_id == self.handler)
        return and_(true(), *parts)


def seen_by(staff: Staff) -> Condition:
    """A region and what names no place, as leaders and the auditor see it; not what else lies in queues of theirs."""
    return is_shared(Eyes(staff, ()))


def _of_place(place: Place) -> Condition:
    if place.code is None:
        return Ticket.region.is_(None)
    return Ticket.region == place.code if place.alone else is_within(Scope(place.code), Ticket.region)


# -- what is counted ------------------------------------------------------------------------------------------


def moment_of(figure: Figure) -> SQLColumnExpression[Any] | None:
    """The moment by which a ticket falls into a period; None for what is so now."""
    match figure:
        case Figure.RECEIVED:
            return Ticket.opened_at
        case Figure.CONTACTED:
            return Ticket.contacted_at
        case Figure.CONTACT_OWED | Figure.CONTACTED_IN_TIME | Figure.CONTACT_LATE:
            return func.coalesce(Ticket.contacted_at, Ticket.contact_due)
        case Figure.ANSWERED | Figure.ANSWERED_LATE | Figure.SILENT:
            return Ticket.answered_at
        case Figure.ANSWER_OWED | Figure.ANSWERED_IN_TIME:
            return func.coalesce(Ticket.answered_at, Ticket.answer_due)
        case Figure.BREACHED:
            return Ticket.breached_at
        case Figure.REOPENED:
            return Ticket.clock_from
        case (
            Figure.HEARD
            | Figure.SOLVED
            | Figure.UNSOLVED
            | Figure.SATISFIED
            | Figure.MOSTLY
            | Figure.DISSATISFIED
            | Figure.UNRATED
        ):
            return func.coalesce(Ticket.heard_at, Ticket.clock_from)
        case Figure.OPEN | Figure.UNCLAIMED | Figure.DUE_SOON | Figure.OVERDUE | Figure.SUPERVISED:
            return None


def condition(figure: Figure, span: Span, now: datetime) -> Condition:
    """Whether a ticket counts in this figure."""
    moment = moment_of(figure)
    if moment is None:
        return _kind(figure, now)
    return and_(moment >= span.start, moment < span.end, _kind(figure, now))


def _kind(figure: Figure, now: datetime) -> Condition:
    """Without the period."""
    has_spoken = or_(
        and_(Ticket.heard_at.is_not(None), Ticket.solved.is_not(None)),
        and_(Ticket.heard_at.is_(None), Ticket.level > 0, Ticket.solved.is_(False)),
    )
    match figure:
        case Figure.RECEIVED | Figure.ANSWERED | Figure.BREACHED:
            return true()
        case Figure.CONTACTED:
            return Ticket.contacted_at >= Ticket.clock_from
        case Figure.CONTACT_OWED:
            return or_(Ticket.contacted_at.is_not(None), and_(OWED, Ticket.contact_due < now))
        case Figure.CONTACTED_IN_TIME:
            in_time = or_(Ticket.contact_due.is_(None), Ticket.contacted_at <= Ticket.contact_due)
            return and_(Ticket.contacted_at.is_not(None), in_time)
        case Figure.CONTACT_LATE:
            missing = and_(Ticket.contacted_at.is_(None), OWED, Ticket.contact_due < now)
            return or_(Ticket.contacted_at > Ticket.contact_due, missing)
        case Figure.ANSWER_OWED:
            return or_(Ticket.answered_at.is_not(None), and_(OWED, Ticket.answer_due < now))
        case Figure.ANSWERED_IN_TIME:
            in_time = or_(Ticket.answer_due.is_(None), Ticket.answered_at <= Ticket.answer_due)
            return and_(Ticket.answered_at.is_not(None), in_time)
        case Figure.ANSWERED_LATE:
            return Ticket.answered_at > Ticket.answer_due
        case Figure.HEARD:
            return has_spoken
        case Figure.SOLVED:
            return and_(has_spoken, Ticket.solved.is_(True))
        case Figure.UNSOLVED:
            return and_(has_spoken, Ticket.solved.is_(False))
        case Figure.SATISFIED:
            return and_(has_spoken, Ticket.satisfaction == str(Satisfaction.SATISFIED))
        case Figure.MOSTLY:
            return and_(has_spoken, Ticket.satisfaction == str(Satisfaction.MOSTLY))
        case Figure.DISSATISFIED:
            return and_(has_spoken, Ticket.satisfaction == str(Satisfaction.DISSATISFIED))
        case Figure.UNRATED:
            return and_(has_spoken, Ticket.satisfaction.is_(None))
        case Figure.REOPENED:
            return Ticket.level > 0
        case Figure.SILENT:
            asked = and_(Ticket.state == str(State.ANSWERED), Ticket.asked_again > 0)
            return and_(Ticket.heard_at.is_(None), asked)
        case Figure.OPEN:
            return OWED
        case Figure.UNCLAIMED:
            return and_(OWED, IS_UNCLAIMED)
        case Figure.DUE_SOON:
            return is_due_soon(now)
        case Figure.OVERDUE:
            return is_overdue(now)
        case Figure.SUPERVISED:
            return and_(OWED, Ticket.supervision > 0)


# -- numbers --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A figure over a time."""

    figure: Figure
    span: Span


Numbers = Mapping[Asked, int]


@dataclass(frozen=True)
class Cell:
    """The numbers of one place as tickets name it, and one category."""

    region: str | None
    category: Category
    numbers: Numbers


async def count_cells(
    session: AsyncSession, staff: Staff, cut: Cut, asked: Sequence[Asked], now: datetime
) -> list[Cell]:
    """All figures by place and category, in one pass over the tickets."""
    columns = [func.count().filter(condition(one.figure, one.span, now)) for one in asked]
    # By an expression: by the bare column SQLite goes along its index and fetches every ticket apart.
    region = func.coalesce(Ticket.region, "")
    rows = await session.execute(
        select(region, Ticket.category, *columns)
        .where(seen_by(staff), cut.condition, _any_of(asked))
        .group_by(region, Ticket.category)
    )
    return [
        Cell(place or None, Category(category), dict(zip(asked, numbers, strict=True)))
        for place, category, *numbers in rows.all()
    ]


def _any_of(asked: Sequence[Asked]) -> Condition:
    """What the figures imply, cheaply: most tickets are long done and count in none."""
    starts: dict[str, tuple[SQLColumnExpression[Any], datetime]] = {}
    for one in asked:
        if (moment := moment_of(one.figure)) is not None:
            before = starts.get(str(moment), (moment, one.span.start))[1]
            starts[str(moment)] = moment, min(before, one.span.start)
    lately = [moment >= start for moment, start in starts.values()]
    return or_(*lately, OWED) if any(one.figure in NOW for one in asked) else or_(*lately)


async def count_by_handler(
    session: AsyncSession, staff: Staff, cut: Cut, figures: Sequence[Figure], span: Span, now: datetime
) -> dict[int, dict[Figure, int]]:
    """What lies in whose hands now; NOBODY for what lies in none."""
    columns = [func.count().filter(condition(figure, span, now)) for figure in figures]
    rows = await session.execute(
        select(Ticket.handler_id, *columns)
        .where(seen_by(staff), cut.condition, condition(Figure.OPEN, span, now))
        .group_by(Ticket.handler_id)
    )
    return {handler or NOBODY: dict(zip(figures, numbers, strict=True)) for handler, *numbers in rows.all()}


async def count_by_week(
    session: AsyncSession, staff: Staff, cut: Cut, figures: Sequence[Figure], weeks: Sequence[Span], now: datetime
) -> list[dict[Figure, int]]:
    """Figures of periods, week by week, in one pass: tickets are grouped by the weeks of all their moments at once."""
    moments = {str(moment): moment for figure in figures if (moment := moment_of(figure)) is not None}
    columns = [func.count().filter(_kind(figure, now)) for figure in figures]
    asked = [Asked(figure, weeks[0]) for figure in figures]
    places = [_week_of(moment, weeks) for moment in moments.values()]
    rows = await session.execute(
        select(*places, *columns).where(seen_by(staff), cut.condition, _any_of(asked)).group_by(*places)
    )
    found: list[dict[Figure, int]] = [dict.fromkeys(figures, 0) for _ in weeks]
    for row in rows.all():
        at = dict(zip(moments, row, strict=False))
        for figure, number in zip(figures, row[len(moments) :], strict=True):
            place = at[str(moment_of(figure))]
            if place >= 0:
                found[place][figure] += number
    return found


def _week_of(moment: SQLColumnExpression[Any], weeks: Sequence[Span]) -> SQLColumnExpression[int]:
    """Which of the weeks; -1 for none of them, and for what has not happened."""
    begun = [(moment >= span.start, place) for place, span in reversed(list(enumerate(weeks)))]
    return case((moment >= weeks[-1].end, -1), *begun, else_=-1)


# -- rows -----------------------------------------------------------------------------------------------------


def rows_of(staff: Staff, cut: Cut, asked: Asked, now: datetime) -> Select[Any]:
    """The tickets behind a number, the newest first."""
    return (
        select(Ticket)
        .where(seen_by(staff), cut.condition, condition(asked.figure, asked.span, now))
        .order_by(Ticket.id.desc())
    )


async def count_rows(session: AsyncSession, staff: Staff, cut: Cut, asked: Sequence[Asked], now: datetime) -> list[int]:
    """Some figures of one cut."""
    columns = [func.count().filter(condition(one.figure, one.span, now)) for one in asked]
    found = (await session.execute(select(*columns).select_from(Ticket).where(seen_by(staff), cut.condition))).one()
    return list(found)
