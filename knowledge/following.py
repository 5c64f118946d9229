"""Follow-ups made whole: 武汉呢, 再加上罗庄, 三个地方比一下, 那贷款呢, with what the turn before was about. Pure.

The one place where a question gets what it leaves out; `PolicyBook` asks here before it looks anything up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knowledge.language import bare, only_asks, plain
from knowledge.matters import names_matter, names_other_matter
from knowledge.phrases import FollowUps, phrases
from knowledge.places import read_places
from knowledge.policy import Kind, Provision
from knowledge.reading import SHORT, Asked, is_only_place, matters_of, read_alone, says_no_matter
from knowledge.regions import Regions
from knowledge.results import Context, Previous
from knowledge.stating import states_own_case

ELLIPTIC = 10
"""A question of so few characters that names no matter leans on the turn before."""


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
    if before is not None and phrases(FollowUps).elsewhere.match(bare(text)):
        whole = without_places(question, regions, covered)
        return replace(asked, words=whole, text=plain(whole), topic_words=plain(whole), codes=(), everywhere=True)
    if named.codes and asks_the_same(named.rest):
        codes = named.codes
        if before is not None and beside_place(named.rest):
            question = f"{before.plain}有没有"
    elif (asked.codes or asked.everywhere) and not matters_of(asked.topic_words) and (
        asked.everywhere or is_only_place(asked.topic_words)
    ):  # fmt: skip
        codes = asked.codes
    else:
        return None
    if codes and phrases(FollowUps).adding.search(text):
        codes = tuple(dict.fromkeys([*previous.places, *codes]))
    whole = without_places(question, regions, covered)
    return replace(asked, words=whole, text=plain(whole), topic_words=plain(whole), codes=codes)


def _leaning(asked: Asked, previous: Previous, context: Context, before: Provision | None) -> Asked:
    """The words themselves, with places and matter of the turn before where they leave them out."""
    text, rest, codes = asked.text, asked.topic_words, asked.codes
    shapes = phrases(FollowUps)
    # What a post pays is asked of the post, unless a wage is owed.
    of_post = before is not None and before.kind is Kind.POST
    text, rest = (shapes.pay.sub("", words) if of_post else words for words in (text, rest))
    news = matters_of(rest) - matters_of(previous.question)
    short = len(bare(rest)) <= SHORT or only_asks(rest) or _is_elliptic(rest) or states_own_case(text)
    leaning = not news and (bool(shapes.leaning.search(text)) or short)
    together = not codes and len(previous.places) > 1 and bool(shapes.same_places.search(text))
    if not codes and (together or context.region is None or shapes.leaning.search(text) or short):
        codes = previous.places
    told = previous.question + (spoken_of(before) if before else "")
    if names_other_matter(text, told) or (together and names_matter(rest)):
        previous = replace(previous, topic=None, provision=None, aspect=None)
    return replace(asked, codes=codes, everywhere=asked.everywhere and not codes, leaning=leaning, previous=previous)


def _is_elliptic(rest: str) -> bool:
    """两年半了还能领吗: of a benefit, and of none."""
    return len(bare(rest)) <= ELLIPTIC and says_no_matter(rest) and bool(phrases(FollowUps).elliptic.search(rest))


def spoken_of(provision: Provision) -> str:
    """All that a provision says of itself."""
    return provision.name + provision.plain + "".join(fact.say for fact in provision.facts)


def without_places(question: str, regions: Regions, covered: frozenset[str]) -> str:
    reading = read_places(plain(question), regions, home=None, covered=covered)
    return reading.rest or question


def asks_anew(question: str, regions: Regions, covered: frozenset[str]) -> bool:
    """Whether only another place is named, or another place and that the same is asked: 洪湖有吗."""
    named = read_places(plain(question), regions, home=None, covered=covered)
    return bool(named.codes) and asks_the_same(named.rest)


def asks_the_same(rest: str) -> bool:
    """Nothing is said beside a place, or only that the same is meant."""
    return not beside_place(rest) or bool(phrases(FollowUps).the_same.match(bare(rest)))


def beside_place(rest: str) -> str:
    """What is said beside a place, and beside the words that only lead to one."""
    return bare(phrases(FollowUps).only_place.sub("", rest))


def means_own_place(text: str) -> bool:
    """说我自己的: back from somebody else's place to one's own."""
    return bool(phrases(FollowUps).own_place.search(plain(text)))
