"""The console's pages: lists beside 100,000 open tickets, search beside a million, fifty open consoles that follow.

Times of real pages over HTTP, signed in, one request after the other as one browser asks; each beside the same page
over empty tables in the same run.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from sqlalchemy import select

from bench.console_fill import PASSWORD, RARE, Filled, fill, fill_conversation, prepare
from bench.postgres import make_database, running_postgres
from bench.processes import serving
from bench.table import Row, load_words, print_table
from bot.changes import Changes
from bot.database import Database
from bot.keys import Keys
from bot.migrations import upgrade
from bot.settings import load_settings
from bot.staff.models import Staff
from handlers.tickets.counting import Counting

OPEN, ALL = 100_000, 1_000_000
MESSAGES, ENTRIES = 1_000, 500
"""Of the ticket whose page is timed."""
TIMES = 60
LISTS = (
    "/staff/work",
    "/staff/queues",
    "/staff/unclaimed",
    "/staff/due",
    "/staff/overdue",
    "/staff/groups",
    "/staff/all",
)
QUESTIONS = (RARE, "工资", "拖欠 工资 中介", "村里推来推去贷款", "0042", "示例·没有", "13800001234")
SECRET = "b" * 40
CONSOLES, CHANGES, PAUSE = 50, 20, 0.5


@dataclass
class Browser:
    http: aiohttp.ClientSession
    token: str = ""
    arrived: list[tuple[float, int]] = field(default_factory=list)
    """When news came, and how many group matters it told of."""
    follows: asyncio.Event = field(default_factory=asyncio.Event)

    async def time(self, path: str) -> float:
        """-> milliseconds"""
        start = time.perf_counter()
        async with self.http.get(path, allow_redirects=False) as response:
            await response.read()
            assert response.status in (200, 303), (path, response.status)
        return (time.perf_counter() - start) * 1000

    async def post(self, path: str, **fields: str) -> str:
        """-> where it leads to"""
        data = {"csrf_token": self.token, **fields}
        async with self.http.post(path, data=data, allow_redirects=False) as response:
            assert response.status == 303, (path, response.status, (await response.text())[:500])
            return response.headers["Location"]

    async def follow(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        async with self.http.get("/staff/events", timeout=timeout) as response:
            async for line in response.content:
                if line.startswith(b"data: ") and b"counts" in line:
                    self.arrived.append((time.perf_counter(), json.loads(line[6:])["counts"]["groups"]))
                    self.follows.set()


@asynccontextmanager
async def signed_in(url: str, name: str) -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(url, cookie_jar=jar) as http:
        browser = Browser(http, await _token(http, "/staff/login"))
        data = {"username": name, "password": PASSWORD, "csrf_token": browser.token}
        while True:
            async with http.post("/staff/login", data=data, allow_redirects=False) as response:
                if response.status == 303:
                    break
                assert response.status == 429, response.status  # so many logins from one address have to wait
            await asyncio.sleep(2)
        browser.token = await _token(http, "/staff/password")
        yield browser


async def _token(http: aiohttp.ClientSession, path: str) -> str:
    async with http.get(path) as response:
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', await response.text())
        assert found is not None
        return found[1]


def p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


async def page_times(url: str, filled: Filled) -> dict[str, list[float]]:
    """Every list for a clerk and for the leader."""
    found: dict[str, list[float]] = {}
    for name in (filled.clerks[0], filled.leader):
        async with signed_in(url, name) as browser:
            for path in LISTS:
                await browser.time(path)
                found[path] = found.get(path, []) + [await browser.time(path) for _ in range(TIMES)]
    return found


async def count_times(database: Database, filled: Filled) -> list[float]:
    """The numbers of the side bar, each time after a change, so that nothing is kept from before."""
    changes = Changes()
    counting, times = Counting(changes, time.time), list[float]()
    for name in (filled.clerks[0], filled.clerks[1], filled.leader):
        async with database.reading() as session:
            staff = (await session.scalars(select(Staff).where(Staff.username == name))).one()
            await counting.count(session, staff, datetime.now(UTC))
            for _ in range(TIMES):
                changes.tell()
                start = time.perf_counter()
                await counting.count(session, staff, datetime.now(UTC))
                times.append((time.perf_counter() - start) * 1000)
    return times


async def search_times(url: str, filled: Filled) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    async with signed_in(url, filled.leader) as leader, signed_in(url, filled.clerks[0]) as clerk:
        for question in QUESTIONS:
            path = f"/staff/search?q={question}"
            await leader.time(path)
            found[question] = [await browser.time(path) for _ in range(TIMES // 4) for browser in (leader, clerk)]
    return found


async def ticket_times(url: str, database: Database, filled: Filled) -> tuple[list[float], list[float]]:
    """The page of a ticket just filed, then with a long conversation and timeline."""
    async with signed_in(url, filled.leader) as leader:
        path = (await _file_group_matter(leader)).removesuffix("/sheet")
        await leader.time(path)
        short = [await leader.time(path) for _ in range(TIMES)]
        await fill_conversation(database, path.rsplit("/", 1)[-1], messages=MESSAGES)
        for n in range(ENTRIES):
            await leader.post(f"{path}/note", text=f"第 {n} 次打电话，没有人接")
        await leader.time(path)
        return short, [await leader.time(path) for _ in range(TIMES)]


async def follow_times(url: str, filled: Filled) -> list[float]:
    """Two changes a second, and how long each takes to reach each of fifty open consoles, in milliseconds."""
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(signed_in(url, name)) for name in filled.clerks[:CONSOLES]]
        leader = await stack.enter_async_context(signed_in(url, filled.leader))
        tasks = [asyncio.create_task(browser.follow()) for browser in browsers]
        try:
            for browser in browsers:
                await browser.follows.wait()
            begun = [browser.arrived[-1][1] for browser in browsers]
            done: list[float] = []
            for _ in range(CHANGES):
                start = time.perf_counter()
                await _file_group_matter(leader)
                done.append(time.perf_counter())
                await asyncio.sleep(max(0.0, PAUSE - (done[-1] - start)))
            await asyncio.sleep(5)
            return [
                next((at - moment for at, groups in browser.arrived if groups >= before + place), 9.999) * 1000
                for browser, before in zip(browsers, begun, strict=True)
                for place, moment in enumerate(done, start=1)
            ]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _file_group_matter(leader: Browser) -> str:
    """-> where it leads to"""
    matter = {"source": "window", "kind": "complaint", "category": "labour", "is_group": "1"}
    return await leader.post("/staff/register", **matter, place="螺山镇", text="老板拖欠工资不给")


async def measure(url: str, folder: str) -> list[Row]:
    settings = {"database_url": url, "data_dir": folder, "secret_key": SECRET}
    read = load_settings({f"SHANGAN_{name.upper()}": value for name, value in settings.items()})
    database, keys = Database(read.async_database_url), Keys(SECRET)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    await upgrade(database)
    filled = await prepare(database)
    rows: list[Row] = []
    async with serving("policy", **settings) as server:
        floor = await page_times(server.url, filled)
        nothing = await search_times(server.url, filled)
    await fill(database, keys, have=0, want=OPEN, is_open=True)
    async with serving("policy", **settings) as server:
        pages = await page_times(server.url, filled)
        for path, times in pages.items():
            aim, ok = "≤ 150", p95(times) <= 150
            note = f"median {statistics.median(times):.0f}"
            rows.append(
                Row(
                    f"{kind}, {path}, {OPEN:,} open",
                    p95(times),
                    "ms p95",
                    "empty tables",
                    p95(floor[path]),
                    aim,
                    ok,
                    note,
                )
            )
        counted = await count_times(database, filled)
        aim, ok = ("", None) if database.is_sqlite else ("≤ 10", p95(counted) <= 10)
        note = f"median {statistics.median(counted):.1f}"
        rows.append(Row(f"{kind}, numbers of the side bar", p95(counted), "ms p95", "", None, aim, ok, note))
        short, long = await ticket_times(server.url, database, filled)
        name = f"{kind}, a ticket's page, {MESSAGES:,} messages, {ENTRIES} entries"
        note = f"median {statistics.median(long):.0f}"
        rows.append(Row(name, p95(long), "ms p95", "one just filed", p95(short), "≤ 100", p95(long) <= 100, note))
        late = await follow_times(server.url, filled)
        note = f"median {statistics.median(late):.0f}, latest {max(late):.0f}; {CONSOLES} consoles, 2 changes/s"
        rows.append(Row(f"{kind}, a change is shown", p95(late), "ms p95", "", None, "≤ 1000", max(late) <= 1000, note))
    size = OPEN if database.is_sqlite else ALL
    if size > OPEN:
        await fill(database, keys, have=OPEN + CHANGES + 1, want=size, is_open=False)
    async with serving("policy", **settings) as server:
        found = await search_times(server.url, filled)
        for question, times in found.items():
            ok = p95(times) <= 300
            note = f"median {statistics.median(times):.0f}"
            name = f"{kind}, search {question}, {size:,} tickets"
            rows.append(Row(name, p95(times), "ms p95", "empty tables", p95(nothing[question]), "≤ 300", ok, note))
    await database.close()
    return rows


def rows() -> list[Row]:
    found: list[Row] = []
    with running_postgres() as server, tempfile.TemporaryDirectory(prefix="shangan-bench-") as folder:
        found += asyncio.run(measure(asyncio.run(make_database(server)), folder))
    with tempfile.TemporaryDirectory(prefix="shangan-bench-") as folder:
        found += asyncio.run(measure(f"sqlite:///{Path(folder) / 'bench.sqlite3'}", folder))
    return found


if __name__ == "__main__":
    print(load_words())
    print_table(rows())
    print(load_words())
