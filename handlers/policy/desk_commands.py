"""`shangan knowledge gaps …` and `shangan crises`: for the staff at the desk, on the database of the settings."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer

T = TypeVar("T")

gaps = typer.Typer(no_args_is_help=False, help="Questions without an answer: list them, tell that one has one now.")
crises = typer.Typer(no_args_is_help=False, help="People in danger: list them, take one.")


@gaps.callback(invoke_without_command=True)
def list_groups(context: typer.Context) -> None:
    """Questions that had no answer, grouped by likeness, the most asked first: id, how often, words."""
    from handlers.policy.gaps import list_gaps

    if context.invoked_subcommand is not None:
        return
    groups = _with_session(list_gaps)
    if not groups:
        typer.echo("no questions without an answer")
    for group in groups:
        waiting = f", {group.waiting} waiting" if group.waiting else ""
        places = ", ".join(_place_names(group.regions)) or "place unknown"
        day = _local(group.last_at)
        reasons = ", ".join(group.reasons)
        typer.echo(f"{group.id:5} {group.count:4}  {group.words}  [{places}; {reasons}; last {day}{waiting}]")


@gaps.command("answered")
def answered(gap_id: Annotated[int, typer.Argument(help="the id in the list", metavar="ID")]) -> None:
    """The documents answer it now: ask them again, tell who wished to hear, take it off the list. Exit 1 if not."""
    from bot.app import build, wire_with
    from bot.settings import load_settings
    from handlers.policy.gap_news import GapNews
    from handlers.policy.gaps import NoSuchGap
    from handlers.policy.knowing import load_knowing

    settings, knowing = load_settings(), load_knowing()

    async def run() -> Any:
        async with build(settings, wire=lambda parts: wire_with(parts, knowing)) as app:
            (news,) = (one.office for one in app.services.services if isinstance(one.office, GapNews))
            async with app.database.transaction() as session:
                return await news.settle(session, gap_id, now=app.clock.now())

    try:
        settled = _run(run())
    except NoSuchGap:
        typer.echo(f"no question without an answer has the id {gap_id}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{settled.answered} answered, {settled.told} told")
    for words in settled.open:
        typer.echo(f"still without a sure answer: {words}", err=True)
    raise typer.Exit(int(not settled.answered))


@crises.callback(invoke_without_command=True)
def show_open(context: typer.Context) -> None:
    """Open ones, without a command."""
    if context.invoked_subcommand is None:
        list_all(taken=False)


@crises.command("list")
def list_all(
    taken: Annotated[bool, typer.Option("--all", help="those already taken too")] = False,
) -> None:
    """Reference, time, place, kind, and who has taken it."""
    from bot.staff.roles import ANYWHERE
    from handlers.policy.crises import list_crises

    found = _with_session(lambda session: list_crises(session, scope=ANYWHERE, taken=taken))
    if not found:
        typer.echo("nobody waits")
    for crisis in found:
        place = "".join(_place_names((crisis.region,) if crisis.region else ())) or "place unknown"
        by = f"  {crisis.taken_by} {_local(crisis.taken_at)}" if crisis.taken_at else ""
        typer.echo(f"{crisis.reference}  {_local(crisis.at)}  {place}  {crisis.kind}{by}")


@crises.command("take")
def take(
    reference: Annotated[str, typer.Argument(help="the reference of the alert")],
    by: Annotated[str, typer.Option("--by", help="who looks after it; default the user of this machine")] = "",
) -> None:
    """Mark one as taken. Who was first stays."""
    from bot.staff.audit import Actor, ActorKind
    from handlers.policy.crises import CrisisTaken, NoSuchCrisis, take_at_machine

    settings_clock = _clock()
    actor = Actor(ActorKind.COMMAND, os.getuid())

    async def act(session: Any) -> Any:
        name = by or getpass.getuser()
        return await take_at_machine(session, reference, by=name, actor=actor, now=settings_clock.now())

    try:
        crisis = _with_session(act)
    except NoSuchCrisis:
        typer.echo(f"no crisis has the reference {reference}", err=True)
        raise typer.Exit(2) from None
    except CrisisTaken as error:
        found, name, at = error.data["reference"], error.data["by"], datetime.fromisoformat(error.data["at"])
    else:
        found, name, at = crisis.reference, crisis.taken_by, crisis.taken_at
    typer.echo(f"{found} taken by {name} {_local(at)}")


def _with_session(act: Callable[[Any], Awaitable[T]]) -> T:
    """One transaction on the database of the settings, brought to this version."""
    from bot.database import Database
    from bot.migrations import upgrade
    from bot.settings import load_settings

    async def run() -> T:
        database = Database(load_settings().async_database_url)
        try:
            await upgrade(database)
            async with database.transaction() as session:
                return await act(session)
        finally:
            await database.close()

    return _run(run())


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def _clock() -> Any:
    from bot.app import make_clock
    from bot.settings import load_settings

    return make_clock(load_settings())


def _place_names(codes: tuple[str, ...]) -> list[str]:
    from knowledge.regions import load_regions

    regions = load_regions()
    return [regions.full_name(code) for code in codes]


def _local(at: Any) -> str:
    from bot.clock import LOCAL

    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"
