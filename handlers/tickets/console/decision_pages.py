"""等您决定: the page of what waits for a leader. Each act is posted to the ticket's own address and leads back here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.staff.models import Staff
from bot.staff.roles import Permission, may
from bot.web.console import NavLink, Page, Section, Visit
from handlers.tickets.clock_face import ClockFace, ClockFaces
from handlers.tickets.clockwork import pauses_of
from handlers.tickets.decisions import MANY, SOME, Said, Wait, Waiting, count_waiting, list_waiting, waits_of
from handlers.tickets.labels import label
from handlers.tickets.ledger import hide, name_of, phone_of
from handlers.tickets.models import Queue, Ticket
from handlers.tickets.office import Office
from handlers.tickets.ticket import Category, Closing
from handlers.tickets.unseal_requests import Asked, newest_request


@dataclass(frozen=True)
class Words:
    """What somebody said, names and numbers half hidden."""

    at: datetime
    who: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Case:
    """One thing to decide, as the page shows it."""

    ticket: Ticket
    face: ClockFace
    place: str
    queue: str
    handler: str
    name: str
    phone: str
    due_at: datetime | None
    later: datetime | None
    """The deadline, if an extension is granted."""
    brought: Words | None
    answer: Words | None
    complaint: Words | None
    asked: Asked | None
    """Who wishes to see who it is, and why."""
    draft: str = field(repr=False)
    """The answer as it was handed in, to be sent as it is or changed; empty where none waits."""


class DecisionPages:
    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._office = office
        self._faces = ClockFaces(office.cabinet.clockwork)

    def section(self) -> Section:
        return Section(
            pages=(Page("GET", "/staff/decisions", self.show, Permission.SUPERVISE),),
            links=(NavLink("lead", "decisions", "/staff/decisions", "flag", Permission.SUPERVISE),),
            counts=self.count,
            marker=newest_request,
        )

    async def count(self, session: AsyncSession, staff: Staff, _now: datetime) -> Mapping[str, int]:
        if not may(staff.as_role, Permission.SUPERVISE):
            return {}
        return {"decisions": sum((await count_waiting(session, staff)).values())}

    async def show(self, visit: Visit) -> web.StreamResponse:
        waits = waits_of(visit.staff)
        only = next((wait for wait in waits if wait == visit.request.query.get("wait")), None)
        most = SOME if only is None else MANY
        async with self._database.reading() as session:
            waiting = await list_waiting(session, visit.staff, waits if only is None else (only,), most=most)
            totals = await count_waiting(session, visit.staff)
            names = await _names(session, [one for group in waiting.values() for one in group])
            cases = {wait: [self._case(one, names, visit.now) for one in group] for wait, group in waiting.items()}
        return await visit.page(
            "tickets/decisions",
            here="decisions",
            cases=cases,
            totals=totals,
            most=most,
            only=only,
            W=Wait,
            word=label,
            categories=list(Category),
            closings=list(Closing),
        )

    def _case(self, one: Waiting, names: _Names, now: datetime) -> Case:
        ticket, office = one.ticket, self._office
        person = office.sealer.open(ticket.name, "ticket.name") if ticket.name is not None else ""

        def words(said: Said | None) -> Words | None:
            if said is None:
                return None
            return Words(said.at, names.staff.get(said.who or 0, ""), hide(said.words, [person] if person else []))

        return Case(
            ticket,
            self._faces.of(ticket, now=now),
            office.viewer.place(ticket),
            names.queues.get(ticket.queue_id or 0, ""),
            names.staff.get(ticket.handler_id or 0, ""),
            name_of(office, ticket),
            phone_of(office, ticket),
            one.due_at,
            self._later(ticket) if one.wait is Wait.EXTENSION else None,
            words(one.brought),
            words(one.answer),
            words(one.complaint),
            replace(one.asked, reason=hide(one.asked.reason, [person] if person else [])) if one.asked else None,
            one.answer.words if one.wait is Wait.REVIEW and one.answer else "",
        )

    def _later(self, ticket: Ticket) -> datetime:
        hours = self._office.cabinet.clockwork.hours(ticket)
        minutes = ticket.answer_minutes + (ticket.extension_minutes or 0)
        return hours.due(ticket.clock_from, minutes=minutes, pauses=pauses_of(ticket)).at


@dataclass(frozen=True)
class _Names:
    staff: Mapping[int, str]
    queues: Mapping[int, str]


async def _names(session: AsyncSession, waiting: list[Waiting]) -> _Names:
    people = {one.ticket.handler_id for one in waiting} | {one.brought.who for one in waiting if one.brought}
    people |= {one.answer.who for one in waiting if one.answer}
    staff = await session.execute(select(Staff.id, Staff.display_name).where(Staff.id.in_(people - {None})))
    queues = await session.execute(
        select(Queue.id, Queue.name).where(Queue.id.in_({one.ticket.queue_id for one in waiting} - {None}))
    )
    return _Names({row.id: row.display_name for row in staff}, {row.id: row.name for row in queues})
