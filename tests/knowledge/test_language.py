"""What people write and dictate becomes comparable, and real words survive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language import bare, clean, concepts, plain, sound


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("漁民補貼", "渔民补贴"),
        ("１０００元", "1000元"),
        ("养\u200b老\u202e保\x00险", "养老保险"),
        ("　洪湖　", "洪湖"),
        ("ＷＵＨＡＮ", "WUHAN"),
    ],
)
def test_script_width_and_invisible_marks_do_not_matter(written: str, read: str) -> None:
    assert clean(written) == read


@pytest.mark.parametrize(
    ("dialect", "standard"),
    [
        ("补贴好多钱", "补贴多少钱"),
        ("么时候发", "什么时候发"),
        ("有冇得补助", "有没有补助"),
        ("咋弄", "怎么办"),
        ("啥子手续", "什么手续"),
    ],
)
def test_dialect_is_read_as_standard_words(dialect: str, standard: str) -> None:
    assert plain(dialect) == standard


@pytest.mark.parametrize("word", ["公司", "事业单位", "检查", "工商登记", "不足", "进步", "管理", "好多人家里"])
def test_real_words_survive(word: str) -> None:
    assert plain(word) == word


def test_greetings_at_the_front_are_not_the_question() -> None:
    assert plain("喂，你好，请问一下，养老补贴几时发") == plain("养老补贴什么时候发")


def test_a_greeting_alone_is_kept() -> None:
    assert plain("请问") == "请问"


def test_bare_words_hold_no_punctuation() -> None:
    assert bare("渔民，补贴？（多少）！") == "渔民补贴多少"


def test_spoken_words_carry_their_concept() -> None:
    assert "fisher_retired" in concepts("以前打鱼的")


@pytest.mark.parametrize(("one", "other"), [("渔", "鱼"), ("贷", "代"), ("湖", "胡"), ("张", "脏"), ("林", "宁")])
def test_what_voice_input_confuses_sounds_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@given(st.text(max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(bare(text), str)


@given(st.text(alphabet="渔民补贴养老保险多少钱什么时候漁補貼，？ 洪湖", max_size=40))
def test_reading_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_how_many_people_it_takes_is_no_question_of_talent() -> None:
    assert plain("要多少人才能评") == "要多少人能评"
    for talent in ("引进了多少人才", "引进1名人才给多少补贴", "引进3个人才可以领补贴吗"):
        assert plain(talent) == talent
