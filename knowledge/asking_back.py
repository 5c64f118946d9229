"""What is asked back: which of several matters, which place; and what is clear without asking."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.language import bare, vague_words
from knowledge.numerals import numbers_in
from knowledge.phrases import Counting, phrases
from knowledge.policy import Provision
from knowledge.shelf import ASKED_ABOUT, Matter, Shelf

MANY_MATTERS = 6


def quoted_from(text: str, holding: Sequence[tuple[Shelf, Provision]]) -> Shelf | None:
    """Where the place is unknown: the one document whose own sum the question quotes (每月五百那个租金)."""
    sums = numbers_in(text)
    quoted = [
        shelf
        for shelf, provision in holding
        if any(fact.value and fact.value.money and f"{fact.value.money:.10g}" in sums for fact in provision.facts)
    ]
    return quoted[0] if len(quoted) == 1 else None


def which_of(text: str, shelf: Shelf) -> tuple[str, ...]:
    """The matters of a document that a vague word alone may mean (补贴, 贷款); empty if it means one, or says more."""
    word = bare(text)
    named = matters_with(word, shelf) if word in vague_words() else ()
    return named[:MANY_MATTERS] if len(named) > 1 else ()


def matters_with(word: str, shelf: Shelf) -> tuple[str, ...]:
    """The matters of a document that hold a word in their names."""
    named = (p.plain for p in shelf.policy.provisions if p.kind in ASKED_ABOUT and word in p.name + p.plain)
    return tuple(dict.fromkeys(named))


def vague_word_of(text: str) -> str:
    """The vague word that is all a question holds (有什么补贴, 补贴多少); empty where it says more, or none."""
    words = bare(text)
    for word in vague_words():
        before, found, after = words.partition(word)
        if found and all(phrases(Counting).only_asking.fullmatch(part) for part in (before, after)):
            return word
    return ""


def places_with(word: str, shelves: Sequence[Shelf]) -> tuple[str, ...]:
    """The places whose documents have matters of this name."""
    return tuple(dict.fromkeys(shelf.policy.document.place for shelf in shelves if matters_with(word, shelf)))


def name_of(matter: Matter) -> str:
    """What a matter is called in a question back."""
    if matter.provision:
        return matter.provision.plain
    if matter.silence:
        return matter.silence.what
    return matter.foreign.what if matter.foreign else ""
