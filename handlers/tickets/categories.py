"""Which queue a complaint belongs to, and how sure that is: learned from the examples of categories.yaml."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from handlers.tickets.ticket import Category
from knowledge.compiled import kept_arrays
from knowledge.faults import read_yaml
from knowledge.language import bare, plain
from knowledge.linear import Linear, train
from knowledge.matcher import grams

SURE = 0.5
"""From here on one need not ask."""
LEAST = 0.12
"""Below this nothing is said at all."""
CUE = 8.0
"""Weight of a cue beside a pair of characters, which has 1."""
PART = 45
"""Longer stories are read in clauses too: the matter stands in one of them."""
READS = 600
GAIN = 1.4
"""So that a score well ahead of all others is near 1."""


@dataclass(frozen=True)
class Found:
    """A category and how sure it is, 0 to 1."""

    category: Category
    sure: float


class Categories:
    """Recognises categories; immutable once built."""

    def __init__(self, examples: Mapping[Category, Sequence[str]], cues: Mapping[str, re.Pattern[str]]) -> None:
        self._cues = dict(cues)
        shown = [(category, text) for category, lines in examples.items() for text in lines]
        self._model = Linear(kept_arrays(f"categories-{self._digest(shown)}", lambda: self._train(shown)))
        self._labels = tuple(Category(label) for label in self._model.labels)

    def find(self, text: str) -> Found | None:
        """None where nothing speaks for any."""
        text = text[:READS]
        if not any("一" <= c <= "鿿" for c in text):
            return None
        scores = self._model.scores(self._features(text))
        if len(text) > PART:
            parts = [part for part in re.split(r"[，。；！？,;!?\n]", text) if len(part) > 4]
            each = [self._model.scores(self._features(part)) for part in parts]
            if each:
                scores = scores / 2 + np.max(each, axis=0) / 2
        order = np.argsort(-scores)
        first, second = float(scores[order[0]]), float(scores[order[1]])
        if first < LEAST:
            return None
        # How sure: its own score, halved where another is as good.
        sure = max(0.0, min(1.0, first * (0.5 + min(first - second, 0.5)) * GAIN))
        return Found(self._labels[int(order[0])], round(sure, 3))

    def _features(self, text: str) -> dict[str, float]:
        bag = grams(text)
        words = plain(text)
        for cue, shape in self._cues.items():
            if shape.search(words):
                bag[f"¶{cue}"] = CUE
        return bag or {bare(text) or "∅": 1.0}

    def _train(self, shown: Sequence[tuple[Category, str]]) -> dict[str, np.ndarray[Any, Any]]:
        size = {category: sum(c is category for c, _ in shown) for category, _ in shown}
        mean = sum(size.values()) / len(size)
        return train(
            [self._features(text) for _, text in shown],
            [str(category) for category, _ in shown],
            [mean / size[category] for category, _ in shown],
        )

    def _digest(self, shown: Sequence[tuple[Category, str]]) -> str:
        """Names all that goes into the model; `grams` of known texts stand for the code below."""
        sums = hashlib.sha256(repr((CUE, [(cue, shape.pattern) for cue, shape in self._cues.items()], shown)).encode())
        sums.update(repr([sorted(grams(text).items()) for _, text in shown[::23]]).encode())
        return sums.hexdigest()[:24]


@cache
def load_categories() -> Categories:
    """The recogniser of categories.yaml."""
    examples, cues = read_examples()
    return Categories(examples, cues)


def read_examples() -> tuple[dict[Category, list[str]], dict[str, re.Pattern[str]]]:
    """Examples and cues of categories.yaml. Raises ValueError where a category has none or an example stands twice."""
    data = read_yaml((files("handlers.tickets") / "categories.yaml").read_text("utf-8"))
    examples = {Category(name): lines.splitlines() for name, lines in data["examples"].items()}
    if missing := set(Category) - set(examples):
        raise ValueError(f"categories.yaml: no examples of {sorted(missing)}")
    lines = [line for group in examples.values() for line in group]
    if twice := {line for line in lines if lines.count(line) > 1}:
        raise ValueError(f"categories.yaml: twice {sorted(twice)}")
    return examples, {name: re.compile(shape) for name, shape in data["cues"].items()}
