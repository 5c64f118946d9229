"""Kill it anywhere: every accepted message is answered once, timers act once, at most what was in flight repeats."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bot.app import build
from bot.clock import FixedClock
from bot.database import Database
from bot.messages import Address, ChannelName, Incoming
from bot.models import Conversation, Delivery, Message, Timer
from bot.settings import Settings
from tests.bot.crash_child import CHATS, EVENTS
from tests.fakes import FakeSender, sending, wire_fakes

PERSON = Address(ChannelName.TELEGRAM, "person", "7")


class Killed(BaseException):
    """Not an Exception: nothing may catch it and go on, as nothing goes on after a kill."""


@pytest.mark.parametrize(
    "step", ["understood", "locked", "recorded", "stepped", "worded", "before_commit", "committed"]
)
async def test_killed_between_two_steps_the_event_is_answered_once_when_it_comes_again(
    settings_on_each: Settings, clock: FixedClock, step: str
) -> None:
    def probe(reached: str) -> None:
        if reached == step:
            raise Killed

    event = Incoming(PERSON, "e1", "补多少")
    async with build(settings_on_each, clock=clock, wire=wire_fakes, probe=probe) as app:
        with pytest.raises(Killed):
            await app.conversation.respond(event)
    async with build(settings_on_each, clock=clock, wire=wire_fakes) as app:
        sender = FakeSender()
        app.courier.register(ChannelName.TELEGRAM, sender, bot="7", rate=0)
        shown = await app.conversation.respond(event)
        history = await app.conversation.history(PERSON)
        async with sending(app), asyncio.timeout(10):
            while len(sender.sent) < 2:  # noqa: ASYNC110  # a sender sets no event
                await asyncio.sleep(0.02)
    assert [message.text for message in shown][1:] == ["第 1 答：补多少"]
    assert len(history) == 3
    assert sender.texts() == [message.text for message in shown]


async def test_killed_while_an_error_is_written_down_the_retry_is_answered(
    settings: Settings, clock: FixedClock
) -> None:
    def probe(reached: str) -> None:
        if reached == "error_recorded":
            raise Killed

    event = Incoming(PERSON, "e1", "坏")
    async with build(settings, clock=clock, wire=wire_fakes, probe=probe) as app:
        with pytest.raises(Killed):
            await app.conversation.respond(event)
    async with build(settings, clock=clock, wire=wire_fakes) as app:
        assert [message.template for message in await app.conversation.respond(event)] == ["errors/internal"]
        assert len(await app.conversation.history(PERSON)) == 2


class Child:
    """One process of `crash_child`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, folder: Path, url: str) -> Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bot.crash_child", str(folder), url, "child", stdout=asyncio.subprocess.PIPE
        )
        return cls(process)

    async def until(self, word: str) -> None:
        assert self._process.stdout is not None
        async with asyncio.timeout(60):
            while (line := await self._process.stdout.readline()).strip() != word.encode():
                assert line, "the child ended by itself"

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


async def test_sqlite_process_killed_again_and_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'crash.sqlite3'}"
    prepare(tmp_path)
    kills = 3
    for _ in range(kills):
        child = await Child.start(tmp_path, url)
        await child.until("ready")
        await asyncio.sleep(random.uniform(0.02, 0.4))  # the very point: killed anywhere
        await child.kill()
    last = await Child.start(tmp_path, url)
    try:
        await last.until("done")
        await check(Database(f"sqlite+aiosqlite:///{tmp_path / 'crash.sqlite3'}"), tmp_path, kills=kills)
    finally:
        await last.kill()


@pytest.mark.postgres
async def test_postgres_processes_killed_while_others_go_on(tmp_path: Path, postgres_url: str) -> None:
    prepare(tmp_path)
    kills = 2
    survivor, victim = await asyncio.gather(*(Child.start(tmp_path, postgres_url) for _ in range(2)))
    try:
        await survivor.until("ready")
        for _ in range(kills):
            await victim.until("ready")
            await asyncio.sleep(random.uniform(0.02, 0.4))
            await victim.kill()
            victim = await Child.start(tmp_path, postgres_url)
        await survivor.until("done")
        await victim.until("done")
        await check(Database(postgres_url), tmp_path, kills=kills)
    finally:
        await asyncio.gather(survivor.kill(), victim.kill())


def prepare(folder: Path) -> None:
    for name in ("taken.log", "sent.log"):
        (folder / name).touch()
    (folder / "clock").write_text("2026-03-02T09:00:00+08:00", encoding="utf-8")


async def check(database: Database, folder: Path, *, kills: int) -> None:
    """Everything came to an end, and exactly once where once was promised."""
    await until_all_is_settled(database, folder)
    wanted = [f"答 {n + 1} {part}" for n in range(len(EVENTS)) for part in "甲乙"]
    reminders = Counter(f"提醒 {n + 1}" for n in range(len(EVENTS)))
    sent = [line.partition("|") for line in (folder / "sent.log").read_text(encoding="utf-8").splitlines()]
    async with database.reading() as session:
        for conversation in await session.scalars(select(Conversation)):
            rows = (
                await session.scalars(
                    select(Message).where(Message.conversation_id == conversation.id).order_by(Message.seq)
                )
            ).all()
            assert Counter(row.event_id for row in rows if row.event_id) == Counter(EVENTS)
            assert [row.text for row in rows if row.text.startswith("答")] == wanted
            assert Counter(row.text for row in rows if row.text.startswith("提醒")) == reminders
            assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
            left = [text for chat, _, text in sent if chat == conversation.chat]
            answers = [text for text in left if text.startswith("答")]
            assert list(dict.fromkeys(answers)) == wanted, "out of order, or lost"
            assert Counter(set(left))["提醒 1"] == 1
            # For each kill at most one bubble in flight of each class in a chat.
            assert len(left) - len(set(left)) <= 2 * kills
        chats = await session.scalars(select(Conversation.chat))
        assert sorted(chats) == CHATS
    await database.close()


async def until_all_is_settled(database: Database, folder: Path) -> None:
    """Leases of the dead run out, made older only when nothing else is left to wait for; the clock moves on too."""
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    waiting, since = -1, 0.0
    async with asyncio.timeout(50):
        while waiting != 0:
            now = asyncio.get_running_loop().time()
            if (found := await count_waiting(database)) != waiting:
                waiting, since = found, now
            elif now - since > 2.5:
                at, since = at + timedelta(minutes=2), now
                (folder / "clock").write_text(at.isoformat(), encoding="utf-8")
                await make_leases_older(database, seconds=120)
            await asyncio.sleep(0.1)


async def make_leases_older(database: Database, *, seconds: float) -> None:
    async with database.transaction() as session:
        for model in (Delivery, Timer):
            await session.execute(update(model).values(free_at=model.free_at - seconds))


async def count_waiting(database: Database) -> int:
    async with database.reading() as session:
        counts = [
            await session.scalar(select(func.count()).where(model.state == "wait")) for model in (Delivery, Timer)
        ]
        return sum(count or 0 for count in counts)
