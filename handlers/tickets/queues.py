"""队列: which queue takes a ticket, and who of its staff. Nothing ever goes nowhere.

A queue holds one category of a region and all below it. The nearest one above a ticket's place takes it; without one
of its category the nearest 综合 queue; without any the county's 综合 queue is made on the spot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import insert_or_ignore
from bot.errors import UserFacingError
from bot.staff.models import Staff
from bot.staff.roles import Permission, Role, may
from handlers.tickets.models import Queue, QueueMember, Ticket
from handlers.tickets.ticket import OPEN, Category

EVERYWHERE = "000000"
"""The region of the queue for tickets that name no place at all."""

WORKING = tuple(str(role) for role in Role if may(role, Permission.WORK_TICKETS))
"""Roles that get work; others may belong to a queue to look on or to help."""

Ancestors = Callable[[str], Sequence[str]]
"""A division code -> itself and all above it, nearest first."""


class NoSuchQueue(UserFacingError):
    code = "no_such_queue"


@dataclass(frozen=True)
class Member:
    """Somebody of a queue and how much they have in hand."""

    staff_id: int
    open: int


class Queues:
    def __init__(self, ancestors: Ancestors, name_of: Callable[[str, Category], str]) -> None:
        self._ancestors = ancestors
        self._name_of = name_of

    async def route(self, session: AsyncSession, region: str | None, category: Category) -> Queue:
        """The queue that takes a matter of this category from this place."""
        areas = [*(self._ancestors(region) if region else ()), EVERYWHERE]
        wanted = (str(category), str(Category.GENERAL))
        found = await session.scalars(select(Queue).where(Queue.region.in_(areas), Queue.category.in_(wanted)))
        queues = found.all()
        if queues:
            # Its own category goes before 综合, and then the nearest place.
            return min(queues, key=lambda queue: (queue.category != str(category), areas.index(queue.region)))
        return await self._make_general(session, region)

    async def _make_general(self, session: AsyncSession, region: str | None) -> Queue:
        area = region[:6] if region and not region[:6].endswith("00") else region or EVERYWHERE
        name = self._name_of(area, Category.GENERAL)
        values = {"name": name, "region": area, "category": str(Category.GENERAL), "shares": False}
        await insert_or_ignore(session, Queue, values)
        wanted = select(Queue).where(Queue.region == area, Queue.category == str(Category.GENERAL))
        found = await session.scalar(wanted)
        if found is None:  # somebody gave the name to another queue
            await insert_or_ignore(session, Queue, {**values, "name": f"{name} {area}"[:60]})
            found = (await session.scalars(wanted)).one()
        return found

    async def find(self, session: AsyncSession, name: str) -> Queue:
        """By its name or id. Raises NoSuchQueue."""
        wanted = Queue.id == int(name) if name.isdecimal() else Queue.name == name
        queue = await session.scalar(select(Queue).where(wanted))
        if queue is None:
            raise NoSuchQueue(name=name)
        return queue

    async def of_chat(self, session: AsyncSession, chat: str) -> list[Queue]:
        """The queues that a staff group works."""
        return list(await session.scalars(select(Queue).where(Queue.telegram_chat == chat).order_by(Queue.id)))

    async def of_staff(self, session: AsyncSession, staff_id: int) -> list[Queue]:
        return list(
            await session.scalars(
                select(Queue)
                .join(QueueMember, QueueMember.queue_id == Queue.id)
                .where(QueueMember.staff_id == staff_id)
                .order_by(Queue.id)
            )
        )

    async def has(self, session: AsyncSession, queue_id: int, staff_id: int) -> bool:
        """Whether they work this queue."""
        member = QueueMember.staff_id == staff_id
        return await session.scalar(select(member).where(QueueMember.queue_id == queue_id, member)) is not None

    async def join(self, session: AsyncSession, queue: Queue, staff_id: int) -> None:
        await insert_or_ignore(session, QueueMember, {"queue_id": queue.id, "staff_id": staff_id})

    async def leave(self, session: AsyncSession, queue: Queue, staff_id: int) -> None:
        await session.execute(
            delete(QueueMember).where(QueueMember.queue_id == queue.id, QueueMember.staff_id == staff_id)
        )

    async def next_in_turn(
        self, session: AsyncSession, queue_id: int, *, other_than: frozenset[int] = frozenset()
    ) -> int | None:
        """Whoever is on duty with the fewest open tickets, the longest idle first of equals; None if nobody is."""
        members = await self.on_duty(session, queue_id)
        able = [member for member in members if member.staff_id not in other_than]
        return able[0].staff_id if able else None

    async def on_duty(self, session: AsyncSession, queue_id: int) -> list[Member]:
        """Staff of a queue who are there, those with least in hand first."""
        in_hand = (
            select(Ticket.handler_id, func.count().label("open"), func.max(Ticket.state_since).label("last"))
            .where(Ticket.state.in_([str(state) for state in OPEN]), Ticket.handler_id.is_not(None))
            .group_by(Ticket.handler_id)
            .subquery()
        )
        rows = await session.execute(
            select(Staff.id, func.coalesce(in_hand.c.open, 0))
            .join(QueueMember, QueueMember.staff_id == Staff.id)
            .outerjoin(in_hand, in_hand.c.handler_id == Staff.id)
            .where(
                QueueMember.queue_id == queue_id, Staff.disabled_at.is_(None), Staff.on_duty, Staff.role.in_(WORKING)
            )
            .order_by(func.coalesce(in_hand.c.open, 0), in_hand.c.last, Staff.id)
        )
        return [Member(staff_id, count) for staff_id, count in rows]
