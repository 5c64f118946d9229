"""An archive holds everything and restores to either database, whole or not at all."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import MetaData, select

from bot.app import build
from bot.backup import read_backup, write_backup
from bot.clock import FixedClock
from bot.database import Database
from bot.errors import StartupError
from bot.keys import KEY_FILE
from bot.messages import Address, ChannelName, Incoming
from bot.migrations import upgrade
from bot.outbox import Outbox
from bot.settings import Settings
from bot.staff.accounts import add_account
from bot.staff.audit import SYSTEM, verify
from bot.staff.passwords import NewPassword
from bot.staff.roles import Role
from tests.fakes import Said, wire_fakes

PERSON = Address(ChannelName.TELEGRAM, "人", "7")


async def fill(settings: Settings, clock: FixedClock) -> None:
    async with build(settings, clock=clock, wire=wire_fakes) as app:
        for n in range(3):
            await app.conversation.respond(Incoming(PERSON, f"e{n}", f"补多少 {n} “引号”\n换行"))
        async with app.database.transaction() as session:
            await alert(app.outbox, session)
            await add_staff(session, clock, "li")


async def alert(outbox: Outbox, session: Any) -> None:
    await outbox.alert(session, Address(ChannelName.TELEGRAM, "-1", "7"), Said("急"))


async def add_staff(session: Any, clock: FixedClock, name: str) -> None:
    """An account, and with it a line in the audit."""
    password = NewPassword("", "no hash", must_change=True)
    made = {"role": Role.CLERK, "region": "421083", "password": password, "actor": SYSTEM, "now": clock.now()}
    await add_account(session, name, **made)


async def everything(settings: Settings) -> dict[str, list[Any]]:
    database = Database(settings.async_database_url)
    try:
        async with database.snapshot() as connection:
            metadata = MetaData()
            await connection.run_sync(metadata.reflect)
            tables = [table for table in metadata.sorted_tables if table.name != "alembic_version"]
            rows = {table.name: (await connection.execute(select(table))).mappings().all() for table in tables}
    finally:
        await database.close()
    return {name: sorted((plain(dict(row)) for row in found), key=json.dumps) for name, found in rows.items()}


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Times without zone, as SQLite gives them."""
    return {
        name: str(value).removesuffix("+00:00") if hasattr(value, "tzinfo") else value for name, value in row.items()
    }


def elsewhere(settings: Settings, folder: Path, url: str = "") -> Settings:
    return settings.model_copy(update={"data_dir": folder, "database_url": SecretStr(url)})


async def test_archive_goes_from_sqlite_to_postgres_and_back(
    settings: Settings, clock: FixedClock, tmp_path: Path, postgres_url: str
) -> None:
    await fill(settings, clock)
    on_postgres = elsewhere(settings, tmp_path / "second", postgres_url)
    back = elsewhere(settings, tmp_path / "third")
    await write_backup(settings, tmp_path / "one.zip")
    await read_backup(on_postgres, tmp_path / "one.zip")
    await write_backup(on_postgres, tmp_path / "two.zip")
    await read_backup(back, tmp_path / "two.zip")
    wanted = await everything(settings)
    assert len(wanted["message"]) == 8
    assert len(wanted["staff"]) == len(wanted["staff_audit"]) == len(wanted["staff_audit_head"]) == 1
    assert await everything(on_postgres) == wanted
    assert await everything(back) == wanted
    # New rows get new ids there.
    async with build(on_postgres, clock=clock, wire=wire_fakes) as app:
        shown = await app.conversation.respond(Incoming(PERSON, "e9", "补多少"))
        assert [message.text for message in shown] == ["第 4 答：补多少"]
        new = Address(ChannelName.WEBCHAT, "new")
        assert len(await app.conversation.respond(Incoming(new, "e1", "补多少"))) == 2
        # The chain of the audit goes on where it was.
        async with app.database.transaction() as session:
            await add_staff(session, clock, "wang")
            assert await verify(session) is None


async def test_archive_is_for_our_eyes_and_holds_the_key_only_when_told(
    settings: Settings, clock: FixedClock, tmp_path: Path
) -> None:
    await fill(settings, clock)
    await write_backup(settings, tmp_path / "without.zip")
    await write_backup(settings, tmp_path / "with.zip", with_key=True)
    assert stat.S_IMODE((tmp_path / "with.zip").stat().st_mode) == 0o600
    assert KEY_FILE not in zipfile.ZipFile(tmp_path / "without.zip").namelist()
    other = elsewhere(settings, tmp_path / "other")
    await read_backup(other, tmp_path / "with.zip", with_key=True)
    assert (other.data_dir / KEY_FILE).read_text() == (settings.data_dir / KEY_FILE).read_text()


async def test_what_is_there_is_never_overwritten(settings: Settings, clock: FixedClock, tmp_path: Path) -> None:
    await fill(settings, clock)
    archive = tmp_path / "one.zip"
    await write_backup(settings, archive)
    with pytest.raises(StartupError, match="there already"):
        await write_backup(settings, archive)
    with pytest.raises(StartupError, match="not empty"):
        await read_backup(settings, archive)
    other = elsewhere(settings, tmp_path / "other")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / KEY_FILE).write_text("another key of another place, long enough")
    await write_backup(settings, tmp_path / "key.zip", with_key=True)
    with pytest.raises(StartupError, match="another key"):
        await read_backup(other, tmp_path / "key.zip", with_key=True)


async def test_archive_of_a_newer_program_is_refused(settings: Settings, clock: FixedClock, tmp_path: Path) -> None:
    await fill(settings, clock)
    archive, newer = tmp_path / "one.zip", tmp_path / "newer.zip"
    await write_backup(settings, archive)
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(newer, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            new.writestr(name, json.dumps(json.loads(body) | {"version": "9999"}) if name == "manifest.json" else body)
    with pytest.raises(StartupError, match="newer") as caught:
        await read_backup(elsewhere(settings, tmp_path / "other"), newer)
    assert caught.value.exit_code == 3


async def test_archive_cut_short_leaves_nothing_behind(settings: Settings, clock: FixedClock, tmp_path: Path) -> None:
    await fill(settings, clock)
    archive, short = tmp_path / "one.zip", tmp_path / "short.zip"
    await write_backup(settings, archive)
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(short, "w") as new:
        for name in old.namelist():
            if name != "tables/delivery.jsonl":
                new.writestr(name, old.read(name))
    other = elsewhere(settings, tmp_path / "other")
    with pytest.raises(StartupError, match="damaged"):
        await read_backup(other, short)
    assert await everything(other) == {}
    database = Database(other.async_database_url)
    await upgrade(database)
    await database.close()


async def test_what_is_no_archive_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("not a zip")
    with pytest.raises(StartupError, match="no archive"):
        await read_backup(settings, tmp_path / "x.zip")
