"""Follow-ups made whole: 武汉呢, 再加上罗庄, 三个地方比一下, 那贷款呢, with what the turns before were about. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.policy.placing import means_own_place
from handlers.policy.topics import TOPICS
from knowledge.answers import PolicyBook
from knowledge.language import bare, plain
from knowledge.places import read_places
from knowledge.policy import Provision
from knowledge.reading import ONLY_PLACE, read_question
from knowledge.results import Context, Previous

ADDING = re.compile(r"加上|还有|再(看|说|比|加)|连同|一起|也(看|说|算|比|加)")
SAME_PLACES = re.compile(r"([2-9两几这那些]|都)个?(地方|地)|各(地|处|个)|分别|都(比|说|看)")
THE_SAME = re.compile(
    r"^(那|那么|的|人|话|要是|如果)*(也|都|还)?(有|是|行|能|可以|管|给|适用)*(这个|那个|这种|那种|这样|那样|这些|这|同样)?"
    r"(的|补贴|政策|规定|待遇|钱|说法|好事)*(有|能|行)*(吗|不|没有?|么|吧|呢|是怎么|怎么样|怎么说|如何|怎么规定|的)*$"
)
"""What is left of 洪湖也有这个吗 without the place: the same is asked."""
APART = "分别，"
"""Says that places are asked about one by one."""


@dataclass(frozen=True)
class Ask:
    """A question ready for the documents."""

    text: str
    previous: Previous | None
    region: str | None = None
    """The one place it is asked for, where that was made out here."""
    whole: str | None = None
    """What it stands for without its places, where it was made whole; later follow-ups build on that."""


def make_whole(words: str, context: Context, book: PolicyBook, provision: Provision | None) -> Ask:
    """`provision` is what the turn before was about."""
    previous = context.previous
    if previous is None:
        return Ask(words, None)
    text = plain(words)
    if means_own_place(words):
        previous = replace(previous, places=())
    reading = read_places(text, book.regions, home=context.region, covered=book.covered)
    # Without the asker's own place: where nothing else is said, a foreign place is asked about, no destination.
    alone = read_places(text, book.regions, home=None, covered=book.covered)
    if alone.codes and asks_the_same(alone.rest):
        adds = bool(ADDING.search(text)) and bool(previous.places)
        codes = tuple(dict.fromkeys([*previous.places, *alone.codes])) if adds else alone.codes
        question = previous.question
        if provision is not None and bare(ONLY_PLACE.sub("", alone.rest)):
            question = f"{provision.plain}有没有"
        if len(codes) == 1:
            return Ask(without_places(question, book), None, codes[0], question)
        return Ask(for_places(question, codes, book), None, whole=question)
    if not reading.codes and len(previous.places) > 1 and SAME_PLACES.search(text):
        return Ask(for_places(words, previous.places, book), None, whole=words)
    if begins_anew(text, previous, provision):
        previous = replace(previous, topic=None, provision=None, aspect=None)
    return Ask(words, previous)


def for_places(question: str, codes: Sequence[str], book: PolicyBook) -> str:
    """The question put for these places, whatever places it named."""
    names = "和".join(book.regions.full_name(code) for code in codes)
    return f"{names}{APART if len(codes) > 1 else '，'}{without_places(question, book)}"


def without_places(question: str, book: PolicyBook) -> str:
    reading = read_places(plain(question), book.regions, home=None, covered=book.covered)
    return reading.rest or question


def asks_the_same(rest: str) -> bool:
    """Nothing is said beside a place, or only that the same is meant."""
    words = bare(ONLY_PLACE.sub("", rest))
    return not words or bool(THE_SAME.match(bare(rest)))


def begins_anew(text: str, previous: Previous, provision: Provision | None) -> bool:
    """A matter is named that the turns before did not speak of: 那培训有补贴没, after public posts."""
    before = previous.question
    if provision is not None:
        before += provision.name + provision.plain + "".join(fact.say for fact in provision.facts)
    return any(topic.search(text) and not topic.search(before) for topic in TOPICS)


def stand_alone(words: str, context: Context, book: PolicyBook, provision: Provision | None) -> str:
    """How to remember a question that leans on the turn before: with its matter in front."""
    asked = read_question(words, context, book.regions, book.covered)
    if asked.leaning and provision is not None and provision.plain not in words:
        return f"{provision.plain}，{words}"
    return words
