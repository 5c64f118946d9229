"""One document, made ready to be asked: its classifier over asks, and what it holds against what it lacks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from knowledge.compiled import classifier_for
from knowledge.matcher import Classifier, Example, Floats
from knowledge.notours import Foreign
from knowledge.policy import Aspect, Fact, Kind, Policy, Provision, Silence
from knowledge.regions import short_name

ASKED_ABOUT = frozenset({Kind.SUBSIDY, Kind.LOAN, Kind.INSURANCE, Kind.TRAINING, Kind.POST, Kind.SERVICE})
"""Kinds of matter people ask for at the counter: their absence in a place must be recognised."""
ASKS_OF_ABSENT = 10
"""How many asks of a topic held elsewhere stand for its absence here."""


@dataclass(frozen=True)
class Matter:
    """A class of the classifier: exactly one field is set."""

    provision: Provision | None = None
    silence: Silence | None = None
    foreign: Foreign | None = None
    absent: str | None = None
    """A topic that other places' documents hold and this one does not."""


class TargetScores:
    """Scores of single targets, computed when asked for: most of a document's facts never are."""

    def __init__(self, learned: Learned, kernel: Floats) -> None:
        self._learned = learned
        self._kernel = kernel

    def __contains__(self, target: str) -> bool:
        return target in self._learned.targets

    def get(self, target: str, default: float) -> float:
        column = self._learned.targets.get(target)
        return default if column is None else self._learned.classifier.score(self._kernel, column)


@dataclass(frozen=True)
class Ranked:
    """The matters a question may be about, best first, with scores near 1 for a sure match."""

    matters: tuple[tuple[Matter, float], ...]
    facts: TargetScores = field(repr=False)
    """`provision.fact`, `provision` and `provision!aspect` -> score."""
    aspects: dict[Aspect, float]
    nearest: float
    """Cosine to the most similar ask."""


class Learned:
    """A classifier and its columns by what they stand for; shared by documents with the same asks."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        labels = classifier.labels
        self.aspects = {Aspect(label[2:]): n for n, label in enumerate(labels) if label.startswith("A:")}
        self.targets = {label[2:]: n for n, label in enumerate(labels) if label.startswith("T:")}


class Shelf:
    """A policy with the classifier that finds its provisions; learns on the first question."""

    def __init__(self, policy: Policy, learn: Callable[[], Learned], foreign: dict[str, Foreign]) -> None:
        self.policy = policy
        self.learn = learn
        """The same function for documents with the same asks."""
        self._foreign = foreign

    @cached_property
    def topics(self) -> frozenset[str]:
        return frozenset(provision.topic for provision in self.policy.provisions)

    def matter(self, label: str) -> Matter:
        """The class a column stands for; labels are written by `examples_of`."""
        kind, name = label[2], label[3:]
        if kind == "~":
            return Matter(silence=self.policy.silence_by_id[name])
        if kind == "!":
            return Matter(foreign=self._foreign[name])
        if kind == "?":
            return Matter(absent=name)
        return Matter(provision=self.policy.by_id[label[2:]])

    def rank(self, text: str, *, framed: str | None = None, share: float = 0.0, best: int = 6) -> Ranked:
        """What `text` may be about in this document; `framed`, the same with its context, counts by `share`."""
        learned = self.learn()
        classifier = learned.classifier
        kernel, nearest = classifier.read(text)
        if framed is not None:
            kernel = np.float32(1 - share) * kernel + np.float32(share) * classifier.read(framed)[0]
        # One row at a time: a copy of the rows, as NumPy's selection makes it, takes longer than all the products.
        scored = [(number, classifier.score(kernel, number)) for number in classifier.near(kernel)]
        scored.sort(key=lambda item: -item[1])
        return Ranked(
            tuple((self.matter(classifier.labels[number]), score) for number, score in scored[:best]),
            TargetScores(learned, kernel),
            {aspect: classifier.score(kernel, number) for aspect, number in learned.aspects.items()},
            nearest,
        )


def examples_of(policy: Policy) -> list[Example]:
    """The asks and the words of a document, with the classes each must find."""
    examples: list[Example] = []
    for target, asks in policy.asks:
        if target.silence:
            labels: tuple[str, ...] = (f"P:~{target.silence}",)
        elif target.missing:
            labels = (
                f"P:{target.provision}",
                f"T:{target.provision}!{target.missing}",
                f"A:{target.missing}",
            )
        elif target.fact:
            fact = policy.by_id[str(target.provision)].fact(target.fact)
            labels = (f"P:{target.provision}", f"T:{target.provision}.{target.fact}", f"A:{fact.aspect}")
        else:
            labels = (f"P:{target.provision}", f"T:{target.provision}")
        examples += [Example(ask, labels) for ask in asks]
    for provision in policy.provisions:
        for words in dict.fromkeys((provision.name, provision.plain)):
            examples.append(Example(words, (f"P:{provision.id}", f"T:{provision.id}")))
        examples += [Example(fact.say, fact_labels(provision, fact)) for fact in provision.facts]
    return examples


def fact_labels(provision: Provision, fact: Fact) -> tuple[str, ...]:
    return (f"P:{provision.id}", f"T:{provision.id}.{fact.id}")


def shape_of(policy: Policy) -> str:
    """The same for documents whose asks and words differ in places and figures only: they share a classifier."""
    place = policy.document.place
    county = re.sub(r"^.{2,}?(?:省|市|自治州|地区|盟)(?=..)", "", place)
    names = sorted({place, county, short_name(place), short_name(county)}, key=len, reverse=True)
    varying = re.compile(f"(?:{'|'.join(map(re.escape, names))})[省市区县]?" + r"|\d+(?:\.\d+)?")
    labels = [
        (
            provision.id,
            provision.topic,
            provision.kind,
            provision.asker,
            [(fact.id, fact.aspect) for fact in provision.facts],
        )
        for provision in policy.provisions
    ]
    words = [
        words
        for provision in policy.provisions
        for words in (provision.name, provision.plain, *(fact.say for fact in provision.facts))
    ]
    silences = [silence.id for silence in policy.silences]
    text = varying.sub("0", "\n".join([policy.asks_text, *words]))
    return hashlib.sha256(f"{labels}{silences}{text}".encode()).hexdigest()


def build_shelves(policies: Sequence[Policy], foreign: Iterable[Foreign]) -> tuple[Shelf, ...]:
    """A shelf a document. Documents of the same shape (the same text for another place) share a classifier."""
    foreign = tuple(foreign)
    by_id = {topic.id: topic for topic in foreign}
    sample: dict[str, Policy] = {}
    for policy in policies:
        sample.setdefault(policy.shape or shape_of(policy), policy)
    learners: dict[str, Callable[[], Learned]] = {}
    for shape, policy in sample.items():
        others = [other for other in sample.values() if other is not policy]
        learners[shape] = learner(policy, others, foreign)
    return tuple(Shelf(policy, learners[policy.shape or shape_of(policy)], by_id) for policy in policies)


def learner(policy: Policy, others: Sequence[Policy], foreign: Sequence[Foreign]) -> Callable[[], Learned]:
    """Learns a document's asks, what it lacks and what is not ours, once, when first asked to."""

    @cache
    def learn() -> Learned:
        examples = [*examples_of(policy), *absent_examples(policy, others), *foreign_examples(foreign)]
        return Learned(classifier_for(examples))

    return learn


def foreign_examples(foreign: Iterable[Foreign]) -> list[Example]:
    return [Example(ask, (f"P:!{topic.id}",)) for topic in foreign for ask in topic.asks]


def absent_examples(policy: Policy, others: Iterable[Policy]) -> list[Example]:
    """Asks of topics that only other documents hold, so that silence here is recognised as such."""
    own = {provision.topic for provision in policy.provisions}
    pools: dict[str, list[str]] = {}
    for other in others:
        for target, asks in other.asks:
            provision = other.by_id.get(target.provision or "")
            if provision is None or target.missing or provision.topic in own:
                continue
            if provision.kind in ASKED_ABOUT:
                pools.setdefault(provision.topic, []).extend(asks)
    examples = []
    for topic, pool in pools.items():
        step = max(1, len(pool) // ASKS_OF_ABSENT)
        examples += [Example(ask, (f"P:?{topic}",)) for ask in pool[::step][:ASKS_OF_ABSENT]]
    return examples
