"""Chooses what to tell of a provision: the fact asked for, what decides, and what the document leaves open."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.cues import aspect_cues, may_ask
from knowledge.language import asking_clauses
from knowledge.phrases import Counting, phrases
from knowledge.points import open_points, stating_point
from knowledge.policy import Aspect, Fact, Kind, Policy, Provision
from knowledge.results import Citation, Told
from knowledge.shelf import ASKED_ABOUT, Matter, Ranked, Shelf

BODY = 150
"""Characters of facts told in one answer; longer answers are read by nobody."""
SURE = 0.5
"""From this score on, a matter is taken without telling a second one beside it."""
BESIDE = 0.5
"""A second matter is told too when it scores this share of an unsure first."""
ALSO_ASKED = 0.5
"""A clause of its own with this score asks for a second matter."""
BY_FACT = 0.15
"""Weight of a provision's nearest fact when provisions are compared."""
NEARBY = 0.4
"""A provision that states the aspect asked for is taken at this share of one that does not."""
STATES = 0.15
"""What stating the aspect asked for is worth then."""
AS_LIKE = 0.8
"""A silence at this share of a provision that does not state the aspect asked for is said instead."""
MISSING = 0.10
"""An aspect that is not stated wins when its evidence beats the facts' by this."""
IN_DOUBT = 0.12
"""Within this distance the facts are told and the silence is named beside them."""
CUE = 0.30
"""What a question's shape adds to an aspect's evidence."""
KNOWN_GAP = 0.3
"""From this score on, a question is one of those known to be about what a provision does not state."""
BY_ASPECT = 0.35
"""Weight of the aspect classifier beside the facts' own asks."""

FAINT = 0.12
"""Below this evidence no fact of a provision is what was asked, though the provision is."""
FINER = "更细的规定"
"""What the document does not state, where the question is like none of the facts."""
TOLD_POINTS = 2
"""Of the points that are asked and not stated, so many are named."""

STATED_BY: dict[Aspect, frozenset[Aspect]] = {
    Aspect.AMOUNT: frozenset({Aspect.AMOUNT}),
    Aspect.DOCUMENTS: frozenset({Aspect.DOCUMENTS}),
    Aspect.CONTACT: frozenset({Aspect.CONTACT}),
    Aspect.WHERE: frozenset({Aspect.WHERE, Aspect.CONTACT}),
    Aspect.WHEN: frozenset({Aspect.WHEN, Aspect.DURATION}),
    Aspect.DURATION: frozenset({Aspect.DURATION, Aspect.WHEN}),
    Aspect.HOW: frozenset({Aspect.HOW, Aspect.WHERE}),
}
"""Which aspects of a provision answer a question of a plain shape; without one of them, the gap is named."""
GIVEN = frozenset({Kind.SUBSIDY, Kind.INSURANCE, Kind.LOAN})
"""Kinds of matter that are there by being stated, whatever the sum."""
FIGURES = frozenset({"money", "percent", "count"})
SUMS = frozenset({"money", "percent"})
MONEY = re.compile(r"钱|[元块]|工资|补贴|补助|奖金|[几多]少?(?:[百千万]|10+)(?![人个户名])|贷|张")


@dataclass(frozen=True)
class Evidence:
    """How much speaks for each fact of a provision, and for each aspect that it does not state."""

    held: dict[str, float]
    lacking: dict[Aspect, float]
    general: float
    """For the provision as a whole."""

    @property
    def gap(self) -> Aspect | None:
        """The unstated aspect with most evidence."""
        return max(self.lacking, key=lambda aspect: self.lacking[aspect], default=None)

    @property
    def lead(self) -> float:
        """By how much the gap beats what is held."""
        if self.gap is None:
            return -1.0
        return self.lacking[self.gap] - max(*self.held.values(), self.general)


def choose(words: str, shelf: Shelf, ranked: Ranked, *, claims_sum: bool = False) -> tuple[Matter, float]:
    """The best matter; of provisions, one that states the aspect asked for goes before one that does not.

    Not where a sum is to be confirmed (`claims_sum`): another matter's sum would be told for it.
    """
    best, score = ranked.matters[0]
    if best.provision is None:
        return best, score
    cues, money = aspect_cues(words) & STATED_BY.keys(), asks_money(words)

    def stating(provision: Provision) -> bool:
        """Whether it states the aspect asked for; the document's own period answers no question of a matter."""
        return provision.kind is not Kind.DOCUMENT and states(provision, cues, money=money)

    def worth(item: tuple[Matter, float]) -> float:
        provision = item[0].provision
        assert provision is not None
        nearest = max(ranked.facts.get(f"{provision.id}.{fact.id}", 0.0) for fact in provision.facts)
        return item[1] + BY_FACT * nearest + (STATES if stating(provision) and not claims_sum else 0.0)

    chosen, score = max((item for item in ranked.matters if item[0].provision), key=worth)
    assert chosen.provision is not None
    if cues and not states(chosen.provision, cues, money=money) and not lacks(chosen.provision, cues, ranked):
        silence = next(((m, s) for m, s in ranked.matters if not m.provision and s > AS_LIKE * score), None)
        if silence is not None:
            return silence
        nearby = [item for item in ranked.matters if item[0].provision and stating(item[0].provision)]
        if nearby and nearby[0][1] >= NEARBY * score and not claims_sum:
            return nearby[0]
        topic = chosen.provision.topic
        kin = [p for p in shelf.policy.provisions if p.topic == topic and stating(p)]
        if kin:  # 公益岗能干几年 is asked of the post, and stated with its pay
            return Matter(provision=max(kin, key=lambda p: nearness(p, ranked))), score
    return chosen, score


def asks_money(words: str) -> bool:
    """Whether a question for an amount asks for money: a count of towns or of times does not answer it."""
    return Aspect.AMOUNT in aspect_cues(words) and MONEY.search(words) is not None


def states(provision: Provision, cues: frozenset[Aspect], *, money: bool = False) -> bool:
    """Whether a provision states one of the aspects that a question's shape asks for."""
    held = set(provision.aspects)
    if provision.value_types & (SUMS if money else FIGURES):
        held.add(Aspect.AMOUNT)
    elif money and all("count" in fact.value.types for fact in amounts_of(provision) if fact.value):
        held.discard(Aspect.AMOUNT)
    if "duration" in provision.value_types:
        held.add(Aspect.DURATION)
    return any(STATED_BY.get(cue, frozenset({cue})) & held for cue in cues)


def amounts_of(provision: Provision) -> list[Fact]:
    return [fact for fact in provision.facts if fact.aspect is Aspect.AMOUNT]


def lacks(provision: Provision, cues: frozenset[Aspect], ranked: Ranked) -> bool:
    """Whether the record itself says that a provision does not state an aspect asked for.

    A neighbour that states it would be told for what it does not hold: 个人能贷多少 with the firms' 300万元.
    """
    if cues & provision.not_stated.keys():
        return True
    if Aspect.AMOUNT in cues and f"{provision.id}!{Aspect.AMOUNT}" in ranked.facts:
        return True  # people do ask this matter's sum, and the record lists it as not stated
    gaps = [ranked.facts.get(f"{provision.id}!{cue}", 0.0) for cue in cues]
    return max(gaps, default=0.0) > KNOWN_GAP


def nearness(provision: Provision, ranked: Ranked) -> float:
    """How near a question is to a provision by its own and its facts' asks."""
    facts = (ranked.facts.get(f"{provision.id}.{fact.id}", 0.0) for fact in provision.facts)
    return ranked.facts.get(provision.id, 0.0) + max(facts, default=0.0)


def weigh(words: str, provision: Provision, ranked: Ranked) -> Evidence:
    """Evidence from the asks of facts and gaps, the aspect classifier and the question's shape."""
    cues = aspect_cues(words)
    stated = set(provision.aspects)
    if provision.value_types & FIGURES and not asks_money(words):
        stated.add(Aspect.AMOUNT)  # 要扶到几成 asks for an amount, and is answered by a limit of 70%

    shaped = cues | ({Aspect.CONDITIONS} if Aspect.WHO in cues and Aspect.WHO not in stated else set())

    def of(target: str, aspect: Aspect) -> float:
        return (
            ranked.facts.get(target, 0.0)
            + BY_ASPECT * ranked.aspects.get(aspect, 0.0)
            + (CUE if aspect in shaped else 0.0)
        )

    return Evidence(
        held={fact.id: of(f"{provision.id}.{fact.id}", fact.aspect) for fact in provision.facts},
        lacking={
            aspect: of(f"{provision.id}!{aspect}", aspect)
            for aspect in Aspect
            if aspect not in provision.aspects
            and (
                (aspect in cues and aspect in STATED_BY and aspect not in stated)
                or (f"{provision.id}!{aspect}" in ranked.facts and may_ask(words, aspect))
            )
        },
        general=ranked.facts.get(provision.id, 0.0),
    )


def tell(
    words: str, shelf: Shelf, provision: Provision, ranked: Ranked, today: date, *, claims_sum: bool = False
) -> tuple[Told, bool]:
    """What to tell of a provision, and whether what was asked is not stated.

    A message that asks two things is told the second one's fact too; a sum that is to be confirmed where none is
    stated (`claims_sum`) is told that.
    """
    evidence = weigh(words, provision, ranked)
    gap, lead = evidence.gap, evidence.lead
    doubt = IN_DOUBT if gap in aspect_cues(words) else 0.0  # without a word for it, 给补贴吗 would be told of 材料
    missing: tuple[Aspect, ...] = (gap,) if gap is not None and lead > MISSING - doubt else ()
    missing = missing or unstated(words, provision)
    if claims_sum and not states(provision, frozenset({Aspect.AMOUNT}), money=True):
        missing = (Aspect.AMOUNT,)
    points = open_points(words, provision)
    if points:  # 贷款要还利息不 is like 要带材料不: what the shape asks for goes before what it sounds like
        missing = tuple(aspect for aspect in missing if aspect in aspect_cues(words))
        lead = -1.0 if not missing else lead
    silent = "、".join(point.what for point in points[:TOLD_POINTS] if point.aspect not in missing)
    best = max(evidence.held, key=lambda fact_id: evidence.held[fact_id])
    if not silent and not missing and is_faint(words, provision, evidence, ranked):
        pointed = stating_point(words, provision)  # 一次性的还是年年有: stated, however little the words are alike
        best, silent = (pointed.id, "") if pointed else (best, FINER)
    as_a_whole = evidence.general > evidence.held[best]
    first = provision.facts[0] if as_a_whole and not missing else provision.fact(best)
    by_evidence = sorted(provision.facts, key=lambda fact: -evidence.held[fact.id])
    others = provision.facts if as_a_whole and not missing else by_evidence
    kin = kin_of(words, shelf, provision, as_a_whole=as_a_whole)
    # Which ones are there? Then one line each, rather than all of the first.
    wanted = [first, *(fact for fact in others if fact is not first)]
    if kin and phrases(Counting).which_ones.search(words):
        first = headline(provision)
        wanted = [first]
    facts, room = fit(wanted, BODY)
    in_order = [first, *(fact for fact in provision.facts if fact in facts and fact is not first)]
    second = second_matters(words, shelf, provision)
    room -= sum(len(other.name) + len(fact.say) for other, fact in second)
    near = neighbours(provision, kin, ranked, room)
    if missing:  # nobody asked for the neighbours of what is not stated, unless they state it
        near = [
            (other, fact)
            for other, fact in near
            if states(other, frozenset(missing)) and (other in kin or not claims_sum)
        ]
    beside = [*second, *near]
    beside = list({other.id: (other, fact) for other, fact in reversed(beside)}.values())[::-1]
    told = Told(
        policy=shelf.policy.id,
        place=shelf.policy.document.place,
        provision=provision,
        facts=tuple(in_order),
        citation=cite(shelf.policy, provision, [*in_order, *(fact for _, fact in beside)], today),
        missing=missing,
        silent=silent or None,
        beside=tuple(beside),
        score=ranked.matters[0][1],
    )
    # 给不给生活费 is answered by that it is given, though how much is not stated.
    there_is = missing == (Aspect.AMOUNT,) and not claims_sum and provision.kind in GIVEN and asks_whether(words)
    return told, lead >= MISSING and not there_is


def asks_whether(words: str) -> bool:
    """Whether a question is for whether there is something at all."""
    return phrases(Counting).whether.search(words) is not None and not re.search(r"多少|几", words)


def is_faint(words: str, provision: Provision, evidence: Evidence, ranked: Ranked) -> bool:
    """Whether the provision is found and none of its facts: 铺面要多少平方 is of the subsidy, and nowhere stated."""
    cues = aspect_cues(words)
    if not any(fact.aspect is Aspect.LIST and fact.value and "list" in fact.value.types for fact in provision.facts):
        cues -= {Aspect.LIST}  # how many posts there are and which, 科学设定, names none
    if provision.kind not in ASKED_ABOUT or states(provision, cues, money=asks_money(words)):
        return False
    if Aspect.WHO in cues and Aspect.CONDITIONS in provision.aspects:
        return False
    likeness = (ranked.facts.get(f"{provision.id}.{fact.id}", 0.0) for fact in provision.facts)
    return max(*likeness, evidence.general) < FAINT


def unstated(words: str, provision: Provision) -> tuple[Aspect, ...]:
    """Aspects that the question's shape asks for, where the provision states none of those asked."""
    if provision.kind is Kind.DOCUMENT:
        return ()
    asked = aspect_cues(words) & STATED_BY.keys()
    if states(provision, asked, money=asks_money(words)):
        return ()
    return tuple(sorted(asked, key=list(Aspect).index))[:2]


def fit(facts: Sequence[Fact], room: int) -> tuple[list[Fact], int]:
    """The first fact, and of the others those that fit; and the room left."""
    chosen = list(facts[:1])
    room -= len(facts[0].say)
    for fact in facts[1:]:
        if len(fact.say) <= room:
            chosen.append(fact)
            room -= len(fact.say)
    return chosen, room


def second_matters(words: str, shelf: Shelf, provision: Provision) -> list[tuple[Provision, Fact]]:
    """The best fact of each other matter that a clause of the message plainly asks for."""
    found: list[tuple[Provision, Fact]] = []
    for clause in asking_clauses(words)[-3:]:
        ranked = shelf.rank(clause)
        matter, score = ranked.matters[0]
        other = matter.provision
        if other is not None and other is not provision and score > ALSO_ASKED:
            scores = {fact.id: ranked.facts.get(f"{other.id}.{fact.id}", 0.0) for fact in other.facts}
            found.append((other, other.fact(max(scores, key=lambda fact_id: scores[fact_id]))))
    return found


def kin_of(words: str, shelf: Shelf, provision: Provision, *, as_a_whole: bool) -> list[Provision]:
    """Provisions told along: those that belong together, and the topic's others if asked in general."""
    kin = [shelf.policy.by_id[other] for other in provision.together]
    if as_a_whole or phrases(Counting).which_ones.search(words):
        kin += [p for p in shelf.policy.provisions if p.topic == provision.topic and p not in (provision, *kin)]
    return kin


def headline(provision: Provision) -> Fact:
    """What a provision is known by: its figure, else its first fact."""
    return next((fact for fact in provision.facts if fact.value and fact.value.types & FIGURES), provision.facts[0])


def neighbours(provision: Provision, kin: list[Provision], ranked: Ranked, room: int) -> list[tuple[Provision, Fact]]:
    """The first fact of each of the kin that fits, and of a second match where the first is unsure."""
    beside: list[tuple[Provision, Fact]] = []

    def add(other: Provision, fact: Fact, spare: int) -> None:
        nonlocal room
        if len(fact.say) + len(other.name) <= room + spare and all(other is not known for known, _ in beside):
            beside.append((other, fact))
            room -= len(fact.say) + len(other.name)

    for other in kin:
        add(other, headline(other), 0)
    top = ranked.matters[0][1]
    if top < SURE:
        for matter, score in ranked.matters[:3]:
            rival = matter.provision
            if rival is not None and rival is not provision and score > BESIDE * top:
                scores = {fact.id: ranked.facts.get(f"{rival.id}.{fact.id}", 0.0) for fact in rival.facts}
                add(rival, rival.fact(max(scores, key=lambda fact_id: scores[fact_id])), 30)
    return beside


def cite(policy: Policy, provision: Provision, facts: Iterable[Fact], today: date) -> Citation:
    document = policy.document
    return Citation(
        policy=policy.id,
        title=document.title,
        place=document.place,
        number=document.number,
        issuer=document.issuer,
        section=provision.section,
        quotes=without_parts(quote for fact in facts for quote in fact.quote),
        state=document.state(today),
        period_words=document.period.words if document.period else "",
        based_on=document.based_on,
    )


def without_parts(quotes: Iterable[str]) -> tuple[str, ...]:
    """Each quote once, and none that stands within another."""
    whole = tuple(dict.fromkeys(quotes))
    return tuple(quote for quote in whole if not any(quote != other and quote in other for other in whole))


def total_of(question: str, facts: Sequence[Fact]) -> str | None:
    """A sum, if the question asks for one: unit and factor are shown (2000元/人×5人=10000元)."""
    people = phrases(Counting).how_many_people.search(question)
    value = facts[0].value if facts else None
    if people is None or not phrases(Counting).totalling.search(question) or value is None:
        return None
    if value.money is None or value.per != "人" or value.bound != "exactly":
        return None
    return f"{value.money:g}元/人×{people[1]}人={value.money * int(people[1]):.10g}元"
