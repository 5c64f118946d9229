"""Gathers all that the page of one ticket shows, in a bounded number of questions, masked. Called by `ticket_pages`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.models import Conversation
from bot.sealing import mask_name, mask_phone
from bot.staff.models import Staff
from bot.staff.roles import PERMISSIONS, Permission, may
from handlers.tickets.attachments import Listed
from handlers.tickets.cabinet import NoSuchTicket
from handlers.tickets.clock_face import ClockFace, ClockFaces
from handlers.tickets.console.offers import Act, Offer, Situation, Why
from handlers.tickets.console.offers import offers as find_offers
from handlers.tickets.console.ticket_thread import Thread, read_thread
from handlers.tickets.holding import is_held_for
from handlers.tickets.ledger import hide, name_of, phone_of
from handlers.tickets.models import Complainant, Queue, Task, Ticket, UnsealRequest
from handlers.tickets.office import Office
from handlers.tickets.seeing import eyes_of, sees
from handlers.tickets.sheets import SHOWN_FACTS
from handlers.tickets.ticket import State
from handlers.tickets.timeline import EntryKind
from handlers.tickets.unseal_requests import Stage, find_newest, stage_of

LINES = 40
"""Entries of the timeline that a page shows; older ones are behind a link."""
OTHERS = 20
"""So many tickets of the same person."""
COMPLAINANTS = 20


@dataclass(frozen=True)
class Line:
    """One entry of the timeline."""

    seq: int
    at: datetime
    role: str
    name: str
    """The clerk's, where it was one."""
    kind: str
    data: Mapping[str, Any]
    words: str = field(repr=False)
    """As they were written."""
    erased: bool
    person: str = field(repr=False)
    """The name of the ticket's person, to be hidden."""

    @property
    def text(self) -> str:
        """The words with names and numbers half hidden; empty where there are none. (Of five hundred few are shown.)"""
        return hide(self.words, [self.person] if self.person else []) if self.words else ""


@dataclass(frozen=True)
class Chat:
    """Where the person is told."""

    held_by: int | None = None
    held_by_name: str = ""
    held_at: datetime | None = None


@dataclass(frozen=True)
class Sheet:
    """The ticket, as its page shows it."""

    ticket: Ticket
    place: str
    queue: str
    handler: str
    clock: ClockFace
    answer_clock: ClockFace | None
    name: str
    phone: str
    chat: Chat | None
    """None where there is none to talk in."""
    thread: Thread
    lines: tuple[Line, ...]
    """All, the oldest first."""
    broken: bool
    """Its chain does not hold."""
    names: Mapping[int, str]
    """Staff who are named in the timeline."""
    queues: Mapping[int, str]
    files: Sequence[Listed]
    tasks: Sequence[Task]
    others: Sequence[Ticket]
    complainants: Sequence[tuple[str, str]]
    """Name and phone, masked."""
    joined: int
    """How many complainants beside the first."""
    follows: str
    merged_into: str
    """Numbers."""
    offers: Mapping[Act, Offer]
    request: UnsealRequest | None
    """What whoever looks asked last, of who is behind a confidential ticket."""
    stage: Stage | None
    may_ask: bool
    """Whether they may ask a head for it now."""

    @property
    def draft(self) -> str:
        """The answer that was handed to a leader."""
        found = [line.text for line in self.lines if line.kind == EntryKind.ANSWER]
        return found[-1] if found and self.ticket.state == str(State.REVIEW) else ""

    @property
    def facts(self) -> list[tuple[str, str]]:
        return [(name, str(self.ticket.facts.get(name) or "")) for name in SHOWN_FACTS]


class Gathering:
    def __init__(self, office: Office) -> None:
        self._office = office
        self.clocks = ClockFaces(office.cabinet.clockwork)

    async def find(self, session: AsyncSession, staff: Staff, number: str) -> Ticket:
        """To be read only. Raises NoSuchTicket for what is not theirs, too."""
        ticket = await self._office.cabinet.look(session, number)
        if not await self._office.desk.may_see(session, staff, ticket):
            raise NoSuchTicket(number=number)
        return ticket

    async def gather(
        self, session: AsyncSession, staff: Staff, number: str, *, now: datetime, before: int | None = None
    ) -> Sheet:
        office, ticket = self._office, await self.find(session, staff, number)
        rows, broken = await office.cabinet.timeline.read(session, ticket.id)
        name = office.sealer.open(ticket.name, "ticket.name") if ticket.name else ""
        told = next((row["text"] or "" for row in rows if row["kind"] == str(EntryKind.OPENED)), "")
        names = await self._staff_of(session, rows, ticket)
        queues = await self._queues_of(session, rows, ticket)
        chat = await self._chat_of(session, ticket)
        tasks = await self._tasks_of(session, ticket)
        complainants, joined = await self._complainants_of(session, ticket)
        numbers = await self._numbers_of(session, [ticket.follows, ticket.merged_into])
        request = await find_newest(session, ticket.id, staff.id) if ticket.confidential else None
        stage = stage_of(request, now=now) if request is not None else None
        offers = await self._offers(session, staff, ticket, chat, stage, has_tasks=bool(tasks), joined=joined, now=now)
        return Sheet(
            ticket=ticket,
            place=office.viewer.place(ticket),
            queue=queues.get(ticket.queue_id or 0, ""),
            handler=names.get(ticket.handler_id or 0, ""),
            clock=self.clocks.of(ticket, now=now),
            answer_clock=self.clocks.answer(ticket, now=now),
            name=name_of(office, ticket),
            phone=phone_of(office, ticket),
            chat=chat,
            thread=await read_thread(session, ticket, told=told, name=name, before=before),
            lines=tuple(_line(row, names, name) for row in rows),
            broken=broken is not None,
            names=names,
            queues=queues,
            files=await office.attachments.of_ticket(session, ticket.id),
            tasks=tasks,
            others=await self._others_of(session, staff, ticket),
            complainants=complainants,
            joined=joined,
            follows=numbers.get(ticket.follows or 0, ""),
            merged_into=numbers.get(ticket.merged_into or 0, ""),
            offers=offers,
            request=request,
            stage=stage,
            may_ask=offers[Act.UNSEAL].why is Why.SEALED
            and may(staff.as_role, Permission.WORK_TICKETS)
            and stage is not Stage.OPEN,
        )

    async def _offers(
        self,
        session: AsyncSession,
        staff: Staff,
        ticket: Ticket,
        chat: Chat | None,
        stage: Stage | None,
        *,
        has_tasks: bool,
        joined: int,
        now: datetime,
    ) -> dict[Act, Offer]:
        desk, clockwork = self._office.desk, self._office.cabinet.clockwork
        situation = Situation(
            moves=desk.allowed(staff, ticket),
            claimable=desk.may_claim(staff, ticket),
            may_return=not ticket.returns and now <= clockwork.return_until(ticket),
            has_chat=chat is not None or joined > 0,
            held_by=chat.held_by if chat else None,
            has_tasks=has_tasks,
            unsealable=stage is Stage.GRANTED or await desk.may_unseal(session, staff, ticket),
        )
        return find_offers(staff, ticket, situation, PERMISSIONS[staff.as_role])

    # -- who and where ------------------------------------------------------------------------------------

    async def _staff_of(self, session: AsyncSession, rows: Sequence[RowMapping], ticket: Ticket) -> dict[int, str]:
        wanted = {row["actor_id"] for row in rows} | {ticket.handler_id, ticket.filed_by}
        wanted |= {row["data"].get(end) for row in rows if row["kind"] == str(EntryKind.ASSIGNED) for end in ENDS}
        found = await session.execute(select(Staff.id, Staff.display_name).where(Staff.id.in_(_ids(wanted))))
        return {row.id: row.display_name for row in found}

    async def _queues_of(self, session: AsyncSession, rows: Sequence[RowMapping], ticket: Ticket) -> dict[int, str]:
        wanted = {row["data"].get(end) for row in rows for end in ("queue", "queue_from", "queue_to")}
        found = await session.execute(
            select(Queue.id, Queue.name).where(Queue.id.in_(_ids(wanted | {ticket.queue_id})))
        )
        return {row.id: row.name for row in found}

    async def _chat_of(self, session: AsyncSession, ticket: Ticket) -> Chat | None:
        if ticket.conversation_id is None:
            return None
        conversation = await session.get(Conversation, ticket.conversation_id)
        if conversation is None:
            return None
        if not is_held_for(conversation, ticket):
            return Chat()
        name = await session.scalar(select(Staff.display_name).where(Staff.id == conversation.held_by))
        return Chat(conversation.held_by, name or "", conversation.held_at)

    async def _tasks_of(self, session: AsyncSession, ticket: Ticket) -> Sequence[Task]:
        wanted = select(Task).where(Task.ticket_id == ticket.id, Task.done_at.is_(None)).order_by(Task.due_at)
        return (await session.scalars(wanted)).all()

    async def _complainants_of(self, session: AsyncSession, ticket: Ticket) -> tuple[list[tuple[str, str]], int]:
        """Of a confidential ticket only how many."""
        mine = Complainant.ticket_id == ticket.id
        count = await session.scalar(select(func.count()).select_from(Complainant).where(mine)) or 0
        if not count or ticket.confidential:
            return [], count
        rows = await session.scalars(select(Complainant).where(mine).order_by(Complainant.id).limit(COMPLAINANTS))
        open_ = self._office.sealer.open
        return [
            (
                mask_name(open_(row.name, "ticket.name")) if row.name else "",
                mask_phone(open_(row.phone, "ticket.phone")) if row.phone else "",
            )
            for row in rows
        ], count

    async def _others_of(self, session: AsyncSession, staff: Staff, ticket: Ticket) -> list[Ticket]:
        """Of the same person, as far as they may see them. What is confidential is never linked to anything."""
        same = []
        if ticket.conversation_id is not None:
            same.append(Ticket.conversation_id == ticket.conversation_id)
        if ticket.phone_digest is not None:
            same.append(Ticket.phone_digest == ticket.phone_digest)
        if not same or ticket.confidential:
            return []
        theirs = sees(await eyes_of(session, staff))
        rows = await session.scalars(
            select(Ticket)
            .where(or_(*same), Ticket.id != ticket.id, ~Ticket.confidential, theirs)
            .order_by(Ticket.opened_at.desc())
            .limit(OTHERS)
        )
        return list(rows)

    async def _numbers_of(self, session: AsyncSession, ids: Collection[int | None]) -> dict[int, str]:
        if not any(ids):
            return {}
        found = await session.execute(select(Ticket.id, Ticket.number).where(Ticket.id.in_(_ids(ids))))
        return {row.id: row.number for row in found}


ENDS = ("from", "to")


def _ids(wanted: Collection[Any]) -> list[int]:
    return [one for one in wanted if isinstance(one, int)]


def _line(row: RowMapping, names: Mapping[int, str], name: str) -> Line:
    return Line(
        row["seq"],
        row["at"],
        row["role"],
        names.get(row["actor_id"] or 0, ""),
        row["kind"],
        row["data"],
        row["text"] or "",
        erased=bool(row["digest"]) and row["text"] is None,
        person=name,
    )
