"""Characters sound alone, words as they are spoken."""

from __future__ import annotations

from knowledge.pinyin import spell, syllable


def test_a_character_sounds_alone_and_in_a_word_as_it_is_spoken() -> None:
    assert [syllable(character) for character in "重庆a"] == ["zhong", "qing", "a"]
    assert spell("重庆a") == ["chong", "qing"]
    assert syllable("重") == "zhong"
