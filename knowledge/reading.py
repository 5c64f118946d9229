"""Reads a question: its words, its places, and whether it leans on the turn before."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.language import bare, plain
from knowledge.places import PlaceReading, read_places
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
YEAR = re.compile(r"(?<!\d)(19\d\d|20\d\d)年?")


@dataclass(frozen=True)
class Asked:
    """A question, read."""

    text: str
    """In standard words (language.plain)."""
    places: PlaceReading
    leaning: bool
    """It leaves out what the turn before said."""
    years: frozenset[int]
    """Years it names: an older document answers only when asked for."""

    @property
    def topic_words(self) -> str:
        """The words without the places, for finding the matter."""
        return self.places.rest or self.text


def read_question(question: str, context: Context, regions: Regions, covered: frozenset[str]) -> Asked:
    """The words and places of a question, with what the turn before adds.

    Words that name a place and nothing else ask the previous question anew for that place.
    """
    text = plain(question)
    places = read_places(text, regions, home=context.region, covered=covered)
    previous = context.previous
    years = frozenset(int(year) for year in YEAR.findall(text))
    if previous and (places.codes or places.comparing) and not bare(ONLY_PLACE.sub("", places.rest)):
        return Asked(previous.question, places, leaning=False, years=years)
    leaning = previous is not None and (bool(LEANING.search(text)) or len(bare(places.rest)) <= SHORT)
    return Asked(text, places, leaning, years)


def words_for_each(asked: Asked, regions: Regions) -> dict[str, str]:
    """For several places: what is asked of each, where each has clauses of its own.

    示范乡镇武汉多久评一次，扬州的基地几号前报 -> one question a place; empty where the places share one.
    """
    parts = re.split(r"[,，。;；?？]", asked.text)
    shared: list[str] = []
    own: dict[str, list[str]] = {}
    current: str | None = None
    for part in parts:
        named = [mention.code for mention in regions.find(part) if mention.code in asked.places.codes]
        if len(set(named)) > 1:
            return {}
        if named:
            current = named[0]
        if current is None:
            shared.append(part)
        else:
            own.setdefault(current, []).append(part)
    if set(own) != set(asked.places.codes):
        return {}
    words = {code: "，".join([*shared, *own[code]]) for code in own}
    return words if all(len(bare(text)) > SHORT for text in words.values()) else {}
