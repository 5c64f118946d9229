"""A question that leans on the turn before, in one document: what it is like with that turn's matter in front. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knowledge.cues import aspect_cues
from knowledge.language import bare, concepts, plain
from knowledge.phrases import FollowUps, phrases
from knowledge.policy import Aspect, Kind, Provision
from knowledge.reading import PEOPLE, Asked, says_no_matter
from knowledge.results import Previous
from knowledge.shelf import Ranked, Shelf
from knowledge.telling import SURE, nearness, states

STANDS_ALONE = 0.45
"""A question that leans on the turn before, and yet scores this by itself, is read by itself."""
NAMELESS = 0.7
"""And one that names no matter and is like something unrelated: 一个人能领两次么 is like the neighbour's rule."""
LOST_ALONE = 0.2
"""A question that scores less than this by itself leans on the turn before, whatever its form."""
FRAMED = 0.6
"""How much the matter of the turn before counts for a question that leans on it."""
KEPT_IN_MIND = 0.3
"""And for one that stands by itself, but is unsure."""
KNOWN_SILENCE = 0.3
"""From this score on, what is known not to be stated of the matter of the turn before is what was asked."""
OF_OFFICIALS = frozenset({Kind.TARGET, Kind.DUTY})
"""Kinds whose matters a document divides by its clauses: how many towns, by when, judged by whom."""


def rank(asked: Asked, shelf: Shelf) -> Ranked:
    """Rank the question alone and, where it leans on the turn before, with that turn's matter in front."""
    ranked = shelf.rank(asked.topic_words)
    previous = asked.previous
    if previous is None or previous.topic is None:
        return ranked
    best, score = ranked.matters[0]
    # 残疾人呢 alone is of their allowances, which another office pays; after a post it is of that.
    people = best.foreign is not None and means_people(asked)
    if not people and score >= _alone(asked, best.provision, previous.topic):
        return ranked
    same = [p for p in shelf.policy.provisions if p.id == previous.provision]
    kin = same or [p for p in shelf.policy.provisions if p.topic == previous.topic]
    if not kin:
        return ranked
    if best.silence and score >= KNOWN_SILENCE and best.silence.near in [p.id for p in kin]:
        return ranked  # 住宿费免不, after a school's fees
    share = FRAMED if asked.leaning or score < LOST_ALONE else KEPT_IN_MIND
    about = meant_by(asked.topic_words, kin[0], shelf, ranked) if asked.leaning else kin[0]
    framed = shelf.rank(asked.topic_words, framed=f"{about.plain} {asked.topic_words}", share=share)
    if people and (ours := tuple(item for item in framed.matters if item[0].foreign is None)):
        return replace(framed, matters=ours)
    return framed


def _alone(asked: Asked, best: Provision | None, topic: str) -> float:
    """The score from which a question after one of this topic is read by itself."""
    if not asked.leaning:
        return SURE
    unrelated = best is not None and stem(best.topic) != stem(topic)
    return NAMELESS if unrelated and says_no_matter(asked.topic_words) else STANDS_ALONE


def lean_again(asked: Asked, previous: Previous | None, before: Provision | None, shelves: Sequence[Shelf]) -> Asked:
    """The question before, that left out its matter, for another place: it leans on the same matter there.

    By itself 两年半了还能领吗, of the rent, would be like any other benefit of that place.
    """
    if before is None or asked.previous is not None or previous is None:
        return asked
    matter, _, rest = plain(asked.words).replace("，", ",").partition(",")
    if matter != plain(before.plain) or not rest:
        return asked
    found = (shelf.rank(asked.topic_words).matters[0][0].provision for shelf in shelves)
    if any(provision and provision.topic == before.topic for provision in found):
        return asked
    return replace(asked, words=rest, text=rest, topic_words=rest, leaning=True, previous=previous)


def lacked_topic(asked: Asked, shelves: Sequence[Shelf]) -> str | None:
    """The topic of the turn before, where a question for another place means it and no document there holds it."""
    topic = asked.previous.topic if asked.previous else None
    if topic is None or not (asked.leaning and asked.codes) or not says_no_matter(asked.topic_words):
        return None
    if any(topic in shelf.topics or shelf.rank(asked.topic_words).matters[0][1] >= NAMELESS for shelf in shelves):
        return None
    return topic


def means_people(asked: Asked) -> bool:
    """残疾人呢: for other people, the same is asked."""
    named = PEOPLE & set(concepts(asked.topic_words))
    return asked.leaning and bool(named) and bool(phrases(FollowUps).of_people.match(bare(asked.topic_words)))


def meant_by(words: str, before: Provision, shelf: Shelf, ranked: Ranked) -> Provision:
    """Which provision near the one before is asked: of posts the one that speaks of pay, of a campaign's clauses the
    one that states what is asked, where the one before does not."""
    cues = aspect_cues(words)
    near: list[Provision] = []
    if before.kind is Kind.POST and phrases(FollowUps).pay.search(words):
        near = [p for p in shelf.policy.provisions if p.kind is Kind.POST and speaks_of(p, Aspect.AMOUNT)]
    elif before.kind in OF_OFFICIALS and cues and not states(before, cues):
        clauses = [p for p in shelf.policy.provisions if stem(p.topic) == stem(before.topic)]
        near = [p for p in clauses if p.kind in OF_OFFICIALS and states(p, cues)]
    return max(near, key=lambda p: nearness(p, ranked), default=before)


def stem(topic: str) -> str:
    """What kindred topics have in common: `base` of base-quota and base-report."""
    return topic.partition("-")[0]


def speaks_of(provision: Provision, aspect: Aspect) -> bool:
    """It states the aspect, or is known not to."""
    return aspect in provision.aspects or aspect in provision.not_stated
