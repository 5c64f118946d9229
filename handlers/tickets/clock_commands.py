"""`shangan clock --batch`: deadlines for scripts, a line of JSON in, a line of JSON out."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.errors import UserFacingError

if TYPE_CHECKING:
    from bot.database import Database
    from bot.settings import Settings
    from handlers.tickets.calendar import Calendars
    from knowledge.regions import Regions


class BadLine(UserFacingError):
    code = "bad_line"


def clock(
    file: Annotated[Path | None, typer.Argument(help="lines of JSON; without it, or -, the standard input")] = None,
    batch: Annotated[bool, typer.Option("--batch", help="a line in, a line out: the only way there is")] = True,  # noqa: ARG001
) -> None:
    """Reads {"id","region","start","working_minutes"|"calendar_days","pauses"}, prints {"id","due","provisional"}."""
    from bot.settings import load_settings
    from knowledge.regions import load_regions

    calendars, regions = asyncio.run(_calendars(load_settings())), load_regions()
    for line in _lines(file):
        print(json.dumps(_answer(line, calendars, regions), ensure_ascii=False), flush=True)


async def _calendars(settings: Settings) -> Calendars:
    """Those the bureau counts by: the data folder's, and over them the holidays that the console has set.

    The database is only asked, never made or migrated; without one there is nothing to put over the file. Raises
    DatabaseAway: a guess that passes over the console's holidays would be a wrong deadline.
    """
    from bot.database import Database
    from bot.staff.bureau import BureauSettings
    from handlers.tickets.calendar import HolidayTable, load_calendars
    from handlers.tickets.holidays import BureauHolidays

    calendars = load_calendars(settings.data_dir)
    assert isinstance(calendars.table, HolidayTable)  # as it is loaded
    database = Database(settings.async_database_url)
    bureau = BureauSettings(database)
    try:
        if await _has_settings(database):
            await bureau.read()
    finally:
        await database.close()
    return calendars.on(BureauHolidays(calendars.table, bureau))


async def _has_settings(database: Database) -> bool:
    """Whether the console could have set anything: not before the first start, nor before the version for it."""
    from sqlalchemy import inspect

    from bot.staff.models import BureauSetting

    name = database.url.database or ""
    there = not database.is_sqlite or name.startswith("file:") or Path(name).exists()  # noqa: ASYNC240  # one look
    if not there:  # connecting would make it
        return False
    async with database.reading() as session:
        connection = await session.connection()
        return await connection.run_sync(lambda on: inspect(on).has_table(BureauSetting.__tablename__))


def _lines(file: Path | None) -> Iterator[str]:
    if file is None or str(file) == "-":
        lines: Iterator[str] = iter(sys.stdin)
        yield from (line for line in lines if line.strip())
        return
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read ({type(error).__name__})") from None
    yield from (line for line in text.splitlines() if line.strip())


def _answer(line: str, calendars: Calendars, regions: Regions) -> dict[str, Any]:
    given: Any = None
    try:
        given = json.loads(line)
        if not isinstance(given, dict):
            raise BadLine("not_an_object")
        return {"id": given.get("id"), **_due(given, calendars, regions)}
    except json.JSONDecodeError:
        return {"id": None, "error": "not_json"}
    except (UserFacingError, OverflowError) as error:
        known = given.get("id") if isinstance(given, dict) else None
        return {"id": known, "error": error.code if isinstance(error, UserFacingError) else "too_far"}


def _due(given: dict[str, Any], calendars: Calendars, regions: Regions) -> dict[str, Any]:
    from bot.clock import LOCAL

    hours = calendars.of(_region(given.get("region"), regions))
    start = _moment(given.get("start"))
    pauses = given.get("pauses") or []
    if not isinstance(pauses, list) or not all(isinstance(pause, list) and len(pause) == 2 for pause in pauses):
        raise BadLine("bad_pauses")
    if any(end is None for _, end in pauses):
        return {"due": None, "provisional": False}  # it rests: nothing is due until the person answers
    rests = [(_moment(begin), _moment(end)) for begin, end in pauses]
    minutes, days = given.get("working_minutes"), given.get("calendar_days")
    if (minutes is None) == (days is None):
        raise BadLine("minutes_or_days")
    count = minutes if minutes is not None else days
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 10_000_000:
        raise BadLine("bad_count")
    due = (
        hours.due(start, minutes=count, pauses=rests)
        if minutes is not None
        else hours.calendar_due(start, count, pauses=rests)
    )
    return {"due": due.at.astimezone(LOCAL).isoformat(), "provisional": due.provisional}


def _region(name: Any, regions: Regions) -> str | None:
    """A name or a code; none is the default hours."""
    if name is None or name == "":
        return None
    if str(name).isdecimal():
        return str(name)
    code = regions.resolve(str(name))
    if code is None:
        raise BadLine("unknown_region")
    return code


def _moment(words: Any) -> datetime:
    """An ISO time; without a zone it is local time."""
    from bot.clock import LOCAL

    try:
        at = datetime.fromisoformat(str(words))
    except ValueError:
        raise BadLine("bad_time") from None
    return at if at.tzinfo else at.replace(tzinfo=LOCAL)
