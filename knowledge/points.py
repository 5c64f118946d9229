"""Points finer than an aspect that people ask about beside a stated fact (lexicon/points.yaml): closed world again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from knowledge.faults import read_yaml
from knowledge.policy import Aspect, Fact, Kind, Provision
from knowledge.shelf import ASKED_ABOUT


@dataclass(frozen=True)
class Point:
    """What may be asked of a provision, and the words of a fact that would state it."""

    id: str
    what: str
    asked: re.Pattern[str]
    held: re.Pattern[str]
    kinds: frozenset[Kind]
    aspect: Aspect | None
    """Where that aspect is named as not stated, the point need not be."""


@cache
def points() -> tuple[Point, ...]:
    data = read_yaml((files("knowledge") / "lexicon" / "points.yaml").read_text("utf-8"))
    return tuple(
        Point(
            name,
            entry["what"],
            re.compile("|".join(f"(?:{shape})" for shape in entry["ask"])),
            re.compile(entry["held"]),
            frozenset(map(Kind, entry["kinds"])) if "kinds" in entry else ASKED_ABOUT,
            Aspect(entry["aspect"]) if "aspect" in entry else None,
        )
        for name, entry in data.items()
    )


def words_of(provision: Provision) -> str:
    """All that is said and quoted of a provision."""
    return "\n".join(words for fact in provision.facts for words in (fact.say, *fact.quote))


def stating_point(words: str, provision: Provision) -> Fact | None:
    """The fact that states a point which the question asks."""
    for point in points():
        if provision.kind in point.kinds and point.asked.search(words):
            for fact in provision.facts:
                if point.held.search("\n".join((fact.say, *fact.quote))):
                    return fact
    return None


def open_points(words: str, provision: Provision) -> tuple[Point, ...]:
    """Points that a question asks and no fact of the provision states."""
    asked = [point for point in points() if provision.kind in point.kinds and point.asked.search(words)]
    return tuple(point for point in asked if not point.held.search(words_of(provision)))
