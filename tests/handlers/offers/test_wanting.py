"""What people want of offers, in words that no list holds."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import LOCAL
from handlers.offers.offer import Kind
from handlers.offers.wanting import (
    Act,
    Party,
    Wanting,
    act_in,
    aspect_in,
    code_in,
    party_in,
    sought_from,
)
from tests.bureau import knowing

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=LOCAL)
HOME = "421083"


@pytest.fixture(scope="module")
def wanting() -> Wanting:
    return Wanting(knowing().book.regions)


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("报名", Act.REGISTER),
        ("我要报名", Act.REGISTER),
        ("那给我报上", Act.REGISTER),
        ("帮我把上次报的叉车班取消了", Act.CANCEL),
        ("那个班我不去了", Act.CANCEL),
        ("电焊班去不了了", Act.CANCEL),
        ("不想学了，把名额给别人吧", Act.CANCEL),
        ("取消报名", Act.CANCEL),
        ("我报了哪些", Act.MINE),
        ("我报的班在哪上", Act.MINE),
        ("还有别的吗", Act.MORE),
        ("还有没有别的厂", Act.MORE),
        ("有了告诉我一声", Act.TELL),
        ("帮我留意一下", Act.TELL),
        ("好的", Act.YES),
        ("先不报", Act.NO),
        ("算了，不找了", None),
        ("有没有保洁的活", None),
        ("学电焊", None),
        ("补贴多少", None),
    ],
)
def test_what_is_wanted_done_is_read(words: str, act: Act | None) -> None:
    assert act_in(words) is act


@pytest.mark.parametrize(
    ("words", "aspect"),
    [
        ("管饭不", "meals"),
        ("远不远", "where"),
        ("几点开始", "when"),
        ("还要人吗", "seats"),
        ("包不包住", "housing"),
        ("住宿怎么样", "housing"),
        ("一个月多少钱", "pay"),
        ("有年龄要求吗", "needs"),
        ("要不要交钱", "fee"),
        ("带什么证件去", "needs"),
        ("有车接吗", "transport"),
        ("今天天气好", ""),
    ],
)
def test_what_is_asked_of_an_offer_is_read(words: str, aspect: str) -> None:
    assert aspect_in(words) == aspect


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("报名 4831", "4831"),
        ("报名4831", "4831"),
        ("我要报名：4831", "4831"),
        ("报名 ４８３１", "4831"),
        ("取消报名 48311", "48311"),
        ("4831", "4831"),
        ("报名", ""),
        ("工资4000以上", ""),
        ("报名费4000元", ""),
        ("13812345678", ""),
    ],
)
def test_numbers_of_offers_are_read_and_no_others(words: str, code: str) -> None:
    assert code_in(words) == code


@pytest.mark.parametrize(
    ("words", "party"),
    [
        ("我们村二十几个妇女想一块学月嫂，能一起报不", Party("", 20)),
        ("我们三个人一起去", Party("", 3)),
        ("全村人都想报", Party("", 0)),
        ("我儿子想学修车", Party("son", 1)),
        ("给我老婆报个班", Party("wife", 1)),
        ("我妈想找保洁的活", Party("mother", 1)),
        ("我想学电焊", Party()),
    ],
)
def test_who_is_to_come_is_read(words: str, party: Party) -> None:
    assert party_in(words) == party


@pytest.mark.parametrize(
    ("words", "kinds", "trades", "pay", "features"),
    [
        ("有没有附近的活", (Kind.VACANCY,), (), None, ()),
        ("想找个一个月不少于四千的电焊活", (Kind.VACANCY,), ("welder",), 4000, ()),
        ("周末有招聘会没", (Kind.FAIR,), (), None, ()),
        ("有没有包吃住的厂", (Kind.VACANCY,), (), None, ("meals", "housing")),
        ("日结的有没有 急用钱", (Kind.VACANCY,), (), None, ("daily",)),
        ("有冇得在屋里做的手工活，要带孙子出不去", (Kind.VACANCY,), ("handwork",), None, ("home",)),
        ("左手不大好使，残疾人能做的活有没有", (Kind.VACANCY,), (), None, ("disabled",)),
    ],
)
def test_what_is_looked_for_is_read(
    wanting: Wanting, words: str, kinds: object, trades: object, pay: object, features: object
) -> None:
    found = wanting.read(words, (Kind.VACANCY,), home=HOME, now=NOW)
    assert (found.kinds, found.trades, found.pay_from, found.features) == (kinds, trades, pay, features)


def test_a_place_that_is_theirs_already_is_not_looked_for_elsewhere(wanting: Wanting) -> None:
    at_home = wanting.read("洪湖市有什么活", (Kind.VACANCY,), home="421083105", now=NOW)
    away = wanting.read("罗庄区有什么活", (Kind.VACANCY,), home="421083105", now=NOW)
    assert (at_home.place, away.place) == (None, "371311")


@given(st.text(max_size=40))
def test_any_words_are_read_and_come_back_from_json(words: str) -> None:
    wanting = Wanting(knowing().book.regions)
    found = wanting.read(words, (), home=None, now=NOW)
    assert sought_from(found.to_data()) == found
    act_in(words), aspect_in(words), code_in(words), party_in(words)
