"""Which aspect a question's shape asks for (lexicon/cues.yaml)."""

from __future__ import annotations

from knowledge.phrases import cues
from knowledge.policy import Aspect


def aspect_cues(text: str) -> frozenset[Aspect]:
    """Aspects whose shapes occur in the last clauses of a question; several may."""
    return frozenset(aspect for aspect, shape in cues().items() if shape.search(text))
