"""Message -> route and urgency, before anything is looked up (routes.yaml, crisis.yaml).

Danger is decided first and by explicit signs; certain messages by rules; all others by a classifier over the
examples, which sees character n-grams, sounds, concepts and the cues of routes.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from knowledge.crisis import Alarms, Crisis, load_alarms
from knowledge.language import clean, plain
from knowledge.linear import Floats, Linear
from knowledge.matcher import grams

try:
    from yaml import CSafeLoader as YamlLoader
except ImportError:  # libyaml is missing on some builds; the pure loader is only slower
    from yaml import SafeLoader as YamlLoader  # type: ignore[assignment]

ALARM_READS = 4_000
"""Characters in which signs of danger are looked for: half from the front, half from the end."""
CLASSIFIER_READS = 360
"""Characters that the classifier reads, in the same way."""
TAIL = 40
"""Longer messages are read once more by their last characters, where the question mostly stands."""
TAIL_SHARE = np.float32(0.4)
CUE = 3.0
"""Weight of a cue beside a pair of characters, which has 1."""
WEIGHT = {"policy": 0.5}
"""How much one example counts; policy has most of them."""


class Route(StrEnum):
    """What a message wants; decides which service takes it."""

    POLICY = "policy"
    GRIEVANCE = "grievance"
    CONSULT = "consult"
    JOBS = "jobs"
    TRAINING = "training"
    STATUS = "status"
    OPTOUT = "optout"
    GREETING = "greeting"
    OFFTOPIC = "offtopic"
    CRISIS = "crisis"


@dataclass(frozen=True)
class Recognition:
    """What a message is."""

    route: Route
    urgent: bool
    reason: str
    """For staff: alarm, rule, classifier or empty, and which; never the person's words."""
    score: float
    """0 to 1; 1 for alarms and rules."""
    crisis: Crisis | None = None
    """What kind of danger, where urgent."""


class Recogniser:
    """Recognises messages; immutable once built."""

    def __init__(
        self,
        examples: Mapping[str, Sequence[str]],
        *,
        alarms: Alarms,
        rules: Sequence[tuple[Route, re.Pattern[str]]] = (),
        cues: Mapping[str, re.Pattern[str]] | None = None,
    ) -> None:
        self._alarms = alarms
        self._rules = tuple(rules)
        self._cues = dict(cues or {})
        labelled = [(label, text) for label, texts in examples.items() for text in texts]
        self._classifier = Linear(
            [self._features(text) for _, text in labelled],
            [label for label, _ in labelled],
            weights=[WEIGHT.get(label, 1.0) for label, _ in labelled],
        )

    def recognise(self, text: str) -> Recognition:
        """Any text at all has a route."""
        words = clean(text)
        if alarm := self._alarms.find(_ends(words, ALARM_READS)):
            route = Route.GRIEVANCE if alarm.kind.is_grievance else Route.CRISIS
            return Recognition(route, True, f"alarm {alarm.kind}", 1.0, alarm.kind)
        for number, (route, shape) in enumerate(self._rules):
            if shape.fullmatch(words):
                return Recognition(route, False, f"rule {number}", 1.0)
        if not any(character.isalnum() for character in words):
            route = Route.POLICY if set(words) & set("?？") else Route.GREETING
            return Recognition(route, False, "empty", 0.0)
        return self._classify(_ends(words, CLASSIFIER_READS))

    def _classify(self, text: str) -> Recognition:
        scores = self._scores(text)
        best = int(np.argmax(scores))
        label, score = self._classifier.labels[best], float(np.clip(scores[best], 0, 1))
        route, _, kind = label.partition(".")
        return Recognition(
            Route(route), bool(kind), f"classifier {label}", score, Crisis(kind) if kind else None
        )

    def _scores(self, text: str) -> Floats:
        scores = self._classifier.scores(self._features(text))
        if len(text) > TAIL:
            tail = self._classifier.scores(self._features(text[-TAIL:]))
            scores = (1 - TAIL_SHARE) * scores + TAIL_SHARE * tail
        return scores

    def _features(self, text: str) -> dict[str, float]:
        bag = grams(text)
        words = plain(text)
        for cue, shape in self._cues.items():
            if shape.search(words):
                bag[f"¶{cue}"] = CUE
        return bag


def _ends(text: str, size: int) -> str:
    """A long text's beginning and end."""
    return text if len(text) <= size else f"{text[: size // 2]}。{text[-size // 2 :]}"


def load_recogniser(policy_asks: Iterable[str] = ()) -> Recogniser:
    """The recogniser of routes.yaml and crisis.yaml; `policy_asks` are further examples of policy questions."""
    data: dict[str, Any] = yaml.load(
        (files("knowledge") / "routes.yaml").read_text("utf-8"), Loader=YamlLoader
    )
    examples = {label: lines.splitlines() for label, lines in data["examples"].items()}
    examples["policy"] += policy_asks
    return Recogniser(
        examples,
        alarms=load_alarms(),
        rules=[(Route(rule["route"]), re.compile(rule["shape"])) for rule in data["rules"]],
        cues={name: re.compile(shape) for name, shape in data["cues"].items()},
    )
