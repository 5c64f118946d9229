"""`shangan …` as a process: ready, refused, stopped, each with its exit code and words."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot import sqlite
from bot.database import Database, explain
from bot.doctor import Level, examine
from bot.errors import StartupError
from bot.migrations import newest_version, upgrade
from bot.settings import Settings, load_settings
from tests.commands import call
from tests.fakes import wire_fakes


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a folder in which there is nothing yet."""
    return load_settings({}, data_dir=tmp_path / "data", http_port=0)


def environment(folder: Path, **more: object) -> dict[str, str]:
    ours = {"SHANGAN_DATA_DIR": str(folder), "SHANGAN_HTTP_PORT": "0"}
    return dict(os.environ) | ours | {f"SHANGAN_{name}": str(value) for name, value in more.items()}


async def run(*arguments: str, given: str = "", **setting: object) -> tuple[int, str, str]:
    """-> exit code, stdout, stderr"""
    folder = Path(str(setting.pop("folder")))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        env=environment(folder, **setting),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate(given.encode())
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve"),
        env=environment(folder),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode()
        assert line.startswith("ready http://127.0.0.1:")
        yield process, line.split()[1]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_it_is_ready_alone_and_stops_when_asked(tmp_path: Path) -> None:
    async with serving(tmp_path) as (process, url):
        port = url.rstrip("/").rpartition(":")[2]
        second, third = await asyncio.gather(
            run("serve", folder=tmp_path), run("serve", folder=tmp_path / "other", HTTP_PORT=port)
        )
        assert second[0] == 3
        assert "another" in second[2]
        assert third[0] == 4
        assert "in use" in third[2]
        with sqlite3.connect(tmp_path / "shangan.sqlite3") as raw:
            kinds = raw.execute("SELECT kind FROM timer").fetchall()
            daily = {"tidy", "ticket.anchor", "ticket.calendar", "offer.news", "people.retention"}
            assert sorted(kind for (kind,) in kinds) == sorted(daily)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await process.wait() == 0


async def test_chat_in_json_ends_with_its_input(tmp_path: Path) -> None:
    given = json.dumps({"chat": "a", "text": "你好", "id": 1}) + "\nbad\n"
    code, out, _ = await run("chat", "--json", folder=tmp_path, given=given)
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert lines[0]["replies"]
    assert set(lines[1]) == {"error"}


async def test_faulty_settings_are_refused_with_all_names(tmp_path: Path) -> None:
    code, out, err = await run("serve", folder=tmp_path, HTTP_PROT=1, LOG_LEVEL="loud")
    assert code == 2
    assert out == ""
    assert "SHANGAN_HTTP_PROT" in err
    assert "SHANGAN_LOG_LEVEL" in err


async def test_doctor_warns_where_no_staff_chat_is_set_and_calls_it_no_fault(tmp_path: Path) -> None:
    code, out, _ = await run("doctor", folder=tmp_path)
    assert [line.split(":")[0].split(maxsplit=1) for line in out.splitlines() if not line.startswith("ok")] == [
        ["warning", "public address"],
        ["warning", "staff chat"],
    ]
    assert code == 0
    (tmp_path / "shangan.sqlite3").write_bytes(b"no database" * 100)
    assert call(("doctor",), {"SHANGAN_DATA_DIR": str(tmp_path)}).code == 1


async def test_unknown_command_is_a_fault_of_usage(tmp_path: Path) -> None:
    assert (await run("sevre", folder=tmp_path))[0] == 2


async def refused(url: str) -> str:
    database = Database(url)
    try:
        with pytest.raises(StartupError) as caught:
            await upgrade(database)
    finally:
        await database.close()
    assert caught.value.exit_code == 3
    return str(caught.value)


async def test_database_newer_than_the_program_is_refused(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'x.sqlite3'}"
    database = Database(url)
    await upgrade(database)
    await database.close()
    with sqlite3.connect(tmp_path / "x.sqlite3") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer" in await refused(url)


async def test_read_only_database_is_refused(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'x.sqlite3'}"
    database = Database(url)
    await upgrade(database)
    await database.close()
    assert "read-only" in await refused(f"sqlite+aiosqlite:///file:{tmp_path / 'x.sqlite3'}?mode=ro&uri=true")


async def test_locked_database_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.2)
    raw = sqlite3.connect(tmp_path / "x.sqlite3", isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("BEGIN IMMEDIATE")
    assert "locked" in await refused(f"sqlite+aiosqlite:///{tmp_path / 'x.sqlite3'}")
    raw.close()


async def test_damaged_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite3").write_bytes(b"no database at all" * 100)
    assert "damaged" in await refused(f"sqlite+aiosqlite:///{tmp_path / 'x.sqlite3'}")


async def test_absent_server_is_named(tmp_path: Path) -> None:
    assert "connection" in await refused(f"postgresql+asyncpg://nobody@/none?host={tmp_path}")


def test_full_disk_is_named() -> None:
    error = OperationalError("INSERT", None, sqlite3.OperationalError("database or disk is full"))
    assert "full" in str(explain(error))


async def test_upgrade_twice_and_from_two_processes_at_once(empty_database_url: str) -> None:
    databases = [Database(empty_database_url) for _ in range(2)]
    done = await asyncio.gather(*map(upgrade, databases))
    assert {after for _, after in done} == {newest_version()}
    assert await upgrade(databases[0]) == (newest_version(), newest_version())
    for database in databases:
        await database.close()


async def test_doctor_finds_what_is_wrong_and_changes_nothing(settings: Settings) -> None:
    findings = await examine(settings, wire=wire_fakes)
    assert [finding.name for finding in findings if finding.level is not Level.OK] == ["public address"], findings
    assert not settings.data_dir.exists()
    settings.data_dir.mkdir()
    key = settings.data_dir / "secret.key"
    key.write_text("k" * 40)
    key.chmod(0o644)
    (settings.data_dir / "shangan.sqlite3").write_bytes(b"no database" * 100)
    findings = await examine(settings, wire=wire_fakes)
    assert {finding.name for finding in findings if finding.level is Level.FAULT} == {"secret key", "database"}
