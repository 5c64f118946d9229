"""What cells mean: identity numbers, phones, dates, years and amounts in every form in which offices write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.people.ledger.cells import Number
from handlers.people.ledger.columns import load_columns
from handlers.people.ledger.identity import BadIdentity, check_digit, read_identity
from handlers.people.ledger.values import (
    BadValue,
    read_amount,
    read_date,
    read_gender,
    read_id,
    read_name,
    read_phones,
    read_year,
)
from tests.handlers.people.ledger.make import ID, TODAY, number

COLUMNS = load_columns()
WITH_X = next(made for order in range(1, 999) if (made := number(order=order)).endswith("X"))


@pytest.mark.parametrize(
    "said",
    [
        ID,
        f" {ID} ",
        f"'{ID}",
        f"{ID[:6]} {ID[6:14]} {ID[14:]}",
        f"{ID[:6]}-{ID[6:14]}-{ID[14:]}",
        f"{ID}.0",
        "".join(chr(ord(digit) + 65248) for digit in ID),
    ],
)
def test_a_number_is_read_however_it_is_written(said: str) -> None:
    assert read_id(said, today=TODAY).number == ID


@pytest.mark.parametrize("end", ["X", "x", "Ｘ", "ｘ", "×", "\u0425"])
def test_the_x_is_read_in_all_its_forms(end: str) -> None:
    assert read_id(WITH_X[:17] + end, today=TODAY).number == WITH_X


def test_a_number_of_fifteen_digits_is_that_of_eighteen() -> None:
    old = ID[:6] + ID[8:17]
    assert read_id(old, today=TODAY).number == ID
    assert read_id(Number(old), today=TODAY).number == ID


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", "id_missing"),
        ("无", "id_missing"),
        ("12345", "id_length"),
        (ID + "1", "id_length"),
        ("99" + ID[2:], "id_place"),
        (ID[:6] + "19680231" + ID[14:], "id_date"),
        (ID[:6] + "20990101" + ID[14:], "id_date"),
        (ID[:17] + ("1" if ID[17] != "1" else "2"), "id_check"),
        ("4.21083E+17", "id_mangled"),
        (ID[:15] + "000", "id_mangled"),
    ],
)
def test_a_number_that_does_not_hold_says_why(said: str, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_id(said, today=TODAY)
    assert caught.value.code == code


@given(st.integers(0, 998), st.dates(date(1930, 1, 1), date(2020, 1, 1)), st.integers(0, 16))
def test_one_wrong_digit_is_always_noticed(order: int, born: date, place: int) -> None:
    first = f"421083{born:%Y%m%d}{order:03}"
    whole = first + check_digit(first)
    found = read_identity(whole, today=TODAY)
    assert (found.born, found.gender) == (born, "male" if order % 2 else "female")
    wrong = whole[:place] + str((int(whole[place]) + 1) % 10) + whole[place + 1 :]
    with pytest.raises(BadIdentity):
        read_identity(wrong, today=TODAY)


@pytest.mark.parametrize(
    ("said", "phones"),
    [
        ("13800001234", ["13800001234"]),
        (Number("13800001234"), ["13800001234"]),
        (Number("13800001234.0"), ["13800001234"]),
        (Number("1.3800001234E10"), ["13800001234"]),
        ("138 0000 1234", ["13800001234"]),
        ("138-0000-1234", ["13800001234"]),
        ("+86 13800001234", ["13800001234"]),
        ("0086-13800001234", ["13800001234"]),
        ("013800001234", ["13800001234"]),
        ("１３８００００１２３４", ["13800001234"]),
        ("13800001234/13900005678", ["13800001234", "13900005678"]),
        ("13800001234、13900005678", ["13800001234", "13900005678"]),
        ("13800001234 13900005678", ["13800001234", "13900005678"]),
        ("0716-2421234，13800001234", ["13800001234", "0716-2421234"]),
        ("(0716)2421234", ["0716-2421234"]),
        ("07162421234转801", ["0716-2421234-801"]),
        ("2421234", ["2421234"]),
        ("", []),
        ("无", []),
        ("/", []),
        (Number("0"), []),
    ],
)
def test_phones_are_read_in_every_shape(said: Any, phones: list[str]) -> None:
    assert read_phones(said, COLUMNS) == phones


@pytest.mark.parametrize(
    "said", ["1380000123", "138000012345", "12800001234", "电话", "1.38E+10x", Number("-13800001234")]
)
def test_what_is_no_phone_is_refused(said: Any) -> None:
    with pytest.raises(BadValue) as caught:
        read_phones(said, COLUMNS)
    assert caught.value.code == "phone_bad"


@pytest.mark.parametrize(
    ("said", "day"),
    [
        (date(2019, 12, 31), "2019-12-31"),
        (datetime(2019, 12, 31, 8, 30, tzinfo=UTC), "2019-12-31"),
        (Number("43830"), "2019-12-31"),
        ("43830", "2019-12-31"),
        ("2019.12.31", "2019-12-31"),
        ("2019/12/31", "2019-12-31"),
        ("2019-12-31", "2019-12-31"),
        ("2019-12-31 00:00:00", "2019-12-31"),
        ("2019-12-31T00:00:00", "2019-12-31"),
        ("2019年12月31日", "2019-12-31"),
        ("2019 年 1 月 2 日", "2019-01-02"),
        ("20191231", "2019-12-31"),
        (Number("20191231"), "2019-12-31"),
        ("12/31/2019", "2019-12-31"),
        ("19.12.31", "2019-12-31"),
        ("2019-12", "2019-12"),
        ("2019.1", "2019-01"),
        ("2019年12月", "2019-12"),
        ("19年12月", "2019-12"),
        ("98年3月", "1998-03"),
        ("201912", "2019-12"),
        ("2019年", "2019"),
        (Number("2019"), "2019"),
        ("二〇一九年十二月三十一日", "2019-12-31"),
        ("二○一九年十二月", "2019-12"),
        ("二零一九年二月", "2019-02"),
        ("2019年十月", "2019-10"),
        ("", ""),
        ("无", ""),
    ],
)
def test_dates_are_read_in_every_form(said: Any, day: str) -> None:
    assert read_date(said) == day


@pytest.mark.parametrize("said", ["2019-13", "2019-02-30", "昨天", "31.12", "3019年", Number("123456789")])
def test_what_is_no_date_is_refused(said: Any) -> None:
    with pytest.raises(BadValue) as caught:
        read_date(said)
    assert caught.value.code == "date_bad"


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("1200", "1200"),
        ("1,200元", "1200"),
        ("￥1,200.50", "1200.5"),
        (Number("1200.00"), "1200"),
        (Number("1.2E3"), "1200"),
        ("一千二", "1200"),
        ("一千二百元整", "1200"),
        ("1.2万", "12000"),
        ("1200,50", "1200.5"),
        ("1,200,000", "1200000"),
        ("200元/年", "200"),
        (Number("0"), "0"),
    ],
)
def test_amounts_are_read_in_every_form(said: Any, amount: str) -> None:
    assert read_amount(said) == Decimal(amount)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("-100", "amount_negative"),
        ("(100)", "amount_negative"),
        ("很多", "amount_bad"),
        ("9e20", "amount_bad"),
        ("100-200", "amount_bad"),
    ],
)
def test_what_is_no_amount_is_refused(said: str, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_amount(said)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "said", ["2025", "2025年", "2025年度", Number("2025.0"), "二〇二五年", date(2025, 6, 1), "2025-06"]
)
def test_a_year_is_read_in_every_form(said: Any) -> None:
    assert read_year(said) == 2025


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("示例张三", "示例张三"),
        ("张\u3000三", "张三"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("𠮷田示例", "𠮷田示例"),
        ("张三（户主）", "张三"),
        ("㛃㛃", "㛃㛃"),
        ("Anna Li", "Anna Li"),
    ],
)
def test_names_of_all_peoples_and_rare_characters_are_names(said: str, name: str) -> None:
    assert read_name(said, COLUMNS) == name


@pytest.mark.parametrize("said", ["=1+1", "12345", "@x", "张三13800001234", "张", "长" * 60])
def test_what_is_no_name_is_refused(said: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_name(said, COLUMNS)
    assert caught.value.code == "name_bad"


def test_genders_are_read() -> None:
    assert [read_gender(said) for said in ("男", "女性", Number("1"), "F", "")] == [
        "male",
        "female",
        "male",
        "female",
        "",
    ]
