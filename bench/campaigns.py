"""The audience of a campaign over 300,000 persons: counted with samples, then found piece by piece.

A smaller number for a check: `python -m bench.campaigns 30000`.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from bench.campaign_fill import fill
from bench.postgres import make_database, running_postgres
from bench.table import Row, load_words, print_table
from bot.app import Parts, Service, Services, build
from bot.clock import SystemClock
from bot.settings import load_settings
from handlers.notices.broadcast import By
from handlers.notices.campaign import Kind
from handlers.notices.drafts import Draft
from handlers.notices.office import NoticeOffice, make_office
from handlers.notices.replies import KINDS
from handlers.people.register import Register
from handlers.policy.knowing import Knowing, load_knowing

PEOPLE = 300_000
ROUNDS = 3
PREVIEW_AIMS = {"PostgreSQL": 2.0, "SQLite": 5.0}
GATHER_AIM, WRITER_AIM = 60.0, 100.0
RULE = {
    "all": [
        {"region": "洪湖市"},
        {"group": "retired_fisher"},
        {"any": [{"employment": "unemployed"}, {"wish": "work"}]},
    ]
}
EVERYBODY = {"any": [{"region": "洪湖市"}, {"region": "武汉市"}]}


async def measure(name: str, url: str, people: int, knowing: Knowing) -> list[Row]:
    made: list[NoticeOffice] = []

    def wire(parts: Parts) -> Services:
        made.append(make_office(parts, knowing.book, Register(), None))
        return Services(lambda incoming: knowing.recogniser.recognise(incoming.text), (Service(replies=KINDS),))

    with tempfile.TemporaryDirectory(prefix="shangan-bench-") as folder:
        settings = load_settings(
            {}, data_dir=folder, database_url=url, telegram_token="7:bench", telegram_rate=28.0, quiet_hours=""
        )
        async with build(settings, wire=wire, clock=SystemClock()) as app:
            await fill(app.database, people)
            office, clock = made[0], app.clock
            texts = {"all": "周六上午9点有招聘会"}
            draft = Draft(Kind.FAIR, "招聘会", "420000", texts, RULE)
            spent, stalls = [], []
            for place in range(ROUNDS):
                began = time.perf_counter()
                wanted = office.reading.wanted(draft)
                watching = asyncio.create_task(_longest_stall())
                await office.previewing.preview(wanted, now=clock.now(), start=place / ROUNDS)
                spent.append(time.perf_counter() - began)
                watching.cancel()
                stalls.append(await watching)
            aim = PREVIEW_AIMS[name]
            rows = [
                Row(
                    f"{name}: preview of three conditions over {people:,}",
                    statistics.median(spent),
                    "s",
                    aim=f"≤ {aim:g}",
                    ok=statistics.median(spent) <= aim,
                    note=f"the loop stood still {max(stalls) * 1000:.0f} ms at most",
                )
            ]
            beside = await _narrowing(office, draft, clock.now())
            rows.append(Row(f"{name}: numbers beside the rows of that rule", beside, "s", note="after the preview"))
            async with app.database.transaction() as session:
                everybody = Draft(Kind.FAIR, "招聘会", "420000", texts, EVERYBODY)
                campaign = await office.broadcast.add(session, everybody, By(name="bench"), now=clock.now())
            async with app.database.transaction() as session:
                await office.broadcast.approve(session, campaign.id, By(name="bench"), size=people, now=clock.now())
            async with app.database.transaction() as session:
                await office.broadcast.start(session, campaign.id, By(name="bench"), now=clock.now())
            before, began, pieces = _memory(), time.perf_counter(), []
            more = True
            while more:
                start = time.perf_counter()
                more = await office.gathering.gather(campaign.id, now=clock.now())
                pieces.append(time.perf_counter() - start)
            whole, longest = time.perf_counter() - began, max(pieces) * 1000
            rows.append(
                Row(
                    f"{name}: recipients found of {people:,}",
                    whole,
                    "s",
                    aim=f"≤ {GATHER_AIM:g}",
                    ok=whole <= GATHER_AIM,
                    note=f"{len(pieces)} pieces, {(_memory() - before) / 1024:.0f} MB more memory",
                )
            )
            rows.append(
                Row(
                    f"{name}: longest piece",
                    longest,
                    "ms",
                    aim=f"≤ {WRITER_AIM:g}" if name == "SQLite" else "",
                    ok=longest <= WRITER_AIM if name == "SQLite" else None,
                )
            )
    return rows


async def _narrowing(office: NoticeOffice, draft: Draft, now: datetime) -> float:
    """Seconds to count what is left after each condition, as the composer shows it beside its rows."""
    wanted = office.reading.wanted(draft)
    rules = [office.reading.rule_of({"all": RULE["all"][: n + 1]}) for n in range(len(RULE["all"]))]
    steps = [replace(wanted, rule=rule) for rule in rules]
    began = time.perf_counter()
    await office.previewing.narrowing(steps, now=now)
    return time.perf_counter() - began


async def _longest_stall() -> float:
    """Until it is cancelled: the longest time in which nothing else could run."""
    longest = 0.0
    with suppress(asyncio.CancelledError):
        while True:
            now = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - now)
    return longest


def _memory() -> int:
    """Peak of this process so far, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def rows(people: int = PEOPLE) -> list[Row]:
    knowing = load_knowing()
    with running_postgres() as server:
        url = asyncio.run(make_database(server))
        found = asyncio.run(measure("PostgreSQL", url, people, knowing))
    with tempfile.TemporaryDirectory(prefix="shangan-bench-") as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        return found + asyncio.run(measure("SQLite", url, people, knowing))


if __name__ == "__main__":
    print_table(rows(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE))
    print(load_words())
