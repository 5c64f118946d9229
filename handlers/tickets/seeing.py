"""Whose ticket it is, as a condition for lists. `Desk.may_see` says the same of one; a test holds both together.

In somebody's hands, filed by them, in a queue of theirs, or, for a clerk, in one of their region that nobody works;
and for those who look over a region what lies there or names no place. Everything else is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement

from bot.staff.models import Staff, is_within
from handlers.tickets.models import Queue, QueueMember, Ticket
from handlers.tickets.ticket import Role

LOOKERS = frozenset({Role.SUPERVISOR, Role.HEAD, Role.AUDITOR})


@dataclass(frozen=True)
class Eyes:
    """Who looks, and the queues whose tickets are theirs to work."""

    staff: Staff
    queues: tuple[int, ...]


async def eyes_of(session: AsyncSession, staff: Staff) -> Eyes:
    """Begins every question for a list. Which way is short depends on whose list it is: no plan is kept for all."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
    wanted = select(Queue.id).where(is_queue_of(staff)).order_by(Queue.id)
    return Eyes(staff, tuple(await session.scalars(wanted)))


def is_queue_of(staff: Staff) -> ColumnElement[bool]:
    """They work it; or, for a clerk, nobody does and it lies in their region: what falls to nobody falls to all there.

    The first queue of a place makes itself when the first matter comes, before anybody has been put into it.
    """
    members = select(QueueMember.staff_id).where(QueueMember.queue_id == Queue.id)
    theirs = members.where(QueueMember.staff_id == staff.id).exists()
    if Role(staff.role) is not Role.CLERK:
        return theirs
    able = members.join(Staff, Staff.id == QueueMember.staff_id).where(Staff.disabled_at.is_(None))
    return or_(theirs, and_(~able.exists(), is_within(staff.scope, Queue.region)))


def looks_over_region(staff: Staff) -> bool:
    """Leaders and the auditor; a clerk sees queues, and no region."""
    return Role(staff.role) in LOOKERS


def sees(eyes: Eyes) -> ColumnElement[bool]:
    """All that they may see."""
    mine = (as_filter_only(Ticket.handler_id) == eyes.staff.id) | (as_filter_only(Ticket.filed_by) == eyes.staff.id)
    return or_(mine, is_shared(eyes, driving=False))


def is_own(eyes: Eyes) -> ColumnElement[bool]:
    """What is theirs by name."""
    return or_(Ticket.handler_id == eyes.staff.id, Ticket.filed_by == eyes.staff.id)


def is_shared(eyes: Eyes, *, driving: bool = True) -> ColumnElement[bool]:
    """What everybody of the same role, region and queues sees."""
    found: list[ColumnElement[bool]] = []
    if eyes.queues:
        queue: ColumnElement[Any] = as_filter_only(Ticket.queue_id) if not driving else Ticket.queue_id.expression
        found.append(queue.in_(eyes.queues))
    if looks_over_region(eyes.staff):
        found += [Ticket.region.is_(None), is_within(eyes.staff.scope, Ticket.region)]
    return or_(false(), *found)


class as_filter_only(FunctionElement[Any]):  # noqa: N801  # reads as what it does to a column
    """A column that SQLite leaves out of account when it chooses an index.

    It keeps no statistics, and would gather all of somebody's queues to sort them instead of walking along what is
    due next until a page is full.
    """

    inherit_cache = True

    def __init__(self, column: InstrumentedAttribute[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(as_filter_only)
def _plainly(element: Any, compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


@compiles(as_filter_only, "sqlite")
def _with_plus(element: Any, compiler: Any, **more: Any) -> str:
    return f"+{compiler.process(element.clauses, **more)}"
