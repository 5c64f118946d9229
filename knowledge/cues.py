"""Which aspect a question's shape asks for (lexicon/cues.yaml)."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import yaml

from knowledge.policy import Aspect


@cache
def _shapes() -> dict[Aspect, re.Pattern[str]]:
    data = yaml.safe_load((files("knowledge") / "lexicon" / "cues.yaml").read_text("utf-8"))
    return {
        Aspect(name): re.compile("|".join(f"(?:{shape})" for shape in shapes))
        for name, shapes in data.items()
    }


def aspect_cues(text: str) -> frozenset[Aspect]:
    """Aspects whose shapes occur in the last clauses of a question; several may."""
    return frozenset(aspect for aspect, shape in _shapes().items() if shape.search(text))
