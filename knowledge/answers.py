"""PolicyBook: a question and what is known of the asker -> what the documents say, or do not say.

The wording is not here: results are typed (`results`), `templates/replies/policy` words them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from knowledge.asking_back import name_of, places_with, quoted_from, vague_word_of, which_of
from knowledge.claims import without_claim
from knowledge.following import read_question, spoken_of
from knowledge.framing import lacked_topic, lean_again, rank
from knowledge.language import bare
from knowledge.matters import names_other_matter
from knowledge.people import for_people, meant_for_others
from knowledge.policy import Aspect, Kind, PeriodState, Provision
from knowledge.reading import Asked, is_only_place, says_no_matter, words_for_each
from knowledge.regions import Regions
from knowledge.results import (
    Answer,
    Answered,
    Citation,
    Clarify,
    Context,
    Previous,
    Reason,
    Told,
    Unknown,
)
from knowledge.shelf import Ranked, Shelf
from knowledge.telling import FINER, SURE, choose, cite, nearness, tell, total_of

__all__ = [
    "Answer", "Answered", "Citation", "Clarify", "Context", "PolicyBook", "Previous", "Reason", "Told", "Unknown",
]  # fmt: skip

STRANGE = 0.06
"""Below this score and NEAREST nothing in the documents is like the question."""
NEAREST = 0.12
HOLDS = 0.55
"""With the place unknown: documents whose best matter scores this share of the best are candidates."""
HELD_ANYWAY = 0.6
"""A document's own matter at this share of another body's score goes before it."""
RIVAL = 0.82
"""A provision at this share of a silence's or a foreign matter's score is told instead."""
SILENCE = 0.3
"""From this score on, a silence is named beside the provision that is told instead of it."""
AS_GOOD = 0.8
"""Of several documents for one place, those at this share of the best score are told apart by their period."""
OF_ITS_OWN = 0.3
"""From this score on, a place with clauses of its own in a comparison is told its own matter."""
LONGEST = 40
"""Characters of a question that is remembered with the one it leans on."""
MANY_PLACES = 8
"""More are neither told side by side nor offered to choose from; the place can always be written."""

LENT = frozenset({Kind.SUBSIDY, Kind.LOAN})
"""Kinds whose figures are never told of a matter that they do not name."""


class PolicyBook:
    """All documents, ready to be asked. Immutable; `answer` is pure."""

    def __init__(self, shelves: Sequence[Shelf], regions: Regions) -> None:
        self.shelves = tuple(shelves)
        self.regions = regions
        self.covered = frozenset(shelf.policy.document.region for shelf in shelves)
        self._by_region: dict[str, list[Shelf]] = {}
        for shelf in shelves:
            self._by_region.setdefault(shelf.policy.document.region, []).append(shelf)

    def serving(self, code: str) -> list[Shelf]:
        """Documents that serve a place: its own and those of the levels above it."""
        return [shelf for area in self.regions.ancestors(code) for shelf in self._by_region.get(area, ())]

    def below(self, code: str) -> list[Shelf]:
        """Documents of places within a larger place."""
        inside = (region for region in self._by_region if region != code and self.regions.is_within(region, code))
        return [shelf for region in inside for shelf in self._by_region[region]]

    def read(self, question: str, context: Context, *, places: Sequence[str] = ()) -> Asked:
        """The question with what the turn before adds; `places`: asked for these, whatever it names."""
        before = self._matter_before(context.previous)
        asked = read_question(question, context, self.regions, self.covered, before=before, places=places)
        words, claims = without_claim(asked.topic_words)
        return replace(asked, topic_words=words, claims_sum=claims)

    def answer(self, question: str, context: Context, *, places: Sequence[str] = ()) -> Answer:
        """What the documents say to a question; never another place's figure for the asker's own."""
        asked = self.read(question, context, places=places)
        previous, codes = context.previous, asked.codes
        if asked.perhaps and not (context.region and self.regions.is_within(context.region, asked.perhaps)):
            return self._which_was_meant(asked, asked.perhaps, context)
        if asked.everywhere and len(self.covered) <= MANY_PLACES:
            return self._side_by_side(asked, [shelf.policy.document.region for shelf in self.shelves], context)
        if len(codes) > 1:
            return self._side_by_side(asked, codes, context)
        if not codes and (at_work := self._at_work(asked, context)):
            asked, codes = at_work, at_work.codes
        code = self._own_within(codes[0], context) if codes else context.region
        if code is None:
            return self._without_place(asked, context)
        if shelves := self.serving(code):
            asked = lean_again(asked, previous, self._matter_before(previous), shelves)
            if lacked := lacked_topic(asked, shelves):
                return self._absent(asked, lacked, code, shelves[0].policy.document.place)
            return self._tell(asked, *self._best(asked, shelves, context), code, context)
        if nested := self.below(code):
            return self._above(asked, code, nested, context)
        memory = self._memory(asked, (code,))
        return Unknown(
            Reason.NOT_COVERED,
            replace(memory, topic=previous.topic) if previous else memory,
            place=self.regions.full_name(code),
            elsewhere=tuple(dict.fromkeys(shelf.policy.document.place for shelf in self.shelves))[:MANY_PLACES],
        )

    # --- one place

    def _absent(self, asked: Asked, topic: str, code: str, place: str) -> Unknown:
        memory = replace(self._memory(asked, (code,)), topic=topic)
        return Unknown(
            Reason.ABSENT_HERE,
            memory,
            place=place,
            what=self._topic_name(topic, asked.topic_words),
            elsewhere=self._holders(topic),
        )

    def _own_within(self, code: str, context: Context) -> str:
        """湖北省内打工 of somebody of Wuhan: the larger place has no document, theirs that lies in it has."""
        own = context.region
        inside = own is not None and own != code and self.regions.is_within(own, code)
        return own if own is not None and inside and not self.serving(code) and self.serving(own) else code

    def _at_work(self, asked: Asked, context: Context) -> Asked | None:
        """The question for the place where one works, if its document holds it and one's own holds it less."""
        if asked.workplace is None or context.region is None:
            return None
        code, words = asked.workplace
        asked = replace(asked, topic_words=words, codes=(code,))
        (there, score), here = (
            choose(words, *self._best(asked, shelves, context)) if shelves else (None, 0.0)
            for shelves in (self.serving(code), self.serving(context.region))
        )
        held_here = here[1] if here[0] and here[0].provision else 0.0
        return asked if there and there.provision and score > max(OF_ITS_OWN, HOLDS * held_here) else None

    def _above(self, asked: Asked, code: str, nested: list[Shelf], context: Context) -> Answer:
        """A place above documents' places was named: ask which; a follow-up may mean the one just told."""
        previous = context.previous
        only = nested[0].policy.document.region
        if len(nested) == 1 and previous and (asked.leaning or only in previous.places):
            return self._tell(asked, *self._best(asked, nested, context), only, context)
        about = choose(asked.topic_words, *self._best(asked, nested, context))[0]
        places = tuple(dict.fromkeys(shelf.policy.document.place for shelf in nested))[:MANY_PLACES]
        return Clarify(places, name_of(about), self._memory(asked, ()), within=self.regions.name(code))

    def _which_was_meant(self, asked: Asked, perhaps: str, context: Context) -> Answer:
        """An ordinary word only sounds like a place of ours: that one, or the asker's own?"""
        codes = (perhaps, context.region) if context.region else (perhaps,)
        places = tuple(dict.fromkeys(shelf.policy.document.place for code in codes for shelf in self.serving(code)))
        if is_only_place(asked.topic_words):
            # Nothing is asked but what the turn before did.
            return Clarify(places, "", replace(context.previous or Previous("", (), None, None, None), places=()))
        about = choose(asked.topic_words, *self._best(asked, self.serving(perhaps), context))[0]
        return Clarify(places, name_of(about), self._memory(asked, ()))

    def _best(self, asked: Asked, shelves: Iterable[Shelf], context: Context) -> tuple[Shelf, Ranked]:
        """The document that speaks of it best; of equals the newest in force, an older one when its year is asked."""
        ranked = [(shelf, rank(asked, shelf)) for shelf in shelves]
        best = max(found.matters[0][1] for _, found in ranked)

        def standing(item: tuple[Shelf, Ranked]) -> tuple[bool, bool, int, date]:
            document = item[0].policy.document
            named = bool(asked.years & {day.year for day in document.days})
            replaced = any(document.number and document.number in s.policy.document.replaces for s, _ in ranked)
            order = [PeriodState.ENDED, PeriodState.UNDATED, PeriodState.IN_FORCE]
            return named, not replaced, order.index(document.state(context.today)), max(document.days, default=date.min)

        return max((item for item in ranked if item[1].matters[0][1] >= AS_GOOD * best), key=standing)

    def _tell(self, asked: Asked, shelf: Shelf, ranked: Ranked, code: str, context: Context) -> Answer:
        """What one document says, or that it does not."""
        matter, score = choose(asked.topic_words, shelf, ranked, claims_sum=asked.claims_sum)
        place = shelf.policy.document.place
        memory = self._memory(asked, (code,))
        if several := which_of(asked.text, shelf):
            return Clarify((place,), bare(asked.text), memory, matters=several)
        if score < STRANGE and ranked.nearest < NEAREST:
            return Unknown(Reason.NOT_UNDERSTOOD, memory, place=place)
        if elsewhere := meant_for_others(asked, shelf, self.shelves, matter, score):
            places = tuple(dict.fromkeys(other.policy.document.place for other in elsewhere))[:MANY_PLACES]
            what = elsewhere[0].policy.document.people
            return Unknown(Reason.ABSENT_HERE, memory, place=place, what=what, elsewhere=places)
        rival = next((m.provision for m, s in ranked.matters if m.provision and s > RIVAL * score), None)
        if rival and rival.kind in LENT and matter.silence and names_other_matter(asked.topic_words, spoken_of(rival)):
            rival = None  # 养老补贴 is not told of the rent, though both are subsidies
        if rival is None and matter.foreign:
            return Unknown(Reason.NOT_OURS, memory, place=place, what=matter.foreign.what, foreign=matter.foreign)
        if rival is None and matter.absent:
            return self._absent(asked, matter.absent, code, place)
        if rival is None and matter.silence:
            near = shelf.policy.by_id.get(matter.silence.near or "")
            told = (
                Told(
                    shelf.policy.id,
                    place,
                    near,
                    near.facts[:2],
                    cite(shelf.policy, near, near.facts[:2], context.today),
                )
                if near
                else None
            )
            return Unknown(
                Reason.NOT_STATED,
                self._memory(asked, (code,), near),
                place=place,
                what=matter.silence.what,
                told=(told,) if told else (),
            )
        provision = matter.provision or rival
        assert provision is not None
        told, not_stated = tell(asked.topic_words, shelf, provision, ranked, context.today, claims_sum=asked.claims_sum)
        if matter.silence and (score >= SILENCE or asked.claims_sum):
            told = replace(told, silent=matter.silence.what)
        memory = self._memory(asked, (code,), provision, told.facts[0].aspect)
        if not_stated:
            return Unknown(Reason.NOT_STATED, memory, place=place, told=(told,))
        return Answered((told,), memory, total=total_of(asked.text, told.facts))

    # --- no place, several places

    def _without_place(self, asked: Asked, context: Context) -> Answer:
        """Whose documents speak of it? One: answer with its name. Several: ask which place. None: say so."""
        if (word := vague_word_of(asked.text)) and len(places := places_with(word, self.shelves)) > 1:
            return Clarify(places[:MANY_PLACES], word, self._memory(asked, ()))
        ranked: dict[int, tuple[Shelf, Ranked]] = {}
        for shelf in for_people(asked.text, self.shelves):
            if id(shelf.learn) not in ranked:
                ranked[id(shelf.learn)] = (shelf, rank(asked, shelf))
        if len(ranked) == 1:
            ((shelf, found),) = ranked.values()
            if self._alone(shelf):
                return self._tell(asked, shelf, found, shelf.policy.document.region, context)
        tops = [(shelf, found, *found.matters[0]) for shelf, found in ranked.values()]
        nowhere = self._memory(asked, ())
        if max(score for *_, score in tops) < STRANGE and max(found.nearest for _, found, *_ in tops) < NEAREST:
            return Unknown(Reason.NOT_UNDERSTOOD, nowhere)
        holding = [item for item in tops if item[2].provision]
        held = max((score for *_, score in holding), default=0.0)
        top = max(tops, key=lambda item: item[3])[2]
        foreign = sorted(score if matter.foreign else 0.0 for *_, matter, score in tops)
        if top.foreign and held < HELD_ANYWAY * foreign[len(foreign) // 2]:
            return Unknown(Reason.NOT_OURS, nowhere, what=top.foreign.what, foreign=top.foreign)
        holding = [item for item in holding if item[3] >= HOLDS * held]
        if not holding:
            what = top.silence.what if top.silence else self._topic_name(top.absent or "")
            return Unknown(Reason.NOT_STATED, nowhere, what=what)
        shelf, found, leader, _ = max(holding, key=lambda item: item[3])
        topic = leader.provision.topic if leader.provision else ""
        learned = {id(item[0].learn) for item in holding}
        speaking = (other for other in self.shelves if id(other.learn) in learned or topic in other.topics)
        places = tuple(dict.fromkeys(other.policy.document.place for other in speaking))[:MANY_PLACES]
        if len(places) == 1:
            return self._tell(asked, shelf, found, shelf.policy.document.region, context)
        if alone := quoted_from(asked.text, [(s, m.provision) for s, _, m, _ in holding if m.provision]):
            shelf, found = ranked[id(alone.learn)]
            return self._tell(asked, shelf, found, shelf.policy.document.region, context)
        return Clarify(places, name_of(leader), self._memory(asked, (), leader.provision))

    def _alone(self, shelf: Shelf) -> bool:
        return sum(other.learn is shelf.learn for other in self.shelves) == 1

    def _side_by_side(self, asked: Asked, codes: Sequence[str], context: Context) -> Answer:
        """Place by place, each labelled; a place whose document is silent is named as such."""
        words = words_for_each(asked, self.regions)
        found: list[tuple[Shelf, Ranked, str]] = []
        uncovered: list[str] = []
        for code in codes:
            own = replace(asked, text=words[code], topic_words=words[code]) if words else asked
            if shelves := self.serving(code) or self.below(code):
                found.append((*self._best(own, shelves, context), own.topic_words))
            else:
                uncovered.append(self.regions.full_name(code))
        if not found:
            return Unknown(Reason.NOT_COVERED, self._memory(asked, tuple(codes)), place="、".join(uncovered))
        chosen = [choose(text, shelf, ranked) for shelf, ranked, text in found]
        leader, top = max(chosen, key=lambda item: item[1])
        # What one document states leads before what another is silent on.
        stated = [item for item in chosen if item[0].provision and item[1] >= HOLDS * top]
        leader = max(stated, key=lambda item: item[1])[0] if stated else leader
        topic = leader.provision.topic if leader.provision else leader.absent
        told: list[Told] = []
        for shelf, ranked, text in found:
            matter, score = choose(text, shelf, ranked)
            provision = matter.provision
            # Another document may divide the same matter otherwise: what it finds as surely is no silence.
            kin = provision and leader.provision and provision.kind is leader.provision.kind and score >= OF_ITS_OWN
            if provision is None or (provision.topic != topic and not kin and not (words and score >= OF_ITS_OWN)):
                same = [p for p in shelf.policy.provisions if p.topic == topic]
                same = same or [p for p in shelf.policy.provisions if _are_kin(p.topic, topic)]
                nearest = max(same, key=lambda p: nearness(p, ranked), default=None)
                own_matter = next((m.provision for m, s in ranked.matters if m.provision), None) if words else None
                provision = nearest or own_matter or (provision if score >= SURE else None)
            if provision is None:
                uncovered.append(shelf.policy.document.place)
            else:
                one = tell(text, shelf, provision, ranked, context.today)[0]
                told.append(replace(one, score=1.0, silent=None if one.silent == FINER else one.silent))
        memory = replace(self._memory(asked, tuple(codes), leader.provision), topic=topic)
        if not told:
            return Unknown(Reason.NOT_STATED, memory, what=name_of(leader) or self._topic_name(topic or ""))
        return Answered(tuple(told), memory, uncovered=tuple(uncovered))

    # --- small things

    def _memory(
        self,
        asked: Asked,
        places: tuple[str, ...],
        provision: Provision | None = None,
        aspect: Aspect | None = None,
    ) -> Previous:
        """What the next turn may leave out; a place that was not named is the asker's own and stays open."""
        named = places if asked.codes or len(places) > 1 else ()
        if provision is None:
            before = asked.previous.question if asked.previous else ""
            whole = f"{before}，{asked.words}" if before and says_no_matter(asked.topic_words) else asked.words
            return Previous(whole if len(whole) <= LONGEST else asked.words, named, None, None, aspect)
        # What leaned on the turn before must stand alone when it is asked anew for another place.
        follows = asked.previous is not None and asked.previous.topic == provision.topic
        leans = asked.leaning or (follows and says_no_matter(asked.topic_words))
        question = f"{provision.plain}，{asked.words}" if leans and provision.plain not in asked.words else asked.words
        return Previous(question, named, provision.topic, provision.id, aspect)

    def _matter_before(self, previous: Previous | None) -> Provision | None:
        """The provision that the turn before was about, in any document that holds it."""
        if previous is None or previous.provision is None:
            return None
        found = (shelf.policy.by_id.get(previous.provision) for shelf in self.shelves)
        return next((one for one in found if one and one.topic == previous.topic), None)

    def _topic_name(self, topic: str, words: str = "") -> str:
        """What people call a topic: of several matters of it, the one that a question is nearest to."""
        holders = [(shelf, shelf.rank(words)) for shelf in self.shelves if topic in shelf.topics]
        kin = [
            (p, nearness(p, ranked)) for shelf, ranked in holders for p in shelf.policy.provisions if p.topic == topic
        ]
        return max(kin, key=lambda item: item[1])[0].plain if kin else ""

    def _holders(self, topic: str) -> tuple[str, ...]:
        places = (shelf.policy.document.place for shelf in self.shelves if topic in shelf.topics)
        return tuple(dict.fromkeys(places))[:MANY_PLACES]


def _are_kin(topic: str, other: str | None) -> bool:
    """public-post and public-post-hiring: one document has both in one provision."""
    return other is not None and (topic == other or topic.startswith(f"{other}-") or other.startswith(f"{topic}-"))
