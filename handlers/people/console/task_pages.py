"""/staff/tasks: persons whom somebody should look after; the helper says what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.door import drop_unwanted
from bot.sealing import Sealer
from bot.staff.models import Staff
from bot.staff.roles import Permission, Role, may
from bot.web.bodies import read_number
from bot.web.console import NavLink, Page, Section, Visit
from handlers.people.console.labels import names_of, term
from handlers.people.masking import half_hidden
from handlers.people.models import Person, PersonTask
from handlers.people.person import Employment
from handlers.people.places import PlaceBook
from handlers.people.tasks import LONGEST, NoSuchTask, Tasks, TaskWordsMissing
from knowledge.regions import Regions

HERE = "tasks"
PATH = "/staff/tasks"
PAGE = 20
COUNTED = frozenset({Role.HELPER, Role.SUPERVISOR, Role.HEAD})
"""For whom the number stands in the side bar: whose work it is, and who sees to it."""


@dataclass(frozen=True)
class Line:
    """One task, masked."""

    id: int
    person_id: int
    name: str
    phone: str
    place: str
    village: str
    reason: str
    at: datetime
    employment: str


class TaskPages:
    def __init__(self, database: Database, tasks: Tasks, sealer: Sealer, regions: Regions) -> None:
        self._database = database
        self._tasks = tasks
        self._sealer = sealer
        self._regions = regions
        self._places = PlaceBook(regions)

    def section(self) -> Section:
        record = Permission.RECORD_SERVICE
        return Section(
            pages=(
                Page("GET", PATH, self.show, record),
                Page("POST", f"{PATH}/{{id}}/done", self.finish, record),
            ),
            links=(NavLink("people", HERE, PATH, "flag", record),),
            counts=self._count,
        )

    async def show(self, visit: Visit) -> web.Response:
        return await self._draw(visit)

    async def finish(self, visit: Visit) -> web.Response:
        task_id = read_number(visit.request.match_info["id"])
        if task_id is None:
            raise NoSuchTask(id=visit.request.match_info["id"][:20])
        state = visit.form.get("employment", "")
        try:
            async with self._database.transaction() as session:
                await self._tasks.finish(
                    session,
                    visit.staff,
                    task_id,
                    words=drop_unwanted(visit.form.get("text", "")),
                    employment=Employment(state) if state in set(Employment) else None,
                    now=visit.now,
                )
        except TaskWordsMissing as error:
            return await self._draw(visit, fault=visit.pages.say_error(error.code, error.data), at=task_id, status=422)
        return visit.go(_address(_village_in(visit.form)), done="person_task_done")

    async def _draw(self, visit: Visit, *, fault: str = "", at: int = 0, status: int = 200) -> web.Response:
        query = visit.request.query if visit.request.method == "GET" else visit.form
        village, number = _village_in(query), max(1, read_number(query.get("page", "")) or 1)
        async with self._database.reading() as session:
            rows = await self._tasks.list_open(
                session, visit.staff, village=village, offset=PAGE * (number - 1), limit=PAGE
            )
            total = await self._tasks.count_open(session, visit.staff, village=village)
            everything = total if village is None else await self._tasks.count_open(session, visit.staff)
            villages = await self._tasks.by_village(session, visit.staff)
        return await visit.page(
            "people/tasks",
            here=HERE,
            status=status,
            lines=[self._line(*row) for row in rows],
            total=total,
            everything=everything,
            villages=villages,
            town=village[0] if village else "",
            village=village[1] if village else "",
            number=number,
            pages=max(1, -(-total // PAGE)),
            link=_address(village) + ("&" if village else "?"),
            town_name=self._regions.name,
            states=names_of("employment"),
            fault=fault,
            at=at,
            most=LONGEST,
            place=self._place,
            now=visit.now,
            term=term,
        )

    async def _count(self, session: AsyncSession, staff: Staff, _now: datetime) -> Mapping[str, int]:
        if staff.as_role not in COUNTED or not may(staff.as_role, Permission.RECORD_SERVICE):
            return {}
        return {HERE: await self._tasks.count_open(session, staff)}

    def _line(self, task: PersonTask, person: Person) -> Line:
        return Line(
            task.id,
            person.id,
            *half_hidden(self._sealer, person),
            self._place(task.region),
            task.village,
            task.reason,
            task.created_at,
            person.employment,
        )

    def _place(self, region: str | None) -> str:
        return self._places.whole(region) if region else ""


def _village_in(fields: Mapping[str, str]) -> tuple[str, str] | None:
    """Township and name of the one village that is looked at."""
    town, village = fields.get("town", ""), fields.get("village", "")
    return (town, village) if town and village else None


def _address(village: tuple[str, str] | None) -> str:
    return f"{PATH}?{urlencode({'town': village[0], 'village': village[1]})}" if village else PATH
