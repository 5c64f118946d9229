"""What waits for somebody who may approve it: drafts, and what turned out to go to many more than was approved."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff, is_within
from bot.staff.roles import Permission, may
from handlers.notices.campaign import State
from handlers.notices.models import Campaign

MOST = 50
"""Shown at once; more never wait in one bureau."""
ASKED = and_(Campaign.state.in_((str(State.DRAFT), str(State.PAUSED))), Campaign.asked_at.is_not(None))


def _for(staff: Staff) -> ColumnElement[bool]:
    """Of their region, and written by somebody else."""
    others = [or_(wrote.is_(None), wrote != staff.id) for wrote in (Campaign.author_id, Campaign.editor_id)]
    return and_(ASKED, is_within(staff.scope, Campaign.region), *others)


async def count_waiting(session: AsyncSession, staff: Staff) -> int:
    """0 for who may not approve."""
    if not may(staff.as_role, Permission.APPROVE_NOTICES):
        return 0
    return await session.scalar(select(func.count()).select_from(Campaign).where(_for(staff))) or 0


async def list_waiting(session: AsyncSession, staff: Staff) -> list[Campaign]:
    """Who has waited longest comes first."""
    if not may(staff.as_role, Permission.APPROVE_NOTICES):
        return []
    found = select(Campaign).where(_for(staff)).order_by(Campaign.asked_at, Campaign.id).limit(MOST)
    return list(await session.scalars(found))


async def newest_asked(session: AsyncSession) -> object:
    """Another whenever a draft begins to wait, or waits no more."""
    found = await session.execute(select(func.count(), func.max(Campaign.asked_at)).where(ASKED))
    return tuple(found.one())
