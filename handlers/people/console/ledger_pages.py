"""台账: a file goes up, what it would do is shown, it is confirmed and done; the history, and empty sheets."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.database import Database
from bot.errors import UserFacingError
from bot.sheets import send_xlsx
from bot.staff.models import Staff
from bot.staff.roles import EVERYWHERE, Permission, Scope
from bot.web.bodies import read_number
from bot.web.console import NavLink, Page, Section, Visit
from handlers.people.ledger.columns import Kind, Template, load_columns
from handlers.people.ledger.desk import Ledgers
from handlers.people.ledger.empty_sheets import write_empty, write_faults
from handlers.people.ledger.findings import Findings
from handlers.people.ledger.imports import NoSuchImport, RunState
from handlers.people.ledger.labels import say_value, word
from handlers.people.ledger.models import ImportRun

IMPORT = Permission.IMPORT_LEDGERS
MOST_SHOWN = 50
"""Faults and regions of a preview; the table of faults holds all."""


class FileMissing(UserFacingError):
    code = "file_missing"


@dataclass(frozen=True)
class Line:
    """One import of the history."""

    run: ImportRun
    name: str
    who: str
    place: str


class LedgerPages:
    def __init__(self, database: Database, ledgers: Ledgers) -> None:
        self._database = database
        self._ledgers = ledgers

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", "/staff/ledgers", self.show, IMPORT),
                Page("POST", "/staff/ledgers", self.upload, IMPORT),
                Page("GET", "/staff/ledgers/empty/{template}", self.give_empty, IMPORT),
                Page("GET", "/staff/ledgers/{id}", self.show_one, IMPORT),
                Page("POST", "/staff/ledgers/{id}/confirm", self.confirm, IMPORT),
                Page("POST", "/staff/ledgers/{id}/drop", self.drop, IMPORT),
                Page("GET", "/staff/ledgers/{id}/faults", self.give_faults, IMPORT),
            ),
            links=(NavLink("people", "ledgers", "/staff/ledgers", "sheet", IMPORT),),
        )

    async def show(self, visit: Visit) -> web.Response:
        return await self._draw(visit)

    async def _draw(self, visit: Visit, *, fault: UserFacingError | None = None) -> web.Response:
        async with self._database.reading() as session:
            runs = await self._ledgers.imports.list_runs(session, visit.staff.scope)
            lines = await self._lines(session, runs)
        return await visit.page(
            "people/ledgers",
            here="ledgers",
            status=200 if fault is None else 422,
            fault=visit.pages.say_error(fault.code, fault.data) if fault else "",
            lines=lines,
            templates=list(Template),
            place=self._place(visit.staff.region),
            may_export=visit.may(Permission.EXPORT),
            word=word,
        )

    async def upload(self, visit: Visit) -> web.Response:
        if not visit.files or visit.files[0].content is None:
            return await self._draw(visit, fault=FileMissing())
        file, wanted = visit.files[0], visit.form.get("template", "")
        assert file.content is not None
        sealed = await self._ledgers.imports.seal_file(file.content)
        async with self._database.transaction() as session:
            run = await self._ledgers.imports.take_in(
                session,
                sealed,
                name=file.name,
                region=visit.staff.region,
                staff_id=visit.staff.id,
                wanted=Template(wanted) if wanted in tuple(Template) else None,
            )
        return visit.go(f"/staff/ledgers/{run.id}")

    async def show_one(self, visit: Visit) -> web.Response:
        async with self._database.reading() as session:
            run = await self._find(session, visit)
            (line,) = await self._lines(session, [run])
            before = await self._ledgers.imports.same_file_before(session, run)
        return await self._draw_one(visit, line, before)

    async def _draw_one(
        self, visit: Visit, line: Line, before: ImportRun | None, *, fault: UserFacingError | None = None
    ) -> web.Response:
        run = line.run
        found = {**Findings().as_json(), **run.findings}
        return await visit.page(
            "people/ledger",
            here="ledgers",
            status=200 if fault is None else 422,
            fault=visit.pages.say_error(fault.code, fault.data) if fault else "",
            broken=visit.pages.say_error(run.error["code"], run.error) if run.error else "",
            line=line,
            run=run,
            before=before,
            found=found,
            places=self._places(found["regions"]),
            columns=[one for one in found["columns"] if not self._is_skipped(run.template, one["field"])],
            titles=_titles(found["sheets"]),
            working=run.state in (RunState.READING, RunState.GOING),
            most=MOST_SHOWN,
            word=word,
        )

    async def confirm(self, visit: Visit) -> web.Response:
        try:
            async with self._database.transaction() as session:
                run = await self._find(session, visit, lock=True)
                await self._ledgers.imports.confirm(session, run, actor=visit.actor)
        except NoSuchImport:
            raise
        except UserFacingError as error:
            async with self._database.reading() as session:
                run = await self._find(session, visit)
                (line,) = await self._lines(session, [run])
            return await self._draw_one(visit, line, None, fault=error)
        return visit.go(f"/staff/ledgers/{run.id}")

    async def drop(self, visit: Visit) -> web.Response:
        async with self._database.transaction() as session:
            run = await self._find(session, visit, lock=True)
            await self._ledgers.imports.drop(session, run, actor=visit.actor)
        return visit.go("/staff/ledgers", done="ledger_dropped")

    async def give_empty(self, visit: Visit) -> web.StreamResponse:
        """An empty sheet of one ledger."""
        name = visit.request.match_info["template"]
        if name not in tuple(Template):
            raise NoSuchImport(id=0)
        with tempfile.TemporaryFile() as file:
            write_empty(Template(name), file)
            shown = word("file", "empty").format(template=word("template", name))
            return await send_xlsx(visit.request, file, name=shown, plain_name=f"empty-{name}.xlsx")

    async def give_faults(self, visit: Visit) -> web.StreamResponse:
        """All faults of a file that waits, one a row; what stands in the cells is masked."""
        async with self._database.reading() as session:
            run = await self._find(session, visit)
            content = await self._ledgers.imports.content_of(session, run.id)
        with tempfile.TemporaryFile() as file:
            wanted = Template(run.template) if run.template else None
            opened, _ = await self._ledgers.importer.open(
                BytesIO(content), scope=Scope(run.region), wanted=wanted, now=visit.now
            )
            await write_faults(opened, file)
            day = f"{visit.now.astimezone(LOCAL):%Y-%m-%d}"
            name = word("file", "faults").format(day=day)
            return await send_xlsx(visit.request, file, name=name, plain_name=f"faults-{day}.xlsx")

    # -- inside -------------------------------------------------------------------------------------------

    async def _find(self, session: AsyncSession, visit: Visit, *, lock: bool = False) -> ImportRun:
        """Raises NoSuchImport."""
        run_id = read_number(visit.request.match_info["id"])
        if run_id is None:
            raise NoSuchImport(id=0)
        return await self._ledgers.imports.find(session, run_id, visit.staff.scope, lock=lock)

    async def _lines(self, session: AsyncSession, runs: Sequence[ImportRun]) -> list[Line]:
        ids = {run.staff_id for run in runs if run.staff_id is not None}
        rows = await session.execute(select(Staff.id, Staff.display_name).where(Staff.id.in_(ids)))
        names = {row.id: row.display_name for row in rows}
        return [
            Line(run, self._ledgers.imports.name_of(run), names.get(run.staff_id or 0, ""), self._place(run.region))
            for run in runs
        ]

    def _is_skipped(self, template: str, name: str) -> bool:
        """Known and not kept, such as 序号."""
        return load_columns().fields[Template(template)][name].kind is Kind.SKIP

    def _places(self, regions: Mapping[str, int]) -> list[tuple[str, int]]:
        counted = sorted(regions.items(), key=lambda one: -one[1])
        return [(self._place(code), count) for code, count in counted[:MOST_SHOWN]]

    def _place(self, code: str) -> str:
        """Empty for everywhere and for none."""
        return "" if code in ("", EVERYWHERE) else self._ledgers.regions.whole_name(code.partition("-")[0])


def _titles(sheets: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What titles say instead of a column: (which, what); 2025, 居民. Villages stand beside their sheets."""
    said = dict.fromkeys((name, str(value)) for one in sheets for name, value in one["titles"].items())
    return [(word("title", name), say_value(name, value)) for name, value in said if name != "village"]
