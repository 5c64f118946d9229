"""看板: the supervisor's page, and the tickets behind each of its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web
from sqlalchemy import select

from bot.clock import LOCAL
from bot.database import Database
from bot.staff.models import Staff
from bot.staff.roles import Permission
from bot.web.console import NavLink, Page, Section, Visit
from handlers.tickets import findings
from handlers.tickets.areas import Area, Place
from handlers.tickets.board import Board, Line, read_board, read_weeks
from handlers.tickets.board_counting import Asked, count_rows
from handlers.tickets.clock_face import ClockFaces
from handlers.tickets.clockwork import Clockwork
from handlers.tickets.console.asking import By, Question, read_question
from handlers.tickets.console.charts import draw_lines, heat_step
from handlers.tickets.console.rows import list_tickets
from handlers.tickets.figures import (
    ANSWER_RATE,
    CONTACT_RATE,
    NOW,
    SATISFIED_RATE,
    SOLVED_RATE,
    WEEKS_SHOWN,
    Figure,
    Length,
    Period,
    per_cent,
    weeks_until,
)
from handlers.tickets.findings import Finding, Load
from handlers.tickets.labels import label
from handlers.tickets.ticket import Category
from handlers.tickets.views import Viewer
from knowledge.regions import Regions

HEAT_ROWS = 10
HANDS_SHOWN = 15
BESIDE: Mapping[Figure, tuple[Figure, ...]] = {
    figure: group
    for group in (
        (Figure.HEARD, Figure.SOLVED, Figure.UNSOLVED),
        (Figure.SATISFIED, Figure.MOSTLY, Figure.DISSATISFIED, Figure.UNRATED),
        (Figure.CONTACT_OWED, Figure.CONTACTED_IN_TIME, Figure.CONTACT_LATE, Figure.CONTACTED),
        (Figure.ANSWER_OWED, Figure.ANSWERED, Figure.ANSWERED_IN_TIME, Figure.ANSWERED_LATE),
        (Figure.OPEN, Figure.UNCLAIMED, Figure.DUE_SOON, Figure.OVERDUE, Figure.SUPERVISED),
    )
    for figure in group
}
"""Figures that are read beside each other, as tabs over the rows."""


class BoardPages:
    def __init__(self, database: Database, clockwork: Clockwork, viewer: Viewer, regions: Regions) -> None:
        self._database = database
        self._clockwork = clockwork
        self._viewer = viewer
        self._regions = regions

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", "/staff/board", self.show, Permission.READ_BOARD),
                Page("GET", "/staff/board/rows", self.show_rows, Permission.READ_BOARD),
            ),
            links=(NavLink("lead", "board", "/staff/board", "chart", Permission.READ_BOARD),),
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        question = read_question(visit.request.query, visit.staff, now=visit.now)
        question = replace(question, cut=replace(question.cut, handler=None))
        area = self._area(visit, question)
        now, period, today = visit.now, question.period, visit.now.astimezone(LOCAL).date()
        weeks = weeks_until(period, today)
        async with self._database.reading() as session:
            board = await read_board(
                session, visit.staff, question.cut, period, weeks, area=area, now=now, clockwork=self._clockwork
            )
            table = _lines_of(board, question.by)
            if question.by is By.WEEK:
                lines = await read_weeks(session, visit.staff, question.cut, weeks, now=now, clockwork=self._clockwork)
                table = list(reversed(lines.items()))
        whole = [week for week in weeks if week.span.end <= visit.now][-WEEKS_SHOWN:]
        return await visit.page(
            "tickets/board",
            here="board",
            **self._filters(visit, question),
            board=board,
            F=Figure,
            rates={
                "contact": _rate(board.total, CONTACT_RATE.part, CONTACT_RATE.whole),
                "answer": _rate(board.total, ANSWER_RATE.part, ANSWER_RATE.whole),
                "solved": _rate(board.total, SOLVED_RATE.part, SOLVED_RATE.whole),
                "satisfied": _rate(board.total, SATISFIED_RATE.part, SATISFIED_RATE.whole),
            },
            weeks=[(week, board.weeks[week], question.narrow(period=week)) for week in whole],
            lines=draw_lines(*_by_week(board, whole)),
            hands=[(hand, question.narrow(handler=hand.staff_id)) for hand in board.hands[:HANDS_SHOWN]],
            more_hands=max(0, len(board.hands) - HANDS_SHOWN),
            most_in_hand=max((hand.numbers[Figure.OPEN] for hand in board.hands), default=0),
            categories=[
                (category, line, question.narrow(category=category)) for category, line in _fullest(board.categories)
            ],
            heat=self._heat(board, question),
            table=[(self._name(key), line, self._narrow(question, key)) for key, line in table],
            per_cent=per_cent,
            findings=self._findings(board, whole),
            a_day=self._a_day(visit),
            by_names=By,
        )

    async def show_rows(self, visit: Visit) -> web.StreamResponse:
        """What one number is made of, by the condition that counted it."""
        question = read_question(visit.request.query, visit.staff, now=visit.now)
        now, figure = visit.now, question.figure
        beside = BESIDE.get(figure, (figure,))
        async with self._database.reading() as session:
            counts = await count_rows(
                session, visit.staff, question.cut, [Asked(one, question.period.span) for one in beside], now
            )
            rows = await list_tickets(session, visit, question, self._viewer, ClockFaces(self._clockwork))
            wanted = select(Staff.display_name).where(Staff.id == question.cut.handler)
            handler = await session.scalar(wanted) if rows.items else None
        return await visit.page(
            "tickets/board_rows",
            here="board",
            **self._filters(visit, question),
            rows=rows,
            total=counts[beside.index(figure)],
            beside=[(one, count, question.rows(one)) for one, count in zip(beside, counts, strict=True)],
            now_figures=NOW,
            handler_name=handler,
        )

    # -- inside -------------------------------------------------------------------------------------------

    def _area(self, visit: Visit, question: Question) -> Area:
        place = question.cut.place
        return Area(place.code if place and place.code else visit.staff.region, self._regions)

    def _a_day(self, visit: Visit) -> int:
        today = visit.now.astimezone(LOCAL).date()
        return self._clockwork.hours_at(visit.staff.region).minutes_of(today)

    def _filters(self, visit: Visit, question: Question) -> dict[str, Any]:
        """What every page of the board says of what it shows."""
        today = visit.now.astimezone(LOCAL).date()
        period, area = question.period, Area(visit.staff.region, self._regions)
        ahead = period.after
        return {
            "q": question,
            "word": label,
            "today": today,
            "place_name": self._place_name(question.cut.place) if question.cut.place else area.name,
            "periods": [(length, question.board(period=Period(length, today))) for length in Length],
            "is_now": period.first <= today <= period.last,
            "earlier": question.board(period=period.before),
            "later": question.board(period=ahead) if ahead.first <= today else "",
            "areas": [(code, self._regions.name(code)) for code in area.parts],
            "category_names": list(Category),
        }

    def _place_name(self, place: Place) -> str:
        """Empty: no place named. What names only the area itself is told apart by the template."""
        return self._regions.whole_name(place.code) if place.code else ""

    def _name(self, key: Place | Category | Period) -> dict[str, Any]:
        match key:
            case Place():
                name = self._regions.name(key.code) or key.code if key.code else ""
                return {"kind": "place" if key.code else "nowhere", "name": name, "alone": key.alone}
            case Category():
                return {"kind": "category", "name": key}
            case Period():
                return {"kind": "week", "name": key.first, "last": key.last}

    def _narrow(self, question: Question, key: Place | Category | Period) -> Question:
        match key:
            case Place():
                return question.narrow(place=key)
            case Category():
                return question.narrow(category=key)
            case Period():
                return question.narrow(period=key)

    def _heat(self, board: Board, question: Question) -> dict[str, Any]:
        places = [place for place, line in _fullest(board.places) if line.numbers[Figure.RECEIVED]]
        categories = [key for key, line in _fullest(board.categories) if line.numbers[Figure.RECEIVED]]
        most = max(board.heat.values(), default=0)
        rows = []
        for place in places[:HEAT_ROWS]:
            cells = []
            for category in categories:
                count, before = board.heat.get((place, category), 0), board.heat_before.get((place, category), 0)
                rise = count - before if findings.is_rise(count, before) else 0
                cells.append((count, heat_step(count, most), rise, question.narrow(place=place, category=category)))
            rows.append((self._name(place), cells))
        return {"categories": categories, "rows": rows, "more": max(0, len(places) - HEAT_ROWS)}

    def _findings(self, board: Board, whole: Sequence[Period]) -> dict[str, tuple[Finding, str]]:
        """Each with the name of what it is about, where it is about one."""
        categories = {str(key): line for key, line in board.categories.items()}
        loads = [Load(hand.name, hand.numbers[Figure.OPEN], hand.numbers[Figure.OVERDUE]) for hand in board.hands]
        found = {
            "weeks": findings.about_weeks(*_by_week(board, whole)),
            "loads": findings.about_loads(loads),
            "answers": findings.about_answers(
                {key: line.answers for key, line in categories.items()},
                {key: line.numbers[Figure.ANSWERED_LATE] for key, line in categories.items()},
            ),
            "contacts": findings.about_contacts(
                {key: line.contacts for key, line in categories.items()},
                {key: line.numbers[Figure.CONTACT_LATE] for key, line in categories.items()},
            ),
            "heat": findings.about_heat(board.heat, board.heat_before),
            "breaches": findings.about_breaches(
                {place: line.numbers[Figure.BREACHED] for place, line in board.places.items()}
            ),
            "voices": findings.about_voices(
                *(board.total.numbers[figure] for figure in (Figure.HEARD, Figure.SOLVED, Figure.SILENT))
            ),
        }
        return {name: (finding, self._subject(finding)) for name, finding in found.items()}

    def _subject(self, finding: Finding) -> str:
        match finding.data.get("key"):
            case (Place() as place, category):
                return f"{self._regions.name(place.code or '')} · {label('category', str(category))}".strip(" ·")
            case Place() as place:
                return self._regions.name(place.code or "")
            case str() as category:
                return label("category", category)
        return ""


def _rate(line: Line, part: Figure, whole: Figure) -> dict[str, Any]:
    numbers = line.numbers
    return {
        "share": per_cent(numbers[part], numbers[whole]),
        "part": numbers[part],
        "whole": numbers[whole],
        "figures": (part, whole),
    }


def _by_week(board: Board, weeks: Sequence[Period]) -> tuple[list[int], list[int]]:
    return (
        [board.weeks[week][Figure.RECEIVED] for week in weeks],
        [board.weeks[week][Figure.ANSWERED] for week in weeks],
    )


def _fullest(lines: Mapping[Any, Line]) -> list[tuple[Any, Line]]:
    return sorted(lines.items(), key=lambda item: -item[1].numbers[Figure.RECEIVED])


def _lines_of(board: Board, by: By) -> list[tuple[Any, Line]]:
    return _fullest(board.places if by is By.REGION else board.categories)
