"""People that only some places' documents are for: whose documents those are, and what the others say to them."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.language import concepts, without_concepts
from knowledge.reading import Asked
from knowledge.shelf import Matter, Shelf

GROUPS = frozenset({"fisher_retired", "fisher_full", "fisher_part", "fishing_ban"})
"""Concepts of people that only some places' documents are for."""
ANYWAY = 0.2
"""Another body's matter keeps this score without the people it is asked for: 补录渔民身份, not 退捕渔民贷款多少."""
FOR_SURE = 0.7


def for_people(text: str, shelves: Sequence[Shelf]) -> list[Shelf]:
    """Documents for the people the question names (渔民); all, where it names none or none is for them."""
    named = GROUPS & set(concepts(text))
    meant = [shelf for shelf in shelves if named & set(concepts(shelf.policy.document.people))]
    return meant or list(shelves)


def meant_for_others(asked: Asked, shelf: Shelf, shelves: Sequence[Shelf], matter: Matter, score: float) -> list[Shelf]:
    """Documents for the people the question names, where this one is not for them: none of its figures is theirs.

    `matter` and its `score` are what was found here: this document's own silence on them goes before, and another
    body's matter.
    """
    named, own = set(concepts(asked.text)), set(concepts(shelf.policy.document.people))
    groups = GROUPS & named
    if not groups or named & own or _says_so_itself(asked, shelf, matter, score):
        return []
    return [other for other in shelves if groups & set(concepts(other.policy.document.people))]


def _says_so_itself(asked: Asked, shelf: Shelf, matter: Matter, score: float) -> bool:
    """Whether people's own silence is found (渔民转产), or another body's matter, not only people its asks name."""
    if matter.silence:
        return bool(GROUPS & set(concepts(matter.silence.what)))
    if matter.foreign is None or score > FOR_SURE:
        return matter.foreign is not None
    found, anyway = shelf.rank(without_concepts(asked.topic_words, GROUPS)).matters[0]
    return found.foreign == matter.foreign and anyway > ANYWAY
