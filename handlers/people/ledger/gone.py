"""Whether a ledger says that somebody has died or moved away, beside the name or in the remarks. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

from handlers.people.ledger.columns import Columns


class Gone(StrEnum):
    SELF = "self"  # the person of the row
    SOMEBODY = "somebody"  # it is not said who


_TIME = r"(?:[0-9]{2,4}[-./年]?(?:[0-9]{1,2}[-./月]?)?(?:[0-9]{1,2}日?)?|去年|今年|前年|近期|近日)?份?底?初?"
_WHO = r"(?:该|此|其)?(?:本人|人|渔民|同志|户主|人员)?"
_WHY = r"(?:因|由于)?(?:[^,，、;；。]{0,6}?(?:病|故|祸|溺水|意外))?"
_AFTER = r"(?:人员|户|了|的|注销|终止|停保|停发|销户|除名|中)*"
_HOW = r"(?:已经|已|于|正在|在|均|户口|户籍|人口)*"


def named_gone(name: str, columns: Columns) -> bool:
    """张三（已去世）, 张三已故."""
    notes = re.findall(r"\(([^()]*)\)", name)
    if any(word in note for note in notes for word in columns.gone_words):
        return True
    bare = re.sub(r"\s|\([^()]*\)", "", name)
    return bare.endswith(columns.gone_ends) or bare.startswith("已故") or bool(re.search(r"\s[故亡殁逝]$", name))


def who_is_gone(text: str, columns: Columns) -> Gone | None:
    """2024年去世 is the person; 丈夫去世 is somebody else, who is not told of; of 死亡证明已交 it is not clear."""
    bare = re.sub(r"\s", "", text)
    if not any(word in bare for word in columns.gone_notes):
        return None
    found: Gone | None = None
    ends = "|".join(map(re.escape, sorted(columns.gone_notes, key=len, reverse=True)))
    plain = re.compile(f"{_WHO}{_HOW}{_TIME}{_HOW}{_WHY}{_HOW}(?:{ends}){_AFTER}(?:{_TIME})")
    for part in re.split(r"[,，、;；。()（）:：]+", bare):
        if columns.relatives.search(part):
            continue
        if plain.fullmatch(part):
            return Gone.SELF
        if any(word in part for word in columns.gone_notes):
            found = Gone.SOMEBODY
    return found
