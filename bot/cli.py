"""The command line: `shangan …`, the same as `python -m bot …`. Imports what is heavy only when a command runs.

A service's commands live in `handlers/<service>/commands.py` and are named in `LAZY`: a function is one command,
a `typer.Typer` a group of commands. They are imported when they are used (or for `--help`).
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
import typer.core
import typer.main

from bot.errors import DatabaseAway, StartupError

if TYPE_CHECKING:
    from bot.settings import Settings

T = TypeVar("T")

LAZY = {
    "ask": "handlers.policy.commands:ask",
    "knowledge": "handlers.policy.commands:knowledge",
    "crises": "handlers.policy.commands:crises",
    "staff": "bot.staff.commands:staff",
    "queue": "handlers.tickets.commands:queue",
    "tickets": "handlers.tickets.commands:tickets",
    "clock": "handlers.tickets.clock_commands:clock",
    "audit": "handlers.tickets.commands:audit",
    "events": "handlers.offers.commands:events",
    "demo": "handlers.tickets.commands:demo",
    "campaigns": "handlers.notices.commands:campaigns",
    "people": "handlers.people.commands:people",
}
"""Command -> `module:attribute`."""

QUEUE_ASSIGNER = "handlers.tickets.desk_queues:assign_queues"
"""`module:attribute` of a `bot.staff.commands.QueueAssigner`; empty while no service keeps queues."""


class LazyGroup(typer.core.TyperGroup):
    """Our own commands, and those of the services, which are imported only when they are wanted."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *LAZY]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return super().get_command(ctx, cmd_name) or (_load(cmd_name) if cmd_name in LAZY else None)


def load_named(name: str) -> Any:
    """What `module:attribute` names."""
    module_name, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module_name), attribute)


def _load(name: str) -> Any:
    found = load_named(LAZY[name])
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        found = alone
    command = typer.main.get_command(found)
    command.name = name
    return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="上岸: true, sourced policy answers by chat.",
)
database_app = typer.Typer(no_args_is_help=True, help="The database of the settings.")
app.add_typer(database_app, name="database")


@app.command()
def serve() -> None:
    """Serve web chat and Telegram until stopped."""
    from bot.serving import serve as run

    _run(run(_settings(), announce=_say))


@app.command()
def chat(
    as_json: Annotated[bool, typer.Option("--json", help="lines of JSON in, lines of JSON out")] = False,
    name: Annotated[str, typer.Option("--chat", help="whose chat, without --json")] = "terminal",
) -> None:
    """Chat in the terminal."""
    from bot.app import build
    from bot.channels.terminal import read_stdin, talk, talk_in_json

    settings = _settings()

    async def run() -> None:
        async with build(settings) as parts:
            if as_json:
                await talk_in_json(parts.conversation, read_stdin(), _say)
            else:
                await talk(parts.conversation, chat=name)

    _run(run())


@database_app.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to this program's version."""
    from bot.database import Database
    from bot.migrations import upgrade

    settings = _settings()

    async def run() -> None:
        database = Database(settings.async_database_url)
        try:
            before, after = await upgrade(database)
        finally:
            await database.close()
        _say(f"database at version {after}" + ("" if before == after else f" (was {before or 'empty'})"))

    _run(run())


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="the archive to write")],
    with_key: Annotated[bool, typer.Option("--with-key", help="put the secret key into it")] = False,
) -> None:
    """Write everything into one archive."""
    from bot.backup import write_backup

    counts = _run(write_backup(_settings(), file, with_key=with_key))
    _say(f"{file}: {sum(counts.values())} rows of {len(counts)} tables")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="an archive of `shangan backup`")],
    with_key: Annotated[bool, typer.Option("--with-key", help="take the secret key out of it")] = False,
) -> None:
    """Fill an empty database, of either kind, from an archive."""
    from bot.backup import read_backup

    counts = _run(read_backup(_settings(), file, with_key=with_key))
    _say(f"restored {sum(counts.values())} rows of {len(counts)} tables")


@app.command()
def doctor() -> None:
    """Check settings, rights, database, templates, knowledge, Telegram and disk."""
    from bot.doctor import Level, examine

    settings = _settings()
    findings = _run(examine(settings))
    for finding in findings:
        _say(f"{finding.level:7} {finding.name}: {finding.words}")
    if any(finding.level is Level.FAULT for finding in findings):
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        _say(installed("shangan"))
    except PackageNotFoundError:
        _say("not installed")


def _settings() -> Settings:
    from bot.log import configure_logging
    from bot.settings import load_settings

    settings = load_settings()
    configure_logging(settings.log_level)
    return settings


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def _say(line: str) -> None:
    print(line, flush=True)


OBJECTS_UNTIL_COLLECTED = 20_000


def main() -> None:
    """The console script."""
    # A start makes hundreds of thousands of objects that stay: looking for garbage among them again and again, as
    # Python does by default after each 700, took a seventh of it.
    gc.set_threshold(OBJECTS_UNTIL_COLLECTED, 20, 20)
    for stream in (sys.stdout, sys.stderr):
        # What people read is Chinese, whatever the machine's language is set to.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except StartupError as error:
        print(f"shangan: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except DatabaseAway as error:
        from bot.database import explain

        print(f"shangan: {explain(error)}", file=sys.stderr)
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more to say, also not when Python closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
