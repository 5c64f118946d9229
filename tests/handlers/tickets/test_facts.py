"""Facts put together over several messages."""

from __future__ import annotations

import ast
from decimal import Decimal
from pathlib import Path

import pytest

import handlers.tickets
from handlers.tickets.facts import Count, Facts, Money
from handlers.tickets.ticket import Category
from tests.handlers.tickets.measure import read


def told(*messages: str) -> Facts:
    facts = Facts()
    for message in messages:
        facts = facts.merge(read(message))
    return facts


def test_a_story_in_pieces_is_one_complaint() -> None:
    facts = told("我要投诉", "老板欠我工资不给", "峰口的，在服装厂", "一共四千八", "姓符", "幺三八七二一零五六六八")
    assert facts.category is Category.LABOUR
    assert facts.region == "421083105"
    assert facts.unit == "服装厂"
    assert facts.amount == Money(Decimal(4800))
    assert (facts.name, facts.phone) == ("符", "13872105668")


def test_later_words_correct_earlier_ones() -> None:
    assert told("欠我四千八", "欠我五千二").amount == Money(Decimal(5200))


def test_a_vague_word_takes_nothing_away() -> None:
    facts = told("恒发陶瓷有限公司不发工资，我叫张水生", "老板电话打不通，我姓张")
    assert (facts.unit, facts.name) == ("恒发陶瓷有限公司", "张水生")


def test_a_place_named_stays_when_the_next_message_names_none() -> None:
    facts = told("我是峰口的，工资没发").merge(read("欠了三千", "421083"))
    assert facts.region == "421083105"


@pytest.mark.parametrize("words", ["李秀英13987654321", "我叫张文昌", "孙建湖", "老板是武汉的"])
def test_a_township_stays_whoever_is_named_and_wherever_they_come_from(words: str) -> None:
    assert told("老板欠我工资，在峰口", words).region == "421083105"


def test_what_it_is_about_is_not_lost_to_a_figure() -> None:
    assert "养老补贴" in told("去年的养老补贴没到账", "一千二").about


def test_who_told_nothing_has_told_nothing() -> None:
    assert Facts().told() == frozenset()
    assert read("你好").told() == frozenset()
    assert told("我们十几个人没发工资").people == Count(10, at_least=True)


@pytest.mark.parametrize("module", ["facts", "number", "digits"])
def test_the_rules_import_the_standard_library_and_errors_only(module: str) -> None:
    tree = ast.parse((Path(handlers.tickets.__file__).parent / f"{module}.py").read_text("utf-8"))
    allowed = {"__future__", "dataclasses", "datetime", "decimal", "bot.errors", "handlers.tickets.ticket",
               "handlers.tickets.digits"}  # fmt: skip
    assert {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} <= allowed
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
