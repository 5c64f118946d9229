"""What a message wishes about places: mine is X, from now on X, not X, why do you ask (lexicon/wishes.yaml). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.answers import PolicyBook
from knowledge.following import beside_place
from knowledge.language import plain
from knowledge.matters import names_matter
from knowledge.phrases import AroundPlaces, Wishes, phrases
from knowledge.places import read_places


@dataclass(frozen=True)
class PlaceWish:
    """What was said about places."""

    code: str | None = None
    """The place named, if one alone is."""
    sets: bool = False
    """It is to be the person's place from now on."""
    permanent: bool = False
    """They said so in so many words."""
    corrects: bool = False
    """It was something else before."""
    denied: bool = False
    """They are not from where we thought, and did not say where."""
    refuses: bool = False
    """They will not say where they are from."""
    only_place: bool = False
    """Nothing but a place was said."""
    equates: str | None = None
    """A place whose rules they take for their own."""
    question: str = ""
    """The question asked beside it, in the person's words; empty if there is none."""


def read_wish(text: str, book: PolicyBook, *, home: str | None, asked_place: bool) -> PlaceWish:
    """`asked_place`: we have just asked which place."""
    shapes, around = phrases(Wishes), phrases(AroundPlaces)
    words = plain(text)
    regions = book.regions
    found = regions.find(words, near=home)
    named = [mention for mention in found if not around.denied.search(words[: mention.start])]
    reading = read_places(words, regions, home=None, covered=book.covered)
    code = reading.codes[0] if len(reading.codes) == 1 else None
    if not named:
        denied = bool(found) and bool(shapes.not_from.search(words))
        refuses = asked_place and bool(shapes.refusing.search(words))
        return PlaceWish(denied=denied and not shapes.question.search(words), refuses=refuses)
    last = next((mention for mention in reversed(named) if mention.code == code), named[-1])
    first = _start_of(last.start, [(m.start, m.end) for m in named])
    before, after = words[:first], words[last.end :]
    works = bool(around.working.match(after))
    own = bool(shapes.mine.search(before)) and not shapes.not_mine.search(before[:-2]) and not works
    looking = bool(shapes.looking.search(words))
    permanent = bool(shapes.from_now_on.search(words)) and code is not None
    chosen = bool(shapes.chosen.search(before)) and not looking
    correcting = bool(shapes.correcting.search(words)) and not looking and not works and code is not None
    only = not beside_place(reading.rest)
    question = _question_beside(text, book)
    sets = code is not None and (own or permanent or chosen or (correcting and (only or own or not question)))
    equates = None
    if home is not None and shapes.same.search(words) and not book.serving(home):
        equates = next((mention.code for mention in named if book.serving(mention.code)), None)
    return PlaceWish(
        code=code,
        sets=sets,
        permanent=permanent or chosen,
        corrects=correcting,
        only_place=only,
        equates=equates,
        question=question,
    )


def _start_of(start: int, spans: list[tuple[int, int]]) -> int:
    """Where a chain of place names (荆州监利) begins."""
    for begin, end in reversed(spans):
        if end <= start and start - end <= 2:
            start = begin
    return start


def _question_beside(text: str, book: PolicyBook) -> str:
    """The clauses that ask something; of a place and a question in one clause the whole clause."""
    shapes = phrases(Wishes)
    clauses = [part for part in re.split(r"[，,。；;！!\n]+", text) if part.strip()]
    asking = []
    for clause in clauses:
        words = plain(clause)
        rest = words
        for mention in reversed(book.regions.find(words)):
            rest = rest[: mention.start] + rest[mention.end :]
        asks = shapes.question.search(words) or shapes.asking.search(words) or names_matter(rest)
        if asks and beside_place(rest):
            asking.append(clause.strip())
    return "，".join(asking)


def is_question(text: str) -> bool:
    """Whether it has the shape of a question; many people leave the mark out."""
    return bool(phrases(Wishes).question.search(plain(text)))


def tidy(text: str) -> str:
    """换成武汉 is no county named 成武."""
    return re.sub(r"(?<=[换改变说当看])成(?=武[汉昌穴])", "为", text)
