"""A linear classifier over named features, for few classes and thousands of examples.

Ridge regression on sparse bags, solved by conjugate gradients: no kernel between examples, so that it is built in
a fraction of a second and a text costs one look-up a feature. The matcher's kernel is finer, for hundreds of classes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]
Bag = Mapping[str, float]

RIDGE = 0.25
"""Smoothing; from .15 to .6 makes less than a point of difference in cross-validation."""
STEPS = 16
"""Conjugate-gradient steps; more change no answer."""
RARE = 2
"""A feature that fewer examples have is not learned."""
UNKNOWN = 0.3
"""Share of an unknown feature's weight by which it makes a text less like every class."""


class Linear:
    """Scores classes: near 1 where a text is like a class's examples, near 0 elsewhere; immutable."""

    def __init__(self, bags: Sequence[Bag], labels: Sequence[str], *, weights: Sequence[float] | None = None) -> None:
        spread = Counter(feature for bag in bags for feature in bag)
        kept = [feature for feature, count in spread.items() if count >= RARE]
        self.labels = tuple(dict.fromkeys(labels))
        self._index = {feature: number for number, feature in enumerate(kept)}
        self._idf = np.array([math.log((len(bags) + 1) / (spread[feature] + 0.5)) for feature in kept], np.float32)
        self._unknown = UNKNOWN * math.log(len(bags) + 1) ** 2
        numbers = {label: number for number, label in enumerate(self.labels)}
        goals = np.eye(len(numbers), dtype=np.float32)[[numbers[label] for label in labels]]
        share = np.array(weights if weights is not None else [1.0] * len(bags), np.float32)
        self._weights = self._solve([self._vector(bag) for bag in bags], goals, share)

    def scores(self, bag: Bag) -> Floats:
        """One score a class, in the order of `labels`."""
        numbers, values = self._vector(bag)
        result: Floats = values @ self._weights[numbers]
        return result

    def _vector(self, bag: Bag) -> tuple[Numbers, Floats]:
        """Known features and their weights; of length 1 together with the unknown ones."""
        known = [(number, count) for feature, count in bag.items() if (number := self._index.get(feature)) is not None]
        if not known:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        numbers = np.array([number for number, _ in known], np.int32)
        values = np.sqrt(np.array([count for _, count in known], np.float32)) * self._idf[numbers]
        unknown = (sum(bag.values()) - sum(count for _, count in known)) * self._unknown
        return numbers, values / np.float32(math.sqrt(float(values @ values) + unknown) or 1.0)

    def _solve(self, vectors: Sequence[tuple[Numbers, Floats]], goals: Floats, share: Floats) -> Floats:
        """Feature weights W that make `sum of share * (XW - goals)² + RIDGE * W²` least."""
        columns = np.concatenate([numbers for numbers, _ in vectors])
        values = np.concatenate([values for _, values in vectors])
        rows = np.repeat(np.arange(len(vectors), dtype=np.int32), [len(numbers) for numbers, _ in vectors])
        order = np.argsort(columns, kind="stable")
        by_row = _Sparse(rows, columns, values, len(vectors))
        by_column = _Sparse(columns[order], rows[order], values[order], len(self._index))
        share = share[:, None]
        result = np.zeros((len(self._index), goals.shape[1]), np.float32)
        rest = by_column @ (share * goals)
        step = rest.copy()
        square = (rest * rest).sum(axis=0)
        for _ in range(STEPS):
            along = by_column @ (share * (by_row @ step)) + np.float32(RIDGE) * step
            size = square / np.maximum((step * along).sum(axis=0), np.float32(1e-12))
            result += size * step
            rest -= size * along
            before, square = square, (rest * rest).sum(axis=0)
            step = rest + square / np.maximum(before, np.float32(1e-12)) * step
        return result


class _Sparse:
    """A sparse matrix in the order of its rows; every product is one pass over its entries."""

    def __init__(self, rows: Numbers, columns: Numbers, values: Floats, size: int) -> None:
        self._columns, self._values, self._size = columns, values[:, None], size
        self._rows, self._starts = np.unique(rows, return_index=True)

    def __matmul__(self, dense: Floats) -> Floats:
        product = np.zeros((self._size, dense.shape[1]), np.float32)
        product[self._rows] = np.add.reduceat(dense[self._columns] * self._values, self._starts, axis=0)
        return product
