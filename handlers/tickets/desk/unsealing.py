"""Who is behind a ticket: told for a reason, to who may know or has a head's leave for a day. Part of `Desk`.

A request and its decision stand in a table of their own and in the staff's audit, not in the timeline, which all see
who work the ticket: who asked about whom is for the asker and the heads alone. Each look is in the timeline.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff import audit
from bot.staff.models import Staff
from bot.staff.roles import Permission, may
from handlers.tickets.cabinet import Person
from handlers.tickets.desk.door import Door, actor_of
from handlers.tickets.desk.refusals import NoSuchRequest, UnsealAskUnfit, UnsealRefused, WordsMissing
from handlers.tickets.models import Ticket, UnsealRequest
from handlers.tickets.ticket import Role
from handlers.tickets.timeline import EntryKind
from handlers.tickets.unseal_requests import find_granted, find_newest


class Unsealing(Door):
    async def unseal(self, session: AsyncSession, staff: Staff, number: str, *, reason: str, now: datetime) -> Person:
        """Who it is. Of a confidential ticket only for head and auditor, and never for a member of its queue.

        Others while a head's leave lasts; what they asked with is then reason enough.
        """
        ticket = await self.access_ticket(session, staff, number)
        leave = None
        if not await self.may_unseal(session, staff, ticket):
            leave = await find_granted(session, ticket.id, staff.id, now=now)
            if leave is None:
                if not reason.strip():
                    raise WordsMissing(number=number)
                raise UnsealRefused(number=number)
        reason = reason.strip() or (leave.reason if leave is not None else "")
        if not reason:
            raise WordsMissing(number=number)
        data = {"leave": leave.id} if leave is not None else {}
        await self._cabinet.write(
            session, ticket, EntryKind.UNSEALED, actor=actor_of(staff), now=now, data=data, text=reason
        )
        await session.flush()
        action = audit.AuditAction.UNSEALED if ticket.confidential else audit.AuditAction.UNMASKED
        await self._audit(session, action, staff, number, reason, now)
        return Person(
            name=self._sealer.open(ticket.name, "ticket.name") if ticket.name else "",
            phone=self._sealer.open(ticket.phone, "ticket.phone") if ticket.phone else "",
        )

    async def may_unseal(self, session: AsyncSession, staff: Staff, ticket: Ticket) -> bool:
        """Whether they would be told who it is, if they said why."""
        if not ticket.confidential:
            return may(staff.as_role, Permission.UNMASK) or may(staff.as_role, Permission.UNSEAL)
        if not may(staff.as_role, Permission.UNSEAL):
            return False
        return ticket.queue_id is None or not await self._queues.has(session, ticket.queue_id, staff.id)

    async def ask_unseal(self, session: AsyncSession, staff: Staff, number: str, *, reason: str, now: datetime) -> None:
        """申请看反映人: for whoever works a confidential ticket. Raises WordsMissing, UnsealRefused, UnsealAskUnfit."""
        ticket = await self.access_ticket(session, staff, number)
        if not may(staff.as_role, Permission.WORK_TICKETS):
            raise UnsealRefused(number=number)
        if not reason.strip():
            raise WordsMissing(number=number)
        if ticket.name is None and ticket.phone is None:
            raise UnsealAskUnfit(why="nobody")
        if await self.may_unseal(session, staff, ticket) or await find_granted(session, ticket.id, staff.id, now=now):
            raise UnsealAskUnfit(why="needless")
        newest = await find_newest(session, ticket.id, staff.id)
        if newest is not None and newest.decided_at is None:
            raise UnsealAskUnfit(why="open")
        session.add(UnsealRequest(ticket_id=ticket.id, staff_id=staff.id, at=now, reason=reason.strip()))
        await session.flush()
        self._cabinet.tell_staff(session)
        for head in await self._deciders(session, ticket, staff):
            await self._telling.of_unsealing(session, head, ticket, "unseal_asked", now)
        await self._audit(session, audit.AuditAction.UNSEAL_ASKED, staff, number, reason.strip(), now)

    async def decide_unseal(
        self,
        session: AsyncSession,
        staff: Staff,
        number: str,
        request_id: int,
        *,
        granted: bool,
        reason: str,
        now: datetime,
    ) -> None:
        """A head who may look themselves, and did not ask. Raises WordsMissing, NoSuchRequest."""
        ticket = await self.access_ticket(session, staff, number)
        wanted = select(UnsealRequest).where(UnsealRequest.id == request_id, UnsealRequest.decided_at.is_(None))
        request = await session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
        decides = Role(staff.role) is Role.HEAD and await self.may_unseal(session, staff, ticket)
        if request is None or request.ticket_id != ticket.id or not decides or request.staff_id == staff.id:
            raise NoSuchRequest
        if not reason.strip():
            raise WordsMissing(number=number)
        request.decided_at, request.decided_by, request.words = now, staff.id, reason.strip()
        request.until = self._cabinet.clockwork.one_day(ticket, now) if granted else None
        await session.flush()
        self._cabinet.tell_staff(session)
        why = "unseal_granted" if granted else "unseal_denied"
        await self._telling.of_unsealing(session, request.staff_id, ticket, why, now)
        action = audit.AuditAction.UNSEAL_GRANTED if granted else audit.AuditAction.UNSEAL_DENIED
        await self._audit(session, action, staff, number, reason.strip(), now, asker=request.staff_id)

    async def _deciders(self, session: AsyncSession, ticket: Ticket, asker: Staff) -> list[int]:
        heads = await session.scalars(
            select(Staff).where(Staff.role == str(Role.HEAD), Staff.disabled_at.is_(None), Staff.id != asker.id)
        )
        return [
            head.id
            for head in heads.all()
            if (ticket.region is None or head.scope.covers(ticket.region))
            and await self.may_unseal(session, head, ticket)
        ]

    async def _audit(
        self,
        session: AsyncSession,
        action: audit.AuditAction,
        staff: Staff,
        number: str,
        reason: str,
        now: datetime,
        **data: int,
    ) -> None:
        actor, subject = audit.Actor(audit.ActorKind.STAFF, staff.id), audit.Subject("ticket", number)
        await audit.append(session, action, actor=actor, subject=subject, reason=reason, at=now, data=data)
