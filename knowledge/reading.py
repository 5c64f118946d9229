"""Reads a question: its words, its places, and what is asked of each of several."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.language import ASKING, bare, concepts, plain
from knowledge.matters import names_matter
from knowledge.phrases import FollowUps, phrases
from knowledge.places import read_places
from knowledge.regions import Regions
from knowledge.results import Previous

SHORT = 6
"""A question of so few characters beside its place leans on the turn before."""
PEOPLE = frozenset(
    {"fisher_retired", "fisher_full", "fisher_part", "fishing_ban", "poor_person", "monitor", "dibao", "tekun",
     "disabled", "hard_employ", "migrant", "leftover_youth", "for_other", "age"}
)  # fmt: skip
ASIDE = 12
"""So many characters without a question beside a place are an aside."""
YEAR = re.compile(r"(?<!\d)(19\d\d|20\d\d)年?")


@dataclass(frozen=True)
class Asked:
    """A question, read."""

    words: str
    """As the person put it, or the question before without its places, where that is asked anew: what to remember."""
    text: str
    """In standard words (language.plain)."""
    topic_words: str
    """The words without the places, for finding the matter."""
    codes: tuple[str, ...]
    """Places asked about: named, or kept from the turn before; empty where the asker's own is meant."""
    everywhere: bool
    """All places are to be told side by side."""
    leaning: bool
    """It leaves out what the turn before said."""
    years: frozenset[int]
    """Years it names: an older document answers only when asked for."""
    perhaps: str | None = None
    """A place that an ordinary word in it stands for perhaps; `topic_words` are without that word."""
    workplace: tuple[str, str] | None = None
    """A place where one works, and what is asked of pay there: its document may hold what one's own does not."""
    claims_sum: bool = False
    """It wants a sum confirmed; `topic_words` are without the figure."""
    previous: Previous | None = None
    """The turn before, where it counts for the matter; None where the question stands for itself."""


def read_alone(question: str, home: str | None, regions: Regions, covered: frozenset[str]) -> Asked:
    """The words and places of a question by itself; what the turn before adds is `knowledge.following`'s."""
    text = plain(question)
    places = read_places(text, regions, home=home, covered=covered)
    if places.perhaps:
        question = text = text[: places.perhaps.start] + text[places.perhaps.end :]
    return Asked(
        words=question,
        text=text,
        topic_words=text if places.perhaps else places.rest or text,
        codes=places.codes,
        everywhere=places.comparing and not places.codes,
        leaning=False,
        years=frozenset(int(year) for year in YEAR.findall(text)),
        perhaps=places.perhaps.code if places.perhaps else None,
        workplace=places.workplace,
    )


def is_only_place(rest: str) -> bool:
    """Whether nothing is asked beside the place: 武汉呢, or 哎打错了，我是……的."""
    aside = len(bare(rest)) <= ASIDE and ASKING.search(rest) is None and not names_matter(rest)
    return aside or phrases(FollowUps).only_place.match(rest) is not None


def matters_of(text: str) -> set[str]:
    """Concepts in a text that are matters to ask about, not ways of asking (ask_…) and not kinds of people."""
    return {concept for concept in concepts(text) if not concept.startswith("ask_") and concept not in PEOPLE}


def says_no_matter(text: str) -> bool:
    """两年半了还能领么 names nothing to ask about; it means what was told before."""
    return not matters_of(text) and not names_matter(text)


def words_for_each(asked: Asked, regions: Regions) -> dict[str, str]:
    """For several places: what is asked of each, where each has clauses of its own.

    示范乡镇武汉多久评一次，扬州的基地几号前报 -> one question a place; empty where the places share one.
    """
    parts = re.split(r"[,，。;；?？]", asked.text)
    shared: list[str] = []
    own: dict[str, list[str]] = {}
    current: str | None = None
    for part in parts:
        named = [mention.code for mention in regions.find(part) if mention.code in asked.codes]
        if len(set(named)) > 1:
            return {}
        if named:
            current = named[0]
        if current is None:
            shared.append(part)
        else:
            own.setdefault(current, []).append(part)
    if set(own) != set(asked.codes):
        return {}
    words = {code: "，".join([*shared, *own[code]]) for code in own}
    asking = all(len(bare(part)) > SHORT and ASKING.search(part) for part in words.values())
    return words if asking else {}
