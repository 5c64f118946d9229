"""/staff/offices: name, phone, address and hours of each bureau of a place, as people are told them."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from bot.database import Database
from bot.errors import UserFacingError
from bot.staff.bureau import BureauSettings, SettingMoved
from bot.staff.managing import NoSuchPlace, find_place
from bot.staff.ports import PlaceNames
from bot.staff.roles import Permission
from bot.web.console import NavLink, Page, Section, Visit
from handlers.policy.offices import PREFIX, OfficeForm
from knowledge.offices import Offices
from knowledge.regions import Regions

HERE = "offices"
PATH = "/staff/offices"


class OfficePages:
    def __init__(
        self, database: Database, settings: BureauSettings, offices: Offices, regions: Regions, places: PlaceNames
    ) -> None:
        self._database = database
        self._settings = settings
        self._offices = offices
        self._regions = regions
        self._places = places

    def section(self) -> Section:
        may = Permission.MANAGE_SETTINGS
        return Section(
            pages=(
                Page("GET", PATH, self.list_all, may),
                Page("GET", f"{PATH}/find", self.find, may),
                Page("GET", f"{PATH}/{{code}}", self.show, may),
                Page("POST", f"{PATH}/{{code}}", self.save, may),
            ),
            links=(NavLink("manage", HERE, PATH, "house", may),),
        )

    async def list_all(self, visit: Visit) -> web.StreamResponse:
        scope, own = visit.staff.scope, visit.staff.region
        codes = {code for code in self._offices.by_region if scope.covers(code)}
        if self._regions.name(own):
            codes.add(own)
        rows = [(code, self._offices.by_region.get(code)) for code in sorted(codes)]
        return await visit.page("settings/offices", here=HERE, rows=rows, place=self._places.whole)

    async def find(self, visit: Visit) -> web.StreamResponse:
        code = find_place(self._places, visit.request.query.get("place", ""), scope=visit.staff.scope)
        return visit.go(f"{PATH}/{code}")

    async def show(self, visit: Visit) -> web.StreamResponse:
        code = self._code(visit)
        return await self._draw(visit, code, OfficeForm.of(self._offices.by_region.get(code)), {})

    async def save(self, visit: Visit) -> web.StreamResponse:
        code = self._code(visit)
        form, errors = OfficeForm.read(visit.form).check()
        if errors:
            return await self._draw(visit, code, form, {field: _say(visit, one) for field, one in errors.items()})
        before, after = asdict(OfficeForm.of(self._offices.by_region.get(code))), asdict(form)
        changed = [name for name in after if before[name] != after[name]]
        if changed:
            try:
                async with self._database.transaction() as session:
                    await self._settings.change(
                        session,
                        PREFIX + code,
                        lambda _: after,
                        seen=visit.form.get("seen", ""),
                        actor=visit.actor,
                        now=visit.now,
                        data={"changed": changed},
                    )
            except SettingMoved as error:
                await self._settings.read()
                return await self._draw(visit, code, form, {"moved": _say(visit, error)})
        return visit.go(PATH, done="office_saved")

    def _code(self, visit: Visit) -> str:
        """Of a place on the map, within the scope. Raises NoSuchPlace."""
        code = visit.request.match_info["code"]
        if not self._regions.name(code) or not visit.staff.scope.covers(code):
            raise NoSuchPlace(place="")
        return code

    async def _draw(self, visit: Visit, code: str, form: OfficeForm, faults: dict[str, str]) -> web.Response:
        entered = self._offices.by_region.get(code)
        return await visit.page(
            "settings/office",
            here=HERE,
            status=422 if faults else 200,
            code=code,
            place=self._places.whole(code),
            form=form,
            faults=faults,
            seen=self._settings.mark(PREFIX + code),
            above=None if entered else self._offices.serving(code, self._regions),
            entered=entered,
        )


def _say(visit: Visit, error: UserFacingError) -> str:
    return visit.pages.say_error(error.code, error.data)
