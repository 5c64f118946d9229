"""审计记录: what staff did, the newest first, for the auditor; and whether its chain and the timelines hold."""

from __future__ import annotations

import asyncio
from datetime import date
from urllib.parse import urlencode

from aiohttp import web

from bot.clock import LOCAL
from bot.database import Database
from bot.errors import UserFacingError
from bot.staff.audit import AuditAction
from bot.staff.roles import Permission
from bot.web.bodies import read_number
from bot.web.console import NavLink, Page, Section, Visit
from handlers.tickets.audit_view import Sought, Verified, people_of, read_audit, verify_apart
from handlers.tickets.console.asking import BadFilter, read_day
from handlers.tickets.ledger import hide_numbers
from handlers.tickets.office import Office

LONGEST = 80


class VerifyBusy(UserFacingError):
    """One at a time."""

    code = "verify_busy"


class AuditPages:
    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._timeline = office.cabinet.timeline
        self._one = asyncio.Lock()

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", "/staff/audit", self.show, Permission.READ_AUDIT),
                Page("POST", "/staff/audit/verify", self.verify, Permission.READ_AUDIT),
            ),
            links=(NavLink("lead", "audit", "/staff/audit", "shield", Permission.READ_AUDIT),),
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._draw(visit, read_sought(visit))

    async def verify(self, visit: Visit) -> web.StreamResponse:
        if self._one.locked():
            raise VerifyBusy
        async with self._one:
            verified = await verify_apart(self._database, self._timeline, visit.staff)
        return await self._draw(visit, Sought(), verified=verified)

    async def _draw(self, visit: Visit, sought: Sought, *, verified: Verified | None = None) -> web.Response:
        async with self._database.reading() as session:
            read = await read_audit(session, visit.staff, sought)
            people = await people_of(session, visit.staff)
        return await visit.page(
            "tickets/audit",
            here="audit",
            read=read,
            sought=sought,
            people=people,
            actions=list(AuditAction),
            query=_query(visit, read.entries[-1].seq if read.more else None),
            verified=verified,
            hide=hide_numbers,
        )


def read_sought(visit: Visit) -> Sought:
    """Raises BadFilter."""
    query = visit.request.query
    who, action = query.get("who", ""), query.get("action", "")
    if who and read_number(who) is None:
        raise BadFilter(name="who")
    if action and action not in set(AuditAction):
        raise BadFilter(name="action")
    return Sought(
        who=read_number(who),
        action=AuditAction(action) if action else None,
        subject=query.get("subject", "").strip()[:LONGEST],
        day=_day(visit),
        before=read_number(query.get("before")),
    )


def _day(visit: Visit) -> date | None:
    query = visit.request.query
    return read_day(query, "day", visit.now.astimezone(LOCAL).date()) if query.get("day") else None


def _query(visit: Visit, before: int | None) -> str:
    """The address of what is older; empty where nothing is."""
    if before is None:
        return ""
    return f"/staff/audit?{urlencode({**visit.request.query, 'before': before})}"
