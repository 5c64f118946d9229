"""The classifier over asks: what is scored, and by which kernel."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.matcher import POWER, Classifier, Example, sharpened, train

ASKS = {
    "P:hire": ("企业招一个渔民补多少", "吸纳就业补贴怎么领"),
    "P:pension": ("养老保险补贴一年多少", "社保补贴找谁办"),
    "P:training": ("免费培训去哪里报名", "学开船有没有补贴"),
}


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(train([Example(ask, (label, f"T:{ask}")) for label, asks in ASKS.items() for ask in asks]))


@pytest.mark.parametrize("question", ["招渔民补多少钱", "养老保险有补贴吗", "去哪里参加培训"])
def test_the_best_of_all_matters_is_among_the_near_ones(classifier: Classifier, question: str) -> None:
    kernel, _ = classifier.read(question)
    scores, _ = classifier.scores(question)
    matters = [number for number, label in enumerate(classifier.labels) if label.startswith("P:")]
    best = max(matters, key=lambda number: scores[number])
    near = classifier.near(kernel)
    assert best in near
    assert classifier.score(kernel, best) == pytest.approx(scores[best], abs=1e-6)
    assert set(near) <= set(matters), "what is not named first is not scored"


def test_of_a_question_like_no_ask_all_matters_are_near(classifier: Classifier) -> None:
    kernel, nearest = classifier.read("qwx")
    assert nearest == 0.0
    assert [classifier.labels[number] for number in classifier.near(kernel)] == list(ASKS)


def test_the_kernel_is_the_cosine_to_its_power() -> None:
    cosines = np.array([0, 1e-4, 0.3, 1], np.float32)
    np.testing.assert_allclose(sharpened(cosines), cosines**POWER, atol=1e-6)
