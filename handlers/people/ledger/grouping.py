"""Groups that a row of 一人一档 speaks of, and its yes-or-no columns. Pure; the words are in `columns.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from handlers.people.ledger.columns import Columns, Field, GroupRule, Template
from handlers.people.ledger.denying import any_of


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
    return any(
        True in _told(str(fields[name]), words, rule.excluded, columns)
        for name, words in rule.words.items()
        if fields.get(name)
    )


def is_unclear(name: str, text: str, columns: Columns) -> bool:
    """Whether a text in the column of a field names a group and takes it back in words that leave it open."""
    found = (
        set(_told(text, rule.words[name], rule.excluded, columns))
        for rule in columns.groups.values()
        if name in rule.words
    )
    return any(None in told and True not in told for told in found)


def _told(text: str, words: Sequence[str], excluded: Sequence[str], columns: Columns) -> Iterator[bool | None]:
    """Of each place where a text names a group: whether somebody is of it; None: something takes it back.

    非低保 is the contrary; 残疾人家属, 低保（已取消） and 原低保 leave it open.
    """
    for word in excluded:
        text = text.replace(word, "\n")
    if not any(word in text for word in words):
        return
    parts = re.split(r"([，,、;；。()（）/+]+)", re.sub(r"\s", "", text))
    for at in range(0, len(parts), 2):
        part = parts[at]
        denied = columns.denials.deny(part, columns.group_words) or _is_ended(parts, at, columns)
        for found in re.finditer(f"(?:{any_of(words).pattern})+", part):
            if columns.denials.is_contrary(part, found.start()):
                yield False
            else:
                yield None if denied else True


def _is_ended(parts: Sequence[str], at: int, columns: Columns) -> bool:
    """Whether what stands beside a part, and names no group of its own, takes it back: （已取消）, 家属（…）.

    `parts`: with what parts them in between.
    """
    if at and parts[at - 1].endswith(("(", "（")) and _deny_alone(parts[at - 2], columns):
        return True
    for place in range(at + 2, len(parts), 2):
        mark, part = parts[place - 1], parts[place]
        if columns.group_words.search(part):
            return False
        bracket = mark.endswith(("(", "（"))
        if _deny_alone(part, columns) if bracket else columns.denials.end(part):
            return True
    return False


def _deny_alone(part: str, columns: Columns) -> bool:
    return not columns.group_words.search(part) and columns.denials.deny(part)


def _is_marked(name: str, fields: Mapping[str, Any], columns: Columns) -> bool:
    text = str(fields.get(name, ""))
    return bool(text) and means_yes(columns.fields[Template.T2][name], text, columns) is True


def means_yes(one: Field, text: str, columns: Columns) -> bool | None:
    """What a cell of a yes-or-no column says."""
    key = (one.name, text)
    if key not in columns.marks:
        said = says_yes(text, one.yes, columns, neither=one.neither, numbered=one.numbered)
        if len(columns.marks) >= 10_000:
            return said
        columns.marks[key] = said
    return columns.marks[key]


def says_yes(
    text: str, own_words: Sequence[str], columns: Columns, *, neither: Sequence[str] = (), numbered: bool = False
) -> bool | None:
    """What a yes-or-no cell says: √, 否, □是☑否, and what means yes in this column alone (低保 A 类). None: neither.

    `neither`: words that leave it open; `numbered`: the number of a certificate means yes.
    """
    text = re.sub(r"\s", "", text).casefold()
    if box := _ticked(text):
        text = box
    if not text or text in columns.no_words:
        return False
    if text in columns.yes_words:
        return True
    denials = columns.denials
    if any(word in text for word in neither) or denials.unsure.search(text):
        return None
    rest, own = text, sorted(own_words, key=len, reverse=True)
    for word in own:
        rest = rest.replace(word, "\n")
    if rest != text or text.startswith(("是", "有")):
        if not denials.deny(rest, columns.group_words):
            return True
        # 非脱贫户 is no; 原脱贫户, 脱贫（已取消） may be either.
        return False if denials.negated.fullmatch(rest.replace("\n", "")) else None
    if numbered and re.fullmatch(r"[0-9]{17}[0-9x](?:[0-9]{1,2}b?[0-9]?)?", text):
        return True
    return False if text.startswith(_NOT) else None


_NOT = ("未", "非", "不是", "不属", "不在", "不享", "不符", "无", "否", "没")
_BOXES, _TICKS = "□☐○☑√✓✔■●☒", "[☑√✓✔■●☒]"


def _ticked(text: str) -> str:
    """□是☑否, 是□否☑ -> 否; empty where nothing is to be ticked."""
    label = "(是|否|有|无)"
    found = re.search(f"{_TICKS}{label}" if text[:1] in _BOXES else f"{label}{_TICKS}", text)
    return found[1] if found else ""
