"""While the database cannot be written nothing is accepted, nothing is pretended, and what comes again is answered."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot import sqlite
from bot.app import App, build
from bot.clock import FixedClock
from bot.database import Database
from bot.errors import DatabaseAway
from bot.messages import Address, ChannelName, Incoming, Speaker
from bot.settings import Settings
from tests.fakes import wire_fakes

QUESTION = Incoming(Address(ChannelName.TERMINAL, "a"), "e1", "补多少")


@contextmanager
def locked(app: App) -> Iterator[None]:
    """Another program holds the file."""
    raw = sqlite3.connect(app.database.url.database or "", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        raw.close()


async def refused(app: App) -> str:
    with pytest.raises(DatabaseAway) as caught:
        await app.conversation.respond(QUESTION)
    assert app.database.fault == caught.value.kind
    return caught.value.kind


async def is_answered(app: App) -> None:
    assert [shown.text for shown in await app.conversation.respond(QUESTION)][1:] == ["第 1 答：补多少"]
    assert len(await app.conversation.history(QUESTION.address)) == 3
    assert app.database.fault is None


async def test_a_locked_file_takes_nothing_and_no_apology_is_tried(
    app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.1)
    with locked(app):
        assert await refused(app) == "SQLITE_BUSY"
    assert "turn_failed" not in "".join(capsys.readouterr())
    await is_answered(app)


async def test_a_full_disk_takes_nothing(app: App) -> None:
    async with app.database.engine.connect() as connection:
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
        # The engine has one connection: it is the one that writes later.
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))
    events = (Incoming(QUESTION.address, f"e{n}", "长" * 1900) for n in range(30))
    taken: list[Incoming] = []

    async def say_on() -> None:
        for event in events:
            taken.append(event)
            await app.conversation.respond(event)

    with pytest.raises(DatabaseAway, match="SQLITE_FULL"):
        await say_on()
    async with app.database.engine.connect() as connection:
        await connection.execute(text("PRAGMA max_page_count=1000000"))
    assert (await app.conversation.respond(taken[-1]))[-1].template == "fake/said"
    said = [shown for shown in await app.conversation.history(QUESTION.address) if shown.speaker is Speaker.YOU]
    assert len(said) == len(taken)


@pytest.mark.postgres
async def test_a_read_only_server_takes_nothing(settings: Settings, postgres_url: str, clock: FixedClock) -> None:
    on_postgres = settings.model_copy(update={"database_url": type(settings.database_url)(postgres_url)})
    url = make_url(postgres_url)

    async def switch(state: str) -> None:
        connection = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
        await connection.execute("SET default_transaction_read_only = off")
        await connection.execute(f"ALTER DATABASE {url.database} SET default_transaction_read_only = {state}")
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
        await connection.execute(others, url.database)
        await connection.close()

    async with build(on_postgres, clock=clock, wire=wire_fakes) as app:
        await switch("on")
        assert await refused(app) == "ReadOnlySQLTransactionError"
        await switch("off")
        await is_answered(app)


async def test_a_server_that_is_gone_is_told_from_a_fault_of_the_work(tmp_path: Path) -> None:
    database = Database(f"postgresql+asyncpg://nobody@/none?host={tmp_path}")
    with pytest.raises(DatabaseAway):
        async with database.transaction():
            pass
    with pytest.raises(DatabaseAway):
        async with database.reading():
            pass
    await database.close()


async def test_a_fault_of_the_work_is_no_fault_of_the_database(database: Database) -> None:
    async def fail(statement: str) -> None:
        async with database.transaction() as session:
            await session.execute(text(statement))

    with pytest.raises(Exception, match="nothing_of_ours") as caught:
        await fail("SELECT * FROM nothing_of_ours")
    assert not isinstance(caught.value, DatabaseAway)
    assert database.fault is None


async def test_who_only_reads_does_not_stand_behind_a_crowd_that_writes(app_on_each: App) -> None:
    database, ended = app_on_each.database, asyncio.Event()

    async def write() -> None:
        async with database.transaction() as session:
            await session.execute(text("SELECT 1"))
            await ended.wait()

    crowd = [asyncio.create_task(write()) for _ in range(40)]
    try:
        async with asyncio.timeout(10), database.reading() as session:
            assert await session.scalar(text("SELECT 1")) == 1
    finally:
        ended.set()
        await asyncio.gather(*crowd)
