"""A search over 20,000 vacancies, as the chat asks it: by place, trade, pay and wish; on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from bench.postgres import make_database, running_postgres
from bench.table import Row, load_words, print_table
from bot.database import Database
from bot.migrations import upgrade
from bot.settings import load_settings
from handlers.offers.finding import Finder
from handlers.offers.models import Offer
from handlers.offers.offer import Kind
from handlers.offers.wanting import Wanting
from handlers.people.trades import load_trades
from knowledge.regions import Regions, load_regions

COUNT, SEARCHES = 20_000, 400
AIM = 50.0
SERVED = frozenset({"421083", "371311", "420100", "321000", "460000"})
WORDS = (
    "有没有附近的活",
    "想找个一个月不少于四千的电焊活",
    "有没有包吃住的厂",
    "有没有保洁的活",
    "会开叉车，五千以上的有没有",
    "找个日结的",
    "月嫂哪里要人",
    "去外地的厂也行，工资高一点",
)


def fill_rows(regions: Regions, *, seed: int = 7) -> list[dict[str, object]]:
    """Vacancies of the five places, in their towns and elsewhere."""
    chance, now = random.Random(seed), datetime.now(UTC)
    towns = {area: [code for code in regions.names if len(code) == 9 and code.startswith(area[:4])] for area in SERVED}
    trades = list(load_trades().names)
    found = []
    for number in range(COUNT):
        region = chance.choice(sorted(SERVED))
        site = chance.choice(towns[region]) if towns[region] and chance.random() < 0.9 else "330225"
        pay = chance.randrange(2000, 9000, 100)
        found.append(
            {
                "code": str(100_000 + number),
                "kind": "vacancy",
                "state": "full" if chance.random() < 0.1 else "open",
                "title": f"招工{number}",
                "region": region,
                "place": "",
                "site": site,
                "timed": True,
                "seats": chance.randrange(1, 50),
                "taken": 0,
                "waiting": 0,
                "last_seq": 0,
                "trade": chance.choice(trades),
                "employer": "某厂",
                "pay_from": pay,
                "pay_to": pay + 1000 if chance.random() < 0.5 else None,
                "policy": "",
                "provision": "",
                "details": {"meals": "包吃"} if chance.random() < 0.3 else {},
                "version": 1,
                "told_version": 1,
                "created_at": now - timedelta(days=chance.randrange(100)),
                "updated_at": now,
            }
        )
    return found


async def search(database: Database, regions: Regions) -> list[float]:
    """-> milliseconds of each, from the words to the rows"""
    finder, wanting, chance = Finder(regions), Wanting(regions), random.Random(3)
    homes = ["421083", "421083102", "371311", "420100", None]
    taken = []
    for number in range(SEARCHES + 20):
        words, home = chance.choice(WORDS), chance.choice(homes)
        now = datetime.now(UTC)
        began = time.perf_counter()
        sought = wanting.read(words, (Kind.VACANCY,), home=home, now=now)
        async with database.reading() as session:
            found = await finder.find(session, sought, home=home, now=now)
        if number >= 20:  # the first ones warm it up
            taken.append((time.perf_counter() - began) * 1000)
        assert found.offers, (words, home)
    return taken


async def measure_one(name: str, database: Database, rows: Sequence[dict[str, object]], regions: Regions) -> list[Row]:
    try:
        await upgrade(database)
        async with database.transaction() as session:
            for at in range(0, len(rows), 1_000):
                await session.execute(insert(Offer), list(rows[at : at + 1_000]))
        taken = await search(database, regions)
    finally:
        await database.close()
    p95 = statistics.quantiles(taken, n=20)[-1]
    note = f"p50 {statistics.median(taken):.1f} ms, {SEARCHES} searches one after the other"
    return [
        Row(f"search over {COUNT:,} vacancies, {name}", p95, "ms p95", aim=f"≤ {AIM:.0f}", ok=p95 <= AIM, note=note)
    ]


async def measure(server: str) -> list[Row]:
    regions = load_regions(SERVED)
    rows = fill_rows(regions)
    url = load_settings({"SHANGAN_DATABASE_URL": await make_database(server)}).async_database_url
    with tempfile.TemporaryDirectory(prefix="shangan-bench-") as folder:
        lite = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite3'}")
        found = await measure_one("SQLite", lite, rows, regions)
    return [*found, *await measure_one("PostgreSQL", Database(url), rows, regions)]


def rows() -> list[Row]:
    with running_postgres() as server:
        return asyncio.run(measure(server))


if __name__ == "__main__":
    print(load_words())
    print_table(rows())
    print(load_words())
