"""What comes in is made safe: nothing that a database refuses, nothing that must not be kept."""

from __future__ import annotations

import pytest

from bot.door import MAX_TEXT, Marks, clean, drop_private, is_id_number
from bot.messages import Address, ChannelName, Incoming

MARKS = Marks("［证］", "［卡］")
ID = "11010519491231002X"


def cleaned(text: str) -> str:
    return clean(Incoming(Address(ChannelName.TERMINAL, "a"), "e", text), MARKS).incoming.text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("补\x00多\x07少", "补多少"),
        ("\u202e补多少\u202c", "补多少"),
        ("补\r\n多少\u200b", "补\n多少"),
        ("半\ud83d个", "半个"),
        ("   ", ""),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
    ],
)
def test_unwanted_characters_are_dropped(text: str, kept: str) -> None:
    assert cleaned(text) == kept


def test_long_text_is_cut() -> None:
    result = clean(Incoming(Address(ChannelName.TERMINAL, "a"), "e", "长" * 20_000), MARKS)
    assert result.was_cut
    assert len(result.incoming.text) == MAX_TEXT


@pytest.mark.parametrize(
    "written",
    [ID, ID.lower(), "110105 19491231 002X", "110105-19491231-002X", "１１０１０５１９４９１２３１００２Ｘ"],
)
def test_id_number_is_not_kept_however_it_is_written(written: str) -> None:
    assert drop_private(f"我是{written}，补多少", MARKS) == ("我是［证］，补多少", frozenset({"id_number"}))


@pytest.mark.parametrize("written", ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"])
def test_bank_card_is_not_kept_however_it_is_written(written: str) -> None:
    assert drop_private(f"卡号{written}。", MARKS) == ("卡号［卡］。", frozenset({"bank_card"}))


@pytest.mark.parametrize(
    "text",
    [
        "2023 1000 2000 5000",
        "电话 13800138000",
        "110105194913310029",  # no such month
        "1000元到2000元，满12个月",
        "文号鄂人社发〔2021〕15号",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert drop_private(text, MARKS) == (text, frozenset())


def test_phone_is_half_hidden_in_what_is_stored_but_not_for_the_dialogue() -> None:
    result = clean(Incoming(Address(ChannelName.TERMINAL, "a"), "e", "打我13812345678"), MARKS)
    assert result.incoming.text == "打我13812345678"
    assert result.stored_text == "打我138****5678"


def test_strange_keys_become_digests() -> None:
    result = clean(Incoming(Address(ChannelName.TERMINAL, "a\x00b"), "e" * 500, "x"), MARKS)
    assert len(result.incoming.address.key) == len(result.incoming.event_id) == 64


def test_id_check_digit() -> None:
    assert is_id_number(ID)
    assert not is_id_number(ID[:-1] + "1")


def test_an_id_number_with_a_digit_mistyped_is_not_kept_either() -> None:
    text, dropped = drop_private(f"我的是{ID[:-1]}1", Marks("[id]", "[card]"))
    assert ID[:-1] not in text
    assert dropped == {"id_number"}
