"""Where tickets lie: finds and locks them, and keeps row, timeline and clock together at every change.

`desk` (what staff do) and `filing` (what the person does) work through it; nothing else writes tickets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import NotNow
from bot.changes import Changes
from bot.clock import LOCAL
from bot.database import insert_or_ignore, is_held
from bot.errors import UserFacingError
from handlers.tickets.clockwork import Clockwork
from handlers.tickets.models import Access, Attachment, Complainant, DayCount, Entry, EntryContent, Queue, Ticket
from handlers.tickets.number import make_number
from handlers.tickets.search import SearchIndex
from handlers.tickets.ticket import OPEN, Category, Move, State, check_move
from handlers.tickets.timeline import Actor, EntryKind, Timeline


class NoSuchTicket(UserFacingError):
    """Not there, or not theirs: the same error, so that nobody can find out which."""

    code = "no_such_ticket"


@dataclass(frozen=True)
class Person:
    """诉求人, as far as they said."""

    name: str = ""
    phone: str = ""
    relation: str = ""
    """Of whoever files for them (代办)."""


class Cabinet:
    def __init__(self, timeline: Timeline, clockwork: Clockwork, search: SearchIndex, changes: Changes) -> None:
        self.timeline = timeline
        self.clockwork = clockwork
        self.search = search
        self._changes = changes

    # -- finding ------------------------------------------------------------------------------------------

    async def find(self, session: AsyncSession, number: str) -> Ticket:
        """By its number, locked to be changed. Raises NoSuchTicket."""
        ticket = await session.scalar(locked(Ticket.number == number))
        if ticket is None:
            raise NoSuchTicket(number=number)
        return ticket

    async def look(self, session: AsyncSession, number: str) -> Ticket:
        """The same, to be read only."""
        ticket = await session.scalar(select(Ticket).where(Ticket.number == number))
        if ticket is None:
            raise NoSuchTicket(number=number)
        return ticket

    async def look_up(self, session: AsyncSession, number: str) -> Ticket | None:
        """By its number, to be read only."""
        return await session.scalar(select(Ticket).where(Ticket.number == number))

    async def lock(self, session: AsyncSession, ticket_id: int) -> Ticket:
        return (await session.scalars(locked(Ticket.id == ticket_id))).one()

    async def lock_now(self, session: AsyncSession, ticket_id: int) -> Ticket:
        """The same for a timer's handler, which holds its timer and must not wait. Raises NotNow."""
        wanted = select(Ticket).where(Ticket.id == ticket_id).with_for_update(nowait=True)
        try:
            return (await session.scalars(wanted.execution_options(populate_existing=True))).one()
        except DBAPIError as error:
            if is_held(error):
                raise NotNow from None
            raise

    async def of_conversation(
        self, session: AsyncSession, conversation_id: int, *, only_open: bool = False
    ) -> list[Ticket]:
        """What a person may see in this chat, the newest first: filed here, joined here, or opened with a code."""
        joined = select(Complainant.ticket_id).where(Complainant.conversation_id == conversation_id)
        shown = select(Access.ticket_id).where(Access.conversation_id == conversation_id)
        wanted = select(Ticket).where(
            or_(Ticket.conversation_id == conversation_id, Ticket.id.in_(joined), Ticket.id.in_(shown))
        )
        if only_open:
            wanted = wanted.where(Ticket.state.in_([*map(str, OPEN), str(State.ANSWERED)]))
        return list(await session.scalars(wanted.order_by(Ticket.opened_at.desc(), Ticket.id.desc()).limit(50)))

    async def count_of(self, session: AsyncSession, conversation_id: int) -> int:
        """How many were handed in in this chat."""
        wanted = select(func.count()).select_from(Ticket).where(Ticket.conversation_id == conversation_id)
        return await session.scalar(wanted) or 0

    async def access_own(self, session: AsyncSession, conversation_id: int, number: str) -> Ticket:
        """A person's door to a ticket. Raises NoSuchTicket for what is not theirs, as for what is not there."""
        for ticket in await self.of_conversation(session, conversation_id):
            if ticket.number == number:
                return await self.lock(session, ticket.id)
        raise NoSuchTicket(number=number)

    async def has_joined(self, session: AsyncSession, ticket: Ticket, conversation_id: int) -> bool:
        """Whether this chat is one of the others' (联名), and not of whoever filed it."""
        if ticket.conversation_id == conversation_id:
            return False
        joined = (Complainant.ticket_id == ticket.id, Complainant.conversation_id == conversation_id)
        return await session.scalar(select(Complainant.id).where(*joined).limit(1)) is not None

    async def conversations_of(self, session: AsyncSession, ticket: Ticket) -> list[int]:
        """Where its people are told: each once."""
        others = await session.scalars(
            select(Complainant.conversation_id).where(
                Complainant.ticket_id == ticket.id, Complainant.conversation_id.is_not(None)
            )
        )
        return list(dict.fromkeys(chat for chat in (ticket.conversation_id, *others) if chat is not None))

    async def reason_of(self, session: AsyncSession, ticket: Ticket, move: Move) -> str:
        """What was given as the reason of the newest such move; empty where it was erased."""
        rows = await session.execute(
            select(Entry.data, EntryContent.text)
            .outerjoin(EntryContent, EntryContent.entry_id == Entry.id)
            .where(Entry.ticket_id == ticket.id, Entry.kind == str(EntryKind.MOVED))
            .order_by(Entry.seq.desc())
        )
        return next((row.text or "" for row in rows if row.data.get("move") == str(move)), "")

    # -- changing -----------------------------------------------------------------------------------------

    async def next_number(self, session: AsyncSession, now: datetime) -> str:
        """The day's next number; its row stays locked until the commit, so that no number is given twice."""
        day = now.astimezone(LOCAL).date()
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        statement = dialect.insert(DayCount).values(day=day, last=1)
        statement = statement.on_conflict_do_update(index_elements=["day"], set_={"last": DayCount.last + 1})
        sequence = await session.scalar(statement.returning(DayCount.last))
        assert sequence is not None
        return make_number(day, sequence)

    async def move(
        self,
        session: AsyncSession,
        ticket: Ticket,
        move: Move,
        *,
        actor: Actor,
        now: datetime,
        reason: str = "",
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """One row of the table of moves, with its entry. Raises MoveRefused, ReasonMissing."""
        before = State(ticket.state)
        step = check_move(move, before, actor.role, reason=reason)
        if step.target is not None:
            ticket.state, ticket.state_since = str(step.target), now
        said = {"move": str(move), "from": str(before), "to": ticket.state, **(data or {})}
        await self.write(session, ticket, EntryKind.MOVED, actor=actor, now=now, data=said, text=reason)

    async def write(
        self,
        session: AsyncSession,
        ticket: Ticket,
        kind: EntryKind,
        *,
        actor: Actor,
        now: datetime,
        data: Mapping[str, Any] | None = None,
        text: str = "",
    ) -> None:
        """An entry of the timeline."""
        await self.timeline.append(session, ticket, kind, actor=actor, at=now, data=data, text=text)
        self._changes.tell_after(session)

    def tell_staff(self, session: AsyncSession) -> None:
        """Numbers of the console have changed by something that stands in no timeline."""
        self._changes.tell_after(session)

    async def assign(
        self, session: AsyncSession, ticket: Ticket, staff_id: int | None, *, actor: Actor, now: datetime
    ) -> None:
        """Give it to somebody, or back to the queue."""
        if ticket.handler_id == staff_id:
            return
        before, ticket.handler_id = ticket.handler_id, staff_id
        data = {"from": before, "to": staff_id, "queue": ticket.queue_id}
        await self.write(session, ticket, EntryKind.ASSIGNED, actor=actor, now=now, data=data)

    async def keep_number(self, session: AsyncSession, number: str) -> None:
        """One that was given elsewhere; ours go on after it, so that none is given twice."""
        digits = re.fullmatch(r"(\d{6})-?(\d{4,})\d", number)
        if digits is None:
            return
        with suppress(ValueError):
            day = datetime.strptime(digits[1], "%y%m%d").date()  # noqa: DTZ007  # a day, no time
            await insert_or_ignore(session, DayCount, {"day": day, "last": 0})
            row = await session.get_one(DayCount, day, with_for_update=True, populate_existing=True)
            row.last = max(row.last, int(digits[2]))
            await session.flush()

    async def is_forgotten(self, session: AsyncSession, ticket: Ticket) -> bool:
        """Whether its person had themselves deleted while it was open."""
        asked = await session.scalar(
            select(Entry.id).where(Entry.ticket_id == ticket.id, Entry.kind == str(EntryKind.ERASED)).limit(1)
        )
        return asked is not None

    async def erase_words(self, session: AsyncSession, ticket: Ticket, *, actor: Actor, now: datetime) -> None:
        """What its person told, and their files; the chain of what happened stays whole."""
        await self.timeline.erase_content(session, ticket, actor=actor, at=now)
        await self.search.forget(session, ticket)
        await session.execute(delete(Attachment).where(Attachment.ticket_id == ticket.id))

    def put_into(self, ticket: Ticket, queue: Queue) -> None:
        """Another queue; whoever had it has it no longer."""
        ticket.queue_id, ticket.handler_id = queue.id, None
        if queue.category != str(Category.GENERAL):
            ticket.category = queue.category

    async def settle(self, session: AsyncSession, ticket: Ticket) -> None:
        """The end of every change: the timer, and what it is found by, follow what the ticket is now."""
        await self.clockwork.set_timer(session, ticket)
        await self.search.keep(session, ticket)
        await session.flush()


def locked(*conditions: ColumnElement[bool]) -> Select[Ticket]:
    """Tickets locked to be changed. Read anew: what the session saw before it had the lock may be old."""
    return select(Ticket).where(*conditions).with_for_update().execution_options(populate_existing=True)


def newest(tickets: Sequence[Ticket]) -> Ticket | None:
    """The one a person means who names none: an open one before an ended one."""
    ended = {str(State.WITHDRAWN), str(State.MERGED), str(State.ARCHIVED)}
    return min(tickets, key=lambda ticket: (ticket.state in ended, -ticket.opened_at.timestamp()), default=None)
