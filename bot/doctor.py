"""`shangan doctor`: looks at everything that must be right before people come, and changes nothing."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.app import Wire, build_parts, join_services, wire_services
from bot.database import Database, explain
from bot.errors import StartupError
from bot.keys import KEY_FILE, Keys
from bot.migrations import current_version, newest_version
from bot.settings import Settings
from bot.staff.models import Staff
from bot.staff.roles import Permission, Role, may

ENOUGH_DISK = 500 * 1024 * 1024


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """The bot works without it; somebody should know."""
    FAULT = "FAULT"


@dataclass(frozen=True)
class Finding:
    name: str
    level: Level
    words: str


async def examine(settings: Settings, *, wire: Wire = wire_services) -> list[Finding]:
    """Every check, each with what it found; one that fails does not stop the others."""
    checks: list[tuple[str, Callable[[], Awaitable[str]]]] = [
        ("data folder", lambda: _check_folder(settings)),
        ("secret key", lambda: _check_key(settings)),
        ("database", lambda: _check_database(settings)),
        ("disk", lambda: _check_disk(settings)),
        ("telegram", lambda: _check_telegram(settings)),
    ]
    findings = [Finding("settings", Level.OK, "all names and values are good")]
    for name, check in checks:
        findings.append(await _look(name, check))
    findings += [_check_public_address(settings), *await _check_staff(settings)]
    return findings + await _check_services(settings, wire)


async def _look(name: str, check: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(name, Level.OK, await check())
    except StartupError as error:
        return Finding(name, Level.FAULT, str(error))
    except Exception as error:
        return Finding(name, Level.FAULT, f"could not be looked at ({type(error).__name__})")


def _refuse(words: str) -> StartupError:
    return StartupError(words, exit_code=1)


async def _check_folder(settings: Settings) -> str:
    folder = settings.data_dir
    if not folder.is_dir():
        return f"{folder} will be made at the first start"
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _refuse(f"{folder} cannot be written")
    return f"{folder} can be written"


async def _check_key(settings: Settings) -> str:
    if settings.secret_key is not None:
        return "from the settings"
    path = settings.data_dir / KEY_FILE
    if not path.exists():
        return "will be made at the first start"
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise _refuse(f"{path} can be read by others (mode {mode:04o}): chmod 600")
    return f"{path}; keep a copy apart from the backups"


async def _check_database(settings: Settings) -> str:
    if settings.async_database_url.startswith("sqlite"):
        from sqlalchemy.engine import make_url

        name = make_url(settings.async_database_url).database or ""
        if not os.path.exists(name):  # noqa: PTH110, ASYNC240  # one look, at a command
            return "will be made at the first start"
        if not os.access(name, os.W_OK):
            raise _refuse(f"{name} is read-only")
    database = Database(settings.async_database_url)
    try:
        found = await current_version(database)
    except (SQLAlchemyError, OSError) as error:
        raise explain(error) from None
    finally:
        await database.close()
    if found in {None, newest_version()}:
        return f"version {found}" if found else "empty; made at the first start"
    return f"version {found}; becomes {newest_version()} at the next start"


async def _check_disk(settings: Settings) -> str:
    folder = settings.data_dir if settings.data_dir.exists() else settings.data_dir.absolute().parent
    free = shutil.disk_usage(folder).free
    if free < ENOUGH_DISK:
        raise _refuse(f"only {free // 1024**2} MB are free")
    return f"{free // 1024**3} GB are free"


async def _check_telegram(settings: Settings) -> str:
    if settings.telegram_token is None:
        return "not set"
    from bot.channels.telegram import diagnose

    if fault := await diagnose(settings):
        raise _refuse(fault)
    return "answers, and knows the token"


def _check_public_address(settings: Settings) -> Finding:
    if settings.public_url.startswith("https:") or settings.trust_proxy:
        return Finding("public address", Level.OK, settings.public_url or "as our proxy says")
    words = "neither an https PUBLIC_URL nor TRUST_PROXY is set: passwords of the console would travel in the open"
    return Finding("public address", Level.WARNING, words)


async def _check_staff(settings: Settings) -> list[Finding]:
    """Whether anybody can work cases; nothing where there is no database yet."""
    database = Database(settings.async_database_url)
    try:
        if await current_version(database) != newest_version():
            return []
        async with database.reading() as session:
            wanted = select(Staff.role).where(Staff.disabled_at.is_(None))
            roles = {Role(role) for role in await session.scalars(wanted)}
    except Exception:
        return []  # the database's own check says what is wrong with it
    finally:
        await database.close()
    if any(may(role, Permission.WORK_TICKETS) for role in roles):
        return [Finding("staff", Level.OK, "somebody can work cases")]
    return [Finding("staff", Level.WARNING, "no account can work cases: add one in the console or by `shangan staff`")]


async def _check_services(settings: Settings, wire: Wire) -> list[Finding]:
    """Templates, knowledge and what else the services look after."""
    try:
        database = Database(settings.async_database_url)
        # Keys of no meaning: nothing is read or written with them here.
        parts = build_parts(settings, database, keys=Keys("doctor" * 6))
        services = wire(parts)
        join_services(services, parts)
        faults = parts.book.faults()
    except Exception as error:
        words = str(error) if isinstance(error, StartupError) else type(error).__name__
        return [Finding("services", Level.FAULT, words)]
    well = Finding("templates", Level.OK, f"{len(parts.book.kinds)} replies")
    findings = [Finding("templates", Level.FAULT, "\n".join(faults)) if faults else well]
    for service in services.services:
        findings += [Finding(name, Level.WARNING, words) for name, words in service.warnings.items()]
    await database.close()
    return findings
