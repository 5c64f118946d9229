"""Whole life-cycles of tickets a second (create, assign, resolve, search) beside tables that are empty, large and huge.

On PostgreSQL with two processes, as it comes (every commit waits for the disk), and on SQLite with one. The records
beside them are put in by the database itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from bench.postgres import make_database, running_postgres
from bench.table import Row, load_words, print_table
from bot.database import Database
from bot.migrations import upgrade
from bot.settings import load_settings
from bot.staff.accounts import add_account
from bot.staff.audit import SYSTEM
from bot.staff.passwords import make_one_time
from bot.staff.roles import Role
from handlers.tickets import desk_queues
from handlers.tickets.search import pairs_of
from handlers.tickets.ticket import Category

ROUNDS = 3
SECONDS = 6.0
TASKS = 8
"""Life-cycles under way in each process."""
SIZES = (0, 100_000, 1_000_000)
AIM, FLAT = 40.0, 0.8

FILL = """
INSERT INTO ticket (number, kind, category, state, priority, supervision, level, is_group, confidential, anonymous,
  region, village, source, about, facts, name, name_digest, phone, phone_digest, conversation_id, queue_id,
  handler_id,
  opened_at, state_since, clock_from, accept_due, contact_due, answer_due, provisional, answer_minutes, paused_at,
  pauses, accepted_at, contacted_at, answered_at, heard_at, breached_at, warned, extended, extension_minutes, returns,
  urged, asked_again, closing, solved, satisfaction, merged_into, follows, entries, head, search_key)
SELECT '250101-' || n, 'complaint', 'labour', 'archived', 'ordinary', 0, 0, false, false, false, '421083100', '',
  'webchat',
  '拖欠工资', '{{}}', NULL, NULL, NULL, NULL, NULL, {queue}, {staff}, {at}, {at}, {at}, NULL, NULL, NULL, false, 4200,
  NULL,
  '[]', {at}, {at}, {at}, {at}, NULL, '[]', false, NULL, 0, 0, 0, 'solved', true, 'satisfied', NULL, NULL, 4, 'x', 'x'
FROM {numbers}
"""
ENTRIES = """
INSERT INTO ticket_entry (ticket_id, seq, at, role, actor_id, kind, data, digest, previous, hash)
SELECT id, s, opened_at, 'system', NULL, 'moved', '{{}}', '', 'x', 'x' FROM ticket, {four}
WHERE id > {after}
"""
FOUND_BY = "INSERT INTO ticket_search (ticket_id, terms) SELECT id, :terms FROM ticket WHERE id > :after"


class Worker:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        found: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return found


@asynccontextmanager
async def worker(url: str, folder: str) -> AsyncIterator[Worker]:
    """A process of its own, which ends when its input does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHANGAN_")}
    environment |= {"SHANGAN_DATABASE_URL": url, "SHANGAN_DATA_DIR": folder}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bench.lifecycle_worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
        limit=1 << 24,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            await process.stdout.readline()
        yield Worker(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(30):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def prepare(database: Database) -> list[int]:
    """Two accounts and a queue. -> ids of clerk and leader"""
    await upgrade(database)
    now, password = datetime.now(UTC), await make_one_time()
    async with database.transaction() as session:
        ids = []
        for name, role in (("clerk", Role.CLERK), ("leader", Role.SUPERVISOR)):
            account = await add_account(
                session, name, role=role, region="421083", password=password, actor=SYSTEM, now=now
            )
            ids.append(account.id)
        await desk_queues.add_queue(session, "劳动监察", region="421083", category=Category.LABOUR)
        await desk_queues.assign_staff(session, desk_queues.keeper(), "劳动监察", ["clerk", "leader"])
    return ids


async def fill(database: Database, have: int, want: int, staff: Sequence[int]) -> None:
    """Ended tickets with four entries each, until there are so many."""
    postgres = not database.is_sqlite
    at = "timestamptz '2025-06-01 10:00+08'" if postgres else "'2025-06-01 02:00:00.000000'"
    numbers = (
        f"generate_series({have + 1}, {want}) AS n"
        if postgres
        else f"(WITH RECURSIVE c(n) AS (SELECT {have + 1} UNION ALL SELECT n + 1 FROM c WHERE n < {want})"
        " SELECT n FROM c)"
    )
    four = "generate_series(1, 4) AS s" if postgres else "(SELECT 1 s UNION SELECT 2 UNION SELECT 3 UNION SELECT 4)"
    async with database.transaction() as session:
        after = await session.scalar(text("SELECT coalesce(max(id), 0) FROM ticket"))
        await session.execute(text(FILL.format(queue=1, staff=staff[0], at=at, numbers=numbers)))
        await session.execute(text(ENTRIES.format(four=four, after=after)))
        terms = " ".join(sorted(pairs_of("拖欠工资 洪湖市新堤街道")))
        await session.execute(text(FOUND_BY), {"terms": terms, "after": after})
    if postgres:
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE ticket"))
            await connection.execute(text("VACUUM ANALYZE ticket_entry"))


async def written(database: Database) -> int:
    """Bytes of WAL so far."""
    async with database.reading() as session:
        found = await session.scalar(text("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"))
    return int(found or 0)


async def measure(url: str, *, processes: int, sizes: Sequence[int], seconds: float = SECONDS) -> list[Row]:
    kind = "PostgreSQL, two processes" if processes > 1 else "SQLite, one process"
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="shangan-bench-") as folder:
        settings = load_settings({"SHANGAN_DATABASE_URL": url, "SHANGAN_DATA_DIR": folder})
        database = Database(settings.async_database_url)
        staff = await prepare(database)
        async with AsyncExitStack() as stack:
            workers = [await stack.enter_async_context(worker(url, folder)) for _ in range(processes)]
            empty, have = 0.0, 0
            for size in sizes:
                if size > have:
                    await fill(database, have, size, staff)
                    have = size
                rates, times, cpu, wal = [], [], [], []
                for _ in range(ROUNDS):
                    before = 0 if database.is_sqlite else await written(database)
                    asked = {"seconds": seconds, "tasks": TASKS if processes > 1 else 2, "staff": staff}
                    done = await asyncio.gather(*(one.run(asked) for one in workers))
                    count = sum(len(one["lives"]) for one in done)
                    rates.append(sum(len(one["lives"]) / one["seconds"] for one in done))
                    times += [spent * 1000 for one in done for spent in one["lives"]]
                    cpu.append(sum(one["cpu"] for one in done) * 1000 / count)
                    wal.append(0 if database.is_sqlite else (await written(database) - before) / count / 1024)
                rate = statistics.median(rates)
                empty = empty or rate
                note = f"p95 {statistics.quantiles(times, n=20)[-1]:.0f} ms, {statistics.median(cpu):.1f} ms of CPU"
                note += f", {statistics.median(wal):.0f} kB written each" if wal[0] else ""
                rows.append(
                    Row(
                        f"{kind}, {size:,} records",
                        rate,
                        "lives/s",
                        "empty tables",
                        empty,
                        aim=f"≥ {AIM:.0f}, ≥ {FLAT} of empty" if processes > 1 else "",
                        ok=(rate >= AIM and rate >= FLAT * empty) if processes > 1 else None,
                        note=note,
                    )
                )
        await database.close()
    return rows


def rows() -> list[Row]:
    with running_postgres() as server:
        url = asyncio.run(make_database(server))
        found = asyncio.run(measure(url, processes=2, sizes=SIZES))
    with tempfile.TemporaryDirectory(prefix="shangan-bench-") as folder:
        found += asyncio.run(measure(f"sqlite:///{folder}/bench.sqlite3", processes=1, sizes=SIZES[:2]))
    return found


if __name__ == "__main__":
    print_table(rows())
    print(load_words())
