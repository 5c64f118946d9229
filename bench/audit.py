"""`shangan audit verify` over 100,000 tickets with whole chains, words and daily anchors, as a process of its own.

The floor reads the same rows of the same database and looks at none of them.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bench.lifecycle import prepare
from bench.postgres import make_database, running_postgres
from bench.table import Row, load_words, print_table
from bot.clock import LOCAL
from bot.database import Database
from bot.keys import load_keys
from bot.settings import Settings, load_settings
from handlers.tickets.models import Anchor, Entry, EntryContent, Ticket
from handlers.tickets.number import make_number
from handlers.tickets.timeline import FIRST, EntryKind, Timeline, hash_of

TICKETS, DAYS = 100_000, 50
FROM = datetime(2025, 3, 3, 9, tzinfo=LOCAL)
BATCH = 5_000
"""Rows of one insert."""
AIM = 60.0


@dataclass(frozen=True)
class Happening:
    """One entry of the life that every ticket has."""

    day: int
    """After the opening."""
    kind: EntryKind
    role: str
    data: dict[str, Any]
    words: str = ""


LIFE = (
    Happening(0, EntryKind.OPENED, "person", {"kind": "complaint"}, "干了三个月，工资一分没发，老板不接电话。"),
    Happening(0, EntryKind.ASSIGNED, "supervisor", {"from": None, "to": 1, "queue": 1}),
    Happening(0, EntryKind.MOVED, "supervisor", {"move": "accept", "from": "waiting", "to": "accepted"}),
    Happening(0, EntryKind.MOVED, "clerk", {"move": "start", "from": "accepted", "to": "working"}),
    Happening(0, EntryKind.TOLD, "clerk", {}, "您好，您的事我来办，先找公司核实。"),
    Happening(2, EntryKind.CONTACT, "clerk", {"how": "phone"}, "电话核实了考勤和欠薪数目。"),
    Happening(4, EntryKind.MOVED, "clerk", {"move": "answer", "from": "working", "to": "answered"}),
    Happening(4, EntryKind.ANSWER, "clerk", {}, "公司已把三个月工资发到您卡上，请查收。"),
    Happening(5, EntryKind.RATED, "person", {"satisfaction": "satisfied"}),
)


class Filler:
    """Days of a bureau as rows: what a day writes lies together, so that a ticket's entries lie far apart."""

    def __init__(self, timeline: Timeline, staff: Sequence[int]) -> None:
        self._timeline = timeline
        self._staff = {"clerk": staff[0], "supervisor": staff[1]}
        self._heads: list[str] = []
        self._entries = 0

    async def fill(self, database: Database) -> None:
        """All days, each with its anchor of the night."""
        last = LIFE[-1].day
        for day in range(DAYS + last):
            now = FROM + timedelta(days=day)
            async with database.transaction() as session:
                if day < DAYS:
                    await _put(session, Ticket, self._opened(now))
                entries = list(self._written(day, now))
                await _put(session, Entry, (row for row, _ in entries))
                words = ({"entry_id": row["id"], "text": said} for row, said in entries if said)
                await _put(session, EntryContent, words)
                night = now + timedelta(hours=17)
                await self._timeline.anchor(session, now.date(), at=night, before=night)
        async with database.transaction() as session:
            newest = select(Entry.hash).where(Entry.ticket_id == Ticket.id, Entry.seq == len(LIFE)).scalar_subquery()
            await session.execute(update(Ticket).values(entries=len(LIFE), head=newest))

    def _opened(self, now: datetime) -> Iterator[dict[str, Any]]:
        for sequence in range(1, TICKETS // DAYS + 1):
            self._heads.append(FIRST)
            yield {
                "id": len(self._heads),
                "number": make_number(now.date(), sequence),
                "kind": "complaint",
                "category": "labour",
                "state": "heard",
                "priority": "ordinary",
                "region": "421083100",
                "source": "telegram",
                "about": "拖欠工资",
                "queue_id": 1,
                "handler_id": self._staff["clerk"],
                "opened_at": now,
                "state_since": now,
                "clock_from": now,
            }

    def _written(self, day: int, now: datetime) -> Iterator[tuple[dict[str, Any], str]]:
        a_day = TICKETS // DAYS
        for seq, happening in enumerate(LIFE, 1):
            opened = day - happening.day
            if not 0 <= opened < DAYS:
                continue
            for place in range(opened * a_day, (opened + 1) * a_day):
                self._entries += 1
                words = f"{happening.words}（{place}）" if happening.words else ""
                row: dict[str, Any] = {
                    "ticket_id": place + 1,
                    "seq": seq,
                    "at": now + timedelta(seconds=self._entries % 20_000, microseconds=place),
                    "role": happening.role,
                    "actor_id": self._staff.get(happening.role),
                    "kind": str(happening.kind),
                    "data": happening.data,
                    "digest": self._timeline.digest(words) if words else "",
                    "previous": self._heads[place],
                }
                row["hash"] = self._heads[place] = hash_of(row)
                yield {"id": self._entries, **row}, words


async def _put(session: AsyncSession, model: type[Any], rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            await session.execute(insert(model.__table__), batch)
            batch = []
    if batch:
        await session.execute(insert(model.__table__), batch)


async def read_all(database: Database) -> tuple[float, int]:
    """Seconds to read all that is verified, batch for batch as it comes, and how many entries that were."""
    entry, content = Entry.__table__, EntryContent.__table__
    rows = select(*entry.columns, content.c.text).outerjoin(content, content.c.entry_id == entry.c.id)
    began, count = time.perf_counter(), 0
    async with database.reading() as session:
        async for batch in (await session.stream(rows)).partitions(2_000):
            count += len(batch)
    return time.perf_counter() - began, count


def verify(settings: Settings) -> tuple[float, float]:
    """Seconds of the command as it is typed, and of CPU, without the database's; it must find all unbroken."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHANGAN_")}
    environment["SHANGAN_DATA_DIR"] = str(settings.data_dir)
    environment["SHANGAN_DATABASE_URL"] = settings.database_url.get_secret_value()
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bot", "audit", "verify"], env=environment, capture_output=True, text=True, check=False
    )
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode or done.stdout.split() != ["unbroken"]:
        raise RuntimeError(f"not verified: {done.stdout[:500]} {done.stderr[-2000:]}")
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


async def measure(name: str, url: str, folder: str) -> Row:
    settings = load_settings({"SHANGAN_DATABASE_URL": url, "SHANGAN_DATA_DIR": folder})
    database = Database(settings.async_database_url)
    staff = await prepare(database)
    began = time.perf_counter()
    await Filler(Timeline(load_keys(settings).derive("tickets.timeline")), staff).fill(database)
    filled = time.perf_counter() - began
    if not database.is_sqlite:
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE"))
    floor, entries = await read_all(database)
    took, cpu = await asyncio.to_thread(verify, settings)
    async with database.reading() as session:
        tickets, anchors, words = [
            await session.scalar(select(func.count()).select_from(model)) for model in (Ticket, Anchor, EntryContent)
        ]
    await database.close()
    note = f"{cpu:.1f} s of CPU; {tickets:,} tickets, {entries:,} entries, {words:,} with words, {anchors} anchors"
    note += f"; filled in {filled:.0f} s"
    return Row(
        f"audit verify, {name}", took, "s", "its rows read, no more", floor, f"≤ {AIM:.0f}", took <= AIM, note=note
    )


def rows() -> list[Row]:
    found = []
    with tempfile.TemporaryDirectory(prefix="shangan-bench-") as folder:
        with running_postgres() as server:
            found.append(asyncio.run(measure("PostgreSQL", asyncio.run(make_database(server)), f"{folder}/pg")))
        found.append(asyncio.run(measure("SQLite", f"sqlite:///{folder}/bench.sqlite3", folder)))
    return found


if __name__ == "__main__":
    print_table(rows())
    print(load_words())
