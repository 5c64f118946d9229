"""What an asker says of themselves -> facts for the interview (asker.yaml): free words, figures, yes and no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from knowledge.faults import read_yaml
from knowledge.interview import Known, Leaf
from knowledge.language import plain

SPAN = r"(?P<n>(?:(?<!\d)\d{1,3}(?:\.\d)?个?(?:多|来)?(?:年半|年|月|星期|周|天|日)|半年|年把|半个月|整年))"
_SPAN = re.compile(SPAN)
MONTHS = {"年": 12.0, "月": 1.0, "星期": 0.25, "周": 0.25, "天": 1 / 30, "日": 1 / 30}
IN = {"months": 1.0, "years": 12.0, "days": 1 / 30}
WORKER = frozenset(
    {
        "retired_fisher",
        "poverty_lifted",
        "local_hukou",
        "contract_months",
        "insured",
        "employed_months",
        "work_agreement",
    }
)
"""Names that are about the worker hired where the asker is an employer."""


@dataclass(frozen=True)
class Entry:
    """One name of asker.yaml."""

    name: str
    ask: str
    simple: str
    need: str
    worker: str = ""
    unneed: str = ""
    number: str = ""
    late: bool = False
    affirm: tuple[re.Pattern[str], ...] = ()
    negate: tuple[re.Pattern[str], ...] = ()
    where: tuple[re.Pattern[str], ...] = ()
    if_yes: Mapping[str, bool] = field(default_factory=dict)
    if_no: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What one message says."""

    facts: dict[str, bool | float | None]
    answers_open: bool
    """The open question has its answer (an "I do not know" too)."""
    unsure: bool = False


class Asker:
    """The table of asker.yaml, ready to read words by."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.entries = {name: _entry(name, item) for name, item in data["asker"].items()}
        self.buttons: dict[str, Any] = data["buttons"]
        self.late = frozenset(name for name, entry in self.entries.items() if entry.late)
        self._words = {key: re.compile(data[key]) for key in ("unsure", "maybe", "agree", "deny")}

    # -- wording ------------------------------------------------------------------------------------------

    def question(self, leaf: Leaf, *, of_worker: bool, simpler: bool = False) -> str:
        entry = self.entries[leaf.name]
        words = entry.worker if of_worker and entry.worker else entry.simple if simpler else entry.ask
        return words.replace("{of}", self.figure(leaf))

    def need(self, leaf: Leaf) -> str:
        """The condition as something to meet."""
        entry = self.entries[leaf.name]
        words = entry.unneed if leaf.negated and entry.unneed else entry.need
        return words.replace("{of}", self.figure(leaf))

    def figure(self, leaf: Leaf) -> str:
        """12 months -> 1年; 6 months -> 6个月; 5 days -> 5天."""
        if leaf.of is None:
            return ""
        unit = self.entries[leaf.name].number
        if unit == "months":
            return f"{leaf.of / 12:g}年" if leaf.of % 12 == 0 else f"{leaf.of:g}个月"
        return f"{leaf.of:g}{'年' if unit == 'years' else '天'}"

    def options(self, leaf: Leaf) -> tuple[tuple[str, bool | float | None], ...]:
        """The answer buttons: (label, what it stands for)."""
        if leaf.of is None:
            labels = (self.buttons["agree"], self.buttons["deny"])
        else:
            labels = tuple(label.replace("{of}", self.figure(leaf)) for label in self.buttons[leaf.bound])
        return (
            (labels[0], leaf.value(met=True)),
            (labels[1], leaf.value(met=False)),
            (self.buttons["unsure"], None),
        )

    # -- reading ------------------------------------------------------------------------------------------

    def read(self, text: str, *, open_leaf: Leaf | None = None, figures_of: frozenset[str] = frozenset()) -> Reading:
        """All facts that a message states; with the open question, what it answers to that.

        A span of time is read only for the names in `figures_of`: 干了八个月 says nothing by itself.
        """
        words = plain(text)
        facts: dict[str, bool | float | None] = {}
        for entry in self.entries.values():
            if entry.number and entry.name not in figures_of:
                continue
            value = self._value(entry, words)
            if value is not None:
                facts[entry.name] = value
        unsure = bool(self._words["unsure"].search(words))
        if open_leaf is not None:
            self._answer_open(open_leaf, words, facts, unsure=unsure)
        for name, value in list(facts.items()):
            entry = self.entries[name]
            for other, settled in (entry.if_yes if value is True else entry.if_no if value is False else {}).items():
                facts.setdefault(other, settled)
        return Reading(facts, open_leaf is not None and open_leaf.name in facts, unsure)

    def _answer_open(self, leaf: Leaf, words: str, facts: dict[str, bool | float | None], *, unsure: bool) -> None:
        """What the words mean as an answer to the question that was just asked."""
        entry = self.entries[leaf.name]
        if unsure:
            facts[leaf.name] = None
            return
        if leaf.name in facts:
            return
        if entry.number and (span := _SPAN.search(words)):
            facts[leaf.name] = span_in(span["n"], entry.number)
        elif self._words["deny"].search(words):
            facts[leaf.name] = leaf.value(met=False)
        elif self._words["agree"].search(words):
            facts[leaf.name] = leaf.value(met=True)
        elif self._words["maybe"].search(words) and len(words) <= 12:
            facts[leaf.name] = None

    def _value(self, entry: Entry, words: str) -> bool | float | None:
        for shape in entry.where:
            if found := shape.search(words):
                return span_in(found["n"], entry.number)
        for shape in entry.negate:
            if shape.search(words):
                return 0.0 if entry.number else False
        for shape in entry.affirm:
            if shape.search(words):
                return 12.0 if entry.number == "months" else True
        return None

    def as_known(self, told: Mapping[str, Known], *, of_worker: bool) -> dict[str, bool | float | None]:
        """What is known for a provision: of the asker, and of the worker where it is about one."""
        own, worker = told.get("self", {}), told.get("worker", {})
        if not of_worker:
            return dict(own)
        return {name: value for name, value in own.items() if name not in WORKER} | dict(worker)


def keep(told: Mapping[str, Known], facts: Known, *, of_worker: bool) -> dict[str, dict[str, bool | float | None]]:
    """What is known with the new facts added; later words win, but a "don't know" never covers a fact."""
    kept = {"self": dict(told.get("self", {})), "worker": dict(told.get("worker", {}))}
    for name, value in facts.items():
        place = kept["worker" if of_worker and name in WORKER else "self"]
        if value is not None or place.get(name) is None:
            place[name] = value
    return kept


def span_in(words: str, unit: str) -> float:
    """1年半 -> 18 (months); 半年 -> 6; 8个月 -> 8."""
    if words in ("半年",):
        months = 6.0
    elif words in ("年把", "整年"):
        months = 12.0
    elif words == "半个月":
        months = 0.5
    else:
        found = re.match(r"(\d+(?:\.\d)?)个?(?:多|来)?(年半|年|月|星期|周|天|日)", words)
        assert found is not None, words
        number = float(found[1])
        months = number * 12 + 6 if found[2] == "年半" else number * MONTHS[found[2]]
    return round(months / IN[unit], 2)


def _entry(name: str, item: Mapping[str, Any]) -> Entry:
    entry = dict(item)
    for key in ("affirm", "negate", "where"):
        entry[key] = tuple(re.compile(shape.replace("{n}", SPAN)) for shape in item.get(key, ()))
    return Entry(name, **entry)


@lru_cache(maxsize=1)
def load_asker() -> Asker:
    return Asker(read_yaml((files("knowledge") / "asker.yaml").read_text("utf-8")))
