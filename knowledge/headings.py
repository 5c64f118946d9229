"""The parts of an official document by its headings: 一、 then （一） then 1. then （1）, tables and annexes.

Brackets of both widths, points of all kinds, and numbers that run on over sections are read as one numbering.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

NUMERAL = "[一二三四五六七八九十]{1,3}"
LEVELS = (
    re.compile(rf"^({NUMERAL})、"),
    re.compile(rf"^[（(]({NUMERAL})[）)]"),
    re.compile(r"^(\d{1,2})[.．、](?!\d)"),
    re.compile(r"^[（(](\d{1,2})[）)]"),
)
ANNEX = re.compile(r"^附件\s*(\d*)\s*(?:$|[:：])")
ROW = re.compile(r"^(\d{1,2})\s+(?=[一-龥])")
LONGEST_NAME = 30
CLAUSE_END = re.compile(r"(?<=[。；;！？])")


@dataclass(frozen=True)
class Draft:
    """The text under one lowest heading."""

    section: str
    """Path as the document numbers it: 二、（四）1."""
    name: str
    """The heading's words."""
    heading: str
    """The heading verbatim; for the words before a first sub-heading, that of the part."""
    clauses: tuple[str, ...]
    """Its sentences, verbatim."""
    above: tuple[str, ...] = ()
    """Headings over it that hold nothing but sub-headings, where it is the first of them."""
    divided_only: bool = False
    """It is such a heading itself."""


@dataclass
class Part:
    """A heading met on the way down, and its text so far."""

    level: int
    label: str
    heading: str
    name: str
    text: list[str]
    at: int = 0
    """Its line, so that drafts come in the order of the text."""
    divided: bool = False


def first_heading(source: str) -> str | None:
    """The line with which the operative part begins."""
    return next((line.strip() for line in source.splitlines() if LEVELS[0].match(line.strip())), None)


def drafts_of(source: str) -> list[Draft]:
    """Every lowest heading with its clauses, in order; words before the first heading are not operative."""
    drafts: list[tuple[int, Draft]] = []
    path: list[Part] = []
    started = first_heading(source) is None
    if started:
        path = [Part(0, "文首", "", "", [])]
    for number, raw in enumerate(source.splitlines()):
        line = raw.strip()
        if not line:
            continue
        found = part_of(line, within_annex=bool(path) and path[0].label.startswith("附件"))
        if not started and (found is None or found.level != 0 or found.label.startswith("附件")):
            continue
        started = True
        if found is None:
            path[-1].text.append(line)
            continue
        while path and path[-1].level >= found.level:
            drafts += close(path)
        if path:
            path[-1].divided = True
        found.at = number
        path.append(found)
    while path:
        drafts += close(path)
    return led_in(draft for _, draft in sorted(drafts, key=lambda item: item[0]))


def led_in(drafts: Iterable[Draft]) -> list[Draft]:
    """Bare headings taken into the draft that follows them."""
    kept: list[Draft] = []
    above: list[str] = []
    for draft in drafts:
        if draft.divided_only:
            above.append(draft.heading)
        else:
            kept.append(replace(draft, above=tuple(above)))
            above = []
    return kept


def part_of(line: str, *, within_annex: bool) -> Part | None:
    """The heading that a line is or begins with."""
    annex = ANNEX.match(line)
    if annex:
        return Part(0, f"附件{annex[1]}", line, line[annex.end() :].strip()[:LONGEST_NAME] or "附件", [])
    row = ROW.match(line) if within_annex else None
    if row:
        return Part(2, f"第{row[1]}项", line, line[row.end() :].split("：")[0][:LONGEST_NAME], [])
    for level, pattern in enumerate(LEVELS):
        found = pattern.match(line)
        if found:
            return headed(level, found, line)
    return None


def headed(level: int, found: re.Match[str], line: str) -> Part:
    """一、总体要求 is a heading; （一）实行服务。巩固…… is a heading and the text behind it."""
    label = (f"{found[1]}、", f"（{found[1]}）", found[1], f"（{found[1]}）")[level]
    words = line[found.end() :]
    name = re.split(r"[。；;：:]", words)[0]
    if len(name) > LONGEST_NAME:
        name = re.split(r"[，,]", name)[0][:LONGEST_NAME]
        return Part(level, label, line[: found.end()] + name, name, [line])
    heading = line[: found.end() + len(name)]
    rest = line[len(heading) :].lstrip("。；;：:")
    return Part(level, label, heading, name, [rest] if rest else [])


def close(path: list[Part]) -> Iterator[tuple[int, Draft]]:
    """The deepest part is whole: what it holds beside its sub-headings is a draft."""
    part = path.pop()
    clauses = tuple(piece.strip() for text in part.text for piece in CLAUSE_END.split(text) if piece.strip())
    labels = [above.label for above in path] + [part.label]
    section = "".join(labels).removesuffix("、") if len(labels) == 1 else "".join(labels)
    bare = part.divided and not clauses
    yield part.at, Draft(section, part.name.strip() or "文件", part.heading, clauses, divided_only=bare)
