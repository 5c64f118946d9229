"""Spoken questions by a second hand, held back from the asks: is the fact told, is a silence said, is harm done?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.answers import Answer, Answered, Clarify, Context, PolicyBook, Unknown
from knowledge.generated import told_in

ROWS = [json.loads(line) for line in (Path(__file__).parent / "asks_second.jsonl").read_text("utf-8").splitlines()]
FACTS_FLOOR = 0.95
SILENCES_FLOOR = 0.96
HARM_CEILING = 0.03
"""Share of silences at which a neighbouring fact may be told as if it were the answer."""


@dataclass
class Second:
    """What came of the questions."""

    facts: list[bool] = field(default_factory=list)
    silences: list[bool] = field(default_factory=list)
    harmful: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def tells(answer: Answer, wanted: list[str]) -> bool:
    """Whether one of the wanted facts is told, first or beside."""
    said = {f"{told.provision.id}.{fact.id}" for told in told_in(answer) for fact in told.facts}
    said |= {f"{other.id}.{fact.id}" for told in told_in(answer) for other, fact in told.beside}
    return not said.isdisjoint(wanted)


def says_gap(answer: Answer, wanted: list[str]) -> bool:
    """Whether it says what is not stated: by its kind, beside the facts, or by a wanted fact that says so itself."""
    if isinstance(answer, Clarify):
        return False
    if isinstance(answer, Unknown):
        return True
    return any(told.missing or told.silent for told in answer.told) or tells(answer, wanted)


def try_second(book: PolicyBook, today: date) -> Second:
    tried = Second()
    for row in ROWS:
        answer = book.answer(row["q"], Context(today, row["region"]))
        if row["silent"]:
            right = says_gap(answer, row["want"])
            tried.silences.append(right)
            if not right and isinstance(answer, Answered):
                tried.harmful.append(line_of(row, answer))
        else:
            right = tells(answer, row["want"])
            tried.facts.append(right)
        if not right:
            tried.wrong.append(line_of(row, answer))
    return tried


def line_of(row: dict[str, Any], answer: Answer) -> str:
    told = " ".join(f"{one.provision.id}.{one.facts[0].id if one.facts else ''}" for one in told_in(answer))
    missing = [str(aspect) for one in told_in(answer) for aspect in one.missing]
    kind = getattr(answer, "reason", type(answer).__name__)
    return f"{row['q']} | {' '.join(row['want'])} | {kind} {getattr(answer, 'what', '')} {told} {missing}"


def test_a_second_hand_is_told_facts_and_silences(book: PolicyBook, today: date) -> None:
    tried = try_second(book, today)
    facts = sum(tried.facts) / len(tried.facts)
    silences = sum(tried.silences) / len(tried.silences)
    assert facts >= FACTS_FLOOR, tried.wrong
    assert silences >= SILENCES_FLOOR, tried.wrong
    assert len(tried.harmful) <= HARM_CEILING * len(tried.silences), tried.harmful
