"""`shangan queue …`, `shangan tickets …`, `shangan audit verify`, `shangan demo`: on the database of the settings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from handlers.tickets.ticket import Category, State

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.app import Parts
    from handlers.tickets.office import Office
    from knowledge.regions import Regions

T = TypeVar("T")

queue = typer.Typer(no_args_is_help=True, help="Queues: add, list, assign staff, who is on duty.")
tickets = typer.Typer(no_args_is_help=True, help="Tickets: show, list, seed, export.")
audit = typer.Typer(no_args_is_help=True, help="The record of what was done.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of words")]
Number = Annotated[str, typer.Argument(help="the ticket's number, such as 261124-00375")]

_WORDS = {
    "no_such_queue": "there is no queue {name}",
    "no_such_ticket": "there is no ticket {number}",
    "no_such_account": "there is no account {username}",
    "bad_seed": "line {row}: {why}",
    "not_empty": "the database holds tickets already: made-up ones are not mixed with them",
    "assignee_unfit": "{name} cannot be given these tickets ({why})",
    "chat_unfit": "{chat}: a Telegram group is named by its number, such as -1001234567890",
    "queue_exists": "there is a queue {name} already, or one of this category and region",
}


@dataclass(frozen=True)
class Desk:
    """What a command works with, inside one transaction."""

    office: Office
    session: AsyncSession
    now: datetime
    regions: Regions


# -- queues -------------------------------------------------------------------------------------------------


@queue.command("add")
def add_queue(
    name: Annotated[str, typer.Argument(help="its name, such as 社保补贴")],
    region: Annotated[str, typer.Option(help="whose, such as 洪湖市; all below it too")],
    category: Annotated[Category, typer.Option(help="what it takes")],
    telegram_chat: Annotated[str | None, typer.Option("--telegram-chat", help="id of its staff group")] = None,
    shares: Annotated[bool, typer.Option("--shares", help="new tickets go to whoever has least in hand")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a queue, or set the group of one that is there."""
    from handlers.tickets import desk_queues

    code = _find_region(region)

    async def act(desk: Desk) -> dict[str, Any]:
        return await desk_queues.add_queue(
            desk.session, name, region=code, category=category, telegram_chat=telegram_chat, shares=shares
        )

    found = _with_desk(act)
    print(json.dumps(found, ensure_ascii=False) if as_json else f"queue {found['id']}: {name} ({region}, {category})")


@queue.command("list")
def list_queues(as_json: AsJson = False) -> None:
    """All queues with their staff and open tickets."""
    from handlers.tickets import desk_queues

    found = _read_desk(lambda desk: desk_queues.list_queues(desk.session, desk.regions))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    if not found:
        print("no queues: shangan queue add NAME --region … --category …")
    for one in found:
        group = f"  group {one['telegram_chat']}" if one["telegram_chat"] else ""
        print(f"{one['id']:4}  {one['name']}  {one['place']}  {one['category']}  open {one['open']}{group}")
        print(f"      {'、'.join(one['staff']) or 'nobody'}")


@queue.command("assign")
def assign_staff(
    name: Annotated[str, typer.Argument(help="the queue's name or id")],
    staff: Annotated[list[str], typer.Argument(help="usernames")],
    leave: Annotated[bool, typer.Option("--leave", help="take them out of it")] = False,
) -> None:
    """Let staff work a queue, or no longer."""
    from handlers.tickets import desk_queues

    async def act(desk: Desk) -> None:
        await desk_queues.assign_staff(desk.session, desk.office.queues, name, staff, leave=leave)

    _with_desk(act)
    print(f"{name}: {'left' if leave else 'joined'} {'、'.join(staff)}")


@queue.command("duty")
def duty(name: Annotated[str, typer.Argument(help="the queue's name or id")], as_json: AsJson = False) -> None:
    """Who of a queue is there, those with least in hand first. (`shangan staff duty NAME on|away` changes it.)"""
    from handlers.tickets import desk_queues

    found = _read_desk(lambda desk: desk_queues.duty(desk.session, desk.office.queues, name))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        print(f"{one['username']}  open {one['open']}")
    if not found:
        print("nobody is on duty")


# -- tickets ------------------------------------------------------------------------------------------------


@tickets.command("show")
def show_ticket(number: Number, as_json: AsJson = False) -> None:
    """One ticket with its timeline; names and phones are masked."""
    from handlers.tickets.ledger import describe

    async def act(desk: Desk) -> dict[str, Any]:
        ticket = await desk.office.cabinet.look(desk.session, _read_number(number))
        return await describe(desk.session, desk.office, ticket, now=desk.now)

    found = _read_desk(act)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        if name != "timeline" and value not in (None, "", [], {}):
            print(f"{name:16} {value}")
    for line in found["timeline"]:
        print(f"  {line['at']}  {line['who']}  {line['kind']}  {line['data']}")


@tickets.command("list")
def list_tickets(
    state: Annotated[State | None, typer.Option(help="only these")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="only those past a deadline")] = False,
    limit: Annotated[int, typer.Option(help="at most so many")] = 200,
    as_json: AsJson = False,
) -> None:
    """The newest first."""
    from handlers.tickets.ledger import list_rows

    found = _read_desk(lambda desk: list_rows(desk.session, state=state, overdue=overdue, limit=limit, now=desk.now))
    if as_json:
        for one in found:
            print(json.dumps(one, ensure_ascii=False))
        return
    for one in found:
        print(f"{one['number']}  {one['state']}  {one['category']}  {one['due'] or '—'}  {one['about']}")


@tickets.command("seed")
def seed(
    file: Annotated[Path, typer.Argument(help="lines of JSON: number, chat, region, category, text, state")],
    as_json: AsJson = False,
) -> None:
    """Put tickets in as they are given, for trials; the number is kept."""
    from handlers.tickets.seeding import read_rows, seed_tickets

    try:
        rows = read_rows(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        _fail(f"{file}: {error}")
    made = _with_desk(
        lambda desk: seed_tickets(desk.session, desk.office, rows, resolve=desk.regions.resolve, now=desk.now)
    )
    for one in made:
        print(json.dumps(one, ensure_ascii=False) if as_json else one["number"])


@tickets.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="the xlsx to write")],
    unmasked: Annotated[bool, typer.Option("--unmasked", help="with names and phones; needs --reason")] = False,
    reason: Annotated[str, typer.Option(help="why, for the audit")] = "",
) -> None:
    """The ledger (工单台账, T1); masked unless a reason is given."""
    from handlers.tickets.export import write_ledger

    if unmasked and not reason.strip():
        _fail("--unmasked needs --reason")

    async def act(desk: Desk) -> int:
        return await write_ledger(desk.session, desk.office, file, unmasked=unmasked, reason=reason, now=desk.now)

    print(f"{file}: {(_with_desk if unmasked else _read_desk)(act)} rows")


@tickets.command("hand-over")
def hand_over(
    leaver: Annotated[str, typer.Argument(help="who leaves, by username")],
    to: Annotated[str | None, typer.Option(help="the colleague who gets all; else by turns in each queue")] = None,
) -> None:
    """Give all open tickets of somebody who leaves to their colleagues."""

    async def act(desk: Desk) -> int:
        from bot.staff.accounts import access_account
        from bot.staff.roles import ANYWHERE
        from handlers.tickets.timeline import SYSTEM

        gone = await access_account(desk.session, leaver, scope=ANYWHERE)
        heir = await access_account(desk.session, to, scope=ANYWHERE) if to is not None else None
        return await desk.office.desk.hand_over_all(
            desk.session, gone.id, heir.id if heir else None, actor=SYSTEM, now=desk.now
        )

    print(f"{leaver}: {_with_desk(act)} tickets handed over")


# -- audit and demo -----------------------------------------------------------------------------------------


@audit.callback()
def _audit() -> None:
    """The record of what was done."""  # without it, typer takes the only command for the group itself


@audit.command("verify")
def verify(as_json: AsJson = False) -> None:
    """Read every timeline, every anchor and the staff's record; exit 1 if anything does not hold."""
    from bot.staff import audit as staff_audit

    async def act(desk: Desk) -> list[dict[str, Any]]:
        broken = [
            {"ticket": one.ticket, "seq": one.seq, "reason": one.reason}
            async for one in desk.office.cabinet.timeline.verify(desk.session)
        ]
        if (place := await staff_audit.verify(desk.session)) is not None:
            broken.append({"ticket": "staff", "seq": place, "reason": "changed"})
        return broken

    found = _read_desk(act)
    if as_json:
        print(json.dumps({"unbroken": not found, "broken": found}, ensure_ascii=False))
    elif found:
        for one in found:
            print(f"BROKEN {one['ticket']} at {one['seq']}: {one['reason']}")
    else:
        print("unbroken")
    if found:
        raise typer.Exit(1)


def demo(
    count: Annotated[int, typer.Option(help="how many tickets")] = 200,
    days: Annotated[int, typer.Option(help="over how many days")] = 60,
) -> None:
    """Fill the database with made-up tickets, staff and queues, to look around in."""
    from handlers.tickets.demo import make_demo

    made = _with_desk(lambda desk: make_demo(desk.session, desk.office, count=count, days=days, now=desk.now))
    for name, value in made.items():
        print(f"{name}: {value}")


# -- inside -------------------------------------------------------------------------------------------------


def _read_desk(act: Callable[[Desk], Awaitable[T]]) -> T:
    """For questions: a running server goes on writing meanwhile, and all is seen at one moment."""
    return _run(_reading, act)


def _with_desk(act: Callable[[Desk], Awaitable[T]]) -> T:
    """For what changes something: one transaction."""
    return _run(_writing, act)


def _run(opening: Callable[[], AbstractAsyncContextManager[Desk]], act: Callable[[Desk], Awaitable[T]]) -> T:
    from bot.errors import UserFacingError

    async def run() -> T:
        async with opening() as desk:
            return await act(desk)

    try:
        return asyncio.run(run())
    except UserFacingError as error:
        said = {"name": "", "number": "", "username": "", "chat": "", **error.data}
        _fail(_WORDS.get(error.code, error.code).format(**said))


@asynccontextmanager
async def _writing() -> AsyncIterator[Desk]:
    async with _office() as (office, parts, regions), parts.database.transaction() as session:
        yield Desk(office, session, parts.clock.now(), regions)


@asynccontextmanager
async def _reading() -> AsyncIterator[Desk]:
    async with _office() as (office, parts, regions), parts.database.reading_one_moment() as session:
        yield Desk(office, session, parts.clock.now(), regions)


@asynccontextmanager
async def _office() -> AsyncIterator[tuple[Office, Parts, Regions]]:
    from bot.app import build_parts
    from bot.database import Database
    from bot.keys import load_keys
    from bot.migrations import upgrade
    from bot.settings import load_settings
    from handlers.tickets.office import make_kinds, make_office
    from knowledge.regions import load_regions

    settings = load_settings()
    database = Database(settings.async_database_url)
    try:
        await upgrade(database)
        parts, regions = build_parts(settings, database, keys=load_keys(settings)), load_regions()
        parts.book.add(make_kinds())
        await parts.bureau.read()
        yield make_office(parts, regions), parts, regions
    finally:
        await database.close()


def _find_region(name: str) -> str:
    from bot.staff.roles import EVERYWHERE, is_region_id
    from knowledge.regions import load_regions

    if is_region_id(name) or name == EVERYWHERE:
        return name
    code = load_regions().resolve(name)
    if code is None:
        _fail(f"{name} is no place we know")
    return code


def _read_number(text: str) -> str:
    from handlers.tickets.number import NumberMisread, read_number

    try:
        return read_number(text) or text
    except NumberMisread as error:
        return str(error.data["number"])  # seeded tickets keep the numbers they were given


def _fail(words: str) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(2)
