"""Wishes and skills that a row of 一人一档 speaks of, and words there that say there are none. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from handlers.people.ledger.columns import Columns
from handlers.people.person import WishKind
from handlers.people.trades import ANY, OTHER, find_trades

MOST_SKILLS, MOST_SKILL = 10, 20
MOST_WISH = 80
WISHES = {"work_wish": WishKind.WORK, "training_wish": WishKind.TRAINING}
_ANY_WISH = re.compile(r"有|是|愿意|有.{0,4}意愿|有.{0,4}需求|都可以|都行|均可|不限|不挑|[没无]有?要求")
_NO_SKILL = re.compile(r"(?:其他|其它|暂|均|都|也)?(?:无|没|未|不|否).*|.*(?:[:：]|特长|技能|技术)(?:无|没有|×|否)")


def wishes_of(fields: Mapping[str, Any], columns: Columns) -> dict[tuple[str, str], str]:
    """(kind, trade) -> as it stands there."""
    found: dict[tuple[str, str], str] = {}
    for name, kind in WISHES.items():
        words = str(fields.get(name, "")).strip()
        trades, _ = read_wish(words, columns) if words else ((), False)
        found |= {(str(kind), trade): words[:MOST_WISH] for trade in trades}
    return found


def read_wish(words: str, columns: Columns) -> tuple[Sequence[str], bool]:
    """The trades of a wish, and whether it cannot be told if it is one: 年纪大了; 有，不需要.

    不想学电焊 is no wish; 电焊，不出远门 is one for 电焊.
    """
    text = re.sub(r"\s+", "，", words).casefold()
    if text in columns.no_words:
        return (), False
    if text in columns.yes_words:
        return (ANY,), False
    wishing = columns.wishing
    parts = [part for part in re.split(r"[，,、;；。()（）/]+", text) if part]
    denied = [part for part in parts if wishing.denied.search(wishing.harmless.sub("", part))]
    kept = [part for part in parts if part not in denied]
    if trades := find_trades("，".join(kept) if denied else words):
        return trades, False
    kept = [part for part in kept if not wishing.doubtful.search(part)]
    if kept and not denied:
        return ((ANY,) if any(_ANY_WISH.fullmatch(part) for part in parts) else (OTHER,)), False
    # Nothing but a refusal is none; a refusal beside other words, or a "not" that refuses nothing, is looked at.
    refused = bool(denied) and all(_refuses(part, columns) for part in denied)
    return (), bool(kept) or not refused


def _refuses(part: str, columns: Columns) -> bool:
    """不, 不想学电焊; in 不想进厂想学电焊 stands a wish beside the refusal."""
    if len(part) <= 2:
        return True
    rest = columns.wishing.refused.sub("\n", part)
    return "\n" in rest and not re.search(r"想|愿|希望", rest.replace("意愿", ""))


def skills_of(fields: Mapping[str, Any], columns: Columns) -> list[str]:
    return list(dict.fromkeys(_skills(str(fields.get("skills", "")), columns)))[:MOST_SKILLS]


def _skills(text: str, columns: Columns) -> Iterator[str]:
    for part in re.split(r"[、，,;；/\s]+", text):
        bare = columns.wishing.harmless.sub("", part) or part
        marks = columns.no_words | columns.yes_words
        if part and part.casefold() not in marks and not _NO_SKILL.fullmatch(bare):
            yield part[:MOST_SKILL]
