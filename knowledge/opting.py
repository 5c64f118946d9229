"""Whether somebody wants no more messages, or wants them again, and which (lexicon/opting.yaml). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from knowledge.language import clean, plain
from knowledge.phrases import Opting, phrases

READS = 120
"""Characters of a message that are looked at: who wants no more says so shortly."""


SHORT = 10
"""Characters of a message in which nothing stands beside the stop."""

CLAUSE = re.compile(r"(?<![说讲])[，,]|[。；;！!？?\n]+|(?<=[一-鿿]{2})\s+(?=[一-鿿]{2})")
"""Between clauses; what somebody else says belongs to the clause that says so."""


class Topic(StrEnum):
    """What messages are about."""

    ALL = "all"
    JOBS = "jobs"
    COURSES = "courses"
    CHECK_INS = "check_ins"
    """Questions of ours how work goes."""
    ANSWERS = "answers"
    """News that a question has an answer now."""


@dataclass(frozen=True)
class OptWish:
    """What was said of messages; at least one of both is not empty."""

    stop: frozenset[Topic] = frozenset()
    resume: frozenset[Topic] = frozenset()
    alone: bool = False
    """The message says stop and nothing else: TD, 别联系我了."""

    @property
    def sure(self) -> bool:
        """Nothing else is said so."""
        return self.alone or bool(self.resume) or Topic.CHECK_INS in self.stop


def read_opting(text: str) -> OptWish | None:
    """None where it is not about messages of ours."""
    if len(text) > READS:
        return None
    shapes = phrases(Opting)
    whole = _bare(clean(text).lower())
    if whole and shapes.alone.fullmatch(whole) and not shapes.never.search(whole):
        return OptWish(stop=frozenset({Topic.ALL}), alone=True)
    stop: set[Topic] = set()
    resume: set[Topic] = set()
    everything = _bare(plain(text))
    if shapes.regret.search(everything) and not shapes.no_resume.search(everything):
        return OptWish(resume=topics_in(everything))
    clauses = [words for clause in CLAUSE.split(plain(text)) if (words := _bare(clause))]
    for words, following in zip(clauses, [*clauses, ""][1:], strict=True):
        if shapes.resume.search(words) and not shapes.no_resume.search(everything):
            resume |= topics_in(words)
        elif not shapes.past.search(words) and _stops(words, following, everything):
            stop |= topics_in(words)
    if not stop and not resume:
        return None
    return OptWish(frozenset(stop), frozenset(resume), alone=bool(stop) and len(everything) <= SHORT)


def _stops(words: str, following: str, everything: str) -> bool:
    """Whether a clause says stop: 我在看病，别发了 does; what follows may say that something else is to be sent."""
    shapes = phrases(Opting)
    if shapes.stop.search(words):
        scope = f"{words}，{following}" if following.startswith(("发", "直接发")) else words
        return shapes.never.search(scope) is None
    return shapes.alone.fullmatch(words) is not None and shapes.never.search(everything) is None


def topics_in(words: str) -> frozenset[Topic]:
    """What messages a text names; all where it names none."""
    shapes = phrases(Opting)
    named = {
        Topic.JOBS: shapes.jobs,
        Topic.COURSES: shapes.courses,
        Topic.CHECK_INS: shapes.check_ins,
        Topic.ANSWERS: shapes.answers,
    }
    return frozenset(topic for topic, shape in named.items() if shape.search(words)) or frozenset({Topic.ALL})


def may_mean_anything(text: str) -> bool:
    """取消 alone: of messages, of what was just asked, of nothing we know; 退订 means messages."""
    return phrases(Opting).of_anything.search(_bare(plain(text))) is not None


def only_looks_so(text: str) -> bool:
    """Whether something else is to be stopped, cancelled or sent: 别发火, 我报的班取消了."""
    words = _bare(plain(text))
    return phrases(Opting).never.search(words) is not None or phrases(Opting).perhaps.search(words) is None


def _bare(words: str) -> str:
    return re.sub(r"[\s\"'“”‘’()（）【】\[\]~～…·*#]+|[.。!！?？,，、]+$", "", words)
