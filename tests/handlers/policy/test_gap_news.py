"""A question that has an answer now: who wished to hear is told once, in their chat, and the question is no gap."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time

import pytest
from sqlalchemy import select

from bot.app import App, build
from bot.clock import FixedClock, after_quiet
from bot.messages import Address, ChannelName
from bot.models import Conversation, Delivery
from bot.settings import Settings
from handlers.people.register import Register
from handlers.policy.gap_news import GAP_NEWS, GapNews, Settled
from handlers.policy.gaps import NoSuchGap, keep_gap
from handlers.policy.models import Gap
from tests.bureau import Person, knowing, wire_bureau

WORDS = "养老补贴几号发"
"""Stands for a question whose answer came with a later document."""
QUIET = (time(21), time(8))
SILENT = "申请创业补贴要带哪些材料"


@pytest.fixture
async def bureau(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[App]:
    async with build(settings_on_each, clock=clock, wire=wire_bureau) as app:
        yield app


async def person_who_wishes(bureau: App, name: str, channel: ChannelName = ChannelName.TERMINAL) -> Person:
    person = Person(bureau, name, region="洪湖市")
    person.address = Address(channel, name)
    await person.say(SILENT)
    await person.press("有了告诉我")
    return person


async def keep(bureau: App, person: Person, words: str = WORDS, *, tell: bool = True) -> int:
    async with bureau.database.transaction() as session:
        conversation = await session.scalar(select(Conversation.id).where(Conversation.chat == person.address.key))
        assert conversation is not None
        kept = await keep_gap(
            session,
            conversation,
            question=words,
            region="421083",
            reason="not_stated",
            tell=tell,
            now=bureau.clock.now(),
        )
    assert kept is not None
    return kept


async def settle(bureau: App, gap: int) -> Settled:
    news = GapNews(knowing().book, bureau.outbox, Register(), QUIET)
    async with bureau.database.transaction() as session:
        return await news.settle(session, gap, now=bureau.clock.now())


async def pushed_to(bureau: App, person: Person) -> list[str | None]:
    return [message.template for message in await bureau.conversation.history(person.address) if message.pushed]


async def test_who_wished_is_told_once_and_the_question_leaves_the_list(bureau: App) -> None:
    person = await person_who_wishes(bureau, "a")
    gap = await keep(bureau, person)
    await keep(bureau, person, "养老补贴是几号发")
    other = await person_who_wishes(bureau, "b")
    await keep(bureau, other)
    assert await settle(bureau, gap) == Settled(answered=3, told=2, open=())
    for one in (person, other):
        assert await pushed_to(bureau, one) == ["policy/gap_answered", "policy/answer"]
    with pytest.raises(NoSuchGap):
        await settle(bureau, gap)
    assert await pushed_to(bureau, person) == ["policy/gap_answered", "policy/answer"]
    async with bureau.database.reading() as session:
        assert set((await session.scalars(select(Gap.words))).all()) == {SILENT}


async def test_the_buttons_of_the_news_can_be_pressed(bureau: App) -> None:
    person = await person_who_wishes(bureau, "a")
    await settle(bureau, await keep(bureau, person))
    await person.say("看原文")
    assert person.templates[-1] == "policy/original"


async def test_who_did_not_wish_or_said_stop_since_is_left_alone(bureau: App) -> None:
    silent, stopped = Person(bureau, "a", region="洪湖市"), await person_who_wishes(bureau, "b")
    await silent.say(SILENT)
    gap = await keep(bureau, silent, tell=False)
    await keep(bureau, stopped)
    await stopped.say("以后别再给我发通知了，退订")
    assert await settle(bureau, gap) == Settled(answered=2, told=0, open=())
    assert await pushed_to(bureau, silent) == await pushed_to(bureau, stopped) == []


async def test_a_question_that_still_has_no_answer_stays_and_nobody_is_told(bureau: App) -> None:
    person = await person_who_wishes(bureau, "a")
    async with bureau.database.reading() as session:
        gap = (await session.scalars(select(Gap.id))).one()
    assert await settle(bureau, gap) == Settled(answered=0, told=0, open=(SILENT,))
    assert await pushed_to(bureau, person) == []
    with pytest.raises(NoSuchGap):
        await settle(bureau, gap + 1000)


async def test_news_of_a_pushing_channel_waits_for_the_morning(bureau: App, clock: FixedClock) -> None:
    person = await person_who_wishes(bureau, "7", ChannelName.TELEGRAM)
    gap = await keep(bureau, person)
    clock.set("2026-03-02T22:00:00+08:00")
    assert (await settle(bureau, gap)).told == 1
    async with bureau.database.reading() as session:
        rows = (await session.scalars(select(Delivery).where(Delivery.purpose == GAP_NEWS))).all()
    assert [row.due_at for row in rows] == [datetime(2026, 3, 3, 0, 0, tzinfo=UTC)] * 2


@pytest.mark.parametrize(
    ("at", "after"),
    [
        ("2026-03-02T20:59:00+08:00", "2026-03-02T20:59:00+08:00"),
        ("2026-03-02T21:00:00+08:00", "2026-03-03T08:00:00+08:00"),
        ("2026-03-03T07:59:00+08:00", "2026-03-03T08:00:00+08:00"),
        ("2026-03-03T08:00:00+08:00", "2026-03-03T08:00:00+08:00"),
    ],
)
def test_quiet_hours_span_midnight(at: str, after: str) -> None:
    assert after_quiet(datetime.fromisoformat(at), QUIET) == datetime.fromisoformat(after)
    assert after_quiet(datetime.fromisoformat(at), None) == datetime.fromisoformat(at)
