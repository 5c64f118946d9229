"""The audit is one chain: appended to by many at once, changed by nobody unseen."""

from __future__ import annotations

import asyncio
import sys

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bot.clock import FixedClock
from bot.database import Database
from bot.staff import audit
from bot.staff.audit import SYSTEM, Actor, ActorKind, AuditAction, Subject
from bot.staff.models import AuditEntry

LI = Actor(ActorKind.STAFF, 7)
TICKET = Subject("ticket", "261124-00375")


async def write(database: Database, clock: FixedClock, *, count: int) -> None:
    async with database.transaction() as session:
        for n in range(count):
            await audit.append(
                session,
                AuditAction.UNMASKED,
                actor=LI,
                subject=TICKET,
                at=clock.now(),
                reason="回电",
                data={"field": "phone", "n": n},
            )
            clock.advance(seconds=1.234567)


async def broken(database: Database) -> int | None:
    async with database.reading() as session:
        return await audit.verify(session)


async def tamper(database: Database, *statements: str) -> None:
    """As whoever owns the database could: past the triggers."""
    async with database.engine.begin() as connection:
        if database.is_sqlite:
            await connection.execute(text("DROP TRIGGER IF EXISTS staff_audit_no_update"))
            await connection.execute(text("DROP TRIGGER IF EXISTS staff_audit_no_delete"))
        else:
            await connection.execute(text("DROP TRIGGER IF EXISTS staff_audit_no_change ON staff_audit"))
        for statement in statements:
            await connection.execute(text(statement))


async def test_an_empty_chain_and_a_long_one_are_unbroken(database: Database, clock: FixedClock) -> None:
    assert await broken(database) is None
    await write(database, clock, count=audit.BATCH + 3)
    assert await broken(database) is None


async def test_entries_are_read_back_the_newest_first(database: Database, clock: FixedClock) -> None:
    await write(database, clock, count=2)
    async with database.transaction() as session:
        await audit.append(
            session, AuditAction.LOGIN_FAILED, actor=SYSTEM, subject=Subject("staff", "7"), at=clock.now()
        )
    async with database.reading() as session:
        assert [entry.seq for entry in await audit.list_entries(session)] == [3, 2, 1]
        assert [entry.seq for entry in await audit.list_entries(session, limit=1)] == [3]
        assert [entry.seq for entry in await audit.list_entries(session, actor=LI)] == [2, 1]
        about = await audit.list_entries(session, subject=Subject("staff", "7"))
    assert [(entry.action, entry.actor_kind, entry.actor_id) for entry in about] == [("login_failed", "system", None)]


async def test_what_is_rolled_back_leaves_no_gap(database: Database, clock: FixedClock) -> None:
    await write(database, clock, count=1)
    async with database.transaction() as session:
        await audit.append(session, AuditAction.EXPORTED, actor=LI, subject=TICKET, at=clock.now())
        await session.rollback()
    await write(database, clock, count=1)
    assert await broken(database) is None
    async with database.reading() as session:
        assert [entry.seq for entry in await audit.list_entries(session)] == [2, 1]


@pytest.mark.parametrize("statement", ["UPDATE staff_audit SET reason = ''", "DELETE FROM staff_audit"])
async def test_the_database_refuses_to_change_or_delete(database: Database, clock: FixedClock, statement: str) -> None:
    await write(database, clock, count=1)
    with pytest.raises(DBAPIError):
        async with database.transaction() as session:
            await session.execute(text(statement))
    assert await broken(database) is None


@pytest.mark.parametrize(
    ("statements", "place"),
    [
        (["UPDATE staff_audit SET reason = '别的' WHERE seq = 2"], 2),
        (["UPDATE staff_audit SET actor_id = 8 WHERE seq = 1"], 1),
        (["DELETE FROM staff_audit WHERE seq = 2"], 2),
        (["DELETE FROM staff_audit WHERE seq = 4"], 4),
        (["DELETE FROM staff_audit WHERE seq = 4", "UPDATE staff_audit_head SET length = 3"], 3),
        (["DELETE FROM staff_audit"], 1),
        (["DELETE FROM staff_audit_head"], 1),
        (["UPDATE staff_audit_head SET length = 3"], 4),
        (["UPDATE staff_audit_head SET hash = previous FROM staff_audit WHERE seq = 4"], 4),
    ],
)
async def test_whatever_is_changed_is_found_at_its_place(
    database: Database, clock: FixedClock, statements: list[str], place: int
) -> None:
    await write(database, clock, count=4)
    await tamper(database, *statements)
    assert await broken(database) == place


async def test_sessions_at_once_make_one_chain(database: Database, clock: FixedClock) -> None:
    await asyncio.gather(*(write(database, clock, count=3) for _ in range(8)))
    assert await broken(database) is None
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(AuditEntry)) == 24


async def test_processes_at_once_make_one_chain(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    command = (sys.executable, "-m", "tests.bot.staff.audit_child", url, "15")
    children = [await asyncio.create_subprocess_exec(*command) for _ in range(2)]
    async with asyncio.timeout(60):
        assert [await child.wait() for child in children] == [0, 0]
    assert await broken(database) is None
    async with database.reading() as session:
        actors = (await session.execute(select(AuditEntry.actor_id, func.count()).group_by(AuditEntry.actor_id))).all()
    assert sorted(count for _, count in actors) == [15, 15]
