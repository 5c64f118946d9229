"""/staff/gaps: what people asked in vain, grouped by likeness; answered, or put aside."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserFacingError
from bot.staff.models import Staff
from bot.staff.ports import PlaceNames
from bot.staff.roles import Permission, may
from bot.web.console import NavLink, Page, Section, Visit
from handlers.policy.gap_desk import LOOKED_AT, GapDesk
from handlers.policy.gaps import NoSuchGap, group_gaps, group_with

HERE = "gaps"
PATH = "/staff/gaps"
PAGE = 30
LOOKED_UP = 20
"""Of one group: whether the documents answer it by now."""


class DocumentsSilent(UserFacingError):
    code = "documents_silent"


class GapPages:
    def __init__(self, database: Database, desk: GapDesk, places: PlaceNames) -> None:
        self._database = database
        self._desk = desk
        self._places = places

    def section(self) -> Section:
        works = Permission.WORK_TICKETS
        one = f"{PATH}/{{id}}"
        return Section(
            pages=(
                Page("GET", PATH, self.list_all, works),
                Page("GET", one, self.show, works),
                Page("POST", f"{one}/documents", self.settle, works),
                Page("POST", f"{one}/words", self.answer, works),
                Page("POST", f"{one}/drop", self.drop, works),
            ),
            links=(NavLink("policy", HERE, PATH, "asks", works),),
            counts=self._count,
        )

    async def list_all(self, visit: Visit) -> web.StreamResponse:
        query = visit.request.query
        only_waiting, number = query.get("view") == "waiting", _number(query.get("page", ""))
        async with self._database.reading() as session:
            rows = await self._desk.newest(session, visit.staff)
            count = await self._desk.count(session, visit.staff)
        groups = await asyncio.to_thread(group_gaps, rows)
        waiting = [group for group in groups if group.waiting]
        shown = waiting if only_waiting else groups
        return await visit.page(
            "gaps/list",
            here=HERE,
            groups=shown[PAGE * (number - 1) : PAGE * number],
            only_waiting=only_waiting,
            number=number,
            pages=max(1, -(-len(shown) // PAGE)),
            count=count,
            all_groups=len(groups),
            waiting=len(waiting),
            looked_at=LOOKED_AT,
            place=self._places.whole,
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._draw(visit, "")

    async def settle(self, visit: Visit) -> web.StreamResponse:
        async with self._database.transaction() as session:
            settled = await self._desk.settle(session, visit.staff, _ids(visit), now=visit.now)
        if not settled.answered:
            return await self._draw(visit, visit.pages.say_error(DocumentsSilent.code, {}))
        return visit.go(PATH, done="gap_partly" if settled.open else "gap_settled")

    async def answer(self, visit: Visit) -> web.StreamResponse:
        try:
            async with self._database.transaction() as session:
                told = await self._desk.answer(
                    session, visit.staff, _ids(visit), visit.form.get("text", ""), now=visit.now
                )
        except NoSuchGap:
            raise
        except UserFacingError as error:
            return await self._draw(visit, visit.pages.say_error(error.code, error.data))
        return visit.go(PATH, done="gap_told" if told else "gap_untold")

    async def drop(self, visit: Visit) -> web.StreamResponse:
        async with self._database.transaction() as session:
            await self._desk.drop(session, visit.staff, _ids(visit), now=visit.now)
        return visit.go(PATH, done="gap_dropped")

    async def _draw(self, visit: Visit, fault: str) -> web.Response:
        gap_id = _id_of(visit)
        async with self._database.reading() as session:
            rows = await self._desk.newest(session, visit.staff)
        gaps = await asyncio.to_thread(group_with, rows, gap_id)
        answered = {gap.id for gap in gaps[:LOOKED_UP] if self._desk.is_answered(gap, now=visit.now)}
        (group,) = group_gaps(gaps)
        return await visit.page(
            "gaps/one",
            here=HERE,
            status=422 if fault else 200,
            id=gap_id,
            group=group,
            gaps=gaps,
            answered=answered,
            text=visit.form.get("text", ""),
            fault=fault,
            place=self._places.whole,
        )

    async def _count(self, session: AsyncSession, staff: Staff, _now: datetime) -> Mapping[str, int]:
        works = may(staff.as_role, Permission.WORK_TICKETS)
        return {HERE: await self._desk.count(session, staff)} if works else {}


def _ids(visit: Visit) -> Sequence[int]:
    """The questions of the page. Raises NoSuchGap where it named none."""
    ids = [int(words) for words in visit.all("gap")[:LOOKED_AT] if _is_id(words)]
    if not ids:
        raise NoSuchGap(id=0)
    return ids


def _id_of(visit: Visit) -> int:
    words = visit.request.match_info["id"]
    if not _is_id(words):
        raise NoSuchGap(id=0)
    return int(words)


def _number(words: str) -> int:
    return max(1, int(words)) if _is_id(words) and len(words) < 5 else 1


def _is_id(words: str) -> bool:
    return words.isascii() and words.isdecimal() and 0 < len(words) < 16
