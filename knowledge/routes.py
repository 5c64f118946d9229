"""Message -> route and urgency, before anything is looked up (routes.yaml, crisis.yaml).

Danger is decided first, by explicit signs; certain messages by rules; all others by a classifier over the examples,
which sees character n-grams, sounds, concepts and the cues of routes.yaml, and may find a danger that no sign names.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from knowledge.compiled import kept_arrays
from knowledge.crisis import Alarms, Crisis, load_alarms
from knowledge.language import clean, plain
from knowledge.linear import Arrays, Floats, Linear, train
from knowledge.matcher import grams
from knowledge.opting import OptWish, only_looks_so, read_opting
from knowledge.stating import tells_wrong

try:
    from yaml import CSafeLoader as YamlLoader
except ImportError:  # libyaml is missing on some builds; the pure loader is only slower
    from yaml import SafeLoader as YamlLoader  # type: ignore[assignment]

READS = 20_000
"""Characters of a message that are looked at."""
ALARM_READS = 4_000
"""Characters in which signs of danger are looked for: half from the front, half from the end."""
CLASSIFIER_READS = 360
"""Characters that the rules and the classifier read, in the same way."""
TAIL = 40
"""Longer messages are read once more by their last characters, where the question mostly stands."""
TAIL_SHARE = np.float32(0.4)
CUE = 4.5
"""Weight of a cue beside a pair of characters, which has 1."""
ASK_WEIGHT = 0.3
"""How much an ask of the documents counts beside an example: there are many, and some read like other routes."""
BALANCE = 0.4
"""0: every example counts alike; 1: every route does."""
SURE = 0.3
"""Scores of all urgent classes together from which the classifier alone calls a message urgent,"""
MARGIN = 0.25
"""if they also exceed the best other class by this."""
SHORT = 3
"""Messages of so few characters are never called urgent by the classifier."""

FEW = re.compile("[两俩2二]个?人|[两俩]口子|带(?:着)?我?(?:老公|老婆|媳妇|爱人|男人|堂客|孩子|儿子|女儿)")
"""So few are no crowd, unless a sign says so: 带我老公一起去."""
UNPAID = re.compile(
    r"[钱薪欠拖饷压扣]|工资|补贴|没发|不发|没给|不给|没拿|没领|没结|没影|没下文|没着落|不见人|卷走|跑路|白干|结账|讨|泡汤|水漂"
)
"""Many people alone are no arrears: 一年送四十个人."""
COURTESY = re.compile(
    r"你好|您好|谢谢|多谢|感谢|辛苦|麻烦|再见|拜拜|好的?|嗯+|哦+|行|对|是的?|知道|晓得|明白|清楚|了|啊|呀|哈|您|你们?|"
    r"[，,。.!！~、\s]"
)
ASKS = re.compile(r"[吗呢？?]|怎么|多少|什么|哪|几|要不要|能不能|有没有|条件|材料|补|贷|社保|养老")
COURTEOUS = 3
"""A greeting that asks something may have so many other characters, unless it is surely one."""
SURELY = 0.5
DOUBTFUL = 0.35
"""A complaint of a lower score is none where the words say that no more messages are wanted."""
RESUMES = "rule resume"
"""Reason of a message on the route `optout` that wants messages again."""


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


LIKE_COMPLAINTS = frozenset({Route.POLICY, Route.TRAINING, Route.JOBS, Route.OFFTOPIC, Route.GREETING})
"""Routes that a complaint in few words is taken for: 补贴该发没发."""


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
    lead: float = 1.0
    """By how much it beats a policy question, where the classifier decided; 1 where a sign or a rule did.

    Negative where it is like a policy question, and a wrong is told all the same.
    """


class Recogniser:
    """Recognises messages; immutable once built."""

    def __init__(
        self,
        examples: Mapping[str, Sequence[str]],
        *,
        alarms: Alarms,
        rules: Sequence[tuple[Route, re.Pattern[str]]] = (),
        cues: Mapping[str, re.Pattern[str]] | None = None,
        policy_asks: Sequence[str] = (),
    ) -> None:
        """`examples` by route, or by route and kind of danger (`grievance.held`)."""
        self._alarms = alarms
        self._rules = tuple(rules)
        self._cues = dict(cues or {})
        shown = [(label, text, 1.0) for label, texts in examples.items() for text in texts]
        shown += [(str(Route.POLICY), ask, ASK_WEIGHT) for ask in policy_asks]
        self._classifier = self._learn(shown)
        self._urgent = np.array(["." in label for label in self._classifier.labels])

    def recognise(self, text: str) -> Recognition:
        """Any text at all has a route."""
        words = clean(text[:READS])
        if alarm := self._alarms.find(_ends(words, ALARM_READS)):
            return Recognition(route_of(alarm.kind), True, f"alarm {alarm.kind}", 1.0, alarm.kind)
        wish = read_opting(words)
        if wish is not None and wish.sure:
            return _opting(wish)
        for number, (route, shape) in enumerate(self._rules):
            if shape.fullmatch(_ends(words, CLASSIFIER_READS)):
                return Recognition(route, False, f"rule {number}", 1.0)
        if not any(character.isalnum() for character in words):
            route = Route.POLICY if set(words) & set("?？") else Route.GREETING
            return Recognition(route, False, "empty", 0.0)
        return _opted(self._classify(_ends(words, CLASSIFIER_READS), opts=not only_looks_so(words)), wish)

    def _classify(self, text: str, *, opts: bool) -> Recognition:
        """`opts`: whether it may be about messages of ours."""
        scores = self._scores(text)
        labels = self._classifier.labels
        if not opts:
            scores = np.where(np.array(labels) == str(Route.OPTOUT), -1, scores)
        calm = int(np.argmax(np.where(self._urgent, -1, scores)))
        alarming = np.where(self._urgent, np.clip(scores, 0, 1), 0)
        together = float(alarming.sum())
        if (
            together >= SURE
            and together >= scores[calm] + MARGIN
            and len(self._alarms.without_figures(plain(text))) > SHORT
        ):
            kind = Crisis(labels[int(np.argmax(alarming))].partition(".")[2])
        else:
            kind = None
        if kind is Crisis.GATHERING and FEW.search(text):
            kind = None
        if kind is not None and (kind is not Crisis.MASS_ARREARS or UNPAID.search(text)):
            return Recognition(route_of(kind), True, f"classifier {kind}", min(together, 1.0), kind)
        courteous = len(COURTESY.sub("", text)) <= COURTEOUS or not ASKS.search(text)
        if labels[calm] == Route.GREETING and scores[calm] < SURELY and not courteous:
            # Thanks around something else: what else?
            calm = int(np.argmax(np.where(self._urgent | (np.array(labels) == str(Route.GREETING)), -1, scores)))
        if labels[calm] in LIKE_COMPLAINTS and tells_wrong(text):
            calm = labels.index(str(Route.GRIEVANCE))
        score = float(np.clip(scores[calm], 0, 1))
        lead = float(scores[calm] - scores[labels.index(str(Route.POLICY))])
        return Recognition(Route(labels[calm]), False, f"classifier {labels[calm]}", score, lead=lead)

    def _scores(self, text: str) -> Floats:
        scores = self._classifier.scores(self._features(text))
        if len(text) > TAIL:
            tail = self._classifier.scores(self._features(text[-TAIL:]))
            scores = (1 - TAIL_SHARE) * scores + TAIL_SHARE * tail
        return scores

    def _features(self, text: str) -> dict[str, float]:
        bag = grams(text)
        words = self._alarms.without_figures(plain(text))
        for cue, shape in self._cues.items():
            if shape.search(words):
                bag[f"¶{cue}"] = CUE
        return bag

    def _learn(self, shown: Sequence[tuple[str, str, float]]) -> Linear:
        """The classifier of these (label, text, weight): from its file, or trained and kept."""
        return Linear(kept_arrays(f"routes-{self._digest(shown)}", lambda: self._train(shown)))

    def _train(self, shown: Sequence[tuple[str, str, float]]) -> Arrays:
        size: Counter[str] = Counter()
        for label, _, weight in shown:
            size[label] += weight  # type: ignore[assignment]  # a Counter counts by parts, too
        mean = sum(size.values()) / max(len(size), 1)
        return train(
            [self._features(text) for _, text, _ in shown],
            [label for label, _, _ in shown],
            [weight * (mean / size[label]) ** BALANCE for label, _, weight in shown],
        )

    def _digest(self, shown: Sequence[tuple[str, str, float]]) -> str:
        """Names what these examples, cues and constants make; `grams` of known texts stand for the code below."""
        sums = hashlib.sha256(repr((CUE, BALANCE, "1")).encode())
        sums.update(repr([(cue, shape.pattern) for cue, shape in self._cues.items()]).encode())
        sums.update(repr((self._alarms.figures, shown)).encode())
        sums.update(repr([sorted(grams(text).items()) for _, text, _ in shown[::97]]).encode())
        return sums.hexdigest()[:24]


def route_of(kind: Crisis) -> Route:
    """Who takes a kind of danger."""
    return Route.GRIEVANCE if kind.is_grievance else Route.CRISIS


def _opted(found: Recognition, wish: OptWish | None) -> Recognition:
    """别发岗位了 holds the words of a search for work; who complains or wants a person at last is not held up."""
    other = found.route in (Route.GRIEVANCE, Route.CONSULT, Route.STATUS)
    if wish is None or found.urgent or (other and found.score >= DOUBTFUL):
        return found
    return _opting(wish)


def _opting(wish: OptWish) -> Recognition:
    return Recognition(Route.OPTOUT, False, "rule stop" if wish.stop else RESUMES, 1.0)


def _ends(text: str, size: int) -> str:
    """A long text's beginning and end."""
    return text if len(text) <= size else f"{text[: size // 2]}。{text[-size // 2 :]}"


def load_recogniser(policy_asks: Sequence[str] = ()) -> Recogniser:
    """The recogniser of routes.yaml and crisis.yaml; `policy_asks` are further examples of policy questions."""
    data: dict[str, Any] = yaml.load((files("knowledge") / "routes.yaml").read_text("utf-8"), Loader=YamlLoader)
    return Recogniser(
        {label: lines.splitlines() for label, lines in data["examples"].items()},
        alarms=load_alarms(),
        rules=[(Route(rule["route"]), re.compile(rule["shape"])) for rule in data["rules"]],
        cues={name: re.compile(shape) for name, shape in data["cues"].items()},
        policy_asks=policy_asks,
    )
