"""Commands in other words: what is asked of us and of theirs, and what is said of something else."""

from __future__ import annotations

import pytest

from handlers.people.spoken import spoken


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("你们存了我哪些东西", "people:mine"),
        ("看一下我的个人信息", "people:mine"),
        ("请把我的记录都清掉", "people:delete"),
        ("把你们存的我的东西都删了", "people:delete"),
        ("我的电话换了", "people:change"),
        ("我换号了，新号13900001111", "people:change"),
        ("我想换个手机号", "people:change"),
        ("手机号换了", "people:change"),
        ("电话换成13900001111了", "people:change"),
        ("改一下我的电话", "people:change"),
        ("我电话写错了", "people:change"),
        ("我原来的号不用了", "people:change"),
    ],
)
def test_what_is_asked_of_us_is_a_command(words: str, action: str) -> None:
    pressed = spoken(words)
    assert pressed is not None
    assert pressed.action == action


@pytest.mark.parametrize("words", ["我的档案在哪", "查询我的档案", "我的档案怎么查", "你们有我的档案吗"])
def test_the_file_of_a_working_life_is_not_what_we_keep(words: str) -> None:
    assert spoken(words) is None


@pytest.mark.parametrize(
    "words",
    ["之前的电话打不通了", "换手机", "想换个手机", "手机换了", "我的手机换了", "号码写错了", "电话换了", "换个电话"],
)
def test_a_new_device_and_the_phone_of_an_office_change_nothing_of_theirs(words: str) -> None:
    assert spoken(words) is None


def test_my_things_are_not_my_data() -> None:
    assert spoken("把我的东西都清了") is None
