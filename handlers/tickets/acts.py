"""What a short message does inside a form or about a ticket: confirm, put off, urge, object, rate, … Pure."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from handlers.tickets.ticket import Satisfaction
from handlers.tickets.words import Act, Words, load_words
from knowledge.language import PUNCTUATION, bare, clean

RATINGS = {
    Act.RATE_SATISFIED: Satisfaction.SATISFIED,
    Act.RATE_MOSTLY: Satisfaction.MOSTLY,
    Act.RATE_DISSATISFIED: Satisfaction.DISSATISFIED,
}


def read_act(text: str, *, expecting: Collection[Act] = ()) -> Act | None:
    """The act of a message; None if it tells something instead.

    没有, 好, 对 mean what was asked: of several readings one that is `expecting`ed wins, else the first of words.yaml.
    """
    found = acts_in(text)
    return next((act for act in found if act in expecting), found[0] if found else None)


def acts_in(text: str) -> tuple[Act, ...]:
    """All acts a message may be: those said in so many words first, then those of its shape."""
    words = load_words()
    # Greeting words at the front are taken off by `bare`; without them 那个算了 and 就是 would be lost.
    said = {_trimmed(form, words) for form in (bare(text), PUNCTUATION.sub("", clean(text).lower()))} - {""}
    exact = [act for act in words.acts if said & _sayings(act)]
    shaped = [
        act
        for act, item in words.acts.items()
        if act not in exact
        and any(
            len(form) <= words.longest
            and any(shape.search(form) for shape in item.shapes)
            and not (item.unless and item.unless.search(form))
            for form in said
        )
    ]
    return (*exact, *shaped)


@cache
def _sayings(act: Act) -> frozenset[str]:
    """As written, and as `bare` leaves them: 算我一个 is 算我1个 then."""
    words = load_words()
    said = words.acts[act].say
    return frozenset(_trimmed(form, words) for saying in said for form in (bare(saying), PUNCTUATION.sub("", saying)))


def _trimmed(text: str, words: Words) -> str:
    """Without particles at the ends, unless nothing else is there: 嗯 is a yes."""
    text = words.thanks.sub("", text) or text
    start, end = 0, len(text)
    while end > start and words.particles.fullmatch(text[end - 1]):
        end -= 1
    while start < end and words.particles.fullmatch(text[start]):
        start += 1
    return text[start:end] or text
