"""没答上来的, as staff work them in the console: those of their places; settled by the documents, in words, or dropped.

Each act is done to the questions that stood on the page, as far as they are still there and theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.staff import audit
from bot.staff.audit import Actor, ActorKind, AuditAction, Subject
from bot.staff.models import Staff, is_within
from bot.staff.roles import Permission, may
from handlers.policy.gap_news import GapNews, Settled
from handlers.policy.gaps import NoSuchGap
from handlers.policy.models import Gap

LOOKED_AT = 400
"""The newest so many are grouped; comparing all with all takes the longer the more there are."""
WORDS_MOST = 1000


class GapWordsMissing(UserFacingError):
    code = "gap_words_missing"


def is_seen_by(staff: Staff) -> ColumnElement[bool]:
    """Of their places. What names no place is seen by leaders, as it is with tickets."""
    within = is_within(staff.scope, Gap.region)
    return or_(within, Gap.region.is_(None)) if may(staff.as_role, Permission.SUPERVISE) else within


class GapDesk:
    def __init__(self, news: GapNews) -> None:
        self._news = news

    async def count(self, session: AsyncSession, staff: Staff) -> int:
        return await session.scalar(select(func.count()).select_from(Gap).where(is_seen_by(staff))) or 0

    async def newest(self, session: AsyncSession, staff: Staff) -> Sequence[Gap]:
        """What they see, the oldest first."""
        found = await session.scalars(
            select(Gap).where(is_seen_by(staff)).order_by(Gap.at.desc(), Gap.id.desc()).limit(LOOKED_AT)
        )
        return list(found)[::-1]

    def is_answered(self, gap: Gap, *, now: datetime) -> bool:
        """Whether the documents would surely answer it now."""
        return self._news.look_up(gap, now=now) is not None

    async def settle(self, session: AsyncSession, staff: Staff, ids: Sequence[int], *, now: datetime) -> Settled:
        """By the documents as they are now. Raises NoSuchGap."""
        gaps = await self._access(session, staff, ids)
        settled = await self._news.settle_all(session, gaps, now=now)
        if settled.answered:
            await self._note(session, staff, ids[0], "documents", settled.answered, settled.told, now)
        return settled

    async def answer(
        self, session: AsyncSession, staff: Staff, ids: Sequence[int], words: str, *, now: datetime
    ) -> int:
        """In words of their own. -> how many persons are told. Raises NoSuchGap, GapWordsMissing."""
        if not words.strip():
            raise GapWordsMissing
        gaps = await self._access(session, staff, ids)
        told = await self._news.answer_all(session, gaps, words.strip()[:WORDS_MOST], name=staff.display_name, now=now)
        await self._note(session, staff, ids[0], "words", len(gaps), told, now)
        return told

    async def drop(self, session: AsyncSession, staff: Staff, ids: Sequence[int], *, now: datetime) -> None:
        """Done with; nobody is told. Raises NoSuchGap."""
        gaps = await self._access(session, staff, ids)
        for gap in gaps:
            await session.delete(gap)
        await session.flush()
        await self._note(session, staff, ids[0], "dropped", len(gaps), 0, now)

    async def _access(self, session: AsyncSession, staff: Staff, ids: Sequence[int]) -> Sequence[Gap]:
        """Locked, so that of two who answer the same one tells."""
        wanted = select(Gap).where(Gap.id.in_(ids), is_seen_by(staff)).order_by(Gap.id)
        found = (await session.scalars(wanted.with_for_update().execution_options(populate_existing=True))).all()
        if not found:
            raise NoSuchGap(id=next(iter(ids), 0))
        return found

    async def _note(
        self, session: AsyncSession, staff: Staff, gap_id: int, how: str, count: int, told: int, now: datetime
    ) -> None:
        await audit.append(
            session,
            AuditAction.GAP_SETTLED,
            actor=Actor(ActorKind.STAFF, staff.id),
            subject=Subject("gap", str(gap_id)),
            at=now,
            data={"how": how, "count": count, "told": told},
        )
