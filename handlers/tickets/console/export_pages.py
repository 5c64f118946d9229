"""导出台账: the ledger of what a leader may see, masked; in full only for whoever may, with a reason that is kept."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import BinaryIO

from aiohttp import web
from sqlalchemy import and_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.database import Database
from bot.errors import UserFacingError
from bot.sheets import send_xlsx
from bot.staff.roles import Permission
from bot.web.bodies import address_with
from bot.web.console import Page, Section, Visit
from bot.web.exporting import ExportBusy, ReasonNeeded, read_unmasking
from handlers.tickets.areas import Area
from handlers.tickets.board_counting import Asked, condition, count_rows, seen_by
from handlers.tickets.console.asking import BadFilter, Question, read_day, read_question
from handlers.tickets.export import Exported, Shows, hides_all, note_export, write_sheet
from handlers.tickets.figures import NOW, Figure, Span, at_midnight
from handlers.tickets.labels import label
from handlers.tickets.models import Ticket
from handlers.tickets.office import Office
from handlers.tickets.seeing import eyes_of
from handlers.tickets.ticket import Category
from knowledge.regions import Regions

ASKED = ("figure", "from", "to", "place", "region", "category", "handler")


@dataclass(frozen=True)
class Wanted:
    """Which tickets: a figure over days, of a place, a category, somebody's."""

    question: Question
    first: date
    last: date

    @property
    def asked(self) -> Asked:
        return Asked(self.question.figure, Span(at_midnight(self.first), at_midnight(self.last + timedelta(days=1))))

    @property
    def codes(self) -> dict[str, str]:
        """For the audit."""
        found = {"figure": str(self.question.figure), **self.question.cut_query}
        if self.question.figure not in NOW:
            found |= {"from": self.first.isoformat(), "to": self.last.isoformat()}
        return found


class ExportPages:
    def __init__(self, database: Database, office: Office, regions: Regions) -> None:
        self._database = database
        self._office = office
        self._regions = regions
        self._one = asyncio.Lock()

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", "/staff/export", self.show, Permission.EXPORT),
                Page("POST", "/staff/export", self.export, Permission.EXPORT),
            )
        )

    async def show(self, visit: Visit) -> web.Response:
        return await self._draw(visit, read_wanted(visit.request.query, visit))

    async def _draw(self, visit: Visit, wanted: Wanted, *, fault: UserFacingError | None = None) -> web.Response:
        question = wanted.question
        async with self._database.reading() as session:
            (count,) = await count_rows(session, visit.staff, question.cut, [wanted.asked], visit.now)
        area, form = Area(visit.staff.region, self._regions), visit.form
        place = question.cut.place
        return await visit.page(
            "tickets/export",
            here="board",
            status=422 if fault is not None else 200,
            wanted=wanted,
            q=question,
            count=count,
            fault=visit.pages.say_error(fault.code, fault.data) if fault is not None else "",
            unmasked=form.get("unmasked") == "yes",
            reason=form.get("text", ""),
            place_name=self._regions.whole_name(place.code) if place and place.code else "",
            area_name=area.name,
            areas=[(code, self._regions.name(code)) for code in area.parts],
            category_names=list(Category),
            figures=list(Figure),
            now_figures=NOW,
            word=label,
        )

    async def export(self, visit: Visit) -> web.StreamResponse:
        """With `do=count` it is only counted."""
        if visit.form.get("do") == "count":
            return visit.go(address_with(visit.request.path, visit.form, ASKED))
        wanted = read_wanted(visit.form, visit)
        try:
            unmasked, reason = read_unmasking(visit)
        except ReasonNeeded as fault:
            return await self._draw(visit, wanted, fault=fault)
        if self._one.locked():
            return await self._draw(visit, wanted, fault=ExportBusy())
        # No name, gone with its last handle: what a ledger holds must not stay on the disk.
        with tempfile.TemporaryFile() as file:
            async with self._one:
                exported = await self._write(visit, wanted, file, unmasked=unmasked)
            async with self._database.transaction() as session:
                await note_export(
                    session,
                    exported,
                    actor=visit.actor,
                    unmasked=unmasked,
                    reason=reason,
                    now=visit.now,
                    asked=wanted.codes,
                )
            return await _send(visit, file)

    async def _write(self, visit: Visit, wanted: Wanted, file: BinaryIO, *, unmasked: bool) -> Exported:
        asked = wanted.asked
        where = and_(
            seen_by(visit.staff), wanted.question.cut.condition, condition(asked.figure, asked.span, visit.now)
        )
        async with self._database.reading() as session:
            shows = await self._who_is_shown(session, visit) if unmasked else hides_all
            return await write_sheet(session, self._office, file, where, shows=shows)

    async def _who_is_shown(self, session: AsyncSession, visit: Visit) -> Shows:
        """As `Desk.unseal` has it: the confidential to few, and never to those who work its queue."""
        eyes = await eyes_of(session, visit.staff)
        unseals, queues = visit.may(Permission.UNSEAL), frozenset(eyes.queues)

        def shows(ticket: Ticket) -> bool:
            return not ticket.confidential or (unseals and ticket.queue_id not in queues)

        return shows


def read_wanted(query: Mapping[str, str], visit: Visit) -> Wanted:
    """Raises BadFilter."""
    question = read_question(query, visit.staff, now=visit.now)
    today = visit.now.astimezone(LOCAL).date()
    first = read_day(query, "from", today) if query.get("from") else question.period.first
    last = read_day(query, "to", today) if query.get("to") else min(question.period.last, max(today, first))
    if last < first:
        raise BadFilter(name="to")
    return Wanted(question, first, last)


async def _send(visit: Visit, file: BinaryIO) -> web.StreamResponse:
    day = f"{visit.now.astimezone(LOCAL):%Y-%m-%d}"
    name = label("ledger", "file").format(day=day)
    return await send_xlsx(visit.request, file, name=name, plain_name=f"ledger-{day}.xlsx")
