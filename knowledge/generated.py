"""Questions made by rule from the records themselves, for `knowledge check`: what every document must keep silent
about, and what must survive a place named in passing, misspelt, or an ask mistyped.

Everything is drawn from names, asks and places by a digest of the words, so the same record gives the same questions.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from knowledge.answers import Answer, Answered, Clarify, Context, PolicyBook, Told
from knowledge.pinyin import syllable
from knowledge.policy import Aspect, Kind, Policy, Provision
from knowledge.regions import short_name
from knowledge.shelf import ASKED_ABOUT, Shelf

SHAPES: dict[Aspect, tuple[str, ...]] = {
    Aspect.AMOUNT: ("{}给多少钱", "{}能拿几多钱", "{}一个人补多少"),
    Aspect.DOCUMENTS: ("{}要带什么材料", "办{}需要哪些手续", "{}要交些什么证明"),
    Aspect.CONTACT: ("{}打哪个电话问", "{}的联系电话是多少"),
    Aspect.WHERE: ("{}到哪里去办", "{}在哪个窗口办"),
    Aspect.WHEN: ("{}好久能到账", "{}什么时候截止"),
    Aspect.DURATION: ("{}最多能享受几年", "{}能补多长时间"),
    Aspect.HOW: ("{}怎么申请", "{}要走哪些流程"),
}
"""How an aspect is asked, whatever the matter."""
FIGURES = frozenset({"money", "percent", "date", "count", "duration"})
ABSENT_A_PLACE = 80
ASKS_A_PLACE = 120
"""Questions of a sort made for each document."""
PAIRS = 120
COMMON = 30
"""A character may replace another in a typing error if the asks hold it this often."""


@dataclass
class Outcome:
    """What came of one sort of generated question."""

    asked: int = 0
    good: int = 0
    wrong: list[str] = field(default_factory=list)
    """Questions with what went wrong."""
    forbidden: list[str] = field(default_factory=list)
    """What must never happen, not once: another place's document told."""

    def count(self, question: str, trouble: str | None) -> None:
        self.asked += 1
        if trouble is None:
            self.good += 1
        else:
            self.wrong.append(f"{question} → {trouble}")

    @property
    def share(self) -> float:
        return self.good / self.asked if self.asked else 1.0


def pick(words: str, size: int) -> int:
    """A number below `size`, always the same for the same words."""
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4]) % size


def told_in(answer: Answer) -> tuple[Told, ...]:
    return () if isinstance(answer, Clarify) else answer.told


def tells_figure(answer: Answer) -> bool:
    """Whether it answers with a figure and without saying that what was asked is not stated."""
    return isinstance(answer, Answered) and any(
        not told.missing and not told.silent and any(f.value and f.value.types & FIGURES for f in told.facts)
        for told in answer.told
    )


def admits_gap(answer: Answer) -> bool:
    """Whether it tells no figure, or says what is not stated."""
    return not isinstance(answer, Answered) or all(told.missing or told.silent for told in answer.told)


class Generator:
    """Asks a book its generated questions, sort by sort."""

    def __init__(self, book: PolicyBook, today: date) -> None:
        self.book = book
        self.today = today

    def run(self) -> dict[str, Outcome]:
        return {name: ask(self) for name, ask in SORTS.items()}

    # --- silences

    @cached_property
    def _asked_gaps(self) -> list[tuple[str, Answer]]:
        """Each provision asked for each aspect that it lacks."""
        asked: list[tuple[str, Answer]] = []
        for policy in self._policies:
            for provision in policy.provisions:
                for aspect, shapes in SHAPES.items():
                    if aspect in provision.aspects or provision.kind is Kind.DOCUMENT:
                        continue
                    key = f"{policy.id}{provision.id}{aspect}"
                    question = shapes[pick(key, len(shapes))].format(provision.plain)
                    answer = self.book.answer(question, Context(self.today, policy.document.region))
                    asked.append((f"{policy.document.place}: {question}", answer))
        return asked

    def silent_aspects(self) -> Outcome:
        outcome = Outcome()
        for question, answer in self._asked_gaps:
            outcome.count(question, lead_of(answer) if tells_figure(answer) else None)
        return outcome

    def named_gaps(self) -> Outcome:
        outcome = Outcome()
        for question, answer in self._asked_gaps:
            outcome.count(question, None if admits_gap(answer) else lead_of(answer))
        return outcome

    def absent_topics(self) -> Outcome:
        """Each matter that people ask for, in each place whose documents lack it."""
        outcome = Outcome()
        for shelf in self._shelves:
            region = shelf.policy.document.region
            own = {topic for other in self.book.serving(region) for topic in other.topics}
            lacking = [
                (policy, provision)
                for policy in self._policies
                for provision in policy.provisions
                if provision.topic not in own and provision.kind in ASKED_ABOUT
            ]
            lacking.sort(key=lambda pair: pick(f"{region}{pair[0].id}{pair[1].id}", 1 << 30))
            for policy, provision in lacking[:ABSENT_A_PLACE]:
                ask = self._neutral_ask(policy, provision)
                if ask is None:
                    continue
                answer = self.book.answer(ask, Context(self.today, region))
                foreign = self._foreign(answer, region)
                if foreign:
                    outcome.forbidden.append(f"{shelf.policy.document.place}: {ask} → told from {foreign}")
                trouble = lead_of(answer) if tells_figure(answer) and not admits_gap(answer) else None
                outcome.count(f"{shelf.policy.document.place}: {ask}", trouble)
        return outcome

    # --- places

    def destinations(self) -> Outcome:
        """Home is known, another place is where one works: the home document answers."""
        frames = ("我要去{}打工，{}", "人在{}打工，{}", "到{}上班的，{}")
        outcome = Outcome()
        for shelf, provision, ask in self._asks():
            away = self._other_place(shelf, ask)
            question = frames[pick(ask, len(frames))].format(away, ask)
            region = shelf.policy.document.region
            answer = self.book.answer(question, Context(self.today, region))
            foreign = self._foreign(answer, region)
            if foreign:
                outcome.forbidden.append(f"{question} → told from {foreign}")
            outcome.count(question, trouble_with(answer, shelf, provision))
        return outcome

    def two_levels(self) -> Outcome:
        """Province or city named together with the place itself, nothing else known of the asker."""
        outcome = Outcome()
        regions = self.book.regions
        for shelf, provision, ask in self._asks():
            code = shelf.policy.document.region
            chain = [regions.name(above) for above in reversed(regions.ancestors(code))]
            names = chain if pick(ask, 2) else [short_name(name) for name in chain]
            question = f"我是{''.join(names)}的，{ask}"
            answer = self.book.answer(question, Context(self.today))
            foreign = self._foreign(answer, code)
            if foreign:
                outcome.forbidden.append(f"{question} → told from {foreign}")
            outcome.count(question, trouble_with(answer, shelf, provision))
        return outcome

    def two_places(self) -> Outcome:
        """Two places that hold a topic, side by side, each under its own name."""
        holders: dict[str, dict[str, Provision]] = defaultdict(dict)
        for policy in self._policies:
            for provision in policy.provisions:
                holders[provision.topic].setdefault(policy.document.place, provision)
        pairs = [
            (first, second, held[first])
            for topic, held in sorted(holders.items())
            if topic != "document"
            for first in held
            for second in held
            if first < second
        ]
        pairs.sort(key=lambda pair: pick("".join([pair[0], pair[1], pair[2].id]), 1 << 30))
        outcome = Outcome()
        for first, second, provision in pairs[:PAIRS]:
            question = f"{first}和{second}的{provision.plain}有什么不一样"
            answer = self.book.answer(question, Context(self.today))
            told = {one.place for one in told_in(answer)}
            unasked = told - {first, second}
            if unasked:
                outcome.forbidden.append(f"{question} → told from {'、'.join(unasked)}")
            outcome.count(question, None if told == {first, second} else f"told {'、'.join(sorted(told)) or 'none'}")
        return outcome

    def misspelt_places(self) -> Outcome:
        """A place written with another character of the same sound."""
        outcome = Outcome()
        for shelf, provision, ask in self._asks():
            name = short_name(self.book.regions.name(shelf.policy.document.region))
            misspelt = self._mistype(name, ask)
            if misspelt is None:
                continue
            question = f"我是{misspelt}的，{ask}"
            answer = self.book.answer(question, Context(self.today))
            outcome.count(question, trouble_with(answer, shelf, provision))
        return outcome

    # --- typing errors

    def typing_errors(self) -> Outcome:
        """One character of an ask replaced by another of the same sound."""
        outcome = Outcome()
        for shelf, provision, ask in self._asks():
            mistyped = self._mistype(ask, ask)
            if mistyped is None:
                continue
            region = shelf.policy.document.region
            answer = self.book.answer(mistyped, Context(self.today, region))
            outcome.count(f"{mistyped} ({ask})", trouble_with(answer, shelf, provision))
        return outcome

    def _mistype(self, words: str, seed: str) -> str | None:
        """`words` with one character swapped for a common one of the same sound; None if none has such a twin."""
        places = [at for at, c in enumerate(words) if self._twins.get(c)]
        if not places:
            return None
        at = places[pick(seed, len(places))]
        twins = self._twins[words[at]]
        return words[:at] + twins[pick(seed + words, len(twins))] + words[at + 1 :]

    @cached_property
    def _twins(self) -> dict[str, str]:
        """Common characters -> other common characters of the same pinyin."""
        counts = Counter(c for policy in self._policies for _, asks in policy.asks for ask in asks for c in ask)
        heard: dict[str, list[str]] = defaultdict(list)
        names = "".join(self.book.regions.name(shelf.policy.document.region) for shelf in self._shelves)
        for c, count in sorted(counts.items()):
            if (count >= COMMON or c in names) and "一" <= c <= "鿿":
                heard[syllable(c)].append(c)
        return {c: "".join(o for o in group if o != c) for group in heard.values() for c in group}

    # --- what is drawn on

    @cached_property
    def _shelves(self) -> Sequence[Shelf]:
        return self.book.shelves

    @cached_property
    def _policies(self) -> Sequence[Policy]:
        return [shelf.policy for shelf in self._shelves]

    @cached_property
    def _places(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(policy.document.place for policy in self._policies))

    def _asks(self) -> Iterator[tuple[Shelf, Provision, str]]:
        """Some asks of each document that name no place and lean on nothing, with what they must find."""
        for shelf in self._shelves:
            policy = shelf.policy
            pool = [
                (policy.by_id[target.provision], ask)
                for target, asks in policy.asks
                if target.provision and not target.missing
                for ask in asks
                if 6 <= len(ask) <= 24 and not self.book.regions.find(ask)
            ]
            pool.sort(key=lambda item: pick(f"{policy.id}{item[1]}", 1 << 30))
            yield from ((shelf, provision, ask) for provision, ask in pool[:ASKS_A_PLACE])

    def _neutral_ask(self, policy: Policy, provision: Provision) -> str | None:
        """One of a provision's asks that names no place."""
        asks = [
            ask
            for target, lines in policy.asks
            if target.provision == provision.id and not target.missing
            for ask in lines
            if len(ask) >= 6 and not self.book.regions.find(ask)
        ]
        return asks[pick(f"{policy.id}{provision.id}", len(asks))] if asks else None

    def _other_place(self, shelf: Shelf, seed: str) -> str:
        names = [*(place for place in self._places if place != shelf.policy.document.place), "广东", "深圳", "上海"]
        return names[pick(seed, len(names))]

    def _foreign(self, answer: Answer, region: str) -> str:
        """Places whose documents were told instead of those that serve `region` (beside them is a comparison)."""
        serving = {shelf.policy.id for shelf in self.book.serving(region)}
        told = told_in(answer)
        return "" if any(one.policy in serving for one in told) else "、".join(one.place for one in told)


SORTS: Mapping[str, Callable[[Generator], Outcome]] = {
    "no figure for an aspect not stated": Generator.silent_aspects,
    "an aspect not stated is said so": Generator.named_gaps,
    "a matter only other places hold": Generator.absent_topics,
    "a place one goes to": Generator.destinations,
    "two levels of one place": Generator.two_levels,
    "two places": Generator.two_places,
    "a misspelt place": Generator.misspelt_places,
    "a mistyped ask": Generator.typing_errors,
}


def lead_of(answer: Answer) -> str:
    """What an answer tells first, for reports."""
    told = told_in(answer)
    if not told:
        return type(answer).__name__
    fact = f".{told[0].facts[0].id}" if told[0].facts else ""
    return f"{told[0].place} {told[0].provision.id}{fact}"


def trouble_with(answer: Answer, shelf: Shelf, provision: Provision) -> str | None:
    """None where the provision is told from its own document, first or beside."""
    for told in told_in(answer):
        if told.policy == shelf.policy.id:
            near = {told.provision.id, *(other.id for other, _ in told.beside)}
            if provision.id in near:
                return None
    return f"{lead_of(answer)}, not {provision.id}"
