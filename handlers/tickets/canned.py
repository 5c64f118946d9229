"""常用答复: replies that a bureau keeps ready for a place and all below it, for one category or any; for the console.

One may rest on a provision of a document; whether that still holds is asked when it is used (`citing`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.staff import audit
from bot.staff.models import Staff
from bot.staff.roles import EVERYWHERE, Permission, check_may
from handlers.tickets.citing import Citing
from handlers.tickets.models import CannedReply, Ticket
from handlers.tickets.ticket import Category

MOST_TITLE = 60
MOST_TEXT = 2000
MOST_OFFERED = 40
"""Replies that one ticket is offered."""


class NoSuchCanned(UserFacingError):
    """Not there, or not theirs."""

    code = "no_such_canned"


class CannedUnfit(UserFacingError):
    """Data: faults, field -> missing, long, unknown, outside, elsewhere."""

    code = "canned_unfit"


class CannedMoved(UserFacingError):
    """Somebody changed it since it was read."""

    code = "canned_moved"


@dataclass(frozen=True)
class CannedDraft:
    """A reply as it was written."""

    title: str
    text: str
    region: str
    category: str = ""
    policy: str = ""
    provision: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    """What was found wrong already, such as a place that is none."""


class Canned:
    def __init__(self, ancestors: Callable[[str], Sequence[str]], citing: Citing) -> None:
        self._ancestors = ancestors
        self._citing = citing

    # -- reading ------------------------------------------------------------------------------------------

    async def of_ticket(self, session: AsyncSession, ticket: Ticket) -> list[CannedReply]:
        """Those of its place and above it, of its category or of none; its own category first."""
        found = await session.scalars(
            select(CannedReply)
            .where(
                CannedReply.removed_at.is_(None),
                CannedReply.region.in_(self._above(ticket.region)),
                or_(CannedReply.category.is_(None), CannedReply.category == ticket.category),
            )
            .order_by(CannedReply.category.is_(None), CannedReply.title, CannedReply.id)
            .limit(MOST_OFFERED)
        )
        return list(found)

    async def list_for(self, session: AsyncSession, staff: Staff) -> list[CannedReply]:
        """Those of their region, above it and below it."""
        found = await session.scalars(
            select(CannedReply)
            .where(CannedReply.removed_at.is_(None))
            .order_by(CannedReply.category, CannedReply.title, CannedReply.id)
        )
        return [one for one in found if self._may_read(staff, one)]

    async def find(self, session: AsyncSession, staff: Staff, canned_id: int) -> CannedReply:
        """To be read. Raises NoSuchCanned."""
        one = await session.get(CannedReply, canned_id)
        if one is None or one.removed_at is not None or not self._may_read(staff, one):
            raise NoSuchCanned(id=canned_id)
        return one

    def may_change(self, staff: Staff, one: CannedReply) -> bool:
        """What a level above wrote is not theirs to change."""
        return staff.scope.covers(one.region)

    def _may_read(self, staff: Staff, one: CannedReply) -> bool:
        return one.region in self._above(staff.region) or staff.scope.covers(one.region)

    def _above(self, region: str | None) -> list[str]:
        return [*(self._ancestors(region) if region and region != EVERYWHERE else ()), EVERYWHERE]

    # -- writing ------------------------------------------------------------------------------------------

    async def add(self, session: AsyncSession, staff: Staff, draft: CannedDraft, *, now: datetime) -> CannedReply:
        """Raises CannedUnfit."""
        self._check(staff, draft)
        one = CannedReply(removed_at=None, changed_at=now, **_columns(draft))
        session.add(one)
        await session.flush()
        await self._audit(session, staff, one, "added", now)
        return one

    async def change(
        self, session: AsyncSession, staff: Staff, canned_id: int, draft: CannedDraft, *, seen: str, now: datetime
    ) -> CannedReply:
        """`seen`: when it was changed last, as the form has it. Raises NoSuchCanned, CannedMoved, CannedUnfit."""
        one = await self._lock(session, staff, canned_id)
        if seen and seen != one.changed_at.isoformat():
            raise CannedMoved(id=canned_id)
        self._check(staff, draft)
        for name, value in _columns(draft).items():
            setattr(one, name, value)
        one.changed_at = now
        await session.flush()
        await self._audit(session, staff, one, "changed", now)
        return one

    async def remove(self, session: AsyncSession, staff: Staff, canned_id: int, *, now: datetime) -> None:
        """No longer offered; the row stays. Raises NoSuchCanned."""
        one = await self._lock(session, staff, canned_id)
        one.removed_at = now
        await session.flush()
        await self._audit(session, staff, one, "removed", now)

    async def _lock(self, session: AsyncSession, staff: Staff, canned_id: int) -> CannedReply:
        check_may(staff.as_role, Permission.MANAGE_CANNED)
        found = await session.scalar(
            select(CannedReply)
            .where(CannedReply.id == canned_id, CannedReply.removed_at.is_(None))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if found is None or not self.may_change(staff, found):
            raise NoSuchCanned(id=canned_id)
        return found

    def _check(self, staff: Staff, draft: CannedDraft) -> None:
        check_may(staff.as_role, Permission.MANAGE_CANNED)
        faults = dict(draft.faults)
        for name, words, most in (("title", draft.title, MOST_TITLE), ("text", draft.text, MOST_TEXT)):
            if not words.strip() or len(words) > most:
                faults[name] = "long" if words.strip() else "missing"
        if "place" not in faults and not staff.scope.covers(draft.region):
            faults["place"] = "outside"
        if draft.category and draft.category not in set(Category):
            faults["category"] = "unknown"
        if draft.policy or draft.provision:
            if self._citing.provision(draft.policy, draft.provision) is None:
                faults["provision"] = "unknown"
            elif not self._citing.serves(draft.policy, draft.region):
                faults["provision"] = "elsewhere"  # another place's rules must not be told here
        if faults:
            raise CannedUnfit(faults=faults)

    async def _audit(self, session: AsyncSession, staff: Staff, one: CannedReply, act: str, now: datetime) -> None:
        await audit.append(
            session,
            audit.AuditAction.CANNED_CHANGED,
            actor=audit.Actor(audit.ActorKind.STAFF, staff.id),
            subject=audit.Subject("canned", str(one.id)),
            at=now,
            data={"act": act, "title": one.title, "region": one.region},
        )


def _columns(draft: CannedDraft) -> dict[str, str | None]:
    return {
        "region": draft.region,
        "category": draft.category or None,
        "policy": draft.policy or None,
        "provision": draft.provision or None,
        "title": draft.title.strip(),
        "text": draft.text.strip(),
    }
