"""`shangan campaigns …`: notices to many, on the database of the settings. `shangan serve` sends what is started."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from bot.app import App
    from handlers.notices.office import NoticeOffice

T = TypeVar("T")

campaigns = typer.Typer(no_args_is_help=True, help="Notices to many: add, start, show, pause, resume, stop.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of words")]
Number = Annotated[int, typer.Argument(help="the campaign's id")]
_WORDS = {
    "no_such_campaign": "there is no campaign {id}",
    "campaign_unfit": "cannot be sent: {faults}",
    "audience_unfit": "the audience cannot be read: {faults}",
    "campaign_move_refused": "a campaign that is {state} cannot {move}",
    "approval_refused": "it goes to {size} persons: above {above} somebody must approve it (approved_by)",
    "schedule_past": "{at} has passed",
}


@dataclass(frozen=True)
class Desk:
    """What a command works with."""

    office: NoticeOffice
    app: App
    now: datetime


@campaigns.callback()
def _campaigns() -> None:
    """Notices to many."""


@campaigns.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="a JSON object, or - for standard input", allow_dash=True)],
    as_json: AsJson = False,
    start: Annotated[bool, typer.Option("--start", help="approve it and send")] = False,
) -> None:
    """Add one: text, audience, approved_by; and kind, title, region, offer, starts, recent_days, policy, provision."""
    from handlers.notices.written import read_written

    written = _read_object(file)

    async def act(desk: Desk) -> int:
        async with desk.app.database.reading() as session:
            offer = await desk.office.reading.offer(session, str(written.get("offer") or ""))
        draft, approved_by, starts = read_written(written, desk.office.reading, offered=offer.kind if offer else "")
        broadcast, by = desk.office.broadcast, _by(approved_by)
        decides = bool(start or approved_by or starts)
        reach = await desk.office.previewing.reach(desk.office.reading.wanted(draft), now=desk.now) if decides else None
        async with desk.app.database.transaction() as session:
            campaign = await broadcast.add(session, draft, by, now=desk.now)
            if reach is None:
                return campaign.id
            await broadcast.approve(session, campaign.id, by, size=reach.size, in_person=reach.in_person, now=desk.now)
            if starts is not None:
                await broadcast.schedule(session, campaign.id, by, at=starts, now=desk.now)
            elif start:
                await broadcast.start(session, campaign.id, by, now=desk.now)
        return campaign.id

    found = _run(act)
    print(json.dumps({"id": found}) if as_json else f"campaign {found}")


@campaigns.command("show")
def show(number: Number, as_json: AsJson = False) -> None:
    """How one stands: counts by state, why some failed, who may have got it twice."""

    async def act(desk: Desk) -> dict[str, Any]:
        from handlers.notices.progress import read_progress

        async with desk.app.database.reading_one_moment() as session:
            campaign = await desk.office.broadcast.find(session, number)
            progress = await read_progress(session, campaign, now=desk.now)
            followed = await desk.office.counting.followed(session, campaign, now=desk.now)
        about = {"id": campaign.id, "kind": campaign.kind, "title": campaign.title}
        return {**about, "approved_by": campaign.approved_by, **progress.as_json(), "followed": asdict(followed)}

    found = _run(act)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        print(f"{name:16} {value}")


@campaigns.command("list")
def list_campaigns(limit: Annotated[int, typer.Option(help="at most so many")] = 50, as_json: AsJson = False) -> None:
    """The newest first."""

    async def act(desk: Desk) -> list[dict[str, Any]]:
        async with desk.app.database.reading() as session:
            found = await desk.office.broadcast.newest(session, limit=limit)
        return [{"id": one.id, "state": one.state, "kind": one.kind, "title": one.title} for one in found]

    found = _run(act)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        print(f"{one['id']:6}  {one['state']:9}  {one['kind']:10}  {one['title']}")


@campaigns.command("start")
def start(number: Number) -> None:
    """Send one that is approved."""
    _move(number, "start")


@campaigns.command("pause")
def pause(number: Number) -> None:
    """Nothing more leaves until it is resumed."""
    _move(number, "pause")


@campaigns.command("resume")
def resume(
    number: Number,
    approved_by: Annotated[str, typer.Option(help="who approved it, where many more were found than before")] = "",
) -> None:
    """Go on with one that is paused."""
    _move(number, "resume", approved_by)


@campaigns.command("stop")
def stop(number: Number) -> None:
    """For good: who has not been told is not told any more."""
    _move(number, "stop")


def _move(number: int, name: str, by: str = "") -> None:
    async def act(desk: Desk) -> str:
        async with desk.app.database.transaction() as session:
            move = getattr(desk.office.broadcast, name)
            campaign = await move(session, number, _by(by), now=desk.now)
        return str(campaign.state)

    print(f"campaign {number}: {_run(act)}")


# -- inside -------------------------------------------------------------------------------------------------


def _by(name: str) -> Any:
    from handlers.notices.broadcast import By

    return By(name=name)


def _run(act: Callable[[Desk], Awaitable[T]]) -> T:
    from bot.errors import UserFacingError

    async def run() -> T:
        async with _opened() as desk:
            return await act(desk)

    try:
        return asyncio.run(run())
    except UserFacingError as error:
        said = dict(error.data)
        if isinstance(faults := said.get("faults"), dict):
            said["faults"] = ", ".join(f"{field or 'audience'}: {code}" for field, code in sorted(faults.items()))
        _fail(_WORDS.get(error.code, error.code).format(**said))


@asynccontextmanager
async def _opened() -> AsyncIterator[Desk]:
    from bot.app import build
    from bot.settings import load_settings
    from handlers.notices.office import NoticeOffice

    async with build(load_settings()) as app:
        offices = [service.office for service in app.services.services if isinstance(service.office, NoticeOffice)]
        yield Desk(offices[0], app, app.clock.now())


def _read_object(file: Path) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
        found = json.loads(text)
    except (OSError, ValueError) as error:
        _fail(f"{file}: {error}")
    if not isinstance(found, dict):
        _fail(f"{file}: a JSON object is wanted")
    return found


def _fail(words: str) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(2)
