"""`shangan staff …`: accounts, on the database of the settings. Who can run it has the machine, and so every region."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Protocol, TypeVar

import typer

from bot.staff.roles import Role

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.staff.audit import Actor
    from bot.staff.passwords import NewPassword

T = TypeVar("T")

staff = typer.Typer(no_args_is_help=True, help="Staff accounts: add, list, disable, unlock, …")

Name = Annotated[str, typer.Argument(help="the name they log in with")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of words")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="the password is the first line of the input")]
NoForcedChange = Annotated[bool, typer.Option("--no-forced-change", help="the password need not be changed at login")]

_WORDS = {
    "no_such_account": "there is no account {username}",
    "username_taken": "there is an account {username} already",
    "username_unfit": "{username}: letters, digits and . @ - _ only, at most 40, a letter or digit first",
    "telegram_taken": "another account has this Telegram id",
    "telegram_unfit": "a Telegram id is a positive number",
    "password_too_weak": (
        "the password needs at least {least} characters (at most 128), of {classes} kinds: "
        "small letters, capitals, digits, others"
    ),
    "no_such_queue": "there is no queue {name}",
}


class QueueAssigner(Protocol):
    """What the service that keeps queues gives; `bot.cli.QUEUE_ASSIGNER` names it."""

    async def __call__(
        self, session: AsyncSession, staff_id: int, queues: Sequence[str], *, actor: Actor, now: datetime
    ) -> None:
        """Let this person work these queues, given by name, in the caller's transaction.

        Raises UserFacingError for a queue that does not exist; then nothing is done, the account neither.
        """


@staff.command("add")
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="what they may do")],
    region: Annotated[str, typer.Option(help="whose region, such as 洪湖市, or its code")],
    queues: Annotated[list[str] | None, typer.Option("--queue", help="a queue they work; may be repeated")] = None,
    telegram: Annotated[str | None, typer.Option(help="their id on Telegram, a number")] = None,
    display_name: Annotated[str, typer.Option("--display-name", help="how colleagues see them")] = "",
    password_stdin: PasswordStdin = False,
    no_forced_change: NoForcedChange = False,
    as_json: AsJson = False,
) -> None:
    """Make an account with a one-time password, which is shown this once."""
    from bot.staff import accounts

    assign = _find_assigner() if queues else None
    code = _find_region(region)
    given = _read_password() if password_stdin else None

    async def run() -> tuple[Any, NewPassword]:
        password = await _make_password(given, must_change=not no_forced_change)
        async with _transaction() as (session, now):
            account = await accounts.add_account(
                session,
                name,
                role=role,
                region=code,
                password=password,
                actor=_actor(),
                now=now,
                display_name=display_name,
                telegram_id=telegram,
            )
            if assign is not None:
                await assign(session, account.id, queues or (), actor=_actor(), now=now)
        return account, password

    account, password = _run(run())
    _show_password(f"added {account.username} ({account.role}, {region})", account, password, given, as_json=as_json)


@staff.command("list")
def list_all(as_json: AsJson = False) -> None:
    """All accounts."""
    from bot.staff.accounts import list_accounts
    from bot.staff.roles import ANYWHERE
    from bot.staff.showing import describe_account
    from knowledge.regions import load_regions

    async def run() -> list[dict[str, Any]]:
        async with _transaction() as (session, now):
            return [describe_account(account, now) for account in await list_accounts(session, scope=ANYWHERE)]

    found = _run(run())
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    if not found:
        print("no accounts: shangan staff add NAME --role … --region …")
    regions = load_regions()
    for one in found:
        place = regions.full_name(one["region"])
        state = "disabled" if one["disabled"] else "locked" if one["locked"] else "on" if one["on_duty"] else "away"
        seen = one["last_seen_at"] or "never"
        print(f"{one['id']:4}  {one['username']}  {one['role']}  {place or one['region']}  {state}  seen {seen}")


@staff.command("disable")
def disable(name: Name, reason: Annotated[str, typer.Option(help="for the audit")] = "") -> None:
    """No login any more, at once."""
    from bot.staff import accounts

    _change(name, lambda session, found, **k: accounts.disable(session, found, reason=reason, **k))
    print(f"{name} is disabled")


@staff.command("unlock")
def unlock(name: Name) -> None:
    """Open an account again that is locked or disabled."""
    from bot.staff import accounts

    _change(name, accounts.unlock)
    print(f"{name} is open")


@staff.command("reset-password")
def reset_password(
    name: Name,
    password_stdin: PasswordStdin = False,
    no_forced_change: NoForcedChange = False,
    as_json: AsJson = False,
) -> None:
    """A new one-time password, which is shown this once; signed-in sessions end."""
    from bot.staff import accounts

    given = _read_password() if password_stdin else None
    password = _run(_make_password(given, must_change=not no_forced_change))
    account = _change(name, lambda session, found, **k: accounts.reset_password(session, found, password, **k))
    _show_password(f"{account.username} has a new password", account, password, given, as_json=as_json)


@staff.command("duty")
def duty(
    name: Name,
    state: Annotated[str, typer.Argument(metavar="on|away", help="whether they get work by turns")],
) -> None:
    """Say that somebody is there or away."""
    from bot.staff import accounts

    if state not in set(accounts.Duty):
        _refuse("say on or away")
    _change(name, lambda session, found, **k: accounts.set_duty(session, found, accounts.Duty(state), **k))
    print(f"{name} is {state}")


@staff.command("telegram")
def telegram(
    name: Name,
    telegram_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="a number; without it the link ends")
    ] = None,
) -> None:
    """Say who writes with this id on Telegram."""
    from bot.staff import accounts

    _change(name, lambda session, found, **k: accounts.link_telegram(session, found, telegram_id, **k))
    print(f"{name} is {'linked' if telegram_id else 'not linked'}")


@staff.command("audit")
def show_audit(
    limit: Annotated[int, typer.Option(min=1, help="how many, the newest first")] = 50,
    as_json: AsJson = False,
) -> None:
    """What was done, the newest first, and whether the chain is unbroken; exit 1 if it is not."""
    from bot.staff import audit
    from bot.staff.showing import describe_entry

    async def run() -> tuple[int | None, list[dict[str, Any]]]:
        async with _transaction() as (session, _):
            entries = await audit.list_entries(session, limit=limit)
            return await audit.verify(session), [describe_entry(entry) for entry in entries]

    broken, found = _run(run())
    if as_json:
        print(json.dumps({"broken": broken, "entries": found}, ensure_ascii=False))
    else:
        for one in found:
            print(f"{one['seq']:6}  {one['at']}  {one['actor']}  {one['action']}  {one['subject']}  {one['reason']}")
        print("the chain is unbroken" if broken is None else f"the chain is broken at {broken}")
    if broken is not None:
        raise typer.Exit(1)


def _change(name: str, act: Callable[..., Awaitable[None]]) -> Any:
    """One use case on one account, in one transaction."""
    from bot.staff.accounts import access_account
    from bot.staff.roles import ANYWHERE

    async def run() -> Any:
        async with _transaction() as (session, now):
            found = await access_account(session, name, scope=ANYWHERE)
            await act(session, found, actor=_actor(), now=now)
            return found

    return _run(run())


@asynccontextmanager
async def _transaction() -> Any:
    """On the database of the settings, brought to this version, with the time."""
    from bot.app import make_clock
    from bot.database import Database
    from bot.migrations import upgrade
    from bot.settings import load_settings

    settings = load_settings()
    database = Database(settings.async_database_url)
    try:
        await upgrade(database)
        async with database.transaction() as session:
            yield session, make_clock(settings).now()
    finally:
        await database.close()


def _run(work: Any) -> Any:
    from bot.errors import UserFacingError

    try:
        return asyncio.run(work)
    except UserFacingError as error:
        _refuse(_WORDS.get(error.code, error.code).format_map(error.data))


def _refuse(words: str) -> NoReturn:
    print(f"shangan: {words}", file=sys.stderr)
    raise typer.Exit(2)


def _actor() -> Actor:
    from bot.staff.audit import Actor, ActorKind

    return Actor(ActorKind.COMMAND, os.getuid())


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


async def _make_password(given: str | None, *, must_change: bool) -> NewPassword:
    from bot.staff import passwords

    if given is None:
        return await passwords.make_one_time(must_change=must_change)
    return await passwords.take_given(given, must_change=must_change)


def _show_password(words: str, account: Any, password: NewPassword, given: str | None, *, as_json: bool) -> None:
    """Whoever gave the password knows it: it is not shown."""
    shown = password.plain if given is None else None
    if as_json:
        line = {"id": account.id, "username": account.username, "one_time_password": shown}
        print(json.dumps(line, ensure_ascii=False))
    else:
        print(words + (f"; one-time password: {shown}" if shown else ""))


def _find_assigner() -> QueueAssigner:
    from bot import cli

    assigner: QueueAssigner = cli.load_named(cli.QUEUE_ASSIGNER)
    return assigner


def _find_region(name: str) -> str:
    """A name or an id -> the id."""
    from bot.staff.roles import EVERYWHERE, is_region_id
    from knowledge.regions import load_regions

    regions = load_regions()
    if is_region_id(name) and (name == EVERYWHERE or regions.name(name.partition("-")[0])):
        return name
    code = regions.resolve_whole(name)
    if code is None:
        _refuse(f"no such place: {name}")
    return code
