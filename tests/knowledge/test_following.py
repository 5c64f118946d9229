"""Follow-ups made whole: what is asked, for which places, and what of the turn before still counts."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.answers import PolicyBook
from knowledge.policy import Aspect, Kind
from knowledge.reading import Asked
from knowledge.results import Answer, Answered, Context, Unknown

HONGHU, WUHAN, HAINAN, LUOZHUANG = "421083", "420100", "460000", "371311"
FIRST = "招人补多少"


def follow(book: PolicyBook, *turns: str, home: str | None = HONGHU) -> Asked:
    """The last turn as it is read after the ones before it were answered."""
    context = Context(date(2026, 11, 23), home)
    for words in turns[:-1]:
        context = Context(context.today, home, book.answer(words, context).memory)
    return book.read(turns[-1], context)


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("武汉呢", (WUHAN,)),
        ("那武汉也有这个吗", (WUHAN,)),
        ("武汉和罗庄的呢", (WUHAN, LUOZHUANG)),
    ],
)
def test_a_place_alone_asks_the_question_before_for_that_place(
    book: PolicyBook, words: str, codes: tuple[str, ...]
) -> None:
    asked = follow(book, FIRST, words)
    assert asked.codes == codes
    assert "武汉" not in asked.topic_words
    assert asked.previous is None


def test_a_place_is_added_to_those_asked_about(book: PolicyBook) -> None:
    assert follow(book, FIRST, "武汉呢", "再加上罗庄").codes == (WUHAN, LUOZHUANG)


def test_all_places_of_the_turn_before_are_meant(book: PolicyBook) -> None:
    asked = follow(book, "武汉和罗庄招人补多少", "两个地方的培训补贴呢")
    assert set(asked.codes) == {WUHAN, LUOZHUANG}
    assert asked.previous is not None
    assert asked.previous.topic is None


def test_another_place_stays_for_what_leans_on_it_and_ends_with_ones_own(book: PolicyBook) -> None:
    assert follow(book, "武汉招人补多少", "那合同呢").codes == (WUHAN,)
    assert follow(book, "武汉招人补多少", "那我自己的呢").codes == ()


def test_another_matter_begins_anew(book: PolicyBook) -> None:
    asked = follow(book, "公益岗招哪些人", "那培训有补贴没")
    assert asked.previous is not None
    assert asked.previous.topic is None


def test_what_leaned_on_a_turn_stands_alone_when_it_is_remembered(book: PolicyBook) -> None:
    context = Context(date(2026, 11, 23), WUHAN)
    first = book.answer("返乡创业补贴给多少钱", context)
    second = book.answer("那多久发", Context(context.today, WUHAN, first.memory))
    assert isinstance(first, Answered)
    assert second.memory.question.startswith(first.told[0].provision.plain)


def test_a_question_can_be_put_for_places_whatever_it_names(book: PolicyBook) -> None:
    context = Context(date(2026, 11, 23), HONGHU)
    asked = book.read("武汉招人补多少", context, places=(HONGHU, HAINAN))
    assert asked.codes == (HONGHU, HAINAN)
    assert "武汉" not in asked.topic_words


def test_what_says_only_what_is_asked_leans_on_what_was_told(book: PolicyBook) -> None:
    assert follow(book, "创业补贴给多少", "电话号码几多，找哪个办").leaning
    assert not follow(book, "创业补贴给多少", "公益岗电话多少").leaning


def test_a_matter_beside_a_place_is_no_follow_up(book: PolicyBook) -> None:
    asked = follow(book, "那个帮扶车间一年补几万", "海南的脱贫户小孩念技校给钱吧")
    assert asked.codes == (HAINAN,)
    assert "技校" in asked.words


def ask(book: PolicyBook, *turns: str, home: str) -> Answer:
    """The answer to the last turn."""
    context = Context(date(2026, 11, 23), home)
    for words in turns[:-1]:
        context = Context(context.today, home, book.answer(words, context).memory)
    return book.answer(turns[-1], context)


def topic_of(answer: Answer) -> str | None:
    return answer.memory.topic


@pytest.mark.parametrize("last", ["罗庄呢", "海南呢", "那海南的呢"])
def test_another_place_is_asked_for_the_matter_and_not_for_the_last_words(book: PolicyBook, last: str) -> None:
    answer = ask(book, "租金补贴多少", "几年", "两年半了还能领么", last, home=WUHAN)
    assert topic_of(answer) == "rent-subsidy"


def test_where_the_matter_is_not_held_another_benefit_is_not_told(book: PolicyBook) -> None:
    answer = ask(book, "养老补贴几时发", "武汉呢", home=HONGHU)
    assert isinstance(answer, Unknown)
    assert not answer.told or "rent" not in answer.told[0].provision.id


def test_all_other_places_are_meant(book: PolicyBook) -> None:
    answer = ask(book, "中介介绍费多少", "别的地方有吗", home=LUOZHUANG)
    assert isinstance(answer, Answered)
    assert [told.place for told in answer.told] == ["临沂市罗庄区"]
    assert len(answer.uncovered) == 4


def test_other_people_and_the_pay_are_asked_of_the_post(book: PolicyBook) -> None:
    people = ask(book, "公益岗有年龄限制吗", "残疾人呢", home=HAINAN)
    assert isinstance(people, Answered)
    assert people.told[0].provision.kind is Kind.POST
    pay = ask(book, "公益岗有年龄限制吗", "能兼职吗", "工资多少", home=HAINAN)
    assert isinstance(pay, Unknown)
    assert pay.told[0].provision.id == "public-post"
    assert ask(book, "公益岗有年龄限制吗", "残疾证怎么办", home=HAINAN).memory.topic is None


def test_by_when_and_how_often_are_asked_of_the_campaign(book: PolicyBook) -> None:
    by_when = ask(book, "一个县报几个镇", "几号之前", home="321000")
    often = ask(book, "示范乡镇哪几个区", "要几个人返乡创业", "多久评一次", home=WUHAN)
    assert isinstance(by_when, Answered)
    assert isinstance(often, Answered)
    assert by_when.told[0].facts[0].aspect is often.told[0].facts[0].aspect is Aspect.WHEN
