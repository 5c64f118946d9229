"""/staff/deadlines: how long things may take in a place, what of it is its own, and which holidays are known."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web
from sqlalchemy import func, select

from bot.clock import LOCAL
from bot.database import Database
from bot.errors import UserFacingError
from bot.staff.bureau import BureauSettings, SettingMoved
from bot.staff.managing import find_place
from bot.staff.models import is_within
from bot.staff.ports import PlaceNames
from bot.staff.roles import Permission, Scope
from bot.web.console import NavLink, Page, Section, Visit
from handlers.tickets.calendar import Calendars
from handlers.tickets.deadlines import NEEDED, OPTIONAL, Deadlines, Limit, Unit, read_limit
from handlers.tickets.labels import label
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import OPEN, Category, Kind
from handlers.tickets.timetable import PREFIX, BureauTimetable

HERE = "deadlines"
PATH = "/staff/deadlines"
GROUPS = {
    "begin": ("accept", "contact"),
    "urgent": ("urgent.accept", "urgent.contact"),
    "answer": tuple(f"answer.{kind}" for kind in Kind),
    "difficult": tuple(f"difficult.{category}" for category in Category),
    "after": ("return_within", "silence", "supplement", "task", "unread"),
}


class LimitMisread(UserFacingError):
    code = "limit_misread"


@dataclass(frozen=True)
class Row:
    """One limit as the form shows it."""

    name: str
    label: str
    """Empty where the console's own words name it."""
    count: str
    unit: str
    above: Limit | None
    """What holds without this place's own; None: nothing set apart."""
    is_own: bool


class DeadlinesPages:
    def __init__(
        self,
        database: Database,
        settings: BureauSettings,
        timetable: BureauTimetable,
        calendars: Calendars,
        places: PlaceNames,
    ) -> None:
        self._database = database
        self._settings = settings
        self._timetable = timetable
        self._calendars = calendars
        self._places = places

    def section(self) -> Section:
        may = Permission.MANAGE_SETTINGS
        return Section(
            pages=(
                Page("GET", PATH, self.show, may),
                Page("POST", PATH, self.save, may),
                Page("POST", f"{PATH}/reset", self.reset, may),
            ),
            links=(NavLink("manage", HERE, PATH, "clock", may),),
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._draw(visit, self._region(visit, visit.request.query.get("place", "")), {})

    async def save(self, visit: Visit) -> web.StreamResponse:
        region = self._region(visit, visit.form.get("place", ""))
        above, changes, faults = self._timetable.above(region, visit.now), dict[str, Limit | None](), {}
        for name in (*NEEDED, *OPTIONAL):
            count = _digits(visit.form.get(f"{name}.count", ""))
            limit = read_limit(f"{count} {visit.form.get(f'{name}.unit', '')}")
            if limit is None and (count or name in NEEDED):
                faults[name] = _say(visit, LimitMisread())
            elif limit != above.by_name.get(name):
                changes[name] = limit
        if faults:
            return await self._draw(visit, region, faults)
        return await self._keep(visit, region, changes)

    async def reset(self, visit: Visit) -> web.StreamResponse:
        """Nothing of its own: what lies above holds."""
        return await self._keep(visit, self._region(visit, visit.form.get("place", "")), {})

    # -- inside -------------------------------------------------------------------------------------------

    async def _keep(self, visit: Visit, region: str, changes: dict[str, Limit | None]) -> web.StreamResponse:
        try:
            async with self._database.transaction() as session:
                is_new = await self._timetable.save(
                    session,
                    region,
                    changes,
                    seen=visit.form.get("seen", ""),
                    actor=visit.actor,
                    now=visit.now,
                )
        except SettingMoved as error:
            await self._settings.read()
            return await self._draw(visit, region, {"moved": _say(visit, error)})
        return visit.go(f"{PATH}?place={region}", done="limits_saved" if is_new else "limits_same")

    def _region(self, visit: Visit, words: str) -> str:
        """Raises NoSuchPlace."""
        return find_place(self._places, words, scope=visit.staff.scope) if words.strip() else visit.staff.region

    async def _draw(self, visit: Visit, region: str, faults: dict[str, str]) -> web.Response:
        own, now = self._timetable.own(region), visit.now
        above = self._timetable.above(region, now)
        changes = own[1] if own else {}
        open_ones = [str(state) for state in OPEN]
        async with self._database.reading() as session:
            waiting = await session.scalar(
                select(func.count())
                .select_from(Ticket)
                .where(Ticket.provisional, Ticket.state.in_(open_ones), is_within(Scope(region), Ticket.region))
            )
        groups = {
            group: [self._row(visit, name, above, above.changed(changes)) for name in names]
            for group, names in GROUPS.items()
        }
        return await visit.page(
            "settings/deadlines",
            here=HERE,
            status=422 if faults else 200,
            region=region,
            place=self._places.whole,
            groups=groups,
            units=[str(unit) for unit in Unit],
            since=own[0] if own and changes else None,
            is_coming=own is not None and own[0] > now,
            seen=self._settings.mark(PREFIX + region),
            faults=faults,
            years=self._years(now),
            waiting=waiting or 0,
        )

    def _row(self, visit: Visit, name: str, above: Deadlines, holding: Deadlines) -> Row:
        limit = holding.by_name.get(name)
        count, unit = (str(limit.count), str(limit.unit)) if limit else ("", str(Unit.DAYS))
        if visit.request.method == "POST" and f"{name}.count" in visit.form:
            count, unit = visit.form[f"{name}.count"][:12], visit.form.get(f"{name}.unit", unit)
        group, _, rest = name.partition(".")
        words = label("kind" if group == "answer" else "category", rest) if group in ("answer", "difficult") else ""
        return Row(name, words, count, unit, above.by_name.get(name), limit != above.by_name.get(name))

    def _years(self, now: datetime) -> list[tuple[int, bool]]:
        """The years around this one, and whether their holidays are known."""
        this = now.astimezone(LOCAL).year
        return [(year, self._calendars.table.is_certain(date(year, 7, 1))) for year in range(this, this + 3)]


def _digits(words: str) -> str:
    """Full-width ones too; without noughts before them, as the file has none."""
    text = unicodedata.normalize("NFKC", words).strip()
    return text.lstrip("0") or text


def _say(visit: Visit, error: UserFacingError) -> str:
    return visit.pages.say_error(error.code, error.data)
