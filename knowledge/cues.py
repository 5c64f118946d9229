"""Which aspects a question asks for: by its shape (lexicon/cues.yaml), or perhaps, by its words (gaps.yaml)."""

from __future__ import annotations

from knowledge.phrases import cues, gap_words
from knowledge.policy import Aspect


def aspect_cues(text: str) -> frozenset[Aspect]:
    """Aspects whose shapes occur in the last clauses of a question; several may."""
    return frozenset(aspect for aspect, shape in cues().items() if shape.search(text))


def may_ask(text: str, aspect: Aspect) -> bool:
    """Whether a question holds a word for an aspect at all; True where no words are known for it."""
    words = gap_words().get(aspect)
    return words is None or words.search(text) is not None
