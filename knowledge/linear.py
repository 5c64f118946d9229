"""A linear classifier over named features, for few classes and thousands of examples.

Ridge regression on sparse bags, solved by conjugate gradients: no kernel between examples, so a text costs one
look-up a feature. The matcher's kernel is finer, where each of hundreds of classes has a handful of examples.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]
Arrays = dict[str, NDArray[np.generic]]
Bag = Mapping[str, float]
Row = tuple[Numbers, Floats]

RIDGE = 0.25
"""Smoothing; from .15 to .5 makes less than a point of difference on messages by another hand."""
STEPS = 12
"""Conjugate-gradient steps; 24 change nothing."""
UNKNOWN = 0.3
"""Share of an unknown feature's weight by which it makes a text less like every class."""


class Linear:
    """Scores classes: near 1 where a text is like a class's examples, near 0 elsewhere; immutable."""

    def __init__(self, model: Mapping[str, NDArray[np.generic]]) -> None:
        """From what `train` returns."""
        self.labels = tuple(str(model["labels"]).split("\n"))
        self._index = {feature: number for number, feature in enumerate(str(model["features"]).split("\n"))}
        self._idf = np.asarray(model["idf"], np.float32)
        self._weights = np.asarray(model["weights"], np.float32)
        self._unknown = UNKNOWN * math.log(int(model["size"]) + 1) ** 2

    def scores(self, bag: Bag) -> Floats:
        """One score a class, in the order of `labels`."""
        numbers, values = self.row(bag)
        return np.asarray(values @ self._weights[numbers], np.float32)

    def row(self, bag: Bag) -> Row:
        """Known features and their weights; of length 1 together with the unknown ones."""
        known = [(number, count) for feature, count in bag.items() if (number := self._index.get(feature)) is not None]
        if not known:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        numbers = np.array([number for number, _ in known], np.int32)
        values = np.sqrt(np.array([count for _, count in known], np.float32)) * self._idf[numbers]
        unknown = (sum(bag.values()) - sum(count for _, count in known)) * self._unknown
        return numbers, values / np.float32(math.sqrt(float(values @ values) + unknown) or 1.0)


def train(bags: Sequence[Bag], labels: Sequence[str], shares: Sequence[float]) -> Arrays:
    """All a Linear needs, as arrays that can be kept in a file; an example counts by its share."""
    spread = Counter(feature for bag in bags for feature in bag)
    classes = list(dict.fromkeys(labels))
    model: Arrays = {
        "features": np.array("\n".join(spread)),
        "labels": np.array("\n".join(classes)),
        "idf": np.array([math.log((len(bags) + 1) / (count + 0.5)) for count in spread.values()], np.float32),
        "weights": np.zeros((len(spread), len(classes)), np.float32),
        "size": np.array(len(bags)),
    }
    blank = Linear(model)
    goals = np.eye(len(classes), dtype=np.float32)[[classes.index(label) for label in labels]]
    model["weights"] = _solve([blank.row(bag) for bag in bags], len(spread), goals, np.array(shares, np.float32))
    return model


def _solve(rows: Sequence[Row], features: int, goals: Floats, shares: Floats) -> Floats:
    """The weights W that make `sum of shares * (XW - goals)² + RIDGE * W²` least, X being the rows."""
    columns = np.concatenate([numbers for numbers, _ in rows])
    values = np.concatenate([values for _, values in rows])
    owners = np.repeat(np.arange(len(rows), dtype=np.int32), [len(numbers) for numbers, _ in rows])
    order = np.argsort(columns, kind="stable")
    by_row = _Sparse(owners, columns, values, len(rows))
    by_column = _Sparse(columns[order], owners[order], values[order], features)
    shares = shares[:, None]
    weights = np.zeros((features, goals.shape[1]), np.float32)
    rest = by_column @ (shares * goals)
    step = rest.copy()
    square = (rest * rest).sum(axis=0)
    for _ in range(STEPS):
        along = by_column @ (shares * (by_row @ step)) + np.float32(RIDGE) * step
        size = square / np.maximum((step * along).sum(axis=0), np.float32(1e-12))
        weights += size * step
        rest -= size * along
        before, square = square, (rest * rest).sum(axis=0)
        step = rest + square / np.maximum(before, np.float32(1e-12)) * step
    return weights


class _Sparse:
    """A sparse matrix in the order of its rows; a product is one pass over its entries."""

    def __init__(self, rows: Numbers, columns: Numbers, values: Floats, height: int) -> None:
        self._columns, self._values, self._height = columns, values[:, None], height
        self._rows, self._starts = np.unique(rows, return_index=True)

    def __matmul__(self, dense: Floats) -> Floats:
        product = np.zeros((self._height, dense.shape[1]), np.float32)
        if len(self._rows):
            product[self._rows] = np.add.reduceat(dense[self._columns] * self._values, self._starts, axis=0)
        return product
