"""What is sealed opens only in its place; what is searched is found however it was written; the rest is hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.keys import Keys
from bot.sealing import SealBroken, Sealer, find_phone, mask_id, mask_name, mask_phone

KEYS = Keys("a secret of an installation, long enough")
SEALER = Sealer(KEYS, "tickets")
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(words, words)
def test_what_was_sealed_opens(text: str, context: str) -> None:
    sealed = SEALER.seal(text, context)
    assert SEALER.open(sealed, context) == text
    assert Sealer(KEYS, "tickets").open(sealed, context) == text


@given(words, words, words)
def test_in_another_place_it_does_not_open(text: str, context: str, other: str) -> None:
    if context != other:
        with pytest.raises(SealBroken):
            SEALER.open(SEALER.seal(text, context), other)


@given(words)
def test_for_another_purpose_or_with_another_key_it_does_not_open(text: str) -> None:
    sealed = SEALER.seal(text, "phone")
    for other in (Sealer(KEYS, "people"), Sealer(Keys("another secret, also long enough to be one"), "tickets")):
        with pytest.raises(SealBroken):
            other.open(sealed, "phone")
        assert other.digest(text) != SEALER.digest(text)


@given(words)
def test_the_same_text_is_never_sealed_alike(text: str) -> None:
    first, second = SEALER.seal(text, "name"), SEALER.seal(text, "name")
    assert first[:13] != second[:13]
    assert first != second


@given(st.binary(max_size=80))
def test_what_was_never_sealed_does_not_open(junk: bytes) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(junk, "name")


@given(words, st.data())
def test_one_changed_bit_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = bytearray(SEALER.seal(text, "name"))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises(SealBroken):
        SEALER.open(bytes(sealed), "name")


PHONE = "13812345678"


@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        "+86 138 1234 5678",
        "+8613812345678",
        "008613812345678",
        "86-138-1234-5678",
        "１３８１２３４５６７８",
        "＋８６　１３８　１２３４　５６７８",
        "138－1234－5678",
        "1381 234 5678",
        "我电话13812345678，下午打",
        "手机：138 12345678 谢谢",
        "5 13812345678",
        "一三八一二三四五六七八",
        "幺三八 幺二三四 五六七八",
    ],
)
def test_a_phone_is_found_however_it_was_written(written: str) -> None:
    assert find_phone(written) == PHONE
    assert SEALER.digest(written) == SEALER.digest(PHONE)
    assert mask_phone(written) == "138****5678"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "没有电话",
        "1381234567",
        "138123456789",
        "12812345678",
        "421083196613812345",
        "421083 1966 1381 234X",
        "6222 1381 2345 678",
        "0716-2212345",
    ],
)
def test_what_is_no_mobile_number_is_not_taken_for_one(written: str) -> None:
    assert find_phone(written) is None


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["电话{}", "{}。", "+86{}", " {} "]))
def test_every_mobile_number_is_found_within_words(number: str, around: str) -> None:
    assert find_phone(around.format(number)) == number


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("张三", " 张 三 ", True),
        ("买买提·艾力", "买买提•艾力", True),
        ("Zhang San", "zhang　san", True),
        ("张三", "张四", False),
        ("42108319900101123x", "４２１０８３ 19900101 123X", True),
        ("0716-2212345", "0716 2212345", True),
        ("13812345678", "13812345679", False),
    ],
)
def test_names_and_numbers_are_found_by_what_counts(one: str, other: str, same: bool) -> None:
    assert (SEALER.digest(one) == SEALER.digest(other)) is same


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", ""),
        ("张", "张*"),
        ("张三", "张*"),
        ("张小三", "张*三"),
        ("欧阳小三", "欧**三"),
        (" 张三 ", "张*"),
        ("示例·李某", "示例·李*"),
        ("示例·李", "示例·李*"),
        ("阿卜杜拉·买买提", "阿***·买**"),
        ("阿依·古丽·买提", "阿依·古*·买*"),
        ("·李某", "·*某"),
        ("李某·", "李*·"),
    ],
)
def test_names_are_shown_half_hidden(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("421083199001011234", "421083********1234"),
        ("421083 19900101 123x", "421083********123X"),
        ("421083900101123", "421083*****1123"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_id_numbers_are_shown_half_hidden(number: str, shown: str) -> None:
    assert mask_id(number) == shown


@pytest.mark.parametrize(("number", "shown"), [("0716-2212345", "****2345"), ("110", "****"), ("", "****")])
def test_of_other_numbers_little_is_shown(number: str, shown: str) -> None:
    assert mask_phone(number) == shown
