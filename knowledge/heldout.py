"""How well a document's asks find their own matter, with themselves and without: for `knowledge check`.

Both come from the trained weights W = A·goal, where A is the inverse of the regularised kernel, without learning
anything anew. On its own asks the classifier gives goal - RIDGE·W; with an ask left out it would have given
goal - W / diag(A).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.compiled import classifier_for
from knowledge.matcher import RIDGE, TAIL_FROM, Classifier, Example, Floats, grams, sharpened
from knowledge.notours import Foreign
from knowledge.policy import Policy
from knowledge.shelf import absent_examples, examples_of, foreign_examples

BLOCK = 256
"""Triangular matrices up to this size are inverted at once."""


@dataclass(frozen=True)
class Confusion:
    """An ask that finds another matter than its own."""

    ask: str
    wanted: str
    found: str


@dataclass(frozen=True)
class HeldOut:
    """What one document's asks say about its classifier."""

    asks: int
    confusions: tuple[Confusion, ...]
    left_out: float
    """Share of asks that find their matter when the classifier has not seen them."""


def examples_for(policy: Policy, others: Sequence[Policy], foreign: Sequence[Foreign]) -> list[Example]:
    """What a document's shelf learns: its own asks first, in the order of asks.txt."""
    return [*examples_of(policy), *absent_examples(policy, others), *foreign_examples(foreign)]


def try_asks(policy: Policy, examples: Sequence[Example]) -> HeldOut:
    """Ask a document all its asks, with and without having learned them."""
    classifier = classifier_for(examples)
    size = sum(len(asks) for _, asks in policy.asks)
    matters = np.array([n for n, label in enumerate(classifier.labels) if label.startswith("P:")])
    column = {classifier.labels[n]: place for place, n in enumerate(matters)}
    wanted = np.array([column[example.labels[0]] for example in examples])
    goals = np.eye(len(matters), dtype=np.float32)[wanted]
    weights = classifier.weights[:, matters]
    seen = (goals - np.float32(RIDGE) * weights)[:size].argmax(axis=1)
    for row, example in enumerate(examples[:size]):
        if len(example.text) > TAIL_FROM:  # long ones are read by their asking part too
            seen[row] = classifier.scores(example.text)[0][matters].argmax()
    unseen = goals - weights / diagonal_of_inverse(kernel_of(classifier, examples))[:, None]
    names = [classifier.labels[n].removeprefix("P:") for n in matters]
    return HeldOut(
        size,
        tuple(
            Confusion(examples[row].text, names[wanted[row]], names[seen[row]])
            for row in map(int, np.flatnonzero(seen != wanted[:size]))
        ),
        float((unseen[:size].argmax(axis=1) == wanted[:size]).mean()) if size else 0.0,
    )


def kernel_of(classifier: Classifier, examples: Sequence[Example]) -> Floats:
    """The regularised kernel that `matcher.train` solved."""
    kernel = sharpened(np.stack([classifier.cosines(grams(example.text)) for example in examples]))
    kernel[np.diag_indices(len(examples))] += np.float32(RIDGE)
    return kernel


def diagonal_of_inverse(matrix: Floats) -> Floats:
    """diag(matrix^-1) of a symmetric matrix: by its triangular factor, a third of the work of the whole inverse."""
    try:
        factor = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:  # a power of a cosine need not stay positive definite
        return np.asarray(np.diag(np.linalg.inv(matrix)), np.float32)
    inverse = invert_lower(factor)
    return np.asarray(np.einsum("ij,ij->j", inverse, inverse), np.float32)


def invert_lower(lower: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inverse of a lower triangular matrix, by halves."""
    size = len(lower)
    if size <= BLOCK:
        return np.linalg.inv(lower)
    half = size // 2
    top, bottom = invert_lower(lower[:half, :half]), invert_lower(lower[half:, half:])
    inverse = np.zeros_like(lower)
    inverse[:half, :half] = top
    inverse[half:, half:] = bottom
    inverse[half:, :half] = -bottom @ (lower[half:, :half] @ top)
    return inverse
