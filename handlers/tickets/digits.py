"""Digits as people write and speak them: 138 7123-4567, １３８…, 幺三八七二一零…. Pure."""

from __future__ import annotations

from dataclasses import dataclass

SPOKEN = {
    **{word: str(n) for n, word in enumerate("零一二三四五六七八九")},
    "〇": "0", "○": "0", "洞": "0", "幺": "1", "壹": "1", "两": "2", "贰": "2", "叁": "3", "肆": "4", "伍": "5",
    "陆": "6", "拐": "7", "柒": "7", "捌": "8", "玖": "9",
}  # fmt: skip
JOINERS = frozenset(" \u3000\xa0\t-–—－‐‑_·.．杠横减")
PAUSES = frozenset(" \u3000，,、。")
"""Voice input writes a pause within a number as a comma."""
COUNTED = frozenset("个年月日号天块元毛千百万十亿岁趟次回家户人点成层楼组队遍")
"""A spoken digit before one of these counts something and is no part of the number before: …六六八三个人."""
AFTER_ONE = frozenset("共定直起样点会下些边般旦切家")
"""一 before one of these is a word: 一共, 一直."""


@dataclass(frozen=True)
class Group:
    """Digits without a break."""

    digits: str
    start: int
    end: int
    spoken: bool
    """In Chinese numerals."""


Chain = tuple[Group, ...]
"""Groups with nothing between them but what people put within one number."""


def groups_in(text: str) -> tuple[Group, ...]:
    """All unbroken runs of digits; figures and Chinese numerals side by side are two runs."""
    found: list[Group] = []
    at = 0
    while at < len(text):
        if (kind := _kind(text[at])) is None:
            at += 1
            continue
        end = at
        while end < len(text) and _kind(text[end]) == kind:
            end += 1
        after, last = text[end : end + 1], text[end - 1]
        stop = end
        if kind == "spoken" and end - at > 1 and (after in COUNTED or (last == "一" and after in AFTER_ONE)) and after:
            stop -= 1
        found.append(Group("".join(map(_digit, text[at:stop])), at, stop, kind == "spoken"))
        at = end
    return tuple(found)


def chains_in(text: str, *, pauses: bool = False) -> tuple[Chain, ...]:
    """Groups joined to chains; with `pauses` also over a comma."""
    joiners = JOINERS | PAUSES if pauses else JOINERS
    chains: list[list[Group]] = []
    for group in groups_in(text):
        between = text[chains[-1][-1].end : group.start] if chains else None
        if between is not None and len(between) <= 3 and all(c in joiners for c in between):
            chains[-1].append(group)
        else:
            chains.append([group])
    return tuple(map(tuple, chains))


def _kind(character: str) -> str | None:
    if character.isdecimal():
        return "written"
    return "spoken" if character in SPOKEN else None


def _digit(character: str) -> str:
    return SPOKEN.get(character) or str(int(character))
