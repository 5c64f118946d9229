"""Reads a question: its words, its places, and whether it leans on the turn before."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.language import ASKING, bare, concepts, plain
from knowledge.places import read_places
from knowledge.regions import Regions
from knowledge.results import Context

LEANING = re.compile(
    r"^(那|那么|还有|再|要是|如果|假如|万一|它|他|她|这个|这种|那个|那种|这|然后|另外|具体|可以|能|怎么|什么时候|多久|几|多少|同一|"
    r"满了|最多|最少|要)|(呢|的呢|那)[?？]?$"
)
SHORT = 6
"""A question of so few characters beside its place leans on the turn before."""
ONLY_PLACE = re.compile(
    r"^(那|那么|我|我们|俺|俺们|人|就|在|是|住|的|呢|吧|啊|这边|那边|这里|那里|问|说|看|看看|给|行|好|嗯|哦|改|换|换成|改成|再|加上|"
    r"还有|户口|户籍|老家|地方|本地|当地|以后|都|按|讲|一下|算了|还是|搞错了|不是|不对|说错了|我说的|我问的|来|跟|和|比|也|呀|嘛|了|下|"
    r",|，|。|、|\?|？|\s)*$"
)
ADDING = re.compile(r"加上|还有|连|再来|再看|也")
"""The place is asked for beside those of the turn before."""
ALL_OF_THEM = re.compile(
    r"[两三四五几]个?地方|几处|都(比|说|列|讲)|各(是|有|管|补|给|多少|自)|分别|哪个(高|多|好)|比一?下"
)
OWN_PLACE = re.compile(r"我自己|我本人|我这边|我家这边|我们这(里|边)?|我这里|说回|回到我")
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


def read_question(question: str, context: Context, regions: Regions, covered: frozenset[str]) -> Asked:
    """The words and places of a question, with what the turn before adds.

    Words that name a place and nothing else, or refuse to name one, ask the previous question anew.
    """
    text = plain(question)
    places = read_places(text, regions, home=context.region, covered=covered)
    years = frozenset(int(year) for year in YEAR.findall(text))
    codes, rest = places.codes, places.rest or text
    everywhere = places.comparing and not codes
    previous = context.previous
    if previous is None:
        return Asked(text, rest, codes, everywhere, leaning=False, years=years)
    if (codes or everywhere) and not matters_of(rest) and (everywhere or is_only_place(rest)):
        if codes and ADDING.search(text):
            codes = tuple(dict.fromkeys([*previous.places, *codes]))
        before = read_places(previous.question, regions, home=context.region, covered=covered)
        return Asked(previous.question, before.rest, codes, everywhere, leaning=False, years=years)
    news = matters_of(rest) - matters_of(previous.question)
    leaning = not news and (bool(LEANING.search(text)) or len(bare(rest)) <= SHORT)
    if not codes and previous.places and not OWN_PLACE.search(text):
        kept = context.region is None or LEANING.search(text) or len(bare(rest)) <= SHORT or ALL_OF_THEM.search(text)
        if kept:
            codes, everywhere = previous.places, False
    return Asked(text, rest, codes, everywhere and not codes, leaning, years)


def is_only_place(rest: str) -> bool:
    """Whether nothing is asked beside the place: 武汉呢, or 哎打错了，我是……的."""
    return ONLY_PLACE.match(rest) is not None or (len(bare(rest)) <= ASIDE and ASKING.search(rest) is None)


def matters_of(text: str) -> set[str]:
    """Concepts in a text that are matters to ask about, not ways of asking (ask_…) and not kinds of people."""
    return {concept for concept in concepts(text) if not concept.startswith("ask_") and concept not in PEOPLE}


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
