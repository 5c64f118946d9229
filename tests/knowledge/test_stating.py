"""What somebody states after they were told a rule: their own case, a doubt, or a wrong."""

from __future__ import annotations

import pytest

from knowledge.stating import complains, doubts, seeks_help, states_own_case, tells_unpaid, tells_wrong

OWN = (
    "我从来冇开过，刚从广东回来",
    "我自己去的没人组织",
    "俺娘六十七",
    "开业才两个月",
    "我们签了一年合同，社保也交了",
    "我在浙江做了两个月就回来了",
    "执照去年办的",
    "我婆婆六十八，身体还好",
)
DOUBTS = (
    "不对，是四次",
    "人家讲是十月",
    "抖音上讲补三千",
    "不可能，哪有这么少",
    "你这不对，文件上写的是六个月",
    "怎么是一千，明明是两千",
    "村书记说最多干三年",
    "听说是五年",
)
WRONGS = (
    "我是渔民，补贴没到账",
    "补贴该发没发",
    "我五十九，村里不要我",
    "我自己去的，路费冇报",
    "不对，会计说我们的名额给别人了",
    "我们签了合同，老板不认",
    "村里组织的，说好给路费",
    "人家说钱早就到了，我们村没见着",
    "我干了两年，今年不让干了",
    "老板跑了",
)


@pytest.mark.parametrize("words", OWN)
def test_facts_of_ones_own_are_no_complaint(words: str) -> None:
    assert states_own_case(words)
    assert not complains(words)


@pytest.mark.parametrize("words", DOUBTS)
def test_doubt_is_no_complaint(words: str) -> None:
    assert doubts(words)


@pytest.mark.parametrize("words", WRONGS)
def test_a_wrong_is_never_taken_for_a_fact_or_a_doubt(words: str) -> None:
    assert not states_own_case(words)
    assert not doubts(words)


def test_what_is_due_and_told_as_a_fact_is_a_complaint_and_what_is_asked_is_none() -> None:
    assert all(map(tells_wrong, ("补贴该发没发", "我们村十几个人都没收到", "我妈的养老补贴停了", "人家都发了，我没有")))
    assert not any(map(tells_wrong, ("补贴没到账吗", "老板不给交社保，补贴还能拿么", "要是厂里不给签合同", "发不发钱")))


def test_help_against_a_wrong_is_more_than_a_rule() -> None:
    assert all(map(seeks_help, ("拖着不发咋办", "钱扣了找哪个")))
    assert not any(map(seeks_help, ("材料怎么弄", "找哪个报名")))


def test_pay_that_is_owed_is_told_and_no_sort_of_work() -> None:
    told = ("老板欠薪", "工资压三个月，介绍的那个厂", "上个月的工钱到现在还冇结", "工头跑路了", "凭什么扣我工资")
    helped = ("工资还没发怎么办", "老板不给钱，能不能帮我要")
    other = (
        "压不压工资",
        "工资拖欠吗",
        "压工资的不去",
        "不拖欠工资的厂",
        "工资不到三千",
        "怕老板不发工资",
        "老板跑了好几趟",
        "工资几号发",
    )
    assert [words for words in (*told, *helped) if not tells_unpaid(words)] == []
    assert [words for words in other if tells_unpaid(words)] == []
