"""明白纸: what of a place's documents goes on a printed sheet for some readers, and how it is divided. Pure.

A line is one provision (or one of its amounts) with its figure, all its conditions and its clause. What a document
does not state stays unstated; a sheet rests on one document, whose period stands above the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from handlers.people.person import Group
from knowledge.figures import Figure, figure_of
from knowledge.policy import Asker, Aspect, Fact, Kind, Policy, Provision

MOST_LINES = 8
"""On one sheet; more are divided by topic (ui.md 12)."""
SHEET_HEIGHT = 175.0
"""Millimetres of an A4 page between the box above the figures and the foot."""
LINE_WIDTH, NAME_WIDTH, FIGURE_WIDTH = 23, 15, 5
"""Characters of a row beside the figure, of a name beside its section, of a figure."""
ASIDE = 60
"""Characters of a line up to which more than figure and conditions is told."""
ALL_READERS = "person"


class Topic(StrEnum):
    """What a sheet may be about by itself."""

    MONEY = "money"
    INSURANCE = "insurance"
    TRAINING = "training"
    WORK = "work"


TOPICS = {
    Kind.SUBSIDY: Topic.MONEY,
    Kind.LOAN: Topic.MONEY,
    Kind.INSURANCE: Topic.INSURANCE,
    Kind.TRAINING: Topic.TRAINING,
    Kind.POST: Topic.WORK,
    Kind.SERVICE: Topic.WORK,
}
"""Other kinds are the offices' own business and stand on no leaflet."""
MONEY_KINDS = frozenset({Kind.SUBSIDY, Kind.LOAN})
ORGANISATIONS = (Asker.EMPLOYER, Asker.WORKSHOP, Asker.AGENCY)
PERSON_GROUPS = frozenset(str(group) for group in Group) - {str(Group.EMPLOYER), str(Group.CADRE)}


@dataclass(frozen=True)
class Line:
    """One line of a leaflet."""

    id: str
    """`policy.provision`, or `policy.provision.fact` where the provision holds several amounts."""
    topic: Topic
    kind: Kind
    name: str
    section: str
    figure: Figure | None
    """None: the kind's own word, or that no amount is stated (`unstated`)."""
    unstated: bool
    """Money is meant, and the document does not say how much."""
    once: bool
    to: Asker | None
    """Who gets it, where it is not the person."""
    says: tuple[str, ...]
    """The document in plain words: for whom, on which conditions."""

    @property
    def policy(self) -> str:
        return self.id.partition(".")[0]

    @property
    def text(self) -> str:
        return "".join(self.says)

    @property
    def height(self) -> float:
        """Millimetres on paper: 18 pt name, 15 pt words, 27 pt figure and the word under it."""
        number = len(self.figure.number) + len(self.figure.unit) if self.figure else FIGURE_WIDTH
        words = 8.3 * ceil(len(self.name) / NAME_WIDTH) + 7.5 * ceil(len(self.text) / LINE_WIDTH)
        return 4.2 + max(words, 11.0 * ceil(number / FIGURE_WIDTH) + 7.0)


@dataclass(frozen=True)
class Sheet:
    """One page of one document."""

    policy: Policy
    lines: tuple[Line, ...]
    topic: Topic | None = None
    """Set where there is a sheet for each topic."""


def readers_of(policies: Iterable[Policy]) -> tuple[str, ...]:
    """For whom leaflets can be made of these documents: everybody, then groups and organisations they name."""
    askers: set[str] = set()
    groups: set[str] = set()
    for provision in (provision for policy in policies for provision in policy.provisions if provision.kind in TOPICS):
        askers |= {str(asker) for asker in provision.asker}
        groups |= _groups_of(provision)
    named = [str(group) for group in Group if str(group) in groups and str(group) in PERSON_GROUPS]
    return (ALL_READERS, *named, *(str(one) for one in ORGANISATIONS if str(one) in askers))


def lines_for(policies: Iterable[Policy], reader: str) -> tuple[Line, ...]:
    """All lines that concern a reader, by topic, those with a figure first, else as the documents order them."""
    found = [
        line
        for policy in policies
        for provision in policy.provisions
        if provision.kind in TOPICS and _concerns(provision, reader)
        for line in _lines_of(policy, provision, reader)
    ]
    topics = list(Topic)
    return tuple(sorted(found, key=lambda line: (topics.index(line.topic), line.to is not None, line.figure is None)))


def suggested(lines: Sequence[Line]) -> tuple[Line, ...]:
    """What a sheet holds if nobody chooses: the document with the most to give, amounts before words, one page full."""
    by_policy: dict[str, list[Line]] = {}
    for line in lines:
        by_policy.setdefault(line.policy, []).append(line)
    if not by_policy:
        return ()
    best = max(by_policy.values(), key=lambda found: sum(line.figure is not None for line in found))
    wanted = sorted(best, key=lambda line: (line.figure is None and not line.unstated, line.kind is Kind.SERVICE))
    chosen: list[Line] = []
    for line in wanted:
        if fits([*chosen, line]):
            chosen.append(line)
    return tuple(line for line in lines if line in chosen)


def fits(lines: Sequence[Line]) -> bool:
    """Whether they stand on one page in large type."""
    return len(lines) <= MOST_LINES and sum(line.height for line in lines) <= SHEET_HEIGHT


def sheets_of(policies: Iterable[Policy], lines: Sequence[Line]) -> tuple[Sheet, ...]:
    """One page a document; what does not fit is divided by topic, and a topic that does not fit over pages."""
    sheets: list[Sheet] = []
    for policy in policies:
        own = tuple(line for line in lines if line.policy == policy.id)
        if not own:
            continue
        if fits(own):
            sheets.append(Sheet(policy, own))
            continue
        for topic in Topic:
            sheets += [Sheet(policy, page, topic) for page in _pages([line for line in own if line.topic is topic])]
    return tuple(sheets)


def _pages(lines: Sequence[Line]) -> Iterator[tuple[Line, ...]]:
    page: list[Line] = []
    for line in lines:
        if page and not fits([*page, line]):
            yield tuple(page)
            page = []
        page.append(line)
    if page:
        yield tuple(page)


# -- one provision ------------------------------------------------------------------------------------------


def _groups_of(provision: Provision) -> frozenset[str]:
    """Which groups of people its conditions name, those of its single facts too."""
    conditions = [provision.conditions, *(fact.conditions for fact in provision.facts)]
    return frozenset().union(*(one.names() for one in conditions if one)) & PERSON_GROUPS


def _concerns(provision: Provision, reader: str) -> bool:
    """A provision that names groups is for those alone; one for employers concerns the group they hire."""
    if reader in {str(one) for one in ORGANISATIONS}:
        return reader in provision.asker
    if reader == ALL_READERS:
        return Asker.PERSON in provision.asker
    groups = _groups_of(provision)
    return reader in groups or (not groups and Asker.PERSON in provision.asker)


def _lines_of(policy: Policy, provision: Provision, reader: str) -> Iterator[Line]:
    amounts = [fact for fact in provision.facts if fact.aspect is Aspect.AMOUNT and _is_sum(fact)]
    own = [fact for fact in amounts if fact.conditions]
    shared = [fact for fact in provision.facts if fact not in own]
    if len(own) > 1:
        for fact in own:
            groups = (fact.conditions.names() if fact.conditions else frozenset()) & PERSON_GROUPS
            if reader not in PERSON_GROUPS or not groups or reader in groups:
                yield _line(policy, provision, figure_of(fact), [fact, *shared], fact=fact)
        return
    figure = figure_of(amounts[0]) if amounts else _word_of(provision)
    yield _line(policy, provision, figure, [*amounts, *(fact for fact in shared if fact not in amounts)])


def _line(
    policy: Policy, provision: Provision, figure: Figure | None, facts: Sequence[Fact], *, fact: Fact | None = None
) -> Line:
    person = Asker.PERSON in provision.asker
    return Line(
        id=f"{policy.id}.{provision.id}" + (f".{fact.id}" if fact else ""),
        topic=TOPICS[provision.kind],
        kind=provision.kind,
        name=provision.name,
        section=provision.section,
        figure=figure,
        unstated=figure is None and _should_state(provision),
        once="一次性" in provision.name,
        to=None if person else next((one for one in provision.asker if one in ORGANISATIONS), None),
        says=_words_of(provision, facts),
    )


def _should_state(provision: Provision) -> bool:
    """Whether a reader expects a sum there."""
    return provision.kind in MONEY_KINDS or (provision.kind is Kind.INSURANCE and Aspect.AMOUNT in provision.not_stated)


def _words_of(provision: Provision, facts: Sequence[Fact]) -> tuple[str, ...]:
    """Amount, conditions and for whom whole, for a condition left out would be untrue; the rest while there is room."""
    decisive = [fact for fact in facts if fact.aspect is Aspect.HOW and figure_of(fact)]
    order = (Aspect.AMOUNT, Aspect.CONDITIONS, Aspect.WHO)
    needed = [fact for aspect in order for fact in facts if fact.aspect is aspect] + decisive
    said = [fact.say for fact in needed]
    if Aspect.AMOUNT in provision.not_stated and not any(fact.aspect is Aspect.AMOUNT for fact in facts):
        said.append(provision.not_stated[Aspect.AMOUNT])
    for aspect in (Aspect.DURATION, Aspect.LIMITS, Aspect.LIST, Aspect.WHEN, Aspect.HOW, Aspect.DEFINITION):
        for fact in facts:
            if fact.aspect is aspect and fact not in needed and sum(map(len, said)) + len(fact.say) <= ASIDE:
                said.append(fact.say)
    return tuple(said)


def _is_sum(fact: Fact) -> bool:
    return fact.value is not None and bool(fact.value.types & {"money", "percent"})


def _word_of(provision: Provision) -> Figure | None:
    """Where no sum is stated: a date (8月底前); what is free; never a bare 按规定 in the place of a sum."""
    for fact in provision.facts:
        if fact.value is not None and fact.value.date:
            return figure_of(fact)
    if provision.kind in MONEY_KINDS:
        return None
    words = (fact for fact in provision.facts if fact.aspect is Aspect.AMOUNT and fact.value and fact.value.words)
    return next((figure for fact in words if (figure := figure_of(fact))), None)
