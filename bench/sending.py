"""A campaign through a strict local Bot API: how fast with the limit off, how even at 28 a second, what replies feel.

A smaller number for a check: `python -m bench.sending 600`. The parts: `speed`, `rate`, `replies`.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from bench.asking import introduction, questions
from bench.campaign_fill import fill
from bench.driving import Figures, Wire, drive
from bench.postgres import make_database, running_postgres
from bench.processes import serving
from bench.table import Row, load_words, print_table
from bench.webchat import ChatClient
from bot.database import Database
from bot.migrations import upgrade
from bot.settings import load_settings
from handlers.notices import office  # noqa: F401  # all tables to which a campaign's keys point
from handlers.notices.models import Campaign
from tests.telegram.server import FakeTelegram

MESSAGES = 10_000
"""Of each run; replies are measured beside ten times as many."""
BARE = 2_000
RUNS = 3
"""Campaigns without limit; the median counts."""
AT_ONCE = 8
"""Bare calls together: python-telegram-bot is at its best there; 64 through its one pool are a seventh as fast."""
RATE, MOST_A_SECOND = 28.0, 30
SPEED_AIM, RATE_AIM, REPLIES_AIM = 250.0, 0.03, 1.5
TALKERS, TALK_SECONDS = 4, 20.0
TEXT = "周六上午9点，新堤街道有招聘会，30家单位到场。"
EVERYBODY = {"any": [{"region": ["421083"]}, {"region": ["420100"]}]}


async def send_bare(url: str, token: str, count: int) -> None:
    """What python-telegram-bot's send_message alone costs; run in a process of its own."""
    from telegram import Bot
    from telegram.request import HTTPXRequest

    requests = [HTTPXRequest(connection_pool_size=AT_ONCE) for _ in range(2)]
    bot = Bot(token, base_url=f"{url}/bot", request=requests[0], get_updates_request=requests[1])
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await bot.send_message(200_000_000 + number, TEXT)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def bare(telegram: FakeTelegram) -> float:
    """Messages a second."""
    before = len(telegram.sent)
    command = (sys.executable, "-m", "bench.sending", "bare", telegram.url, telegram.token, str(BARE))
    process = await asyncio.create_subprocess_exec(*command)
    await process.wait()
    return rate_of([message.at for message in telegram.sent[before:]])


def rate_of(times: Sequence[float]) -> float:
    """Over the middle four fifths: neither the start nor the last stragglers."""
    low, high = len(times) // 10, len(times) * 9 // 10
    return (high - low) / (times[high] - times[low])


def most_in_a_second(times: Sequence[float]) -> int:
    return max(bisect_right(times, at + 1.0) - place for place, at in enumerate(times))


async def add_people(url: str, people: int, bot: str) -> None:
    database = Database(load_settings({"SHANGAN_DATABASE_URL": url}).async_database_url)
    await upgrade(database)
    await fill(database, people, bot=bot)
    await database.close()


async def start_campaign(url: str) -> None:
    """To all of them; whoever serves sends it."""
    database = Database(load_settings({"SHANGAN_DATABASE_URL": url}).async_database_url)
    now = datetime.now(UTC)
    async with database.transaction() as session:
        session.add(
            Campaign(
                kind="policy",
                state="running",
                title="招聘会",
                region="420000",
                texts={"all": TEXT},
                audience=EVERYBODY,
                recent_days=0,
                started_at=now,
                created_at=now,
                updated_at=now,
            )
        )
    await database.close()


async def campaign_times(server: str, messages: int, *, rate: float, processes: int) -> list[float]:
    """When each message of a campaign arrived."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(FakeTelegram())
        url = await make_database(server)
        # Seven tenths of those filled in agreed and talk on Telegram.
        await add_people(url, int(messages / 0.69), telegram.token.partition(":")[0])
        for _ in range(processes):
            await stack.enter_async_context(serving("policy", **served(telegram, url, rate)))
        await start_campaign(url)
        try:
            await telegram.until(lambda: len(telegram.sent) >= messages, deadline=60 + messages / 20)
        finally:
            assert telegram.violations == []
        return [message.at for message in telegram.sent[:messages]]


def served(telegram: FakeTelegram, url: str, rate: float) -> dict[str, str]:
    """Settings of a process that serves."""
    bot = {"telegram_token": telegram.token, "telegram_base_url": telegram.url, "telegram_rate": f"{rate:g}"}
    return {**bot, "database_url": url, "quiet_hours": ""}


async def measure_speed(server: str, messages: int) -> list[Row]:
    async with FakeTelegram() as telegram:
        floor = await bare(telegram)
    runs = [rate_of(await campaign_times(server, messages, rate=0.0, processes=1)) for _ in range(RUNS)]
    found = statistics.median(runs)
    note = f"{found / floor:.2f} of the floor; runs {', '.join(f'{run:.0f}' for run in runs)}"
    row = Row(
        "campaign, one process, no limit", found, "msg/s", "bare send_message", floor, aim=f"≥ {SPEED_AIM:g}", note=note
    )
    return [Row(**{**row.__dict__, "ok": found >= SPEED_AIM})]


async def measure_rate(server: str, messages: int) -> list[Row]:
    rows = []
    for processes in (1, 2):
        times = await campaign_times(server, messages, rate=RATE, processes=processes)
        mean, most = rate_of(times), most_in_a_second(times)
        ok = abs(mean / RATE - 1) <= RATE_AIM and most <= MOST_A_SECOND
        rows.append(
            Row(
                f"campaign at {RATE:g}/s, processes: {processes}",
                mean,
                "msg/s",
                aim=f"± {RATE_AIM:.0%}, ≤ {MOST_A_SECOND} in any second",
                ok=ok,
                note=f"{most} in the fullest second, of {len(times):,}",
            )
        )
    return rows


async def measure_replies(server: str, messages: int) -> list[Row]:
    """Web chat answers of a process that sends nothing, and of the same with a campaign on its way."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(FakeTelegram())
        url = await make_database(server)
        await add_people(url, messages, telegram.token.partition(":")[0])
        running = await stack.enter_async_context(serving("policy", **served(telegram, url, RATE)))
        talkers = [ChatClient(await Wire.open(running.url)) for _ in range(TALKERS)]
        for number, talker in enumerate(talkers):
            stack.push_async_callback(talker.close)
            await talker.say(introduction(number))
        words = [questions(number, TALKERS) for number in range(TALKERS)]
        await drive(talkers, words, seconds=2.0)
        idle = Figures.of(*await drive(talkers, words, seconds=TALK_SECONDS))
        await start_campaign(url)
        await telegram.until(lambda: len(telegram.sent) > 10, deadline=60)
        busy = Figures.of(*await drive(talkers, words, seconds=TALK_SECONDS))
    ratio = busy.p95 / idle.p95
    aim = f"≤ {REPLIES_AIM:g} of idle"
    name = f"web chat p95 beside a campaign of {messages:,}"
    return [Row(name, busy.p95, "ms", "no campaign", idle.p95, aim=aim, ok=ratio <= REPLIES_AIM, note=f"{ratio:.2f}")]


PARTS = {"speed": measure_speed, "rate": measure_rate, "replies": measure_replies}


def rows(messages: int = MESSAGES, parts: Sequence[str] = tuple(PARTS)) -> list[Row]:
    found: list[Row] = []
    with running_postgres() as server:
        for part in parts:
            found += asyncio.run(PARTS[part](server, messages * 10 if part == "replies" else messages))
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        asyncio.run(send_bare(sys.argv[2], sys.argv[3], int(sys.argv[4])))
    else:
        given = [int(word) for word in sys.argv[1:] if word.isdigit()]
        named = [word for word in sys.argv[1:] if word in PARTS]
        print_table(rows(*given[:1], **({"parts": named} if named else {})))
        print(load_words())
