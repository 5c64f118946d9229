"""Question -> scored classes, learned from asks.

Kernel ridge regression: each ask is a bag of character n-grams, sounds and concepts; the kernel is their weighted
cosine; each class (a provision, a fact, an aspect) gets a score near 1 where the question is like that class's
asks and unlike the others'. Closed form: no training loop, the same result every time.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from knowledge.language import asking_part, bare, concepts, plain, sound

Floats = NDArray[np.float32]
Arrays = dict[str, NDArray[np.generic]]

RIDGE = 0.35
"""Smoothing; from .2 to 1.5 makes less than a point of difference on asks held out."""
POWER = 1.2
"""The kernel is cosine ** POWER: near wordings count more than distant ones."""
TAIL_FROM = 26
"""Longer questions are also read by their last clauses, where the question mostly stands."""
TAIL_SHARE = 0.35
FEATURES = {1: 0.6, 2: 1.0, 3: 0.8}
"""Weight of character n-grams by length."""
SOUND = 0.7
CONCEPT = 1.2
NEAR = 0.1
"""Classes are scored that own an example of this share of the nearest one's kernel: a fifth of all, so that far less
is read from memory. Of 1,400 questions none had its best class elsewhere, and 1 in 300 its second of any weight."""


def grams(text: str) -> dict[str, float]:
    """Weighted features of one text: characters, pairs, triples, sounds of pairs, concepts."""
    words = bare(text)
    bag: dict[str, float] = {}
    for size, weight in FEATURES.items():
        for at in range(len(words) - size + 1):
            gram = words[at : at + size]
            bag[gram] = bag.get(gram, 0.0) + weight
    sounds = [sound(c) for c in words]
    for at in range(len(sounds) - 1):
        gram = f"~{sounds[at]}{sounds[at + 1]}"
        bag[gram] = bag.get(gram, 0.0) + SOUND
    for concept in concepts(plain(text)):
        gram = f"§{concept}"
        bag[gram] = bag.get(gram, 0.0) + CONCEPT
    return bag


def sharpened(cosines: Floats) -> Floats:
    """The kernel: cosine ** POWER, by way of logarithms, which takes a quarter of the time."""
    with np.errstate(divide="ignore"):  # of 0 the logarithm is -inf, and the power 0
        return np.asarray(np.exp(np.float32(POWER) * np.log(cosines)), np.float32)


@dataclass(frozen=True)
class Example:
    """An ask and the classes it belongs to."""

    text: str
    labels: tuple[str, ...]


@cache
def reading_digest() -> bytes:
    """Of all that makes features of a text: a changed lexicon must not be asked of what an old one learned."""
    folder = files("knowledge")
    sums = hashlib.sha256()
    for name in ("matcher.py", "language.py", "numerals.py", "lexicon/dialect.yaml", "lexicon/spoken.yaml"):
        sums.update(folder.joinpath(name).read_bytes())
    return sums.digest()


def digest(examples: Sequence[Example]) -> str:
    """Names what `train` would make of these examples with this code's constants."""
    sums = hashlib.sha256(reading_digest())
    for example in examples:
        sums.update(f"{example.text}\t{example.labels}\n".encode())
    return sums.hexdigest()[:24]


def labels_of(examples: Sequence[Example]) -> list[str]:
    """All classes, those asked of every question (matters P:, aspects A:) before those looked up one by one (T:)."""
    labels = dict.fromkeys(label for example in examples for label in example.labels)
    return sorted(labels, key=lambda label: label.startswith("T:"))


def train(examples: Sequence[Example]) -> Arrays:
    """All a Classifier needs, as arrays that can be kept in a file."""
    bags = [grams(example.text) for example in examples]
    spread: Counter[str] = Counter()
    for bag in bags:
        spread.update(bag.keys())
    features = list(spread)
    index = {feature: number for number, feature in enumerate(features)}
    idf = np.array([math.log((len(bags) + 1) / (spread[feature] + 0.5)) for feature in features], np.float32)
    rows, columns, values = [], [], []
    for row, bag in enumerate(bags):
        weights = [math.sqrt(count) * float(idf[index[feature]]) for feature, count in bag.items()]
        norm = math.sqrt(sum(weight * weight for weight in weights)) or 1.0
        rows += [row] * len(weights)
        columns += [index[feature] for feature in bag]
        values += [weight / norm for weight in weights]
    order = np.argsort(np.array(columns, np.int32), kind="stable")
    model: Arrays = {
        "features": np.array("\n".join(features)),
        "labels": np.array("\n".join(labels_of(examples))),
        "idf": idf,
        "rows": np.array(rows, np.int32)[order],
        "values": np.array(values, np.float32)[order],
        "starts": np.searchsorted(np.array(columns, np.int32)[order], np.arange(len(features) + 1)).astype(np.int64),
        "size": np.array(len(examples)),
        "owners": np.zeros(len(examples), np.int32),
        "weights": np.zeros((0, len(examples)), np.float32),
    }
    blank = Classifier(model)
    kernel = sharpened(np.stack([blank.cosines(bag) for bag in bags]))
    kernel[np.diag_indices(len(examples))] += RIDGE
    numbers = {label: number for number, label in enumerate(blank.labels)}
    model["owners"] = np.array([numbers[example.labels[0]] for example in examples], np.int32)
    goals = np.zeros((len(examples), len(numbers)), np.float32)
    for row, example in enumerate(examples):
        for label in example.labels:
            goals[row, numbers[label]] = 1
    model["weights"] = np.ascontiguousarray(np.linalg.solve(kernel, goals).astype(np.float32).T)
    return model


class Classifier:
    """Scores classes; immutable, made from what `train` returns."""

    def __init__(self, model: Mapping[str, NDArray[np.generic]]) -> None:
        self.labels: tuple[str, ...] = tuple(filter(None, str(model["labels"]).split("\n")))
        self._index = {feature: number for number, feature in enumerate(str(model["features"]).split("\n"))}
        self._idf = np.asarray(model["idf"], np.float32)
        self._rows = np.asarray(model["rows"], np.int64)
        self._values = np.asarray(model["values"], np.float32)
        self._starts = np.asarray(model["starts"], np.int64)
        self._size = int(model["size"])
        self.by_class = np.asarray(model["weights"], np.float32)
        """(classes, examples), so that one class alone is one row."""
        self._owners = np.asarray(model["owners"], np.int32)

    @cached_property
    def _rare(self) -> float:
        """The weight of a feature that no ask has: it makes a question less like every ask, but only by a third."""
        return math.log(self._size + 1) * math.sqrt(0.3)

    def cosines(self, bag: Mapping[str, float]) -> Floats:
        """Similarity of a bag of features to each example, 0 to 1."""
        numbers, counts, square = [], [], 0.0
        for feature, count in bag.items():
            number = self._index.get(feature)
            if number is None:
                square += count * self._rare * self._rare
            else:
                numbers.append(number)
                counts.append(count)
        if not numbers:
            return np.zeros(self._size, np.float32)
        weights = np.sqrt(np.array(counts, np.float32)) * self._idf[numbers]
        norm = math.sqrt(float(weights @ weights) + square)
        starts = self._starts[numbers]
        lengths = self._starts[np.array(numbers) + 1] - starts
        # Where the features' entries stand, as one array: an array for each feature costs more than all the rest.
        where = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
        where += np.arange(len(where))
        parts = self._values[where] * np.repeat(weights / norm, lengths)
        return np.bincount(self._rows[where], parts, self._size).astype(np.float32)

    def read(self, text: str) -> tuple[Floats, float]:
        """How a text stands to every example (what `score` wants), and the cosine to the nearest."""
        similar = self.cosines(grams(text))
        kernel = sharpened(similar)
        if len(text) > TAIL_FROM:
            tail = asking_part(text)
            if len(tail) < len(text):
                by_tail = sharpened(self.cosines(grams(tail)))
                kernel = np.float32(1 - TAIL_SHARE) * kernel + np.float32(TAIL_SHARE) * by_tail
        return kernel, float(similar.max(initial=0.0))

    def score(self, kernel: Floats, label: int) -> float:
        """The score of one class."""
        return float(self.by_class[label].dot(kernel))

    def near(self, kernel: Floats) -> list[int]:
        """The classes that near examples name first, in the order of `labels`."""
        near: list[int] = np.unique(self._owners[kernel >= NEAR * kernel.max(initial=0.0)]).tolist()
        return near

    def scores(self, text: str) -> tuple[Floats, float]:
        """The scores of all classes in the order of `labels`, and the cosine to the nearest ask."""
        kernel, nearest = self.read(text)
        return np.asarray(self.by_class @ kernel, np.float32), nearest

    @property
    def weights(self) -> Floats:
        """What each example speaks for each class: (examples, classes)."""
        return self.by_class.T
