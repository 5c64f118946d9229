"""One act on several tickets: looked at first (everything is really done, and taken back), then done one by one.

Each ticket is a transaction of its own through the desk; what is refused is told beside what was done.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database, is_passing
from bot.errors import UserFacingError
from bot.staff.models import Staff
from bot.staff.roles import Permission
from handlers.tickets.models import Entry, Queue, Ticket
from handlers.tickets.office import Office
from handlers.tickets.ticket import Category
from handlers.tickets.timeline import EntryKind

MOST = 100
ATTEMPTS = 4
HEEDS = (str(EntryKind.MOVED), str(EntryKind.ASSIGNED), str(EntryKind.FLAGS))
"""What must not have happened between the preview and the act."""


class BulkAct(StrEnum):
    CLAIM = "claim"  # 认领
    ASSIGN = "assign"  # 派单
    TRANSFER = "transfer"  # 转办
    URGENT = "urgent"  # 加急
    MERGE = "merge"  # 并单


NEEDS = {
    BulkAct.CLAIM: Permission.WORK_TICKETS,
    BulkAct.ASSIGN: Permission.ASSIGN,
    BulkAct.TRANSFER: Permission.WORK_TICKETS,
    BulkAct.URGENT: Permission.WORK_TICKETS,
    BulkAct.MERGE: Permission.WORK_TICKETS,
}


class TicketMoved(UserFacingError):
    """Something happened to it since the preview. Data: number."""

    code = "ticket_moved_bulk"


@dataclass(frozen=True)
class Picked:
    """A chosen ticket, and up to which entry it was seen."""

    number: str
    seen: int | None = None


@dataclass(frozen=True)
class Order:
    """What is to be done with all of them."""

    act: BulkAct
    to: int | None = None
    """派单: a member of staff; None: by turns."""
    category: Category | None = None
    """转办: where to."""
    into: str = ""
    """并单: which one goes on."""
    reason: str = ""

    @property
    def lacks(self) -> str:
        """The field without which nothing can be done; empty if there is none."""
        if self.act is BulkAct.TRANSFER and self.category is None:
            return "category"
        if self.act is BulkAct.MERGE and not self.into:
            return "into"
        return "reason" if self.act in (BulkAct.TRANSFER, BulkAct.MERGE) and not self.reason.strip() else ""


@dataclass(frozen=True)
class Outcome:
    """What became, or would become, of one ticket."""

    number: str
    about: str = ""
    entries: int = 0
    error: UserFacingError | None = None
    handler: str = ""
    queue: str = ""
    due: datetime | None = None
    goes_on: bool = False
    """并单: it is the one into which the others go."""


class _TakenBackError(Exception):
    """Ends a preview: nothing of it stays."""


class Bulk:
    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._office = office

    async def preview(self, staff: Staff, picked: Sequence[Picked], order: Order, *, now: datetime) -> list[Outcome]:
        """One after the other as `run` would, so that work by turns goes round; then all of it is taken back."""
        chosen, found = sorted(picked, key=lambda one: one.number), list[Outcome]()
        try:
            async with self._database.transaction() as session:
                seen = {one.number: await self._look(session, staff, one) for one in chosen}
                for one in chosen:
                    before = seen[one.number]
                    attempt = await session.begin_nested()
                    came_to = await self._try(session, staff, one, order, now)
                    await (attempt.commit() if came_to.error is None else attempt.rollback())
                    found.append(replace(came_to, about=before.about, entries=before.entries))
                raise _TakenBackError
        except _TakenBackError:
            pass
        return found

    async def run(self, staff: Staff, picked: Sequence[Picked], order: Order, *, now: datetime) -> list[Outcome]:
        return [await self._run_one(staff, one, order, now) for one in sorted(picked, key=lambda one: one.number)]

    async def _run_one(self, staff: Staff, one: Picked, order: Order, now: datetime) -> Outcome:
        """Two who wait for each other's rows: one of them begins again."""
        for attempt in range(ATTEMPTS):
            try:
                async with self._database.transaction() as session:
                    came_to = await self._try(session, staff, one, order, now)
                    if came_to.error is not None:
                        raise came_to.error
                    return came_to
            except UserFacingError as error:
                async with self._database.reading() as session:
                    return replace(await self._look(session, staff, one), error=error)
            except Exception as error:
                if not is_passing(error) or attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311  # not a secret
        raise AssertionError("unreachable")

    async def _look(self, session: AsyncSession, staff: Staff, one: Picked) -> Outcome:
        """What it is about and how far its timeline goes; nothing of what is not theirs."""
        ticket = await session.scalar(select(Ticket).where(Ticket.number == one.number))
        if ticket is None or not await self._office.desk.may_see(session, staff, ticket):
            return Outcome(one.number)
        return Outcome(one.number, ticket.about, ticket.entries)

    async def _try(self, session: AsyncSession, staff: Staff, one: Picked, order: Order, now: datetime) -> Outcome:
        try:
            ticket = await self._office.desk.access_ticket(session, staff, one.number)
            await self._check_seen(session, ticket, one)
            if order.act is BulkAct.MERGE and one.number == order.into:
                return Outcome(one.number, ticket.about, goes_on=True)
            await self._do(session, staff, ticket, order, now)
            return await self._describe(session, ticket)
        except UserFacingError as error:
            return Outcome(one.number, error=error)

    async def _check_seen(self, session: AsyncSession, ticket: Ticket, one: Picked) -> None:
        if one.seen is None or one.seen >= ticket.entries:
            return
        since = select(Entry.id).where(Entry.ticket_id == ticket.id, Entry.seq > one.seen, Entry.kind.in_(HEEDS))
        if await session.scalar(since.limit(1)) is not None:
            raise TicketMoved(number=ticket.number)

    async def _do(self, session: AsyncSession, staff: Staff, ticket: Ticket, order: Order, now: datetime) -> None:
        desk, number = self._office.desk, ticket.number
        match order.act:
            case BulkAct.CLAIM:
                await desk.claim(session, staff, number, now=now)
            case BulkAct.ASSIGN:
                await desk.assign(session, staff, number, order.to, now=now)
            case BulkAct.TRANSFER:
                assert order.category is not None
                await desk.transfer(session, staff, number, order.category, reason=order.reason, now=now)
            case BulkAct.URGENT:
                await desk.set_flags(session, staff, number, reason=order.reason, now=now, urgent=True)
            case BulkAct.MERGE:
                await desk.merge(session, staff, number, order.into, reason=order.reason, now=now)

    async def _describe(self, session: AsyncSession, ticket: Ticket) -> Outcome:
        await session.flush()
        handler = await session.scalar(select(Staff.display_name).where(Staff.id == ticket.handler_id))
        queue = await session.scalar(select(Queue.name).where(Queue.id == ticket.queue_id))
        return Outcome(
            ticket.number,
            ticket.about,
            ticket.entries,
            handler=handler or "",
            queue=queue or "",
            due=ticket.answer_due,
        )
