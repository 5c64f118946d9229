"""在岗, 离开: everybody says it for themselves, by a button under the side bar of every page."""

from __future__ import annotations

from aiohttp import web

from bot.database import Database
from bot.staff.accounts import Duty, access_by_id, set_duty
from bot.web.console import Page, Section, Visit
from bot.web.login import local_path


class Duties:
    def __init__(self, database: Database) -> None:
        self._database = database

    def section(self) -> Section:
        return Section(pages=(Page("POST", "/staff/duty", self.say),))

    async def say(self, visit: Visit) -> web.StreamResponse:
        duty = Duty.ON if visit.form.get("duty") == str(Duty.ON) else Duty.AWAY
        async with self._database.transaction() as session:
            staff = await access_by_id(session, visit.staff.id, scope=visit.staff.scope)
            await set_duty(session, staff, duty, actor=visit.actor, now=visit.now)
        return visit.go(local_path(visit.form.get("back", "")) or "/staff/", done=f"duty_{duty}")
