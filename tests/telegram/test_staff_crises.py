"""Somebody in danger is alerted in the staff chat until one of the staff takes it: real HTTP, strict local server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.app import App
from bot.clock import FixedClock
from bot.staff import audit
from handlers.policy.models import Crisis
from tests.telegram.server import FakeTelegram
from tests.telegram.staff import CHEN, FISHER, GROUP, LI, STRANGER, ZHOU, Member, bureau_at, employ, quick_settings

DANGER = "我是洪湖的，老伴走了，我也不想活了，今晚就喝农药"


@pytest.fixture
async def bureau(server: FakeTelegram, tmp_path: Path, clock: FixedClock) -> AsyncIterator[App]:
    settings = quick_settings(server, tmp_path).model_copy(update={"telegram_staff_chat": str(GROUP)})
    async with bureau_at(settings, clock) as app:
        await employ(app, clock.now())
        yield app


async def crisis_of(app: App) -> Crisis:
    async with app.database.reading() as session:
        return (await session.scalars(select(Crisis))).one()


async def test_who_presses_first_has_it_the_second_is_told_who_and_it_is_told_no_more(
    bureau: App, server: FakeTelegram, clock: FixedClock
):
    server.user(FISHER).sends(DANGER)
    first = await server.expect_message(GROUP, "紧急")
    assert first.labels == ["我来接手"]
    assert "农药" not in first.text
    clock.advance(minutes=10)
    again = await server.expect_message(GROUP, "还没人接手")
    Member(server, ZHOU).presses("我来接手", message=again)
    await server.expect_message(GROUP, "zhou接手了")
    Member(server, LI).presses("我来接手", message=first)
    await server.expect_message(GROUP, "已经由 zhou 先接手了")
    assert (await crisis_of(bureau)).taken_by == "zhou"
    clock.advance(minutes=30)
    Member(server, ZHOU).sends("/note")
    await server.expect_message(GROUP, "哪一件")
    assert len([text for text in server.texts(GROUP) if text.startswith("紧急")]) == 2


async def test_a_stranger_and_a_clerk_of_another_county_take_nothing(bureau: App, server: FakeTelegram):
    server.user(FISHER).sends(DANGER)
    await server.expect_message(GROUP, "紧急")
    Member(server, STRANGER).presses("我来接手")
    await server.expect_message(GROUP, "只有登记过的工作人员")
    Member(server, CHEN).presses("我来接手")
    await server.expect_message(GROUP, "不归您管")
    assert (await crisis_of(bureau)).taken_at is None
    async with bureau.database.reading() as session:
        entries = await audit.list_entries(session)
    refused = [entry for entry in entries if entry.action == "refused"]
    assert [(entry.actor_kind, entry.subject_id) for entry in refused] == [("stranger", str(STRANGER))]


async def test_words_that_answer_an_alert_reach_nobody(bureau: App, server: FakeTelegram):
    server.user(FISHER).sends(DANGER)
    alert = await server.expect_message(GROUP, "紧急")
    before = len(server.texts(FISHER))
    Member(server, ZHOU).answers(alert, "我去他家看看")
    await server.expect_message(GROUP, "/done 办结")
    assert len(server.texts(FISHER)) == before
