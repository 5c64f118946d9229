"""Whose a matter is, if not the bureau's: certain signs first, then what it resembles (doors.yaml, not_ours.yaml)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from handlers.tickets.categories import read_examples
from knowledge.compiled import kept_arrays
from knowledge.faults import read_yaml
from knowledge.language import plain
from knowledge.linear import Linear, train
from knowledge.matcher import grams, reading_digest
from knowledge.notours import Foreign, load_foreign

OURS = "ours"
LIKE = 0.3
"""A matter resembles a foreign one from this score on,"""
AHEAD = 0.1
"""if it exceeds what it has of ours by this. Rather a ticket too many than a person sent away."""
READS = 300
_NATIONAL = re.compile(r"1\d\d|12\d{3}")


@dataclass(frozen=True)
class Door:
    """Where a matter belongs."""

    id: str
    body: str
    """医疗保障局"""
    say: str
    """One spoken sentence for the person."""
    phone: str = ""
    """Only if it is the same everywhere."""
    also_ours: bool = False
    """The bureau may take it too."""
    certain: bool = True
    """Told by a sign; else by resemblance, and one asks before sending somebody away."""


@dataclass(frozen=True)
class _Signs:
    door: Door
    shapes: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None


class Doors:
    """All doors; immutable."""

    def __init__(self, data: Mapping[str, Any], foreign: Sequence[Foreign], examples: Sequence[str]) -> None:
        self._ours = tuple(re.compile(shape) for shape in data["ours"])
        self._signs: list[_Signs] = []
        self._of_topic: dict[str, Door] = {}
        foreign = [topic for topic in foreign if topic.id not in data.get("nobodys", ())]
        topics = {topic.id for topic in foreign}
        for item in data["doors"]:
            door = Door(item["id"], item["body"], item["say"], item.get("phone", ""), item.get("also_ours", False))
            if door.phone and (not _NATIONAL.fullmatch(door.phone) or door.phone not in door.say):
                raise ValueError(f"doors.yaml: {door.id}: {door.phone} is no national number, or is not said")
            if unknown := set(item.get("topics", ())) - topics:
                raise ValueError(f"doors.yaml: {door.id}: {sorted(unknown)} are not in not_ours.yaml")
            shapes = tuple(re.compile(shape) for shape in item.get("shapes", ()))
            self._signs.append(_Signs(door, shapes, re.compile(item["unless"]) if "unless" in item else None))
            self._of_topic |= dict.fromkeys(item.get("topics", ()), replace(door, certain=False))
        for topic in foreign:
            self._of_topic.setdefault(topic.id, Door(topic.id, topic.owner, topic.door, certain=False))
        shown = [(OURS, text) for text in examples] + [(topic.id, text) for topic in foreign for text in topic.asks]
        name = f"doors-{hash_of(shown)}"
        self._model = Linear(
            kept_arrays(
                name,
                lambda: train(
                    [grams(text) for _, text in shown],
                    [label for label, _ in shown],
                    [1.0] * len(shown),
                ),
            )
        )

    @property
    def bodies(self) -> tuple[str, ...]:
        """Whose matters are known not to be the bureau's."""
        doors = [signs.door for signs in self._signs] + list(self._of_topic.values())
        return tuple(dict.fromkeys(door.body for door in doors))

    def find(self, text: str) -> Door | None:
        """The door of a matter; None if it is ours as far as can be told."""
        words = plain(text[: READS * 2])
        ours = any(shape.search(words) for shape in self._ours)
        for signs in self._signs:
            if signs.unless and signs.unless.search(words):
                continue
            if any(shape.search(words) for shape in signs.shapes) and (not ours or signs.door.also_ours):
                return signs.door
            if ours and signs.door.id in ("court", "police") and any(shape.search(words) for shape in signs.shapes):
                return replace(signs.door, also_ours=True)  # wages before a court, or a fight over them: both
        return None if ours else self._resembling(text[:READS])

    def _resembling(self, text: str) -> Door | None:
        if not any("一" <= c <= "鿿" for c in text):
            return None
        scores = self._model.scores(grams(text))
        mine = float(scores[self._model.labels.index(OURS)])
        best = int(np.argmax(scores))
        label = self._model.labels[best]
        if label == OURS or scores[best] < LIKE or scores[best] < mine + AHEAD:
            return None
        return self._of_topic[label]


def hash_of(shown: Sequence[tuple[str, str]]) -> str:
    """Names what the model learns from."""
    sums = hashlib.sha256(repr(shown).encode())
    sums.update(reading_digest())
    return sums.hexdigest()[:24]


@cache
def load_doors() -> Doors:
    """The doors of doors.yaml, told from the bureau's own matters by the examples of both."""
    data = read_yaml((files("handlers.tickets") / "doors.yaml").read_text("utf-8"))
    mine = [line for lines in read_examples()[0].values() for line in lines]
    return Doors(data, load_foreign(), mine)


def find_door(text: str) -> Door | None:
    """The door of a matter; None if it is ours as far as can be told."""
    return load_doors().find(text)
