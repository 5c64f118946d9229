"""What the policy dialogue writes and keeps, on both databases, through the front door."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.app import App, build
from bot.clock import FixedClock
from bot.messages import ChoiceKind
from bot.models import Conversation, Delivery, Message
from bot.settings import Settings, load_settings
from handlers.people.models import Consent
from handlers.people.models import Person as PersonRow
from handlers.people.person import Purpose
from handlers.policy.memory import Memory, read_memory, write_memory
from handlers.policy.models import Crisis, Feedback, Gap
from tests.bureau import Person, wire_bureau


@pytest.fixture
async def bureau(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[App]:
    async with build(settings_on_each, clock=clock, wire=wire_bureau) as app:
        yield app


async def count(app: App, model: type[object]) -> int:
    async with app.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def test_deleting_leaves_no_word_and_no_link(bureau: App) -> None:
    person = Person(bureau, region="洪湖市")
    await person.say("申请创业补贴要带哪些材料")
    await person.press("有了告诉我")
    await person.say("养老补贴哪天发")
    await person.press("有用")
    await person.say("我不想活了")
    await person.say("删除我的资料")
    await person.press("都删掉")
    async with bureau.database.reading() as session:
        words = (await session.scalars(select(Message.text).where(Message.forgotten))).all()
        assert set(words) == {""}
        for model in (Gap, Feedback, Crisis):
            assert (await session.scalars(select(model.conversation_id))).all() == [None]  # type: ignore[attr-defined]
        states = (await session.scalars(select(Conversation.states))).one()
    assert set(states) <= {"people"}
    assert await count(bureau, PersonRow) == 0
    assert await count(bureau, Consent) == 0


async def test_consent_is_kept_and_taken_back_with_the_notices(bureau: App) -> None:
    person = Person(bureau, region="洪湖市")
    await person.say("申请创业补贴要带哪些材料")
    await person.press("有了告诉我")
    async with bureau.database.reading() as session:
        given_for = (await session.execute(select(Consent.purpose, Consent.given))).all()
    assert [tuple(row) for row in given_for] == [(Purpose.GAP_NEWS, True)]
    await person.say("以后别再给我发通知了，退订")
    async with bureau.database.reading() as session:
        assert set((await session.scalars(select(Consent.given))).all()) == {False}


async def test_an_event_told_twice_keeps_one_gap(bureau: App) -> None:
    person = Person(bureau, region="洪湖市")
    await person.say("申请创业补贴要带哪些材料")
    person._turns = 0  # the same event again
    await person.say("申请创业补贴要带哪些材料")
    assert await count(bureau, Gap) == 1


async def test_danger_alerts_the_staff_chat_without_words(settings: Settings, clock: FixedClock) -> None:
    with_staff = load_settings(
        {}, data_dir=settings.data_dir, http_port=0, telegram_token="1:token", telegram_staff_chat="-100200"
    )
    async with build(with_staff, clock=clock, wire=wire_bureau) as app:
        person = Person(app, region="洪湖市")
        await person.say("老伴走了，我也不想活了，今晚就喝农药")
        assert person.templates == ["policy/crisis"]
        async with app.database.reading() as session:
            delivery = (await session.scalars(select(Delivery))).one()
            crisis = (await session.scalars(select(Crisis))).one()
            alert = (await session.scalars(select(Message).where(Message.template == "policy/crisis_alert"))).one()
    assert (delivery.chat, delivery.priority, delivery.purpose) == ("-100200", 1, f"crisis:{crisis.reference}")
    assert crisis.reference in alert.text
    assert "农药" not in alert.text
    assert "通知了" not in person.text


async def test_saying_again_repeats_the_card_with_its_buttons(bureau: App) -> None:
    person = Person(bureau, region="武汉市")
    (first,) = await person.say("返乡创业补贴给多少钱")
    for _ in range(2):
        (again,) = await person.say("重听")
        assert (again.template, again.data, again.text) == (first.template, first.data, first.text)
        assert [(one.label, one.kind) for one in again.choices] == [(one.label, one.kind) for one in first.choices]
    assert {ChoiceKind.USEFUL, ChoiceKind.USELESS, ChoiceKind.CLAUSE} <= {one.kind for one in again.choices}
    await person.press("看原文")
    assert person.templates == ["policy/original"]


async def test_the_place_given_at_the_first_line_is_kept_though_a_command_came_first(bureau: App) -> None:
    person = Person(bureau, region="洪湖市")
    await person.say("/start")
    assert await person.place() == "洪湖市"
    await person.say("养老补贴哪天发")
    assert "8月底前" in person.text


async def test_a_place_that_is_none_is_passed_over(bureau: App) -> None:
    person = Person(bureau, region="xyz")
    await person.say("你好")
    assert await person.place() is None


def test_a_memory_survives_its_json(clock: FixedClock) -> None:
    memory = Memory(question="补多少", told=(("p", "q", ("a",)),), places=("洪湖市",), awaiting="place")
    again = read_memory(write_memory(memory, clock.now()), clock.now())
    assert (again.question, again.told, again.places, again.awaiting) == ("补多少", memory.told, ("洪湖市",), "place")


def test_a_topic_is_forgotten_after_a_day(clock: FixedClock) -> None:
    state = write_memory(Memory(question="补多少"), clock.now())
    clock.advance(hours=25)
    assert read_memory(state, clock.now()).question == ""


USUAL = ("武汉呢", "？", "1", "2", "不晓得", "我是海南的", "帮我看看我能不能领创业补贴", "0", "重听", "换地方", "没用")
WORDS = st.one_of(st.text(max_size=60), st.sampled_from([*USUAL, "是的", "我不想活了", "说简单点", "先不对了"]))


@given(st.lists(WORDS, min_size=1, max_size=6))
@examples(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_message_gets_a_reply_and_none_is_an_apology(app_of_bureau: App, said: list[str]) -> None:
    person = Person(app_of_bureau, name=f"p{hash(tuple(said))}")
    for words in said:
        await person.say(words)
        assert person.shown
        assert "errors/internal" not in person.templates, words


@pytest.fixture
async def app_of_bureau(settings: Settings, clock: FixedClock) -> AsyncIterator[App]:
    async with build(settings, clock=clock, wire=wire_bureau) as app:
        yield app
