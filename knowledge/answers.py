"""PolicyBook: a question and what is known of the asker -> what the documents say, or do not say.

All thresholds live here. The wording is not here: results are typed, `templates/replies/policy` words them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from knowledge.cues import aspect_cues
from knowledge.language import bare, plain
from knowledge.notours import Foreign
from knowledge.places import PlaceReading, read_places
from knowledge.policy import Aspect, Fact, PeriodState, Policy, Provision
from knowledge.regions import Regions
from knowledge.shelf import Matter, Ranked, Shelf

BODY = 150
"""Characters of facts told in one answer; longer answers are read by nobody."""
SURE = 0.45
"""From this score on, a matter is taken without telling a second one beside it."""
BESIDE = 0.62
"""A second matter is told too when it scores this share of an unsure first."""
STRANGE = 0.10
"""Below this score and NEAREST nothing in the documents is like the question."""
NEAREST = 0.16
HOLDS = 0.55
"""With the place unknown: documents whose best matter scores this share of the best are candidates."""
MISSING = 0.10
"""An aspect that is not stated wins when its evidence beats the facts' by this."""
IN_DOUBT = 0.12
"""Within this distance the facts are told and the silence is named beside them."""
CUE = 0.30
"""What a question's shape adds to an aspect's evidence."""
BY_ASPECT = 0.35
"""Weight of the aspect classifier beside the facts' own asks."""


class Reason(StrEnum):
    """Why there is no answer."""

    NOT_STATED = "not_stated"
    NOT_COVERED = "not_covered"
    NOT_OURS = "not_ours"
    ABSENT_HERE = "absent_here"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True)
class Citation:
    """Where an answer comes from."""

    policy: str
    title: str
    place: str
    number: str | None
    issuer: str
    section: str
    quotes: tuple[str, ...]
    state: PeriodState
    period_words: str


@dataclass(frozen=True)
class Told:
    """What one document says about one matter."""

    policy: str
    place: str
    provision: Provision
    facts: tuple[Fact, ...]
    """The fact asked for first."""
    missing: tuple[Aspect, ...]
    """Asked, and not stated by the document."""
    silent: str | None
    """A noun phrase for what the document does not state, where it is no aspect of the provision."""
    beside: tuple[tuple[Provision, Fact], ...]
    """Facts of neighbouring provisions told along."""
    citation: Citation
    doubtful: bool
    """The match is weak: say what was understood."""


@dataclass(frozen=True)
class Previous:
    """What the turn before was about: what a follow-up may leave out. JSON-able through `as_dict`."""

    question: str
    places: tuple[str, ...]
    topic: str | None
    provision: str | None
    aspect: str | None


@dataclass(frozen=True)
class Context:
    """What is known of the asker and of the turn before."""

    today: date
    region: str | None = None
    """Division code of the asker's place."""
    previous: Previous | None = None


@dataclass(frozen=True)
class Answered:
    told: tuple[Told, ...]
    """One, or one a place when several are asked about."""
    memory: Previous
    total: str | None = None
    """A computed sum with its factors: 2000元/人×5人=10000元."""
    uncovered: tuple[str, ...] = ()
    """Places asked about beside the told ones, which no document covers or whose document is silent."""


@dataclass(frozen=True)
class Clarify:
    places: tuple[str, ...]
    """Names of the places whose documents speak of it."""
    about: str
    """What was understood, in the words of the document."""
    memory: Previous
    within: str | None = None
    """The larger place that was named, such as 湖北省."""


@dataclass(frozen=True)
class Unknown:
    reason: Reason
    memory: Previous
    place: str = ""
    what: str = ""
    """The topic or phrase in question."""
    foreign: Foreign | None = None
    told: tuple[Told, ...] = ()
    """What the documents do say."""
    elsewhere: tuple[str, ...] = ()
    """Places whose documents do hold the matter."""


Answer = Answered | Clarify | Unknown


@dataclass(frozen=True)
class Asked:
    """A question read: its words, places and whether it leans on the turn before."""

    text: str
    places: PlaceReading
    leaning: bool


LEANING = re.compile(
    r"^(那|那么|还有|再|要是|如果|假如|万一|它|他|她|这个|这种|那个|那种|这|然后|另外|具体|可以|能|怎么|什么时候|多久|几|多少|同一|满了|最多|最少|要)"
    r"|(呢|的呢|那)[?？]?$"
)
ONLY_PLACE = re.compile(
    r"^(那|那么|我|我们|俺|俺们|人|就|在|是|住|的|呢|吧|啊|这边|那边|这里|那里|问|说|看|看看|给|行|好|嗯|哦|改|换|换成|改成|再|加上|还有|"
    r"户口|户籍|老家|地方|本地|当地|以后|都|按|讲|一下|算了|还是|搞错了|不是|不对|说错了|我说的|我问的|来|跟|和|比|也|呀|嘛|了|下|,|，|。|、|\?|？|\s)*$"
)
HOW_MANY_PEOPLE = re.compile(r"(\d+)个?(?:人|名|位|工人|员工|渔民|劳动力)")
TOTALLING = re.compile(r"总共|一共|合计|加起来|共(能|可以|给|领|是)|算下来|拢共|总数")
OF_MONEY = re.compile(r"多少|几|怎么算|总")


class PolicyBook:
    """All documents, ready to be asked. Immutable; `answer` is pure."""

    def __init__(self, shelves: Sequence[Shelf], regions: Regions) -> None:
        self.shelves = tuple(shelves)
        self.regions = regions
        self.covered = frozenset(shelf.policy.document.region for shelf in shelves)
        self._by_region: dict[str, list[Shelf]] = {}
        for shelf in shelves:
            self._by_region.setdefault(shelf.policy.document.region, []).append(shelf)

    # --- reading

    def read(self, question: str, context: Context) -> Asked:
        """The words and places of a question, with what the turn before adds."""
        text = plain(question)
        places = read_places(text, self.regions, home=context.region, covered=self.covered)
        previous = context.previous
        if previous is None:
            return Asked(text, places, leaning=False)
        if not bare(ONLY_PLACE.sub("", places.rest)) and (places.codes or places.comparing):
            return Asked(previous.question, places, leaning=False)
        return Asked(text, places, bool(LEANING.search(text)) or len(bare(places.rest)) <= 6)

    def serving(self, code: str) -> list[Shelf]:
        """Documents that serve a place: its own and those of the levels above it."""
        return [shelf for area in self.regions.ancestors(code) for shelf in self._by_region.get(area, ())]

    def below(self, code: str) -> list[Shelf]:
        """Documents of places within a larger place."""
        return [
            shelf
            for region, shelves in self._by_region.items()
            if region != code and self.regions.is_within(region, code)
            for shelf in shelves
        ]

    # --- answering

    def answer(self, question: str, context: Context) -> Answer:
        """What the documents say to a question; never another place's figure for the asker's own."""
        asked = self.read(question, context)
        previous = context.previous
        codes = asked.places.codes
        if not codes and previous and previous.places and (asked.leaning or asked.text == previous.question):
            codes = previous.places
        if not codes and asked.places.comparing:
            return self._side_by_side(asked, [shelf.policy.document.region for shelf in self.shelves], context)
        if len(codes) > 1:
            return self._side_by_side(asked, codes, context)
        code = codes[0] if codes else context.region
        if code is None:
            return self._without_place(asked, context)
        shelves = self.serving(code)
        if shelves:
            return self._in_place(asked, code, shelves, context)
        nested = self.below(code)
        if nested:
            if len(nested) == 1 and (asked.leaning or (previous and nested[0].policy.document.region in previous.places)):
                return self._in_place(asked, nested[0].policy.document.region, nested, context)
            names = tuple(shelf.policy.document.place for shelf in nested)
            ranked = self._best(asked, nested, context)[1]
            about = _name_of(ranked.matters[0][0]) if ranked.matters else ""
            return Clarify(names, about, self._memory(asked, (), None, None), within=self.regions.name(code))
        return Unknown(
            Reason.NOT_COVERED,
            self._memory(asked, (code,), previous and previous.topic, None),
            place=self.regions.full_name(code),
            elsewhere=tuple(shelf.policy.document.place for shelf in self.shelves[:8]),
        )

    def _rank(self, asked: Asked, shelf: Shelf, context: Context) -> Ranked:
        """Rank the question alone and, where it leans on the turn before, with that turn's matter in front."""
        ranked = shelf.rank(asked.places.rest or asked.text)
        previous = context.previous
        if not (previous and asked.leaning and previous.topic):
            return ranked
        kin = [p for p in shelf.policy.provisions if p.id == previous.provision or p.topic == previous.topic]
        if not kin:
            return ranked
        alone = ranked.matters[0][1]
        framed = shelf.rank(f"{kin[0].plain} {asked.places.rest or asked.text}")
        return framed if framed.matters[0][1] * 1.15 >= alone or alone < SURE else ranked

    def _best(self, asked: Asked, shelves: Iterable[Shelf], context: Context) -> tuple[Shelf, Ranked]:
        ranked = [(shelf, self._rank(asked, shelf, context)) for shelf in shelves]

        def worth(item: tuple[Shelf, Ranked]) -> tuple[float, bool, date]:
            document = item[0].policy.document
            in_force = document.state(context.today) is not PeriodState.ENDED
            return (round(item[1].matters[0][1], 1), in_force, document.issued or date.min)

        return max(ranked, key=worth)

    def _in_place(self, asked: Asked, code: str, shelves: list[Shelf], context: Context) -> Answer:
        shelf, ranked = self._best(asked, shelves, context)
        return self._tell(asked, shelf, ranked, code, context)

    def _tell(self, asked: Asked, shelf: Shelf, ranked: Ranked, code: str, context: Context) -> Answer:
        matter, score = ranked.matters[0]
        place = shelf.policy.document.place
        memory = self._memory(asked, (code,), None, None)
        if score < STRANGE and ranked.nearest < NEAREST:
            return Unknown(Reason.NOT_UNDERSTOOD, memory, place=place)
        if matter.foreign or matter.absent:
            rival = next(((m, s) for m, s in ranked.matters if m.provision), None)
            if rival and rival[1] > 0.85 * score:
                matter, score = rival
            elif matter.foreign:
                return Unknown(Reason.NOT_OURS, memory, place=place, what=matter.foreign.what, foreign=matter.foreign)
            else:
                return Unknown(
                    Reason.ABSENT_HERE,
                    replace(memory, topic=matter.absent),
                    place=place,
                    what=self._topic_name(matter.absent or ""),
                    elsewhere=self._holders(matter.absent or ""),
                )
        if matter.silence:
            near = shelf.policy.by_id.get(matter.silence.near or "")
            rival = next(((m, s) for m, s in ranked.matters if m.provision), None)
            told = []
            if near:
                told.append(self._told(shelf, near, near.facts[:2], (), matter.silence.what, (), context, doubtful=False))
            if rival and rival[1] > 0.8 * score and rival[0].provision:
                told = [
                    replace(
                        self._pack(asked, shelf, rival[0].provision, ranked, context, doubtful=True),
                        silent=matter.silence.what,
                    )
                ]
                return Answered(tuple(told), self._memory(asked, (code,), rival[0].provision, None))
            return Unknown(
                Reason.NOT_STATED,
                self._memory(asked, (code,), near, None),
                place=place,
                what=matter.silence.what,
                told=tuple(told),
            )
        assert matter.provision is not None
        told_one = self._pack(asked, shelf, matter.provision, ranked, context, doubtful=score < SURE)
        memory = self._memory(asked, (code,), matter.provision, told_one.facts[0].aspect if told_one.facts else None)
        if told_one.missing and not told_one.facts[:1]:
            pass
        if told_one.missing and not self._in_doubt(asked, matter.provision, ranked):
            return Unknown(Reason.NOT_STATED, memory, place=place, told=(told_one,))
        return Answered((told_one,), memory, total=total_of(asked.text, told_one.facts))

    # --- what to tell of a provision

    def _evidence(self, asked: Asked, provision: Provision, ranked: Ranked) -> tuple[dict[str, float], dict[Aspect, float]]:
        """Scores of the facts held, and of the aspects not held."""
        cues = aspect_cues(asked.places.rest or asked.text)
        held = {
            fact.id: ranked.facts.get(f"{provision.id}.{fact.id}", 0.0)
            + BY_ASPECT * ranked.aspects.get(fact.aspect, 0.0)
            + (CUE if fact.aspect in cues else 0.0)
            for fact in provision.facts
        }
        lacking = {
            aspect: ranked.facts.get(f"{provision.id}!{aspect}", 0.0)
            + BY_ASPECT * ranked.aspects.get(aspect, 0.0)
            + (CUE if aspect in cues else 0.0)
            for aspect in Aspect
            if aspect not in provision.aspects and (aspect in cues or f"{provision.id}!{aspect}" in ranked.facts)
        }
        return held, lacking

    def _gap(self, asked: Asked, provision: Provision, ranked: Ranked) -> tuple[Aspect | None, float]:
        """The unstated aspect with most evidence, and by how much it beats the facts."""
        held, lacking = self._evidence(asked, provision, ranked)
        if not lacking:
            return None, -1.0
        aspect = max(lacking, key=lambda a: lacking[a])
        general = ranked.facts.get(provision.id, 0.0)
        return aspect, lacking[aspect] - max([*held.values(), general])

    def _in_doubt(self, asked: Asked, provision: Provision, ranked: Ranked) -> bool:
        _, lead = self._gap(asked, provision, ranked)
        return lead < MISSING

    def _pack(
        self, asked: Asked, shelf: Shelf, provision: Provision, ranked: Ranked, context: Context, *, doubtful: bool
    ) -> Told:
        """The facts asked for, then what decides, within the length people read."""
        held, _ = self._evidence(asked, provision, ranked)
        aspect, lead = self._gap(asked, provision, ranked)
        missing = (aspect,) if aspect is not None and lead > MISSING - IN_DOUBT else ()
        best = max(held, key=lambda fact_id: held[fact_id])
        general = ranked.facts.get(provision.id, 0.0)
        order = sorted(provision.facts, key=lambda fact: -held[fact.id])
        if general > held[best] and not missing:
            first = list(provision.facts)
        else:
            first = [provision.fact(best), *(fact for fact in order if fact.id != best)]
        facts: list[Fact] = []
        size = 0
        for fact in first:
            if facts and size + len(fact.say) > BODY:
                continue
            facts.append(fact)
            size += len(fact.say)
        lead_fact = facts[:1]
        rest = [fact for fact in provision.facts if fact in facts and fact not in lead_fact]
        beside: list[tuple[Provision, Fact]] = []
        for other in provision.together:
            for fact in shelf.policy.by_id[other].facts[:1]:
                if size + len(fact.say) <= BODY:
                    beside.append((shelf.policy.by_id[other], fact))
                    size += len(fact.say)
        if ranked.matters[0][1] < SURE:
            for matter, score in ranked.matters[1:3]:
                if matter.provision and matter.provision.id != provision.id and score > BESIDE * ranked.matters[0][1]:
                    extra = max(
                        matter.provision.facts,
                        key=lambda fact, p=matter.provision: ranked.facts.get(f"{p.id}.{fact.id}", 0.0),  # type: ignore[misc]
                    )
                    if size + len(extra.say) <= BODY + 30:
                        beside.append((matter.provision, extra))
                        size += len(extra.say)
        return self._told(shelf, provision, (*lead_fact, *rest), missing, None, tuple(beside), context, doubtful=doubtful)

    def _told(
        self,
        shelf: Shelf,
        provision: Provision,
        facts: Iterable[Fact],
        missing: tuple[Aspect, ...],
        silent: str | None,
        beside: tuple[tuple[Provision, Fact], ...],
        context: Context,
        *,
        doubtful: bool,
    ) -> Told:
        facts = tuple(facts)
        policy = shelf.policy
        quotes = tuple(dict.fromkeys(quote for fact in [*facts, *(f for _, f in beside)] for quote in fact.quote))
        return Told(
            policy=policy.id,
            place=policy.document.place,
            provision=provision,
            facts=facts,
            missing=missing,
            silent=silent,
            beside=beside,
            citation=cite(policy, provision.section, quotes, context.today),
            doubtful=doubtful,
        )

    # --- no place, several places

    def _without_place(self, asked: Asked, context: Context) -> Answer:
        distinct: dict[int, Ranked] = {}
        ranked: list[tuple[Shelf, Ranked]] = []
        for shelf in self.shelves:
            key = id(shelf.learn)
            if key not in distinct:
                distinct[key] = self._rank(asked, shelf, context)
                ranked.append((shelf, distinct[key]))
        best = max(r.matters[0][1] for _, r in ranked)
        tops = [(shelf, r, *r.matters[0]) for shelf, r in ranked]
        if best < STRANGE and max(r.nearest for _, r in ranked) < NEAREST:
            return Unknown(Reason.NOT_UNDERSTOOD, self._memory(asked, (), None, None))
        _, _, top, _ = max(tops, key=lambda item: item[3])
        if top.foreign and sum(m.foreign == top.foreign for _, _, m, _ in tops) > len(tops) // 2:
            return Unknown(
                Reason.NOT_OURS, self._memory(asked, (), None, None), what=top.foreign.what, foreign=top.foreign
            )
        holding = [(s, r, m, score) for s, r, m, score in tops if m.provision and score >= HOLDS * best]
        if not holding:
            holding = [
                (s, r, *next(((m, sc) for m, sc in r.matters if m.provision), r.matters[0])) for s, r, _, _ in tops
            ]
            holding = [item for item in holding if item[2].provision and item[3] >= HOLDS * best]
        if not holding:
            return self._silent_everywhere(asked, top, context)
        leader = max(holding, key=lambda item: item[3])
        topic = leader[2].provision.topic if leader[2].provision else ""
        learned = {id(shelf.learn) for shelf, *_ in holding}
        places = list(
            dict.fromkeys(
                shelf.policy.document.place
                for shelf in self.shelves
                if id(shelf.learn) in learned or topic in shelf.topics
            )
        )
        if len(places) == 1:
            shelf, r, _, _ = leader
            return self._tell(asked, shelf, r, shelf.policy.document.region, context)
        return Clarify(tuple(places), _name_of(leader[2]), self._memory(asked, (), leader[2].provision, None))

    def _silent_everywhere(self, asked: Asked, top: Matter, context: Context) -> Answer:
        what = top.silence.what if top.silence else self._topic_name(top.absent or "")
        return Unknown(Reason.NOT_STATED, self._memory(asked, (), None, None), what=what)

    def _side_by_side(self, asked: Asked, codes: Sequence[str], context: Context) -> Answer:
        told: list[Told] = []
        uncovered: list[str] = []
        ranked: list[tuple[Shelf, Ranked]] = []
        for code in codes:
            shelves = self.serving(code) or self.below(code)
            if shelves:
                ranked.append(self._best(asked, shelves, context))
            else:
                uncovered.append(self.regions.full_name(code))
        if not ranked:
            return self.answer(asked.text, replace(context, region=codes[0], previous=None))
        leader = max(ranked, key=lambda item: item[1].matters[0][1])[1].matters[0][0]
        topic = leader.provision.topic if leader.provision else leader.absent
        for shelf, r in ranked:
            matter, score = r.matters[0]
            provision = matter.provision
            if provision is None or provision.topic != topic:
                same = [p for p in shelf.policy.provisions if p.topic == topic]
                if same:
                    provision = max(same, key=lambda p: r.facts.get(p.id, 0.0) + max(
                        (r.facts.get(f"{p.id}.{f.id}", 0.0) for f in p.facts), default=0.0))
                elif provision is None or score < SURE:
                    provision = None
            if provision is None:
                uncovered.append(shelf.policy.document.place)
                continue
            told.append(self._pack(asked, shelf, provision, r, context, doubtful=False))
        memory = self._memory(asked, tuple(codes), leader.provision, None)
        if not told:
            return Unknown(Reason.NOT_STATED, memory, what=_name_of(leader))
        return Answered(tuple(told), replace(memory, topic=topic), uncovered=tuple(uncovered))

    # --- small things

    def _memory(
        self, asked: Asked, places: tuple[str, ...], provision: Provision | None, aspect: Aspect | None
    ) -> Previous:
        return Previous(
            asked.text,
            places if asked.places.codes or len(places) > 1 else (),
            provision.topic if provision else None,
            provision.id if provision else None,
            aspect,
        )

    def _topic_name(self, topic: str) -> str:
        for shelf in self.shelves:
            for provision in shelf.policy.provisions:
                if provision.topic == topic:
                    return provision.plain
        return ""

    def _holders(self, topic: str) -> tuple[str, ...]:
        return tuple(shelf.policy.document.place for shelf in self.shelves if topic in shelf.topics)[:6]


def cite(policy: Policy, section: str, quotes: tuple[str, ...], today: date) -> Citation:
    document = policy.document
    return Citation(
        policy=policy.id,
        title=document.title,
        place=document.place,
        number=document.number,
        issuer=document.issuer,
        section=section,
        quotes=quotes,
        state=document.state(today),
        period_words=document.period.words if document.period else "",
    )


def total_of(question: str, facts: Sequence[Fact]) -> str | None:
    """A sum, if the question asks for one: unit and factor are shown (2000元/人×5人=10000元)."""
    people = HOW_MANY_PEOPLE.search(question)
    if not (people and TOTALLING.search(question) and OF_MONEY.search(question)) or not facts:
        return None
    value = facts[0].value
    if value is None or value.money is None or value.per != "人" or value.bound != "exactly":
        return None
    return f"{value.money:g}元/人×{people[1]}人={value.money * int(people[1]):.10g}元"


def _name_of(matter: Matter) -> str:
    if matter.provision:
        return matter.provision.plain
    if matter.silence:
        return matter.silence.what
    return matter.foreign.what if matter.foreign else ""
