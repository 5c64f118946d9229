"""Spoken and written numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.numerals import numbers_in, to_digits, value_of


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("两千五", 2500), ("二十万", 200_000), ("二〇二三", 2023), ("三万二", 32_000), ("一百零五", 105),
        ("十", 10), ("三百万", 3_000_000), ("一亿", 100_000_000), ("渔民", None), ("", None),
    ],
)  # fmt: skip
def test_chinese_numbers_have_their_value(words: str, value: int | None) -> None:
    assert value_of(words) == value


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("两千块", "2000元"),
        ("１０００元", "1000元"),
        ("1,000元", "1000元"),
        ("百分之十五", "15%"),
        ("三个月", "3个月"),
        ("二十万", "20万"),
        ("一年半", "18个月"),
    ],
)
def test_numbers_that_count_become_digits(spoken: str, written: str) -> None:
    assert to_digits(spoken) == written


@pytest.mark.parametrize("words", ["一次性", "一定", "统一", "一对一", "万一"])
def test_words_with_a_number_inside_stay_words(words: str) -> None:
    assert to_digits(f"{words}说清楚").startswith(words[0])


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("最高20万元", {"200000"}),
        ("二十万元", {"200000"}),
        ("15%和15", {"15%", "15"}),
        ("0.5万元", {"5000"}),
        ("2 000", {"2000"}),
        ("没有数", set()),
    ],
)
def test_numbers_are_compared_in_one_spelling(text: str, numbers: set[str]) -> None:
    assert numbers_in(text) == numbers


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    numbers_in(text)


@given(st.integers(min_value=1, max_value=99_999_999))
def test_digits_are_left_alone(number: int) -> None:
    assert to_digits(f"共{number}元") == f"共{number}元"
