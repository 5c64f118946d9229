"""What the commands and later the console do with queues, each inside the caller's session."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.staff import audit
from bot.staff.accounts import NoSuchAccount, login_of
from bot.staff.models import Staff
from handlers.tickets.models import Queue, QueueMember, Ticket
from handlers.tickets.queues import Queues
from handlers.tickets.ticket import OPEN, Category
from knowledge.regions import Regions


class QueueExists(UserFacingError):
    code = "queue_exists"


class ChatUnfit(UserFacingError):
    """A Telegram group is named by its number, not by its name. Data: chat."""

    code = "chat_unfit"


def is_chat(text: str) -> bool:
    """The number of a Telegram group."""
    return re.fullmatch(r"-?[1-9][0-9]{0,18}", text) is not None


async def add_queue(
    session: AsyncSession,
    name: str,
    *,
    region: str,
    category: Category,
    telegram_chat: str | None = None,
    shares: bool = False,
) -> dict[str, Any]:
    """A new queue; one that was made on the spot for this region and category takes the name and the group."""
    if telegram_chat is not None and not is_chat(telegram_chat):
        raise ChatUnfit(chat=telegram_chat)
    found = await session.scalar(
        select(Queue).where(Queue.region == region, Queue.category == str(category)).with_for_update()
    )
    if found is None:
        found = Queue(region=region, category=str(category))
        session.add(found)
    found.name, found.shares = name, shares
    found.telegram_chat = telegram_chat or found.telegram_chat
    try:
        await session.flush()
    except IntegrityError:
        raise QueueExists(name=name) from None
    return {
        "id": found.id,
        "name": found.name,
        "region": region,
        "category": str(category),
        "telegram_chat": found.telegram_chat,
    }


async def list_queues(session: AsyncSession, regions: Regions) -> list[dict[str, Any]]:
    opened = await session.execute(
        select(Ticket.queue_id, func.count())
        .where(Ticket.state.in_([str(state) for state in OPEN]))
        .group_by(Ticket.queue_id)
    )
    counts = {queue_id: count for queue_id, count in opened}  # noqa: C416  # rows are no tuples for dict()
    members = await session.execute(
        select(QueueMember.queue_id, Staff.username)
        .join(Staff, Staff.id == QueueMember.staff_id)
        .where(Staff.disabled_at.is_(None))
        .order_by(Staff.id)
    )
    staff: dict[int, list[str]] = {}
    for queue_id, username in members:
        staff.setdefault(queue_id, []).append(username)
    return [
        {
            "id": queue.id,
            "name": queue.name,
            "region": queue.region,
            "place": regions.full_name(queue.region),
            "category": queue.category,
            "telegram_chat": queue.telegram_chat,
            "shares": queue.shares,
            "open": counts.get(queue.id, 0),
            "staff": staff.get(queue.id, []),
        }
        for queue in await session.scalars(select(Queue).order_by(Queue.id))
    ]


async def assign_staff(
    session: AsyncSession, queues: Queues, name: str, usernames: Sequence[str], *, leave: bool = False
) -> None:
    """Raises NoSuchQueue, NoSuchAccount."""
    queue = await queues.find(session, name)
    for username in usernames:
        staff_id = await session.scalar(select(Staff.id).where(Staff.login == login_of(username)))
        if staff_id is None:
            raise NoSuchAccount(username=username)
        if leave:
            await queues.leave(session, queue, staff_id)
        else:
            await queues.join(session, queue, staff_id)


def keeper() -> Queues:
    """Queues by their names alone, without the map of places that routing needs."""
    return Queues(lambda code: (code,), lambda _area, _category: "")


async def assign_queues(
    session: AsyncSession, staff_id: int, queues: Sequence[str], *, actor: audit.Actor, now: datetime
) -> None:
    """For `shangan staff add --queue`: this person works these queues. Raises NoSuchQueue."""
    found = keeper()
    for name in queues:
        await found.join(session, await found.find(session, name), staff_id)
    await audit.append(
        session,
        audit.AuditAction.QUEUES_ASSIGNED,
        actor=actor,
        subject=audit.Subject("staff", str(staff_id)),
        at=now,
        data={"queues": len(queues)},
    )


async def duty(session: AsyncSession, queues: Queues, name: str) -> list[dict[str, Any]]:
    queue = await queues.find(session, name)
    found = []
    for member in await queues.on_duty(session, queue.id):
        username = await session.scalar(select(Staff.username).where(Staff.id == member.staff_id))
        found.append({"id": member.staff_id, "username": username, "open": member.open})
    return found


async def staff_groups(session: AsyncSession) -> list[str]:
    """The Telegram groups of all queues."""
    found = await session.scalars(select(Queue.telegram_chat).where(Queue.telegram_chat.is_not(None)).distinct())
    return [chat for chat in found if chat]


async def move_group(session: AsyncSession, old: str, new: str) -> None:
    """A group goes on under another id."""
    await session.execute(
        update(Queue)
        .where(Queue.telegram_chat == old)
        .values(telegram_chat=new)
        .execution_options(synchronize_session=False)
    )
