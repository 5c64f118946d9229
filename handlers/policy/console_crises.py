"""紧急求助 in the console: who is in danger, taken by one press; a band above every page until somebody has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.changes import Changes
from bot.database import Database
from bot.staff.models import Staff, is_within
from bot.staff.roles import Permission
from bot.web.console import Alarm, NavLink, Page, Section, Visit
from handlers.policy.crises import list_crises, take_crisis
from handlers.policy.models import Crisis

MOST = 1000
READS = Permission.WORK_TICKETS
"""Of the chat of whom they took."""
RINGS = 3
"""Bands above a page; the rest is told in a number."""


class CrisisPages:
    def __init__(self, database: Database, changes: Changes, place_name: Callable[[str], str]) -> None:
        self._database = database
        self._changes = changes
        self._place_name = place_name

    def section(self) -> Section:
        read = Permission.READ_TICKETS
        return Section(
            pages=(
                Page("GET", "/staff/crises", self._show, read),
                Page("POST", "/staff/crises/{reference}/take", self._take, Permission.WORK_TICKETS),
            ),
            links=(NavLink("cases", "crises", "/staff/crises", "headset", read),),
            counts=self._count,
            alarms=self._ring,
            marker=_newest,
        )

    async def _show(self, visit: Visit) -> web.StreamResponse:
        async with self._database.reading() as session:
            waiting = await list_crises(session, scope=visit.staff.scope)
            lately = await list_crises(session, scope=visit.staff.scope, taken=True)
        return await visit.page(
            "policy/crises",
            here="crises",
            waiting=[self._line(crisis) for crisis in waiting],
            taken=[
                {**self._line(crisis), "mine": crisis.taken_by_id == visit.staff.id and visit.may(READS)}
                for crisis in lately
                if crisis.taken_at is not None
            ],
        )

    async def _take(self, visit: Visit) -> web.StreamResponse:
        """Whoever is first has it; the second is told who that was."""
        async with self._database.transaction() as session:
            await take_crisis(session, visit.request.match_info["reference"], staff=visit.staff, now=visit.now)
            self._changes.tell_after(session)
        return visit.go("/staff/crises", done="crisis_taken")

    async def _count(self, session: AsyncSession, staff: Staff, _now: datetime) -> Mapping[str, int]:
        some = select(Crisis.id).where(*_waiting(staff)).limit(MOST).subquery()
        return {"crises": await session.scalar(select(func.count()).select_from(some)) or 0}

    async def _ring(self, session: AsyncSession, staff: Staff, _now: datetime) -> Sequence[Alarm]:
        waiting = await list_crises(session, scope=staff.scope)
        more = len(waiting) - RINGS
        return [
            Alarm("policy/ring", {**self._line(crisis), "more": more if place == RINGS and more > 0 else 0})
            for place, crisis in enumerate(waiting[:RINGS], start=1)
        ]

    def _line(self, crisis: Crisis) -> dict[str, Any]:
        return {
            "reference": crisis.reference,
            "kind": crisis.kind,
            "place": self._place_name(crisis.region) if crisis.region else "",
            "at": crisis.at,
            "taken_at": crisis.taken_at,
            "taken_by": crisis.taken_by,
        }


def _waiting(staff: Staff) -> list[Any]:
    return [Crisis.taken_at.is_(None), or_(Crisis.region.is_(None), is_within(staff.scope, Crisis.region))]


async def _newest(session: AsyncSession) -> object:
    """Changes whenever a crisis comes or is taken."""
    return tuple((await session.execute(select(func.max(Crisis.id), func.max(Crisis.taken_at)))).one())
