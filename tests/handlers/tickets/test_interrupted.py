"""A form that is put aside, interrupted or talked past: it is taken up where it stood, and nothing told is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.app import App, build
from bot.clock import FixedClock
from bot.settings import Settings
from handlers.tickets.models import Ticket
from handlers.tickets.taking_up import answers_plainly, names_the_dropped, only_greets, seeks_work, takes_up
from tests.bureau import Person, wire_bureau

OWED = "老板欠我工资三千，在新堤"


@pytest.fixture
async def bureau(settings: Settings) -> AsyncIterator[App]:
    async with build(settings, clock=FixedClock("2026-11-24T10:14:00+08:00"), wire=wire_bureau) as app:
        yield app


async def tell(bureau: App, *words: str, name: str = "fisher") -> Person:
    person = Person(bureau, name, region="洪湖市")
    for said in words:
        await person.say(said)
    return person


@pytest.mark.parametrize("words", ["继续", "接着填", "接着来吧", "接着说那个欠工资的事", "那继续填刚才的", "交上去"])
def test_a_form_that_lies_somewhere_is_taken_up_by_few_words_and_only_where_there_is_one(words: str):
    assert takes_up(words, {"form": {}})
    assert not takes_up(words, {})


@pytest.mark.parametrize("words", ["继续缴费要多少钱", "接着上班", "上交材料", "交多少钱", "社保断了能接着交吗"])
def test_other_words_of_going_on_take_nothing_up(words: str):
    assert not takes_up(words, {"form": {}})


def test_likenesses_of_danger_are_answers_only_where_they_answer_and_harm_nobody():
    assert answers_plainly("place", "就在我们村", places=False)
    assert answers_plainly("wish", "叫他赔钱", places=False)
    assert answers_plainly("phone", "要他结清工钱", places=False)
    assert answers_plainly("privacy", "我不想让他知道", places=False)
    assert not answers_plainly("privacy", "活够了", places=False)
    assert not answers_plainly("place", "峰口桥上我想走了", places=True)
    assert not answers_plainly("wish", "他们把门锁了", places=False)
    assert not answers_plainly("wish", "要他还我孩子", places=False)
    assert not answers_plainly("place", "就在峰口打人", places=True)
    assert not answers_plainly("", "叫他赔钱", places=False)


def test_courtesy_work_and_what_is_dropped_are_told_apart_from_answers():
    assert only_greets("您好")
    assert not only_greets("随便")
    assert seeks_work("想找活干")
    assert not seeks_work("找老板要工资")
    assert names_the_dropped("不报了")
    assert not names_the_dropped("取消")


async def test_put_aside_it_is_taken_up_at_the_question_that_stood_and_below_offers_too(bureau: App):
    person = await tell(bureau, OWED, "先不交", "接着填", "把钱要回来", "回头再说", "有招聘会吗", "继续")
    assert person.labels == ["不留"]
    await person.say("我报上了没")
    assert person.templates == ["tickets/status", "tickets/form_ask"]
    await person.say("想找活干")
    assert person.templates != ["tickets/form_ask"]
    await person.say("交上去")
    assert person.templates == ["tickets/filed"]
    assert "新堤" in person.text


async def test_answers_are_answers_whatever_they_are_like(bureau: App):
    person = await tell(bureau, "老板欠我工资三千", "就在我们村", "叫他赔钱", "王五 13877778888", "随便")
    assert person.templates == ["tickets/check"]
    assert "叫他赔钱" in person.text
    assert "138****8888" in person.text
    await person.say("要保密，怕他知道")
    await person.say("不保密")
    assert "保密" not in person.text


async def test_danger_is_answered_at_the_end_of_a_form_and_with_an_open_ticket_and_files_afterwards(bureau: App):
    person = await tell(bureau, OWED, "把钱要回来", "不留", "可以告诉", "手被机器轧断了")
    assert person.templates == ["tickets/say", "tickets/check"]
    assert "120" in person.text
    await person.say("被关在厂里不让走")
    assert "110" in person.text
    await person.say("没钱吃饭，活不下去了")
    assert person.templates == ["policy/crisis"]
    await person.say("交上去")
    assert person.templates == ["tickets/filed"]
    await person.say("有人掉水里了快不行了")
    assert "120" in person.text
    await person.say("交上去")
    assert person.templates == ["tickets/filed"]
    async with bureau.database.reading() as session:
        assert [ticket.priority for ticket in await session.scalars(select(Ticket))] == ["urgent", "urgent"]


async def test_danger_is_never_sent_to_the_door_of_another_body(bureau: App):
    person = await tell(bureau, "触电了人没气了")
    assert person.templates == ["tickets/form_ask"]
    assert "120" in person.text


async def test_what_was_told_is_cleared_only_by_who_says_so_twice_or_names_it(bureau: App):
    person = await tell(bureau, OWED, "取消", "不要清")
    assert person.templates == ["tickets/form_ask"]
    await person.say("算了")
    await person.say("养老保险补贴多少钱")
    await person.say("好")
    assert "tickets/say" not in person.templates  # the question stood for one turn only
    await person.say("取消")
    await person.say("对")
    assert "没有登记" in person.text
    other = await tell(bureau, OWED, "不报了", name="other")
    assert "没有登记" in other.text
