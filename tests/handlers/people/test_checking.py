"""Check-ins over simulated time: asked in working hours, answered by button and word; silence makes a task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.clock import LOCAL, FixedClock
from bot.models import Message, Timer
from handlers.people.models import CheckIn, PersonTask, Wish
from handlers.people.person import Purpose
from tests.bureau import Person
from tests.handlers.people.conftest import House


@pytest.fixture
def clock() -> FixedClock:
    """Saturday, 4 July 2026, ten in the morning: ninety days later is the second day of 国庆."""
    return FixedClock("2026-07-04T10:00:00+08:00")


async def agreed(house: House, *, employment: str = "employed") -> Person:
    """Somebody of 螺山镇 with work, who may be asked."""
    person = Person(house.app, region="洪湖市螺山镇")
    await person.say("补充资料")
    await person.say("好")
    conversation = await house.conversation_of(person)
    async with house.app.database.transaction() as session:
        row = await house.register.open(session, conversation, now=house.clock.now())
        row.employment, row.village = employment, "界牌村"
    await person.say("先到这")
    await person.say("恢复回访")
    async with house.app.database.reading() as session:
        assert (await house.register.read_profile(session, conversation)).may(Purpose.CHECK_INS)
    return person


async def run_until(house: House, end: datetime, *, step: timedelta = timedelta(hours=6)) -> None:
    """Let time pass, the timers acting as they fall due."""
    while house.clock.now() < end:
        house.clock.advance(seconds=min(step, end - house.clock.now()).total_seconds())
        while await house.app.timers.act_once():
            pass


async def asked(house: House) -> Sequence[datetime]:
    """When the first question of each check-in was asked, in local time."""
    async with house.app.database.reading() as session:
        found = await session.scalars(select(CheckIn.asked_at).order_by(CheckIn.id))
        return [at.astimezone(LOCAL) for at in found]


async def tasks(house: House) -> list[tuple[str, str, str]]:
    async with house.app.database.reading() as session:
        rows = await session.execute(
            select(PersonTask.reason, PersonTask.state, PersonTask.village).order_by(PersonTask.id)
        )
        return [tuple(row) for row in rows]


async def check_in(house: House) -> CheckIn:
    async with house.app.database.reading() as session:
        (row,) = (await session.scalars(select(CheckIn))).all()
    return row


def day(words: str) -> datetime:
    return datetime.fromisoformat(f"{words}+08:00")


async def test_nobody_is_asked_in_the_holidays_but_on_the_first_working_morning(house: House) -> None:
    await agreed(house)
    await run_until(house, day("2026-10-08T08:29"), step=timedelta(hours=12))
    assert await asked(house) == []
    await run_until(house, day("2026-10-08T08:31"))
    (at,) = await asked(house)
    assert (at.hour, at.minute) == (8, 31)  # the clock moved in one step


async def test_a_month_of_silence_is_two_questions_and_one_task(house: House) -> None:
    await agreed(house)
    await run_until(house, day("2026-10-08T08:31"), step=timedelta(days=5))
    await run_until(house, day("2026-11-10T12:00"))
    moments = await asked(house)
    assert len(moments) == 2
    for at in moments:
        assert at.weekday() < 5
        assert 8 <= at.hour < 18
    assert await tasks(house) == [("silent", "open", "界牌村")]
    async with house.app.database.reading() as session:
        states = (await session.scalars(select(CheckIn.state))).all()
        texts = (await session.scalars(select(Message.template).where(Message.template == "people/check_in"))).all()
    assert list(states) == ["silent", "silent"]
    assert len(texts) == 2


async def first_question(house: House) -> Person:
    person = await agreed(house)
    await run_until(house, day("2026-10-08T08:31"), step=timedelta(days=5))
    return person


async def test_answers_by_button_end_after_three_questions(house: House) -> None:
    person = await first_question(house)
    await person.say("有活干")
    assert person.templates[-1] == "people/check_in"
    await person.press("差不多")
    await person.press("不学")
    assert person.templates == ["people/check_in_done"]
    row = await check_in(house)
    assert (row.state, row.employment, row.income, row.training) == ("answered", "employed", "same", False)
    assert await tasks(house) == []


async def test_free_words_may_answer_all_at_once(house: House) -> None:
    person = await first_question(house)
    await person.say("还在厂里上班，工资比以前少了，想学叉车")
    assert person.templates[-1] == "people/check_in_done"
    row = await check_in(house)
    assert (row.employment, row.income, row.training) == ("employed", "down", True)
    assert await tasks(house) == [("income_down", "open", "界牌村")]
    async with house.app.database.reading() as session:
        assert (await session.scalars(select(Wish.trade))).all() == ["forklift"]


async def test_a_job_lost_is_a_task_at_once_and_only_one(house: House) -> None:
    person = await first_question(house)
    await person.say("厂子倒了，没活干了")
    assert await tasks(house) == [("job_lost", "open", "界牌村")]
    await person.say("不学")
    assert person.templates == ["people/check_in_done"]
    row = await house.row_of(person)
    assert row is not None
    assert row.employment == "unemployed"
    await run_until(house, house.clock.now() + timedelta(days=30), step=timedelta(days=1))
    assert len(await tasks(house)) == 1


async def test_a_question_in_between_is_answered_and_the_check_in_waits(house: House) -> None:
    person = await first_question(house)
    await person.say("养老补贴哪天发")
    assert "policy/answer" in person.templates
    await person.say("有活干")
    assert person.templates == ["people/check_in"]


async def test_who_says_stop_is_asked_no_more(house: House) -> None:
    person = await first_question(house)
    await person.say("别问我了")
    async with house.app.database.reading() as session:
        kinds = (await session.scalars(select(Timer.kind).where(Timer.kind == "people.check_in"))).all()
    assert list(kinds) == []
    await run_until(house, house.clock.now() + timedelta(days=120), step=timedelta(days=3))
    assert len(await asked(house)) == 1
    assert await tasks(house) == []


async def test_who_is_weary_of_the_questions_is_asked_no_more(house: House) -> None:
    person = await asked_once(house)
    await person.say("莫问了")
    assert person.templates[-1] == "people/check_ins_noted"
    async with house.app.database.reading() as session:
        profile = await house.register.read_profile(session, await house.conversation_of(person))
        timers = (await session.scalars(select(Timer.kind).where(Timer.kind == "people.check_in"))).all()
    assert Purpose.CHECK_INS in profile.refused
    assert list(timers) == []


async def test_short_answers_of_every_tongue_are_answers(house: House) -> None:
    person = await asked_once(house)
    await person.say("还在做")
    assert person.templates[-1] == "people/check_in"
    await person.say("老样子")
    await person.say("没得")
    assert person.templates == ["people/check_in_done"]
    row = await check_in(house)
    assert (row.employment, row.income, row.training) == ("employed", "same", False)


async def test_no_work_is_said_in_two_characters(house: House) -> None:
    person = await asked_once(house)
    await person.say("没得")
    assert await tasks(house) == [("job_lost", "open", "界牌村")]


@pytest.mark.parametrize("words", ["我病了在住院，干不动", "我妈开刀了，我在照顾"])
async def test_who_is_ill_is_looked_after_and_nothing_of_it_is_kept(house: House, words: str) -> None:
    person = await asked_once(house)
    await person.say(words)
    assert person.templates[-1] == "people/check_in_done"
    assert await tasks(house) == [("in_trouble", "open", "界牌村")]
    row, kept = await check_in(house), await house.row_of(person)
    assert kept is not None
    assert (row.state, row.employment, kept.employment) == ("answered", "", "employed")
    async with house.app.database.reading() as session:
        assert (await session.scalars(select(PersonTask.words))).all() == [""]


async def test_what_is_paid_in_hospital_is_a_question(house: House) -> None:
    person = await asked_once(house)
    await person.say("住院能领补贴吗")
    assert "people/check_in_done" not in person.templates
    assert await tasks(house) == []


async def test_who_was_deleted_is_asked_no_more(house: House) -> None:
    person = await first_question(house)
    await person.say("删除我的资料")
    await person.press("都删掉")
    await run_until(house, house.clock.now() + timedelta(days=120), step=timedelta(days=3))
    assert await asked(house) == []


async def asked_once(house: House) -> Person:
    """Somebody with work, before whom the first question stands."""
    person = await agreed(house)
    await run_until(house, house.clock.now() + timedelta(days=100))
    return person


async def test_an_answer_that_was_not_meant_is_taken_back_with_its_task(house: House) -> None:
    person = await asked_once(house)
    await person.say("没活干了")
    assert await tasks(house) == [("job_lost", "open", "界牌村")]
    await person.say("说错了")
    assert person.templates == ["people/check_in"]
    assert await tasks(house) == []
    await person.say("有活干")
    await person.say("和上次一样")
    await person.say("不想学")
    assert person.templates == ["people/check_in_done"]
    assert await tasks(house) == []


@pytest.mark.parametrize("words", ["不对，是少了", "刚才点错了，收入少了", "搞错了 少了很多"])
async def test_the_right_answer_may_stand_beside_the_correction(house: House, words: str) -> None:
    person = await asked_once(house)
    await person.say("有活干")
    await person.press("多了")
    await person.say(words)
    assert await tasks(house) == [("income_down", "open", "界牌村")]
    assert person.templates == ["people/check_in"]


async def test_the_last_answer_can_be_taken_back_after_the_thanks(house: House) -> None:
    person = await asked_once(house)
    await person.say("有活干")
    await person.press("少了")
    await person.press("不学")
    assert person.templates == ["people/check_in_done"]
    await person.say("说错了，想学电焊")
    assert person.templates == ["people/check_in_done"]
    async with house.app.database.reading() as session:
        row = (await session.scalars(select(CheckIn))).one()
    assert (row.employment, row.income, row.training) == ("employed", "down", True)
    await person.say("养老补贴哪天发")
    assert person.templates == ["policy/answer"]


async def test_another_button_of_the_question_just_answered_corrects_it(house: House) -> None:
    person = await asked_once(house)
    await person.say("有活干")
    choices = person.replies[-1].choices
    down, same = (next(choice for choice in choices if choice.data["value"] == value) for value in ("down", "same"))
    await person.press(down.label)
    assert await tasks(house) == [("income_down", "open", "界牌村")]
    await person.say(same.value)
    assert await tasks(house) == []


@pytest.mark.parametrize(
    "words",
    [
        "不是说有补贴吗，怎么没发",
        "不对啊，老板欠我工资",
        "不是的，我要投诉厂里",
        "等下，我还想问养老金",
        "不是渔民能领补贴吗",
        "不是说工资涨了吗",
    ],
)
async def test_what_only_begins_like_a_correction_takes_nothing_back(house: House, words: str) -> None:
    person = await asked_once(house)
    await person.say("没活干了")
    await person.press("不学")
    assert person.templates == ["people/check_in_done"]
    await person.say(words)
    assert not {"people/check_in", "people/check_in_done"} & set(person.templates)
    row = await check_in(house)
    assert (row.employment, row.training) == ("unemployed", False)
    assert await tasks(house) == [("job_lost", "open", "界牌村")]
