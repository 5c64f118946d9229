"""`shangan events …`: fairs, vacancies and courses on the database of the settings."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from handlers.offers.offer import Kind, State

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.database import Database
    from handlers.offers.office import Office
    from knowledge.regions import Regions

T = TypeVar("T")

events = typer.Typer(no_args_is_help=True, help="Job fairs, vacancies and courses: add, import, list, show.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of words")]
Opening = Callable[["Database"], AbstractAsyncContextManager["AsyncSession"]]
_WORDS = {
    "no_such_offer": "there is no event {number}",
    "offer_unfit": "cannot be taken: {faults}",
    "offer_sheet_unfit": "no table of events: {why}",
}


@dataclass(frozen=True)
class Counter:
    """What a command works with, inside one transaction."""

    office: Office
    session: AsyncSession
    regions: Regions
    now: datetime


@events.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="a JSON object, or - for standard input", allow_dash=True)],
    as_json: AsJson = False,
) -> None:
    """Add one: kind (fair, vacancy, course), title, region, starts, ends, seats; and what else is known of it."""
    written = _read_object(file)

    async def act(desk: Counter) -> dict[str, Any]:
        from bot.staff import audit
        from bot.staff.roles import ANYWHERE
        from handlers.offers.drafting import read_draft
        from handlers.offers.importing import say_doubts

        draft = read_draft(written, regions=desk.regions, home="", now=desk.now)
        offer = await desk.office.publishing.add(
            desk.session,
            draft,
            actor=audit.Actor(audit.ActorKind.COMMAND),
            scope=ANYWHERE,
            now=desk.now,
            confirmed=True,
        )
        doubts = say_doubts(desk.office.publishing, draft, scope=ANYWHERE, now=desk.now)
        return {"id": offer.id, "code": offer.code, **({"warnings": doubts} if doubts else {})}

    found = _writing(act)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    print(f"{found['code']}: {written.get('title', '')}")
    for doubt in found.get("warnings", ()):
        print(f"  look again: {doubt}")


@events.command("list")
def list_events(
    kind: Annotated[Kind | None, typer.Option(help="only these")] = None,
    state: Annotated[State | None, typer.Option(help="only these")] = None,
    limit: Annotated[int, typer.Option(help="at most so many")] = 200,
    as_json: AsJson = False,
) -> None:
    """The newest first."""

    async def act(desk: Counter) -> list[dict[str, Any]]:
        from sqlalchemy import select

        from handlers.offers.models import Offer

        wanted = select(Offer).order_by(Offer.id.desc()).limit(limit)
        if kind is not None:
            wanted = wanted.where(Offer.kind == str(kind))
        if state is not None:
            wanted = wanted.where(Offer.state == str(state))
        return [_line(offer, desk.regions) for offer in await desk.session.scalars(wanted)]

    found = _reading(act)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        print(f"{one['code']:6}  {one['state']:9}  {one['kind']:7}  {one['region']}  {one['title']}")


@events.command("show")
def show(code: Annotated[str, typer.Argument(help="its number")], as_json: AsJson = False) -> None:
    """One with its seats and how many registered, wait and came; nobody's name."""

    async def act(desk: Counter) -> dict[str, Any]:
        from handlers.offers.offer import Standing
        from handlers.offers.registrations import registered

        offer = await desk.office.counter.find(desk.session, code)
        people = await registered(desk.session, offer)
        counts = {str(state): sum(1 for one in people if one.state == state) for state in Standing}
        return {
            **_line(offer, desk.regions),
            "place": offer.place,
            "employer": offer.employer,
            "trade": offer.trade,
            "pay_from": offer.pay_from,
            "pay_to": offer.pay_to,
            "details": offer.details,
            "version": offer.version,
            "registered": counts["in"] + counts["came"],
            "came": counts["came"],
            "on_waiting_list": counts["waiting"],
        }

    found = _reading(act)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        if value not in (None, "", {}):
            print(f"{name:16} {value}")


@events.command("import")
def import_events(
    file: Annotated[Path, typer.Argument(help="an xlsx table, one event a row")],
    yes: Annotated[bool, typer.Option("--yes", help="add them; without it they are only looked at")] = False,
    as_json: AsJson = False,
) -> None:
    """Add all rows of a table. Rows with faults are named and left out; exit 1 if there are any."""
    try:
        content = file.read_bytes()
    except OSError as error:
        _fail(f"{file}: {error.strerror}")

    async def act(desk: Counter) -> dict[str, Any]:
        from bot.staff import audit
        from bot.staff.roles import ANYWHERE
        from handlers.offers.importing import add_rows, read_sheet

        sheet = read_sheet(content, regions=desk.regions, home="", now=desk.now)
        looked = await add_rows(
            desk.session,
            desk.office.publishing,
            sheet,
            actor=audit.Actor(audit.ActorKind.COMMAND),
            scope=ANYWHERE,
            now=desk.now,
            write=yes,
        )
        return looked.as_json()

    found = _writing(act)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        counted = f"{found['added']} added" if yes else f"{found['fit']} fit"
        print(f"{found['rows']} rows: {counted}, {len(found['faults'])} faults")
        for fault in found["faults"]:
            print(f"  row {fault['row']}, {fault['column']}: {fault['code']}")
    if found["faults"]:
        raise typer.Exit(1)


# -- inside -------------------------------------------------------------------------------------------------


def _line(offer: Any, regions: Regions) -> dict[str, Any]:
    return {
        "id": offer.id,
        "code": offer.code,
        "kind": offer.kind,
        "state": offer.state,
        "title": offer.title,
        "region": regions.whole_name(offer.region),
        "starts": _local(offer.starts),
        "ends": _local(offer.ends),
        "seats": offer.seats,
        "taken": offer.taken,
        "waiting": offer.waiting,
    }


def _local(at: datetime | None) -> str | None:
    from bot.clock import LOCAL

    return at.astimezone(LOCAL).isoformat() if at else None


def _read_object(file: Path) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
        found = json.loads(text)
    except (OSError, ValueError) as error:
        _fail(f"{file}: {error}")
    if not isinstance(found, dict):
        _fail(f"{file}: one JSON object is wanted")
    return found


def _reading(act: Callable[[Counter], Awaitable[T]]) -> T:
    return _run(act, lambda database: database.reading())


def _writing(act: Callable[[Counter], Awaitable[T]]) -> T:
    return _run(act, lambda database: database.transaction())


def _run(act: Callable[[Counter], Awaitable[T]], opening: Opening) -> T:
    from bot.errors import UserFacingError

    try:
        return asyncio.run(_with_office(act, opening))
    except UserFacingError as error:
        _fail(_WORDS.get(error.code, error.code).format(**{"number": "", **error.data}))


async def _with_office(act: Callable[[Counter], Awaitable[T]], opening: Opening) -> T:
    from bot.app import build_parts
    from bot.database import Database
    from bot.keys import load_keys
    from bot.migrations import upgrade
    from bot.settings import load_settings
    from handlers.offers.office import make_office
    from handlers.people.register import Register
    from knowledge.answers import PolicyBook
    from knowledge.loader import load_policies
    from knowledge.notours import load_foreign
    from knowledge.regions import load_regions
    from knowledge.shelf import build_shelves

    settings = load_settings()
    database = Database(settings.async_database_url)
    try:
        await upgrade(database)
        policies = load_policies()
        regions = load_regions(frozenset(policy.document.region for policy in policies))
        parts = build_parts(settings, database, keys=load_keys(settings))
        office = make_office(parts, PolicyBook(build_shelves(policies, load_foreign()), regions), Register())
        async with opening(database) as session:
            return await act(Counter(office, session, regions, parts.clock.now()))
    finally:
        await database.close()


def _fail(words: str) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(2)
