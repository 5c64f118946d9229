"""What it is, and whose: flags, 督办, facts put right, the code for another device. Part of `Desk`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff
from bot.staff.roles import Permission, may
from handlers.tickets.desk.door import Door, actor_of
from handlers.tickets.desk.refusals import WordsMissing
from handlers.tickets.filing import ACCESS_FOR, digest_of_code, make_code
from handlers.tickets.models import Access, Ticket
from handlers.tickets.ticket import LEADERS, OPEN, MoveRefused, Priority, Role, State, Supervision
from handlers.tickets.timeline import EntryKind


class Marking(Door):
    async def set_flags(
        self,
        session: AsyncSession,
        staff: Staff,
        number: str,
        *,
        reason: str,
        now: datetime,
        urgent: bool | None = None,
        is_group: bool | None = None,
        confidential: bool | None = None,
    ) -> Ticket:
        """加急, 群体, 保密; what is confidential stays so."""
        ticket = await self.access_ticket(session, staff, number)
        if not may(staff.as_role, Permission.WORK_TICKETS) or (confidential is False and ticket.confidential):
            raise MoveRefused(move="flags", state=ticket.state, role=str(staff.role))
        changes: dict[str, Any] = {}
        if urgent is not None:
            ticket.priority = str(Priority.URGENT if urgent else Priority.ORDINARY)
            changes["priority"] = ticket.priority
            if urgent and State(ticket.state) in OPEN:
                self._cabinet.clockwork.hurry(ticket)
        if is_group is not None:
            ticket.is_group = changes["is_group"] = is_group
        if confidential:
            ticket.confidential = changes["confidential"] = True
        await self._cabinet.write(
            session, ticket, EntryKind.FLAGS, actor=actor_of(staff), now=now, data=changes, text=reason
        )
        await self._cabinet.settle(session, ticket)
        await self._telling.watch_claim(session, ticket, now=now)
        return ticket

    async def supervise(
        self, session: AsyncSession, staff: Staff, number: str, level: Supervision, *, reason: str, now: datetime
    ) -> Ticket:
        """督办, raised or taken off by a leader."""
        ticket = await self.access_ticket(session, staff, number)
        if Role(staff.role) not in LEADERS:
            raise MoveRefused(move="supervise", state=ticket.state, role=str(staff.role))
        data = {"supervision": int(level), "before": ticket.supervision}
        ticket.supervision = int(level)
        await self._cabinet.write(
            session, ticket, EntryKind.FLAGS, actor=actor_of(staff), now=now, data=data, text=reason
        )
        await session.flush()
        await self._telling.handler_of(session, ticket, "supervised", now=now)
        return ticket

    async def change_facts(
        self,
        session: AsyncSession,
        staff: Staff,
        number: str,
        changes: Mapping[str, Any],
        *,
        reason: str,
        now: datetime,
    ) -> Ticket:
        """A fact read wrongly is put right, with a reason; what it was stays in the timeline."""
        if not reason.strip():
            raise WordsMissing(number=number)
        ticket = await self.access_ticket(session, staff, number)
        self._check_working(staff, ticket, "facts")
        before = {name: ticket.facts.get(name) for name in changes}
        ticket.facts = {**ticket.facts, **changes}
        await self._cabinet.write(
            session,
            ticket,
            EntryKind.FACTS,
            actor=actor_of(staff),
            now=now,
            data={"before": before, "after": dict(changes)},
            text=reason,
        )
        await self._cabinet.settle(session, ticket)
        return ticket

    async def give_code(self, session: AsyncSession, staff: Staff, number: str, *, now: datetime) -> str:
        """A code for the person's other device, valid for a day; said once, kept only as a digest."""
        ticket = await self.access_ticket(session, staff, number)
        self._check_working(staff, ticket, "code")
        code = make_code()
        await session.execute(
            insert(Access),
            {
                "ticket_id": ticket.id,
                "digest": digest_of_code(self._sealer, code),
                "until": now + ACCESS_FOR,
                "tries": 0,
                "conversation_id": None,
            },
        )
        await self._cabinet.write(session, ticket, EntryKind.ACCESS, actor=actor_of(staff), now=now)
        await session.flush()
        return code
