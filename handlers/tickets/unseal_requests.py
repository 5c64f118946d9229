"""申请看反映人: what somebody asked of one ticket, and what waits for a head. Asked and decided at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff
from bot.staff.roles import Role
from handlers.tickets.models import QueueMember, Ticket, UnsealRequest
from handlers.tickets.seeing import Eyes, is_shared


class Stage(StrEnum):
    """How far a request has come, for whoever asked."""

    OPEN = "open"
    GRANTED = "granted"
    OVER = "over"  # granted, and the time has passed
    DENIED = "denied"


@dataclass(frozen=True)
class Asked:
    """One that waits, as a head reads it."""

    id: int
    at: datetime
    asker: str
    reason: str


def stage_of(request: UnsealRequest, *, now: datetime) -> Stage:
    if request.decided_at is None:
        return Stage.OPEN
    if request.until is None:
        return Stage.DENIED
    return Stage.GRANTED if now < request.until else Stage.OVER


async def find_newest(session: AsyncSession, ticket_id: int, staff_id: int) -> UnsealRequest | None:
    """Their own."""
    wanted = select(UnsealRequest).where(UnsealRequest.ticket_id == ticket_id, UnsealRequest.staff_id == staff_id)
    return await session.scalar(wanted.order_by(UnsealRequest.id.desc()).limit(1))


async def find_granted(session: AsyncSession, ticket_id: int, staff_id: int, *, now: datetime) -> UnsealRequest | None:
    """The leave by which they may look now."""
    newest = await find_newest(session, ticket_id, staff_id)
    return newest if newest is not None and stage_of(newest, now=now) is Stage.GRANTED else None


async def count_asked(session: AsyncSession, staff: Staff) -> int:
    """How many wait for this head."""
    return await session.scalar(_waiting(staff, func.count())) or 0


async def list_asked(session: AsyncSession, staff: Staff, *, most: int) -> list[tuple[Ticket, Asked]]:
    """Those, the longest waiting first."""
    rows = await session.execute(
        _waiting(staff, Ticket, UnsealRequest, Staff.display_name).order_by(UnsealRequest.id).limit(most)
    )
    return [(ticket, Asked(request.id, request.at, name, request.reason)) for ticket, request, name in rows]


async def newest_request(session: AsyncSession) -> object:
    """Another whenever one is asked or decided."""
    found = await session.execute(select(func.max(UnsealRequest.id), func.max(UnsealRequest.decided_at)))
    return tuple(found.one())


def _waiting(staff: Staff, *what: Any) -> Select[Any]:
    """What `Desk.decide_unseal` would let them decide; nothing for who is no head."""
    works = (QueueMember.staff_id == staff.id, QueueMember.queue_id == Ticket.queue_id)
    theirs = select(QueueMember.queue_id).where(*works)
    wanted = (
        select(*what)
        .select_from(UnsealRequest)
        .join(Ticket, Ticket.id == UnsealRequest.ticket_id)
        .join(Staff, Staff.id == UnsealRequest.staff_id)
        .where(
            UnsealRequest.decided_at.is_(None),
            UnsealRequest.staff_id != staff.id,
            Staff.disabled_at.is_(None),
            is_shared(Eyes(staff, ())),
            ~theirs.exists(),
        )
    )
    return wanted if staff.as_role is Role.HEAD else wanted.where(Staff.id.is_(None))
