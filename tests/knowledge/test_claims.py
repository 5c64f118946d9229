"""A sum that a question names to have it confirmed decides nothing: not the matter, not the answer."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.answers import Answer, Answered, Context, PolicyBook, Reason, Told, Unknown
from knowledge.claims import without_claim
from knowledge.language import plain
from knowledge.policy import Aspect

HONGHU, WUHAN, LUOZHUANG, HAINAN, YANGZHOU = "421083", "420100", "371311", "460000", "321000"


def ask(book: PolicyBook, question: str, region: str) -> Answer:
    return book.answer(question, Context(date(2026, 11, 23), region))


def told_by(answer: Answer) -> tuple[Told, ...]:
    return answer.told if isinstance(answer, Answered | Unknown) else ()


def words_of(answer: Answer) -> str:
    """All that is told, the neighbours' facts too."""
    told = told_by(answer)
    return "".join(fact.say for one in told for fact in (*one.facts, *(fact for _, fact in one.beside)))


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("雇一个贫困户给两千是不是", "雇1个贫困户给多少钱是不是"),
        ("听说出省打工一人五百块，对不对", "听说出省打工1人多少钱,对不对"),
        ("学徒一天补30块吗", "学徒1天补多少钱吗"),
        ("才签半年合同，还能领2000不", "才签半年合同,还能领补贴不"),
    ],
)
def test_a_sum_to_be_confirmed_is_read_as_how_much(question: str, read: str) -> None:
    assert without_claim(plain(question)) == (read, True)


@pytest.mark.parametrize(
    "question",
    [
        "那一千块打给我还是打给老板",
        "两千和五千能不能都拿",
        "给2000不",
        "每个县都给200万吗",
        "干满6个月给不",
        "六十岁还收不",
    ],
)
def test_a_sum_that_names_a_benefit_stays(question: str) -> None:
    assert without_claim(plain(question)) == (plain(question), False)


@pytest.mark.parametrize(
    ("question", "region", "foreign_sum"),
    [
        ("酒厂雇一个贫困户给两千，是真的不", LUOZHUANG, "2000"),
        ("公益岗每月给一千五吗", WUHAN, "500"),
        ("公益岗每月给多少钱", WUHAN, "500"),
        ("渔民去外头打工一人发五百是吧", HONGHU, "5000"),
        ("学手艺一天发八十块是吧", WUHAN, "500"),
        ("开店一次给五千是不是", HAINAN, "200万"),
        ("招一个农民工奖一千对吧", YANGZHOU, "1000"),
    ],
)
def test_where_no_sum_is_stated_no_other_matters_sum_is_told(
    book: PolicyBook, question: str, region: str, foreign_sum: str
) -> None:
    answer = ask(book, question, region)
    assert isinstance(answer, Unknown)
    assert answer.reason is Reason.NOT_STATED
    assert answer.what or Aspect.AMOUNT in answer.told[0].missing
    assert foreign_sum not in words_of(answer)


@pytest.mark.parametrize(
    ("question", "region", "provision", "fact"),
    [
        ("新开的个体户给两千是不是", LUOZHUANG, "startup-subsidy", "amount"),
        ("省内打工给五百是不是", WUHAN, "travel-subsidy", "within-province"),
        ("招一个渔民给两千对不对", HONGHU, "hiring-subsidy", "amount"),
        ("只签了半年合同，还能领2000不", WUHAN, "hiring-subsidy", "contract"),
    ],
)
def test_a_stated_sum_is_told_as_the_document_has_it(
    book: PolicyBook, question: str, region: str, provision: str, fact: str
) -> None:
    answer = ask(book, question, region)
    assert isinstance(answer, Answered)
    assert (answer.told[0].provision.id, answer.told[0].facts[0].id) == (provision, fact)


def test_people_of_another_places_document_are_told_no_figure_of_this_one(book: PolicyBook) -> None:
    for question in ("渔民开网店给五千不", "企业招退捕渔民补多少", "我是上岸渔民，有什么补贴"):
        answer = ask(book, question, WUHAN)
        assert isinstance(answer, Unknown)
        assert (answer.reason, answer.elsewhere, answer.told) == (Reason.ABSENT_HERE, ("洪湖市",), ())
    licence = ask(book, "捕捞证丢了到哪里补", WUHAN)
    assert isinstance(licence, Unknown)
    assert licence.reason is Reason.NOT_OURS
    assert isinstance(ask(book, "我家是脱贫户，从前打鱼的，回乡开店给多少", WUHAN), Answered)


def test_a_gap_is_named_only_where_a_word_asks_for_it(book: PolicyBook) -> None:
    for question, region, gap in (
        ("养老保险转到宁波怎么弄", HONGHU, Aspect.CONTACT),
        ("护湖的是哪些人排得上", HONGHU, Aspect.WHERE),
        ("公益岗什么人优先", HAINAN, Aspect.WHEN),
        ("大病报销多少", LUOZHUANG, Aspect.WHEN),
    ):
        answer = ask(book, question, region)
        assert isinstance(answer, Answered)
        assert gap not in answer.told[0].missing
    window = ask(book, "护湖到哪个窗口办", HONGHU)
    assert Aspect.WHERE in told_by(window)[0].missing


def test_what_a_fact_states_is_not_called_unstated(book: PolicyBook) -> None:
    for question, region in (("招渔民的钱是一次给还是年年有", HONGHU), ("路费是凭票报还是给定额", WUHAN)):
        answer = ask(book, question, region)
        assert isinstance(answer, Answered)
        assert (answer.told[0].silent, answer.told[0].missing) == (None, ())
