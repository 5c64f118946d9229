"""Groups, wishes and skills that a row of 一人一档 speaks of. Pure; what counts as which stands in `columns.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from handlers.people.ledger.columns import Columns, GroupRule, Template
from handlers.people.person import WishKind
from handlers.people.trades import ANY, OTHER, find_trades

MOST_SKILLS, MOST_SKILL = 10, 20
MOST_WISH = 80
WISHES = {"work_wish": WishKind.WORK, "training_wish": WishKind.TRAINING}
_NO_WISH = re.compile(r"无|否|没有|不愿.*|无.*意愿|暂无.*|不想.*|不需要.*|没.*意愿")
_ANY_WISH = re.compile(r"有|是|愿意|有.{0,4}意愿|有.{0,4}需求|都可以|不限")


def groups_of(fields: Mapping[str, Any], columns: Columns) -> frozenset[str]:
    """Names of `Group`."""
    if not fields:
        return frozenset()
    return frozenset(name for name, rule in columns.groups.items() if _belongs(fields, rule, columns))


def _belongs(fields: Mapping[str, Any], rule: GroupRule, columns: Columns) -> bool:
    if rule.unless and _is_marked(rule.unless, fields, columns):
        return False
    if any(fields.get(name) for name in rule.filled):
        return True
    if any(fields.get(name) in values for name, values in rule.choice.items()):
        return True
    if any(_is_marked(name, fields, columns) for name in rule.marked):
        return True
    for name, words in rule.words.items():
        if not (text := str(fields.get(name, ""))):
            continue
        for word in rule.excluded:
            text = text.replace(word, "")
        if any(_names(text, word) for word in words):
            return True
    return False


def _is_marked(name: str, fields: Mapping[str, Any], columns: Columns) -> bool:
    one = columns.fields[Template.T2][name]
    return says_yes(str(fields.get(name, "")), one.yes, columns) is True


def _names(text: str, word: str) -> bool:
    """非低保, 无残疾 name the word and mean the contrary."""
    return any(
        text[: found.start()][-1:] not in ("非", "无", "未", "不") for found in re.finditer(re.escape(word), text)
    )


def says_yes(text: str, own_words: Sequence[str], columns: Columns) -> bool | None:
    """What a yes-or-no cell says: √, 否, □是☑否, and what means yes in this column alone (低保 A 类). None: neither."""
    text = re.sub(r"\s", "", text).casefold()
    if box := _ticked(text):
        text = box
    if not text or text in columns.no_words or text.startswith(_NOT):
        return False
    if text in columns.yes_words or (text.startswith(("是", "有")) and "否" not in text):
        return True
    if re.fullmatch(r"[0-9]{8,}[0-9xb]*", text):
        return True  # the number of a certificate
    return True if any(_names(text, word) for word in own_words) else None


_NOT = ("未", "非", "不是", "不属", "无", "否", "没")
_BOXES, _TICKS = "□☐○☑√✓✔■●☒", "[☑√✓✔■●☒]"


def _ticked(text: str) -> str:
    """□是☑否, 是□否☑ -> 否; empty where nothing is to be ticked."""
    label = "(是|否|有|无)"
    found = re.search(f"{_TICKS}{label}" if text[:1] in _BOXES else f"{label}{_TICKS}", text)
    return found[1] if found else ""


def wishes_of(fields: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """(kind, trade) -> as it stands there."""
    found: dict[tuple[str, str], str] = {}
    for name, kind in WISHES.items():
        words = str(fields.get(name, "")).strip()
        if not words or _NO_WISH.fullmatch(words):
            continue
        trades = find_trades(words) or ((ANY,) if _ANY_WISH.fullmatch(words) else (OTHER,))
        found |= {(str(kind), trade): words[:MOST_WISH] for trade in trades}
    return found


def skills_of(fields: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(_skills(str(fields.get("skills", "")))))[:MOST_SKILLS]


def _skills(text: str) -> Iterator[str]:
    for part in re.split(r"[、，,;；/\s]+", text):
        if part and part not in ("无", "否", "没有"):
            yield part[:MOST_SKILL]
