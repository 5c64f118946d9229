"""How characters and words sound, by the tables of pypinyin.

Its table of phrases takes a third of a second and some forty megabytes at every start; only whole words need it.
"""

from __future__ import annotations

import os
from functools import cache


@cache
def syllable(character: str) -> str:
    """Toneless pinyin of one character; other characters stand for themselves."""
    _leave_out_phrases()
    from pypinyin import Style
    from pypinyin.pinyin_dict import pinyin_dict
    from pypinyin.style import convert

    known = pinyin_dict.get(ord(character), "")
    return convert(known.split(",")[0], Style.NORMAL, strict=False) if known else character


def spell(words: str) -> list[str]:
    """Toneless pinyin of Chinese words, syllable by syllable; of other characters nothing."""
    _load_phrases()
    from pypinyin import lazy_pinyin

    return list(lazy_pinyin(words, errors="ignore"))


@cache
def _leave_out_phrases() -> None:
    # pypinyin reads it when it is first imported, and only then.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")


@cache
def _load_phrases() -> None:
    from pypinyin import load_phrases_dict
    from pypinyin.phrases_dict import phrases_dict

    load_phrases_dict(phrases_dict)
