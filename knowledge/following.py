"""Follow-ups made whole: 武汉呢, 再加上罗庄, 三个地方比一下, 那贷款呢, with what the turn before was about. Pure.

The one place where a question gets what it leaves out; `PolicyBook` asks here before it looks anything up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from knowledge.language import bare, plain
from knowledge.matters import names_matter, names_other_matter
from knowledge.places import read_places
from knowledge.policy import Provision
from knowledge.reading import ONLY_PLACE, SHORT, Asked, is_only_place, matters_of, read_alone
from knowledge.regions import Regions
from knowledge.results import Context, Previous

LEANING = re.compile(
    r"^(那|那么|还有|再|要是|如果|假如|万一|它|他|她|这个|这种|那个|那种|这|然后|另外|具体|可以|能|怎么|什么时候|多久|几|多少|同一|"
    r"满了|最多|最少|要)|(呢|的呢|那)[?？]?$"
)
ADDING = re.compile(r"加上|还有|再(来|看|说|比|加)|连同|一起|也(看|说|算|比|加)")
"""The place is asked for beside those of the turn before."""
SAME_PLACES = re.compile(
    r"([2-9两几这那些]|都)个?(地方|地)|各(地|处|个|是|有|管|补|给|多少|自)|几处|分别|都(比|说|看|列|讲)|哪个(高|多|好)|比一?下"
)
"""All places of the turn before are meant."""
OWN_PLACE = re.compile(r"我们?自己|我本人|我家?这(边|里)|我们这|说回|回到我")
"""Back from somebody else's place to one's own."""
THE_SAME = re.compile(
    r"^(那|那么|的|人|话|要是|如果)*(也|都|还)?(有|是|行|能|可以|管|给|适用)*(这个|那个|这种|那种|这样|那样|这些|这|同样)?"
    r"(的|补贴|政策|规定|待遇|钱|说法|好事)*(有|能|行)*(吗|不|没有?|么|吧|呢|是怎么|怎么样|怎么说|如何|怎么规定|的)*$"
)
"""What is left of 洪湖也有这个吗 without the place: the same is asked."""


def read_question(
    question: str,
    context: Context,
    regions: Regions,
    covered: frozenset[str],
    *,
    before: Provision | None = None,
    places: Sequence[str] = (),
) -> Asked:
    """The words and places of a question, with what the turn before adds.

    `before` is what the turn before was about. `places`: asked for these, whatever it names.
    """
    asked = read_alone(question, context.region, regions, covered)
    previous = context.previous
    if places:
        rest = without_places(question, regions, covered)
        return replace(asked, topic_words=rest, codes=tuple(places), everywhere=False, previous=previous)
    if previous is None:
        return asked
    if means_own_place(asked.text):
        previous = replace(previous, places=())
    return _anew(asked, previous, regions, covered, before) or _leaning(asked, previous, context, before)


def _anew(
    asked: Asked, previous: Previous, regions: Regions, covered: frozenset[str], before: Provision | None
) -> Asked | None:
    """The question before for other places, where nothing else is said than which."""
    text = asked.text
    # Without the asker's own place: where nothing else is said, a foreign place is asked about, no destination.
    named = read_places(text, regions, home=None, covered=covered)
    question = previous.question
    if named.codes and asks_the_same(named.rest):
        codes = named.codes
        if before is not None and bare(ONLY_PLACE.sub("", named.rest)):
            question = f"{before.plain}有没有"
    elif (asked.codes or asked.everywhere) and not matters_of(asked.topic_words) and (
        asked.everywhere or is_only_place(asked.topic_words)
    ):  # fmt: skip
        codes = asked.codes
    else:
        return None
    if codes and ADDING.search(text):
        codes = tuple(dict.fromkeys([*previous.places, *codes]))
    whole = without_places(question, regions, covered)
    return replace(asked, words=whole, text=plain(whole), topic_words=plain(whole), codes=codes)


def _leaning(asked: Asked, previous: Previous, context: Context, before: Provision | None) -> Asked:
    """The words themselves, with places and matter of the turn before where they leave them out."""
    text, rest, codes = asked.text, asked.topic_words, asked.codes
    news = matters_of(rest) - matters_of(previous.question)
    short = len(bare(rest)) <= SHORT
    leaning = not news and (bool(LEANING.search(text)) or short)
    together = not codes and len(previous.places) > 1 and bool(SAME_PLACES.search(text))
    if not codes and (together or context.region is None or LEANING.search(text) or short):
        codes = previous.places
    spoken_of = previous.question
    if before is not None:
        spoken_of += before.name + before.plain + "".join(fact.say for fact in before.facts)
    if names_other_matter(text, spoken_of) or (together and names_matter(rest)):
        previous = replace(previous, topic=None, provision=None, aspect=None)
    return replace(asked, codes=codes, everywhere=asked.everywhere and not codes, leaning=leaning, previous=previous)


def without_places(question: str, regions: Regions, covered: frozenset[str]) -> str:
    reading = read_places(plain(question), regions, home=None, covered=covered)
    return reading.rest or question


def asks_the_same(rest: str) -> bool:
    """Nothing is said beside a place, or only that the same is meant."""
    words = bare(ONLY_PLACE.sub("", rest))
    return not words or bool(THE_SAME.match(bare(rest)))


def means_own_place(text: str) -> bool:
    """说我自己的: back from somebody else's place to one's own."""
    return bool(OWN_PLACE.search(plain(text)))
