"""2,000 people for 100 seats, through the web chat over HTTP: exactly 100 in, in the order of acceptance.

One serving process, on SQLite and on PostgreSQL. Beside it stands a bare turn: as many people who are as new, and say
菜单. All of one kind talk at once over 100 connections, each person with a cookie of their own.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bench.driving import Wire
from bench.postgres import make_database, running_postgres
from bench.processes import Server, serving, what_is_kept
from bench.table import Row, load_words, print_table
from bot.database import Database
from bot.settings import load_settings
from bot.web.visitors import COOKIE, make_token
from handlers.offers.models import Offer, Registration

PEOPLE, SEATS, WIRES = 2_000, 100, 100
CODE = "4831"


def database_of(server: Server) -> Database:
    settings = load_settings({f"SHANGAN_{name.upper()}": value for name, value in server.settings.items()})
    return Database(settings.async_database_url)


async def publish(database: Database) -> None:
    now = datetime.now(UTC)
    async with database.transaction() as session:
        session.add(
            Offer(
                code=CODE,
                kind="course",
                state="open",
                title="叉车班",
                region="421083",
                site="421083",
                starts=now + timedelta(days=30),
                seats=SEATS,
                details={},
                created_at=now,
                updated_at=now,
            )
        )


async def crowd(server: Server, words: str) -> list[float]:
    """Everybody says the same once. -> how long each waited, in seconds"""
    people = iter(range(PEOPLE))
    taken: list[float] = []

    async def stand(wire: Wire) -> None:
        for _ in people:
            headers = {"Content-Type": "application/json", "Cookie": f"{COOKIE}={make_token()}"}
            body = json.dumps({"id": str(uuid.uuid4()), "text": words}, ensure_ascii=False).encode()
            began = time.perf_counter()
            await wire.post("/chat/messages", body, headers)
            taken.append(time.perf_counter() - began)

    async with AsyncExitStack() as stack:
        wires = []
        for _ in range(WIRES):
            wires.append(await Wire.open(server.url))
            stack.push_async_callback(wires[-1].close)
        await asyncio.gather(*map(stand, wires))
    return taken


async def check(database: Database) -> tuple[bool, int, str]:
    """Whether exactly as many are in as there are seats, and these are the first who were accepted; how many are in."""
    async with database.reading() as session:
        offer = (await session.scalars(select(Offer).where(Offer.code == CODE))).one()
        rows = (await session.execute(select(Registration.seq, Registration.state).order_by(Registration.id))).all()
    order = [row.seq for row in rows] == list(range(1, PEOPLE + 1))
    first = [row.state for row in rows] == ["in"] * SEATS + ["waiting"] * (PEOPLE - SEATS)
    whole = (offer.taken, offer.waiting, offer.state) == (SEATS, PEOPLE - SEATS, "full")
    said = f"{offer.taken} in, {offer.waiting} waiting, order {'kept' if order and first else 'BROKEN'}"
    return order and first and whole, offer.taken, said


def p95(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1] * 1000


async def race(name: str, **settings: str) -> list[Row]:
    async with serving("policy", **settings) as server:
        database = database_of(server)
        try:
            await publish(database)
            bare = await crowd(server, "菜单")
            began = time.perf_counter()
            taken = await crowd(server, f"报名 {CODE}")
            spent = time.perf_counter() - began
            exact, taken_seats, said = await check(database)
        finally:
            await database.close()
        kept = await what_is_kept(server)
    exact = exact and kept.errors == 0 and kept.replies.get("offers/registered", 0) == PEOPLE
    note = f"{PEOPLE / spent:.0f} registrations/s; {said}"
    return [
        Row(f"{PEOPLE:,} people for {SEATS} seats, {name}", p95(taken), "ms", "a bare turn", p95(bare), note=note),
        Row("  in, and not one more", float(taken_seats), "people", aim=f"exactly {SEATS}", ok=exact),
    ]


async def measure(server: str) -> list[Row]:
    return [*await race("SQLite"), *await race("PostgreSQL", database_url=await make_database(server))]


def rows() -> list[Row]:
    with running_postgres() as server:
        return asyncio.run(measure(server))


if __name__ == "__main__":
    print(load_words())
    print_table(rows())
    print(load_words())
