"""Ticket numbers: made, read back in every writing, and a wrong digit noticed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.tickets.number import NumberMisread, check_digit, make_number, read_number

DAY = date(2026, 11, 24)
NUMBER = make_number(DAY, 37)
SPOKEN = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
days = st.dates(date(2024, 1, 1), date(2099, 12, 31))
sequences = st.integers(1, 999_999)


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert check_digit("0794") == "5"  # the worked example of ISO/IEC 7064, MOD 11,10


def test_a_number_tells_its_day_and_grows_beyond_four_digits() -> None:
    assert NUMBER == "261124-00372"
    assert make_number(DAY, 10_000).startswith("261124-10000")


@pytest.mark.parametrize(
    "text",
    [
        "261124-00372",
        "26112400372",
        "２６１１２４－００３７２",
        "261124 00372",
        "2611 2400 372",
        "单号261124-00372办得咋样",
        "俺那个二六幺幺二四 零零三七二咋还没办",
        "二六一一二四杠零零三七二",
        "二六幺幺二四，零零三七二",
        "261124—372",
        "我的号是261124-00372，电话13871234567",
        "13871234567 261124-00372",
    ],
)
def test_a_number_is_understood_however_it_is_written(text: str) -> None:
    assert read_number(text) == NUMBER


@pytest.mark.parametrize(
    "text",
    ["", "欠我4800", "13871234567", "身份证421083196507124512", "6222021812004567891", "2026年11月24日", "单号忘了",
     "261124", "421083261124003720", "二〇二六年十一月"],
)  # fmt: skip
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_number(text) is None


@given(days, sequences, st.sampled_from(["{}", "单号{}", "{}办了没", "我的 {} 呢"]))
def test_every_number_is_read_back(day: date, sequence: int, frame: str) -> None:
    number = make_number(day, sequence)
    spoken = "".join(SPOKEN.get(c, c) for c in number)
    for written in (number, number.replace("-", ""), number.replace("-", " "), spoken):
        assert read_number(frame.format(written)) == number


@given(days, sequences, st.integers(6, 10), st.integers(1, 9))
def test_a_digit_heard_wrong_is_reported_and_never_another_ticket(day: date, sequence: int, at: int, by: int) -> None:
    digits = make_number(day, sequence).replace("-", "")
    wrong = digits[:at] + str((int(digits[at]) + by) % 10) + digits[at + 1 :]
    if int(wrong[6:-1]) == 0 or (len(wrong) > 11 and wrong[6] == "0"):
        return  # no sequence is written so: not taken for a number
    with pytest.raises(NumberMisread) as raised:
        read_number(f"单号{wrong}")
    assert raised.value.data["number"].replace("-", "") == wrong


@given(days, sequences, days, sequences)
def test_no_two_tickets_share_a_number(day: date, sequence: int, other: date, another: int) -> None:
    same = (day, sequence) == (other, another)
    assert (make_number(day, sequence).replace("-", "") == make_number(other, another).replace("-", "")) is same


@given(st.text())
def test_any_text_gives_a_number_or_none(text: str) -> None:
    try:
        number = read_number(text)
    except NumberMisread:
        return
    assert number is None or read_number(number) == number


def test_a_day_counts_from_one() -> None:
    with pytest.raises(ValueError):
        make_number(DAY, 0)
