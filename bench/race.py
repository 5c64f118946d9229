"""Whole life-cycles of tickets over HTTP: one POST files a form, then assign, contact, answer, search by number.

One serving process and fifty clients of one office on the same two cores, over PostgreSQL with tables that are empty,
large and huge. Every client is signed in as the real pages want it: cookie, token, and nothing is skipped.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
from sqlalchemy.ext.asyncio import AsyncSession

from bench.lifecycle import fill
from bench.postgres import make_database, running_postgres
from bench.processes import serving
from bench.table import Row, load_words, print_table
from bot.database import Database
from bot.migrations import upgrade
from bot.settings import load_settings
from bot.staff.accounts import add_account
from bot.staff.audit import SYSTEM
from bot.staff.passwords import NewPassword, take_given
from bot.staff.roles import Role
from handlers.tickets import desk_queues
from handlers.tickets.ticket import Category

CLIENTS = 50
ROUNDS = 3
SECONDS = 8.0
SIZES = (0, 100_000, 1_000_000)
AIM, FLAT = 10.0, 0.8
PASSWORD = "Hao-Mima-2026"
NAMES = tuple(f"clerk{n}" for n in range(5))
"""Five windows of an office, ten browsers' worth of work each."""


@dataclass
class Office:
    """Who works, and what was measured."""

    http: dict[str, aiohttp.ClientSession] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)
    lives: list[float] = field(default_factory=list)
    requests: int = 0


async def prepare(database: Database) -> list[int]:
    """A queue, its supervisors. -> their ids"""
    await upgrade(database)
    password = await take_given(PASSWORD, must_change=False)
    async with database.transaction() as session:
        await desk_queues.add_queue(session, "劳动监察", region="421083", category=Category.LABOUR)
        ids = [await _hire(session, name, password) for name in NAMES]
        await desk_queues.assign_staff(session, desk_queues.keeper(), "劳动监察", NAMES)
    return ids


async def _hire(session: AsyncSession, name: str, password: NewPassword) -> int:
    account = await add_account(
        session,
        name,
        role=Role.SUPERVISOR,
        region="421083",
        password=password,
        actor=SYSTEM,
        now=datetime.now(UTC),
    )
    return account.id


@asynccontextmanager
async def signed_in(url: str, ids: Sequence[int]) -> AsyncIterator[Office]:
    office = Office(ids=list(ids))
    for name in NAMES:
        jar = aiohttp.CookieJar(unsafe=True)
        http = aiohttp.ClientSession(url, cookie_jar=jar, connector=aiohttp.TCPConnector(limit=0))
        office.http[name] = http
        gate = await _token(http, "/staff/login")
        data = {"username": name, "password": PASSWORD, "csrf_token": gate}
        async with http.post("/staff/login", data=data, allow_redirects=False) as response:
            assert response.status == 303, response.status
        office.tokens[name] = await _token(http, "/staff/password")
    try:
        yield office
    finally:
        for http in office.http.values():
            await http.close()


async def _token(http: aiohttp.ClientSession, path: str) -> str:
    async with http.get(path) as response:
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', await response.text())
        assert found is not None
        return found[1]


async def live(office: Office, name: str, to: int) -> None:
    """One ticket from the window to its answer, then found again."""
    http, token = office.http[name], office.tokens[name]

    async def post(path: str, **fields: str) -> str:
        office.requests += 1
        async with http.post(path, data={"csrf_token": token, **fields}, allow_redirects=False) as response:
            assert response.status == 303, (path, response.status, (await response.text())[:400])
            return response.headers["Location"]

    start = time.perf_counter()
    sheet = await post(
        "/staff/register", source="window", kind="complaint", category="labour", place="螺山镇", text="老板拖欠工资不给"
    )
    number = sheet.split("/")[3]
    ticket = f"/staff/tickets/{number}"
    await post(f"{ticket}/assign", to=str(to))
    await post(f"{ticket}/contact", how="phone", text="打过电话")
    await post(f"{ticket}/answer", closing="solved", text="查清了，工资已经补发")
    office.requests += 1
    async with http.get("/staff/search", params={"q": number}, allow_redirects=False) as response:
        assert response.status == 303, response.status
        assert number in response.headers["Location"]
    office.lives.append(time.perf_counter() - start)


async def run(office: Office, seconds: float) -> tuple[float, float]:
    """-> life-cycles and requests a second"""
    office.lives.clear()
    office.requests = 0
    end = time.perf_counter() + seconds

    async def client(at: int) -> None:
        while time.perf_counter() < end:
            await live(office, NAMES[at % len(NAMES)], office.ids[at % len(office.ids)])

    start = time.perf_counter()
    await asyncio.gather(*map(client, range(CLIENTS)))
    spent = time.perf_counter() - start
    return len(office.lives) / spent, office.requests / spent


async def measure(server: str, *, sizes: Sequence[int] = SIZES) -> list[Row]:
    url = await make_database(server)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="shangan-bench-") as folder:
        settings = load_settings({"SHANGAN_DATABASE_URL": url, "SHANGAN_DATA_DIR": folder})
        database = Database(settings.async_database_url)
        ids = await prepare(database)
        empty, have = 0.0, 0
        async with serving("policy", database_url=url) as running, signed_in(running.url, ids) as office:
            for size in sizes:
                if size > have:
                    await fill(database, have, size, ids)
                    have = size
                rates, requests, times = [], [], []
                for _ in range(ROUNDS):
                    rate, asked = await run(office, SECONDS)
                    rates.append(rate)
                    requests.append(asked)
                    times += [spent * 1000 for spent in office.lives]
                rate = statistics.median(rates)
                empty = empty or rate
                note = (
                    f"{statistics.median(requests):.0f} requests/s, p95 {statistics.quantiles(times, n=20)[-1]:.0f} ms"
                )
                rows.append(
                    Row(
                        f"console over HTTP, {CLIENTS} clients, {size:,} records",
                        rate,
                        "lives/s",
                        "empty tables",
                        empty,
                        aim=f"≥ {AIM:.0f}, ≥ {FLAT} of empty",
                        ok=rate >= AIM and rate >= FLAT * empty,
                        note=note,
                    )
                )
        await database.close()
    return rows


def rows() -> list[Row]:
    with running_postgres() as server:
        return asyncio.run(measure(server))


if __name__ == "__main__":
    print_table(rows())
    print(load_words())
