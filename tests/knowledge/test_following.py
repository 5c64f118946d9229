"""Follow-ups made whole: what is asked, for which places, and what of the turn before still counts."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.answers import PolicyBook
from knowledge.reading import Asked
from knowledge.results import Answered, Context

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
