"""Floors under the given third of the gold questions. It measures; nobody tunes to its wording.

`make eval` prints the same figures with every failure.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from bench.evaluate import CHAT, GOLD, answers_to, converse, rows_of, score_dialogues, score_questions, score_routes

TODAY = date(2026, 11, 23)
QUESTIONS = 0.95
ROUTES = 0.93
DIALOGUES = 0.95
"""Turns of all dialogues."""
LENGTH = 160


@pytest.fixture(scope="module")
def answers() -> Mapping[str, Any]:
    rows = [*rows_of(GOLD / "questions.jsonl"), *rows_of(GOLD / "routes.jsonl")]
    return answers_to(rows, today=TODAY)


def test_gold_questions_are_answered_and_none_harmfully(answers: Mapping[str, Any]) -> None:
    tally, lengths = score_questions(rows_of(GOLD / "questions.jsonl"), answers)
    assert tally.harmful == 0, tally.failures
    assert tally.share >= QUESTIONS, tally.failures
    assert statistics.median(lengths) <= LENGTH


def test_gold_messages_are_routed_and_no_urgent_one_is_missed(answers: Mapping[str, Any]) -> None:
    tally, missed, alarms = score_routes(rows_of(GOLD / "routes.jsonl"), answers)
    assert missed == []
    assert len(alarms) <= 2
    assert tally.share >= ROUTES, tally.failures


def test_gold_dialogues_are_held() -> None:
    gold = rows_of(GOLD / "dialogues.jsonl")
    tally = score_dialogues(gold, converse(gold, CHAT))
    assert tally.share >= DIALOGUES, tally.failures
