"""代群众登记: one form, one POST, and the paper with the number that the person takes along."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.database import Database
from bot.door import Marks
from bot.staff.roles import EVERYWHERE, Permission
from bot.web.console import NavLink, Page, Section, Visit
from handlers.tickets.attachments import AttachmentTooLarge, AttachmentType, TooManyAttachments
from handlers.tickets.cabinet import NoSuchTicket
from handlers.tickets.labels import label
from handlers.tickets.ledger import name_of, phone_of
from handlers.tickets.models import Entry, EntryContent, Ticket
from handlers.tickets.office import Office
from handlers.tickets.registering import FiledAlready, Registering, digest_of_form
from handlers.tickets.slip import MOST, MOST_TEXT, Slip, SlipReading, Source, read_slip
from handlers.tickets.ticket import Category, Kind
from handlers.tickets.timeline import EntryKind
from handlers.tickets.views import TicketView
from knowledge.regions import Regions

LONGEST_ID = 64


class RegisterPages:
    def __init__(
        self,
        database: Database,
        office: Office,
        regions: Regions,
        marks: Marks,
        public_url: str,
    ) -> None:
        self._database = database
        self._office = office
        self._registering = Registering(office.cabinet, office.filing, office.desk, office.attachments, office.sealer)
        self._regions = regions
        self._marks = marks
        self._public_url = public_url

    def section(self) -> Section:
        files = Permission.FILE_TICKETS
        return Section(
            pages=(
                Page("GET", "/staff/register", self.show, files),
                Page("POST", "/staff/register", self.take, files),
                Page("GET", "/staff/tickets/{number}/sheet", self.show_sheet, files),
            ),
            links=(NavLink("cases", "register", "/staff/register", "pen", files),),
        )

    # -- the form -----------------------------------------------------------------------------------------

    async def show(self, visit: Visit) -> web.Response:
        """An empty form; `?source=phone` for whoever is on the line."""
        asked = visit.request.query.get("source", "")
        return await self._draw(visit, Slip(source=asked if asked in set(Source) else str(Source.WINDOW)))

    async def take(self, visit: Visit) -> web.Response:
        """Files it; shows it again with what was read (`act=read`), what is wrong, or what is open already."""
        reading = read_slip(
            Slip.of(visit.form),
            scope=visit.staff.scope,
            today=visit.now.astimezone(LOCAL).date(),
            regions=self._regions,
            marks=self._marks,
        )
        if visit.form.get("act") == "read":
            return await self._draw(visit, reading.slip, reading)
        if reading.faults:
            return await self._draw(visit, reading.slip, reading, faults=reading.faults, status=422)
        try:
            async with self._database.transaction() as session:
                done = await self._file(session, visit, reading)
        except FiledAlready as error:
            done = str(error.data["number"])
        except (AttachmentTooLarge, AttachmentType, TooManyAttachments) as error:
            return await self._draw(visit, reading.slip, reading, faults={"files": error.code}, status=422)
        if isinstance(done, str):
            return visit.go(f"/staff/tickets/{done}/sheet")
        return await self._draw(visit, reading.slip, reading, same=done, status=409)

    async def _file(self, session: AsyncSession, visit: Visit, reading: SlipReading) -> str | Sequence[TicketView]:
        """-> its number; or the matters it may be the same as, to be asked about"""
        draft, choice = reading.draft, visit.form.get("same", "")
        form = digest_of_form(visit.staff, visit.form.get("form_id", "")[:LONGEST_ID])
        given: dict[str, Any] = {"form": form, "files": visit.files, "now": visit.now}
        same = [] if choice == "new" else await self._registering.find_same(session, visit.staff, draft)
        # After the look for the same matter: what another post of this form filed meanwhile is not another matter.
        if (before := await self._registering.find_filed(session, form)) is not None:
            return before
        for one in same:
            if one.number == choice:
                return (await self._registering.add_to(session, visit.staff, one, draft, **given)).number
        if same:
            return [await self._office.viewer.of(session, one, now=visit.now) for one in same]
        return (await self._registering.file(session, visit.staff, draft, **given)).number

    async def _draw(
        self,
        visit: Visit,
        slip: Slip,
        reading: SlipReading | None = None,
        *,
        faults: Mapping[str, str] | None = None,
        same: Sequence[TicketView] = (),
        status: int = 200,
    ) -> web.Response:
        home = visit.staff.region
        return await visit.page(
            "tickets/register",
            here="register",
            status=status,
            slip=slip,
            seen=reading is not None and "text" not in reading.faults,
            read=reading.read if reading else frozenset(),
            dropped=reading.dropped if reading else frozenset(),
            faults=faults or {},
            same=same,
            form_id=visit.form.get("form_id", "")[:LONGEST_ID] or str(uuid.uuid4()),
            home="" if home == EVERYWHERE else self._regions.whole_name(home),
            sources=[str(one) for one in Source],
            kinds=_choices("kind", Kind),
            categories=_choices("category", Category),
            most={"text": MOST_TEXT} | MOST,
        )

    # -- the paper ----------------------------------------------------------------------------------------

    async def show_sheet(self, visit: Visit) -> web.Response:
        """受理回执, ready to be printed."""
        number = visit.request.match_info["number"]
        async with self._database.reading() as session:
            ticket = await self._office.cabinet.look(session, number)
            if not await self._office.desk.may_see(session, visit.staff, ticket):
                raise NoSuchTicket(number=number)
            view = await self._office.viewer.of(session, ticket, now=visit.now)
            told = await session.scalar(
                select(EntryContent.text)
                .join(Entry, Entry.id == EntryContent.entry_id)
                .where(Entry.ticket_id == ticket.id, Entry.kind == str(EntryKind.OPENED))
            )
        return await visit.page(
            "tickets/sheet",
            here="register",
            view=view,
            told=told or "",
            dropped=[mark for mark in (self._marks.id_number, self._marks.bank_card) if mark in (told or "")],
            lines=self._lines(ticket),
            contact_due=ticket.contact_due,
            kind=label("kind", ticket.kind),
            category=label("category", ticket.category),
            source=ticket.source,
            days=self._office.cabinet.clockwork.answer_days(ticket),
            public_url=self._public_url,
            may_open=visit.may(Permission.READ_TICKETS),
        )

    def _lines(self, ticket: Ticket) -> list[tuple[str, Any]]:
        """What is written on the paper beside the words, by name; who it is half hidden."""
        facts = ticket.facts
        who = [("name", name_of(self._office, ticket)), ("phone", phone_of(self._office, ticket))]
        kept = [(name, facts.get(name, "")) for name in ("for_whom", "employer", "amount", "people", "since", "wish")]
        return [(name, value) for name, value in (*who, *kept) if value]


def _choices(group: str, kinds: type[Kind] | type[Category]) -> list[tuple[str, str]]:
    return [(str(one), label(group, str(one))) for one in kinds]
