"""/staff/persons/{id}/edit: a person's file is changed, with the version that was seen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web

from bot.clock import LOCAL
from bot.database import Database
from bot.staff.roles import Permission
from bot.web.bodies import read_number
from bot.web.console import Page, Section, Visit
from handlers.people.console.labels import names_of, term
from handlers.people.console.person_form import choose_helpers, fields_of, read_form
from handlers.people.console.person_pages import HERE, PATH, id_in
from handlers.people.files import File, PersonFiles, PersonMoved
from handlers.people.person import Group
from handlers.people.places import PlaceBook
from knowledge.regions import Regions


class PersonEditPages:
    def __init__(self, database: Database, files: PersonFiles, regions: Regions) -> None:
        self._database = database
        self._files = files
        self._places = PlaceBook(regions)

    def section(self) -> Section:
        record, path = Permission.RECORD_SERVICE, f"{PATH}/{{id}}/edit"
        return Section(pages=(Page("GET", path, self.show_form, record), Page("POST", path, self.change, record)))

    async def show_form(self, visit: Visit) -> web.Response:
        async with self._database.reading() as session:
            file = await self._files.view(session, visit.staff, id_in(visit))
            helpers = await choose_helpers(self._files, session, visit.staff)
        return await self._draw_form(visit, file, helpers=helpers)

    async def change(self, visit: Visit) -> web.Response:
        person_id, today = id_in(visit), visit.now.astimezone(LOCAL).date()
        async with self._database.reading() as session:
            file = await self._files.view(session, visit.staff, person_id)
            helpers = await choose_helpers(self._files, session, visit.staff)
        held = [file.person.helper_id] if file.person.helper_id else []
        groups = visit.all("group")
        read = await asyncio.to_thread(
            read_form,
            visit.form,
            groups,
            visit.staff,
            places=self._places,
            helpers=None if helpers is None else [one for one, _ in helpers] + held,
            today=today,
        )
        if read.faults:
            return await self._draw_form(visit, file, helpers=helpers, posted=True, faults=read.faults, status=422)
        try:
            async with self._database.transaction() as session:
                version = read_number(visit.form.get("version", "")) or 0
                await self._files.change(session, visit.staff, person_id, read.change, version=version, now=visit.now)
        except PersonMoved:
            async with self._database.reading() as session:
                file = await self._files.view(session, visit.staff, person_id)
            return await self._draw_form(visit, file, helpers=helpers, posted=True, moved=True, status=409)
        return visit.go(f"{PATH}/{person_id}", done="person_changed")

    async def _draw_form(
        self,
        visit: Visit,
        file: File,
        *,
        helpers: Sequence[tuple[int, str]] | None,
        posted: bool = False,
        faults: Mapping[str, str] | None = None,
        moved: bool = False,
        status: int = 200,
    ) -> web.Response:
        """`moved`: somebody changed it meanwhile; theirs is shown beside, and saving once more takes the form's."""
        theirs = fields_of(file, self._places)
        if helpers is None:
            del theirs["helper"]
        return await visit.page(
            "people/person_form",
            here=HERE,
            status=status,
            file=file,
            person=file.person,
            fields={name: visit.form.get(name, "") if posted else value for name, value in theirs.items()},
            theirs=theirs,
            chosen=set(visit.all("group")) if posted else set(file.groups),
            groups=[(str(group), term("group", group)) for group in Group],
            states=names_of("employment"),
            forms=names_of("work_form"),
            genders=names_of("gender"),
            helpers=helpers,
            faults={name: term("fault", code) for name, code in (faults or {}).items()},
            moved=moved,
            term=term,
        )
