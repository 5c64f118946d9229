"""Long texts are cut where a reader would pause; buttons fit a small phone."""

from __future__ import annotations

import html
import json

from hypothesis import given
from hypothesis import strategies as st
from telegram import InlineKeyboardMarkup

from bot.channels.telegram.rendering import TEXT_LIMIT, as_html, count_units, make_keyboard, split_text
from bot.messages import Choice
from tests.telegram.schema import check_text, units


def choose(*labels: str) -> list[list[str]]:
    keyboard = make_keyboard([Choice(label, "a:b", value=f"3-{number}") for number, label in enumerate(labels)])
    return [[button.text for button in row] for row in keyboard.inline_keyboard] if keyboard else []


def test_a_text_that_fits_stays_whole():
    assert split_text("字" * TEXT_LIMIT) == ["字" * TEXT_LIMIT]


def test_a_long_text_is_cut_between_paragraphs():
    first, second = "一" * 3000, "二" * 3000
    assert split_text(f"{first}\n\n{second}") == [first, second]


def test_a_long_paragraph_is_cut_between_sentences():
    parts = split_text("这是一句完整的话。" * 600)
    assert len(parts) == 2
    assert all(part.endswith("。") for part in parts)


def test_a_character_outside_the_basic_plane_counts_twice():
    assert count_units("𠮷") == 2
    assert [count_units(part) for part in split_text("𠮷" * 3000)] == [4096, 1904]


def test_an_empty_text_has_no_parts():
    assert split_text(" \n\x00 ") == []


@given(
    st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("。\n <&>𠮷"), max_size=300),
    st.integers(2, 40),
)
def test_nothing_is_lost_and_no_part_is_too_long(text: str, limit: int):
    parts = split_text(text, limit)
    assert all(part and units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.replace("\x00", "").split())


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_telegram_shows_exactly_our_words(text: str):
    for part in split_text(text):
        assert html.unescape(as_html(part)) == part
        check_text(as_html(part), "HTML")


def test_markup_in_words_is_shown_and_not_obeyed():
    assert check_text(as_html('<b>&amp;</b> 3<5 && "引号"'), "HTML") == '<b>&amp;</b> 3<5 && "引号"'


def test_short_labels_stand_in_pairs_and_long_ones_alone():
    assert choose("有用", "没用", "看原文依据是哪一条", "找人工") == [
        ["有用", "没用"],
        ["看原文依据是哪一条"],
        ["找人工"],
    ]


def test_a_button_telegram_would_refuse_is_left_out():
    assert (
        make_keyboard([Choice("", "a:b", value="1"), Choice("好", "a:b", value="字" * 22), Choice("行", "a:b")]) is None
    )


def test_a_keyboard_says_of_itself_what_the_library_would_say() -> None:
    labels = ("对", "不对", "都不是，我再说一遍")
    made = make_keyboard([Choice(label, "a:b", value=f"3-{number}") for number, label in enumerate(labels)])
    assert made is not None
    assert json.loads(made.to_json()) == made.to_dict() == InlineKeyboardMarkup(made.inline_keyboard).to_dict()
