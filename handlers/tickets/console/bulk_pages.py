"""批量办理: chosen lines of a list -> what would happen to each -> done, with what was refused and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.staff.models import Staff, is_within
from bot.staff.roles import Permission, check_may
from bot.web.bodies import read_number
from bot.web.console import Page, Section, Visit
from handlers.tickets.bulk import MOST, NEEDS, Bulk, BulkAct, Order, Outcome, Picked
from handlers.tickets.labels import label
from handlers.tickets.listing import View
from handlers.tickets.office import Office
from handlers.tickets.queues import WORKING
from handlers.tickets.ticket import Category

_PICKED = re.compile(r"([0-9]{6}-[0-9]{4,9})(?:@([0-9]{1,9}))?", re.ASCII)
MOST_REASON = 500
COLLEAGUES = 200


class BulkPages:
    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._bulk = Bulk(database, office)

    def section(self) -> Section:
        work = Permission.WORK_TICKETS
        return Section(
            pages=(
                Page("POST", "/staff/bulk/preview", self._preview, work),
                Page("POST", "/staff/bulk", self._run, work),
            )
        )

    async def _preview(self, visit: Visit) -> web.StreamResponse:
        order, picked = self._read(visit)
        return await self._show(visit, order, picked)

    async def _run(self, visit: Visit) -> web.StreamResponse:
        order, picked = self._read(visit)
        if order is None or order.lacks or not picked:
            return await self._show(visit, order, picked, asked=True)
        outcomes = await self._bulk.run(visit.staff, picked, order, now=visit.now)
        return await visit.page("tickets/bulk_done", **self._context(visit, order, outcomes))

    async def _show(
        self, visit: Visit, order: Order | None, picked: Sequence[Picked], *, asked: bool = False
    ) -> web.StreamResponse:
        if order is None or not picked:
            return await visit.page("tickets/bulk_none", here="", back=_back(visit), status=422 if asked else 200)
        trial = order
        if order.lacks == "reason":
            trial = Order(order.act, order.to, order.category, order.into, reason="—")
        lacks = trial.lacks
        outcomes = [] if lacks else await self._bulk.preview(visit.staff, picked, trial, now=visit.now)
        async with self._database.reading() as session:
            colleagues = await _colleagues(session, visit.staff) if order.act is BulkAct.ASSIGN else []
        return await visit.page(
            "tickets/bulk",
            status=422 if asked else 200,
            **self._context(visit, order, outcomes),
            picked=picked,
            lacks=order.lacks if asked else lacks,
            asked=asked,
            colleagues=colleagues,
            categories=[str(one) for one in Category],
        )

    def _context(self, visit: Visit, order: Order, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        words = {
            one.number: visit.pages.say_error(one.error.code, one.error.data)
            for one in outcomes
            if one.error is not None
        }
        return {
            "here": "",
            "order": order,
            "act": str(order.act),
            "outcomes": outcomes,
            "refusals": words,
            "back": _back(visit),
            "say": label,
        }

    def _read(self, visit: Visit) -> tuple[Order | None, list[Picked]]:
        """What was posted; an act that the role may not do raises NotPermitted."""
        form = visit.form
        picked: dict[str, Picked] = {}
        for value in visit.all("number"):
            if found := _PICKED.fullmatch(value):
                picked.setdefault(found[1], Picked(found[1], int(found[2]) if found[2] else None))
        chosen = list(picked.values())[:MOST]
        if form.get("act") not in set(BulkAct):
            return None, chosen
        act = BulkAct(form["act"])
        check_may(visit.staff.as_role, NEEDS[act])
        into = form.get("into", "")
        if act is BulkAct.MERGE and into not in picked:
            into = min(picked, default="")
        category = form.get("category", "")
        return Order(
            act,
            to=read_number(form.get("to")),
            category=Category(category) if category in set(Category) else None,
            into=into if act is BulkAct.MERGE else "",
            reason=form.get("reason", "").strip()[:MOST_REASON],
        ), chosen


async def _colleagues(session: AsyncSession, staff: Staff) -> list[tuple[int, str, bool]]:
    """Who works within the leader's region: id, name, whether they are there."""
    rows = await session.execute(
        select(Staff.id, Staff.display_name, Staff.on_duty)
        .where(Staff.disabled_at.is_(None), Staff.role.in_(WORKING), is_within(staff.scope, Staff.region))
        .order_by(Staff.on_duty.desc(), Staff.display_name)
        .limit(COLLEAGUES)
    )
    return [(row.id, row.display_name, row.on_duty) for row in rows]


def _back(visit: Visit) -> str:
    """The list they came from."""
    back = visit.form.get("back", "")
    ours = re.fullmatch(rf"/staff/(?:{'|'.join(View)})(?:\?[A-Za-z0-9_=&.%+-]{{0,400}})?", back, re.ASCII)
    return back if ours else "/staff/work"
