"""The retrieval part of `knowledge check`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge import compiled, trial
from knowledge.generated import SORTS
from knowledge.heldout import Confusion, diagonal_of_inverse, examples_for, kernel_of, try_asks
from knowledge.loader import load_policies, load_policy
from knowledge.matcher import Classifier, train
from knowledge.regions import Regions
from tests.knowledge.tiny import ASKS, write_policy


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is compiled in these tests lies in a folder of their own."""
    folder = tmp_path / "compiled"
    monkeypatch.setattr(compiled, "folders", lambda: [folder])
    return folder


def test_sound_asks_find_their_own_matter(tmp_path: Path) -> None:
    policy = load_policy(write_policy(tmp_path / "policies"))
    tried = try_asks(policy, examples_for(policy, [], []))
    assert tried.asks == 13
    assert tried.confusions == ()
    assert 0 < tried.left_out <= 1


def test_twins_under_two_headers_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "policies"
    write_policy(root, asks=ASKS.replace("# training\n", "# training\n招退捕渔民有没有补贴？\n"))
    (policy,) = load_policies(root)
    faults, _ = trial.try_document(policy, [policy], [], root)
    assert any("finds" in fault.message for fault in faults)
    assert {fault.file for fault in faults} == {"honghu-2025-tiny/asks.txt"}


def test_a_left_out_ask_scores_as_if_it_had_never_been_learned(tmp_path: Path) -> None:
    policy = load_policy(write_policy(tmp_path / "policies"))
    examples = examples_for(policy, [], [])
    classifier = Classifier(train(examples))
    kernel = kernel_of(classifier, examples).astype(np.float64)
    columns = [n for n, label in enumerate(classifier.labels) if label.startswith("P:")]
    names = [classifier.labels[n] for n in columns]
    goals = np.eye(len(names))[[names.index(example.labels[0]) for example in examples]]
    short = goals - classifier.weights[:, columns] / diagonal_of_inverse(kernel)[:, None]
    for row in range(len(examples)):
        rest = [other for other in range(len(examples)) if other != row]
        weights = np.linalg.solve(kernel[np.ix_(rest, rest)], goals[rest])
        np.testing.assert_allclose(short[row], kernel[row, rest] @ weights, atol=1e-3)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 700])
def test_the_diagonal_of_an_inverse(size: int) -> None:
    rng = np.random.default_rng(size)
    half = rng.normal(size=(size, size + 5)).astype(np.float32)
    matrix = half @ half.T + np.eye(size, dtype=np.float32) * size
    np.testing.assert_allclose(diagonal_of_inverse(matrix), np.diag(np.linalg.inv(matrix)), rtol=1e-2)


def test_a_kernel_that_is_not_positive_is_inverted_all_the_same() -> None:
    matrix = np.array([[1.0, 2.0], [2.0, 1.0]], np.float32)
    np.testing.assert_allclose(diagonal_of_inverse(matrix), [-1 / 3, -1 / 3], rtol=1e-5)


def test_a_silence_that_another_place_or_body_holds_is_no_confusion() -> None:
    assert trial.is_silent_too(Confusion("低保", "~dibao", "!dibao"))
    assert not trial.is_silent_too(Confusion("低保", "dibao", "!dibao"))
    assert not trial.is_silent_too(Confusion("低保", "~dibao", "~medical"))


def test_an_unchanged_record_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "policies"
    write_policy(root)
    (policy,) = load_policies(root)
    first = trial.try_document(policy, [policy], [], root)
    monkeypatch.setattr(trial, "try_asks", lambda *_: pytest.fail("tried again"))
    assert trial.try_document(policy, [policy], [], root) == first


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("某地: 421083\n某地: 420100\n", "claimed twice"),
        ("某地: 999999\n", "is no division"),
        ("开心: 421083\n", None),
        ("互助: 421083\n", "ordinary word"),
        ("打鱼的: 421083\n", "ordinary word"),
        ("么时候: 421083\n", "dialect word"),
    ],
)
def test_aliases_that_mislead_are_refused(tmp_path: Path, regions: Regions, lines: str, words: str | None) -> None:
    path = tmp_path / "aliases.yaml"
    path.write_text(lines, "utf-8")
    faults = [str(fault) for fault in trial.alias_faults(regions, path)]
    assert bool(faults) == bool(words)
    assert all(fault.startswith("divisions/aliases.yaml:") for fault in faults)
    assert words is None or words in faults[0]


def test_the_shipped_aliases_mislead_nobody(regions: Regions) -> None:
    assert list(trial.alias_faults(regions)) == []


def test_floors_are_named_for_every_sort_of_question() -> None:
    assert set(trial.GENERATED_FLOORS) == set(SORTS)


def test_every_shipped_document_has_its_floor() -> None:
    assert set(trial.LEFT_OUT_FLOORS) == {policy.id for policy in load_policies()}
