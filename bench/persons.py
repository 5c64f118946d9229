"""Persons' pages: lists among 100,000 of them, and the file of one with 5,000 entries, over HTTP, signed in.

Each beside the same page over empty tables, and the file beside one without entries, in the same run.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bench.console import SECRET, p95, signed_in
from bench.console_fill import REGION, TOWNS, Filled, prepare
from bench.postgres import make_database, running_postgres
from bench.processes import serving
from bench.table import Row, load_words, print_table
from bot.database import Database
from bot.keys import Keys
from bot.messages import Speaker
from bot.migrations import upgrade
from bot.models import Conversation, Message
from bot.sealing import Sealer
from bot.settings import load_settings
from handlers.people.models import CheckIn, Person, PersonChat, PersonGroup

PERSONS = 100_000
CHECK_INS, ANSWERS = 2_500, 2_500
"""Entries of the one whose file is timed."""
TIMES = 40
BATCH = 2_000
MOST = 200.0
"""Milliseconds for a file with its entries."""
NAME, VILLAGE = "示例·王海生", "示例三村"
LISTS = {
    "all": "/staff/persons",
    "page 300": "/staff/persons?page=300",
    "by name": f"/staff/persons?q={quote(NAME)}",
    "by phone": "/staff/persons?q=13800000500",
    "by village": f"/staff/persons?q={quote(VILLAGE[:2])}",
    "one group": "/staff/persons?group=hard_to_employ",
    "group and state": "/staff/persons?group=retired_fisher&employment=unemployed",
}


async def fill(database: Database, keys: Keys) -> tuple[int, int]:
    """-> ids of somebody with many entries, and of somebody with none"""
    sealer, now = Sealer(keys, "people"), datetime.now(UTC)
    async with database.transaction() as session:
        for start in range(0, PERSONS, BATCH):
            await session.execute(insert(Person), [_person(sealer, n, now) for n in range(start, start + BATCH)])
        ids = list(await session.scalars(select(Person.id).order_by(Person.id)))
        for some in _batches([_group(one, "retired_fisher", now) for one in ids]):
            await session.execute(insert(PersonGroup), some)
        for some in _batches([_group(one, "hard_to_employ", now) for one in ids[::4]]):
            await session.execute(insert(PersonGroup), some)
        await _fill_file(session, ids[0], now)
        await session.execute(text("ANALYZE"))  # as the database does by itself, some time after so much is new
    return ids[0], ids[1]


async def _fill_file(session: AsyncSession, person: int, now: datetime) -> None:
    chat = Conversation(channel="terminal", bot="", chat="bench", created_at=now, updated_at=now)
    session.add(chat)
    await session.flush()
    session.add(PersonChat(person_id=person, conversation_id=chat.id, at=now))
    asked = [
        {"person_id": person, "asked_at": now - timedelta(hours=n), "state": "answered", "employment": "employed"}
        for n in range(CHECK_INS)
    ]
    for some in _batches(asked):
        await session.execute(insert(CheckIn), some)
    for some in _batches([_message(chat.id, n, now) for n in range(2 * ANSWERS)]):
        await session.execute(insert(Message), some)
    await session.execute(update(Conversation).where(Conversation.id == chat.id).values(last_seq=2 * ANSWERS))


def _message(chat: int, number: int, now: datetime) -> dict[str, Any]:
    """Questions and answers by turns, each answer in the turn of the question before it."""
    answers = number % 2 == 1
    return {
        "conversation_id": chat,
        "seq": number + 1,
        "speaker": str(Speaker.BOT if answers else Speaker.YOU),
        "text": "每年8月底前" if answers else f"养老补贴哪天发 {number}",
        "at": now - timedelta(minutes=2 * ANSWERS - number),
        "turn": number if answers else None,
        "template": "policy/answer" if answers else None,
        "data": {},
        "choices": [],
        "pushed": False,
        "forgotten": False,
        "seen_before": 0,
    }


def _person(sealer: Sealer, number: int, now: datetime) -> dict[str, Any]:
    name = NAME if number % 5_000 == 0 else f"示例·{number:06}"
    phone, identity = f"138{number:08}", f"{REGION}{number:012}"
    return {
        "created_at": now,
        "updated_at": now,
        "region": TOWNS[number % len(TOWNS)],
        "village": VILLAGE if number % 50 == 0 else f"第{number % 97}村",
        "name": sealer.seal(name, "person.name"),
        "name_digest": sealer.digest(name),
        "phone": sealer.seal(phone, "person.phone"),
        "phone_digest": sealer.digest(phone),
        "id_number": sealer.seal(identity, "person.id_number"),
        "id_digest": sealer.digest(identity),
        "gender": "male",
        "birth_year": 1950 + number % 50,
        "age_band": "",
        "employment": ("employed", "unemployed", "not_looking", "")[number % 4],
        "work_form": "",
        "skills": [],
        "told": {},
        "ledger_at": now,
        "version": 1,
    }


def _group(person: int, name: str, now: datetime) -> dict[str, Any]:
    return {"person_id": person, "name": name, "source": "ledger", "at": now}


def _batches(rows: Sequence[dict[str, Any]]) -> Iterable[Sequence[dict[str, Any]]]:
    return (rows[at : at + BATCH] for at in range(0, len(rows), BATCH))


async def times_of(url: str, filled: Filled, paths: Iterable[str]) -> dict[str, list[float]]:
    """Milliseconds of each page, for the leader."""
    found: dict[str, list[float]] = {}
    async with signed_in(url, filled.leader) as browser:
        for path in paths:
            await browser.time(path)
            found[path] = [await browser.time(path) for _ in range(TIMES)]
    return found


async def measure(url: str, folder: str) -> list[Row]:
    settings = {"database_url": url, "data_dir": folder, "secret_key": SECRET}
    read = load_settings({f"SHANGAN_{name.upper()}": value for name, value in settings.items()})
    database, keys = Database(read.async_database_url), Keys(SECRET)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    await upgrade(database)
    filled = await prepare(database)
    async with serving("policy", **settings) as server:
        floor = await times_of(server.url, filled, LISTS.values())
    many, none = await fill(database, keys)
    await database.close()
    file, last = f"/staff/persons/{many}", f"/staff/persons/{many}?part=answers&page={ANSWERS // 30}"
    async with serving("policy", **settings) as server:
        lists = await times_of(server.url, filled, LISTS.values())
        files = await times_of(server.url, filled, (f"/staff/persons/{none}", file, last))
    rows = [
        Row(
            f"{kind}, persons, {name}, of {PERSONS:,}",
            p95(lists[path]),
            "ms p95",
            "empty tables",
            p95(floor[path]),
            note=f"median {statistics.median(lists[path]):.0f}",
        )
        for name, path in LISTS.items()
    ]
    bare = p95(files[f"/staff/persons/{none}"])
    for name, path in ((f"{CHECK_INS + ANSWERS:,} entries", file), ("its last page of answers", last)):
        time = p95(files[path])
        note = f"median {statistics.median(files[path]):.0f}"
        rows.append(
            Row(f"{kind}, a person's file, {name}", time, "ms p95", "no entry", bare, "≤ 200", time <= MOST, note)
        )
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
