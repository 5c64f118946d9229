"""政策建议: what the documents of a ticket's place say, or do not say, on its matter. Pure; used by the console.

Asks the book that the chat asks, with the ticket's place and none other: without a place nothing is suggested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from handlers.tickets.ticket import Category
from knowledge.answers import Answered, Context, PolicyBook, Reason, Told, Unknown
from knowledge.policy import PeriodState
from knowledge.shelf import Shelf
from knowledge.telling import FINER, tell, without_parts

MOST = 3
SAYS = 3
"""Facts of one suggestion."""
READS = 200
"""Characters of what was told that are read beside the headline."""
LIKE = 0.3
"""From this score on, a matter is related."""
PLAINLY = 0.5
"""And in categories of which our documents hold hardly anything."""
RARE = frozenset({Category.LABOUR, Category.PETITION, Category.GENERAL})
_ANSWER = re.compile(r"(?m)^(?:答：.*|问：)")


@dataclass(frozen=True)
class Suggestion:
    """One matter, as the document has it."""

    policy: str
    name: str
    """In plain words."""
    place: str
    title: str
    number: str
    issuer: str
    state: PeriodState
    period_words: str
    provision: str = ""
    section: str = ""
    says: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Aspects that the document leaves open."""
    notes: tuple[str, ...] = ()
    """How it words that."""
    silent: str = ""
    """What it does not state at all."""

    beside: bool = False
    """Told along with another."""

    def with_gaps(self, other: Suggestion) -> Suggestion:
        """With what another question found to be left open."""
        missing = tuple(dict.fromkeys((*self.missing, *other.missing)))
        notes = tuple(dict.fromkeys((*self.notes, *other.notes)))
        return replace(self, missing=missing, notes=notes, silent=self.silent or other.silent)

    @property
    def id(self) -> str:
        """As an address names it; empty for what cannot be put into a reply."""
        return f"{self.policy}.{self.provision}" if self.provision and self.says else ""


class Suggesting:
    def __init__(self, book: PolicyBook) -> None:
        self._book = book

    def suggest(
        self, about: str, told: str, category: str, region: str | None, *, today: date
    ) -> tuple[Suggestion, ...]:
        """At most three, the nearest first; none without a document of the place."""
        shelves = self._book.serving(region) if region else []
        if not shelves or region is None:
            return ()
        story = _ANSWER.sub("", told)[:READS].strip()
        ours = {shelf.policy.id: shelf for shelf in shelves}
        least = PLAINLY if Category(category) in RARE else LIKE
        found: dict[str, Suggestion] = {}
        questions = list(dict.fromkeys(filter(None, (about, story))))
        answered = (one for question in questions for one in self._answered(question, region, ours, least, today))
        for one in (*answered, *_related("，".join(questions), shelves, least, today)):
            key = one.provision or one.silent
            found[key] = found[key].with_gaps(one) if key in found else one
        return tuple(sorted(found.values(), key=lambda one: one.beside))[:MOST]

    def _answered(
        self, question: str, region: str, ours: dict[str, Shelf], least: float, today: date
    ) -> Iterator[Suggestion]:
        """What the chat would answer."""
        answer = self._book.answer(question, Context(today, region), places=(region,))
        if isinstance(answer, Answered | Unknown):
            if isinstance(answer, Unknown) and answer.reason in (Reason.NOT_STATED, Reason.ABSENT_HERE) and answer.what:
                yield _silence(next(iter(ours.values())), answer.what, today)
            for told in answer.told:
                if told.policy in ours:
                    yield from _of_told(told, least, sure=isinstance(answer, Unknown))


def _related(words: str, shelves: Iterable[Shelf], least: float, today: date) -> Iterator[Suggestion]:
    """Other matters that the words are like."""
    for shelf in shelves:
        ranked = shelf.rank(words)
        for matter, score in ranked.matters:
            if matter.provision is not None and score >= least:
                yield _of(tell(words, shelf, matter.provision, ranked, today)[0])


def _of_told(told: Told, least: float, *, sure: bool) -> Iterator[Suggestion]:
    """A match that is weak says at most what the document does not state."""
    if sure or told.score >= least:
        yield _of(told)
        for provision, fact in told.beside:
            along = replace(told, provision=provision, facts=(fact,), missing=(), silent=None)
            yield replace(_of(along), beside=True)
    elif told.silent and told.silent != FINER:
        yield Suggestion(told.policy, told.silent, told.place, *_source(told), silent=told.silent)


def _of(told: Told) -> Suggestion:
    provision, missing, facts = told.provision, told.missing, told.facts[:SAYS]
    return Suggestion(
        told.policy,
        provision.plain,
        told.place,
        *_source(told),
        provision=provision.id,
        section=provision.section,
        says=tuple(fact.say for fact in facts),
        quotes=without_parts(quote for fact in facts for quote in fact.quote),
        missing=tuple(str(aspect) for aspect in missing),
        notes=_notes(provision.not_stated[aspect] for aspect in missing if aspect in provision.not_stated),
        silent=told.silent or "",
    )


def _source(told: Told) -> tuple[str, str, str, PeriodState, str]:
    source = told.citation
    return source.title, source.number or "", source.issuer, source.state, source.period_words


def _silence(shelf: Shelf, what: str, today: date) -> Suggestion:
    document = shelf.policy.document
    period = document.period.words if document.period else ""
    named = (document.title, document.number or "", document.issuer, document.state(today), period)
    return Suggestion(shelf.policy.id, what, document.place, *named, silent=what)


def _notes(notes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))
