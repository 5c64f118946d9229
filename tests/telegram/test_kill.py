"""kill -9 at any instant: every message is answered, and at most one bubble a chat comes twice for each kill."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.database import Database
from bot.keys import load_keys
from bot.settings import load_settings
from handlers.tickets.models import Attachment, Ticket
from handlers.tickets.timeline import Timeline
from tests.telegram.server import FakeTelegram
from tests.telegram.staff import FISHER, JPEG, until_fetched

ROOT = Path(__file__).parents[2]
STEPS = ("recorded", "before_commit", "committed", "sent", "settled")

UNPAID_AT_ONCE = (
    ("我是洪湖市新堤街道的，养老保险补贴去年的一直没给我，要求给我补上，我叫张水生，电话13800138000", "要不要保密"),
    ("", "收到了"),
    ("可以告诉", "还没交"),
    ("没错，交上去", "登记好了"),
)
"""What the fisher says and hears; without words it is a photo."""


@contextmanager
def process(server: FakeTelegram, folder: Path, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """The conversation of `serving.py`, so that every reply is known."""
    command = ["-m", "tests.telegram.serve_echo", server.url, server.token, str(folder), *more]
    with _started(folder, command, dict(os.environ)) as running:
        yield running


@contextmanager
def shangan_serve(server: FakeTelegram, folder: Path, database_url: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """The program itself, as a bureau runs it."""
    settings = {
        "SHANGAN_DATA_DIR": str(folder / "data"),
        "SHANGAN_DATABASE_URL": database_url,
        "SHANGAN_HTTP_PORT": "0",
        "SHANGAN_TELEGRAM_TOKEN": server.token,
        "SHANGAN_TELEGRAM_BASE_URL": server.url,
    }
    with _started(folder, ["-m", "bot", "serve"], {**os.environ, **settings}) as running:
        yield running


@contextmanager
def _started(folder: Path, command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with (
        (folder / "log").open("ab") as log,
        subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=log) as running,
    ):
        try:
            yield running
        finally:
            running.kill()


async def polls(server: FakeTelegram, running: subprocess.Popen[bytes]) -> None:
    """Waits until this process polls."""
    before = len(server.called("getUpdates"))
    await server.until(lambda: len(server.called("getUpdates")) > before or running.poll() is not None, deadline=30)


def repeats(server: FakeTelegram, chat: int) -> int:
    return sum(count - 1 for count in Counter(server.texts(chat)).values())


async def test_killed_at_every_step_of_the_work(server: FakeTelegram, tmp_path: Path):
    expected: set[str] = set()
    for step in STEPS:
        for words in (f"两条 {step} 甲", f"两条 {step} 乙"):
            server.user(7).sends(words)
            expected |= {f"一：{words}", f"二：{words}"}
        with process(server, tmp_path, step, "2") as running:
            await server.until(lambda running=running: running.poll() is not None, deadline=30, what=step)
    with process(server, tmp_path):
        await server.until(lambda: expected <= set(server.texts(7)), deadline=30, what="all replies")
    order = [text for text in dict.fromkeys(server.texts(7)) if "两条" in text]
    assert order == [f"{n}：两条 {step} {words}" for step in STEPS for words in "甲乙" for n in "一二"]
    assert repeats(server, 7) <= len(STEPS)


async def test_killed_at_random_again_and_again(server: FakeTelegram, tmp_path: Path):
    chance = random.Random(20261123)
    chats, sent, kills = range(1, 7), 0, 0
    expected: dict[int, set[str]] = {chat: set() for chat in chats}
    loop = asyncio.get_running_loop()
    end = loop.time() + 7
    server.drops("sendMessage", accepted=True)
    while loop.time() < end or kills < 2:  # a slow machine may need longer for two
        with process(server, tmp_path) as running:
            await polls(server, running)
            for chat in chats:
                sent += 1
                server.user(chat).sends(f"两条 {sent}")
                expected[chat] |= {f"一：两条 {sent}", f"二：两条 {sent}"}
                await asyncio.sleep(chance.uniform(0, 0.06))
            running.kill()
            kills += 1
    with process(server, tmp_path):
        await server.until(
            lambda: all(expected[chat] <= set(server.texts(chat)) for chat in chats), deadline=30, what="all replies"
        )
    # One for each kill, and one for the answer that was dropped on purpose.
    assert all(repeats(server, chat) <= kills + 1 for chat in chats)


@pytest.mark.postgres
async def test_of_two_processes_the_other_goes_on_where_the_first_was_killed(
    server: FakeTelegram, tmp_path: Path, postgres_url: str
):
    with (
        process(server, tmp_path, "before_commit", "2", postgres_url) as first,
        process(server, tmp_path, "before_commit", "2", postgres_url) as second,
    ):
        await polls(server, first)
        server.user(7).sends("两条 甲")
        await server.until(lambda: "二：两条 甲" in server.texts(7), deadline=30)
        server.user(7).sends("两条 乙")
        await server.until(lambda: "二：两条 乙" in server.texts(7), deadline=30)
        assert [first.poll(), second.poll()].count(None) == 1
    assert repeats(server, 7) == 0


async def test_the_program_itself_is_killed_and_answers_everybody(server: FakeTelegram, tmp_path: Path):
    chance = random.Random(1123)
    chat = kills = 0
    while kills < 3:
        with shangan_serve(server, tmp_path) as running:
            await polls(server, running)
            for _ in range(5):
                chat += 1
                server.user(chat).sends("在洪湖招退捕渔民，企业有补贴吗")
                await asyncio.sleep(chance.uniform(0, 0.1))
            running.kill()
            kills += 1
    with shangan_serve(server, tmp_path):
        # The greeting and an answer.
        await server.until(lambda: all(len(server.texts(one)) >= 2 for one in range(1, chat + 1)), deadline=30)
    assert all(repeats(server, one) <= kills for one in range(1, chat + 1))
    log = (tmp_path / "log").read_text()
    assert "洪湖" not in log
    assert server.token not in log


async def test_a_photo_on_its_way_when_it_is_killed_is_fetched_once_and_its_ticket_is_whole(
    server: FakeTelegram, tmp_path: Path, database_url: str
):
    server.files["file-2"] = JPEG
    server.hangs("getFile")
    server.hangs("download")
    person, database = server.user(FISHER), Database(database_url)
    with shangan_serve(server, tmp_path, database_url) as running:
        for words, answered in UNPAID_AT_ONCE:
            if words:
                person.sends(words)
            else:
                person.sends_media("photo")
            await server.expect_message(FISHER, answered, deadline=60)
        await server.until(lambda: server.called("getFile"))
        running.kill()
    assert server.downloads == []
    with shangan_serve(server, tmp_path, database_url) as running:
        await server.until(lambda: server.downloads, deadline=60, what="the file half way")
        running.kill()
    async with database.reading() as session:
        assert (await session.scalars(select(Attachment.reference))).all() == ["file-2"]
    with shangan_serve(server, tmp_path, database_url) as running:
        kept = await until_fetched(database)
        running.terminate()
        await server.until(lambda: running.poll() is not None, deadline=30, what="the end")
    assert (kept.content, kept.media_type) == (JPEG, "image/jpeg")
    assert server.downloads == ["file-2"] * 2  # one that nobody was there any more to take, and one
    async with database.reading() as session:
        assert (await session.scalars(select(Attachment.ticket_id))).all() == [kept.ticket_id]
        assert (await session.scalars(select(Ticket.id))).all() == [kept.ticket_id]
        keys = load_keys(load_settings({}, data_dir=tmp_path / "data"))
        assert [broken async for broken in Timeline(keys.derive("tickets.timeline")).verify(session)] == []
    await database.close()
    assert repeats(server, FISHER) <= 2


async def test_asked_to_stop_it_acknowledges_and_ends_soon(server: FakeTelegram, tmp_path: Path):
    with shangan_serve(server, tmp_path) as running:
        await polls(server, running)
        last = server.user(7).sends("在吗")
        await server.expect_message(7, deadline=20)
        running.terminate()
        await server.until(lambda: running.poll() is not None, deadline=10, what="the end")
        assert running.returncode == 0
    assert server.confirmed == last + 1
