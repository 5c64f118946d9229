"""`shangan people …`: import and export of the bureau's ledgers, on the database of the settings."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bot.clock import LOCAL
from handlers.people.ledger.choosing import Choice
from handlers.people.ledger.columns import Template
from handlers.people.ledger.giving import Book

if TYPE_CHECKING:
    from bot.app import Parts
    from handlers.people.ledger.desk import Ledgers
    from knowledge.regions import Regions

people = typer.Typer(no_args_is_help=True, help="Persons: import and export of the bureau's ledgers.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of words")]
WAIT_SECONDS = 12.0
"""For an import that another process has in hand; longer than the lease of one that was killed."""


@people.callback()
def _people() -> None:
    """Persons."""  # without it, typer takes an only command for the group itself


@people.command("import")
def import_ledger(
    file: Annotated[Path, typer.Argument(help="xlsx or csv: 一人一档 (T2), 缴费补贴 (T3), 服务记录 (T4)")],
    yes: Annotated[bool, typer.Option("--yes", help="do it; without it only what would be done is told")] = False,
    template: Annotated[Template | None, typer.Option(help="which ledger it is; else told by its columns")] = None,
    region: Annotated[str, typer.Option(help="whose ledger, such as 洪湖市; rows of other places are refused")] = "",
    as_json: AsJson = False,
) -> None:
    """Import a ledger. Never prints names or numbers. Exit 2 if the file cannot be read, 0 also with rows refused."""
    if not file.is_file():
        _refuse("file_missing", {}, as_json=as_json)
    code = _find_region(region)

    async def run() -> dict[str, Any]:
        async with _open_ledgers() as (ledgers, parts, _):
            if yes:
                return await _do(ledgers, parts, file, code, template)
            return await _look(ledgers, parts, file, code, template)

    found = _run(run(), as_json=as_json)
    print(json.dumps(found, ensure_ascii=False) if as_json else _say(found, done=yes))


async def _look(ledgers: Ledgers, parts: Parts, file: Path, region: str, wanted: Template | None) -> dict[str, Any]:
    from bot.staff.roles import Scope

    with file.open("rb") as content:
        opened, _ = await ledgers.importer.open(content, scope=Scope(region), wanted=wanted, now=parts.clock.now())
        found = await opened.look()
    return _shape(found.as_json(), done=False)


async def _do(ledgers: Ledgers, parts: Parts, file: Path, region: str, wanted: Template | None) -> dict[str, Any]:
    """As the console does it: what is killed midway, the server or the next call goes on with."""
    from bot.staff import audit
    from bot.staff.roles import Scope
    from handlers.people.ledger.imports import RunState
    from handlers.people.ledger.models import ImportRun

    await _settle(ledgers, parts)
    sealed = await ledgers.imports.seal_file(await asyncio.to_thread(file.read_bytes))
    with file.open("rb") as stream:
        opened, _ = await ledgers.importer.open(stream, scope=Scope(region), wanted=wanted, now=parts.clock.now())
    async with parts.database.transaction() as session:
        run = await ledgers.imports.take_in(
            session,
            sealed,
            name=file.name,
            region=region,
            staff_id=None,
            wanted=Template(opened.findings.template),
            state=RunState.WAITING,
        )
        await ledgers.imports.confirm(session, run, actor=audit.Actor(audit.ActorKind.COMMAND))
    del sealed
    await ledgers.runner.take(run.id)
    async with parts.database.reading() as session:
        ended = await session.get_one(ImportRun, run.id)
    if ended.state != str(RunState.DONE):
        from handlers.people.ledger.faults import BadTable

        raise BadTable(**(ended.error or {"code": "import_failed"}))
    return _shape({**ended.findings, "counts": ended.counts, "rows": ended.rows}, done=True)


async def _settle(ledgers: Ledgers, parts: Parts) -> None:
    """Finish an import that was killed; wait for one that is alive. Raises ImportBusy if that goes on."""
    from handlers.people.ledger.imports import ImportBusy

    end = parts.clock.wall() + WAIT_SECONDS
    while await ledgers.runner.is_going():
        if await ledgers.runner.take_due() is None:
            if parts.clock.wall() > end:
                raise ImportBusy
            await asyncio.sleep(0.5)


def _shape(found: dict[str, Any], *, done: bool) -> dict[str, Any]:
    """What is told of an import."""
    return {
        "template": found["template"],
        "done": done,
        "columns": {one["header"]: one["field"] for one in found["columns"]},
        "unknown_columns": found["unknown_columns"],
        "repeated_columns": found["repeated_columns"],
        "rows": found["rows"],
        **{name: found["counts"].get(name, 0) for name in ("added", "changed", "same", "refused")},
        "faults": found["faults"],
        "fault_counts": found["fault_counts"],
        "regions": found["regions"],
        "not_named": found["not_named"],
        "skipped": found["skipped"],
        "hidden": found["hidden"],
        "sheets": found["sheets"],
        "other_sheets": found["other_sheets"],
    }


def _say(found: dict[str, Any], *, done: bool) -> str:
    from handlers.people.ledger.labels import word

    head = f"{found['template']} {word('template', found['template'])}: {found['rows']} rows"
    counts = ", ".join(f"{name} {found[name]}" for name in ("added", "changed", "same", "refused"))
    lines = [head, counts]
    if found["unknown_columns"]:
        lines.append("columns not read: " + "、".join(found["unknown_columns"]))
    if found["repeated_columns"]:
        lines.append("columns read from another: " + "、".join(found["repeated_columns"]))
    if len(found["sheets"]) > 1:
        lines += [f"sheet {one['name']}: {one['rows']} rows, refused {one['refused']}" for one in found["sheets"]]
    lines += [f"sheet {name}: {word('unread', why)}" for name, why in found["other_sheets"].items()]
    lines += [
        (f"{one['sheet']} " if len(found["sheets"]) > 1 else "")
        + f"row {one['row']} {one['column']}: {word('fault', one['code'])}"
        + ("" if one["refused"] else " (taken)")
        for one in found["faults"]
    ]
    if not done:
        lines.append("nothing was written; --yes does it")
    return "\n".join(lines)


@people.command("export")
def export_ledger(
    file: Annotated[Path, typer.Argument(help="the xlsx to write")],
    book: Annotated[Book, typer.Option(help="persons: 一人一档 (T2); village: 一村一册")] = Book.PERSONS,
    region: Annotated[str, typer.Option(help="only of this place")] = "",
    village: Annotated[str, typer.Option(help="only of this village")] = "",
    year: Annotated[int | None, typer.Option(help="whose services stand in 一村一册; else this year's")] = None,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="names and numbers in full; needs --reason")] = False,
    reason: Annotated[str, typer.Option(help="why, for the audit")] = "",
) -> None:
    """Write a ledger; masked unless a reason is given. In full, 一人一档 can be imported again."""
    from bot.staff.roles import Scope

    if unmasked and not reason.strip():
        print("--unmasked needs --reason", file=sys.stderr)
        raise typer.Exit(2)
    code = _find_region(region)

    async def run() -> int:
        async with _open_ledgers() as (ledgers, parts, _):
            now = parts.clock.now()
            choice = Choice(Scope(code), village=village)
            with file.open("wb") as target:
                async with parts.database.reading_one_moment() as session:
                    count = await ledgers.giving.write(
                        session, choice, book, target, year=year or now.astimezone(LOCAL).year, unmasked=unmasked
                    )
            if unmasked:
                await _note_export(parts, book, count, reason)
            return count

    print(f"{file}: {_run(run(), as_json=False)} rows")


async def _note_export(parts: Parts, book: Book, count: int, reason: str) -> None:
    from bot.staff import audit

    async with parts.database.transaction() as session:
        await audit.append(
            session,
            audit.AuditAction.EXPORTED,
            actor=audit.Actor(audit.ActorKind.COMMAND),
            subject=audit.Subject("ledger", str(book)),
            at=parts.clock.now(),
            reason=reason,
            data={"rows": count, "unmasked": True},
        )


# -- inside -------------------------------------------------------------------------------------------------


def _run(work: Any, *, as_json: bool) -> Any:
    from bot.errors import UserFacingError

    try:
        return asyncio.run(work)
    except UserFacingError as error:
        _refuse(error.code, error.data, as_json=as_json)


def _refuse(code: str, data: dict[str, Any], *, as_json: bool) -> NoReturn:
    """The file as a whole: a code, and on the other stream the words."""
    from bot.replies import make_environment

    if as_json:
        print(json.dumps({"error": code, **data}, ensure_ascii=False))
    print(make_environment().get_template(f"replies/errors/{code}.txt").render(**data).strip(), file=sys.stderr)
    raise typer.Exit(2)


def _find_region(name: str) -> str:
    from bot.staff.roles import EVERYWHERE, is_region_id
    from knowledge.regions import load_regions

    if not name:
        return EVERYWHERE
    code = name if is_region_id(name) else load_regions().resolve(name)
    if code is None:
        print(f"{name} is no place we know", file=sys.stderr)
        raise typer.Exit(2)
    return code


@asynccontextmanager
async def _open_ledgers() -> AsyncIterator[tuple[Ledgers, Parts, Regions]]:
    from bot.app import build_parts
    from bot.database import Database
    from bot.keys import load_keys
    from bot.log import configure_logging
    from bot.migrations import upgrade
    from bot.settings import load_settings
    from handlers.people.ledger.desk import make_ledgers
    from knowledge.regions import load_regions

    settings = load_settings()
    configure_logging(settings.log_level)
    database = Database(settings.async_database_url)
    try:
        await upgrade(database)
        parts, regions = build_parts(settings, database, keys=load_keys(settings)), load_regions()
        yield make_ledgers(parts, regions), parts, regions
    finally:
        await database.close()
